//! What a Terraform type is converted by.

use crate::preview::terraform::convert::Converter;

/// A Terraform type.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, such as `aws_s3_bucket`.
    pub name: &'static str,
    /// The attribute by which others refer to it.
    pub id: &'static str,
    /// What it says about resources.
    pub convert: fn(&mut Converter<'_>),
}

impl Spec {
    /// A type that others refer to by `id`.
    pub const fn new(name: &'static str, convert: fn(&mut Converter<'_>)) -> Self {
        Self { name, id: "id", convert }
    }

    /// The same for one that others refer to by another attribute.
    pub const fn known_by(self, id: &'static str) -> Self {
        Self { id, ..self }
    }
}
