//! Errors in text files written by users: [`Diagnostic`] with its position in the file, the lint
//! codes that `rolecall explain` documents, and the TOML reader shared by `rolecall.toml`,
//! frameworks and profiles.

mod codes;
mod diagnostic;
pub(crate) mod toml_reader;

pub use codes::{Code, ExampleKind};
pub use diagnostic::Diagnostic;
