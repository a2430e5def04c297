//! What a change set does to its resources, for people: what it changes in their properties, as short
//! values, and nothing that often contains credentials.

use serde_json::Value;

use super::resource::{Action, Resource};
use crate::model::text::one_line;
use crate::model::{PlannedAction, PlannedChange, ValueChange};

/// Characters of a value.
const LONGEST: usize = 80;
/// How many changes of one resource are kept.
const MAX_VALUES: usize = 40;
/// What a change set has in place of a value that is not known.
const LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What a change does; `None` if it is not known, or does nothing to the resource.
pub(super) fn change(json: &Value, resource: &Resource) -> Option<PlannedChange> {
    let action = match resource.action {
        Action::Add => PlannedAction::Create,
        Action::Modify if resource.is_replaced => PlannedAction::Replace,
        Action::Modify if resource.is_kept => PlannedAction::Update,
        Action::Remove if !resource.is_retained => PlannedAction::Delete,
        _ => return None,
    };
    let details = json.get("Details").and_then(Value::as_array);
    let targets = details.into_iter().flatten().filter_map(|detail| detail.get("Target"));
    let of_properties: Vec<&Value> =
        targets.filter(|target| text(target, "Attribute") == Some("Properties")).collect();
    let mut values: Vec<ValueChange> = Vec::new();
    let mut replaced_by: Vec<String> = Vec::new();
    for target in of_properties {
        let Some(name) = text(target, "Name") else { continue };
        let is_always = text(target, "RequiresRecreation") == Some("Always");
        if action == PlannedAction::Replace
            && is_always
            && !replaced_by.iter().any(|one| one == name)
        {
            replaced_by.push(name.to_owned());
        }
        let path = text(target, "Path").and_then(|path| path.strip_prefix("/Properties/"));
        let attribute = path.map_or_else(|| name.to_owned(), |path| path.replace('/', "."));
        let (before, after) = (value(target, "BeforeValue"), value(target, "AfterValue"));
        // The same change has a detail for each of its sources.
        let is_known = values.iter().any(|one| one.attribute == attribute);
        if values.len() < MAX_VALUES && before != after && !is_known && !is_secret(&attribute) {
            values.push(ValueChange { attribute: one_line(&attribute, 200), before, after });
        }
    }
    let settings = Vec::new();
    Some(PlannedChange { address: resource.address.clone(), action, replaced_by, settings, values })
}

fn text<'j>(json: &'j Value, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Value::as_str)
}

/// A value in one line. Those that are not strings are JSON in a string.
fn value(target: &Value, name: &str) -> Option<String> {
    let text = match target.get(name)? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains(LATER) {
        return Some(ValueChange::AFTER_APPLY.to_owned());
    }
    Some(one_line(&text, LONGEST))
}

/// Whether a property often contains credentials that are not marked as such.
fn is_secret(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["userdata", "password", "secret", "privatekey", "presharedkey", "token", "credentials"]
        .iter()
        .any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_says_what_it_does_and_which_values_change() {
        let detail = |path: &str, before: Value, after: Value, recreation: &str| {
            let name = path.split('/').next();
            json!({ "Target": {
                "Attribute": "Properties", "Name": name, "Path": format!("/Properties/{path}"),
                "RequiresRecreation": recreation, "BeforeValue": before, "AfterValue": after,
            } })
        };
        let cidr = detail("Rules/0/CidrIp", json!("10.0.0.0/8"), json!("0.0.0.0/0"), "Never");
        let zone = detail("Zone", json!("a"), json!("b"), "Always");
        let data = detail("UserData", json!("hunter2"), json!("hunter3"), "Never");
        let later = detail("Key", Value::Null, json!("{{changeSet:KNOWN_AFTER_APPLY}}"), "Never");
        let tags = json!({ "Target": { "Attribute": "Tags", "RequiresRecreation": "Never" } });
        for (action, replacement, details, expected) in [
            ("Add", None, vec![], "create []"),
            (
                "Modify",
                Some("False"),
                vec![cidr.clone(), cidr.clone(), data, later, tags],
                "update [Rules.0.CidrIp: 10.0.0.0/8 → 0.0.0.0/0, Key: - → (known after apply)]",
            ),
            (
                "Modify",
                Some("True"),
                vec![zone.clone()],
                "destroy and create again (Zone) [Zone: a → b]",
            ),
            // Whether it is replaced is not known.
            ("Modify", Some("Conditional"), vec![zone], "-"),
            ("Remove", None, vec![], "destroy []"),
            ("Import", None, vec![], "-"),
        ] {
            let json = json!({
                "Action": action, "LogicalResourceId": "A", "ResourceType": "AWS::X::Y",
                "Replacement": replacement, "Details": details,
            });
            let resource = Resource::new(&json, "web", None).unwrap();
            let shown = change(&json, &resource).map_or("-".to_owned(), |change| {
                let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                let values = change.values.iter().map(|one| {
                    format!("{}: {} → {}", one.attribute, show(&one.before), show(&one.after))
                });
                let values: Vec<String> = values.collect();
                let by = match change.replaced_by.is_empty() {
                    true => String::new(),
                    false => format!("({}) ", change.replaced_by.join(", ")),
                };
                format!("{} {by}[{}]", change.action.in_words(), values.join(", "))
            });
            assert_eq!(shown, expected);
        }
    }
}
