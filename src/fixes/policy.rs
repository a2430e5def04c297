//! IAM permissions of writes, and the session policies that allow exactly the writes of a batch.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::facts::MAX_SESSION_POLICY;
use crate::model::{AccountId, Partition, Region};

/// Where a write takes place.
#[derive(Debug, Clone, Copy)]
pub struct WriteTarget<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its partition.
    pub partition: &'a Partition,
    /// The region of the resource; `global` for account-wide settings.
    pub region: &'a Region,
    /// The kind of the resource.
    pub kind: &'a str,
    /// The id of the resource.
    pub id: &'a str,
    /// Its ARN.
    pub arn: Option<&'a str>,
}

/// One IAM action on one resource under conditions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Permission {
    /// `s3:PutBucketPublicAccessBlock`.
    pub action: &'static str,
    /// An ARN, or `*` for actions without resources.
    pub resource: String,
    /// Conditions by operator and key, as in a policy.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub conditions: Map<String, Value>,
}

impl Permission {
    /// An action on a resource, without conditions.
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), conditions: Map::new() }
    }

    /// With the condition that `key` must be `value`.
    #[must_use]
    pub fn when(self, key: &str, value: impl Into<Value>) -> Self {
        self.when_op("StringEquals", key, value)
    }

    /// With a condition.
    #[must_use]
    pub fn when_op(mut self, operator: &str, key: &str, value: impl Into<Value>) -> Self {
        let keys = self.conditions.entry(operator).or_insert_with(|| json!({}));
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(key.to_owned(), value.into());
        }
        self
    }

    fn statement(actions: &[&str], resources: &[&str], conditions: &Map<String, Value>) -> Value {
        let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
        if let (Some(statement), false) = (statement.as_object_mut(), conditions.is_empty()) {
            statement.insert("Condition".to_owned(), Value::Object(conditions.clone()));
        }
        statement
    }
}

/// Actions, resources and conditions.
type Statement<'a> = (Vec<&'a str>, Vec<&'a str>, &'a Map<String, Value>);

/// The shortest policy that allows these permissions and nothing else: permissions with equal
/// conditions and resources share a statement, and then those with equal conditions and actions.
pub fn policy_of(permissions: &[&Permission]) -> Value {
    let mut statements: Vec<Statement<'_>> = Vec::new();
    for permission in permissions {
        let resource = permission.resource.as_str();
        let same = statements.iter_mut().find(|(actions, _, conditions)| {
            **conditions == permission.conditions && *actions == [permission.action]
        });
        match same {
            Some((_, resources, _)) if resources.contains(&resource) => {}
            Some((_, resources, _)) => resources.push(resource),
            None => {
                statements.push((vec![permission.action], vec![resource], &permission.conditions))
            }
        }
    }
    let mut merged: Vec<Statement<'_>> = Vec::new();
    for (actions, mut resources, conditions) in statements {
        resources.sort_unstable();
        match merged.iter_mut().find(|(_, of, when)| *of == resources && *when == conditions) {
            Some((known, ..)) => known.extend(actions),
            None => merged.push((actions, resources, conditions)),
        }
    }
    for (actions, ..) in &mut merged {
        actions.sort_unstable();
    }
    merged.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let statements: Vec<Value> = merged
        .iter()
        .map(|(actions, resources, conditions)| {
            Permission::statement(actions, resources, conditions)
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Splits groups of permissions that belong together (those of one item) into the fewest batches, in
/// order, whose policy fits into a session. Returns how many groups each batch has, and its policy.
/// A group that does not fit by itself is returned as an error, by its index.
pub fn session_policies(groups: &[Vec<Permission>]) -> Result<Vec<(usize, String)>, usize> {
    let text = |groups: &[Vec<Permission>]| {
        let permissions: Vec<&Permission> = groups.iter().flatten().collect();
        policy_of(&permissions).to_string()
    };
    let fits = |policy: &str| policy.chars().count() <= MAX_SESSION_POLICY;
    let mut batches = Vec::new();
    let mut start = 0;
    while start < groups.len() {
        let mut batch = None;
        for end in start + 1..=groups.len() {
            let policy = groups.get(start..end).map(text).unwrap_or_default();
            if !fits(&policy) {
                break;
            }
            batch = Some((end - start, policy));
        }
        let Some((count, policy)) = batch else { return Err(start) };
        batches.push((count, policy));
        start += count;
    }
    Ok(batches)
}
