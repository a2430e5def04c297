//! GitLab Code Quality: a JSON array with the failures that are not waived. The location is a
//! synthetic path per resource, as in SARIF.

use std::io::{self, Write};

use serde::Serialize;

use super::document::Document;
use super::escape::write_json;
use super::notice::Notice;
use super::sarif;
use super::words;
use crate::model::text::one_line;
use crate::model::{Severity, Verdict};
use crate::report::{AccountReport, RunInfo, Summary};

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

impl Document for GitLab {
    fn begin(&mut self, out: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        let open = |finding: &&crate::model::Finding| {
            finding.verdict == Verdict::Fail && finding.waived.is_none()
        };
        for finding in report.findings.iter().filter(open) {
            let issue = Issue {
                description: one_line(&words::sentence(report, finding), 2_000),
                check_name: &finding.rule,
                fingerprint: finding.fingerprint.as_str(),
                severity: severity(finding.severity),
                location: Location {
                    path: sarif::path(&report.account, &finding.resource),
                    lines: Lines { begin: 1 },
                },
            };
            out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
            write_json(out, &issue)?;
            self.issues += 1;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        out.write_all(if self.issues == 0 { b"]\n" } else { b"\n]\n" }).map(|()| Vec::new())
    }
}
