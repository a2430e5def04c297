//! `run.json` beside a snapshot: everything about a run that differs between runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::collection::{CollectionResult, Folder, Stop};
use super::earlier_run::{self, DEADLINE};
use super::error::CommandError;
use super::memory;
use crate::aws::Stats;
use crate::exit::Exit;
use crate::model::{AccountId, Verdict};
use crate::report::Summary;

/// The result of a run in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct RunResult {
    /// In one line, as on stderr.
    pub(crate) summary: String,
    /// Gaps that are not accepted.
    pub(crate) gaps: usize,
    /// Accepted gaps, which were not read either.
    pub(crate) accepted_gaps: usize,
    /// Findings, if the run evaluated rules.
    #[serde(flatten)]
    pub(crate) findings: Option<FindingCounts>,
}

/// Numbers of findings in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct FindingCounts {
    /// Per verdict, waived ones included.
    pub(crate) verdicts: BTreeMap<Verdict, usize>,
    /// Waived ones, per verdict.
    pub(crate) waived: BTreeMap<Verdict, usize>,
    /// Per state since the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) states: Option<StateNumbers>,
}

/// Numbers of findings per state in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct StateNumbers {
    new: usize,
    unchanged: usize,
    fixed: usize,
    unknown_now: usize,
    not_scanned: usize,
}

impl FindingCounts {
    /// Those of a summary.
    pub(crate) fn new(summary: &Summary) -> Self {
        Self {
            verdicts: summary.verdicts.clone(),
            waived: summary.waived.clone(),
            states: summary.states.as_ref().map(|states| StateNumbers {
                new: states.new_failures(),
                unchanged: states.unchanged,
                fixed: states.fixed,
                unknown_now: states.unknown_now,
                not_scanned: states.not_scanned,
            }),
        }
    }
}

/// `run.json` next to a snapshot: everything that differs between runs.
#[derive(Serialize)]
struct RunRecord<'a> {
    tool: &'static str,
    run_id: &'a str,
    started_at: String,
    finished_at: String,
    seconds: f64,
    exit_code: u8,
    result: &'a RunResult,
    accounts: usize,
    accounts_not_entered: usize,
    /// What ended the collection early: `deadline`, or the name of a signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<&'static str>,
    /// Accounts that were not collected, because the run was stopped before.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    accounts_left: &'a BTreeSet<AccountId>,
    /// How long each account took; for accounts of a resumed snapshot, in the run that collected it.
    account_seconds: BTreeMap<&'a AccountId, f64>,
    /// Peak memory use of the process in KiB, where the system reports it.
    peak_memory_kib: Option<u64>,
    /// How many accounts this run collected per minute.
    accounts_per_minute: Option<f64>,
    notices: &'a [String],
    #[serde(flatten)]
    stats: &'a Stats,
}

/// Writes `run.json`, unless the folder is temporary.
pub(crate) fn write(
    folder: &Folder,
    collected: &CollectionResult,
    exit: Exit,
    result: &RunResult,
    notices: &[String],
) -> Result<(), CommandError> {
    if folder.is_temporary() {
        return Ok(());
    }
    let finished = Timestamp::now();
    let record = RunRecord {
        tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")),
        run_id: &collected.run_id,
        started_at: collected.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        finished_at: finished.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: finished.duration_since(collected.started).as_secs_f64(),
        exit_code: exit.code(),
        result,
        accounts: collected.outcome.accounts.len(),
        accounts_not_entered: collected.outcome.failed(),
        stopped_by: collected.stopped.map(|stop| match stop {
            Stop::Signal(name) => name,
            Stop::Deadline => DEADLINE,
        }),
        accounts_left: &collected.outcome.left,
        account_seconds: collected
            .earlier_durations
            .iter()
            .chain(&collected.outcome.durations)
            .map(|(account, time)| (account, (time.as_secs_f64() * 1e3).round() / 1e3))
            .collect(),
        peak_memory_kib: memory::peak_kib(),
        accounts_per_minute: collected.usage().accounts_per_minute(),
        notices,
        stats: &collected.outcome.stats,
    };
    earlier_run::write(folder.path(), &record)
}
