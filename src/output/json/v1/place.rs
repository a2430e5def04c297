//! Places in code, and how many failures have one.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{self, CodeLine, PlaceKind, PlaceReason};
use crate::report;

/// Where code declares the cause of a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The file, relative to the root of the repository, with `/` as separator.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The first column, from 1, in characters.
    pub column: u32,
    /// The column after the last one, on the same line.
    pub end_column: u32,
    /// The address: `module.team["red"].aws_s3_bucket_versioning.this` in Terraform,
    /// `Stack/LogicalId` in CloudFormation, the path of the construct in CDK.
    pub address: String,
    /// What is on the line.
    pub what: PlaceKind,
    /// Why it is not the block of the resource itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<PlaceReason>,
    /// The `module` block that reaches it, if it is on another line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CodeLine>,
}

impl From<&model::Place> for Place {
    fn from(place: &model::Place) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            end_column: place.end_column,
            address: place.address.clone(),
            what: place.what,
            because: place.because,
            call: place.call.clone(),
        }
    }
}

/// Failures by what is known about the code of their resources, waived ones included.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sources {
    /// Failures whose place is known: these have `source`.
    pub placed: usize,
    /// Failures of resources that no code declares.
    pub not_declared: usize,
    /// Failures of resources that are declared, but were not found in the code.
    pub not_found: usize,
    /// What was not found: up to 1,000 resources.
    pub missing: Vec<MissingCode>,
    /// What could not be read of the sources.
    pub problems: Vec<String>,
}

/// A resource that is declared, but was not found in the code.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MissingCode {
    /// The account's id.
    pub account: String,
    /// The resource's type, for example `s3.bucket`.
    pub kind: String,
    /// The resource's region, or `global`.
    pub region: String,
    /// The resource's id.
    pub id: Option<String>,
    /// The resource's address.
    pub address: String,
    /// Why it was not found.
    pub reason: String,
    /// How many failures it has.
    pub findings: usize,
}

impl From<&report::SourceCoverage> for Sources {
    fn from(coverage: &report::SourceCoverage) -> Self {
        let missing = coverage.missing.iter().map(|missing| MissingCode {
            account: missing.account.to_string(),
            kind: missing.resource.kind.to_string(),
            region: missing.resource.region.to_string(),
            id: missing.resource.id.as_deref().map(str::to_owned),
            address: missing.address.clone(),
            reason: missing.reason.clone(),
            findings: missing.findings,
        });
        Self {
            placed: coverage.placed,
            not_declared: coverage.not_declared,
            not_found: coverage.not_found,
            missing: missing.collect(),
            problems: coverage.problems.clone(),
        }
    }
}
