//! Follows values through a script without running it: from the resource, the parameters and related resources, along variables,
//! loops, closures and calls, to what is read of them. Every variable and parameter has one type for the whole script, the join of all
//! that comes into it; passes go on until no type changes, and only then are faults told. Where a type is not known, nothing is said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use rhai::{ASTFlags, Expr, FnCallExpr, Position, Stmt};

use super::codes::Code;
use super::flow;
use super::script::{Function, Natives, Script};
use super::value::Type;
use crate::model::{did_you_mean, text};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::meta::Draft;
use crate::rules::source::SourceFile;

/// More passes than any real script needs; after them, what is still open counts as unknown.
const MAX_PASSES: usize = 50;

/// What a script reads, calls and ends in.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Facts, with their kinds.
    pub(super) facts: BTreeSet<(&'static str, String)>,
    /// Properties of values of which nothing is known.
    pub(super) properties: BTreeSet<String>,
    /// Kinds that are looked up.
    pub(super) related: BTreeSet<&'static str>,
    /// Whether a kind is looked up that is not written as a literal.
    pub(super) any_related: bool,
    /// Kinds of which a resource goes where it cannot be followed.
    pub(super) handed_on: BTreeSet<&'static str>,
    pub(super) params: BTreeSet<String>,
    /// Whether the parameters as a whole go where they cannot be followed.
    pub(super) params_handed_on: bool,
    /// Which function calls which, by their places in the script.
    pub(super) calls: BTreeSet<(usize, usize)>,
}

/// What is known after following everything.
pub(super) struct Followed {
    pub(super) faults: Vec<Diagnostic>,
    pub(super) reads: Reads,
    pub(super) types: Types,
}

/// Types of expressions and calls, by their addresses in the script.
#[derive(Debug, Default)]
pub(super) struct Types(HashMap<usize, Type>);

impl Types {
    pub(super) fn of<T>(&self, node: &T) -> Type {
        self.0.get(&address(node)).cloned().unwrap_or(Type::Any)
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Something that has one type in the whole script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Param(usize, usize),
    Return(usize),
    /// A variable, by the closures around it and its place.
    Local(u64, Position2),
    ClosureParam(u64, usize),
}

type Position2 = (usize, usize);

fn numbers(position: Position) -> Position2 {
    (position.line().unwrap_or(0), position.position().unwrap_or(0))
}

/// The variable that holds a value, as a whole or somewhere inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) key: Key,
    pub(super) whole: bool,
}

struct Variable {
    name: String,
    key: Key,
    /// Where it is declared, if it is a fault that nobody reads it.
    declared: Option<Position>,
    read: bool,
}

pub(super) struct Infer<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) draft: &'a Draft,
    pub(super) script: &'a Script,
    pub(super) natives: &'a Natives,
    pub(super) reads: Reads,
    pub(super) params: BTreeMap<&'a str, Type>,
    /// What stands outside of functions, which is a fault of its own.
    globals: &'a BTreeSet<String>,
    types: Types,
    faults: Vec<Diagnostic>,
    emit: bool,
    changed: bool,
    cells: HashMap<Key, Type>,
    variables: Vec<Variable>,
    /// The first variable that is in sight.
    frame: usize,
    /// The closures around, as a hash of their places.
    site: u64,
    pub(super) function: usize,
    returns: Vec<Type>,
}

impl<'a> Infer<'a> {
    /// Follows everything in a script.
    pub(super) fn follow_all(
        file: &'a SourceFile,
        draft: &'a Draft,
        script: &'a Script,
        natives: &'a Natives,
        globals: &'a BTreeSet<String>,
    ) -> Followed {
        let params = draft.params.iter().map(|(name, _, default)| (name.as_str(), Type::of_default(default))).collect();
        let mut infer = Self {
            file,
            draft,
            script,
            natives,
            globals,
            params,
            reads: Reads::default(),
            types: Types::default(),
            faults: Vec::new(),
            emit: false,
            changed: true,
            cells: HashMap::new(),
            variables: Vec::new(),
            frame: 0,
            site: 0,
            function: 0,
            returns: Vec::new(),
        };
        if let Some(check) = script.find("check", 2) {
            infer.join(Key::Param(check, 0), &draft.kind.map_or(Type::Any, Type::Resource));
            infer.join(Key::Param(check, 1), &Type::Params);
        }
        for _ in 0..MAX_PASSES {
            if !std::mem::take(&mut infer.changed) {
                break;
            }
            infer.pass();
        }
        if infer.changed {
            infer.cells.values_mut().for_each(|cell| *cell = Type::Any);
        }
        infer.emit = true;
        infer.pass();
        Followed { faults: infer.faults, reads: infer.reads, types: infer.types }
    }

    fn pass(&mut self) {
        for (index, function) in self.script.named.iter().enumerate() {
            self.function = index;
            for (number, name) in function.params.iter().enumerate() {
                self.declare(name, Key::Param(index, number), None);
            }
            let result = self.body(function);
            self.join(Key::Return(index), &result);
            self.variables.clear();
        }
    }

    /// What a function gives back, its parameters being declared.
    fn body(&mut self, function: &Function) -> Type {
        self.returns.push(Type::Never);
        let last = self.block(function.body.statements());
        self.returns.pop().unwrap_or(Type::Any).join(&last)
    }

    pub(super) fn fault(&mut self, code: Code, position: Position, message: String, help: Option<String>) {
        if !self.emit {
            return;
        }
        let mut fault = self.file.fault(position, message).code(code);
        fault.help = help;
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    pub(super) fn join(&mut self, key: Key, with: &Type) {
        let cell = self.cells.entry(key).or_insert(Type::Never);
        let joined = cell.join(with);
        if *cell != joined {
            *cell = joined;
            self.changed = true;
        }
    }

    fn cell(&self, key: Key) -> Type {
        self.cells.get(&key).cloned().unwrap_or(Type::Never)
    }

    fn declare(&mut self, name: &str, key: Key, declared: Option<Position>) {
        self.variables.push(Variable { name: name.to_owned(), key, declared, read: false });
    }

    /// The variable of that name that is in sight.
    fn variable(&mut self, name: &str) -> Option<&mut Variable> {
        self.variables.get_mut(self.frame..)?.iter_mut().rev().find(|variable| variable.name == name)
    }

    fn leave(&mut self, scope: usize) {
        for variable in self.variables.split_off(scope.min(self.variables.len())) {
            if let Some(position) = variable.declared
                && !variable.read
                && !variable.name.starts_with('_')
            {
                let help = format!("remove it, or call it `_{}`", variable.name);
                self.fault(Code::UnusedVariable, position, format!("`{}` is never read", variable.name), Some(help));
            }
        }
    }

    /// What a block comes to.
    fn block(&mut self, statements: &[Stmt]) -> Type {
        let scope = self.variables.len();
        let mut last = Type::Nil;
        for statement in statements {
            last = self.statement(statement);
        }
        self.leave(scope);
        if statements.iter().any(flow::diverges) { Type::Never } else { last }
    }

    fn local(&self, position: Position) -> Key {
        Key::Local(self.site, numbers(position))
    }

    fn statement(&mut self, statement: &Stmt) -> Type {
        match statement {
            Stmt::Var(var, ..) => {
                let value = self.eval(&var.1);
                let key = self.local(var.0.pos);
                self.join(key, &value);
                self.declare(&var.0.name, key, Some(var.0.pos));
                Type::Nil
            }
            Stmt::If(flow, _) => {
                self.eval(&flow.expr);
                let body = self.block(flow.body.statements());
                body.join(&self.block(flow.branch.statements()))
            }
            Stmt::Switch(switch, _) => {
                self.eval(&switch.0);
                let mut result = if switch.1.def_case.is_some() { Type::Never } else { Type::Nil };
                for case in &switch.1.expressions {
                    self.eval(&case.lhs);
                    result = result.join(&self.eval(&case.rhs));
                }
                result
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.eval(&flow.expr);
                self.block(flow.body.statements());
                Type::Nil
            }
            Stmt::For(parts, _) => {
                let (name, counter, flow) = &**parts;
                let item = self.eval(&flow.expr).item();
                let scope = self.variables.len();
                let key = self.local(name.pos);
                self.join(key, &item);
                self.declare(&name.name, key, None);
                if let Some(counter) = counter {
                    let key = self.local(counter.pos);
                    self.join(key, &Type::Int);
                    self.declare(&counter.name, key, None);
                }
                self.block(flow.body.statements());
                self.leave(scope);
                Type::Nil
            }
            Stmt::Assignment(parts) => {
                let value = self.eval(&parts.1.rhs);
                let Expr::Variable(variable, _, position) = &parts.1.lhs else {
                    self.eval(&parts.1.lhs);
                    return Type::Nil;
                };
                let operator = parts.0.get_op_assignment_info().map(|info| info.5);
                match self.variable(&variable.1).map(|variable| variable.key) {
                    None => self.unknown_variable(&variable.1, &[], *position),
                    Some(key) => {
                        let result = match (operator, self.cell(key)) {
                            (None, _) => value,
                            // A list takes the items of a list, and anything else as one item.
                            (Some("+"), Type::List(_)) => match value {
                                Type::List(_) | Type::Never => value,
                                item => Type::list(item),
                            },
                            (Some(operator), old) => super::methods::arithmetic(operator, &old, &value),
                        };
                        self.join(key, &result);
                    }
                }
                Type::Nil
            }
            Stmt::FnCall(call, position) => {
                let result = self.call(call, *position);
                self.types.0.insert(address(&**call), result.clone());
                result
            }
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::TryCatch(flow, _) => {
                self.block(flow.body.statements());
                self.block(flow.branch.statements());
                Type::Any
            }
            Stmt::Expr(expression) => self.eval(expression),
            Stmt::BreakLoop(value, ..) => {
                value.iter().for_each(|value| drop(self.eval(value)));
                Type::Never
            }
            Stmt::Return(value, ..) => {
                let value = value.as_ref().map_or(Type::Nil, |value| self.eval(value));
                if let Some(returns) = self.returns.last_mut() {
                    *returns = returns.join(&value);
                }
                Type::Never
            }
            _ => Type::Nil,
        }
    }

    /// The type of an expression.
    pub(super) fn eval(&mut self, expression: &Expr) -> Type {
        let result = self.expression(expression);
        if self.emit {
            self.types.0.insert(address(expression), result.clone());
        }
        result
    }

    fn expression(&mut self, expression: &Expr) -> Type {
        match expression {
            Expr::BoolConstant(..) => Type::Bool,
            Expr::IntegerConstant(..) => Type::Int,
            Expr::FloatConstant(..) => Type::Float,
            Expr::CharConstant(..) => Type::Text,
            Expr::Unit(_) => Type::Nil,
            Expr::StringConstant(text, _) => {
                self.named_in_text(text);
                Type::Text
            }
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    let part = self.eval(part);
                    self.hand_on(&part);
                }
                Type::Text
            }
            Expr::Array(items, _) => {
                Type::list(items.iter().map(|item| self.eval(item)).fold(Type::Never, |all, item| all.join(&item)))
            }
            Expr::Map(map, _) => {
                let fields: Vec<_> = map.0.iter().map(|(name, value)| (name.name.to_string(), self.eval(value))).collect();
                Type::map(fields.into_iter())
            }
            Expr::Variable(variable, _, position) => self.read_variable(variable, *position),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Dot(parts, ..) => {
                let base = self.eval(&parts.lhs);
                let held = self.key_of(&parts.lhs).map(|key| Held { key, whole: true });
                self.follow(base, held, &parts.rhs)
            }
            Expr::Index(parts, flags, _) => {
                let base = self.eval(&parts.lhs);
                let held = self.key_of(&parts.lhs).map(|key| Held { key, whole: false });
                self.follow_index(base, held, &parts.rhs, *flags)
            }
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                parts.iter().for_each(|part| drop(self.eval(part)));
                Type::Bool
            }
            Expr::Coalesce(parts, _) => parts.iter().map(|part| self.eval(part)).fold(Type::Never, |all, part| all.join(&part)),
            Expr::Stmt(block) => match self.script.closure(expression) {
                Some(_) => self.closure(expression, &[]),
                None => self.block(block.statements()),
            },
            Expr::DynamicConstant(..) => self.closure(expression, &[]),
            _ => Type::Any,
        }
    }

    fn read_variable(
        &mut self,
        variable: &(Option<std::num::NonZeroUsize>, rhai::ImmutableString, rhai::Namespace, u64),
        position: Position,
    ) -> Type {
        if !variable.2.is_empty() {
            return Type::Any;
        }
        match self.variable(&variable.1) {
            Some(known) => {
                known.read = true;
                let key = known.key;
                self.cell(key)
            }
            None => {
                self.unknown_variable(&variable.1, &[], position);
                Type::Any
            }
        }
    }

    fn unknown_variable(&mut self, name: &str, more: &[&str], position: Position) {
        if self.globals.contains(name) {
            return;
        }
        let in_sight = self.variables.get(self.frame..).unwrap_or_default();
        let names = in_sight.iter().map(|variable| variable.name.as_str());
        let meant = did_you_mean(name, names.chain(more.iter().copied())).map(str::to_owned);
        if let Some(meant) = &meant
            && let Some(variable) = self.variable(meant)
        {
            variable.read = true;
        }
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a function sees its parameters and its own variables".to_owned(),
        };
        self.fault(Code::UnknownVariable, position, format!("there is no variable `{}`", text::one_line(name, 60)), Some(help));
    }

    /// The variable that an expression is.
    pub(super) fn key_of(&mut self, expression: &Expr) -> Option<Key> {
        match expression {
            Expr::Variable(variable, ..) => self.variable(&variable.1).map(|variable| variable.key),
            _ => None,
        }
    }

    /// What stands behind a dot. `held`: the variable in front of it.
    fn follow(&mut self, base: Type, held: Option<Held>, rest: &Expr) -> Type {
        let inside = held.map(|held| Held { whole: false, ..held });
        match rest {
            Expr::Property(property, position) => self.property(&base, &property.2, *position),
            Expr::MethodCall(call, position) => self.method(base, held, call, *position),
            Expr::Dot(parts, ..) => {
                let base = self.follow(base, held, &parts.lhs);
                self.follow(base, inside, &parts.rhs)
            }
            Expr::Index(parts, flags, _) => {
                let base = self.follow(base, held, &parts.lhs);
                self.follow_index(base, inside, &parts.rhs, *flags)
            }
            other => {
                self.eval(other);
                Type::Any
            }
        }
    }

    /// What stands in brackets, and behind them.
    fn follow_index(&mut self, base: Type, held: Option<Held>, rest: &Expr, flags: ASTFlags) -> Type {
        match rest {
            Expr::Dot(parts, ..) if !flags.intersects(ASTFlags::BREAK) => {
                let item = self.index(&base, &parts.lhs);
                self.follow(item, held, &parts.rhs)
            }
            Expr::Index(parts, inner, _) if !flags.intersects(ASTFlags::BREAK) => {
                let item = self.index(&base, &parts.lhs);
                self.follow_index(item, held, &parts.rhs, *inner)
            }
            index => self.index(&base, index),
        }
    }

    fn index(&mut self, base: &Type, index: &Expr) -> Type {
        if let (Expr::StringConstant(name, position), false) = (index, matches!(base, Type::List(_) | Type::Text)) {
            return self.property(base, name, *position);
        }
        let by = self.eval(index);
        self.hand_on(base);
        match (base, by) {
            (Type::List(item), Type::Int) => (**item).clone(),
            (Type::Dictionary(value), _) => (**value).clone(),
            (Type::Never, _) => Type::Never,
            _ => Type::Any,
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) -> Type {
        if call.is_operator_call() {
            return self.operator(call, position);
        }
        let name = call.name.as_str();
        let Some(function) = self.script.find(name, call.args.len()) else {
            self.must_exist(name, call.args.len(), false, position);
            return self.native(name, None, None, &call.args, position);
        };
        self.reads.calls.insert((self.function, function));
        for (number, argument) in call.args.iter().enumerate() {
            let value = self.eval(argument);
            self.join(Key::Param(function, number), &value);
        }
        self.cell(Key::Return(function))
    }

    fn method(&mut self, base: Type, held: Option<Held>, call: &FnCallExpr, position: Position) -> Type {
        let name = call.name.as_str();
        // A function of the script gets the value in front of the dot as `this`.
        if let Some(function) = self.script.find(name, call.args.len()) {
            self.reads.calls.insert((self.function, function));
            self.hand_on(&base);
            self.changes(held, &Type::Any);
            for (number, argument) in call.args.iter().enumerate() {
                let value = self.eval(argument);
                self.join(Key::Param(function, number), &value);
            }
            return Type::Any;
        }
        self.must_exist(name, call.args.len() + 1, true, position);
        self.native(name, Some(base), held, &call.args, position)
    }

    /// What a closure gives back, with values of these types coming into it. What it is not told of may be anything.
    pub(super) fn closure(&mut self, expression: &Expr, arguments: &[Type]) -> Type {
        let script = self.script;
        let Some((function, captured)) = script.closure(expression) else { return Type::Any };
        let mut hasher = DefaultHasher::new();
        (self.site, numbers(expression.position()), function.name.as_str()).hash(&mut hasher);
        let site = hasher.finish();
        let mut declared = Vec::new();
        for variable in captured {
            let key = self.key_of(variable);
            match (variable, key) {
                // What is unknown around the closure is most often a slip in one of its own names.
                (Expr::Variable(unknown, _, position), None) => {
                    let own: Vec<&str> = function.params.iter().skip(captured.len()).map(String::as_str).collect();
                    self.unknown_variable(&unknown.1, &own, *position);
                }
                _ => drop(self.eval(variable)),
            }
            declared.push(key);
        }
        let (frame, around) = (self.frame, self.site);
        self.frame = self.variables.len();
        self.site = site;
        for (number, name) in function.params.iter().enumerate() {
            let key = match declared.get(number) {
                Some(Some(key)) => *key,
                Some(None) => {
                    let key = Key::ClosureParam(site, number);
                    self.join(key, &Type::Any);
                    key
                }
                None => {
                    let key = Key::ClosureParam(site, number);
                    let value = arguments.get(number - declared.len()).unwrap_or(&Type::Any).clone();
                    self.join(key, &value);
                    key
                }
            };
            self.declare(name, key, None);
        }
        let result = self.body(function);
        self.variables.truncate(self.frame);
        self.frame = frame;
        self.site = around;
        result
    }

    /// A function's name can stand as a text in the place of a closure.
    fn named_in_text(&mut self, text: &str) {
        let named = self.script.named.iter().enumerate().filter(|(_, function)| function.name == text);
        for (index, function) in named.collect::<Vec<_>>() {
            self.reads.calls.insert((self.function, index));
            (0..function.params.len()).for_each(|number| self.join(Key::Param(index, number), &Type::Any));
        }
    }
}
