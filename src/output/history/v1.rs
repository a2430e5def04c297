//! Version 1 of the JSON format of `rolecall history`. `v1.schema.json` next to this file is
//! generated from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::json::v1::Version;
use crate::report;

/// How the findings changed across rolecall reports.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall history, version 1")]
pub struct History {
    /// Format version.
    pub version: Version,
    /// The reports, ordered by time of collection.
    pub reports: Vec<Report>,
    /// Files that were not used.
    pub skipped: Vec<Skipped>,
    /// Whether something may be missing because of a skipped file: exit code 3.
    pub incomplete: bool,
    /// All findings.
    pub total: Trend,
    /// Findings by account, sorted by id.
    pub accounts: Vec<Account>,
    /// Findings by rule, sorted by id.
    pub rules: Vec<Rule>,
    /// Findings by framework, sorted by id. A finding counts for each framework with a requirement
    /// that its rule checks.
    pub frameworks: Vec<Framework>,
}

/// A report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The name of the report's file.
    pub file: String,
    /// When the report's last account was collected, in RFC 3339 format.
    pub collected_at: String,
    /// Number of findings that were new; 0 in the first report.
    pub new: usize,
    /// Number of findings that were fixed.
    pub fixed: usize,
    /// Number of findings that were open before and that this report could not check.
    pub unknown_now: usize,
    /// Number of findings that were open afterwards, in all accounts.
    pub open: usize,
    /// Of these, the ones that failed in this report and were not waived.
    pub failures: usize,
    /// Of the open ones, those that failed in this report and were waived. This report did not check
    /// the others.
    pub waived: usize,
}

/// A file that was not used.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Skipped {
    /// The file's name.
    pub file: String,
    /// Why the file was not used.
    pub reason: String,
    /// Whether something may be missing from the history because of it.
    pub missing: bool,
}

/// How a group of findings changed: `at_start + new = fixed + open`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trend {
    /// Number of findings that were open in the first report.
    pub at_start: usize,
    /// Number of findings that were new since then.
    pub new: usize,
    /// Number of findings that were fixed. Only a report that checked a finding can close it.
    pub fixed: usize,
    /// Number of findings that are open.
    pub open: usize,
    /// Of these, the ones that the last report of their account could not check.
    pub unknown_now: usize,
    /// Mean number of seconds from the first report of a finding to the report that closed it;
    /// `null` if none was fixed.
    pub mean_seconds_to_fix: Option<u64>,
    /// Whether fixed findings may have been open before the first report, so that the mean can be
    /// higher.
    pub at_least: bool,
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name in the last report.
    pub name: Option<String>,
    /// When it was last collected, in RFC 3339 format; `null` if it never was.
    pub collected_at: Option<String>,
    /// The account's findings.
    #[serde(flatten)]
    pub trend: Trend,
}

/// A rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule's id in the last report that has the rule.
    pub rule: String,
    /// The rule's findings.
    #[serde(flatten)]
    pub trend: Trend,
}

/// A framework.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Framework {
    /// The framework's id, for example `cis-aws-7.0`.
    pub framework: String,
    /// Findings of the rules that check the framework's requirements.
    #[serde(flatten)]
    pub trend: Trend,
}

impl From<&report::History> for History {
    fn from(history: &report::History) -> Self {
        let rule = |(rule, trend): &(String, report::Trend)| Rule {
            rule: rule.clone(),
            trend: Trend::from(trend),
        };
        let framework = |(framework, trend): &(String, report::Trend)| Framework {
            framework: framework.clone(),
            trend: Trend::from(trend),
        };
        Self {
            version: Version::V1,
            reports: history.reports.iter().map(Report::from).collect(),
            skipped: history.skipped.iter().map(Skipped::from).collect(),
            incomplete: history.is_incomplete(),
            total: Trend::from(&history.total),
            accounts: history.accounts.iter().map(Account::from).collect(),
            rules: history.rules.iter().map(rule).collect(),
            frameworks: history.frameworks.iter().map(framework).collect(),
        }
    }
}

impl From<&report::HistoryReport> for Report {
    fn from(report: &report::HistoryReport) -> Self {
        Self {
            file: report.file.clone(),
            collected_at: report.collected_at.clone(),
            new: report.new,
            fixed: report.fixed,
            unknown_now: report.unknown_now,
            open: report.open,
            failures: report.failures,
            waived: report.waived,
        }
    }
}

impl From<&report::SkippedFile> for Skipped {
    fn from(skipped: &report::SkippedFile) -> Self {
        Self {
            file: skipped.file.clone(),
            reason: skipped.reason.clone(),
            missing: skipped.is_missing,
        }
    }
}

impl From<&report::Trend> for Trend {
    fn from(trend: &report::Trend) -> Self {
        Self {
            at_start: trend.at_start,
            new: trend.new,
            fixed: trend.fixed,
            open: trend.open,
            unknown_now: trend.unknown_now,
            mean_seconds_to_fix: trend.mean_fix_seconds(),
            at_least: trend.at_least,
        }
    }
}

impl From<&report::AccountTrend> for Account {
    fn from(account: &report::AccountTrend) -> Self {
        Self {
            account: account.account.to_string(),
            name: account.name.clone(),
            collected_at: account.collected_at.clone(),
            trend: Trend::from(&account.trend),
        }
    }
}
