//! Why a file with waivers, a report or a mute list cannot be used.

use std::io;
use std::path::PathBuf;

use crate::diagnostics::Diagnostic;
use crate::model::counted;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WaiverError {
    /// It cannot be read.
    #[error("cannot read `{path}`: {error}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write `{path}`: {error}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// It is larger than the limit.
    #[error("`{path}` is larger than {limit} bytes, the limit for this file", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The maximum size in bytes.
        limit: u64,
    },
    /// It is not UTF-8.
    #[error("{path}:{line}: invalid UTF-8; save the file as UTF-8", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// 1-based line of the first invalid byte.
        line: usize,
    },
    /// It has errors.
    #[error("{}", counted(.0.len(), "error"))]
    Invalid(Vec<Diagnostic>),
    /// It has a form that cannot be used.
    #[error("`{path}` cannot be used: {reason}", path = path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl WaiverError {
    /// Whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}
