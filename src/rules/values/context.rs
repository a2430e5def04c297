//! What the native functions of an engine share: the current account and rule and, while a rule is
//! traced, the record of what it reads.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map};

use super::account::reach;
use super::budget::{self, charge_items};
use super::current::CurrentRule;
use super::evidence::{self, EvidenceValue};
use super::index::ValueIndex;
use super::interrupt::{Interrupt, broken};
use super::json::same;
use super::object::{Dictionary, Object};
use super::recorder::Recorder;
use super::tracking;
use super::view::AccountView;
use crate::facts::{self, Kind, Scope};
use crate::model::{Cause, Region, text};

/// The current account and rule. There is one context per evaluating thread, held by the native
/// functions of its engine.
#[derive(Default)]
pub(crate) struct EvalContext {
    view: RefCell<Option<Rc<AccountView>>>,
    rule: RefCell<Option<CurrentRule>>,
    /// Records what the rule reads; `None` in ordinary evaluation.
    recorder: RefCell<Option<Recorder>>,
    /// The lists that the rule looked up in a region.
    lists: RefCell<HashSet<(&'static str, Region)>>,
}

impl EvalContext {
    pub(crate) fn enter(&self, view: Option<Rc<AccountView>>) {
        self.view.replace(view);
    }

    pub(crate) fn begin(&self, current: Option<CurrentRule>) {
        self.rule.replace(current);
        self.lists.borrow_mut().clear();
    }

    /// Starts or stops recording reads; returns the previous recorder.
    pub(crate) fn set_recorder(&self, recorder: Option<Recorder>) -> Option<Recorder> {
        self.recorder.replace(recorder)
    }

    /// Whether something needs to know what is read.
    pub(crate) fn is_recording(&self) -> bool {
        self.recorder.borrow().is_some() || tracking::is_active()
    }

    pub(crate) fn record(&self, write: impl FnOnce(&mut Recorder)) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            write(recorder);
        }
    }

    /// The value of a field of an object; the read is recorded.
    pub(crate) fn read(&self, object: &Object, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        let (read, is_evidence) = {
            let rule = self.rule.borrow();
            let is_evidence =
                rule.as_ref().is_some_and(|rule| rule.is_evidence(object.label(), name));
            (object.read(rule.as_ref(), name), is_evidence)
        };
        match &read {
            // A test case needs to know that the rule tried.
            Err(_) => {
                self.record(|recorder| recorder.seen.read(object.address(), name, &Dynamic::UNIT))
            }
            Ok(value) => {
                self.record(|recorder| recorder.read(object.address(), object.label(), name, value))
            }
        }
        match read {
            Ok(value) if is_evidence => Ok(EvidenceValue::token(name, Ok(value))),
            Err(Interrupt::Unreadable(causes)) if is_evidence && !causes.is_empty() => {
                let cause = causes.into_iter().next().unwrap_or_else(|| Cause::by_rule(name));
                Ok(EvidenceValue::token(name, Err(cause)))
            }
            Ok(value) => Ok(value),
            Err(interrupt) => interrupt.raise(),
        }
    }

    /// Whether a field or a declared fact, with everything in it, could be read.
    pub(crate) fn is_readable(
        &self,
        object: &Object,
        name: &str,
    ) -> Result<bool, Box<EvalAltResult>> {
        let (read, is_evidence) = {
            let rule = self.rule.borrow();
            let is_evidence =
                rule.as_ref().is_some_and(|rule| rule.is_evidence(object.label(), name));
            (object.read(rule.as_ref(), name), is_evidence)
        };
        if is_evidence {
            let token = EvidenceValue::token(name, Ok(Dynamic::UNIT));
            return token.cast::<EvidenceValue>().misused();
        }
        let (value, is_known) = match read {
            Ok(value) => (value, object.unreadable(name).is_none()),
            Err(Interrupt::Unreadable(_)) => (Dynamic::UNIT, false),
            Err(interrupt) => return interrupt.raise(),
        };
        // A test case needs to know that the rule tried.
        self.record(|recorder| recorder.seen.read(object.address(), name, &value));
        Ok(is_known)
    }

    /// Whether [`Self::related`] returns the resources of a kind.
    pub(crate) fn is_kind_readable(&self, kind: &str) -> Result<bool, Box<EvalAltResult>> {
        let kind = known(kind)?;
        let (view, current) = (self.view()?, self.current()?);
        let Some(needed) = current.needs.related.get(kind.name) else {
            return broken(format!(
                "kind `{}` is not declared: add `\"{}\"` to `needs`",
                kind.name, kind.name
            ));
        };
        let region = reach(kind, &current.region);
        let is_lost = current.lost.is_some() && kind.scope == Scope::Regional;
        if is_lost || (view.facts.list_gap)(kind.name, &region).is_some() {
            return Ok(false);
        }
        let positions = view.facts.resources.of_kind_in(kind, &region).to_vec();
        charge_items(positions.len())?;
        let known = |position: &usize| {
            needed.iter().all(|fact| view.unreadable(*position, kind, fact).is_none())
        };
        let all_known = positions.iter().all(known);
        if !all_known {
            let found: Array = positions.iter().map(|&position| view.object(position)).collect();
            self.record(|recorder| {
                recorder.seen.found(kind, None, positions.iter().copied().zip(&found))
            });
        }
        Ok(all_known)
    }

    /// The value of a key of a map; the read is recorded.
    pub(crate) fn read_key(&self, map: &Dictionary, key: &str) -> Dynamic {
        let value = map.0.get(key).cloned().unwrap_or(Dynamic::UNIT);
        self.record(|recorder| recorder.read(map.address(), "", key, &value));
        value
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
        self.look_up(known(kind)?, None, Key::of(key), Wanted::All)
    }

    /// The same without what is not known: resources that are certain, with all declared facts. There can
    /// be others.
    pub(crate) fn known_related(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        self.look_up(known(kind)?, None, Key::of(key), Wanted::Known)
    }

    /// Resources of another kind in which `index` finds one of these values. While reads are
    /// recorded, all resources: a test case needs to know that the others were read, too.
    pub(crate) fn related_by(
        &self,
        kind: &str,
        index: &ValueIndex,
        values: &[String],
    ) -> Result<Array, Box<EvalAltResult>> {
        let kind = known(kind)?;
        if self.is_recording() {
            return self.look_up(kind, None, Key::Any, Wanted::All);
        }
        self.look_up(kind, None, Key::Indexed(index, values), Wanted::All)
    }

    /// The same without what is not known, as [`Self::known_related`].
    pub(crate) fn known_related_by(
        &self,
        kind: &str,
        index: &ValueIndex,
        values: &[String],
    ) -> Result<Array, Box<EvalAltResult>> {
        let kind = known(kind)?;
        let key = if self.is_recording() { Key::Any } else { Key::Indexed(index, values) };
        self.look_up(kind, None, key, Wanted::Known)
    }

    /// Resources of another kind in a region; `*`: in all scanned regions.
    pub(crate) fn related_in(
        &self,
        region: &str,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        let kind = known(kind)?;
        if kind.scope == Scope::Global {
            return broken(format!(
                "`{}` is listed once per account: use `related`, which returns the resources of all regions",
                kind.name
            ));
        }
        let in_region = match region {
            "*" => Some(Region::global()),
            region => region.parse().ok().filter(|region: &Region| !region.is_global()),
        };
        let Some(in_region) = in_region else {
            return broken(format!(
                "`{}` is not a valid region: use a region such as `eu-west-1`, or `*` for all scanned regions",
                text::one_line(region, 60)
            ));
        };
        self.look_up(kind, Some(&in_region), Key::of(key), Wanted::All)
    }

    /// The same as [`Self::related`], for native functions that find out themselves whether an unreadable fact matters.
    pub(crate) fn related_in_part(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        self.look_up(known(kind)?, None, Key::of(key), Wanted::InPart)
    }

    /// Why the resources of a kind in the region of the current one are not all known.
    pub(crate) fn list_gap(&self, kind: &str) -> Result<Option<Cause>, Box<EvalAltResult>> {
        let Some(kind) = facts::kind(kind) else { return Ok(None) };
        let (view, current) = (self.view()?, self.current()?);
        Ok((view.facts.list_gap)(kind.name, &reach(kind, &current.region)))
    }

    fn look_up(
        &self,
        kind: &'static Kind,
        in_region: Option<&Region>,
        key: Key<'_>,
        wanted: Wanted,
    ) -> Result<Array, Box<EvalAltResult>> {
        let (view, current) = (self.view()?, self.current()?);
        let Some(needed) = current.needs.related.get(kind.name) else {
            return broken(format!(
                "kind `{}` is not declared: add `\"{}\"` to `needs`",
                kind.name, kind.name
            ));
        };
        let region = in_region.cloned().unwrap_or_else(|| reach(kind, &current.region));
        if let Some(cause) = current.lost.clone()
            && in_region.is_none()
            && kind.scope == Scope::Regional
        {
            return match wanted {
                Wanted::Known => Ok(Array::new()),
                _ => Interrupt::Unreadable(vec![cause]).raise(),
            };
        }
        if in_region.is_some() {
            self.record(|recorder| recorder.seen.asked(kind, &region));
            if self.lists.borrow_mut().insert((kind.name, region.clone())) {
                budget::name_list(view.facts.resources.of_kind_in(kind, &region).len());
            }
        }
        // Whether the kinds in `needs` could be listed was checked before `check` was called, except
        // for optional ones. An absent value matches no resource of any list.
        let is_absent = matches!(key, Key::Field(_, value) if value.is_unit());
        // From an account, a look-up reaches all regions: what was listed in one of them is certain,
        // whatever the lists of other regions are.
        let is_everywhere = kind.scope == Scope::Regional && region.is_global();
        if let Some(cause) = (view.facts.list_gap)(kind.name, &region).filter(|_| !is_absent) {
            let is_found = match key {
                // No other one has the same id.
                Key::Field(field, id) if field == kind.id && cause.is_of_others() => {
                    !view.look_up(kind, &region, field, id)?.is_empty()
                }
                _ => false,
            };
            match wanted {
                Wanted::All if !is_found => return Interrupt::Unreadable(vec![cause]).raise(),
                Wanted::Known if !is_everywhere && !cause.is_of_others() => {
                    return Ok(Array::new());
                }
                _ => {}
            }
        }
        let mut positions = match key {
            Key::Any => view.facts.resources.of_kind_in(kind, &region).to_vec(),
            Key::Field(field, value) if wanted == Wanted::Known => {
                view.look_up_known(kind, &region, field, value)?
            }
            Key::Field(field, value) => view.look_up(kind, &region, field, value)?,
            Key::Indexed(..) if view.facts.resources.of_kind_in(kind, &region).is_empty() => {
                Vec::new()
            }
            Key::Indexed(index, values) => {
                if let Some(fact) = index.facts.iter().find(|fact| !needed.contains(*fact)) {
                    return broken(format!(
                        "`{fact}` of `{}` is not declared: add `\"{}/{fact}\"` to `needs`",
                        kind.name, kind.name
                    ));
                }
                let is_complete = wanted != Wanted::Known;
                view.look_up_indexed(kind, &region, (index, values), is_complete)?
            }
        };
        let field = match key {
            Key::Field(field, value) => Some((field, value)),
            Key::Any | Key::Indexed(..) => None,
        };
        charge_items(positions.len())?;
        let unread = |position: usize| -> Vec<Cause> {
            needed.iter().filter_map(|fact| view.unreadable(position, kind, fact)).collect()
        };
        let mut causes: Vec<Cause> = Vec::new();
        match wanted {
            Wanted::All => causes.extend(positions.iter().flat_map(|&position| unread(position))),
            Wanted::Known => {
                let is_listed = |position: usize| {
                    let resource = view.facts.resources.get(position);
                    let gap = resource
                        .and_then(|one| (view.facts.list_gap)(kind.name, &one.about.region));
                    gap.is_none_or(|cause| cause.is_of_others())
                };
                positions.retain(|&position| {
                    unread(position).is_empty() && (!is_everywhere || is_listed(position))
                });
            }
            Wanted::InPart => {}
        }
        let found: Array = positions.iter().map(|&position| view.object(position)).collect();
        self.record(|recorder| {
            recorder.seen.found(
                kind,
                field.map(|(field, _)| field),
                positions.iter().copied().zip(&found),
            )
        });
        if causes.is_empty() {
            self.record(|recorder| {
                let ids = positions
                    .iter()
                    .filter_map(|&position| view.facts.resources.get(position))
                    .map(|one| one.id());
                let helper = match (wanted, in_region) {
                    (Wanted::Known, _) => "known_related",
                    (_, None) => "related",
                    (_, Some(_)) => "related_in",
                };
                let region =
                    in_region.map(|region| if region.is_global() { "*" } else { region.as_str() });
                recorder.related((helper, kind.name), region, field, ids.zip(&found));
            });
            Ok(found)
        } else {
            causes.sort();
            causes.dedup();
            Interrupt::Unreadable(causes).raise()
        }
    }
}

/// What of the resources that are looked up must be known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Which ones there are, and their declared facts.
    All,
    /// Nothing: the caller finds out what is missing.
    InPart,
    /// Nothing: those that are certain are enough.
    Known,
}

/// Which resources of a kind are looked up.
#[derive(Clone, Copy)]
enum Key<'a> {
    Any,
    /// Those with this value in a field.
    Field(&'a str, &'a Dynamic),
    /// Those with one of these values.
    Indexed(&'a ValueIndex, &'a [String]),
}

impl<'a> Key<'a> {
    fn of(field: Option<(&'a str, &'a Dynamic)>) -> Self {
        field.map_or(Key::Any, |(field, value)| Key::Field(field, value))
    }
}

/// A kind whose resources can be looked up.
fn known(name: &str) -> Result<&'static Kind, Box<EvalAltResult>> {
    match facts::kind(name) {
        Some(kind) if kind.scope == Scope::Account => broken(facts::not_looked_up(kind)),
        Some(kind) => Ok(kind),
        None => {
            let hint = facts::suggest_kind(name)
                .map(|meant| format!(": did you mean `{meant}`?"))
                .unwrap_or_default();
            broken(format!("unknown kind `{}`{hint}", text::one_line(name, 60)))
        }
    }
}

/// Registers the types with an engine. Functions on them, such as look-ups, are in
/// [`super::helpers`].
pub(crate) fn register(engine: &mut Engine, context: &Rc<EvalContext>) {
    engine.register_type_with_name::<Object>("object");
    evidence::register(engine);
    let cx = context.clone();
    engine.register_indexer_get(move |object: &mut Object, name: &str| cx.read(object, name));
    let equal = |a: Object, b: Object| -> Result<bool, Box<EvalAltResult>> {
        Ok(a.address() == b.address() || same(&Dynamic::from(a), &Dynamic::from(b))?)
    };
    engine.register_fn("==", equal);
    engine.register_fn("!=", move |a: Object, b: Object| equal(a, b).map(|equal| !equal));

    // An object never equals a map of the script, but what could not be read of it must not decide that.
    let differs = |object: Object| same(&Dynamic::from(object), &Dynamic::UNIT).map(|_| false);
    engine.register_fn("==", move |object: Object, _: Map| differs(object));
    engine.register_fn("==", move |_: Map, object: Object| differs(object));
    engine.register_fn("!=", move |object: Object, _: Map| differs(object).map(|_| true));
    engine.register_fn("!=", move |_: Map, object: Object| differs(object).map(|_| true));

    engine.register_type_with_name::<Dictionary>("dictionary");
    let cx = context.clone();
    engine.register_indexer_get(move |map: &mut Dictionary, key: &str| cx.read_key(map, key));
    let equal = |a: Dictionary, b: Dictionary| same(&Dynamic::from(a), &Dynamic::from(b));
    engine.register_fn("==", equal);
    engine.register_fn("!=", move |a: Dictionary, b: Dictionary| equal(a, b).map(|equal| !equal));
}
