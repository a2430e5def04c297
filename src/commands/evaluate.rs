//! `rolecall evaluate`: evaluates a snapshot. No AWS, no clock, no secrets.

use crate::cli::{EvaluateArgs, Global};
use crate::exit::Exit;
use crate::run::error::CommandError;
use crate::run::evaluation::{accounts, check_overrides, evaluation, known_accounts, known_better};
use crate::run::reporting::Reports;
use crate::run::resource_trace;
use crate::run::setup::Setup;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(global: &Global, args: &EvaluateArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, false)?;
    let reader = Reader::open(&args.snapshot)?;
    if let Some(resource) = &args.resource {
        return resource_trace::run(global, args, &setup, &reader, resource);
    }
    setup.print_lint_errors(global.quiet);
    let mut reports = Reports::new(global, &setup, &args.outputs, &args.evaluation)?;
    let targets = known_better(&setup.config, &reader);
    check_overrides(&setup.config, &reader, &targets, global.quiet)?;
    let accounts = accounts(&setup, &reader, &targets)?;
    // An account that is in the snapshot is not skipped.
    let mut skipped = reader.manifest().skipped_accounts.clone();
    skipped.retain(|skipped| reader.accounts().all(|target| target.account != skipped.account));
    let run = reports.run_info(&setup, accounts.len(), &skipped);
    reports.check(&run)?;
    let evaluation = evaluation(&setup, Some(accounts), targets, known_accounts(&reader));
    reports.evaluate(&run, &evaluation, &reader, || None)?.result()
}
