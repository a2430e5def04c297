//! What conditions and lists say about values that may be absent.

use rhai::{Expr, FnCallExpr, Stmt};

use super::absent::{Check, Paths, State, Variable};
use super::paths::{Segment, field, path_of, segments};
use super::work;
use crate::rules::language::script::Function;

/// A function that says more than this about its arguments counts as one that checked everything.
const MAX_FACTS: usize = 256;

impl Check<'_> {
    /// The paths that are not `()` if a condition has this result.
    pub(super) fn facts(&self, condition: &Expr, holds: bool, state: &State) -> Paths {
        match condition {
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                let all = parts.iter().map(|part| self.facts(part, holds, state));
                if matches!(condition, Expr::And(..)) == holds {
                    all.flatten().collect()
                } else {
                    let mut all = all;
                    let first = all.next().unwrap_or_default();
                    all.fold(first, |known, more| known.intersection(&more).cloned().collect())
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
                if let [first @ .., Segment::Method(call)] = segments(condition).as_slice() {
                    let receiver = match first {
                        [] => None,
                        _ => prefix_path(condition, state),
                    };
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

    /// The same for a call. `receiver`: the path before the dot.
    pub(super) fn call_facts(
        &self,
        call: &FnCallExpr,
        receiver: Option<String>,
        holds: bool,
        state: &State,
    ) -> Paths {
        work::step();
        let name = call.name.as_str();
        let path = |expression: &Expr| state.path(expression);
        let given: Vec<Option<String>> =
            receiver.clone().map(Some).into_iter().chain(call.args.iter().map(path)).collect();
        match (name, &call.args[..]) {
            ("!", [inner]) => self.facts(inner, !holds, state),
            ("==" | "!=", [a, b]) => {
                let equal = (name == "==") == holds;
                let one = |a: &Expr, b: &Expr| -> Paths {
                    let is_nil = matches!(b, Expr::Unit(_));
                    // `type_of(x) == "i64"`, `type_of(x) != "()"`.
                    if let (Expr::FnCall(inner, _), Expr::StringConstant(kind, _)) = (a, b)
                        && inner.name == "type_of"
                    {
                        let of = inner.args.first().and_then(path);
                        return of
                            .filter(|_| (kind.as_str() == "()") != equal)
                            .into_iter()
                            .collect();
                    }
                    if is_nil != equal && (is_nil || !self.may_be_absent(b, state)) {
                        path(a).into_iter().collect()
                    } else {
                        Paths::new()
                    }
                };
                let mut facts = one(a, b);
                facts.extend(one(b, a));
                // `x.f == true` says what is known if `x.f` holds.
                if let (other, Expr::BoolConstant(value, _)) | (Expr::BoolConstant(value, _), other) =
                    (a, b)
                    && equal
                {
                    facts.extend(self.facts(other, *value, state));
                }
                facts
            }
            // An error if one is absent, whatever the result.
            ("<" | "<=" | ">" | ">=", [a, b]) => [a, b].into_iter().filter_map(path).collect(),
            ("is_configured", _) if holds => given.into_iter().flatten().collect(),
            ("contains" | "has_tag", _) if holds => {
                let mut facts: Paths = given.iter().flatten().cloned().collect();
                // `"Owner" in tags`: the key.
                let (map, key) = match (&receiver, &call.args[..]) {
                    (Some(map), [key, ..]) => (Some(map.clone()), Some(key)),
                    (None, [map, key, ..]) => (path(map), Some(key)),
                    _ => (None, None),
                };
                if let (Some(map), Some(Expr::StringConstant(key, _))) = (map, key) {
                    facts.insert(format!("{map}{}", field(key)));
                }
                facts
            }
            _ => match self.script.find(name, call.args.len()) {
                Some(function) => {
                    let passed: Vec<Option<String>> = call.args.iter().map(path).collect();
                    self.function_facts(function, &passed, holds)
                }
                None => Paths::new(),
            },
        }
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

    /// What is known of the items of a list.
    pub(super) fn items(&self, list: &Expr, state: &State) -> Paths {
        match list {
            Expr::Variable(variable, ..) => state
                .variables
                .get(variable.1.as_str())
                .map(|variable| variable.items.clone())
                .unwrap_or_default(),
            Expr::Dot(..) | Expr::Index(..) => {
                let all = segments(list);
                let mut items = Paths::new();
                for segment in &all {
                    items = match segment {
                        Segment::First(first) => self.items(first, state),
                        Segment::Method(call) => {
                            self.kept_items(call, call.args.first(), items, state)
                        }
                        _ => Paths::new(),
                    };
                }
                items
            }
            Expr::FnCall(call, _) => {
                let items =
                    call.args.first().map(|list| self.items(list, state)).unwrap_or_default();
                self.kept_items(call, call.args.get(1), items, state)
            }
            _ => Paths::new(),
        }
    }

    /// What is known of the items (or the item) that a function of a list returns.
    pub(super) fn kept_items(
        &self,
        call: &FnCallExpr,
        closure: Option<&Expr>,
        mut items: Paths,
        state: &State,
    ) -> Paths {
        match call.name.as_str() {
            "filter" | "find" => {
                if let Some((function, captured)) =
                    closure.and_then(|closure| self.script.closure(closure))
                    && let Some(item) = function.params.get(captured.len())
                {
                    items.extend(self.item_facts(function, item, state));
                }
                items
            }
            "distinct" | "order" | "extract" => items,
            _ => Paths::new(),
        }
    }

    /// What a closure that returns `true` says about its item.
    fn item_facts(&self, function: &Function, item: &str, state: &State) -> Paths {
        let mut state = state.clone();
        state.declare(item, Variable::default());
        let known = match function.body.statements() {
            [Stmt::Expr(last)] => self.facts(last, true, &state),
            [Stmt::FnCall(call, _)] => self.call_facts(call, None, true, &state),
            [] => Paths::new(),
            // It may have checked anything.
            _ => return Paths::from(["*".to_owned()]),
        };
        known.iter().filter_map(|path| suffix(path, item).map(str::to_owned)).collect()
    }
}

/// The path of a chain without its last part, which is a call.
fn prefix_path(chain: &Expr, state: &State) -> Option<String> {
    let whole = path_of(chain)?;
    let all = segments(chain);
    let Some(Segment::Method(call)) = all.last() else { return None };
    let end = whole.rfind(&format!(".{}(", call.name))?;
    let path = whole.get(..end)?;
    let root = path.find(['.', '[', '(']).unwrap_or(path.len());
    let (root, rest) = path.split_at(root);
    let copied = state.variables.get(root).and_then(|variable| variable.path.as_ref());
    Some(copied.map_or_else(|| path.to_owned(), |copied| format!("{copied}{rest}")))
}

/// The end of a path that begins with this name.
fn suffix<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    path.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[', '*']))
}
