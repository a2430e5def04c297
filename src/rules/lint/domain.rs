//! What is known about the values of fields: of resources, and of what helpers return.

use std::collections::HashMap;
use std::sync::LazyLock;

use ipnet::IpNet;

use super::formats::{self, ACTION_HELP, Format, cidr_help, format_of};
use super::listed;
use super::origin::Role;
use super::protocols;
use super::roles;
use crate::facts;
use crate::facts::fields::{self, Field};
use crate::model::{code_series, did_you_mean, text};
use crate::rules::helpers::{SHAPES, is_action, regex_error};

/// Shorter strings are too similar to each other.
const MIN_LENGTH: usize = 4;

/// What is known about a field.
#[derive(Debug, Default)]
struct Known {
    /// Its values, according to its documentation. Unless it is closed, AWS may add others.
    values: Vec<String>,
    /// Whether it has no other values.
    is_closed: bool,
    /// Whether the documentation lists all of its values, and AWS rarely adds others.
    is_listed: bool,
    /// The values that its documentation names.
    named: Vec<String>,
    format: Option<Format>,
    /// Whether it always has a value.
    is_required: bool,
}

/// Field path as in diagnostics (`ec2.instance.state.name`) → what is known about it.
static KNOWN: LazyLock<HashMap<String, Known>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for kind in facts::KINDS {
        all.extend(fields::of(&kind.shape, "").into_iter().map(|field| entry(kind.name, field)));
        for fact in kind.facts {
            let inner = fields::of(&fact.shape, fact.name);
            all.extend(inner.into_iter().map(|field| entry(kind.name, field)));
            let whole = Known { is_required: fact.is_always_known(), ..Known::default() };
            all.insert(format!("{}.{}", kind.name, fact.name), whole);
        }
    }
    for shape in SHAPES {
        all.extend(shape.fields().into_iter().map(|field| entry(shape.name, field)));
    }
    for kind in facts::KINDS {
        all.entry(format!("{}.region", kind.name))
            .or_insert_with(|| Known { format: Some(Format::Region), ..Known::default() });
    }
    for (function, format) in formats::RESULTS {
        all.insert(function.to_owned(), Known { format: Some(format), ..Known::default() });
    }
    all
});

fn entry(root: &str, field: Field) -> (String, Known) {
    let path = format!("{root}.{}", field.path.replace("[]", ""));
    let is_text = field.kind.trim_end_matches('?').ends_with("string");
    // AWS returns some values with and without a capital letter.
    let has_names = is_text && field.lists_values() && !field.doc.contains("capital");
    let named = field.named().into_iter().filter(|_| has_names).map(str::to_owned).collect();
    let lowercase = field.is_lowercase().then_some(Format::Lowercase);
    let mut values: Vec<String> = field.values().into_iter().map(str::to_owned).collect();
    let is_listed = !values.is_empty() && listed::is_listed(&path);
    values.extend(listed::others(&path).iter().map(|value| (*value).to_owned()));
    let known = Known {
        values,
        is_closed: !field.closed.is_empty(),
        is_listed,
        named,
        format: match field.kind.trim_end_matches('?') {
            "time" => Some(Format::Time),
            _ if is_text => format_of(&path, field.format.as_deref()).or(lowercase),
            _ => None,
        },
        is_required: !field.is_optional(),
    };
    (path, known)
}

/// Whether a field has principals, with their types: `AWS:111122223333`.
pub(super) fn is_principal(path: &str) -> bool {
    KNOWN.get(path).is_some_and(|known| known.format == Some(Format::Principal))
}

/// Whether a field always has a value.
pub(crate) fn is_required(path: &str) -> bool {
    KNOWN.get(path).is_some_and(|known| known.is_required)
}

/// What is wrong with a value that a field never has, and how to fix it.
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

fn meant(name: &str) -> Option<String> {
    Some(format!("did you mean `{name}`?"))
}

/// Why a field never has a value, if that is known.
pub(crate) fn never(path: &str, written: &str) -> Option<Problem> {
    let known = KNOWN.get(path)?;
    let shown = text::one_line(written, 60);
    if known.is_closed {
        if known.values.iter().any(|value| value == written) {
            return None;
        }
        let names = || known.values.iter().map(String::as_str);
        let similar = names()
            .find(|name| name.eq_ignore_ascii_case(written))
            .or_else(|| did_you_mean(written, names()));
        let help = match similar {
            Some(name) => meant(name),
            None if known.values.len() > 8 => {
                Some(format!("run `rolecall helpers` for the values of `{path}`"))
            }
            None => Some(format!("its values are {}", code_series(names(), "and"))),
        };
        return Some(Problem { message: format!("`{path}` is never `{shown}`"), help });
    }
    if let Some((message, help)) =
        known.format.and_then(|format| formats::malformed(format, path, written))
    {
        return Some(Problem { message, help: Some(help) });
    }
    let other_case = |value: &&String| value.eq_ignore_ascii_case(written);
    let is_known = |values: &[String]| values.iter().any(|value| value == written);
    let similar = if is_known(&known.values) || is_known(&known.named) {
        None
    } else {
        let typo = |value: &&String| {
            strsim::osa_distance(&value.to_lowercase(), &written.to_lowercase()) == 1
        };
        let long = written.chars().count() >= MIN_LENGTH;
        let all = || known.values.iter().chain(&known.named);
        all().find(other_case).or_else(|| known.values.iter().find(typo).filter(|_| long))
    };
    let message = format!("AWS never returns `{shown}` for `{path}`");
    match similar {
        Some(similar) => Some(Problem { message, help: meant(similar) }),
        None if known.is_listed && !is_known(&known.values) && !is_known(&known.named) => {
            let names = known.values.iter().map(String::as_str);
            let help = format!("its values are {}", code_series(names, "and"));
            let quoted = shown.trim().is_empty().then(|| format!("\"{shown}\""));
            let message = quoted
                .map_or(message, |quoted| format!("AWS never returns `{quoted}` for `{path}`"));
            Some(Problem { message, help: Some(help) })
        }
        None => None,
    }
}

/// Why a string cannot be the argument of a helper, if that is known.
pub(crate) fn unsuitable(role: Role, written: &str) -> Option<Problem> {
    let shown = text::one_line(written, 60);
    let (message, help) = match role {
        Role::Action => {
            if is_action(written) {
                return None;
            }
            (format!("`{shown}` has no service prefix"), ACTION_HELP.to_owned())
        }
        Role::Cidr => {
            let address = written.parse::<std::net::IpAddr>();
            let is_range = written.parse::<IpNet>().is_ok();
            if is_range || address.as_ref().is_ok_and(|address| !address.is_unspecified()) {
                return None;
            }
            let message = match address {
                Ok(_) => format!("`{shown}` has no prefix length"),
                Err(_) => format!("`{shown}` is not a valid range"),
            };
            (message, cidr_help(written))
        }
        Role::Glob if looks_like_regex(written) => (
            format!("`{shown}` is a regular expression, not a glob"),
            "use `regex_matches`, or write a glob, in which `*` matches any characters".to_owned(),
        ),
        Role::Regex if looks_like_glob(written) => (
            format!("`{shown}` is a glob, not a regular expression"),
            "use `glob_matches`, or write a regular expression, in which `.*` matches any characters"
                .to_owned(),
        ),
        Role::Text if written.contains(['*', '?']) || looks_like_regex(written) => (
            format!("`{shown}` is a pattern, but this argument is the string to match"),
            "pass the pattern in its own argument: `rolecall helpers NAME` shows the signature"
                .to_owned(),
        ),
        // A wildcard can match the `=`.
        Role::Tag if !written.contains(['=', '*', '?']) => (
            format!("`{shown}` never matches a tag"),
            format!("write `Key=Value`: `{shown}=*` matches any value"),
        ),
        Role::Regex => {
            let error = regex_error(written)?;
            (
                format!("`{shown}` is not a valid regular expression: {error}"),
                "close what it opens, and escape special characters with a backslash".to_owned(),
            )
        }
        Role::Account
        | Role::Unit
        | Role::TagKey
        | Role::Message
        | Role::Reason
        | Role::Kind => {
            roles::unsuitable(role, written)?
        }
        Role::Direction if !matches!(written, "ingress" | "egress") => (
            format!("`{shown}` is not a direction"),
            "write `ingress` or `egress`".to_owned(),
        ),
        Role::Protocol | Role::PortProtocol => protocols::unsuitable(role, written)?,
        _ => return None,
    };
    Some(Problem { message, help: Some(help) })
}

/// Why a number cannot be the argument of a helper.
pub(crate) fn unsuitable_number(role: Role, number: i64) -> Option<Problem> {
    let (message, help) = protocols::unsuitable_number(role, number)?;
    Some(Problem { message, help: Some(help) })
}

/// Whether a string is a regular expression rather than a glob.
fn looks_like_regex(pattern: &str) -> bool {
    pattern.starts_with('^')
        || pattern.ends_with('$')
        || pattern.starts_with(".*")
        || [".+", "\\.", "\\d", "\\w", "\\s", "(?"].iter().any(|part| pattern.contains(part))
}

/// Whether a string cannot be a regular expression: it begins with something to repeat.
fn looks_like_glob(pattern: &str) -> bool {
    pattern.starts_with(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_field_documentation() {
        let of = |field: &str| {
            KNOWN.get(field).map(|known| known.values.join(" ")).filter(|values| !values.is_empty())
        };
        assert_eq!(
            of("ec2.instance.metadata_options.http_tokens").as_deref(),
            Some("required optional")
        );
        assert_eq!(of("s3.bucket.versioning.status").as_deref(), Some("Enabled Suspended"));
        assert_eq!(of("s3.bucket.lifecycle.rules.status").as_deref(), Some("Enabled Disabled"));
        assert_eq!(of("statement.effect").as_deref(), Some("Allow Deny"));
        // Fields without a fixed set of values.
        for field in [
            "ec2.security_group.group_name",
            "ec2.security_group.ip_permissions.ip_protocol",
            "ec2.vpc_endpoint.state",
        ] {
            assert_eq!(of(field), None, "{field}");
        }
        let with_values = KNOWN.values().filter(|known| !known.values.is_empty()).count();
        assert!(with_values > 100, "{with_values}");
    }

    #[test]
    fn values_that_a_field_never_has_are_known() {
        let state = "ec2.volume.state";
        let protocol = "ec2.security_group.ip_permissions.ip_protocol";
        for (field, written, help) in [
            (state, "in-use", None),
            (state, "In-Use", Some("did you mean `in-use`?")),
            (state, "in-us", Some("did you mean `in-use`?")),
            (
                state,
                "broken",
                Some(
                    "its values are `creating`, `available`, `in-use`, `deleting`, `deleted` and `error`",
                ),
            ),
            (protocol, "TCP", Some("did you mean `tcp`?")),
            (protocol, "tcpp", Some("did you mean `tcp`?")),
            (protocol, "all", Some("write `-1` for all protocols, or a number")),
            (protocol, "47", None),
            ("ec2.volume.volume_type", "GP3", Some("its values are in lowercase: `gp3`")),
            ("ec2.volume.volume_type", "GP2", Some("its values are in lowercase: `gp2`")),
            ("ec2.volume.volume_type", "gp2", None),
            // AWS returns its states with and without a capital letter.
            ("ec2.vpc_endpoint.state", "Available", None),
            ("ec2.vpc_endpoint.state", "available", None),
            // Names that users choose.
            ("ec2.security_group.group_name", "Default", None),
            ("s3.bucket.website.index_document.suffix", "Index.html", None),
            (
                "ec2.instance.instance_type",
                "T3.micro",
                Some("its values are in lowercase: `t3.micro`"),
            ),
            ("statement.effect", "allow", Some("did you mean `Allow`?")),
            ("statement.effect", "Grant", Some("its values are `Allow` and `Deny`")),
            (
                "statement.conditions.key",
                "aws:PrincipalOrgID",
                Some("its values are in lowercase: `aws:principalorgid`"),
            ),
            ("statement.conditions.key", "aws:principalorgid", None),
            ("statement.actions", "GetObject", Some(ACTION_HELP)),
            ("statement.actions", "*", None),
            ("statement.principals", "*", None),
            (
                "statement.principals",
                "ec2.amazonaws.com",
                Some("write `Service:ec2.amazonaws.com`"),
            ),
            ("grant.kind", "everyone", Some("did you mean `everybody`?")),
            ("opening.cidr", "0.0.0.0", Some("write the prefix length: `0.0.0.0/0`")),
            ("opening.cidr", "10.0.0.1/8", Some("write the start of the range: `10.0.0.0/8`")),
            ("opening.cidr", "10.0.0.0/8", None),
            (
                "acl_opening.protocol",
                "tcp",
                Some("it is a number: `6` is TCP, `17` is UDP, `-1` is all"),
            ),
        ] {
            let problem = never(field, written);
            let got = problem.as_ref().map(|problem| problem.help.as_deref());
            assert_eq!(got, help.map(Some), "{field} {written}");
        }
    }

    #[test]
    fn what_is_always_there_is_known() {
        for (field, expected) in [
            ("s3.bucket.versioning", true),
            ("s3.bucket.versioning.status", false),
            ("s3.bucket.website", false),
            ("s3.bucket.policy", false),
            ("ec2.security_group.ip_permissions", true),
            ("ec2.security_group.vpc_id", false),
            ("ec2.volume.encrypted", false),
            ("statement.effect", true),
            ("statement.sid", false),
        ] {
            assert_eq!(is_required(field), expected, "{field}");
        }
    }

    #[test]
    fn globs_and_regular_expressions_are_told_apart() {
        for (pattern, regex, glob) in [
            ("*-prod", false, true),
            ("?-prod", false, true),
            // Regular expressions, too.
            ("prod-*", false, false),
            ("prod-?", false, false),
            ("https?:", false, false),
            ("colou?r", false, false),
            ("web-?prod", false, false),
            ("^prod-", true, false),
            ("^prod-.*$", true, false),
            (".*prod.*", true, false),
            ("web.*", false, false),
            ("(?i)prod", true, false),
            ("prod", false, false),
            ("[a-z]*", false, false),
            ("a|b", false, false),
            ("*.example.com", false, true),
        ] {
            assert_eq!(
                (looks_like_regex(pattern), looks_like_glob(pattern)),
                (regex, glob),
                "{pattern}"
            );
        }
    }
}
