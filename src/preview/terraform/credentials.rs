//! The credentials in the configuration of a provider: whether two providers can be of different accounts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::Plan;

/// Arguments that choose an identity besides roles.
const ARGUMENTS: [&str; 5] = [
    "access_key",
    "profile",
    "shared_config_files",
    "shared_credentials_file",
    "shared_credentials_files",
];

/// Blocks with a `role_arn`; the later one is assumed with the credentials of the earlier one.
const ROLES: [&str; 2] = ["assume_role_with_web_identity", "assume_role"];

/// The credentials of a provider.
#[derive(Debug)]
pub struct Credentials<'p> {
    arguments: BTreeMap<&'static str, &'p Value>,
    role: Option<&'p Value>,
    /// Whether the plan has no configuration of the provider, so they are not known.
    is_missing: bool,
}

impl<'p> Credentials<'p> {
    /// Those of the provider with this key.
    pub fn of(plan: &'p Plan, provider: &str) -> Self {
        let config = plan.provider(provider);
        let expressions = config.and_then(|config| config.get("expressions"));
        let argument = |name: &'static str| Some((name, set(expressions?.get(name))?));
        Self {
            arguments: ARGUMENTS.into_iter().filter_map(argument).collect(),
            role: expressions.and_then(role),
            // The default one needs no configuration.
            is_missing: config.is_none() && provider != "aws",
        }
    }

    /// The ARN of the role that it assumes, as an expression.
    pub fn role(&self) -> Option<&'p Value> {
        self.role
    }

    /// Whether the configuration says nothing of them, so they come from the environment.
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty() && self.role.is_none() && !self.is_missing
    }

    /// Whether they are certainly the same. Expressions with the same references can be different.
    pub fn is_same(&self, other: &Self) -> bool {
        let is_known = !self.is_missing && !other.is_missing;
        let is_equal = self.arguments == other.arguments && self.role == other.role;
        is_known && is_equal && self.arguments.values().copied().chain(self.role).all(is_literal)
    }
}

/// An expression, unless it is `null`.
fn set(expression: Option<&Value>) -> Option<&Value> {
    expression.filter(|one| one.get("constant_value") != Some(&Value::Null))
}

/// The role that is assumed last.
fn role(expressions: &Value) -> Option<&Value> {
    let blocks = |name: &str| expressions.get(name).and_then(Value::as_array);
    let all = ROLES.into_iter().filter_map(blocks).flatten();
    all.filter_map(|block| set(block.get("role_arn"))).next_back()
}

fn is_literal(expression: &Value) -> bool {
    match expression {
        Value::Object(fields) => fields.contains_key("constant_value"),
        _ => false,
    }
}
