//! What is copied to S3 at the end of a command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::StagingError;
use super::s3::{Connection, Existing, ObjectUpload};
use crate::model::S3Place;
use crate::output::{self, Destination};
use crate::snapshot::{Manifest, SnapshotError};

#[derive(Debug)]
pub(super) enum Upload {
    /// A report, and its parts.
    /// `before` is the state of a file with its name that was read.
    /// `has_parts`: it can have parts.
    Report { local: PathBuf, place: S3Place, before: Option<FileState>, has_parts: bool },
    /// One file.
    File { local: PathBuf, place: S3Place, existing: Existing },
    /// All files of a folder; `accounts`: those of accounts too.
    Folder { local: PathBuf, place: S3Place, accounts: bool },
}

/// What changes when a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileState {
    modified: Option<SystemTime>,
    length: u64,
}

impl FileState {
    pub(super) fn of(file: &Path) -> Option<Self> {
        let found = std::fs::metadata(file).ok()?;
        Some(Self { modified: found.modified().ok(), length: found.len() })
    }
}

/// A report that was written: its place, and the names of its files.
struct Written {
    place: S3Place,
    names: BTreeSet<String>,
}

/// Connects to S3, for a place.
type Connect<'a> = &'a dyn Fn(&S3Place) -> Result<Connection, StagingError>;

/// Copies to S3 what the command wrote. Errors of one file do not stop the others. After a
/// failure, reports are copied, and what a snapshot has, but nothing that must be whole.
pub(super) fn finish(
    mut uploads: Vec<Upload>,
    is_failed: bool,
    connect: Connect<'_>,
) -> Result<(), StagingError> {
    uploads.retain(|upload| {
        let is_partial =
            matches!(upload, Upload::Report { .. } | Upload::Folder { accounts: false, .. });
        !is_failed || is_partial
    });
    let mut errors = Vec::new();
    let mut reports = Reports::default();
    for upload in uploads {
        let done = match upload {
            Upload::File { local, place, existing } if local.is_file() => {
                connect(&place).and_then(|connection| connection.upload(&local, &place, existing))
            }
            Upload::File { .. } => Ok(()),
            Upload::Folder { local, place, accounts } => {
                upload_folder(&local, &place, accounts, connect)
            }
            Upload::Report { local, place, before, has_parts } => {
                reports.add(&local, place, before.as_ref(), has_parts)
            }
        };
        errors.extend(done.err());
    }
    errors.extend(upload_reports(&reports, connect));
    let mut errors = errors.into_iter();
    let first = errors.next();
    for error in errors {
        output::print_error(&error.to_string());
    }
    first.map_or(Ok(()), Err)
}

/// A snapshot is complete when its manifest is there, so that comes last.
fn upload_folder(
    local: &Path,
    place: &S3Place,
    accounts: bool,
    connect: Connect<'_>,
) -> Result<(), StagingError> {
    let files = files(local, true)?;
    let files = files.into_iter().filter(|(_, name)| accounts || !name.ends_with(".jsonl"));
    let files = files.map(|(from, name)| ObjectUpload {
        from,
        to: place.join(&name),
        existing: Existing::Replace,
    });
    let (last, first): (Vec<_>, Vec<_>) = files.partition(|file| file.to.name() == Manifest::FILE);
    for files in [first, last] {
        if files.is_empty() {
            continue;
        }
        let mut errors = connect(place)?.upload_all(&files).into_iter();
        let Some(error) = errors.next() else { continue };
        for error in errors {
            output::print_error(&error.to_string());
        }
        return Err(error);
    }
    Ok(())
}

fn upload_reports(reports: &Reports, connect: Connect<'_>) -> Vec<StagingError> {
    let Some(place) = reports.files.first().map(|file| file.to.clone()) else {
        return Vec::new();
    };
    let connection = match connect(&place) {
        Ok(connection) => connection,
        Err(error) => return vec![error],
    };
    let errors = connection.upload_all(&reports.files);
    if errors.is_empty() {
        clear_stale(&connection, &reports.split);
    }
    errors
}

/// Reports to upload.
#[derive(Default)]
struct Reports {
    files: Vec<ObjectUpload>,
    /// Those that can have parts.
    split: Vec<Written>,
    /// The names in each folder, listed once.
    names: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Reports {
    fn add(
        &mut self,
        local: &Path,
        place: S3Place,
        before: Option<&FileState>,
        has_parts: bool,
    ) -> Result<(), StagingError> {
        let state = FileState::of(local);
        let mut names = BTreeSet::new();
        if state.is_some() && state.as_ref() != before {
            names.insert(place.name().to_owned());
        }
        if has_parts {
            names.extend(self.parts(local)?);
        }
        for name in &names {
            self.files.push(ObjectUpload {
                from: local.with_file_name(name),
                to: place.parent().join(name),
                existing: Existing::Replace,
            });
        }
        if has_parts && !names.is_empty() {
            self.split.push(Written { place, names });
        }
        Ok(())
    }

    /// The names of the parts of a report.
    fn parts(&mut self, whole: &Path) -> Result<Vec<String>, StagingError> {
        let folder = whole.parent().unwrap_or(whole);
        if !self.names.contains_key(folder) {
            let names = files(folder, false)?.into_iter().map(|(_, name)| name).collect();
            self.names.insert(folder.to_owned(), names);
        }
        let Some(names) = self.names.get(folder) else { return Ok(Vec::new()) };
        let first = format!("{}-", whole.file_stem().unwrap_or_default().to_string_lossy());
        let to = Destination::File(whole.to_owned());
        let candidates = names.range(first.clone()..).take_while(|name| name.starts_with(&first));
        let is_part =
            |name: &&String| Destination::File(whole.with_file_name(name)).is_part_of(&to);
        Ok(candidates.filter(is_part).cloned().collect())
    }
}

/// Deletes parts of earlier reports in S3, as is done for those in the file system: uploaded with
/// the new ones, they would close alerts or open them again.
fn clear_stale(connection: &Connection, reports: &[Written]) {
    let mut listed: BTreeMap<S3Place, BTreeSet<String>> = BTreeMap::new();
    for Written { place, names } in reports {
        let folder = place.parent();
        let known = match listed.get(&folder) {
            Some(known) => known,
            None => match connection.list(&folder, false) {
                Ok(found) => listed.entry(folder.clone()).or_insert(found.into_iter().collect()),
                Err(error) => {
                    output::print_note(&format!(
                        "cannot tell whether parts of an earlier SARIF report remain beside `{place}`: {error}"
                    ));
                    return;
                }
            },
        };
        let stale = known.iter().filter(|name| {
            !names.contains(*name)
                && (*name == place.name() || output::is_stale_part(name, place.name()))
        });
        for name in stale {
            let stale = folder.join(name);
            output::print_note(&match remove(connection, &stale) {
                Ok(true) => format!("removed `{stale}`, a part of an earlier SARIF report"),
                Ok(false) => format!("`{stale}` is not part of this run: {ADVICE}"),
                Err(error) => {
                    format!(
                        "`{stale}` is not part of this run, and was not removed: {error}; {ADVICE}"
                    )
                }
            });
        }
    }
}

/// What to do with a part of an earlier report that remains.
const ADVICE: &str = "delete it, or do not upload it with the SARIF report";

/// Deletes an object if rolecall wrote it. Returns whether it did.
fn remove(connection: &Connection, stale: &S3Place) -> Result<bool, StagingError> {
    let start = connection.start(stale, output::SARIF_START)?;
    if !output::is_own_sarif(&start) {
        return Ok(false);
    }
    connection.delete(stale).map(|()| true)
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
