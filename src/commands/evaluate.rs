//! `rolecall evaluate`: evaluates a snapshot. No AWS, no clock, no secrets.

use std::collections::BTreeSet;

use super::CommandError;
use super::reporting::Reports;
use super::setup::Setup;
use crate::cli::{EvaluateArgs, Global};
use crate::config::Config;
use crate::evaluate::Evaluation;
use crate::exit::Exit;
use crate::model::{AccountId, Discovered, Organization, Target};
use crate::snapshot::{ManifestTarget, Reader};

/// Runs the command.
pub fn run(global: &Global, args: &EvaluateArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, false)?;
    let reader = Reader::open(&args.snapshot)?;
    if let Some(resource) = &args.resource {
        return super::trace::run(global, args, &setup, &reader, resource);
    }
    let mut reports = Reports::new(global, &setup, &args.outputs, args.evaluation.fail_on)?;
    let targets = known_better(&setup.config, &reader);
    let accounts = accounts(&setup, &reader, &targets)?;
    // An account that is in the snapshot after all is not left out.
    let mut skipped = reader.manifest().skipped_accounts.clone();
    skipped.retain(|skipped| reader.accounts().all(|target| target.account != skipped.account));
    let run = reports.run_info(&setup, accounts.len(), &skipped);
    reports.check(&run)?;
    let evaluation = evaluation(&setup, Some(accounts), targets, known_accounts(&reader));
    Ok(reports.evaluate(&run, &evaluation, &reader, || None)?.exit)
}

/// Accounts of the site that a snapshot knows.
pub(super) fn known_accounts(reader: &Reader) -> impl Iterator<Item = AccountId> {
    reader
        .accounts()
        .map(|target| target.account.clone())
        .chain(members(reader.manifest().organization.as_ref()))
}

/// The accounts of an organization.
pub(super) fn members(organization: Option<&Organization>) -> impl Iterator<Item = AccountId> {
    organization.into_iter().flat_map(Organization::accounts).map(|member| member.account.clone())
}

/// The accounts of a snapshot that the run is narrowed to, which the config may know by better
/// names.
pub(super) fn accounts(
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
pub(super) fn evaluation(
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
pub(super) fn known_better(config: &Config, reader: &Reader) -> Vec<ManifestTarget> {
    let mut targets: Vec<ManifestTarget> = config.targets().iter().map(manifest_target).collect();
    for old in reader.accounts() {
        let Some(target) = targets.iter_mut().find(|target| target.account == old.account) else {
            continue;
        };
        if let Some(unit) = old.labels.get(Discovered::LABEL) {
            target.labels.entry(Discovered::LABEL.to_owned()).or_insert_with(|| unit.clone());
            target.name = target.name.take().or_else(|| old.name.clone());
        }
    }
    targets
}

/// A target as snapshots keep it.
pub(super) fn manifest_target(target: &Target) -> ManifestTarget {
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
