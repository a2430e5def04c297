//! Compliance in version 1: frameworks with the outcomes of their requirements.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report;

/// A published benchmark, or part of one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Framework {
    /// The framework's id, for example `cis-aws-7.0`.
    pub id: String,
    /// The framework's name, without the version.
    pub name: String,
    /// The framework's version.
    pub version: String,
    /// The URL where the framework is published.
    pub url: String,
    /// The part of the framework that is listed.
    pub scope: String,
    /// The folder that the framework was loaded from; `null` if the framework is built in.
    pub folder: Option<String>,
    /// The framework's requirements, in the order of the benchmark.
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
    /// The requirement's number, for example `6.3`.
    pub id: String,
    /// A short description.
    pub title: String,
    /// The outcome over all accounts.
    pub status: Status,
    /// Passing findings of the requirement's rules.
    pub passed: usize,
    /// Failing findings of the requirement's rules.
    pub failed: usize,
    /// Of those, findings that are waived. The requirement is still failed.
    pub waived: usize,
    /// Findings of the requirement's rules that could not be evaluated, including accepted gaps.
    pub unknown: usize,
    /// Findings of the requirement's rules that were skipped because the rule does not apply.
    pub skipped: usize,
    /// Findings for which one of the requirement's rules raised an error.
    pub errors: usize,
    /// The rules that check the requirement.
    pub rules: Vec<String>,
    /// Rules that check the requirement but were not run.
    pub rules_not_run: Vec<String>,
    /// Why no rule checks the requirement; `null` if one does.
    pub reason: Option<String>,
    /// What the requirement's rules do not check.
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
