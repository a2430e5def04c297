//! Converts the resources of a plan to those of AWS, before and after the change.

use super::convert::{Converter, When};
use super::kinds;
use super::plan::{Action, Plan, PlannedResource};
use super::scope::{Known, Scopes};
use crate::preview::error::PreviewError;
use crate::preview::item::Described;

/// Converts all resources.
pub fn describe(plan: &Plan, known: &Known) -> Result<Described, PreviewError> {
    let scopes = Scopes::new(plan, known);
    let mut described = Described::default();
    let is_of_aws = |one: &&PlannedResource| {
        ["aws_", "awscc_"].iter().any(|start| one.type_name.starts_with(start))
    };
    for resource in plan.resources.iter().filter(is_of_aws) {
        let Some(spec) = kinds::spec(&resource.type_name) else {
            if resource.is_changed() {
                kinds::other(resource, &scopes, &mut described)?;
            }
            continue;
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
            let described = &mut described;
            let id_attribute = kinds::id_attribute;
            let of = (resource, when);
            (spec.convert)(&mut Converter::new(plan, of, location, described, id_attribute));
        }
    }
    described.changes = plan.changes;
    described.timestamp = plan.timestamp.clone();
    Ok(described)
}
