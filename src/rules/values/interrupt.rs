//! Reasons for which an evaluation ends without a verdict. No script can catch an [`Interrupt`].

use std::cell::RefCell;

use rhai::{Dynamic, EvalAltResult, Position};

use crate::model::Cause;

/// Why the evaluation of a rule ended without a verdict.
#[derive(Debug, Clone)]
pub(crate) enum Interrupt {
    /// The rule has an error, described by the message.
    Broken(String),
    /// The rule reads a field that does not exist or is not declared. The engine reports no
    /// position for field reads, so the position is found by the field's name.
    Field {
        /// The field.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// An operator that cannot be applied to values of these types.
    Operator {
        /// The operator: `<=`.
        operator: String,
        /// The names of the types; `()` for a missing value.
        types: [String; 2],
    },
    /// Something that the rule looked up could not be read.
    Unreadable(Vec<Cause>),
    /// The evaluation used up its operations.
    Exhausted {
        /// How many it had.
        limit: u64,
    },
    /// The evaluation exceeded the time limit, which ends the run.
    Deadline,
}

thread_local! {
    /// The first interrupt of the evaluation on this thread. It counts even if a native function of
    /// the engine ignores the error.
    static RAISED: RefCell<Option<(Interrupt, Position)>> = const { RefCell::new(None) };
    /// What could not be read but may not matter; see [`mark_uncertain`].
    static UNCERTAIN: RefCell<Vec<Cause>> = const { RefCell::new(Vec::new()) };
}

/// Records something that could not be read and that could only turn the verdict into a failure.
/// The evaluation continues, and the rule may fail on what is known; any other verdict becomes
/// `unknown`.
pub(crate) fn mark_uncertain(cause: Cause) {
    UNCERTAIN.with_borrow_mut(|uncertain| {
        if !uncertain.contains(&cause) {
            uncertain.push(cause);
        }
    });
}

/// Takes the causes recorded since the last call.
pub(crate) fn take_uncertain() -> Vec<Cause> {
    UNCERTAIN.take()
}

impl Interrupt {
    pub(crate) fn raise<T>(self) -> Result<T, Box<EvalAltResult>> {
        self.raise_at(Position::NONE)
    }

    pub(crate) fn raise_at<T>(self, position: Position) -> Result<T, Box<EvalAltResult>> {
        self.record(position);
        Err(error(self, position))
    }

    /// Ends the evaluation when the script ends: for functions whose errors the engine ignores.
    pub(crate) fn record(&self, position: Position) {
        RAISED.with_borrow_mut(|raised| {
            if raised.is_none() {
                *raised = Some((self.clone(), position));
            }
        });
    }
}

/// Not `ErrorTerminated`, whose position the engine replaces by that of the outermost call. Scripts
/// cannot catch this one either, because `try` is not supported.
fn error(interrupt: Interrupt, position: Position) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(interrupt), position))
}

/// Whether a function raised this error, or one that it caused.
pub(crate) fn is_interrupt(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => is_interrupt(inner),
        EvalAltResult::ErrorTerminated(token, _) | EvalAltResult::ErrorRuntime(token, _) => {
            token.read_lock::<Interrupt>().is_some()
        }
        _ => false,
    }
}

/// Takes the interrupt raised since the last call, if any, as an error.
pub(crate) fn take_raised() -> Option<Box<EvalAltResult>> {
    RAISED.take().map(|(interrupt, position)| error(interrupt, position))
}

pub(crate) fn broken<T>(message: String) -> Result<T, Box<EvalAltResult>> {
    Interrupt::Broken(message).raise()
}
