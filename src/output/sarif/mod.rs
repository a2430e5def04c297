//! SARIF 2.1.0 for GitHub code scanning: failures only, one run and one category per account,
//! because GitHub closes alerts as fixed if they are missing from the next upload of a category.
//!
//! So results must not be missing just because they were not checked again: a resource that could
//! not be evaluated keeps its result with the level `note` ([`github`]), and an account with
//! unknown resources is excluded, or completed from an earlier report ([`carry`]). [`split`] keeps
//! each file within GitHub's limits. [`rules`], [`location`] and [`message`] produce what GitHub
//! shows.

mod carry;
mod github;
mod location;
mod message;
mod rules;
mod split;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::model::text::one_line;
use crate::model::{AccountId, Partition, Verdict, counted};
use crate::output::destination::Destination;
use crate::output::error::OutputError;
use crate::output::json::Baseline;
use crate::output::notice::Notice;
use crate::output::writer::Output;
use crate::report::{AccountReport, RunInfo, Summary};
use carry::Carried;
use github::Entry;
use split::{Limits, Splitter};

/// What to do with resources that could not be evaluated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// Report them as results of level `note`, so that open alerts stay open and the gap is
    /// visible.
    #[default]
    Report,
    /// Exclude accounts that have any from the report.
    LeaveOut,
}

/// Settings of the SARIF report.
#[derive(Debug, Clone, Default)]
pub struct SarifOptions {
    /// Replaces `rolecall/<selection>` in the categories. Required for a filtered run.
    pub category: Option<String>,
    /// What to do with resources that could not be evaluated.
    pub unknown: UnknownPolicy,
    /// An earlier report, for accounts whose resources are only partly known.
    pub baseline: Option<Baseline>,
    /// Accounts that are no longer targets: an empty run closes their alerts.
    pub retire: Vec<AccountId>,
}

/// The SARIF report.
#[derive(Debug)]
pub struct SarifOutput {
    options: SarifOptions,
    prefix: String,
    splitter: Splitter,
    seen: BTreeSet<AccountId>,
    partition: Option<Partition>,
    notices: Vec<Notice>,
}

impl SarifOutput {
    /// A report for GitHub code scanning at `to`. If it needs several files, `report.sarif` becomes
    /// `report-001.sarif` and so on.
    pub fn new(to: Destination, options: SarifOptions) -> Self {
        Self::with_limits(to, options, Limits::GITHUB)
    }

    fn with_limits(to: Destination, options: SarifOptions, limits: Limits) -> Self {
        Self {
            options,
            prefix: String::new(),
            splitter: Splitter::new(to, limits),
            seen: BTreeSet::new(),
            partition: None,
            notices: Vec::new(),
        }
    }

    fn note(&mut self, text: &str) {
        self.notices.push(Notice::new(text));
    }

    /// `<category>/<partition>/<account>/<run id>`: GitHub splits at the last slash.
    fn automation_id(&self, partition: &Partition, account: &AccountId, time: &str) -> String {
        let time: String = time
            .chars()
            .take(40)
            .map(|c| if c.is_ascii_alphanumeric() || "-:.+".contains(c) { c } else { '-' })
            .collect();
        format!("{}/{partition}/{account}/{time}", self.prefix)
    }

    fn exclude(&mut self, report: &AccountReport, why: &str) {
        let name = report
            .name
            .as_deref()
            .map(|name| format!(" ({})", one_line(name, 60)))
            .unwrap_or_default();
        self.note(&format!(
            "account {}{name} is excluded from the SARIF report: {why}",
            report.account
        ));
    }
}

/// The part of the category before the account, or why this run must not be uploaded.
fn prefix(run: &RunInfo, category: Option<&str>) -> Result<String, OutputError> {
    let (prefix, checked) = match (category, &run.selection.name) {
        (Some(category), _) => (category.to_owned(), category),
        (None, Some(name)) if run.selection.narrowed_by.is_empty() => {
            (format!("rolecall/{name}"), name.as_str())
        }
        _ => {
            let by = match run.selection.narrowed_by.as_slice() {
                [] => "the rule selection has no name".to_owned(),
                by => by.join(", "),
            };
            return Err(OutputError::Filtered { by: one_line(&by, 200) });
        }
    };
    let reject = |reason| Err(OutputError::Category { shown: one_line(checked, 80), reason });
    let good = |c: char| c.is_ascii_alphanumeric() || "-_./ ".contains(c);
    if checked.trim().is_empty() {
        reject("is empty")
    } else if checked.len() > 100 {
        reject("is longer than 100 characters")
    } else if !checked.chars().all(good) {
        reject("contains characters other than letters, digits, spaces and `-_./`")
    } else if checked.starts_with('/') || checked.ends_with('/') || checked.contains("//") {
        reject("has an empty part between slashes")
    } else {
        Ok(prefix)
    }
}

impl Output for SarifOutput {
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError> {
        self.prefix = prefix(run, self.options.category.as_deref())?;
        self.splitter.begin(run.accounts + self.options.retire.len())
    }

    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        if !self.seen.insert(report.account.clone()) {
            return Err(OutputError::AccountTwice { account: report.account.to_string() });
        }
        self.partition.get_or_insert_with(|| report.partition.clone());
        let undecided = |finding: &&crate::model::Finding| {
            matches!(finding.verdict, Verdict::Unknown | Verdict::Error)
        };
        if self.options.unknown == UnknownPolicy::LeaveOut {
            let number = report.findings.iter().filter(undecided).count();
            if number > 0 || !report.gaps.is_empty() || !report.entered {
                let why = carry::why_incomplete(report)
                    .unwrap_or_else(|| counted(number, "unknown verdict"));
                self.exclude(report, &why);
                return Ok(());
            }
        }
        let carried = match carry::carry(run, report, self.options.baseline.as_ref()) {
            Carried::NotNeeded => Vec::new(),
            Carried::Findings { findings, why } => {
                let text = format!(
                    "account {}: {why}; carried over {} from the baseline",
                    report.account,
                    counted(findings.len(), "open result")
                );
                self.note(&text);
                findings.into_iter().map(|finding| (finding, why.clone())).collect()
            }
            Carried::Impossible { why } => {
                self.exclude(report, &why);
                return Ok(());
            }
        };
        let mut entries: Vec<Entry<'_>> = report
            .findings
            .iter()
            .filter(|finding| {
                finding.verdict == Verdict::Fail
                    || (undecided(finding) && finding.resource.id.is_some())
            })
            .map(Entry::Fresh)
            .collect();
        entries.extend(carried.iter().map(|(finding, why)| Entry::Carried { finding, why }));
        let id = self.automation_id(
            &report.partition,
            &report.account,
            report.collected_at.as_deref().unwrap_or("not-collected"),
        );
        let run = github::Run::new(run, report, entries, id)?;
        let cut = self.splitter.add(run)?;
        if let Some(cut) = cut {
            self.note(&format!(
                "account {}: {} results exceed GitHub's limit for one upload; the SARIF report contains only the {} most severe ones, and the alerts for the others will be closed",
                report.account, cut.of, cut.kept
            ));
        }
        Ok(())
    }

    fn finish(
        mut self: Box<Self>,
        run: &RunInfo,
        _summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError> {
        let retire: BTreeSet<AccountId> = self.options.retire.iter().cloned().collect();
        for account in retire {
            if self.seen.contains(&account) {
                self.note(&format!(
                    "account {account} is still scanned, so its alerts are not closed"
                ));
                continue;
            }
            let earlier =
                self.options.baseline.as_ref().and_then(|baseline| baseline.account(&account));
            let partition = earlier
                .map(|earlier| earlier.partition.clone())
                .or_else(|| self.partition.clone())
                .unwrap_or_default();
            let id = self.automation_id(&partition, &account, "retired");
            self.splitter.add(github::Run::empty(run, id))?;
        }
        let mut notices = std::mem::take(&mut self.notices);
        notices.extend(self.splitter.finish()?);
        Ok(notices)
    }
}
