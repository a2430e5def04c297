//! What conditions say about values that may be absent.

use rhai::{Expr, FnCallExpr, Stmt};

use super::constant::{number, swapped};
use super::literal::Literal;
use super::parts::{Facts, ITEMS, MAX_FACTS, Paths, meet, with_containers};
use super::paths::{Segment, field, segments};
use super::state::{Reader, State, Variable, WithDefault};
use super::work;
use crate::rules::helpers::helpers;
use crate::rules::language::script::Function;

impl Reader<'_> {
    /// The paths that are not `()` if a condition has this result.
    pub(super) fn facts(&self, condition: &Expr, holds: bool, state: &State) -> Paths {
        with_containers(self.facts_of(condition, holds, state))
    }

    fn facts_of(&self, condition: &Expr, holds: bool, state: &State) -> Paths {
        match condition {
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                let all = parts.iter().map(|part| self.facts(part, holds, state));
                if matches!(condition, Expr::And(..)) == holds {
                    all.flatten().collect()
                } else {
                    all.reduce(|known, more| meet(&known, &more)).unwrap_or_default()
                }
            }
            Expr::Variable(variable, ..) => {
                let known = state.variables.get(variable.1.as_str());
                let mut facts =
                    known.map(|known| known.facts[usize::from(!holds)].clone()).unwrap_or_default();
                facts.extend(state.path(condition));
                facts
            }
            Expr::Dot(..) | Expr::Index(..) => {
                // A condition that is not a bool is an error, so it is not absent either way.
                let mut facts: Paths = state.path(condition).into_iter().collect();
                if let [before @ .., Segment::Method(call, _)] = segments(condition).as_slice() {
                    let receiver = (!before.is_empty()).then_some(before);
                    facts.extend(self.call_facts(call, receiver, holds, state));
                }
                facts
            }
            Expr::FnCall(call, _) => self.call_facts(call, None, holds, state),
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Expr(inner)] => self.facts(inner, holds, state),
                _ => Paths::new(),
            },
            _ => Paths::new(),
        }
    }

    /// The same for a call. `receiver`: what is before the dot.
    pub(super) fn call_facts(
        &self,
        call: &FnCallExpr,
        receiver: Option<&[Segment<'_>]>,
        holds: bool,
        state: &State,
    ) -> Paths {
        let mut facts = self.facts_of_call(call, receiver, holds, state);
        facts.extend(self.first_items(call, receiver, holds, state));
        with_containers(facts)
    }

    fn facts_of_call(
        &self,
        call: &FnCallExpr,
        receiver: Option<&[Segment<'_>]>,
        holds: bool,
        state: &State,
    ) -> Paths {
        work::step();
        let name = call.name.as_str();
        let path = |expression: &Expr| state.path(expression);
        let before = receiver.map(|receiver| state.path_of(receiver));
        let given: Vec<Option<String>> =
            before.clone().into_iter().chain(call.args.iter().map(path)).collect();
        match (name, &call.args[..]) {
            ("!", [inner]) => self.facts(inner, !holds, state),
            ("==" | "!=", [a, b]) => {
                let mut facts = self.equality(a, b, (name == "==") == holds, state);
                facts.extend(self.equality(b, a, (name == "==") == holds, state));
                facts.extend(self.of_default(a, b, name, holds, state));
                facts.extend(self.of_default(b, a, name, holds, state));
                facts
            }
            // An error if one is absent, whatever the result.
            ("<" | "<=" | ">" | ">=", [a, b]) => {
                let mut facts: Paths = [a, b].into_iter().filter_map(path).collect();
                facts.extend(self.of_default(a, b, name, holds, state));
                facts.extend(self.of_default(b, a, swapped(name), holds, state));
                facts.extend(self.of_length(a, b, name, holds, state));
                facts
            }
            ("is_configured", args) if holds => {
                let implied = args.iter().flat_map(|value| self.if_some(value, state));
                given.into_iter().flatten().chain(implied).collect()
            }
            ("contains" | "has_tag", _) if holds => {
                let mut facts: Paths = given.iter().flatten().cloned().collect();
                // `"Owner" in tags`: the key.
                let (map, key) = match (&before, &call.args[..]) {
                    (Some(map), [key, ..]) => (map.clone(), Some(key)),
                    (None, [map, key, ..]) => (path(map), Some(key)),
                    _ => (None, None),
                };
                if let (Some(map), Some(Expr::StringConstant(key, _))) = (map, key) {
                    facts.insert(format!("{map}{}", field(key)));
                }
                facts
            }
            ("all", _) if holds => self.of_all_items(call, receiver, true, state),
            ("some", _) if !holds => self.of_all_items(call, receiver, false, state),
            ("none", _) if holds => self.of_all_items(call, receiver, false, state),
            ("is_empty", args) if holds => match (receiver, args) {
                (Some(list), _) => self.if_none(list, state),
                (None, [list]) => self.if_none(&segments(list), state),
                _ => Paths::new(),
            },
            _ => match self.script.find(name, call.args.len()) {
                Some(function) => {
                    let passed: Vec<Option<String>> = call.args.iter().map(path).collect();
                    self.function_facts(function, &passed, holds)
                }
                // `glob_matches("a*", ())` is `false`.
                None if holds => {
                    let optional = optional_params(name, given.len());
                    let checked = given.into_iter().zip(optional);
                    checked.filter_map(|(path, optional)| path.filter(|_| optional)).collect()
                }
                None => Paths::new(),
            },
        }
    }

    /// What `a == b`, or if it does not hold, `a != b` says about `a`.
    fn equality(&self, a: &Expr, b: &Expr, equal: bool, state: &State) -> Paths {
        // `type_of(x) == "i64"`, `type_of(x) != "()"`.
        if let (Expr::FnCall(inner, _), Expr::StringConstant(kind, _)) = (a, b)
            && inner.name == "type_of"
        {
            let of = inner.args.first().and_then(|of| state.path(of));
            return of.filter(|_| (kind.as_str() == "()") != equal).into_iter().collect();
        }
        match b {
            Expr::Unit(_) if equal => self.if_none(&segments(a), state),
            Expr::Unit(_) => state.path(a).into_iter().chain(self.if_some(a, state)).collect(),
            // `x.f == true` says what is known if `x.f` holds; `f(x) != true` what is known if it
            // does not.
            Expr::BoolConstant(value, _) if equal => {
                let mut facts = self.facts(a, *value, state);
                facts.extend(state.path(a));
                facts
            }
            Expr::BoolConstant(value, _) if !self.may_be_absent(a, state) => {
                self.facts(a, !*value, state)
            }
            Expr::IntegerConstant(..) => {
                let operator = if equal { "==" } else { "!=" };
                let mut facts = self.of_length(a, b, operator, true, state);
                facts.extend(state.path(a).filter(|_| equal));
                facts
            }
            other if equal && !self.may_be_absent(other, state) => {
                state.path(a).into_iter().chain(self.if_some(a, state)).collect()
            }
            _ => Paths::new(),
        }
    }

    /// `x ?? default`, or a variable with this value.
    pub(super) fn with_default(&self, expression: &Expr, state: &State) -> Option<WithDefault> {
        match expression {
            Expr::Coalesce(parts, _) => match &parts[..] {
                [first, default] => {
                    Some(WithDefault { path: state.path(first)?, value: Literal::of(default) })
                }
                _ => None,
            },
            Expr::Variable(variable, ..) => {
                state.variables.get(variable.1.as_str())?.default.clone()
            }
            _ => None,
        }
    }

    /// What comparing `x ?? default` says about `x`: the default would have another result. If that
    /// is unknown, `x` counts as checked.
    fn of_default(
        &self,
        a: &Expr,
        b: &Expr,
        operator: &str,
        holds: bool,
        state: &State,
    ) -> Option<String> {
        let known = self.with_default(a, state)?;
        let by_default = match (known.value, Literal::of(b)) {
            (Some(default), Some(limit)) => Literal::compare(operator, &default, &limit),
            _ => None,
        };
        (by_default != Some(holds)).then_some(known.path)
    }

    /// What the length of a list of items that were found says: `list.filter(…).len() == 0`.
    fn of_length(&self, a: &Expr, b: &Expr, operator: &str, holds: bool, state: &State) -> Paths {
        let Some(limit) = number(b) else { return Paths::new() };
        let (zero, one) = (Literal::Number(0.0), Literal::Number(1.0));
        let result = |length: &Literal| Literal::compare(operator, length, &Literal::Number(limit));
        // Whether the list is empty exactly if the condition has this result.
        if result(&zero) != Some(holds) || result(&one) == Some(holds) {
            return Paths::new();
        }
        match segments(a).as_slice() {
            [list @ .., Segment::Method(call, _)] if call.name == "len" => {
                self.if_none(list, state)
            }
            [list @ .., Segment::Property("len", ..)] => self.if_none(list, state),
            [Segment::First(Expr::FnCall(call, _))] if call.name == "len" => call
                .args
                .first()
                .map(|list| self.if_none(&segments(list), state))
                .unwrap_or_default(),
            _ => Paths::new(),
        }
    }

    /// What it says that nothing was found: `list.find(…) == ()`, `list.filter(…).is_empty()`.
    pub(super) fn if_none(&self, found: &[Segment<'_>], state: &State) -> Paths {
        match found {
            [Segment::First(Expr::Variable(variable, ..))] => state
                .variables
                .get(variable.1.as_str())
                .map(|variable| variable.none.clone())
                .unwrap_or_default(),
            [Segment::First(Expr::FnCall(call, _))]
                if matches!(call.name.as_str(), "filter" | "find") =>
            {
                self.of_all_items(call, None, false, state)
            }
            [list @ .., Segment::Method(call, _)]
                if matches!(call.name.as_str(), "filter" | "find") =>
            {
                self.of_all_items(call, Some(list), false, state)
            }
            _ => Paths::new(),
        }
    }

    /// What is known of all items if a closure has this result for each: `list.all(|x| …)`.
    fn of_all_items(
        &self,
        call: &FnCallExpr,
        receiver: Option<&[Segment<'_>]>,
        holds: bool,
        state: &State,
    ) -> Paths {
        let arguments = &call.args[..];
        let (list, closure) = match (receiver, arguments) {
            (Some(list), [closure]) => (list.iter().collect::<Vec<_>>(), closure),
            (None, [list, closure]) => {
                let list = segments(list);
                let facts = self.item_facts(closure, holds, state);
                return of_items(
                    &list.iter().collect::<Vec<_>>(),
                    state.path_of(&list),
                    &facts,
                    state,
                );
            }
            _ => return Paths::new(),
        };
        let facts = self.item_facts(closure, holds, state);
        of_items(&list, receiver.and_then(|list| state.path_of(list)), &facts, state)
    }

    /// What the result of a function of the script says about its arguments. A function of several
    /// statements may have checked anything.
    fn function_facts(&self, index: usize, given: &[Option<String>], holds: bool) -> Paths {
        let Some(function) = self.script.named.get(index) else { return Paths::new() };
        let Some(last) = self.condition_of(index, holds) else {
            return given.iter().flatten().map(|path| format!("{path}*")).collect();
        };
        let mut facts = Paths::new();
        for (name, path) in function.params.iter().zip(given) {
            let Some(path) = path else { continue };
            facts.extend(
                last.iter().filter_map(|known| Some(format!("{path}{}", suffix(known, name)?))),
            );
        }
        facts
    }

    /// The same, in terms of the function's parameters; `None` if it may have checked anything. A
    /// function that calls itself adds nothing to what its other conditions say.
    fn condition_of(&self, index: usize, holds: bool) -> Option<Paths> {
        let key = (index, holds);
        if let Some(known) = self.conditions.borrow().get(&key) {
            return known.clone();
        }
        self.conditions.borrow_mut().insert(key, Some(Paths::new()));
        let state = State::default();
        let facts = match self.script.named.get(index)?.body.statements() {
            [Stmt::Expr(last)] => Some(self.facts(last, holds, &state)),
            [Stmt::FnCall(call, _)] => Some(self.call_facts(call, None, holds, &state)),
            _ => None,
        };
        let facts = facts.filter(|facts| facts.len() <= MAX_FACTS);
        self.conditions.borrow_mut().insert(key, facts.clone());
        facts
    }

    /// The function that an array function calls for each item, and the number of its parameters
    /// that are captured variables: a closure, or the name of a function of the script.
    pub(super) fn called<'c>(&'c self, closure: &'c Expr) -> Option<(&'c Function, usize)> {
        match closure {
            Expr::StringConstant(name, _) => {
                let named = self.script.named.iter();
                named.into_iter().find(|function| function.name == name.as_str()).map(|f| (f, 0))
            }
            other => {
                self.script.closure(other).map(|(function, captured)| (function, captured.len()))
            }
        }
    }

    /// What the result of a closure says about its item, as ends of paths.
    pub(super) fn item_facts(&self, closure: &Expr, holds: bool, state: &State) -> Paths {
        let Some((function, captured)) = self.called(closure) else { return Paths::new() };
        let Some(item) = function.params.get(captured) else { return Paths::new() };
        let mut state = match closure {
            Expr::StringConstant(..) => State::default(),
            _ => state.clone(),
        };
        state.declare(item, Variable::default());
        let known = match function.body.statements() {
            [Stmt::Expr(last)] => self.facts(last, holds, &state),
            [Stmt::FnCall(call, _)] => self.call_facts(call, None, holds, &state),
            [] => Paths::new(),
            // It may have checked anything.
            _ => return Facts::checked().checked,
        };
        known.iter().filter_map(|path| suffix(path, item).map(str::to_owned)).collect()
    }
}

/// What is known of every item of a list; of a list literal, of the values in it.
fn of_items(list: &[&Segment<'_>], path: Option<String>, facts: &Paths, state: &State) -> Paths {
    let of_path = |path: String| facts.iter().map(move |end| format!("{path}{end}"));
    match list {
        [Segment::First(Expr::Array(items, _))] => {
            items.iter().filter_map(|item| state.path(item)).flat_map(of_path).collect()
        }
        _ => path.map(|path| format!("{path}{ITEMS}")).into_iter().flat_map(of_path).collect(),
    }
}

/// Which parameters of a helper that returns a bool accept `()`.
fn optional_params(name: &str, count: usize) -> Vec<bool> {
    let helper = helpers().find(|helper| helper.name == name);
    let signatures = helper.into_iter().flat_map(|helper| helper.signatures);
    let mut fitting = signatures
        .filter(|signature| signature.returns == "bool" && signature.params.len() == count);
    let params = fitting.next().map(|signature| signature.params).unwrap_or_default();
    params.iter().map(|param| param.kind.ends_with('?')).collect()
}

/// The end of a path that begins with this name.
fn suffix<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    path.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[', '*']))
}
