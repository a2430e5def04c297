//! Files in S3: before a command runs, what it reads is copied to a temporary folder, and what it
//! writes there is copied to S3. So commands see only paths, and no file in S3 is ever half
//! written.

mod error;
#[cfg(not(feature = "aws"))]
#[path = "no_s3.rs"]
mod s3;
#[cfg(feature = "aws")]
mod s3;

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

pub(crate) use self::error::StagingError;
pub(crate) use self::s3::{Connection, Existing};
use crate::model::{S3Place, StorageAccess};
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
    /// Creates a snapshot or another folder, which must be new or empty.
    NewFolder,
    /// Writes a file of this name into a folder, where there must be none.
    NewFile(&'static str),
    /// Writes a snapshot, account by account; `resume`: continues it if there is one.
    Snapshot {
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

#[derive(Debug)]
enum Upload {
    /// A report, and its parts.
    /// `before` is the state of a file with its name that was read.
    Report { local: PathBuf, place: S3Place, before: Option<FileState> },
    /// One file.
    File { local: PathBuf, place: S3Place, existing: Existing },
    /// All files of a folder; `accounts`: those of accounts too.
    Folder { local: PathBuf, place: S3Place, accounts: bool },
}

/// What changes when a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileState {
    modified: Option<SystemTime>,
    length: u64,
}

impl FileState {
    fn of(file: &Path) -> Option<Self> {
        let found = std::fs::metadata(file).ok()?;
        Some(Self { modified: found.modified().ok(), length: found.len() })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.get() {
            output::forget_folder(folder.path());
        }
    }
}

impl Staging {
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
            Some(place) => self.file(&Connection::own(&place)?, &place),
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
            Some(place) => self.tree(&Connection::own(&place)?, &place),
        }
    }

    /// The local path for a report, which is copied to S3 at the end. That of account reports has a
    /// placeholder and remains as it is.
    pub(crate) fn report(
        &self,
        path: &Path,
        access: &StorageAccess,
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
        self.state().uploads.push(Upload::Report { local: local.clone(), place, before });
        Ok(local)
    }

    /// The local path for the report of one account. Its folder is created.
    pub(crate) fn account_report(
        &self,
        path: &Path,
        access: &StorageAccess,
    ) -> io::Result<PathBuf> {
        let local = self.report(path, access);
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

    /// Copies to S3 what the command wrote. Errors of one file do not stop the others. After a
    /// failure, reports are copied, and what a snapshot has, but nothing that must be whole.
    pub(crate) fn finish(&self, is_failed: bool) -> Result<(), StagingError> {
        let mut uploads = std::mem::take(&mut self.state().uploads);
        uploads.retain(|upload| {
            let is_partial =
                matches!(upload, Upload::Report { .. } | Upload::Folder { accounts: false, .. });
            !is_failed || is_partial
        });
        let mut first = Ok(());
        for upload in uploads {
            if let Err(error) = self.upload(upload) {
                match first {
                    Ok(()) => first = Err(error),
                    Err(_) => output::print_error(&error.to_string()),
                }
            }
        }
        first
    }

    fn upload(&self, upload: Upload) -> Result<(), StagingError> {
        match upload {
            Upload::File { local, place, existing } if local.is_file() => {
                self.connection(&place)?.upload(&local, &place, existing)
            }
            Upload::File { .. } => Ok(()),
            Upload::Report { local, place, before } => {
                let state = FileState::of(&local);
                if state.is_none() || state == before {
                    // It was not written.
                    return Ok(());
                }
                let whole = Destination::File(local.clone());
                self.connection(&place)?.upload(&local, &place, Existing::Replace)?;
                for (path, name) in files(local.parent().unwrap_or(&local), false)? {
                    let is_part = path != local
                        && path.extension() == local.extension()
                        && Destination::File(path.clone()).is_part_of(&whole);
                    if is_part {
                        let place = place.parent().join(&name);
                        self.connection(&place)?.upload(&path, &place, Existing::Replace)?;
                    }
                }
                Ok(())
            }
            Upload::Folder { local, place, accounts } => {
                for (path, name) in files(&local, true)? {
                    if accounts || !name.ends_with(".jsonl") {
                        let to = place.join(&name);
                        self.connection(&to)?.upload(&path, &to, Existing::Replace)?;
                    }
                }
                Ok(())
            }
        }
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
            PathUse::NewFile(name) => {
                create(&local)?;
                self.state().uploads.push(Upload::File {
                    local: local.join(name),
                    place: place.join(name),
                    existing: Existing::Keep,
                });
            }
            PathUse::NewFolder | PathUse::Snapshot { resume: false } => {
                if !connection()?.list(place, false)?.is_empty() {
                    return Err(SnapshotError::NotEmpty { path: place.to_string().into() }.into());
                }
                create(&local)?;
                self.upload_folder(&connection()?, &local, place, usage == PathUse::NewFolder);
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

    fn connection(&self, place: &S3Place) -> Result<Connection, StagingError> {
        let mut connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let access = self.0.access.get().cloned().unwrap_or_default();
        let connected = Connection::new(access, place)?;
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

/// The files of a folder with their names relative to it, sorted, without temporary ones; `deep`:
/// those in its folders too.
fn files(folder: &Path, deep: bool) -> Result<Vec<(PathBuf, String)>, StagingError> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let failed = |error| SnapshotError::Io { path: folder.clone(), error };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let kind = entry.file_type().map_err(failed)?;
            if name.starts_with('.') {
                continue;
            }
            if kind.is_file() {
                found.push((path, format!("{prefix}{name}")));
            } else if deep && kind.is_dir() {
                folders.push((path, format!("{prefix}{name}/")));
            }
        }
    }
    found.sort();
    Ok(found)
}
