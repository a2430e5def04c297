//! Access to S3 for a command, which is not asynchronous.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::error::StagingError;
pub(crate) use crate::aws::Existing;
use crate::aws::{BaseSession, SessionSettings, Storage, StorageError};
use crate::model::{S3Place, StorageAccess};

/// A connection to S3.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    runtime: Arc<Runtime>,
    storage: Arc<Storage>,
}

impl Connection {
    /// With your own credentials.
    pub(crate) fn own(place: &S3Place) -> Result<Self, StagingError> {
        Self::new(StorageAccess::default(), place)
    }

    /// With the access of the config. `place` is what it is for, in errors.
    pub(crate) fn new(access: StorageAccess, place: &S3Place) -> Result<Self, StagingError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| StagingError::Usage(format!("cannot start the runtime: {error}")))?;
        let settings = SessionSettings::default();
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
