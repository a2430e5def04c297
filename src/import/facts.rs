//! Reads facts from responses, and stores each for its resource.

use serde_json::{Value, json};

use super::answers::{self, FactLocation, locate, pick, within_item};
use super::assemble::{Assembly, cause};
use super::convert::Convert;
use super::error::{HOW_TO_DECLARE, ImportProblem};
use super::names::Name;
use super::place::{self, Place};
use super::recognize::Facts;
use super::source::{Content, Source};
use super::want::{ExpectedType, fold, identified_by_id_alone, of_fact};
use crate::facts::{EmptyResponse, Fact, FactSpec, Kind, is_absent};
use crate::model::{counted, text};

impl Assembly<'_> {
    /// Stores the facts of a response. If several kinds have such a fact, the list that has the
    /// resource decides.
    pub(super) fn facts(
        &mut self,
        source: &Source,
        content: Content,
        mut targets: Vec<Facts>,
    ) -> Result<(), ImportProblem> {
        self.resolve(&mut targets);
        let [target] = targets.as_slice() else {
            return Err(ImportProblem::of(
                &source.shown,
                format!(
                    "the imported lists do not show which resource the response is for; {HOW_TO_DECLARE}"
                ),
            ));
        };
        for fact in &target.facts {
            self.fact(source, target, fact, &content)?;
        }
        self.used.insert(target.kind.name);
        Ok(())
    }

    /// Of several kinds that have such a fact, keeps the one whose list has the resource. Of several
    /// resources that the name of the file can mean, the likeliest one in the list counts.
    pub(super) fn resolve(&self, targets: &mut Vec<Facts>) {
        for target in targets.iter_mut() {
            if let Some(id) = self.listed_reading(target.kind, &target.readings) {
                target.resource = Some(id);
            }
        }
        if targets.len() < 2 {
            return;
        }
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
                .retain(|facts| !self.is_listed(facts.kind) && identified_by_id_alone(facts.kind));
        }
    }

    pub(super) fn is_listed(&self, kind: &Kind) -> bool {
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
        if let Some(list) = self.lists.get(kind.name).filter(|list| list.error.is_some()) {
            let message = format!(
                "the file contains `{}/{}`, but the list of `{}` resources could not be read from {}",
                kind.name, fact.name, kind.name, list.file
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
                    None if !self.is_listed(kind) => return Err(no_list(source, kind, fact)),
                    None => self.put_otherwise(source, kind, fact, known)?,
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
            ImportProblem::of(
                &source.shown,
                format!("not a response from {}: missing `{name}`", fact.call.name),
            )
        };
        let unset = || match answers::is_silence(kind, fact, answer) {
            true => value_if_not_configured(kind, fact),
            false => None,
        };
        let value = match (found, expected) {
            (FactLocation::Missing(name), _) => unset().ok_or_else(|| nothing(&name))?,
            (FactLocation::At((at, value)), expected) => {
                convert.note_ignored(answers::unknown_fields(kind, &fact.call, answer));
                convert.value(expected, value, &at)?.ok_or_else(|| convert.nothing(&at, value))?
            }
            (FactLocation::WholeResponse, ExpectedType::Object(object)) => {
                let mut own = answer.clone();
                // The response names the resource beside the fact.
                if !object.fields.contains_key(&fold(kind.id)) {
                    own.retain(|key, _| fold(key) != fold(kind.id));
                }
                if own.iter().any(|(key, value)| !value.is_null() && answers::is_part(object, key))
                {
                    Value::Object(convert.object(object, &own, &Place::default(), false)?)
                } else {
                    unset().ok_or_else(|| {
                        ImportProblem::of(
                            &source.shown,
                            format!(
                                "the response has none of the fields of `{}/{}`",
                                kind.name, fact.name
                            ),
                        )
                    })?
                }
            }
            (FactLocation::WholeResponse, expected) => {
                let whole = Value::Object(answer.clone());
                convert
                    .value(expected, &whole, &Place::default())?
                    .ok_or_else(|| nothing(fact.name))?
            }
        };
        self.put(source, kind, fact, id, received(fact, value))
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
                let message = format!("not a response from {}: missing `{name}`", fact.call.name);
                return Err(problem(&Place::default(), message));
            }
        };
        let (place, pick) = pick(fact.call.answer);
        let (_, within) = within_item(place);
        // The resource in the name of the file; it can also be any word.
        let readings =
            Name::of(source.path.as_deref().filter(|_| source.declared.is_none())).readings;
        let by_name = self.listed_reading(kind, &readings);
        let mut is_named = items.is_empty();
        let mut named: Option<&str> = None;
        let mut values: Vec<(String, Value)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = at.item(index);
            let Value::Object(map) = item else {
                return Err(problem(&at, "expected object".to_owned()));
            };
            let Some(id) = answers::named_resource(kind, map) else {
                return Err(problem(&at, format!("missing `{}`", kind.id)));
            };
            if named.is_none() || by_name.as_deref() == Some(id) {
                named = Some(id);
            }
            if target.resource.as_ref().is_some_and(|only| only != id) {
                continue;
            }
            is_named = true;
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
                expected => convert
                    .value(expected, &item, &at)?
                    .ok_or_else(|| convert.nothing(&at, &item))?,
            };
            values.push((id.to_owned(), value));
        }
        if let (Some(by_name), Some(named)) = (by_name, named)
            && by_name != named
        {
            let message = format!(
                "the response is for `{}`, but the file's name says `{}`",
                text::one_line(named, 100),
                text::one_line(&by_name, 100)
            );
            return Err(problem(&Place::default(), message));
        }
        // What is not in the response of another resource is not known of this one.
        if let (Some(only), Some(named), false) = (&target.resource, named, is_named) {
            let by = if source.declared.is_some() { "declaration" } else { "name" };
            let message = format!(
                "the response is for `{}`, but the file's {by} says `{}`; if the file contains the response for all resources, pass {}/{}=FILE",
                text::one_line(named, 100),
                text::one_line(only, 100),
                kind.name,
                fact.name
            );
            return Err(problem(&Place::default(), message));
        }
        let listed = self.lists.get(kind.name);
        let is_known = |id: &String| listed.is_some_and(|list| list.resources.contains_key(id));
        if !self.is_listed(kind) && !identified_by_id_alone(kind) {
            return Err(no_list(source, kind, fact));
        }
        // Without the list, it is not known which resources are not in the response.
        if !self.is_listed(kind) && values.is_empty() && target.resource.is_none() {
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
        let mut failed = None;
        match (&target.resource, silent) {
            (Some(id), Some(silent)) if values.is_empty() => values.push((id.clone(), silent)),
            (None, Some(silent)) if target.for_all_resources => {
                let ids = values.iter().map(|(id, _)| id.clone()).collect();
                let entry = self.facts.entry((kind.name, fact.name)).or_default();
                entry.whole.push((source.shown.clone(), ids));
                failed = self.put_otherwise(source, kind, fact, silent.into()).err();
            }
            (_, None) if values.is_empty() => self.notes.push(format!(
                "{}/{}: {} contains no value for this fact",
                kind.name, fact.name, source.shown
            )),
            (None, Some(_)) => {
                let argument = format!("{}/{}=FILE", kind.name, fact.name);
                self.notes.push(format!(
                    "{}/{}: known only for the resources in {}; if this file is the response for all resources, pass {argument}",
                    kind.name, fact.name, source.shown
                ));
            }
            _ => {}
        }
        // The others count even if one contradicts another file, so that the order of the files has
        // no effect.
        for (id, value) in values {
            let problem = self.put(source, kind, fact, id, received(fact, value)).err();
            failed = failed.or(problem);
        }
        failed.map_or(Ok(()), Err)
    }

    /// Stores the value of a fact of all resources that no file names.
    fn put_otherwise(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        fact: &'static FactSpec,
        known: Fact<Value>,
    ) -> Result<(), ImportProblem> {
        let entry = self.facts.entry((kind.name, fact.name)).or_default();
        let Some((before, file)) = &mut entry.otherwise else {
            entry.otherwise = Some((known, source.shown.clone()));
            return Ok(());
        };
        if *before == known {
            return Ok(());
        }
        let problem = duplicate(source.shown.as_str(), kind, fact, "all resources", file);
        *before = Fact::Unreadable(problem.cause(fact.call.name));
        Err(problem)
    }

    /// Makes facts unreadable that contradict a file about all resources, which does not have them.
    pub(super) fn lose_contradictions(&mut self) {
        for ((kind, name), entry) in &mut self.facts {
            let Some(kind) = crate::facts::kind(kind) else { continue };
            let Some(fact) = kind.fact(name) else { continue };
            let Some(silent) = value_if_not_configured(kind, fact).map(Fact::from) else {
                continue;
            };
            for (file, ids) in &entry.whole {
                let differ = entry.by_id.iter_mut().filter(|(id, (known, other))| {
                    !ids.contains(*id)
                        && other != file
                        && *known != silent
                        && !matches!(known, Fact::Unreadable(_))
                });
                let mut differ = differ.peekable();
                let Some((id, (_, other))) = differ.peek() else { continue };
                let shown = format!("`{}`", text::one_line(id, 100));
                let problem = duplicate(file, kind, fact, &shown, other);
                for (_, (known, _)) in differ {
                    *known = Fact::Unreadable(problem.cause(fact.call.name));
                }
                self.left_out.push(problem);
            }
        }
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
        let list = self.lists.get(kind.name);
        let is_listed = list.is_some_and(|list| list.listed);
        let is_known = list.is_some_and(|list| list.resources.contains_key(&id));
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
            None if is_listed && !is_known => {
                return Err(ImportProblem::of(
                    &source.shown,
                    format!(
                        "the response is for `{shown}`, which is missing from the list of `{}` resources",
                        kind.name
                    ),
                ));
            }
            None if is_listed => {}
            None if !identified_by_id_alone(kind) => return Err(no_list(source, kind, fact)),
            None => {}
        }
        if !is_known {
            // Only now: an empty list would be taken for one without resources.
            self.lists.entry(kind.name).or_default().add(kind, &id, &source.shown);
        }
        let entry = self.facts.entry((kind.name, fact.name)).or_default();
        let Some((before, file)) = entry.by_id.get_mut(&id) else {
            entry.by_id.insert(id, (known, source.shown.clone()));
            return Ok(());
        };
        match (&mut *before, known) {
            (before, known) if *before == known => return Ok(()),
            (Fact::Known(Value::Object(before)), Fact::Known(Value::Object(more)))
                if is_read_in_parts(fact)
                    && more.iter().all(|(name, value)| {
                        before.get(name).is_none_or(|known| known == value)
                    }) =>
            {
                before.extend(more);
                file.push_str(", ");
                file.push_str(&source.shown);
                return Ok(());
            }
            _ => {}
        }
        let problem = duplicate(&source.shown, kind, fact, &format!("`{shown}`"), file);
        *before = Fact::Unreadable(problem.cause(fact.call.name));
        Err(problem)
    }
}

/// Two files that contradict each other about a fact.
fn duplicate(file: &str, kind: &Kind, fact: &FactSpec, shown: &str, other: &str) -> ImportProblem {
    let message = format!(
        "duplicate `{}/{}` of {shown}: {other} has a different value for it; keep the newer of the two files",
        kind.name, fact.name
    );
    ImportProblem::of(file, message)
}

/// Whether a response has a part of the fact: one attribute of several.
fn is_read_in_parts(fact: &FactSpec) -> bool {
    fact.call.name.ends_with("Attribute")
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

/// A fact as the response has it: unreadable if it lacks a field that AWS always sends.
fn received(fact: &FactSpec, value: Value) -> Fact<Value> {
    let missing = if value.is_null() { None } else { fact.call.missing(&value).next() };
    match missing {
        Some(path) => Fact::Unreadable(fact.call.lacks(path)),
        None => absent_if_empty(fact, value).into(),
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
