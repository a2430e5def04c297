//! Leaves out files that cannot be used. What they should have contained is unreadable, so that no
//! verdict is based on the rest alone.

use super::answers::Part;
use super::assemble::{Assembly, Lost};
use super::error::ImportProblem;
use super::names::Name;
use super::recognize::{Facts, Target};
use super::source::{DeclaredPart, Source};
use super::want::identified_by_id_alone;
use crate::facts::{Fact, Kind};

impl Assembly<'_> {
    /// Leaves out a file whose content could not be recognized. What it should have contained is
    /// known from its declaration or its name.
    pub(super) fn leave_out_source(&mut self, source: &Source, problem: ImportProblem) {
        let mut facts: Vec<Facts> = Vec::new();
        for target in intended(source) {
            match target {
                Target::List(kind) => self.lose_list(kind, &problem),
                Target::Field(..) => {}
                Target::Facts(one) => match facts.iter_mut().find(|same| same.kind == one.kind) {
                    Some(same) => same.facts.extend(one.facts),
                    None => facts.push(one),
                },
            }
        }
        self.leave_out(vec![facts], problem);
    }

    /// Leaves out a file that contains a list.
    pub(super) fn leave_out_list(&mut self, kind: &'static Kind, problem: ImportProblem) {
        self.lose_list(kind, &problem);
        self.leave_out(Vec::new(), problem);
    }

    /// Leaves out a file that is named after another region.
    pub(super) fn leave_out_region(&mut self, targets: Vec<Target>, problem: ImportProblem) {
        let mut facts = Vec::new();
        for target in targets {
            match target {
                Target::List(kind) => self.foreign.push((kind, problem.clone())),
                Target::Field(..) => {}
                Target::Facts(one) => facts.push(one),
            }
        }
        self.leave_out(vec![facts], problem);
    }

    /// Makes the lists in files of other regions unreadable, even if another file has such a list:
    /// if the name is wrong, that list is only a part.
    pub(super) fn lose_lists(&mut self) {
        for (kind, problem) in std::mem::take(&mut self.foreign) {
            let was_used = self.used.contains(kind.name);
            self.lose_list(kind, &problem);
            if was_used {
                self.used.insert(kind.name);
            }
        }
    }

    /// Leaves out a file that contains facts.
    pub(super) fn leave_out(&mut self, facts: Vec<Vec<Facts>>, problem: ImportProblem) {
        let facts = facts.into_iter().filter(|targets| !targets.is_empty());
        self.lost.extend(facts.map(|targets| Lost { targets, problem: problem.clone() }));
        self.left_out.push(problem);
    }

    fn lose_list(&mut self, kind: &'static Kind, problem: &ImportProblem) {
        let Some(call) = kind.list.first() else { return };
        let list = self.lists.entry(kind.name).or_default();
        list.error = Some(problem.cause(call.name));
        list.file.clone_from(&problem.file);
        list.listed = false;
        list.resources.clear();
        self.used.remove(kind.name);
    }

    /// Makes the facts in files that were left out unreadable, unless another file contains them.
    pub(super) fn lose_facts(&mut self) {
        for Lost { mut targets, problem } in std::mem::take(&mut self.lost) {
            self.resolve(&mut targets);
            let [target] = targets.as_slice() else { continue };
            let kind = target.kind;
            // A file about another account than that of the import is about nothing else.
            let singleton = kind.list.is_empty().then(|| self.singleton_id(kind));
            let resource = singleton.or_else(|| target.resource.clone());
            for fact in &target.facts {
                let unreadable = Fact::Unreadable(problem.cause(fact.call.name));
                match &resource {
                    Some(id) => {
                        let list = self.lists.get(kind.name);
                        let is_known = list.is_some_and(|list| list.resources.contains_key(id));
                        let has_error = list.is_some_and(|list| list.error.is_some());
                        let is_listed = list.is_some_and(|list| list.listed);
                        if has_error || (!is_known && (is_listed || !identified_by_id_alone(kind)))
                        {
                            continue;
                        }
                        if !is_known {
                            // Only now: an empty list would be taken for one without resources.
                            let list = self.lists.entry(kind.name).or_default();
                            list.add(kind, id, &problem.file);
                        }
                        let entry = self.facts.entry((kind.name, fact.name)).or_default();
                        entry
                            .by_id
                            .entry(id.clone())
                            .or_insert_with(|| (unreadable, problem.file.clone()));
                    }
                    None if self.is_listed(kind) => {
                        let entry = self.facts.entry((kind.name, fact.name)).or_default();
                        entry.otherwise = Some((unreadable, problem.file.clone()));
                    }
                    None => {}
                }
            }
        }
    }
}

/// What a file should contain according to its declaration or its name.
fn intended(source: &Source) -> Vec<Target> {
    let facts = |kind, fact, resource: Option<String>, readings, for_all_resources| {
        Target::Facts(Facts { kind, facts: vec![fact], resource, readings, for_all_resources })
    };
    if let Some(declared) = &source.declared {
        let resource = declared.resource.clone();
        return match declared.part {
            DeclaredPart::List => vec![Target::List(declared.kind)],
            DeclaredPart::Fact(fact) => {
                let for_all = resource.is_none();
                vec![facts(declared.kind, fact, resource, Vec::new(), for_all)]
            }
            DeclaredPart::Field(_) => Vec::new(),
        };
    }
    let name = Name::of(source.path.as_deref());
    let target = |one: super::answers::Candidate| match one.part {
        Part::List => Some(Target::List(one.kind)),
        // Without its resource, the file could be about any, so nothing is known of all.
        Part::Fact(fact) => {
            Some(facts(one.kind, fact, name.resource.clone(), name.readings.clone(), false))
        }
        Part::Field => None,
    };
    name.candidates().into_iter().filter_map(target).collect()
}
