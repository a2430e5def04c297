//! `rolecall scan`: collect, evaluate, report.

use std::sync::Arc;

use super::CommandError;
use super::evaluate::{evaluation, manifest_target};
use super::gather::{self, Cleared, Run};
use super::reporting::Reports;
use super::roll::Roll;
use super::setup::Setup;
use crate::cli::{Global, ScanArgs};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(global: &Global, args: &ScanArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let mut reports = Reports::new(global, &setup, &args.outputs, args.evaluation.fail_on)?;
    let mut connection = Run::begin(&setup, &args.aws)?;
    let interrupts = connection.interrupts();
    let resumed = args.snapshot.as_deref().filter(|_| args.resume);
    let roll = Roll::call(&setup, &mut connection, resumed, global.quiet)?;
    let run = reports.run_info(&setup, roll.targets.len(), &roll.skipped);
    // What refuses the run as a whole shows before any account is asked anything.
    reports.check(&run)?;
    let folder = gather::folder(&setup, &roll, args.snapshot.as_deref(), args.resume)?;
    if args.snapshot.is_none() {
        interrupts.remove_at_exit(folder.path());
    }
    let accounts = roll.targets.iter().map(|target| target.account.clone()).collect();
    let evaluation = evaluation(
        &setup,
        Some(accounts),
        roll.targets.iter().map(manifest_target).collect(),
        roll.known(),
    );

    let progress = Arc::new(Progress::new(gather::names(&roll.targets, &folder), global.quiet));
    let gathered = {
        let _cleared = Cleared(&progress);
        gather::collect(&setup, &args.aws, connection, roll, &folder, &progress)?
    };
    let reader = Reader::open(folder.path())?;
    let stop = || {
        interrupts
            .received()
            .map(|signal| CommandError::Usage(gather::interrupted_after(signal, &folder)))
    };
    let reported = reports.evaluate(&run, &evaluation, &reader, stop)?;
    let mut notices = gathered.notices(&setup);
    gather::tell(&notices, global.quiet);
    notices.extend(reported.notices.iter().map(ToString::to_string));
    gather::record(&folder, &gathered, reported.exit, &notices)?;
    Ok(reported.exit)
}
