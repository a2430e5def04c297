//! Arguments of helpers that are more than any string.

use super::formats::is_account;
use super::origin::Role;
use crate::facts;
use crate::model::text;

/// Arguments that are more than any string: helper, number of the argument, role.
pub(super) const ROLES: [(&str, usize, Role); 8] = [
    ("is_trusted_account", 0, Role::Account),
    ("is_older_than", 2, Role::Unit),
    ("has_tag", 1, Role::TagKey),
    ("fail", 0, Role::Message),
    ("skip", 0, Role::Message),
    ("unknown", 0, Role::Message),
    ("unsafe_fix", 0, Role::Reason),
    ("by_hand", 0, Role::Reason),
];

/// Why a string cannot be such an argument, and what to write.
pub(super) fn unsuitable(role: Role, written: &str) -> Option<(String, String)> {
    let shown = text::one_line(written, 60);
    Some(match role {
        Role::Account if !is_account(written) => (
            format!("`{shown}` is not an account id"),
            "an account id has 12 digits: `\"111122223333\"`".to_owned(),
        ),
        Role::Unit if !matches!(written, "days" | "hours") => {
            (format!("`{shown}` is not a unit"), "write `\"days\"` or `\"hours\"`".to_owned())
        }
        Role::TagKey if written.contains('=') => (
            format!("`{shown}` is not the key of a tag"),
            match written.split_once('=') {
                Some((key, value)) => {
                    let (key, value) = (text::one_line(key, 30), text::one_line(value, 30));
                    format!("to check the value, too: `tag_matches(tags, \"{key}\", \"{value}\")`")
                }
                None => String::new(),
            },
        ),
        Role::Message if written.trim().is_empty() => (
            "the message is empty".to_owned(),
            "say what is wrong with the resource: it is all that a report shows".to_owned(),
        ),
        Role::Reason if written.trim().is_empty() => (
            "the reason is empty".to_owned(),
            "say why the fix is not safe: plans show it".to_owned(),
        ),
        Role::Kind if facts::kind(written).is_none() => (
            format!("unknown kind `{shown}`"),
            match facts::suggest_kind(written) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`rolecall facts` lists all kinds".to_owned(),
            },
        ),
        _ => return None,
    })
}
