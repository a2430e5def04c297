//! The targets of a run: the accounts that the config names and those of its organization, filtered
//! by the options of the command line.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::aws_session::AwsSession;
use super::earlier_run;
use super::error::CommandError;
use super::evaluation::{manifest_target, match_overrides, members};
use super::setup::Setup;
use crate::aws::{self, Observer, Stats};
use crate::cli::Shard;
use crate::model::{
    AccountId, Demand, Globs, Organization, Partition, Region, SkippedAccount, Target, counted,
};
use crate::snapshot::{self, ManifestTarget, Reader, SnapshotError, TargetsFile};

/// The accounts of a run.
pub(crate) struct TargetSet {
    /// Accounts to scan, sorted by id.
    pub(crate) targets: Vec<Target>,
    /// Accounts of the organization that are skipped.
    pub(crate) skipped: Vec<SkippedAccount>,
    /// All accounts, whether or not the options of the command line select them.
    pub(crate) all: Vec<ManifestTarget>,
    organization: Option<Organization>,
    /// The run of which these are a part, if several processes collect it.
    pub(crate) part: Option<RunPart>,
    /// Statistics of reading the organization.
    pub(crate) stats: Stats,
}

/// A part of a run that several processes collect.
pub(crate) struct RunPart {
    /// The run.
    pub(crate) list: TargetsFile,
    /// The regions to which it is limited.
    pub(crate) regions: Option<Globs>,
}

impl RunPart {
    /// How long accounts took in the previous run.
    pub(crate) fn durations(&self) -> BTreeMap<AccountId, Duration> {
        earlier_run::durations(&self.list.account_seconds)
    }
}

impl TargetSet {
    /// Resolves the accounts to scan. A resumed run uses the organization in its snapshot, so that
    /// both parts cover the same accounts.
    pub(crate) fn resolve(
        setup: &Setup,
        session: &mut AwsSession,
        resumed: Option<&Path>,
        quiet: bool,
    ) -> Result<Self, CommandError> {
        let config = &setup.config;
        let mut stats = Stats::default();
        let organization = match &config.organization {
            None => None,
            Some(settings) => match resumed.map(known).transpose()?.flatten() {
                Some(known) => Some(known),
                None => {
                    let base = session.base()?;
                    let reading = aws::read_organization(
                        &base,
                        &settings.access,
                        session.session_name(),
                        session.observer(Arc::new(LogCalls)),
                    );
                    let what = " while reading the organization; nothing was collected";
                    let (organization, calls) = session.block_on(reading, what)?;
                    stats = calls;
                    Some(organization)
                }
            },
        };
        let (mut targets, skipped) = match &organization {
            Some(organization) => {
                config.accounts_of(organization).map_err(CommandError::Diagnostics)?
            }
            None => (config.targets(), Vec::new()),
        };
        let manifest: Vec<_> = targets.iter().map(manifest_target).collect();
        let keys: Vec<_> = manifest.iter().map(ManifestTarget::keys).collect();
        if !targets.is_empty() {
            match_overrides(config, &keys, organization.as_ref(), quiet)?;
        }
        if targets.is_empty() {
            return Err(CommandError::Usage(no_targets_message(setup, &skipped)));
        }
        if let Some(organization) = organization.as_ref().filter(|_| !quiet) {
            let (members, units) = (organization.accounts().len(), organization.units().len());
            let text = format!(
                "organization: {} in {}, {} skipped",
                counted(members, "account"),
                counted(units, "OU"),
                skipped.len()
            );
            writeln!(crate::output::stderr(), "{text}").ok();
        }
        let known = targets.iter().map(|target| (&target.account, target.name.as_deref()));
        let wanted = setup.accounts(known).map_err(|error| or_skipped(error, setup, &skipped))?;
        targets.retain(|target| wanted.contains(&target.account));
        check_regions(&targets, setup.regions.as_ref())?;
        name_regions(&mut targets, setup.regions.as_ref());
        Ok(Self { targets, skipped, all: manifest, organization, part: None, stats })
    }

    /// The accounts of a run that several processes collect: a part of them, or all.
    pub(crate) fn of_run(
        setup: &Setup,
        (path, list): (&Path, TargetsFile),
        part: &Part,
    ) -> Result<Self, CommandError> {
        let error = |reason: String| {
            Err(CommandError::Usage(format!("cannot collect for `{}`: {reason}", path.display())))
        };
        let stamp = setup.stamp(&list.stamp.run);
        if list.stamp.tool != stamp.tool {
            return error(format!(
                "it was written by {}, but this is {}; use one version for a run",
                list.stamp.tool, stamp.tool
            ));
        }
        if list.stamp.rules != stamp.rules || !list.demand.covers(&setup.demand()) {
            return error(
                "it was written for other rules; use the same rules and config for all parts of a run"
                    .to_owned(),
            );
        }
        let all: Vec<&AccountId> = list.targets.iter().map(|target| &target.account).collect();
        let wanted: Vec<&AccountId> = match part {
            Part::All => all,
            Part::Accounts(accounts) => {
                if let Some(other) = accounts.iter().find(|account| !all.contains(account)) {
                    return error(format!("account {other} is not one of its targets"));
                }
                accounts.iter().collect()
            }
            Part::Shard(Shard { number, of }) => {
                if usize::from(*of) != list.shards.len() {
                    return error(format!(
                        "it has {}, not {of}",
                        counted(list.shards.len(), "shard")
                    ));
                }
                let index = usize::from(*number).saturating_sub(1);
                list.shards.get(index).into_iter().flatten().collect()
            }
        };
        let config = &setup.config;
        let known = match &list.organization {
            Some(organization) if config.organization.is_some() => {
                config.accounts_of(organization).map_err(CommandError::Diagnostics)?.0
            }
            _ => config.targets(),
        };
        let mut targets = Vec::new();
        for account in wanted {
            let Some(target) = known.iter().find(|target| target.account == *account) else {
                return error(format!(
                    "account {account} is not an account of the config; use the same config for all parts of a run"
                ));
            };
            let role = manifest_target(target).role;
            let planned = list.targets.iter().find(|planned| planned.account == *account);
            if planned.is_some_and(|planned| planned.role != role) {
                return error(format!(
                    "the config has another role for account {account}; use the same config for all parts of a run"
                ));
            }
            targets.push(target.clone());
        }
        let regions = match list.regions.as_slice() {
            [] => None,
            patterns => match Globs::new(patterns) {
                Ok(globs) => Some(globs),
                Err(invalid) => return error(invalid.to_string()),
            },
        };
        name_regions(&mut targets, regions.as_ref());
        let planned = |target: &Target| {
            list.account_regions.get(&target.account).map_or(&[][..], Vec::as_slice)
        };
        if let Some(target) = targets.iter().find(|target| target.regions != planned(target)) {
            return error(format!(
                "the config has other regions for account {}; use the same config for all parts of a run",
                target.account
            ));
        }
        if list.fallback_regions != config.scan.fallback_regions {
            return error(
                "the config has other `fallback_regions`; use the same config for all parts of a run"
                    .to_owned(),
            );
        }
        Ok(Self {
            targets,
            skipped: list.skipped_accounts.clone(),
            all: list.targets.clone(),
            organization: list.organization.clone(),
            part: Some(RunPart { list, regions }),
            stats: Stats::default(),
        })
    }

    /// What to collect in the accounts.
    pub(crate) fn demand(&self, setup: &Setup) -> Demand {
        match &self.part {
            Some(part) => part.list.demand.clone(),
            None => setup.demand(),
        }
    }

    /// The organization, if there is one.
    pub(crate) fn organization(&self) -> Option<&Organization> {
        self.organization.as_ref()
    }

    /// Your accounts that the config need not list: those of its organization.
    pub(crate) fn known(&self) -> impl Iterator<Item = AccountId> {
        members(self.organization.as_ref())
    }

    /// In the form of a snapshot.
    pub(crate) fn for_snapshot(&self) -> snapshot::TargetList {
        snapshot::TargetList {
            targets: self.targets.iter().map(manifest_target).collect(),
            skipped_accounts: self.skipped.clone(),
            organization: self.organization.clone(),
            origin: None,
        }
    }
}

/// The list of accounts of a new run. `seconds` is how long accounts took in an earlier run, and
/// `shards` is how many shards a number of accounts is divided into.
pub(crate) fn new_list(
    setup: &Setup,
    session: &mut AwsSession,
    mut seconds: BTreeMap<AccountId, f64>,
    shards: impl FnOnce(usize) -> usize,
    quiet: bool,
) -> Result<TargetsFile, CommandError> {
    let targets = TargetSet::resolve(setup, session, None, quiet)?;
    seconds.retain(|account, _| targets.targets.iter().any(|target| target.account == *account));
    let regions = setup.regions.as_ref().map(|globs| globs.patterns().to_vec()).unwrap_or_default();
    let mut list = TargetsFile::new(
        setup.stamp(session.run_id()),
        session.started(),
        (setup.demand(), regions),
        targets.for_snapshot(),
        seconds,
        shards(targets.targets.len()),
    );
    let named = targets.targets.iter().filter(|target| !target.regions.is_empty());
    list.account_regions =
        named.map(|target| (target.account.clone(), target.regions.clone())).collect();
    list.fallback_regions = setup.config.scan.fallback_regions.clone();
    Ok(list)
}

/// Which accounts of a run are collected.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// All of them.
    All,
    /// Those of a shard.
    Shard(Shard),
    /// These.
    Accounts(Vec<AccountId>),
}

/// Adds the statistics of one part of a run to those of another.
pub(crate) fn add(stats: &mut Stats, more: Stats) {
    stats.add_apis(&more.apis);
    stats.failed_requests.extend(more.failed_requests);
}

/// The organization in a snapshot, if the snapshot exists and has one.
fn known(dir: &Path) -> Result<Option<Organization>, CommandError> {
    match Reader::open(dir) {
        Ok(reader) => Ok(reader.manifest().organization.clone()),
        Err(SnapshotError::NotASnapshot { .. }) => Ok(None),
        Err(SnapshotError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn no_targets_message(setup: &Setup, skipped: &[SkippedAccount]) -> String {
    match (&setup.config.path, skipped) {
        (_, [first, ..]) => format!(
            "no accounts to scan: every account in the organization was skipped (the first: account {first})"
        ),
        (Some(path), []) if setup.config.organization.is_some() => {
            format!(
                "no accounts to scan: the organization contains no accounts, and {} has no [[account]]",
                path.display()
            )
        }
        (_, []) => setup.no_accounts(),
    }
}

/// If an `--account` pattern matches a skipped account, adds a note about it to the error.
fn or_skipped(error: CommandError, setup: &Setup, skipped: &[SkippedAccount]) -> CommandError {
    match skipped.iter().find(|skipped| setup.names(&skipped.account, skipped.name.as_deref())) {
        Some(skipped) => CommandError::Usage(format!("{error}\nnote: account {skipped}")),
        None => error,
    }
}

/// A region that is given by name and is of a partition without accounts is an error.
fn check_regions(targets: &[Target], filter: Option<&Globs>) -> Result<(), CommandError> {
    let named = filter.and_then(|globs| literal_regions(globs.patterns())).unwrap_or_default();
    let is_of_none = |region: &&Region| !targets.iter().any(|target| is_in(region, target));
    match named.iter().find(is_of_none) {
        Some(region) => Err(CommandError::Usage(format!(
            "region {region} is in the partition {}, but no account that is scanned is; use --region with regions of the accounts",
            Partition::of_region(region)
        ))),
        None => Ok(()),
    }
}

/// Regions given by name need not be listed.
fn name_regions(targets: &mut [Target], filter: Option<&Globs>) {
    if let Some(named) = filter.and_then(|globs| literal_regions(globs.patterns())) {
        for target in targets.iter_mut().filter(|target| target.regions.is_empty()) {
            target.regions = named.iter().filter(|region| is_in(region, target)).cloned().collect();
        }
    }
}

fn is_in(region: &Region, target: &Target) -> bool {
    Partition::of_region(region) == target.partition
}

fn literal_regions(patterns: &[String]) -> Option<Vec<Region>> {
    let regions: Option<Vec<Region>> =
        patterns.iter().map(|pattern| pattern.parse().ok()).collect();
    regions.filter(|regions| !regions.iter().any(Region::is_global))
}

/// Logs calls, as a collection does.
pub(crate) struct LogCalls;

impl Observer for LogCalls {
    fn call(&self, account: &AccountId, call: &str) {
        tracing::debug!(%account, call, "call");
    }
}
