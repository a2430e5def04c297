//! `rolecall evaluate`: evaluates a snapshot. No AWS, no clock, no secrets.

use crate::cli::{EvaluateArgs, Global};
use crate::exit::Exit;
use crate::run::error::CommandError;
use crate::run::evaluation::evaluate_snapshot;
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
    let reports = Reports::new(global, &setup, &args.outputs, &args.evaluation)?;
    evaluate_snapshot(global, &setup, &reader, reports)?.result()
}
