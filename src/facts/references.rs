//! References between kinds: which fields of a resource contain the id of another one. With them, a
//! finding on a shared resource (an open security group) can name the resources that use it, instead
//! of a finding on each of them.

use serde_json::{Map, Value};

use super::compact::{CompactFacts, CompactValue, Content};

/// A reference from resources of one kind to resources of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The kind that contains the reference.
    pub from: &'static str,
    /// The path of the ids: field names separated by dots, with `[]` after a list.
    pub path: &'static str,
    /// The kind that is referenced.
    pub to: &'static str,
}

/// All known references, each pair of kinds once.
pub static REFERENCES: &[Reference] = &[
    Reference {
        from: "ec2.instance",
        path: "network_interfaces[].groups[].group_id",
        to: "ec2.security_group",
    },
    Reference { from: "ec2.instance", path: "subnet_id", to: "ec2.subnet" },
    Reference { from: "ec2.instance", path: "vpc_id", to: "ec2.vpc" },
    Reference { from: "ec2.instance", path: "image_id", to: "ec2.image" },
    // EC2 sets this tag on instances that it launches from a template; nobody else can set it.
    Reference {
        from: "ec2.instance",
        path: "tags.aws:ec2launchtemplate:id",
        to: "ec2.launch_template",
    },
    Reference {
        from: "ec2.network_interface",
        path: "groups[].group_id",
        to: "ec2.security_group",
    },
    Reference { from: "ec2.network_interface", path: "subnet_id", to: "ec2.subnet" },
    Reference { from: "ec2.network_interface", path: "vpc_id", to: "ec2.vpc" },
    Reference { from: "ec2.subnet", path: "vpc_id", to: "ec2.vpc" },
    Reference { from: "ec2.volume", path: "snapshot_id", to: "ec2.snapshot" },
    Reference {
        from: "ec2.image",
        path: "block_device_mappings[].ebs.snapshot_id",
        to: "ec2.snapshot",
    },
];

impl Reference {
    /// The referenced ids in the compact facts of a resource.
    pub fn ids_in<'f>(&self, facts: &'f CompactFacts) -> Vec<&'f str> {
        let mut steps = self.path.split('.');
        let Some(first) = steps.next() else { return Vec::new() };
        let enter = |value: CompactValue<'f>, step: &str| -> Vec<CompactValue<'f>> {
            match (step.ends_with("[]"), value.content()) {
                (true, Content::List(items)) => items.collect(),
                (true, _) => Vec::new(),
                (false, _) => vec![value],
            }
        };
        let mut values: Vec<CompactValue<'f>> = facts
            .get(first.trim_end_matches("[]"))
            .map(|value| enter(value, first))
            .unwrap_or_default();
        for step in steps {
            let inner =
                values.into_iter().filter_map(|value| value.get(step.trim_end_matches("[]")));
            values = inner.flat_map(|value| enter(value, step)).collect();
        }
        values.into_iter().filter_map(CompactValue::as_str).collect()
    }

    /// The reference from resources of `from` to resources of `to`, if there is one.
    pub fn find(from: &str, to: &str) -> Option<&'static Self> {
        REFERENCES.iter().find(|reference| reference.from == from && reference.to == to)
    }

    /// The references in resources of a kind.
    pub fn from(kind: &str) -> impl Iterator<Item = &'static Self> {
        REFERENCES.iter().filter(move |reference| reference.from == kind)
    }

    /// The kinds that reference a kind.
    pub fn to(kind: &str) -> impl Iterator<Item = &'static str> {
        REFERENCES
            .iter()
            .filter(move |reference| reference.to == kind)
            .map(|reference| reference.from)
    }

    /// The referenced ids in a resource.
    pub fn ids<'f>(&self, facts: &'f Map<String, Value>) -> Vec<&'f str> {
        let mut steps = self.path.split('.');
        let Some(first) = steps.next() else { return Vec::new() };
        let enter = |value: &'f Value, step: &str| -> Vec<&'f Value> {
            match (step.ends_with("[]"), value) {
                (true, Value::Array(items)) => items.iter().collect(),
                (true, _) => Vec::new(),
                (false, value) => vec![value],
            }
        };
        let mut values: Vec<&Value> = facts
            .get(first.trim_end_matches("[]"))
            .map(|value| enter(value, first))
            .unwrap_or_default();
        for step in steps {
            let inner =
                values.into_iter().filter_map(|value| value.get(step.trim_end_matches("[]")));
            values = inner.flat_map(|value| enter(value, step)).collect();
        }
        values.into_iter().filter_map(Value::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::form::FieldType;
    use crate::facts::{self};

    #[test]
    fn every_reference_is_a_string_field() {
        for reference in REFERENCES {
            let from = facts::kind(reference.from).unwrap();
            assert!(facts::kind(reference.to).is_some(), "{reference:?}");
            let mut field_type = FieldType::of(&from.shape);
            for step in reference.path.split('.') {
                field_type = match field_type {
                    FieldType::Map(value) => *value,
                    other => other
                        .field(step.trim_end_matches("[]"))
                        .unwrap_or_else(|| panic!("{reference:?}: {step}"))
                        .clone(),
                };
                if step.ends_with("[]") {
                    let FieldType::List(item) = field_type else {
                        panic!("{reference:?}: {step} is not a list")
                    };
                    field_type = *item;
                }
            }
            assert_eq!(field_type, FieldType::String, "{reference:?}");
            let same = REFERENCES
                .iter()
                .filter(|other| (other.from, other.to) == (reference.from, reference.to));
            assert_eq!(same.count(), 1, "{reference:?}");
        }
    }

    #[test]
    fn ids_are_found_at_their_path() {
        let ids = |from: &str, to: &str, facts: Value| {
            let Value::Object(facts) = facts else { panic!() };
            Reference::find(from, to)
                .unwrap()
                .ids(&facts)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let group = |id: &str| serde_json::json!({ "group_id": id });
        let interfaces = serde_json::json!({ "network_interfaces": [
            { "groups": [group("sg-1"), group("sg-2")] }, { "groups": null }, {}, { "groups": [group("sg-1")] },
        ] });
        assert_eq!(ids("ec2.instance", "ec2.security_group", interfaces), ["sg-1", "sg-2", "sg-1"]);
        assert_eq!(
            ids(
                "ec2.instance",
                "ec2.security_group",
                serde_json::json!({ "network_interfaces": null })
            ),
            [""; 0]
        );
        let tags = serde_json::json!({ "tags": { "aws:ec2launchtemplate:id": "lt-1" } });
        assert_eq!(ids("ec2.instance", "ec2.launch_template", tags), ["lt-1"]);
        assert_eq!(ids("ec2.subnet", "ec2.vpc", serde_json::json!({ "vpc_id": null })), [""; 0]);
    }
}
