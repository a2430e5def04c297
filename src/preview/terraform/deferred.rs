//! What Terraform leaves to a later plan (`deferred_changes`): the plan has a part of it at most, so
//! what it describes is not known until that plan is applied. The same goes for what is in a region that
//! is not known.

use super::describe::{describe_resource, is_of_aws};
use super::plan::Plan;
use super::scope::Scopes;
use crate::facts::Kind;
use crate::preview::error::PreviewError;
use crate::preview::item::{Described, Hidden, Item, ItemKey, ListGap, Side};
use crate::preview::tree::{Tree, Why};

/// Describes what is not known because of what is deferred.
pub fn describe(
    plan: &Plan,
    scopes: &Scopes<'_>,
    described: &mut Described,
) -> Result<(), PreviewError> {
    for (resource, why) in &plan.deferred {
        described.deferred.insert(resource.address.clone(), why.in_words());
        if !is_of_aws(resource) {
            continue;
        }
        let mut part = Described::default();
        describe_resource(plan, scopes, resource, &mut part)?;
        // Of an unknown number of instances, those that exist are not in the plan.
        for instance in plan.existing_instances(resource) {
            describe_resource(plan, scopes, &instance, &mut part)?;
        }
        described.defer(part, &resource.address);
    }
    Ok(())
}

/// Describes what is in a region that is known only after apply: it can be in any.
pub fn describe_anywhere(
    plan: &Plan,
    scopes: &mut Scopes<'_>,
    described: &mut Described,
) -> Result<(), PreviewError> {
    for resource in plan.resources.iter().filter(|one| is_of_aws(one)) {
        if !scopes.has_open_region(resource) {
            continue;
        }
        for region in scopes.open_regions(resource)? {
            scopes.set_open_region(Some(region));
            let mut part = Described::default();
            let result = describe_resource(plan, scopes, resource, &mut part);
            scopes.set_open_region(None);
            result?;
            described.defer(part, &resource.address);
        }
    }
    Ok(())
}

impl Described {
    /// Makes unknown what a resource describes.
    fn defer(&mut self, part: Described, address: &str) {
        self.accounts.extend(part.accounts);
        for (account, regions) in part.regions {
            self.regions.entry(account).or_default().extend(regions);
        }
        self.gaps.extend(part.gaps);
        self.hidden.extend(part.hidden);
        self.unknown_types.extend(part.unknown_types);
        for Side { items, unresolved } in [part.before, part.after] {
            for (key, item) in items {
                let is_adopted = part.adoptions.contains_key(&key);
                self.defer_item(key, item, is_adopted, address);
            }
            for one in unresolved {
                for field in one.fields {
                    self.hidden.push(Hidden {
                        address: address.to_owned(),
                        kind: one.kind,
                        location: one.location.clone(),
                        id: None,
                        is_anywhere: true,
                        field: Some((*field).to_owned()),
                    });
                }
            }
        }
    }

    fn defer_item(&mut self, key: ItemKey, item: Item, is_adopted: bool, address: &str) {
        let hidden = |id: Option<String>, field: Option<String>| Hidden {
            address: address.to_owned(),
            kind: key.kind,
            location: item.location.clone(),
            is_anywhere: id.is_none(),
            id,
            field,
        };
        let is_listed = |kind: &Kind| !kind.list.is_empty();
        if is_adopted {
            // It is one of those that exist.
            self.hidden.push(hidden(None, None));
        } else if item.has_stand_in {
            if key.kind().is_some_and(is_listed) {
                let mut location = item.location.clone();
                location.region = key.region.clone();
                let (kind, address) = (key.kind, address.to_owned());
                self.gaps.insert(ListGap {
                    kind,
                    location,
                    address,
                    why: Why::Apply,
                    only_adds: false,
                });
            }
        } else {
            let id = Some(key.id.clone());
            self.changed.entry(key.clone()).or_default().insert(address.to_owned());
            match (&item.declared, &item.tree) {
                (None, Tree::Object(fields)) => {
                    for field in fields.keys() {
                        self.hidden.push(hidden(id.clone(), Some(field.clone())));
                    }
                }
                _ => self.hidden.push(hidden(id, None)),
            }
        }
    }
}
