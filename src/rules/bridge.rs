//! Facts as script values. A script sees frozen objects: no setter exists, so nothing that a rule
//! does can reach what another rule sees; and every read passes here, so that a misspelt field, an
//! undeclared fact or an unreadable one ends the rule instead of reading as nothing. Those ends are
//! [`Interrupt`]s, which no script can catch.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Position};
use serde_json::{Map, Value};

use super::meta::Needs;
use super::observe;
use super::resources::Resources;
use super::trace::Recorder;
use super::users::Users;
use crate::facts::{self, FactSpec, Form, Kind, Scope};
use crate::model::{AccountId, Cause, Partition, Region, Resource, Trust, did_you_mean, text};

/// Everything that evaluation knows of one account.
pub struct AccountFacts {
    /// The account.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The time of collection, RFC 3339: `now()` for rules.
    pub now: String,
    /// Whom the site trusts.
    pub trust: Arc<Trust>,
    /// Its resources, in normal form, sorted by kind, region and id.
    pub resources: Resources,
    /// Why the list of a kind in a region is not known; `None` when it is.
    pub list_gap: ListGap,
}

/// Tells why the list of a kind in a region is not known, if it is not.
pub type ListGap = Box<dyn Fn(&str, &Region) -> Option<Cause>>;

/// Why evaluation of a rule ended before its verdict.
#[derive(Debug, Clone)]
pub(super) enum Interrupt {
    /// The rule is wrong: the text says how.
    Broken(String),
    /// The rule reads a field that is not there or not declared. The engine tells no position for
    /// reads of fields, the field's name does.
    Field {
        /// The field.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// Something that the rule looked up could not be read.
    Unreadable(Vec<Cause>),
    /// It took too long.
    Deadline,
}

thread_local! {
    /// The first interrupt of the evaluation on this thread. It counts even if a native function of
    /// the engine swallows the error.
    static RAISED: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
    /// What could not be read and may not matter; see [`doubt`].
    static DOUBTS: RefCell<Vec<Cause>> = const { RefCell::new(Vec::new()) };
}

/// Something could not be read that can only make things worse: the rule goes on, and may fail on
/// what is known. Every other verdict becomes `unknown`.
pub(super) fn doubt(cause: Cause) {
    DOUBTS.with_borrow_mut(|doubts| {
        if !doubts.contains(&cause) {
            doubts.push(cause);
        }
    });
}

/// Takes the doubts that came up since the last call.
pub(super) fn take_doubts() -> Vec<Cause> {
    DOUBTS.take()
}

impl Interrupt {
    pub(super) fn raise<T>(self) -> Result<T, Box<EvalAltResult>> {
        RAISED.with_borrow_mut(|raised| raised.get_or_insert_with(|| self.clone()).clone());
        Err(Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(self), Position::NONE)))
    }
}

/// Takes the interrupt that was raised since the last call, if one was.
pub(super) fn take_raised() -> Option<Interrupt> {
    RAISED.take()
}

fn broken<T>(message: String) -> Result<T, Box<EvalAltResult>> {
    Interrupt::Broken(message).raise()
}

fn no_field<T>(name: &str, message: String) -> Result<T, Box<EvalAltResult>> {
    Interrupt::Field { name: name.to_owned(), message }.raise()
}

/// A frozen object with known fields.
#[derive(Clone)]
pub(super) struct Object(Rc<ObjectData>);

struct ObjectData {
    layout: Rc<ObjectLayout>,
    /// One for each field of the layout; for a resource, also one for each fact of its kind. Those
    /// of a resource are converted when they are first read.
    values: Box<[OnceCell<Dynamic>]>,
    /// For a resource: what its values are converted from.
    root: Option<Root>,
}

/// What objects in the same place have in common.
struct ObjectLayout {
    /// What they are, for messages: `ec2.instance.metadata_options`.
    label: String,
    /// Their fields, sorted by name.
    fields: Vec<(ImmutableString, Layout)>,
}

/// What JSON in one place becomes.
enum Layout {
    Object(Rc<ObjectLayout>),
    Array(Box<Layout>),
    /// What its value says: a scalar, or JSON without a known form.
    Free,
}

impl Layout {
    fn of(form: &Form, label: &str) -> Self {
        match form {
            Form::Object(fields) => Self::Object(Rc::new(ObjectLayout::of(fields, label))),
            Form::Array(items) => Self::Array(Box::new(Self::of(items, label))),
            _ => Self::Free,
        }
    }
}

impl ObjectLayout {
    fn of(fields: &BTreeMap<String, Form>, label: &str) -> Self {
        let field = |(name, form): (&String, &Form)| {
            (name.as_str().into(), Layout::of(form, &format!("{label}.{name}")))
        };
        Self { label: label.to_owned(), fields: fields.iter().map(field).collect() }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()
    }
}

/// Where the values of a resource come from.
struct Root {
    kind: &'static Kind,
    facts: Rc<AccountFacts>,
    position: usize,
    layout: Rc<KindLayout>,
}

impl Root {
    fn resource(&self) -> Option<&Resource> {
        self.facts.resources.get(self.position)
    }

    /// Why a field or a fact could not be read, if it could not.
    fn unreadable(&self, name: &str) -> Option<&Cause> {
        self.resource()?.unreadable.get(name)
    }

    /// The value of a field of the list, converted.
    fn field(&self, name: &str, layout: &Layout) -> Dynamic {
        let value = self.resource().and_then(|resource| resource.facts.get(name));
        value.map_or(Dynamic::UNIT, |value| convert(value, layout))
    }
}

/// A frozen map with free keys: tags, or JSON as somebody wrote it. A missing key reads as `()`.
#[derive(Clone)]
pub(super) struct Dictionary(pub(super) Rc<BTreeMap<ImmutableString, Dynamic>>);

impl Dictionary {
    /// All of it, for who looks at more than one entry.
    pub(super) fn entries(&self) -> &BTreeMap<ImmutableString, Dynamic> {
        observe::taken(self.address());
        &self.0
    }

    /// What tells it from every other dictionary of the account in view.
    pub(super) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }
}

impl Object {
    /// Parameters of a rule: an object with exactly the declared names.
    pub(super) fn params(params: &Map<String, Value>) -> Dynamic {
        let sorted: BTreeMap<&str, &Value> =
            params.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let fields = sorted.keys().map(|name| ((*name).into(), Layout::Free)).collect();
        let values = sorted.values().map(|value| OnceCell::from(free(value))).collect();
        let layout = Rc::new(ObjectLayout { label: "params".to_owned(), fields });
        Dynamic::from(Self(Rc::new(ObjectData { layout, values, root: None })))
    }

    /// What it is, for messages.
    pub(super) fn label(&self) -> &str {
        &self.0.layout.label
    }

    /// What tells it from every other object of the account in view.
    pub(super) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }

    /// Its fields that have a value.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        let all = self.0.layout.fields.iter().enumerate();
        let all =
            all.filter_map(|(position, (name, _))| Some((name.as_str(), self.field(position)?)));
        all.filter(|(_, value)| !value.is_unit())
    }

    /// The field at a position of the layout.
    fn field(&self, position: usize) -> Option<&Dynamic> {
        let ObjectData { layout, values, root } = &*self.0;
        let ((name, layout), cell) = (layout.fields.get(position)?, values.get(position)?);
        Some(
            cell.get_or_init(|| {
                root.as_ref().map_or(Dynamic::UNIT, |root| root.field(name, layout))
            }),
        )
    }

    pub(super) fn get(&self, world: &Context, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        let value = self.read(world, name)?;
        world.record(|recorder| recorder.read(self.address(), self.label(), name, &value));
        Ok(value)
    }

    fn read(&self, world: &Context, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        let root = self.0.root.as_ref();
        let field = self.0.layout.position(name);
        // No name is that of a field and of a fact.
        let fact = root.filter(|_| field.is_none()).and_then(|root| {
            Some((root, root.kind.facts.iter().position(|fact| fact.name == name)?))
        });
        if fact.is_none()
            && let Some(cause) = root.and_then(|root| root.unreadable(name))
        {
            return Interrupt::Unreadable(vec![cause.clone()]).raise();
        }
        if let Some(value) = field.and_then(|position| self.field(position)) {
            return Ok(value.clone());
        }
        let label = self.label();
        if let Some((root, position)) = fact {
            if !world.may_read(root.kind, name) {
                let need = world.need_for(root.kind, name);
                return no_field(
                    name,
                    format!("`{name}` of {label} is not declared: add \"{need}\" to `needs`"),
                );
            }
            return match self.fact(root, name, position) {
                Ok(value) => Ok(value.clone()),
                Err(cause) => Interrupt::Unreadable(vec![cause]).raise(),
            };
        }
        let mut facts: Vec<&str> =
            root.into_iter().flat_map(|root| root.kind.facts).map(|fact| fact.name).collect();
        facts.sort_unstable();
        let names = self.0.layout.fields.iter().map(|(name, _)| name.as_str()).chain(facts);
        match did_you_mean(name, names) {
            Some(meant) => {
                no_field(name, format!("{label} has no field `{name}`, did you mean `{meant}`?"))
            }
            None => no_field(name, format!("{label} has no field `{name}`")),
        }
    }

    /// The fact at a position among the facts of the kind, or why it could not be read.
    fn fact(&self, root: &Root, name: &str, position: usize) -> Result<&Dynamic, Cause> {
        if let Some(cause) = root.unreadable(name) {
            return Err(cause.clone());
        }
        let value = root.resource().and_then(|resource| resource.facts.get(name));
        match (value, self.0.values.get(self.0.layout.fields.len() + position)) {
            (Some(value), Some(cell)) => Ok(cell.get_or_init(|| {
                convert(value, root.layout.facts.get(position).unwrap_or(&Layout::Free))
            })),
            _ => Err(Cause::not_collected(
                root.kind.fact(name).map_or(root.kind.list_call(), |fact| fact.call.name),
            )),
        }
    }
}

/// What is evaluated now, and with what in sight. One per evaluating thread; the native functions
/// of its engine hold it.
#[derive(Default)]
pub(super) struct Context {
    world: RefCell<Option<Rc<World>>>,
    current: RefCell<Option<Current>>,
    /// Who writes down what the rule reads; nobody in ordinary evaluation.
    recorder: RefCell<Option<Recorder>>,
}

/// The rule that is being evaluated.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) kind: &'static Kind,
    pub(super) needs: Rc<Needs>,
    /// Where the resource under judgement is.
    pub(super) region: Region,
}

impl Context {
    pub(super) fn enter(&self, world: Option<Rc<World>>) {
        self.world.replace(world);
    }

    pub(super) fn begin(&self, current: Option<Current>) {
        self.current.replace(current);
    }

    /// Writes down what is read from now on, or ends that; returns what was written so far.
    pub(super) fn set_recorder(&self, recorder: Option<Recorder>) -> Option<Recorder> {
        self.recorder.replace(recorder)
    }

    /// Whether somebody writes down what is read.
    pub(super) fn is_recorded(&self) -> bool {
        self.recorder.borrow().is_some()
    }

    pub(super) fn record(&self, write: impl FnOnce(&mut Recorder)) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            write(recorder);
        }
    }

    fn may_read(&self, kind: &Kind, fact: &str) -> bool {
        self.current
            .borrow()
            .as_ref()
            .is_some_and(|current| current.needs.allows(current.kind.name, kind.name, fact))
    }

    /// How the need for a fact of a kind is written in the current rule.
    fn need_for(&self, kind: &Kind, fact: &str) -> String {
        let own =
            self.current.borrow().as_ref().is_some_and(|current| current.kind.name == kind.name);
        if own { fact.to_owned() } else { format!("{}/{fact}", kind.name) }
    }

    pub(super) fn world(&self) -> Result<Rc<World>, Box<EvalAltResult>> {
        match &*self.world.borrow() {
            Some(world) => Ok(world.clone()),
            None => broken("no account is being evaluated".to_owned()),
        }
    }

    pub(super) fn current(&self) -> Result<Current, Box<EvalAltResult>> {
        match &*self.current.borrow() {
            Some(current) => Ok(current.clone()),
            None => broken("no rule is being evaluated".to_owned()),
        }
    }

    /// Resources of another kind within reach: same account, same region (a global kind from
    /// everywhere).
    pub(super) fn related(
        &self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
    ) -> Result<Array, Box<EvalAltResult>> {
        let Some(kind) = facts::kind(kind) else {
            let hint = facts::suggest_kind(kind)
                .map(|meant| format!(", did you mean `{meant}`?"))
                .unwrap_or_default();
            return broken(format!("unknown kind `{}`{hint}", text::one_line(kind, 60)));
        };
        let (world, current) = (self.world()?, self.current()?);
        let Some(needed) = current.needs.related.get(kind.name) else {
            return broken(format!(
                "{} is not declared: add \"{}\" to `needs`",
                kind.name, kind.name
            ));
        };
        let region = reach(kind, &current.region);
        // The kinds of `needs` were found listed before `check` was called.
        let positions = match key {
            None => world.facts.resources.of_kind_in(kind, &region).to_vec(),
            Some((field, value)) => world.look_up(kind, &region, field, value)?,
        };
        let mut causes: Vec<Cause> = Vec::new();
        for &position in &positions {
            causes.extend(needed.iter().filter_map(|fact| world.unreadable(position, kind, fact)));
        }
        let found: Array = positions.iter().map(|&position| world.object(position)).collect();
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
                    .filter_map(|&position| world.facts.resources.get(position))
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

/// Where a kind is found from a resource in `region`.
pub(super) fn reach(kind: &Kind, region: &Region) -> Region {
    match kind.scope {
        Scope::Global => Region::global(),
        Scope::Regional => region.clone(),
    }
}

/// (kind, region of the list, field): text of the value → positions.
type Indexes = HashMap<(&'static str, Region, String), HashMap<String, Vec<usize>>>;

/// One account's facts, converted as far as rules have asked for them.
pub(super) struct World {
    pub(super) facts: Rc<AccountFacts>,
    objects: Vec<OnceCell<Dynamic>>,
    indexes: RefCell<Indexes>,
    users: Users,
    layouts: Rc<Layouts>,
}

impl World {
    pub(super) fn new(facts: AccountFacts, layouts: Rc<Layouts>) -> Self {
        let objects = (0..facts.resources.len()).map(|_| OnceCell::new()).collect();
        Self {
            facts: Rc::new(facts),
            objects,
            indexes: RefCell::default(),
            users: Users::default(),
            layouts,
        }
    }

    /// Who uses a resource, as evidence.
    pub(super) fn used_by(&self, kinds: &[&'static Kind], resource: &Resource) -> Vec<Value> {
        self.users.evidence(&self.facts, kinds, resource)
    }

    /// The script value of a resource: made once, shared by all rules.
    pub(super) fn object(&self, position: usize) -> Dynamic {
        let object = self
            .objects
            .get(position)
            .map(|cell| cell.get_or_init(|| self.layouts.resource(&self.facts, position)));
        object.cloned().unwrap_or(Dynamic::UNIT)
    }

    /// Why a fact of a resource cannot be read, if it cannot.
    pub(super) fn unreadable(&self, position: usize, kind: &Kind, fact: &str) -> Option<Cause> {
        let resource = self.facts.resources.get(position)?;
        if let Some(cause) = resource.unreadable.get(fact) {
            return Some(cause.clone());
        }
        if resource.facts.contains_key(fact) {
            return None;
        }
        let call = kind.fact(fact).map_or(kind.list_call(), |fact| fact.call.name);
        Some(Cause::not_collected(call))
    }

    fn look_up(
        &self,
        kind: &'static Kind,
        region: &Region,
        field: &str,
        value: &Dynamic,
    ) -> Result<Vec<usize>, Box<EvalAltResult>> {
        if self.layouts.of(kind).list.position(field).is_none() {
            // Derived from the schema, which takes long: only for the message.
            let fields = (kind.shape.fields)();
            let hint = did_you_mean(field, fields.iter().map(String::as_str));
            let hint = hint.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
            return broken(format!(
                "{} has no field `{}` to look up by{hint}",
                kind.name,
                text::one_line(field, 60)
            ));
        }
        let Some(wanted) = key_of(value) else {
            if value.is_unit() {
                return Ok(Vec::new());
            }
            return broken(format!(
                "`related` looks up texts, numbers and booleans, not {}",
                value.type_name()
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

/// A key under which equal values meet and different types do not.
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

/// How resources of a kind become script values.
struct KindLayout {
    /// What the list returns.
    list: Rc<ObjectLayout>,
    /// In the order of the kind's facts.
    facts: Vec<Layout>,
}

/// The layouts of kinds, each made when it is first needed, since deriving one from its schema
/// takes long. One per thread.
#[derive(Default)]
pub(super) struct Layouts(RefCell<HashMap<&'static str, Rc<KindLayout>>>);

impl Layouts {
    fn of(&self, kind: &'static Kind) -> Rc<KindLayout> {
        let derive = || {
            let list = match Form::of(&kind.shape) {
                Form::Object(fields) => ObjectLayout::of(&fields, kind.name),
                _ => ObjectLayout { label: kind.name.to_owned(), fields: Vec::new() },
            };
            let fact = |fact: &FactSpec| {
                Layout::of(&Form::of(&fact.shape), &format!("{}.{}", kind.name, fact.name))
            };
            Rc::new(KindLayout {
                list: Rc::new(list),
                facts: kind.facts.iter().map(fact).collect(),
            })
        };
        self.0.borrow_mut().entry(kind.name).or_insert_with(derive).clone()
    }

    fn resource(&self, facts: &Rc<AccountFacts>, position: usize) -> Dynamic {
        let kind = facts.resources.get(position).and_then(|resource| facts::kind(&resource.kind));
        let Some(kind) = kind else { return Dynamic::UNIT };
        let layout = self.of(kind);
        let values =
            (0..layout.list.fields.len() + layout.facts.len()).map(|_| OnceCell::new()).collect();
        let list = layout.list.clone();
        let root = Some(Root { kind, facts: facts.clone(), position, layout });
        Dynamic::from(Object(Rc::new(ObjectData { layout: list, values, root })))
    }
}

fn convert(value: &Value, layout: &Layout) -> Dynamic {
    match (value, layout) {
        (Value::Object(map), Layout::Object(layout)) => {
            let field = |(name, layout): &(ImmutableString, Layout)| {
                OnceCell::from(
                    map.get(name.as_str()).map_or(Dynamic::UNIT, |value| convert(value, layout)),
                )
            };
            let values = layout.fields.iter().map(field).collect();
            Dynamic::from(Object(Rc::new(ObjectData {
                layout: layout.clone(),
                values,
                root: None,
            })))
        }
        (Value::Array(items), Layout::Array(layout)) => {
            Dynamic::from_array(items.iter().map(|item| convert(item, layout)).collect())
        }
        (value, _) => free(value),
    }
}

/// JSON without a known form.
fn free(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Dynamic::from_int(int),
            (None, Some(float)) => Dynamic::from_float(float),
            (None, None) => Dynamic::UNIT,
        },
        Value::String(text) => Dynamic::from(ImmutableString::from(text.as_str())),
        Value::Array(items) => Dynamic::from_array(items.iter().map(free).collect()),
        Value::Object(map) => {
            let entries =
                map.iter().map(|(key, value)| (key.as_str().into(), free(value))).collect();
            Dynamic::from(Dictionary(Rc::new(entries)))
        }
    }
}

/// A script value as JSON, for evidence. Anything that is no data, or too deep, becomes its type's
/// name.
pub(super) fn to_json(value: &Dynamic, depth: usize) -> Value {
    let nested = |value: &Dynamic| to_json(value, depth + 1);
    if depth > 16 {
        return Value::String("…".to_owned());
    }
    if value.is_unit() {
        Value::Null
    } else if let Ok(text) = value.as_immutable_string_ref() {
        Value::String(text.to_string())
    } else if let Ok(b) = value.as_bool() {
        Value::Bool(b)
    } else if let Ok(int) = value.as_int() {
        Value::from(int)
    } else if let Ok(float) = value.as_float() {
        Value::from(float)
    } else if let Ok(c) = value.as_char() {
        Value::String(c.to_string())
    } else if let Ok(items) = value.as_array_ref() {
        Value::Array(items.iter().map(nested).collect())
    } else if let Ok(map) = value.as_map_ref() {
        // What is not there is no evidence.
        let present = map.iter().filter(|(_, value)| !value.is_unit());
        Value::Object(present.map(|(key, value)| (key.to_string(), nested(value))).collect())
    } else if let Some(object) = value.read_lock::<Object>() {
        observe::taken(object.address());
        Value::Object(object.fields().map(|(key, value)| (key.to_owned(), nested(value))).collect())
    } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
        observe::taken(dictionary.address());
        Value::Object(
            dictionary.0.iter().map(|(key, value)| (key.to_string(), nested(value))).collect(),
        )
    } else {
        Value::String(value.type_name().to_owned())
    }
}

fn same(a: &Dynamic, b: &Dynamic) -> bool {
    to_json(a, 0) == to_json(b, 0)
}

/// Teaches an engine the types. Functions on them, relations and circumstances are
/// [`super::helpers`].
pub(super) fn register(engine: &mut Engine, context: &Rc<Context>) {
    engine.register_type_with_name::<Object>("object");
    let cx = context.clone();
    engine.register_indexer_get(move |object: &mut Object, name: &str| object.get(&cx, name));
    engine.register_fn("==", |a: Object, b: Object| {
        Rc::ptr_eq(&a.0, &b.0) || same(&Dynamic::from(a), &Dynamic::from(b))
    });
    engine.register_fn("!=", |a: Object, b: Object| {
        !Rc::ptr_eq(&a.0, &b.0) && !same(&Dynamic::from(a), &Dynamic::from(b))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn world() -> World {
        let group = |id: &str| {
            Resource {
            kind: "ec2.security_group".to_owned(),
            id: id.to_owned(),
            region: "eu-west-1".parse().unwrap(),
            arn: None,
            name: None,
            facts: json!({ "group_id": id, "ip_permissions": [{ "ip_protocol": "tcp" }, { "ip_protocol": "udp" }] })
                .as_object()
                .unwrap()
                .clone(),
            unreadable: BTreeMap::new(),
        }
        };
        let facts = AccountFacts {
            account: "111122223333".parse().unwrap(),
            partition: Partition::default(),
            now: "2026-01-01T00:00:00Z".to_owned(),
            trust: Arc::default(),
            resources: vec![group("sg-1"), group("sg-2")].into(),
            list_gap: Box::new(|_, _| None),
        };
        World::new(facts, Rc::default())
    }

    fn object(value: &Dynamic) -> Object {
        value.read_lock::<Object>().unwrap().clone()
    }

    #[test]
    fn objects_in_the_same_place_share_their_layout() {
        let (world, context) = (world(), Context::default());
        let [first, second] = [0, 1].map(|position| object(&world.object(position)));
        assert!(Rc::ptr_eq(&first.0.layout, &second.0.layout));
        let permissions =
            [&first, &second].map(|group| group.get(&context, "ip_permissions").unwrap());
        let permissions = permissions
            .map(|list| list.as_array_ref().unwrap().iter().map(object).collect::<Vec<_>>());
        for permission in permissions.iter().flatten() {
            assert!(Rc::ptr_eq(&permission.0.layout, &permissions[0][0].0.layout));
            assert_eq!(permission.label(), "ec2.security_group.ip_permissions");
        }
    }

    #[test]
    fn fields_are_converted_when_they_are_first_read_and_stay_the_same() {
        let (world, context) = (world(), Context::default());
        let group = object(&world.object(0));
        let converted = || group.0.values.iter().filter(|value| value.get().is_some()).count();
        assert_eq!(converted(), 0);
        let permission =
            || object(&group.get(&context, "ip_permissions").unwrap().as_array_ref().unwrap()[1]);
        // Traces tell objects apart by their addresses.
        assert_eq!(permission().address(), permission().address());
        assert_eq!(converted(), 1);
        assert_eq!(group.address(), object(&world.object(0)).address());
        let whole = to_json(&world.object(0), 0);
        assert_eq!(
            whole,
            json!({ "group_id": "sg-1", "ip_permissions": [{ "ip_protocol": "tcp" }, { "ip_protocol": "udp" }] })
        );
    }
}
