//! What is known of the values of expressions.

use rhai::{Expr, FnCallExpr, Stmt, StmtBlock};

use super::parts::{FIRST, Facts, ITEMS, Paths, SENT, covers, ends_after, prefixed};
use super::paths::{Segment, field, path_of, segments};
use super::state::{Reader, State, is_item};
use super::work;
use crate::facts;
use crate::rules::helpers::helpers;
use crate::rules::language::flow::diverges;

impl Reader<'_> {
    /// Whether the value of an expression can be `()`.
    pub(super) fn may_be_absent(&self, expression: &Expr, state: &State) -> bool {
        self.value(expression, state).is_absent()
    }

    /// What is known of the value of an expression.
    pub(super) fn value(&self, expression: &Expr, state: &State) -> Facts {
        work::step();
        let facts = match expression {
            Expr::Unit(_) => Facts::nil(),
            Expr::Variable(variable, ..) => state.value(&variable.1),
            Expr::Array(items, _) => self.all_of(items, state).inside(ITEMS),
            Expr::Map(map, _) => {
                let mut all = Facts::default();
                for (name, value) in &map.0 {
                    let inside = self.value(value, state).inside(&field(&name.name));
                    all.checked.extend(inside.checked);
                    all.absent.extend(inside.absent);
                }
                all
            }
            Expr::Coalesce(parts, _) => {
                let all: Vec<Facts> = parts.iter().map(|part| self.value(part, state)).collect();
                let absent = all.iter().all(Facts::is_absent);
                let mut facts = self.all_of(parts, state);
                if !absent {
                    facts.absent.remove("");
                }
                facts
            }
            Expr::Dot(..) | Expr::Index(..) => {
                let all = segments(expression);
                let mut facts = Facts::default();
                let mut skipped = false;
                for (at, segment) in all.iter().enumerate() {
                    skipped |= segment.is_safe() && facts.is_absent();
                    facts = self.follow(all.get(..=at).unwrap_or_default(), segment, facts, state);
                }
                self.or_skipped(facts, skipped, &all, state)
            }
            Expr::FnCall(call, _) if call.is_operator_call() => match call.name.as_str() {
                "+" => self.all_of(&call.args, state).check(Paths::from([String::new()])),
                _ => Facts::checked(),
            },
            Expr::FnCall(call, _) => {
                let base = call.args.first().map(|first| self.value(first, state));
                let known = path_of(expression).map(|path| ends_after(&state.known, &path));
                self.returned(call, base, call.args.get(1..).unwrap_or_default(), state)
                    .check(known.unwrap_or_default())
            }
            Expr::Stmt(block) if self.script.closure(expression).is_none() => {
                self.of_block(block, state)
            }
            _ => Facts::checked(),
        };
        facts.bounded()
    }

    /// Of a value that is one of these.
    fn all_of(&self, parts: &[Expr], state: &State) -> Facts {
        let each = parts.iter().map(|part| self.value(part, state));
        each.reduce(|all, one| all.either(&one)).unwrap_or_else(Facts::checked)
    }

    fn of_block(&self, block: &StmtBlock, state: &State) -> Facts {
        let last = |statements: &[Stmt], state: &State| match statements {
            [Stmt::Expr(only)] => self.value(only, state),
            [Stmt::FnCall(call, _)] => self.value_of_call(call, state),
            _ => Facts::checked(),
        };
        match block.statements() {
            [Stmt::If(flow, _)] => {
                let [mut yes, mut no] = [state.clone(), state.clone()];
                self.learn(&mut yes, &flow.expr, true);
                self.learn(&mut no, &flow.expr, false);
                match [&flow.body, &flow.branch].map(|branch| branch.iter().any(diverges)) {
                    [true, _] => last(flow.branch.statements(), &no),
                    [_, true] => last(flow.body.statements(), &yes),
                    _ if flow.branch.is_empty() => Facts::checked(),
                    _ => last(flow.body.statements(), &yes)
                        .either(&last(flow.branch.statements(), &no)),
                }
            }
            statements => last(statements, state),
        }
    }

    /// Of the result of a call that is a statement.
    pub(super) fn value_of_call(&self, call: &FnCallExpr, state: &State) -> Facts {
        let base = call.args.first().map(|first| self.value(first, state));
        self.returned(call, base, call.args.get(1..).unwrap_or_default(), state)
    }

    /// Of a chain that is `()` as a whole if a part before `?.` is `()`.
    pub(super) fn or_skipped(
        &self,
        mut facts: Facts,
        skipped: bool,
        chain: &[Segment<'_>],
        state: &State,
    ) -> Facts {
        let is_known = || state.path_of(chain).is_some_and(|path| covers(&state.known, &path));
        if skipped && !is_known() {
            facts.absent.insert(String::new());
            facts.checked.remove("");
        }
        facts
    }

    /// Of a chain, given what is known of it without its last segment.
    pub(super) fn follow(
        &self,
        chain: &[Segment<'_>],
        last: &Segment<'_>,
        base: Facts,
        state: &State,
    ) -> Facts {
        work::step();
        let known =
            || state.path_of(chain).map(|path| ends_after(&state.known, &path)).unwrap_or_default();
        let facts = match last {
            Segment::First(first) => return self.value(first, state),
            Segment::Property(name, position, _) | Segment::Key(name, position, _) => {
                let mut facts = base.part(&field(name));
                facts.absent.extend(self.is_optional(*position).then(String::new));
                facts.absent.extend(self.is_sent(*position).then(|| SENT.to_owned()));
                facts
            }
            Segment::Index(index, _) => {
                let exact = path_of(index).map(|index| base.part(&format!("[{index}]")));
                base.item().check(exact.unwrap_or_default().checked)
            }
            Segment::Method(call, _) => self.returned(call, Some(base), &call.args, state),
        };
        let checked = facts.checked.clone();
        facts.check(checked).check(known()).bounded()
    }

    /// Of the result of a call. `base`: what is known of its first argument; `rest`: the others.
    fn returned(
        &self,
        call: &FnCallExpr,
        base: Option<Facts>,
        rest: &[Expr],
        state: &State,
    ) -> Facts {
        let name = call.name.as_str();
        if let Some(function) = self.script.find(name, call.args.len()) {
            return self.results.get(&function).cloned().unwrap_or_else(Facts::checked);
        }
        let mut base = base.unwrap_or_default();
        let closure = rest.first();
        if self.refuses(call, 0, rest.len() + 1) {
            base.absent.remove("");
        }
        match name {
            "filter" => {
                let kept = closure.map(|closure| self.item_facts(closure, true, state));
                base.check(prefixed(ITEMS, &kept.unwrap_or_default()))
            }
            "find" => {
                let kept = closure.map(|closure| self.item_facts(closure, true, state));
                let mut found = base.item().check(kept.unwrap_or_default());
                // Nothing may be found, unless `some` found something before.
                if !covers(&base.checked, FIRST) {
                    found.checked.remove("");
                    found.absent.insert(String::new());
                }
                found
            }
            "distinct" | "order" | "extract" | "chop" | "drain" | "retain" => base,
            "pop" | "shift" | "get" | "remove" => base.item(),
            "group_by" => base.inside(".items").inside(ITEMS),
            "map" => {
                match closure.and_then(|closure| self.inside_closure(closure, name, &base, state)) {
                    Some((body, inside)) => match body.statements() {
                        [Stmt::Expr(only)] => self.value(only, &inside).inside(ITEMS),
                        [Stmt::FnCall(call, _)] => self.value_of_call(call, &inside).inside(ITEMS),
                        _ => Facts::checked(),
                    },
                    None => Facts::checked(),
                }
            }
            "reduce" | "append" | "splice" | "split" => Facts::checked(),
            _ => {
                let helper = helpers().find(|helper| helper.name == name);
                let may_be_nil = helper.is_some_and(|helper| {
                    helper.signatures.iter().all(|signature| signature.returns.ends_with('?'))
                });
                let mut absent: Paths = may_be_nil.then(String::new).into_iter().collect();
                if matches!(name, "related" | "related_in" | "known_related")
                    && !is_singleton(&call.args)
                {
                    absent.insert(FIRST.to_owned());
                }
                Facts { checked: Paths::new(), absent }
            }
        }
    }

    /// The body of a closure, or of the function whose name is passed instead, and the state in it.
    fn inside_closure<'c>(
        &'c self,
        closure: &'c Expr,
        array_function: &str,
        list: &Facts,
        state: &State,
    ) -> Option<(&'c StmtBlock, State)> {
        let (function, captured) = self.called(closure)?;
        let mut inside = if matches!(closure, Expr::StringConstant(..)) {
            State::default()
        } else {
            state.clone()
        };
        for (number, name) in function.params.iter().skip(captured).enumerate() {
            let facts =
                if is_item(array_function, number) { list.item() } else { Facts::default() };
            inside.set(name, facts);
        }
        Some((&function.body, inside))
    }
}

/// Whether a look-up finds what each region has exactly once.
fn is_singleton(arguments: &[Expr]) -> bool {
    arguments.iter().take(2).any(|argument| match argument {
        Expr::StringConstant(name, _) => facts::kind(name).is_some_and(|kind| kind.list.is_empty()),
        _ => false,
    })
}
