//! Values of `rolecall.toml` that have their own syntax or limits: durations, external ids, roles,
//! regions, globs.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::mask::ENV_PREFIX;
use crate::diagnostics::toml_reader::Item;
use crate::model::{AccountId, Arn, ExternalId, Partition, Region, Severity, text};

/// The placeholder for the account id in the ARN of `[role]`.
pub(super) const ACCOUNT_PLACEHOLDER: &str = "{account}";

/// A role ARN without the account id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoleTemplate {
    pub(super) partition: Partition,
    /// `role/path/name`.
    pub(super) resource: String,
}

impl RoleTemplate {
    pub(super) fn arn(&self, account: &AccountId) -> Arn {
        Arn {
            partition: self.partition.clone(),
            service: "iam".to_owned(),
            region: String::new(),
            account: account.to_string(),
            resource: self.resource.clone(),
        }
    }
}

/// An integer number of seconds, or a string such as `15m` or `1h30m`. The value is returned only if
/// it lies within the limits.
pub(super) fn duration(item: Item<'_>, limits: RangeInclusive<u32>) -> Option<u32> {
    let expected = "a number of seconds, or a string such as \"15m\"";
    let seconds = match item.value.get_ref() {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX)
        }
        DeValue::String(_) => {
            let text = item.text()?;
            match parse_duration(text) {
                Ok(seconds) => seconds,
                Err(InvalidDuration::Days) => {
                    item.report_error(format!(
                        "invalid duration `{}`: use hours, minutes and seconds, from {} to {}",
                        text::one_line(text, 40),
                        show_seconds(*limits.start()),
                        show_seconds(*limits.end())
                    ));
                    return None;
                }
                Err(InvalidDuration::Format(instead, example)) => {
                    let text = text::one_line(text, 40);
                    item.report_error(format!(
                        "invalid duration `{text}`: use {instead}, for example `{example}`"
                    ));
                    return None;
                }
            }
        }
        _ => {
            item.wrong_type(expected);
            return None;
        }
    };
    let value = u32::try_from(seconds).ok().filter(|value| limits.contains(value));
    if value.is_none() {
        item.report_error(format!(
            "`{}` must be from {} to {}",
            item.key,
            show_seconds(*limits.start()),
            show_seconds(*limits.end())
        ));
    }
    value
}

/// Why a string is not a valid duration.
#[derive(Debug, PartialEq, Eq)]
enum InvalidDuration {
    /// It contains days, and is longer than any limit.
    Days,
    /// It has another format: what to use instead, and an example.
    Format(&'static str, String),
}

/// Whole seconds, in any spelling of jiff: `1h30m`, `90 minutes`, `PT1H`. Days are rejected: not all
/// have 24 hours, and no setting is that long.
fn parse_duration(text: &str) -> Result<i64, InvalidDuration> {
    let text = text.trim();
    let invalid = |instead, example| Err(InvalidDuration::Format(instead, example));
    if let Ok(duration) = text.parse::<SignedDuration>() {
        return match duration.subsec_nanos() {
            0 => Ok(duration.as_secs()),
            _ => invalid("whole seconds", format!("{}s", duration.as_secs().max(0) + 1)),
        };
    }
    let with_days = text.parse::<Span>();
    match with_days.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours())) {
        Ok(_) => Err(InvalidDuration::Days),
        Err(_) => invalid("hours, minutes and seconds", "1h30m".to_owned()),
    }
}

fn show_seconds(seconds: u32) -> String {
    text::duration(Duration::from_secs(seconds.into()))
}

/// An external id, as a string or from the environment. Errors never contain its value.
pub(super) fn external_id(item: Item<'_>) -> Option<ExternalId> {
    let (id, origin) = match item.value.get_ref() {
        DeValue::String(id) => (id.to_string(), "external id".to_owned()),
        DeValue::Table(_) => {
            let table = item.table("`external_id`")?;
            let variable = table.require(
                "env",
                "set the name of the variable: external_id = { env = \"ROLECALL_EXTERNAL_ID\" }",
            );
            table.finish();
            from_environment(variable?)?
        }
        _ => {
            item.wrong_type("a string, or { env = \"ROLECALL_…\" }");
            return None;
        }
    };
    // STS allows 2 to 1224 characters of [\w+=,.@:\/-].
    let count = id.chars().count();
    if !(2..=1224).contains(&count) {
        item.report_error(format!("the {origin} must be 2 to 1224 characters long, not {count}"));
        return None;
    }
    if !id.chars().all(|c| is_word(c) || "+=,.@:/-".contains(c)) {
        item.report_error_with_help(
            format!("the {origin} contains a character that AWS does not allow"),
            "use ASCII letters, digits and the characters `_+=,.@:/-`",
        );
        return None;
    }
    Some(ExternalId::new(id))
}

fn from_environment(item: Item<'_>) -> Option<(String, String)> {
    let DeValue::String(name) = item.value.get_ref() else {
        item.wrong_type("a string");
        return None;
    };
    // Never print a name with another prefix: it may be the secret itself.
    let suffix = name.strip_prefix(ENV_PREFIX).unwrap_or_default();
    if suffix.is_empty()
        || !suffix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    {
        item.report_error_with_help(
            "the name of the environment variable must start with `ROLECALL_`",
            "use uppercase ASCII letters, digits and underscores, for example `ROLECALL_EXTERNAL_ID`",
        );
        return None;
    }
    match (item.reader.env)(name).filter(|value| !value.is_empty()) {
        Some(value) => Some((value, format!("external id in {name}"))),
        None => {
            item.report_error_with_help(
                format!("environment variable `{name}` is unset or empty"),
                "set it before you run rolecall",
            );
            None
        }
    }
}

/// `\w` in the patterns of AWS: ASCII only.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_name_character(c: char) -> bool {
    is_word(c) || "+=,.@-".contains(c)
}

/// The prefix of role session names. STS allows 64 characters, and half of them are for the run id
/// that follows.
pub(super) fn session_name(item: Item<'_>) -> Option<String> {
    let name = item.text()?;
    if (2..=32).contains(&name.len()) && name.chars().all(is_name_character) {
        return Some(name.to_owned());
    }
    item.report_error_with_help(
        format!("`{}` is not a valid session name", text::one_line(name, 80)),
        "use 2 to 32 ASCII letters, digits and the characters `_+=,.@-`",
    );
    None
}

/// A role name, without path.
pub(super) fn role_name(item: Item<'_>) -> Option<&str> {
    let name = item.text()?;
    if name.starts_with("arn:") {
        let arn = name.parse::<Arn>().map_or_else(
            |_| "arn:aws:iam::{account}:role/rolecall".to_owned(),
            |arn| text::one_line(&with_account(&arn, ACCOUNT_PLACEHOLDER), 120),
        );
        item.report_error_with_help(
            format!("`{}` is an ARN, not a role name", text::one_line(name, 120)),
            format!("in [role], replace `name` and `path` with arn = \"{arn}\""),
        );
        return None;
    }
    match check_role_name(name) {
        Ok(()) => Some(name),
        Err(help) => {
            item.report_error_with_help(
                format!("`{}` is not a valid role name", text::one_line(name, 80)),
                help,
            );
            None
        }
    }
}

fn check_role_name(name: &str) -> Result<(), &'static str> {
    if name.contains('/') {
        Err(
            "set the path separately (path = \"/audit/\" in [role]), or use the full ARN of the role",
        )
    } else if name.len() > 64 {
        Err("role names can be up to 64 characters long")
    } else if name.chars().all(is_name_character) {
        Ok(())
    } else {
        Err("use ASCII letters, digits and the characters `_+=,.@-`")
    }
}

/// The path of a role: `/audit/`.
pub(super) fn role_path(item: Item<'_>) -> Option<&str> {
    let path = item.text()?;
    let valid =
        path.starts_with('/') && path.ends_with('/') && path.len() <= 512 && !path.contains("//");
    if valid && path.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '*' | '?' | '{' | '}')) {
        return Some(path);
    }
    item.report_error_with_help(
        format!("`{}` is not a valid role path", text::one_line(path, 80)),
        "a path must start and end with a slash, for example `/audit/`",
    );
    None
}

/// The ARN of a role in `account`, which is an id or [`ACCOUNT_PLACEHOLDER`]; `None`: in any
/// account.
pub(super) fn role_arn(item: Item<'_>, account: Option<&str>) -> Option<Arn> {
    let written = item.text()?;
    let example = format!("arn:aws:iam::{}:role/rolecall", account.unwrap_or("111122223333"));
    let arn: Arn = match written.parse() {
        Ok(arn) => arn,
        Err(error) => {
            item.report_error_with_help(
                error.message(),
                format!("use a role ARN such as `{example}`"),
            );
            return None;
        }
    };
    let not_a_role = |help: String| {
        item.report_error_with_help(
            format!("`{}` is not a valid role ARN", text::one_line(written, 120)),
            help,
        );
        None
    };
    if arn.service == "sts" && arn.resource.starts_with("assumed-role/") {
        return not_a_role(format!(
            "this is the ARN of a session; use the ARN of its role, such as `{example}`"
        ));
    }
    let Some((path, name)) =
        arn.resource.strip_prefix("role/").map(|path| path.rsplit_once('/').unwrap_or(("", path)))
    else {
        return not_a_role(format!("use a role ARN such as `{example}`"));
    };
    if arn.service != "iam" || !arn.region.is_empty() || path.len() > 510 {
        return not_a_role(format!("use a role ARN such as `{example}`"));
    }
    if name.is_empty()
        || check_role_name(name).is_err()
        || !path.chars().all(|c| is_name_character(c) || c == '/')
    {
        return not_a_role(format!(
            "the path or the name of the role is invalid; use a role ARN such as `{example}`"
        ));
    }
    match account {
        Some(ACCOUNT_PLACEHOLDER) if arn.account != ACCOUNT_PLACEHOLDER => item
            .report_error_with_help(
                "the ARN in [role] must have `{account}` instead of an account id",
                format!(
                    "use `{}`; to override the role of one account, set `role` in its [[account]]",
                    with_account(&arn, ACCOUNT_PLACEHOLDER)
                ),
            ),
        Some(id) if arn.account != id && arn.account != ACCOUNT_PLACEHOLDER => item
            .report_error_with_help(
                format!("the role is in account {}, not in {id}", text::one_line(&arn.account, 40)),
                format!(
                    "use a role in account {id}; if this is the hub role, set it as `via` in [role]"
                ),
            ),
        None if arn.account.parse::<AccountId>().is_err() => {
            item.report_error_with_help(
                format!(
                    "`{}` in the ARN is not a valid account id",
                    text::one_line(&arn.account, 40)
                ),
                format!("use a role ARN such as `{example}`"),
            );
        }
        _ => return Some(arn),
    }
    None
}

fn with_account(arn: &Arn, account: &str) -> String {
    Arn { account: account.to_owned(), ..arn.clone() }.to_string()
}

/// A list of unique regions.
pub(super) fn regions(item: Item<'_>) -> Vec<Region> {
    let mut seen = BTreeSet::new();
    let mut regions = Vec::new();
    for item in item.list("regions") {
        let Some(region) = item.parse::<Region>() else { continue };
        if region.is_global() {
            item.report_error_with_help(
                "`global` is not a valid region",
                "account-wide resources are always scanned; use regions such as `eu-west-1`",
            );
        } else if !seen.insert(region.clone()) {
            item.report_error(format!("duplicate region `{region}`"));
        } else {
            regions.push(region);
        }
    }
    regions
}

/// A severity.
pub(super) fn severity(item: Item<'_>) -> Option<Severity> {
    item.one_of("severity", &Severity::ALL.map(|severity| (severity.as_str(), severity)))
}

/// A severity, or `none`.
pub(super) fn severity_or_none(item: Item<'_>) -> Option<Option<Severity>> {
    let mut words: Vec<_> =
        Severity::ALL.iter().map(|severity| (severity.as_str(), Some(*severity))).collect();
    words.push(("none", None));
    item.one_of("severity", &words)
}

/// Any TOML value as JSON; dates become strings. Errors are reported through `item`.
pub(super) fn json(item: Item<'_>, value: &Spanned<DeValue<'_>>) -> Option<Value> {
    let invalid = |message: &str| {
        item.reader.report(item.reader.diagnostic(value.span(), message));
        None
    };
    Some(match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::from(number),
            Err(_) => return invalid("integer does not fit in 64 bits"),
        },
        DeValue::Float(number) => {
            match number.as_str().parse::<f64>().ok().and_then(serde_json::Number::from_f64) {
                Some(number) => Value::Number(number),
                None => return invalid("numbers must be finite"),
            }
        }
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.iter().filter_map(|value| json(item, value)).collect())
        }
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .filter_map(|(key, value)| Some((key.get_ref().to_string(), json(item, value)?)))
                .collect(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_and_printed() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1m5s", 65),
            ("1h ", 3600),
            ("1.5h", 5400),
            ("1 hour, 30 minutes", 5400),
            ("-1s", -1),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds), "{text}");
        }
        for (instead, example, texts) in [
            (
                "hours, minutes and seconds",
                "1h30m",
                &[
                    "",
                    "1",
                    "h",
                    "1m1h",
                    "1m1m",
                    "1 month",
                    "99999999999999999999h",
                    "9999999999999999h",
                ][..],
            ),
            ("whole seconds", "1s", &["500ms", "-1.5s"]),
            ("whole seconds", "2s", &["1.5s"]),
        ] {
            let expected = InvalidDuration::Format(instead, example.to_owned());
            for text in texts {
                assert_eq!(parse_duration(text).as_ref(), Err(&expected), "{text}");
            }
        }
        for text in ["1d", "1d0h", "1 day", "1w12h"] {
            assert_eq!(parse_duration(text), Err(InvalidDuration::Days), "{text}");
        }
        assert_eq!([1, 900, 5400, 43_200].map(show_seconds), ["1s", "15m", "1h 30m", "12h"]);
    }
}
