//! The checks of the access to AWS: credentials, clock, organization, and every account.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::accounts::AccountChecks;
use super::{credentials, settings};
use crate::aws::{self, SessionError};
use crate::cli::DoctorArgs;
use crate::model::text::one_line;
use crate::model::{AccountKeys, Partition, SkippedAccount, counted};
use crate::report::advice;
use crate::report::{Area, Check, CheckStatus};
use crate::run::aws_session::AwsSession;
use crate::run::collection;
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::run::targets::{LogCalls, TargetSet};
use crate::snapshot::ManifestTarget;

/// Adds the checks, and returns the number of API calls.
pub(super) fn check(
    setup: &Setup,
    args: &DoctorArgs,
    checks: &mut Vec<Check>,
) -> Result<u64, CommandError> {
    let mut session = AwsSession::begin(setup, &args.aws)?;
    const INTERRUPTED: &str = "; nothing was changed";
    let base = match session.base() {
        Ok(base) => base,
        Err(CommandError::Session(error)) => {
            let failed = Check::new(Area::Credentials, CheckStatus::Failed, "base credentials");
            checks.push(failed.message(no_session(&error)));
            checks.extend(without_credentials(setup, &[Area::Clock, Area::Accounts]));
            return Ok(0);
        }
        Err(error) => return Err(error),
    };
    let identity = session.block_on(
        async { Ok::<_, CommandError>(base.identity(&partition(setup)).await) },
        INTERRUPTED,
    )?;
    checks.push(credentials::credentials(&base, &identity));
    checks.push(credentials::clock(&identity));
    let Ok(caller) = &identity.caller else {
        checks.extend(without_credentials(setup, &[Area::Accounts]));
        return Ok(1);
    };

    let resumed = args.snapshot.as_deref().filter(|_| args.resume);
    let targets = match TargetSet::resolve(setup, &mut session, resumed, true) {
        Ok(targets) => targets,
        Err(error) => {
            if session.interrupts().received().is_some() {
                return Err(error);
            }
            checks.extend(no_targets(setup, &error));
            checks.push(
                Check::new(Area::Accounts, CheckStatus::NotChecked, "accounts")
                    .message("it is not known which accounts to scan"),
            );
            return Ok(1);
        }
    };
    let mut calls = 1 + targets.stats.calls.values().sum::<u64>();
    checks.extend(organization(setup, &targets));

    let request = collection::request(setup, &args.aws, &mut session, targets.targets)?;
    let limit = Duration::from_secs(u64::from(args.timeout));
    let outcome = session.block_on(
        async {
            let checking = aws::check_accounts(request, limit, Arc::new(LogCalls));
            Ok::<_, CommandError>(checking.await)
        },
        INTERRUPTED,
    )?;
    calls += outcome.stats.calls.values().sum::<u64>();
    let assuming = setup.config.via.as_ref();
    let principal = assuming.map_or(caller.arn.clone(), |hub| hub.role_arn.to_string());
    if let Some(hub) = assuming {
        let check =
            |status| Check::new(Area::Accounts, status, format!("hub role {}", hub.role_arn));
        checks.push(match &outcome.hub {
            None => check(CheckStatus::Ok).message("role assumed"),
            Some(cause) => Check {
                code: Some(one_line(&cause.code, 100)),
                ..check(CheckStatus::Failed).message(advice::role(cause, hub, &caller.arn))
            },
        });
        if outcome.hub.is_some() {
            checks.push(
                Check::new(Area::Accounts, CheckStatus::NotChecked, "accounts")
                    .message("the hub role could not be assumed"),
            );
        }
    }
    for account in outcome.accounts {
        checks.extend(AccountChecks { setup, principal: &principal }.checks(account));
    }
    Ok(calls)
}

/// Why there are no base credentials. What to do precedes the long reason of the SDK.
fn no_session(error: &SessionError) -> String {
    match error {
        SessionError::NoCredentials { reason } => format!(
            "no AWS credentials: log in, set AWS_PROFILE, or run rolecall where an IAM role is attached ({})",
            one_line(reason, 500)
        ),
        error @ (SessionError::Http(_) | SessionError::Endpoint { .. }) => {
            one_line(&error.to_string(), 1_000)
        }
    }
}

/// The partition whose STS is asked about the credentials.
fn partition(setup: &Setup) -> Partition {
    let of_target = || setup.config.targets().into_iter().map(|target| target.partition).next();
    let organization = setup.config.organization.as_ref();
    organization
        .map(|organization| organization.access.partition.clone())
        .or_else(of_target)
        .unwrap_or_default()
}

/// The checks that need credentials.
fn without_credentials(setup: &Setup, areas: &[Area]) -> Vec<Check> {
    let organization = setup.config.organization.is_some().then_some(Area::Organization);
    let areas = areas.iter().copied().chain(organization);
    areas
        .map(|area| {
            let subject = match area {
                Area::Clock => "clock of this machine",
                Area::Organization => "organization",
                _ => "accounts",
            };
            Check::new(area, CheckStatus::NotChecked, subject)
                .message("the base credentials must be fixed first")
        })
        .collect()
}

/// Why it is not known which accounts to scan.
fn no_targets(setup: &Setup, error: &CommandError) -> Vec<Check> {
    let is_discovered = setup.config.organization.is_some();
    match error {
        CommandError::Organization(error) => {
            let failed = Check::new(Area::Organization, CheckStatus::Failed, "organization");
            vec![failed.message(one_line(&error.to_string(), 1_000))]
        }
        CommandError::Diagnostics(errors) if is_discovered => {
            settings::diagnostics(errors, Area::Organization, CheckStatus::Failed)
        }
        // These are among the checks of the config.
        CommandError::Diagnostics(_) => Vec::new(),
        error => settings::failed(error),
    }
}

/// What was found in the organization, if there is one.
fn organization(setup: &Setup, targets: &TargetSet) -> Vec<Check> {
    let Some(organization) = targets.organization() else { return Vec::new() };
    let skipped = skipped(&targets.skipped);
    let found = format!(
        "{} in {}, {} to scan{skipped}",
        counted(organization.accounts().len(), "account"),
        counted(organization.units().len(), "OU"),
        targets.all.len(),
    );
    let none = BTreeMap::new();
    let members = organization.accounts().iter().map(|member| AccountKeys {
        id: &member.account,
        name: member.name.as_deref(),
        labels: &none,
    });
    let known: Vec<AccountKeys<'_>> =
        targets.all.iter().map(ManifestTarget::keys).chain(members).collect();
    let read = Check::new(Area::Organization, CheckStatus::Ok, "organization").message(found);
    let unmatched = settings::unmatched(&setup.config, &known, CheckStatus::Warning);
    std::iter::once(read).chain(unmatched).collect()
}

fn skipped(skipped: &[SkippedAccount]) -> String {
    match skipped {
        [] => String::new(),
        [first, ..] => format!(
            ", {} skipped (for example, account {})",
            skipped.len(),
            one_line(&first.to_string(), 200)
        ),
    }
}
