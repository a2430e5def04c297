//! Compliance in version 1: frameworks with what came of their requirements.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report;

/// A published benchmark, or a part of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Framework {
    /// Its id: `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is published.
    pub url: String,
    /// Which part of it is listed.
    pub scope: String,
    /// The site's folder that it comes from; `null`: it is built in.
    pub folder: Option<String>,
    /// Its requirements, in its own order.
    pub requirements: Vec<Requirement>,
}

impl Framework {
    /// A framework at the end of a run.
    pub fn new(framework: &report::FrameworkInfo, summary: &report::Summary) -> Self {
        let requirement = |requirement: &report::RequirementInfo| {
            let evaluated = summary.outcome_of(requirement);
            Requirement {
                id: requirement.id.clone(),
                title: requirement.title.clone(),
                status: evaluated.status.into(),
                passed: evaluated.passed,
                failed: evaluated.failed,
                unknown: evaluated.unknown,
                skipped: evaluated.skipped,
                errors: evaluated.errors,
                rules: requirement.rules.clone(),
                rules_not_run: evaluated.not_run,
                reason: requirement.open.as_ref().map(|open| match open {
                    report::Open::NotDecidable(why) | report::Open::NotCovered(why) => why.clone(),
                }),
                note: requirement.note.clone(),
            }
        };
        Self {
            id: framework.id.clone(),
            name: framework.name.clone(),
            version: framework.version.clone(),
            url: framework.url.clone(),
            scope: framework.scope.clone(),
            folder: framework.folder.clone(),
            requirements: framework.requirements.iter().map(requirement).collect(),
        }
    }
}

/// What came of a requirement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Requirement {
    /// Its number: `6.3`.
    pub id: String,
    /// What it asks, in a few words.
    pub title: String,
    /// What came of it, over all accounts.
    pub status: Status,
    /// Findings of its rules that pass.
    pub passed: usize,
    /// Findings of its rules that fail.
    pub failed: usize,
    /// Findings of its rules that could not be evaluated, accepted gaps included.
    pub unknown: usize,
    /// Findings of its rules that do not apply.
    pub skipped: usize,
    /// Findings where a rule of it broke.
    pub errors: usize,
    /// The rules that decide it.
    pub rules: Vec<String>,
    /// Those of them that the run left out.
    pub rules_not_run: Vec<String>,
    /// Why no rule decides it; `null` where one does.
    pub reason: Option<String>,
    /// What its rules leave open.
    pub note: Option<String>,
}

/// What came of a requirement.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A resource fails a rule of it.
    Failed,
    /// Nothing fails, but something was not seen: an unreadable fact, list, region or account, a
    /// rule that broke or did not run.
    Unknown,
    /// Everything was seen, something passes and nothing fails.
    Passed,
    /// Everything was seen, and there is nothing that its rules apply to.
    NoResources,
    /// No rule that decides it was run.
    NotCovered,
    /// No rule can decide it.
    NotDecidable,
}

impl From<report::Status> for Status {
    fn from(status: report::Status) -> Self {
        match status {
            report::Status::Failed => Self::Failed,
            report::Status::Unknown => Self::Unknown,
            report::Status::Passed => Self::Passed,
            report::Status::NoResources => Self::NoResources,
            report::Status::NotCovered => Self::NotCovered,
            report::Status::NotDecidable => Self::NotDecidable,
        }
    }
}
