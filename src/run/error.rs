//! Why a command could not run, in words that say what to do.

use std::io;

use crate::config::ConfigError;
use crate::diagnostics::Diagnostic;
use crate::evaluate::{EvaluateError, TraceError};
use crate::import::ImportError;
use crate::output::OutputError;
use crate::rules::LoadError;
use crate::snapshot::SnapshotError;

/// Why a command could not run. Every one of these is exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// `rolecall.toml`.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Rule files.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Settings that fit no rule, and the like: faults of files that are found when all is known.
    #[error("{} fault(s)", .0.len())]
    Faults(Vec<Diagnostic>),
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A report.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// RuleOutcome.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Files to import.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// One resource that was asked for.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// What only one command can run into.
    #[error(transparent)]
    Command(Box<dyn std::error::Error + Send + Sync>),
    /// What was asked for cannot be done; the text says what can.
    #[error("{0}")]
    Usage(String),
    /// The base credentials or the connection settings.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Session(#[from] crate::aws::SessionError),
    /// The organization.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Organization(#[from] crate::aws::OrganizationError),
    /// A result that could not be written.
    #[error("cannot write the result: {0}")]
    Write(io::Error),
}

impl CommandError {
    /// Whether the reader of stdout has gone away, which is no fault of the run.
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(OutputError::ClosedPipe) => true,
            Self::Write(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    /// The outcome of writing a result whose exit code counts however much of it was read:
    /// `rolecall lint | head` has found what it found.
    pub(crate) fn unless_written(written: io::Result<()>) -> Result<(), Self> {
        match written.map_err(Self::Write) {
            Err(error) if !error.is_closed_pipe() => Err(error),
            _ => Ok(()),
        }
    }

    /// The text for a person, with source lines and carets where a file is at fault.
    pub fn render(&self, color: bool) -> String {
        let faults = match self {
            Self::Config(ConfigError::Invalid(errors)) => return errors.render(color) + "\n",
            Self::Load(LoadError::Faults(faults)) | Self::Faults(faults) => faults,
            other => return format!("error: {other}\n"),
        };
        faults.iter().map(|fault| fault.render(color) + "\n\n").collect()
    }
}
