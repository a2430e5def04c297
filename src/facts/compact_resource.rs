//! A resource whose facts are compact.

use std::collections::BTreeMap;

use super::attributes::Head;
use super::compact::{CompactFacts, CompactValue};
use super::fact::Fact;
use super::kind::Kind;
use super::kinds::kind;
use crate::model::{Cause, Region, Resource, ResourceRef};

/// A resource, as evaluation keeps it. Its facts are those of a [`Resource`].
#[derive(Debug, Clone)]
pub struct CompactResource {
    /// Its kind; `None` if this version does not know it.
    pub kind: Option<&'static Kind>,
    /// Its id, unique within account, kind and region.
    pub id: Box<str>,
    /// Its region.
    pub region: Region,
    /// Its ARN.
    pub arn: Option<Box<str>>,
    /// Its display name, if it has one beside its id.
    pub name: Option<Box<str>>,
    /// What the list call returned, and each requested fact.
    pub facts: CompactFacts,
    /// Requested facts that could not be read; most resources have none.
    unreadable: BTreeMap<String, Cause>,
}

impl CompactResource {
    /// A resource with what could not be read of it.
    pub fn new(
        kind: &'static Kind,
        (id, region): (String, Region),
        (arn, name): (Option<String>, Option<String>),
        facts: CompactFacts,
        unreadable: BTreeMap<String, Cause>,
    ) -> Self {
        Self {
            kind: Some(kind),
            id: id.into(),
            region,
            arn: arn.map(Into::into),
            name: name.map(Into::into),
            facts,
            unreadable,
        }
    }

    /// Requested facts that could not be read.
    pub fn unreadable(&self) -> &BTreeMap<String, Cause> {
        &self.unreadable
    }

    /// A fact or field, as of a resource with JSON facts ([`Kind::fact_of`]).
    pub fn fact(&self, kind: &Kind, name: &str) -> Fact<CompactValue<'_>> {
        if let Some(cause) = self.unreadable().get(name) {
            return Fact::Unreadable(cause.clone());
        }
        match self.facts.get(name) {
            Some(value) if value.is_null() => Fact::Absent,
            Some(value) => Fact::Known(value),
            None => Fact::Unreadable(kind.not_collected(name)),
        }
    }

    /// What it has besides its facts.
    pub fn head(&self) -> Head<'_> {
        Head {
            id: &self.id,
            region: &self.region,
            arn: self.arn.as_deref(),
            unreadable: self.unreadable(),
        }
    }

    /// Its identity in reports.
    pub fn about(&self) -> ResourceRef {
        ResourceRef {
            kind: self.kind.map_or_else(String::new, |kind| kind.name.to_owned()),
            region: self.region.clone(),
            id: Some(self.id.to_string()),
            arn: self.arn.as_deref().map(str::to_owned),
            name: self.name.as_deref().map(str::to_owned),
        }
    }
}

impl From<Resource> for CompactResource {
    fn from(resource: Resource) -> Self {
        Self::from(&resource)
    }
}

impl From<&Resource> for CompactResource {
    fn from(resource: &Resource) -> Self {
        Self {
            kind: kind(&resource.kind),
            id: resource.id.as_str().into(),
            region: resource.region.clone(),
            arn: resource.arn.as_deref().map(Into::into),
            name: resource.name.as_deref().map(Into::into),
            facts: CompactFacts::of(&resource.facts),
            unreadable: resource.unreadable.clone(),
        }
    }
}
