//! Literals in a script, as far as they can be compared.

use rhai::Expr;

use super::constant::number;

/// A literal that a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Nil,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Literal {
    pub(super) fn of(expression: &Expr) -> Option<Self> {
        match expression {
            Expr::Unit(_) => Some(Self::Nil),
            Expr::BoolConstant(value, _) => Some(Self::Bool(*value)),
            Expr::StringConstant(text, _) => Some(Self::Text(text.to_string())),
            other => number(other).map(Self::Number),
        }
    }

    /// The result of comparing two literals, unless that is an error.
    pub(super) fn compare(operator: &str, a: &Self, b: &Self) -> Option<bool> {
        let order = match (a, b) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            _ => None,
        }?;
        Some(match operator {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "==" => order.is_eq(),
            _ => order.is_ne(),
        })
    }
}
