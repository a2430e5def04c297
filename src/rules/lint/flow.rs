//! Ways through a script: whether each ends in a verdict, and what is never reached.

use std::collections::BTreeSet;

use rhai::{AST, ASTFlags, Expr, FnCallExpr, Position, Stmt, StmtBlock};

use super::codes::Code;
use super::infer::Types;
use super::script::Script;
use super::value::Type;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::source::SourceFile;

/// Whether nothing after a statement of the same block is ever reached.
pub(super) fn diverges(statement: &Stmt) -> bool {
    let block = |block: &StmtBlock| block.iter().any(diverges);
    match statement {
        Stmt::Return(..) | Stmt::BreakLoop(..) => true,
        Stmt::If(flow, _) => block(&flow.body) && block(&flow.branch),
        Stmt::Block(inner) => block(inner),
        Stmt::Switch(parts, _) => {
            parts.1.def_case.is_some()
                && parts.1.expressions.iter().all(|case| diverging(&case.rhs))
        }
        Stmt::Expr(expression) => diverging(expression),
        _ => false,
    }
}

fn diverging(expression: &Expr) -> bool {
    matches!(expression, Expr::Stmt(block) if block.iter().any(diverges))
}

/// Blocks directly inside a statement.
fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::If(flow, _) => vec![flow.body.statements(), flow.branch.statements()],
        Stmt::For(parts, _) => vec![parts.2.body.statements()],
        Stmt::Block(block) => vec![block.statements()],
        Stmt::Switch(parts, _) => {
            parts.1.expressions.iter().filter_map(|case| block_of(&case.rhs)).collect()
        }
        Stmt::Expr(expression) | Stmt::Return(Some(expression), ..) => {
            block_of(expression).into_iter().collect()
        }
        Stmt::Var(parts, ..) => block_of(&parts.1).into_iter().collect(),
        Stmt::Assignment(parts) => block_of(&parts.1.rhs).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn block_of(expression: &Expr) -> Option<&[Stmt]> {
    match expression {
        Expr::Stmt(block) => Some(block.statements()),
        _ => None,
    }
}

/// The first statement of each block that is never reached.
pub(super) fn unreachable(statements: &[Stmt], file: &SourceFile, faults: &mut Vec<Diagnostic>) {
    if let Some(end) = statements.iter().position(diverges)
        && let Some(dead) = statements.get(end + 1)
    {
        let help = match statements.get(end) {
            Some(Stmt::BreakLoop(_, flags, _)) if flags.intersects(ASTFlags::BREAK) => {
                "the statement before it leaves the loop"
            }
            Some(Stmt::BreakLoop(..)) => "the statement before it goes on with the next item",
            _ => "the statement before it always returns",
        };
        faults.push(
            file.fault(dead.position(), "this is never reached").code(Code::Unreachable).help(help),
        );
    }
    statements.iter().flat_map(blocks).for_each(|block| unreachable(block, file, faults));
}

/// The place of a call that stands as a statement, and whether it gives a verdict.
type GivesVerdict<'a> = &'a dyn Fn(&Stmt) -> Option<Position>;

/// Verdicts that are made and then forgotten, as far as `is_verdict` knows them. `kept`: whether
/// the last value of the block goes anywhere.
fn dropped(
    statements: &[Stmt],
    kept: bool,
    is_verdict: GivesVerdict<'_>,
    file: &SourceFile,
    faults: &mut Vec<Diagnostic>,
) {
    let end = statements.len().saturating_sub(1);
    // What is never reached is told elsewhere.
    let reached = statements.iter().position(diverges).unwrap_or(end);
    for (at, statement) in statements.iter().enumerate().take(reached + 1) {
        let kept = kept && at == end;
        if let Some(position) = is_verdict(statement).filter(|_| !kept) {
            let fault = file
                .fault(position, "this verdict comes to nothing: the rule goes on")
                .code(Code::DroppedVerdict);
            faults.push(fault.help("end with it by `return`, or make it the last value"));
        }
        let kept = match statement {
            Stmt::For(..) => false,
            Stmt::Return(..) | Stmt::Var(..) | Stmt::Assignment(..) => true,
            _ => kept,
        };
        blocks(statement)
            .into_iter()
            .for_each(|block| dropped(block, kept, is_verdict, file, faults));
    }
}

/// A call that stands as a statement.
fn call_of(statement: &Stmt) -> Option<(&FnCallExpr, Position)> {
    match statement {
        Stmt::FnCall(call, position) => Some((&**call, *position)),
        Stmt::Expr(expression) => match &**expression {
            Expr::FnCall(call, position) => Some((&**call, *position)),
            _ => None,
        },
        _ => None,
    }
}

/// Verdicts that are made and then forgotten, also by way of functions of the script.
pub(super) fn dropped_verdicts(
    script: &Script,
    types: &Types,
    file: &SourceFile,
    faults: &mut Vec<Diagnostic>,
) {
    let is_verdict = |statement: &Stmt| {
        let (_, position) = call_of(statement)?;
        let value = match statement {
            Stmt::FnCall(call, _) => types.of(&**call),
            Stmt::Expr(expression) => types.of(&**expression),
            _ => Type::Any,
        };
        (value == Type::Verdict).then_some(position)
    };
    script.bodies().for_each(|body| dropped(body, true, &is_verdict, file, faults));
}

/// The same as far as it is plain without following any value: calls of `pass`, `fail` and `skip`.
/// Loading refuses them, since a rule that forgets its verdict passes what it should fail.
pub(in crate::rules) fn plainly_dropped_verdicts(ast: &AST, file: &SourceFile) -> Vec<Diagnostic> {
    let is_verdict = |statement: &Stmt| {
        call_of(statement)
            .filter(|(call, _)| matches!(call.name.as_str(), "pass" | "fail" | "skip"))
            .map(|(_, position)| position)
    };
    let mut faults = Vec::new();
    Script::new(ast).bodies().for_each(|body| dropped(body, true, &is_verdict, file, &mut faults));
    faults
}

/// Looks at every way through `check`, and through the functions that it ends in.
pub(super) struct Verdicts<'a> {
    pub(super) script: &'a Script,
    pub(super) types: &'a Types,
    pub(super) file: &'a SourceFile,
    pub(super) faults: Vec<Diagnostic>,
    seen: BTreeSet<usize>,
}

const HELP: &str = "end in pass(), fail(…) or skip(…)";

impl<'a> Verdicts<'a> {
    pub(super) fn new(script: &'a Script, types: &'a Types, file: &'a SourceFile) -> Self {
        Self { script, types, file, faults: Vec::new(), seen: BTreeSet::new() }
    }

    /// A function that must return a verdict on every way.
    pub(super) fn function(&mut self, index: usize) {
        let Some(function) = self.script.named.get(index).filter(|_| self.seen.insert(index))
        else {
            return;
        };
        self.returns(function.body.statements());
        let empty = format!("`{}` is empty and returns no verdict", function.name);
        self.block(
            function.body.statements(),
            super::script::place_of(function, self.file),
            &empty,
        );
    }

    fn refuse(&mut self, code: Code, position: Position, message: String) {
        let fault = self.file.fault(position, message).code(code).help(HELP);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// What `return` gives, wherever it stands.
    fn returns(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::Return(None, _, position) => {
                    self.refuse(
                        Code::NoVerdict,
                        *position,
                        "`return` without a verdict".to_owned(),
                    );
                }
                Stmt::Return(Some(value), ..) => self.value(value),
                _ => {}
            }
            blocks(statement).into_iter().for_each(|block| self.returns(block));
        }
    }

    /// The last value of a block; `empty` says what is wrong when there is none.
    fn block(&mut self, statements: &[Stmt], place: Position, empty: &str) {
        if statements.iter().any(diverges) {
            return;
        }
        let Some(last) = statements.last() else {
            return self.refuse(Code::NoVerdict, place, empty.to_owned());
        };
        match last {
            Stmt::Expr(expression) => self.value(expression),
            Stmt::FnCall(call, position) => self.call(call, *position, &self.types.of(&**call)),
            Stmt::If(flow, position) => {
                self.block(
                    flow.body.statements(),
                    *position,
                    "no verdict when this condition holds",
                );
                self.block(
                    flow.branch.statements(),
                    *position,
                    "no verdict when this condition does not hold",
                );
            }
            Stmt::Switch(parts, position) => {
                if parts.1.def_case.is_none() {
                    self.refuse(
                        Code::NoVerdict,
                        *position,
                        "no verdict when none of the cases fits: `_ => …` is missing".to_owned(),
                    );
                }
                parts.1.expressions.iter().for_each(|case| self.value(&case.rhs));
            }
            Stmt::Block(block) => self.block(block.statements(), block.position(), empty),
            Stmt::For(_, position) => {
                self.refuse(Code::NoVerdict, *position, "no verdict after this loop".to_owned())
            }
            Stmt::Var(_, _, position) => self.refuse(
                Code::NoVerdict,
                *position,
                "no verdict after this declaration".to_owned(),
            ),
            Stmt::Assignment(parts) => {
                self.refuse(
                    Code::NoVerdict,
                    parts.1.lhs.start_position(),
                    "no verdict after this assignment".to_owned(),
                );
            }
            _ => {}
        }
    }

    fn value(&mut self, expression: &Expr) {
        match expression {
            Expr::Stmt(block) => {
                self.block(block.statements(), block.position(), "no verdict in this block")
            }
            Expr::FnCall(call, position) if !call.is_operator_call() => {
                self.call(call, *position, &self.types.of(expression))
            }
            other => self.typed(other.start_position(), &self.types.of(other)),
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, result: &Type) {
        match self.script.find(&call.name, call.args.len()) {
            Some(function) => self.function(function),
            None => self.typed(position, result),
        }
    }

    fn typed(&mut self, position: Position, value: &Type) {
        let what = match value {
            Type::Verdict | Type::Any | Type::Never => return,
            Type::Nil => "nothing",
            other => other.word().unwrap_or("something else"),
        };
        self.refuse(Code::NotAVerdict, position, format!("this is {what}, not a verdict"));
    }
}
