//! Facts that are collected for one purpose and then deleted: what `remediate apply`, `verify` and
//! `undo` look at.

use std::collections::BTreeSet;
use std::sync::Arc;

use tempfile::TempDir;

use super::aws_session::AwsSession;
use super::collection;
use super::error::CommandError;
use super::setup::Setup;
use super::targets::TargetSet;
use crate::aws::{self, CollectRequest, Observer};
use crate::cli::AwsArgs;
use crate::interrupts;
use crate::model::{AccountId, Demand, Target};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// Facts in a temporary folder.
pub(crate) struct FreshFacts {
    /// The facts.
    pub(crate) reader: Reader,
    _folder: TempDir,
}

/// The targets with these accounts, which must all be among those of the config.
pub(crate) fn targets_of(
    setup: &Setup,
    session: &mut AwsSession,
    accounts: &BTreeSet<AccountId>,
    quiet: bool,
) -> Result<TargetSet, CommandError> {
    let mut targets = TargetSet::resolve(setup, session, None, quiet)?;
    let is_known =
        |account: &&AccountId| targets.targets.iter().any(|target| target.account == **account);
    if let Some(unknown) = accounts.iter().find(|account| !is_known(account)) {
        return Err(CommandError::Usage(format!(
            "account {unknown} is not among the accounts of the config and the command line"
        )));
    }
    targets.targets.retain(|target| accounts.contains(&target.account));
    Ok(targets)
}

/// Collects the accounts.
pub(crate) fn collect(
    setup: &Setup,
    args: &AwsArgs,
    session: &mut AwsSession,
    targets: &TargetSet,
    demand: Demand,
) -> Result<FreshFacts, CommandError> {
    struct Quiet;
    impl Observer for Quiet {}
    let folder = tempfile::Builder::new().prefix("rolecall-").tempdir();
    let folder = folder.map_err(|error| SnapshotError::Io { path: std::env::temp_dir(), error })?;
    interrupts::remove_at_exit(folder.path());
    let writer = Writer::create(folder.path(), targets.for_snapshot(), &demand)?;
    let waiting: Vec<Target> = targets.targets.clone();
    let request = CollectRequest { demand, ..collection::request(setup, args, session, waiting)? };
    let work = async {
        aws::collect(request, &writer, Arc::new(Quiet), std::future::pending::<()>()).await
    };
    session.block_on(work, " while reading accounts; nothing was changed")?;
    let reader = Reader::open(folder.path())?;
    Ok(FreshFacts { reader, _folder: folder })
}
