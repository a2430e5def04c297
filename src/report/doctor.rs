//! What `rolecall doctor` found: whether tonight's scan would start, and whether it would be
//! complete.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{AccountId, Region};

/// The result of all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doctor {
    /// Program and version.
    pub tool: String,
    /// The checks, in the order of the areas.
    pub checks: Vec<Check>,
    /// Number of API calls.
    pub api_calls: u64,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The program.
    Versions,
    /// The config and its waiver files.
    Config,
    /// Rules and frameworks.
    Rules,
    /// Reports, snapshot, baseline and open files.
    Outputs,
    /// The base credentials.
    Credentials,
    /// The clock.
    Clock,
    /// The organization.
    Organization,
    /// Access to the accounts.
    Accounts,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// The scan would fail, or be incomplete.
    Failed,
    /// The scan works, but something needs attention.
    Warning,
    /// The check could not be made, or was not necessary.
    NotChecked,
    /// Nothing is wrong.
    Ok,
}

/// A part of the access to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The role could be assumed, or the base credentials used.
    Role,
    /// The credentials belong to the account.
    Identity,
    /// The regions are enabled.
    Regions,
    /// An IAM action is allowed.
    Action,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub area: Area,
    /// Its outcome.
    pub status: CheckStatus,
    /// What was checked: a file, a role, an IAM action.
    pub subject: String,
    /// What is wrong and what to do; for other outcomes, the result. Untrusted text.
    pub message: Option<String>,
    /// Where it is wrong; for an account, where the config lists it.
    pub place: Option<Place>,
    /// The account and the part of the access to it, in the area of accounts.
    pub account: Option<CheckedIn>,
    /// The error code of AWS, or of rolecall if AWS did not answer.
    pub code: Option<String>,
}

/// A position in a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The 1-based line.
    pub line: usize,
    /// The 1-based column, in characters.
    pub column: usize,
}

/// Where the access to an account was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedIn {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// The part of the access.
    pub access: Access,
    /// The region, if there is one.
    pub region: Option<Region>,
    /// Whether an accepted gap covers what failed.
    pub accepted: bool,
}

impl Check {
    /// A check with this outcome.
    pub fn new(area: Area, status: CheckStatus, subject: impl Into<String>) -> Self {
        Self {
            area,
            status,
            subject: subject.into(),
            message: None,
            place: None,
            account: None,
            code: None,
        }
    }

    /// Sets the message.
    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }
}

impl Doctor {
    /// Whether a check failed that keeps a scan from starting.
    pub fn cannot_start(&self) -> bool {
        self.failed(|area| area != Area::Accounts)
    }

    /// Whether a scan could not read everything.
    pub fn is_incomplete(&self) -> bool {
        self.failed(|area| area == Area::Accounts)
    }

    /// Number of checks with this outcome.
    pub fn count(&self, status: CheckStatus) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }

    fn failed(&self, counts: impl Fn(Area) -> bool) -> bool {
        self.checks.iter().any(|check| check.status == CheckStatus::Failed && counts(check.area))
    }
}
