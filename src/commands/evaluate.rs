//! `rolecall evaluate`: judges a snapshot. No AWS, no clock, no secrets.

use std::collections::BTreeSet;

use super::CommandError;
use super::reporting::Reports;
use super::setup::Setup;
use crate::cli::{EvaluateArgs, Global};
use crate::config::Config;
use crate::evaluate::Evaluation;
use crate::exit::Exit;
use crate::model::{AccountId, Target};
use crate::snapshot::{ManifestTarget, Reader};

/// Runs the command.
pub fn run(global: &Global, args: &EvaluateArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, false)?;
    let reader = Reader::open(&args.snapshot)?;
    if let Some(resource) = &args.resource {
        return super::trace::run(global, args, &setup, &reader, resource);
    }
    let mut reports = Reports::new(global, &setup, &args.outputs, args.evaluation.fail_on)?;
    let targets = manifest_targets(&setup.config);
    let accounts = accounts(&setup, &reader, &targets)?;
    let run = reports.run_info(&setup, accounts.len());
    reports.check(&run)?;
    let evaluation = evaluation(&setup, Some(accounts), targets.clone());
    Ok(reports.judge(&run, &evaluation, &reader)?.exit)
}

/// The accounts of a snapshot that the run is narrowed to, which the config may know by better names.
pub(super) fn accounts(setup: &Setup, reader: &Reader, targets: &[ManifestTarget]) -> Result<BTreeSet<AccountId>, CommandError> {
    let named = reader.accounts().map(|target| {
        let name = targets.iter().find(|better| better.account == target.account).unwrap_or(target).name.as_deref();
        (&target.account, name)
    });
    setup.accounts(named)
}

/// What is judged in a run of `setup`.
pub(super) fn evaluation(setup: &Setup, accounts: Option<BTreeSet<AccountId>>, targets: Vec<ManifestTarget>) -> Evaluation {
    Evaluation {
        rules: setup.rules.clone(),
        accepted_gaps: setup.config.accepted_gaps.clone(),
        accounts,
        regions: setup.regions.clone(),
        targets,
    }
}

/// The targets of the config as snapshots keep them.
pub(super) fn manifest_targets(config: &Config) -> Vec<ManifestTarget> {
    config.targets().iter().map(manifest_target).collect()
}

fn manifest_target(target: &Target) -> ManifestTarget {
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
