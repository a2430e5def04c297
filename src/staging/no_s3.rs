//! In a build without AWS, every access to S3 is an error.

use std::path::Path;

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

impl Connection {
    fn unsupported<T>(place: &S3Place) -> Result<T, StagingError> {
        Err(StagingError::Usage(format!(
            "cannot access `{place}`: rolecall was built without AWS support; build it with the default features"
        )))
    }

    pub(crate) fn own(place: &S3Place) -> Result<Self, StagingError> {
        Self::unsupported(place)
    }

    pub(crate) fn new(_: StorageAccess, place: &S3Place) -> Result<Self, StagingError> {
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

    pub(crate) fn check_bucket(&self, place: &S3Place) -> Result<(), StagingError> {
        Self::unsupported(place)
    }
}
