//! Markdown for the summary of a CI job or a comment in a pull request: counts first, then the new
//! and the most severe failures, what was fixed, what could not be checked and what to do about it, and
//! waivers that end soon.
//!
//! Everything untrusted is [code](super::code_span), so that nothing in it is a link, a mention or
//! HTML. The report has a maximum length, and says what was left out.

mod section;
mod sections;

use std::io::{self, Write};
use std::sync::Arc;

use super::code_span::{account, code};
use super::collected::Collected;
use super::document::Document;
use super::not_checked::NotChecked;
use super::notice::Notice;
use super::trend::points;
use super::words::{became, evidence, outcome, waived, why_new};
use crate::model::text::one_line;
use crate::model::{Finding, Place, ResourceRef, Severity, State, Verdict};
use crate::report::{AccountReport, History, RunInfo, Summary};
use section::Section;

/// Maximum length in bytes. A comment on GitHub has at most 65,536 characters.
const MAX_BYTES: usize = 65_000;
/// Bytes for the sections after the failures.
const RULES_MAX: usize = 16_000;
const GAPS_MAX: usize = 16_000;
const WAIVERS_MAX: usize = 8_000;
const ACCOUNTS_MAX: usize = 5_000;
const FRAMEWORKS_MAX: usize = 5_000;
/// Bytes for failures that could not be checked again.
const UNKNOWN_NOW_MAX: usize = 8_000;
/// Bytes for findings of the baseline that were fixed.
const FIXED_MAX: usize = 4_000;
/// Bytes for a list of which no row fits.
const HEAD_MAX: usize = 400;
/// Rows of each list that are kept until the end; more do not fit.
const ROWS: usize = 1_000;

/// The Markdown report.
#[derive(Debug, Default)]
pub struct Markdown {
    collected: Collected,
    rows: Vec<Row>,
    history: Option<Arc<History>>,
}

/// A list of failures, in the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    /// New since the baseline.
    New,
    /// Failed in the baseline, and could not be checked again.
    UnknownNow,
    /// Failed in the baseline, and no longer does.
    Fixed,
    /// All others; without a baseline, all failures.
    Other,
}

/// What determines the position of a failure: its list, then its severity.
type Key = (List, Severity, String, String, String);

/// A row of a list: a failure that is not waived, or a finding that failed in the baseline.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: Key,
    text: String,
}

impl Row {
    /// `why` is the last cell of a list that says why something is in it; `place` is in code.
    fn new(
        list: List,
        report: &AccountReport,
        (rule, severity): (&str, Severity),
        resource: &ResourceRef,
        problem: &str,
        (why, place): (Option<&str>, Option<&Place>),
    ) -> Self {
        let at = place.map(|place| format!(" at {}", code(&place.position(), 200)));
        let text = format!(
            "| {severity} | {} | {} | {} | {} | {}{} |{}\n",
            code(rule, 100),
            code(&resource.label(), 150),
            account(report.account.as_str(), report.name.as_deref()),
            code(resource.region.as_str(), 30),
            code(problem, 240),
            at.unwrap_or_default(),
            why.map(|why| format!(" {} |", code(why, 240))).unwrap_or_default()
        );
        let place = format!("{} {}", report.account, resource.region);
        Self { key: (list, severity, rule.to_owned(), place, resource.label()), text }
    }
}

impl Markdown {
    /// A report, with the numbers of earlier ones if they are given.
    pub fn new(history: Option<Arc<History>>) -> Self {
        Self { history, ..Self::default() }
    }

    /// Sorts the rows, and drops those of each list that do not fit.
    fn shorten(&mut self) {
        self.rows.sort();
        let (mut list, mut kept) = (None, 0);
        self.rows.retain(|row| {
            if list != Some(row.key.0) {
                (list, kept) = (Some(row.key.0), 0);
            }
            kept += 1;
            kept <= ROWS
        });
    }

    /// A list of `number` findings; nothing if there are none.
    fn list(&self, list: List, title: &str, number: usize, max: usize) -> String {
        if number == 0 {
            return String::new();
        }
        let (columns, line) = match list {
            List::New => ("problem | why it is new", "---|"),
            List::UnknownNow => ("failed before | why it was not checked", "---|"),
            List::Fixed => ("failed before | what became of it", "---|"),
            List::Other => ("problem", ""),
        };
        let head = format!(
            "\n## {title} ({number})\n\n| severity | rule | resource | account | region | {columns} |\n|---|---|---|---|---|---|{line}\n"
        );
        let mut section = Section::new(head, max);
        let mut kept = 0;
        for row in self.rows.iter().filter(|row| row.key.0 == list) {
            section.push(&row.text);
            kept += 1;
        }
        section.leave_out(number.saturating_sub(kept));
        section.end(if list == List::Fixed { "fixed finding" } else { "failure" })
    }
}

/// Why a failure is new, and which waiver no longer covers it.
fn reasons(report: &AccountReport, finding: &Finding) -> String {
    let changes = report.changes.as_ref();
    if let Some(terms) = report.ended_waiver(finding) {
        let is_kept = changes.is_some_and(|one| one.kept_waivers.contains(&finding.fingerprint));
        let is_expired = finding.expired_waivers.iter().any(|one| one.says_the_same(terms));
        return match is_kept && !is_expired {
            true => format!("its waiver no longer applies: {}", waived(terms)),
            false => format!("no longer waived: {}", waived(terms)),
        };
    }
    let why = changes.and_then(|changes| why_new(changes, finding));
    let expired = finding.expired_waivers.first();
    let expired = expired.map(|terms| format!("an expired waiver matches: {}", waived(terms)));
    why.into_iter().chain(expired).collect::<Vec<_>>().join("; ")
}

impl Document for Markdown {
    fn begin(&mut self, _: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn account(
        &mut self,
        _: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        self.collected.add(report);
        let failures = report.findings.iter();
        let failures = failures
            .filter(|finding| finding.verdict == Verdict::Fail && finding.waived.is_none())
            .map(|finding| {
                let list = match finding.state {
                    Some(State::New) => List::New,
                    _ => List::Other,
                };
                let rule = (&*finding.rule, finding.severity);
                let why = (list == List::New).then(|| reasons(report, finding));
                let mut problem = outcome(finding);
                if list == List::New
                    && finding.severity.at_least(Severity::High)
                    && let Some(first) = finding.evidence.to_vec().first()
                {
                    problem = format!("{} ({})", one_line(&problem, 120), evidence(first, 110));
                }
                let at = (why.as_deref(), finding.place());
                Row::new(list, report, rule, &finding.resource, &problem, at)
            });
        let not_checked = NotChecked::new(report);
        let unknown_now = report.changes.iter().flat_map(|changes| &changes.unknown_now);
        let unknown_now = unknown_now.map(|open| {
            let rule = (open.rule.as_str(), open.severity);
            let waived = if open.waived { "waived before: " } else { "" };
            let problem = format!("{waived}{}", open.message);
            let why = not_checked.why(open).unwrap_or_default();
            let at = (Some(&*why), open.source.as_deref());
            Row::new(List::UnknownNow, report, rule, &open.resource, &problem, at)
        });
        let fixed = report.changes.iter().flat_map(|changes| {
            changes.fixed.iter().map(move |open| {
                let rule = (open.rule.as_str(), open.severity);
                let became = became(report, changes, open);
                let at = (Some(&*became), open.source.as_deref());
                Row::new(List::Fixed, report, rule, &open.resource, &open.message, at)
            })
        });
        for row in failures.chain(unknown_now).chain(fixed) {
            self.rows.push(row);
            if self.rows.len() >= 5 * ROWS {
                self.shorten();
            }
        }
        Ok(())
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>> {
        self.shorten();
        self.collected.finish(summary);
        let mut head = sections::head(run, summary, &self.collected);
        if let Some(history) = &self.history {
            let points = points(history, run, summary, &self.collected);
            head.push_str(&sections::trend(&points, summary));
        }
        let after = [
            sections::rules(run, summary, RULES_MAX),
            sections::gaps(summary, &self.collected, GAPS_MAX),
            sections::waivers(summary, &self.collected, WAIVERS_MAX),
            sections::accounts(run, summary, &self.collected, ACCOUNTS_MAX),
            sections::frameworks(run, summary, FRAMEWORKS_MAX),
        ]
        .concat();
        let mut left = MAX_BYTES.saturating_sub(head.len() + after.len());
        let total: usize = summary.failures.values().sum();
        let parts = match &summary.states {
            None => [head, self.list(List::Other, "Failures", total, left), after, String::new()],
            // What is known since the last run comes last.
            Some(states) => {
                let (new, fixed) = (states.new_failures(), states.fixed);
                let mut take = |list, title, number, max: usize, reserved| {
                    let max = max.min(left.saturating_sub(reserved));
                    let text = self.list(list, title, number, max);
                    left = left.saturating_sub(text.len());
                    text
                };
                let title = "Unknown now: failed before, not checked again";
                let unread = states.unknown_now;
                let unknown_now = take(List::UnknownNow, title, unread, UNKNOWN_NOW_MAX, 0);
                let new_failures = take(List::New, "New failures", new, MAX_BYTES, 2 * HEAD_MAX);
                let title = "Fixed since the baseline";
                let fixed = take(List::Fixed, title, fixed, FIXED_MAX, HEAD_MAX);
                let others = total.saturating_sub(new);
                let others = take(List::Other, "Other failures", others, MAX_BYTES, 0);
                [format!("{head}{new_failures}"), format!("{unknown_now}{fixed}"), after, others]
            }
        };
        for part in parts {
            out.write_all(part.as_bytes())?;
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
