//! `rolecall remediate apply`: carries out an approved plan.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::{RemoteWriter, WriteSetup};
use crate::cli::{ApplyArgs, Global, ReportFormat};
use crate::exit::Exit;
use crate::fixes::Change;
use crate::model::text::one_line;
use crate::model::{AccountId, Cause, Hop, Target};
use crate::output::print_error;
use crate::remediation::apply::approve::{self, Approval, Approved};
use crate::remediation::apply::engine::{Clock, Engine, Limits};
use crate::remediation::apply::fresh::compare;
use crate::remediation::apply::job::{Fresh, Job};
use crate::remediation::apply::journal::{self, Journal};
use crate::remediation::apply::report::{ApplyReport, Completion};
use crate::remediation::apply::undo;
use crate::remediation::{PlanFile, Planner, forbidden_by_tags};
use crate::run::aws_session::AwsSession;
use crate::run::collection;
use crate::run::error::CommandError;
use crate::run::fresh;
use crate::run::remediation::{evaluation_of, plan_settings};
use crate::run::setup::Setup;

/// The system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &ApplyArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    if args.plan == Path::new("-") {
        let text = "`apply` cannot read the plan from stdin: pass a file, beside which the journal can be written";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let file = PlanFile::read(&args.plan)?;
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let remediation = &setup.config.remediation;
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let approval = Approval {
        approved: &args.approved,
        now: Timestamp::now(),
        only: &args.only,
        unsafe_fixes: args.unsafe_fixes,
        max_changes: count(args.max_changes.unwrap_or(remediation.max_changes)),
        max_accounts: remediation.max_accounts.map(count),
        expires_days: remediation.expires_days,
    };
    let approved = approve::check(file, &approval).map_err(refused)?;
    let usage = |text: &str| Err(CommandError::Usage(text.to_owned()));
    let undoes = match (&approved.plan.undoes, &args.undoes) {
        (None, None) => None,
        (Some(_), Some(journal)) => Some(journal),
        (None, Some(_)) => {
            return usage("--undoes is for a plan of `rolecall remediate undo`: leave it out");
        }
        (Some(_), None) => {
            return usage("the plan undoes a run: pass the journal of that run with --undoes");
        }
    };
    let changes: Vec<Change> =
        approved.items.iter().map(approve::change).collect::<Result<_, _>>().map_err(refused)?;
    let accounts: BTreeSet<AccountId> =
        changes.iter().map(|change| change.account.clone()).collect();
    let roles = roles(&setup, &accounts, args.source_identity.as_deref())?;

    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let interrupts = session.interrupts();
    let targets = fresh::targets_of(&setup, &mut session, &accounts, global.quiet)?;
    let states = match undoes {
        Some(path) => undo_again(global, (args, path), &setup, &mut session, &approved)?,
        None => plan_again(global, args, &setup, &mut session, &targets, &approved)?,
    };
    let canaries: BTreeSet<AccountId> = targets
        .targets
        .iter()
        .filter(|target| is_canary(&setup, target))
        .map(|target| target.account.clone())
        .collect();
    if canaries.is_empty() && remediation.canary.is_some() && !global.quiet {
        let note =
            "note: `canary` in [remediation] matches no account of the plan, so none comes first";
        writeln!(crate::output::stderr(), "{note}").ok();
    }

    let names: BTreeMap<AccountId, String> = targets
        .targets
        .iter()
        .filter_map(|target| Some((target.account.clone(), target.name.clone()?)))
        .collect();
    let settings = plan_settings(&setup, args.unsafe_fixes);

    // From here on, the run is in the journal.
    let path = journal_path(args);
    let begin =
        journal::begin(&approved.hash, approved.plan.undoes.as_deref(), approved.items.clone())
            .with_settings(&approved.plan);
    let request = collection::request(&setup, &args.aws, &mut session, targets.targets)?;
    let plan = approved.hash.trim_start_matches("sha256:").get(..12).unwrap_or_default();
    let is_approved = |id: &String| states.get(id).is_none_or(|fresh| *fresh == Fresh::Same);
    let only_read = states.keys().filter(|id| !is_approved(id)).cloned().collect();
    let setup_of_writer = WriteSetup { reads: request, roles, plan: plan.to_owned(), only_read };
    let handle = session.handle();
    let preparing = async {
        RemoteWriter::prepare(setup_of_writer, &changes, handle)
            .await
            .map_err(|error| CommandError::Command(Box::new(error)))
    };
    let writer = session.block_on(preparing, "; nothing was changed")?;
    let (journal, record) = Journal::open(&path, begin, Timestamp::now).map_err(refused)?;
    let jobs: Vec<Job> = changes
        .into_iter()
        .zip(&approved.items)
        .map(|(change, item)| Job {
            fresh: states.get(&change.id).cloned().unwrap_or(Fresh::Same),
            depends_on: item.depends_on.clone(),
            change,
        })
        .collect();
    // On a terminal, each item is shown as it ends; the report has all of them.
    let is_watched = !global.quiet && std::io::stderr().is_terminal();
    let engine = Engine {
        writer: &writer,
        clock: &SystemClock,
        journal: &journal,
        limits: Limits { canaries, max_errors: count(remediation.max_errors), wait: args.wait },
        stop: &|| interrupts.received().is_some(),
        forbids: &|change, tags| {
            let name = names.get(&change.account).map(String::as_str);
            let item = approved.items.iter().find(|item| item.id == change.id);
            let planned = item.and_then(|item| item.managed_by.as_deref());
            forbidden_by_tags(&settings, name, planned, (change, tags))
        },
        ended: &|change, outcome| {
            if is_watched {
                let what = (change.action.spec().name, one_line(&change.resource, 200));
                let line =
                    format!("{}: {} {} in {}", outcome.as_str(), what.0, what.1, change.account);
                writeln!(crate::output::stderr(), "{line}").ok();
            }
        },
    };
    // Exit code 2 would say that nothing was changed.
    interrupts.second_exits_with(Exit::Incomplete);
    let stopping = session.handle().spawn({
        let interrupts = interrupts.clone();
        async move {
            let signal = interrupts.wait().await;
            let text = format!("{signal}: finishing the changes that were begun, then stopping");
            writeln!(crate::output::stderr(), "{text}").ok();
        }
    });
    let mut results = engine.run(&jobs, &record);
    stopping.abort();
    if results.journal_error.is_none() {
        results.journal_error = journal.check().err();
    }
    let report = ApplyReport::new(&approved, &results);
    let written = super::report::write_report(out, args.format, &report, &report.text());
    if written.is_err() || args.format == ReportFormat::Json {
        results.journal_error.iter().for_each(|error| print_error(&error.to_string()));
    }
    // With the hash, a copy of the journal can be compared later. It is not a summary, so --quiet does
    // not suppress it.
    writeln!(crate::output::stderr(), "journal: {} {}", path.display(), journal.hash()).ok();
    if let Err(error) = written {
        // A closed pipe, too: nobody has read all of what was changed.
        print_error(&CommandError::Write(error).to_string());
        return Ok(Exit::Incomplete);
    }
    Ok(match report.completion() {
        Completion::Complete => Exit::Clean,
        Completion::Partial => Exit::Findings,
        Completion::Uncertain => Exit::Incomplete,
    })
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::Command(Box::new(error))
}

/// Plans to undo the journal `path` again, with facts that are collected now, and compares each item.
fn undo_again(
    global: &Global,
    (args, path): (&ApplyArgs, &Path),
    setup: &Setup,
    session: &mut AwsSession,
    approved: &Approved,
) -> Result<BTreeMap<String, Fresh>, CommandError> {
    let record = journal::read(path).map_err(refused)?;
    approved.undoes(&record.hash).map_err(refused)?;
    let settings = plan_settings(setup, true);
    let present =
        super::undo::read_again(setup, &args.aws, session, &record, &settings, global.quiet)?;
    let again = undo::plan(&record, &present, Timestamp::now());
    let compared = approved.items.iter().map(|item| (item.id.clone(), undo::compare(item, &again)));
    Ok(compared.collect())
}

/// Plans again, with facts that are collected now, and compares each item.
fn plan_again(
    global: &Global,
    args: &ApplyArgs,
    setup: &Setup,
    session: &mut AwsSession,
    targets: &crate::run::targets::TargetSet,
    approved: &Approved,
) -> Result<BTreeMap<String, Fresh>, CommandError> {
    let settings = plan_settings(setup, args.unsafe_fixes);
    let demand = crate::evaluate::fix_demand(&setup.rules, &setup.waivers);
    let facts = fresh::collect(setup, &args.aws, session, targets, demand)?;
    let evaluation = evaluation_of(setup, &facts.reader, global.quiet)?;
    let planner = Planner { evaluation: &evaluation, settings: &settings };
    approved.made_for(&planner.rules_hash(), &planner.config_hash()).map_err(|error| {
        let same = "--rule, --account, --region, --config and --unsafe-fixes";
        CommandError::Usage(format!("{error}, or use the same {same} as for `plan`"))
    })?;
    let planned = planner.plan(&facts.reader)?;
    let unread = |account: &AccountId| not_entered(&facts.reader, account);
    let compared = approved.items.iter().map(|item| {
        let state = match unread(&item.account) {
            Some(cause) => Fresh::Unread(cause),
            None => compare(item, &approved.plan.items, &planned),
        };
        (item.id.clone(), state)
    });
    Ok(compared.collect())
}

/// Why an account could not be entered, if so.
fn not_entered(reader: &crate::snapshot::Reader, account: &AccountId) -> Option<Cause> {
    match reader.account_of(account, &|_| false) {
        Ok(crate::snapshot::Collected::Whole(snapshot)) if snapshot.header.entered => None,
        Ok(crate::snapshot::Collected::Whole(snapshot)) => {
            let gap = snapshot.gaps.into_iter().next();
            gap.map(|gap| gap.cause)
        }
        Ok(crate::snapshot::Collected::Missing(cause)) => Some(cause),
        Err(error) => Some(Cause::new("snapshot", "Unreadable", &error.to_string())),
    }
}

fn is_canary(setup: &Setup, target: &Target) -> bool {
    setup.config.remediation.canary.as_ref().is_some_and(|globs| {
        globs.matches(target.account.as_str())
            || target.name.as_deref().is_some_and(|name| globs.matches(name))
    })
}

/// The role that writes, in each account.
fn roles(
    setup: &Setup,
    accounts: &BTreeSet<AccountId>,
    source_identity: Option<&str>,
) -> Result<BTreeMap<AccountId, Hop>, CommandError> {
    let role = |account: &AccountId| {
        let (role_arn, external_id) =
            setup.config.remediation.role_in(account).ok_or_else(|| {
                CommandError::Usage(
                    "no role to change resources: set `role` in [remediation]".to_owned(),
                )
            })?;
        let source_identity = source_identity.map(str::to_owned);
        let hop = Hop { role_arn, external_id, duration_seconds: 3_600, source_identity };
        Ok((account.clone(), hop))
    };
    accounts.iter().map(role).collect()
}

/// The journal: beside the plan, unless the command line says otherwise.
fn journal_path(args: &ApplyArgs) -> PathBuf {
    args.journal.clone().unwrap_or_else(|| default_journal(&args.plan))
}

fn default_journal(plan: &Path) -> PathBuf {
    let mut path = plan.as_os_str().to_owned();
    path.push(".journal");
    path.into()
}
