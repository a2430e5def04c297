//! The table of kinds: what rolecall can read from AWS. One file per kind defines the types that rules
//! see, with documentation for every field, and the API calls that return them, with their IAM
//! actions and "not configured" codes. Nothing here calls AWS, so plans, permissions, lint and
//! documentation work without it; `aws/collect/` has a file of the same name for each file here.
//!
//! Field names are AWS's in snake_case; values are AWS's strings, numbers and RFC 3339 times.

mod shape;

mod account;
mod attributes;
mod compact;
mod compact_resource;
pub mod ec2;
pub mod s3;

mod encoding;
mod fact;
pub mod fields;
mod form;
mod kind;
mod kinds;
mod limit;
mod missing;
mod normal;
mod number;
pub mod organizations;
mod packer;
mod policy;
mod reading;
mod references;
mod secret;
pub mod secrets;
mod session;
mod tag_sources;
mod tags;
mod time;

pub use account::KIND as ACCOUNT;
pub use attributes::{ATTRIBUTES, Attribute};
pub use compact::{CompactValue, Content};
pub use compact_resource::CompactResource;
pub use fact::Fact;
pub use form::FieldType;
pub use kind::{
    ApiCall, EmptyResponse, FactSpec, Identity, Kind, REGION_FIELD, Scope, Shape, is_absent,
    is_not_offered, outermost,
};
pub use kinds::{KINDS, action, calls, collected_kind, kind, not_looked_up, suggest_kind};
pub use limit::Limit;
pub use normal::{FactsText, Lost, normalize};
pub use number::decimal;
pub use policy::PolicyDocument;
pub use reading::read_fact;
pub use references::Reference;
pub use secret::Secret;
pub use session::{
    MAX_SESSION_POLICY, SessionPolicy, fits_session, not_in_security_audit, session_policy,
};
pub use tag_sources::{TAGS, tag_source, tag_source_names, tag_sources, tagged_kinds};
pub use tags::Tags;
pub use time::Time;

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
