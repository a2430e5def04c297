//! What is evaluated in a run: the accounts and targets that the config and the snapshot know.

use std::collections::BTreeSet;

use super::error::CommandError;
use super::setup::Setup;
use crate::config::Config;
use crate::evaluate::Evaluation;
use crate::model::{AccountId, DiscoveredAccount, Organization, Target};
use crate::snapshot::{ManifestTarget, Reader};

/// Accounts of the site that a snapshot knows.
pub(crate) fn known_accounts(reader: &Reader) -> impl Iterator<Item = AccountId> {
    reader
        .accounts()
        .map(|target| target.account.clone())
        .chain(members(reader.manifest().organization.as_ref()))
}

/// The accounts of an organization.
pub(crate) fn members(organization: Option<&Organization>) -> impl Iterator<Item = AccountId> {
    organization.into_iter().flat_map(Organization::accounts).map(|member| member.account.clone())
}

/// The accounts of a snapshot that the run is narrowed to, which the config may know by better
/// names.
pub(crate) fn accounts(
    setup: &Setup,
    reader: &Reader,
    targets: &[ManifestTarget],
) -> Result<BTreeSet<AccountId>, CommandError> {
    let named = reader.accounts().map(|target| {
        let name = targets
            .iter()
            .find(|better| better.account == target.account)
            .unwrap_or(target)
            .name
            .as_deref();
        (&target.account, name)
    });
    setup.accounts(named)
}

/// What is evaluated in a run of `setup`. `known` are accounts of the site that the config does not
/// name.
pub(crate) fn evaluation(
    setup: &Setup,
    accounts: Option<BTreeSet<AccountId>>,
    targets: Vec<ManifestTarget>,
    known: impl IntoIterator<Item = AccountId>,
) -> Evaluation {
    // Every account that the config or the snapshot knows, whatever part of them is evaluated: a
    // narrowed run must not find more.
    let scanned = targets.iter().map(|target| target.account.clone()).chain(known);
    Evaluation {
        rules: setup.rules.clone(),
        trust: setup.config.trust.resolve(scanned).into(),
        accepted_gaps: setup.config.accepted_gaps.clone(),
        accounts,
        regions: setup.regions.clone(),
        targets,
    }
}

/// The targets of the config, as snapshots keep them. What an organization said of an account, and
/// the config does not, stays.
pub(crate) fn known_better(config: &Config, reader: &Reader) -> Vec<ManifestTarget> {
    let mut targets: Vec<ManifestTarget> = config.targets().iter().map(manifest_target).collect();
    for old in reader.accounts() {
        let Some(target) = targets.iter_mut().find(|target| target.account == old.account) else {
            continue;
        };
        if let Some(unit) = old.labels.get(DiscoveredAccount::LABEL) {
            target
                .labels
                .entry(DiscoveredAccount::LABEL.to_owned())
                .or_insert_with(|| unit.clone());
            target.name = target.name.take().or_else(|| old.name.clone());
        }
    }
    targets
}

/// A target as snapshots keep it.
pub(crate) fn manifest_target(target: &Target) -> ManifestTarget {
    ManifestTarget {
        account: target.account.clone(),
        name: target.name.clone(),
        partition: target.partition.clone(),
        role: match &target.role {
            crate::model::Role::Own => None,
            crate::model::Role::Assume(hop) => Some(hop.role_arn.to_string()),
        },
        labels: target.labels.clone(),
    }
}
