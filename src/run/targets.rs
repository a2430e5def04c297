//! The targets of a run: the accounts that the config names and those of its organization, filtered
//! by the options of the command line.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::aws_session::AwsSession;
use super::error::CommandError;
use super::evaluation::{manifest_target, match_overrides, members};
use super::setup::Setup;
use crate::aws::{self, Observer, Stats};
use crate::model::{AccountId, Organization, Region, SkippedAccount, Target, counted};
use crate::snapshot::{self, ManifestTarget, Reader, SnapshotError};

/// The accounts of a run.
pub(crate) struct TargetSet {
    /// Accounts to scan, sorted by id.
    pub(crate) targets: Vec<Target>,
    /// Accounts of the organization that are skipped.
    pub(crate) skipped: Vec<SkippedAccount>,
    /// All accounts, whether or not the options of the command line select them.
    pub(crate) all: Vec<ManifestTarget>,
    organization: Option<Organization>,
    /// Statistics of reading the organization.
    pub(crate) stats: Stats,
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
                        Arc::new(LogCalls),
                    );
                    let interrupted = |signal: &str| {
                        format!(
                            "interrupted by {signal} while reading the organization; nothing was collected"
                        )
                    };
                    let (organization, calls) = session.block_on(reading, interrupted)?;
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
        // Regions given by name need not be listed.
        if let Some(typed) =
            setup.regions.as_ref().and_then(|globs| literal_regions(globs.patterns()))
        {
            for target in targets.iter_mut().filter(|target| target.regions.is_empty()) {
                target.regions = typed.clone();
            }
        }
        Ok(Self { targets, skipped, all: manifest, organization, stats })
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
        }
    }
}

/// Adds the statistics of one part of a run to those of another.
pub(crate) fn add(stats: &mut Stats, more: Stats) {
    for (call, times) in more.calls {
        *stats.calls.entry(call).or_default() += times;
    }
    stats.retries += more.retries;
    stats.throttled += more.throttled;
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
