//! GitLab Code Quality: a JSON array with the failures that are not waived, and with those of the
//! baseline that could not be checked again: GitLab takes what is missing for resolved. The location
//! is a synthetic path per resource, as in SARIF.

use std::io::{self, Write};

use serde::Serialize;

use super::document::Document;
use super::escape::write_json;
use super::notice::Notice;
use super::sarif;
use super::words;
use crate::model::text::one_line;
use crate::model::{Finding, ResourceRef, Severity, State, Verdict};
use crate::report::{AccountReport, RunInfo, Summary};

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
    fingerprint: &'a str,
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
    fn of(report: &AccountReport, resource: &ResourceRef) -> Self {
        Self { path: sarif::path(&report.account, resource), lines: Lines { begin: 1 } }
    }
}

impl GitLab {
    fn write(&mut self, out: &mut dyn Write, issue: &Issue<'_>) -> io::Result<()> {
        out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
        self.issues += 1;
        write_json(out, issue)
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
                fingerprint: finding.fingerprint.as_str(),
                severity: severity(finding.severity),
                location: Location::of(report, &finding.resource),
            };
            self.write(out, &issue)?;
        }
        let unknown_now = report.changes.iter().flat_map(|changes| &changes.unknown_now);
        for open in unknown_now.filter(|open| !open.waived) {
            let what = words::earlier_sentence(report, open, State::UnknownNow);
            let rule = run.rules.iter().find(|rule| rule.oldest() == open.rule);
            let issue = Issue {
                description: one_line(&what, DESCRIPTION),
                check_name: rule.map_or(&open.rule, |rule| &rule.id),
                fingerprint: open.fingerprint.as_str(),
                severity: severity(open.severity),
                location: Location::of(report, &open.resource),
            };
            self.write(out, &issue)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        out.write_all(if self.issues == 0 { b"]\n" } else { b"\n]\n" }).map(|()| Vec::new())
    }
}
