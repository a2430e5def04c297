//! What can go wrong with a report, in words that say what to do.

use std::io;
use std::path::PathBuf;

use super::destination::Destination;

/// A report that cannot be written, or an earlier one that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader of a pipe has gone away; nothing is wrong with the run, and nothing more need be
    /// said.
    #[error("the reader of the report closed the pipe")]
    ClosedPipe,
    /// The operating system refused.
    #[error("cannot write the report to {to}: {error}")]
    Io {
        /// Where it was to go.
        to: Destination,
        /// The reason.
        error: io::Error,
    },
    /// The path names a folder.
    #[error("cannot write the report to {path}: it is a folder; name a file in it", path = path.display())]
    IsFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder of the file is missing.
    #[error("cannot write the report to {path}: its folder does not exist; make it first", path = path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// Two outputs have the same destination.
    #[error("two outputs go to {to}: give each its own file")]
    SameDestination {
        /// The destination.
        to: Destination,
    },
    /// A narrowed run must not close the alerts of a whole one.
    #[error(
        "this run is narrowed ({by}), and its SARIF upload would close the alerts of everything it leaves out: \
         give it a category of its own with --sarif-category NAME, or leave the narrowing away"
    )]
    Narrowed {
        /// What narrows it.
        by: String,
    },
    /// The category cannot be used.
    #[error("the SARIF category `{shown}` {reason}; use a name such as `nightly` or `team-a/s3`")]
    Category {
        /// The category, shortened and without control characters.
        shown: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// One stream cannot hold several files.
    #[error(
        "the SARIF report needs more than one file ({why}): write it to a file with --output sarif=report.sarif, \
         and the parts become report-001.sarif, report-002.sarif, …"
    )]
    NeedsFiles {
        /// Which limit is exceeded.
        why: String,
    },
    /// A report of an account came twice.
    #[error("account {account} is in the report twice: name each account once")]
    AccountTwice {
        /// The account.
        account: String,
    },
    /// A finding of a rule that the run does not list.
    #[error(
        "a finding names the rule `{rule}`, which is not among the selected rules: this is a defect of rolecall, please report it"
    )]
    UnlistedRule {
        /// The rule.
        rule: String,
    },
    /// The earlier report cannot be opened or read.
    #[error("cannot read the earlier report {path}: {error}", path = path.display())]
    BaselineIo {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The earlier report is not one.
    #[error("{path} cannot be used as an earlier report: {reason}", path = path.display())]
    Baseline {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl OutputError {
    /// An error of writing; a closed pipe is told apart.
    pub(super) fn io(to: &Destination, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Io { to: to.clone(), error }
        }
    }
}
