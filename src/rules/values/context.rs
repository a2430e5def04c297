//! What the native functions of an engine share: the current account and rule and, while a rule is
//! traced, the record of what it reads.

use std::cell::RefCell;
use std::rc::Rc;

use rhai::{Array, Dynamic, Engine, EvalAltResult};

use super::account::reach;
use super::budget::charge_items;
use super::current::CurrentRule;
use super::interrupt::{Interrupt, broken};
use super::json::same;
use super::object::{Dictionary, Object};
use super::recorder::Recorder;
use super::view::AccountView;
use crate::facts;
use crate::model::{Cause, text};

/// The current account and rule. There is one context per evaluating thread, held by the native
/// functions of its engine.
#[derive(Default)]
pub(crate) struct EvalContext {
    view: RefCell<Option<Rc<AccountView>>>,
    rule: RefCell<Option<CurrentRule>>,
    /// Records what the rule reads; `None` in ordinary evaluation.
    recorder: RefCell<Option<Recorder>>,
}

impl EvalContext {
    pub(crate) fn enter(&self, view: Option<Rc<AccountView>>) {
        self.view.replace(view);
    }

    pub(crate) fn begin(&self, current: Option<CurrentRule>) {
        self.rule.replace(current);
    }

    /// Starts or stops recording reads; returns the previous recorder.
    pub(crate) fn set_recorder(&self, recorder: Option<Recorder>) -> Option<Recorder> {
        self.recorder.replace(recorder)
    }

    pub(crate) fn record(&self, write: impl FnOnce(&mut Recorder)) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            write(recorder);
        }
    }

    /// The value of a field of an object; the read is recorded.
    pub(crate) fn read(&self, object: &Object, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        let value = object.read(self.rule.borrow().as_ref(), name)?;
        self.record(|recorder| recorder.read(object.address(), object.label(), name, &value));
        Ok(value)
    }

    pub(crate) fn view(&self) -> Result<Rc<AccountView>, Box<EvalAltResult>> {
        match &*self.view.borrow() {
            Some(view) => Ok(view.clone()),
            None => broken("no account is being evaluated".to_owned()),
        }
    }

    pub(crate) fn current(&self) -> Result<CurrentRule, Box<EvalAltResult>> {
        match &*self.rule.borrow() {
            Some(current) => Ok(current.clone()),
            None => broken("no rule is being evaluated".to_owned()),
        }
    }

    /// Resources of another kind that are visible: those of the same account and region, or of all
    /// regions for a global kind.
    ///
    /// If a declared fact of one of them could not be read, the evaluation ends without a verdict.
    pub(crate) fn related(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        self.look_up(kind, key, true)
    }

    /// The same, for native functions that find out themselves whether an unreadable fact matters.
    pub(crate) fn related_in_part(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        self.look_up(kind, key, false)
    }

    /// Why the resources of a kind in the region of the current one are not all known.
    pub(crate) fn list_gap(&self, kind: &str) -> Result<Option<Cause>, Box<EvalAltResult>> {
        let Some(kind) = facts::kind(kind) else { return Ok(None) };
        let (view, current) = (self.view()?, self.current()?);
        Ok((view.facts.list_gap)(kind.name, &reach(kind, &current.region)))
    }

    fn look_up(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
        needs_all_facts: bool,
    ) -> Result<Array, Box<EvalAltResult>> {
        let Some(kind) = facts::kind(kind) else {
            let hint = facts::suggest_kind(kind)
                .map(|meant| format!(": did you mean `{meant}`?"))
                .unwrap_or_default();
            return broken(format!("unknown kind `{}`{hint}", text::one_line(kind, 60)));
        };
        let (view, current) = (self.view()?, self.current()?);
        let Some(needed) = current.needs.related.get(kind.name) else {
            return broken(format!(
                "kind `{}` is not declared: add `\"{}\"` to `needs`",
                kind.name, kind.name
            ));
        };
        let region = reach(kind, &current.region);
        // Whether the kinds in `needs` could be listed was checked before `check` was called, except
        // for optional ones.
        if let Some(cause) = (view.facts.list_gap)(kind.name, &region).filter(|_| needs_all_facts) {
            return Interrupt::Unreadable(vec![cause]).raise();
        }
        let positions = match key {
            None => view.facts.resources.of_kind_in(kind, &region).to_vec(),
            Some((field, value)) => view.look_up(kind, &region, field, value)?,
        };
        charge_items(positions.len())?;
        let mut causes: Vec<Cause> = Vec::new();
        for &position in positions.iter().filter(|_| needs_all_facts) {
            causes.extend(needed.iter().filter_map(|fact| view.unreadable(position, kind, fact)));
        }
        let found: Array = positions.iter().map(|&position| view.object(position)).collect();
        self.record(|recorder| {
            recorder.seen.found(
                kind,
                key.map(|(field, _)| field),
                positions.iter().copied().zip(&found),
            )
        });
        if causes.is_empty() {
            self.record(|recorder| {
                let ids = positions
                    .iter()
                    .filter_map(|&position| view.facts.resources.get(position))
                    .map(|one| one.id.as_str());
                recorder.related(kind.name, key, ids.zip(&found));
            });
            Ok(found)
        } else {
            causes.sort();
            causes.dedup();
            Interrupt::Unreadable(causes).raise()
        }
    }
}

/// Registers the types with an engine. Functions on them, such as look-ups, are in
/// [`super::helpers`].
pub(crate) fn register(engine: &mut Engine, context: &Rc<EvalContext>) {
    engine.register_type_with_name::<Object>("object");
    let cx = context.clone();
    engine.register_indexer_get(move |object: &mut Object, name: &str| cx.read(object, name));
    engine.register_fn("==", |a: Object, b: Object| {
        a.address() == b.address() || same(&Dynamic::from(a), &Dynamic::from(b))
    });
    engine.register_fn("!=", |a: Object, b: Object| {
        a.address() != b.address() && !same(&Dynamic::from(a), &Dynamic::from(b))
    });

    engine.register_type_with_name::<Dictionary>("dictionary");
    let cx = context.clone();
    engine.register_indexer_get(move |map: &mut Dictionary, key: &str| {
        let value = map.0.get(key).cloned().unwrap_or(Dynamic::UNIT);
        cx.record(|recorder| recorder.read(map.address(), "", key, &value));
        value
    });
    engine.register_fn("==", |a: Dictionary, b: Dictionary| {
        same(&Dynamic::from(a), &Dynamic::from(b))
    });
    engine.register_fn("!=", |a: Dictionary, b: Dictionary| {
        !same(&Dynamic::from(a), &Dynamic::from(b))
    });
}
