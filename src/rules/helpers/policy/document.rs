//! IAM policy documents: statements in one form, whatever their spelling.

use rhai::Dynamic;
use serde_json::{Value, json};

use crate::rules::bridge::{Interrupt, to_json};
use crate::rules::helpers::Scripted;

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

/// A condition's operator, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operator {
    /// In lower case, without what stands around it: `stringequals`.
    pub(super) test: String,
    /// `forallvalues` or `foranyvalue`.
    pub(super) qualifier: Option<&'static str>,
    /// Whether a request without the key passes.
    pub(super) if_exists: bool,
}

impl Condition {
    pub(super) fn operator(&self) -> Operator {
        let lower = self.operator.to_lowercase();
        let (qualifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Some("forallvalues"), rest),
            Some(("foranyvalue", rest)) => (Some("foranyvalue"), rest),
            _ => (None, lower.as_str()),
        };
        let test = rest.strip_suffix("ifexists").unwrap_or(rest);
        Operator { test: test.to_owned(), qualifier, if_exists: test.len() != rest.len() }
    }

    /// The test, if a request without the key, or without any of several values, does not pass it: then it can narrow a statement.
    pub(super) fn demands(&self) -> Option<String> {
        let operator = self.operator();
        (!operator.if_exists && operator.qualifier != Some("forallvalues") && !self.values.is_empty()).then_some(operator.test)
    }
}

impl Statement {
    pub(super) fn to_json(&self) -> Value {
        let conditions: Vec<Value> = self
            .conditions
            .iter()
            .map(|condition| {
                let Operator { test, qualifier, if_exists } = condition.operator();
                json!({ "operator": condition.operator, "test": test, "qualifier": qualifier, "if_exists": if_exists,
                    "key": condition.key, "values": condition.values })
            })
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
pub(super) fn statements_of(helper: &str, policy: &Dynamic) -> Scripted<Vec<Statement>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn operators_are_taken_apart() {
        for (operator, test, qualifier, if_exists) in [
            ("StringEquals", "stringequals", None, false),
            ("BoolIfExists", "bool", None, true),
            ("ForAllValues:StringLike", "stringlike", Some("forallvalues"), false),
            ("foranyvalue:ArnLikeIfExists", "arnlike", Some("foranyvalue"), true),
        ] {
            let condition = Condition { operator: operator.into(), key: String::new(), values: Vec::new() };
            assert_eq!(condition.operator(), Operator { test: test.into(), qualifier, if_exists }, "{operator}");
        }
    }
}
