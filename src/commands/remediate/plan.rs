//! `rolecall remediate plan`: plans fixes for the findings of a snapshot, or of accounts that are
//! collected first.

use std::io::Write;
use std::path::Path;
#[cfg(feature = "aws")]
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::{Global, RemediatePlanArgs};
use crate::exit::Exit;
#[cfg(feature = "aws")]
use crate::interrupts;
use crate::model::{Cause, counted};
use crate::output::{Destination, FileMode, Sink, print_note};
#[cfg(feature = "aws")]
use crate::progress::Progress;
use crate::remediation::plan::NotPlanned;
use crate::remediation::{PlanCounts, Planned};
#[cfg(feature = "aws")]
use crate::run::aws_session::AwsSession;
#[cfg(feature = "aws")]
use crate::run::closing::warn_skipped;
#[cfg(feature = "aws")]
use crate::run::collection::{self, ClearProgressOnDrop};
use crate::run::error::CommandError;
use crate::run::remediation::{plan_settings, plan_snapshot};
use crate::run::setup::Setup;
use crate::run::sources;
#[cfg(feature = "aws")]
use crate::run::targets::TargetSet;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(
    global: &Global,
    args: &RemediatePlanArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, args.snapshot.is_none())?;
    setup.print_lint_errors(global.quiet);
    let setup = setup.with_fixes(true);
    let planned = match &args.snapshot {
        Some(dir) => plan(global, args, &setup, dir)?,
        #[cfg(feature = "aws")]
        None => plan_now(global, args, &setup)?,
        #[cfg(not(feature = "aws"))]
        None => {
            let text = "--snapshot is required: rolecall was built without AWS support";
            return Err(CommandError::Usage(text.to_owned()));
        }
    };
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

/// Plans for the accounts of a snapshot.
fn plan(
    global: &Global,
    args: &RemediatePlanArgs,
    setup: &Setup,
    snapshot: &Path,
) -> Result<Planned, CommandError> {
    let settings = plan_settings(setup, args.unsafe_fixes);
    let reader = Reader::open(snapshot)?;
    if reader.manifest().origin.is_some() {
        let text = "--snapshot is that of a plan, whose resources do not exist yet: use a snapshot of what exists";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let sources = sources::open(&setup.config, &args.code.source)?;
    for problem in sources.iter().flat_map(|sources| sources.problems()).filter(|_| !global.quiet) {
        print_note(&format!("code not read: {problem}"));
    }
    plan_snapshot(setup, &settings, &reader, sources, global.quiet)
}

/// Collects what the plan needs into a temporary folder, and plans.
#[cfg(feature = "aws")]
fn plan_now(
    global: &Global,
    args: &RemediatePlanArgs,
    setup: &Setup,
) -> Result<Planned, CommandError> {
    let mut session = AwsSession::begin(setup, &args.aws)?;
    session.end_after(args.limits.deadline, setup);
    let interrupts = session.interrupts();
    let uninterrupted = || match interrupts.received() {
        Some(signal) => {
            Err(CommandError::Usage(format!("interrupted by {signal}; no plan was written")))
        }
        None => Ok(()),
    };
    let targets = TargetSet::resolve(setup, &mut session, None, global.quiet)?;
    let folder = collection::folder(setup, &mut session, &targets, None, None)?;
    interrupts::remove_at_exit(folder.path());
    let progress =
        Arc::new(Progress::new(collection::names(&targets.targets, &folder), global.quiet));
    let skipped = targets.skipped.clone();
    let collected = {
        let _cleared = ClearProgressOnDrop(&progress);
        collection::collect(setup, &args.aws, session, targets, &folder, progress.clone())?
    };
    uninterrupted()?;
    collected.print_left(&folder);
    collection::print_notices(&collected.notices(setup), global.quiet);
    if !global.quiet {
        warn_skipped(&skipped);
    }
    let planned = plan(global, args, setup, folder.path())?;
    uninterrupted()?;
    Ok(planned)
}

fn print_summary(planned: &Planned, args: &RemediatePlanArgs, hash: &str) {
    let mut stderr = crate::output::stderr();
    let PlanCounts { findings, fixable, hidden, by_hand, not_planned } = planned.plan.counts();
    let mut parts = vec![counted(findings, "finding"), format!("{fixable} fixable")];
    if hidden > 0 {
        parts.push(format!("{hidden} more with {}", planned.plan.allows_hidden()));
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
    let is_lost = |one: &&NotPlanned| one.unreadable && one.cause.ends_with(Cause::NOT_COLLECTED);
    let lost = planned.plan.not_planned.iter().filter(is_lost).count();
    if lost > 0 {
        let text = format!(
            "{lost} {} cannot be planned because the snapshot lacks what only fixes need: collect it with \
             `rolecall collect --fixes`",
            if lost == 1 { "fix" } else { "fixes" }
        );
        writeln!(stderr, "{text}").ok();
    }
    let expires = planned.plan.expires.parse::<Timestamp>();
    if expires.is_ok_and(|expires| expires <= Timestamp::now()) {
        let text = "the plan has expired already, because the facts are too old: collect again to apply it";
        writeln!(stderr, "note: {text}").ok();
    }
    if args.output != Path::new("-") {
        writeln!(
            stderr,
            "{}: {}",
            args.output.display(),
            counted(planned.plan.items.len(), "item")
        )
        .ok();
        let next = match planned.plan.items.is_empty() {
            true => "There is nothing to apply; to see why",
            false => "To review it",
        };
        writeln!(stderr, "{next}: rolecall remediate show {}", args.output.display()).ok();
    }
    writeln!(stderr, "{hash}").ok();
}
