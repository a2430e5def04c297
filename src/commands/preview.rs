//! `rolecall preview`: what a planned change would change in the findings. Terraform is not run, and
//! AWS is not called.

mod code;
mod decide;
mod destroyed;
mod images;
mod job;
mod joined;
mod parts;
mod places;
mod related;
mod unread;
mod write;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use job::{Evaluated, Job};
use write::{write, write_snapshot};

use crate::cli::{Global, Narrowing, PreviewArgs, PreviewFormat, PreviewOutput};
use crate::evaluate::{Evaluation, run_info, with_frameworks};
use crate::exit::Exit;
use crate::facts::Kind;
use crate::model::AccountId;
use crate::output::Destination;
use crate::preview::{
    ADOPTED_KINDS, Accounts, Described, Known, LAUNCH_KINDS, PreviewError, Regions, change_set,
    terraform,
};
use crate::report::{Preview, PreviewAccount, RunInfo, Selection};
use crate::rules::EVERY_RULE;
use crate::run::error::CommandError;
use crate::run::evaluation::{evaluation, known_accounts, known_better};
use crate::run::setup::Setup;
use crate::snapshot::{Collected, Reader};

/// What a resource refers to, and how it can be reached.
const REFERENCES: [&str; 5] = [
    "associate_public_ip_address",
    "network_interface",
    "security_groups",
    "subnet_id",
    "vpc_security_group_ids",
];

/// Runs the command.
pub fn run(global: &Global, args: &PreviewArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &Narrowing::default(), &args.rules, false)?;
    let default = [PreviewOutput { format: PreviewFormat::Text, path: "-".to_owned() }];
    let outputs = if args.output.is_empty() { &default[..] } else { &args.output };
    let places: Vec<Destination> =
        outputs.iter().map(|output| Destination::from(output.path.as_str())).collect();
    Destination::check(&places)?;
    if args.change_set.is_some() && args.account.iter().any(|option| option.alias.is_some()) {
        let text = "--account ALIAS=ID is for the providers of a Terraform plan: a change set is of one account, so use --account ID";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let reader = args.snapshot.as_deref().map(Reader::open).transpose()?;
    let known = known(args, reader.as_ref())?;
    setup.print_lint_errors(global.quiet);
    let mut stdin = std::io::stdin().lock();
    let Read { mut described, mut plan, source, file } =
        read(args, &known, &mut stdin).map_err(failed)?;
    complete(&mut described, reader.as_ref())?;
    let mut code = code::open(&setup, args, (file, plan.as_ref()), &described)?;
    if let (Some(sources), Some(plan)) = (&code.sources, &mut plan)
        && plan.read_locals(|calls, name| sources.local_names(calls, name))
    {
        described = terraform::describe_plan(plan, &known).map_err(failed)?;
        complete(&mut described, reader.as_ref())?;
        code = code::open(&setup, args, (file, Some(plan)), &described)?;
    }
    drop(plan);
    let sources = code.noted();
    if let Some(sources) = &sources {
        described.settle_blocks(|address, argument| sources.leaves_out(address, argument));
        described.settle_policies(&|address, blocks, argument, known| {
            sources.value(address, blocks, argument, known)
        });
    }
    described.settle_lists(|address, argument| sources.as_ref()?.list_items(address, argument));
    let targets = reader.as_ref().map(|reader| known_better(&setup.config, reader));
    let accounts: Vec<AccountId> = reader.iter().flat_map(known_accounts).collect();
    let evaluation = Evaluation {
        sources: sources.clone(),
        ..evaluation(&setup, None, targets.unwrap_or_default(), accounts)
    };
    let fail_on = args.fail_on.map_or(setup.config.scan.fail_on, |typed| typed.0);
    let root = args.root.clone().unwrap_or_else(|| root_of(file));
    let is_whole = setup.selection.narrowed_by.is_empty();
    let selection = setup.selection.name.clone().filter(|_| is_whole);
    let mut preview = Preview {
        tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned(),
        plan: setup.staging.shown(&file.to_string_lossy()),
        source: source.to_owned(),
        snapshot: args.snapshot.as_ref().map(|dir| setup.staging.shown(&dir.to_string_lossy())),
        root: root.clone(),
        stack: described.stack_name.clone(),
        fail_on,
        strict: args.strict,
        assume_defaults: args.assume_defaults,
        rules: setup.rules.len(),
        has_all_rules: selection.as_deref() == Some(EVERY_RULE),
        selection,
        accounts: Vec::new(),
        changes: described.changes,
        actions: described.planned.values().map(|one| one.action).collect(),
        resources: described.changed.len(),
        new_failures: Vec::new(),
        worse: Vec::new(),
        exposed: Vec::new(),
        refused: Vec::new(),
        fixed: Vec::new(),
        not_known: Vec::new(),
        not_checked: Vec::new(),
        by_default: Vec::new(),
        destroyed: Vec::new(),
        unread_types: unread::unread_types(&described, &evaluation),
        unchanged: Vec::new(),
        passes: 0,
        unknown_types: described.unknown_types.clone().into_iter().collect(),
        nested: described.nested.iter().cloned().collect(),
        is_partial: described.is_partial,
        deferred: described.deferred.clone().into_iter().collect(),
    };
    if reader.as_ref().is_some_and(|reader| reader.manifest().origin.is_some()) {
        let text = "--snapshot is that of a plan: use a snapshot of what exists";
        return Err(CommandError::Usage(text.to_owned()));
    }
    check_accounts(&described, reader.as_ref())?;
    let mut reports = Vec::new();
    let mut written = Vec::new();
    for account in &described.accounts {
        let job = Job { account, described: &described, source, reader: reader.as_ref() };
        let evaluated = job.evaluate(&evaluation, args.assume_defaults)?;
        preview.accounts.push(PreviewAccount {
            account: account.clone(),
            name: evaluated.after.name.clone(),
            collected_at: evaluated.before.collected_at.clone().filter(|_| evaluated.is_collected),
            is_missing: reader.is_some() && !evaluated.is_collected,
        });
        let Evaluated { before, after, plain, without_refused, .. } = evaluated;
        let Evaluated { concerned, destroyed, overlaid, .. } = evaluated;
        preview.destroyed.extend(destroyed);
        preview.add(&before, &after, (plain.as_ref(), without_refused.as_ref()), &concerned);
        reports.push(after);
        written.extend(args.to.is_some().then_some(overlaid));
    }
    preview.sort();
    places::place_changes(&mut preview, &evaluation, &described.planned);
    preview.order_addresses(|rule, address| {
        let rule = setup.rules.iter().find(|one| *one.rule.id == *rule)?;
        let of = terraform::type_of(address)?;
        let is_it = |one: &String| one.split('.').next() == Some(&of);
        rule.rule.meta.terraform.iter().position(is_it)
    });
    let preview_is_of_stack = source == change_set::SOURCE;
    preview.choose_values(|rule, address| {
        let rule = setup.rules.iter().find(|one| *one.rule.id == *rule)?;
        // Rules do not name the properties of CloudFormation.
        if preview_is_of_stack {
            return Some(Vec::new());
        }
        attributes(&rule.rule.meta.terraform, &terraform::type_of(address)?)
    });
    places::place_named(&mut preview, &evaluation);
    places::place_others(&mut preview, &evaluation);
    if let Some(dir) = &args.to {
        write_snapshot(dir, written)?;
    }
    let selection = Selection::new(None, Vec::new(), Some(format!("rolecall-preview/{root}")));
    let run = run_info(&setup.rules, selection, fail_on, reports.len());
    let run = RunInfo { has_sources: sources.is_some(), ..run };
    let run = with_frameworks(run, &setup.frameworks, &setup.selected_frameworks, &setup.rules);
    for (output, to) in outputs.iter().zip(&places) {
        let location = setup.config.set_alert_location();
        write(global, &preview, (&run, &reports, location), (output.format, to), &mut *out)?;
    }
    CommandError::unless_written(out.flush())?;
    Ok(Exit::of_run(preview.is_failing(), preview.is_incomplete()))
}

/// The attributes that a rule reads of a type; none if that is all of them, or if it is not said. A type
/// without an attribute after all others is where the code is if nothing else is the cause: only what it
/// refers to says something.
fn attributes(terraform: &[String], of: &str) -> Option<Vec<String>> {
    let is_last = terraform.last().is_some_and(|last| last == of);
    let is_only = terraform.iter().all(|entry| entry.split('.').next() == Some(of));
    let own = terraform.iter().filter_map(|entry| entry.strip_prefix(of));
    let own: Vec<&str> = own.filter(|rest| rest.is_empty() || rest.starts_with('.')).collect();
    let named = own.iter().filter_map(|rest| rest.strip_prefix('.')).map(str::to_owned);
    let mut named: Vec<String> = named.collect();
    if is_last && !is_only && named.is_empty() {
        named.extend(REFERENCES.map(str::to_owned));
    }
    (!own.is_empty()).then_some(named)
}

fn failed(error: PreviewError) -> CommandError {
    CommandError::Command(Box::new(error))
}

/// What the command line and the snapshot say about accounts and regions.
fn known(args: &PreviewArgs, reader: Option<&Reader>) -> Result<Known, CommandError> {
    let accounts = Accounts::new(&args.account).map_err(CommandError::Usage)?;
    let regions = Regions::new(&args.region).map_err(CommandError::Usage)?;
    let mut snapshot = BTreeMap::new();
    for target in reader.into_iter().flat_map(Reader::accounts) {
        snapshot.insert(target.account.clone(), Vec::new());
    }
    let Some(reader) = reader else { return Ok(Known { accounts, regions, snapshot }) };
    for (account, own) in &mut snapshot {
        // Only the header is needed.
        if let Collected::Whole(whole) = reader.account_of(account, &|_| false)? {
            own.extend(whole.header.regions.iter().cloned());
        }
    }
    Ok(Known { accounts, regions, snapshot })
}

/// Refuses a snapshot that has none of the accounts of the change: it is probably that of another one.
fn check_accounts(described: &Described, reader: Option<&Reader>) -> Result<(), CommandError> {
    let Some(reader) = reader else { return Ok(()) };
    let is_there = |account: &AccountId| reader.accounts().any(|one| one.account == *account);
    match described.accounts.first() {
        Some(first) if !described.accounts.iter().any(is_there) => {
            Err(failed(PreviewError::NotInSnapshot(first.clone())))
        }
        _ => Ok(()),
    }
}

/// What the plan or the change set says, the plan, the format, and the file.
struct Read<'a> {
    described: Described,
    plan: Option<terraform::Plan>,
    source: &'static str,
    file: &'a Path,
}

fn read<'a>(
    args: &'a PreviewArgs,
    known: &Known,
    stdin: &mut dyn io::Read,
) -> Result<Read<'a>, PreviewError> {
    if let Some(file) = args.change_set.as_deref() {
        let described = change_set::read(file, &known.accounts, stdin)?;
        return Ok(Read { described, plan: None, source: change_set::SOURCE, file });
    }
    let file = args.plan.as_deref().unwrap_or(Path::new("-"));
    let plan = terraform::read(file, stdin)?;
    let described = terraform::describe_plan(&plan, known)?;
    Ok(Read { described, plan: Some(plan), source: terraform::SOURCE, file })
}

/// Finds what the change takes over, such as default security groups, among what exists, and what the
/// images, launch templates and subnets of new instances say about them.
fn complete(described: &mut Described, reader: Option<&Reader>) -> Result<(), CommandError> {
    let mut accounts = described.adopting();
    accounts.extend(described.launching().cloned());
    for account in accounts {
        let is_used =
            |kind: &Kind| LAUNCH_KINDS.contains(&kind.name) || ADOPTED_KINDS.contains(&kind.name);
        let has = |reader: &&Reader| reader.accounts().any(|one| one.account == account);
        let reader = reader.filter(has);
        match reader.map(|reader| reader.account_of(&account, &is_used)).transpose()? {
            Some(Collected::Whole(whole)) => {
                described.adopt(&account, &whole.resources);
                described.launch(&account, Some(&whole.resources));
            }
            // The plan can have them.
            _ => {
                described.adopt_new(&account);
                described.launch(&account, None);
            }
        }
    }
    Ok(())
}

/// The name of the folder that the plan is in.
fn root_of(file: &Path) -> String {
    let folder = file.canonicalize().ok();
    let folder = folder.as_deref().and_then(Path::parent).and_then(Path::file_name);
    let name = folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().map(|c| if good(c) { c } else { '-' }).take(80).collect();
    if name.trim_matches(['-', '.']).is_empty() { "root".to_owned() } else { name }
}
