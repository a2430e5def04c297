//! In a build without AWS, every access to S3 is an error.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::error::StagingError;
use crate::model::{S3Place, StorageAccess};

/// Without AWS, there is no access to S3.
#[derive(Debug, Clone)]
pub(crate) struct Connection;

/// Whether an existing object is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Replace,
    Keep,
}

/// A file to upload.
#[derive(Debug, Clone)]
pub(crate) struct ObjectUpload {
    pub(crate) from: PathBuf,
    pub(crate) to: S3Place,
    pub(crate) existing: Existing,
}

impl Connection {
    fn unsupported<T>(place: &S3Place) -> Result<T, StagingError> {
        Err(StagingError::Usage(format!(
            "cannot access `{place}`: rolecall was built without AWS support; build it with the default features"
        )))
    }

    pub(crate) fn new(
        _: StorageAccess,
        _: Option<&String>,
        place: &S3Place,
    ) -> Result<Self, StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn download(&self, place: &S3Place, _: &Path) -> Result<(), StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn download_all(
        &self,
        place: &S3Place,
        _: &[String],
        _: &Path,
    ) -> Result<(), StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn list(&self, place: &S3Place, _: bool) -> Result<Vec<String>, StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn upload(
        &self,
        _: &Path,
        place: &S3Place,
        _: Existing,
    ) -> Result<(), StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn upload_all(&self, files: &[ObjectUpload]) -> Vec<StagingError> {
        let refused = |file: &ObjectUpload| {
            let _ = (&file.from, file.existing);
            Self::unsupported::<()>(&file.to).err()
        };
        files.iter().filter_map(refused).collect()
    }

    pub(crate) fn is_empty(&self, place: &S3Place) -> Result<bool, StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn start(&self, place: &S3Place, _: usize) -> Result<Vec<u8>, StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn delete(&self, place: &S3Place) -> Result<(), StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn end_at(&self, _: Instant) {}

    pub(crate) fn check_bucket(&self, place: &S3Place) -> Result<(), StagingError> {
        Self::unsupported(place)
    }
}
