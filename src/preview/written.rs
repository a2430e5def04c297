//! Policies that a plan does not know, because a part of them is known only after the change, as far as
//! the code has them: `policy = jsonencode({ … })`.

use serde_json::{Map, Value, json};

use super::item::{
    ANY_PRINCIPAL, ANY_RESOURCE, ANY_VALUE, Described, KnownAttributes, OWN_BUCKET, OpenPart,
    OpenPolicy, PartialPolicy,
};
use crate::facts::PolicyDocument;
use crate::model::{BlockPosition, KnownValues, NOT_KNOWN, is_open};

/// In place of a part of an identifier that is known only after the change.
const LATER: &str = "(known after apply)";

/// What the code says: the value of an argument at an address, within blocks.
pub type Written<'a> = dyn Fn(&str, &[BlockPosition], &str, &dyn KnownValues) -> Option<Value> + 'a;

impl Described {
    /// Reads what is not known of policies from the code.
    pub fn settle_policies(&mut self, written: &Written<'_>) {
        for mut policy in std::mem::take(&mut self.open_policies) {
            let parts = policy.parts.take();
            let known = Known { all: &self.values, policy: &policy };
            let settled = match parts {
                None => written(&policy.address, &[], policy.argument, &known)
                    .and_then(|value| document(&value)),
                Some(parts) => self.partial.get(&policy.key).map(|partial| {
                    let mut document = partial.document.clone();
                    let mut open = Vec::new();
                    for part in parts {
                        let value = written(&policy.address, &part.blocks, part.argument, &known);
                        if settle(&mut document, &part, value).is_none() {
                            open.push(part.what);
                        }
                    }
                    (document, open)
                }),
            };
            let Some((document, open)) = settled else { continue };
            let OpenPolicy { key, argument, .. } = policy;
            match in_words(open) {
                Some(open) => drop(self.open.insert((key.clone(), argument), open)),
                None => drop(self.open.remove(&(key.clone(), argument))),
            }
            self.partial.insert(key, PartialPolicy { field: argument, document });
        }
    }
}

/// Replaces a stand-in by a list of strings that the code has; `None` if not all of it is known.
fn settle(document: &mut Value, part: &OpenPart, value: Option<Value>) -> Option<()> {
    let mut place = document;
    for step in part.path.as_ref()? {
        place = match step.parse::<usize>() {
            Ok(position) if place.is_array() => place.get_mut(position)?,
            _ => place.get_mut(step)?,
        };
    }
    let Value::Array(mut list) = value? else { return None };
    // Otherwise, the code is not that of the plan.
    if part.items.is_some_and(|items| items != list.len()) {
        return None;
    }
    for one in &mut list {
        name_principals(one);
        let Value::String(text) = one else { return None };
        // As the provider writes variables of policies.
        *text = text.replace("&{", "${");
    }
    (!list.is_empty() && !list.iter().any(is_open)).then(|| *place = list.into())
}

/// Several things, of which the first two are named.
pub fn in_words(mut open: Vec<String>) -> Option<String> {
    open.dedup();
    let (first, rest) = open.split_first()?;
    Some(match rest {
        [] => first.clone(),
        [second] => format!("{first} and {second}"),
        [second, more @ ..] => format!("{first}, {second} and {} more", more.len()),
    })
}

/// What a plan knows that a policy can contain.
struct Known<'a> {
    all: &'a KnownAttributes,
    policy: &'a OpenPolicy,
}

impl KnownValues for Known<'_> {
    fn attribute(&self, address: &str, name: &str) -> Option<Value> {
        let one = self.all.resources.get(address)?;
        if let Some(value) = one.attributes.get(name) {
            return Some(value.clone());
        }
        let text = |name: &str| one.attributes.get(name).and_then(Value::as_str);
        let is_own = self.policy.provider.as_ref() == Some(&one.provider);
        let (partition, account) = (&self.policy.partition, &self.policy.key.account);
        let named = || {
            let path = text("path").unwrap_or("/").trim_start_matches('/');
            text("name").map_or(NOT_KNOWN.to_string(), |name| format!("{path}{name}"))
        };
        Some(Value::String(match (one.type_name.as_str(), name) {
            ("aws_s3_bucket", "id") => text("bucket")?.to_owned(),
            ("aws_s3_bucket", "arn") => match text("bucket") {
                Some(name) => format!("arn:{partition}:s3:::{name}"),
                None if address == self.policy.key.id => OWN_BUCKET.to_owned(),
                None => return None,
            },
            ("aws_iam_role", "arn") if is_own => {
                format!("arn:{partition}:iam::{account}:role/{}", named())
            }
            ("aws_iam_user", "arn") if is_own => {
                format!("arn:{partition}:iam::{account}:user/{}", named())
            }
            ("aws_cloudfront_distribution", "arn") if is_own => {
                format!("arn:{partition}:cloudfront::{account}:distribution/{NOT_KNOWN}")
            }
            _ => return None,
        }))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.all.variables.get(name).cloned()
    }
}

/// The document with stand-ins, and what is not known of it; `None` if more than that is not known.
fn document(value: &Value) -> Option<(Value, Vec<String>)> {
    let mut document = PolicyDocument::parse(value.as_str()?).ok()?.document;
    let statements = match document.get_mut("Statement")?.take() {
        Value::Array(statements) => statements,
        statement @ Value::Object(_) => vec![statement],
        _ => return None,
    };
    let mut open = Vec::new();
    let of = |(position, statement): (usize, Value)| closed(statement, position, &mut open);
    let statements: Option<Vec<Value>> = statements.into_iter().enumerate().map(of).collect();
    let statements = statements.filter(|all| !all.is_empty())?;
    document.as_object_mut()?.insert("Statement".to_owned(), statements.into());
    (!is_open(&document)).then_some((document, open))
}

/// A statement with stand-ins.
fn closed(statement: Value, position: usize, open: &mut Vec<String>) -> Option<Value> {
    let Value::Object(mut statement) = statement else { return None };
    statement.values_mut().for_each(name_principals);
    if statement.get("Sid").is_some_and(is_open) {
        statement.remove("Sid");
    }
    let name = match statement.get("Sid").and_then(Value::as_str) {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", position + 1),
    };
    if let Some(resources) = statement.get_mut("Resource").filter(|all| is_open(all)) {
        open.push(format!("the resources of {name}"));
        *resources = json!(ANY_RESOURCE);
    }
    if let Some(Value::Object(types)) = statement.get_mut("Principal") {
        for (kind, identifiers) in types {
            let mut list = list_of(identifiers);
            for one in &mut list {
                if is_open(one) && kind == "AWS" {
                    open.push(format!("the principals of {name}"));
                    *one = json!(ANY_PRINCIPAL);
                }
            }
            *identifiers = list.into();
        }
    }
    let conditions = statement.get_mut("Condition").and_then(Value::as_object_mut);
    for keys in conditions.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        for (key, values) in keys {
            let mut list = list_of(values);
            if list.iter().any(is_open) {
                open.push(format!("the value of `{key}` in {name}"));
                list = vec![json!(ANY_VALUE)];
            }
            *values = list.into();
        }
    }
    Some(statement.into())
}

/// A list, which a policy can have as a single value.
fn list_of(value: &mut Value) -> Vec<Value> {
    match value.take() {
        Value::Array(items) => items,
        other => vec![other],
    }
}

/// Says only that a part of an ARN is not known yet, wherever there is an ARN of IAM or CloudFront whose
/// account is known.
fn name_principals(value: &mut Value) {
    match value {
        Value::String(text) if is_named(text) => *text = text.replace(NOT_KNOWN, LATER),
        Value::Array(items) => items.iter_mut().for_each(name_principals),
        Value::Object(fields) => fields.values_mut().for_each(name_principals),
        _ => {}
    }
}

fn is_named(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let [
        Some("arn"),
        Some(partition),
        Some("iam" | "cloudfront"),
        Some(""),
        Some(account),
        Some(name),
    ] = std::array::from_fn(|_| parts.next())
    else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account && !partition.contains(NOT_KNOWN) && !name.starts_with(NOT_KNOWN)
}
