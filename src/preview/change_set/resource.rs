//! A resource that a change set changes.

use serde_json::Value;

use super::context::Context;
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
    /// What happens is known only when the change is made.
    Dynamic,
    /// Only what CloudFormation records of it changes.
    SyncWithActual,
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
    /// Whether another resource replaces it.
    pub is_replaced: bool,
    /// Whether it is not known whether another resource replaces it.
    pub may_be_replaced: bool,
    /// Whether it is changed and not replaced.
    pub is_kept: bool,
    /// Whether it stays although the stack does not have it any more.
    pub is_retained: bool,
    /// Whether CloudFormation takes a snapshot before it is gone.
    pub has_snapshot: bool,
    /// Whether its tags change, its own or those of the stack.
    pub changes_tags: bool,
}

impl Resource {
    /// Reads a change; `before` is the context before it.
    pub fn new(change: &Value, stack: &str, before: Option<&Context>) -> Result<Self, String> {
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
            "SyncWithActual" => Action::SyncWithActual,
            other => {
                let other = one_line(other, 40);
                return Err(format!(
                    "has the unknown action `{other}`; use a version of rolecall that knows it"
                ));
            }
        };
        let id = required("LogicalResourceId")?;
        let is_replaced = action == Action::Modify && text("Replacement") == Some("True");
        // The policy is that of the template if the change set does not say it.
        let attribute = if is_replaced { "UpdateReplacePolicy" } else { "DeletionPolicy" };
        let policy = text("PolicyAction").or_else(|| before?.attribute(attribute));
        let scope = change.get("Scope").and_then(Value::as_array);
        Ok(Self {
            address: if stack.is_empty() { id.to_owned() } else { format!("{stack}/{id}") },
            logical_id: id.to_owned(),
            physical_id: text("PhysicalResourceId").filter(|id| !id.is_empty()).map(str::to_owned),
            type_name: required("ResourceType")?.to_owned(),
            action,
            is_replaced,
            may_be_replaced: text("Replacement") == Some("Conditional"),
            is_kept: action == Action::Modify && text("Replacement") == Some("False"),
            is_retained: matches!(
                policy,
                Some("Retain" | "ReplaceAndRetain" | "RetainExceptOnCreate")
            ),
            has_snapshot: matches!(policy, Some("Snapshot" | "ReplaceAndSnapshot")),
            changes_tags: scope.into_iter().flatten().any(|part| part == "Tags"),
        })
    }
}
