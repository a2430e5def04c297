//! `targets`: the list of accounts of a run, divided into shards.

use serde::Serialize;

use super::event::{TargetsAnswer, TargetsEvent};
use super::failure::Failure;
use super::invocation::Invocation;
use super::run_files::{RUN, RunFiles};
use crate::cli::AwsArgs;
use crate::model::AccountId;
use crate::run::aws_session::AwsSession;
use crate::run::earlier_run::EarlierRun;
use crate::run::targets;
use crate::snapshot::TargetsFile;

/// The shards, as the state machine reads them.
const SHARDS: &str = "shards.json";

#[derive(Serialize)]
struct Shard<'a> {
    /// From 1.
    shard: usize,
    accounts: &'a [AccountId],
}

/// Writes the list, unless an earlier attempt did.
pub(super) fn run(invocation: &Invocation, event: &TargetsEvent) -> Result<TargetsAnswer, Failure> {
    let files = invocation.files(&event.run)?;
    let list = match files.targets()? {
        Some(list) => list,
        None => create(invocation, event, &files)?,
    };
    let used = list.shards.iter().filter(|accounts| !accounts.is_empty());
    let shards: Vec<Shard<'_>> =
        used.zip(1..).map(|(accounts, shard)| Shard { shard, accounts }).collect();
    files.upload_json(SHARDS, &shards)?;
    Ok(TargetsAnswer {
        run: event.run.clone(),
        bucket: invocation.bucket.clone(),
        shards: files.place(SHARDS).key,
        accounts: list.targets.len(),
    })
}

fn create(
    invocation: &Invocation,
    event: &TargetsEvent,
    files: &RunFiles,
) -> Result<TargetsFile, Failure> {
    let (global, setup) = invocation.setup()?;
    let mut session = AwsSession::begin(&setup, &AwsArgs::default())?;
    let seconds = match files.previous(RUN, session.started())? {
        Some(file) => EarlierRun::read(file.parent().unwrap_or(&file)).seconds(),
        None => Default::default(),
    };
    let shards = |accounts: usize| accounts.div_ceil(event.shard_size.into());
    let list = targets::new_list(&setup, &mut session, seconds, shards, global.quiet)?;
    let local = files.local(TargetsFile::NAME)?;
    list.write(local.parent().unwrap_or(&local))?;
    files.upload_targets()?;
    // If two invocations began the run, the list of one of them counts.
    files.require_targets()
}
