//! Errors of import.

use std::fmt;

use super::place::Place;
use crate::model::{Cause, text};

/// How to declare what a file contains.
pub(super) const HOW_TO_DECLARE: &str = "declare what it contains: KIND=FILE, KIND/FACT=FILE or KIND/FACT@RESOURCE=FILE (`rolecall facts` lists kinds and facts)";

/// How to name a file, or declare what it contains.
pub(super) const HOW_TO_NAME: &str = "name the file after the command (describe-vpcs.json, get-bucket-policy.BUCKET.json), or \
                                      declare what it contains: KIND=FILE, KIND/FACT=FILE or KIND/FACT@RESOURCE=FILE (`rolecall facts` lists kinds and facts)";

/// The reasons why files were not imported.
#[derive(Debug, thiserror::Error)]
pub struct ImportError(pub(super) Vec<ImportProblem>);

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        for (number, problem) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{problem}", if number == 0 { "" } else { "\nerror: " })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nerror: … and {more} more"),
        }
    }
}

/// One problem in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportProblem {
    pub(super) file: String,
    place: Option<Place>,
    message: String,
    /// Whether nothing can be imported because of it: the command line is wrong.
    pub(super) fatal: bool,
}

impl ImportProblem {
    pub(super) fn of(file: &str, message: impl Into<String>) -> Self {
        Self { file: text::one_line(file, 200), place: None, message: message.into(), fatal: false }
    }

    pub(super) fn at(file: &str, place: &Place, message: impl Into<String>) -> Self {
        let place = (!place.is_top()).then(|| place.clone());
        Self { place, ..Self::of(file, message) }
    }
}

impl ImportProblem {
    /// Why something is unreadable because of it.
    pub(super) fn cause(&self, call: &str) -> Cause {
        Cause::new(call, Cause::INVALID_RESPONSE, &self.to_string())
    }

    /// A problem of the command line rather than of a file.
    pub(super) fn fatal(self) -> Self {
        Self { fatal: true, ..self }
    }
}

impl fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{}: {place}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}
