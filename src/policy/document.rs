//! IAM policy documents, normalized: one form for all spellings.

use serde_json::Value;

/// One normalized statement: every field that may be a list is a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// 1-based position in the policy.
    pub index: usize,
    pub sid: Option<String>,
    pub effect: String,
    /// `*` for everyone, otherwise `AWS:…`, `Service:…`, `Federated:…`, `CanonicalUser:…`.
    pub principals: Vec<String>,
    pub not_principals: Vec<String>,
    pub actions: Vec<String>,
    pub not_actions: Vec<String>,
    pub resources: Vec<String>,
    pub not_resources: Vec<String>,
    pub conditions: Vec<Condition>,
}

/// One condition: an operator, a key, and the values, one of which must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// As written: `StringEquals`, `ForAnyValue:StringLike`, `BoolIfExists`.
    pub operator: String,
    /// In lower case: condition keys are case-insensitive.
    pub key: String,
    pub values: Vec<String>,
}

/// The parsed operator of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// In lower case, without qualifier and suffix: `stringequals`.
    pub test: String,
    /// `forallvalues` or `foranyvalue`.
    pub qualifier: Option<&'static str>,
    /// Whether a request without the key satisfies the condition.
    pub if_exists: bool,
}

impl Condition {
    pub fn operator(&self) -> Operator {
        let lower = self.operator.to_lowercase();
        let (qualifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Some("forallvalues"), rest),
            Some(("foranyvalue", rest)) => (Some("foranyvalue"), rest),
            _ => (None, lower.as_str()),
        };
        let test = rest.strip_suffix("ifexists").unwrap_or(rest);
        Operator { test: test.to_owned(), qualifier, if_exists: test.len() != rest.len() }
    }

    /// Whether it rejects every request without the key: `"Null": { "aws:PrincipalOrgID": "false"
    /// }`.
    pub fn asks_for(&self, key: &str) -> bool {
        let Operator { test, qualifier, if_exists } = self.operator();
        let present = test == "null" && qualifier.is_none() && !if_exists && self.key == key;
        present
            && !self.values.is_empty()
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    }
}

impl Statement {
    /// The test of a condition, if a request without the key, or without any of several values,
    /// does not satisfy it, so that it can restrict the statement. Such a request satisfies
    /// `…IfExists` and `ForAllValues:`, unless a `Null` condition requires the key.
    pub fn demands(&self, condition: &Condition) -> Option<String> {
        let operator = condition.operator();
        let lets_pass = (operator.if_exists || operator.qualifier == Some("forallvalues"))
            && !self.conditions.iter().any(|other| other.asks_for(&condition.key));
        (!lets_pass && !condition.values.is_empty()).then_some(operator.test)
    }
}

/// Normalizes a document, or says why it is not a valid policy: then nothing can be concluded from
/// it. AWS rejects statements that lack one of the elements required here, so a document without
/// them was not understood.
pub fn statements(document: &Value) -> Result<Vec<Statement>, String> {
    let list =
        match member(document, "Statement").map_err(|error| format!("the document {error}"))? {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err("the document has no valid `Statement`".to_owned()),
        };
    let read = |(position, value): (usize, &Value)| {
        statement(position + 1, value)
            .map_err(|error| format!("statement {} {error}", position + 1))
    };
    list.iter().enumerate().map(read).collect()
}

fn statement(index: usize, value: &Value) -> Result<Statement, String> {
    if !value.is_object() {
        return Err("is not an object".to_owned());
    }
    fn part<T: Default>(
        value: &Value,
        name: &str,
        read: fn(&Value) -> Option<T>,
    ) -> Result<T, String> {
        let Some(part) = member(value, name)? else { return Ok(T::default()) };
        read(part).ok_or_else(|| format!("has an invalid `{name}`"))
    }
    let found = Statement {
        index,
        sid: member(value, "Sid")?.and_then(Value::as_str).map(str::to_owned),
        effect: part(value, "Effect", |effect| effect.as_str().map(str::to_owned))?,
        principals: part(value, "Principal", principals)?,
        not_principals: part(value, "NotPrincipal", principals)?,
        actions: part(value, "Action", texts)?,
        not_actions: part(value, "NotAction", texts)?,
        resources: part(value, "Resource", texts)?,
        not_resources: part(value, "NotResource", texts)?,
        conditions: part(value, "Condition", conditions)?,
    };
    // The value of `Effect` is case-sensitive: `allow` is invalid.
    if !matches!(found.effect.as_str(), "Allow" | "Deny") {
        return Err("has an `Effect` that is neither `Allow` nor `Deny`".to_owned());
    }
    for (names, one, other) in [
        ("`Principal`", &found.principals, &found.not_principals),
        ("`Action`", &found.actions, &found.not_actions),
    ] {
        if one.is_empty() && other.is_empty() {
            return Err(format!("has no {names}"));
        }
    }
    Ok(found)
}

/// Element names in policies are case-insensitive and must be unique.
fn member<'a>(value: &'a Value, name: &str) -> Result<Option<&'a Value>, String> {
    let mut found =
        value.as_object().into_iter().flatten().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(format!("has a duplicate `{name}`")),
        (one, None) => Ok(one.map(|(_, value)| value)),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

/// Conditions may contain `false` or `8` where a string is expected.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The prefixes of principals.
const PRINCIPAL_KINDS: [&str; 4] = ["AWS", "CanonicalUser", "Federated", "Service"];

fn principals(value: &Value) -> Option<Vec<String>> {
    let Value::Object(map) = value else {
        return texts(value);
    };
    let mut out = Vec::new();
    for (kind, values) in map {
        let kind = PRINCIPAL_KINDS
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(kind))
            .unwrap_or(kind);
        for principal in texts(values)? {
            out.push(if kind == "AWS" && principal == "*" {
                principal
            } else {
                format!("{kind}:{principal}")
            });
        }
    }
    Some(out)
}

fn conditions(value: &Value) -> Option<Vec<Condition>> {
    let mut out = Vec::new();
    for (operator, keys) in value.as_object()? {
        for (key, values) in keys.as_object()? {
            out.push(about_caller(Condition {
                operator: operator.clone(),
                key: key.to_lowercase(),
                values: texts(values)?,
            }));
        }
    }
    Some(out)
}

/// Keys of the resource, and the variables that the same key of a caller is compared with, as in
/// `"aws:ResourceOrgID": "${aws:PrincipalOrgID}"`.
const REVERSED: [(&str, &str, &[&str]); 3] = [
    (
        "aws:resourceaccount",
        "${aws:ResourceAccount}",
        &["aws:principalaccount", "aws:sourceaccount"],
    ),
    (
        "s3:resourceaccount",
        "${aws:ResourceAccount}",
        &["aws:principalaccount", "aws:sourceaccount"],
    ),
    ("aws:resourceorgid", "${aws:ResourceOrgID}", &["aws:principalorgid", "aws:sourceorgid"]),
];

/// A condition that compares the resource with its caller, as one that compares the caller with the
/// resource: a request without the key of the caller meets neither, since every resource has its key
/// and a variable without a value equals nothing.
fn about_caller(condition: Condition) -> Condition {
    let [value] = condition.values.as_slice() else { return condition };
    let reversed = REVERSED.iter().find(|(key, ..)| *key == condition.key);
    let variable = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let Some(((_, resource, callers), variable)) = reversed.zip(variable) else { return condition };
    let Operator { test, qualifier, .. } = condition.operator();
    let caller = callers.iter().find(|caller| caller.eq_ignore_ascii_case(variable));
    let operator = match test.as_str() {
        "stringequals" | "stringlike" => "StringEquals",
        "stringequalsignorecase" => "StringEqualsIgnoreCase",
        "stringnotequals" | "stringnotlike" => "StringNotEquals",
        "stringnotequalsignorecase" => "StringNotEqualsIgnoreCase",
        _ => return condition,
    };
    match caller.filter(|_| qualifier.is_none()) {
        Some(caller) => Condition {
            operator: operator.to_owned(),
            key: (*caller).to_owned(),
            values: vec![(*resource).to_owned()],
        },
        None => condition,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_spellings_are_normalized() {
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
            [Condition {
                operator: "Bool".into(),
                key: "aws:securetransport".into(),
                values: vec!["false".into()]
            }]
        );
    }

    #[test]
    fn invalid_policies_are_errors() {
        for broken in
            [json!({}), json!([]), json!({ "Statement": "x" }), json!({ "Statement": ["x"] })]
        {
            assert!(statements(&broken).is_err(), "{broken}");
        }
        let whole = json!({ "effect": "Allow", "principal": { "aws": "*" }, "ACTION": "s3:*", "Resource": "*" });
        assert_eq!(statements(&json!({ "statement": [whole] })).unwrap()[0].principals, ["*"]);
        for (name, value, fault) in [
            (
                "effect",
                json!("allow"),
                "statement 1 has an `Effect` that is neither `Allow` nor `Deny`",
            ),
            ("effect", json!(1), "statement 1 has an invalid `Effect`"),
            ("effect", json!(null), "statement 1 has an invalid `Effect`"),
            ("principal", json!(null), "statement 1 has an invalid `Principal`"),
            ("principal", json!({}), "statement 1 has no `Principal`"),
            ("principal", json!({ "AWS": [] }), "statement 1 has no `Principal`"),
            ("Principal", json!("111122223333"), "statement 1 has a duplicate `Principal`"),
            ("ACTION", json!([]), "statement 1 has no `Action`"),
            ("ACTION", json!([["s3:*"]]), "statement 1 has an invalid `Action`"),
            ("Condition", json!({ "Bool": "false" }), "statement 1 has an invalid `Condition`"),
            (
                "Condition",
                json!({ "Bool": { "aws:SecureTransport": null } }),
                "statement 1 has an invalid `Condition`",
            ),
        ] {
            let mut statement = whole.clone();
            statement[name] = value;
            assert_eq!(
                statements(&json!({ "Statement": statement })).unwrap_err(),
                fault,
                "{statement}"
            );
        }
    }

    #[test]
    fn a_resource_that_equals_its_caller_is_a_caller_that_equals_its_resource() {
        let org = ("StringEquals", "aws:principalorgid", "${aws:ResourceOrgID}");
        let account = ("StringEquals", "aws:principalaccount", "${aws:ResourceAccount}");
        for (operator, key, value, expected) in [
            ("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}", org),
            ("StringLike", "aws:ResourceOrgId", "${AWS:principalorgid}", org),
            // Every request has the key of the resource.
            ("StringEqualsIfExists", "aws:ResourceOrgID", "${aws:PrincipalOrgID}", org),
            ("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}", account),
            ("StringEquals", "s3:ResourceAccount", "${aws:PrincipalAccount}", account),
            (
                "StringEquals",
                "aws:ResourceAccount",
                "${aws:SourceAccount}",
                ("StringEquals", "aws:sourceaccount", "${aws:ResourceAccount}"),
            ),
            (
                "StringNotEquals",
                "aws:ResourceAccount",
                "${aws:PrincipalAccount}",
                ("StringNotEquals", "aws:principalaccount", "${aws:ResourceAccount}"),
            ),
            (
                "StringEquals",
                "aws:ResourceAccount",
                "${aws:PrincipalTag/account}",
                ("StringEquals", "aws:resourceaccount", "${aws:PrincipalTag/account}"),
            ),
            (
                "StringEquals",
                "aws:ResourceOrgID",
                "${aws:PrincipalOrgID, 'none'}",
                ("StringEquals", "aws:resourceorgid", "${aws:PrincipalOrgID, 'none'}"),
            ),
            (
                "ForAllValues:StringEquals",
                "aws:ResourceOrgID",
                "${aws:PrincipalOrgID}",
                ("ForAllValues:StringEquals", "aws:resourceorgid", "${aws:PrincipalOrgID}"),
            ),
        ] {
            let read = conditions(&json!({ operator: { key: value } })).unwrap();
            let found: Vec<_> = read
                .iter()
                .map(|one| (one.operator.as_str(), one.key.as_str(), one.values[0].as_str()))
                .collect();
            assert_eq!(found, [expected], "{operator} {key} {value}");
        }
    }

    #[test]
    fn operators_are_parsed() {
        for (operator, test, qualifier, if_exists) in [
            ("StringEquals", "stringequals", None, false),
            ("BoolIfExists", "bool", None, true),
            ("ForAllValues:StringLike", "stringlike", Some("forallvalues"), false),
            ("foranyvalue:ArnLikeIfExists", "arnlike", Some("foranyvalue"), true),
        ] {
            let condition =
                Condition { operator: operator.into(), key: String::new(), values: Vec::new() };
            assert_eq!(
                condition.operator(),
                Operator { test: test.into(), qualifier, if_exists },
                "{operator}"
            );
        }
    }
}
