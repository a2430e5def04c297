//! The evaluated account, with its facts converted to script values on demand.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult};
use serde_json::Value;

use super::account::AccountFacts;
use super::index::{Index, ValueIndex, key_of};
use super::interrupt::{Interrupt, broken};
use super::json::type_name;
use super::object::{Layouts, has_known};
use super::references;
use crate::facts::{CompactResource, Kind};
use crate::model::{Cause, Region, did_you_mean, text, unreadable};

/// How many converted resources are kept for the next evaluation.
const KEPT: usize = 4_096;

/// The facts of one account, converted on demand. Threads share the facts, but each has a view of its
/// own.
pub(crate) struct AccountView {
    pub(crate) facts: Arc<AccountFacts>,
    objects: RefCell<HashMap<usize, Dynamic>>,
    /// Indexes that were used, by kind: getting one from the shared ones takes a lock.
    indexes: RefCell<HashMap<&'static str, Vec<UsedIndex>>>,
    layouts: Rc<Layouts>,
}

/// An index of a kind, with the region of the list and the path of the field.
type UsedIndex = (Region, String, Arc<Index>);

impl AccountView {
    pub(crate) fn new(facts: Arc<AccountFacts>, layouts: Rc<Layouts>) -> Self {
        Self { facts, objects: RefCell::default(), indexes: RefCell::default(), layouts }
    }

    /// Which resources use a resource, as evidence.
    pub(crate) fn used_by(
        &self,
        kinds: &[&'static Kind],
        resource: &CompactResource,
    ) -> Vec<Value> {
        references::evidence(&self.facts, kinds, resource)
    }

    /// The script value of a resource: created once, shared by all rules, until it is
    /// [forgotten](Self::forget).
    pub(crate) fn object(&self, position: usize) -> Dynamic {
        if position >= self.facts.resources.len() {
            return Dynamic::UNIT;
        }
        let mut objects = self.objects.borrow_mut();
        objects
            .entry(position)
            .or_insert_with(|| self.layouts.resource(&self.facts, position))
            .clone()
    }

    /// Drops the script value of a resource that no rule will evaluate again, and those of looked up
    /// resources if there are many: all of a large account need more memory than its facts.
    pub(crate) fn forget(&self, position: usize) {
        let mut objects = self.objects.borrow_mut();
        if objects.len() > KEPT {
            objects.clear();
        } else {
            objects.remove(&position);
        }
    }

    /// Why a fact of a resource cannot be read, if it cannot.
    pub(crate) fn unreadable(&self, position: usize, kind: &Kind, fact: &str) -> Option<Cause> {
        let resource = self.facts.resources.get(position)?;
        resource.fact(kind, fact).unreadable()
    }

    /// The resources with this value in a field. If the field of one could not be read, the evaluation
    /// ends without a verdict.
    pub(crate) fn look_up(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        value: &Dynamic,
    ) -> Result<Vec<usize>, Box<EvalAltResult>> {
        let Some((index, wanted)) = self.index_for(kind, region, field, value)? else {
            return Ok(Vec::new());
        };
        if !index.unreadable.is_empty() {
            return Interrupt::Unreadable(index.unreadable.clone()).raise();
        }
        Ok(index.get(&wanted).unwrap_or_default().to_vec())
    }

    /// The resources that are known to have this value in a field.
    pub(crate) fn look_up_known(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        value: &Dynamic,
    ) -> Result<Vec<usize>, Box<EvalAltResult>> {
        let Some((index, wanted)) = self.index_for(kind, region, field, value)? else {
            return Ok(Vec::new());
        };
        let is_wanted = |value: &Dynamic| key_of(value).is_some_and(|key| key == wanted);
        // An index also has values of what could not be read.
        let is_certain = |position: usize| {
            let resource = self.facts.resources.get(position);
            let cause = resource.and_then(|one| unreadable::at(one.unreadable(), field));
            cause.is_none() || has_known(&self.object(position), field, &is_wanted)
        };
        let found = index.get(&wanted).unwrap_or_default().iter().copied();
        Ok(found.filter(|position| is_certain(*position)).collect())
    }

    /// The index of the resources by a field, and the key of a value; `None` if no resource has the value.
    fn index_for(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        value: &Dynamic,
    ) -> Result<Option<(Arc<Index>, String)>, Box<EvalAltResult>> {
        if !self.layouts.has_list_field(kind, field) {
            // Deriving the fields from the schema is slow, so this is done only for the message.
            let fields = (kind.shape.fields)();
            let hint = did_you_mean(field, fields.iter().map(String::as_str));
            let hint = hint.map(|meant| format!(": did you mean `{meant}`?")).unwrap_or_default();
            return broken(format!(
                "`{}` has no field `{}` that `related` can search{hint}",
                kind.name,
                text::one_line(field, 60)
            ));
        }
        let Some(wanted) = key_of(value) else {
            if value.is_unit() {
                return Ok(None);
            }
            return broken(format!(
                "`related` expects a string, int, bool or `()` as the value, got {}",
                type_name(value)
            ));
        };
        Ok(Some((self.index(kind, region, field), wanted)))
    }

    /// The resources in which the index finds one of these values, in ascending order. Without
    /// `is_complete`, only those that are certain.
    pub(crate) fn look_up_indexed(
        &self,
        kind: &'static Kind,
        region: &Region,
        (by, values): (&ValueIndex, &[String]),
        is_complete: bool,
    ) -> Result<Vec<usize>, Box<EvalAltResult>> {
        let index = self.shared_index(kind, region, by.name, || {
            self.new_index(kind, region, by.reads, |index, position, resource| {
                for value in (by.values)(resource) {
                    index.insert(value, position);
                }
            })
        });
        if is_complete && !index.unreadable.is_empty() {
            return Interrupt::Unreadable(index.unreadable.clone()).raise();
        }
        let is_certain = |position: &usize| {
            let resource = self.facts.resources.get(*position);
            let unread = resource.map(CompactResource::unreadable);
            unread.is_none_or(|all| by.reads.iter().all(|path| unreadable::at(all, path).is_none()))
        };
        let found = values.iter().filter_map(|value| index.get(value)).flatten().copied();
        let found: BTreeSet<usize> = found.filter(is_certain).collect();
        Ok(found.into_iter().collect())
    }

    /// The index of the resources by a field.
    fn index(&self, kind: &'static Kind, region: &Region, field: &str) -> Arc<Index> {
        let (root, rest) = field.split_once('.').unwrap_or((field, ""));
        self.shared_index(kind, region, field, || {
            self.new_index(kind, region, &[field], |index, position, resource| {
                if let Some(value) = resource.facts.get(root) {
                    index.add(position, value, rest);
                }
            })
        })
    }

    fn shared_index(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        build: impl FnOnce() -> Index,
    ) -> Arc<Index> {
        let mut indexes = self.indexes.borrow_mut();
        let used = indexes.entry(kind.name).or_default();
        if let Some((_, _, index)) = used.iter().find(|(at, by, _)| by == field && at == region) {
            return index.clone();
        }
        let key = (kind.name, region.clone(), field.to_owned());
        let index = self.facts.resources.by_field.get(key, build);
        used.push((region.clone(), field.to_owned(), index.clone()));
        index
    }

    /// A new index of what could be read at these paths.
    fn new_index(
        &self,
        kind: &'static Kind,
        region: &Region,
        paths: &[&str],
        add: impl Fn(&mut Index, usize, &CompactResource),
    ) -> Index {
        let mut index = Index::default();
        for &position in self.facts.resources.of_kind_in(kind, region) {
            let Some(resource) = self.facts.resources.get(position) else { continue };
            let causes =
                paths.iter().filter_map(|path| unreadable::at(resource.unreadable(), path));
            index.unreadable.extend(causes.cloned());
            add(&mut index, position, resource);
        }
        index.unreadable.sort();
        index.unreadable.dedup();
        index
    }
}
