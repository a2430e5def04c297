//! GitLab Code Quality: a JSON array with the failures that are not waived, and with those of the
//! baseline that could not be checked again: GitLab shows what is missing as resolved. The location
//! is a synthetic path per resource, as in SARIF.

use std::io::{self, Write};

use serde::Serialize;

use super::document::Document;
use super::escape::write_json;
use super::notice::Notice;
use super::sarif;
use super::words;
use crate::model::text::one_line;
use crate::model::{AccountId, Finding, Fingerprint, ResourceRef, Severity, State, Verdict};
use crate::report::{AccountReport, OpenFinding, RunInfo, Summary};

/// Longest description, in characters.
const DESCRIPTION: usize = 2_000;

/// The GitLab Code Quality report.
#[derive(Debug, Default)]
pub struct GitLab {
    issues: usize,
}

/// One item of the array.
#[derive(Debug, Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: Fingerprint,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
}

/// GitLab's name for a severity.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

impl Location {
    fn of(account: &AccountId, resource: &ResourceRef) -> Self {
        Self { path: sarif::path(account, resource), lines: Lines { begin: 1 } }
    }
}

impl GitLab {
    fn write(&mut self, out: &mut dyn Write, issue: &Issue<'_>) -> io::Result<()> {
        out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
        self.issues += 1;
        write_json(out, issue)
    }

    /// A failure of the baseline that was not checked again.
    fn write_earlier(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        account: &AccountId,
        open: &OpenFinding,
        what: &str,
    ) -> io::Result<()> {
        let rule = run.rules.iter().find(|rule| rule.oldest() == open.rule);
        let issue = Issue {
            description: one_line(what, DESCRIPTION),
            check_name: rule.map_or(&open.rule, |rule| &rule.id),
            fingerprint: open.fingerprint,
            severity: severity(open.severity),
            location: Location::of(account, &open.resource),
        };
        self.write(out, &issue)
    }
}

impl Document for GitLab {
    fn begin(&mut self, out: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        let is_open =
            |finding: &&Finding| finding.verdict == Verdict::Fail && finding.waived.is_none();
        for finding in report.findings.iter().filter(is_open) {
            let issue = Issue {
                description: one_line(&words::sentence(report, finding), DESCRIPTION),
                check_name: &finding.rule,
                fingerprint: finding.fingerprint,
                severity: severity(finding.severity),
                location: Location::of(&report.account, &finding.resource),
            };
            self.write(out, &issue)?;
        }
        let unknown_now = report.changes.iter().flat_map(|changes| &changes.unknown_now);
        for open in unknown_now.filter(|open| !open.waived) {
            let what = words::earlier_sentence(
                report.label(),
                open,
                words::what_became(State::UnknownNow),
            );
            self.write_earlier(out, run, &report.account, open, &what)?;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>> {
        // Nobody checked them again.
        for absent in summary.absent_accounts.iter().filter(|_| summary.states.is_some()) {
            for open in absent.carried.iter().filter(|open| open.failed && !open.waived) {
                let what = "the account was not scanned";
                let what = words::earlier_sentence(absent.account.as_str(), open, what);
                self.write_earlier(out, run, &absent.account, open, &what)?;
            }
        }
        out.write_all(if self.issues == 0 { b"]\n" } else { b"\n]\n" }).map(|()| Vec::new())
    }
}
