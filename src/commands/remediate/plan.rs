//! `rolecall remediate plan`: plans fixes for the findings of a snapshot.

use std::io::Write;
use std::path::Path;

use crate::cli::{Global, RemediatePlanArgs};
use crate::exit::Exit;
use crate::model::counted;
use crate::output::{Destination, FileMode, Sink};
use crate::remediation::{PlanCounts, Planned};
use crate::run::error::CommandError;
use crate::run::remediation::{plan_settings, plan_snapshot};
use crate::run::setup::Setup;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(
    global: &Global,
    args: &RemediatePlanArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, false)?;
    setup.print_lint_errors(global.quiet);
    let settings = plan_settings(&setup, args.unsafe_fixes);
    let reader = Reader::open(&args.snapshot)?;
    let planned = plan_snapshot(&setup, &settings, &reader, global.quiet)?;
    let bytes = planned.plan.to_bytes();
    if args.output == Path::new("-") {
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        CommandError::unless_written(written)?;
    } else {
        // A plan contains policies and tags, like a snapshot.
        let mut sink = Sink::open(&Destination::File(args.output.clone()), FileMode::Private)?;
        sink.write_with(|out| out.write_all(&bytes))?;
        sink.commit()?;
    }
    if !global.quiet {
        print_summary(&planned, args, &crate::remediation::hash_of(&bytes));
    }
    Ok(Exit::of_run(false, planned.is_incomplete()))
}

fn print_summary(planned: &Planned, args: &RemediatePlanArgs, hash: &str) {
    let mut stderr = crate::output::stderr();
    let PlanCounts { findings, fixable, hidden, by_hand, not_planned } = planned.plan.counts();
    let mut parts = vec![counted(findings, "finding"), format!("{fixable} fixable")];
    if hidden > 0 {
        // With the option, only the settings of the rules are missing.
        let how =
            if args.unsafe_fixes { "`unsafe = true` in the config" } else { "--unsafe-fixes" };
        parts.push(format!("{hidden} more with {how}"));
    }
    for (count, what) in [(by_hand, "by hand"), (not_planned, "not planned")] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    writeln!(stderr, "{}", parts.join(", ")).ok();
    if planned.unknown + planned.gaps > 0 {
        let [unknown, gaps] = [(planned.unknown, "finding"), (planned.gaps, "gap")]
            .map(|(count, noun)| counted(count, noun));
        writeln!(stderr, "incomplete: {unknown} could not be checked, {gaps}").ok();
    }
    if args.output != Path::new("-") {
        writeln!(
            stderr,
            "{}: {}",
            args.output.display(),
            counted(planned.plan.items.len(), "item")
        )
        .ok();
        writeln!(stderr, "To review it: rolecall remediate show {}", args.output.display()).ok();
    }
    writeln!(stderr, "{hash}").ok();
}
