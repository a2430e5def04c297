//! Import: the JSON that the AWS CLI prints, as the facts of a snapshot, so that a rule can be
//! tried on what somebody else collected.
//!
//! There is no code per kind. `want` reads from a kind's shape what it is made of, `recognize`
//! finds out which call a file is the answer of, `place` where in an answer things are (the table
//! of kinds says so where names do not), `convert` turns names and values, `assemble` puts lists
//! and facts together, and `resources` makes resources of them. What was not imported is "not
//! collected", never "not configured".

mod answers;
mod assemble;
mod convert;
mod error;
mod imported;
mod place;
mod recognize;
mod resources;
mod source;
#[cfg(test)]
mod tests;
mod want;

use std::io::Read;

pub use error::ImportError;
pub use imported::{Imported, Request};

/// Reads the files. Nothing is written; every fault of every file is in the error.
pub fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    assemble::read(request, stdin)
}
