//! Conditions that limit a statement for everyone to callers with a fixed id: an organization, an
//! account, a principal or a network. Unlike S3's definition of public, wildcards behind the id
//! count as a limit: `o-a1b2c3d4e5/*` is one organization, and
//! `arn:aws:iam::111122223333:role/*` one account.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::document::{Condition, Statement};
use super::principals::{ANONYMOUS, SERVICE_KEYS, is_account_id, is_anonymous};
use super::public;
use crate::exposure::{is_private, range};

/// What limits a statement that S3 calls public, as text for messages: the conditions that keep
/// everyone out, and those that have expired at a time. Empty if there is none.
pub fn limits(statement: &Statement, now: Option<Timestamp>) -> Vec<String> {
    let limiting = statement.conditions.iter().filter_map(|condition| {
        let key = public::key_name(&condition.key);
        if now.is_some_and(|now| is_expired(statement, condition, now)) {
            return Some(format!("{key} until {}", condition.values.join(", ")));
        }
        keeps_everyone_out(statement, condition).then(|| {
            if condition.asks_for(&condition.key) {
                format!("any {key}")
            } else {
                format!("{key} {}", condition.values.join(", "))
            }
        })
    });
    limiting.collect()
}

/// Whether a condition of a statement is about the time of the request.
pub fn is_about_time(condition: &Condition) -> bool {
    matches!(condition.key.as_str(), "aws:currenttime" | "aws:epochtime")
}

/// Whether no request can meet a condition anymore: it admits only times before `now`.
pub fn is_expired(statement: &Statement, condition: &Condition, now: Timestamp) -> bool {
    let is_past = |value: &String| time(value).is_some_and(|time| time < now);
    let admits_only_earlier = |test: String| {
        matches!(
            test.strip_prefix("date").or_else(|| test.strip_prefix("numeric")),
            Some("lessthan" | "lessthanequals" | "equals")
        )
    };
    is_about_time(condition)
        && statement.demands(condition).is_some_and(admits_only_earlier)
        && condition.values.iter().all(is_past)
}

/// Whether every request from `now` on meets a condition: it admits all times after an earlier one.
pub fn has_begun(condition: &Condition, now: Timestamp) -> bool {
    let operator = condition.operator();
    let test = operator.test.as_str();
    let test = test.strip_prefix("date").or_else(|| test.strip_prefix("numeric"));
    is_about_time(condition)
        && operator.qualifier.is_none()
        && matches!(test, Some("greaterthan" | "greaterthanequals"))
        && condition.values.iter().any(|value| time(value).is_some_and(|time| time < now))
}

/// A time in a condition: ISO 8601, of which a date, a month or a year can be given alone, or seconds
/// since 1970. Four digits are a year.
fn time(value: &str) -> Option<Timestamp> {
    let start_of = |date: &str| {
        let date: Date = date.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    match (value.len(), value.parse()) {
        (4, _) => start_of(&format!("{value}-01-01")),
        (_, Ok(seconds)) => Timestamp::from_second(seconds).ok(),
        (7, _) => start_of(&format!("{value}-01")),
        _ => value.parse().ok().or_else(|| start_of(value)),
    }
}

/// Whether a condition admits only few callers: those with fixed ids, AWS services, those whom the
/// policy of a fixed KMS key lets use it, or nobody, because an operator without wildcards compares
/// with an asterisk, or because requests from private addresses reach S3 only through VPC endpoints,
/// and those have no `aws:SourceIp`.
pub fn keeps_everyone_out(statement: &Statement, condition: &Condition) -> bool {
    if is_limit(statement, condition) {
        return true;
    }
    let Some(test) = statement.demands(condition) else { return false };
    let key = condition.key.as_str();
    if test == "ipaddress" && key == "aws:sourceip" {
        let mut others = condition.clone();
        others.values.retain(|value| !range(value).is_some_and(|range| is_private(&range)));
        return others.values.is_empty() || public::narrows(statement, &others);
    }
    let Some(by_parts) = compares(&test) else { return false };
    let all = |fixed: &dyn Fn(&str) -> bool| {
        let mut values = condition.values.iter();
        values.all(|value| fixed(&without_variables(value)) && !is_anonymous(key, value))
    };
    let is_literal = |value: &str| {
        matches!(test.as_str(), "stringequals" | "stringequalsignorecase")
            && !value.is_empty()
            && !value.contains("${")
    };
    if key == KMS_KEY {
        return all(&|value| is_plain(value) || fixed_account(value, by_parts).is_some());
    }
    let is_few = |value: &str| match key {
        "aws:principalaccount" => is_nearly_an_account(value),
        "aws:principalorgpaths" => is_organization_id(value.trim_end_matches('*')),
        _ => false,
    };
    let is_kept_out = |value: &str| {
        is_literal(value) || is_few(value) || {
            let alone = Condition { values: vec![value.to_owned()], ..condition.clone() };
            is_limit(statement, &alone)
        }
    };
    public::is_about_callers(key) && all(&is_kept_out)
}

/// The KMS key of an object that is written. Only signed requests have it, of those who may use the key.
pub const KMS_KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";

/// Whether a condition admits only AWS services, which make the requests themselves.
pub fn admits_only_services(statement: &Statement, condition: &Condition) -> bool {
    let Some(test) = statement.demands(condition) else { return false };
    let key = condition.key.as_str();
    match test.as_str() {
        "bool" => {
            key == "aws:principalisawsservice"
                && condition.values.iter().all(|value| value.eq_ignore_ascii_case("true"))
        }
        _ if !names_services(key) => false,
        "null" => condition.asks_for(key),
        test => compares(test).is_some(),
    }
}

/// Whether a key holds the names of the service that makes the request.
pub fn names_services(key: &str) -> bool {
    SERVICE_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// Whether a condition admits only callers with fixed ids, or only AWS services.
pub fn is_limit(statement: &Statement, condition: &Condition) -> bool {
    if admits_only_services(statement, condition) {
        return true;
    }
    let Some(test) = statement.demands(condition) else { return false };
    let Some(by_parts) = compares(&test) else { return public::narrows(statement, condition) };
    let key = condition.key.as_str();
    let all = |fixed: &dyn Fn(&str) -> bool| {
        let mut values = condition.values.iter();
        values.all(|value| fixed(&without_variables(value)) && !is_anonymous(key, value))
    };
    public::narrows(statement, condition)
        || match key {
            "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => {
                all(&|value| is_plain(value) || is_organization_id(value.trim_end_matches('*')))
            }
            "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
                all(&|value| organization_of(value).is_some())
            }
            "aws:principalaccount"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "aws:vpceaccount"
            | "s3:dataaccesspointaccount" => all(&is_plain),
            "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" | "s3:dataaccesspointarn" => {
                all(&|value| account_in(key, value, by_parts).is_some())
            }
            _ if runs_code(key) => all(&|value| account_in(key, value, by_parts).is_some()),
            "aws:userid" => all(&|value| unique_id(value).is_some()),
            _ => names_users(key) && all(&is_plain),
        }
}

/// Whether a test compares strings or ARNs; `Some(true)` if `*` in its values is a wildcard that
/// does not cross the colons of an ARN.
pub fn compares(test: &str) -> Option<bool> {
    match test {
        "stringequals" | "stringequalsignorecase" | "stringlike" => Some(false),
        "arnequals" | "arnlike" => Some(true),
        _ => None,
    }
}

/// The account and the organization that stand for those of the resource, if a policy variable
/// names them: they are the same for every caller.
const RESOURCE: [(&str, &str); 2] =
    [("${aws:resourceaccount", RESOURCE_ACCOUNT), ("${aws:resourceorgid", RESOURCE_ORGANIZATION)];
pub const RESOURCE_ACCOUNT: &str = "000000000000";
pub const RESOURCE_ORGANIZATION: &str = "o-resource";

/// A value whose variables for the account and organization of the resource are replaced.
pub fn without_variables(value: &str) -> String {
    let mut value = value.to_owned();
    for (variable, fixed) in RESOURCE {
        // ASCII lowercasing preserves byte positions.
        let lower = value.to_ascii_lowercase();
        let (mut replaced, mut end) = (String::new(), 0);
        for (start, _) in lower.match_indices(variable) {
            let rest = value.get(start + variable.len()..).unwrap_or_default();
            let Some(after) = after_variable(rest) else { continue };
            replaced.push_str(value.get(end..start).unwrap_or_default());
            replaced.push_str(fixed);
            end = value.len() - after.len();
        }
        replaced.push_str(value.get(end..).unwrap_or_default());
        value = replaced;
    }
    value
}

/// What follows a variable, given what follows its name. A default value such as `none` does not
/// count: no account or organization has it as its id.
fn after_variable(rest: &str) -> Option<&str> {
    if let Some(after) = rest.strip_prefix('}') {
        return Some(after);
    }
    let default = rest.strip_prefix(',')?.trim_start().strip_prefix('\'')?;
    let (default, after) = default.split_once("'}")?;
    let is_word = default.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_word && default != ANONYMOUS).then_some(after)
}

/// Whether a key holds the ARN of the instance or function to which AWS gave the credentials of a
/// request. Both belong to the account of their role.
pub fn runs_code(key: &str) -> bool {
    matches!(key, "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" | "ssm:sourceinstancearn")
}

/// Whether a pattern matches the ids of ten accounts: all digits are fixed but one.
fn is_nearly_an_account(pattern: &str) -> bool {
    let digits = pattern.bytes().filter(u8::is_ascii_digit).count();
    digits == 11 && pattern.len() == 12 && (pattern.contains('?') || pattern.ends_with('*'))
}

/// Whether a text is the id of an organization, or so much of it that a wildcard behind it matches one.
fn is_organization_id(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        id.len() >= 10 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether a key names an application or user of an identity provider, as in
/// `accounts.google.com:aud`: a condition with fixed values admits only the users of the application.
fn names_users(key: &str) -> bool {
    key.rsplit_once(':').is_some_and(|(provider, claim)| {
        provider.contains('.')
            && matches!(claim, "app_id" | "aud" | "azp" | "id" | "oaud" | "sub" | "user_id")
    })
}

fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.contains(['*', '?']) && !value.contains("${")
}

/// The organization of an organization path, if it is fixed: `o-a1b2c3d4e5/r-ab12/*`.
pub fn organization_of(path: &str) -> Option<&str> {
    let (organization, _) = path.split_once('/')?;
    (organization.starts_with("o-") && is_plain(organization)).then_some(organization)
}

/// The account of an ARN with wildcards, if it is the same for everything that the ARN matches. If
/// a wildcard can match colons, the parts before the account must not have wildcards, or another
/// part could end up in its position.
fn fixed_account(arn: &str, by_parts: bool) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, before @ .., account, _] = parts.as_slice() else { return None };
    let plain = by_parts || before.iter().all(|part| !part.contains(['*', '?']));
    (parts.len() == 6 && *scheme == "arn" && plain && is_account_id(account)).then_some(account)
}

/// The account of an ARN that a condition on this key compares with, if it is fixed. In
/// `aws:SourceArn`, which only services set, the region may be a wildcard even if it can match
/// colons: the service and the type of the resource are fixed, and names of resources of a service
/// cannot hold an account and a type between colons. Paths of IAM can. In `s3:DataAccessPointArn`,
/// no wildcard can match a colon: names of access points have none.
pub fn account_in<'a>(key: &str, arn: &'a str, by_parts: bool) -> Option<&'a str> {
    let fixed = fixed_account(arn, by_parts || key == "s3:dataaccesspointarn");
    if fixed.is_some() || key != "aws:sourcearn" {
        return fixed;
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, _, _, resource] = parts.as_slice() else { return None };
    let kind = resource.find(['/', ':']).and_then(|end| resource.get(..end));
    let plain = is_plain(partition) && is_plain(service) && kind.is_some_and(is_plain);
    (plain && *service != "iam").then(|| fixed_account(arn, true)).flatten()
}

/// The length of the shortest unique id that AWS assigns today. A wildcard behind that many
/// characters matches one id.
const UNIQUE_ID: usize = 20;

/// The part of a value of `aws:userid` that names one user, role or account: `AROAEXAMPLEID` of
/// `AROAEXAMPLEID:*`, or `111122223333`.
pub fn unique_id(value: &str) -> Option<&str> {
    let is_id = |id: &str| {
        is_account_id(id)
            || (id.len() > 4 && id.starts_with('A') && id.bytes().all(is_upper_alphanumeric))
    };
    match value.split_once(':') {
        Some((id, _)) => Some(id).filter(|id| is_id(id)),
        None => {
            let id = value.trim_end_matches('*');
            (is_id(id) && (id.len() == value.len() || id.len() >= UNIQUE_ID)).then_some(id)
        }
    }
}

pub fn is_upper_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::statements;

    fn condition(operator: &str, key: &str, values: &[&str]) -> Statement {
        let document = json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:*",
            "Resource": "*", "Condition": { operator: { key: values } } } });
        statements(&document).unwrap().remove(0)
    }

    #[test]
    fn expired_conditions_and_those_for_few_keep_everyone_out() {
        const KMS: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
        let now = "2026-01-01T00:00:00Z".parse().ok();
        for (operator, key, values, expected) in [
            ("DateLessThan", "aws:CurrentTime", &["2020-01-01T00:00:00Z"][..], true),
            ("DateLessThan", "aws:CurrentTime", &["2025-12-31"], true),
            ("DateLessThanEquals", "aws:CurrentTime", &["1700000000"], true),
            ("NumericLessThan", "aws:EpochTime", &["1700000000"], true),
            ("DateEquals", "aws:CurrentTime", &["2020-01-01T01:00:00+02:00"], true),
            ("DateLessThan", "aws:CurrentTime", &["2025"], true),
            ("DateLessThan", "aws:CurrentTime", &["2025-12"], true),
            ("DateLessThan", "aws:CurrentTime", &["1234567"], true),
            ("DateLessThan", "aws:CurrentTime", &["2030"], false),
            ("DateLessThan", "aws:CurrentTime", &["2030-06"], false),
            ("DateLessThan", "aws:CurrentTime", &["2026-01-02T00:00:00Z"], false),
            ("DateLessThan", "aws:CurrentTime", &["2020-01-01", "2030-01-01"], false),
            ("DateLessThan", "aws:CurrentTime", &["${aws:PrincipalTag/until}"], false),
            ("DateGreaterThan", "aws:CurrentTime", &["2020-01-01T00:00:00Z"], false),
            ("DateNotEquals", "aws:CurrentTime", &["2020-01-01T00:00:00Z"], false),
            ("DateLessThanIfExists", "aws:CurrentTime", &["2020-01-01T00:00:00Z"], false),
            ("DateLessThan", "aws:TokenIssueTime", &["2020-01-01T00:00:00Z"], false),
            // `*` is a wildcard only in some operators.
            ("StringEquals", "aws:PrincipalOrgID", &["o-a1b2c3d4e5", "*"], true),
            ("StringLike", "aws:PrincipalOrgID", &["o-a1b2c3d4e5", "*"], false),
            ("StringEquals", "aws:PrincipalArn", &["arn:aws:iam::*:role/a"], true),
            ("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam::*:role/a"], false),
            ("StringEquals", "aws:PrincipalAccount", &["*", "anonymous"], false),
            ("StringEquals", "aws:PrincipalOrgID", &["${aws:PrincipalOrgID}"], false),
            ("StringEqualsIfExists", "aws:PrincipalOrgID", &["*"], false),
            ("StringEquals", "aws:Referer", &["*"], false),
            ("StringEquals", KMS, &["arn:aws:kms:eu-west-1:111122223333:key/k"], true),
            ("StringLike", KMS, &["arn:aws:kms:eu-west-1:111122223333:key/*"], true),
            ("ArnLike", KMS, &["arn:aws:kms:*:111122223333:key/*"], true),
            ("StringLike", KMS, &["arn:aws:kms:*"], false),
            ("StringEquals", "aws:PrincipalOrgID", &["${aws:ResourceOrgID, 'none'}"], true),
            ("StringEquals", "aws:PrincipalAccount", &["${AWS:ResourceAccount,'none'}"], true),
            (
                "StringEquals",
                "aws:PrincipalAccount",
                &["${aws:ResourceAccount, 'anonymous'}"],
                false,
            ),
            ("StringLike", "aws:PrincipalOrgID", &["${aws:ResourceOrgID, '*'}"], false),
            ("StringEquals", "aws:PrincipalOrgID", &["${aws:PrincipalOrgID, 'none'}"], false),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-a1b2c3d4e5*"], true),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-a1*"], false),
            ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-a1b2c3d4e5*"], false),
            ("StringLike", "aws:PrincipalAccount", &["12345678901?"], true),
            ("StringLike", "aws:PrincipalAccount", &["12345678901*", "111122223333"], true),
            ("StringLike", "aws:PrincipalAccount", &["1234567890??"], false),
            ("StringLike", "aws:PrincipalAccount", &["1*3456789012"], false),
            ("StringLike", "aws:PrincipalAccount", &["12345678901?", "*"], false),
            // No request has a private address there, and S3 calls the second range wide.
            ("IpAddress", "aws:SourceIp", &["10.0.0.0/8"], true),
            ("IpAddress", "aws:SourceIp", &["fd00::/8"], true),
            ("IpAddress", "aws:SourceIp", &["fc00::/7", "198.51.100.7"], true),
            ("IpAddress", "aws:SourceIp", &["fc00::/7", "198.0.0.0/6"], false),
            ("IpAddress", "aws:SourceIp", &["f000::/4"], false),
            ("IpAddressIfExists", "aws:SourceIp", &["fd00::/8"], false),
            ("NotIpAddress", "aws:SourceIp", &["fd00::/8"], false),
            ("StringNotEquals", KMS, &["arn:aws:kms:eu-west-1:111122223333:key/k"], false),
            ("StringEqualsIfExists", KMS, &["arn:aws:kms:eu-west-1:111122223333:key/k"], false),
        ] {
            let statement = condition(operator, key, values);
            let limits = limits(&statement, now);
            assert_eq!(!limits.is_empty(), expected, "{operator} {key} {values:?}");
            if key == "aws:CurrentTime" {
                assert!(super::limits(&statement, None).is_empty());
                assert!(limits.iter().all(|text| text.starts_with("aws:CurrentTime until ")));
            }
        }
    }

    #[test]
    fn a_wildcard_behind_a_fixed_id_is_a_limit() {
        for (operator, key, value, expected) in [
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*", true),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*/ou-ab12-1/*", true),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "${aws:ResourceOrgID}/*", true),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/r-ab12/*", false),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-ab12/*", false),
            ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*", false),
            ("ForAnyValue:StringLikeIfExists", "aws:SourceOrgPaths", "o-a1b2c3d4e5/*", false),
            ("StringLike", "aws:PrincipalOrgID", "o-a1b2*", false),
            ("StringLike", "aws:PrincipalOrgID", "o-a1b2c3d4e5*", true),
            ("StringLike", "aws:PrincipalOrgID", "o-a1b2c3d4e5?", false),
            (
                "ArnEquals",
                "ec2:SourceInstanceArn",
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
                true,
            ),
            ("ArnLike", "ssm:SourceInstanceArn", "arn:aws:ec2:*:111122223333:instance/*", true),
            ("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:*:function:f", false),
            ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}", true),
            ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalTag/org}", false),
            ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", true),
            ("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}", false),
            ("StringLike", "aws:PrincipalAccount", "1111*", false),
            ("StringEquals", "aws:PrincipalAccount", "anonymous", false),
            ("StringEqualsIgnoreCase", "aws:PrincipalAccount", "Anonymous", false),
            ("StringEquals", "aws:userid", "anonymous", false),
            ("StringEquals", "aws:SourceAccount", "anonymous", true),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", true),
            ("ArnLike", "aws:PrincipalArn", "arn:*:iam::111122223333:*", true),
            ("StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", true),
            ("StringLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/*", false),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/*", true),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*", false),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin", false),
            ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", false),
            ("StringLike", "aws:SourceArn", "arn:aws:cloudtrail:*:111122223333:trail/*", true),
            ("StringLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:function:*", true),
            ("StringLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:*", false),
            ("StringLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:f*", false),
            ("StringLike", "aws:SourceArn", "arn:aws:*:*:111122223333:trail/*", false),
            ("StringLike", "aws:SourceArn", "arn:*:cloudtrail:*:111122223333:trail/*", false),
            ("StringLike", "aws:SourceArn", "arn:aws:iam:*:111122223333:role/*", false),
            ("StringLike", "aws:PrincipalArn", "arn:aws:iam:*:111122223333:role/*", false),
            ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:*:111122223333:vpc/*", true),
            ("StringLike", "aws:userid", "AROAEXAMPLEID:*", true),
            ("StringLike", "aws:userid", "111122223333:*", true),
            ("StringLike", "aws:userid", "AROAEXAMPLEIDEXAMPLEI*", true),
            ("StringLike", "aws:userid", "AROA*", false),
            ("StringLike", "aws:userid", "AROAEX*:session", false),
            ("StringLike", "aws:userid", "*:admin@example.com", false),
            ("StringNotLike", "aws:userid", "AROAEXAMPLEID:*", false),
            ("StringLike", "aws:SourceVpce", "vpce-*", false),
            ("StringEquals", "aws:SourceVpce", "vpce-1", true),
            ("StringLike", "aws:username", "admin-*", false),
            ("StringLike", "aws:PrincipalTag/team", "a*", false),
            ("StringEquals", "aws:PrincipalServiceName", "cloudfront.amazonaws.com", true),
            ("StringLike", "aws:PrincipalServiceName", "*.amazonaws.com", true),
            ("StringEqualsIfExists", "aws:PrincipalServiceName", "s3.amazonaws.com", false),
            ("StringNotEquals", "aws:PrincipalServiceName", "s3.amazonaws.com", false),
            ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "s3.amazonaws.com", true),
            (
                "ForAllValues:StringEquals",
                "aws:PrincipalServiceNamesList",
                "s3.amazonaws.com",
                false,
            ),
            ("Null", "aws:PrincipalServiceName", "false", true),
            ("Null", "aws:PrincipalServiceName", "true", false),
            ("Bool", "aws:PrincipalIsAWSService", "true", true),
            ("Bool", "aws:PrincipalIsAWSService", "false", false),
            ("BoolIfExists", "aws:PrincipalIsAWSService", "true", false),
            ("Bool", "aws:ViaAWSService", "true", false),
            ("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com", false),
            ("StringEquals", "graph.facebook.com:app_id", "1234567890", true),
            ("StringEquals", "accounts.google.com:sub", "1234567890", true),
            ("StringLike", "cognito-identity.amazonaws.com:aud", "us-east-1:*", false),
            ("StringNotEquals", "cognito-identity.amazonaws.com:aud", "us-east-1:1", false),
            (
                "ForAnyValue:StringLike",
                "cognito-identity.amazonaws.com:amr",
                "authenticated",
                false,
            ),
            ("StringEquals", "aws:sub", "1234567890", false),
            ("IpAddress", "aws:SourceIp", "10.0.0.0/7", false),
            ("IpAddress", "aws:SourceIp", "192.0.2.0/24", true),
        ] {
            let document = json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:*",
                "Resource": "*", "Condition": { operator: { key: ["o-never/x", value] } } } });
            let statement = &statements(&document).unwrap()[0];
            let single =
                Condition { values: vec![value.into()], ..statement.conditions[0].clone() };
            assert_eq!(is_limit(statement, &single), expected, "{operator} {key} {value}");
        }
    }
}
