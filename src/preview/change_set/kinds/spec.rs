//! What a CloudFormation type is converted by.

use crate::preview::change_set::context::Context;
use crate::preview::change_set::converter::Converter;

/// A part of a resource: the property that names the resource, and the fields that it sets.
pub type Part = (&'static str, &'static [&'static str]);

/// A type that is converted.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, such as `AWS::S3::Bucket`.
    pub name: &'static str,
    /// The kind that it describes.
    pub kind: &'static str,
    /// If it is a part of a resource: which one.
    pub part: Option<Part>,
    /// The properties that this version knows; empty if it does not look for others.
    pub properties: &'static [&'static str],
    /// What it says about resources.
    pub convert: fn(&mut Converter<'_>),
}

impl Spec {
    /// A type whose resources are of a kind.
    pub const fn new(
        name: &'static str,
        kind: &'static str,
        convert: fn(&mut Converter<'_>),
    ) -> Self {
        Self { name, kind, part: None, properties: &[], convert }
    }

    /// The same for a part of such a resource.
    pub const fn part_of(self, property: &'static str, fields: &'static [&'static str]) -> Self {
        Self { part: Some((property, fields)), ..self }
    }

    /// The same for a type with these properties: with others, everything that it says is unknown.
    pub const fn with(self, properties: &'static [&'static str]) -> Self {
        Self { properties, ..self }
    }

    /// Whether it has a property that this version does not know.
    pub fn lacks_any(&self, context: &Context) -> bool {
        let names = context.properties().names();
        !self.properties.is_empty() && names.iter().any(|name| !self.properties.contains(name))
    }
}
