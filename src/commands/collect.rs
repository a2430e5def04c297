//! `rolecall collect`: facts of all accounts into a snapshot, to be judged later or elsewhere.

use std::io::Write;
use std::sync::Arc;

use super::CommandError;
use super::gather::{self, Cleared, Run};
use super::reporting::tell_skipped;
use super::roll::Roll;
use super::setup::Setup;
use crate::cli::{CollectArgs, Global};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::snapshot::{Collected, Reader};

/// Runs the command.
pub fn run(global: &Global, args: &CollectArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let mut run = Run::begin(&setup, &args.aws)?;
    let roll = Roll::call(&setup, &mut run, Some(args.snapshot.as_path()).filter(|_| args.resume), global.quiet)?;
    let folder = gather::folder(&setup, &roll, Some(&args.snapshot), args.resume)?;
    let progress = Arc::new(Progress::new(gather::names(&roll.targets, &folder), false, global.quiet));
    let (targets, skipped) = (roll.targets.clone(), roll.skipped.clone());
    let gathered = {
        let _cleared = Cleared(&progress);
        gather::collect(&setup, &args.aws, run, roll, &folder, progress.clone())?
    };
    let reader = Reader::open(folder.path())?;
    let (mut gaps, mut resources) = (0, 0);
    for target in &targets {
        match reader.account(&target.account)? {
            Collected::Missing(_) => gaps += 1,
            Collected::Whole(snapshot) => {
                resources += snapshot.resources.len();
                let accepted = |gap: &&crate::model::Gap| {
                    setup.config.accepted_gaps.iter().any(|known| known.covers_gap(&target.account, gap))
                };
                gaps += snapshot.gaps.iter().filter(|gap| !accepted(gap)).count();
            }
        }
    }
    let exit = if gaps > 0 { Exit::Incomplete } else { Exit::Clean };
    let notices = gathered.notices(&setup);
    gather::tell(&notices, global.quiet);
    gather::record(&folder, &gathered, exit, &notices)?;
    if !global.quiet {
        tell_skipped(&skipped);
        let mut stderr = std::io::stderr().lock();
        let dir = folder.path().display();
        writeln!(stderr, "{} account(s), {resources} resource(s), {gaps} gap(s) in {dir}", targets.len()).ok();
        writeln!(stderr, "judge it by: rolecall evaluate --snapshot {dir}").ok();
    }
    Ok(exit)
}
