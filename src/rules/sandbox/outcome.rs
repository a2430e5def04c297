//! What one rule returns for one resource, and how errors of the engine become outcomes.

use std::time::Duration;

use rhai::{AST, ASTNode, EvalAltResult, Expr, Position};
use serde_json::Value;

use crate::model::{Cause, Verdict, text};
use crate::rules::helpers;
use crate::rules::language::engine::{MAX_CALLS, MAX_OPERATIONS};
use crate::rules::values::interrupt::Interrupt;

/// What one evaluation may take, as a time. A safety net behind the limit of operations.
pub(crate) const MAX_TIME: Duration = Duration::from_millis(500);

/// What is kept of a message; more is cut, and says so.
pub(crate) const MAX_MESSAGE: usize = 1_000;

/// What one rule says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOutcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why it was skipped, what could not be read, how the rule broke. Empty for a
    /// pass.
    pub message: String,
    /// The values at fault.
    pub evidence: Vec<Value>,
    /// For [`Verdict::Unknown`]: what could not be read.
    pub causes: Vec<Cause>,
}

impl RuleOutcome {
    pub(crate) fn new(verdict: Verdict, message: String) -> Self {
        Self { verdict, message, evidence: Vec::new(), causes: Vec::new() }
    }

    /// The verdict on something of which the causes tell what could not be read.
    pub fn unknown(mut causes: Vec<Cause>) -> Self {
        causes.sort();
        causes.dedup();
        let what: Vec<String> = causes.iter().map(Cause::to_string).collect();
        let message =
            text::one_line(&format!("could not be checked: {}", what.join("; ")), MAX_MESSAGE);
        Self { causes, ..Self::new(Verdict::Unknown, message) }
    }
}

/// The outcome on a rule that ended with an error.
pub(crate) fn ended(error: EvalAltResult, ast: &AST) -> RuleOutcome {
    let mut error = error;
    let mut place = error.position();
    // The position of the innermost error is where the script went wrong; the outer ones are call
    // sites.
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = *inner;
        if !error.position().is_none() {
            place = error.position();
        }
    }
    let message = match &error {
        EvalAltResult::ErrorTerminated(token, _) => match token.read_lock::<Interrupt>().as_deref()
        {
            Some(Interrupt::Unreadable(causes)) => return RuleOutcome::unknown(causes.clone()),
            Some(Interrupt::Broken(message)) => message.clone(),
            Some(Interrupt::Field { name, message }) => {
                if place.is_none() {
                    place = first_read_of(name, ast);
                }
                message.clone()
            }
            Some(Interrupt::Deadline) => format!("took longer than {} ms", MAX_TIME.as_millis()),
            None => "terminated".to_owned(),
        },
        EvalAltResult::ErrorTooManyOperations(_) => {
            format!("took more than {MAX_OPERATIONS} operations")
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            format!("functions call each other more than {MAX_CALLS} deep")
        }
        other => {
            let explained = if let EvalAltResult::ErrorFunctionNotFound(call, _) = other {
                renamed(call, ast).or_else(|| misused(call))
            } else {
                None
            };
            explained.unwrap_or_else(|| {
                let text = other.to_string();
                // The engine appends its own "(line …)"; ours stands in front.
                text.split(" (line ").next().unwrap_or_default().to_owned()
            })
        }
    };
    let message = match (place.line(), place.position()) {
        (Some(line), Some(column)) => format!("line {line}:{column}: {message}"),
        _ => message,
    };
    RuleOutcome::new(Verdict::Error, text::one_line(&message, MAX_MESSAGE))
}

/// The new name of the helper in a call such as `own_organization ()`, unless the rule has a
/// function with the old name.
fn renamed(call: &str, ast: &AST) -> Option<String> {
    let (name, _) = call.split_once(" (")?;
    if ast.iter_functions().any(|function| function.name == name) {
        return None;
    }
    helpers::renamed(name)
}

/// What is wrong with a call such as `age_days (())`, where the engine says that there is no such
/// function.
fn misused(call: &str) -> Option<String> {
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
        if absent { "; test by is_configured(…) first whether the value is there" } else { "" };
    Some(format!("`{name}` does not take ({given}): {usage}{advice}"))
}

/// Where a script first reads a field of that name.
fn first_read_of(field: &str, ast: &AST) -> Position {
    let mut place = Position::NONE;
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Property(property, position)))
                if property.2.as_str() == field =>
            {
                place = *position
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) if text.as_str() == field => {
                place = *position
            }
            _ => return true,
        }
        false
    });
    place
}
