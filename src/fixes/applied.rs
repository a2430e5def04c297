//! The resources after an action.

use std::collections::BTreeMap;

use super::scene::{Effect, NewResource, Scene};
use super::spec::Refusal;
use crate::facts;
use crate::model::{Resource, unreadable};

/// The id of a resource that does not exist yet.
const NEW_ID: &str = "new";

impl Effect {
    /// The resource after the change, followed by the resources that it creates. Facts have their
    /// normal form.
    pub fn applied(self, scene: &Scene<'_>) -> Result<Vec<Resource>, Refusal> {
        let mut changed = scene.resource.clone();
        for (name, value) in self.facts {
            changed.unreadable.retain(|path, _| unreadable::outermost(path) != name);
            changed.facts.insert(name, value);
        }
        let mut all = vec![normal(changed)?];
        for new in self.creates {
            all.push(new.into_resource(scene)?);
        }
        Ok(all)
    }
}

impl NewResource {
    pub(super) fn into_resource(self, scene: &Scene<'_>) -> Result<Resource, Refusal> {
        let Some(kind) = facts::kind(self.kind) else {
            return Err(Refusal::new(format!("unknown kind `{}`", self.kind)));
        };
        let mut fields = self.facts;
        fields.entry(kind.id).or_insert_with(|| NEW_ID.into());
        let region = &scene.resource.region;
        let identity = kind.identify(&fields, scene.account, scene.partition, region);
        normal(Resource {
            kind: kind.name.to_owned(),
            id: identity.as_ref().map_or_else(|| NEW_ID.to_owned(), |known| known.id.clone()),
            region: region.clone(),
            arn: identity.and_then(|known| known.arn),
            name: None,
            facts: fields,
            unreadable: BTreeMap::new(),
        })
    }
}

/// With facts in their normal form.
fn normal(resource: Resource) -> Result<Resource, Refusal> {
    let kind = resource.kind.clone();
    match facts::normalize(resource) {
        Ok(Some(normal)) => Ok(normal),
        Ok(None) => Err(Refusal::new(format!("unknown kind `{kind}`"))),
        Err(error) => Err(Refusal::new(error)),
    }
}
