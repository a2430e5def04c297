//! The sentence that closes a report for people.

use super::words::count;
use crate::model::{Severity, Verdict, series};
use crate::report::{RunInfo, Summary};

/// The exit code of a run whose reports were all written.
pub(super) fn exit_code(run: &RunInfo, summary: &Summary) -> u8 {
    let found = run.fail_on.is_some_and(|least| summary.failures_at_least(run, least) > 0);
    match (summary.incomplete, found) {
        (true, _) => 3,
        (false, true) => 1,
        (false, false) => 0,
    }
}

/// Explains the exit code, with the verdict that it amounts to.
pub(super) fn closing(run: &RunInfo, summary: &Summary) -> (Verdict, String) {
    let counted = run.fail_on.map(|threshold| {
        let number = summary.failures_at_least(run, threshold);
        let new = if run.fail_on_new { "new " } else { "" };
        let findings = count(number, &format!("{new}finding"), &format!("{new}findings"));
        (number, format!("{findings} at or above {threshold}"))
    });
    if summary.incomplete {
        let mut missing = Vec::new();
        if summary.gaps > 0 {
            missing.push(count(summary.gaps, "gap", "gaps"));
        }
        let unknown =
            summary.count(Verdict::Unknown).saturating_sub(summary.waived(Verdict::Unknown));
        if unknown > 0 {
            missing.push(count(unknown, "unknown verdict", "unknown verdicts"));
        }
        if summary.count(Verdict::Error) > 0 {
            missing.push(count(summary.count(Verdict::Error), "rule error", "rule errors"));
        }
        let found = counted.map(|(_, text)| format!("; {text}")).unwrap_or_default();
        let notes = summary.reservations(run).into_iter().map(|note| format!("; {note}"));
        let notes: String = notes.collect();
        return (
            Verdict::Unknown,
            format!("Incomplete: {}{found}{notes} (exit code 3).", series(missing, "and")),
        );
    }
    let mut notes = summary.reservations(run);
    if summary.accepted_gaps == 0 {
        notes.insert(0, "no gaps".to_owned());
    }
    match summary.waived.values().sum() {
        0 => {}
        1 => notes.insert(0, "1 finding is waived".to_owned()),
        waived => notes.insert(0, format!("{waived} findings are waived")),
    }
    let gaps = notes.join("; ");
    let unreserved = summary.is_clean(run);
    match counted {
        Some((number, text)) if number > 0 => {
            (Verdict::Fail, format!("{text}; {gaps} (exit code 1)."))
        }
        Some(_) => {
            let threshold = run.fail_on.map_or("", Severity::as_str);
            let clean = match (run.fail_on_new, unreserved) {
                (true, _) => "No new",
                (false, true) => "Clean: no",
                (false, false) => "No",
            };
            let text = format!("{clean} findings at or above {threshold}; {gaps} (exit code 0).");
            (Verdict::Pass, text)
        }
        None => {
            let complete = if unreserved { "Complete: no gaps" } else { gaps.as_str() };
            let text = "failures do not affect the exit code (exit code 0).";
            (Verdict::Pass, format!("{complete}; {text}"))
        }
    }
}
