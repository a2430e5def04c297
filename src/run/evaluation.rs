//! The input of an evaluation: the accounts and targets known from the config and the snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use super::error::CommandError;
use super::reporting::{Reported, Reports};
use super::setup::{Setup, matching_accounts};
use crate::cli::Global;
use crate::config::Config;
use crate::evaluate::Evaluation;
use crate::model::text::one_line;
use crate::model::{AccountId, AccountKeys, DiscoveredAccount, Globs, Organization, Target};
use crate::report::RunInfo;
use crate::snapshot::{ManifestTarget, Reader};

/// Evaluates the accounts of a snapshot that match the filters of the run.
pub(crate) fn evaluate_snapshot(
    global: &Global,
    setup: &Setup,
    reader: &Reader,
    mut reports: Reports,
) -> Result<Reported, CommandError> {
    let targets = known_better(&setup.config, reader);
    check_overrides(&setup.config, reader, &targets, global.quiet)?;
    let accounts = accounts(setup, reader, &targets)?;
    // An account that is in the snapshot is not skipped.
    let mut skipped = reader.manifest().skipped_accounts.clone();
    skipped.retain(|skipped| reader.accounts().all(|target| target.account != skipped.account));
    let origin = reader.manifest().origin;
    let run = RunInfo { origin, ..reports.run_info(setup, accounts.len(), &skipped) };
    reports.check(&run)?;
    let evaluation = Evaluation {
        sources: reports.sources(),
        ..evaluation(setup, Some(accounts), targets, known_accounts(reader))
    };
    reports.evaluate(&run, &evaluation, reader, || None)
}

/// Your accounts, as known from a snapshot.
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

/// The accounts of a snapshot that match the filters of the run. Names in the config take
/// precedence.
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

/// Rejects overrides of parameters that match none of the accounts of the config and the snapshot.
/// An organization that the snapshot does not have could have more accounts.
pub(crate) fn check_overrides(
    config: &Config,
    reader: &Reader,
    targets: &[ManifestTarget],
    quiet: bool,
) -> Result<(), CommandError> {
    let organization = reader.manifest().organization.as_ref();
    if config.organization.is_some() && organization.is_none() {
        return Ok(());
    }
    let of_snapshot =
        reader.accounts().filter(|old| targets.iter().all(|target| target.account != old.account));
    let known: Vec<_> = targets.iter().chain(of_snapshot).map(ManifestTarget::keys).collect();
    match_overrides(config, &known, organization, quiet)
}

/// Rejects overrides of parameters that match no account. Accounts of an organization come and go by
/// themselves, so an override that outlives its last one is only a note.
pub(crate) fn match_overrides(
    config: &Config,
    known: &[AccountKeys<'_>],
    organization: Option<&Organization>,
    quiet: bool,
) -> Result<(), CommandError> {
    let none = BTreeMap::new();
    let members = organization.into_iter().flat_map(Organization::accounts);
    let members = members.map(|member| AccountKeys {
        id: &member.account,
        name: member.name.as_deref(),
        labels: &none,
    });
    let known: Vec<_> = known.iter().copied().chain(members).collect();
    let unmatched = config.unmatched_overrides(&known);
    if organization.is_none() && !unmatched.is_empty() {
        return Err(CommandError::Diagnostics(unmatched));
    }
    for diagnostic in unmatched.iter().filter(|_| !quiet) {
        let (line, column) = diagnostic.position();
        let text = format!(
            "note: {}:{line}:{column}: {}, so this override has no effect",
            diagnostic.file, diagnostic.message
        );
        writeln!(crate::output::stderr(), "{}", one_line(&text, 500)).ok();
    }
    Ok(())
}

/// The evaluation for `setup`. `known` are your accounts that the config does not list.
pub(crate) fn evaluation(
    setup: &Setup,
    accounts: Option<BTreeSet<AccountId>>,
    targets: Vec<ManifestTarget>,
    known: impl IntoIterator<Item = AccountId>,
) -> Evaluation {
    // Trust every account that the config or the snapshot knows, whichever of them are evaluated: a
    // filtered run must not have more findings.
    let scanned = targets.iter().map(|target| target.account.clone()).chain(known);
    Evaluation {
        rules: setup.rules.clone(),
        trust: setup.config.trust.resolve(scanned).into(),
        required_tags: setup.config.tags.clone().into(),
        accepted_gaps: setup.config.accepted_gaps.clone(),
        waivers: setup.waivers.clone(),
        accounts,
        regions: setup.regions.clone(),
        group_by: setup.config.group_by().to_vec(),
        sources: None,
        targets,
    }
}

/// The accounts of the snapshot that match the filter, with their names. Names in the config take
/// precedence.
pub(crate) fn named_accounts(
    config: &Config,
    reader: &Reader,
    globs: Option<&Globs>,
) -> Result<Vec<(AccountId, Option<String>)>, CommandError> {
    let better: BTreeMap<AccountId, Option<String>> = known_better(config, reader)
        .into_iter()
        .map(|target| (target.account, target.name))
        .collect();
    let named: Vec<(&AccountId, Option<&str>)> = reader
        .accounts()
        .map(|target| {
            let name = better.get(&target.account).and_then(Option::as_deref);
            (&target.account, name.or(target.name.as_deref()))
        })
        .collect();
    let wanted = matching_accounts(globs, named.iter().copied())?;
    let named = named.into_iter().filter(|(id, _)| wanted.contains(*id));
    Ok(named.map(|(id, name)| (id.clone(), name.map(str::to_owned))).collect())
}

/// The targets of the config in the form of a snapshot. Information from the organization is kept
/// if the config does not override it.
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

/// A target in the form of a snapshot.
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
