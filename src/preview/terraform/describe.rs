//! Converts the resources of a plan to those of AWS, before and after the change.

use super::convert::{Converter, When};
use super::kinds;
use super::plan::{Action, Plan, PlannedResource};
use super::scope::Scopes;
use crate::preview::error::PreviewError;
use crate::preview::item::Described;

/// Converts all resources.
pub fn describe(plan: &Plan, scopes: &Scopes<'_>) -> Result<Described, PreviewError> {
    let mut described = Described::default();
    let is_placed = |one: &&PlannedResource| is_of_aws(one) && !scopes.has_open_region(one);
    for resource in plan.resources.iter().filter(is_placed) {
        describe_resource(plan, scopes, resource, &mut described)?;
    }
    described.hide_contradictions();
    described.settle_conflicts(|one, other| plan.refers(one, other));
    described.changes = plan.changes;
    described.is_partial = !plan.is_complete || !plan.deferred.is_empty();
    described.timestamp = plan.timestamp.clone();
    Ok(described)
}

/// Whether it is a resource of a provider for AWS.
pub fn is_of_aws(resource: &PlannedResource) -> bool {
    ["aws_", "awscc_"].iter().any(|start| resource.type_name.starts_with(start))
}

/// Converts one resource, before and after the change.
pub fn describe_resource(
    plan: &Plan,
    scopes: &Scopes<'_>,
    resource: &PlannedResource,
    described: &mut Described,
) -> Result<(), PreviewError> {
    let Some(spec) = kinds::spec(&resource.type_name) else {
        return match resource.is_changed() {
            true => kinds::other(resource, scopes, described),
            false => Ok(()),
        };
    };
    for when in [When::Before, When::After] {
        let exists = match when {
            // What is deposed is deleted, and something else has its address.
            When::Before => resource.exists_before(),
            When::After => resource.exists_after() && !resource.is_deposed,
        };
        if !exists || resource.action == Action::Forget {
            continue;
        }
        let side = match when {
            When::Before => resource.before(),
            When::After => resource.after(),
        };
        let location = scopes.of(resource, side)?;
        described.accounts.insert(location.account.clone());
        let regions = described.regions.entry(location.account.clone()).or_default();
        regions.insert(location.region.clone());
        let of = (resource, when);
        let id_attribute = kinds::id_attribute;
        (spec.convert)(&mut Converter::new(plan, of, location, described, id_attribute));
    }
    Ok(())
}
