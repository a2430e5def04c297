//! Type inference: follows the resource, the parameters and related resources through variables,
//! loops, closures and calls, and records which fields are read. Every variable and parameter has one
//! type for the whole script, the join of all assigned types. Passes are repeated until no type
//! changes, and diagnostics are reported in a final pass. Values of unknown type are not checked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rhai::{Expr, Position, Stmt};

use super::entries::{Reads, ReadsByFunction};
use super::natives::Natives;
use super::origin::{Origin, ParamUse};
use super::value::{Type, arithmetic};
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::rules::language::draft::Draft;
use crate::rules::language::flow;
use crate::rules::language::script::{Function, Script, name_position};
use crate::rules::language::source::SourceFile;
use crate::rules::values::recorder;

/// Maximum number of passes, more than any real script needs. If types still change after that, they
/// are treated as unknown.
const MAX_PASSES: usize = 50;

/// The result of type inference.
pub(crate) struct Inference {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) reads: ReadsByFunction,
    pub(crate) types: Types,
    /// Where the script reads fields that can be absent.
    pub(crate) optional: BTreeSet<recorder::Place>,
    /// Where the script reads fields that AWS always sends.
    pub(crate) sent: BTreeSet<recorder::Place>,
    pub(crate) uses: BTreeSet<(String, ParamUse)>,
}

/// Types of expressions and calls, by their addresses in the AST.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<usize, Type>);

impl Types {
    pub(crate) fn learn<T>(&mut self, node: &T, known: &Type) {
        self.0.insert(address(node), known.clone());
    }

    pub(crate) fn of<T>(&self, node: &T) -> Type {
        self.0.get(&address(node)).cloned().unwrap_or(Type::Any)
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// A variable, parameter or return value, which has one type in the whole script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Param(usize, usize),
    Return(usize),
    /// A variable, by its enclosing closures and its position.
    Local(u64, Place),
    ClosureParam(u64, usize),
    /// What a `reduce` has so far, by its enclosing closures and its position.
    Sum(u64, Place),
}

/// Line and column.
type Place = (usize, usize);

pub(crate) fn numbers(position: Position) -> Place {
    (position.line().unwrap_or(0), position.position().unwrap_or(0))
}

/// The variable that holds a value, either as a whole or as a part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) key: Key,
    pub(crate) whole: bool,
}

pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) key: Key,
    /// Where it is declared and as what, if it must be reported when unused.
    pub(crate) declared: Option<(Position, Declared)>,
    pub(crate) read: bool,
}

/// How a variable is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    Let,
    Loop,
    Param,
}

pub(crate) struct Infer<'a> {
    pub(crate) file: &'a SourceFile,
    pub(crate) draft: &'a Draft,
    pub(crate) script: &'a Script,
    pub(crate) natives: &'a Natives,
    /// What the current function reads.
    pub(crate) reads: Reads,
    pub(crate) reads_by_function: ReadsByFunction,
    /// Whether only `fix` calls the current function.
    pub(crate) in_fix: bool,
    pub(crate) params: BTreeMap<&'a str, Type>,
    /// Variables declared outside functions, which are reported elsewhere.
    pub(crate) globals: &'a BTreeSet<String>,
    pub(crate) types: Types,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) emit: bool,
    pub(crate) changed: bool,
    pub(crate) cells: HashMap<Key, Type>,
    pub(crate) variables: Vec<Variable>,
    /// The index of the first variable in scope.
    pub(crate) frame: usize,
    /// The enclosing closures, as a hash of their positions.
    pub(crate) site: u64,
    pub(crate) function: usize,
    pub(crate) returns: Vec<Type>,
    /// Where the value that was evaluated last comes from.
    pub(crate) last_field: Option<Origin>,
    /// Where the values of variables come from; `None` if from several places.
    pub(crate) origins: HashMap<Key, Option<Origin>>,
    /// Variables that are `()` at first or at some point.
    pub(crate) unset: BTreeSet<Key>,
    /// How parameters are used.
    pub(crate) uses: BTreeSet<(String, ParamUse)>,
    pub(crate) optional: BTreeSet<recorder::Place>,
    pub(crate) sent: BTreeSet<recorder::Place>,
}

/// The variable at the start of a chain.
fn root(expression: &Expr) -> Option<&Expr> {
    match expression {
        Expr::Variable(..) => Some(expression),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

/// The position of a parameter in the list that follows this position, in parentheses or bars. The
/// parser does not keep it.
pub(crate) fn param_position(file: &SourceFile, before: Position, number: usize) -> Position {
    let start = file.offset(before);
    let rest = file.text.get(start..).unwrap_or_default();
    let Some(open) = rest.find(['(', '|']) else { return before };
    let list = rest.get(open + 1..).unwrap_or_default();
    let list = list.find([')', '|']).and_then(|end| list.get(..end)).unwrap_or(list);
    let at: usize = list.split(',').take(number).map(|param| param.len() + 1).sum();
    let param = list.get(at..).unwrap_or_default();
    file.position(start + open + 1 + at + (param.len() - param.trim_start().len()))
}

impl<'a> Infer<'a> {
    /// Infers the types of a script and reports type errors.
    pub(crate) fn run(
        file: &'a SourceFile,
        draft: &'a Draft,
        script: &'a Script,
        natives: &'a Natives,
        globals: &'a BTreeSet<String>,
    ) -> Inference {
        let of_fix = draft.fix.iter().flat_map(|fix| &fix.params);
        let params = draft
            .params
            .iter()
            .chain(of_fix)
            .map(|(name, _, default)| (name.as_str(), Type::of_default(default)))
            .collect();
        let mut infer = Self {
            file,
            draft,
            script,
            natives,
            globals,
            params,
            reads: Reads::default(),
            reads_by_function: ReadsByFunction::default(),
            in_fix: false,
            types: Types::default(),
            diagnostics: Vec::new(),
            emit: false,
            changed: true,
            cells: HashMap::new(),
            variables: Vec::new(),
            frame: 0,
            site: 0,
            function: 0,
            returns: Vec::new(),
            last_field: None,
            optional: BTreeSet::new(),
            sent: BTreeSet::new(),
            origins: HashMap::new(),
            unset: BTreeSet::new(),
            uses: BTreeSet::new(),
        };
        for entry in script.entries() {
            infer.join(Key::Param(entry, 0), &draft.kind.map_or(Type::Any, Type::Resource));
            infer.join(Key::Param(entry, 1), &Type::Params);
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
        infer.check_defaults();
        Inference {
            diagnostics: infer.diagnostics,
            reads: infer.reads_by_function,
            types: infer.types,
            optional: infer.optional,
            sent: infer.sent,
            uses: infer.uses,
        }
    }

    pub(crate) fn pass(&mut self) {
        let has_check = self.script.find("check", 2).is_some();
        for (index, function) in self.script.named.iter().enumerate() {
            self.function = index;
            self.in_fix = self.reads_by_function.is_of_fix_only(self.script, index);
            self.reads = self.reads_by_function.take(index);
            for (number, name) in function.params.iter().enumerate() {
                // The parameters of `check` and `fix` are given, also if `check` is misspelt.
                let is_entry = ["check", "fix"].contains(&function.name.as_str());
                let declared = (has_check && !is_entry).then(|| {
                    let name = name_position(function, self.file);
                    (param_position(self.file, name, number), Declared::Param)
                });
                self.declare(name, Key::Param(index, number), declared);
            }
            let result = self.body(function);
            self.join(Key::Return(index), &result);
            self.leave(0);
            let reads = std::mem::take(&mut self.reads);
            self.reads_by_function.put(index, reads);
        }
    }

    /// The return type of a function, after its parameters are declared.
    pub(crate) fn body(&mut self, function: &Function) -> Type {
        self.returns.push(Type::Never);
        let last = self.block(function.body.statements());
        self.returns.pop().unwrap_or(Type::Any).join(&last)
    }

    pub(crate) fn report(
        &mut self,
        code: Code,
        position: Position,
        message: String,
        help: Option<String>,
    ) {
        if !self.emit {
            return;
        }
        let mut diagnostic = self.file.error_at(position, message).code(code);
        diagnostic.help = help;
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(crate) fn join(&mut self, key: Key, with: &Type) {
        let cell = self.cells.entry(key).or_insert(Type::Never);
        let joined = cell.join(with);
        if *cell != joined {
            *cell = joined;
            self.changed = true;
        }
    }

    /// Adds a place where the value of a variable comes from.
    pub(crate) fn join_origin(&mut self, key: Key, value: &Type, origin: Option<Origin>) {
        match value {
            // Nothing is known yet.
            Type::Never => return,
            Type::Nil => {
                self.changed |= self.unset.insert(key);
                return;
            }
            _ => {}
        }
        let known = self.origins.get(&key).cloned();
        let joined = match &known {
            None => origin,
            Some(known) => Origin::join(known.as_ref(), origin.as_ref()),
        };
        if known.as_ref() != Some(&joined) {
            self.origins.insert(key, joined);
            self.changed = true;
        }
    }

    /// Where the value of a variable comes from.
    pub(crate) fn origin(&self, key: Key) -> Option<Origin> {
        let origin = self.origins.get(&key)?.clone()?;
        Some(if self.unset.contains(&key) { origin.uncertain() } else { origin })
    }

    pub(crate) fn cell(&self, key: Key) -> Type {
        self.cells.get(&key).cloned().unwrap_or(Type::Never)
    }

    pub(crate) fn declare(&mut self, name: &str, key: Key, declared: Option<(Position, Declared)>) {
        self.variables.push(Variable { name: name.to_owned(), key, declared, read: false });
    }

    /// The variable with this name in the current scope.
    pub(crate) fn variable(&mut self, name: &str) -> Option<&mut Variable> {
        self.variables
            .get_mut(self.frame..)?
            .iter_mut()
            .rev()
            .find(|variable| variable.name == name)
    }

    /// Leaves a scope, and reports the variables in it that are never read.
    pub(crate) fn leave(&mut self, scope: usize) {
        for variable in self.variables.split_off(scope.min(self.variables.len())) {
            let Some((position, declared)) = variable.declared else { continue };
            let name = variable.name.as_str();
            if variable.read || name.starts_with('_') {
                continue;
            }
            let outer = self.variable(name).is_some();
            let (what, help) = match declared {
                Declared::Let if outer => (
                    "variable",
                    format!(
                        "this declares a new variable `{name}`; to assign to the outer one, write `{name} = …` without `let`"
                    ),
                ),
                Declared::Let => ("variable", format!("remove it, or rename it to `_{name}`")),
                Declared::Loop => (
                    "loop variable",
                    format!(
                        "read it in the loop, or rename it to `_{name}` if every round is the same"
                    ),
                ),
                Declared::Param => (
                    "parameter",
                    format!(
                        "read it, or rename it to `_{name}` if the result does not depend on it"
                    ),
                ),
            };
            self.report(
                Code::UnusedVariable,
                position,
                format!("unused {what} `{name}`"),
                Some(help),
            );
        }
    }

    /// The type of a block.
    pub(crate) fn block(&mut self, statements: &[Stmt]) -> Type {
        let scope = self.variables.len();
        self.check_repeated(statements);
        let mut last = Type::Nil;
        for statement in statements {
            last = self.statement(statement);
        }
        self.leave(scope);
        if statements.iter().any(flow::diverges) { Type::Never } else { last }
    }

    pub(crate) fn local(&self, position: Position) -> Key {
        Key::Local(self.site, numbers(position))
    }

    pub(crate) fn statement(&mut self, statement: &Stmt) -> Type {
        let result = self.statement_type(statement);
        if !matches!(statement, Stmt::Expr(_) | Stmt::If(..) | Stmt::Block(_)) {
            self.last_field = None;
        }
        result
    }

    fn statement_type(&mut self, statement: &Stmt) -> Type {
        match statement {
            Stmt::Var(var, ..) => {
                let (value, origin) = self.eval_field(&var.1);
                let key = self.local(var.0.pos);
                self.join(key, &value);
                self.join_origin(key, &value, origin);
                self.declare(&var.0.name, key, Some((var.0.pos, Declared::Let)));
                Type::Nil
            }
            Stmt::If(flow, _) => {
                self.condition(&flow.expr);
                self.check_branches(&flow.expr, flow.branch.statements());
                self.last_field = None;
                let body = self.block(flow.body.statements());
                let first = self.last_field.take();
                let branch = self.block(flow.branch.statements());
                let second = self.last_field.take();
                let unset = |origin: Option<Origin>| origin.map(Origin::uncertain);
                self.last_field = match (&body, &branch) {
                    (Type::Never, _) => second,
                    (_, Type::Never) => first,
                    (Type::Nil, _) => unset(second),
                    (_, Type::Nil) => unset(first),
                    _ => Origin::join(first.as_ref(), second.as_ref()),
                };
                body.join(&branch)
            }
            Stmt::Switch(switch, position) => {
                let (value, field) = self.eval_field(&switch.0);
                self.check_cases((&value, field.as_ref()), &switch.1, *position);
                let mut result = if switch.1.def_case.is_some() { Type::Never } else { Type::Nil };
                for case in &switch.1.expressions {
                    self.condition(&case.lhs);
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
                let (list, origin) = self.eval_field(&flow.expr);
                self.check_iterable(&list, flow.expr.start_position());
                let item = list.item();
                let scope = self.variables.len();
                let key = self.local(name.pos);
                self.join(key, &item);
                self.join_origin(key, &item, origin);
                self.declare(&name.name, key, Some((name.pos, Declared::Loop)));
                if let Some(counter) = counter {
                    let key = self.local(counter.pos);
                    self.join(key, &Type::Int);
                    self.declare(&counter.name, key, Some((counter.pos, Declared::Loop)));
                }
                self.block(flow.body.statements());
                self.leave(scope);
                Type::Nil
            }
            Stmt::Assignment(parts) => {
                let (value, origin) = self.eval_field(&parts.1.rhs);
                let Expr::Variable(variable, _, position) = &parts.1.lhs else {
                    // Reported elsewhere; the type of the variable is unknown from here on.
                    if let Some(root) = root(&parts.1.lhs) {
                        self.eval(root);
                        let held = self.key_of(root).map(|key| Held { key, whole: false });
                        self.changes(held, &Type::Any);
                    }
                    return Type::Nil;
                };
                let operator = parts.0.get_op_assignment_info().map(|info| info.5);
                match self.variable(&variable.1).map(|variable| variable.key) {
                    None => self.unknown_variable(&variable.1, &[], *position),
                    Some(key) => {
                        let origin = origin.filter(|_| operator.is_none());
                        self.join_origin(key, &value, origin);
                        let result = match (operator, self.cell(key)) {
                            (None, _) => value,
                            // `+=` appends the items of a list, and any other value as one item.
                            (Some("+"), Type::List(_)) => match value {
                                Type::List(_) | Type::Never => value,
                                item => Type::list(item),
                            },
                            (Some(operator), old) => arithmetic(operator, &old, &value),
                        };
                        self.join(key, &result);
                        if self.emit {
                            self.types.learn(&parts.1.lhs, &self.cell(key));
                        }
                    }
                }
                Type::Nil
            }
            Stmt::FnCall(call, position) => {
                let result = self.call(call, *position);
                self.types.learn(&**call, &result);
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
}
