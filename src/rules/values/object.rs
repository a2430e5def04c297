//! Facts as script values. A script sees frozen objects: they have no setters, so a rule cannot
//! change what another rule sees. Every read goes through this module, so that reading a misspelled
//! field, an undeclared fact or an unreadable one ends the rule instead of returning nothing.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, ImmutableString, Position};
use serde_json::{Map, Number, Value};

use super::account::AccountFacts;
use super::current::CurrentRule;
use super::hidden::{Hidden, NotRead};
use super::interrupt::Interrupt;
use super::tracking;
use crate::facts::{
    ATTRIBUTES, CompactResource, CompactValue, Content, Fact, FactSpec, FieldType, Kind,
};
use crate::model::unreadable::{self, Step};
use crate::model::{Cause, did_you_mean};

/// A frozen object with known fields.
#[derive(Clone)]
pub(crate) struct Object(Rc<ObjectData>);

struct ObjectData {
    layout: Rc<ObjectLayout>,
    /// One value for each field of the layout; for a resource, also one for each fact of its kind.
    /// Those of a resource are converted when they are first read.
    values: Box<[OnceCell<Dynamic>]>,
    /// For a resource: the source of its values.
    root: Option<Root>,
}

/// What objects at the same path of a kind have in common.
struct ObjectLayout {
    /// Their label, for messages: `ec2.instance.metadata_options`.
    label: String,
    /// Their fields, sorted by name.
    fields: Vec<(ImmutableString, Layout)>,
}

/// How JSON at a path is converted.
enum Layout {
    Object(Rc<ObjectLayout>),
    Array(Box<Layout>),
    /// As is: a scalar, or JSON without a known schema.
    Free,
}

impl Layout {
    fn of(form: &FieldType, label: &str) -> Self {
        match form {
            FieldType::Object(fields) => Self::Object(Rc::new(ObjectLayout::of(fields, label))),
            FieldType::List(items) => Self::Array(Box::new(Self::of(items, label))),
            _ => Self::Free,
        }
    }
}

impl ObjectLayout {
    fn of(fields: &BTreeMap<String, FieldType>, label: &str) -> Self {
        let field = |(name, form): (&String, &FieldType)| {
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
    facts: Arc<AccountFacts>,
    position: usize,
    layout: Rc<KindLayout>,
}

impl Root {
    fn resource(&self) -> Option<&CompactResource> {
        self.facts.resources.get(self.position)
    }

    /// Why a field or a fact could not be read, if it could not.
    fn unreadable(&self, name: &str) -> Option<&Cause> {
        self.resource()?.unreadable().get(name)
    }

    /// The value of a field of the list, converted.
    fn field(&self, name: &str, layout: &Layout) -> Dynamic {
        let Some(resource) = self.resource() else { return Dynamic::UNIT };
        if let Some(cause) = resource.unreadable().get(name) {
            return NotRead::value(cause);
        }
        let hidden = Hidden::within(resource, name);
        match resource.facts.get(name) {
            Some(value) => convert(value, layout, &hidden),
            None => hidden.instead_of_nothing(),
        }
    }
}

/// A frozen map with arbitrary keys: tags, or a user's JSON document. A missing key reads as `()`.
#[derive(Clone)]
pub(crate) struct Dictionary(pub(crate) Rc<BTreeMap<ImmutableString, Dynamic>>);

impl Dictionary {
    /// All entries, for functions that need more than one.
    pub(crate) fn entries(&self) -> &BTreeMap<ImmutableString, Dynamic> {
        tracking::mark_used(self.address());
        &self.0
    }

    /// Identifies it among the dictionaries of the current account.
    pub(crate) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }
}

impl Object {
    /// The parameters of a rule: an object with exactly the declared names.
    pub(crate) fn params(params: &Map<String, Value>) -> Dynamic {
        let sorted: BTreeMap<&str, &Value> =
            params.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let fields = sorted.keys().map(|name| ((*name).into(), Layout::Free)).collect();
        let values = sorted.values().map(|value| OnceCell::from(free(value))).collect();
        let layout = Rc::new(ObjectLayout { label: "params".to_owned(), fields });
        Dynamic::from(Self(Rc::new(ObjectData { layout, values, root: None })))
    }

    /// Its label, for messages.
    pub(crate) fn label(&self) -> &str {
        &self.0.layout.label
    }

    /// Identifies it among the objects of the current account.
    pub(crate) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }

    /// The kind, if it is a resource.
    pub(crate) fn kind(&self) -> Option<&'static Kind> {
        self.0.root.as_ref().map(|root| root.kind)
    }

    /// Whether it has a field of this name, with or without a value.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.0.layout.position(name).is_some()
    }

    /// Its fields that have a value. If one could not be read, the evaluation ends without a verdict.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        known(self.all_fields())
    }

    /// Its fields that are known and have a value, for what does not affect the verdict.
    pub(crate) fn known_fields(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        self.all_fields().filter(|(_, value)| !value.is_unit() && NotRead::of(value).is_none())
    }

    /// Its fields that have a value, or why that could not be read; only those with these names, if any
    /// are given.
    pub(crate) fn fields_with_causes(
        &self,
        names: Option<&[&str]>,
    ) -> impl Iterator<Item = (&str, Result<&Dynamic, Cause>)> {
        let all = self.0.layout.fields.iter().enumerate();
        let named = all
            .filter(move |(_, (name, _))| names.is_none_or(|names| names.contains(&name.as_str())));
        let values =
            named.filter_map(|(position, (name, _))| Some((name.as_str(), self.field(position)?)));
        let present = values.filter(|(_, value)| !value.is_unit());
        present.map(|(name, value)| (name, NotRead::of(value).map_or(Ok(value), Err)))
    }

    fn all_fields(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        let all = self.0.layout.fields.iter().enumerate();
        all.filter_map(|(position, (name, _))| Some((name.as_str(), self.field(position)?)))
    }

    /// Why a field of it, or something within one, could not be read.
    pub(crate) fn first_unreadable(&self) -> Option<Cause> {
        self.all_fields().find_map(|(_, value)| unreadable_in(value))
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

    /// The value of a field, if `rule` may read it.
    pub(crate) fn read(
        &self,
        rule: Option<&CurrentRule>,
        name: &str,
    ) -> Result<Dynamic, Interrupt> {
        let root = self.0.root.as_ref();
        let field = self.0.layout.position(name);
        // The names of fields and facts are distinct.
        let fact = root.filter(|_| field.is_none()).and_then(|root| {
            Some((root, root.kind.facts.iter().position(|fact| fact.name == name)?))
        });
        if fact.is_none()
            && let Some(cause) = root.and_then(|root| root.unreadable(name))
        {
            return Err(Interrupt::Unreadable(vec![cause.clone()]));
        }
        if let Some(value) = field.and_then(|position| self.field(position)) {
            if let Some(cause) = NotRead::of(value) {
                return Err(Interrupt::Unreadable(vec![cause]));
            }
            return Ok(value.clone());
        }
        if let Some(root) = root.filter(|_| fact.is_none())
            && let Some(attribute) = root.kind.attribute(name)
            && let Some(resource) = root.resource()
        {
            return match root.kind.value_of(resource.head(), attribute) {
                Ok(value) => Ok(value.map_or(Dynamic::UNIT, |text| text.to_owned().into())),
                Err(cause) => Err(Interrupt::Unreadable(vec![cause.clone()])),
            };
        }
        let label = self.label();
        if let Some((root, position)) = fact {
            if !rule.is_some_and(|rule| rule.may_read(root.kind, name)) {
                let need = CurrentRule::need_for(rule, root.kind, name);
                let message =
                    format!("`{name}` of `{label}` is not declared: add `\"{need}\"` to `needs`");
                return Err(Interrupt::Field { name: name.to_owned(), message });
            }
            return match self.fact(root, name, position) {
                Ok(value) => Ok(value.clone()),
                Err(cause) => Err(Interrupt::Unreadable(vec![cause])),
            };
        }
        let mut facts: Vec<&str> =
            root.into_iter().flat_map(|root| root.kind.facts).map(|fact| fact.name).collect();
        facts.sort_unstable();
        let attributes =
            root.into_iter().flat_map(|_| ATTRIBUTES.iter().map(|attribute| attribute.name));
        let fields = self.0.layout.fields.iter().map(|(name, _)| name.as_str());
        let names = fields.chain(facts).chain(attributes);
        let hint = did_you_mean(name, names);
        let hint = hint.map(|meant| format!(": did you mean `{meant}`?")).unwrap_or_default();
        let message = format!("`{label}` has no field `{name}`{hint}");
        Err(Interrupt::Field { name: name.to_owned(), message })
    }

    /// Why a field or fact, or something within it, could not be read.
    pub(crate) fn unreadable(&self, name: &str) -> Option<Cause> {
        let Some(root) = self.0.root.as_ref() else {
            return unreadable_in(self.field(self.0.layout.position(name)?)?);
        };
        let resource = root.resource()?;
        if root.kind.fact(name).is_some()
            && let Some(cause) = resource.fact(root.kind, name).unreadable()
        {
            return Some(cause);
        }
        unreadable::of(resource.unreadable(), name).cloned()
    }

    /// The fact at a position among the facts of the kind, or why it could not be read.
    fn fact(&self, root: &Root, name: &str, position: usize) -> Result<&Dynamic, Cause> {
        let cell = self.0.values.get(self.0.layout.fields.len() + position);
        if let Some(value) = cell.and_then(OnceCell::get) {
            return Ok(value);
        }
        let (Some(resource), Some(cell)) = (root.resource(), cell) else {
            return Err(Cause::not_collected(root.kind.list_call()));
        };
        let value = match resource.fact(root.kind, name) {
            Fact::Known(value) => {
                let layout = root.layout.facts.get(position).unwrap_or(&Layout::Free);
                convert(value, layout, &Hidden::within(resource, name))
            }
            Fact::Absent => Hidden::within(resource, name).instead_of_nothing(),
            Fact::Unreadable(cause) => return Err(cause),
        };
        match NotRead::of(&value) {
            Some(cause) => Err(cause),
            None => Ok(cell.get_or_init(|| value)),
        }
    }
}

/// How resources of a kind are converted to script values.
struct KindLayout {
    /// What the list call returns.
    list: Rc<ObjectLayout>,
    /// In the order of the kind's facts.
    facts: Vec<Layout>,
}

/// The layouts of kinds. Each is created on first use, because deriving it from its schema is slow.
/// There is one per thread.
#[derive(Default)]
pub(crate) struct Layouts(RefCell<HashMap<&'static str, Rc<KindLayout>>>);

impl Layouts {
    /// Whether resources of a kind can be looked up by a field, or by the path of a field within
    /// one.
    pub(crate) fn has_list_field(&self, kind: &'static Kind, field: &str) -> bool {
        self.of(kind).list.position(field).is_some()
            || (field.contains('.')
                && FieldType::of_list(kind).is_some_and(|list| list.at(field).is_some()))
    }

    fn of(&self, kind: &'static Kind) -> Rc<KindLayout> {
        let derive = || {
            let list = match FieldType::of_list(kind) {
                Some(FieldType::Object(fields)) => ObjectLayout::of(fields, kind.name),
                _ => ObjectLayout { label: kind.name.to_owned(), fields: Vec::new() },
            };
            let fact = |fact: &FactSpec| {
                Layout::of(&FieldType::of(&fact.shape), &format!("{}.{}", kind.name, fact.name))
            };
            Rc::new(KindLayout {
                list: Rc::new(list),
                facts: kind.facts.iter().map(fact).collect(),
            })
        };
        self.0.borrow_mut().entry(kind.name).or_insert_with(derive).clone()
    }

    pub(crate) fn resource(&self, facts: &Arc<AccountFacts>, position: usize) -> Dynamic {
        let kind = facts.resources.get(position).and_then(|resource| resource.kind);
        let Some(kind) = kind else { return Dynamic::UNIT };
        let layout = self.of(kind);
        let values =
            (0..layout.list.fields.len() + layout.facts.len()).map(|_| OnceCell::new()).collect();
        let list = layout.list.clone();
        let root = Some(Root { kind, facts: facts.clone(), position, layout });
        Dynamic::from(Object(Rc::new(ObjectData { layout: list, values, root })))
    }
}

/// The fields that have a value; ends the evaluation if one of them could not be read.
fn known<'a>(
    fields: impl Iterator<Item = (&'a str, &'a Dynamic)>,
) -> impl Iterator<Item = (&'a str, &'a Dynamic)> {
    let (mut known, mut causes) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        match NotRead::of(value) {
            Some(cause) => causes.push(cause),
            None if value.is_unit() => {}
            None => known.push((name, value)),
        }
    }
    if !causes.is_empty() {
        Interrupt::Unreadable(causes).record(Position::NONE);
    }
    known.into_iter()
}

/// Whether a value at a path of names separated by dots, through any lists, is known and is one that
/// `is_meant`.
pub(super) fn has_known(value: &Dynamic, path: &str, is_meant: &dyn Fn(&Dynamic) -> bool) -> bool {
    if let Ok(items) = value.as_array_ref() {
        return items.iter().any(|item| has_known(item, path, is_meant));
    }
    if path.is_empty() {
        return is_meant(value);
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(object) = value.read_lock::<Object>() {
        let field = object.0.layout.position(name).and_then(|position| object.field(position));
        return field.is_some_and(|field| has_known(field, rest, is_meant));
    }
    let dictionary = value.read_lock::<Dictionary>();
    dictionary.is_some_and(|map| map.0.get(name).is_some_and(|one| has_known(one, rest, is_meant)))
}

/// Why something in a value could not be read.
fn unreadable_in(value: &Dynamic) -> Option<Cause> {
    if let Some(object) = value.read_lock::<Object>() {
        return object.first_unreadable();
    }
    match value.as_array_ref() {
        Ok(items) => items.iter().find_map(unreadable_in),
        Err(_) => NotRead::of(value),
    }
}

fn convert(value: CompactValue<'_>, layout: &Layout, hidden: &Hidden<'_>) -> Dynamic {
    match (value.content(), layout) {
        (Content::Object(entries), Layout::Object(layout)) => {
            let is_field = |step: Step<'_>| match step {
                Step::Field(name) => layout.position(name).is_some(),
                Step::Item(_) => false,
            };
            if let Some(cause) = hidden.without_place(is_field) {
                return NotRead::value(cause);
            }
            let nothing = |(name, _): &(ImmutableString, Layout)| match hidden.field(name) {
                Ok(within) => within.instead_of_nothing(),
                Err(cause) => NotRead::value(cause),
            };
            let mut values: Box<[OnceCell<Dynamic>]> = if hidden.is_empty() {
                layout.fields.iter().map(|_| OnceCell::from(Dynamic::UNIT)).collect()
            } else {
                layout.fields.iter().map(|field| OnceCell::from(nothing(field))).collect()
            };
            for (name, value) in entries {
                let Some(position) = layout.position(name) else { continue };
                let (Some((_, layout)), Some(cell), Ok(within)) =
                    (layout.fields.get(position), values.get_mut(position), hidden.field(name))
                else {
                    continue;
                };
                if !value.is_null() {
                    *cell = OnceCell::from(convert(value, layout, &within));
                }
            }
            Dynamic::from(Object(Rc::new(ObjectData {
                layout: layout.clone(),
                values,
                root: None,
            })))
        }
        (Content::List(items), Layout::Array(layout)) => {
            let count = items.clone().count();
            let is_item = |step: Step<'_>| match step {
                Step::Item(at) => at.is_none_or(|at| at < count),
                Step::Field(_) => true,
            };
            if let Some(cause) = hidden.without_place(is_item) {
                return NotRead::value(cause);
            }
            let items = items
                .enumerate()
                .map(|(index, item)| convert(item, layout, &hidden.item(index)))
                .collect::<Vec<_>>();
            // An item that could be anything makes the list unknown.
            match items.iter().find_map(NotRead::of) {
                Some(cause) => NotRead::value(&cause),
                None => Dynamic::from_array(items),
            }
        }
        // What has no known fields is unknown as a whole.
        (content, _) => match hidden.first() {
            Some(cause) => NotRead::value(cause),
            None => converted(content),
        },
    }
}

/// A value without a known schema.
fn converted(content: Content<'_>) -> Dynamic {
    match content {
        Content::Null => Dynamic::UNIT,
        Content::Bool(b) => Dynamic::from_bool(b),
        Content::Number(number) => number_of(&number),
        Content::Text(text) => Dynamic::from(ImmutableString::from(text)),
        Content::List(items) => {
            Dynamic::from_array(items.map(|item| converted(item.content())).collect())
        }
        Content::Object(entries) => {
            let entry =
                |(name, value): (&str, CompactValue<'_>)| (name.into(), converted(value.content()));
            Dynamic::from(Dictionary(Rc::new(entries.map(entry).collect())))
        }
    }
}

fn number_of(number: &Number) -> Dynamic {
    match (number.as_i64(), number.as_f64()) {
        (Some(int), _) => Dynamic::from_int(int),
        (None, Some(float)) => Dynamic::from_float(float),
        (None, None) => Dynamic::UNIT,
    }
}

/// JSON without a known schema.
fn free(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Number(number) => number_of(number),
        Value::String(text) => Dynamic::from(ImmutableString::from(text.as_str())),
        Value::Array(items) => Dynamic::from_array(items.iter().map(free).collect()),
        Value::Object(map) => {
            let entries =
                map.iter().map(|(key, value)| (key.as_str().into(), free(value))).collect();
            Dynamic::from(Dictionary(Rc::new(entries)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::model::{Partition, Resource};
    use crate::rules::values::context::EvalContext;
    use crate::rules::values::json::to_json;
    use crate::rules::values::view::AccountView;

    fn view() -> AccountView {
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
            required_tags: Arc::default(),
            resources: vec![group("sg-1"), group("sg-2")].into(),
            name: None,
            labels: BTreeMap::new(),
            list_gap: Box::new(|_, _| None),
        };
        AccountView::new(facts.into(), Rc::default())
    }

    fn object(value: &Dynamic) -> Object {
        value.read_lock::<Object>().unwrap().clone()
    }

    #[test]
    fn objects_at_the_same_path_share_their_layout() {
        let (view, context) = (view(), EvalContext::default());
        let [first, second] = [0, 1].map(|position| object(&view.object(position)));
        assert!(Rc::ptr_eq(&first.0.layout, &second.0.layout));
        let permissions =
            [&first, &second].map(|group| context.read(group, "ip_permissions").unwrap());
        let permissions = permissions
            .map(|list| list.as_array_ref().unwrap().iter().map(object).collect::<Vec<_>>());
        for permission in permissions.iter().flatten() {
            assert!(Rc::ptr_eq(&permission.0.layout, &permissions[0][0].0.layout));
            assert_eq!(permission.label(), "ec2.security_group.ip_permissions");
        }
    }

    #[test]
    fn fields_are_converted_once_when_first_read() {
        let (view, context) = (view(), EvalContext::default());
        let group = object(&view.object(0));
        let converted = || group.0.values.iter().filter(|value| value.get().is_some()).count();
        assert_eq!(converted(), 0);
        let permission =
            || object(&context.read(&group, "ip_permissions").unwrap().as_array_ref().unwrap()[1]);
        // Traces identify objects by their addresses.
        assert_eq!(permission().address(), permission().address());
        assert_eq!(converted(), 1);
        assert_eq!(group.address(), object(&view.object(0)).address());
        let whole = to_json(&view.object(0)).unwrap();
        assert_eq!(
            whole,
            json!({ "group_id": "sg-1", "ip_permissions": [{ "ip_protocol": "tcp" }, { "ip_protocol": "udp" }] })
        );
    }
}
