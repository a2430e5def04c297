//! `scan`: all steps of a run in one invocation.

use super::event::{CollectEvent, ReportAnswer, RunName, TargetsEvent};
use super::failure::Failure;
use super::invocation::Invocation;
use super::{collect, report, targets};

/// There is only one shard.
const SHARD_SIZE: u16 = 1000;

/// Scans all accounts.
pub(super) fn run(invocation: &Invocation, run: Option<RunName>) -> Result<ReportAnswer, Failure> {
    let run = match run {
        Some(run) => run,
        // An invocation that Lambda repeats has the same id, and goes on where it ended.
        None => RunName::try_from(invocation.request_id.clone()).map_err(Failure::other)?,
    };
    targets::run(invocation, &TargetsEvent { run: run.clone(), shard_size: SHARD_SIZE })?;
    let list = invocation.files(&run)?.require_targets()?;
    let accounts = list.shards.iter().flatten().cloned().collect();
    let event = CollectEvent { run: run.clone(), shard: 1, accounts, round: 0, stalled: 0 };
    // Time for the report is kept back.
    collect::run(invocation, event, 2)?;
    report::run(invocation, &run)
}
