//! Values that may be absent (`?`), and that are compared by order or calculated with before they were
//! checked: at run time, this is an error for the resources where AWS omits them.
//!
//! The check follows the code paths. What is known on a path are the values that cannot be `()`
//! there, by their source: `p.from_port`. When in doubt, a value counts as checked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, FnCallExpr, Position, Stmt};

use super::infer::Types;
use super::paths::{Segment, path_of, segments};
use super::switches::has_nil_case;
use super::value::Type;
use super::work;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::helpers::helpers;
use crate::rules::language::flow::diverges;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;
use crate::rules::values::recorder::Place;

/// The operators that end the evaluation with an error if an operand is `()`.
const OPERATORS: [&str; 12] = ["<", "<=", ">", ">=", "+", "-", "*", "/", "%", "**", "..", "..="];

const NUMBERS: [&str; 2] = ["int", "float"];

/// Array functions whose closure gets an item of the list first.
const OF_ITEMS: [&str; 8] = ["all", "filter", "find", "map", "none", "some", "sort", "dedup"];

/// How many passes find which parameters and results of functions may be absent.
const MAX_PASSES: usize = 10;

/// How deep loops are nested whose variables are followed into later rounds.
const MAX_LOOPS: usize = 4;

pub(super) type Paths = BTreeSet<String>;

/// Reports values that are used before they were checked. `optional`: where the script reads fields
/// that can be absent.
pub(crate) fn check(
    script: &Script,
    file: &SourceFile,
    types: &Types,
    optional: &BTreeSet<Place>,
) -> Vec<Diagnostic> {
    let mut check = Check {
        script,
        file,
        types,
        optional,
        params: BTreeSet::new(),
        results: BTreeSet::new(),
        changed: true,
        emit: false,
        returned: false,
        diagnostics: Vec::new(),
        conditions: RefCell::default(),
        loops: 0,
    };
    for _ in 0..MAX_PASSES {
        if !std::mem::take(&mut check.changed) {
            break;
        }
        check.pass();
    }
    check.emit = true;
    check.pass();
    check.diagnostics
}

/// A variable on one code path.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Variable {
    /// The path that it is a copy of; checking one checks the other.
    pub(super) path: Option<String>,
    /// Whether it can be `()`, if its path was not checked.
    absent: bool,
    /// For a bool: what is known if it is `true`, and if it is `false`.
    pub(super) facts: [Paths; 2],
    /// For a list: what is known of its items, as ends of paths: `.from_port`.
    pub(super) items: Paths,
}

/// What is known on one code path.
#[derive(Clone, Default, PartialEq)]
pub(super) struct State {
    known: Paths,
    pub(super) variables: BTreeMap<String, Variable>,
}

impl State {
    pub(super) fn declare(&mut self, name: &str, variable: Variable) {
        let is_of = |path: &String| {
            path.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '(']))
        };
        self.known.retain(|path| !is_of(path));
        for other in self.variables.values_mut() {
            if other.path.as_ref().is_some_and(is_of) {
                other.path = None;
            }
            other.facts.iter_mut().for_each(|facts| facts.retain(|path| !is_of(path)));
        }
        self.variables.insert(name.to_owned(), variable);
    }

    /// The path of an expression, with variables replaced by what they are copies of.
    pub(super) fn path(&self, expression: &Expr) -> Option<String> {
        let path = path_of(expression)?;
        let end = path.find(['.', '[', '(']).unwrap_or(path.len());
        let (root, rest) = path.split_at(end);
        let copied = self.variables.get(root).and_then(|variable| variable.path.as_ref());
        Some(copied.map_or_else(|| path.clone(), |copied| format!("{copied}{rest}")))
    }

    fn may_be_absent(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|variable| {
            let path = variable.path.as_deref().unwrap_or(name);
            variable.absent && !self.known.contains(path)
        })
    }

    /// What is known after either of two code paths.
    fn join(&self, other: &Self) -> Self {
        let known = self.known.intersection(&other.known).cloned().collect();
        let mut variables = BTreeMap::new();
        for (name, one) in &self.variables {
            let Some(two) = other.variables.get(name) else { continue };
            let both = |a: &Paths, b: &Paths| a.intersection(b).cloned().collect();
            variables.insert(
                name.clone(),
                Variable {
                    path: one.path.clone().filter(|_| one.path == two.path),
                    absent: self.may_be_absent(name) || other.may_be_absent(name),
                    facts: [both(&one.facts[0], &two.facts[0]), both(&one.facts[1], &two.facts[1])],
                    items: both(&one.items, &two.items),
                },
            );
        }
        Self { known, variables }
    }
}

pub(super) struct Check<'a> {
    pub(super) script: &'a Script,
    file: &'a SourceFile,
    types: &'a Types,
    optional: &'a BTreeSet<Place>,
    /// Parameters that a call passes a value that may be absent, by function and number.
    params: BTreeSet<(usize, usize)>,
    /// Functions whose result may be absent.
    results: BTreeSet<usize>,
    changed: bool,
    emit: bool,
    /// Whether the current function returned a value that may be absent.
    returned: bool,
    diagnostics: Vec<Diagnostic>,
    /// What functions say about their parameters as conditions, by function and result.
    pub(super) conditions: RefCell<BTreeMap<(usize, bool), Option<Paths>>>,
    /// How many loops are around the current statement.
    loops: usize,
}

impl Check<'_> {
    fn pass(&mut self) {
        self.conditions.get_mut().clear();
        for (index, function) in self.script.named.iter().enumerate() {
            let mut state = State::default();
            for (number, name) in function.params.iter().enumerate() {
                let absent = self.params.contains(&(index, number));
                state.declare(name, Variable { absent, ..Variable::default() });
            }
            self.returned = false;
            let statements = function.body.statements();
            self.block(statements, &mut state);
            if self.returned || self.last_may_be_absent(statements, &state) {
                self.changed |= self.results.insert(index);
            }
        }
    }

    fn last_may_be_absent(&self, statements: &[Stmt], state: &State) -> bool {
        match statements {
            [.., Stmt::Expr(last)] => self.may_be_absent(last, state),
            [.., Stmt::FnCall(call, _)] => self.call_may_be_absent(call, state),
            _ => false,
        }
    }

    fn report(&mut self, operand: &Expr, operator: &str) {
        if !self.emit {
            return;
        }
        let shown = path_of(operand);
        let what = shown.as_ref().map_or("this value".to_owned(), |path| format!("`{path}`"));
        let effect = match operator {
            "switch" => "`switch` takes its last case for `()`".to_owned(),
            _ => format!("`{operator}` with `()` is an error"),
        };
        let message = format!("{what} may be absent, and {effect}");
        let shown = shown.unwrap_or_else(|| "x".to_owned());
        let diagnostic = self
            .file
            .error_at(operand.start_position(), message)
            .code(Code::MayBeAbsent)
            .help(format!(
                "check it first: `is_configured({shown}) && …`, or use a default: `{shown} ?? …`"
            ));
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether the value of an expression can be `()`.
    pub(super) fn may_be_absent(&self, expression: &Expr, state: &State) -> bool {
        if state.path(expression).is_some_and(|path| state.known.contains(&path)) {
            return false;
        }
        match expression {
            Expr::Unit(_) => true,
            Expr::Variable(variable, ..) => state.may_be_absent(&variable.1),
            Expr::Dot(..) | Expr::Index(..) => match segments(expression).last() {
                Some(Segment::Property(_, position) | Segment::Key(_, position)) => {
                    self.is_optional(*position)
                }
                Some(Segment::Method(call)) => self.call_may_be_absent(call, state),
                _ => false,
            },
            Expr::FnCall(call, _) => self.call_may_be_absent(call, state),
            Expr::Coalesce(parts, _) => parts.iter().all(|part| self.may_be_absent(part, state)),
            Expr::Stmt(block) if self.script.closure(expression).is_none() => {
                match block.statements() {
                    [Stmt::If(flow, _)] => {
                        let [mut yes, mut no] = [state.clone(), state.clone()];
                        yes.known.extend(self.facts(&flow.expr, true, state));
                        no.known.extend(self.facts(&flow.expr, false, state));
                        self.last_may_be_absent(flow.body.statements(), &yes)
                            || self.last_may_be_absent(flow.branch.statements(), &no)
                    }
                    [Stmt::Expr(_) | Stmt::FnCall(..)] => {
                        self.last_may_be_absent(block.statements(), state)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn call_may_be_absent(&self, call: &FnCallExpr, _state: &State) -> bool {
        if call.is_operator_call() {
            return false;
        }
        if let Some(function) = self.script.find(&call.name, call.args.len()) {
            return self.results.contains(&function);
        }
        let helper = helpers().find(|helper| helper.name == call.name);
        helper.is_some_and(|helper| {
            helper.signatures.iter().all(|signature| signature.returns.ends_with('?'))
        })
    }

    fn is_optional(&self, position: Position) -> bool {
        Place::of(position).is_some_and(|place| self.optional.contains(&place))
    }

    fn block(&mut self, statements: &[Stmt], state: &mut State) {
        let outside: BTreeMap<String, Variable> = state.variables.clone();
        let mut declared = BTreeSet::new();
        for statement in statements {
            if let Stmt::Var(var, ..) = statement {
                declared.insert(var.0.name.to_string());
            }
            self.statement(statement, state);
        }
        // Variables of the block are gone; one of the same name outside is as before.
        for name in declared {
            match outside.get(&name) {
                Some(variable) => state.declare(&name, variable.clone()),
                None => drop(state.variables.remove(&name)),
            }
        }
    }

    fn statement(&mut self, statement: &Stmt, state: &mut State) {
        work::step();
        match statement {
            Stmt::Var(var, ..) => {
                self.visit(&var.1, state);
                self.assign(&var.0.name, &var.1, state);
            }
            Stmt::Assignment(parts) => {
                self.visit(&parts.1.rhs, state);
                let Expr::Variable(variable, ..) = &parts.1.lhs else { return };
                let operator = parts.0.get_op_assignment_info().map(|info| info.5);
                if let Some(operator) = operator {
                    // A list can contain absent values.
                    let is_list = operator == "+" && !matches!(parts.1.rhs, Expr::Dot(..));
                    if !is_list && OPERATORS.contains(&operator) && operator != "+" {
                        self.operand(&parts.1.rhs, operator, state);
                    }
                    state.declare(&variable.1, Variable::default());
                } else {
                    self.assign(&variable.1, &parts.1.rhs, state);
                }
            }
            Stmt::If(flow, _) => {
                self.visit(&flow.expr, state);
                let [mut yes, mut no] = [state.clone(), state.clone()];
                self.learn(&mut yes, &flow.expr, true);
                self.learn(&mut no, &flow.expr, false);
                self.block(flow.body.statements(), &mut yes);
                self.block(flow.branch.statements(), &mut no);
                let [ends, otherwise] =
                    [&flow.body, &flow.branch].map(|block| block.iter().any(diverges));
                *state = match (ends, otherwise) {
                    (true, _) => no,
                    (false, true) => yes,
                    (false, false) => yes.join(&no),
                };
            }
            Stmt::For(parts, _) => {
                let (name, counter, flow) = &**parts;
                self.visit(&flow.expr, state);
                let items = self.items(&flow.expr, state);
                self.loops += 1;
                let rounds = if self.loops > MAX_LOOPS { 1 } else { 2 };
                for _ in 0..rounds {
                    // Variables that the loop changes, as they are in later rounds.
                    let mut inside = state.clone();
                    inside.declare(&name.name, Variable::default());
                    if let Some(counter) = counter {
                        inside.declare(&counter.name, Variable::default());
                    }
                    inside.known.extend(items.iter().map(|item| format!("{}{item}", name.name)));
                    self.block(flow.body.statements(), &mut inside);
                    inside.variables.remove(name.name.as_str());
                    let outer = state.variables.get(name.name.as_str()).cloned();
                    inside.variables.extend(outer.map(|outer| (name.name.to_string(), outer)));
                    let before = std::mem::take(state);
                    *state = before.join(&inside);
                    if *state == before {
                        break;
                    }
                }
                self.loops -= 1;
            }
            Stmt::Switch(parts, _) => {
                let (subject, cases) = (&parts.0, &parts.1);
                self.visit(subject, state);
                let path = state.path(subject);
                let nil = has_nil_case(cases);
                let is_number =
                    matches!(self.types.of(subject), Type::Int | Type::Float | Type::Any);
                if is_number && !cases.ranges.is_empty() && !nil {
                    self.operand(subject, "switch", state);
                }
                let mut after: Option<State> = None;
                for case in &cases.expressions {
                    let mut inside = state.clone();
                    // Without a case for `()`, only `_` can be reached by it, which is rarely an order.
                    inside.known.extend(path.clone());
                    self.visit(&case.lhs, &mut inside);
                    self.learn(&mut inside, &case.lhs, true);
                    self.visit(&case.rhs, &mut inside);
                    let ends = matches!(&case.rhs, Expr::Stmt(block) if block.iter().any(diverges));
                    if !ends {
                        after = Some(after.map_or(inside.clone(), |after| after.join(&inside)));
                    }
                }
                if let Some(mut after) = after {
                    if cases.def_case.is_none() {
                        after = after.join(state);
                    }
                    // What is known of the subject depends on the case.
                    if let Some(path) = path.filter(|path| !state.known.contains(path)) {
                        after.known.remove(&path);
                    }
                    *state = after;
                }
            }
            Stmt::Block(block) => self.block(block.statements(), state),
            Stmt::Expr(expression) => self.visit(expression, state),
            Stmt::FnCall(call, _) => self.call(call, None, state),
            Stmt::Return(Some(value), ..) => {
                self.visit(value, state);
                self.returned |= self.may_be_absent(value, state);
            }
            Stmt::BreakLoop(Some(value), ..) => self.visit(value, state),
            _ => {}
        }
    }

    fn learn(&self, state: &mut State, condition: &Expr, holds: bool) {
        let facts = self.facts(condition, holds, state);
        // Everything below such a path may have been checked.
        for all in facts.iter().filter_map(|path| path.strip_suffix('*')) {
            state.known.insert(format!("{all}*"));
        }
        state.known.extend(facts);
    }

    /// Sets a variable to the value of an expression.
    fn assign(&self, name: &str, value: &Expr, state: &mut State) {
        let path = state.path(value).filter(|_| !matches!(value, Expr::FnCall(..)));
        let mut variable = Variable {
            absent: self.may_be_absent(value, state),
            facts: [self.facts(value, true, state), self.facts(value, false, state)],
            items: self.items(value, state),
            path: path.filter(|path| path != name && !path.contains('(')),
        };
        let found = is_find(value);
        let items = if found { std::mem::take(&mut variable.items) } else { Paths::new() };
        state.declare(name, variable);
        state.known.extend(items.iter().map(|item| format!("{name}{item}")));
    }

    fn operand(&mut self, operand: &Expr, operator: &str, state: &State) {
        let below_checked = || {
            let path = state.path(operand)?;
            let all = state.known.iter().filter_map(|known| known.strip_suffix('*'));
            all.into_iter().find(|all| path.starts_with(*all)).map(drop)
        };
        if self.may_be_absent(operand, state) && below_checked().is_none() {
            self.report(operand, operator);
        }
    }

    fn visit(&mut self, expression: &Expr, state: &mut State) {
        work::step();
        match expression {
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                let holds = matches!(expression, Expr::And(..));
                let mut inside = state.clone();
                for part in parts.iter() {
                    self.visit(part, &mut inside);
                    self.learn(&mut inside, part, holds);
                }
            }
            Expr::Coalesce(parts, _) => parts.iter().for_each(|part| self.visit(part, state)),
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => {
                parts.iter().for_each(|part| self.visit(part, state));
            }
            Expr::Map(map, _) => map.0.iter().for_each(|(_, value)| self.visit(value, state)),
            Expr::FnCall(call, _) => self.call(call, None, state),
            Expr::Dot(..) | Expr::Index(..) => {
                let mut items = Paths::new();
                for segment in segments(expression) {
                    match segment {
                        Segment::First(first) => {
                            self.visit(first, state);
                            items = self.items(first, state);
                        }
                        Segment::Method(call) => {
                            self.call(call, Some(&items), state);
                            items = self.kept_items(call, call.args.first(), items, state);
                        }
                        Segment::Index(index) => {
                            self.visit(index, state);
                            items.clear();
                        }
                        Segment::Property(..) | Segment::Key(..) => items.clear(),
                    }
                }
            }
            Expr::Stmt(block) => match self.script.closure(expression) {
                Some(_) => self.closure(expression, &Paths::new(), state),
                None => self.block(block.statements(), state),
            },
            Expr::DynamicConstant(..) => self.closure(expression, &Paths::new(), state),
            _ => {}
        }
    }

    /// A call; for a method, with what is known of the items before the dot.
    fn call(&mut self, call: &FnCallExpr, before: Option<&Paths>, state: &mut State) {
        let name = call.name.as_str();
        let of_items = OF_ITEMS.contains(&name);
        let listed = match (before, call.args.first()) {
            (Some(items), _) => items.clone(),
            (None, Some(list)) if of_items => self.items(list, state),
            _ => Paths::new(),
        };
        for argument in &call.args {
            if self.script.closure(argument).is_some() {
                let known = if of_items { listed.clone() } else { Paths::new() };
                self.closure(argument, &known, state);
            } else {
                self.visit(argument, state);
            }
        }
        if call.is_operator_call() && OPERATORS.contains(&name) {
            let is_other = |part: &Expr| {
                matches!(part, Expr::Array(..) | Expr::Map(..))
                    || matches!(name, ".." | "..=") && matches!(part, Expr::Unit(_))
            };
            // Reported as a comparison of different types.
            let is_number =
                |part: &Expr| self.types.of(part).name().is_none_or(|name| NUMBERS.contains(&name));
            let mismatch = match (name, &call.args[..]) {
                ("<" | "<=" | ">" | ">=", [a, b]) => {
                    self.types.of(a).mismatch(&self.types.of(b)).is_some()
                }
                ("+", [a, b]) => {
                    [a, b].iter().any(|part| matches!(self.types.of(*part), Type::List(_)))
                }
                (_, all) => !all.iter().all(is_number),
            };
            if !mismatch && !call.args.iter().any(is_other) {
                call.args.iter().for_each(|operand| self.operand(operand, name, state));
            }
        }
        if let Some(function) = self.script.find(name, call.args.len()) {
            for (number, argument) in call.args.iter().enumerate() {
                if self.may_be_absent(argument, state) {
                    self.changed |= self.params.insert((function, number));
                }
            }
        }
    }

    /// A closure, with what is known of the items that it is called with.
    fn closure(&mut self, closure: &Expr, items: &Paths, state: &State) {
        let script = self.script;
        let Some((function, captured)) = script.closure(closure) else { return };
        let mut inside = state.clone();
        for name in function.params.iter().skip(captured.len()) {
            inside.declare(name, Variable::default());
            inside.known.extend(items.iter().map(|item| format!("{name}{item}")));
        }
        let returned = self.returned;
        self.block(function.body.statements(), &mut inside);
        self.returned = returned;
    }
}

/// Whether an expression is the result of `find`.
fn is_find(expression: &Expr) -> bool {
    match expression {
        Expr::FnCall(call, _) => call.name == "find",
        Expr::Dot(..) | Expr::Index(..) => {
            matches!(segments(expression).last(), Some(Segment::Method(call)) if call.name == "find")
        }
        _ => false,
    }
}
