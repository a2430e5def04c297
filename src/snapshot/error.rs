//! What can go wrong with a snapshot on disk.

use std::io;
use std::path::{Path, PathBuf};

use super::format::FORMAT;

/// What can go wrong with a snapshot on disk. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The folder or a file of it could not be read or written.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
    /// The folder has no `snapshot.json`.
    #[error("{path} is not a snapshot: it has no snapshot.json (write one with `rolecall collect --snapshot {path}`)", path = path.display())]
    NotASnapshot {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already holds a snapshot.
    #[error("{path} already holds a snapshot: go on with it by --resume, or name another folder", path = path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds other things.
    #[error("{path} is not empty and not a snapshot: name a new or an empty folder", path = path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A snapshot cannot be resumed for a demand that it was not made for.
    #[error("{path} was collected for other rules: {missing} is missing there; collect into a new folder", path = path.display())]
    OtherDemand {
        /// The folder.
        path: PathBuf,
        /// The first kind or fact that is missing.
        missing: String,
    },
    /// Written by a version that this one does not understand.
    #[error("{path} has snapshot format {found}, this rolecall reads format {FORMAT}: use the version that wrote it, or collect anew", path = path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// A file's content is not what the format says.
    #[error("{path}:{line}: {reason}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl SnapshotError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn invalid(path: &Path, line: usize, reason: impl Into<String>) -> Self {
        Self::Invalid { path: path.to_owned(), line, reason: reason.into() }
    }
}
