//! Tests of the text report.

use crate::model::text::is_unprintable;
use crate::model::{Severity, Verdict};
use crate::output::sample;
use crate::report::{AccountReport, RunInfo, StaleGap, Summary};

use super::*;

fn shown(
    options: TextOptions,
    run: &RunInfo,
    reports: &[AccountReport],
    stale: &[StaleGap],
) -> String {
    let (sink, bytes) = sample::memory();
    let mut output = Box::new(TextOutput::with_sink(sink, options));
    let mut summary = Summary::new(run);
    summary.stale_accepted_gaps = stale.to_vec();
    output.begin(run).unwrap();
    for report in reports {
        output.account(run, report).unwrap();
        summary.add(report);
    }
    output.finish(run, &summary).unwrap();
    sample::text_of(&bytes)
}

#[test]
fn the_whole_report() {
    let stale = StaleGap {
        covers: "account *, region *, call iam:*".to_owned(),
        reason: "no longer needed".to_owned(),
    };
    let reports = [sample::mixed(1), sample::not_entered(2), sample::account(3)];
    insta::assert_snapshot!(shown(TextOptions::default(), &sample::run(3), &reports, &[stale]));
}

#[test]
fn the_closing_line_explains_the_exit_code() {
    let last = |run: &RunInfo, report: AccountReport| {
        let text = shown(TextOptions { width: 160, color: false }, run, &[report], &[]);
        text.lines().last().unwrap().to_owned()
    };
    let mut run = sample::run(1);
    assert_eq!(
        last(&run, sample::account(1)),
        "No findings at or above high; no gaps; 1 account of the organization was not scanned (exit code 0)."
    );
    run.skipped_accounts.clear();
    let mut failing = sample::account(1);
    failing.findings.push(sample::finding(&failing, "sg-ingress", Verdict::Fail, "sg-1"));
    assert_eq!(last(&run, failing.clone()), "1 finding at or above high; no gaps (exit code 1).");
    assert_eq!(
        last(&run, sample::account(1)),
        "Clean: no findings at or above high; no gaps (exit code 0)."
    );
    run.fail_on = Some(Severity::Critical);
    assert_eq!(
        last(&run, failing.clone()),
        "Clean: no findings at or above critical; no gaps (exit code 0)."
    );
    assert!(
        last(&run, sample::mixed(1))
            .starts_with("Incomplete: 1 gap, 1 unknown verdict and 1 rule error")
    );
    run.fail_on = None;
    assert_eq!(
        last(&run, failing),
        "Complete: no gaps; failures do not affect the exit code (exit code 0)."
    );
}

#[test]
fn unknown_resources_are_grouped_by_cause() {
    let mut report = sample::account(1);
    for index in 0..200 {
        report.findings.push(sample::finding(
            &report,
            "s3-bucket-policy-not-public",
            Verdict::Unknown,
            &format!("b{index:03}"),
        ));
    }
    let text = shown(TextOptions::default(), &sample::run(1), &[report], &[]);
    assert!(text.lines().count() < 20, "{text}");
    assert!(text.contains("200 resources: b000, b001, b002 … and 197 more"), "{text}");
}

#[test]
fn untrusted_text_is_printable_and_lines_are_wrapped() {
    for width in [60, 100] {
        let text =
            shown(TextOptions { width, color: false }, &sample::run(1), &[sample::hostile(1)], &[]);
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
        // Names from rolecall (rules, table columns) may be longer; untrusted text is wrapped or
        // truncated.
        let findings = text.split("Coverage gaps").next().unwrap();
        let long: Vec<&str> =
            findings.lines().skip(1).filter(|line| layout::width(line) > width).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
    let colored =
        shown(TextOptions { width: 100, color: true }, &sample::run(1), &[sample::mixed(1)], &[]);
    assert!(colored.contains("\u{1b}[31m"));
    let plain = shown(TextOptions::default(), &sample::run(1), &[sample::mixed(1)], &[]);
    assert_eq!(
        anstream::adapter::strip_str(&colored).to_string(),
        plain,
        "color changes only the colors"
    );
}

#[test]
fn the_compliance_table_has_a_line_per_checked_requirement() {
    for width in [60, 100] {
        let text = shown(
            TextOptions { width, color: false },
            &sample::run_by_framework(1),
            &[sample::mixed(1)],
            &[],
        );
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
        let table = text.split("(site-1)").nth(1).unwrap().split("Summary").next().unwrap();
        assert!(table.lines().all(|line| layout::width(line) <= width), "{table}");
        let counts = |number: &str| {
            let line = table
                .lines()
                .find(|line| line.starts_with(&format!("  {number} ")))
                .unwrap_or_else(|| panic!("{table}"));
            line.split_whitespace().rev().take(4).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(counts("1.1"), ["0", "1", "1", "failed"]);
        assert!(table.contains("    rules not run: not-selected"), "{table}");
        assert!(
            table.contains("2 failed, 2 not covered, 1 not assessable\n  not covered: 1.3, 3\n  not assessable: 2\n"),
            "{table}"
        );
    }
}
