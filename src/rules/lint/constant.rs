//! Comparisons whose result does not depend on the resource, and divisions that lose what they are
//! compared with.

use rhai::{Expr, Position};

use super::infer::Infer;
use super::origin::Origin;
use super::value::Type;
use crate::diagnostics::Code;

/// A literal number.
pub(super) fn number(expression: &Expr) -> Option<f64> {
    match expression {
        // Exact for every int that a rule compares with.
        #[allow(clippy::cast_precision_loss)]
        Expr::IntegerConstant(value, _) => Some(*value as f64),
        Expr::FloatConstant(value, _) => Some(**value),
        // A negated literal that the parser did not fold.
        Expr::FnCall(call, _) if call.name == "-" && call.args.len() == 1 => {
            call.args.first().and_then(number).map(|value| -value)
        }
        _ => None,
    }
}

fn is_literal(expression: &Expr) -> bool {
    number(expression).is_some()
        || matches!(
            expression,
            Expr::BoolConstant(..)
                | Expr::StringConstant(..)
                | Expr::CharConstant(..)
                | Expr::Unit(_)
        )
}

/// Whether two expressions have the same value: they read the same fields in the same way.
pub(super) fn is_same(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Variable(a, ..), Expr::Variable(b, ..)) => a.1 == b.1,
        (Expr::Property(a, _), Expr::Property(b, _)) => a.2 == b.2,
        (Expr::StringConstant(a, _), Expr::StringConstant(b, _)) => a == b,
        (Expr::IntegerConstant(a, _), Expr::IntegerConstant(b, _)) => a == b,
        (Expr::BoolConstant(a, _), Expr::BoolConstant(b, _)) => a == b,
        (Expr::Unit(_), Expr::Unit(_)) => true,
        (Expr::And(a, _), Expr::And(b, _)) | (Expr::Or(a, _), Expr::Or(b, _)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b))
        }
        (Expr::Dot(a, ..), Expr::Dot(b, ..)) | (Expr::Index(a, ..), Expr::Index(b, ..)) => {
            is_same(&a.lhs, &b.lhs) && is_same(&a.rhs, &b.rhs)
        }
        (Expr::MethodCall(a, _), Expr::MethodCall(b, _))
        | (Expr::FnCall(a, _), Expr::FnCall(b, _)) => {
            a.name == b.name
                && a.args.len() == b.args.len()
                && a.args.iter().zip(&b.args).all(|(a, b)| is_same(a, b))
        }
        _ => false,
    }
}

/// Whether an expression is a number of items, which is never negative.
fn is_length(expression: &Expr) -> bool {
    match expression {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => is_length(&parts.rhs),
        Expr::MethodCall(call, _) => call.name == "len" && call.args.is_empty(),
        Expr::FnCall(call, _) => call.name == "len" && call.args.len() == 1,
        Expr::Property(property, _) => property.2 == "len",
        _ => false,
    }
}

/// The result of comparing a length with a number, if it is always the same.
fn of_length(operator: &str, limit: f64) -> Option<bool> {
    match operator {
        ">=" if limit <= 0.0 => Some(true),
        ">" if limit < 0.0 => Some(true),
        "<" if limit <= 0.0 => Some(false),
        "<=" if limit < 0.0 => Some(false),
        "==" if limit < 0.0 || limit.fract() != 0.0 => Some(false),
        "!=" if limit < 0.0 || limit.fract() != 0.0 => Some(true),
        _ => None,
    }
}

/// The same comparison with the operands swapped.
pub(super) fn swapped(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        other => other,
    }
}

impl Infer<'_> {
    /// Checks a comparison of two expressions, given with the origins of their values.
    pub(crate) fn check_comparison(
        &mut self,
        operator: &str,
        (a, first): (&Expr, Option<&Origin>),
        (b, second): (&Expr, Option<&Origin>),
        position: Position,
    ) {
        if !matches!(operator, "==" | "!=" | "<" | ">" | "<=" | ">=") {
            return;
        }
        if matches!(operator, "==" | "!=") {
            let check = format!("{operator} ()");
            match (a, b) {
                (Expr::Unit(_), _) => self.check_always_there(Some(b), second, &check, position),
                (_, Expr::Unit(_)) => self.check_always_there(Some(a), first, &check, position),
                _ => {}
            }
        }
        let always = if is_literal(a) && is_literal(b) {
            Some("it compares two literals".to_owned())
        } else if is_same(a, b) {
            Some("both sides are the same value".to_owned())
        } else {
            let length = match (number(a), number(b)) {
                (None, Some(limit)) if is_length(a) => of_length(operator, limit),
                (Some(limit), None) if is_length(b) => of_length(swapped(operator), limit),
                _ => None,
            };
            length.map(|result| {
                format!("a length is never negative, so the result is always `{result}`")
            })
        };
        if let Some(why) = always {
            let message = format!("this comparison does not depend on the resource: {why}");
            let help = "compare a value of the resource with the expected value; to check that a list is not empty, use `!list.is_empty()`";
            self.report(Code::ConstantComparison, position, message, Some(help.to_owned()));
            return;
        }
        let fraction = |side: &Expr| number(side).is_some_and(|number| number.fract() != 0.0);
        let floats = |side: &Expr| matches!(self.types.of(side), Type::Float);
        let is_quotient = |origin: Option<&Origin>| origin.is_some_and(Origin::is_quotient);
        if (is_quotient(first) && (fraction(b) || floats(b)))
            || (is_quotient(second) && (fraction(a) || floats(a)))
        {
            let message = "integer division drops the fraction: `1 / 2` is `0`".to_owned();
            let help = "multiply instead: `2 * a > b` for `a / b > 0.5`, or convert one side: `a.to_float() / b`";
            self.report(Code::IntegerDivision, position, message, Some(help.to_owned()));
        }
    }

    /// Checks that a divisor is not the literal zero.
    pub(crate) fn check_division(
        &mut self,
        operator: &str,
        values: &[Type],
        divisor: &Expr,
        position: Position,
    ) {
        let numbers =
            values.iter().all(|value| matches!(value, Type::Int | Type::Float | Type::Any));
        if matches!(operator, "/" | "%") && numbers && number(divisor) == Some(0.0) {
            let message = "division by zero".to_owned();
            let help = "divide by a number that is not zero, or check the divisor first: `if n == 0 { … }`";
            self.report(Code::DivisionByZero, position, message, Some(help.to_owned()));
        }
    }
}
