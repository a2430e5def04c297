//! Conditions that are always true or always false because of each other: `a == "x" && a == "y"`,
//! `n > 100 && n < 10`, `x || true`; and branches that are never reached.

use rhai::{Expr, Position, Stmt};

use super::constant::{is_same, swapped};
use super::infer::Infer;
use super::literal::Literal;
use super::paths::path_of;
use super::value::Type;
use crate::diagnostics::Code;
use crate::rules::language::flow::diverges;

/// `path operator literal`.
#[derive(Debug, Clone)]
struct Comparison {
    path: String,
    operator: &'static str,
    literal: Literal,
    is_int: bool,
}

fn negated(operator: &str) -> &'static str {
    match operator {
        "==" => "!=",
        "!=" => "==",
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        _ => ">",
    }
}

/// The operator as a static string, if it compares.
fn comparing(operator: &str) -> Option<&'static str> {
    ["==", "!=", "<", "<=", ">", ">="].into_iter().find(|known| *known == operator)
}

/// The numbers that satisfy comparisons, as far as they form one range.
#[derive(Debug, Clone, Copy)]
struct Range {
    low: f64,
    low_included: bool,
    high: f64,
    high_included: bool,
}

impl Range {
    const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        low_included: true,
        high: f64::INFINITY,
        high_included: true,
    };

    fn of(comparison: &Comparison) -> Self {
        let Literal::Number(n) = comparison.literal else { return Self::ALL };
        // Between two ints are no others.
        let step = if comparison.is_int && n.fract() == 0.0 { 1.0 } else { 0.0 };
        let strict = step == 0.0;
        match comparison.operator {
            "==" => Self { low: n, high: n, ..Self::ALL },
            "<" => Self { high: n - step, high_included: !strict, ..Self::ALL },
            "<=" => Self { high: n, ..Self::ALL },
            ">" => Self { low: n + step, low_included: !strict, ..Self::ALL },
            ">=" => Self { low: n, ..Self::ALL },
            _ => Self::ALL,
        }
    }

    fn and(self, other: Self) -> Self {
        let (low, low_included) = if self.low > other.low {
            (self.low, self.low_included)
        } else if self.low < other.low {
            (other.low, other.low_included)
        } else {
            (self.low, self.low_included && other.low_included)
        };
        let (high, high_included) = if self.high < other.high {
            (self.high, self.high_included)
        } else if self.high > other.high {
            (other.high, other.high_included)
        } else {
            (self.high, self.high_included && other.high_included)
        };
        Self { low, low_included, high, high_included }
    }

    fn is_empty(self) -> bool {
        self.low > self.high
            || self.low.partial_cmp(&self.high).is_some_and(std::cmp::Ordering::is_eq)
                && !(self.low_included && self.high_included)
    }
}

/// Whether both comparisons of the same value cannot hold.
fn exclude(a: &Comparison, b: &Comparison) -> bool {
    if a.path != b.path {
        return false;
    }
    match (a.operator, b.operator) {
        ("==", "==") => a.literal != b.literal,
        ("==", "!=") | ("!=", "==") => a.literal == b.literal,
        _ => match (&a.literal, &b.literal) {
            (Literal::Number(_), Literal::Number(_)) => Range::of(a).and(Range::of(b)).is_empty(),
            _ => false,
        },
    }
}

/// Longer conditions are not compared part by part.
const MAX_PARTS: usize = 256;

impl Infer<'_> {
    /// Checks the parts of `&&` or `||` against each other. They were evaluated before.
    pub(crate) fn check_logic<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, is_and: bool) {
        if !self.emit {
            return;
        }
        let symbol = if is_and { "&&" } else { "||" };
        let mut all: Vec<&Expr> = Vec::new();
        for part in parts {
            flatten(part, is_and, &mut all);
        }
        all.truncate(MAX_PARTS);
        // A part of `||` excludes another if the opposites of both cannot hold.
        let compared: Vec<Option<Comparison>> =
            all.iter().map(|part| self.comparison(part, is_and)).collect();
        for (at, part) in all.iter().enumerate() {
            let before = all.get(..at).unwrap_or_default();
            let place = part.start_position();
            if let Expr::BoolConstant(value, _) = part {
                let result = match (is_and, value) {
                    (true, false) => "the condition is always `false`",
                    (false, true) => "the condition is always `true`",
                    _ => "it has no effect",
                };
                let message =
                    format!("`{symbol} {value}` does not depend on the resource: {result}");
                self.constant(place, message);
            } else if before.iter().any(|earlier| is_same(earlier, part)) {
                self.constant(place, format!("duplicate condition in this `{symbol}` expression"));
            } else if let Some(Some(comparison)) = compared.get(at)
                && compared
                    .get(..at)
                    .unwrap_or_default()
                    .iter()
                    .flatten()
                    .any(|earlier| exclude(earlier, comparison))
            {
                let path = &comparison.path;
                let message = match is_and {
                    true => {
                        format!("`{path}` cannot satisfy both comparisons: `&&` is always `false`")
                    }
                    false => format!(
                        "`{path}` always satisfies one of the comparisons: `||` is always `true`"
                    ),
                };
                let help = match is_and {
                    true => "write `||` if either condition is sufficient".to_owned(),
                    false => "write `&&` if both conditions are required".to_owned(),
                };
                self.report(Code::ConstantComparison, place, message, Some(help));
            }
        }
    }

    fn constant(&mut self, place: Position, message: String) {
        let help =
            "remove it, or compare a value of the resource with the expected value".to_owned();
        self.report(Code::ConstantComparison, place, message, Some(help));
    }

    /// A comparison of a value with a literal; its opposite, unless `holds`.
    fn comparison(&self, condition: &Expr, holds: bool) -> Option<Comparison> {
        let Expr::FnCall(call, _) = condition else { return None };
        if call.name == "!" {
            return self.comparison(call.args.first()?, !holds);
        }
        let operator = comparing(&call.name)?;
        let [a, b] = &call.args[..] else { return None };
        let (subject, operator, literal) = match (Literal::of(a), Literal::of(b)) {
            (None, Some(literal)) => (a, operator, literal),
            (Some(literal), None) => (b, comparing(swapped(operator))?, literal),
            _ => return None,
        };
        let operator = if holds { operator } else { negated(operator) };
        let is_int = self.types.of(subject) == Type::Int;
        Some(Comparison { path: path_of(subject)?, operator, literal, is_int })
    }

    /// Checks that the condition of an `if` is not a literal, and that no condition in a series of
    /// `else if` is repeated.
    pub(crate) fn check_branches(&mut self, condition: &Expr, branch: &[Stmt]) {
        if !self.emit {
            return;
        }
        if let Expr::BoolConstant(value, place) = condition {
            self.constant(*place, format!("this condition is always `{value}`"));
        }
        let mut next = branch;
        while let [Stmt::If(flow, _)] = next {
            if is_same(condition, &flow.expr) {
                self.never_reached(flow.expr.start_position());
            }
            next = flow.branch.statements();
        }
    }

    /// Checks that a condition after which the function returned is not checked again at once.
    pub(crate) fn check_repeated(&mut self, statements: &[Stmt]) {
        if !self.emit {
            return;
        }
        for (at, statement) in statements.iter().enumerate() {
            let Stmt::If(first, _) = statement else { continue };
            if let Some(Stmt::If(second, _)) = statements.get(at + 1)
                && first.branch.is_empty()
                && first.body.iter().any(diverges)
                && is_same(&first.expr, &second.expr)
            {
                self.never_reached(second.expr.start_position());
            }
        }
    }

    fn never_reached(&mut self, place: Position) {
        self.report(
            Code::Unreachable,
            place,
            "this branch is never taken: the same condition was checked before".to_owned(),
            Some("remove it, or check another condition".to_owned()),
        );
    }
}

/// The parts of nested `&&` or `||`.
fn flatten<'e>(part: &'e Expr, is_and: bool, all: &mut Vec<&'e Expr>) {
    match part {
        Expr::And(parts, _) if is_and => parts.iter().for_each(|part| flatten(part, is_and, all)),
        Expr::Or(parts, _) if !is_and => parts.iter().for_each(|part| flatten(part, is_and, all)),
        // In parentheses.
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Expr(inner)] => flatten(inner, is_and, all),
            _ => all.push(part),
        },
        _ => all.push(part),
    }
}
