//! Imports JSON output of the AWS CLI into a snapshot, so that rules can be evaluated on data that
//! was collected without rolecall.
//!
//! There is no code per kind. `want` derives the expected types from a kind's shape, `recognize`
//! detects which call a file is the response of, `place` finds lists and facts in a response (by
//! the table of kinds, if names do not suffice), `convert` converts names and values, `assemble`
//! combines lists and facts, and `resources` builds resources from them. What was not imported is
//! "not collected", never "not configured".

mod answers;
mod assemble;
mod belongs;
mod cli_error;
mod convert;
mod error;
mod facts;
mod imported;
mod left_out;
mod names;
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

/// Reads the files. Nothing is written. A file that cannot be used is left out, and what it should
/// have contained is unreadable; if no file can be used, the error contains the problems of all.
pub fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    assemble::read(request, stdin)
}
