//! `rolecall targets`: writes the list of accounts of a run, divided into shards.

use std::io::Write;

use crate::cli::{Global, TargetsArgs};
use crate::exit::Exit;
use crate::model::counted;
use crate::run::aws_session::AwsSession;
use crate::run::earlier_run::EarlierRun;
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::run::targets;

/// Runs the command.
pub fn run(global: &Global, args: &TargetsArgs) -> Result<Exit, CommandError> {
    let setup =
        Setup::new(global, &args.narrowing, &args.rules, true)?.with_fixes(args.needs.fixes);
    let earlier = args.previous.as_deref().map(EarlierRun::require).transpose()?;
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let seconds = earlier.map(|earlier| earlier.seconds()).unwrap_or_default();
    let shards = |_| args.shards.into();
    let list = targets::new_list(&setup, &mut session, seconds, shards, global.quiet)?;
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
