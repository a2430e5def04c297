//! Errors in text files that a person wrote: a [`Diagnostic`] with the place in the file, the codes
//! that `rolecall explain` documents, and the TOML reader that `rolecall.toml`, frameworks and
//! profiles share.

mod codes;
mod diagnostic;
pub(crate) mod toml_reader;

pub use codes::{Code, Shows};
pub use diagnostic::Diagnostic;
