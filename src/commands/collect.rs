//! `rolecall collect`: reads facts of all accounts into a snapshot, to be evaluated later or
//! elsewhere.

use std::io::Write;
use std::sync::Arc;

use crate::cli::{CollectArgs, Global};
use crate::exit::Exit;
use crate::model::{Gap, counted};
use crate::progress::Progress;
use crate::run::aws_session::AwsSession;
use crate::run::closing::{print_usage, warn_skipped};
use crate::run::collection::{self, ClearProgressOnDrop, Folder, Resume};
use crate::run::error::CommandError;
use crate::run::run_json::{self, RunResult};
use crate::run::setup::Setup;
use crate::run::targets::{Part, TargetSet};
use crate::run::timeline::Tracing;
use crate::snapshot::{Collected, Reader, TargetsFile};

/// Runs the command.
pub fn run(global: &Global, args: &CollectArgs) -> Result<Exit, CommandError> {
    let setup =
        Setup::new(global, &args.narrowing, &args.rules, true)?.with_fixes(args.needs.fixes);
    let tracing = Tracing::begin(&setup, args.trace.trace.as_deref(), &[])?;
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    session.trace(&tracing);
    session.end_after(args.limits.deadline, &setup);
    let targets = match &args.part.targets {
        Some(path) => {
            let list = TargetsFile::read(path)?;
            TargetSet::of_run(
                &setup,
                (path, list),
                &args.part.shard.map_or(Part::All, Part::Shard),
            )?
        }
        None => TargetSet::resolve(
            &setup,
            &mut session,
            Some(args.snapshot.as_path()).filter(|_| args.resume),
            global.quiet,
        )?,
    };
    let resume = Resume::of(args.resume, args.recollect);
    let folder = collection::folder(&setup, &mut session, &targets, Some(&args.snapshot), resume)?;
    let progress =
        Arc::new(Progress::new(collection::names(&targets.targets, &folder), global.quiet));
    let (count, skipped) = (targets.targets.len(), targets.skipped.clone());
    let collected = {
        let _cleared = ClearProgressOnDrop(&progress);
        collection::collect(&setup, &args.aws, session, targets, &folder, progress.clone())?
    };
    collected.print_left(&folder);
    let mut totals = earlier(&setup, &folder)?;
    for account in &collected.outcome.accounts {
        totals.gaps += account.open_gaps;
        totals.accepted_gaps += account.accepted_gaps;
        totals.resources += account.resources;
    }
    let left = collected.outcome.left.len();
    let exit = if totals.gaps + left > 0 { Exit::Incomplete } else { Exit::Clean };
    let notices = collected.notices(&setup);
    collection::print_notices(&notices, global.quiet);
    let [accounts, resources, gaps] =
        [(count - left, "account"), (totals.resources, "resource"), (totals.gaps, "gap")]
            .map(|(number, noun)| counted(number, noun));
    let accepted = match totals.accepted_gaps {
        0 => String::new(),
        1 => "; 1 accepted gap (not read)".to_owned(),
        number => format!("; {number} accepted gaps (not read)"),
    };
    let result = RunResult {
        summary: format!("{accounts}, {resources}, {gaps}{accepted}"),
        gaps: totals.gaps,
        accepted_gaps: totals.accepted_gaps,
        findings: None,
    };
    run_json::write(&folder, &collected, exit, &result, &notices)?;
    if !global.quiet {
        warn_skipped(&skipped);
        let mut stderr = crate::output::stderr();
        let dir = folder.path().display();
        writeln!(stderr, "{accounts}, {resources}, {gaps} in {dir}{accepted}").ok();
        drop(stderr);
        print_usage(&collected.usage(), global.verbose > 0);
        if left == 0 {
            let mut stderr = crate::output::stderr();
            writeln!(stderr, "To evaluate the snapshot: rolecall evaluate --snapshot {dir}").ok();
        }
    }
    tracing.finish()?;
    Ok(exit)
}

#[derive(Default)]
struct Totals {
    gaps: usize,
    accepted_gaps: usize,
    resources: usize,
}

/// What accounts have that were complete before a resumed run.
fn earlier(setup: &Setup, folder: &Folder) -> Result<Totals, CommandError> {
    let mut totals = Totals::default();
    if folder.done().is_empty() {
        return Ok(totals);
    }
    let reader = Reader::open(folder.path())?;
    for account in folder.done() {
        let name = reader.accounts().find(|one| one.account == *account);
        let name = name.and_then(|one| one.name.as_deref());
        match reader.account_of(account, &|_| false)? {
            Collected::Missing(_) => totals.gaps += 1,
            Collected::Whole(snapshot) => {
                totals.resources += snapshot.lists.values().map(|list| list.count).sum::<usize>();
                let accepted = |gap: &&Gap| {
                    let mut known = setup.config.accepted_gaps.iter();
                    known.any(|known| known.covers_gap((account, name), gap))
                };
                let accepted = snapshot.gaps.iter().filter(accepted).count();
                totals.accepted_gaps += accepted;
                totals.gaps += snapshot.gaps.len() - accepted;
            }
        }
    }
    Ok(totals)
}
