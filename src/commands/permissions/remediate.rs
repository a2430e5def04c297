//! `rolecall permissions remediate` and `remediate-trust`: the policies of the write role.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::PermissionsArgs;
use crate::fixes::{Action, Permission, permissions_anywhere};
use crate::model::Partition;
use crate::permissions::{WriteTrust, write_policies};
use crate::remediation::PlanFile;
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// The policy of the write role, or a list of policies if they would be too large for one.
pub(super) fn policy(
    setup: &Setup,
    args: &PermissionsArgs,
    quiet: bool,
) -> Result<Value, CommandError> {
    let permissions = match &args.remediation.plan {
        Some(plan) => of_plan(plan)?,
        None => of_rules(setup, &args.plane.partition)?,
    };
    let mut policies = write_policies(&permissions);
    if policies.len() > 1 && !quiet {
        let note = format!(
            "the permissions do not fit into one managed policy, so this is a list of {} policies: attach all of them to the role",
            policies.len()
        );
        writeln!(crate::output::stderr(), "note: {note}").ok();
    }
    Ok(if policies.len() == 1 { policies.remove(0) } else { json!(policies) })
}

/// Everything that the fixes of the selected rules and their undoing can need.
fn of_rules(setup: &Setup, partition: &str) -> Result<Vec<Permission>, CommandError> {
    let fixes = setup.rules.iter().filter_map(|selected| selected.rule.meta.fix.as_ref());
    let actions: BTreeSet<&'static str> =
        fixes.flat_map(|fix| fix.actions.iter().copied()).collect();
    if actions.is_empty() {
        let text = "no selected rule has an automatic fix, so no permissions are needed";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let usage = |error: String| CommandError::Usage(error);
    let partition: Partition = partition.parse().map_err(|error| usage(format!("{error}")))?;
    permissions_anywhere(&actions, &partition).map_err(|error| usage(error.to_string()))
}

/// Exactly what the changes of a plan need, in all of its accounts. A plan that undoes another one has
/// its own permissions.
fn of_plan(path: &Path) -> Result<Vec<Permission>, CommandError> {
    let file = PlanFile::read(path)?;
    let mut permissions = Vec::new();
    for item in &file.plan.items {
        let action = Action::new(&item.action, item.parameters.clone());
        let action = action.map_err(|error| CommandError::Usage(error.to_string()))?;
        let writes = action.writes(&item.target(), &item.before);
        permissions.extend(writes.into_iter().flat_map(|write| write.permissions));
    }
    if permissions.is_empty() {
        let text = format!("the plan `{}` changes nothing", path.display());
        return Err(CommandError::Usage(text));
    }
    Ok(permissions)
}

/// The trust policy of the write role.
pub(super) fn trust(args: &PermissionsArgs, external_id: Option<&str>) -> Value {
    let trust = WriteTrust {
        principals: args.principal.clone(),
        apply_role: args.remediation.apply_role.clone(),
        source_identity: args.remediation.source_identity,
    };
    trust.policy(external_id)
}
