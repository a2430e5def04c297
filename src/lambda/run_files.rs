//! The files of a run in the function's bucket: where they are, and copies of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::event::RunName;
use super::failure::Failure;
use crate::aws::StorageError;
use crate::model::{AccountId, S3Place};
use crate::output;
use crate::snapshot::{Reader, TargetsFile};
use crate::staging::{Connection, Existing, StagingError};

/// What points to the newest report.
const LATEST: &str = "latest.json";
/// The durations of all accounts of a run.
pub(super) const RUN: &str = "run.json";
/// `latest.json` is small.
const MAX_LATEST: u64 = 64 << 10;

/// The files of a run.
pub(super) struct RunFiles {
    connection: Connection,
    bucket: String,
    run: RunName,
    /// For local copies.
    folder: tempfile::TempDir,
}

/// `latest.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Latest {
    v: u64,
    /// The run of the newest report.
    pub(super) run: String,
    /// Its JSON report.
    pub(super) report: String,
    /// When its run began.
    created_at: Option<jiff::Timestamp>,
    /// Its exit code.
    exit: u8,
    /// The run before it, with which its report was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<String>,
}

impl Latest {
    fn is_newer_than(&self, created_at: jiff::Timestamp) -> bool {
        self.created_at.is_some_and(|latest| latest > created_at)
    }
}

impl Drop for RunFiles {
    fn drop(&mut self) {
        output::forget_folder(self.folder.path());
    }
}

impl RunFiles {
    /// Those of `run`.
    pub(super) fn new(
        connection: Connection,
        bucket: &str,
        run: &RunName,
    ) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("rolecall-run-").tempdir();
        let folder = folder.map_err(|error| {
            Failure::other(format!("cannot create a temporary folder: {error}"))
        })?;
        // Messages name the place in S3.
        let name = format!("{}{bucket}/runs/{}/", S3Place::SCHEME, run.as_str());
        output::show_folder_as(folder.path(), name);
        Ok(Self { connection, bucket: bucket.to_owned(), run: run.clone(), folder })
    }

    /// A file of the run.
    pub(super) fn place(&self, name: &str) -> S3Place {
        self.of_run(self.run.as_str(), name)
    }

    fn of_run(&self, run: &str, name: &str) -> S3Place {
        S3Place { bucket: self.bucket.clone(), key: format!("runs/{run}/{name}") }
    }

    /// Where a local copy goes. Its folder is created.
    pub(super) fn local(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.path().join(name);
        create(path.parent().unwrap_or(self.folder.path()))?;
        Ok(path)
    }

    /// A folder for local copies, which is created.
    pub(super) fn local_folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.path().join(name);
        create(&path)?;
        Ok(path)
    }

    /// The list of targets; `None` if the run has not begun.
    pub(super) fn targets(&self) -> Result<Option<TargetsFile>, Failure> {
        let local = self.local(TargetsFile::NAME)?;
        if !self.download_to(&self.place(TargetsFile::NAME), &local)? {
            return Ok(None);
        }
        Ok(Some(TargetsFile::read(&local)?))
    }

    /// The list of targets, which must exist.
    pub(super) fn require_targets(&self) -> Result<TargetsFile, Failure> {
        self.targets()?.ok_or_else(|| {
            Failure::event(format!(
                "run `{}` has no list of targets: begin it with the action `targets`",
                self.run.as_str()
            ))
        })
    }

    /// Copies the list of targets to the bucket, unless there is one.
    pub(super) fn upload_targets(&self) -> Result<(), Failure> {
        let local = self.local(TargetsFile::NAME)?;
        let done = self.connection.upload(&local, &self.place(TargetsFile::NAME), Existing::Keep);
        match done {
            // Another attempt was faster.
            Err(StagingError::Storage(StorageError::Exists { .. })) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Copies a local file to the bucket.
    pub(super) fn upload(&self, local: &Path, name: &str) -> Result<(), Failure> {
        Ok(self.connection.upload(local, &self.place(name), Existing::Replace)?)
    }

    /// Writes JSON to a file of the run.
    pub(super) fn upload_json(&self, name: &str, content: &impl Serialize) -> Result<(), Failure> {
        let local = self.local(name)?;
        write_json(&local, content)?;
        self.upload(&local, name)
    }

    /// The folder of the account files in the bucket.
    pub(super) fn accounts(&self) -> S3Place {
        self.place("accounts")
    }

    /// Copies the files of these accounts to a local folder, as far as they exist.
    pub(super) fn download_accounts(
        &self,
        accounts: &[AccountId],
        to: &Path,
    ) -> Result<(), Failure> {
        for account in accounts {
            let name = Reader::file_name(account);
            self.download_to(&self.accounts().join(&name), &to.join(&name))?;
        }
        Ok(())
    }

    /// Copies all files of a folder of the run to a local folder. Returns their names.
    pub(super) fn download_all(&self, name: &str, to: &Path) -> Result<Vec<String>, Failure> {
        let place = self.place(name);
        let mut names = self.connection.list(&place, false)?;
        names.sort();
        create(to)?;
        self.connection.download_all(&place, &names, to)?;
        Ok(names)
    }

    /// Copies an object to a file. Returns whether it exists.
    pub(super) fn download_to(&self, place: &S3Place, to: &Path) -> Result<bool, Failure> {
        match self.connection.download(place, to) {
            Ok(()) => Ok(true),
            Err(StagingError::Storage(StorageError::Missing { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A file of the run before this one; `None` if there is no earlier run, or it has no such file.
    pub(super) fn previous(
        &self,
        name: &str,
        created_at: jiff::Timestamp,
    ) -> Result<Option<PathBuf>, Failure> {
        let Some(run) = self.previous_run(created_at)? else { return Ok(None) };
        let local = self.local(&format!("previous/{name}"))?;
        let exists = self.download_to(&self.of_run(&run, name), &local)?;
        Ok(exists.then_some(local))
    }

    /// The run whose report was the newest one before this run.
    fn previous_run(&self, created_at: jiff::Timestamp) -> Result<Option<String>, Failure> {
        let latest = self.latest()?;
        Ok(match latest {
            // The report of this run is being repeated.
            Some(latest) if latest.run == self.run.as_str() => latest.previous,
            // A report of the past is not compared with one of its future.
            Some(latest) if latest.is_newer_than(created_at) => None,
            Some(latest) => Some(latest.run),
            None => None,
        }
        .filter(|run| RunName::try_from(run.clone()).is_ok()))
    }

    /// What points to the newest report of all runs; `None` if there is none yet.
    pub(super) fn latest(&self) -> Result<Option<Latest>, Failure> {
        let place = S3Place { bucket: self.bucket.clone(), key: LATEST.to_owned() };
        let local = self.local(LATEST)?;
        if !self.download_to(&place, &local)? {
            return Ok(None);
        }
        let size = std::fs::metadata(&local).map_or(0, |found| found.len());
        let text = std::fs::read(&local).ok().filter(|_| size <= MAX_LATEST);
        let latest = text.and_then(|text| serde_json::from_slice(&text).ok());
        match latest {
            Some(latest) => Ok(Some(latest)),
            None => Err(Failure::config(format!(
                "`{place}` is not valid: delete it, or restore an earlier version; without it, the next report has no baseline"
            ))),
        }
    }

    /// Makes the report of this run the newest one, unless there is a newer one.
    pub(super) fn publish(
        &self,
        report: &str,
        exit: u8,
        created_at: jiff::Timestamp,
    ) -> Result<(), Failure> {
        if self.latest()?.is_some_and(|latest| latest.is_newer_than(created_at)) {
            return Ok(());
        }
        let latest = Latest {
            v: 1,
            run: self.run.as_str().to_owned(),
            report: report.to_owned(),
            created_at: Some(created_at),
            exit,
            previous: self.previous_run(created_at)?,
        };
        let local = self.local(LATEST)?;
        write_json(&local, &latest)?;
        let place = S3Place { bucket: self.bucket.clone(), key: LATEST.to_owned() };
        Ok(self.connection.upload(&local, &place, Existing::Replace)?)
    }

    /// The connection to the bucket.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn create(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::other(format!("cannot create `{}`: {error}", folder.display())))
}

fn write_json(path: &Path, content: &impl Serialize) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(content)?;
        text.push(b'\n');
        std::fs::write(path, text)
    };
    write().map_err(|error| Failure::other(format!("cannot write `{}`: {error}", path.display())))
}
