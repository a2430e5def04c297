//! What `run.json` says of an earlier run, for planning the next one.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::CommandError;
use crate::model::AccountId;
use crate::snapshot::SnapshotError;

const FILE: &str = "run.json";
/// The value of `stopped_by` for the deadline.
pub(super) const DEADLINE: &str = "deadline";
/// With 10,000 accounts it has about 1 MB.
const MAX_SIZE: u64 = 64 << 20;
/// No account takes longer.
const MAX_SECONDS: f64 = 86_400.0;

/// What `run.json` says of an earlier run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct EarlierRun {
    #[serde(default)]
    accounts: usize,
    #[serde(default)]
    accounts_not_entered: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped_by: Option<String>,
    #[serde(default)]
    account_seconds: BTreeMap<AccountId, f64>,
}

impl EarlierRun {
    /// That of the snapshot in `dir`, or in a file. It is only used to plan: a file that is missing or invalid is
    /// the same as one that says nothing.
    pub(crate) fn read(dir: &Path) -> Self {
        Self::try_read(dir).unwrap_or_default()
    }

    /// That of the snapshot in `dir`, which must have one.
    pub(crate) fn require(dir: &Path) -> Result<Self, CommandError> {
        Self::try_read(dir).map_err(|error| {
            CommandError::Usage(format!(
                "cannot use `{}` as the previous run: {error}; name a snapshot that `collect`, `scan` or `merge` wrote",
                dir.join(FILE).display()
            ))
        })
    }

    fn try_read(dir: &Path) -> io::Result<Self> {
        let path = if dir.is_file() { dir.to_owned() } else { dir.join(FILE) };
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let mut text = String::new();
        std::fs::File::open(&path)?.take(MAX_SIZE).read_to_string(&mut text)?;
        Ok(serde_json::from_str(&text)?)
    }

    /// That of a part of a run that did, or did not, finish an account before its deadline.
    pub(crate) fn of_part(is_stalled: bool) -> Self {
        Self { stopped_by: is_stalled.then(|| DEADLINE.to_owned()), ..Self::default() }
    }

    /// That of all shards of a run.
    pub(crate) fn merged(shards: &[PathBuf]) -> Self {
        let mut merged = Self::default();
        for shard in shards {
            let Self { accounts, accounts_not_entered, account_seconds, .. } = Self::read(shard);
            merged.accounts = merged.accounts.saturating_add(accounts);
            merged.accounts_not_entered =
                merged.accounts_not_entered.saturating_add(accounts_not_entered);
            merged.account_seconds.extend(account_seconds);
        }
        merged
    }

    /// How many seconds each account took.
    pub(crate) fn seconds(&self) -> BTreeMap<AccountId, f64> {
        let within = |(account, seconds): (&AccountId, &f64)| {
            (account.clone(), if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, MAX_SECONDS) })
        };
        self.account_seconds.iter().map(within).collect()
    }

    /// How long each account took.
    pub(crate) fn durations(&self) -> BTreeMap<AccountId, Duration> {
        durations(&self.seconds())
    }

    /// Whether it reached its deadline without finishing any account that it could access.
    pub(crate) fn is_stalled(&self) -> bool {
        self.accounts <= self.accounts_not_entered && self.stopped_by.as_deref() == Some(DEADLINE)
    }
}

/// Seconds as durations, without those that are not valid.
pub(crate) fn durations(seconds: &BTreeMap<AccountId, f64>) -> BTreeMap<AccountId, Duration> {
    let valid = seconds.iter().filter_map(|(account, seconds)| {
        Some((account.clone(), Duration::try_from_secs_f64(seconds.min(MAX_SECONDS)).ok()?))
    });
    valid.collect()
}

/// Writes `run.json`.
pub(crate) fn write(dir: &Path, record: &impl Serialize) -> Result<(), CommandError> {
    let path = dir.join(FILE);
    let persist = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(dir)?;
        serde_json::to_writer_pretty(&mut file, record)?;
        file.write_all(b"\n")?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    persist()
        .map_err(|error| CommandError::Snapshot(SnapshotError::Io { path: path.clone(), error }))
}
