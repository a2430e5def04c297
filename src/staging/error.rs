//! Why a file in S3 could not be used.

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
