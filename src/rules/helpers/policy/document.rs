//! IAM policy documents: statements in one form, and wildcards as IAM reads them.

use rhai::{Array, Dynamic};
use serde_json::{Value, json};

use super::table::topic;
use super::{Scripted, public, read, script_map};
use crate::rules::bridge::{Interrupt, to_json};

topic! {
    /// IAM policy documents, of buckets, access points and endpoints. What takes a policy takes the fact (`bucket.policy`), a document,
    /// or `()`, which has no statements.
    "Policies";

    /// The statements of a policy in one form: `index` (1 for the first), `sid`, `effect`, `principals`, `not_principals`, `actions`,
    /// `not_actions`, `resources`, `not_resources`, `conditions` (each `operator`, `key` in lower case, `values`). Every list is a list.
    ///
    /// A principal is `*` for everybody, else its kind and its name: `AWS:111122223333`, `Service:…`, `Federated:…`, `CanonicalUser:…`.
    fn policy_statements(policy: "object?") -> "list of map";
    r#"policy_statements(#{ Statement: #{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" } })[0].actions"# => r#"["s3:*"]"#;
    "policy_statements(())" => "[]";
    |engine, _| engine.register_fn("policy_statements", |policy: Dynamic| -> Scripted<Array> {
        Ok(statements_of("policy_statements", &policy)?.iter().map(|statement| script_map(statement.to_json())).collect())
    });

    /// The statements that are public in S3's sense: `index`, `sid`, `principal`, `reason`.
    fn public_statements(policy: "object?") -> "list of map";
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }] })[0].reason"#
        => r#""allows everybody without a condition""#;
    |engine, _| engine.register_fn("public_statements", |policy: Dynamic| -> Scripted<Array> {
        let statements = statements_of("public_statements", &policy)?;
        let found = statements.iter().filter_map(|statement| {
            let reason = public::reason(statement)?;
            let principal = statement.principals.iter().find(|p| is_everybody(p)).map_or("everybody but some", String::as_str);
            let found = json!({ "index": statement.index, "sid": statement.sid, "principal": principal, "reason": reason });
            Some(script_map(found))
        });
        Ok(found.collect())
    });

    /// Whether a pattern with IAM's wildcards (`*` for any text, `?` for one character), or one of several, covers a text, or all that
    /// another pattern matches.
    fn iam_covers(patterns: "string or list of string", target: "string") -> "bool";
    r#"iam_covers("arn:aws:s3:::data/*", "arn:aws:s3:::data/a.txt")"# => "true";
    r#"iam_covers(["arn:aws:s3:::data/a*"], "arn:aws:s3:::data/*")"# => "false";
    |engine, _| engine.register_fn("iam_covers", |patterns: Dynamic, target: &str| {
        any_covers("iam_covers", &patterns, target, false)
    });

    /// The same without regard to case, as IAM reads actions.
    fn iam_covers_action(patterns: "string or list of string", action: "string") -> "bool";
    r#"iam_covers_action("S3:get*", "s3:GetObject")"# => "true";
    |engine, _| engine.register_fn("iam_covers_action", |patterns: Dynamic, action: &str| {
        any_covers("iam_covers_action", &patterns, action, true)
    });
}

fn any_covers(helper: &str, patterns: &Dynamic, target: &str, ignore_case: bool) -> Scripted<bool> {
    let patterns = match patterns.as_immutable_string_ref() {
        Ok(one) => vec![one.to_string()],
        Err(_) => read::<Vec<String>>(helper, "a pattern or a list of patterns", patterns)?,
    };
    Ok(patterns.iter().any(|pattern| {
        if ignore_case { covers(&pattern.to_lowercase(), &target.to_lowercase()) } else { covers(pattern, target) }
    }))
}

/// One statement, every list a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// 1-based place in the policy.
    pub(super) index: usize,
    pub(super) sid: Option<String>,
    pub(super) effect: String,
    /// `*` for everybody, else `AWS:…`, `Service:…`, `Federated:…`, `CanonicalUser:…`.
    pub(super) principals: Vec<String>,
    pub(super) not_principals: Vec<String>,
    pub(super) actions: Vec<String>,
    pub(super) not_actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) not_resources: Vec<String>,
    pub(super) conditions: Vec<Condition>,
}

/// One condition: an operator, a key and the values of which one must match.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// As written: `StringEquals`, `ForAnyValue:StringLike`, `BoolIfExists`.
    pub(super) operator: String,
    /// In lower case: condition keys do not care for case.
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

impl Statement {
    fn to_json(&self) -> Value {
        let conditions: Vec<Value> = self
            .conditions
            .iter()
            .map(|condition| json!({ "operator": condition.operator, "key": condition.key, "values": condition.values }))
            .collect();
        json!({
            "index": self.index, "sid": self.sid, "effect": self.effect,
            "principals": self.principals, "not_principals": self.not_principals,
            "actions": self.actions, "not_actions": self.not_actions,
            "resources": self.resources, "not_resources": self.not_resources,
            "conditions": conditions,
        })
    }
}

/// The statements of a policy fact, of a document, or none of `()`.
fn statements_of(helper: &str, policy: &Dynamic) -> Scripted<Vec<Statement>> {
    if policy.is_unit() {
        return Ok(Vec::new());
    }
    let value = to_json(policy, 0);
    let document = value.get("document").unwrap_or(&value);
    match statements(document) {
        Some(statements) => Ok(statements),
        None => Interrupt::Broken(format!("`{helper}` wants a policy: its document has no readable `Statement`")).raise(),
    }
}

/// Brings a document into one form. `None` when it is no policy: then nothing may be concluded from it.
pub(super) fn statements(document: &Value) -> Option<Vec<Statement>> {
    let list = match member(document, "Statement")? {
        Value::Array(list) => list.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return None,
    };
    list.iter().enumerate().map(|(position, value)| statement(position + 1, value)).collect()
}

fn statement(index: usize, value: &Value) -> Option<Statement> {
    if !value.is_object() {
        return None;
    }
    let list = |name: &str| member(value, name).map_or(Some(Vec::new()), texts);
    Some(Statement {
        index,
        sid: member(value, "Sid").and_then(Value::as_str).map(str::to_owned),
        effect: member(value, "Effect")?.as_str()?.to_owned(),
        principals: member(value, "Principal").map_or(Some(Vec::new()), principals)?,
        not_principals: member(value, "NotPrincipal").map_or(Some(Vec::new()), principals)?,
        actions: list("Action")?,
        not_actions: list("NotAction")?,
        resources: list("Resource")?,
        not_resources: list("NotResource")?,
        conditions: member(value, "Condition").map_or(Some(Vec::new()), conditions)?,
    })
}

/// The grammar of policies does not care for the case of element names.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    map.get(name).or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

/// Conditions may write `false` or `8` where a text is meant.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn principals(value: &Value) -> Option<Vec<String>> {
    let Value::Object(map) = value else {
        return texts(value);
    };
    let mut out = Vec::new();
    for (kind, values) in map {
        for principal in texts(values)? {
            out.push(if kind == "AWS" && principal == "*" { principal } else { format!("{kind}:{principal}") });
        }
    }
    Some(out)
}

fn conditions(value: &Value) -> Option<Vec<Condition>> {
    let mut out = Vec::new();
    for (operator, keys) in value.as_object()? {
        for (key, values) in keys.as_object()? {
            out.push(Condition { operator: operator.clone(), key: key.to_lowercase(), values: texts(values)? });
        }
    }
    Some(out)
}

/// Whether a principal is everybody: `*`, or a wildcard where a name should stand.
pub(super) fn is_everybody(principal: &str) -> bool {
    principal.contains('*')
}

/// Whether everything that `target` matches is matched by `pattern`. Both may have IAM's wildcards: `*` for any text, `?` for one
/// character; a `*` in the target is only matched by a `*`.
pub(super) fn covers(pattern: &str, target: &str) -> bool {
    let (pattern, target): (Vec<char>, Vec<char>) = (pattern.chars().collect(), target.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < target.len() {
        let one = pattern.get(p).is_some_and(|c| *c != '*' && (*c == target[t] || (*c == '?' && target[t] != '*')));
        if one {
            (p, t) = (p + 1, t + 1);
        } else if pattern.get(p) == Some(&'*') {
            retry = Some((p, t));
            p += 1;
        } else if let Some((star, from)) = retry {
            // The star takes one character more.
            retry = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, target, expected) in [
            ("*", "anything", true),
            ("s3:*", "s3:*", true),
            ("s3:Get*", "s3:*", false),
            ("s3:?et", "s3:Get", true),
            ("s3:?", "s3:*", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b/a*", "arn:aws:s3:::b/*", false),
            ("arn:aws:s3:::b", "arn:aws:s3:::b/*", false),
            ("arn:*:s3:::b/*", "arn:aws-cn:s3:::b/*", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(covers(pattern, target), expected, "{pattern} {target}");
        }
    }

    #[test]
    fn one_form_for_all_spellings() {
        let document = json!({ "Statement": {
            "Effect": "Allow", "Principal": { "AWS": ["*", "111122223333"], "Service": "x.amazonaws.com" },
            "Action": "s3:GetObject", "Resource": ["a", "b"],
            "Condition": { "Bool": { "AWS:SecureTransport": false } },
        }});
        let statements = statements(&document).unwrap();
        assert_eq!(statements[0].principals, ["*", "AWS:111122223333", "Service:x.amazonaws.com"]);
        assert_eq!(statements[0].actions, ["s3:GetObject"]);
        assert_eq!(
            statements[0].conditions,
            [Condition { operator: "Bool".into(), key: "aws:securetransport".into(), values: vec!["false".into()] }]
        );
        for broken in [json!({}), json!([]), json!({ "Statement": "x" }), json!({ "Statement": [{ "Effect": 1 }] })] {
            assert_eq!(super::statements(&broken), None, "{broken}");
        }
    }
}
