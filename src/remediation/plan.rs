//! The types of a plan file, version 1. It is canonical: the same input gives the same bytes, sorted,
//! without times except the expiry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fixes::{FixClass, WriteTarget};
use crate::model::{AccountId, Fingerprint, Partition, Region};

/// A plan of fixes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "rolecall plan of fixes, version 1")]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of the format: 1.
    pub version: u32,
    /// The version of rolecall that wrote it.
    pub tool: String,
    /// The hash of the selected rules and their settings: `sha256:…`.
    pub rules: String,
    /// The hash of the settings that planning depends on: `sha256:…`.
    pub config: String,
    /// The hash of the facts of the snapshot: `sha256:…`.
    pub snapshot: String,
    /// After this time (RFC 3339), the plan is not applied. It is counted from the earliest collection.
    pub expires: String,
    /// The hash of the journal that this plan undoes: `sha256:…`. Its items are not planned from
    /// findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// The changes, sorted by account, region, resource and action.
    pub items: Vec<Item>,
    /// Findings that only a person can fix, with commands, sorted by account, rule and fingerprint.
    pub by_hand: Vec<ByHand>,
    /// Failing findings without an item, and why, sorted by account, rule and fingerprint.
    pub not_planned: Vec<NotPlanned>,
}

/// One change of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The hash of account, region, resource, action, parameters and the state before.
    pub id: String,
    /// Whether it can break something: never `by_hand`.
    pub class: FixClass,
    /// Why it is unsafe; empty if it is safe.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The account.
    #[schemars(with = "String")]
    pub account: AccountId,
    /// Its partition.
    #[schemars(with = "String")]
    pub partition: Partition,
    /// The region of the resource, or `global`.
    #[schemars(with = "String")]
    pub region: Region,
    /// The resource.
    pub resource: Subject,
    /// The name of the action.
    pub action: String,
    /// Its parameters.
    pub parameters: Map<String, Value>,
    /// The state before.
    pub before: Map<String, Value>,
    /// The state after.
    pub after: Map<String, Value>,
    /// The findings that it settles, sorted by rule and fingerprint.
    pub findings: Vec<Settled>,
    /// Findings that pass now and will not after the change.
    pub makes_worse: Vec<Settled>,
    /// How it can be undone.
    pub undo: Undo,
    /// The IAM actions that it needs, sorted.
    pub iam: Vec<String>,
    /// The ids of items that must be done before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// What manages the resource, according to its tags: the change belongs there, because the next
    /// deployment can revert it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// The file and line of the code that declares the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl Item {
    /// Where it takes place.
    pub fn target(&self) -> WriteTarget<'_> {
        WriteTarget {
            account: &self.account,
            partition: &self.partition,
            region: &self.region,
            kind: &self.resource.kind,
            id: &self.resource.id,
            arn: self.resource.arn.as_deref(),
        }
    }
}

/// The resource of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// The rule.
    pub rule: String,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// The verdict after all items of the account: `pass`, `fail`, `skip`, `unknown` or `error`.
    pub after: String,
}

/// How an item can be undone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The name of the action that undoes it; absent if it cannot be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The parameters of that action.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// What stays different, or why it cannot be undone; empty if it restores the state before. In a
    /// plan that undoes a journal: what this change does not restore.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A place in code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, relative to the root of the code.
    pub file: String,
    /// The 1-based line.
    pub line: u32,
}

/// A finding that only a person can fix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    /// The rule.
    pub rule: String,
    /// The fingerprint of the finding.
    pub fingerprint: Fingerprint,
    /// The account.
    #[schemars(with = "String")]
    pub account: AccountId,
    /// The region.
    #[schemars(with = "String")]
    pub region: Region,
    /// The resource.
    pub resource: Subject,
    /// Why it cannot be fixed automatically.
    pub reason: String,
    /// The commands of the rule's documentation, with the names of this resource.
    pub commands: Vec<String>,
    /// The file and line of the code that declares the resource, where it is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The change of that file, as `git apply` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
}

/// A failing finding without an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotPlanned {
    /// The rule.
    pub rule: String,
    /// The fingerprint of the finding.
    pub fingerprint: Fingerprint,
    /// The account.
    #[schemars(with = "String")]
    pub account: AccountId,
    /// The region.
    #[schemars(with = "String")]
    pub region: Region,
    /// The resource.
    pub resource: Subject,
    /// Why: `waived until 2027-01-01`, `unsafe: …`, `hands off: …`, a call and its error code.
    pub cause: String,
    /// Whether something could not be read; the exit code is then 3.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
    /// Whether it is an unsafe fix that `--unsafe-fixes` and the config would allow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsafe_fix: bool,
}
