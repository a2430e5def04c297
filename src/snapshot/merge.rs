//! Merging what several processes collected of one run. The list of targets decides which accounts
//! are missing, and whatever does not belong to the run is refused.

use std::cmp::Reverse;
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::error::SnapshotError;
use super::format::{AccountHeader, Manifest, RunStamp};
use super::read::{AccountSnapshot, Reader, account_in_name, open_plain_file, read_file};
use super::targets_file::TargetsFile;
use super::write::{Writer, persist, temporary};
use crate::model::{AccountId, Resource};

/// A merged snapshot.
#[derive(Debug)]
pub struct Merged {
    /// Its accounts, sorted by id: one for each target.
    pub accounts: Vec<MergedAccount>,
}

/// What the parts of a run have of an account.
#[derive(Debug)]
pub struct MergedAccount {
    /// The account.
    pub account: AccountId,
    /// Its file in the merged snapshot, and what that contains; `None` if no part has one.
    pub file: Option<MergedFile>,
}

/// An account's file in a merged snapshot.
#[derive(Debug)]
pub struct MergedFile {
    /// Where it comes from.
    pub from: PathBuf,
    /// Other files of the same account, which were not used.
    pub others: Vec<PathBuf>,
    /// Its header, and how many resources and gaps it has; `None` if it is truncated.
    pub content: Option<(AccountHeader, usize, usize)>,
}

impl MergedFile {
    /// Prefers whole files over truncated ones, accounts that were entered over others, fewer gaps, and
    /// later collections over earlier ones.
    fn rank(&self) -> (bool, bool, Reverse<usize>, Option<jiff::Timestamp>) {
        let header = self.content.as_ref().map(|(header, ..)| header);
        (
            header.is_some(),
            header.is_some_and(|header| header.entered),
            Reverse(self.content.as_ref().map_or(0, |(_, _, gaps)| *gaps)),
            header.and_then(|header| header.collected_at.parse().ok()),
        )
    }
}

/// Merges the account files of `dirs` into a new snapshot. Everything is checked before anything is
/// written.
pub fn merge(dirs: &[PathBuf], list: &TargetsFile, into: &Path) -> Result<Merged, SnapshotError> {
    for dir in dirs {
        check_names(dir, list)?;
    }
    let mut accounts = Vec::new();
    for target in &list.targets {
        let mut file: Option<MergedFile> = None;
        for dir in dirs {
            let path = dir.join(Reader::file_name(&target.account));
            let found = match open_plain_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(|error| SnapshotError::io(&path, error))?,
            };
            let content = match read_file::<Resource>(found, &path, &target.account, &|_| false)? {
                None => None,
                Some(AccountSnapshot { header, lists, gaps, .. }) => {
                    belongs(&header, list)
                        .map_err(|reason| SnapshotError::Foreign { path: path.clone(), reason })?;
                    let resources = lists.values().map(|list| list.count).sum();
                    Some((header, resources, gaps.len()))
                }
            };
            let mut new = MergedFile { from: path, others: Vec::new(), content };
            file = Some(match file {
                Some(mut old) if old.rank() >= new.rank() => {
                    old.others.push(new.from);
                    old
                }
                Some(old) => {
                    new.others.extend(old.others);
                    new.others.push(old.from);
                    new
                }
                None => new,
            });
        }
        accounts.push(MergedAccount { account: target.account.clone(), file });
    }
    let writer = Writer::create(into, list.target_list(), &list.demand)?;
    if let Err(error) = copy(&accounts, &writer) {
        // Half a snapshot would look like a run with missing accounts.
        for account in &accounts {
            fs::remove_file(into.join(Reader::file_name(&account.account))).ok();
        }
        fs::remove_file(into.join(Manifest::FILE)).ok();
        return Err(error);
    }
    Ok(Merged { accounts })
}

/// Copies the account files into the snapshot.
fn copy(accounts: &[MergedAccount], writer: &Writer) -> Result<(), SnapshotError> {
    for MergedAccount { account, file } in accounts {
        let Some(file) = file else { continue };
        let path = writer.dir().join(Reader::file_name(account));
        let mut from =
            open_plain_file(&file.from).map_err(|error| SnapshotError::io(&file.from, error))?;
        let mut to = BufWriter::new(temporary(writer.dir())?);
        io::copy(&mut from, &mut to).map_err(|error| SnapshotError::io(&path, error))?;
        let to = to.into_inner().map_err(|error| SnapshotError::io(&path, error.into_error()))?;
        persist(to, &path)?;
    }
    Ok(())
}

/// Rejects a folder that has files of other accounts, or without a part of any run.
fn check_names(dir: &Path, list: &TargetsFile) -> Result<(), SnapshotError> {
    let entries = fs::read_dir(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory => SnapshotError::NotAFolder { path: dir.to_owned() },
        _ => SnapshotError::io(dir, error),
    })?;
    let mut is_part = false;
    for entry in entries {
        let entry = entry.map_err(|error| SnapshotError::io(dir, error))?;
        let Some(account) = account_in_name(&entry.file_name()) else {
            is_part |= entry.file_name() == Manifest::FILE;
            continue;
        };
        is_part = true;
        if list.targets.binary_search_by(|target| target.account.cmp(&account)).is_err() {
            return Err(SnapshotError::Foreign {
                path: entry.path(),
                reason: format!(
                    "account {account} is not among the targets of run {}",
                    list.stamp.run
                ),
            });
        }
    }
    if is_part {
        Ok(())
    } else {
        Err(SnapshotError::Foreign {
            path: dir.to_owned(),
            reason:
                "it has no files of accounts; name folders that `rolecall collect --targets` wrote"
                    .to_owned(),
        })
    }
}

/// Whether an account's file is part of the run.
fn belongs(header: &AccountHeader, list: &TargetsFile) -> Result<(), String> {
    let RunStamp { run, tool, rules } = &list.stamp;
    let Some(stamp) = &header.run else {
        return Err(format!(
            "it was not collected as a part of a run; use `rolecall collect --targets` with the list of targets of run {run}"
        ));
    };
    if stamp.run != *run {
        return Err(format!("it is part of run {}, not of {run}", stamp.run));
    }
    if stamp.tool != *tool {
        return Err(format!("it was collected by {}, but run {run} began with {tool}", stamp.tool));
    }
    if stamp.rules != *rules {
        return Err(format!("it was collected for other rules than run {run}"));
    }
    if header.demand != list.demand {
        return Err(format!("it was collected for other facts than run {run}"));
    }
    let collected_at: Option<jiff::Timestamp> = header.collected_at.parse().ok();
    if collected_at.is_none_or(|time| time < list.created_at) {
        return Err(format!(
            "it was collected at {}, before run {run} began at {}",
            header.collected_at, list.created_at
        ));
    }
    Ok(())
}
