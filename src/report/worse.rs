//! What a change adds to a failure that exists: evidence of access, such as an opening or a statement,
//! that nothing from before the change covers, or more pieces of evidence than before.

use ipnet::IpNet;
use serde_json::{Map, Value};

use crate::model::Evidence;

/// What names a piece of evidence or explains it, and says nothing about how bad it is.
const LABELS: [&str; 14] = [
    "index",
    "sid",
    "statement",
    "reason",
    "description",
    "name",
    "rule_number",
    "ingress_rule",
    "egress_rule",
    "addresses",
    "public_ip",
    "more_sources",
    "other_security_group_ids",
    "tags",
];

/// Ids that are what has access. Other ids only say where the failure is.
const SOURCES: [&str; 2] = ["group_id", "prefix_list_id"];

/// What only pieces of evidence about access have.
const ACCESS: [&str; 10] = [
    "cidr",
    "destination_cidr",
    "prefix_list_id",
    "principal",
    "principals",
    "actions",
    "not_actions",
    "permission",
    "ip_protocol",
    "protocol",
];

/// The evidence that a change adds to a failure; none if it is not worse. Evidence that is lost,
/// narrower than before, or only has other names or another order is not worse, nor is a value in
/// place of another one, which can be better.
pub(super) fn added(before: &[Evidence], after: &[Evidence]) -> Vec<Evidence> {
    let uncovered = |pieces: &[Evidence], by: &[Evidence]| -> Vec<Evidence> {
        let is_new = |piece: &&Evidence| counts(piece) && !by.iter().any(|old| covers(old, piece));
        pieces.iter().filter(is_new).cloned().collect()
    };
    let new = uncovered(after, before).into_iter().map(|piece| without_known(piece, before));
    let (access, others): (Vec<_>, Vec<_>) = new.partition(is_access);
    let of_others = |pieces: &[Evidence]| {
        pieces.iter().filter(|piece| counts(piece) && !is_access(piece)).count()
    };
    let mut added = access;
    if of_others(after) > of_others(before) {
        added.extend(others);
    }
    added
}

/// A piece without the actions, resources or principals that a piece from before has, if it differs from
/// that in nothing else.
fn without_known(mut piece: Evidence, before: &[Evidence]) -> Evidence {
    let Value::Object(new) = &mut piece else { return piece };
    for old in before.iter().filter_map(Value::as_object) {
        let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
        let mut differing = names.filter(|name| !covers_field(name, old, new)).cloned();
        let (Some(name), None) = (differing.next(), differing.next()) else { continue };
        let is_list = ["actions", "principals", "resources"].contains(&name.as_str());
        let of = |value: &Value| match name.as_str() {
            "actions" => lowercase(value.clone()),
            _ => value.clone(),
        };
        let known = old.get(&name).map(of);
        let (Some(known), Some(Value::Array(items)), true) = (known, new.get_mut(&name), is_list)
        else {
            continue;
        };
        let is_new = |item: &Value| !covers(&known, &Value::from(vec![of(item)]));
        items.retain(is_new);
        break;
    }
    piece
}

/// Evidence about a resource, in which resources of policies have the id of what replaces it. Principals can
/// have the same name, and are others.
pub(super) fn renamed(mut evidence: Vec<Evidence>, old: &str, new: &str) -> Vec<Evidence> {
    for fields in evidence.iter_mut().filter_map(Value::as_object_mut) {
        for name in ["resources", "not_resources"] {
            let items = fields.get_mut(name).and_then(Value::as_array_mut);
            for item in items.into_iter().flatten() {
                if let Value::String(text) = item {
                    *text = with_name(text, old, new);
                }
            }
        }
    }
    evidence
}

/// A text in which whole names are replaced: not `logs` in `logs-archive`.
fn with_name(text: &str, old: &str, new: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(old).filter(|_| !old.is_empty()) {
        let starts = before.chars().next_back().or(out.chars().next_back());
        let is_whole = !starts.is_some_and(is_of_name) && !after.starts_with(is_of_name);
        out.push_str(before);
        out.push_str(if is_whole { new } else { old });
        rest = after;
    }
    out + rest
}

/// Whether a piece is about the failure: not about who uses a resource, nor about what was not read.
fn counts(piece: &Evidence) -> bool {
    piece.get("used_by").is_none() && piece.get("not_read").is_none()
}

/// Whether a piece is about access.
fn is_access(piece: &Evidence) -> bool {
    let Value::Object(fields) = piece else { return false };
    let is_it = |(name, value): (&String, &Value)| {
        ACCESS.contains(&name.as_str()) || (value.is_object() && is_access(value))
    };
    fields.iter().any(is_it)
}

/// Whether everything that `new` says is in `old`.
fn covers(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            names.all(|name| covers_field(name, old, new))
        }
        (Value::Array(old), Value::Array(new)) => {
            new.iter().all(|new| old.iter().any(|old| covers(old, new)))
        }
        (Value::String(old), Value::String(new)) => {
            let prefix = old.strip_suffix('*').filter(|prefix| !prefix.contains(['*', '?']));
            old == new || prefix.is_some_and(|prefix| new.starts_with(prefix))
        }
        (old, new) => old == new,
    }
}

/// The same for a field of two objects.
fn covers_field(name: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
    let is_place = name.ends_with("_id") && !SOURCES.contains(&name);
    if LABELS.contains(&name) || is_place {
        return true;
    }
    let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
    let (was, is) = (of(old), of(new));
    match name {
        "from_port" | "to_port" if is_every_protocol(old) || was == is => true,
        "from_port" => was.as_i64().zip(is.as_i64()).is_some_and(|(was, is)| was <= is),
        "to_port" => was.as_i64().zip(is.as_i64()).is_some_and(|(was, is)| is <= was),
        "ip_protocol" | "protocol" => is_every_protocol(old) || was == is,
        "cidr" | "destination_cidr" => was == is || contains(&was, &is).unwrap_or(false),
        // The case of actions says nothing.
        "actions" => covers(&lowercase(was), &lowercase(is)),
        "not_actions" => covers(&lowercase(is), &lowercase(was)),
        // Fewer exceptions and conditions allow more.
        "conditions" => covers(&is, &was),
        _ if name.starts_with("not_") => covers(&is, &was),
        // A statement always has them: they are not known, and another field has exceptions.
        "resources" if is.is_null() => true,
        // What was not limited covers what is.
        "limited_to" => was.is_null() || was == is,
        // What was not read says nothing.
        _ if [&was, &is].iter().any(|value| value.get("not_read").is_some()) => true,
        _ => covers(&was, &is),
    }
}

/// Texts in lowercase.
fn lowercase(value: Value) -> Value {
    match value {
        Value::String(text) => text.to_ascii_lowercase().into(),
        Value::Array(items) => items.into_iter().map(lowercase).collect(),
        other => other,
    }
}

/// Whether an opening is for all traffic.
fn is_every_protocol(fields: &Map<String, Value>) -> bool {
    let is_it = |name| fields.get(name).and_then(Value::as_str) == Some("-1");
    is_it("ip_protocol") || is_it("protocol")
}

/// Whether an address range contains another one; `None` if one of them is not an address range.
fn contains(outer: &Value, inner: &Value) -> Option<bool> {
    let range = |value: &Value| value.as_str()?.parse::<IpNet>().ok();
    Some(range(outer)?.contains(&range(inner)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_new_of_a_list_is_shown() {
        let statement = |actions: Value, resources: Value| json!({ "principal": "*", "actions": actions, "resources": resources, "sid": "Read" });
        let (read, one) = (json!(["s3:GetObject"]), json!(["arn:aws:s3:::a/*"]));
        let before = [statement(read.clone(), one.clone())];
        let (both, two) = (
            json!(["s3:PutObject", "s3:GetObject"]),
            json!(["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]),
        );
        for (after, expected) in [
            (statement(both.clone(), one.clone()), statement(json!(["s3:PutObject"]), one)),
            (statement(read.clone(), two.clone()), statement(read, json!(["arn:aws:s3:::b/*"]))),
            (
                statement(json!(["s3:GetObject"]), json!(["arn:aws:s3:::A/*"])),
                statement(json!(["s3:GetObject"]), json!(["arn:aws:s3:::A/*"])),
            ),
            // Each action is new for one of the resources.
            (statement(both.clone(), two.clone()), statement(both, two)),
        ] {
            assert_eq!(added(&before, &[after]), [expected]);
        }
    }

    #[test]
    fn only_whole_names_are_replaced() {
        for (text, expected) in [
            ("arn:aws:s3:::logs/*", "arn:aws:s3:::new/*"),
            ("logs", "new"),
            ("logs-archive", "logs-archive"),
            ("my-logs logs", "my-logs new"),
            ("logslogs", "logslogs"),
        ] {
            assert_eq!(with_name(text, "logs", "new"), expected);
        }
    }

    #[test]
    fn only_what_was_not_there_is_worse() {
        let ssh = json!({ "port": 22, "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "0.0.0.0/0" });
        let with = |piece: &Value, field: &str, value: Value| {
            let mut piece = piece.clone();
            piece[field] = value;
            piece
        };
        let of = |profile: Value| with(&ssh, "instance_profile", profile);
        let unread = json!({ "not_read": "terraform:plan: NotKnownUntilApply" });
        let office = with(&ssh, "cidr", json!("203.0.113.0/24"));
        let all = json!({ "port": 22, "ip_protocol": "-1", "cidr": "0.0.0.0/0" });
        let wide = with(&with(&ssh, "from_port", json!(0)), "to_port", json!(65535));
        let read = json!({
            "index": 1, "sid": "Read", "principal": "*", "reason": "allows everyone", "limited_to": null,
            "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::data/*"], "conditions": [],
        });
        let write = with(&read, "actions", json!(["s3:GetObject", "s3:PutObject"]));
        let limited = with(&read, "limited_to", json!("one organization"));
        let narrow = with(&read, "conditions", json!(["IpAddress"]));
        let renamed = with(&with(&read, "sid", json!("Other")), "index", json!(4));
        let under = with(&read, "resources", json!(["arn:aws:s3:::data/public/*"]));
        let mut unknown = read.clone();
        unknown.as_object_mut().unwrap().remove("resources");
        let except = |actions: Value| json!({ "principal": "*", "not_actions": actions });
        let used = |count: u64| json!({ "used_by": "ec2.instance", "count": count });
        let setting = |name: &str| json!({ "setting": name, "value": false });
        for (before, after, worse) in [
            (vec![ssh.clone()], vec![ssh.clone()], false),
            (vec![], vec![], false),
            // Openings.
            (vec![ssh.clone()], vec![ssh.clone(), all.clone()], true),
            (vec![office.clone()], vec![all.clone()], true),
            (vec![office.clone()], vec![ssh.clone()], true),
            (vec![ssh.clone()], vec![office.clone()], false),
            (vec![ssh.clone()], vec![with(&ssh, "port", json!(3389))], true),
            (vec![ssh.clone()], vec![wide.clone()], true),
            (vec![wide.clone()], vec![ssh.clone()], false),
            (vec![all.clone()], vec![ssh.clone()], false),
            (vec![ssh.clone()], vec![all.clone()], true),
            (vec![ssh.clone()], vec![with(&ssh, "cidr", json!("::/0"))], true),
            (vec![ssh.clone()], vec![with(&ssh, "description", json!("VPN"))], false),
            (vec![ssh.clone()], vec![with(&ssh, "security_group_id", json!("sg-2"))], false),
            (vec![ssh.clone(), all.clone()], vec![ssh.clone()], false),
            // Who uses a group is not a part of its failure.
            (vec![ssh.clone(), used(1)], vec![ssh.clone(), used(2)], false),
            (vec![ssh.clone()], vec![ssh.clone(), json!({ "not_read": "policy" })], false),
            (vec![of("web".into())], vec![of(unread.clone())], false),
            (vec![of(unread)], vec![of("web".into())], false),
            (vec![of("web".into())], vec![of("admin".into())], true),
            // Policies.
            (vec![read.clone()], vec![write.clone()], true),
            (vec![write.clone()], vec![read.clone()], false),
            (vec![with(&read, "actions", json!(["s3:*"]))], vec![read.clone()], false),
            (vec![read.clone()], vec![with(&read, "actions", json!(["s3:*"]))], true),
            (vec![read.clone()], vec![renamed], false),
            (vec![read.clone()], vec![with(&read, "actions", json!(["s3:getobject"]))], false),
            (vec![except(json!(["s3:PutObject"]))], vec![except(json!(["s3:putobject"]))], false),
            (vec![read.clone()], vec![unknown.clone()], false),
            (vec![read.clone()], vec![with(&unknown, "not_resources", json!(["arn"]))], true),
            (vec![read.clone()], vec![under.clone()], false),
            (vec![under], vec![read.clone()], true),
            (vec![read.clone()], vec![limited.clone()], false),
            (vec![limited], vec![read.clone()], true),
            (vec![read.clone()], vec![narrow.clone()], false),
            (vec![narrow], vec![read.clone()], true),
            (vec![except(json!(["s3:PutObject"]))], vec![except(json!([]))], true),
            (vec![except(json!([]))], vec![except(json!(["s3:PutObject"]))], false),
            (
                vec![json!({ "acl": { "group": "AllUsers", "permission": "READ" } })],
                vec![json!({ "acl": { "group": "AllUsers", "permission": "WRITE" } })],
                true,
            ),
            // Other values: more of them, not others.
            (vec![setting("a")], vec![setting("a"), setting("b")], true),
            (vec![setting("a")], vec![setting("b")], false),
            (vec![setting("a"), setting("b")], vec![setting("a")], false),
            (vec![json!("status: Suspended")], vec![json!("status: not set")], false),
        ] {
            let added = added(&before, &after);
            assert_eq!(!added.is_empty(), worse, "{before:?} to {after:?}: {added:?}");
        }
    }
}
