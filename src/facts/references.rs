//! Which kinds refer to which: where the facts of one resource hold the id of another. By it a
//! finding on what many share (an open security group) can name who uses it, instead of a finding
//! on each of them.

use serde_json::{Map, Value};

/// Resources of one kind hold ids of resources of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The kind of who refers.
    pub from: &'static str,
    /// Where in its list the ids are: names with dots between them, `[]` behind a list.
    pub path: &'static str,
    /// The kind that the ids are of.
    pub to: &'static str,
}

/// References that are known, each pair of kinds once.
pub static REFERENCES: &[Reference] = &[
    Reference {
        from: "ec2.instance",
        path: "network_interfaces[].groups[].group_id",
        to: "ec2.security_group",
    },
    Reference { from: "ec2.instance", path: "subnet_id", to: "ec2.subnet" },
    Reference { from: "ec2.instance", path: "vpc_id", to: "ec2.vpc" },
    Reference { from: "ec2.instance", path: "image_id", to: "ec2.image" },
    // EC2 sets the tag on what it launches from a template; nobody else can.
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
    /// How resources of `from` refer to resources of `to`, if that is known.
    pub fn find(from: &str, to: &str) -> Option<&'static Self> {
        REFERENCES.iter().find(|reference| reference.from == from && reference.to == to)
    }

    /// The kinds that refer to a kind.
    pub fn to(kind: &str) -> impl Iterator<Item = &'static str> {
        REFERENCES
            .iter()
            .filter(move |reference| reference.to == kind)
            .map(|reference| reference.from)
    }

    /// The ids that a resource holds.
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
    use crate::facts::form::Form;
    use crate::facts::{self};

    #[test]
    fn every_reference_leads_from_a_field_to_an_id() {
        for reference in REFERENCES {
            let from = facts::kind(reference.from).unwrap();
            assert!(facts::kind(reference.to).is_some(), "{reference:?}");
            let mut form = Form::of(&from.shape);
            for step in reference.path.split('.') {
                form = match form {
                    Form::Map(value) => *value,
                    other => other
                        .field(step.trim_end_matches("[]"))
                        .unwrap_or_else(|| panic!("{reference:?}: {step}"))
                        .clone(),
                };
                if step.ends_with("[]") {
                    let Form::Array(item) = form else {
                        panic!("{reference:?}: {step} is no list")
                    };
                    form = *item;
                }
            }
            assert_eq!(form, Form::Text, "{reference:?}");
            let same = REFERENCES
                .iter()
                .filter(|other| (other.from, other.to) == (reference.from, reference.to));
            assert_eq!(same.count(), 1, "{reference:?}");
        }
    }

    #[test]
    fn ids_are_found_wherever_they_are() {
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
