//! Errors of snapshots on disk.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::error::Category;

use super::format::FORMAT;
use crate::model::{AccountId, describe_serde_error, series, text};

/// An error of a snapshot on disk. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The folder or one of its files could not be read or written.
    #[error("{}", io_message(path, error))]
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
    /// The snapshot is of a plan, to which nothing that exists can be added.
    #[error("`{path}` is the snapshot of a plan, written by `rolecall preview --to`: it cannot be resumed or extended; choose another folder", path = path.display())]
    OfPlan {
        /// The folder.
        path: PathBuf,
    },
    /// The snapshot cannot be resumed, since it was collected for less.
    #[error("the snapshot in `{path}` was collected for less than this run needs: {lacking}. Pass --recollect to collect {again} again, or use a new folder", path = path.display(), again = lacking.again())]
    OtherDemand {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        lacking: Box<Lacking>,
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

/// What a snapshot lacks for a run that resumes it.
#[derive(Debug, Default)]
pub struct Lacking {
    /// The lists (`ec2.vpc`) and facts (`s3.bucket/policy`) that were not requested.
    pub(super) facts: BTreeSet<String>,
    /// The regions that were not scanned, for a message.
    pub(super) regions: BTreeSet<String>,
    /// The accounts that lack any of this.
    pub(super) accounts: BTreeSet<AccountId>,
    /// The program that wrote the snapshot, if it is another version.
    pub(super) tool: Option<String>,
}

impl Lacking {
    /// Regions that are not known by name.
    pub(super) const ENABLED: &str = "all enabled regions";
    /// How many items a message names.
    const SHOWN: usize = 3;

    /// Whether nothing is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.regions.is_empty() && self.tool.is_none()
    }

    /// The accounts to collect again, for a message.
    fn again(&self) -> String {
        if self.accounts.is_empty() || self.tool.is_some() {
            return "its accounts".to_owned();
        }
        let noun = if self.accounts.len() == 1 { "account" } else { "accounts" };
        format!("{noun} {}", some(self.accounts.iter().map(AccountId::as_str).collect()))
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut missing = Vec::new();
        if !self.facts.is_empty() {
            let quoted: Vec<String> = self.facts.iter().map(|fact| format!("`{fact}`")).collect();
            missing.push(some(quoted.iter().map(String::as_str).collect()));
        }
        if !self.regions.is_empty() {
            missing.push(match self.regions.contains(Self::ENABLED) {
                true => Self::ENABLED.to_owned(),
                false => {
                    let noun = if self.regions.len() == 1 { "region" } else { "regions" };
                    format!("{noun} {}", some(self.regions.iter().map(String::as_str).collect()))
                }
            });
        }
        let written = self.tool.as_ref().map(|tool| {
            let tool = text::one_line(tool, 60);
            format!("it was written by `{tool}`, a version that may read less")
        });
        let lacks = (!missing.is_empty()).then(|| format!("it lacks {}", missing.join("; and ")));
        f.write_str(&lacks.into_iter().chain(written).collect::<Vec<_>>().join("; "))
    }
}

fn io_message(path: &Path, error: &io::Error) -> String {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let path = path.display();
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            format!("cannot write `{path}`: {error}; free disk space, or use another disk")
        }
        _ => format!("cannot access `{path}`: {error}"),
    }
}

/// The first of some items, and the number of the others.
fn some(mut items: Vec<&str>) -> String {
    let more = items.len().saturating_sub(Lacking::SHOWN);
    items.truncate(Lacking::SHOWN);
    match more {
        0 => series(items, "and"),
        _ => format!("{} and {more} more", items.join(", ")),
    }
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
