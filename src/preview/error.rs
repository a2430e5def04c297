//! Why a plan cannot be used.

use std::path::PathBuf;

use crate::model::{AccountId, text};

/// Why a plan or a change set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}{}", path.display(), help_of(error, how))]
    Read {
        /// The file.
        path: PathBuf,
        /// The error.
        error: std::io::Error,
        /// The command that creates the file.
        how: &'static str,
    },
    /// The file is larger than what is read.
    #[error("{}: larger than {limit_mib} MiB, which is the limit for plans", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit_mib: u64,
    },
    /// The file is a plan that only Terraform can read.
    #[error(
        "{}: this is a saved plan, not JSON: convert it with `terraform show -json {} > plan.json`",
        path.display(), saved(path)
    )]
    Binary {
        /// The file.
        path: PathBuf,
    },
    /// The file is empty.
    #[error("{}: the file is empty: create it with `{how}`, and check that the command succeeds", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// The command that creates the file.
        how: &'static str,
    },
    /// The file is not valid JSON.
    #[error("{}:{line}:{column}: not valid JSON: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: usize,
        /// The column, 1-based.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// The JSON is something else.
    #[error("{}: {reason}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What it is instead, and what to do.
        reason: String,
    },
    /// The account of resources is not known.
    #[error("{0}")]
    Account(String),
    /// The snapshot has no account that the plan changes.
    #[error(
        "the plan changes account {0}, and the snapshot has no account that it changes: use a snapshot of this account, or omit --snapshot"
    )]
    NotInSnapshot(AccountId),
}

/// The saved plan in a command; that of stdin has no name.
fn saved(path: &std::path::Path) -> std::path::Display<'_> {
    let is_stdin = path == std::path::Path::new("-");
    if is_stdin { std::path::Path::new("PLAN") } else { path }.display()
}

fn help_of(error: &std::io::Error, how: &str) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!(": create the file with `{how}`"),
        std::io::ErrorKind::IsADirectory => {
            format!(": use a file in it, created with `{how}`")
        }
        _ => String::new(),
    }
}

impl PreviewError {
    pub(super) fn other(path: &std::path::Path, reason: impl Into<String>) -> Self {
        Self::Other { path: path.to_owned(), reason: reason.into() }
    }

    pub(super) fn json(path: &std::path::Path, error: &serde_json::Error) -> Self {
        let full = error.to_string();
        let reason = full.rsplit_once(" at line ").map_or(full.as_str(), |(reason, _)| reason);
        let reason = match error.is_eof() {
            true => "the file ends in the middle: create it again",
            false => reason,
        };
        Self::Json {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            reason: text::one_line(reason, 200),
        }
    }
}
