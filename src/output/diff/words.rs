//! Wording that text and Markdown share.

use crate::output::words::count;
use crate::report::{Change, Diff, Reason};

/// The numbers in one line.
pub(super) fn totals(diff: &Diff) -> String {
    let is_absent = |change: &&Change| change.reason == Some(Reason::AccountNotScanned);
    let absent = match diff.unknown_now.iter().filter(is_absent).count() {
        0 => String::new(),
        absent => format!(" ({absent} in accounts that were not scanned)"),
    };
    let waived = match diff.unchanged_waived {
        0 => String::new(),
        waived => format!(" ({waived} waived)"),
    };
    format!(
        "{} new, {} unchanged{waived}, {} fixed, {} unknown now{absent}; {}, {} closed",
        diff.new_failures.len(),
        diff.unchanged,
        diff.fixed.len(),
        diff.unknown_now.len(),
        count(diff.new_gaps.len(), "new gap", "new gaps"),
        diff.closed_gaps.len(),
    )
}

/// Explains the exit code.
pub(super) fn closing(diff: &Diff) -> String {
    let failures = diff.fail_on.map(|threshold| {
        let number = diff.failures();
        format!("{} at or above {threshold}", count(number, "new failure", "new failures"))
    });
    let mut unchecked = Vec::new();
    if !diff.incomplete.is_empty() {
        let accounts = count(diff.incomplete.len(), "account", "accounts");
        unchecked.push(format!("{accounts} in NEW could not be read completely"));
    }
    if !diff.unknown_now.is_empty() {
        let findings = count(diff.unknown_now.len(), "finding", "findings");
        unchecked.push(format!("{findings} from OLD could not be checked"));
    }
    let unchecked = unchecked.join(", and ");
    let failures = failures.unwrap_or_else(|| "failures do not affect the exit code".to_owned());
    match (diff.is_incomplete(), unchecked.is_empty()) {
        (true, _) => format!("Incomplete: {unchecked}; {failures} (exit code 3)."),
        (false, empty) => {
            let code = u8::from(diff.failures() > 0);
            let accepted = if empty { String::new() } else { format!("{unchecked}; ") };
            format!("{accepted}{failures} (exit code {code}).")
        }
    }
}
