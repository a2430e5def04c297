//! What rolecall can know about AWS: the table of kinds. One file per kind holds the typed shapes
//! that rules see, every field documented, and the API calls that supply them with their IAM
//! actions and "not configured" codes. Nothing here talks to AWS, so plans, permissions, lint and
//! documentation work without it; `aws/collect/` has one file of the same name for each file here.
//!
//! Field names are AWS's in snake_case, values are AWS's own strings, numbers and RFC 3339 times.

mod shape;

pub mod ec2;
pub mod s3;

mod fact;
pub mod fields;
mod form;
mod kind;
mod limit;
mod policy;
mod references;
mod secret;
pub mod secrets;
mod session;
mod tags;
mod time;

pub use fact::Fact;
pub use form::Form;
pub use kind::{
    AbsentIf, ApiCall, FactSpec, Identity, Kind, Scope, Settling, Shape, Silence, is_absent,
};
pub use limit::Limit;
pub use policy::{PolicyDocument, PolicyStatus};
pub use references::{REFERENCES, Reference};
pub use secret::Secret;
pub use session::{
    MAX_SESSION_POLICY, SessionPolicy, fits_session, not_in_security_audit, session_policy,
};
pub use tags::Tags;
pub use time::Time;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model::{Demand, Resource, did_you_mean, text};

/// Every kind, sorted by name.
pub static KINDS: &[&Kind] = &[
    &ec2::address::KIND,
    &ec2::capacity_reservation::KIND,
    &ec2::carrier_gateway::KIND,
    &ec2::client_vpn_endpoint::KIND,
    &ec2::customer_gateway::KIND,
    &ec2::dhcp_options::KIND,
    &ec2::egress_only_internet_gateway::KIND,
    &ec2::fleet::KIND,
    &ec2::flow_log::KIND,
    &ec2::image::KIND,
    &ec2::instance::KIND,
    &ec2::instance_type::KIND,
    &ec2::internet_gateway::KIND,
    &ec2::ipam_scope::KIND,
    &ec2::key_pair::KIND,
    &ec2::launch_template::KIND,
    &ec2::managed_prefix_list::KIND,
    &ec2::nat_gateway::KIND,
    &ec2::network_acl::KIND,
    &ec2::network_insights_access_scope::KIND,
    &ec2::network_insights_access_scope_analysis::KIND,
    &ec2::network_insights_analysis::KIND,
    &ec2::network_insights_path::KIND,
    &ec2::network_interface::KIND,
    &ec2::reserved_instances::KIND,
    &ec2::route_table::KIND,
    &ec2::security_group::KIND,
    &ec2::settings::KIND,
    &ec2::snapshot::KIND,
    &ec2::spot_fleet_request::KIND,
    &ec2::subnet::KIND,
    &ec2::traffic_mirror_filter::KIND,
    &ec2::traffic_mirror_session::KIND,
    &ec2::traffic_mirror_target::KIND,
    &ec2::transit_gateway::KIND,
    &ec2::transit_gateway_attachment::KIND,
    &ec2::transit_gateway_multicast_domain::KIND,
    &ec2::transit_gateway_route_table::KIND,
    &ec2::verified_access_instance::KIND,
    &ec2::volume::KIND,
    &ec2::vpc::KIND,
    &ec2::vpc_encryption_control::KIND,
    &ec2::vpc_endpoint::KIND,
    &ec2::vpc_endpoint_service::KIND,
    &ec2::vpc_peering_connection::KIND,
    &ec2::vpn_connection::KIND,
    &ec2::vpn_gateway::KIND,
    &s3::access_grants_instance::KIND,
    &s3::access_point::KIND,
    &s3::account::KIND,
    &s3::bucket::KIND,
    &s3::directory_bucket::KIND,
    &s3::multi_region_access_point::KIND,
    &s3::object_lambda_access_point::KIND,
    &s3::storage_lens_configuration::KIND,
];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    let position = KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok()?;
    KINDS.get(position).copied()
}

/// The name of a kind that was probably meant by `wrong`.
pub fn suggest_kind(wrong: &str) -> Option<&'static str> {
    did_you_mean(wrong, KINDS.iter().map(|kind| kind.name))
}

/// Every call that a demand makes, once: the lists, then the facts.
pub fn calls(demand: &Demand) -> Vec<&'static ApiCall> {
    let mut calls: Vec<&'static ApiCall> = Vec::new();
    for kind in KINDS.iter().filter(|kind| demand.wants_kind(kind.name)) {
        let facts = kind
            .facts
            .iter()
            .filter(|fact| demand.wants(kind.name, fact.name))
            .map(|fact| &fact.call);
        for call in kind.list.iter().chain(facts) {
            if !calls.iter().any(|known| known.name == call.name) {
                calls.push(call);
            }
        }
    }
    calls
}

/// The IAM action that allows a call; `None` for one that this version does not make.
pub fn action(call: &str) -> Option<&'static str> {
    // Calls that stand in no kind.
    const OTHERS: [&str; 2] = ["ec2:DescribeRegions", "sts:AssumeRole"];
    let of_kinds = KINDS
        .iter()
        .flat_map(|kind| kind.list.iter().chain(kind.facts.iter().map(|fact| &fact.call)));
    let known = of_kinds.filter(|known| known.name == call).map(|known| known.action).next();
    known.or_else(|| OTHERS.into_iter().find(|other| *other == call))
}

/// Checks a resource's facts against the shapes of its kind and brings them into normal form: every
/// optional field of what the list returns and of each fact that is there is present, `null` when
/// absent. `None` for a kind that this version does not know. The error names the fact and the
/// resource.
pub fn normalise(mut resource: Resource) -> Result<Option<Resource>, String> {
    let Some(kind) = kind(&resource.kind) else { return Ok(None) };
    let invalid = |what: &str, error: serde_json::Error| {
        format!("{} of {} `{}`: {error}", what, resource.kind, text::one_line(&resource.id, 100))
    };
    let mut asked = Vec::new();
    for fact in kind.facts {
        if let Some(value) = resource.facts.remove(fact.name) {
            let value = match value {
                Value::Null => Value::Null,
                value => {
                    (fact.shape.normalise)(value).map_err(|error| invalid(fact.name, error))?
                }
            };
            asked.push((fact.name.to_owned(), value));
        }
    }
    let base = (kind.shape.normalise)(Value::Object(resource.facts))
        .map_err(|error| invalid("facts", error))?;
    let Value::Object(mut normal) = base else {
        return Err(format!("facts of {} are not an object", resource.kind));
    };
    normal.extend(asked);
    resource.facts = normal;
    Ok(Some(resource))
}

/// JSON text of the facts of a resource, as it is in a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct FactsText<'a>(&'a str);

impl<'a> FactsText<'a> {
    /// `None` if the text is not that of an object.
    pub fn new(text: &'a str) -> Option<Self> {
        text.starts_with('{').then_some(Self(text))
    }

    /// The facts as [`normalise`] returns them, without a tree of their JSON in between. `None` if
    /// anything is wrong with them: [`normalise`] says what.
    pub fn normalise(self, kind: &Kind) -> Option<Map<String, Value>> {
        let Ok(Value::Object(mut normal)) = (kind.shape.normalize_text)(self.0) else {
            return None;
        };
        for (fact, text) in self.known(kind)? {
            let value = if text == "null" {
                Value::Null
            } else {
                (fact.shape.normalize_text)(text).ok()?
            };
            normal.insert(fact.name.to_owned(), value);
        }
        Some(normal)
    }

    /// Whether [`Self::normalise`] returns facts, at a part of its cost.
    pub fn is_valid(self, kind: &Kind) -> bool {
        let valid = |(fact, text): (&FactSpec, &str)| {
            text == "null" || (fact.shape.check_text)(text).is_ok()
        };
        (kind.shape.check_text)(self.0).is_ok()
            && self.known(kind).is_some_and(|facts| facts.into_iter().all(valid))
    }

    /// The facts beyond the list that are there, each with its text.
    fn known(self, kind: &Kind) -> Option<Vec<(&'static FactSpec, &'a str)>> {
        /// A key, which is copied only where it has escapes.
        #[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
        struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

        if kind.facts.is_empty() {
            return Some(Vec::new());
        }
        let texts: BTreeMap<Key<'a>, &'a RawValue> = serde_json::from_str(self.0).ok()?;
        let known = |fact: &'static FactSpec| {
            Some((fact, texts.get(&Key(Cow::Borrowed(fact.name)))?.get()))
        };
        Some(kind.facts.iter().filter_map(known).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_sorted_and_unambiguous() {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        let sorted: Vec<_> = names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        assert_eq!(names, sorted);
        assert!(
            names.iter().all(|name| kind(name).is_some_and(|kind| kind.name == *name))
                && kind("ec2.nothing").is_none()
        );
        for kind in KINDS {
            let base = (kind.shape.fields)();
            for fact in kind.facts {
                assert!(
                    !base.contains(&fact.name.to_owned()),
                    "{}: `{}` is both a field and a fact",
                    kind.name,
                    fact.name
                );
            }
        }
    }

    #[test]
    fn every_field_of_every_kind_is_documented() {
        fn undocumented(path: &str, schema: &serde_json::Value, out: &mut Vec<String>) {
            if let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) {
                for (name, property) in properties {
                    let path = format!("{path}.{name}");
                    if property.get("description").is_none() {
                        out.push(path.clone());
                    }
                    undocumented(&path, property, out);
                }
            }
            for (name, definition) in
                schema.get("$defs").and_then(|d| d.as_object()).into_iter().flatten()
            {
                undocumented(name, definition, out);
            }
        }
        let mut missing = Vec::new();
        for kind in KINDS {
            undocumented(kind.name, &(kind.shape.schema)(), &mut missing);
            for fact in kind.facts {
                undocumented(
                    &format!("{}/{}", kind.name, fact.name),
                    &(fact.shape.schema)(),
                    &mut missing,
                );
            }
        }
        assert!(missing.is_empty(), "fields without a doc comment: {missing:#?}");
    }
}
