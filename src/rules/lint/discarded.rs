//! Statements whose value is computed and not used: `found + [item];`, `list.filter(…);`.

use rhai::{Expr, FnCallExpr, Position, Stmt};

use super::infer::Types;
use super::natives::Natives;
use super::paths::{Segment, segments};
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::{blocks, diverges};
use crate::rules::language::restrictions::is_forbidden;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

/// Built-in functions that change their first argument and return something.
const CHANGE: [&str; 6] = ["pop", "shift", "remove", "drain", "retain", "splice"];

/// What was probably meant, by function or operator.
const ADVICE: [(&str, &str); 4] = [
    ("+", "to append to a list, write `list += [item];` or `list.push(item);`"),
    ("==", "to assign, write `=`; to check a condition, write `if`"),
    ("distinct", "use what it returns: `list = list.distinct();`"),
    ("filter", "use what it returns: `let found = list.filter(|x| …);`"),
];

const HELP: &str =
    "use the value: assign it, return it, or check it in a condition; or remove the statement";

/// Reports statements in functions and closures whose values are not used.
pub(crate) fn check(
    script: &Script,
    natives: &Natives,
    types: &Types,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut check = Check { script, natives, types, file, diagnostics };
    script.bodies().for_each(|body| check.block(body, true));
}

struct Check<'a> {
    script: &'a Script,
    natives: &'a Natives,
    types: &'a Types,
    file: &'a SourceFile,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    /// `used`: whether the last value of the block is used.
    fn block(&mut self, statements: &[Stmt], used: bool) {
        let end = statements.len().saturating_sub(1);
        // Unreachable code is reported elsewhere.
        let reached = statements.iter().position(diverges).unwrap_or(end);
        for (at, statement) in statements.iter().enumerate().take(reached + 1) {
            let used = used && at == end;
            if !used {
                self.unused(statement);
            }
            let used = match statement {
                Stmt::For(..) => false,
                Stmt::Return(..) | Stmt::Var(..) | Stmt::Assignment(..) => true,
                _ => used,
            };
            blocks(statement).into_iter().for_each(|block| self.block(block, used));
        }
    }

    fn unused(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Expr(expression) => {
                let value = self.types.of(&**expression);
                self.expression(expression, &value, false);
            }
            Stmt::FnCall(call, position) => {
                let value = self.types.of(&**call);
                self.call(call, *position, *position, &value, 0);
            }
            Stmt::Switch(parts, _) => {
                for case in &parts.1.expressions {
                    let value = self.types.of(&case.rhs);
                    self.expression(&case.rhs, &value, true);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr, value: &Type, in_case: bool) {
        let start = expression.start_position();
        match expression {
            // A discarded verdict in a block is reported elsewhere.
            Expr::Stmt(_) if value.is_outcome() => {}
            _ if value.is_outcome() && in_case => {
                let help = "return it with `return`, or make the `switch` the last expression";
                let what = value.name().unwrap_or_default();
                let diagnostic = self.file.error_at(start, format!("this {what} is discarded"));
                self.diagnostics.push(diagnostic.code(Code::DiscardedVerdict).help(help));
            }
            _ if value.is_outcome() => {}
            Expr::FnCall(call, position) => self.call(call, start, *position, value, 0),
            Expr::Dot(..) | Expr::Index(..) => match segments(expression).last() {
                Some(Segment::Method(call, _)) => {
                    self.call(call, start, start, value, 1);
                }
                _ => self.report(start, "this value is not used".to_owned(), HELP),
            },
            Expr::And(..)
            | Expr::Or(..)
            | Expr::Coalesce(..)
            | Expr::Variable(..)
            | Expr::Array(..)
            | Expr::Map(..)
            | Expr::InterpolatedString(..)
            | Expr::StringConstant(..)
            | Expr::BoolConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::FloatConstant(..) => {
                self.report(start, "this value is not used".to_owned(), HELP);
            }
            _ => {}
        }
    }

    fn call(
        &mut self,
        call: &FnCallExpr,
        start: Position,
        position: Position,
        value: &Type,
        before: usize,
    ) {
        let name = call.name.as_str();
        let advice = ADVICE.iter().find(|(function, _)| *function == name).map(|(_, help)| *help);
        if call.is_operator_call() {
            let message = format!("the result of `{name}` is not used");
            // An operator is reported where its first operand is.
            let place = if start.is_none() { position } else { start };
            return self.report(place, message, advice.unwrap_or(HELP));
        }
        let count = call.args.len() + before;
        let own = self.script.find(name, call.args.len()).is_some();
        // As a method, a function of the script can change its receiver.
        let changes = if own {
            before > 0
        } else {
            CHANGE.contains(&name)
                || is_forbidden(name)
                || self.natives.arities(name).is_none_or(|arities| !arities.contains(&count))
                || self.natives.result(name, count) == Type::Nil
        };
        if !changes && !value.is_outcome() {
            let message = format!("the result of `{name}` is not used");
            self.report(start, message, advice.unwrap_or(HELP));
        }
    }

    fn report(&mut self, position: Position, message: String, help: &str) {
        let diagnostic = self.file.error_at(position, message).code(Code::UnusedResult).help(help);
        self.diagnostics.push(diagnostic);
    }
}
