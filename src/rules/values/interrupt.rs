//! How the evaluation of a rule ends before its verdict. No script can catch an [`Interrupt`].

use std::cell::RefCell;

use rhai::{Dynamic, EvalAltResult, Position};

use crate::model::Cause;

/// Why evaluation of a rule ended before its verdict.
#[derive(Debug, Clone)]
pub(crate) enum Interrupt {
    /// The rule is wrong: the text says how.
    Broken(String),
    /// The rule reads a field that is not there or not declared. The engine tells no position for
    /// reads of fields, the field's name does.
    Field {
        /// The field.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// Something that the rule looked up could not be read.
    Unreadable(Vec<Cause>),
    /// It took too long.
    Deadline,
}

thread_local! {
    /// The first interrupt of the evaluation on this thread. It counts even if a native function of
    /// the engine swallows the error.
    static RAISED: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
    /// What could not be read and may not matter; see [`mark_uncertain`].
    static UNCERTAIN: RefCell<Vec<Cause>> = const { RefCell::new(Vec::new()) };
}

/// Something could not be read that can only make things worse: the rule goes on, and may fail on
/// what is known. Every other verdict becomes `unknown`.
pub(crate) fn mark_uncertain(cause: Cause) {
    UNCERTAIN.with_borrow_mut(|uncertain| {
        if !uncertain.contains(&cause) {
            uncertain.push(cause);
        }
    });
}

/// Takes the uncertain that came up since the last call.
pub(crate) fn take_uncertain() -> Vec<Cause> {
    UNCERTAIN.take()
}

impl Interrupt {
    pub(crate) fn raise<T>(self) -> Result<T, Box<EvalAltResult>> {
        RAISED.with_borrow_mut(|raised| raised.get_or_insert_with(|| self.clone()).clone());
        Err(Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(self), Position::NONE)))
    }
}

/// Takes the interrupt that was raised since the last call, if one was.
pub(crate) fn take_raised() -> Option<Interrupt> {
    RAISED.take()
}

pub(crate) fn broken<T>(message: String) -> Result<T, Box<EvalAltResult>> {
    Interrupt::Broken(message).raise()
}

pub(crate) fn no_field<T>(name: &str, message: String) -> Result<T, Box<EvalAltResult>> {
    Interrupt::Field { name: name.to_owned(), message }.raise()
}
