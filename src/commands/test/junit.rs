//! JUnit XML: a suite per rule, a test case per case. There are no times, so that the output is
//! deterministic.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::{Outcome, Tested};
use crate::diagnostics::Diagnostic;
use crate::model::counted;
use crate::rules::cases::Difference;
use crate::run::resource_trace::{evaluated, read};

/// Writes the results.
pub(crate) fn write(
    tested: &[Tested],
    orphans: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut report = Report::new("rolecall test");
    report.add_test_suites(tested.iter().map(suite));
    if !orphans.is_empty() {
        let mut suite = TestSuite::new("test case files");
        suite.add_test_cases(orphans.iter().map(|orphan| {
            let status = bad(NonSuccessKind::Failure, &orphan.message, &orphan.render(false));
            TestCase::new(orphan.file.as_str(), status)
        }));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn suite(tested: &Tested) -> TestSuite {
    let mut suite = TestSuite::new(tested.rule.id.as_str());
    let case = |name: &str, status| {
        let mut case = TestCase::new(name, status);
        case.set_classname(tested.rule.id.as_str());
        case
    };
    let whole = |kind, message: &str, description: &str| {
        case("test case file", bad(kind, message, description))
    };
    match &tested.outcome {
        Outcome::NoCases => {
            suite.add_test_case(whole(
                NonSuccessKind::Failure,
                "the rule has no test cases",
                &format!("create {}", tested.cases_file),
            ));
        }
        Outcome::Unreadable(diagnostics) => {
            let text: Vec<String> =
                diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
            suite.add_test_case(whole(
                NonSuccessKind::Error,
                "the test cases are invalid",
                &text.join("\n\n"),
            ));
        }
        Outcome::Ran(outcome) => {
            suite.add_test_cases(outcome.cases.iter().map(|one| {
                let at = format!("{}:{}", tested.cases_file, one.line);
                let status = one
                    .difference
                    .as_ref()
                    .map_or_else(TestCaseStatus::success, |difference| different(&at, difference));
                let mut case = case(&one.name, status);
                if let Some(variant) = &one.variant {
                    case.set_classname(variant.as_str());
                }
                case
            }));
            if !outcome.complaints.is_empty() {
                suite.add_test_case(whole(
                    NonSuccessKind::Failure,
                    &outcome.complaints.join("; "),
                    &tested.cases_file,
                ));
            }
            if let Some(coverage) = &outcome.coverage {
                let missed = coverage.missed.iter().map(|missed| {
                    format!("{}:{}  {}", tested.rule.file.name, missed.place.line, missed.source)
                });
                let missed: Vec<String> = missed.collect();
                let unreached = counted(coverage.unreached(), "statement");
                let message = format!("{unreached} not covered by any test case");
                let status = if missed.is_empty() {
                    TestCaseStatus::success()
                } else {
                    bad(NonSuccessKind::Failure, &message, &missed.join("\n"))
                };
                suite.add_test_case(case("coverage", status));
            }
        }
    }
    suite
}

fn different(at: &str, difference: &Difference) -> TestCaseStatus {
    match difference {
        Difference::InvalidCase(mistake) => {
            bad(NonSuccessKind::Error, &mistake.message, &mistake.render(false))
        }
        Difference::RuleOutcome { got, expected, expected_message, reads, .. } => {
            let message = match expected_message {
                Some(_) => "unexpected message".to_owned(),
                None => format!("expected {expected}, got {}", got.verdict),
            };
            let mut lines = vec![at.to_owned()];
            lines.extend(
                expected_message.iter().map(|message| format!("expected  {expected}: {message}")),
            );
            lines.push(format!("got       {}", evaluated(got)));
            lines.extend(got.evidence.iter().map(|piece| format!("evidence  {piece}")));
            lines.extend(reads.iter().map(|one| format!("read      {}", read(one))));
            bad(NonSuccessKind::Failure, &message, &lines.join("\n"))
        }
        Difference::Fix(fix) => {
            let labeled = |label: &'static str, texts: Vec<String>| {
                texts.into_iter().map(move |text| format!("{label:8}  {text}"))
            };
            let mut lines = vec![at.to_owned()];
            lines.extend(labeled("expected", fix.expected()));
            lines.extend(labeled("got", fix.got()));
            lines.extend(fix.evidence().iter().map(|piece| format!("evidence  {piece}")));
            lines.extend(fix.reads().0.iter().map(|one| format!("read      {}", read(one))));
            bad(NonSuccessKind::Failure, "unexpected fix", &lines.join("\n"))
        }
    }
}

fn bad(kind: NonSuccessKind, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message).set_description(description);
    status
}
