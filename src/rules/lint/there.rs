//! Expressions that are never `()`: what most functions return.

use rhai::{Expr, FnCallExpr, Stmt};

use super::infer::Infer;
use super::paths::{Segment, segments};
use super::value::Type;
use crate::rules::helpers::helpers;
use crate::rules::language::flow::blocks;

/// How many calls and variables are followed.
const MAX_DEPTH: usize = 8;

/// Functions of lists and texts that are never `()`.
const PLAIN: [&str; 6] = ["len", "is_empty", "to_lower", "to_upper", "to_string", "split"];

impl Infer<'_> {
    /// What to call an expression that is a call, or a variable with what one returned, and that is
    /// never `()`; and whether it is a list.
    pub(crate) fn always_returned(&self, expression: &Expr) -> Option<(String, bool)> {
        let name = self.function_of(expression, self.function, MAX_DEPTH)?;
        let is_list = matches!(self.types.of(expression), Type::List(_));
        Some((name, is_list))
    }

    /// The function whose result an expression is, if it never returns `()`.
    fn function_of(&self, expression: &Expr, inside: usize, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match expression {
            Expr::FnCall(call, _) if !call.is_operator_call() => self.called(call, 0, depth),
            Expr::Dot(..) | Expr::Index(..) => {
                let all = segments(expression);
                let is_safe = all.iter().any(Segment::is_safe);
                match all.last() {
                    Some(Segment::Method(call, _)) if !is_safe => self.called(call, 1, depth),
                    _ => None,
                }
            }
            // Variables of closures are not followed.
            Expr::Variable(variable, ..) if self.frame == 0 => {
                let function = self.script.named.get(inside)?;
                if function.params.iter().any(|param| param == variable.1.as_str()) {
                    return None;
                }
                let mut values = Vec::new();
                assigned(function.body.statements(), &variable.1, &mut values)?;
                let mut names = values.iter().map(|value| self.function_of(value, inside, depth));
                let first = names.next()??;
                names.all(|name| name.is_some()).then_some(first)
            }
            _ => None,
        }
    }

    fn called(&self, call: &FnCallExpr, before: usize, depth: usize) -> Option<String> {
        let name = call.name.as_str();
        let count = call.args.len() + before;
        if let Some(function) = self.script.find(name, call.args.len()) {
            let statements = self.script.named.get(function)?.body.statements();
            let mut results = Vec::new();
            results_of(statements, true, &mut results)?;
            let is_there = |value: &&Expr| {
                matches!(value, Expr::Array(..) | Expr::Map(..) | Expr::StringConstant(..))
                    || self.function_of(value, function, depth).is_some()
            };
            return (!results.is_empty() && results.iter().all(is_there)).then(|| name.to_owned());
        }
        let helper = helpers().find(|helper| helper.name == name);
        let is_there = match helper {
            Some(helper) => {
                let mut fitting = helper
                    .signatures
                    .iter()
                    .filter(|signature| signature.params.len() == count)
                    .peekable();
                fitting.peek().is_some()
                    && fitting.all(|signature| {
                        let returns = signature.returns;
                        !returns.ends_with('?') && !matches!(returns, "any" | "()" | "verdict")
                    })
            }
            None => PLAIN.contains(&name),
        };
        is_there.then(|| name.to_owned())
    }
}

/// All values that a variable gets; `None` if it is changed in another way.
fn assigned<'s>(statements: &'s [Stmt], name: &str, values: &mut Vec<&'s Expr>) -> Option<()> {
    for statement in statements {
        match statement {
            Stmt::Var(var, ..) if var.0.name == name => values.push(&var.1),
            Stmt::Assignment(parts) => {
                if let Expr::Variable(variable, ..) = &parts.1.lhs
                    && variable.1 == name
                {
                    values.push(&parts.1.rhs);
                }
            }
            Stmt::For(parts, _) if parts.0.name == name => return None,
            _ => {}
        }
        for block in blocks(statement) {
            assigned(block, name, values)?;
        }
    }
    Some(())
}

/// All values that a function returns; `None` if it can end without one.
fn results_of<'s>(statements: &'s [Stmt], is_end: bool, results: &mut Vec<&'s Expr>) -> Option<()> {
    for (at, statement) in statements.iter().enumerate() {
        let is_last = is_end && at + 1 == statements.len();
        match statement {
            Stmt::Return(None, ..) => return None,
            Stmt::Return(Some(value), ..) => results.push(value),
            Stmt::Expr(value) if is_last => match &**value {
                Expr::Stmt(block) => results_of(block.statements(), true, results)?,
                value => results.push(value),
            },
            Stmt::If(flow, _) => {
                results_of(flow.body.statements(), is_last, results)?;
                results_of(flow.branch.statements(), is_last, results)?;
            }
            // Its cases are not followed.
            Stmt::Switch(..) | Stmt::FnCall(..) if is_last => return None,
            other => {
                if is_last {
                    return None;
                }
                for block in blocks(other) {
                    results_of(block, false, results)?;
                }
            }
        }
    }
    (!is_end || !statements.is_empty()).then_some(())
}
