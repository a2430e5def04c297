//! Code paths of a script: whether each returns a verdict, and unreachable code.

use std::collections::BTreeSet;

use rhai::{ASTFlags, Expr, FnCallExpr, Position, Stmt};

use super::infer::Types;
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::{blocks, call_of, diverges, find_discarded};
use crate::rules::language::script::{Script, name_position};
use crate::rules::language::source::SourceFile;

/// Reports the first unreachable statement of each block.
pub(crate) fn unreachable(
    statements: &[Stmt],
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(end) = statements.iter().position(diverges)
        && let Some(dead) = statements.get(end + 1)
    {
        let help = match statements.get(end) {
            Some(Stmt::BreakLoop(_, flags, _)) if flags.intersects(ASTFlags::BREAK) => {
                "the previous statement leaves the loop"
            }
            Some(Stmt::BreakLoop(..)) => {
                "the previous statement always skips to the next iteration"
            }
            _ => "the previous statement always returns",
        };
        diagnostics.push(
            file.error_at(dead.position(), "unreachable statement")
                .code(Code::Unreachable)
                .help(help),
        );
    }
    statements.iter().flat_map(blocks).for_each(|block| unreachable(block, file, diagnostics));
}

/// Reports loops that end in their first round on every path, so that only the first item decides. A
/// loop that returns an item, or takes it over, is meant to find the first one.
pub(crate) fn single_rounds(
    statements: &[Stmt],
    types: &Types,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for statement in statements {
        if let Stmt::For(parts, position) = statement
            && parts.2.body.iter().any(diverges)
            && !continues(parts.2.body.statements())
            && decides(parts.2.body.statements(), types)
        {
            let help = "return inside the loop only if the item determines the verdict, and return the other verdict after the loop; to find one item, use `list.find(|x| …)`";
            diagnostics.push(
                file.error_at(*position, "this loop ends in its first iteration")
                    .code(Code::SingleRound)
                    .help(help),
            );
        }
        blocks(statement)
            .into_iter()
            .for_each(|block| single_rounds(block, types, file, diagnostics));
    }
}

/// Whether a loop with this body returns or assigns a verdict or a bool, or nothing.
fn decides(statements: &[Stmt], types: &Types) -> bool {
    let mut results = Vec::new();
    outcomes(statements, types, &mut results);
    results.is_empty()
        || results.iter().any(|result| matches!(result, Type::Verdict | Type::Fix | Type::Bool))
}

/// The types of what a block returns, and assigns before it leaves the loop.
fn outcomes(statements: &[Stmt], types: &Types, results: &mut Vec<Type>) {
    for statement in statements {
        match statement {
            Stmt::Return(Some(value), ..) => results.push(types.of(&**value)),
            Stmt::Assignment(parts) if parts.0.get_op_assignment_info().is_none() => {
                results.push(types.of(&parts.1.rhs));
            }
            _ => {}
        }
        blocks(statement).into_iter().for_each(|block| outcomes(block, types, results));
    }
}

/// Whether a block can continue with the next iteration of its loop before its last statement.
fn continues(statements: &[Stmt]) -> bool {
    statements.iter().any(|statement| match statement {
        Stmt::BreakLoop(_, flags, _) => !flags.intersects(ASTFlags::BREAK),
        Stmt::For(..) => false,
        other => blocks(other).into_iter().any(continues),
    })
}

/// Reports discarded verdicts, including those returned by functions of the script.
pub(crate) fn discarded_verdicts(
    script: &Script,
    types: &Types,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let verdict_position = |statement: &Stmt| {
        let (_, position) = call_of(statement)?;
        let value = match statement {
            Stmt::FnCall(call, _) => types.of(&**call),
            Stmt::Expr(expression) => types.of(&**expression),
            _ => Type::Any,
        };
        let what = value.name().filter(|_| value.is_outcome())?;
        Some((position, what))
    };
    script
        .bodies()
        .for_each(|body| find_discarded(body, true, &verdict_position, file, diagnostics));
}

/// What an entry function must return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// `check`.
    Verdict,
    /// `fix`.
    Fix,
}

impl Wanted {
    const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Fix => "fix",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Self::Verdict => "end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`",
            Self::Fix => "end with `safe_fix(…)`, `unsafe_fix(…)` or `by_hand(…)`",
        }
    }

    const fn is(self, value: &Type) -> bool {
        match self {
            Self::Verdict => matches!(value, Type::Verdict),
            Self::Fix => matches!(value, Type::Fix),
        }
    }
}

/// Checks every code path of `check` or `fix`, and of the functions whose results it returns.
pub(crate) struct ReturnCheck<'a> {
    pub(crate) wanted: Wanted,
    pub(crate) script: &'a Script,
    pub(crate) types: &'a Types,
    pub(crate) file: &'a SourceFile,
    pub(crate) diagnostics: Vec<Diagnostic>,
    seen: BTreeSet<usize>,
}

impl<'a> ReturnCheck<'a> {
    pub(crate) fn new(
        wanted: Wanted,
        script: &'a Script,
        types: &'a Types,
        file: &'a SourceFile,
    ) -> Self {
        Self { wanted, script, types, file, diagnostics: Vec::new(), seen: BTreeSet::new() }
    }

    /// Checks a function that must return a verdict or a fix on every code path.
    pub(crate) fn function(&mut self, index: usize) {
        let Some(function) = self.script.named.get(index).filter(|_| self.seen.insert(index))
        else {
            return;
        };
        self.returns(function.body.statements());
        let what = self.wanted.name();
        let empty = format!("`{}` is empty: it must return a {what}", function.name);
        self.block(function.body.statements(), name_position(function, self.file), &empty);
    }

    fn report(&mut self, code: Code, position: Position, message: String) {
        let diagnostic = self.file.error_at(position, message).code(code).help(self.wanted.help());
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Checks the values of all `return` statements.
    fn returns(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::Return(None, _, position) => {
                    self.report(
                        Code::MissingVerdict,
                        *position,
                        format!("`return` without a {}", self.wanted.name()),
                    );
                }
                Stmt::Return(Some(value), ..) => self.value(value),
                _ => {}
            }
            blocks(statement).into_iter().for_each(|block| self.returns(block));
        }
    }

    /// Checks the last value of a block; `empty` is the message if there is none.
    fn block(&mut self, statements: &[Stmt], place: Position, empty: &str) {
        if statements.iter().any(diverges) {
            return;
        }
        let what = self.wanted.name();
        let Some(last) = statements.last() else {
            return self.report(Code::MissingVerdict, place, empty.to_owned());
        };
        match last {
            Stmt::Expr(expression) => self.value(expression),
            Stmt::FnCall(call, position) => self.call(call, *position, &self.types.of(&**call)),
            Stmt::If(flow, position) => {
                self.block(
                    flow.body.statements(),
                    *position,
                    &format!("no {what} if this condition is true"),
                );
                self.block(
                    flow.branch.statements(),
                    *position,
                    &format!("no {what} if this condition is false"),
                );
            }
            Stmt::Switch(parts, position) => {
                if parts.1.def_case.is_none() {
                    self.report(
                        Code::MissingVerdict,
                        *position,
                        format!("no {what} if no case matches: add `_ => …`"),
                    );
                }
                parts.1.expressions.iter().for_each(|case| self.value(&case.rhs));
            }
            Stmt::Block(block) => self.block(block.statements(), block.position(), empty),
            Stmt::For(_, position) => {
                self.report(Code::MissingVerdict, *position, format!("no {what} after this loop"))
            }
            Stmt::Var(_, _, position) => self.report(
                Code::MissingVerdict,
                *position,
                format!("no {what} after this declaration"),
            ),
            Stmt::Assignment(parts) => {
                self.report(
                    Code::MissingVerdict,
                    parts.1.lhs.start_position(),
                    format!("no {what} after this assignment"),
                );
            }
            _ => {}
        }
    }

    fn value(&mut self, expression: &Expr) {
        match expression {
            Expr::Stmt(block) => {
                let empty = format!("no {} in this block", self.wanted.name());
                self.block(block.statements(), block.position(), &empty)
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
        let found = match value {
            Type::Any | Type::Never => return,
            value if self.wanted.is(value) => return,
            Type::Nil => "()",
            other => other.name().unwrap_or("another type"),
        };
        self.report(
            Code::NotAVerdict,
            position,
            format!("expected {}, found {found}", self.wanted.name()),
        );
    }
}
