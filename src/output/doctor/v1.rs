//! Version 1 of the JSON format of `rolecall doctor`. `v1.schema.json` next to this file is
//! generated from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::json::v1::Version;
use crate::report::{self, Access, Area, CheckStatus};

/// Whether a scan with this config and these options would work.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall doctor, version 1")]
pub struct Doctor {
    /// Format version.
    pub version: Version,
    /// Program and version.
    pub tool: String,
    /// The exit code: 0 if nothing failed, 2 if a scan could not start, 3 if it would be incomplete.
    pub exit_code: u8,
    /// Number of checks by status.
    pub summary: Summary,
    /// Number of API calls, without retries.
    pub api_calls: u64,
    /// The checks, by area; within the area of accounts, by account.
    pub checks: Vec<Check>,
}

/// Number of checks by status.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Checks without a problem.
    pub ok: usize,
    /// Checks that need attention, although a scan works.
    pub warning: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that could not be made, or were not necessary.
    pub not_checked: usize,
}

/// One check.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check {
    /// What the check is about.
    pub area: Area,
    /// The check's outcome.
    pub status: CheckStatus,
    /// What was checked: a file, a role, an IAM action.
    pub subject: String,
    /// What is wrong and what to do; otherwise, the result, or `null`.
    pub message: Option<String>,
    /// The error code from AWS, or from rolecall if AWS did not respond.
    pub code: Option<String>,
    /// The file in which something is wrong; for an account, the config file that lists it.
    pub file: Option<String>,
    /// The 1-based line in the file.
    pub line: Option<usize>,
    /// The 1-based column.
    pub column: Option<usize>,
    /// The account: twelve digits. Only in the area `accounts`, like the fields below.
    pub account: Option<String>,
    /// The account's name.
    pub account_name: Option<String>,
    /// The part of the access to the account.
    pub access: Option<Access>,
    /// The region in which the action was tried; `global` for account-wide calls.
    pub region: Option<String>,
    /// Whether an accepted gap covers what failed; then the status is `ok`.
    pub accepted: Option<bool>,
}

impl Doctor {
    /// The result in this format.
    pub fn new(doctor: &report::Doctor, exit_code: u8) -> Self {
        Self {
            version: Version::V1,
            tool: doctor.tool.clone(),
            exit_code,
            summary: Summary {
                ok: doctor.count(CheckStatus::Ok),
                warning: doctor.count(CheckStatus::Warning),
                failed: doctor.count(CheckStatus::Failed),
                not_checked: doctor.count(CheckStatus::NotChecked),
            },
            api_calls: doctor.api_calls,
            checks: doctor.checks.iter().map(Check::from).collect(),
        }
    }
}

impl From<&report::Check> for Check {
    fn from(check: &report::Check) -> Self {
        let (place, account) = (check.place.as_ref(), check.account.as_ref());
        Self {
            area: check.area,
            status: check.status,
            subject: check.subject.clone(),
            message: check.message.clone(),
            code: check.code.clone(),
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            account: account.map(|at| at.account.to_string()),
            account_name: account.and_then(|at| at.name.clone()),
            access: account.map(|at| at.access),
            region: account.and_then(|at| at.region.as_ref()).map(ToString::to_string),
            accepted: account.map(|at| at.accepted),
        }
    }
}
