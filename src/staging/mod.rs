//! Files in S3: before a command runs, what it reads is copied to a temporary folder, and what it
//! writes there is copied to S3. So commands see only paths, and no file in S3 is ever half
//! written.

mod error;
#[cfg(not(feature = "aws"))]
#[path = "no_s3.rs"]
mod s3;
#[cfg(feature = "aws")]
mod s3;
mod uploads;

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

pub(crate) use self::error::StagingError;
pub(crate) use self::s3::{Connection, Existing};
use self::uploads::{FileState, Upload};
use crate::model::{AccountId, S3Place, StorageAccess};
use crate::output::{self, Destination};
use crate::snapshot::SnapshotError;

/// What a command does with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathUse {
    /// Reads a file.
    File,
    /// Reads the files of a folder, not those in its folders.
    Folder,
    /// Reads a folder with all its folders, or a file.
    Tree,
    /// Reads the file of this name: the path is the file itself, or its folder.
    Named(&'static str),
    /// Reads the names of the files in a folder and its folders, and the content of the one with this
    /// name, which it writes.
    Names(&'static str),
    /// Creates a snapshot or another folder, which must be new or empty.
    NewFolder,
    /// Writes a file of this name into a folder, where there must be none.
    NewFile(&'static str),
    /// Writes a snapshot, account by account; `resume`: continues it if there is one.
    Snapshot {
        /// Whether it can already exist.
        resume: bool,
    },
    /// Checks whether a snapshot can be written, and writes nothing.
    CheckSnapshot {
        /// Whether it can already exist.
        resume: bool,
    },
    /// Adds to the files of a folder.
    Update,
    /// Reads and writes the file system only.
    Local,
}

/// The local copies of files in S3.
#[derive(Debug, Clone, Default)]
pub struct Staging(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    folder: OnceLock<tempfile::TempDir>,
    /// Access with the role of `[storage]`.
    connection: Mutex<Option<Connection>>,
    access: OnceLock<StorageAccess>,
    /// The profile of the base credentials.
    profile: OnceLock<String>,
    /// A bucket, and the account that must own it.
    bucket: OnceLock<(String, AccountId)>,
    /// When calls must have ended.
    deadline: Mutex<Option<Instant>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What was already copied from S3.
    read: BTreeSet<S3Place>,
    /// What is copied to S3 at the end, in this order.
    uploads: Vec<Upload>,
    /// Buckets that were looked up.
    checked: BTreeSet<String>,
    /// Folders of snapshots that are kept in S3, account by account.
    snapshots: Vec<(PathBuf, Connection, S3Place)>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.get() {
            output::forget_folder(folder.path());
        }
    }
}

/// How long reports can be uploaded after the deadline of a run.
#[cfg(feature = "aws")]
const REPORTS: std::time::Duration = std::time::Duration::from_secs(60);

impl Staging {
    /// Sets the profile of the base credentials, before anything is accessed.
    pub(crate) fn use_profile(&self, profile: &str) {
        self.0.profile.set(profile.to_owned()).ok();
    }

    /// From now on, what is read from this bucket with your own credentials must belong to `owner`.
    #[cfg(feature = "lambda")]
    pub(crate) fn expect_owner(&self, bucket: &str, owner: &AccountId) {
        self.0.bucket.set((bucket.to_owned(), owner.clone())).ok();
    }

    /// From now on, calls to S3 that have not ended by then are errors. An earlier deadline
    /// remains.
    #[cfg(feature = "aws")]
    pub(crate) fn end_at(&self, deadline: Instant) {
        let known = *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        self.set_deadline(known.map_or(deadline, |known| known.min(deadline)));
    }

    #[cfg(feature = "aws")]
    fn set_deadline(&self, deadline: Instant) {
        *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
        if let Some(connection) = &*self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
        {
            connection.end_at(deadline);
        }
        for (_, connection, _) in &self.state().snapshots {
            connection.end_at(deadline);
        }
    }

    /// Leaves time for uploading reports, if there is a deadline.
    #[cfg(feature = "aws")]
    pub(crate) fn allow_reports(&self) {
        let deadline = *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let least = Instant::now() + REPORTS;
        if deadline.is_some_and(|deadline| deadline < least) {
            self.set_deadline(least);
        }
    }

    /// A connection with your own credentials.
    fn own(&self, place: &S3Place, access: &StorageAccess) -> Result<Connection, StagingError> {
        let owner = self.0.bucket.get().filter(|(bucket, _)| *bucket == place.bucket);
        let access = StorageAccess {
            bucket_owner: owner.map(|(_, owner)| owner.clone()),
            addressing: access.addressing,
            ..StorageAccess::default()
        };
        self.connect(access, place)
    }

    fn connect(&self, access: StorageAccess, place: &S3Place) -> Result<Connection, StagingError> {
        let connection = Connection::new(access, self.0.profile.get(), place)?;
        if let Some(deadline) = *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) {
            connection.end_at(deadline);
        }
        Ok(connection)
    }

    /// The local path for a path of the command line. `access` is how files in S3 are accessed.
    pub(crate) fn stage(
        &self,
        path: &Path,
        usage: PathUse,
        access: impl FnOnce() -> Result<StorageAccess, StagingError>,
    ) -> Result<PathBuf, StagingError> {
        match place_of(path)? {
            None => Ok(path.to_owned()),
            Some(place) => self.with_access(access)?.place(&place, usage),
        }
    }

    /// The local path of the config.
    pub(crate) fn config(&self, path: &Path) -> Result<PathBuf, StagingError> {
        match place_of(path)? {
            None => Ok(path.to_owned()),
            // What the config says of access to S3 is not known yet.
            Some(place) => self.file(&self.own(&place, &StorageAccess::default())?, &place),
        }
    }

    /// Sets how S3 is accessed, if that is not known yet.
    fn with_access(
        &self,
        access: impl FnOnce() -> Result<StorageAccess, StagingError>,
    ) -> Result<&Self, StagingError> {
        if self.0.access.get().is_none() {
            self.0.access.set(access()?).ok();
        }
        Ok(self)
    }

    /// The local path for a path of the config, which can be in S3: `s3://…`, or relative to a
    /// config that is.
    pub(crate) fn config_path(
        &self,
        path: &Path,
        access: &StorageAccess,
    ) -> Result<PathBuf, StagingError> {
        if let Some(place) = place_of(path)? {
            return self.with_access(|| Ok(access.clone()))?.place(&place, PathUse::Tree);
        }
        match self.place_of(path)? {
            None => Ok(path.to_owned()),
            // What is beside a config in S3 is read as the config is.
            Some(place) => self.tree(&self.own(&place, access)?, &place),
        }
    }

    /// The local path for a report, which is copied to S3 at the end. That of account reports has a
    /// placeholder and remains as it is.
    /// `has_parts`: it can be written as several numbered files.
    pub(crate) fn report(
        &self,
        path: &Path,
        access: &StorageAccess,
        has_parts: bool,
    ) -> Result<PathBuf, StagingError> {
        let Some(place) = place_of(path)? else { return Ok(path.to_owned()) };
        self.with_access(|| Ok(access.clone()))?;
        let is_unknown = self.state().checked.insert(place.bucket.clone());
        if is_unknown {
            self.connection(&place)?.check_bucket(&place)?;
        }
        if Destination::File(path.to_owned()).is_per_account() {
            return Ok(path.to_owned());
        }
        let local = self.local(&place)?;
        if local.is_dir() {
            return Err(StagingError::Usage(format!(
                "`{place}` is a folder of files that this run reads: choose another name"
            )));
        }
        create_parent(&local)?;
        let before = FileState::of(&local);
        self.state().uploads.push(Upload::Report {
            local: local.clone(),
            place,
            before,
            has_parts,
        });
        Ok(local)
    }

    /// The local path for the report of one account. Its folder is created.
    pub(crate) fn account_report(
        &self,
        path: &Path,
        access: &StorageAccess,
        has_parts: bool,
    ) -> io::Result<PathBuf> {
        let local = self.report(path, access, has_parts);
        let local = local.map_err(|error| io::Error::other(error.to_string()))?;
        if let Some(folder) = local.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        Ok(local)
    }

    /// Whether a path is that of a local copy, so that nobody would see what is written to it.
    pub(crate) fn is_copy(&self, path: &Path) -> bool {
        self.0.folder.get().is_some_and(|root| path.starts_with(root.path()))
    }

    /// The error for a file that cannot be changed, because it is a local copy.
    pub(crate) fn refuse_change(&self, path: &Path, option: &str) -> Result<(), StagingError> {
        if !self.is_copy(path) {
            return Ok(());
        }
        let shown = self.shown(&path.to_string_lossy());
        Err(StagingError::Usage(format!(
            "`{shown}` cannot be changed here: name a file of the file system with {option}"
        )))
    }

    /// A path of a local copy as people know it.
    pub(crate) fn shown(&self, path: &str) -> String {
        match self.place_of(Path::new(path)) {
            Ok(Some(place)) => place.to_string(),
            _ => path.to_owned(),
        }
    }

    /// Where the snapshot in a local folder is kept in S3, if it is.
    pub(crate) fn snapshot(&self, local: &Path) -> Option<(Connection, S3Place)> {
        let state = self.state();
        let kept = state.snapshots.iter().find(|(folder, ..)| folder == local);
        kept.map(|(_, connection, place)| (connection.clone(), place.clone()))
    }

    /// From now on, keeps the accounts of the snapshot in a local folder in S3 too.
    pub(crate) fn keep_snapshot(&self, local: &Path, connection: &Connection, place: S3Place) {
        self.state().snapshots.push((local.to_owned(), connection.clone(), place));
    }

    /// Copies a file of a snapshot to S3 now, if that is where the snapshot is kept.
    pub(crate) fn keep(&self, folder: &Path, name: &str) -> Result<(), StagingError> {
        match self.snapshot(folder) {
            None => Ok(()),
            Some((connection, place)) => {
                connection.upload(&folder.join(name), &place.join(name), Existing::Replace)
            }
        }
    }

    /// Deletes a file of a snapshot from S3, if that is where the snapshot is kept.
    pub(crate) fn delete(&self, folder: &Path, name: &str) -> Result<(), StagingError> {
        match self.snapshot(folder) {
            None => Ok(()),
            Some((connection, place)) => connection.delete(&place.join(name)),
        }
    }

    /// Copies to S3 what the command wrote; see [`uploads::finish`].
    pub(crate) fn finish(&self, is_failed: bool) -> Result<(), StagingError> {
        let uploads = std::mem::take(&mut self.state().uploads);
        uploads::finish(uploads, is_failed, &|place| self.connection(place))
    }

    /// Copies a place from S3, or prepares what will be copied to it.
    fn place(&self, place: &S3Place, usage: PathUse) -> Result<PathBuf, StagingError> {
        let local = self.local(place)?;
        let connection = || self.connection(place);
        match usage {
            PathUse::File => return self.file(&connection()?, place),
            PathUse::Named(name) => {
                let is_file = place.name().ends_with(".json");
                let place = if is_file { place.clone() } else { place.join(name) };
                return self.file(&connection()?, &place);
            }
            PathUse::Folder => self.folder(&connection()?, place, false)?,
            PathUse::Tree => return self.tree(&connection()?, place),
            PathUse::Names(name) => self.names(&connection()?, place, name)?,
            PathUse::NewFile(name) => {
                create(&local)?;
                self.state().uploads.push(Upload::File {
                    local: local.join(name),
                    place: place.join(name),
                    existing: Existing::Keep,
                });
            }
            PathUse::NewFolder | PathUse::Snapshot { resume: false } => {
                if !connection()?.is_empty(place)? {
                    return Err(SnapshotError::NotEmpty { path: place.to_string().into() }.into());
                }
                create(&local)?;
                self.upload_folder(&connection()?, &local, place, usage == PathUse::NewFolder);
            }
            PathUse::CheckSnapshot { resume: true } => self.folder(&connection()?, place, false)?,
            PathUse::CheckSnapshot { resume: false } => {
                if !connection()?.is_empty(place)? {
                    return Err(SnapshotError::NotEmpty { path: place.to_string().into() }.into());
                }
            }
            PathUse::Snapshot { resume: true } | PathUse::Update => {
                self.folder(&connection()?, place, false)?;
                self.upload_folder(&connection()?, &local, place, usage == PathUse::Update);
            }
            PathUse::Local => {
                return Err(StagingError::Usage(format!(
                    "`{place}` cannot be used here: this command writes this file only to the file system"
                )));
            }
        }
        Ok(local)
    }

    /// Copies the files of a folder to S3 at the end; those of accounts too, or each as soon as it is
    /// complete.
    fn upload_folder(&self, connection: &Connection, local: &Path, place: &S3Place, whole: bool) {
        if !whole {
            self.keep_snapshot(local, connection, place.clone());
        }
        let (local, place) = (local.to_owned(), place.clone());
        self.state().uploads.push(Upload::Folder { local, place, accounts: whole });
    }

    fn file(&self, connection: &Connection, place: &S3Place) -> Result<PathBuf, StagingError> {
        let local = self.local(place)?;
        if self.state().read.insert(place.clone()) {
            create_parent(&local)?;
            connection.download(place, &local)?;
        }
        Ok(local)
    }

    /// A folder with all its folders, or a file.
    fn tree(&self, connection: &Connection, place: &S3Place) -> Result<PathBuf, StagingError> {
        const FILES: [&str; 3] = [".rhai", ".toml", ".json"];
        if FILES.iter().any(|end| place.name().ends_with(end)) {
            return self.file(connection, place);
        }
        self.folder(connection, place, true)?;
        self.local(place)
    }

    fn folder(
        &self,
        connection: &Connection,
        place: &S3Place,
        deep: bool,
    ) -> Result<(), StagingError> {
        let local = self.local(place)?;
        if self.state().read.insert(place.clone()) {
            let names = connection.list(place, deep)?;
            create(&local)?;
            connection.download_all(place, &names, &local)?;
        }
        Ok(())
    }

    /// A folder of empty files, apart from the one that will be written.
    fn names(
        &self,
        connection: &Connection,
        place: &S3Place,
        written: &str,
    ) -> Result<(), StagingError> {
        let local = self.local(place)?;
        create(&local)?;
        for name in connection.list(place, true)? {
            let file = local.join(&name);
            if name == written {
                connection.download(&place.join(&name), &file)?;
                continue;
            }
            create_parent(&file)?;
            std::fs::File::create(&file)
                .map_err(|error| SnapshotError::Io { path: file, error })?;
        }
        self.state().uploads.push(Upload::File {
            local: local.join(written),
            place: place.join(written),
            existing: Existing::Replace,
        });
        Ok(())
    }

    fn connection(&self, place: &S3Place) -> Result<Connection, StagingError> {
        let mut connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let access = self.0.access.get().cloned().unwrap_or_default();
        let connected = self.connect(access, place)?;
        Ok(connection.insert(connected).clone())
    }

    /// The local path of a place.
    fn local(&self, place: &S3Place) -> Result<PathBuf, StagingError> {
        Ok(self.root()?.join(&place.bucket).join(&place.key))
    }

    /// The place of a path: `s3://…`, or the path of a local copy.
    fn place_of(&self, path: &Path) -> Result<Option<S3Place>, StagingError> {
        if let Some(place) = place_of(path)? {
            return Ok(Some(place));
        }
        let inside = self.0.folder.get().and_then(|root| path.strip_prefix(root.path()).ok());
        let Some(inside) = inside else { return Ok(None) };
        let mut parts: Vec<&str> = Vec::new();
        for component in inside.components() {
            match component {
                Component::Normal(part) => parts.extend(part.to_str()),
                // A relative path does not leave the bucket.
                Component::ParentDir if parts.len() > 1 => drop(parts.pop()),
                _ => {}
            }
        }
        place_of(Path::new(&format!("{}{}", S3Place::SCHEME, parts.join("/"))))
    }

    fn root(&self) -> Result<&Path, StagingError> {
        if let Some(folder) = self.0.folder.get() {
            return Ok(folder.path());
        }
        let made = tempfile::Builder::new().prefix("rolecall-s3-").tempdir();
        let made = made.map_err(|error| SnapshotError::Io { path: std::env::temp_dir(), error })?;
        let folder = self.0.folder.get_or_init(|| made);
        #[cfg(feature = "aws")]
        crate::interrupts::remove_at_exit(folder.path());
        // Messages name the place in S3.
        output::show_folder_as(folder.path(), S3Place::SCHEME.to_owned());
        Ok(folder.path())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place that a path names, if it is not a path of the file system.
fn place_of(path: &Path) -> Result<Option<S3Place>, StagingError> {
    S3Place::of_path(path).transpose().map_err(StagingError::Usage)
}

fn create(folder: &Path) -> Result<(), StagingError> {
    let created = std::fs::create_dir_all(folder);
    let failed = |error| SnapshotError::Io { path: folder.to_owned(), error };
    created.map_err(failed).map_err(StagingError::from)
}

fn create_parent(file: &Path) -> Result<(), StagingError> {
    file.parent().map_or(Ok(()), create)
}
