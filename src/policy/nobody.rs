//! Statements that allow nothing, or that no request can use.

use jiff::Timestamp;

use super::document::{Condition, Statement};
use super::limits::is_expired;
use super::public::is_about_callers;
use super::wildcard::covers;
use crate::exposure::{is_private, range};

/// Whether a statement lets somebody do something at a time. `actions` are patterns for what the
/// policy can allow.
pub fn grants_access(statement: &Statement, actions: &[&str], now: Option<Timestamp>) -> bool {
    // Nothing and nobody are left of everything without everything.
    let has_principals = !statement.not_principals.iter().any(|principal| principal == "*");
    let has_resources = !statement.not_resources.iter().any(|one| covers(one, "arn:*"));
    has_principals
        && has_resources
        && actions.iter().any(|one| statement.allows(one))
        && !statement.conditions.iter().any(|one| admits_nobody(statement, one, now))
}

/// Whether no request meets a condition of a statement: the time is past, nobody has one of its
/// values, or all of its addresses are private. Requests from private addresses reach S3 only
/// through VPC endpoints, and those have `aws:VpcSourceIp` instead.
fn admits_nobody(statement: &Statement, condition: &Condition, now: Option<Timestamp>) -> bool {
    if now.is_some_and(|now| is_expired(statement, condition, now)) {
        return true;
    }
    let Some(test) = statement.demands(condition) else { return false };
    let is_private_one = |value: &String| range(value).is_some_and(|range| is_private(&range));
    let is_never = |value: &String| is_nobodys(&test, &condition.key, value);
    match (test.as_str(), condition.key.as_str()) {
        ("ipaddress", "aws:sourceip") => condition.values.iter().all(is_private_one),
        _ => condition.values.iter().all(is_never),
    }
}

/// Whether a condition compares a key with a value that it never has: an asterisk or question mark
/// where it is not a wildcard. ARNs of log groups in `aws:SourceArn` have an asterisk.
pub fn is_nobodys(test: &str, key: &str, value: &str) -> bool {
    matches!(test, "stringequals" | "stringequalsignorecase")
        && is_about_callers(key)
        && key != "aws:sourcearn"
        && value.contains(['*', '?'])
        && !value.contains("${")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::statements;

    fn grants(parts: Value, actions: &str) -> bool {
        let mut statement = json!({ "Effect": "Allow" });
        for (name, value) in parts.as_object().unwrap() {
            statement[name] = value.clone();
        }
        for (name, value) in [("Principal", "*"), ("Action", "s3:*"), ("Resource", "*")] {
            if parts.get(format!("Not{name}")).is_none() && parts.get(name).is_none() {
                statement[name] = json!(value);
            }
        }
        let statement = &statements(&json!({ "Statement": statement })).unwrap()[0];
        grants_access(statement, &[actions], "2026-01-01T00:00:00Z".parse().ok())
    }

    #[test]
    fn what_is_left_of_everything_is_granted() {
        for (parts, actions, expected) in [
            (json!({}), "s3:*", true),
            (json!({ "Effect": "Deny" }), "s3:*", false),
            (json!({ "NotPrincipal": "*" }), "s3:*", false),
            (json!({ "NotPrincipal": { "AWS": ["111122223333", "*"] } }), "s3:*", false),
            (json!({ "NotPrincipal": { "AWS": "111122223333" } }), "s3:*", true),
            (json!({ "NotPrincipal": { "Service": "*" } }), "s3:*", true),
            (json!({ "NotAction": "s3:*" }), "s3:*", false),
            (json!({ "NotAction": ["s3:Get*", "S3:*"] }), "s3:*", false),
            (json!({ "NotAction": "s3:*" }), "s3express:*", true),
            (json!({ "NotAction": "s3:*" }), "*", true),
            (json!({ "NotAction": "*" }), "*", false),
            (json!({ "NotAction": "*:*" }), "*", false),
            (json!({ "NotAction": ["ec2:*", "*"] }), "s3:*", false),
            (json!({ "NotAction": "s3:Get*" }), "s3:*", true),
            (json!({ "Action": "ec2:*" }), "s3:*", false),
            (json!({ "Action": "ec2:*" }), "*", true),
            (json!({ "NotResource": "*" }), "s3:*", false),
            (json!({ "NotResource": "arn:aws:s3:::b/*" }), "s3:*", true),
        ] {
            assert_eq!(grants(parts.clone(), actions), expected, "{parts} {actions}");
        }
    }

    #[test]
    fn conditions_that_nobody_meets_grant_nothing() {
        for (operator, key, values, expected) in [
            ("DateLessThan", "aws:CurrentTime", &["2020-01-01"][..], false),
            ("DateLessThan", "aws:CurrentTime", &["2026-01-02"], true),
            ("NumericLessThan", "aws:EpochTime", &["1700000000"], false),
            ("DateLessThanIfExists", "aws:CurrentTime", &["2020-01-01"], true),
            ("IpAddress", "aws:SourceIp", &["10.0.0.0/8", "fc00::/7"], false),
            ("IpAddress", "aws:SourceIp", &["10.0.0.0/8", "198.51.100.7"], true),
            ("NotIpAddress", "aws:SourceIp", &["10.0.0.0/8"], true),
            ("IpAddressIfExists", "aws:SourceIp", &["10.0.0.0/8"], true),
            ("IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"], true),
            ("StringEquals", "aws:PrincipalOrgID", &["*"], false),
            ("StringEquals", "aws:PrincipalOrgID", &["o-a1b2c3d4e5", "*"], true),
            ("StringLike", "aws:PrincipalOrgID", &["*"], true),
            ("StringEquals", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"], false),
            ("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"], true),
            ("StringEquals", "aws:userid", &["AROAEXAMPLEID:*"], false),
            ("StringEquals", "aws:userid", &["${aws:PrincipalTag/id}*"], true),
            ("StringEquals", "aws:SourceArn", &["arn:aws:logs:a:111122223333:log-group:x:*"], true),
            ("StringEquals", "aws:Referer", &["*"], true),
            ("StringNotEquals", "aws:PrincipalOrgID", &["*"], true),
        ] {
            let condition = json!({ "Condition": { operator: { key: values } } });
            assert_eq!(grants(condition.clone(), "s3:*"), expected, "{condition}");
        }
    }
}
