//! The evaluated account, with its facts converted to script values on demand.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult};
use serde_json::Value;

use super::account::AccountFacts;
use super::interrupt::{Interrupt, broken};
use super::json::type_name;
use super::object::{Layouts, free};
use super::references::References;
use crate::facts::{FieldType, Kind};
use crate::model::{Cause, Region, Resource, did_you_mean, text};

/// (kind, region of the list, path of a field) → index.
type Indexes = HashMap<(&'static str, Region, String), Index>;

/// The resources of a list by the value of a field.
#[derive(Default)]
struct Index {
    /// Value as text → positions.
    positions: HashMap<String, Vec<usize>>,
    /// Why the field of some resources is not known: they could have any value.
    unreadable: Vec<Cause>,
}

/// The facts of one account, converted on demand.
pub(crate) struct AccountView {
    pub(crate) facts: Rc<AccountFacts>,
    objects: Vec<OnceCell<Dynamic>>,
    indexes: RefCell<Indexes>,
    references: References,
    layouts: Rc<Layouts>,
}

impl AccountView {
    pub(crate) fn new(facts: AccountFacts, layouts: Rc<Layouts>) -> Self {
        let objects = (0..facts.resources.len()).map(|_| OnceCell::new()).collect();
        Self {
            facts: Rc::new(facts),
            objects,
            indexes: RefCell::default(),
            references: References::default(),
            layouts,
        }
    }

    /// Which resources use a resource, as evidence.
    pub(crate) fn used_by(&self, kinds: &[&'static Kind], resource: &Resource) -> Vec<Value> {
        self.references.evidence(&self.facts, kinds, resource)
    }

    /// The script value of a resource: created once, shared by all rules.
    pub(crate) fn object(&self, position: usize) -> Dynamic {
        let object = self
            .objects
            .get(position)
            .map(|cell| cell.get_or_init(|| self.layouts.resource(&self.facts, position)));
        object.cloned().unwrap_or(Dynamic::UNIT)
    }

    /// Why a fact of a resource cannot be read, if it cannot.
    pub(crate) fn unreadable(&self, position: usize, kind: &Kind, fact: &str) -> Option<Cause> {
        let resource = self.facts.resources.get(position)?;
        kind.fact_of(resource, fact).unreadable()
    }

    pub(crate) fn look_up(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        value: &Dynamic,
    ) -> Result<Vec<usize>, Box<EvalAltResult>> {
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
                return Ok(Vec::new());
            }
            return broken(format!(
                "`related` expects a string, int, bool or `()` as the value, got {}",
                type_name(value)
            ));
        };
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes
            .entry((kind.name, region.clone(), field.to_owned()))
            .or_insert_with(|| self.index(kind, region, field));
        if !index.unreadable.is_empty() {
            return Interrupt::Unreadable(index.unreadable.clone()).raise();
        }
        Ok(index.positions.get(&wanted).cloned().unwrap_or_default())
    }

    fn index(&self, kind: &'static Kind, region: &Region, field: &str) -> Index {
        let mut index = Index::default();
        let (root, rest) = field.split_once('.').unwrap_or((field, ""));
        for &position in self.facts.resources.of_kind_in(kind, region) {
            let Some(resource) = self.facts.resources.get(position) else { continue };
            if let Some(cause) = resource.unreadable.get(root) {
                index.unreadable.push(cause.clone());
            }
            let values = resource.facts.get(root).map(|value| FieldType::values(value, rest));
            for key in
                values.unwrap_or_default().into_iter().filter_map(|value| key_of(&free(value)))
            {
                let positions = index.positions.entry(key).or_default();
                // Several items of a list can have the same value.
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
        index.unreadable.sort();
        index.unreadable.dedup();
        index
    }
}

/// A key that is equal for equal values and differs between types.
fn key_of(value: &Dynamic) -> Option<String> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(format!("t{}", text.as_str()));
    }
    value
        .as_int()
        .map(|int| format!("i{int}"))
        .or_else(|_| value.as_bool().map(|b| format!("b{b}")))
        .ok()
}
