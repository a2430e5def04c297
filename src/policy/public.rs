//! "The meaning of public", as S3 defines it for Block Public Access: a statement is public unless
//! it names AWS principals, or a condition restricts it to fixed values, that is, values without
//! wildcards and policy variables. Public identity providers are not AWS principals. A Deny
//! elsewhere in the policy does not count, and one public statement makes the whole policy public.
//!
//! Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".

use ipnet::IpNet;

use super::document::{Condition, Statement};
use super::principals::{SERVICE_KEYS, is_anonymous, is_everybody, is_public, public_provider};
use crate::exposure::{covers_internet, range};
use crate::model::code_series;

/// Keys that restrict a statement if all their values are fixed: those that S3 lists, and similar
/// ones for accounts, organizations and networks. As AWS writes them. Earlier versions of S3's list
/// had `s3:x-amz-server-side-encryption-aws-kms-key-id`.
const NARROWING_KEYS: [&str; 18] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:userid",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
];

/// Other keys that policies of S3 use often, as AWS writes them.
const OTHER_KEYS: [&str; 27] = [
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:Referer",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:username",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "ec2:SourceInstanceArn",
    "lambda:SourceFunctionArn",
    "s3:AccessPointNetworkOrigin",
    "s3:authType",
    "s3:prefix",
    "s3:signatureAge",
    "s3:TlsVersion",
    "s3:x-amz-acl",
    "ssm:SourceInstanceArn",
];

/// A condition key as AWS writes it, if it is known.
pub fn key_name(key: &str) -> &str {
    let mut known = NARROWING_KEYS.iter().copied().chain(OTHER_KEYS).chain(SERVICE_KEYS);
    known.find(|known| known.eq_ignore_ascii_case(key)).unwrap_or(key)
}

/// Whether a key is one of those that restrict a statement; in lower case.
pub fn is_about_callers(key: &str) -> bool {
    NARROWING_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// Why a statement is public, in a few words; `None` when it is not.
pub fn reason(statement: &Statement) -> Option<String> {
    if statement.effect != "Allow" {
        return None;
    }
    // Nobody is left of everyone without everyone.
    if statement.not_principals.iter().any(|principal| principal == "*") {
        return None;
    }
    let but_some = !statement.not_principals.is_empty();
    let public = || statement.principals.iter().filter(|principal| is_public(principal));
    if !but_some && public().next().is_none() {
        return None;
    }
    if statement.conditions.iter().any(|condition| narrows(statement, condition)) {
        return None;
    }
    let who = if but_some {
        "everyone except the principals in NotPrincipal".to_owned()
    } else if public().any(|principal| is_everybody(principal)) {
        "everyone".to_owned()
    } else {
        let providers: Vec<&str> =
            public().filter_map(|principal| public_provider(principal)).collect();
        format!("everyone who signs in with {}", code_series(providers, "or"))
    };
    Some(match statement.conditions.as_slice() {
        [] => format!("allows {who} without a condition"),
        conditions => {
            let keys: Vec<&str> =
                conditions.iter().map(|condition| condition.key.as_str()).collect();
            format!(
                "allows {who}; by S3's definition, the conditions on {} do not limit access",
                code_series(keys, "and")
            )
        }
    })
}

/// Whether a condition admits only fixed values of a key that identifies the caller.
pub fn narrows(statement: &Statement, condition: &Condition) -> bool {
    let Some(test) = statement.demands(condition) else { return false };
    let fixed = |accepts: &dyn Fn(&str) -> bool| {
        condition.values.iter().all(|value| !value.contains("${") && accepts(value))
    };
    match test.as_str() {
        "ipaddress" if condition.key == "aws:sourceip" => {
            fixed(&is_narrow_range) && !is_internet(&condition.values)
        }
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike"
            if is_about_callers(&condition.key) =>
        {
            match condition.key.as_str() {
                // The name of the access point may contain wildcards if its account is fixed.
                "s3:dataaccesspointarn" => fixed(&|value| {
                    let account = value.split(':').nth(4).unwrap_or_default();
                    account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
                }),
                key => fixed(&|value| !value.contains(['*', '?']) && !is_anonymous(key, value)),
            }
        }
        _ => false,
    }
}

/// Whether ranges add up to the internet of a family. S3 documents that very broad ranges are
/// public, and names a width for a single one; pieces of the internet exclude nobody, either.
fn is_internet(values: &[String]) -> bool {
    let ranges: Vec<IpNet> = values.iter().filter_map(|value| range(value)).collect();
    covers_internet(&ranges) != (false, false)
}

/// S3 considers an IPv4 range of /8 or longer fixed, and an IPv6 range of /32 or longer.
fn is_narrow_range(value: &str) -> bool {
    let net = value
        .parse::<IpNet>()
        .ok()
        .or_else(|| value.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    net.is_some_and(|net| match net {
        IpNet::V4(net) => net.prefix_len() >= 8,
        IpNet::V6(net) => net.prefix_len() >= 32,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::statements;

    fn public(statement: Value) -> bool {
        statements(&json!({ "Statement": [statement] }))
            .unwrap()
            .iter()
            .any(|statement| reason(statement).is_some())
    }

    #[test]
    fn only_statements_that_allow_everyone_are_public() {
        let allow = |principal: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*" });
        assert!(public(allow(json!("*"))));
        assert!(public(allow(json!({ "AWS": "*" }))));
        assert!(public(allow(json!({ "AWS": ["111122223333", "*"] }))));
        assert!(!public(allow(json!({ "AWS": "arn:aws:iam::111122223333:root" }))));
        assert!(!public(allow(json!({ "Service": "cloudfront.amazonaws.com" }))));
        for provider in [
            "graph.facebook.com",
            "accounts.google.com",
            "www.amazon.com",
            "cognito-identity.amazonaws.com",
        ] {
            assert!(public(allow(json!({ "Federated": provider }))), "{provider}");
        }
        assert!(!public(allow(
            json!({ "Federated": "arn:aws:iam::111122223333:saml-provider/x" })
        )));
        assert!(public(allow(
            json!({ "federated": ["arn:aws:iam::111122223333:saml-provider/x", "www.amazon.com"] })
        )));
        assert!(public(
            json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "111122223333" }, "Action": "s3:*", "Resource": "*" })
        ));
        for nobody in [json!("*"), json!({ "AWS": ["111122223333", "*"] })] {
            assert!(!public(
                json!({ "Effect": "Allow", "NotPrincipal": nobody, "Action": "s3:*", "Resource": "*" })
            ));
        }
        assert!(!public(
            json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "111122223333" }, "Action": "s3:*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-1" } } })
        ));
        assert!(!public(
            json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" })
        ));
    }

    #[test]
    fn ranges_that_add_up_to_the_internet_restrict_nothing() {
        let blocks = |left_out: &[u8]| -> Vec<String> {
            let all = (0..=255_u8).filter(|block| !left_out.contains(block));
            all.map(|block| format!("{block}.0.0.0/8")).collect()
        };
        let lower: Vec<u8> = (0..128).collect();
        for (ranges, expected) in [
            (blocks(&[]), true),
            (blocks(&[10, 127]), true),
            (blocks(&[8]), true),
            (blocks(&lower), false),
            ((0x2000..0x4000).map(|block| format!("{block:x}::/32")).collect(), false),
        ] {
            let condition = json!({ "IpAddress": { "aws:SourceIp": ranges } });
            let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition });
            assert_eq!(public(statement), expected, "{condition}");
        }
    }

    #[test]
    fn only_fixed_values_restrict_a_statement() {
        for (condition, expected) in [
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abc" } }), false),
            (json!({ "StringEquals": { "AWS:SourceVpce": ["vpce-1", "vpce-2"] } }), false),
            (json!({ "StringEquals": { "aws:SourceVpce": ["vpce-1", "vpce-*"] } }), true),
            (json!({ "StringLike": { "aws:SourceVpc": "vpc-*" } }), true),
            (json!({ "StringEquals": { "aws:SourceAccount": "${aws:PrincipalAccount}" } }), true),
            (
                json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t" } }),
                false,
            ),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } }), true),
            (json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" } }), true),
            (json!({ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-abc" } }), true),
            (json!({ "ForAnyValue:StringEquals": { "aws:PrincipalOrgID": "o-abc" } }), false),
            (json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } }), true),
            (
                json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"] } }),
                false,
            ),
            (json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/1" } }), true),
            (json!({ "IpAddress": { "aws:SourceIp": "2000::/3" } }), true),
            (json!({ "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), true),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/*" } }),
                false,
            ),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/x" } }),
                true,
            ),
            (json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/7" } }), true),
            (json!({ "IpAddress": { "aws:SourceIp": "2001::/31" } }), true),
            (json!({ "IpAddressIfExists": { "aws:SourceIp": "192.0.2.0/24" } }), true),
            (json!({ "StringEquals": { "aws:PrincipalAccount": ["111122223333"] } }), false),
            // Requests without a signature have this account and user id.
            (json!({ "StringEquals": { "aws:PrincipalAccount": "anonymous" } }), true),
            (
                json!({ "StringEquals": { "aws:PrincipalAccount": ["111122223333", "anonymous"] } }),
                true,
            ),
            (json!({ "StringEquals": { "aws:userid": "anonymous" } }), true),
            (json!({ "StringEquals": { "aws:SourceOwner": "111122223333" } }), false),
            (
                json!({ "ArnEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/a" } }),
                false,
            ),
            (json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/a" } }), true),
            (json!({ "StringLike": { "aws:userid": "AROAEXAMPLE:*" } }), true),
            (json!({ "StringEquals": { "aws:userid": "AIDAEXAMPLE" } }), false),
            (json!({ "StringEquals": { "s3:DataAccessPointAccount": "111122223333" } }), false),
            (json!({ "StringNotLike": { "aws:SourceVpc": "vpc-1" } }), true),
            (json!({ "Null": { "aws:SourceVpce": "false" } }), true),
            (json!({ "StringEquals": { "aws:SourceVpce": [] } }), true),
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "${aws:ResourceOrgID}" } }), true),
            (json!({ "Bool": { "aws:SecureTransport": "true" } }), true),
            (json!({ "StringLike": { "aws:Referer": "https://example.com/page" } }), true),
            (json!({ "StringEquals": { "aws:SourceOrgID": "o-abc" } }), false),
            (
                json!({ "ForAnyValue:StringEquals": { "aws:PrincipalOrgPaths": "o-abc/r-1/ou-1/" } }),
                false,
            ),
            (json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-abc/r-1/*" } }), true),
            (json!({ "StringEquals": { "aws:VpceAccount": "111122223333" } }), false),
            (
                json!({ "ArnEquals": { "aws:SourceVpcArn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1" } }),
                false,
            ),
            (json!({ "StringEquals": { "aws:PrincipalTag/team": "a" } }), true),
            (json!({ "StringEquals": { "aws:username": "a" } }), true),
            (json!({ "StringEquals": { "aws:ResourceAccount": "111122223333" } }), true),
            (json!({ "Bool": { "aws:PrincipalIsAWSService": "true" } }), true),
            (
                json!({ "StringEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:111122223333:key/k" } }),
                true,
            ),
            (json!({ "StringLike": { "aws:SourceVpc": "vpc-?" } }), true),
            (json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), true),
            (json!({ "IpAddress": { "aws:SourceIp": ["192.0.2.0/24", "::/0"] } }), true),
            (json!({ "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" } }), true),
            (json!({ "ForAnyValues:StringEquals": { "aws:PrincipalOrgID": "o-abc" } }), true),
            (
                json!({ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-abc" }, "Null": { "aws:PrincipalOrgId": "false" } }),
                false,
            ),
            (
                json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" }, "Null": { "aws:SourceVpce": false } }),
                false,
            ),
            (
                json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" }, "Null": { "aws:SourceVpce": "true" } }),
                true,
            ),
            (
                json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" }, "Null": { "aws:SourceVpc": "false" } }),
                true,
            ),
            (
                json!({ "StringNotEqualsIfExists": { "aws:SourceVpce": "vpce-1" }, "Null": { "aws:SourceVpce": "false" } }),
                true,
            ),
            (
                json!({ "Bool": { "aws:SecureTransport": "true" }, "StringEquals": { "aws:SourceVpc": "vpc-1" } }),
                false,
            ),
        ] {
            let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition });
            assert_eq!(public(statement), expected, "{condition}");
        }
    }
}
