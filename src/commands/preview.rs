//! `rolecall preview`: what a planned change would change in the findings. Terraform is not run, and
//! AWS is not called.

mod code;
mod decide;
mod destroyed;
mod images;
mod joined;
mod parts;
mod places;
mod related;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use decide::Decider;

use crate::cli::{Global, Narrowing, PreviewArgs, PreviewFormat, PreviewOutput};
use crate::evaluate::{Evaluation, demand, run_info, with_frameworks};
use crate::exit::Exit;
use crate::facts::{self, Kind, Scope};
use crate::model::{
    AccountId, AlertLocation, Cause, Demand, Extent, Finding, Gap, Origin, Partition, Region,
    Resource,
};
use crate::output::preview::{write_markdown, write_preview_json, write_text};
use crate::output::sarif::{SarifOptions, SarifOutput};
use crate::output::{
    Destination, Document, FileMode, GitHub, LogLines, Output, OutputError, Sink, TextOptions,
};
use crate::preview::{
    ADOPTED_KINDS, Accounts, Described, Finishing, ItemKey, Known, LAUNCH_KINDS, Overlaid, Overlay,
    PreviewError, Regions, change_set, name_missing, name_unread, terraform, without_account,
    without_snapshot,
};
use crate::report::{
    AccountReport, Alerts, Category, Concerned, Destroyed, Preview, PreviewAccount, Previewed,
    RunInfo, Selection, Summary,
};
use crate::rules::EVERY_RULE;
use crate::run::error::CommandError;
use crate::run::evaluation::{evaluation, known_accounts, known_better};
use crate::run::setup::Setup;
use crate::run::terminal;
use crate::snapshot::{
    AccountHeader, AccountSnapshot, Collected, ManifestTarget, Reader, SnapshotError, TargetList,
    Writer,
};

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
        unchanged: 0,
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

/// An account that the change concerns.
struct Job<'a> {
    account: &'a AccountId,
    described: &'a Described,
    source: &'a str,
    reader: Option<&'a Reader>,
}

/// What exists in it.
struct Before {
    target: ManifestTarget,
    snapshot: AccountSnapshot,
    /// Whether the snapshot has it.
    is_collected: bool,
    /// Why nothing is known of it.
    missing: Option<Cause>,
    /// The regions of the change that were not read.
    unread: BTreeSet<Region>,
}

/// Its reports.
struct Evaluated {
    /// Whether the snapshot has the account.
    is_collected: bool,
    before: AccountReport,
    after: AccountReport,
    /// Without AWS's defaults, if they were assumed.
    plain: Option<AccountReport>,
    /// Without what AWS refuses, if it refuses something.
    without_refused: Option<AccountReport>,
    concerned: Concerned,
    /// What the change destroys with its data.
    destroyed: Vec<Destroyed>,
    overlaid: (ManifestTarget, AccountSnapshot),
}

impl Job<'_> {
    fn evaluate(
        &self,
        evaluation: &Evaluation,
        assume_defaults: bool,
    ) -> Result<Evaluated, CommandError> {
        let Before { target, mut snapshot, is_collected, missing, unread } = self.before()?;
        let images = images::add(&mut snapshot, self.described);
        let better = evaluation.targets.iter().find(|better| better.account == target.account);
        let target = better.cloned().unwrap_or(target);
        let overlay = |assume_defaults: bool| {
            let finishing = Finishing { source: self.source, assume_defaults };
            Overlay { described: self.described, finishing, missing: missing.as_ref() }
        };
        let mut existing = overlay(assume_defaults).before(snapshot.clone());
        name_unread(existing.resources.iter_mut(), &unread);
        let overlay = |assume_defaults: bool| {
            let mut overlaid = overlay(assume_defaults).account(snapshot.clone());
            let resources = overlaid.after.resources.iter_mut().chain(&mut overlaid.unchanged);
            name_unread(resources, &unread);
            if let Some(cause) = &missing {
                let Overlaid { after, unchanged, .. } = &mut overlaid;
                name_missing(after.resources.iter_mut().chain(unchanged), &mut after.gaps, cause);
            }
            overlaid
        };
        let after = overlay(assume_defaults);
        let concerned = self.concerned(&after);
        let joined = joined::groups(&existing.resources, &after.after.resources, &concerned);
        let inbound_rules = joined::inbound_rules(evaluation);
        let reads = related::reads(evaluation);
        let types = related::types(self.described);
        let mut concerned = Concerned { joined, inbound_rules, reads, types, ..concerned };
        concerned.created = self.created(&existing.resources);
        let resources = (&existing.resources[..], &after.after.resources[..]);
        related::add_related(&mut concerned, self.described, resources);
        let mut overlaid = (target.clone(), after.after.clone());
        images::remove(&mut overlaid.1, &images);
        let destroyed =
            destroyed::destroyed(self.described, self.account, &existing.resources, &after.after);
        let demand = demand(&evaluation.rules, &evaluation.waivers);
        let decider = Decider {
            described: self.described,
            evaluation,
            target: &target,
            demand: &demand,
            images: &images,
        };
        let before = decider.report(existing)?;
        let plain = match assume_defaults {
            true => Some(decider.decided(overlay(false).after)?),
            false => None,
        };
        let without_refused = match after.unchanged.as_slice() {
            [] => None,
            unchanged => {
                let mut without = after.after.clone();
                for one in &mut without.resources {
                    let is_it = |other: &&Resource| other.kind == one.kind && other.id == one.id;
                    if let Some(unchanged) = unchanged.iter().find(is_it) {
                        *one = unchanged.clone();
                    }
                }
                Some(decider.decided(without)?)
            }
        };
        let after = decider.decided(after.after)?;
        Ok(Evaluated {
            is_collected,
            before,
            after,
            plain,
            without_refused,
            concerned,
            destroyed,
            overlaid,
        })
    }

    /// What exists.
    fn before(&self) -> Result<Before, CommandError> {
        let regions = self.described.regions.get(self.account).cloned().unwrap_or_default();
        let target = |reader: &Reader| {
            let mut targets = reader.accounts();
            targets.find(|target| target.account == *self.account).cloned()
        };
        let collected = match self.reader.and_then(|reader| Some((reader, target(reader)?))) {
            Some((reader, target)) => Some((target, reader.account(self.account)?)),
            None => None,
        };
        let Some((target, Collected::Whole(mut whole))) = collected else {
            let time = self.described.timestamp.as_deref();
            let (target, snapshot) = nothing(self.account, time, regions);
            let missing = match self.reader {
                Some(_) => without_account(self.source, self.account),
                None => without_snapshot(self.source),
            };
            let (missing, unread) = (Some(missing), BTreeSet::new());
            return Ok(Before { target, snapshot, is_collected: false, missing, unread });
        };
        let mut unread = &regions - &whole.header.regions;
        whole.header.regions.extend(regions);
        // Of an account that could not be read, the change is all that is known.
        let is_account = |gap: &Gap| gap.extent == Extent::Account;
        let missing = whole.gaps.iter().find(|gap| is_account(gap));
        let missing = missing.map(|gap| gap.cause.clone());
        whole.gaps.retain(|gap| !is_account(gap));
        whole.header.entered |= missing.is_some();
        // Why the account was not read is said already.
        unread.retain(|_| missing.is_none());
        Ok(Before { target, snapshot: *whole, is_collected: true, missing, unread })
    }

    /// The resources that the change creates, by kind and id. `existing`: before it.
    fn created(&self, existing: &[Resource]) -> BTreeSet<(String, String)> {
        let exists: BTreeSet<(&str, &str)> =
            existing.iter().map(|one| (one.kind.as_str(), one.id.as_str())).collect();
        let items = self.described.after.items.iter();
        let created = items.filter(|(key, item)| {
            key.account == *self.account
                && (item.is_created || item.has_stand_in)
                && !exists.contains(&(key.kind, key.id.as_str()))
        });
        created.map(|(key, _)| (key.kind.to_owned(), key.id.clone())).collect()
    }

    /// What the change does to resources, as reports name them.
    fn concerned(&self, overlaid: &Overlaid) -> Concerned {
        let mut concerned =
            Concerned { planned: self.described.planned.clone(), ..Concerned::default() };
        let name = |key: &ItemKey| (key.kind.to_owned(), key.id.clone());
        let refused = overlaid.refused.iter();
        concerned.refused = refused.map(|(key, why)| (name(key), why.clone())).collect();
        for (key, addresses) in &overlaid.touched {
            concerned.addresses.entry(name(key)).or_default().extend(addresses.iter().cloned());
            concerned.fields.entry(name(key)).or_default().extend(self.described.fields_of(key));
        }
        // What cannot be deleted is not replaced.
        let resources = &overlaid.after.resources;
        let stays =
            |old: &ItemKey| resources.iter().any(|one| one.kind == old.kind && one.id == old.id);
        for (new, old) in self.described.replaced() {
            if new.account == *self.account && !stays(old) {
                concerned.replaces.insert(name(new), old.id.clone());
            }
        }
        let Described { before, after, .. } = self.described;
        for (key, item) in after.items.iter().chain(&before.items) {
            let is_here =
                key.account == *self.account && concerned.refused.contains_key(&name(key));
            if let Some(address) = item.declared.clone().filter(|_| is_here) {
                concerned.declared.entry(name(key)).or_insert(address);
            }
        }
        for gap in self.described.gaps.iter().filter(|gap| gap.location.account == *self.account) {
            let addresses = concerned.lists.entry(gap.kind.to_owned()).or_default();
            addresses.insert(gap.address.clone());
        }
        parts::add_parts(&mut concerned, self.described, resources);
        concerned
    }
}

/// Writes the accounts as they would be after the change. The snapshot says that it is of a plan, so
/// that nothing takes it for what exists.
fn write_snapshot(
    dir: &Path,
    accounts: Vec<(ManifestTarget, AccountSnapshot)>,
) -> Result<(), CommandError> {
    let mut demand = Demand::default();
    accounts.iter().for_each(|(_, snapshot)| demand.merge(&snapshot.header.demand));
    let targets = accounts.iter().map(|(target, _)| target.clone()).collect();
    let list = TargetList { targets, origin: Some(Origin::Plan), ..TargetList::default() };
    let writer = match Writer::create(dir, list, &demand) {
        Err(SnapshotError::Exists { path } | SnapshotError::NotEmpty { path }) => {
            return Err(CommandError::Usage(format!(
                "folder `{}` is not empty: choose a new or empty folder with --to",
                path.display()
            )));
        }
        other => other?,
    };
    for (_, snapshot) in accounts {
        let AccountSnapshot { header, lists, mut resources, gaps } = snapshot;
        let mut account = writer.account(AccountHeader { run: None, ..header })?;
        for ((kind, region), listed) in lists {
            let is_here = |resource: &Resource| {
                let is_regional =
                    facts::kind(&kind).is_some_and(|kind| kind.scope == Scope::Regional);
                resource.kind == kind && (!is_regional || resource.region == region)
            };
            let here = resources.extract_if(.., |resource| is_here(resource)).collect();
            account.list(listed, here)?;
        }
        account.gaps(gaps)?;
        account.finish()?;
    }
    Ok(())
}

/// An account of which nothing is known.
fn nothing(
    account: &AccountId,
    time: Option<&str>,
    regions: BTreeSet<Region>,
) -> (ManifestTarget, AccountSnapshot) {
    let partition = regions.first().map(Partition::of_region).unwrap_or_default();
    let target = ManifestTarget {
        account: account.clone(),
        name: None,
        partition: partition.clone(),
        role: None,
        labels: BTreeMap::new(),
    };
    let now = || jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let header = AccountHeader {
        account: account.clone(),
        partition,
        collected_at: time.map_or_else(now, str::to_owned),
        entered: true,
        regions,
        region_filter: Vec::new(),
        demand: Default::default(),
        calls: BTreeMap::new(),
        run: None,
    };
    let snapshot =
        AccountSnapshot { header, lists: BTreeMap::new(), resources: Vec::new(), gaps: Vec::new() };
    (target, snapshot)
}

fn write(
    global: &Global,
    preview: &Preview,
    (run, reports, location): (&RunInfo, &[AccountReport], Option<AlertLocation>),
    (format, to): (PreviewFormat, &Destination),
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match (format, to) {
        (PreviewFormat::Sarif, _) => {
            return sarif(preview, (run, reports, location), to).map_err(CommandError::from);
        }
        (PreviewFormat::GitHub, Destination::Stdout) => {
            return CommandError::unless_written(annotations(preview, (run, reports), out));
        }
        _ => {}
    }
    let write = |out: &mut dyn Write, options: TextOptions| match format {
        PreviewFormat::Text => write_text(&mut LogLines::new(&mut *out), preview, options),
        PreviewFormat::Json => write_preview_json(out, preview),
        PreviewFormat::GitHub => annotations(preview, (run, reports), out),
        _ => write_markdown(out, preview, run),
    };
    if *to == Destination::Stdout {
        let options =
            TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
        return CommandError::unless_written(write(out, options));
    }
    let mut sink = Sink::open(to, FileMode::default())?;
    let options = TextOptions { color: false, width: 120 };
    write(&mut sink, options).map_err(CommandError::Write)?;
    Ok(sink.commit()?)
}

/// The failures that the change would introduce or make worse, in a category of their own.
fn sarif(
    preview: &Preview,
    (run, reports, location): (&RunInfo, &[AccountReport], Option<AlertLocation>),
    to: &Destination,
) -> Result<(), OutputError> {
    // No earlier alert can lose its place: the category has only those of the pull request.
    let location = location.unwrap_or(match run.has_sources {
        true => AlertLocation::Code,
        false => AlertLocation::Resource,
    });
    let mut notifications: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
    for one in &preview.refused {
        let note = format!("the apply will fail: {}: {}", one.label(), one.message);
        notifications.entry(one.account.clone()).or_default().push(note);
    }
    let new = preview.new_failures.iter().filter(|one| one.is_new());
    let absent = new.map(|one| one.fingerprint).collect();
    let options = SarifOptions { location, notifications, absent, ..SarifOptions::default() };
    let mut output = SarifOutput::new(to.clone(), options);
    output.begin(run)?;
    for report in reports {
        let alerts = Alerts { categories: vec![Category::default()], ..Alerts::default() };
        let new = only(report, &[&preview.new_failures, &preview.worse]);
        output.account(run, &AccountReport { alerts, ..new })?;
    }
    Box::new(output).finish(run, &Summary::default()).map(drop)
}

/// The failures that the change would introduce or make worse, as annotations at their lines.
fn annotations(
    preview: &Preview,
    (run, reports): (&RunInfo, &[AccountReport]),
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut document = GitHub::default();
    document.begin(out, run)?;
    for one in &preview.refused {
        GitHub::refused(out, &one.label(), &one.message)?;
    }
    for report in reports {
        let lists = [&preview.new_failures[..], &preview.worse, &preview.not_checked];
        document.account(out, run, &only(report, &lists))?;
    }
    document.finish(out, run, &Summary::default()).map(drop)
}

/// A report with only the findings of these lists, which say what AWS will refuse.
fn only(report: &AccountReport, lists: &[&[Previewed]]) -> AccountReport {
    let listed = |finding: &Finding| {
        let is_it = |one: &&Previewed| {
            one.account == report.account
                && one.after == Some(finding.verdict)
                && one.fingerprint == finding.fingerprint
        };
        let found = lists.iter().find_map(|list| list.iter().find(is_it))?;
        let mut finding = finding.clone();
        finding.placing = found.placing.clone().map(Box::new);
        if !found.added.is_empty() {
            finding.message = format!("worse than before: {}", finding.message).into();
            finding.evidence = found.added.clone().into();
        }
        if !found.refused.is_empty() {
            finding.message = format!("{}; {}", finding.message, found.refused.join("; ")).into();
        }
        Some(finding)
    };
    let findings = report.findings.iter().filter_map(listed).collect();
    AccountReport { findings, gaps: Vec::new(), ..report.clone() }
}
