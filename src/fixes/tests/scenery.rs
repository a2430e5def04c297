//! Resources for the tests of actions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::facts;
use crate::fixes::{Action, Effect, Refusal, Scene, WriteTarget};
use crate::model::{AccountId, Partition, Resource};

/// An action on a resource.
#[derive(Clone)]
pub(super) struct Case {
    /// What is special.
    pub(super) title: &'static str,
    action: (&'static str, Value),
    resource: (&'static str, Value),
    related: Vec<(&'static str, Value)>,
}

/// A case of an action with parameters on a resource of a kind with facts.
pub(super) fn case(
    title: &'static str,
    action: &'static str,
    parameters: Value,
    kind: &'static str,
    facts: Value,
) -> Case {
    Case { title, action: (action, parameters), resource: (kind, facts), related: Vec::new() }
}

impl Case {
    /// With another resource in the same region.
    pub(super) fn beside(mut self, kind: &'static str, facts: Value) -> Self {
        self.related.push((kind, facts));
        self
    }

    pub(super) fn action(&self) -> Action {
        let (name, parameters) = &self.action;
        Action::new(name, parameters.as_object().unwrap().clone())
            .unwrap_or_else(|error| panic!("{}: {error}", self.title))
    }

    pub(super) fn scenery(&self) -> Scenery {
        let new = |(kind, facts): &(&'static str, Value)| resource(kind, facts);
        Scenery {
            account: "111122223333".parse().unwrap(),
            partition: "aws".parse().unwrap(),
            resource: new(&self.resource),
            related: self.related.iter().map(new).collect(),
        }
    }
}

/// An account with a few resources.
#[derive(Clone)]
pub(super) struct Scenery {
    account: AccountId,
    partition: Partition,
    pub(super) resource: Resource,
    pub(super) related: Vec<Resource>,
}

impl Scenery {
    pub(super) fn after(&self, action: &Action) -> Result<Effect, Refusal> {
        self.see(|scene| action.after(scene))
    }

    pub(super) fn state(&self, action: &Action) -> Map<String, Value> {
        self.see(|scene| action.state(scene))
    }

    fn see<T>(&self, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        let related = |kind: &str| {
            let of_kind = self.related.iter().filter(|other| other.kind == kind);
            of_kind.collect::<Vec<_>>()
        };
        look(&Scene {
            account: &self.account,
            partition: &self.partition,
            resource: &self.resource,
            related: &related,
        })
    }

    pub(super) fn target(&self) -> WriteTarget<'_> {
        WriteTarget {
            account: &self.account,
            partition: &self.partition,
            region: &self.resource.region,
            kind: &self.resource.kind,
            id: &self.resource.id,
            arn: self.resource.arn.as_deref(),
        }
    }

    /// After a change.
    pub(super) fn with(&self, effect: &Effect) -> Self {
        let mut changed = self.clone();
        changed.resource.facts.extend(effect.facts.clone());
        changed.resource = facts::normalize(changed.resource).unwrap().unwrap();
        for new in &effect.creates {
            let mut fields = new.facts.clone();
            let id = facts::kind(new.kind).unwrap().id;
            fields.insert(id.to_owned(), "new-1".into());
            changed.related.push(resource(new.kind, &Value::Object(fields)));
        }
        changed.related.retain(|other| {
            !effect.deletes.iter().any(|(kind, id)| other.kind == *kind && other.id == *id)
        });
        changed
    }
}

/// A resource with the facts of an answer of AWS, in normal form.
fn resource(kind: &str, fields: &Value) -> Resource {
    let kind = facts::kind(kind).unwrap();
    let fields = fields.as_object().unwrap().clone();
    let id = fields[kind.id].as_str().unwrap().to_owned();
    let resource = Resource {
        kind: kind.name.to_owned(),
        id,
        region: "eu-west-1".parse().unwrap(),
        arn: None,
        name: None,
        facts: fields,
        unreadable: BTreeMap::new(),
    };
    facts::normalize(resource).unwrap().unwrap()
}
