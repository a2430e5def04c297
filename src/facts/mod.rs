//! What rolecall can know about AWS: the table of kinds. One file per kind holds the typed shapes that rules see, every field
//! documented, and the API calls that supply them with their IAM actions and "not configured" codes. Nothing here talks to AWS, so
//! plans, permissions, lint and documentation work without it; `aws/collect/` has one file of the same name for each file here.
//!
//! Field names are AWS's in snake_case, values are AWS's own strings, numbers and RFC 3339 times.

pub mod ec2;
pub mod s3;

mod fact;
mod kind;
mod tags;

pub use fact::Fact;
pub use kind::{ApiCall, FactSpec, Kind, Scope, Shape};
pub use tags::Tags;

use crate::model::{Demand, did_you_mean};

/// Every kind, sorted by name.
pub static KINDS: [&Kind; 6] = [
    &ec2::instance::KIND,
    &ec2::security_group::KIND,
    &ec2::settings::KIND,
    &ec2::volume::KIND,
    &s3::account::KIND,
    &s3::bucket::KIND,
];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// The name of a kind that was probably meant by `wrong`.
pub fn suggest_kind(wrong: &str) -> Option<&'static str> {
    did_you_mean(wrong, KINDS.iter().map(|kind| kind.name))
}

/// Every call that a demand makes, once: the lists, then the facts.
pub fn calls(demand: &Demand) -> Vec<&'static ApiCall> {
    let mut calls: Vec<&'static ApiCall> = Vec::new();
    for kind in KINDS.iter().filter(|kind| demand.wants_kind(kind.name)) {
        let facts = kind.facts.iter().filter(|fact| demand.wants(kind.name, fact.name)).map(|fact| &fact.call);
        for call in kind.list.iter().chain(facts) {
            if !calls.iter().any(|known| known.name == call.name) {
                calls.push(call);
            }
        }
    }
    calls
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
        for kind in KINDS {
            let base = (kind.shape.fields)();
            for fact in kind.facts {
                assert!(!base.contains(&fact.name.to_owned()), "{}: `{}` is both a field and a fact", kind.name, fact.name);
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
            for (name, definition) in schema.get("$defs").and_then(|d| d.as_object()).into_iter().flatten() {
                undocumented(name, definition, out);
            }
        }
        let mut missing = Vec::new();
        for kind in KINDS {
            undocumented(kind.name, &(kind.shape.schema)(), &mut missing);
            for fact in kind.facts {
                undocumented(&format!("{}/{}", kind.name, fact.name), &(fact.shape.schema)(), &mut missing);
            }
        }
        assert!(missing.is_empty(), "fields without a doc comment: {missing:#?}");
    }
}
