//! Errors about reports, with what to do about them.

use std::io;
use std::path::PathBuf;

use super::destination::Destination;

/// An error from writing a report or reading an earlier one.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader closed the pipe. The run itself is fine, so nothing is printed.
    #[error("the reader of the report closed the pipe")]
    ClosedPipe,
    /// The operating system returned an error.
    #[error("cannot write to {to}: {error}")]
    Io {
        /// The destination.
        to: Destination,
        /// The reason.
        error: io::Error,
    },
    /// The path is a folder.
    #[error("cannot write to `{path}`: this is a folder; specify a file in it", path = path.display())]
    IsFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder of the file is missing.
    #[error("cannot write to `{path}`: the folder does not exist; create it first", path = path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder for tables has other files, which could be mistaken for tables of this run.
    #[error("folder `{path}` is not empty: choose a new or empty folder with --to", path = path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder for tables cannot be created or read.
    #[error("cannot write to folder `{path}`: {error}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The format is not built in.
    #[error(
        "this build of rolecall cannot write Parquet: build it with `cargo install rolecall --features parquet`, or use --format csv"
    )]
    NoParquet,
    /// Two outputs have the same destination.
    #[error("two outputs write to {to}: use a different destination for each")]
    SameDestination {
        /// The destination.
        to: Destination,
    },
    /// A filtered run must not close the alerts of an unfiltered one.
    #[error(
        "this run is filtered ({by}), and uploading its SARIF report would close the alerts for everything else: \
         set a separate category with --sarif-category NAME, or drop the filter"
    )]
    Filtered {
        /// The filters.
        by: String,
    },
    /// The category is invalid.
    #[error(
        "invalid SARIF category `{shown}`: it {reason}; use a name such as `nightly` or `team-a/s3`"
    )]
    Category {
        /// The category, truncated and without control characters.
        shown: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A stream cannot hold several files.
    #[error(
        "the SARIF report needs more than one file ({why}): write it to a file with --output sarif=report.sarif; \
         the parts are then named report-001.sarif, report-002.sarif and so on"
    )]
    NeedsFiles {
        /// Which limit is exceeded.
        why: String,
    },
    /// An account was reported twice.
    #[error("duplicate account {account} in the report: list each account once")]
    AccountTwice {
        /// The account.
        account: String,
    },
    /// A finding from a rule that the run does not list.
    #[error(
        "a finding names the rule `{rule}`, which is not selected. This is a bug in rolecall; please report it."
    )]
    UnlistedRule {
        /// The rule.
        rule: String,
    },
}

impl OutputError {
    /// Whether the reader closed the pipe.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::ClosedPipe)
    }

    /// A write error; a closed pipe has its own variant.
    pub(super) fn io(to: &Destination, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Io { to: to.clone(), error }
        }
    }
}
