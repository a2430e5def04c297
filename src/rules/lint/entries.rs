//! What the functions of a script read and call, and which of them `check` and `fix` call, directly or
//! indirectly.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Position;

use crate::fixes::FixClass;
use crate::rules::language::script::Script;

/// What a function reads and calls.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Facts, with their kinds.
    pub(crate) facts: BTreeSet<(&'static str, String)>,
    /// Properties of values of unknown type.
    pub(crate) properties: BTreeSet<String>,
    /// Kinds that are looked up with `related` or a helper.
    pub(crate) related: BTreeSet<&'static str>,
    /// Whether `related` is called with a kind that is not a literal.
    pub(crate) any_related: bool,
    /// Kinds of resources that are passed to code that inference cannot follow.
    pub(crate) escaped_kinds: BTreeSet<&'static str>,
    pub(crate) params: BTreeSet<String>,
    /// Whether `params` as a whole is passed to code that inference cannot follow.
    pub(crate) params_escape: bool,
    /// The functions of the script that it calls, by index.
    pub(crate) calls: BTreeSet<usize>,
    /// The classes of the fixes that it creates, with the first position of each.
    pub(crate) classes: BTreeMap<FixClass, Position>,
}

impl Reads {
    fn merge(&mut self, other: &Self) {
        self.facts.extend(other.facts.iter().cloned());
        self.properties.extend(other.properties.iter().cloned());
        self.related.extend(&other.related);
        self.any_related |= other.any_related;
        self.escaped_kinds.extend(&other.escaped_kinds);
        self.params.extend(other.params.iter().cloned());
        self.params_escape |= other.params_escape;
        self.calls.extend(&other.calls);
        for (class, position) in &other.classes {
            self.classes.entry(*class).or_insert(*position);
        }
    }

    pub(crate) fn reads_param(&self, name: &str) -> bool {
        self.params_escape || self.params.contains(name) || self.properties.contains(name)
    }

    pub(crate) fn reads_fact(&self, kind: &str, fact: &str) -> bool {
        self.facts.iter().any(|(of, name)| *of == kind && name == fact)
            || self.properties.contains(fact)
            || self.escaped_kinds.contains(kind)
    }

    pub(crate) fn looks_up(&self, kind: &str) -> bool {
        self.any_related || self.related.contains(kind)
    }
}

/// What each function of a script reads, by its index.
#[derive(Debug, Default)]
pub(crate) struct ReadsByFunction(BTreeMap<usize, Reads>);

impl ReadsByFunction {
    /// Takes what is known of a function.
    pub(crate) fn take(&mut self, function: usize) -> Reads {
        self.0.remove(&function).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, function: usize, reads: Reads) {
        self.0.insert(function, reads);
    }

    /// The functions that an entry function calls, and itself; none if the script does not have it.
    pub(crate) fn reached_from(&self, script: &Script, entry: &str) -> BTreeSet<usize> {
        let mut open: Vec<usize> = script.find(entry, 2).into_iter().collect();
        let mut reached: BTreeSet<usize> = open.iter().copied().collect();
        while let Some(caller) = open.pop() {
            let called = self.0.get(&caller).into_iter().flat_map(|reads| &reads.calls);
            open.extend(called.copied().filter(|to| reached.insert(*to)));
        }
        reached
    }

    /// What an entry function reads, including what it calls.
    pub(crate) fn of_entry(&self, script: &Script, entry: &str) -> Reads {
        let mut all = Reads::default();
        for function in self.reached_from(script, entry) {
            self.0.get(&function).into_iter().for_each(|reads| all.merge(reads));
        }
        all
    }

    /// Whether `fix` calls a function and `check` does not.
    pub(crate) fn is_of_fix_only(&self, script: &Script, function: usize) -> bool {
        let reaches = |entry| self.reached_from(script, entry).contains(&function);
        reaches("fix") && !reaches("check")
    }
}
