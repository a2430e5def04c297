//! Words of policy documents that stay: element names, operators, condition keys and actions.

use std::sync::LazyLock;

use regex::Regex;

use super::words;

/// The elements of a policy, and the types of principals.
const ELEMENTS: [&str; 16] = [
    "AWS",
    "Action",
    "CanonicalUser",
    "Condition",
    "Effect",
    "Federated",
    "Id",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Service",
    "Sid",
    "Statement",
    "Version",
];

/// Operators of conditions.
static OPERATORS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let operators = [
        "String(Not)?(Equals|Like)",
        "String(Not)?EqualsIgnoreCase",
        "(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)",
        "Bool",
        "BinaryEquals",
        "(Not)?IpAddress",
        "Arn(Not)?(Equals|Like)",
        "Null",
    ];
    let pattern =
        format!("^(?i:(ForAnyValue:|ForAllValues:)?({})(IfExists)?)$", operators.join("|"));
    Regex::new(&pattern).ok()
});

/// The name of an action, which may contain wildcards: `Get*`.
static ACTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9*?]{1,64}$").ok());

/// Whether AWS defines a key of a policy document.
pub(super) fn is_key(text: &str) -> bool {
    ELEMENTS.contains(&text) || is_operator(text) || is_condition_key(text)
}

fn is_operator(text: &str) -> bool {
    OPERATORS.as_ref().is_some_and(|operators| operators.is_match(text))
}

/// Whether an operator compares numbers or times.
pub(super) fn compares_numbers(text: &str) -> bool {
    is_operator(text) && (text.contains("Numeric") || text.contains("Date"))
}

/// Whether this is a condition key without a name that people choose.
pub(super) fn is_condition_key(text: &str) -> bool {
    words::is_condition_key(text) && !text.ends_with(['/', ':'])
}

/// A condition key that contains a name that people choose, in two parts: `aws:ResourceTag/` and
/// the key of the tag.
pub(super) fn chosen(key: &str) -> Option<(&str, &str)> {
    key.match_indices(['/', ':'])
        .map(|(at, _)| key.split_at(at + 1))
        .find(|(before, name)| !name.is_empty() && words::is_condition_key(before))
}

/// Whether a value of a policy's element is an action of a service of AWS.
pub(super) fn is_action(element: &str, text: &str) -> bool {
    let Some((service, name)) = text.split_once(':') else { return false };
    matches!(element, "Action" | "NotAction")
        && (service == "*" || words::is_service(&service.to_ascii_lowercase()))
        && ACTION.as_ref().is_some_and(|action| action.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_policies_are_kept() {
        for kept in [
            "StringEquals",
            "StringNotEqualsIgnoreCaseIfExists",
            "ForAnyValue:StringLike",
            "ForAllValues:ArnNotLike",
            "NumericLessThanEquals",
            "NotIpAddress",
            "Null",
            "aws:SourceIp",
            "AWS:sourceip",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "kms:ViaService",
            "Principal",
            "AWS",
        ] {
            assert!(is_key(kept), "{kept}");
        }
        for replaced in [
            "aws:PrincipalTag/Team",
            "aws:PrincipalTag/",
            "aws:AcmeSecret",
            "s3:acme-payroll",
            "acme:project",
            "StringAcme",
            "NullAcme",
            "Owner",
            "acme project",
        ] {
            assert!(!is_key(replaced), "{replaced}");
        }
        for kept in ["s3:Get*", "s3:*", "S3:GetObject", "ec2:RunInstances", "*:*"] {
            assert!(is_action("Action", kept), "{kept}");
        }
        for (element, replaced) in [
            ("Owner", "s3:Get*"),
            ("Action", "acme:Secret"),
            ("Action", "acme-internal:Get*"),
            ("Action", "s3:Get acme"),
            ("Action", "s3:acme/secret"),
            ("NotAction", "s3acme*:Get"),
        ] {
            assert!(!is_action(element, replaced), "{replaced}");
        }
        assert_eq!(
            chosen("kms:EncryptionContext:aws:s3:arn"),
            Some(("kms:EncryptionContext:", "aws:s3:arn"))
        );
        assert_eq!(chosen("aws:ResourceTag/acme:owner"), Some(("aws:ResourceTag/", "acme:owner")));
        assert_eq!(chosen("acme:ResourceTag/owner"), None);
        assert!(compares_numbers("NumericLessThan") && !compares_numbers("StringEquals"));
    }
}
