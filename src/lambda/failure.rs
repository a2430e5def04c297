//! Errors of the function, with types that `Retry` and `Catch` of a state machine can name.

use std::fmt;

use lambda_runtime::Diagnostic;

use crate::aws::StorageError;
use crate::output::{self, OutputError};
use crate::run::error::CommandError;
use crate::snapshot::SnapshotError;
use crate::staging::StagingError;

/// Why an invocation failed.
#[derive(Debug)]
pub(super) struct Failure {
    kind: Kind,
    message: String,
}

/// What kind of failure it is, which decides whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The config, the rules, or the files of the run: trying again does not help.
    Config,
    /// The event: trying again does not help.
    Event,
    /// Credentials, or a role that could not be assumed.
    Credentials,
    /// The files in S3.
    Storage,
    /// Anything else.
    Failed,
}

impl Failure {
    /// An event that cannot be carried out.
    pub(super) fn event(message: impl Into<String>) -> Self {
        Self { kind: Kind::Event, message: message.into() }
    }

    /// A setting that cannot work.
    pub(super) fn config(message: impl Into<String>) -> Self {
        Self { kind: Kind::Config, message: message.into() }
    }

    /// Something else.
    pub(super) fn other(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into() }
    }

    /// The type of the error in the answer.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Config => "Rolecall.Config",
            Kind::Event => "Rolecall.Event",
            Kind::Credentials => "Rolecall.Credentials",
            Kind::Storage => "Rolecall.Storage",
            Kind::Failed => "Rolecall.Failed",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        if let CommandError::Output(OutputError::Filtered { .. }) = &error {
            // The options of the command line do not exist here.
            return Self::config(
                "the rule selection has no name, so its SARIF report would close the alerts of other selections: set `name` in [scan.selection]",
            );
        }
        let kind = match &error {
            CommandError::Storage(StorageError::Call { cause, .. })
                if cause.call == "sts:AssumeRole" =>
            {
                Kind::Credentials
            }
            CommandError::Storage(_) => Kind::Storage,
            CommandError::Session(_) | CommandError::Organization(_) => Kind::Credentials,
            CommandError::Output(_) | CommandError::Write(_) => Kind::Failed,
            CommandError::Snapshot(SnapshotError::Io { .. }) => Kind::Failed,
            _ => Kind::Config,
        };
        let message = error.render(false);
        let message = message.trim_end();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        Self { kind, message: output::with_shown_names(message).into_owned() }
    }
}

impl From<StagingError> for Failure {
    fn from(error: StagingError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.kind().to_owned(), error_message: failure.message }
    }
}
