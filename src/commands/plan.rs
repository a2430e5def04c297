//! `rolecall plan`: which AWS API calls the configured scan would make, how many, and how long they
//! would take at least. It makes no calls itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{Global, ListFormat, PlanArgs};
use crate::exit::Exit;
use crate::facts::{self, MAX_SESSION_POLICY, Scope, SessionPolicy};
use crate::model::{AccountId, Demand, Globs, Partition, Region, Role, Target, counted, series};
use crate::plan::{
    self, ASSUME_ROLE, AssumedSizes, Estimate, GET_CALLER_IDENTITY, Per, PlannedCall, Sizes,
};
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::snapshot::{Collected, Reader};

/// Number of regions that are enabled in a new account.
const ENABLED_REGIONS: usize = 17;
/// Default number of resources in each list.
const RESOURCES: u64 = 100;

/// Writes the plan to `out`.
pub fn run(global: &Global, args: &PlanArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let setup =
        Setup::new(global, &args.narrowing, &args.rules, false)?.with_fixes(args.needs.fixes);
    let demand = setup.demand();
    let regional = demand.kinds().filter_map(facts::kind).any(|kind| kind.scope == Scope::Regional);
    let assumed = assumed(args);
    let snapshot = args.snapshot.as_deref().map(Reader::open).transpose()?;
    let accounts = accounts(&setup, snapshot.as_ref())?
        .iter()
        .map(|account| estimate(account, &demand, regional, &assumed, &setup, snapshot.as_ref()))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let lists_regions = regional && accounts.iter().any(|account| account.lists_regions);
    let calls = plan::calls(&demand, lists_regions);
    let mut calls_by_api: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (call, times) in accounts.iter().flat_map(|account| &account.estimate.calls_by_api) {
        *calls_by_api.entry(call).or_default() += times;
    }
    let plan = Plan {
        rules: setup.rules.iter().map(|rule| rule.rule.id.as_str()).collect(),
        iam_actions: calls
            .iter()
            .filter(|call| call.kind.is_some() || call.call != ASSUME_ROLE)
            .map(|call| call.action)
            .collect(),
        calls,
        session_policy: session_policy(&demand),
        estimate: Total {
            calls: accounts.iter().map(|account| account.estimate.calls).sum(),
            calls_by_api,
            seconds_at_published_limits: seconds(&accounts, setup.config.scan.concurrency.accounts),
            accounts_at_once: setup.config.scan.concurrency.accounts,
            assumed: accounts.iter().any(|account| !account.from_snapshot).then_some(assumed),
            accounts,
        },
    };
    match args.format {
        ListFormat::Text => text(&plan, out),
        ListFormat::Json => serde_json::to_writer_pretty(&mut *out, &plan)
            .map_err(Into::into)
            .and_then(|()| out.write_all(b"\n")),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

fn assumed(args: &PlanArgs) -> AssumedSizes {
    let every = args
        .resources
        .iter()
        .rev()
        .find(|size| size.kind.is_none())
        .map_or(RESOURCES, |size| size.number);
    let kinds = args
        .resources
        .iter()
        .filter_map(|size| Some((size.kind?.to_owned(), size.number)))
        .collect();
    AssumedSizes { every, kinds }
}

/// An account to collect.
struct PlannedTarget {
    id: Option<AccountId>,
    target: Option<Target>,
}

/// The configured accounts, or those of the snapshot, or else one account as an example.
fn accounts(setup: &Setup, snapshot: Option<&Reader>) -> Result<Vec<PlannedTarget>, CommandError> {
    let targets = setup.config.targets();
    if !targets.is_empty() {
        let wanted = setup
            .accounts(targets.iter().map(|target| (&target.account, target.name.as_deref())))?;
        let targets = targets.into_iter().filter(|target| wanted.contains(&target.account));
        return Ok(targets
            .map(|target| PlannedTarget { id: Some(target.account.clone()), target: Some(target) })
            .collect());
    }
    let Some(reader) = snapshot else { return Ok(vec![PlannedTarget { id: None, target: None }]) };
    let wanted = setup
        .accounts(reader.accounts().map(|target| (&target.account, target.name.as_deref())))?;
    Ok(wanted.into_iter().map(|id| PlannedTarget { id: Some(id), target: None }).collect())
}

fn estimate(
    account: &PlannedTarget,
    demand: &Demand,
    regional: bool,
    assumed: &AssumedSizes,
    setup: &Setup,
    reader: Option<&Reader>,
) -> Result<Planned, CommandError> {
    let known = match (reader, &account.id) {
        (Some(reader), Some(id)) if reader.accounts().any(|target| target.account == *id) => {
            match reader.account(id)? {
                Collected::Whole(snapshot) if snapshot.header.entered => Some(snapshot),
                _ => None,
            }
        }
        _ => None,
    };
    let named =
        account.target.as_ref().map_or(&setup.config.scan.regions, |target| &target.regions);
    let lists_regions = regional && named.is_empty();
    let regions: Vec<Region> = match &known {
        _ if !named.is_empty() => {
            let partition = account.target.as_ref().map(|target| &target.partition);
            let here = |region: &&Region| {
                partition.is_none_or(|partition| Partition::of_region(region) == *partition)
            };
            named.iter().filter(here).cloned().collect()
        }
        Some(snapshot) => snapshot.header.regions.iter().cloned().collect(),
        // Only the number of regions matters, not their names.
        None => (1..=ENABLED_REGIONS)
            .filter_map(|number| format!("us-assumed-{number}").parse().ok())
            .collect(),
    };
    let filter = |region: &&Region| {
        setup.regions.as_ref().is_none_or(|globs: &Globs| globs.matches(region.as_str()))
    };
    let regions: BTreeSet<Region> = if named.is_empty() && known.is_none() {
        regions.into_iter().collect()
    } else {
        regions.iter().filter(filter).cloned().collect()
    };
    let entry = match account.target.as_ref().map(|target| &target.role) {
        Some(Role::Own) => GET_CALLER_IDENTITY,
        _ => ASSUME_ROLE,
    };
    let sizes: &dyn Sizes = known.as_deref().map_or(assumed as &dyn Sizes, |snapshot| snapshot);
    Ok(Planned {
        account: account.id.clone(),
        regions: if regional { regions.len() } else { 0 },
        lists_regions,
        from_snapshot: known.is_some(),
        estimate: Estimate::of(demand, entry, lists_regions, &regions, sizes),
    })
}

/// Time with `at_once` accounts collected concurrently, each limited by its request rates.
fn seconds(accounts: &[Planned], at_once: usize) -> f64 {
    let each = accounts.iter().map(|account| account.estimate.seconds_at_published_limits);
    let longest = each.clone().fold(0.0, f64::max);
    longest.max(each.sum::<f64>() / at_once.max(1) as f64)
}

#[derive(Serialize)]
struct Plan<'a> {
    rules: Vec<&'a str>,
    calls: Vec<PlannedCall>,
    iam_actions: BTreeSet<&'static str>,
    session_policy: Session,
    estimate: Total,
}

/// The session policy.
#[derive(Serialize)]
struct Session {
    /// `inline` or `SecurityAudit`.
    policy: &'static str,
    /// Length of the inline policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    characters: Option<usize>,
    /// Required actions that `SecurityAudit` does not allow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_covered: Vec<&'static str>,
}

fn session_policy(demand: &Demand) -> Session {
    match SessionPolicy::of_demand(demand) {
        SessionPolicy::Inline(policy) => Session {
            policy: "inline",
            characters: Some(policy.chars().count()),
            not_covered: Vec::new(),
        },
        SessionPolicy::SecurityAudit => Session {
            policy: "SecurityAudit",
            characters: None,
            not_covered: facts::not_in_security_audit(demand),
        },
    }
}

#[derive(Serialize)]
struct Total {
    calls: u64,
    calls_by_api: BTreeMap<&'static str, u64>,
    seconds_at_published_limits: f64,
    accounts_at_once: usize,
    /// Sizes assumed for accounts without a snapshot.
    assumed: Option<AssumedSizes>,
    accounts: Vec<Planned>,
}

#[derive(Serialize)]
struct Planned {
    /// `null` if no account is configured: the estimate is for any account.
    account: Option<AccountId>,
    regions: usize,
    lists_regions: bool,
    from_snapshot: bool,
    #[serde(flatten)]
    estimate: Estimate,
}

fn text(plan: &Plan<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let title = |per| match per {
        Per::Account => "Per account",
        Per::Region => "Per account and region",
        Per::Resource => "Per resource",
    };
    let width = plan.calls.iter().map(|call| call.call.width()).max().unwrap_or(0);
    let actions = plan.calls.iter().map(|call| call.action.width()).max().unwrap_or(0);
    writeln!(out, "{:width$}    {:actions$}  frequency", "call", "IAM action")?;
    for per in [Per::Account, Per::Region, Per::Resource] {
        let mut lines = plan.calls.iter().filter(|call| call.per == per).peekable();
        if lines.peek().is_some() {
            writeln!(out, "{}", title(per))?;
        }
        for call in lines {
            writeln!(out, "  {:width$}  {:actions$}  {}", call.call, call.action, how_often(call))?;
        }
    }
    writeln!(out, "\nSession policy")?;
    let session = &plan.session_policy;
    match session.characters {
        Some(characters) => {
            writeln!(out, "  inline: {characters} of at most {MAX_SESSION_POLICY} characters")?
        }
        None => {
            writeln!(
                out,
                "  AWS managed policy SecurityAudit: an inline policy would exceed {MAX_SESSION_POLICY} characters"
            )?;
            if !session.not_covered.is_empty() {
                writeln!(
                    out,
                    "  SecurityAudit does not allow {}, so the affected facts will be unknown",
                    series(session.not_covered.iter().copied(), "and")
                )?;
            }
        }
    }
    let total = &plan.estimate;
    writeln!(out, "\nEstimate for {}", counted(plan.rules.len(), "rule"))?;
    for account in &total.accounts {
        let name = account.account.as_ref().map_or("any account", AccountId::as_str);
        let size = match (account.from_snapshot, &total.assumed) {
            (false, Some(assumed)) => assumption(assumed),
            _ => "sizes from the snapshot".to_owned(),
        };
        let regions = counted(account.regions, "region");
        let calls = counted_u64(account.estimate.calls, "call");
        let enabled = if account.lists_regions && !account.from_snapshot {
            " (those enabled by default)"
        } else {
            ""
        };
        writeln!(out, "  {name}  {calls}, {regions}{enabled}, {size}")?;
    }
    let mut most: Vec<_> = total.calls_by_api.iter().collect();
    most.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let most: Vec<String> =
        most.iter().take(5).map(|(call, times)| format!("{call} {times}")).collect();
    writeln!(
        out,
        "  total: {}; most frequent: {}",
        counted_u64(total.calls, "call"),
        most.join(", ")
    )?;
    writeln!(
        out,
        "  at least {:.1} s at AWS's published rates (EC2: bursts of 100 calls, then 20 per second, per API, region and account; none are \
                 published for S3 and S3 Control)",
        total.seconds_at_published_limits
    )
}

fn counted_u64(number: u64, noun: &str) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

fn how_often(call: &PlannedCall) -> String {
    let of = call.kind.unwrap_or_default();
    let times = match call.at_most {
        1 => "once".to_owned(),
        most => format!("up to {most} times"),
    };
    let mut text = match (call.per, call.fact) {
        (Per::Resource, Some(fact)) => format!("{times} per {of} ({fact})"),
        (Per::Resource, None) => format!("once per {of}"),
        (_, Some(fact)) => format!("{times} ({of}/{fact})"),
        (_, None) if of.is_empty() => "once".to_owned(),
        (_, None) => format!("once ({of})"),
    };
    if let Some(page) = call.page {
        text.push_str(&format!(", plus one per {page} additional items"));
    }
    if let Some(unless) = call.unless {
        text.push_str(&format!(", unless {unless}"));
    }
    text
}

fn assumption(assumed: &AssumedSizes) -> String {
    let kinds = assumed.kinds.iter().map(|(kind, number)| format!("{kind}: {number}"));
    let kinds: Vec<String> = kinds.collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    format!(
        "assuming {} per list{kinds}; set --resources, or pass an earlier snapshot with --snapshot",
        counted_u64(assumed.every, "resource")
    )
}
