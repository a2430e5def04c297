//! What a message says: what is new, and what could not be checked.

use crate::model::text::one_line;
use crate::model::{Severity, counted};
use crate::sinks::report_file::{NewFailure, ReportFile, SummaryPart};

/// How many accounts a message names.
const ACCOUNTS: usize = 5;

/// What is new in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// The number of new failures per severity, without zeros, the worst first.
    pub new: Vec<(Severity, usize)>,
    /// The most severe new failures.
    pub items: Vec<Item>,
    /// What else changed, in one sentence; empty if nothing did.
    pub changes: String,
    /// What could not be checked, in one sentence; empty if everything was.
    pub unchecked: String,
    /// The filters of the run; empty for a whole run.
    pub filters: String,
}

/// A new failure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Its severity.
    pub severity: Severity,
    /// The problem.
    pub title: String,
    /// The account.
    pub account: String,
    /// The region of the resource.
    pub region: String,
    /// The name or id of the resource.
    pub resource: String,
}

impl News {
    /// What is new in a report, of a severity or worse; `None` if the report was not compared with an
    /// earlier one.
    pub fn of(report: &ReportFile, least: Severity) -> Option<Self> {
        let summary = &report.summary;
        let states = summary.states.as_ref()?;
        let counts = Severity::ALL.into_iter().map(|severity| (severity, states.new.of(severity)));
        let is_wanted = |severity: Severity| severity <= least;
        let new = counts.filter(|(severity, number)| is_wanted(*severity) && *number > 0).collect();
        let mut items: Vec<Item> = report
            .accounts
            .iter()
            .flat_map(|account| {
                let label = account.label();
                account.findings.iter().map(move |finding| (label.clone(), finding))
            })
            .filter(|(_, finding)| is_wanted(finding.severity))
            .map(|(account, finding)| item(report, account, finding))
            .collect();
        items.sort();
        let changes = [
            (states.fixed, "fixed"),
            (states.unchanged, "still failing"),
            (states.unknown_now, "that failed before could not be checked"),
            (states.not_scanned, "that failed before in accounts that are not part of this run"),
        ];
        let changes: Vec<String> = changes
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let filters = report.selection.narrowed_by.join(", ");
        Some(Self {
            new,
            items,
            changes: changes.join(", "),
            unchecked: unchecked(report, summary),
            filters: one_line(&filters, 200),
        })
    }

    /// How many new failures there are.
    pub fn failures(&self) -> usize {
        self.new.iter().map(|(_, number)| number).sum()
    }

    /// `3 new failures: 1 critical, 2 high`.
    pub fn headline(&self) -> String {
        if self.new.is_empty() {
            return "no new failures".to_owned();
        }
        let parts: Vec<String> =
            self.new.iter().map(|(severity, number)| format!("{number} {severity}")).collect();
        format!("{}: {}", counted(self.failures(), "new failure"), parts.join(", "))
    }
}

fn item(report: &ReportFile, account: String, finding: &NewFailure) -> Item {
    Item {
        severity: finding.severity,
        title: one_line(report.title(&finding.rule), 150),
        account,
        region: finding.region.clone(),
        resource: finding.resource.clone(),
    }
}

/// What could not be checked; empty if everything was.
fn unchecked(report: &ReportFile, summary: &SummaryPart) -> String {
    if !summary.incomplete {
        return String::new();
    }
    let unread: Vec<String> = report
        .accounts
        .iter()
        .filter(|account| !account.complete)
        .map(|account| match account.entered {
            true => account.label(),
            false => format!("{} (could not be accessed)", account.label()),
        })
        .collect();
    let mut named: Vec<String> = unread.iter().take(ACCOUNTS).cloned().collect();
    if unread.len() > ACCOUNTS {
        named.push(counted(unread.len() - ACCOUNTS, "more account"));
    }
    let mut parts = vec![counted(summary.gaps, "coverage gap")];
    if summary.verdicts.unknown > 0 {
        parts.push(format!(
            "{} with the verdict unknown",
            counted(summary.verdicts.unknown, "finding")
        ));
    }
    if summary.verdicts.error > 0 {
        parts.push(counted(summary.verdicts.error, "rule error"));
    }
    let place = match named.is_empty() {
        true => String::new(),
        false => format!(", in {}", named.join(", ")),
    };
    format!("incomplete, so there may be more: {}{place}", parts.join(", "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// News with this many new failures, of which as many are listed as a report keeps.
    pub(in super::super) fn many(number: usize) -> News {
        let item = |index: usize| Item {
            severity: Severity::High,
            title: format!("Bucket {index} has no versions"),
            account: "production".to_owned(),
            region: "eu-west-1".to_owned(),
            resource: "a".repeat(100),
        };
        News {
            new: vec![(Severity::High, number)],
            items: (0..number.min(100)).map(item).collect(),
            changes: "3 fixed".to_owned(),
            unchecked: "incomplete, so there may be more: 2 coverage gaps".to_owned(),
            filters: String::new(),
        }
    }

    /// News with names that try to do something.
    pub(in super::super) fn hostile() -> News {
        let item = Item {
            severity: Severity::Critical,
            title: "<!channel> *bold* `code`".to_owned(),
            account: "<@U123> @channel".to_owned(),
            region: "<http://evil.example|click>".to_owned(),
            resource: "[x](http://evil.example) @here <at>all</at>".to_owned(),
        };
        News { items: vec![item], filters: "--rule <!here>".to_owned(), ..many(1) }
    }

    #[test]
    fn the_headline_counts_what_is_new() {
        assert_eq!(News::default().headline(), "no new failures");
        assert_eq!(many(1).headline(), "1 new failure: 1 high");
        let new = vec![(Severity::Critical, 1), (Severity::Low, 2)];
        assert_eq!(News { new, ..many(0) }.headline(), "3 new failures: 1 critical, 2 low");
    }
}
