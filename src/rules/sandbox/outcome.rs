//! The outcome of a rule for a resource, and the conversion of engine errors to outcomes.

use rhai::{AST, ASTNode, EvalAltResult, Expr, Position};
use serde_json::Value;

use crate::model::{Cause, Verdict, text};
use crate::rules::helpers;
use crate::rules::language::engine::MAX_CALLS;
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

/// The outcome of a rule that ended with an error.
pub(crate) fn from_error(error: EvalAltResult, ast: &AST) -> RuleOutcome {
    let mut error = error;
    let mut position = error.position();
    // The position of the innermost error is the cause; the outer ones are call sites.
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = *inner;
        if !error.position().is_none() {
            position = error.position();
        }
    }
    let message = match &error {
        EvalAltResult::ErrorTerminated(token, _) => match token.read_lock::<Interrupt>().as_deref()
        {
            Some(Interrupt::Unreadable(causes)) => return RuleOutcome::unknown(causes.clone()),
            Some(Interrupt::Broken(message)) => message.clone(),
            Some(Interrupt::Field { name, message }) => {
                if position.is_none() {
                    position = first_read_of(name, ast);
                }
                message.clone()
            }
            Some(Interrupt::Exhausted { limit }) => format!(
                "exceeded the limit of {limit} operations: look up resources by a field (`related(kind, field, value)`) instead of in loops"
            ),
            Some(Interrupt::Deadline) => "exceeded the time limit".to_owned(),
            None => "evaluation was terminated".to_owned(),
        },
        EvalAltResult::ErrorStackOverflow(_) => {
            format!("exceeded the call depth limit of {MAX_CALLS}")
        }
        other => {
            let explained = if let EvalAltResult::ErrorFunctionNotFound(call, _) = other {
                renamed(call, ast).or_else(|| wrong_argument_types(call))
            } else {
                None
            };
            explained.unwrap_or_else(|| {
                let text = other.to_string();
                // The engine appends "(line …)"; the position is added in front below.
                text.split(" (line ").next().unwrap_or_default().to_owned()
            })
        }
    };
    let message = match (position.line(), position.position()) {
        (Some(line), Some(column)) => format!("line {line}:{column}: {message}"),
        _ => message,
    };
    RuleOutcome::new(Verdict::Error, text::one_line(&message, MAX_MESSAGE))
}

/// The help for a call to a renamed helper such as `own_organization ()`, unless the rule defines a
/// function with the old name.
fn renamed(call: &str, ast: &AST) -> Option<String> {
    let (name, _) = call.split_once(" (")?;
    if ast.iter_functions().any(|function| function.name == name) {
        return None;
    }
    helpers::renamed(name)
}

/// The message for a helper called with arguments of the wrong type, such as `age_days (())`, which
/// the engine reports as an unknown function.
fn wrong_argument_types(call: &str) -> Option<String> {
    let (name, given) = call.split_once(" (")?;
    let helper = helpers::helpers().find(|helper| helper.name == name)?;
    let given = given
        .strip_suffix(')')?
        .replace("&str | ImmutableString | String", "string")
        .replace("i64", "int");
    let usage: Vec<String> = helper.usage().collect();
    let usage = if let [one] = usage.as_slice() {
        format!("`{one}`")
    } else {
        format!("see `rolecall helpers {name}`")
    };
    let absent = given.split(", ").any(|kind| kind == "()");
    let advice =
        if absent { "; the value may be missing, so check `is_configured(…)` first" } else { "" };
    Some(format!("`{name}` does not accept `({given})`: {usage}{advice}"))
}

/// The position where a script first reads a field with this name.
fn first_read_of(field: &str, ast: &AST) -> Position {
    let mut found = Position::NONE;
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Property(property, position)))
                if property.2.as_str() == field =>
            {
                found = *position
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) if text.as_str() == field => {
                found = *position
            }
            _ => return true,
        }
        false
    });
    found
}
