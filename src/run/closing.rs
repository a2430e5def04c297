//! What a run says in the end: its result in one line, what it took, and what needs attention.

use std::io::Write;

use crate::evaluate::Evaluation;
use crate::exit::Exit;
use crate::facts::Scope;
use crate::model::{Region, SkippedAccount, Verdict, counted};
use crate::output::{Notice, usage_line, usage_table};
use crate::report::{CollectionUsage, RunInfo, Summary};

/// Lists the skipped accounts of the organization on stderr.
pub(crate) fn warn_skipped(skipped: &[SkippedAccount]) {
    const SHOWN: usize = 50;
    let mut stderr = crate::output::stderr();
    for skipped in skipped.iter().take(SHOWN) {
        writeln!(stderr, "note: account {skipped}").ok();
    }
    if let Some(more) = skipped.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let more = counted(more, "more skipped account");
        writeln!(stderr, "note: and {more}; snapshot.json and the JSON report list all of them")
            .ok();
    }
}

/// Waivers that need attention, as notices.
pub(super) fn stale_waivers(summary: &Summary) -> Vec<Notice> {
    const SHOWN: usize = 50;
    let stale = &summary.stale_waivers;
    let mut notices: Vec<Notice> = stale.iter().take(SHOWN).map(Notice::of_waiver).collect();
    if let Some(more) = stale.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        notices.push(Notice::more_waivers(more));
    }
    notices
}

/// The result of the run in one line.
pub(super) fn one_line(run: &RunInfo, summary: &Summary, exit: Exit) -> String {
    let count = |verdict| summary.count(verdict);
    let waived = |verdict| match summary.waived(verdict) {
        0 => String::new(),
        number => format!(" ({number} waived)"),
    };
    let mut text = format!(
        "{}, {}, {}: {} failed{}, {} passed, {} skipped, {} unknown{}, {}, {}",
        counted(summary.accounts, "account"),
        counted(summary.resources, "resource"),
        counted(run.rules.len(), "rule"),
        count(Verdict::Fail),
        waived(Verdict::Fail),
        count(Verdict::Pass),
        count(Verdict::Skip),
        count(Verdict::Unknown),
        waived(Verdict::Unknown),
        counted(count(Verdict::Error), "error"),
        counted(summary.gaps, "gap"),
    );
    if let Some(states) = &summary.states {
        text.push_str(&format!("; since the baseline: {}", states.in_words()));
        if states.not_scanned > 0 {
            let open = counted(states.not_scanned, "open finding");
            text.push_str(&format!(", {open} in accounts that are not part of this run"));
        }
    }
    text.push_str(match exit {
        Exit::Clean if run.fail_on_new => "; no new findings at or above the threshold",
        Exit::Findings if run.fail_on_new => "; new findings at or above the threshold",
        Exit::Clean if summary.is_clean(run) => "; clean",
        Exit::Clean => "; no findings at or above the threshold",
        Exit::Findings => "; findings at or above the threshold",
        Exit::Incomplete => "; incomplete",
        Exit::CouldNotRun => "; not all reports were written",
    });
    for reservation in summary.reservations(run) {
        text.push_str(&format!("; {reservation}"));
    }
    text
}

/// Prints what a collection took on stderr, with a table by API if `has_table`.
pub(crate) fn print_usage(usage: &CollectionUsage, has_table: bool) {
    let line = usage_line(usage);
    if line.is_empty() {
        return;
    }
    let mut stderr = crate::output::stderr();
    if has_table {
        write!(stderr, "{}", usage_table(usage)).ok();
    }
    writeln!(stderr, "{line}").ok();
}

/// Settings of an account have no region, so a filter by region excludes them.
pub(super) fn excluded_by_region(evaluation: &Evaluation) -> Option<Notice> {
    let regions = evaluation.regions.as_ref()?;
    let kinds = evaluation.rules.iter().map(|selected| selected.rule.meta.kind);
    let excluded = kinds
        .filter(|kind| kind.scope != Scope::Regional && kind.list.is_empty())
        .filter(|_| !regions.matches(Region::global().as_str()))
        .count();
    (excluded > 0).then(|| {
        let rules = counted(excluded, "rule");
        Notice::new(&format!(
            "skipped {rules} for account settings: add --region global to evaluate account settings"
        ))
    })
}
