//! Values that may be absent (`?`), and that are compared by order, calculated with or passed to a
//! function before they were checked: at run time, this is an error for the resources where AWS
//! omits them.
//!
//! The check follows the code paths. What is known on a path are the values that cannot be `()`
//! there, by their source: `p.from_port`. When in doubt, a value counts as checked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTFlags, Expr, Position, Stmt};

use super::empty::list_of_length;
use super::infer::Types;
use super::natives::Natives;
use super::parts::{FIRST, Facts, ITEMS, Paths, meet, with_containers};
use super::paths::{segments, source_of};
use super::state::{Reader, State, Variable};
use super::switches::has_nil_case;
use super::value::Type;
use super::work;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::diverges;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;
use crate::rules::values::recorder::Place;

/// The operators that end the evaluation with an error if an operand is `()`.
pub(super) const OPERATORS: [&str; 12] =
    ["<", "<=", ">", ">=", "+", "-", "*", "/", "%", "**", "..", "..="];

/// What a condition is called in [`Check::report`].
const CONDITION: &str = "if";

/// How many passes find what is known of parameters and results of functions.
const MAX_PASSES: usize = 10;

/// How deep loops are nested whose variables are followed into later rounds.
const MAX_LOOPS: usize = 4;

/// Reports values that are used before they were checked. `optional`: where the script reads fields
/// that can be absent; `sent`: those of them that AWS always sends.
pub(crate) fn check(
    script: &Script,
    file: &SourceFile,
    natives: &Natives,
    types: &Types,
    (optional, sent): (&BTreeSet<Place>, &BTreeSet<Place>),
    reported: &[Diagnostic],
) -> Vec<Diagnostic> {
    let mut check = Check {
        reader: Reader {
            script,
            natives,
            optional,
            sent,
            results: BTreeMap::new(),
            conditions: RefCell::default(),
        },
        file,
        types,
        params: BTreeMap::new(),
        changed: true,
        emit: false,
        returned: None,
        exits: Vec::new(),
        diagnostics: Vec::new(),
        loops: 0,
    };
    // The engine calls them, with any resource.
    for entry in script.entries() {
        check.params.extend([0, 1].map(|number| ((entry, number), Facts::default())));
    }
    for _ in 0..MAX_PASSES {
        if !std::mem::take(&mut check.changed) {
            break;
        }
        check.pass();
    }
    check.emit = true;
    check.pass();
    // Arguments of another type and misspelled fields are reported first.
    let others = [Code::TypeMismatch, Code::UnknownField].map(Some);
    let mismatches = reported.iter().filter(|found| others.contains(&found.code));
    let lines: BTreeSet<usize> = mismatches.map(|found| found.position().0).collect();
    let mut found = check.diagnostics;
    found.retain(|found| !lines.contains(&found.position().0));
    found
}

/// Where a loop is left or continued before its end.
#[derive(Default)]
pub(super) struct Exits {
    /// The variable that is an item.
    item: String,
    /// What is known there.
    state: Option<State>,
    /// What is known of the items of all rounds that were continued.
    items: Option<Paths>,
    /// Whether the loop can be left before its last item.
    breaks: bool,
}

impl Exits {
    fn end_round(&mut self, state: &State) {
        let checked = state.value(&self.item).checked;
        self.items = Some(match self.items.take() {
            Some(items) => meet(&items, &checked),
            None => checked,
        });
    }
}

pub(super) struct Check<'a> {
    pub(super) reader: Reader<'a>,
    file: &'a SourceFile,
    pub(super) types: &'a Types,
    /// What is known of the arguments of all calls so far, by function and number.
    params: BTreeMap<(usize, usize), Facts>,
    changed: bool,
    emit: bool,
    /// What is known of what the current function returned so far.
    pub(super) returned: Option<Facts>,
    /// The loops around the current statement.
    pub(super) exits: Vec<Exits>,
    diagnostics: Vec<Diagnostic>,
    /// How many loops are around the current statement.
    loops: usize,
}

impl Check<'_> {
    fn pass(&mut self) {
        self.reader.conditions.get_mut().clear();
        let script = self.reader.script;
        for (index, function) in script.named.iter().enumerate() {
            let mut state = State::default();
            for (number, name) in function.params.iter().enumerate() {
                let facts = self.params.get(&(index, number)).cloned();
                state.set(name, facts.unwrap_or_else(Facts::checked));
            }
            self.returned = None;
            let statements = function.body.statements();
            let last = self.block(statements, &mut state);
            if !statements.iter().any(diverges) {
                self.returns(last);
            }
            if let Some(returned) = self.returned.take() {
                let known = self.reader.results.get(&index);
                let joined = known.map_or(returned.clone(), |known| known.either(&returned));
                if known != Some(&joined) {
                    self.changed = true;
                    self.reader.results.insert(index, joined.bounded());
                }
            }
        }
    }

    fn returns(&mut self, facts: Facts) {
        self.returned = Some(match self.returned.take() {
            Some(before) => before.either(&facts),
            None => facts,
        });
    }

    /// Adds what a call passes to a function.
    pub(super) fn pass_argument(&mut self, function: usize, number: usize, facts: &Facts) {
        let known = self.params.get(&(function, number));
        let joined = known.map_or_else(|| facts.clone(), |known| known.either(facts)).bounded();
        if known != Some(&joined) {
            self.changed = true;
            self.params.insert((function, number), joined);
        }
    }

    pub(super) fn report(
        &mut self,
        (shown, position): (Option<String>, Position),
        operation: &str,
    ) {
        if !self.emit {
            return;
        }
        let what = shown.as_ref().map_or("this value".to_owned(), |path| format!("`{path}`"));
        let effect = match operation {
            "switch" => "`switch` takes its default case for `()`".to_owned(),
            CONDITION => "a condition that is `()` is an error".to_owned(),
            _ => format!("`{operation}` with `()` is an error"),
        };
        let message = format!("{what} may be absent, and {effect}");
        let shown = shown.unwrap_or_else(|| "x".to_owned());
        let help = match operation {
            CONDITION => format!("compare it: `{shown} == true`"),
            _ => format!(
                "check it first: `is_configured({shown}) && …`, or use a default: `{shown} ?? …`"
            ),
        };
        self.report_with(position, message, help);
    }

    /// Reports each position once: the first reason is why the others cannot be reached.
    pub(super) fn report_with(&mut self, position: Position, message: String, help: String) {
        let diagnostic = self.file.error_at(position, message).code(Code::MayBeAbsent).help(help);
        if self.emit && !self.diagnostics.iter().any(|known| known.span == diagnostic.span) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Checks that a condition is not `()`.
    pub(super) fn condition(&mut self, condition: &Expr, state: &State) {
        if self.reader.value(condition, state).is_really_absent() {
            self.condition_value(condition);
        }
    }

    /// Reports a condition that may be `()`. Values of other types are reported elsewhere.
    pub(super) fn condition_value(&mut self, condition: &Expr) {
        if self.types.of(condition) == Type::Bool {
            self.report((source_of(condition), condition.start_position()), CONDITION);
        }
    }

    /// Returns what is known of the value of the last statement.
    pub(super) fn block(&mut self, statements: &[Stmt], state: &mut State) -> Facts {
        let outside = state.clone();
        let mut declared = BTreeSet::new();
        let mut last = Facts::checked();
        for statement in statements {
            if let Stmt::Var(var, ..) = statement {
                declared.insert(var.0.name.to_string());
            }
            last = self.statement(statement, state);
        }
        declared.iter().for_each(|name| state.restore(name, &outside));
        last
    }

    fn statement(&mut self, statement: &Stmt, state: &mut State) -> Facts {
        work::step();
        match statement {
            Stmt::Var(var, ..) => {
                let facts = self.visit(&var.1, state);
                self.assign(&var.0.name, &var.1, facts, state);
            }
            Stmt::Assignment(parts) => {
                let facts = self.visit(&parts.1.rhs, state);
                let Expr::Variable(variable, ..) = &parts.1.lhs else { return Facts::checked() };
                match parts.0.get_op_assignment_info().map(|info| info.5) {
                    Some(operator) => {
                        self.change(
                            operator,
                            &parts.1.lhs,
                            &parts.1.rhs,
                            &variable.1,
                            facts,
                            state,
                        );
                    }
                    None => self.assign(&variable.1, &parts.1.rhs, facts, state),
                }
            }
            Stmt::If(flow, _) => {
                self.visit(&flow.expr, state);
                self.condition(&flow.expr, state);
                let [mut yes, mut no] = [state.clone(), state.clone()];
                self.reader.learn(&mut yes, &flow.expr, true);
                self.reader.learn(&mut no, &flow.expr, false);
                let body = self.block(flow.body.statements(), &mut yes);
                let branch = self.block(flow.branch.statements(), &mut no);
                let ends = [&flow.body, &flow.branch].map(|block| block.iter().any(diverges));
                let (after, value) = match ends {
                    [true, _] => (no, branch),
                    [false, true] => (yes, body),
                    [false, false] => (yes.join(&no), body.either(&branch)),
                };
                *state = after;
                return value;
            }
            Stmt::For(parts, _) => {
                let (name, counter, flow) = &**parts;
                let list = self.visit(&flow.expr, state);
                if list.is_really_absent() {
                    self.operand(&flow.expr, "for", state);
                }
                let path = state.path(&flow.expr);
                self.loops += 1;
                let rounds = if self.loops > MAX_LOOPS { 1 } else { 2 };
                for _ in 0..rounds {
                    // Variables that the loop changes, as they are in later rounds.
                    let mut inside = state.clone();
                    inside.set(&name.name, list.item());
                    if let Some(counter) = counter {
                        inside.declare(&counter.name, Variable::default());
                    }
                    let item = name.name.to_string();
                    self.exits.push(Exits { item, ..Exits::default() });
                    self.block(flow.body.statements(), &mut inside);
                    let mut exits = self.exits.pop().unwrap_or_default();
                    let end = (!flow.body.iter().any(diverges)).then_some(inside);
                    end.iter().for_each(|end| exits.end_round(end));
                    let mut after = state.clone();
                    for mut inside in end.into_iter().chain(exits.state) {
                        inside.restore(&name.name, state);
                        if let Some(counter) = counter {
                            inside.restore(&counter.name, state);
                        }
                        after = after.join(&inside);
                    }
                    // After all rounds, every item was checked.
                    if let (false, Some(items), Some(path)) = (exits.breaks, exits.items, &path) {
                        let items = items.iter().map(|end| format!("{path}{ITEMS}{end}"));
                        after.known.extend(items);
                    }
                    if after == *state {
                        break;
                    }
                    *state = after;
                }
                self.loops -= 1;
            }
            Stmt::Switch(parts, _) => return self.switch(&parts.0, &parts.1, state),
            Stmt::Block(block) => return self.block(block.statements(), state),
            Stmt::Expr(expression) => return self.visit(expression, state),
            Stmt::FnCall(call, _) => {
                let value = self.reader.value_of_call(call, state);
                self.call(call, None, state);
                return value;
            }
            Stmt::Return(Some(value), ..) => {
                let facts = self.visit(value, state);
                self.returns(facts);
            }
            Stmt::BreakLoop(value, flags, _) => {
                value.iter().for_each(|value| drop(self.visit(value, state)));
                if let Some(exits) = self.exits.last_mut() {
                    if flags.intersects(ASTFlags::BREAK) {
                        exits.breaks = true;
                    } else {
                        exits.end_round(state);
                    }
                    exits.state = Some(match exits.state.take() {
                        Some(before) => before.join(state),
                        None => state.clone(),
                    });
                }
            }
            _ => {}
        }
        Facts::checked()
    }

    fn switch(
        &mut self,
        subject: &Expr,
        cases: &rhai::SwitchCasesCollection,
        state: &mut State,
    ) -> Facts {
        self.visit(subject, state);
        let path = state.path(subject);
        let nil = has_nil_case(cases);
        let is_number = matches!(self.types.of(subject), Type::Int | Type::Float | Type::Any);
        if is_number && !cases.ranges.is_empty() && !nil {
            self.operand(subject, "switch", state);
        }
        let mut after: Option<(State, Facts)> = None;
        for (at, case) in cases.expressions.iter().enumerate() {
            let mut inside = state.clone();
            // The conditions of the same value before this case did not hold.
            let before = self.reader.before_case(cases, at, state);
            inside.known.extend(before);
            if let Some(path) = path.as_ref().and_then(|path| list_of_length(path)) {
                inside.known.insert(format!("{path}{FIRST}"));
            }
            // Without a case for `()`, only `_` can be reached by it, which is rarely an order.
            inside.known.extend(with_containers(path.iter().cloned().collect()));
            self.visit(&case.lhs, &mut inside);
            self.condition(&case.lhs, &inside);
            self.reader.learn(&mut inside, &case.lhs, true);
            let value = self.visit(&case.rhs, &mut inside);
            let ends = matches!(&case.rhs, Expr::Stmt(block) if block.iter().any(diverges));
            if !ends {
                after = Some(match after {
                    Some((state, all)) => (state.join(&inside), all.either(&value)),
                    None => (inside, value),
                });
            }
        }
        let Some((mut after, value)) = after else { return Facts::checked() };
        if cases.def_case.is_none() {
            after = after.join(state);
        }
        // What is known of the subject depends on the case.
        if let Some(path) = path.filter(|path| !state.known.contains(path)) {
            after.known.remove(&path);
        }
        *state = after;
        value
    }

    /// Sets a variable to the value of an expression.
    fn assign(&self, name: &str, value: &Expr, facts: Facts, state: &mut State) {
        let path = state.path(value).filter(|_| !matches!(value, Expr::FnCall(..)));
        let variable = Variable {
            absent: facts.absent,
            facts: [self.reader.facts(value, true, state), self.reader.facts(value, false, state)],
            none: self.reader.if_none(&segments(value), state),
            some: self.reader.if_some(value, state),
            path: path.filter(|path| path != name && !path.contains('(')),
            default: self.reader.with_default(value, state),
        };
        state.declare(name, variable);
        // The variable may be compared instead of the length.
        if let Some(list) = self.reader.list_of(value, state) {
            state.known.insert(format!("{list}{FIRST}"));
        }
        state.known.extend(facts.checked.iter().map(|end| format!("{name}{end}")));
    }

    /// `name += …` and other operators.
    fn change(
        &mut self,
        operator: &str,
        variable: &Expr,
        by: &Expr,
        name: &str,
        facts: Facts,
        state: &mut State,
    ) {
        match (operator, self.types.of(variable), self.types.of(by)) {
            ("+", Type::List(_), Type::List(_)) => {
                let all = state.value(name).either(&facts);
                state.set(name, all);
            }
            ("+", Type::List(_), Type::Any | Type::Never) | ("+", Type::Any | Type::Never, _) => {
                state.set(name, Facts::checked());
            }
            ("+", Type::List(_), _) => {
                let all = state.value(name).with_item(&facts);
                state.set(name, all);
            }
            ("+", Type::Map(..) | Type::Dictionary(_) | Type::Object(..), _) => {
                state.set(name, Facts::checked());
            }
            _ => {
                if OPERATORS.contains(&operator) {
                    self.operand(by, &format!("{operator}="), state);
                }
                state.set(name, Facts::checked());
            }
        }
    }

    pub(super) fn operand(&mut self, operand: &Expr, operator: &str, state: &State) {
        if self.reader.may_be_absent(operand, state) {
            self.report((source_of(operand), operand.start_position()), operator);
        }
    }

    /// Checks an expression, and returns what is known of its value.
    pub(super) fn visit(&mut self, expression: &Expr, state: &mut State) -> Facts {
        work::step();
        match expression {
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                let holds = matches!(expression, Expr::And(..));
                let mut inside = state.clone();
                for part in parts.iter() {
                    self.visit(part, &mut inside);
                    self.condition(part, &inside);
                    self.reader.learn(&mut inside, part, holds);
                }
                return Facts::checked();
            }
            Expr::Coalesce(parts, _) => {
                parts.iter().for_each(|part| drop(self.visit(part, state)));
            }
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => {
                parts.iter().for_each(|part| drop(self.visit(part, state)));
            }
            Expr::Map(map, _) => map.0.iter().for_each(|(_, value)| drop(self.visit(value, state))),
            Expr::FnCall(call, _) => {
                let value = self.reader.value(expression, state);
                self.call(call, None, state);
                return value;
            }
            Expr::Dot(..) | Expr::Index(..) => return self.chain(expression, state),
            Expr::Stmt(block) => match self.reader.script.closure(expression) {
                Some(_) => self.closure(expression, "", &Facts::default(), state),
                None => return self.block(block.statements(), state),
            },
            Expr::DynamicConstant(..) => {
                self.closure(expression, "", &Facts::default(), state);
            }
            _ => {}
        }
        self.reader.value(expression, state)
    }
}
