//! Paths through a script: whether each ends in a verdict, and what is never reached.

use std::collections::BTreeSet;

use rhai::{ASTFlags, Expr, FnCallExpr, Position, Stmt};

use super::infer::Types;
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::{blocks, call_of, diverges, dropped};
use crate::rules::language::script::{Script, place_of};
use crate::rules::language::source::SourceFile;

/// The first statement of each block that is never reached.
pub(crate) fn unreachable(statements: &[Stmt], file: &SourceFile, faults: &mut Vec<Diagnostic>) {
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

/// Verdicts that are made and then forgotten, also by way of functions of the script.
pub(crate) fn dropped_verdicts(
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

/// Looks at every way through `check`, and through the functions that it ends in.
pub(crate) struct Verdicts<'a> {
    pub(crate) script: &'a Script,
    pub(crate) types: &'a Types,
    pub(crate) file: &'a SourceFile,
    pub(crate) faults: Vec<Diagnostic>,
    seen: BTreeSet<usize>,
}

const HELP: &str = "end in pass(), fail(…) or skip(…)";

impl<'a> Verdicts<'a> {
    pub(crate) fn new(script: &'a Script, types: &'a Types, file: &'a SourceFile) -> Self {
        Self { script, types, file, faults: Vec::new(), seen: BTreeSet::new() }
    }

    /// A function that must return a verdict on every way.
    pub(crate) fn function(&mut self, index: usize) {
        let Some(function) = self.script.named.get(index).filter(|_| self.seen.insert(index))
        else {
            return;
        };
        self.returns(function.body.statements());
        let empty = format!("`{}` is empty and returns no verdict", function.name);
        self.block(function.body.statements(), place_of(function, self.file), &empty);
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
