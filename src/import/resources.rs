//! Builds resources from the files: each with its imported facts; the other facts are unreadable.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::assemble::{Assembly, two_regions};
use super::error::{ImportError, ImportProblem};
use super::imported::Imported;
use super::want::of_kind;
use crate::facts::{self, Fact, FactSpec, Identity, Kind, REGION_FIELD, Scope, outermost};
use crate::model::{Cause, Extent, Gap, Region, Resource, counted, text};
use crate::snapshot::Listed;

/// Why a list is incomplete that has only the resources with imported facts.
const LIST_NOT_IMPORTED: &str = "the list was not imported";

impl Assembly<'_> {
    /// Everything that was imported. If nothing was, or the command line is wrong: all problems.
    pub(super) fn finish(mut self) -> Result<Imported, ImportError> {
        if self.used.is_empty() || self.left_out.iter().any(|problem| problem.fatal) {
            return Err(ImportError(self.left_out));
        }
        self.lose_lists();
        self.lose_contradictions();
        self.lose_facts();
        let mut imported = Imported::default();
        for (kind, mut list) in std::mem::take(&mut self.lists) {
            let Some(kind) = facts::kind(kind) else { continue };
            list.listed |= list.error.take_if(|cause| facts::is_not_offered(cause)).is_some();
            // Nothing is known of a kind of which nothing was imported.
            if !list.listed && list.error.is_none() && list.resources.is_empty() {
                continue;
            }
            imported.demand.add_kind(kind.name);
            let listed_in = match kind.scope {
                Scope::Global | Scope::Account => Region::global(),
                Scope::Regional => self.request.region.clone(),
            };
            if let Some(cause) = list.error {
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
            let mut invalid = None;
            for (id, (fields, file)) in list.resources {
                let entry = (fields, file.as_str());
                match self.resource(kind, &asked, &id, entry, list.listed, &listed_in) {
                    Ok(resource) => resources.push(resource),
                    Err(message) => invalid = Some(ImportProblem::of(&file, message)),
                }
            }
            if let Some(problem) = invalid {
                let cause = problem.cause(kind.list_call());
                let extent = Extent::List { kind: kind.name.to_owned() };
                imported.gaps.push(Gap { region: listed_in, cause, extent });
                self.left_out.push(problem);
                continue;
            }
            if !list.listed && !kind.list.is_empty() {
                // The resources are evaluated, but they need not be all.
                let cause = Cause::new(kind.list_call(), Cause::NOT_COLLECTED, LIST_NOT_IMPORTED);
                let extent = Extent::List { kind: kind.name.to_owned() };
                imported.gaps.push(Gap { region: listed_in.clone(), cause, extent });
            }
            self.note_missing(kind, &resources);
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
                    "{kind}: the region of `{}` is not used, because nothing else was imported for this resource",
                    text::one_line(id, 100)
                ));
            }
        }
        if imported.lists.is_empty() && imported.gaps.is_empty() && !self.left_out.is_empty() {
            return Err(ImportError(self.left_out));
        }
        self.ignored.retain(|_, fields| !fields.is_empty());
        self.notes.sort();
        self.notes.dedup();
        let left_out = self.left_out.iter().map(ToString::to_string).collect();
        Ok(Imported { ignored: self.ignored, notes: self.notes, left_out, ..imported })
    }

    /// Notes which fields that AWS always sends are missing, and of how many resources.
    fn note_missing(&mut self, kind: &Kind, resources: &[Resource]) {
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in resources {
            let lost = |(_, cause): &(&String, &Cause)| {
                cause.call == kind.list_call() && cause.code == Cause::INVALID_RESPONSE
            };
            // A fact is unreadable for its own reason, such as two files that contradict each other.
            let is_field = |name: &str| name != REGION_FIELD && kind.fact(name).is_none();
            let fields = resource.unreadable.iter().filter(|(name, _)| is_field(name));
            for (field, _) in fields.filter(lost) {
                *missing.entry(field).or_default() += 1;
            }
            let region = resource.unreadable.get(REGION_FIELD);
            if region.is_some_and(|cause| cause.code == Cause::NOT_COLLECTED) {
                *missing.entry(REGION_FIELD).or_default() += 1;
            }
        }
        for (field, count) in missing {
            let help = if field == REGION_FIELD {
                "also import the output of `aws s3api get-bucket-location`, as get-bucket-location.BUCKET.json"
            } else {
                "AWS always returns this field, so rerun the AWS CLI command without `--query`"
            };
            self.notes.push(format!(
                "{}: `{field}` of {} is not in the imported files, so the field counts as unreadable; {help}",
                kind.name,
                counted(count, "resource")
            ));
        }
    }

    fn resource(
        &mut self,
        kind: &'static Kind,
        asked: &[&'static FactSpec],
        id: &str,
        (mut fields, file): (Map<String, Value>, &str),
        listed: bool,
        listed_in: &Region,
    ) -> Result<Resource, String> {
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
            let from_list = from_list.filter(|from_list| !from_list.is_global());
            let call = kind.list.get(1).map_or(kind.list_call(), |call| call.name);
            let known = match (from_list, self.regions.get(&(kind.name, id.to_owned()))) {
                (Some(from_list), Some((Ok(own), other))) if from_list != *own => {
                    let problem = two_regions(kind, id, other, file);
                    let cause = problem.cause(call);
                    self.left_out.push(problem);
                    Err(cause)
                }
                (_, Some((known, _))) => known.clone(),
                (Some(from_list), None) => Ok(from_list),
                (None, None) => Err(not_imported(call)),
            };
            match known {
                Ok(known) => {
                    fields.insert(REGION_FIELD.to_owned(), Value::String(known.to_string()));
                    region = known;
                }
                Err(cause) => {
                    // As in a scan, a bucket without a known region is in `global`.
                    region = Region::global();
                    fields.remove(REGION_FIELD);
                    unreadable.insert(REGION_FIELD.to_owned(), cause);
                }
            }
        }
        if let Some(call) = kind.list.first().filter(|_| listed) {
            let item = Value::Object(std::mem::take(&mut fields));
            for path in call.missing_in_file(&item) {
                unreadable.entry(outermost(path).to_owned()).or_insert_with(|| call.lacks(path));
            }
            let Value::Object(item) = item else { return Err("expected object".to_owned()) };
            fields = item;
            // Without the owner, the ARN would be that of a resource of this account.
            let is_lost =
                |name: &&str| names().any(|own| own == *name) && !fields.contains_key(*name);
            for name in kind.arn_fields().filter(is_lost) {
                unreadable.entry(name.to_owned()).or_insert_with(|| call.lacks(name));
            }
        }
        if !listed && !kind.list.is_empty() {
            for name in names().filter(|name| !fields.contains_key(*name)) {
                let cause = || not_imported(kind.list_call());
                unreadable.entry(name.to_owned()).or_insert_with(cause);
            }
        }
        let identity =
            kind.identify(&fields, self.request.account, self.request.partition, listed_in);
        let Identity { id, arn, name } =
            identity.ok_or_else(|| format!("{}: missing `{}`", kind.name, kind.id))?;
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
            let state = match &state {
                Fact::Known(value) => match self.incomplete(kind, fact, &resource.id, value) {
                    Some(problem) => {
                        let cause = problem.cause(fact.call.name);
                        self.left_out.push(problem);
                        Fact::Unreadable(cause)
                    }
                    None => state,
                },
                _ => state,
            };
            state.store(&mut resource, fact.name);
        }
        let normal = facts::normalize(resource)?;
        normal.ok_or_else(|| format!("unknown kind `{}`", kind.name))
    }

    /// Why responses which contain a part of a fact each are incomplete together, if they are.
    fn incomplete(
        &self,
        kind: &Kind,
        fact: &FactSpec,
        id: &str,
        value: &Value,
    ) -> Option<ImportProblem> {
        let error = (fact.shape.normalize)(value.clone()).err()?;
        let files = self
            .facts
            .get(&(kind.name, fact.name))
            .and_then(|entry| entry.by_id.get(id))
            .map_or("", |(_, files)| files);
        let shown = text::one_line(id, 100);
        Some(ImportProblem::of(
            files,
            format!(
                "`{}/{}` of `{shown}` is incomplete: {error}; also import the response that contains the missing part",
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
            let otherwise = entry.otherwise.as_ref();
            entry.by_id.get(id).or(otherwise).map(|(known, _)| known)
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
