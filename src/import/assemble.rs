//! Combines lists and facts. A fact that is in no file is "not collected" for that resource, never
//! "not configured".

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Map, Value, json};

use super::answers::{
    self, FactLocation, is_metadata, locate, pick, place_of_list, truncation_field, within_item,
};
use super::convert::{Convert, Ignored};
use super::error::{HOW_TO_DECLARE, ImportError, ImportProblem};
use super::imported::{Imported, Request};
use super::place::{self, Place};
use super::recognize::{Facts, Target, recognize};
use super::source::{CliError, Content, Source};
use super::want::{ExpectedType, aws_name, fold, identified_by_id_alone, of_fact, of_kind};
use crate::facts::s3::bucket::region_of_location;
use crate::facts::{ApiCall, EmptyResponse, Fact, FactSpec, Kind, Scope, is_absent};
use crate::model::{Cause, Region, counted, text};

/// A list from the files.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Fields by id, with the file that contains them.
    pub(super) resources: BTreeMap<String, (Map<String, Value>, String)>,
    /// The error of the list call.
    pub(super) error: Option<Cause>,
    /// Whether a file contains it; otherwise it has only the resources with imported facts.
    pub(super) listed: bool,
}

/// A fact of the imported resources.
#[derive(Debug, Default)]
pub(super) struct ImportedFact {
    /// By resource id, with the file that contains it.
    pub(super) by_id: BTreeMap<String, (Fact<Value>, String)>,
    /// That of all other resources.
    pub(super) otherwise: Option<Fact<Value>>,
}

pub(super) type FactKey = (&'static str, &'static str);

pub(super) struct Assembly<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) lists: BTreeMap<&'static str, List>,
    pub(super) facts: BTreeMap<FactKey, ImportedFact>,
    /// Regions of buckets, which the list can lack.
    pub(super) regions: BTreeMap<(&'static str, String), Region>,
    pub(super) ignored: BTreeMap<&'static str, Ignored>,
    pub(super) notes: Vec<String>,
    pub(super) problems: Vec<ImportProblem>,
}

pub(super) fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    let mut all = Assembly {
        request,
        lists: BTreeMap::new(),
        facts: BTreeMap::new(),
        regions: BTreeMap::new(),
        ignored: BTreeMap::new(),
        notes: Vec::new(),
        problems: Vec::new(),
    };
    let mut later = Vec::new();
    for written in request.files {
        if let Err(problem) = all.file(written, stdin, &mut later) {
            all.problems.push(problem);
        }
    }
    // Facts come after all lists, since the resources decide which kind a fact belongs to.
    for (source, content, targets) in later {
        if let Err(problem) = all.facts(&source, content, targets) {
            all.problems.push(problem);
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
    ) -> Result<(), ImportProblem> {
        let source = Source::parse(written)?;
        let mut content = source.read(stdin)?;
        if let Content::Answer(answer) = &mut content {
            answer.retain(|key, _| !is_metadata(key));
            if let Some(field) = truncation_field(answer) {
                let reason = format!(
                    "incomplete response: `{}` indicates more results; rerun the AWS CLI command without `--max-items` and `--no-paginate`",
                    text::one_line(field, 60)
                );
                return Err(ImportProblem::of(&source.shown, reason));
            }
        }
        if source.declared.is_some() && matches!(content, Content::Empty) {
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
    ) -> Result<(), ImportProblem> {
        let Some(call) = kind.list.first() else { return Ok(()) };
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Error(error) => {
                let list = self.lists.entry(kind.name).or_default();
                list.error = Some(cause(call, error));
                return Ok(());
            }
            Content::Empty => return Err(ImportProblem::of(&source.shown, "the file is empty")),
        };
        let expected = of_kind(kind);
        let place = place_of_list(call);
        let problem =
            |(at, message): (Place, String)| ImportProblem::at(&source.shown, &at, message);
        let items = place::items(answer, place).map_err(problem)?.ok_or_else(|| {
            ImportProblem::of(&source.shown, source.not_a_response(call.name, place::head(place)))
        })?;
        let mut read = BTreeMap::new();
        let mut elsewhere = 0_usize;
        let mut convert =
            Convert { file: &source.shown, ignored: self.ignored.entry(kind.name).or_default() };
        for (at, item) in items {
            let Some(Value::Object(fields)) = convert.value(expected, item, &at)? else {
                return Err(convert.problem(&at, "expected object".to_owned()));
            };
            // A Storage Lens configuration is listed in every region, and belongs to its home region.
            let home = fields.get("home_region").and_then(Value::as_str);
            if home.is_some_and(|home| home != self.request.region.as_str()) {
                elsewhere += 1;
                continue;
            }
            let Some(id) = fields.get(kind.id).and_then(Value::as_str).filter(|id| !id.is_empty())
            else {
                return Err(convert.problem(&at, format!("missing `{}`", aws_name(kind.id))));
            };
            read.insert(id.to_owned(), (fields, at));
        }
        if elsewhere > 0 {
            self.notes.push(format!(
                "{}: skipped {} with a different home region",
                kind.name,
                counted(elsewhere, "resource")
            ));
        }
        let list = self.lists.entry(kind.name).or_default();
        list.listed = true;
        for (id, (fields, at)) in read {
            match list.resources.get(&id) {
                Some((known, file)) if *known != fields => {
                    let message = format!(
                        "duplicate `{}`: {file} has different values for it",
                        text::one_line(&id, 100)
                    );
                    return Err(ImportProblem::at(&source.shown, &at, message));
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
    ) -> Result<(), ImportProblem> {
        let problem = |message: String| ImportProblem::of(&source.shown, message);
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Error(error) => {
                return Err(problem(format!(
                    "the file contains an error ({}) instead of a response; omit it",
                    error.code
                )));
            }
            Content::Empty => return Err(problem("the file is empty".to_owned())),
        };
        let place = kind.list.get(1).map_or("", |call| call.answer);
        let region = match place::get(answer, place) {
            None => return Err(problem(format!("missing `{place}`"))),
            Some((_, Value::Null)) => region_of_location(None),
            Some((_, Value::String(constraint))) => region_of_location(Some(constraint)),
            Some(_) => return Err(problem(format!("{place}: expected string"))),
        };
        let region: Region =
            region.parse().map_err(|error: crate::model::InvalidId| problem(error.to_string()))?;
        if region.is_global() {
            return Err(problem(format!("`{region}` is not a valid region")));
        }
        self.regions.insert((kind.name, resource), region);
        Ok(())
    }

    /// Stores the facts of a response. If several kinds have such a fact, the list that has the
    /// resource decides.
    fn facts(
        &mut self,
        source: &Source,
        content: Content,
        mut targets: Vec<Facts>,
    ) -> Result<(), ImportProblem> {
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
                targets.retain(|facts| {
                    !self.is_listed(facts.kind) && identified_by_id_alone(facts.kind)
                });
            }
        }
        let [target] = targets.as_slice() else {
            return Err(ImportProblem::of(
                &source.shown,
                format!(
                    "the resource is in none of the imported lists, or in several; {HOW_TO_DECLARE}"
                ),
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
    ) -> Result<(), ImportProblem> {
        let kind = target.kind;
        if self.lists.get(kind.name).is_some_and(|list| list.error.is_some()) {
            let message = format!(
                "the file contains a fact of `{}`, but another file contains an error from the list call; omit one of them",
                kind.name
            );
            return Err(ImportProblem::of(&source.shown, message));
        }
        let singleton = kind.list.is_empty().then(|| self.singleton_id(kind));
        let resource = target.resource.clone().or(singleton);
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Error(error) => {
                let known = if is_absent(fact.call.absent, &error.code) {
                    value_if_not_configured(kind, fact).unwrap_or(Value::Null).into()
                } else {
                    Fact::Unreadable(cause(&fact.call, error))
                };
                match resource {
                    Some(id) => self.put(source, kind, fact, id, known)?,
                    None => {
                        self.facts.entry((kind.name, fact.name)).or_default().otherwise =
                            Some(known)
                    }
                }
                return Ok(());
            }
            Content::Empty => return Err(ImportProblem::of(&source.shown, "the file is empty")),
        };
        let expected = of_fact(kind, fact);
        let found = locate(fact, expected, answer)
            .map_err(|(at, message)| ImportProblem::at(&source.shown, &at, message))?;
        if answers::is_keyed(fact, expected, &found) {
            return self.keyed(source, target, fact, expected, &found);
        }
        let Some(id) = resource else {
            return Err(ImportProblem::of(
                &source.shown,
                "the response does not name its resource",
            ));
        };
        let mut convert =
            Convert { file: &source.shown, ignored: self.ignored.entry(kind.name).or_default() };
        let nothing = |name: &str| {
            ImportProblem::of(&source.shown, source.not_a_response(fact.call.name, name))
        };
        let value = match (found, expected) {
            (FactLocation::Missing(name), _) => {
                value_if_not_configured(kind, fact).ok_or_else(|| nothing(&name))?
            }
            (FactLocation::At((at, value)), expected) => {
                match convert.value(expected, value, &at)? {
                    Some(value) => absent_if_empty(fact, value),
                    None => value_if_not_configured(kind, fact).ok_or_else(|| {
                        convert.problem(&at, "expected a value, found null".to_owned())
                    })?,
                }
            }
            (FactLocation::WholeResponse, ExpectedType::Object(object)) => {
                let mut own = answer.clone();
                // The response names the resource beside the fact.
                if !object.fields.contains_key(&fold(kind.id)) {
                    own.retain(|key, _| fold(key) != fold(kind.id));
                }
                let value = convert.object(object, &own, &Place::default(), false)?;
                if value.is_empty() && fact.call.if_empty == EmptyResponse::Invalid {
                    return Err(ImportProblem::of(
                        &source.shown,
                        format!(
                            "the response has none of the fields of `{}/{}`",
                            kind.name, fact.name
                        ),
                    ));
                }
                absent_if_empty(fact, Value::Object(value))
            }
            (FactLocation::WholeResponse, expected) => {
                let whole = Value::Object(answer.clone());
                convert
                    .value(expected, &whole, &Place::default())?
                    .ok_or_else(|| nothing(fact.name))?
            }
        };
        self.put(source, kind, fact, id, value.into())
    }

    /// Reads a fact from a response whose items name their resources.
    fn keyed(
        &mut self,
        source: &Source,
        target: &Facts,
        fact: &'static FactSpec,
        expected: &ExpectedType,
        found: &FactLocation<'_>,
    ) -> Result<(), ImportProblem> {
        let kind = target.kind;
        let problem = |at: &Place, message: String| ImportProblem::at(&source.shown, at, message);
        let (at, items) = match found {
            FactLocation::At((at, Value::Array(items))) => (at, items.as_slice()),
            FactLocation::At((at, _)) => return Err(problem(at, "expected list".to_owned())),
            FactLocation::WholeResponse => {
                return Err(problem(&Place::default(), "expected list".to_owned()));
            }
            FactLocation::Missing(name) => {
                let message = source.not_a_response(fact.call.name, name);
                return Err(problem(&Place::default(), message));
            }
        };
        let (place, pick) = pick(fact.call.answer);
        let (_, within) = within_item(place);
        let mut values: Vec<(String, Value)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = at.item(index);
            let Value::Object(map) = item else {
                return Err(problem(&at, "expected object".to_owned()));
            };
            let Some(id) = answers::named_resource(kind, map) else {
                return Err(problem(&at, format!("missing `{}`", aws_name(kind.id))));
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
            // The response names the resource beside the fact.
            if !expected.object().is_some_and(|object| object.fields.contains_key(&fold(kind.id))) {
                own.retain(|key, _| fold(key) != fold(kind.id));
            }
            let (at, item) = match within {
                None => (at, Value::Object(own)),
                // The response does not have the fact for this resource.
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
            let value = match expected {
                // The response lists the resources for which it is true.
                ExpectedType::Bool => json!(true),
                expected => convert.value(expected, &item, &at)?.ok_or_else(|| {
                    convert.problem(&at, "expected a value, found null".to_owned())
                })?,
            };
            values.push((id.to_owned(), value));
        }
        let listed = self.lists.get(kind.name);
        let is_known = |id: &String| listed.is_some_and(|list| list.resources.contains_key(id));
        if !self.is_listed(kind) && !identified_by_id_alone(kind) {
            return Err(no_list(source, kind, fact));
        }
        if self.is_listed(kind) {
            let before = values.len();
            values.retain(|(id, _)| is_known(id));
            if values.len() < before {
                let more = before - values.len();
                self.notes.push(format!(
                    "{}/{}: skipped {} not in the list",
                    kind.name,
                    fact.name,
                    counted(more, "resource")
                ));
            }
        }
        let silent = value_if_not_configured(kind, fact);
        match (&target.resource, silent) {
            (Some(id), Some(silent)) if values.is_empty() => values.push((id.clone(), silent)),
            (None, Some(silent)) if target.for_all_resources => {
                self.facts.entry((kind.name, fact.name)).or_default().otherwise =
                    Some(silent.into());
            }
            (None, Some(_)) => {
                let argument = format!("{}/{}=FILE", kind.name, fact.name);
                self.notes.push(format!(
                    "{}/{}: known only for the resources in {}; if that is the response for all resources, pass {argument}",
                    kind.name, fact.name, source.shown
                ));
            }
            _ => {}
        }
        for (id, value) in values {
            self.put(source, kind, fact, id, value.into())?;
        }
        Ok(())
    }

    /// Stores the value of a fact of a resource. Responses that contain a part of it each are
    /// merged.
    fn put(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        fact: &'static FactSpec,
        id: String,
        known: Fact<Value>,
    ) -> Result<(), ImportProblem> {
        let shown = text::one_line(&id, 100);
        let singleton = kind.list.is_empty().then(|| self.singleton_id(kind));
        let list = self.lists.entry(kind.name).or_default();
        match singleton {
            Some(only) if only != id => {
                return Err(ImportProblem::of(
                    &source.shown,
                    format!(
                        "the response is for `{shown}`, but the files are imported for `{only}`"
                    ),
                ));
            }
            Some(_) => {}
            None if list.listed && !list.resources.contains_key(&id) => {
                return Err(ImportProblem::of(
                    &source.shown,
                    format!(
                        "the response is for `{shown}`, which is missing from the list of `{}` resources",
                        kind.name
                    ),
                ));
            }
            None if list.listed => {}
            None if !identified_by_id_alone(kind) => return Err(no_list(source, kind, fact)),
            None => {}
        }
        if !list.resources.contains_key(&id) {
            let fields = Map::from_iter([(kind.id.to_owned(), Value::String(id.clone()))]);
            list.resources.insert(id.clone(), (fields, source.shown.clone()));
        }
        let entry = self.facts.entry((kind.name, fact.name)).or_default();
        let conflict = |file: &str| {
            let message = format!(
                "duplicate `{}/{}` of `{shown}`: {file} has a different value for it",
                kind.name, fact.name
            );
            Err(ImportProblem::of(&source.shown, message))
        };
        match (entry.by_id.get_mut(&id), known) {
            (None, known) => drop(entry.by_id.insert(id, (known, source.shown.clone()))),
            (Some((before, _)), known) if *before == known => {}
            (
                Some((Fact::Known(Value::Object(before)), file)),
                Fact::Known(Value::Object(more)),
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
    pub(super) fn singleton_id(&self, kind: &Kind) -> String {
        match kind.scope {
            Scope::Global => self.request.account.to_string(),
            Scope::Regional => self.request.region.to_string(),
        }
    }
}

/// The value of a fact that is not configured; `None` if AWS has no such response.
fn value_if_not_configured(kind: &Kind, fact: &FactSpec) -> Option<Value> {
    match fact.call.if_empty {
        EmptyResponse::Invalid => None,
        EmptyResponse::Absent => Some(Value::Null),
        EmptyResponse::Defaults if *of_fact(kind, fact) == ExpectedType::Bool => Some(json!(false)),
        EmptyResponse::Defaults => (fact.shape.normalize)(json!({})).ok(),
    }
}

/// The value, or null if it is empty and AWS means "not configured" by that.
fn absent_if_empty(fact: &FactSpec, value: Value) -> Value {
    let is_empty = match &value {
        Value::Object(map) => {
            map.is_empty()
                || (fact.shape.normalize)(value.clone()).is_ok_and(|value| {
                    (fact.shape.normalize)(json!({})).is_ok_and(|none| none == value)
                })
        }
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if is_empty && fact.call.if_empty == EmptyResponse::Absent { Value::Null } else { value }
}

fn no_list(source: &Source, kind: &Kind, fact: &FactSpec) -> ImportProblem {
    let command = kind.list.first().map_or_else(String::new, answers::cli_command);
    ImportProblem::of(
        &source.shown,
        format!(
            "the file contains `{0}/{1}`, but no file lists the `{0}` resources: also import the output of `{command}`",
            kind.name, fact.name
        ),
    )
}

fn cause(call: &ApiCall, error: &CliError) -> Cause {
    Cause::answered(call.name, &error.code, &error.message)
}
