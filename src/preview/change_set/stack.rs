//! The stack of a change set.

use std::collections::BTreeSet;

use serde_json::Value;

use super::resource::{Action, Resource};
use crate::preview::tree::Tree;

/// The stack of a change set.
#[derive(Debug)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The tags that it has after the change, which its resources get as well.
    pub tags: Vec<(String, Tree)>,
    /// The kinds of which the change creates resources.
    created: BTreeSet<&'static str>,
    /// The kinds whose ids a resource that it changes can have as attributes: these are shown as known
    /// only after the change as well.
    attributes: BTreeSet<&'static str>,
    /// Whether a value that is known only after the change can be anything.
    has_open_values: bool,
    /// Whether what it imports may change as well.
    pub imports_existing: bool,
}

/// Types whose attributes can be the id of any resource.
const OPEN: [&str; 5] = [
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Macro",
    "AWS::CloudFormation::Stack",
    "AWS::SSM::Parameter",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
];

impl Stack {
    /// The stack of a change set that changes some resources, each with the kinds of which there is one
    /// more if it is created.
    pub fn new<'r>(
        json: &Value,
        resources: impl Iterator<Item = (&'r Resource, Vec<&'static str>)>,
    ) -> Self {
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let tags = json.get("Tags").and_then(Value::as_array);
        let tags = tags.into_iter().flatten();
        let mut created = BTreeSet::new();
        let mut attributes = BTreeSet::new();
        let mut has_open_values = false;
        for (resource, kinds) in resources {
            if resource.action == Action::Add || resource.is_replaced || resource.may_be_replaced {
                created.extend(&kinds);
            }
            let stays = matches!(resource.action, Action::Modify | Action::Dynamic)
                && !resource.is_replaced;
            // No attribute of a bucket is the name of a bucket.
            if stays && resource.type_name.starts_with("AWS::EC2::") {
                attributes.extend(kinds);
            }
            has_open_values |= OPEN.contains(&resource.type_name.as_str())
                || !resource.type_name.starts_with("AWS::");
        }
        Self {
            id: text(json, "StackId"),
            name: text(json, "StackName"),
            tags: tags.map(|tag| (text(tag, "Key"), text(tag, "Value").as_str().into())).collect(),
            created,
            attributes,
            has_open_values,
            imports_existing: json.get("ImportExistingResources") == Some(&Value::Bool(true)),
        }
    }

    /// Whether an id of a resource of a kind that is known only after the change is that of one that the
    /// change creates.
    pub fn creates(&self, kind: &str) -> bool {
        !self.has_open_values && self.created.contains(kind) && !self.attributes.contains(kind)
    }
}
