//! `collect`: some accounts of a run, until the time is up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::event::{CollectAnswer, CollectEvent};
use super::failure::Failure;
use super::invocation::{Invocation, list_of_targets};
use crate::aws::NoopObserver;
use crate::cli::AwsArgs;
use crate::exit::Exit;
use crate::model::counted;
use crate::run::aws_session::AwsSession;
use crate::run::collection::{self, Resume};
use crate::run::earlier_run::{self, EarlierRun};
use crate::run::run_json::{self, RunResult};
use crate::run::targets::{Part, TargetSet};
use crate::snapshot::{TargetsFile, Writer};

/// Collects what is missing of these accounts. `more` is how much more time is kept back, in
/// reserves.
pub(super) fn run(
    invocation: &Invocation,
    mut event: CollectEvent,
    more: u32,
) -> Result<CollectAnswer, Failure> {
    let mut seen = BTreeSet::new();
    event.accounts.retain(|account| seen.insert(account.clone()));
    let round = event.round;
    event.round = round.saturating_add(1);
    if event.accounts.is_empty() {
        return Ok(CollectAnswer { next: event, collected: 0, kept: 0, incomplete: 0 });
    }
    let files = invocation.files(&event.run)?;
    let list = files.require_targets()?;
    check(&event, &list)?;
    // After an invocation that finished nothing, an account has one for itself.
    let is_stalled = event.stalled > 0;
    let later = event.accounts.split_off(if is_stalled { 1 } else { event.accounts.len() });

    let (_, setup) = invocation.setup()?;
    let mut session = AwsSession::begin(&setup, &AwsArgs::default())?;
    let part = Part::Accounts(event.accounts.clone());
    let targets = TargetSet::of_run(&setup, (list_of_targets(), list), &part)?;
    let dir = files.local_folder("snapshot")?;
    Writer::create(&dir, targets.for_snapshot(), &targets.demand(&setup))?;
    files.download_accounts(&event.accounts, &dir)?;
    earlier_run::write(&dir, &EarlierRun::of_part(is_stalled))?;
    let folder =
        collection::folder(&setup, &mut session, &targets, Some(&dir), Resume::of(true, false))?;
    setup.staging.keep_snapshot(&dir, files.connection(), files.accounts());

    let kept = folder.done().len();
    session.end_after(Some(invocation.time_to_collect(more)), &setup);
    let args = AwsArgs::default();
    let collected =
        collection::collect(&setup, &args, session, targets, &folder, Arc::new(NoopObserver))?;
    let outcome = &collected.outcome;
    let sum = |count: fn(&crate::aws::AccountOutcome) -> usize| {
        outcome.accounts.iter().map(count).sum::<usize>()
    };
    let (gaps, accepted_gaps) =
        (sum(|account| account.open_gaps), sum(|account| account.accepted_gaps));
    let exit = if gaps + outcome.left.len() > 0 { Exit::Incomplete } else { Exit::Clean };
    let summary = format!(
        "{}, {}, {}",
        counted(outcome.accounts.len(), "account"),
        counted(sum(|account| account.resources), "resource"),
        counted(gaps, "gap")
    );
    let result = RunResult { summary, gaps, accepted_gaps, findings: None };
    run_json::write(&folder, &collected, exit, &result, &collected.notices(&setup))?;
    files.upload(&dir.join("run.json"), &format!("run/{}-{round}.json", event.shard))?;

    let finished = outcome.accounts.len();
    let incomplete = outcome.accounts.iter().filter(|account| account.open_gaps > 0).count();
    event.accounts.retain(|account| outcome.left.contains(account));
    event.accounts.extend(later);
    event.stalled = if finished + kept > 0 { 0 } else { event.stalled.saturating_add(1) };
    Ok(CollectAnswer { next: event, collected: finished, kept, incomplete })
}

fn check(event: &CollectEvent, list: &TargetsFile) -> Result<(), Failure> {
    let is_target =
        |account| list.targets.binary_search_by(|target| target.account.cmp(account)).is_ok();
    match event.accounts.iter().find(|account| !is_target(account)) {
        None => Ok(()),
        Some(account) => Err(Failure::event(format!(
            "account {account} is not a target of run `{}`",
            event.run.as_str()
        ))),
    }
}
