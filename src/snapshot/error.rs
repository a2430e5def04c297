//! Errors of snapshots on disk.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::error::Category;

use super::format::FORMAT;
use crate::model::{describe_serde_error, text};

/// An error of a snapshot on disk. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The folder or one of its files could not be read or written.
    #[error("cannot access `{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        error: io::Error,
    },
    /// The path is not a folder.
    #[error("`{path}` is not a folder: a snapshot is a folder with `snapshot.json` and one file per account", path = path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder has no `snapshot.json`.
    #[error("folder `{path}` is not a snapshot: `snapshot.json` is missing (create a snapshot with `rolecall collect --snapshot {path}`)", path = path.display())]
    NotASnapshot {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already contains a snapshot.
    #[error("folder `{path}` already contains a snapshot: pass --resume to resume it, or use another folder", path = path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder contains other files.
    #[error("folder `{path}` is not empty and does not contain a snapshot: choose a new or empty folder with --snapshot", path = path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The snapshot cannot be resumed, since it was collected for another demand.
    #[error("the snapshot in `{path}` was collected for other rules and lacks `{missing}`: collect into a new folder", path = path.display())]
    OtherDemand {
        /// The folder.
        path: PathBuf,
        /// The first kind or fact that is missing.
        missing: String,
    },
    /// The snapshot was written by an incompatible version.
    #[error("`{path}` has snapshot format {found}, but this version of rolecall reads format {FORMAT}: use the version that wrote it, or collect again", path = path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// The folder already has a list of targets.
    #[error("`{path}` already exists: a run has one list of targets, so choose another folder", path = path.display())]
    TargetsExist {
        /// The file.
        path: PathBuf,
    },
    /// The snapshot was collected for another run.
    #[error("the snapshot in `{path}` was not collected for this run: use a new folder", path = path.display())]
    OtherRun {
        /// The folder.
        path: PathBuf,
    },
    /// There is no list of targets.
    #[error("`{path}` does not exist: create it with `rolecall targets --shards N --to DIR`", path = path.display())]
    NoTargets {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder does not belong to the run whose parts are merged.
    #[error("cannot merge `{path}`: {reason}", path = path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The content of a file is invalid.
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

    /// JSON that cannot be read.
    pub(crate) fn json(path: &Path, line: usize, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
        let reason = match error.classify() {
            Category::Data => text::one_line(&describe_serde_error(reason), 300),
            _ => "invalid JSON".to_owned(),
        };
        let advice = "the file was edited or is corrupt, so collect again into a new folder";
        Self::invalid(path, line, format!("{reason}; {advice}"))
    }
}
