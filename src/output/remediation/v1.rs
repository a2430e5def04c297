//! Version 1 of the JSON format of `rolecall remediate show`. `v1.schema.json` next to this file is
//! generated from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::json::v1::Version;
use crate::remediation::{Plan, PlanFile};

/// A plan of fixes, with its hash and its totals.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall remediate show, version 1")]
pub struct Shown<'a> {
    /// Format version.
    pub version: Version,
    /// The hash of the plan file, which an approval names: `sha256:…`.
    pub hash: &'a str,
    /// Numbers of failing findings.
    pub counts: Counts,
    /// The plan.
    pub plan: &'a Plan,
}

/// Numbers of failing findings, each counted once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// All of them.
    pub findings: usize,
    /// Those that items fix.
    pub fixable: usize,
    /// Those that `--unsafe-fixes` and the config would allow to fix.
    pub hidden: usize,
    /// Those that a person must fix.
    pub by_hand: usize,
    /// All others.
    pub not_planned: usize,
}

impl<'a> From<&'a PlanFile> for Shown<'a> {
    fn from(file: &'a PlanFile) -> Self {
        let counts = file.plan.counts();
        Self {
            version: Version::V1,
            hash: &file.hash,
            counts: Counts {
                findings: counts.findings,
                fixable: counts.fixable,
                hidden: counts.hidden,
                by_hand: counts.by_hand,
                not_planned: counts.not_planned,
            },
            plan: &file.plan,
        }
    }
}
