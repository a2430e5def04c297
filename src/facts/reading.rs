//! Facts of resources as the types of their kinds, for code that does not run rules.

use serde::de::DeserializeOwned;

use super::fact::Fact;
use super::kinds::kind;
use crate::model::{Cause, Resource};

/// A fact or a field of a resource; `None` if it is absent. What was not collected, or does not have the
/// right type, is not known.
pub fn read_fact<T: DeserializeOwned>(resource: &Resource, name: &str) -> Result<Option<T>, Cause> {
    let known = kind(&resource.kind);
    let call = known.and_then(|kind| kind.fact(name)).map_or(name, |fact| fact.call.name);
    match known.map(|kind| kind.fact_of(resource, name)) {
        Some(Fact::Known(value)) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|_| Cause::new(call, Cause::INVALID_RESPONSE, "the response is not valid")),
        Some(Fact::Unreadable(cause)) => Err(cause),
        Some(Fact::Absent) => Ok(None),
        None => Err(Cause::not_collected(call)),
    }
}
