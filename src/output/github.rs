//! Annotations on GitHub: workflow commands that a step prints, for the failures whose line of code is
//! known. GitHub shows them at the changed lines of a pull request.
//!
//! GitHub keeps 10 errors, 10 warnings and 10 notices of a step, so that failures at the same line are
//! one annotation, and the most severe ones come first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::document::Document;
use super::log_lines::escape_commands;
use super::notice::Notice;
use super::words;
use crate::model::text::{one_line, printable};
use crate::model::{Finding, Place, Severity, State, Verdict, counted};
use crate::report::{AccountReport, RunInfo, Summary};

/// How many annotations of a level GitHub keeps of a step.
const KEPT: usize = 10;
/// How many lines of code are remembered until the end.
const MAX_LINES: usize = 2_000;
/// Longest title and message, in characters.
const TITLE: usize = 200;
const MESSAGE: usize = 1_500;

/// The annotations.
#[derive(Debug, Default)]
pub struct GitHub {
    lines: BTreeMap<Line, Annotation>,
    /// Failures whose line is known, and failures that have none.
    placed: usize,
    not_placed: usize,
    /// What could not be checked.
    not_checked: usize,
}

/// A rule at a line of code, in the order of annotations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    severity: Severity,
    /// Whether it failed before.
    is_known: bool,
    rule: Box<str>,
    file: Box<str>,
    line: u32,
}

/// What is shown at a line: the first failure there.
#[derive(Debug)]
struct Annotation {
    column: u32,
    end_column: u32,
    message: String,
    /// How many failures there are.
    failures: usize,
}

/// The command for a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// Escapes text as the data of a command.
pub(crate) fn data(text: &str) -> String {
    let text = printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let mut escaped = String::with_capacity(text.len());
    escape_commands(&text, "\\[", "\\:", &mut escaped);
    escaped
}

/// Escapes text as a property of a command.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// `1 more failure`, `2 more failures`.
fn more_failures(number: usize) -> String {
    words::count(number, "more failure", "more failures")
}

impl GitHub {
    fn add(&mut self, report: &AccountReport, finding: &Finding, place: &Place) {
        self.placed += 1;
        let line = Line {
            severity: finding.severity,
            is_known: finding.state.is_some_and(|state| state != State::New),
            rule: (&*finding.rule).into(),
            file: place.file.as_str().into(),
            line: place.line,
        };
        if let Some(known) = self.lines.get_mut(&line) {
            known.failures += 1;
            return;
        }
        let note = place.note().map(|note| format!(" ({note})")).unwrap_or_default();
        let message = words::sentence(report, finding);
        let message = format!("{message}; {}{note}", one_line(&place.address, 300));
        let (column, end_column) = (place.column, place.end_column);
        self.lines.insert(line, Annotation { column, end_column, message, failures: 1 });
        if self.lines.len() > MAX_LINES {
            self.lines.pop_last();
        }
    }

    /// Says that AWS will refuse a part of a change. It has no line.
    pub fn refused(out: &mut dyn Write, id: &str, why: &str) -> io::Result<()> {
        let message = format!("{}: {}", one_line(id, TITLE), one_line(why, MESSAGE));
        writeln!(out, "::error title=rolecall%3A the apply will fail::{}", data(&message))
    }

    /// What the annotations do not show, in words.
    fn left_out(&self, run: &RunInfo, shown: usize) -> Option<String> {
        let more = self.placed - shown;
        let mut parts = Vec::new();
        if more > 0 {
            parts.push(format!("{} at lines of code", more_failures(more)));
        }
        if self.not_placed > 0 {
            let hint = if run.has_sources { "" } else { "; configure [[source]] to find it" };
            let without = counted(self.not_placed, "failure");
            parts.push(format!("{without} without a known line of code{hint}"));
        }
        if self.not_checked > 0 {
            parts.push(format!("{} could not be checked", counted(self.not_checked, "finding")));
        }
        (!parts.is_empty()).then(|| format!("Not shown here: {}", parts.join(", ")))
    }
}

impl Document for GitHub {
    fn begin(&mut self, _: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn account(
        &mut self,
        _: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        for finding in report.findings.iter().filter(|finding| finding.waived.is_none()) {
            match (finding.verdict, finding.place()) {
                (Verdict::Fail, Some(place)) => self.add(report, finding, place),
                (Verdict::Fail, None) => self.not_placed += 1,
                (Verdict::Unknown | Verdict::Error, _) if finding.accepted.is_none() => {
                    self.not_checked += 1;
                }
                _ => {}
            }
        }
        if !report.entered && report.findings.is_empty() {
            self.not_checked += 1;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        _: &Summary,
    ) -> io::Result<Vec<Notice>> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown = 0;
        for (line, annotation) in &self.lines {
            let level = level(line.severity);
            let count = counts.entry(level).or_default();
            // The last notice is the one about what is not shown.
            if *count >= KEPT - usize::from(level == "notice") {
                continue;
            }
            *count += 1;
            shown += annotation.failures;
            let title = run.rule(&line.rule).map(|rule| rule.title.as_str());
            let title = format!("{}: {}", line.rule, title.unwrap_or("violated"));
            let others = match annotation.failures {
                1 => String::new(),
                failures => format!("; {} at this line", more_failures(failures - 1)),
            };
            // GitHub's end column is inclusive.
            writeln!(
                out,
                "::{level} file={},line={number},endLine={number},col={},endColumn={},title={}::{}",
                property(&line.file),
                annotation.column,
                annotation.end_column.saturating_sub(1).max(annotation.column),
                property(&one_line(&title, TITLE)),
                data(&format!("{}{others}", one_line(&annotation.message, MESSAGE))),
                number = line.line,
            )?;
        }
        if let Some(left_out) = self.left_out(run, shown) {
            writeln!(out, "::notice title=rolecall::{}", data(&left_out))?;
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PlaceKind, PlaceReason, Placing, Waived};
    use crate::output::sample;

    fn written(reports: &[AccountReport], run: &RunInfo) -> Vec<String> {
        let mut document = GitHub::default();
        let mut out = Vec::new();
        let mut summary = Summary::new(run);
        document.begin(&mut out, run).unwrap();
        for report in reports {
            document.account(&mut out, run, report).unwrap();
            summary.add(report);
        }
        document.finish(&mut out, run, &summary).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn run() -> RunInfo {
        RunInfo { has_sources: true, ..sample::run(1) }
    }

    /// A finding at a line.
    fn at(report: &AccountReport, rule: &str, resource: &str, file: &str, line: u32) -> Finding {
        let mut finding = sample::finding(report, rule, Verdict::Fail, resource);
        finding.placing = Some(Box::new(Placing::Placed(Place {
            file: file.to_owned(),
            line,
            column: 3,
            end_column: 9,
            address: format!("aws_x.{resource}"),
            what: PlaceKind::Block,
            because: None,
            call: None,
            value: None,
        })));
        finding
    }

    #[test]
    fn failures_are_annotations_at_their_lines() {
        let mut report = sample::account(1);
        let mut missing = at(&report, "ebs-volume-encrypted", "vol-1", "b.tf", 2);
        if let Some(Placing::Placed(place)) = missing.placing.as_deref_mut() {
            place.because = Some(PlaceReason::Missing);
        }
        let mut waived = at(&report, "sg-ingress", "sg-9", "c.tf", 1);
        waived.waived = Some(Box::new(Waived {
            reason: "known".to_owned(),
            owner: "web".to_owned(),
            expires: jiff::civil::date(2027, 1, 1),
            ticket: None,
            file: "waivers.toml".to_owned(),
            line: 1,
        }));
        report.findings = vec![
            missing,
            at(&report, "sg-ingress", "sg-1", "a,b:c%\n::x.tf", 7),
            at(&report, "sg-ingress", "sg-2", "a,b:c%\n::x.tf", 7),
            at(&report, "sg-ingress", "##[error]::stop\r", "a.tf", 1),
            waived,
            sample::finding(&report, "sg-ingress", Verdict::Pass, "sg-3"),
        ];
        assert_eq!(
            written(&[report], &run()),
            [
                "::error file=a%2Cb%3Ac%25 %3A%3Ax.tf,line=7,endLine=7,col=3,endColumn=8,title=sg-ingress%3A Title of sg-ingress::sg-1 (acme-1, eu-west-1): it is open to everyone; aws_x.sg-1; 1 more failure at this line",
                "::error file=a.tf,line=1,endLine=1,col=3,endColumn=8,title=sg-ingress%3A Title of sg-ingress::##\\[error]::stop  (acme-1, eu-west-1): it is open to everyone; aws_x.##\\[error]::stop ",
                "::warning file=b.tf,line=2,endLine=2,col=3,endColumn=8,title=ebs-volume-encrypted%3A Title of ebs-volume-encrypted::vol-1 (acme-1, eu-west-1): it is open to everyone; aws_x.vol-1 (which does not set it)",
            ]
        );
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let mut report = sample::account(1);
        report.findings = (1..=15)
            .map(|line| at(&report, "sg-ingress", "sg-1", "a.tf", line))
            .chain([
                sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-2"),
                sample::finding(&report, "sg-ingress", Verdict::Unknown, "sg-3"),
            ])
            .collect();
        let lines = written(&[report.clone()], &run());
        assert_eq!(lines.len(), 11);
        assert!(lines[9].contains(",line=10,"), "{}", lines[9]);
        assert_eq!(
            lines[10],
            "::notice title=rolecall::Not shown here: 5 more failures at lines of code, 1 failure without a known line of code, 1 finding could not be checked"
        );
        let without = RunInfo { has_sources: false, ..run() };
        report.findings = vec![sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-2")];
        assert_eq!(
            written(&[report.clone()], &without),
            [
                "::notice title=rolecall::Not shown here: 1 failure without a known line of code; configure [[source]] to find it"
            ]
        );
        report.findings = Vec::new();
        assert_eq!(written(&[report.clone()], &without), [""; 0]);
        // More lines than are remembered: the most severe ones stay.
        report.findings = (1..=3_000)
            .map(|line| at(&report, "ebs-volume-encrypted", "vol-1", "b.tf", line))
            .chain([at(&report, "s3-bucket-policy-not-public", "b", "z.tf", 1)])
            .collect();
        let lines = written(&[report], &run());
        assert_eq!(lines.len(), 12);
        assert!(lines[0].starts_with("::error file=z.tf,line=1,"), "{}", lines[0]);
        assert!(lines[11].ends_with("2990 more failures at lines of code"), "{}", lines[11]);
    }
}
