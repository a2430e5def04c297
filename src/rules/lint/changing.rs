//! Functions that change a value in place and return nothing: `text.trim()`, `list.push(x)`. As a
//! value, such a call is always `()`; on a copy, such as a fact, the change is lost.

use rhai::{Expr, FnCallExpr, Position, Stmt};

use super::infer::Types;
use super::native_calls::is_read_only;
use super::natives::Natives;
use super::paths::{Segment, path_of, segments, text_of};
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::diverges;
use crate::rules::language::restrictions::is_forbidden;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

/// What returns the changed value instead.
const INSTEAD: [(&str, &str); 3] =
    [("make_lower", "to_lower()"), ("make_upper", "to_upper()"), ("dedup", "distinct()")];

/// Reports calls that change a value in place and are used as a value, or change a copy.
pub(crate) fn check(
    script: &Script,
    natives: &Natives,
    types: &Types,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut check = Check { script, natives, types, file, diagnostics };
    for function in &script.named {
        // `check` must return a verdict, which is checked elsewhere, and `fix` a fix.
        let is_entry = ["check", "fix"].contains(&function.name.as_str());
        let end = if is_entry { End::Unused } else { End::Used };
        check.block(function.body.statements(), end);
    }
    script.closures().for_each(|closure| check.block(closure.body.statements(), End::Used));
}

/// Whether the last value of a block is used.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Used,
    Unused,
}

struct Check<'a> {
    script: &'a Script,
    natives: &'a Natives,
    types: &'a Types,
    file: &'a SourceFile,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn block(&mut self, statements: &[Stmt], end: End) {
        let last = statements.len().saturating_sub(1);
        // Unreachable code is reported elsewhere.
        let reached = statements.iter().position(diverges).unwrap_or(last);
        for (at, statement) in statements.iter().enumerate().take(reached + 1) {
            self.statement(statement, if at == last { end } else { End::Unused });
        }
    }

    fn statement(&mut self, statement: &Stmt, end: End) {
        match statement {
            Stmt::Expr(expression) => self.expression(expression, end),
            Stmt::FnCall(call, position) => self.call(call, *position, end),
            Stmt::Var(var, ..) => self.expression(&var.1, End::Used),
            Stmt::Assignment(parts) => self.expression(&parts.1.rhs, End::Used),
            Stmt::Return(Some(value), ..) => self.expression(value, End::Used),
            Stmt::If(flow, _) => {
                self.expression(&flow.expr, End::Used);
                self.block(flow.body.statements(), end);
                self.block(flow.branch.statements(), end);
            }
            Stmt::For(parts, _) => {
                self.expression(&parts.2.expr, End::Used);
                self.block(parts.2.body.statements(), End::Unused);
            }
            Stmt::Switch(parts, _) => {
                self.expression(&parts.0, End::Used);
                for case in &parts.1.expressions {
                    self.expression(&case.lhs, End::Used);
                    self.expression(&case.rhs, end);
                }
            }
            Stmt::Block(block) => self.block(block.statements(), end),
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr, end: End) {
        match expression {
            Expr::FnCall(call, position) => self.call(call, *position, end),
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, end),
            Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
                parts.iter().for_each(|part| self.expression(part, End::Used));
            }
            Expr::Array(parts, _) | Expr::InterpolatedString(parts, _) => {
                parts.iter().for_each(|part| self.expression(part, End::Used));
            }
            Expr::Map(map, _) => {
                map.0.iter().for_each(|(_, value)| self.expression(value, End::Used));
            }
            Expr::Stmt(block) if self.script.closure(expression).is_none() => {
                self.block(block.statements(), end);
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, end: End) {
        call.args.iter().for_each(|argument| self.expression(argument, End::Used));
        let Some(changed) = call.args.first().filter(|_| self.returns_nothing(call, 0)) else {
            return;
        };
        let chain = segments(changed);
        self.changing(call, &chain, path_of(changed), position, end);
    }

    fn chain(&mut self, expression: &Expr, end: End) {
        let all = segments(expression);
        for (at, segment) in all.iter().enumerate() {
            match segment {
                Segment::First(first) => self.expression(first, End::Used),
                Segment::Index(index, _) => self.expression(index, End::Used),
                Segment::Method(call, _) => {
                    call.args.iter().for_each(|argument| self.expression(argument, End::Used));
                    if self.returns_nothing(call, 1) {
                        let before = all.get(..at).unwrap_or_default();
                        let end = if at + 1 == all.len() { end } else { End::Used };
                        let start = expression.start_position();
                        self.changing(call, before, text_of(before), start, end);
                    }
                }
                Segment::Property(..) | Segment::Key(..) => {}
            }
        }
    }

    fn returns_nothing(&self, call: &FnCallExpr, before: usize) -> bool {
        self.script.find(&call.name, call.args.len()).is_none()
            && !is_forbidden(&call.name)
            && self.types.of(call) == Type::Nil
            && self.natives.is_changing(&call.name, call.args.len() + before)
    }

    /// A call that changes the value of a chain.
    fn changing(
        &mut self,
        call: &FnCallExpr,
        chain: &[Segment<'_>],
        shown: Option<String>,
        position: Position,
        end: End,
    ) {
        let (name, is_kept) = (call.name.as_str(), self.is_kept(chain));
        if end == End::Unused {
            if !is_kept {
                let what = shown.map_or("a value".to_owned(), |path| format!("`{path}`"));
                let message = format!("`{name}` changes a copy of {what}, which is then discarded");
                let help = format!("copy it to a variable first: `let x = …; x.{name}(…);`");
                self.report(Code::UnusedResult, position, message, help);
            }
            return;
        }
        let instead = INSTEAD.iter().find(|(function, _)| *function == name);
        let help = match (instead, shown.filter(|_| is_kept)) {
            (Some((_, other)), path) => {
                let path = path.unwrap_or_else(|| "x".to_owned());
                format!("use `{path}.{other}`, which returns the new value")
            }
            (None, Some(path)) => {
                let given = if call.args.is_empty() { "" } else { "…" };
                format!(
                    "call it in a statement of its own: `{path}.{name}({given});`, then use `{path}`"
                )
            }
            (None, None) => {
                format!(
                    "copy the value and change the copy: `let x = …; x.{name}(…);`, then use `x`"
                )
            }
        };
        let message = format!("`{name}` changes the value in place and returns `()`");
        self.report(Code::ReturnsNothing, position, message, help);
    }

    /// Whether a change of the value of a chain is kept: it is a variable, or a part of a list or a
    /// map in one. What a resource or a call returns is a copy.
    fn is_kept(&self, chain: &[Segment<'_>]) -> bool {
        let [Segment::First(first @ Expr::Variable(..)), rest @ ..] = chain else { return false };
        let mut value = self.types.of(*first);
        for segment in rest {
            value = match (value, segment) {
                (_, Segment::First(_) | Segment::Method(..)) => return false,
                (value, _) if is_read_only(&value) => return false,
                (Type::Map(fields, _), Segment::Property(name, ..) | Segment::Key(name, ..)) => {
                    fields.get(*name).cloned().unwrap_or(Type::Any)
                }
                (Type::List(item), Segment::Index(..)) => (*item).clone(),
                _ => Type::Any,
            };
        }
        true
    }

    fn report(&mut self, code: Code, position: Position, message: String, help: String) {
        self.diagnostics.push(self.file.error_at(position, message).code(code).help(help));
    }
}
