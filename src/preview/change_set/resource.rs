//! A resource that a change set changes.

use serde_json::Value;

use crate::model::text::one_line;

/// What a change set does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It creates it.
    Add,
    /// It changes it, possibly by another one.
    Modify,
    /// It deletes it.
    Remove,
    /// The stack takes over a resource that exists.
    Import,
    /// A nested stack, whose changes are in a change set of its own.
    Dynamic,
}

/// A changed resource.
#[derive(Debug)]
pub struct Resource {
    /// `STACK/LOGICAL-ID`.
    pub address: String,
    /// Its logical id.
    pub logical_id: String,
    /// Its id, if it exists.
    pub physical_id: Option<String>,
    /// Its type, such as `AWS::S3::Bucket`.
    pub type_name: String,
    /// What the change set does.
    pub action: Action,
    /// Whether another resource replaces it: `Conditional` counts, because it may.
    pub is_replaced: bool,
    /// Whether it is not known whether another resource replaces it.
    pub may_be_replaced: bool,
    /// Whether it stays although the stack does not have it any more.
    pub is_retained: bool,
}

impl Resource {
    /// Reads a change.
    pub fn new(change: &Value, stack: &str) -> Result<Self, String> {
        let text = |name: &str| change.get(name).and_then(Value::as_str);
        let required = |name: &str| {
            text(name).ok_or_else(|| {
            format!("has no `{name}`: use the whole output of `aws cloudformation describe-change-set`")
        })
        };
        let action = match required("Action")? {
            "Add" => Action::Add,
            "Modify" => Action::Modify,
            "Remove" => Action::Remove,
            "Import" => Action::Import,
            "Dynamic" => Action::Dynamic,
            other => {
                let other = one_line(other, 40);
                return Err(format!(
                    "has the unknown action `{other}`; use a version of rolecall that knows it"
                ));
            }
        };
        let id = required("LogicalResourceId")?;
        Ok(Self {
            address: if stack.is_empty() { id.to_owned() } else { format!("{stack}/{id}") },
            logical_id: id.to_owned(),
            physical_id: text("PhysicalResourceId").filter(|id| !id.is_empty()).map(str::to_owned),
            type_name: required("ResourceType")?.to_owned(),
            action,
            is_replaced: text("Replacement") == Some("True"),
            may_be_replaced: text("Replacement") == Some("Conditional"),
            is_retained: matches!(text("PolicyAction"), Some("Retain" | "ReplaceAndRetain")),
        })
    }
}
