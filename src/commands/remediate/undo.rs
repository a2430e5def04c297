//! `rolecall remediate undo`: plans to undo what a journal says was applied.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use crate::cli::{AwsArgs, Global, Narrowing, RuleSource, UndoArgs};
use crate::exit::Exit;
use crate::fixes::{Action, Inverse, demand};
use crate::model::text::one_line;
use crate::model::{AccountId, Cause, Extent, Resource};
use crate::output::{Destination, FileMode, Sink, print_note};
use crate::remediation::apply::journal::{self, Record};
use crate::remediation::apply::undo::{self, AccountResources, Present};
use crate::remediation::{PlanSettings, hash_of};
use crate::run::aws_session::AwsSession;
use crate::run::error::CommandError;
use crate::run::fresh;
use crate::run::remediation::plan_settings;
use crate::run::setup::Setup;
use crate::snapshot::{Collected, Reader};

/// Runs the command.
pub fn run(global: &Global, args: &UndoArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    if is_same_file(&args.journal, &args.output) {
        let text = format!(
            "`{}` is the journal: write the plan to another file",
            one_line(&args.output.to_string_lossy(), 300)
        );
        return Err(CommandError::Usage(text));
    }
    let record =
        journal::read(&args.journal).map_err(|error| CommandError::Command(Box::new(error)))?;
    let setup = Setup::new(global, &Narrowing::default(), &RuleSource::default(), true)?;
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let settings = plan_settings(&setup, true);
    let present = read_again(&setup, &args.aws, &mut session, &record, &settings, global.quiet)?;
    let days = i64::from(setup.config.remediation.expires_days);
    let now = Timestamp::now();
    let expires = Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .saturating_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MAX);
    let open = record.items.iter().map(|item| record.progress(&item.id));
    let (begun, not_begun): (Vec<_>, Vec<_>) = open
        .filter(|progress| progress.end.is_none())
        .partition(|progress| progress.intended.is_some());
    // Also with --quiet: what is missing in the journal is missing in the plan.
    for (open, what) in [(begun, "have no end"), (not_begun, "were not begun")] {
        if !open.is_empty() {
            let items = crate::model::counted(record.items.len(), "item");
            print_note(&format!(
                "{} of {items} {what} in the journal: the run ended early, or the journal is incomplete",
                open.len()
            ));
        }
    }
    let undone = undo::plan(&record, &present, expires);
    let bytes = undone.plan.to_bytes();
    if args.output == Path::new("-") {
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        CommandError::unless_written(written)?;
    } else {
        // A plan contains policies and tags, like a snapshot.
        let mut sink = Sink::open(&Destination::File(args.output.clone()), FileMode::Private)?;
        sink.write_with(|out| out.write_all(&bytes))?;
        sink.commit()?;
    }
    let mut stderr = crate::output::stderr();
    for left in &undone.left {
        let text = format!("not undone: {} (item {}): {}", left.resource, left.item, left.reason);
        writeln!(stderr, "{}", one_line(&text, 700)).ok();
    }
    if !global.quiet {
        let items = crate::model::counted(undone.plan.items.len(), "item");
        writeln!(stderr, "{items}, {} not undone", undone.left.len()).ok();
        let hash = hash_of(&bytes);
        if args.output != Path::new("-") && !undone.plan.items.is_empty() {
            let (plan, journal) = (args.output.display(), args.journal.display());
            writeln!(stderr, "To review it: rolecall remediate show {plan}").ok();
            writeln!(
                stderr,
                "To apply it, if you approve it: rolecall remediate apply {plan} --approved {hash} --undoes {journal}"
            )
            .ok();
        }
        writeln!(stderr, "{hash}").ok();
    }
    let incomplete = undone.left.iter().any(|left| left.unreadable);
    Ok(Exit::of_run(!undone.left.is_empty(), incomplete))
}

/// Whether two paths lead to one file, however they are spelled.
fn is_same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |path: &Path| std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
        id(one).is_ok_and(|one| id(other).is_ok_and(|other| one == other))
    }
    #[cfg(not(unix))]
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Reads what a journal says was changed.
pub(super) fn read_again<'a>(
    setup: &Setup,
    aws: &AwsArgs,
    session: &mut AwsSession,
    record: &Record,
    settings: &'a PlanSettings,
    quiet: bool,
) -> Result<Present<'a>, CommandError> {
    let changed = record.items.iter().filter(|item| record.progress(&item.id).intended.is_some());
    let changed: Vec<_> = changed.collect();
    if changed.is_empty() {
        return Err(CommandError::Usage(
            "nothing was changed, so there is nothing to undo".to_owned(),
        ));
    }
    let mut actions: Vec<(&str, Action)> = Vec::new();
    for item in &changed {
        let Ok(action) = Action::new(&item.action, item.parameters.clone()) else { continue };
        let inverse = match action.inverse(&item.before) {
            Inverse::Action(call) | Inverse::Nearly(call, _) => {
                Action::new(call.name, call.parameters).ok()
            }
            Inverse::Created { .. } | Inverse::Never(_) => None,
        };
        actions.push((&item.resource.kind, action));
        actions.extend(inverse.map(|inverse| (item.resource.kind.as_str(), inverse)));
    }
    let accounts: BTreeSet<AccountId> = changed.iter().map(|item| item.account.clone()).collect();
    let targets = fresh::targets_of(setup, session, &accounts, quiet)?;
    let demand = demand(actions.iter().map(|(kind, action)| (*kind, action)));
    let facts = fresh::collect(setup, aws, session, &targets, demand)?;
    let mut read = AccountResources::new();
    for account in accounts {
        let resources = resources(&facts.reader, &account)?;
        read.insert(account, resources);
    }
    let names = targets
        .targets
        .iter()
        .filter_map(|target| target.name.clone().map(|name| (target.account.clone(), name)));
    Ok(Present { accounts: read, names: names.collect(), settings })
}

/// The resources of an account; or why they are not all known.
fn resources(
    reader: &Reader,
    account: &AccountId,
) -> Result<Result<Vec<Resource>, Cause>, CommandError> {
    Ok(match reader.account(account)? {
        Collected::Missing(cause) => Err(cause),
        Collected::Whole(snapshot) => {
            let is_list = |extent: &Extent| !matches!(extent, Extent::Facts { .. });
            match snapshot.gaps.into_iter().find(|gap| is_list(&gap.extent)) {
                Some(gap) => Err(gap.cause),
                None => Ok(snapshot.resources),
            }
        }
    })
}
