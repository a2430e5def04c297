//! What stays in a redacted case: words that AWS defines, and values that say nothing about their
//! owner. Everything that is not listed here is replaced.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// Values that AWS defines, by their form.
static VALUES: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        // Numbers, booleans and times.
        r"^-?[0-9]{1,11}(\.[0-9]+)?$",
        r"^(?i:true|false)$",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]+| GMT)?)?$",
        // Regions and zones.
        r"^(global|(af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso[a-z]?|eu-isoe|eusc-de)-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9][a-z]?)$",
        r"^\*$",
        // Service principals, and services of AWS.
r"^(([a-z][a-z0-9-]*|logging\.s3|delivery\.logs|logdelivery\.elasticloadbalancing)(\.[a-z]{2}(-[a-z]{3,5})?-[a-z]{4,9}-[0-9])?\.amazonaws\.com(\.cn)?)$",
        r"^com\.amazonaws\.(global|[a-z]{2}(-[a-z]+)+-[0-9])\.[a-z0-9.-]+$",
        r"^aws\.[a-z]+$",
        // Protocols, ports, and types of instances, volumes and addresses.
        r"^(tcp|udp|icmp|icmpv6|tls|http|https|-1)$",
        r"^[a-z][a-z0-9-]{1,12}\.(nano|micro|small|medium|x?large|[0-9]+xlarge|metal(-[0-9]+xl)?)$",
        // Encryption, access control lists and signatures of S3.
        r"^(AES256|aws:kms(:dsse)?|aws:fsx|alias/aws/[a-z0-9]+)$",
        r"^(private|public-read(-write)?|aws-exec-read|authenticated-read|log-delivery-write|bucket-owner-(read|full-control))$",
        r"^(AWS|AWS4-HMAC-SHA256|REST-HEADER|REST-QUERY-STRING|POST|TLSv1(\.[0-3])?)$",
        r"^https?://acs\.amazonaws\.com/groups/[A-Za-z/]+$",
        // Policies.
        r"^(Allow|Deny)$",
        r"^User initiated( \([0-9-]{10} [0-9:]{8} GMT\))?$",
    ])
    .ok()
});

/// Keys of policy documents.
static KEYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = [
        "Version|Id|Statement|Sid|Effect|Action|NotAction|Principal|NotPrincipal|Resource|NotResource|Condition",
        "AWS|Service|Federated|CanonicalUser",
        r"(ForA(ny|ll)Values?:)?(Not)?(String|Numeric|Date|Bool|Binary|Ip|Arn|Null)[A-Za-z]*",
        // Condition keys.
        r"(?i:(aws|s3|s3express|s3-outposts|ec2|kms|sts|iam|saml|sns|sqs|lambda|logs|organizations|ram):[a-z0-9_.-]+)",
    ];
    Regex::new(&format!("^(?:{})$", pattern.join("|"))).ok()
});

/// Actions in policies: `s3:Get*`.
static ACTIONS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[a-z][a-z0-9-]{1,30}:[A-Z*][A-Za-z0-9*?]*$").ok());

/// The last words of fields whose values AWS defines.
const FIELDS: [&str; 24] = [
    "architecture",
    "class",
    "code",
    "effect",
    "family",
    "hypervisor",
    "lifecycle",
    "mode",
    "operation",
    "origin",
    "permission",
    "permissions",
    "platform",
    "platform_details",
    "protocol",
    "protocols",
    "scope",
    "state",
    "status",
    "support",
    "tenancy",
    "tier",
    "type",
    "types",
];

/// Whether AWS defines a value, by its form.
pub(super) fn is_value(text: &str) -> bool {
    VALUES.as_ref().is_some_and(|values| values.is_match(text))
}

/// Whether AWS defines the values of a field, and this can be one of them.
pub(super) fn is_of_field(key: &str, text: &str) -> bool {
    let of_aws = FIELDS.iter().any(|field| {
        key.strip_suffix(field).is_some_and(|before| before.is_empty() || before.ends_with('_'))
    });
    let word = |c: char| c.is_ascii_alphanumeric() || "-_./ ".contains(c);
    of_aws && text.len() <= 60 && text.chars().all(word)
}

/// Whether a value at a key of a policy document is an action.
pub(super) fn is_action(key: &str, text: &str) -> bool {
    matches!(key, "Action" | "NotAction")
        && ACTIONS.as_ref().is_some_and(|actions| actions.is_match(text))
}

/// Whether AWS defines a key of a policy document.
pub(super) fn is_key(text: &str) -> bool {
    KEYS.as_ref().is_some_and(|keys| keys.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_aws_are_kept() {
        for kept in [
            "s3.amazonaws.com",
            "kms.eu-west-1.amazonaws.com",
            "true",
            "22",
            "tcp",
            "m5.xlarge",
            "eu-central-1b",
            "us-gov-west-1",
            "2026-01-01T00:00:00Z",
            "com.amazonaws.eu-west-1.s3",
            "AES256",
            "bucket-owner-full-control",
        ] {
            assert!(is_value(kept), "{kept}");
        }
        for replaced in [
            "jane.doe@acme.example",
            "https://intranet.acme.example/secret",
            "project-hydra",
            "Acme",
            "r-ab12",
            "User initiated by jane.doe",
            "123456789012",
            "198.51.100.77",
            "home/jane.doe/*",
            "ec2-203-0-113-5.eu-central-1.compute.amazonaws.com",
            "CC-1234",
            "ab-team-1",
            "team:Alpha",
            "acme.s3.eu-west-1.amazonaws.com",
            "acme.s3.amazonaws.com",
        ] {
            assert!(!is_value(replaced), "{replaced}");
        }
        for kept in ["StringEquals", "ForAnyValue:StringLike", "aws:SourceIp", "Principal", "AWS"] {
            assert!(is_key(kept), "{kept}");
        }
        assert!(is_action("Action", "s3:Get*") && !is_action("Owner", "s3:Get*"));
        for replaced in ["aws:PrincipalTag/Team", "acme:project", "Owner", "acme project"] {
            assert!(!is_key(replaced), "{replaced}");
        }
        assert!(is_of_field("instance_lifecycle", "spot") && is_of_field("state", "available"));
        assert!(!is_of_field("group_name", "spot") && !is_of_field("estate", "x"));
    }
}
