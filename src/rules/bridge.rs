//! Facts as script values. A script sees frozen objects: no setter exists, so nothing that a rule does can reach what another rule
//! sees; and every read passes here, so that a misspelt field, an undeclared fact or an unreadable one ends the rule instead of
//! reading as nothing. Those ends are [`Interrupt`]s, which no script can catch.

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
use crate::facts::{self, Form, Kind, Scope};
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
    /// The rule reads a field that is not there or not declared. The engine tells no position for reads of fields, the field's name does.
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
    /// The first interrupt of the evaluation on this thread. It counts even if a native function of the engine swallows the error.
    static RAISED: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
    /// What could not be read and may not matter; see [`doubt`].
    static DOUBTS: RefCell<Vec<Cause>> = const { RefCell::new(Vec::new()) };
}

/// Something could not be read that can only make things worse: the rule goes on, and may fail on what is known. Every other verdict
/// becomes `unknown`.
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
    /// What it is, for messages: `ec2.instance.metadata_options`.
    label: String,
    fields: BTreeMap<ImmutableString, Dynamic>,
    /// For a resource: what it is and which facts of it are known.
    root: Option<Root>,
}

struct Root {
    kind: &'static Kind,
    facts: BTreeMap<&'static str, FactState>,
    /// Fields that the list should have returned and did not.
    unread: BTreeMap<String, Cause>,
}

/// One fact of one resource, ready for scripts.
#[derive(Clone)]
pub(super) enum FactState {
    Readable(Dynamic),
    Unreadable(Cause),
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
        let fields = params.iter().map(|(name, value)| (name.as_str().into(), free(value))).collect();
        Dynamic::from(Self(Rc::new(ObjectData { label: "params".to_owned(), fields, root: None })))
    }

    /// What it is, for messages.
    pub(super) fn label(&self) -> &str {
        &self.0.label
    }

    /// What tells it from every other object of the account in view.
    pub(super) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }

    /// Its fields that have a value.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        self.0.fields.iter().filter(|(_, value)| !value.is_unit()).map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn get(&self, world: &Context, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        let value = self.read(world, name)?;
        world.record(|recorder| recorder.read(self.address(), &self.0.label, name, &value));
        Ok(value)
    }

    fn read(&self, world: &Context, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
        if let Some(cause) = self.0.root.as_ref().and_then(|root| root.unread.get(name)) {
            return Interrupt::Unreadable(vec![cause.clone()]).raise();
        }
        if let Some(value) = self.0.fields.get(name) {
            return Ok(value.clone());
        }
        let label = &self.0.label;
        if let Some((root, state)) = self.0.root.as_ref().and_then(|root| Some((root, root.facts.get(name)?))) {
            if !world.may_read(root.kind, name) {
                let need = world.need_for(root.kind, name);
                return no_field(name, format!("`{name}` of {label} is not declared: add \"{need}\" to `needs`"));
            }
            return match state {
                FactState::Readable(value) => Ok(value.clone()),
                FactState::Unreadable(cause) => Interrupt::Unreadable(vec![cause.clone()]).raise(),
            };
        }
        let facts = self.0.root.iter().flat_map(|root| root.facts.keys().copied());
        let names = self.0.fields.keys().map(ImmutableString::as_str).chain(facts);
        match did_you_mean(name, names) {
            Some(meant) => no_field(name, format!("{label} has no field `{name}`, did you mean `{meant}`?")),
            None => no_field(name, format!("{label} has no field `{name}`")),
        }
    }
}

/// What is evaluated now, and with what in sight. One per evaluating thread; the native functions of its engine hold it.
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
        self.current.borrow().as_ref().is_some_and(|current| current.needs.allows(current.kind.name, kind.name, fact))
    }

    /// How the need for a fact of a kind is written in the current rule.
    fn need_for(&self, kind: &Kind, fact: &str) -> String {
        let own = self.current.borrow().as_ref().is_some_and(|current| current.kind.name == kind.name);
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

    /// Resources of another kind within reach: same account, same region (a global kind from everywhere).
    pub(super) fn related(&self, kind: &str, key: Option<(&str, &Dynamic)>) -> Result<Array, Box<EvalAltResult>> {
        let Some(kind) = facts::kind(kind) else {
            let hint = facts::suggest_kind(kind).map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
            return broken(format!("unknown kind `{}`{hint}", text::one_line(kind, 60)));
        };
        let (world, current) = (self.world()?, self.current()?);
        let Some(needed) = current.needs.related.get(kind.name) else {
            return broken(format!("{} is not declared: add \"{}\" to `needs`", kind.name, kind.name));
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
        self.record(|recorder| recorder.seen.found(kind, key.map(|(field, _)| field), positions.iter().copied().zip(&found)));
        if causes.is_empty() {
            self.record(|recorder| {
                let ids = positions.iter().filter_map(|&position| world.facts.resources.get(position)).map(|one| one.id.as_str());
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
    pub(super) facts: AccountFacts,
    objects: Vec<OnceCell<Dynamic>>,
    indexes: RefCell<Indexes>,
    users: Users,
    forms: Rc<Forms>,
}

impl World {
    pub(super) fn new(facts: AccountFacts, forms: Rc<Forms>) -> Self {
        let objects = (0..facts.resources.len()).map(|_| OnceCell::new()).collect();
        Self { facts, objects, indexes: RefCell::default(), users: Users::default(), forms }
    }

    /// Who uses a resource, as evidence.
    pub(super) fn used_by(&self, kinds: &[&'static Kind], resource: &Resource) -> Vec<Value> {
        self.users.evidence(&self.facts, kinds, resource)
    }

    /// The script value of a resource: converted once, shared by all rules.
    pub(super) fn object(&self, position: usize) -> Dynamic {
        match (self.objects.get(position), self.facts.resources.get(position)) {
            (Some(cell), Some(resource)) => cell.get_or_init(|| self.forms.resource(resource)).clone(),
            _ => Dynamic::UNIT,
        }
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
        if !self.forms.has_field(kind, field) {
            // Derived from the schema, which takes long: only for the message.
            let fields = (kind.shape.fields)();
            let hint = did_you_mean(field, fields.iter().map(String::as_str));
            let hint = hint.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
            return broken(format!("{} has no field `{}` to look up by{hint}", kind.name, text::one_line(field, 60)));
        }
        let Some(wanted) = key_of(value) else {
            if value.is_unit() {
                return Ok(Vec::new());
            }
            return broken(format!("`related` looks up texts, numbers and booleans, not {}", value.type_name()));
        };
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry((kind.name, region.clone(), field.to_owned())).or_insert_with(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for &position in self.facts.resources.of_kind_in(kind, region) {
                let value = self.facts.resources.get(position).and_then(|resource| resource.facts.get(field));
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
    value.as_int().map(|int| format!("i{int}")).or_else(|_| value.as_bool().map(|b| format!("b{b}"))).ok()
}

/// The forms of all kinds and facts; made once per thread.
pub(super) struct Forms(HashMap<(&'static str, &'static str), Form>);

impl Forms {
    pub(super) fn new() -> Self {
        let mut forms = HashMap::new();
        for kind in facts::KINDS {
            forms.insert((kind.name, ""), Form::of(&kind.shape));
            for fact in kind.facts {
                forms.insert((kind.name, fact.name), Form::of(&fact.shape));
            }
        }
        Self(forms)
    }

    /// Whether the list of a kind returns a field of that name.
    fn has_field(&self, kind: &Kind, name: &str) -> bool {
        self.0.get(&(kind.name, "")).is_some_and(|form| form.field(name).is_some())
    }

    fn resource(&self, resource: &Resource) -> Dynamic {
        let Some(kind) = facts::kind(&resource.kind) else { return Dynamic::UNIT };
        let mut fields = BTreeMap::new();
        if let Some(Form::Object(forms)) = self.0.get(&(kind.name, "")) {
            for (name, form) in forms {
                let value = resource.facts.get(name).unwrap_or(&Value::Null);
                fields.insert(name.as_str().into(), convert(value, form, &format!("{}.{name}", kind.name)));
            }
        }
        let mut states = BTreeMap::new();
        for fact in kind.facts {
            let state = match (resource.unreadable.get(fact.name), resource.facts.get(fact.name)) {
                (Some(cause), _) => FactState::Unreadable(cause.clone()),
                (None, Some(value)) => {
                    let form = self.0.get(&(kind.name, fact.name)).unwrap_or(&Form::Free);
                    FactState::Readable(convert(value, form, &format!("{}.{}", kind.name, fact.name)))
                }
                (None, None) => FactState::Unreadable(Cause::not_collected(fact.call.name)),
            };
            states.insert(fact.name, state);
        }
        let unread = resource.unreadable.iter().filter(|(name, _)| kind.fact(name).is_none());
        let unread = unread.map(|(name, cause)| (name.clone(), cause.clone())).collect();
        let root = Some(Root { kind, facts: states, unread });
        Dynamic::from(Object(Rc::new(ObjectData { label: kind.name.to_owned(), fields, root })))
    }
}

fn convert(value: &Value, form: &Form, label: &str) -> Dynamic {
    match (value, form) {
        (Value::Object(map), Form::Object(forms)) => {
            let field = |(name, form): (&String, &Form)| {
                let value = map.get(name).unwrap_or(&Value::Null);
                (name.as_str().into(), convert(value, form, &format!("{label}.{name}")))
            };
            let fields = forms.iter().map(field).collect();
            Dynamic::from(Object(Rc::new(ObjectData { label: label.to_owned(), fields, root: None })))
        }
        (Value::Array(items), Form::Array(form)) => {
            Dynamic::from_array(items.iter().map(|item| convert(item, form, label)).collect())
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
            let entries = map.iter().map(|(key, value)| (key.as_str().into(), free(value))).collect();
            Dynamic::from(Dictionary(Rc::new(entries)))
        }
    }
}

/// A script value as JSON, for evidence. Anything that is no data, or too deep, becomes its type's name.
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
        Value::Object(object.0.fields.iter().filter(|(_, v)| !v.is_unit()).map(|(key, v)| (key.to_string(), nested(v))).collect())
    } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
        observe::taken(dictionary.address());
        Value::Object(dictionary.0.iter().map(|(key, value)| (key.to_string(), nested(value))).collect())
    } else {
        Value::String(value.type_name().to_owned())
    }
}

fn same(a: &Dynamic, b: &Dynamic) -> bool {
    to_json(a, 0) == to_json(b, 0)
}

/// Teaches an engine the types. Functions on them, relations and circumstances are [`super::helpers`].
pub(super) fn register(engine: &mut Engine, context: &Rc<Context>) {
    engine.register_type_with_name::<Object>("object");
    let cx = context.clone();
    engine.register_indexer_get(move |object: &mut Object, name: &str| object.get(&cx, name));
    engine.register_fn("==", |a: Object, b: Object| Rc::ptr_eq(&a.0, &b.0) || same(&Dynamic::from(a), &Dynamic::from(b)));
    engine.register_fn("!=", |a: Object, b: Object| !Rc::ptr_eq(&a.0, &b.0) && !same(&Dynamic::from(a), &Dynamic::from(b)));

    engine.register_type_with_name::<Dictionary>("dictionary");
    let cx = context.clone();
    engine.register_indexer_get(move |map: &mut Dictionary, key: &str| {
        let value = map.0.get(key).cloned().unwrap_or(Dynamic::UNIT);
        cx.record(|recorder| recorder.read(map.address(), "", key, &value));
        value
    });
    engine.register_fn("==", |a: Dictionary, b: Dictionary| same(&Dynamic::from(a), &Dynamic::from(b)));
    engine.register_fn("!=", |a: Dictionary, b: Dictionary| !same(&Dynamic::from(a), &Dynamic::from(b)));
}
