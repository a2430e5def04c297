//! A resource whose facts are compact.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Its identity, which its findings share. The id is never `None`.
    pub about: Arc<ResourceRef>,
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
        let about = ResourceRef {
            kind: kind.name.into(),
            region,
            id: Some(id.into()),
            arn: arn.map(Into::into),
            name: name.map(Into::into),
        };
        Self { kind: Some(kind), about: Arc::new(about), facts, unreadable }
    }

    /// Its id, unique within account, kind and region.
    pub fn id(&self) -> &str {
        self.about.id.as_deref().unwrap_or_default()
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
            id: self.id(),
            region: &self.about.region,
            arn: self.about.arn.as_deref(),
            unreadable: self.unreadable(),
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
        let kind = kind(&resource.kind);
        let about = ResourceRef {
            kind: kind.map_or("", |kind| kind.name).into(),
            region: resource.region.clone(),
            id: Some(resource.id.as_str().into()),
            arn: resource.arn.as_deref().map(Into::into),
            name: resource.name.as_deref().map(Into::into),
        };
        Self {
            kind,
            about: Arc::new(about),
            facts: CompactFacts::of(&resource.facts),
            unreadable: resource.unreadable.clone(),
        }
    }
}
