//! Facts that a case lacks although the rule needs them.

use super::case::Case;
use super::place::CaseError;
use super::setup;
use crate::facts::{self, Kind};
use crate::model::{Cause, Demand};
use crate::rules::language::meta::Meta;

/// The function that needs a fact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Check,
    Fix,
}

/// An error if some of the causes are that the case does not set a fact.
pub(super) fn missing_fact(
    meta: &Meta,
    case: &Case,
    causes: &[Cause],
    reader: Reader,
) -> Result<(), CaseError> {
    let (demand, why) = match reader {
        Reader::Check => (meta.decisive_demand(), ""),
        Reader::Fix => (meta.fix_demand(), ", which `fix` needs"),
    };
    for cause in causes.iter().filter(|cause| cause.code == Cause::NOT_COLLECTED) {
        if let Some(region) = setup::not_scanned_region(cause) {
            let help = region.doubt().unwrap_or_else(|| {
                "if the region is meant to be scanned, add it to `regions` or place a resource in it".to_owned()
            });
            let message = format!(
                "the rule looks up resources in region `{region}`, which the test case does not include"
            );
            return Err(CaseError { help: Some(help), ..CaseError::new(Vec::new(), message) });
        }
        let own = missing(meta.kind, &demand, cause, &|name| case.facts.contains_key(name));
        if let Some(fact) = own {
            let help = "add it to `facts`, or set it to `null` if it is not configured";
            let message = format!("the test case does not set the fact `{fact}`{why}");
            return Err(CaseError {
                help: Some(help.to_owned()),
                ..CaseError::new(Vec::new(), message)
            });
        }
        for (name, resources) in &case.related {
            let Some(kind) = facts::kind(name) else { continue };
            let is_set = |name: &str| resources.iter().all(|resource| resource.contains_key(name));
            if let Some(fact) = missing(kind, &demand, cause, &is_set) {
                let message =
                    format!("the test case does not set the fact `{fact}` of `{name}`{why}");
                let help = "add it to the resource in `related`, or set it to `null` if it is not configured";
                return Err(CaseError {
                    help: Some(help.to_owned()),
                    ..CaseError::new(Vec::new(), message)
                });
            }
        }
    }
    Ok(())
}

/// The fact that the call of the cause supplies and that is not set.
fn missing(
    kind: &'static Kind,
    demand: &Demand,
    cause: &Cause,
    is_set: &dyn Fn(&str) -> bool,
) -> Option<&'static str> {
    let fact = |name: &str, call: &str| {
        demand.wants(kind.name, name) && call == cause.call && !is_set(name)
    };
    kind.facts.iter().find(|spec| fact(spec.name, spec.call.name)).map(|spec| spec.name)
}
