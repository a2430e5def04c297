//! What every resource has besides the fields of its kind, under the same names for all kinds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::kind::Kind;
use super::kinds::KINDS;
use crate::model::{Cause, Region, Resource};

/// A value that every resource has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, in one line.
    pub doc: &'static str,
    /// Whether it may be absent.
    pub optional: bool,
}

/// What a resource has besides its facts.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// Its id.
    pub id: &'r str,
    /// Its region.
    pub region: &'r Region,
    /// Its ARN.
    pub arn: Option<&'r str>,
    /// Facts and fields that could not be read.
    pub unreadable: &'r BTreeMap<String, Cause>,
}

impl<'r> From<&'r Resource> for Head<'r> {
    fn from(resource: &'r Resource) -> Self {
        Self {
            id: &resource.id,
            region: &resource.region,
            arn: resource.arn.as_deref(),
            unreadable: &resource.unreadable,
        }
    }
}

/// All attributes, sorted by name.
pub static ATTRIBUTES: [Attribute; 3] = [
    Attribute {
        name: "arn",
        doc: "The ARN, with the account that owns the resource; absent if the kind has no ARN.",
        optional: true,
    },
    Attribute {
        name: "id",
        doc: "The id, as in reports; for every kind, it is also a field, such as `volume_id`.",
        optional: false,
    },
    Attribute {
        name: "region",
        doc: "The region, or `global` if the resource belongs to the account as a whole.",
        optional: false,
    },
];

/// By kind: why a resource has no ARN, although the kind has one.
static WITHOUT_ARN: LazyLock<BTreeMap<&'static str, Cause>> = LazyLock::new(|| {
    let cause = |kind: &Kind| {
        let fields = (kind.shape.fields)();
        let mut own = kind.arn_fields().filter(|name| fields.iter().any(|field| field == name));
        let field = own.next().unwrap_or(kind.id);
        let message = format!("the response lacks `{field}`, which is part of the ARN");
        Cause::new(kind.list_call(), Cause::INVALID_RESPONSE, &message)
    };
    KINDS.iter().map(|kind| (kind.name, cause(kind))).collect()
});

impl Kind {
    /// The attribute of that name, unless the kind has a field or fact of that name.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        let attribute = ATTRIBUTES.iter().find(|attribute| attribute.name == name)?;
        let is_own = self.id == name || self.fact(name).is_some();
        (!is_own).then_some(attribute)
    }

    /// The value of an attribute of one of its resources, or why it is not known.
    pub fn value_of<'r>(
        &self,
        resource: impl Into<Head<'r>>,
        attribute: &Attribute,
    ) -> Result<Option<&'r str>, &'r Cause> {
        let resource = resource.into();
        match attribute.name {
            "arn" => {
                if self.arn.is_none() {
                    return Ok(None);
                }
                // An ARN with the scanned account is invented if the owner is not known.
                if let Some(cause) =
                    self.arn_fields().find_map(|field| resource.unreadable.get(field))
                {
                    return Err(cause);
                }
                match (resource.arn, WITHOUT_ARN.get(self.name)) {
                    (None, Some(cause)) => Err(cause),
                    (arn, _) => Ok(arn),
                }
            }
            "region" => {
                // A resource whose region could not be read is kept in `global`.
                let of_list = |name: &str| name.ends_with("region") && self.fact(name).is_none();
                let unknown = resource.unreadable.iter().find(|(name, _)| of_list(name));
                match unknown.filter(|_| resource.region.is_global()) {
                    Some((_, cause)) => Err(cause),
                    None => Ok(Some(resource.region.as_str())),
                }
            }
            _ => Ok(Some(resource.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::KINDS;

    #[test]
    fn an_arn_is_unreadable_if_what_it_consists_of_is() {
        let denied = Cause::new("ec2:X", Cause::INVALID_RESPONSE, "lost");
        let arn = "arn:aws:ec2:eu-west-1:111122223333:x/y";
        // Kind, whether the snapshot has an ARN, the unreadable field, and whether `.arn` is known.
        for (name, arn, unreadable, expected) in [
            ("ec2.transit_gateway", Some(arn), None, Ok(Some(arn))),
            ("ec2.transit_gateway", Some(arn), Some("owner_id"), Err("lost")),
            ("ec2.transit_gateway", Some(arn), Some("state"), Ok(Some(arn))),
            ("ec2.vpc", Some(arn), Some("owner_id"), Err("lost")),
            ("ec2.managed_prefix_list", None, Some("prefix_list_arn"), Err("lost")),
            ("ec2.managed_prefix_list", None, None, Err("lacks `prefix_list_arn`")),
            ("s3.multi_region_access_point", None, None, Err("lacks `alias`")),
            ("ec2.vpc", None, None, Err("lacks `owner_id`")),
            ("ec2.volume", None, None, Err("lacks `volume_id`")),
            ("ec2.instance_type", None, None, Ok(None)),
        ] {
            let kind = crate::facts::kind(name).unwrap();
            let unreadable = unreadable.map(|field| (field.to_owned(), denied.clone()));
            let resource = Resource {
                kind: name.to_owned(),
                id: "y".to_owned(),
                region: "eu-west-1".parse().unwrap(),
                arn: arn.map(str::to_owned),
                name: None,
                facts: serde_json::Map::new(),
                unreadable: unreadable.into_iter().collect(),
            };
            match (kind.value_of(&resource, &ATTRIBUTES[0]), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name}"),
                (Err(cause), Err(expected)) => {
                    assert!(cause.message.contains(expected), "{name}: {}", cause.message);
                }
                (found, expected) => panic!("{name}: {found:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn fields_with_the_name_of_an_attribute_are_ids() {
        for kind in KINDS {
            for attribute in &ATTRIBUTES {
                let is_field = (kind.shape.fields)().iter().any(|field| field == attribute.name);
                assert_eq!(is_field, kind.id == attribute.name, "{}", kind.name);
                assert_eq!(kind.attribute(attribute.name).is_none(), is_field, "{}", kind.name);
            }
            assert_eq!(kind.attribute("name"), None);
        }
    }
}
