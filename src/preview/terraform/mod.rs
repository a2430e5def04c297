//! Plans of Terraform and OpenTofu, as `terraform show -json PLAN` prints them.

mod address;
pub(in crate::preview) mod attribute;
mod candidates;
mod convert;
mod credentials;
mod deferred;
mod describe;
mod expression;
mod family;
mod images;
mod kinds;
mod known;
mod names;
mod place;
mod plan;
mod references;
mod registry;
mod resource;
mod scope;
mod values;

use std::io::Read;
use std::path::Path;

use super::error::PreviewError;
use super::file::json;
use super::item::{Described, KnownAttributes};
use scope::Scopes;

pub use address::type_of;
pub use plan::Plan;
pub use scope::Known;

/// What unknown values of a plan are from, in causes.
pub const SOURCE: &str = "terraform:plan";

/// Reads a plan; `-` is stdin.
pub fn read(path: &Path, stdin: &mut dyn Read) -> Result<Plan, PreviewError> {
    let how = "terraform show -json PLAN > plan.json";
    Plan::new(path, json(path, stdin, how)?)
}

/// Describes a plan.
pub fn describe_plan(plan: &Plan, known: &Known) -> Result<Described, PreviewError> {
    let deferred = plan.deferred.iter().map(|(resource, _)| resource);
    let providers = plan.resources.iter().chain(deferred).map(|one| one.provider.as_str());
    known.accounts.check(providers.clone())?;
    known.regions.check(providers)?;
    let mut scopes = Scopes::new(plan, known, |name| kinds::spec(name).is_some());
    let mut described = describe::describe(plan, &scopes)?;
    deferred::describe(plan, &scopes, &mut described)?;
    deferred::describe_anywhere(plan, &mut scopes, &mut described)?;
    described.open_lists(|address, argument| {
        plan.at(address).map(|one| plan.list_items(one, argument)).unwrap_or_default()
    });
    described.images = images::read(plan, SOURCE);
    described.planned = values::changes(plan);
    if !described.open_policies.is_empty() {
        described.values = KnownAttributes::of(plan);
    }
    Ok(described)
}

/// Describes the JSON of a plan.
#[cfg(any(test, fuzzing))]
pub fn describe(
    path: &Path,
    json: serde_json::Value,
    known: &Known,
) -> Result<Described, PreviewError> {
    describe_plan(&Plan::new(path, json)?, known)
}
