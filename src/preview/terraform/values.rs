//! What a plan changes in the attributes of its resources, for people: short values, and nothing that
//! is sensitive.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::Attribute;
use super::plan::{Action, Plan, PlannedResource};
use crate::model::text::one_line;
use crate::model::{PlannedAction, PlannedChange, ValueChange};

/// As Terraform prints it.
const SENSITIVE: &str = "(sensitive value)";

/// Characters of a value.
const LONGEST: usize = 80;
/// Characters before the first difference of two long values.
const CONTEXT: usize = 20;
/// Bytes of a document that is compared by its meaning. A bucket policy has at most 20 KB.
const LARGEST_DOCUMENT: usize = 100_000;
/// How many changes of one resource are kept.
const MAX_VALUES: usize = 40;
/// What says what is left of the data of what is destroyed.
const SETTINGS: [&str; 2] = ["final_snapshot", "force_destroy"];
/// How deep blocks are nested.
const MAX_DEPTH: usize = 8;

/// Attributes that are not shown: they say nothing about a resource, or often contain credentials that
/// nobody marks as sensitive.
fn is_left_out(name: &str) -> bool {
    matches!(name, "id" | "arn" | "tags" | "tags_all" | "timeouts")
        || name.starts_with("user_data")
        || ["password", "secret", "private_key", "preshared_key", "token", "credentials"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// The resources that a plan changes, by their addresses.
pub fn changes(plan: &Plan) -> BTreeMap<String, PlannedChange> {
    plan.resources
        .iter()
        .filter(|one| !one.is_deposed)
        .filter_map(|one| change(plan, one))
        .collect()
}

fn change(plan: &Plan, resource: &PlannedResource) -> Option<(String, PlannedChange)> {
    let action = match resource.action {
        Action::NoOp | Action::Forget => return None,
        Action::Create => PlannedAction::Create,
        Action::Update => PlannedAction::Update,
        Action::Replace => PlannedAction::Replace,
        Action::Delete => PlannedAction::Delete,
    };
    let mut values = Vec::new();
    // Plans of Terraform before 0.15 do not say what is sensitive.
    if resource.has_sensitivity {
        let after = match action {
            PlannedAction::Delete => Attribute::none(),
            _ => resource.after(),
        };
        compare(String::new(), resource.before(), after, MAX_DEPTH, &mut values);
    }
    // What the provider computes is not what somebody changes.
    let set = plan.configured(resource).and_then(|config| config.get("expressions"));
    values.retain(|value| {
        let name = value.attribute.split('.').next().unwrap_or_default();
        !value.is_open() || set.is_none_or(|set| set.get(name).is_some())
    });
    let replaced_by = resource.replaced_by.clone();
    let address = resource.address.clone();
    let is_destroyed = matches!(action, PlannedAction::Delete | PlannedAction::Replace);
    let setting = |name: &'static str| Some((name, resource.before().get(name).flag().ok()??));
    let settings = SETTINGS.into_iter().filter(|_| is_destroyed).filter_map(setting).collect();
    let change = PlannedChange { address: address.clone(), action, replaced_by, settings, values };
    Some((address, change))
}

fn compare(
    path: String,
    before: Attribute<'_>,
    after: Attribute<'_>,
    depth: usize,
    out: &mut Vec<ValueChange>,
) {
    if out.len() >= MAX_VALUES {
        return;
    }
    let is_secret = |one: &Attribute<'_>| one.has_sensitive();
    let is_object = |one: &Attribute<'_>| one.raw().is_object() && one.why().is_none();
    // Rules that are not about their own group have it as well.
    let is_self = path == "self" || path.ends_with(".self");
    let is_nothing =
        |one: &Attribute<'_>| one.is_empty() || is_self && *one.raw() == Value::Bool(false);
    let within = |out: &mut Vec<ValueChange>, before: Attribute<'_>, after: Attribute<'_>| {
        let mut names = before.names();
        names.extend(after.names());
        for name in names.into_iter().filter(|name| !is_left_out(name)) {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            compare(path, before.get(name), after.get(name), depth - 1, out);
        }
    };
    let is_block = |one: &Attribute<'_>| is_object(one) || is_nothing(one);
    if depth > 0
        && is_block(&before)
        && is_block(&after)
        && (is_object(&before) || is_object(&after))
    {
        within(out, before, after);
        return;
    }
    let has_block = [&before, &after].iter().any(|one| {
        one.raw().as_array().is_some_and(|items| items.first().is_some_and(Value::is_object))
    });
    if depth > 0
        && has_block
        && let (Some(before), Some(after)) = (block(before), block(after))
    {
        within(out, before, after);
        return;
    }
    if has_block && differing(&path, (&before, &after), out) {
        return;
    }
    let is_same = before.raw() == after.raw() && !after.has_unknown();
    if path.is_empty() || is_same || (is_nothing(&before) && is_nothing(&after)) {
        return;
    }
    let shown = |one: &Attribute<'_>| match one {
        one if is_secret(one) => Some(SENSITIVE.to_owned()),
        one if one.has_unknown() => Some(ValueChange::AFTER_APPLY.to_owned()),
        one if is_nothing(one) => None,
        one => text(one.raw()),
    };
    // What was sensitive, or will be, is not shown on the other side either.
    let (before, after) = match is_secret(&before) || is_secret(&after) {
        true => {
            let secret = |one: &Attribute<'_>| (!one.raw().is_null()).then(|| SENSITIVE.to_owned());
            (secret(&before), secret(&after))
        }
        false => (shown(&before), shown(&after)),
    };
    if let Some((before, after)) = shortened(before, after) {
        out.push(ValueChange { attribute: path, before, after });
    }
}

/// Adds the blocks of two lists that differ; returns whether they can be compared.
fn differing(
    path: &str,
    (before, after): (&Attribute<'_>, &Attribute<'_>),
    out: &mut Vec<ValueChange>,
) -> bool {
    let (Some(was), Some(is)) = (known_blocks(before), known_blocks(after)) else { return false };
    let missing = |of: &[Attribute<'_>], others: &[Attribute<'_>]| -> Vec<String> {
        let is_new = |one: &&Attribute<'_>| !others.iter().any(|other| other.raw() == one.raw());
        of.iter().filter(is_new).map(|one| settings(one.raw())).collect()
    };
    let (removed, added) = (missing(&was, &is), missing(&is, &was));
    // Only their order changes.
    if removed.is_empty() && added.is_empty() {
        return was.len() == is.len();
    }
    let attribute = || path.to_owned();
    let short = |text: String| Some(one_line(&text, LONGEST));
    let mut rest = added.into_iter();
    for before in removed {
        let after = rest.next();
        let values = ValueChange {
            attribute: attribute(),
            before: short(before),
            after: after.and_then(short),
        };
        out.push(values);
    }
    out.extend(rest.map(|after| ValueChange {
        attribute: attribute(),
        before: None,
        after: short(after),
    }));
    true
}

fn known_blocks<'p>(one: &Attribute<'p>) -> Option<Vec<Attribute<'p>>> {
    one.items().ok().filter(|_| one.is_known())
}

/// What a block sets, in one line.
fn settings(block: &Value) -> String {
    let Some(fields) = block.as_object() else { return text(block).unwrap_or_default() };
    let is_set = |value: &Value| !Attribute::of(value).is_empty() && *value != Value::Bool(false);
    let set = fields.iter().filter(|(name, value)| is_set(value) && !is_left_out(name));
    let parts = set.filter_map(|(name, value)| Some(format!("{name} {}", text(value)?)));
    parts.collect::<Vec<_>>().join(", ")
}

/// The only block of a list, or nothing if there is none.
fn block(one: Attribute<'_>) -> Option<Attribute<'_>> {
    let items = one.items().ok().filter(|items| items.len() <= 1)?;
    let first = items.first().copied().unwrap_or_else(Attribute::none);
    (first.raw().is_null() || first.raw().is_object()).then_some(first)
}

/// A value in one line. Only the beginning of long ones is formatted by those who show it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(document(text).unwrap_or_else(|| text.clone())),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let items: Vec<String> = items.iter().filter_map(text).collect();
            Some(items.join(", "))
        }
        other => Some(other.to_string()),
    }
}

/// A document in JSON, such as a policy, without the whitespace between its parts.
fn document(text: &str) -> Option<String> {
    let is_one = text.trim_start().starts_with('{') && text.len() <= LARGEST_DOCUMENT;
    let document: Value = is_one.then(|| serde_json::from_str(text).ok())??;
    Some(document.to_string())
}

/// Short forms of two values, from where they differ; `None` if neither is set.
fn shortened(
    before: Option<String>,
    after: Option<String>,
) -> Option<(Option<String>, Option<String>)> {
    // The beginning of a whole document says nothing.
    let is_document = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| text.starts_with('{') && text.len() > LONGEST)
    };
    match (&before, &after) {
        (before, after) if before == after && before.as_deref() != Some(SENSITIVE) => return None,
        (None, one) | (one, None) if is_document(one) => return None,
        _ => {}
    }
    let is_long = |text: &String| text.chars().nth(LONGEST).is_some();
    let skip = match (&before, &after) {
        (Some(before), Some(after)) if is_long(before) || is_long(after) => {
            let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
            same.saturating_sub(CONTEXT)
        }
        _ => 0,
    };
    let short = |text: String| {
        if skip == 0 {
            return one_line(&text, LONGEST);
        }
        let rest: String = text.chars().skip(skip).take(LONGEST + 1).collect();
        format!("…{}", one_line(&rest, LONGEST))
    };
    Some((before.map(short), after.map(short)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    /// `attribute: before → after` of a plan with one resource.
    fn shown(change: Value) -> Vec<String> {
        of(change, json!({}))
    }

    fn of(change: Value, configuration: Value) -> Vec<String> {
        let plan = json!({ "format_version": "1.2", "resource_changes": [{
            "address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "change": change,
        }], "configuration": configuration });
        let plan = Plan::new(Path::new("plan.json"), plan).unwrap();
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let changes = changes(&plan);
        let values = changes.get("aws_x.a").map(|one| one.values.clone()).unwrap_or_default();
        values
            .iter()
            .map(|one| format!("{}: {} → {}", one.attribute, text(&one.before), text(&one.after)))
            .collect()
    }

    #[test]
    fn unknown_values_are_those_that_are_configured() {
        let configured = |expressions: Value| {
            let resource = json!({
                "address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a",
                "provider_config_key": "aws", "expressions": expressions,
            });
            json!({ "root_module": { "resources": [resource] } })
        };
        let change = json!({
            "actions": ["create"], "before": null, "after": { "bucket": "data" },
            "after_unknown": { "policy": true, "acl": true }, "after_sensitive": {},
        });
        for (expressions, expected) in [
            (
                json!({ "bucket": {}, "policy": { "references": ["data.x.y"] } }),
                &["bucket: - → data", "policy: - → (known after apply)"][..],
            ),
            (json!({ "bucket": {} }), &["bucket: - → data"]),
        ] {
            assert_eq!(of(change.clone(), configured(expressions)), expected);
        }
    }

    #[test]
    fn values_are_those_that_differ() {
        let update = |before: Value, after: Value, more: Value| {
            let mut change = json!({
                "actions": ["update"], "before": before, "after": after,
                "before_sensitive": {}, "after_sensitive": {},
            });
            change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            shown(change)
        };
        let none: [&str; 0] = [];
        let long = |end: &str| format!("{}{end}", "x".repeat(100));
        for (before, after, more, expected) in [
            (json!({ "a": 1, "b": null }), json!({ "a": 1, "b": "" }), json!({}), &none[..]),
            (json!({ "a": false }), json!({ "a": true }), json!({}), &["a: false → true"]),
            (
                json!({ "o": [{ "t": "required" }] }),
                json!({ "o": [{ "t": "optional" }] }),
                json!({}),
                &["o.t: required → optional"],
            ),
            (json!({ "o": [{ "t": 1 }] }), json!({ "o": [] }), json!({}), &["o.t: 1 → -"]),
            (json!({ "l": ["a"] }), json!({ "l": ["a", "b"] }), json!({}), &["l: a → a, b"]),
            // A rule that is not about its own group has this as well.
            (
                json!({ "i": [{ "t": 1, "self": false }] }),
                json!({ "i": [], "self": false }),
                json!({}),
                &["i.t: 1 → -"],
            ),
            (json!({ "self": false }), json!({ "self": true }), json!({}), &["self: - → true"]),
            // Of several blocks, those that differ.
            (
                json!({ "ingress": [{ "from_port": 443, "cidr_blocks": ["0.0.0.0/0"], "self": false }, { "from_port": 80 }] }),
                json!({ "ingress": [{ "from_port": 443, "cidr_blocks": ["0.0.0.0/0"], "self": false }, { "from_port": 81 }, { "from_port": 3306, "cidr_blocks": ["0.0.0.0/0"] }] }),
                json!({}),
                &[
                    "ingress: from_port 80 → from_port 81",
                    "ingress: - → from_port 3306, cidr_blocks 0.0.0.0/0",
                ],
            ),
            (
                json!({ "l": [{ "t": 1 }, { "t": 2 }] }),
                json!({ "l": [{ "t": 2 }, { "t": 1 }] }),
                json!({}),
                &none[..],
            ),
            (
                json!({ "p": long("a") }),
                json!({ "p": long("b") }),
                json!({}),
                &["p: …xxxxxxxxxxxxxxxxxxxxa → …xxxxxxxxxxxxxxxxxxxxb"],
            ),
            // Documents differ in their meaning only, and the beginning of a new one says nothing.
            (json!({ "p": "{ \"a\": 1 }" }), json!({ "p": "{\"a\":1}" }), json!({}), &none[..]),
            (
                json!({ "p": null }),
                json!({ "p": format!("{{\"a\":\"{}\"}}", long("")) }),
                json!({}),
                &none[..],
            ),
            (
                json!({ "a": 1 }),
                json!({}),
                json!({ "after_unknown": { "a": true } }),
                &["a: 1 → (known after apply)"],
            ),
            // Neither side of what is sensitive is shown, at any depth.
            (
                json!({ "s": "hunter2", "o": [{ "t": "hunter3" }] }),
                json!({ "s": "plain", "o": [{ "t": "plain" }] }),
                json!({ "before_sensitive": { "s": true, "o": [{ "t": true }] } }),
                &[
                    "o.t: (sensitive value) → (sensitive value)",
                    "s: (sensitive value) → (sensitive value)",
                ],
            ),
            (
                json!({ "l": [{ "t": 1 }, { "t": 2 }] }),
                json!({ "l": [{ "t": 1 }, { "t": 3 }] }),
                json!({ "after_sensitive": { "l": [{}, { "t": true }] } }),
                &["l: (sensitive value) → (sensitive value)"],
            ),
            // Nobody marks these as sensitive.
            (
                json!({ "user_data": "a", "tags": { "a": "b" }, "db_password": "a" }),
                json!({ "user_data": "b", "tags": {}, "db_password": "b" }),
                json!({}),
                &none[..],
            ),
        ] {
            assert_eq!(update(before.clone(), after.clone(), more), expected, "{before} {after}");
        }
        // Terraform before 0.15 does not say what is sensitive.
        let old = json!({ "actions": ["update"], "before": { "a": 1 }, "after": { "a": 2 } });
        assert_eq!(shown(old), none);
    }
}
