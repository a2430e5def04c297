//! Policies of which only resources or principals are not known. They are evaluated with the extremes
//! of what these can be: a verdict that is the same for all of them does not depend on what is not
//! known.

use serde_json::{Value, json};

use super::item::{ANY_PRINCIPAL, ANY_RESOURCE, ItemKey, PartialPolicy};
use super::overlay::Overlaid;
use crate::facts;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Resource};
use crate::snapshot::AccountSnapshot;

/// What stand-ins are replaced by.
#[derive(Debug, Clone, Copy)]
struct Extreme {
    /// Whether statements that allow something cover the resource.
    allow_covers: bool,
    /// Whether statements that deny something cover the resource.
    deny_covers: bool,
    /// Whose principals are meant.
    principal: Who,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Everyone,
    Owner,
    Another,
}

/// An account that nobody trusts by accident.
const ANOTHER: &str = "999999999999";

impl Overlaid {
    /// The snapshots with the extremes of what policies can be; none if all policies are known, or
    /// nothing of them is.
    pub fn extremes<'p>(
        &self,
        policies: impl Iterator<Item = (&'p ItemKey, &'p PartialPolicy)> + Clone,
    ) -> Vec<AccountSnapshot> {
        let has_principals =
            policies.clone().any(|(_, policy)| policy.document.to_string().contains(ANY_PRINCIPAL));
        if policies.clone().next().is_none() {
            return Vec::new();
        }
        let principals = match has_principals {
            true => vec![Who::Everyone, Who::Owner, Who::Another],
            false => vec![Who::Owner],
        };
        let mut snapshots = Vec::new();
        for principal in principals {
            for (allow_covers, deny_covers) in
                [(true, true), (true, false), (false, true), (false, false)]
            {
                let extreme = Extreme { allow_covers, deny_covers, principal };
                let mut snapshot = self.after.clone();
                for (key, policy) in policies.clone() {
                    let is_it = |one: &&mut Resource| one.kind == key.kind && one.id == key.id;
                    if let Some(resource) = snapshot.resources.iter_mut().find(is_it) {
                        let document = extreme.applied(&policy.document, resource, &key.account);
                        let value = json!({ "document": document });
                        resource.unreadable.retain(|path, _| outermost(path) != policy.field);
                        resource.facts.insert(policy.field.to_owned(), value);
                    }
                }
                snapshots.push(snapshot);
            }
        }
        snapshots
    }
}

impl Extreme {
    fn applied(self, document: &Value, resource: &Resource, account: &AccountId) -> Value {
        let mut document = document.clone();
        let statements = document.get_mut("Statement").and_then(Value::as_array_mut);
        for statement in statements.into_iter().flatten() {
            let covers = match statement.get("Effect").and_then(Value::as_str) {
                Some("Deny") => self.deny_covers,
                _ => self.allow_covers,
            };
            if statement.get("Resource").and_then(Value::as_str) == Some(ANY_RESOURCE)
                && let Some(fields) = statement.as_object_mut()
            {
                fields.insert("Resource".to_owned(), resources(resource, covers));
            }
            let principals = statement.get_mut("Principal").and_then(|all| all.get_mut("AWS"));
            if let Some(Value::Array(names)) = principals {
                for name in names.iter_mut().filter(|name| name.as_str() == Some(ANY_PRINCIPAL)) {
                    *name = match self.principal {
                        Who::Everyone => "*".into(),
                        Who::Owner => format!("arn:aws:iam::{account}:root").into(),
                        Who::Another => format!("arn:aws:iam::{ANOTHER}:root").into(),
                    };
                }
            }
        }
        document
    }
}

/// Resources that cover the whole resource, or nothing of it.
fn resources(resource: &Resource, covers: bool) -> Value {
    if !covers {
        return json!(["arn:aws:s3:::rolecall-another-bucket/*"]);
    }
    let arn = match facts::kind(&resource.kind).map(|kind| kind.name) {
        Some("s3.bucket") => format!("arn:aws:s3:::{}", resource.id),
        _ => return json!(["*"]),
    };
    json!([arn, format!("{arn}/*")])
}
