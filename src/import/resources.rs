//! Builds resources from the files: each with its imported facts; the other facts are unreadable.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::assemble::Assembly;
use super::error::{ImportError, ImportProblem};
use super::imported::Imported;
use super::source::REGION_FIELD;
use super::want::of_kind;
use crate::facts::{self, Fact, FactSpec, Identity, Kind, Scope};
use crate::model::{Cause, Extent, Gap, Region, Resource, text};
use crate::snapshot::Listed;

impl Assembly<'_> {
    /// Everything that was imported, or all problems.
    pub(super) fn finish(mut self) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        for (kind, list) in std::mem::take(&mut self.lists) {
            let Some(kind) = facts::kind(kind) else { continue };
            imported.demand.add_kind(kind.name);
            let listed_in = match kind.scope {
                Scope::Global => Region::global(),
                Scope::Regional => self.request.region.clone(),
            };
            if let Some(cause) = list.error {
                if list.listed {
                    self.problems.push(ImportProblem::of(
                        kind.name,
                        "one file contains the list, and another file contains an error from the list call",
                    ));
                }
                let extent = Extent::List { kind: kind.name.to_owned() };
                imported.gaps.push(Gap { region: listed_in, cause, extent });
                continue;
            }
            let asked: Vec<&'static FactSpec> = kind
                .facts
                .iter()
                .filter(|fact| self.facts.contains_key(&(kind.name, fact.name)))
                .collect();
            for fact in &asked {
                imported.demand.add_fact(kind.name, fact.name);
            }
            if !list.listed && !kind.list.is_empty() {
                self.notes.push(format!(
                    "{}: the list was not imported, so only resources with imported facts are included",
                    kind.name
                ));
            }
            let mut resources = Vec::with_capacity(list.resources.len());
            for (id, (fields, file)) in list.resources {
                match self.resource(kind, &asked, &id, fields, list.listed, &listed_in) {
                    Ok(resource) => resources.push(resource),
                    Err(problem) => self
                        .problems
                        .push(problem.unwrap_or_else(|message| ImportProblem::of(&file, message))),
                }
            }
            imported.gaps.extend(Gap::of_facts(kind.name, &resources));
            let facts = asked.iter().map(|fact| fact.name.to_owned()).collect::<BTreeSet<_>>();
            imported.lists.push((
                Listed {
                    kind: kind.name.to_owned(),
                    region: listed_in,
                    facts,
                    count: resources.len(),
                },
                resources,
            ));
        }
        for (kind, id) in self.regions.keys() {
            let known = imported.lists.iter().any(|(listed, resources)| {
                listed.kind == *kind && resources.iter().any(|one| one.id == *id)
            });
            if !known {
                self.notes.push(format!(
                    "{kind}: the region of `{}` is not used, since nothing else was imported for it",
                    text::one_line(id, 100)
                ));
            }
        }
        if !self.problems.is_empty() {
            return Err(ImportError(self.problems));
        }
        self.ignored.retain(|_, fields| !fields.is_empty());
        self.notes.sort();
        self.notes.dedup();
        Ok(Imported { ignored: self.ignored, notes: self.notes, ..imported })
    }

    fn resource(
        &self,
        kind: &'static Kind,
        asked: &[&'static FactSpec],
        id: &str,
        mut fields: Map<String, Value>,
        listed: bool,
        listed_in: &Region,
    ) -> Result<Resource, Result<ImportProblem, String>> {
        let mut unreadable = BTreeMap::new();
        let names = || {
            of_kind(kind)
                .object()
                .into_iter()
                .flat_map(|object| object.fields.values())
                .map(|field| field.name.as_str())
        };
        let mut region = listed_in.clone();
        // A global list has the region of each resource.
        if names().any(|name| name == REGION_FIELD) && kind.scope == Scope::Global {
            let from_list = fields
                .get(REGION_FIELD)
                .and_then(Value::as_str)
                .and_then(|from_list| from_list.parse::<Region>().ok());
            let from_list = from_list
                .filter(|from_list| !from_list.is_global())
                .or_else(|| self.regions.get(&(kind.name, id.to_owned())).cloned());
            region = from_list.unwrap_or_else(|| self.request.region.clone());
            fields.insert(REGION_FIELD.to_owned(), Value::String(region.to_string()));
        }
        if !listed && !kind.list.is_empty() {
            let unknown = names().filter(|name| !fields.contains_key(*name));
            unreadable
                .extend(unknown.map(|name| (name.to_owned(), not_imported(kind.list_call()))));
        }
        let identity =
            kind.identify(&fields, self.request.account, self.request.partition, listed_in);
        let Identity { id, arn, name } =
            identity.ok_or_else(|| Err(format!("{}: missing `{}`", kind.name, kind.id)))?;
        let mut resource = Resource {
            kind: kind.name.to_owned(),
            id,
            region,
            arn,
            name,
            facts: fields,
            unreadable,
        };
        for fact in asked {
            let state = self.imported_fact(kind, asked, fact, &resource.id);
            if let Fact::Known(value) = &state {
                self.check(kind, fact, &resource.id, value).map_err(Ok)?;
            }
            state.store(&mut resource, fact.name);
        }
        let normal = facts::normalize(resource).map_err(Err)?;
        normal.ok_or_else(|| Err(format!("unknown kind `{}`", kind.name)))
    }

    /// Checks that responses which contain a part of a fact each are complete together.
    fn check(
        &self,
        kind: &Kind,
        fact: &FactSpec,
        id: &str,
        value: &Value,
    ) -> Result<(), ImportProblem> {
        let Some(error) = (fact.shape.normalize)(value.clone()).err() else { return Ok(()) };
        let files = self
            .facts
            .get(&(kind.name, fact.name))
            .and_then(|entry| entry.by_id.get(id))
            .map_or("", |(_, files)| files);
        let shown = text::one_line(id, 100);
        Err(ImportProblem::of(
            files,
            format!(
                "`{}/{}` of `{shown}` is incomplete: {error}; also import the response with the rest of it",
                kind.name, fact.name
            ),
        ))
    }

    fn imported_fact(
        &self,
        kind: &Kind,
        asked: &[&'static FactSpec],
        fact: &FactSpec,
        id: &str,
    ) -> Fact<Value> {
        let entry = self.facts.get(&(kind.name, fact.name));
        let own = entry.and_then(|entry| {
            entry.by_id.get(id).map(|(known, _)| known).or(entry.otherwise.as_ref())
        });
        own.cloned().unwrap_or_else(|| {
            // A fact that is absent because of another fact need not be imported.
            let leader =
                fact.settled_by().and_then(|name| asked.iter().find(|one| one.name == name));
            let settling = leader.map(|leader| self.imported_fact(kind, &[], leader, id));
            if settling.is_some_and(|settling| fact.is_absent_by(&settling.as_ref())) {
                Fact::Absent
            } else {
                Fact::Unreadable(not_imported(fact.call.name))
            }
        })
    }
}

fn not_imported(call: &str) -> Cause {
    Cause::new(call, Cause::NOT_COLLECTED, "not in any imported file")
}
