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

    /// The config or its rules cannot be read. Trying again helps only if nothing about them must
    /// change.
    pub(super) fn of_config(error: StagingError) -> Self {
        let is_missing = matches!(&error, StagingError::Storage(StorageError::Missing { .. }));
        let is_lasting = error.is_lasting();
        let mut failure = Self::from(error);
        if is_missing {
            failure.message.push_str(
                ": upload the config to this place, or set ROLECALL_CONFIG to the place where it is",
            );
        }
        if is_lasting {
            failure.kind = Kind::Config;
        }
        failure
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
            CommandError::Storage(StorageError::Call { cause, .. })
                if cause.code == "NoSuchBucket" =>
            {
                Kind::Config
            }
            CommandError::Storage(_) => Kind::Storage,
            CommandError::Session(_) | CommandError::Organization(_) => Kind::Credentials,
            CommandError::Output(_) | CommandError::Write(_) => Kind::Failed,
            CommandError::Snapshot(SnapshotError::Io { .. }) | CommandError::NotWritten { .. } => {
                Kind::Failed
            }
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

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::config::{Config, FileError};
    use crate::model::{Cause, S3Place};

    fn storage(code: &str, call: &str) -> StagingError {
        let place = S3Place { bucket: "runs".to_owned(), key: "config/rules".to_owned() };
        let cause = Box::new(Cause::new(call, code, ""));
        StorageError::Call { place, cause }.into()
    }

    #[test]
    fn only_errors_that_can_pass_are_tried_again() {
        let place =
            || S3Place { bucket: "runs".to_owned(), key: "config/rolecall.toml".to_owned() };
        let get = |code| storage(code, "s3:GetObject");
        for (error, config, run) in [
            (get("SlowDown"), "Rolecall.Storage", "Rolecall.Storage"),
            (get("InternalError"), "Rolecall.Storage", "Rolecall.Storage"),
            (get("Timeout"), "Rolecall.Storage", "Rolecall.Storage"),
            (get("Interrupted"), "Rolecall.Storage", "Rolecall.Storage"),
            (get("AccessDenied"), "Rolecall.Config", "Rolecall.Storage"),
            (get("NoSuchBucket"), "Rolecall.Config", "Rolecall.Config"),
            (
                storage("AccessDenied", "sts:AssumeRole"),
                "Rolecall.Credentials",
                "Rolecall.Credentials",
            ),
            (
                StorageError::Missing { place: place() }.into(),
                "Rolecall.Config",
                "Rolecall.Storage",
            ),
            (StagingError::Usage("x".to_owned()), "Rolecall.Config", "Rolecall.Config"),
        ] {
            let shown = error.to_string();
            let again = match &error {
                StagingError::Storage(StorageError::Call { cause, .. }) => {
                    storage(&cause.code, &cause.call)
                }
                StagingError::Storage(_) => StorageError::Missing { place: place() }.into(),
                _ => StagingError::Usage("x".to_owned()),
            };
            assert_eq!(Failure::of_config(error).kind(), config, "{shown}");
            assert_eq!(Failure::from(again).kind(), run, "{shown}");
        }
    }

    /// The error of a config whose rule folder cannot be read.
    fn of_rule_folder(error: impl Fn() -> StagingError) -> Failure {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rolecall.toml");
        std::fs::write(&path, "[scan]\nrule_folders = [\"rules\"]\n").unwrap();
        let files = |_: &Path, _: &_| -> Result<PathBuf, FileError> { Err(error().into()) };
        let loaded = Config::load(Some(&path), &|_| None, &files);
        CommandError::from(loaded.unwrap_err()).into()
    }

    #[test]
    fn rules_that_cannot_be_read_at_the_moment_are_not_an_error_of_the_config() {
        for (code, kind) in [("SlowDown", "Rolecall.Storage"), ("AccessDenied", "Rolecall.Config")]
        {
            let failure = of_rule_folder(|| storage(code, "s3:ListBucket"));
            assert_eq!(failure.kind(), kind, "{failure}");
            assert!(failure.message.contains(code), "{failure}");
        }
    }
}
