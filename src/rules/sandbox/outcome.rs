//! The outcome of a rule for a resource, and the conversion of engine errors to outcomes.

use rhai::{AST, ASTNode, Engine, EvalAltResult, Expr, Position};
use serde_json::Value;

use super::errors::{self, explain};
use crate::model::{Cause, Verdict, text};
use crate::rules::values::interrupt::Interrupt;

/// Maximum length of a message; longer ones are visibly truncated.
pub(crate) const MAX_MESSAGE: usize = 1_000;

/// The outcome of a rule for a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOutcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why the resource was skipped, what could not be read, or why the rule failed
    /// to run. Empty for a pass.
    pub message: String,
    /// The values that caused the failure.
    pub evidence: Vec<Value>,
    /// For [`Verdict::Unknown`]: what could not be read.
    pub causes: Vec<Cause>,
}

impl RuleOutcome {
    pub(crate) fn new(verdict: Verdict, message: String) -> Self {
        Self { verdict, message, evidence: Vec::new(), causes: Vec::new() }
    }

    /// An `unknown` outcome; `causes` are what could not be read.
    pub fn unknown(mut causes: Vec<Cause>) -> Self {
        causes.sort();
        causes.dedup();
        let what: Vec<String> = causes.iter().map(Cause::to_string).collect();
        let message =
            text::one_line(&format!("could not be checked: {}", what.join("; ")), MAX_MESSAGE);
        Self { causes, ..Self::new(Verdict::Unknown, message) }
    }

    /// An `unknown` outcome by the rule itself, for this reason.
    pub(crate) fn undecided(reason: &str) -> Self {
        let reason = text::one_line(reason, MAX_MESSAGE);
        let causes = vec![Cause::by_rule(&reason)];
        Self { causes, ..Self::new(Verdict::Unknown, reason) }
    }
}

/// The outcome of a rule that ended with an error. `locate` finds where the script exceeded a limit.
pub(crate) fn from_error(
    error: EvalAltResult,
    engine: &Engine,
    ast: &AST,
    locate: impl FnOnce() -> Position,
) -> RuleOutcome {
    let mut error = error;
    let mut position = error.position();
    // The position of the innermost error is the cause; the outer ones are call sites.
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = *inner;
        if !error.position().is_none() {
            position = error.position();
        }
    }
    let interrupt = match &error {
        EvalAltResult::ErrorTerminated(token, _) | EvalAltResult::ErrorRuntime(token, _) => {
            token.read_lock::<Interrupt>()
        }
        _ => None,
    };
    let message = match interrupt.as_deref() {
        Some(Interrupt::Unreadable(causes)) => return RuleOutcome::unknown(causes.clone()),
        Some(Interrupt::Broken(message)) => message.clone(),
        Some(Interrupt::Field { name, message }) => {
            position = read_of(name, position, ast);
            message.clone()
        }
        Some(Interrupt::Operator { operator, types: [a, b] }) => {
            errors::operator(operator, [a, b], position, ast)
        }
        Some(Interrupt::Exhausted { limit }) => format!(
            "exceeded the limit of {limit} operations: look up resources by a field (`related(kind, field, value)`) instead of searching in loops"
        ),
        Some(Interrupt::Deadline) => "exceeded the time limit".to_owned(),
        None => explain(&error, position, engine, ast),
    };
    let is_limit =
        error.is_system_exception() && !matches!(interrupt.as_deref(), Some(Interrupt::Deadline));
    if position.is_none() && is_limit {
        position = locate();
    }
    let message = match (position.line(), position.position()) {
        (Some(line), Some(column)) => format!("line {line}:{column}: {message}"),
        _ => message,
    };
    RuleOutcome::new(Verdict::Error, text::one_line(&message, MAX_MESSAGE))
}

/// The position of the field with this name that a script reads: the first one after the position of
/// the error, which is before the field, if it is known.
fn read_of(field: &str, after: Position, ast: &AST) -> Position {
    let mut found = Position::NONE;
    ast.walk(&mut |path: &[ASTNode]| {
        let position = match path.last() {
            Some(ASTNode::Expr(Expr::Property(property, position)))
                if property.2.as_str() == field =>
            {
                *position
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) if text.as_str() == field => {
                *position
            }
            _ => return true,
        };
        let follows = after.is_none() || position >= after;
        if follows && (found.is_none() || position < found) {
            found = position;
        }
        true
    });
    if found.is_none() { after } else { found }
}
