//! Lists and facts put together. A fact that no file has is "not collected" for that resource; it
//! is never taken for "not configured".

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Map, Value, json};

use super::answers::{self, Kept, cut_at, is_metadata, kept, pick, place_of_list, within_item};
use super::convert::{Convert, Ignored};
use super::error::{Fault, HOW_TO_SAY, ImportError};
use super::imported::{Imported, Request};
use super::place::{self, Place};
use super::recognize::{Facts, Target, recognize};
use super::source::{Content, Refused, Source};
use super::want::{Want, fold, known_by_id_alone, of_fact, of_kind};
use crate::facts::s3::bucket::region_of_location;
use crate::facts::{ApiCall, FactSpec, Kind, Scope, Silence, is_absent};
use crate::model::{Cause, Region, text};

/// A list, as the files have it.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Fields by id, with the file that they are from.
    pub(super) resources: BTreeMap<String, (Map<String, Value>, String)>,
    /// Why it could not be made.
    pub(super) refused: Option<Cause>,
    /// Whether a file has it; otherwise it has what facts were imported of.
    pub(super) listed: bool,
}

/// What a file says of a fact of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Value(Value),
    Unreadable(Cause),
}

/// What the files say of a fact.
#[derive(Debug, Default)]
pub(super) struct Fact {
    pub(super) by_id: BTreeMap<String, (Known, String)>,
    /// What holds for all that are not named.
    pub(super) otherwise: Option<Known>,
}

pub(super) type FactKey = (&'static str, &'static str);

pub(super) struct Assembly<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) lists: BTreeMap<&'static str, List>,
    pub(super) facts: BTreeMap<FactKey, Fact>,
    /// Regions of buckets, which the list can leave out.
    pub(super) regions: BTreeMap<(&'static str, String), Region>,
    pub(super) ignored: BTreeMap<&'static str, Ignored>,
    pub(super) notes: Vec<String>,
    pub(super) faults: Vec<Fault>,
}

pub(super) fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    let mut all = Assembly {
        request,
        lists: BTreeMap::new(),
        facts: BTreeMap::new(),
        regions: BTreeMap::new(),
        ignored: BTreeMap::new(),
        notes: Vec::new(),
        faults: Vec::new(),
    };
    let mut later = Vec::new();
    for written in request.files {
        if let Err(fault) = all.file(written, stdin, &mut later) {
            all.faults.push(fault);
        }
    }
    // Facts come after all lists: which resources there are decides what they belong to.
    for (source, content, targets) in later {
        if let Err(fault) = all.facts(&source, content, targets) {
            all.faults.push(fault);
        }
    }
    all.finish()
}

impl Assembly<'_> {
    fn file(
        &mut self,
        written: &str,
        stdin: &mut dyn Read,
        later: &mut Vec<(Source, Content, Vec<Facts>)>,
    ) -> Result<(), Fault> {
        let source = Source::parse(written)?;
        let mut content = source.read(stdin)?;
        if let Content::Answer(answer) = &mut content {
            answer.retain(|key, _| !is_metadata(key));
            if let Some(field) = cut_at(answer) {
                let reason = format!(
                    "is cut: its `{}` says that AWS has more; let the CLI get all of it, without --max-items and --no-paginate",
                    text::one_line(field, 60)
                );
                return Err(Fault::of(&source.shown, reason));
            }
        }
        if source.said.is_some() && matches!(content, Content::Empty) {
            content = Content::Answer(Map::new());
        }
        let mut facts = Vec::new();
        for target in recognize(&source, &content)? {
            match target {
                Target::List(kind) => self.list(&source, kind, &content)?,
                Target::Field(kind, resource) => self.field(&source, kind, resource, &content)?,
                Target::Facts(one) => facts.push(one),
            }
        }
        if !facts.is_empty() {
            later.push((source, content, facts));
        }
        Ok(())
    }

    fn list(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        content: &Content,
    ) -> Result<(), Fault> {
        let Some(call) = kind.list.first() else { return Ok(()) };
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Refused(refused) => {
                let list = self.lists.entry(kind.name).or_default();
                list.refused = Some(cause(call, refused));
                return Ok(());
            }
            Content::Empty => return Err(Fault::of(&source.shown, "is empty")),
        };
        let want = of_kind(kind);
        let place = place_of_list(call);
        let fault = |(at, message): (Place, String)| Fault::at(&source.shown, &at, message);
        let items = place::items(answer, place).map_err(fault)?.ok_or_else(|| {
            Fault::of(
                &source.shown,
                format!("is no answer of {}: it has no `{}`", call.name, place::head(place)),
            )
        })?;
        let mut read = BTreeMap::new();
        let mut elsewhere = 0_usize;
        let mut convert =
            Convert { file: &source.shown, ignored: self.ignored.entry(kind.name).or_default() };
        for (at, item) in items {
            let Some(Value::Object(fields)) = convert.value(want, item, &at)? else {
                return Err(convert.fault(&at, "expected an object".to_owned()));
            };
            // A dashboard of Storage Lens is listed in every region, and counted where it is at
            // home.
            let home = fields.get("home_region").and_then(Value::as_str);
            if home.is_some_and(|home| home != self.request.region.as_str()) {
                elsewhere += 1;
                continue;
            }
            let Some(id) = fields.get(kind.id).and_then(Value::as_str).filter(|id| !id.is_empty())
            else {
                return Err(convert.fault(&at, format!("`{}` is missing", kind.id)));
            };
            read.insert(id.to_owned(), (fields, at));
        }
        if elsewhere > 0 {
            self.notes
                .push(format!("{}: {elsewhere} with another home region left out", kind.name));
        }
        let list = self.lists.entry(kind.name).or_default();
        list.listed = true;
        for (id, (fields, at)) in read {
            match list.resources.get(&id) {
                Some((known, file)) if *known != fields => {
                    let message = format!(
                        "`{}` stands in {file} too, with other values",
                        text::one_line(&id, 100)
                    );
                    return Err(Fault::at(&source.shown, &at, message));
                }
                _ => drop(list.resources.insert(id, (fields, source.shown.clone()))),
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        resource: String,
        content: &Content,
    ) -> Result<(), Fault> {
        let fault = |message: String| Fault::of(&source.shown, message);
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Refused(refused) => {
                return Err(fault(format!(
                    "is an error ({}); without an answer leave the file out",
                    refused.code
                )));
            }
            Content::Empty => return Err(fault("is empty".to_owned())),
        };
        let place = kind.list.get(1).map_or("", |call| call.answer);
        let region = match place::get(answer, place) {
            None => return Err(fault(format!("has no `{place}`"))),
            Some((_, Value::Null)) => region_of_location(None),
            Some((_, Value::String(constraint))) => region_of_location(Some(constraint)),
            Some(_) => return Err(fault(format!("{place}: expected a text"))),
        };
        let region: Region =
            region.parse().map_err(|error: crate::model::InvalidId| fault(error.to_string()))?;
        if region.is_global() {
            return Err(fault(format!("`{region}` is no region")));
        }
        self.regions.insert((kind.name, resource), region);
        Ok(())
    }

    /// Files the facts of an answer. Where several kinds have such a fact, the list that has the
    /// resource decides.
    fn facts(
        &mut self,
        source: &Source,
        content: Content,
        mut targets: Vec<Facts>,
    ) -> Result<(), Fault> {
        if targets.len() > 1 {
            let has = |facts: &Facts| {
                let list = self.lists.get(facts.kind.name);
                facts
                    .resource
                    .as_ref()
                    .is_some_and(|id| list.is_some_and(|list| list.resources.contains_key(id)))
            };
            if targets.iter().any(has) {
                targets.retain(has);
            } else {
                targets
                    .retain(|facts| !self.is_listed(facts.kind) && known_by_id_alone(facts.kind));
            }
        }
        let [target] = targets.as_slice() else {
            return Err(Fault::of(
                &source.shown,
                format!("no list has this resource, or several have; {}", HOW_TO_SAY),
            ));
        };
        for fact in &target.facts {
            self.fact(source, target, fact, &content)?;
        }
        Ok(())
    }

    fn is_listed(&self, kind: &Kind) -> bool {
        self.lists.get(kind.name).is_some_and(|list| list.listed)
    }

    fn fact(
        &mut self,
        source: &Source,
        target: &Facts,
        fact: &'static FactSpec,
        content: &Content,
    ) -> Result<(), Fault> {
        let kind = target.kind;
        if self.lists.get(kind.name).is_some_and(|list| list.refused.is_some()) {
            let message = format!(
                "is a fact of {0}, and another file says that {0} could not be listed; leave one of them out",
                kind.name
            );
            return Err(Fault::of(&source.shown, message));
        }
        let single = kind.list.is_empty().then(|| self.single(kind));
        let about = target.resource.clone().or(single);
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Refused(refused) => {
                let known = if is_absent(fact.call.absent, &refused.code) {
                    Known::Value(when_silent(kind, fact).unwrap_or(Value::Null))
                } else {
                    Known::Unreadable(cause(&fact.call, refused))
                };
                match about {
                    Some(id) => self.put(source, kind, fact, id, known)?,
                    None => {
                        self.facts.entry((kind.name, fact.name)).or_default().otherwise =
                            Some(known)
                    }
                }
                return Ok(());
            }
            Content::Empty => return Err(Fault::of(&source.shown, "is empty")),
        };
        let want = of_fact(kind, fact);
        let found = kept(fact, want, answer)
            .map_err(|(at, message)| Fault::at(&source.shown, &at, message))?;
        if answers::is_keyed(fact, want, &found) {
            return self.keyed(source, target, fact, want, &found);
        }
        let Some(id) = about else {
            return Err(Fault::of(&source.shown, "does not say which resource it is about"));
        };
        let mut convert =
            Convert { file: &source.shown, ignored: self.ignored.entry(kind.name).or_default() };
        let nothing = |name: &str| {
            Fault::of(
                &source.shown,
                format!("is no answer of {}: it has no `{name}`", fact.call.name),
            )
        };
        let value = match (found, want) {
            (Kept::Nowhere(name), _) => when_silent(kind, fact).ok_or_else(|| nothing(&name))?,
            (Kept::There((at, value)), want) => match convert.value(want, value, &at)? {
                Some(value) => settled(fact, value),
                None => when_silent(kind, fact)
                    .ok_or_else(|| convert.fault(&at, "expected something".to_owned()))?,
            },
            (Kept::Whole, Want::Object(object)) => {
                let mut own = answer.clone();
                // The answer names the resource beside what it says of it.
                if !object.fields.contains_key(&fold(kind.id)) {
                    own.retain(|key, _| fold(key) != fold(kind.id));
                }
                let value = convert.object(object, &own, &Place::default(), false)?;
                if value.is_empty() && fact.call.silence == Silence::Invalid {
                    return Err(Fault::of(
                        &source.shown,
                        format!("says nothing of {}/{}", kind.name, fact.name),
                    ));
                }
                settled(fact, Value::Object(value))
            }
            (Kept::Whole, want) => {
                let whole = Value::Object(answer.clone());
                convert.value(want, &whole, &Place::default())?.ok_or_else(|| nothing(fact.name))?
            }
        };
        self.put(source, kind, fact, id, Known::Value(value))
    }

    /// A fact whose answer names the resources.
    fn keyed(
        &mut self,
        source: &Source,
        target: &Facts,
        fact: &'static FactSpec,
        want: &Want,
        found: &Kept<'_>,
    ) -> Result<(), Fault> {
        let kind = target.kind;
        let fault = |at: &Place, message: String| Fault::at(&source.shown, at, message);
        let (at, items) = match found {
            Kept::There((at, Value::Array(items))) => (at, items.as_slice()),
            Kept::There((at, _)) => return Err(fault(at, "expected a list".to_owned())),
            Kept::Whole => {
                return Err(fault(&Place::default(), "expected a list of answers".to_owned()));
            }
            Kept::Nowhere(name) => {
                let message = format!("is no answer of {}: it has no `{name}`", fact.call.name);
                return Err(fault(&Place::default(), message));
            }
        };
        let (place, pick) = pick(fact.call.answer);
        let (_, within) = within_item(place);
        let mut values: Vec<(String, Value)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = at.item(index);
            let Value::Object(map) = item else {
                return Err(fault(&at, "expected an object".to_owned()));
            };
            let Some(id) = answers::named_resource(kind, map) else {
                return Err(fault(&at, format!("`{}` is missing", kind.id)));
            };
            if target.resource.as_ref().is_some_and(|only| only != id) {
                continue;
            }
            if let Some((own, theirs)) = pick {
                let resource = self.lists.get(kind.name).and_then(|list| list.resources.get(id));
                let Some((resource, _)) = resource else { continue };
                if place::get(map, own).map(|(_, value)| value)
                    != place::get(resource, theirs).map(|(_, value)| value)
                {
                    continue;
                }
            }
            let mut own = map.clone();
            // The answer names the resource beside what it says of it.
            if !want.object().is_some_and(|object| object.fields.contains_key(&fold(kind.id))) {
                own.retain(|key, _| fold(key) != fold(kind.id));
            }
            let (at, item) = match within {
                None => (at, Value::Object(own)),
                // AWS does not say it of this one.
                Some(within) => match place::get(map, within).filter(|(_, value)| !value.is_null())
                {
                    Some((key, value)) => (at.field(key), value.clone()),
                    None => continue,
                },
            };
            let mut convert = Convert {
                file: &source.shown,
                ignored: self.ignored.entry(kind.name).or_default(),
            };
            let value = match want {
                // The list is of those for which it holds.
                Want::Bool => json!(true),
                want => convert
                    .value(want, &item, &at)?
                    .ok_or_else(|| convert.fault(&at, "expected something".to_owned()))?,
            };
            values.push((id.to_owned(), value));
        }
        let listed = self.lists.get(kind.name);
        let is_known = |id: &String| listed.is_some_and(|list| list.resources.contains_key(id));
        if !self.is_listed(kind) && !known_by_id_alone(kind) {
            return Err(no_list(source, kind, fact));
        }
        if self.is_listed(kind) {
            let before = values.len();
            values.retain(|(id, _)| is_known(id));
            if values.len() < before {
                let more = before - values.len();
                self.notes.push(format!(
                    "{}/{}: left out for {more} that the list does not have",
                    kind.name, fact.name
                ));
            }
        }
        let silent = when_silent(kind, fact);
        match (&target.resource, silent) {
            (Some(id), Some(silent)) if values.is_empty() => values.push((id.clone(), silent)),
            (None, Some(silent)) if target.of_all => {
                self.facts.entry((kind.name, fact.name)).or_default().otherwise =
                    Some(Known::Value(silent));
            }
            (None, Some(_)) => {
                let say = format!("{}/{}=FILE", kind.name, fact.name);
                self.notes.push(format!(
                    "{}/{}: known for those that {} names; if it is the answer for all of them, say {say}",
                    kind.name, fact.name, source.shown
                ));
            }
            _ => {}
        }
        for (id, value) in values {
            self.put(source, kind, fact, id, Known::Value(value))?;
        }
        Ok(())
    }

    /// Files what is known of a fact of a resource. Answers that each have a part of it are put
    /// together.
    fn put(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        fact: &'static FactSpec,
        id: String,
        known: Known,
    ) -> Result<(), Fault> {
        let shown = text::one_line(&id, 100);
        let single = kind.list.is_empty().then(|| self.single(kind));
        let list = self.lists.entry(kind.name).or_default();
        match single {
            Some(only) if only != id => {
                return Err(Fault::of(
                    &source.shown,
                    format!("is of `{shown}`; the one that is imported is {only}"),
                ));
            }
            Some(_) => {}
            None if list.listed && !list.resources.contains_key(&id) => {
                return Err(Fault::of(
                    &source.shown,
                    format!("is of `{shown}`, which the list of {} does not have", kind.name),
                ));
            }
            None if list.listed => {}
            None if !known_by_id_alone(kind) => return Err(no_list(source, kind, fact)),
            None => {}
        }
        if !list.resources.contains_key(&id) {
            let fields = Map::from_iter([(kind.id.to_owned(), Value::String(id.clone()))]);
            list.resources.insert(id.clone(), (fields, source.shown.clone()));
        }
        let entry = self.facts.entry((kind.name, fact.name)).or_default();
        let conflict = |file: &str| {
            let message = format!(
                "{}/{} of `{shown}` stands in {file} too, with another value",
                kind.name, fact.name
            );
            Err(Fault::of(&source.shown, message))
        };
        match (entry.by_id.get_mut(&id), known) {
            (None, known) => drop(entry.by_id.insert(id, (known, source.shown.clone()))),
            (Some((before, _)), known) if *before == known => {}
            (
                Some((Known::Value(Value::Object(before)), file)),
                Known::Value(Value::Object(more)),
            ) => {
                for (name, value) in more {
                    match before.get(&name) {
                        Some(known) if *known != value => return conflict(file),
                        _ => drop(before.insert(name, value)),
                    }
                }
                file.push_str(", ");
                file.push_str(&source.shown);
            }
            (Some((_, file)), _) => return conflict(file),
        }
        Ok(())
    }

    /// The id of the only resource of a kind that is not listed.
    pub(super) fn single(&self, kind: &Kind) -> String {
        match kind.scope {
            Scope::Global => self.request.account.to_string(),
            Scope::Regional => self.request.region.to_string(),
        }
    }
}

/// What a "not configured" comes to; `None` where AWS cannot mean that.
fn when_silent(kind: &Kind, fact: &FactSpec) -> Option<Value> {
    match fact.call.silence {
        Silence::Invalid => None,
        Silence::Absent => Some(Value::Null),
        Silence::Defaults if *of_fact(kind, fact) == Want::Bool => Some(json!(false)),
        Silence::Defaults => (fact.shape.normalize)(json!({})).ok(),
    }
}

/// The value, or "not configured" where it says nothing and AWS means that.
fn settled(fact: &FactSpec, value: Value) -> Value {
    let says_nothing = match &value {
        Value::Object(map) => {
            map.is_empty()
                || (fact.shape.normalize)(value.clone()).is_ok_and(|value| {
                    (fact.shape.normalize)(json!({})).is_ok_and(|none| none == value)
                })
        }
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if says_nothing && fact.call.silence == Silence::Absent { Value::Null } else { value }
}

fn no_list(source: &Source, kind: &Kind, fact: &FactSpec) -> Fault {
    let command = kind.list.first().map_or_else(String::new, answers::command);
    Fault::of(
        &source.shown,
        format!(
            "has {}/{}, but no file has the list of {} (`{command}`)",
            kind.name, fact.name, kind.name
        ),
    )
}

fn cause(call: &ApiCall, refused: &Refused) -> Cause {
    Cause::answered(call.name, &refused.code, &refused.message)
}
