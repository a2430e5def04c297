//! `rolecall targets`: writes the list of accounts of a run, divided into shards.

use std::io::Write;

use crate::cli::{Global, TargetsArgs};
use crate::exit::Exit;
use crate::model::counted;
use crate::run::aws_session::AwsSession;
use crate::run::earlier_run::EarlierRun;
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::run::targets::TargetSet;
use crate::snapshot::TargetsFile;

/// Runs the command.
pub fn run(global: &Global, args: &TargetsArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let earlier = args.previous.as_deref().map(EarlierRun::require).transpose()?;
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let targets = TargetSet::resolve(&setup, &mut session, None, global.quiet)?;
    let mut seconds = earlier.map(|earlier| earlier.seconds()).unwrap_or_default();
    seconds.retain(|account, _| targets.targets.iter().any(|target| target.account == *account));
    let regions = setup.regions.as_ref().map(|globs| globs.patterns().to_vec()).unwrap_or_default();
    let mut list = TargetsFile::new(
        setup.stamp(session.run_id()),
        session.started(),
        (setup.demand(), regions),
        targets.for_snapshot(),
        seconds,
        args.shards.into(),
    );
    let named = targets.targets.iter().filter(|target| !target.regions.is_empty());
    list.account_regions =
        named.map(|target| (target.account.clone(), target.regions.clone())).collect();
    list.fallback_regions = setup.config.scan.fallback_regions.clone();
    let path = list.write(&args.to)?;
    if !global.quiet {
        let accounts = counted(list.targets.len(), "account");
        let shards = counted(list.shards.len(), "shard");
        let path = path.display();
        writeln!(
            crate::output::stderr(),
            "run {}: {accounts} in {shards}, in {path}",
            list.stamp.run
        )
        .ok();
    }
    Ok(Exit::Clean)
}
