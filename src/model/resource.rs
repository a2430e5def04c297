//! One thing in an account, with what is known of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::gap::Cause;
use crate::model::ids::Region;

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// Its id: unique within account, kind and region.
    pub id: String,
    /// Where it is.
    pub region: Region,
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its name for people, where it has one beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the list call returned, and each fact that was asked for: `null` means that AWS says
    /// "not configured".
    pub facts: Map<String, Value>,
    /// Facts that were asked for and could not be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: BTreeMap<String, Cause>,
}

impl Resource {
    /// What a person calls it: name and id, or the id alone.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) if *name != self.id => format!("{name} ({})", self.id),
            _ => self.id.clone(),
        }
    }
}
