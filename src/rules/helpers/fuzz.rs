//! Properties of helpers that must hold for any input: for the fuzz targets in `fuzz/` and the
//! property tests below. Every function takes a string from a possibly hostile source, and
//! describes the property that does not hold.

use super::network::fuzz::ports_hold;
use super::policy::fuzz::{policies_hold, wildcards_hold};
use super::texts;
use crate::exposure::{covers_internet, is_world, range};

/// A policy document, as JSON.
pub fn policy(text: &str) -> Result<(), String> {
    serde_json::from_str(text).map_or(Ok(()), |document| policies_hold(&document))
}

/// Permissions of a security group, as JSON.
pub fn ports(text: &str) -> Result<(), String> {
    serde_json::from_str(text).map_or(Ok(()), |permissions: Vec<_>| ports_hold(&permissions))
}

/// An IP address range.
pub fn cidr(text: &str) -> Result<(), String> {
    let Some(net) = range(text) else { return Ok(()) };
    let again = range(&net.to_string());
    hold(again == Some(net), || format!("{net} reads as {again:?}"))?;
    hold(net.contains(&net), || format!("{net} does not contain itself"))?;
    let alone = covers_internet(&[net]) != (false, false);
    let whole = is_world(&net);
    hold(alone == whole, || {
        format!("{net} covers the internet: {whole} as a range, but {alone} as a list")
    })
}

/// A pattern and a string, separated by the first line break.
pub fn glob(both: &str) -> Result<(), String> {
    let (pattern, text) = both.split_once('\n').unwrap_or((both, ""));
    wildcards_hold(pattern, text)?;
    if pattern.len() <= crate::model::MAX_PATTERN
        && let Ok(glob) = texts::compile_glob(pattern)
    {
        let plain = !pattern.contains(['*', '?', '[', ']', '{', '}', '\\', '!']);
        hold(!plain || glob.is_match(text) == (pattern == text), || {
            format!("`{pattern}` on `{text}`")
        })?;
    }
    Ok(())
}

/// Checks a property, described by `otherwise` if it does not hold.
pub(super) fn hold(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Any JSON, made of words that are common in policies.
    fn any_json() -> impl Strategy<Value = Value> {
        let word = prop::sample::select(vec![
            "*",
            "Allow",
            "Deny",
            "s3:*",
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "o-a1b2c3d4e5",
            "0.0.0.0/0",
            "::/1",
            "tcp",
            "-1",
            "${aws:userid}",
        ]);
        let leaf = prop_oneof![
            word.prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            let key = prop::sample::select(vec![
                "Statement",
                "Effect",
                "Principal",
                "NotPrincipal",
                "AWS",
                "Service",
                "Action",
                "NotAction",
                "Resource",
                "Condition",
                "StringEquals",
                "ForAllValues:StringLike",
                "IpAddress",
                "aws:SourceIp",
                "aws:PrincipalOrgID",
                "aws:SourceArn",
            ]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..4).prop_map(|entries| Value::Object(
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
                )),
            ]
        })
    }

    fn any_statement() -> impl Strategy<Value = Value> {
        (any_json(), any_json(), any_json()).prop_map(|(principal, action, condition)| {
            json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition, "Resource": "*" })
        })
    }

    fn any_permission() -> impl Strategy<Value = Value> {
        let cidr = prop::sample::select(vec![
            "0.0.0.0/0",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "10.0.0.0/8",
            "x",
            "::/0",
        ]);
        let port = prop_oneof![Just(-1_i64), 0..70_000_i64, any::<i64>()];
        let protocol = prop::sample::select(vec![
            "tcp",
            "udp",
            "-1",
            "icmp",
            "6",
            "47",
            "x",
            "99999999999999999999",
        ]);
        (protocol, prop::option::of(port.clone()), prop::option::of(port), prop::collection::vec(cidr, 0..3)).prop_map(
            |(protocol, from, to, cidrs)| {
                let ranges: Value = cidrs.iter().map(|cidr| json!({ "cidr_ip": cidr })).collect();
                json!({ "ip_protocol": protocol, "from_port": from, "to_port": to, "ip_ranges": ranges })
            },
        )
    }

    proptest! {
        #[test]
        fn policies(statements in prop::collection::vec(any_statement(), 0..4), other in any_json()) {
            prop_assert_eq!(policy(&json!({ "Statement": statements }).to_string()), Ok(()));
            prop_assert_eq!(policy(&other.to_string()), Ok(()));
        }

        #[test]
        fn permissions(permissions in prop::collection::vec(any_permission(), 0..5)) {
            prop_assert_eq!(ports(&Value::from(permissions).to_string()), Ok(()));
        }

        #[test]
        fn ranges(text in prop_oneof!["[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}", "[0-9a-f:]{2,20}/[0-9]{1,3}", any::<String>()]) {
            prop_assert_eq!(cidr(&text), Ok(()));
        }

        #[test]
        fn globs(pattern in prop_oneof!["[ab*?{},\\[\\]!-]{0,12}", any::<String>()], text in "[ab]{0,8}") {
            prop_assert_eq!(glob(&format!("{pattern}\n{text}")), Ok(()));
        }
    }
}
