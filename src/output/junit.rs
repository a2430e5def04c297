//! JUnit XML, for the test results of CI systems: a suite per account and a test case per finding.
//!
//! A waived failure and what an accepted gap hides are skipped, with the reason. There are no
//! durations, so that the output is deterministic, and no totals on `<testsuites>`: they would have
//! to be written before the first account.

use std::io::{self, Write};

use quick_xml::escape::escape;

use super::document::Document;
use super::notice::Notice;
use super::words::{self, evidence};
use crate::model::text::one_line;
use crate::model::{COULD_NOT_CHECK, Finding, Verdict};
use crate::report::{AccountReport, RunInfo, Summary};

/// Items of evidence in a test case.
const EVIDENCE_SHOWN: usize = 20;

/// The JUnit report.
#[derive(Debug, Default)]
pub struct Junit;

/// How CI systems see a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Passed,
    Skipped,
    Failure,
    Error,
}

impl Status {
    fn of(finding: &Finding) -> Self {
        match finding.verdict {
            _ if finding.waived.is_some() || finding.accepted.is_some() => Self::Skipped,
            Verdict::Pass => Self::Passed,
            Verdict::Skip => Self::Skipped,
            Verdict::Fail => Self::Failure,
            Verdict::Unknown | Verdict::Error => Self::Error,
        }
    }
}

/// Untrusted text as XML 1.0, which has no character for some code points.
fn xml(text: &str, max: usize) -> String {
    let line = one_line(text, max).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    escape(line.as_str()).into_owned()
}

impl Document for Junit {
    fn begin(&mut self, out: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rolecall\">\n",
        )
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        // An account that could not be accessed has one finding per rule, but only if there are rules.
        let is_missing = !report.entered && report.findings.is_empty();
        let count = |status: Status| {
            let with_status = |finding: &&Finding| Status::of(finding) == status;
            report.findings.iter().filter(with_status).count()
        };
        let name = match &report.name {
            Some(name) => format!("{} ({})", one_line(name, 200), report.account),
            None => report.account.to_string(),
        };
        let time = report
            .collected_at
            .as_deref()
            .map(|time| format!(" timestamp=\"{}\"", xml(time.trim_end_matches('Z'), 40)));
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"{}>",
            xml(&name, 300),
            report.findings.len() + usize::from(is_missing),
            count(Status::Failure),
            count(Status::Error) + usize::from(is_missing),
            count(Status::Skipped),
            time.unwrap_or_default()
        )?;
        if is_missing {
            let cause = report.gaps.first().map(|gap| words::cause(&gap.gap.cause));
            let message = xml(cause.as_deref().unwrap_or("not collected"), 1_000);
            writeln!(
                out,
                "    <testcase classname=\"{COULD_NOT_CHECK}\" name=\"account {0}\">\n      <error type=\"unknown\" message=\"{message}\"/>\n    </testcase>",
                report.account
            )?;
        }
        report.findings.iter().try_for_each(|finding| case(out, report, finding))?;
        out.write_all(b"  </testsuite>\n")
    }

    fn finish(&mut self, out: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        out.write_all(b"</testsuites>\n").map(|()| Vec::new())
    }
}

fn case(out: &mut dyn Write, report: &AccountReport, finding: &Finding) -> io::Result<()> {
    let resource = &finding.resource;
    // Some CI systems identify test cases by class and name only, so the name has the account.
    let name = format!("{} ({}, {})", resource.label(), report.account, resource.region);
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\"",
        xml(&finding.rule, 200),
        xml(&name, 1_000)
    )?;
    let message = words::outcome(finding);
    match Status::of(finding) {
        Status::Passed => return out.write_all(b"/>\n"),
        Status::Skipped => {
            let waived = finding.waived.as_deref();
            let waived = waived.map(|waived| format!("waived {}: ", words::waived(waived)));
            let message = format!("{}{message}", waived.unwrap_or_default());
            writeln!(out, ">\n      <skipped message=\"{}\"/>", xml(&message, 2_000))?;
        }
        status @ (Status::Failure | Status::Error) => {
            let (element, kind) = match status {
                Status::Failure => ("failure", finding.severity.as_str()),
                _ => ("error", finding.verdict.as_str()),
            };
            let message = xml(&message, 2_000);
            writeln!(out, ">\n      <{element} type=\"{kind}\" message=\"{message}\">{message}")?;
            if let Some(arn) = &resource.arn {
                writeln!(out, "resource: {}", xml(arn, 2_000))?;
            }
            let pieces = finding.evidence.to_vec();
            for piece in pieces.iter().take(EVIDENCE_SHOWN) {
                writeln!(out, "evidence: {}", xml(&evidence(piece, 300), 400))?;
            }
            if let Some(more) = pieces.len().checked_sub(EVIDENCE_SHOWN + 1) {
                writeln!(out, "evidence: … and {} more", more + 1)?;
            }
            writeln!(out, "fingerprint: {}</{element}>", finding.fingerprint)?;
        }
    }
    out.write_all(b"    </testcase>\n")
}
