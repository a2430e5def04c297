//! Markdown for the summary of a CI job or a comment in a pull request: counts first, then the new
//! and the most severe failures, what could not be checked and what to do about it, and waivers that
//! end soon.
//!
//! Everything untrusted is [code](super::code_span), so that nothing in it is a link, a mention or
//! HTML. The report has a maximum length, and says what was left out.

mod section;
mod sections;

use std::io::{self, Write};

use super::code_span::{account, code};
use super::collected::Collected;
use super::document::Document;
use super::notice::Notice;
use super::words::outcome;
use crate::model::{Finding, Severity, State, Verdict};
use crate::report::{AccountReport, RunInfo, Summary};
use section::Section;

/// Maximum length in bytes. A comment on GitHub has at most 65,536 characters.
const MAX_BYTES: usize = 65_000;
/// Bytes for the sections after the failures.
const RULES_MAX: usize = 6_000;
const GAPS_MAX: usize = 16_000;
const WAIVERS_MAX: usize = 8_000;
const ACCOUNTS_MAX: usize = 5_000;
const FRAMEWORKS_MAX: usize = 5_000;
/// Bytes for a list of which no row fits.
const HEAD_MAX: usize = 400;
/// Failures kept until the end; more do not fit.
const ROWS: usize = 1_000;

/// The Markdown report.
#[derive(Debug, Default)]
pub struct Markdown {
    collected: Collected,
    rows: Vec<Row>,
}

/// What determines the position of a failure: new ones come first, then the most severe ones.
type Key = (bool, Severity, String, String, String);

/// A failure that is not waived.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: Key,
    text: String,
}

impl Row {
    fn new(report: &AccountReport, finding: &Finding) -> Self {
        let is_new = finding.state == Some(State::New);
        let resource = &finding.resource;
        let text = format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            finding.severity,
            code(&finding.rule, 100),
            code(&resource.label(), 150),
            account(report.account.as_str(), report.name.as_deref()),
            code(resource.region.as_str(), 30),
            code(&outcome(finding), 240)
        );
        let place = format!("{} {}", report.account, resource.region);
        let key = (!is_new, finding.severity, finding.rule.clone(), place, resource.label());
        Self { key, text }
    }

    fn is_new(&self) -> bool {
        !self.key.0
    }
}

impl Markdown {
    /// Sorts the failures, and drops those that do not fit.
    fn shorten(&mut self) {
        self.rows.sort();
        self.rows.truncate(ROWS);
    }

    /// The failures: those that are new, then the others.
    fn failures(&self, summary: &Summary, mut max: usize) -> String {
        let total: usize = summary.failures.values().sum();
        let new = summary.states.as_ref().map(|states| states.new_failures());
        let lists = match new {
            Some(new) => {
                vec![("New failures", true, new), ("Other failures", false, total - new.min(total))]
            }
            None => vec![("Failures", false, total)],
        };
        let mut out = String::new();
        let mut others = lists.iter().filter(|(_, _, number)| *number > 0).count();
        for (title, is_new, number) in lists {
            if number == 0 {
                continue;
            }
            others -= 1;
            let head = format!(
                "\n## {title} ({number})\n\n| severity | rule | resource | account | region | problem |\n|---|---|---|---|---|---|\n"
            );
            let mut section = Section::new(head, max.saturating_sub(others * HEAD_MAX));
            let rows = self.rows.iter().filter(|row| row.is_new() == is_new);
            let mut shown = 0;
            for row in rows {
                section.push(&row.text);
                shown += 1;
            }
            section.leave_out(number.saturating_sub(shown));
            let text = section.end("failure");
            max = max.saturating_sub(text.len());
            out.push_str(&text);
        }
        out
    }
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
        let open =
            |finding: &&Finding| finding.verdict == Verdict::Fail && finding.waived.is_none();
        for finding in report.findings.iter().filter(open) {
            self.rows.push(Row::new(report, finding));
            if self.rows.len() >= 2 * ROWS {
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
        self.collected.shorten();
        let head = sections::head(run, summary, &self.collected);
        let after = [
            sections::rules(run, summary, RULES_MAX),
            sections::gaps(summary, &self.collected, GAPS_MAX),
            sections::waivers(summary, &self.collected, WAIVERS_MAX),
            sections::accounts(summary, &self.collected, ACCOUNTS_MAX),
            sections::frameworks(run, summary, FRAMEWORKS_MAX),
        ]
        .concat();
        let left = MAX_BYTES.saturating_sub(head.len() + after.len());
        let failures = self.failures(summary, left);
        for part in [head, failures, after] {
            out.write_all(part.as_bytes())?;
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
