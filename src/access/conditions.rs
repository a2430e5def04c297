//! Conditions whose keys are known for a request, and conditions in words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ipnet::IpNet;
use jiff::Timestamp;

use crate::exposure::range;
use crate::model::series;
use crate::policy::{
    Condition, Operator, RESOURCE_ACCOUNT, Statement, account_in, compares, covers, has_begun,
    is_about_callers, is_about_time, is_expired, key_name, overlaps, without_variables,
};

/// The keys with which a bucket policy delegates access control to access points.
pub(super) const ACCESS_POINT_KEYS: [&str; 2] =
    ["s3:dataaccesspointaccount", "s3:dataaccesspointarn"];
/// `Internet` or `VPC` for requests through access points.
pub(super) const NETWORK_ORIGIN: &str = "s3:accesspointnetworkorigin";

/// What is known about a key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyState {
    /// The request does not have it.
    Absent,
    /// The request has it; its value is not known.
    Present,
    /// Its value.
    Is(String),
}

impl KeyState {
    pub(super) fn is(value: &str) -> Self {
        Self::Is(value.to_owned())
    }
}

/// What is known about the keys of a request.
pub(super) type Keys = BTreeMap<&'static str, KeyState>;

/// What is known about requests through access points of an account.
pub(super) fn keys_through(account: KeyState) -> Keys {
    let arn = ("s3:dataaccesspointarn", KeyState::Present);
    let origin = (NETWORK_ORIGIN, KeyState::Present);
    [("s3:dataaccesspointaccount", account), arn, origin].into()
}

/// A statement with only these conditions.
pub(super) fn whole(conditions: &[Condition]) -> Statement {
    Statement {
        index: 0,
        sid: None,
        effect: "Allow".to_owned(),
        principals: Vec::new(),
        not_principals: Vec::new(),
        actions: Vec::new(),
        not_actions: Vec::new(),
        resources: Vec::new(),
        not_resources: Vec::new(),
        conditions: conditions.to_vec(),
    }
}

/// Whether a condition is met, if that is known.
pub(super) fn is_met(condition: &Condition, keys: &Keys, own_account: &str) -> Option<bool> {
    if is_always_met(condition) {
        return Some(true);
    }
    let known = keys.get(condition.key.as_str())?;
    let Operator { test, qualifier, if_exists } = condition.operator();
    if condition.values.is_empty() {
        return None;
    }
    if test == "null" {
        let is_absent = *known == KeyState::Absent;
        let wanted = |value: &String| value.eq_ignore_ascii_case("true") == is_absent;
        return Some(condition.values.iter().any(wanted));
    }
    let is_negated = test.contains("not");
    let actual = match known {
        KeyState::Is(actual) => actual,
        KeyState::Present => return None,
        KeyState::Absent => {
            return Some(match qualifier {
                Some("foranyvalue") => if_exists,
                Some(_) => true,
                None => if_exists || is_negated,
            });
        }
    };
    let mut values = Vec::new();
    for value in &condition.values {
        let value = without_variables(value).replace(RESOURCE_ACCOUNT, own_account);
        if value.contains("${") {
            return None;
        }
        values.push(value);
    }
    let matches: fn(&str, &str) -> bool = match test.as_str() {
        "stringequals" | "stringnotequals" => |value, actual| value == actual,
        "stringequalsignorecase" | "stringnotequalsignorecase" | "bool" => {
            |value, actual| value.eq_ignore_ascii_case(actual)
        }
        "stringlike" | "stringnotlike" | "arnequals" | "arnlike" | "arnnotequals"
        | "arnnotlike" => covers,
        _ => return None,
    };
    Some(values.iter().any(|value| matches(value, actual)) != is_negated)
}

/// Whether requests at a time meet a condition on it, if that is known and does not change afterward.
pub(super) fn is_met_at(
    now: Option<Timestamp>,
    condition: &Condition,
    among: &[Condition],
) -> Option<bool> {
    let now = now.filter(|_| is_about_time(condition))?;
    match is_expired(&whole(among), condition, now) {
        true => Some(false),
        false => has_begun(condition, now).then_some(true),
    }
}

/// Whether a condition admits only principals of other accounts than this one.
pub(super) fn excludes_account(condition: &Condition, account: &str) -> bool {
    let Operator { test, qualifier, if_exists } = condition.operator();
    let Some(by_parts) = compares(&test) else { return false };
    let is_other = |value: &String| {
        account_in(&condition.key, value, by_parts).is_some_and(|other| other != account)
    };
    let is_positive = qualifier.is_none() && !if_exists && !condition.values.is_empty();
    condition.key == "aws:principalarn" && is_positive && condition.values.iter().all(is_other)
}

/// A condition on callers without values that no caller has: in `StringEquals`, `*` is not a wildcard.
/// Services can send ARNs with one.
pub(super) fn without_literals(condition: &Condition) -> Cow<'_, Condition> {
    let compares = matches!(
        condition.operator().test.as_str(),
        "stringequals" | "stringequalsignorecase" | "stringnotequals" | "stringnotequalsignorecase"
    );
    let is_literal = |value: &String| value.contains(['*', '?']) && !value.contains("${");
    let is_of_caller = is_about_callers(&condition.key) && condition.key != "aws:sourcearn";
    if !compares || !is_of_caller || !condition.values.iter().any(is_literal) {
        return Cow::Borrowed(condition);
    }
    let mut left = condition.clone();
    left.values.retain(|value| !is_literal(value));
    Cow::Owned(left)
}

/// Whether a request meets a condition without values, of which `without_literals` left none.
pub(super) fn is_met_by_nothing(condition: &Condition, among: &[Condition]) -> Option<bool> {
    let Operator { test, qualifier, .. } = condition.operator();
    if test.contains("not") {
        return (qualifier != Some("foranyvalue")).then_some(true);
    }
    // Without the key, a request can meet it.
    let any = Condition { values: vec!["*".to_owned()], ..condition.clone() };
    whole(among).demands(&any).map(|_| false)
}

/// Whether a request that meets some conditions meets another one, if that is known.
pub(super) fn implied(given: &[Condition], condition: &Condition) -> Option<bool> {
    let on_key = given.iter().filter(|one| one.key == condition.key);
    on_key.filter_map(|one| implied_by(one, condition)).next()
}

/// The same for one condition on the same key.
fn implied_by(given: &Condition, condition: &Condition) -> Option<bool> {
    let (known, asked) = (given.operator(), condition.operator());
    // A key with several values can meet a condition and its opposite.
    if known.qualifier.is_some() || known.if_exists || asked.qualifier.is_some() {
        return None;
    }
    let compares = matches!(
        known.test.as_str(),
        "stringequals"
            | "stringequalsignorecase"
            | "stringlike"
            | "arnequals"
            | "arnlike"
            | "ipaddress"
            | "bool"
    );
    let is_present = given.asks_for(&given.key) || (compares && !given.values.is_empty());
    if asked.test == "null" && is_present && !condition.values.is_empty() {
        return Some(condition.values.iter().any(|value| value.eq_ignore_ascii_case("false")));
    }
    let is_negated = asked.test.contains("not");
    let test = asked.test.replacen("not", "", 1);
    if !compares || given.values.is_empty() || condition.values.is_empty() {
        return None;
    }
    let (covered, apart) = if known.test == "ipaddress" && test == "ipaddress" {
        relate_ranges(&given.values, &condition.values)?
    } else {
        relate_values((&known.test, &given.values), (&test, &condition.values))?
    };
    match (covered, apart) {
        (true, _) => Some(!is_negated),
        (_, true) => Some(is_negated),
        _ => None,
    }
}

/// Whether ranges are within others, and whether they have no address in common.
fn relate_ranges(given: &[String], others: &[String]) -> Option<(bool, bool)> {
    let parse = |values: &[String]| values.iter().map(|one| range(one)).collect::<Option<Vec<_>>>();
    let (given, others) = (parse(given)?, parse(others)?);
    let covered = given.iter().all(|one| others.iter().any(|other| other.contains(one)));
    let meets = |one: &IpNet| others.iter().any(|other| other.contains(one) || one.contains(other));
    Some((covered, !given.iter().any(meets)))
}

/// Whether strings or ARNs are among others, and whether no string matches one of both.
fn relate_values(
    (known, given): (&str, &[String]),
    (asked, others): (&str, &[String]),
) -> Option<(bool, bool)> {
    if known == "bool" && asked == "bool" {
        let is_among = |one: &String| others.iter().any(|other| other.eq_ignore_ascii_case(one));
        return Some((given.iter().all(is_among), !given.iter().any(is_among)));
    }
    let kind = |test: &str| match test {
        "stringequals" => Some(0),
        "stringlike" => Some(1),
        "stringequalsignorecase" => Some(2),
        "arnequals" | "arnlike" => Some(3),
        _ => None,
    };
    let (known, asked) = (kind(known)?, kind(asked)?);
    let is_plain = |value: &String| !value.contains(['*', '?']) && !value.contains("${");
    let covered = given.iter().all(|value| {
        others.contains(value) && (known == asked || (is_plain(value) && known < 2 && asked < 2))
            || asked == 1
                && known < 2
                && is_plain(value)
                && others.iter().any(|other| !other.contains("${") && covers(other, value))
    });
    let lower = |values: &[String]| values.iter().map(|one| one.to_lowercase()).collect::<Vec<_>>();
    let (one, two) = (lower(given), lower(others));
    let has_variables = given.iter().chain(others).any(|value| value.contains("${"));
    let meet = |a: &String| two.iter().any(|b| overlaps(a, b));
    Some((covered, !has_variables && !one.iter().any(meet)))
}

/// What follows from conditions that requests meet: those through VPC endpoints do not have
/// `aws:SourceIp`, and only they have the keys of VPCs.
pub(super) fn keys_of_network(given: &[Condition]) -> Keys {
    let has = |keys: &[&str]| {
        given.iter().any(|one| {
            let Operator { test, qualifier, if_exists } = one.operator();
            let is_positive = matches!(
                test.as_str(),
                "stringequals" | "stringequalsignorecase" | "stringlike" | "ipaddress"
            ) && qualifier.is_none()
                && !if_exists
                && !one.values.is_empty();
            keys.contains(&one.key.as_str()) && (is_positive || one.asks_for(&one.key))
        })
    };
    let mut keys = Keys::new();
    if has(&["aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"]) {
        keys.insert("aws:sourceip", KeyState::Absent);
    }
    if has(&["aws:sourceip"]) {
        keys.extend(["aws:sourcevpce", "aws:sourcevpc"].map(|key| (key, KeyState::Absent)));
    }
    keys
}

/// Whether every request meets a condition: one that accepts both values of a boolean, or a key and
/// its absence.
pub(super) fn is_always_met(condition: &Condition) -> bool {
    let Operator { test, qualifier, if_exists } = condition.operator();
    let has =
        |wanted: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(wanted));
    let accepts_absence = if_exists || qualifier == Some("forallvalues");
    // Every request has this key.
    let is_present = condition.key == "aws:securetransport";
    let decides = test == "null" || (test == "bool" && (is_present || accepts_absence));
    decides && has("true") && has("false")
}

/// The condition that a request has to meet so that this condition of a Deny statement is not met,
/// if there is one.
pub(super) fn opposite(condition: &Condition) -> Option<Condition> {
    let Operator { test, qualifier, .. } = condition.operator();
    let new = |operator: &str, values: &[String]| {
        let key = condition.key.clone();
        Some(Condition { operator: operator.to_owned(), key, values: values.to_vec() })
    };
    let qualifier = match qualifier {
        // A request without the key meets it, and is denied.
        Some("forallvalues") => "ForAnyValue:",
        // A request without the key does not meet it.
        Some(_) => return None,
        None => "",
    };
    let positive = match test.as_str() {
        "stringnotequals" => "StringEquals",
        "stringnotequalsignorecase" => "StringEqualsIgnoreCase",
        "stringnotlike" => "StringLike",
        "arnnotequals" => "ArnEquals",
        "arnnotlike" => "ArnLike",
        "notipaddress" => "IpAddress",
        "null" if condition.values.iter().all(|value| value.eq_ignore_ascii_case("true")) => {
            return new("Null", &["false".to_owned()]);
        }
        // Unsigned requests do not have the key.
        "bool"
            if condition.key == "aws:principalisawsservice"
                && condition.operator().if_exists
                && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false")) =>
        {
            return new("Bool", &["true".to_owned()]);
        }
        _ => return None,
    };
    new(&format!("{qualifier}{positive}"), &condition.values)
}

/// A condition in words: `aws:SourceIp is 192.0.2.0/24`.
pub(super) fn describe(condition: &Condition) -> String {
    let key = key_name(&condition.key);
    let Operator { test, if_exists, qualifier } = condition.operator();
    let values = series(condition.values.iter().map(String::as_str), "or");
    if test == "null" {
        let is_absent = condition.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return format!("{key} is {}", if is_absent { "absent" } else { "present" });
    }
    let verb = match test.as_str() {
        "stringequals"
        | "stringequalsignorecase"
        | "stringlike"
        | "arnequals"
        | "arnlike"
        | "bool"
        | "ipaddress"
        | "numericequals"
        | "dateequals"
        | "binaryequals" => "is",
        "stringnotequals"
        | "stringnotequalsignorecase"
        | "stringnotlike"
        | "arnnotequals"
        | "arnnotlike"
        | "notipaddress"
        | "numericnotequals"
        | "datenotequals" => "is not",
        "numericlessthan" => "is less than",
        "numericlessthanequals" => "is at most",
        "numericgreaterthan" => "is greater than",
        "numericgreaterthanequals" => "is at least",
        "datelessthan" | "datelessthanequals" => "is before",
        "dategreaterthan" | "dategreaterthanequals" => "is after",
        _ => return format!("{} {key} {values}", condition.operator),
    };
    let absent =
        if if_exists || qualifier == Some("forallvalues") { " (or is absent)" } else { "" };
    format!("{key} {verb} {values}{absent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, key: &str, value: &str) -> Condition {
        let values = vec![value.to_owned()];
        Condition { operator: operator.to_owned(), key: key.to_owned(), values }
    }

    #[test]
    fn conditions_on_known_keys_are_decided() {
        let keys: Keys = [
            ("s3:dataaccesspointaccount", KeyState::is("111122223333")),
            ("s3:dataaccesspointarn", KeyState::Present),
            ("aws:principalorgid", KeyState::Absent),
        ]
        .into();
        let (account, organization) = ("s3:dataaccesspointaccount", "aws:principalorgid");
        let arn = "s3:dataaccesspointarn";
        for (operator, key, value, expected) in [
            ("StringEquals", account, "111122223333", Some(true)),
            ("StringEquals", account, "${aws:ResourceAccount}", Some(true)),
            ("StringEquals", account, "${aws:PrincipalAccount}", None),
            ("StringNotEquals", account, "111122223333", Some(false)),
            ("StringLike", account, "1111*", Some(true)),
            ("Null", account, "true", Some(false)),
            ("NumericEquals", account, "1", None),
            ("StringEquals", organization, "o-1", Some(false)),
            ("StringEqualsIfExists", organization, "o-1", Some(true)),
            ("StringNotEquals", organization, "o-1", Some(true)),
            ("ForAllValues:StringEquals", organization, "o-1", Some(true)),
            ("ForAnyValue:StringNotEquals", organization, "o-1", Some(false)),
            ("Null", organization, "true", Some(true)),
            ("Null", arn, "false", Some(true)),
            ("Null", arn, "true", Some(false)),
            ("StringLike", arn, "*", None),
            ("StringNotEquals", arn, "arn", None),
            ("StringEquals", "aws:sourcevpc", "vpc-1", None),
        ] {
            let condition = condition(operator, key, value);
            assert_eq!(is_met(&condition, &keys, "111122223333"), expected, "{condition:?}");
        }
    }

    #[test]
    fn conditions_follow_from_others() {
        let (organization, ip) = ("aws:principalorgid", "aws:sourceip");
        for (key, given, asked, expected) in [
            (organization, ("StringEquals", "o-1"), ("StringEquals", "o-1"), Some(true)),
            (organization, ("StringEquals", "o-1"), ("StringEqualsIfExists", "o-1"), Some(true)),
            (organization, ("StringEquals", "o-1"), ("StringNotEquals", "o-1"), Some(false)),
            (organization, ("StringEquals", "o-1"), ("StringEquals", "o-2"), Some(false)),
            (organization, ("StringEquals", "o-1"), ("StringNotEquals", "o-2"), Some(true)),
            (organization, ("StringEquals", "o-1"), ("StringLike", "o-*"), Some(true)),
            (organization, ("StringEquals", "o-1"), ("StringNotLike", "p-*"), Some(true)),
            (organization, ("StringLike", "o-*"), ("StringEquals", "o-1"), None),
            (organization, ("StringLike", "o-*"), ("StringEquals", "o-*"), None),
            (organization, ("StringLike", "o-*"), ("StringEquals", "p-1"), Some(false)),
            (organization, ("StringEquals", "o-1"), ("StringEquals", "${aws:x}"), None),
            (organization, ("StringEquals", "o-1"), ("Null", "true"), Some(false)),
            (organization, ("Null", "false"), ("Null", "true"), Some(false)),
            (organization, ("Null", "false"), ("StringEquals", "o-1"), None),
            (organization, ("StringNotEquals", "o-1"), ("StringEquals", "o-1"), None),
            (organization, ("StringEqualsIfExists", "o-1"), ("StringEquals", "o-1"), None),
            (organization, ("ForAnyValue:StringEquals", "o-1"), ("StringEquals", "o-1"), None),
            (organization, ("StringEquals", "o-1"), ("ForAnyValue:StringNotEquals", "o-1"), None),
            (organization, ("StringEqualsIgnoreCase", "O-1"), ("StringEquals", "o-1"), None),
            (organization, ("StringEqualsIgnoreCase", "O-1"), ("StringEquals", "o-2"), Some(false)),
            ("aws:principalarn", ("ArnLike", "arn:*:a"), ("ArnEquals", "arn:*:a"), Some(true)),
            ("aws:principalarn", ("ArnLike", "arn:a:b"), ("ArnLike", "arn:*"), None),
            (ip, ("IpAddress", "192.0.2.0/25"), ("IpAddress", "192.0.2.0/24"), Some(true)),
            (ip, ("IpAddress", "192.0.2.0/24"), ("IpAddress", "192.0.2.0/25"), None),
            (ip, ("IpAddress", "192.0.2.0/24"), ("NotIpAddress", "192.0.2.0/24"), Some(false)),
            (ip, ("IpAddress", "192.0.2.0/24"), ("NotIpAddress", "10.0.0.0/8"), Some(true)),
            (ip, ("IpAddress", "x"), ("NotIpAddress", "10.0.0.0/8"), None),
            ("aws:securetransport", ("Bool", "true"), ("Bool", "True"), Some(true)),
            ("aws:securetransport", ("Bool", "true"), ("BoolIfExists", "false"), Some(false)),
            ("aws:securetransport", ("BoolIfExists", "true"), ("Bool", "false"), None),
        ] {
            let (given, asked) =
                (condition(given.0, key, given.1), condition(asked.0, key, asked.1));
            assert_eq!(
                implied(std::slice::from_ref(&given), &asked),
                expected,
                "{given:?} {asked:?}"
            );
        }
    }

    #[test]
    fn conditions_that_accept_both_values_are_met() {
        let (secure, service) = ("aws:securetransport", "aws:principalisawsservice");
        for (operator, key, values, expected) in [
            ("Bool", secure, ["true", "false"], Some(true)),
            ("Bool", secure, ["False", "True"], Some(true)),
            ("BoolIfExists", secure, ["true", "false"], Some(true)),
            ("Bool", secure, ["true", "true"], None),
            // Unsigned requests do not have the key.
            ("Bool", service, ["true", "false"], None),
            ("BoolIfExists", service, ["true", "false"], Some(true)),
            ("ForAllValues:Bool", service, ["true", "false"], Some(true)),
            ("ForAnyValue:Bool", service, ["true", "false"], None),
            ("Null", service, ["true", "false"], Some(true)),
            ("StringEquals", secure, ["true", "false"], None),
        ] {
            let (operator, key) = (operator.to_owned(), key.to_owned());
            let condition = Condition { operator, key, values: values.map(str::to_owned).into() };
            assert_eq!(is_met(&condition, &Keys::new(), "1"), expected, "{condition:?}");
        }
    }

    #[test]
    fn what_a_deny_statement_lets_pass_is_a_condition() {
        for (operator, key, value, expected) in [
            ("StringNotEquals", "aws:principalorgid", "o-1", Some("aws:PrincipalOrgID is o-1")),
            (
                "StringNotEqualsIfExists",
                "aws:sourcevpce",
                "vpce-1",
                Some("aws:SourceVpce is vpce-1"),
            ),
            ("NotIpAddress", "aws:sourceip", "192.0.2.0/24", Some("aws:SourceIp is 192.0.2.0/24")),
            ("Null", "aws:principalarn", "true", Some("aws:PrincipalArn is present")),
            ("ForAnyValue:StringNotLike", "aws:principalorgpaths", "o-1/*", None),
            (
                "BoolIfExists",
                "aws:principalisawsservice",
                "false",
                Some("aws:PrincipalIsAWSService is true"),
            ),
            ("Bool", "aws:principalisawsservice", "false", None),
            ("Bool", "aws:securetransport", "false", None),
            ("StringEquals", "aws:principalorgid", "o-1", None),
        ] {
            let found = opposite(&condition(operator, key, value)).map(|one| describe(&one));
            assert_eq!(found.as_deref(), expected, "{operator} {key}");
        }
    }

    #[test]
    fn conditions_are_described() {
        for (operator, key, value, expected) in [
            ("Bool", "aws:securetransport", "true", "aws:SecureTransport is true"),
            ("StringLike", "s3:prefix", "home/*", "s3:prefix is home/*"),
            (
                "StringEqualsIfExists",
                "s3:x-amz-acl",
                "private",
                "s3:x-amz-acl is private (or is absent)",
            ),
            ("NumericLessThan", "s3:tlsversion", "1.2", "s3:TlsVersion is less than 1.2"),
            (
                "DateGreaterThan",
                "aws:currenttime",
                "2026-01-01",
                "aws:CurrentTime is after 2026-01-01",
            ),
            ("NumericLessThan", "aws:epochtime", "1", "aws:EpochTime is less than 1"),
            ("Strange", "aws:x", "1", "Strange aws:x 1"),
        ] {
            assert_eq!(describe(&condition(operator, key, value)), expected);
        }
    }
}
