//! Errors that keep a command from running, with what to do about them.

use std::io;

use crate::baseline::BaselineError;
use crate::config::ConfigError;
use crate::diagnostics::Diagnostic;
use crate::evaluate::{EvaluateError, TraceError};
use crate::import::ImportError;
use crate::model::counted;
use crate::output::OutputError;
use crate::rules::LoadError;
use crate::snapshot::SnapshotError;
use crate::staging::StagingError;
use crate::waivers::WaiverError;

/// Why a command could not run. All of these result in exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// `rolecall.toml`.
    #[error(transparent)]
    Config(ConfigError),
    /// Rule files.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Errors in files that are found only after loading, for example settings that match no rule.
    #[error("{}", counted(.0.len(), "error"))]
    Diagnostics(Vec<Diagnostic>),
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A collection that ended because a file could not be written.
    #[cfg(feature = "aws")]
    #[error("{error}. {advice}")]
    NotWritten {
        /// The error.
        error: Box<SnapshotError>,
        /// What is kept, and how to continue.
        advice: String,
    },
    /// A report.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// An earlier report.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The evaluation.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Waivers, or files that they come from.
    #[error(transparent)]
    Waiver(WaiverError),
    /// Files to import.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The resource of a trace.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// An error specific to one command.
    #[error(transparent)]
    Command(Box<dyn std::error::Error + Send + Sync>),
    /// Invalid arguments; the text says what to do instead.
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
    /// Files in S3.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Storage(#[from] crate::aws::StorageError),
    /// A result that could not be written.
    #[error("cannot write the result: {0}")]
    Write(io::Error),
}

#[cfg(feature = "aws")]
impl From<crate::aws::CollectError> for CommandError {
    fn from(error: crate::aws::CollectError) -> Self {
        match error {
            crate::aws::CollectError::Snapshot(error) => Self::Snapshot(error),
            crate::aws::CollectError::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Unavailable(error) => match error.downcast::<StagingError>() {
                Ok(error) => (*error).into(),
                Err(error) => Self::Command(error),
            },
            other => Self::Config(other),
        }
    }
}

impl From<StagingError> for CommandError {
    fn from(error: StagingError) -> Self {
        match error {
            StagingError::Usage(text) => Self::Usage(text),
            StagingError::Config(error) => error.into(),
            StagingError::Local(error) => Self::Snapshot(error),
            #[cfg(feature = "aws")]
            StagingError::Session(error) => Self::Session(error),
            #[cfg(feature = "aws")]
            StagingError::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<WaiverError> for CommandError {
    fn from(error: WaiverError) -> Self {
        match error {
            WaiverError::Invalid(diagnostics) => Self::Diagnostics(diagnostics),
            other => Self::Waiver(other),
        }
    }
}

impl CommandError {
    /// Whether the reader closed stdout, which is not an error of the run.
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(OutputError::ClosedPipe) => true,
            Self::Write(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    /// Ignores a closed pipe for results whose exit code is valid even if not all of the output was
    /// read, as in `rolecall lint | head`.
    pub(crate) fn unless_written(written: io::Result<()>) -> Result<(), Self> {
        match written.map_err(Self::Write) {
            Err(error) if !error.is_closed_pipe() => Err(error),
            _ => Ok(()),
        }
    }

    /// The message for people, with source lines and carets for errors in files.
    pub fn render(&self, color: bool) -> String {
        let diagnostics = match self {
            Self::Config(ConfigError::Invalid(errors)) => return errors.render(color) + "\n",
            Self::Load(LoadError::Diagnostics(diagnostics)) | Self::Diagnostics(diagnostics) => {
                diagnostics.as_slice()
            }
            Self::Evaluate(EvaluateError::Rule(diagnostic)) => std::slice::from_ref(&**diagnostic),
            other => return format!("error: {other}\n"),
        };
        diagnostics.iter().map(|diagnostic| diagnostic.render(color) + "\n\n").collect()
    }
}
