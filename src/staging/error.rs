//! Why a file in S3 could not be used.

use crate::config::FileError;
use crate::snapshot::SnapshotError;

/// Why a file in S3 could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StagingError {
    /// The path cannot be used; the text says what to do instead.
    #[error("{0}")]
    Usage(String),
    /// The config, which says how S3 is accessed.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The local copy.
    #[error(transparent)]
    Local(#[from] SnapshotError),
    /// The base credentials.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Session(#[from] crate::aws::SessionError),
    /// S3.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Storage(#[from] crate::aws::StorageError),
}

impl From<StagingError> for FileError {
    fn from(error: StagingError) -> Self {
        match error.is_lasting() {
            true => Self::Invalid(error.to_string()),
            false => Self::Unavailable(Box::new(error)),
        }
    }
}

impl StagingError {
    /// Whether it stays until somebody changes the path, the file, the bucket or a policy.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Usage(_) | Self::Config(_) => true,
            Self::Local(error) => !matches!(error, SnapshotError::Io { .. }),
            #[cfg(feature = "aws")]
            Self::Session(_) => false,
            #[cfg(feature = "aws")]
            Self::Storage(error) => error.is_lasting(),
        }
    }
}
