//! Access to S3 for a command, which is not asynchronous.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Runtime;

use super::error::StagingError;
use crate::aws::{BaseSession, SessionSettings, Storage, StorageError};
pub(crate) use crate::aws::{Existing, Upload as ObjectUpload};
use crate::model::{S3Place, StorageAccess};

/// A connection to S3.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    runtime: Arc<Runtime>,
    storage: Arc<Storage>,
}

impl Connection {
    /// With this access. `place` is what it is for, in errors.
    pub(crate) fn new(
        access: StorageAccess,
        profile: Option<&String>,
        place: &S3Place,
    ) -> Result<Self, StagingError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| StagingError::Usage(format!("cannot start the runtime: {error}")))?;
        let settings = SessionSettings {
            profile: profile.cloned(),
            s3_addressing: access.addressing,
            ..SessionSettings::default()
        };
        let storage = runtime.block_on(async {
            let base = BaseSession::load(settings).await?;
            let connected = Storage::connect(&base, access, "rolecall-storage", place).await;
            connected.map_err(StagingError::from)
        })?;
        Ok(Self { runtime: runtime.into(), storage: storage.into() })
    }

    /// The storage, for work that is asynchronous.
    pub(crate) fn storage(&self) -> Arc<Storage> {
        self.storage.clone()
    }

    pub(crate) fn download(&self, place: &S3Place, to: &Path) -> Result<(), StagingError> {
        self.wait(self.storage.download(place, to))
    }

    pub(crate) fn download_all(
        &self,
        place: &S3Place,
        names: &[String],
        folder: &Path,
    ) -> Result<(), StagingError> {
        self.wait(self.storage.download_all(place, names, folder))
    }

    pub(crate) fn list(&self, place: &S3Place, deep: bool) -> Result<Vec<String>, StagingError> {
        self.wait(self.storage.list(place, deep))
    }

    pub(crate) fn upload(
        &self,
        from: &Path,
        place: &S3Place,
        existing: Existing,
    ) -> Result<(), StagingError> {
        self.wait(self.storage.upload(from, place, existing))
    }

    /// The errors of copying files to objects.
    pub(crate) fn upload_all(&self, files: &[ObjectUpload]) -> Vec<StagingError> {
        let errors = self.runtime.block_on(self.storage.upload_all(files));
        errors.into_iter().map(StagingError::from).collect()
    }

    pub(crate) fn is_empty(&self, place: &S3Place) -> Result<bool, StagingError> {
        self.wait(self.storage.is_empty(place))
    }

    pub(crate) fn start(&self, place: &S3Place, length: usize) -> Result<Vec<u8>, StagingError> {
        self.wait(self.storage.start(place, length))
    }

    pub(crate) fn delete(&self, place: &S3Place) -> Result<(), StagingError> {
        self.wait(self.storage.delete(place))
    }

    /// From now on, calls that have not ended by then are errors.
    pub(crate) fn end_at(&self, deadline: Instant) {
        self.storage.end_at(deadline.into());
    }

    pub(crate) fn check_bucket(&self, place: &S3Place) -> Result<(), StagingError> {
        self.wait(self.storage.check_bucket(place))
    }

    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StagingError> {
        self.runtime.block_on(work).map_err(StagingError::from)
    }
}
