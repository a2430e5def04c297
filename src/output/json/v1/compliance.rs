//! Compliance in version 1: frameworks with the outcomes of their requirements.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report;

/// A published benchmark, or part of one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Framework {
    /// Its id, for example `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The URL where it is published.
    pub url: String,
    /// The part of it that is listed.
    pub scope: String,
    /// The folder that it was loaded from; `null` if it is built in.
    pub folder: Option<String>,
    /// Its requirements, in the order of the benchmark.
    pub requirements: Vec<Requirement>,
}

impl Framework {
    /// A framework with the results of a run.
    pub fn new(framework: &report::FrameworkInfo, summary: &report::Summary) -> Self {
        let requirement = |requirement: &report::RequirementInfo| {
            let evaluated = summary.outcome_of(requirement);
            Requirement {
                id: requirement.id.clone(),
                title: requirement.title.clone(),
                status: evaluated.status.into(),
                passed: evaluated.passed,
                failed: evaluated.failed,
                waived: evaluated.waived,
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

/// A requirement and its outcome.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Requirement {
    /// Its number, for example `6.3`.
    pub id: String,
    /// A short description.
    pub title: String,
    /// The outcome over all accounts.
    pub status: Status,
    /// Passing findings of its rules.
    pub passed: usize,
    /// Failing findings of its rules.
    pub failed: usize,
    /// Of those, findings that are waived. The requirement is still failed.
    pub waived: usize,
    /// Findings of its rules that could not be evaluated, including accepted gaps.
    pub unknown: usize,
    /// Findings of its rules that were skipped because the rule does not apply.
    pub skipped: usize,
    /// Findings for which one of its rules raised an error.
    pub errors: usize,
    /// The rules that check it.
    pub rules: Vec<String>,
    /// Rules that check it but were not run.
    pub rules_not_run: Vec<String>,
    /// Why no rule checks it; `null` if one does.
    pub reason: Option<String>,
    /// What its rules do not check.
    pub note: Option<String>,
}

/// The outcome of a requirement.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A resource fails one of its rules.
    Failed,
    /// Nothing fails, but something is unknown: a fact, list, region or account could not be read,
    /// or a rule raised an error or was not run.
    Unknown,
    /// Everything was read, at least one resource passes and none fails.
    Passed,
    /// Everything was read, and its rules apply to no resource.
    NoResources,
    /// No rule that checks it was run.
    NotCovered,
    /// No rule can check it.
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
