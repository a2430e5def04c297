//! Calls: what reaches the operators and functions that refuse `()`, and what they pass on.

use rhai::{Expr, FnCallExpr, Stmt};

use super::absent::{Check, OPERATORS};
use super::parts::{Facts, ITEMS};
use super::paths::{Segment, segments, source_of, written};
use super::state::{State, is_item};
use super::value::Type;
use crate::rules::helpers::helpers;
use crate::rules::language::restrictions::takes_closure;

const NUMBERS: [&str; 2] = ["int", "float"];

impl Check<'_> {
    pub(super) fn chain(&mut self, chain: &Expr, state: &mut State) -> Facts {
        let all = segments(chain);
        let mut facts = Facts::default();
        let mut skipped = false;
        for (at, segment) in all.iter().enumerate() {
            let before = all.get(..at).unwrap_or_default();
            let this = all.get(..=at).unwrap_or_default();
            skipped |= segment.is_safe() && facts.is_absent();
            match segment {
                Segment::First(first) => {
                    facts = self.visit(first, state);
                    continue;
                }
                Segment::Method(call, safe) => {
                    if facts.is_absent()
                        && !safe
                        && self.reader.refuses(call, 0, call.args.len() + 1)
                    {
                        self.report((written(before, true), chain.start_position()), &call.name);
                    }
                    let value = self.reader.follow(this, segment, facts.clone(), state);
                    self.call(call, Some((before, &facts)), state);
                    facts = value;
                    continue;
                }
                Segment::Index(index, _) => {
                    drop(self.visit(index, state));
                    self.first_item(this, index, &facts, chain.start_position(), state);
                }
                Segment::Property(..) | Segment::Key(..) => {}
            }
            if facts.is_really_absent() && !segment.is_safe() {
                self.report_read(before, segment, chain.start_position());
                state.known.extend(state.path_of(before));
            }
            facts = self.reader.follow(this, segment, facts, state);
        }
        self.reader.or_skipped(facts, skipped, &all, state)
    }

    /// A call; for a method, with what is before the dot.
    pub(super) fn call(
        &mut self,
        call: &FnCallExpr,
        receiver: Option<(&[Segment<'_>], &Facts)>,
        state: &mut State,
    ) {
        let name = call.name.as_str();
        let list = match (receiver, call.args.first()) {
            (Some((_, facts)), _) => facts.clone(),
            (None, Some(first)) if !call.is_operator_call() => self.reader.value(first, state),
            _ => Facts::default(),
        };
        let own = self.reader.script.find(name, call.args.len());
        let before = usize::from(receiver.is_some());
        for (number, argument) in call.args.iter().enumerate() {
            if self.reader.script.closure(argument).is_some() {
                self.closure(argument, name, &list, state);
                continue;
            }
            if let (Expr::StringConstant(..), true) = (argument, own.is_none()) {
                self.named(name, argument, &list);
            }
            let facts = self.visit(argument, state);
            if let Some(function) = own {
                self.pass_argument(function, number, &facts);
            } else if facts.is_absent()
                && !call.is_operator_call()
                && !matches!(argument, Expr::Unit(_))
                && self.reader.refuses(call, number + before, call.args.len() + before)
                && (!helpers().any(|helper| helper.name == name)
                    || facts.is_really_absent() && is_time(name, number + before))
            {
                self.report((source_of(argument), argument.start_position()), name);
            }
        }
        if let (true, "!", [negated]) = (call.is_operator_call(), name, &call.args[..]) {
            self.condition(negated, state);
        }
        if call.is_operator_call() && OPERATORS.contains(&name) {
            self.operators(call, state);
        }
        self.changed_list(call, receiver.map(|(before, _)| before), state);
    }

    fn operators(&mut self, call: &FnCallExpr, state: &State) {
        let name = call.name.as_str();
        let is_other = |part: &Expr| {
            matches!(part, Expr::Array(..) | Expr::Map(..))
                || matches!(name, ".." | "..=") && matches!(part, Expr::Unit(_))
        };
        // Reported as a comparison of different types.
        let is_operand = |part: &Expr| {
            let known = self.types.of(part).name();
            known.is_none_or(|kind| NUMBERS.contains(&kind) || name == "+" && kind == "string")
        };
        let mismatch = match (name, &call.args[..]) {
            ("<" | "<=" | ">" | ">=", [a, b]) => {
                self.types.of(a).mismatch(&self.types.of(b)).is_some()
            }
            ("+", [a, b]) => {
                let is_list = |part: &Expr| matches!(self.types.of(part), Type::List(_));
                is_list(a) || is_list(b) || !(is_operand(a) && is_operand(b))
            }
            (_, all) => !all.iter().all(is_operand),
        };
        if !mismatch && !call.args.iter().any(is_other) {
            call.args.iter().for_each(|operand| self.operand(operand, name, state));
        }
    }

    /// The name of a function of the script, passed to an array function instead of a closure.
    fn named(&mut self, array_function: &str, name: &Expr, list: &Facts) {
        let Expr::StringConstant(name, _) = name else { return };
        if !takes_closure(array_function) || matches!(array_function, "group_by" | "count_by") {
            return;
        }
        let script = self.reader.script;
        for (index, function) in script.named.iter().enumerate() {
            if function.name != name.as_str() {
                continue;
            }
            for number in 0..function.params.len() {
                let facts =
                    if is_item(array_function, number) { list.item() } else { Facts::default() };
                self.pass_argument(index, number, &facts);
            }
        }
    }

    /// Functions that change the list that they are called on.
    fn changed_list(
        &mut self,
        call: &FnCallExpr,
        receiver: Option<&[Segment<'_>]>,
        state: &mut State,
    ) {
        let (name, rest) = match (receiver, &call.args[..]) {
            (Some([Segment::First(Expr::Variable(list, ..))]), rest) => (&list.1, rest),
            (None, [Expr::Variable(list, ..), rest @ ..]) => (&list.1, rest),
            _ => return,
        };
        let before = state.value(name);
        let after = match (call.name.as_str(), rest) {
            ("push", [item]) | ("insert", [_, item]) => {
                before.with_item(&self.reader.value(item, state))
            }
            ("append", [list]) => before.either(&self.reader.value(list, state)),
            ("clear", []) => Facts::checked().inside(ITEMS),
            ("pad" | "set" | "mixin" | "fill_with" | "splice", _) => Facts::checked(),
            _ => return,
        };
        state.set(name, after);
    }

    /// A closure that an array function calls with the items of a list.
    pub(super) fn closure(
        &mut self,
        closure: &Expr,
        array_function: &str,
        list: &Facts,
        state: &State,
    ) {
        let script = self.reader.script;
        let Some((function, captured)) = script.closure(closure) else { return };
        let mut inside = state.clone();
        for (number, name) in function.params.iter().skip(captured.len()).enumerate() {
            let facts =
                if is_item(array_function, number) { list.item() } else { Facts::default() };
            inside.set(name, facts);
        }
        let returned = self.returned.take();
        let exits = std::mem::take(&mut self.exits);
        let statements = function.body.statements();
        let value = self.block(statements, &mut inside);
        if let ("filter" | "find" | "some" | "all" | "none", Some(Stmt::Expr(last))) =
            (array_function, statements.last())
            && value.is_really_absent()
        {
            self.condition_value(last);
        }
        self.returned = returned;
        self.exits = exits;
    }
}

/// Whether a parameter of a helper is a time.
fn is_time(helper: &str, number: usize) -> bool {
    let of_helper = helpers().filter(|known| known.name == helper);
    let mut params =
        of_helper.flat_map(|known| known.signatures).filter_map(|one| one.params.get(number));
    params.any(|param| param.kind == "time")
}
