//! What every resource has besides the fields of its kind, under the same names for all kinds.

use super::kind::Kind;
use crate::model::{Cause, Resource};

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
        resource: &'r Resource,
        attribute: &Attribute,
    ) -> Result<Option<&'r str>, &'r Cause> {
        match attribute.name {
            "arn" => Ok(resource.arn.as_deref()),
            "region" => {
                // A resource whose region could not be read is kept in `global`.
                let of_list = |name: &str| name.ends_with("region") && self.fact(name).is_none();
                let unknown = resource.unreadable.iter().find(|(name, _)| of_list(name));
                match unknown.filter(|_| resource.region.is_global()) {
                    Some((_, cause)) => Err(cause),
                    None => Ok(Some(resource.region.as_str())),
                }
            }
            _ => Ok(Some(&resource.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::KINDS;

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
