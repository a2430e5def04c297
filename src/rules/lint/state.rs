//! What is known on one code path, and what is needed to find what is known of a value there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, FnCallExpr, Position};

use super::literal::Literal;
use super::natives::Natives;
use super::parts::{Facts, Paths, ends_after, meet, prefixed};
use super::paths::{Segment, segments, text_of};
use crate::rules::language::script::Script;
use crate::rules::values::recorder::Place;

/// `path ?? value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WithDefault {
    pub(super) path: String,
    pub(super) value: Option<Literal>,
}

/// A variable on one code path.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Variable {
    /// The path that it is a copy of; checking one checks the other.
    pub(super) path: Option<String>,
    /// The parts that can be `()`, if their paths were not checked; the empty path is the variable.
    pub(super) absent: Paths,
    /// For a bool: what is known if it is `true`, and if it is `false`.
    pub(super) facts: [Paths; 2],
    /// What is known if it is `()` or an empty list.
    pub(super) none: Paths,
    /// What is known if it is not `()`.
    pub(super) some: Paths,
    pub(super) default: Option<WithDefault>,
}

/// What is known on one code path.
#[derive(Clone, Default, PartialEq)]
pub(super) struct State {
    pub(super) known: Paths,
    pub(super) variables: BTreeMap<String, Variable>,
}

impl State {
    pub(super) fn declare(&mut self, name: &str, variable: Variable) {
        let is_of = |path: &String| {
            path.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '(', '*']))
        };
        // Copies of the former value keep what was known of it.
        let mut copied = Paths::new();
        for (other, copy) in &mut self.variables {
            if let Some(path) = copy.path.take_if(|path| is_of(path)) {
                let ends = ends_after(&self.known, &path);
                copied.extend(ends.into_iter().map(|end| format!("{other}{end}")));
            }
            copy.facts.iter_mut().for_each(|facts| facts.retain(|path| !is_of(path)));
            copy.none.retain(|path| !is_of(path));
            copy.some.retain(|path| !is_of(path));
        }
        self.known.extend(copied);
        self.known.retain(|path| !is_of(path));
        self.variables.insert(name.to_owned(), variable);
    }

    /// The path of an expression, with variables replaced by what they are copies of.
    pub(super) fn path(&self, expression: &Expr) -> Option<String> {
        self.path_of(&segments(expression))
    }

    /// After a scope that declared this name: it is the outer variable again.
    pub(super) fn restore(&mut self, name: &str, outside: &Self) {
        match outside.variables.get(name) {
            Some(variable) => {
                self.declare(name, variable.clone());
                let ends = ends_after(&outside.known, name);
                self.known.extend(ends.into_iter().map(|end| format!("{name}{end}")));
            }
            None => {
                self.declare(name, Variable::default());
                self.variables.remove(name);
            }
        }
    }

    /// What is known after either of two code paths.
    pub(super) fn join(&self, other: &Self) -> Self {
        let mut variables = BTreeMap::new();
        let mut known = meet(&self.known, &other.known);
        for (name, one) in &self.variables {
            let Some(two) = other.variables.get(name) else { continue };
            let facts = self.value(name).either(&other.value(name));
            let path = one.path.clone().filter(|_| one.path == two.path);
            // A variable that is a copy on one of them only.
            if path.is_none() && (one.path.is_some() || two.path.is_some()) {
                known.extend(facts.checked.iter().map(|end| format!("{name}{end}")));
            }
            let variable = Variable {
                path,
                absent: facts.absent,
                facts: [meet(&one.facts[0], &two.facts[0]), meet(&one.facts[1], &two.facts[1])],
                none: meet(&one.none, &two.none),
                some: meet(&one.some, &two.some),
                default: one.default.clone().filter(|_| one.default == two.default),
            };
            variables.insert(name.clone(), variable);
        }
        Self { known, variables }
    }
}

impl State {
    /// What is known of a variable.
    pub(super) fn value(&self, name: &str) -> Facts {
        let variable = self.variables.get(name);
        let absent = variable.map(|variable| variable.absent.clone()).unwrap_or_default();
        let mut checked = ends_after(&self.known, name);
        if let Some(path) = variable.and_then(|variable| variable.path.as_ref()) {
            checked.extend(ends_after(&self.known, path));
        }
        Facts { checked: Paths::new(), absent }.check(checked)
    }

    /// Declares a variable with this value.
    pub(super) fn set(&mut self, name: &str, facts: Facts) {
        let variable = Variable { absent: facts.absent, ..Default::default() };
        self.declare(name, variable);
        self.known.extend(prefixed(name, &facts.checked));
    }

    /// The path of a chain, with variables replaced by what they are copies of.
    pub(super) fn path_of(&self, chain: &[Segment<'_>]) -> Option<String> {
        let path = text_of(chain)?;
        let end = path.find(['.', '[', '(']).unwrap_or(path.len());
        let (root, rest) = path.split_at(end);
        let copied = self.variables.get(root).and_then(|variable| variable.path.as_ref());
        Some(copied.map_or_else(|| path.clone(), |copied| format!("{copied}{rest}")))
    }
}

/// Finds what is known of values and conditions.
pub(super) struct Reader<'a> {
    pub(super) script: &'a Script,
    pub(super) natives: &'a Natives,
    /// Where the script reads fields that can be absent.
    pub(super) optional: &'a BTreeSet<Place>,
    /// Those of them that AWS always sends.
    pub(super) sent: &'a BTreeSet<Place>,
    /// What is known of the results of functions so far.
    pub(super) results: BTreeMap<usize, Facts>,
    /// What functions say about their parameters as conditions, by function and result.
    pub(super) conditions: RefCell<BTreeMap<(usize, bool), Option<Paths>>>,
}

impl Reader<'_> {
    pub(super) fn is_optional(&self, position: Position) -> bool {
        Place::of(position).is_some_and(|place| self.optional.contains(&place))
    }

    pub(super) fn is_sent(&self, position: Position) -> bool {
        Place::of(position).is_some_and(|place| self.sent.contains(&place))
    }

    pub(super) fn learn(&self, state: &mut State, condition: &Expr, holds: bool) {
        state.known.extend(self.facts(condition, holds, state));
    }

    /// Whether a built-in function ends the evaluation with an error if this argument is `()`.
    pub(super) fn refuses(&self, call: &FnCallExpr, at: usize, count: usize) -> bool {
        let name = call.name.as_str();
        // `() in list` is `false`.
        name != "contains"
            && self.script.find(name, call.args.len()).is_none()
            && self.natives.refuses_nil(name, at, count)
    }
}

/// Whether an array function passes an item of its list as this parameter of the closure.
pub(super) fn is_item(array_function: &str, number: usize) -> bool {
    match array_function {
        "" => false,
        "sort" => number < 2,
        "reduce" => number == 1,
        _ => number == 0,
    }
}
