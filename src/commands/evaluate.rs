//! `rolecall evaluate`: judges a snapshot. No AWS, no clock, no secrets.

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
    let mut reports = Reports::new(global, &setup, &args.outputs, args.evaluation.fail_on)?;
    let reader = Reader::open(&args.snapshot)?;
    let targets = manifest_targets(&setup.config);
    let named = reader.accounts().map(|target| {
        let name = targets.iter().find(|better| better.account == target.account).unwrap_or(target).name.as_deref();
        (&target.account, name)
    });
    let accounts = setup.accounts(named)?;
    let run = reports.run_info(&setup, accounts.len());
    reports.check(&run)?;
    let known = reader.accounts().map(|target| target.account.clone());
    let evaluation = evaluation(&setup, Some(accounts), targets.clone(), known);
    Ok(reports.judge(&run, &evaluation, &reader)?.exit)
}

/// What is judged in a run of `setup`. `known` are accounts of the site that the config does not name.
pub(super) fn evaluation(
    setup: &Setup,
    accounts: Option<std::collections::BTreeSet<AccountId>>,
    targets: Vec<ManifestTarget>,
    known: impl IntoIterator<Item = AccountId>,
) -> Evaluation {
    // Every account that the config or the snapshot knows, whatever part of them is judged: a narrowed run must not find more.
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
