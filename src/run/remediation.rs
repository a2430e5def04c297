//! The input of a plan of fixes, from the config.

use std::sync::Arc;

use serde_json::json;

use super::error::CommandError;
use super::evaluation::{accounts, check_overrides, evaluation, known_accounts, known_better};
use super::setup::Setup;
use crate::evaluate::Evaluation;
use crate::remediation::{PlanSettings, Planned, Planner};
use crate::snapshot::Reader;
use crate::sources::Sources;

/// What may be planned, according to the config. `unsafe_fixes`: whether unsafe fixes of rules that
/// allow them are planned.
pub(crate) fn plan_settings(setup: &Setup, unsafe_fixes: bool) -> PlanSettings {
    let config = &setup.config;
    PlanSettings {
        unsafe_fixes,
        expires_days: config.remediation.expires_days,
        hands_off: config.hands_off.clone(),
        managed_tags: config.remediation.managed_tags.clone(),
        config: json!({
            "trust": config.trust.named,
            "trust_scanned_accounts": config.trust.organization_accounts,
        }),
    }
}

/// Plans the fixes for the accounts of a snapshot that match the filters of the run. What `sources`
/// declare is fixed there.
pub(crate) fn plan_snapshot(
    setup: &Setup,
    settings: &PlanSettings,
    reader: &Reader,
    sources: Option<Arc<Sources>>,
    quiet: bool,
) -> Result<Planned, CommandError> {
    let evaluation = Evaluation { sources, ..evaluation_of(setup, reader, quiet)? };
    Ok(Planner { evaluation: &evaluation, settings }.plan(reader)?)
}

/// The evaluation of the accounts of a snapshot that match the filters of the run.
pub(crate) fn evaluation_of(
    setup: &Setup,
    reader: &Reader,
    quiet: bool,
) -> Result<Evaluation, CommandError> {
    let targets = known_better(&setup.config, reader);
    check_overrides(&setup.config, reader, &targets, quiet)?;
    let accounts = accounts(setup, reader, &targets)?;
    Ok(evaluation(setup, Some(accounts), targets, known_accounts(reader)))
}
