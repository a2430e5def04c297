//! The facts of an account while a plan is made: actions are applied to a copy.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::evaluate::TAGS;
use crate::facts::{self, Fact, Kind, Scope};
use crate::fixes::{Action, Effect, NewResource, Refusal, Scene};
use crate::model::{AccountId, Partition, Region, Resource, unreadable};

/// The state before and after an action.
pub(super) struct Change {
    pub(super) before: Map<String, Value>,
    pub(super) after: Map<String, Value>,
    /// Whether the action changes anything.
    pub(super) effective: bool,
}

/// A copy of the resources of an account.
#[derive(Clone)]
pub(super) struct World {
    account: AccountId,
    partition: Partition,
    resources: Vec<Resource>,
    by_kind: HashMap<&'static str, Vec<usize>>,
    created: usize,
}

impl World {
    pub(super) fn new(account: AccountId, partition: Partition, all: Vec<Resource>) -> Self {
        let mut world = Self {
            account,
            partition,
            resources: Vec::with_capacity(all.len()),
            by_kind: HashMap::new(),
            created: 0,
        };
        for resource in all {
            world.add(resource);
        }
        world
    }

    fn add(&mut self, resource: Resource) {
        if let Some(kind) = facts::kind(&resource.kind) {
            self.by_kind.entry(kind.name).or_default().push(self.resources.len());
        }
        self.resources.push(resource);
    }

    /// A resource by its position, which does not change.
    pub(super) fn resource(&self, at: usize) -> Option<&Resource> {
        self.resources.get(at)
    }

    /// All resources, sorted as in a snapshot.
    pub(super) fn into_resources(self) -> Vec<Resource> {
        let mut all = self.resources;
        all.sort_by(|a, b| (&a.kind, &a.region, &a.id).cmp(&(&b.kind, &b.region, &b.id)));
        all
    }

    /// Applies an action to a resource.
    pub(super) fn apply(&mut self, at: usize, action: &Action) -> Result<Change, Refusal> {
        let (before, effect) = self
            .with_scene(at, |scene| Ok((action.state(scene), action.after(scene)?)))
            .unwrap_or_else(|| Err(Refusal::new("the resource is not in the snapshot")))?;
        let mut effective = !effect.creates.is_empty() || !effect.deletes.is_empty();
        let Effect { facts, creates, deletes } = effect;
        if let Some(resource) = self.resources.get_mut(at) {
            for (name, value) in facts {
                effective |= resource.facts.get(&name).unwrap_or(&Value::Null) != &value;
                resource.unreadable.retain(|path, _| unreadable::outermost(path) != name);
                resource.facts.insert(name, value);
            }
        }
        for new in creates {
            self.create(at, new);
        }
        // Positions stay valid: it is only found no more.
        for (kind, id) in deletes {
            let resources = &self.resources;
            if let Some(positions) = self.by_kind.get_mut(kind) {
                let is_other = |at: &usize| resources.get(*at).is_some_and(|one| one.id != id);
                positions.retain(is_other);
            }
        }
        let after = self.with_scene(at, |scene| action.state(scene)).unwrap_or_default();
        Ok(Change { before, after, effective })
    }

    /// The state of a resource that matters for an action.
    pub(super) fn state(&self, at: usize, action: &Action) -> Option<Map<String, Value>> {
        self.with_scene(at, |scene| action.state(scene))
    }

    /// Does something with one resource, and takes it back.
    pub(super) fn try_on<T>(&mut self, at: usize, then: impl FnOnce(&mut Self) -> T) -> T {
        let (before, count, created) =
            (self.resources.get(at).cloned(), self.resources.len(), self.created);
        let result = then(self);
        self.resources.truncate(count);
        if self.created > created {
            for positions in self.by_kind.values_mut() {
                positions.retain(|position| *position < count);
            }
            self.created = created;
        }
        if let (Some(resource), Some(before)) = (self.resources.get_mut(at), before) {
            *resource = before;
        }
        result
    }

    fn with_scene<T>(&self, at: usize, then: impl FnOnce(&Scene<'_>) -> T) -> Option<T> {
        let resource = self.resources.get(at)?;
        let related = |kind: &str| self.related(kind, &resource.region);
        let (account, partition) = (&self.account, &self.partition);
        Some(then(&Scene { account, partition, resource, related: &related }))
    }

    /// The resources of a kind that can be looked up from a region.
    fn related(&self, kind: &str, from: &Region) -> Vec<&Resource> {
        let Some(kind) = facts::kind(kind) else { return Vec::new() };
        let everywhere = kind.scope != Scope::Regional || from.is_global();
        let positions = self.by_kind.get(kind.name).into_iter().flatten();
        let all = positions.filter_map(|position| self.resources.get(*position));
        all.filter(|resource| everywhere || resource.region == *from).collect()
    }

    /// Adds a resource that an action creates for another one. It has a placeholder as its id.
    fn create(&mut self, parent: usize, new: NewResource) {
        let (Some(kind), Some(parent)) = (facts::kind(new.kind), self.resources.get(parent)) else {
            return;
        };
        let region = match kind.scope {
            Scope::Regional => parent.region.clone(),
            Scope::Global | Scope::Account => Region::global(),
        };
        self.created += 1;
        let mut fields = new.facts;
        let placeholder = format!("new-{}", self.created);
        fields.entry(kind.id).or_insert_with(|| Value::String(placeholder.clone()));
        let identity = kind.identify(&fields, &self.account, &self.partition, &region);
        let resource = Resource {
            kind: kind.name.to_owned(),
            id: identity.as_ref().map_or(placeholder, |identity| identity.id.clone()),
            region,
            arn: identity.as_ref().and_then(|identity| identity.arn.clone()),
            name: identity.and_then(|identity| identity.name),
            facts: fields,
            unreadable: Default::default(),
        };
        // Actions give what the type of the kind requires, which their tests check.
        if let Ok(Some(resource)) = facts::normalize(resource) {
            self.add(resource);
        }
    }
}

/// The tags of a resource.
pub(super) fn tags_of<'a>(kind: &Kind, resource: &'a Resource) -> Fact<&'a Map<String, Value>> {
    match kind.fact_of(resource, TAGS) {
        Fact::Known(tags) => tags.as_object().map_or(Fact::Absent, Fact::Known),
        Fact::Absent => Fact::Absent,
        // Lists that return tags always have them; other kinds have none.
        Fact::Unreadable(_) if kind.fact(TAGS).is_none() => Fact::Absent,
        Fact::Unreadable(cause) => Fact::Unreadable(cause),
    }
}
