//! `rolecall evaluate`: evaluates a snapshot. No AWS, no clock, no secrets.

use crate::cli::{EvaluateArgs, Global, OutputSpec, Outputs};
use crate::exit::Exit;
use crate::model::text::one_line;
use crate::run::error::CommandError;
use crate::run::evaluation::evaluate_snapshot;
use crate::run::reporting::Reports;
use crate::run::resource_trace;
use crate::run::setup::Setup;
use crate::run::timeline::Tracing;
use crate::snapshot::Reader;

/// Rejects what a snapshot of a plan must not be used for: it says nothing of what exists, so it can
/// neither close alerts nor be compared with reports of what does.
fn check_origin(outputs: &Outputs, reader: &Reader) -> Result<(), CommandError> {
    if reader.manifest().origin.is_none() {
        return Ok(());
    }
    let reject = |option: &str, instead: &str| {
        Err(CommandError::Usage(format!(
            "{option} cannot be used with the snapshot of a plan, which does not say what exists: {instead}"
        )))
    };
    if outputs.baseline.is_some() {
        return reject("--baseline", "use `rolecall preview`, which compares it with a snapshot");
    }
    if outputs.history.is_some() {
        return reject("--history", "drop it");
    }
    if !outputs.retire.is_empty() {
        return reject("--retire", "use a snapshot of what exists");
    }
    let is_sarif = |spec: &&OutputSpec| spec.format.starts_with("sarif");
    if let Some(spec) = outputs.output.iter().find(is_sarif) {
        let option = format!("--output {}", spec.format);
        return reject(
            &option,
            "use `rolecall preview --output sarif=FILE`, which has a category of its own",
        );
    }
    Ok(())
}

/// Runs the command.
pub fn run(global: &Global, args: &EvaluateArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, false)?;
    let reader = Reader::open(&args.snapshot)?;
    if let Some(resource) = &args.resource {
        if let Some(Some(file)) = &args.trace {
            return Err(CommandError::Usage(format!(
                "`--trace {}` cannot be combined with --resource: use `--trace` without a file to show what the rules read, or drop --resource",
                one_line(&file.to_string_lossy(), 200)
            )));
        }
        return resource_trace::run(global, args, &setup, &reader, resource);
    }
    let trace = match &args.trace {
        None => None,
        Some(Some(file)) => Some(file.as_path()),
        Some(None) => {
            return Err(CommandError::Usage(
                "`--trace` requires a file for the timeline, or --resource to show what the rules read"
                    .to_owned(),
            ));
        }
    };
    check_origin(&args.outputs, &reader)?;
    setup.print_lint_errors(global.quiet);
    let mut reports = Reports::new(global, &setup, &args.outputs, &args.evaluation)?;
    reports.find_code(&setup, &args.code)?;
    let tracing = Tracing::begin(&setup, trace, reports.destinations())?;
    reports.trace(&tracing);
    let exit = evaluate_snapshot(global, &setup, &reader, reports)?.result()?;
    tracing.finish()?;
    Ok(exit)
}
