//! One test case.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::expected_fix::ExpectedFix;
use crate::model::{AccountId, Region, TagRequirement, Trust, Verdict};

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name, which says what it shows; unique within the file.
    pub name: String,
    /// The variant that it is a case of; required if the script has variants.
    #[serde(default)]
    pub variant: Option<String>,
    /// The expected verdict.
    pub expect: Verdict,
    /// The resource: the fields that the rule reads, and `null` for a fact that AWS reports as not
    /// configured. Required, unless the file's defaults have facts.
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// Resources of other kinds, by kind.
    #[serde(default)]
    pub related: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Parameters that override the defaults of the rule.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// The time of collection.
    #[serde(default)]
    pub now: Option<String>,
    /// The `[trust]` settings.
    #[serde(default)]
    pub trust: Trust,
    /// The tags that the kind of the rule must have.
    #[serde(default)]
    pub required_tags: Vec<TagRequirement>,
    /// The account.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// The name of the account.
    #[serde(default)]
    pub account_name: Option<String>,
    /// The labels of the account.
    #[serde(default)]
    pub account_labels: BTreeMap<String, String>,
    /// The region, which also determines the partition.
    #[serde(default)]
    pub region: Option<Region>,
    /// Regions that were scanned, besides those of the case and of its resources. What a rule looks up
    /// in another one was not collected.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// What could not be read: `"policy"`, `"ec2.vpc"`, `"ec2.vpc@us-east-1"`,
    /// `"ec2.vpc/attributes"`.
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// The exact message, if it matters.
    #[serde(default)]
    pub message: Option<String>,
    /// What `fix` returns, if the verdict is `fail`.
    #[serde(default)]
    pub fix: Option<ExpectedFix>,
}
