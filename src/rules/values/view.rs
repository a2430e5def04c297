//! The evaluated account, with its facts converted to script values on demand.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult};
use serde_json::Value;

use super::account::AccountFacts;
use super::interrupt::broken;
use super::json::type_name;
use super::object::{Layouts, free};
use super::references::References;
use crate::facts::Kind;
use crate::model::{Cause, Region, Resource, did_you_mean, text};

/// (kind, region of the list, field): value as text → positions.
type Indexes = HashMap<(&'static str, Region, String), HashMap<String, Vec<usize>>>;

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
        let index =
            indexes.entry((kind.name, region.clone(), field.to_owned())).or_insert_with(|| {
                let mut index: HashMap<String, Vec<usize>> = HashMap::new();
                for &position in self.facts.resources.of_kind_in(kind, region) {
                    let value = self
                        .facts
                        .resources
                        .get(position)
                        .and_then(|resource| resource.facts.get(field));
                    if let Some(key) = value.map(free).as_ref().and_then(key_of) {
                        index.entry(key).or_default().push(position);
                    }
                }
                index
            });
        Ok(index.get(&wanted).cloned().unwrap_or_default())
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
