//! What several `Deny` statements deny together.

use super::document::Statement;
use super::principals::account_of;
use super::wildcard::{any_variables, covers, overlaps};

/// The most parts of a request that are compared. With more, the request counts as not denied.
const MAX_PARTS: usize = 256;
/// More comparisons of patterns than this are not made.
const MAX_WORK: usize = 500_000;

/// Whether statements together deny an action for a resource to everyone. Both can be patterns. What
/// one statement exempts by `NotAction`, `NotPrincipal` or `NotResource`, others can deny. Effects and
/// conditions are not considered.
pub fn denied_to_everyone(statements: &[Statement], action: &str, resource: &str) -> bool {
    let whole = Part { action: pattern(action), principal: None, resource: resource.to_owned() };
    let mut parts = vec![whole];
    let mut work = 0_usize;
    loop {
        let before = parts.clone();
        for statement in statements {
            work = work.saturating_add(parts.len().saturating_mul(size(statement)));
            parts = parts.iter().flat_map(|part| part.without(statement)).collect();
            parts.sort();
            parts.dedup();
            if parts.is_empty() {
                return true;
            }
            if parts.len() > MAX_PARTS || work > MAX_WORK {
                return false;
            }
        }
        if parts == before {
            return false;
        }
    }
}

/// A pattern for actions in lower case; one for all of them is `*`.
fn pattern(action: &str) -> String {
    if is_every_action(action) { "*".to_owned() } else { action.to_lowercase() }
}

/// Whether a pattern matches every action, such as `*`, `*:*` and `?*`: no part of a name is empty.
pub fn is_every_action(pattern: &str) -> bool {
    let is_any = |part: &str| {
        let stars = part.bytes().filter(|byte| *byte == b'*').count();
        stars > 0 && (part.len() == stars || part.len() == stars + 1 && part.contains('?'))
    };
    pattern.split(':').count() <= 2 && pattern.split(':').all(is_any)
}

/// How many patterns a statement has.
fn size(statement: &Statement) -> usize {
    [
        &statement.principals,
        &statement.not_principals,
        &statement.actions,
        &statement.not_actions,
        &statement.resources,
        &statement.not_resources,
    ]
    .iter()
    .map(|list| list.len())
    .sum()
}

/// Requests that are not known to be denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// In lower case.
    action: String,
    /// `None` for everyone.
    principal: Option<String>,
    resource: String,
}

/// How much of one dimension of a part a statement applies to.
enum Applies {
    ToAll,
    /// To all but these, which are smaller than what the part has.
    ToAllBut(Vec<String>),
    /// Perhaps to some of it, which no pattern describes.
    No,
}

impl Part {
    /// What a statement leaves of it.
    fn without(&self, statement: &Statement) -> Vec<Self> {
        let patterns =
            |list: &[String]| -> Vec<String> { list.iter().map(|one| pattern(one)).collect() };
        let (actions, others) = (patterns(&statement.actions), patterns(&statement.not_actions));
        let actions = to_pattern(&actions, &others, &self.action);
        let resources = to_pattern(&statement.resources, &statement.not_resources, &self.resource);
        let mut rest = Vec::new();
        match actions {
            Applies::ToAll => {}
            Applies::ToAllBut(others) => {
                rest.extend(others.into_iter().map(|action| Self { action, ..self.clone() }));
            }
            Applies::No => return vec![self.clone()],
        }
        match resources {
            Applies::ToAll => {}
            Applies::ToAllBut(others) => {
                rest.extend(others.into_iter().map(|resource| Self { resource, ..self.clone() }));
            }
            Applies::No => return vec![self.clone()],
        }
        match self.principals(statement) {
            Applies::ToAll => {}
            Applies::ToAllBut(others) => {
                let other = |principal| Self { principal: Some(principal), ..self.clone() };
                rest.extend(others.into_iter().map(other));
            }
            Applies::No => return vec![self.clone()],
        }
        rest
    }

    fn principals(&self, statement: &Statement) -> Applies {
        let is_everyone = |list: &[String]| list.iter().any(|one| one == "*");
        if is_everyone(&statement.principals) {
            return Applies::ToAll;
        }
        match &self.principal {
            Some(principal) if statement.principals.iter().any(|one| includes(one, principal)) => {
                Applies::ToAll
            }
            None if !statement.not_principals.is_empty()
                && !is_everyone(&statement.not_principals) =>
            {
                Applies::ToAllBut(statement.not_principals.clone())
            }
            _ => Applies::No,
        }
    }
}

/// Whether a principal is another one, or the account of another one.
fn includes(one: &str, other: &str) -> bool {
    let is_account = || {
        one.strip_prefix("AWS:").is_some_and(|name| !name.contains(':') || name.ends_with(":root"))
    };
    one == other
        || account_of(one).is_some() && account_of(one) == account_of(other) && is_account()
}

/// How much of a pattern these patterns cover, or all but those in `exempt`.
fn to_pattern(named: &[String], exempt: &[String], pattern: &str) -> Applies {
    if exempt.is_empty() {
        return match named.iter().any(|one| covers(one, pattern)) {
            true => Applies::ToAll,
            false => Applies::No,
        };
    }
    // A policy variable can be anything.
    let whole = any_variables(pattern);
    let exempt: Vec<String> =
        exempt.iter().map(|one| any_variables(one)).filter(|one| overlaps(one, &whole)).collect();
    let is_smaller = |one: &String| covers(pattern, one) && !covers(one, pattern);
    match exempt.is_empty() {
        true => Applies::ToAll,
        false if exempt.iter().all(is_smaller) => Applies::ToAllBut(exempt),
        false => Applies::No,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::statements;

    fn denied(action: &str, resource: &str, parts: &[Value]) -> bool {
        let whole = |part: &Value| {
            let mut part = part.clone();
            let fields = part.as_object_mut().unwrap();
            let mut add = |names: [&str; 2], value: &str| {
                if !names.iter().any(|name| fields.contains_key(*name)) {
                    fields.insert(names[0].to_owned(), value.into());
                }
            };
            add(["Effect", "Effect"], "Deny");
            add(["Principal", "NotPrincipal"], "*");
            add(["Action", "NotAction"], "s3:*");
            add(["Resource", "NotResource"], "*");
            part
        };
        let policy = json!({ "Statement": parts.iter().map(whole).collect::<Vec<_>>() });
        denied_to_everyone(&statements(&policy).unwrap(), action, resource)
    }

    #[test]
    fn every_way_to_write_all_actions_is_the_same() {
        for all in ["*", "**", "*:*", "*:**", "?*", "*:?*"] {
            for asked in ["*", "*:*", "s3:GetObject"] {
                assert!(denied(asked, "*", &[json!({ "Action": all })]), "{all} {asked}");
            }
            assert!(!denied(all, "*", &[json!({ "Action": "s3:*" })]), "{all}");
        }
        for some in ["", ":", "*:", ":*", "s3:*", "*:*:*", "?", "??*"] {
            assert!(!is_every_action(some), "{some}");
        }
    }

    #[test]
    fn statements_are_joined() {
        let (role, account) =
            ("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:root");
        let objects = "arn:aws:s3:::b/*";
        for (parts, expected) in [
            (vec![json!({})], true),
            (vec![], false),
            // Actions.
            (vec![json!({ "Action": "s3:Get*" })], false),
            (vec![json!({ "NotAction": "s3:Get*" })], false),
            (vec![json!({ "NotAction": "s3:Get*" }), json!({ "Action": "s3:GetObject" })], false),
            (vec![json!({ "NotAction": "s3:GetObject" }), json!({ "Action": "S3:get*" })], true),
            (vec![json!({ "Action": "S3:get*" }), json!({ "NotAction": "s3:GetObject" })], true),
            (vec![json!({ "NotAction": "s3:Get*" }), json!({ "NotAction": "s3:Put*" })], true),
            (vec![json!({ "NotAction": "s3:G*" }), json!({ "NotAction": "s3:Get*" })], false),
            (vec![json!({ "NotAction": ["*"] }), json!({ "Action": "s3:Get*" })], false),
            (vec![json!({ "NotAction": "iam:*" })], true),
            // Resources.
            (vec![json!({ "Resource": "arn:aws:s3:::b" })], false),
            (vec![json!({ "NotResource": "arn:aws:s3:::b" })], true),
            (vec![json!({ "NotResource": "arn:aws:s3:::b/public/*" })], false),
            (
                vec![
                    json!({ "NotResource": "arn:aws:s3:::b/public/*" }),
                    json!({ "Resource": "arn:aws:s3:::b/public/*" }),
                ],
                true,
            ),
            (
                vec![
                    json!({ "NotResource": "arn:aws:s3:::b/${aws:username}/*" }),
                    json!({ "Resource": "arn:aws:s3:::b/${aws:username}/*" }),
                ],
                false,
            ),
            // Principals.
            (vec![json!({ "Principal": { "AWS": account } })], false),
            (vec![json!({ "NotPrincipal": { "AWS": role } })], false),
            (
                vec![
                    json!({ "NotPrincipal": { "AWS": role } }),
                    json!({ "Principal": { "AWS": role } }),
                ],
                true,
            ),
            (
                vec![
                    json!({ "Principal": { "AWS": "111122223333" } }),
                    json!({ "NotPrincipal": { "AWS": [role, account] } }),
                ],
                true,
            ),
            (
                vec![
                    json!({ "Principal": { "AWS": role } }),
                    json!({ "NotPrincipal": { "AWS": [role, account] } }),
                ],
                false,
            ),
            (vec![json!({ "NotPrincipal": "*" })], false),
            // All of them.
            (
                vec![
                    json!({ "NotAction": "s3:GetObject", "NotPrincipal": { "AWS": role } }),
                    json!({ "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/a" }),
                    json!({ "Principal": { "AWS": role } }),
                    json!({ "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/?" }),
                ],
                true,
            ),
            (
                vec![
                    json!({ "NotAction": "s3:GetObject", "NotPrincipal": { "AWS": role } }),
                    json!({ "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/a" }),
                    json!({ "Principal": { "AWS": role } }),
                ],
                false,
            ),
        ] {
            assert_eq!(denied("s3:*", objects, &parts), expected, "{parts:?}");
        }
        let get = [json!({ "Action": "s3:Get*" })];
        assert!(denied("s3:GetObject", objects, &get) && !denied("s3:PutObject", objects, &get));
    }

    /// However many statements there are, they are not compared for long.
    #[test]
    fn work_is_limited() {
        let many = |field: &str| -> Vec<Value> {
            let exempt: Vec<String> = (0..300).map(|one| format!("s3:Get{field}{one}")).collect();
            (0..300)
                .map(|_| json!({ "NotAction": exempt, "NotResource": format!("arn:aws:s3:::b/{field}") }))
                .collect()
        };
        let parts: Vec<Value> = ["a", "b", "c"].into_iter().flat_map(many).collect();
        assert!(!denied("s3:*", "arn:aws:s3:::b/*", &parts));
    }
}
