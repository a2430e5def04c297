//! `targets.json`: the accounts of a run that several processes collect, each a shard of them. It
//! decides which accounts are missing at the end.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::SnapshotError;
use super::format::{ManifestTarget, RunStamp, TargetList};
use super::write::{create_private_dir, temporary};
use crate::model::{AccountId, Demand, Organization, Region, SkippedAccount, text};

/// The version of the file's format.
const FORMAT: u64 = 1;
/// With 10,000 accounts the file has about 4 MB.
const MAX_SIZE: u64 = 64 << 20;

/// `targets.json`. External ids are not part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetsFile {
    /// The version of the format, 1.
    format: u64,
    /// What identifies the run, and what all its shards have in common.
    #[serde(flatten)]
    pub stamp: RunStamp,
    /// When the run began, RFC 3339 in UTC with seconds.
    pub created_at: jiff::Timestamp,
    /// The patterns of regions to which the run is limited; empty: no limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What to collect.
    pub demand: Demand,
    /// The accounts, sorted by id.
    pub targets: Vec<ManifestTarget>,
    /// The accounts of each shard, those that take longest first. Each account is in one shard.
    pub shards: Vec<Vec<AccountId>>,
    /// Accounts of the organization that are skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_accounts: Vec<SkippedAccount>,
    /// The organization, so that no shard needs to read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The regions to scan in each account, if the config names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub account_regions: BTreeMap<AccountId, Vec<Region>>,
    /// The regions to scan in accounts whose regions cannot be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback_regions: Vec<Region>,
    /// How many seconds each account took in the previous run.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub account_seconds: BTreeMap<AccountId, f64>,
}

impl TargetsFile {
    /// Its name in a folder.
    pub const NAME: &str = "targets.json";

    /// The accounts of a new run, divided into `shards` of about the same duration.
    pub fn new(
        stamp: RunStamp,
        created_at: jiff::Timestamp,
        (demand, regions): (Demand, Vec<String>),
        accounts: TargetList,
        account_seconds: BTreeMap<AccountId, f64>,
        shards: usize,
    ) -> Self {
        let TargetList { mut targets, mut skipped_accounts, organization, .. } = accounts;
        targets.sort_by(|a, b| a.account.cmp(&b.account));
        skipped_accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let accounts = targets.iter().map(|target| target.account.clone()).collect();
        let shards = divide(accounts, &account_seconds, shards);
        let created_at = jiff::Timestamp::from_second(created_at.as_second()).unwrap_or(created_at);
        Self {
            format: FORMAT,
            stamp,
            created_at,
            regions,
            demand,
            targets,
            shards,
            skipped_accounts,
            organization,
            account_regions: BTreeMap::new(),
            fallback_regions: Vec::new(),
            account_seconds,
        }
    }

    /// Writes it into a folder, which is created if it does not exist. A run has one list of
    /// targets, so an existing file is an error.
    pub fn write(&self, dir: &Path) -> Result<PathBuf, SnapshotError> {
        create_private_dir(dir)?;
        let path = dir.join(Self::NAME);
        let mut file = temporary(dir)?;
        let mut write = || -> io::Result<()> {
            let mut value = serde_json::to_value(self)?;
            value.sort_all_objects();
            serde_json::to_writer_pretty(&mut file, &value)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()
        };
        write().map_err(|error| SnapshotError::io(&path, error))?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(SnapshotError::TargetsExist { path })
            }
            Err(error) => Err(SnapshotError::io(&path, error.error)),
        }
    }

    /// Reads it: the file, or the folder that it is in.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        let path = if path.is_dir() { path.join(Self::NAME) } else { path.to_owned() };
        // A link is followed: mounted volumes of Kubernetes consist of links, and the user named it.
        let is_other = |found: fs::Metadata| !found.is_file();
        if fs::metadata(&path).is_ok_and(is_other) {
            return Err(SnapshotError::invalid(&path, 1, "not a regular file"));
        }
        let file = fs::File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SnapshotError::NoTargets { path: path.clone() },
            _ => SnapshotError::io(&path, error),
        })?;
        let mut bytes = Vec::new();
        file.take(MAX_SIZE)
            .read_to_end(&mut bytes)
            .map_err(|error| SnapshotError::io(&path, error))?;
        Self::parse(&bytes, &path)
    }

    /// Parses its content. `path` is for errors.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, SnapshotError> {
        let invalid = |error: serde_json::Error| SnapshotError::Invalid {
            path: path.to_owned(),
            line: error.line().max(1),
            reason: format!(
                "not a valid list of targets ({}); create it with `rolecall targets`",
                text::one_line(&error.to_string(), 200)
            ),
        };
        // The version first: another format need not have the same fields.
        let value: Value = serde_json::from_slice(bytes).map_err(invalid)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(found) if found != FORMAT => {
                return Err(SnapshotError::invalid(
                    path,
                    1,
                    format!(
                        "format {found} is not supported: this version of rolecall reads format {FORMAT}"
                    ),
                ));
            }
            _ => {}
        }
        let mut read: Self = serde_json::from_value(value).map_err(invalid)?;
        read.targets.sort_by(|a, b| a.account.cmp(&b.account));
        read.check().map_err(|reason| SnapshotError::invalid(path, 1, reason))?;
        Ok(read)
    }

    /// Every account must be in exactly one shard, or it would be collected twice or never.
    fn check(&self) -> Result<(), String> {
        let mut assigned: BTreeMap<&AccountId, usize> = BTreeMap::new();
        for target in &self.targets {
            if assigned.insert(&target.account, 0).is_some() {
                return Err(format!("account {} is listed twice", target.account));
            }
        }
        for account in self.shards.iter().flatten() {
            match assigned.get_mut(account) {
                None => return Err(format!("account {account} has a shard but is not a target")),
                Some(shards) => *shards += 1,
            }
        }
        match assigned.into_iter().find(|(_, shards)| *shards != 1) {
            None => Ok(()),
            Some((account, 0)) => Err(format!("account {account} has no shard")),
            Some((account, _)) => Err(format!("account {account} is in several shards")),
        }
    }

    /// The accounts of the run in the form of a snapshot.
    pub fn target_list(&self) -> TargetList {
        TargetList {
            targets: self.targets.clone(),
            skipped_accounts: self.skipped_accounts.clone(),
            organization: self.organization.clone(),
            origin: None,
        }
    }
}

/// Divides accounts into shards that take about the same time: the longest first, each into the
/// shard that is done earliest. Accounts without a known duration count as an average one. The same
/// accounts and durations give the same shards.
fn divide(
    mut accounts: Vec<AccountId>,
    seconds: &BTreeMap<AccountId, f64>,
    shards: usize,
) -> Vec<Vec<AccountId>> {
    let known: Vec<f64> =
        accounts.iter().filter_map(|account| seconds.get(account)).copied().collect();
    #[allow(clippy::cast_precision_loss, reason = "there are fewer than 2^52 accounts")]
    let average =
        if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let weight = |account: &AccountId| seconds.get(account).copied().unwrap_or(average);
    accounts.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.cmp(b)));
    let mut loads = vec![0.0; shards.max(1)];
    let mut divided = vec![Vec::new(); shards.max(1)];
    for account in accounts {
        let lightest = loads
            .iter()
            .enumerate()
            .min_by(|(i, a), (j, b)| f64::total_cmp(a, b).then(i.cmp(j)))
            .map_or(0, |(index, _)| index);
        loads[lightest] += weight(&account);
        divided[lightest].push(account);
    }
    divided
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    fn divided(count: u64, seconds: &[(u64, f64)], shards: usize) -> Vec<Vec<u64>> {
        let accounts = (1..=count).map(account).collect();
        let seconds = seconds.iter().map(|(number, time)| (account(*number), *time)).collect();
        let numbers = |shard: Vec<AccountId>| {
            shard.iter().map(|account| account.as_str().parse().unwrap()).collect()
        };
        divide(accounts, &seconds, shards).into_iter().map(numbers).collect()
    }

    #[test]
    fn accounts_are_divided_by_their_durations() {
        for (count, seconds, shards, expected) in [
            // Nothing known: by number.
            (5, &[][..], 2, vec![vec![1, 3, 5], vec![2, 4]]),
            // One account takes as long as all others.
            (
                5,
                &[(4, 4.0), (1, 1.0), (2, 1.0), (3, 1.0), (5, 1.0)],
                2,
                vec![vec![4], vec![1, 2, 3, 5]],
            ),
            // An unknown account counts as an average one.
            (3, &[(1, 3.0), (2, 1.0)], 3, vec![vec![1], vec![3], vec![2]]),
            // More shards than accounts.
            (1, &[], 3, vec![vec![1], vec![], vec![]]),
        ] {
            assert_eq!(divided(count, seconds, shards), expected, "{count} {seconds:?}");
        }
    }

    fn file() -> Value {
        let target = |number: u64| serde_json::json!({ "account": account(number) });
        serde_json::json!({
            "format": 1, "run": "r", "tool": "rolecall 0.1.0", "rules": "abc",
            "created_at": "2026-11-26T10:00:00Z", "demand": {},
            "targets": [target(1), target(2)], "shards": [[account(1)], [account(2)]],
        })
    }

    #[test]
    fn invalid_lists_are_refused() {
        let parse = |value: &Value| {
            TargetsFile::parse(value.to_string().as_bytes(), Path::new("targets.json"))
                .map_err(|error| error.to_string())
        };
        parse(&file()).unwrap();
        for (pointer, value, expected) in [
            ("/format", serde_json::json!(2), "format 2 is not supported"),
            ("/shards", serde_json::json!([[account(1)]]), "account 000000000002 has no shard"),
            (
                "/shards",
                serde_json::json!([[account(1), account(1)], [account(2)]]),
                "account 000000000001 is in several shards",
            ),
            (
                "/shards",
                serde_json::json!([[account(1), account(2), account(3)]]),
                "account 000000000003 has a shard but is not a target",
            ),
            ("/targets/1/account", serde_json::json!(account(1)), "listed twice"),
            ("/created_at", serde_json::json!("yesterday"), "rolecall targets"),
        ] {
            let mut changed = file();
            *changed.pointer_mut(pointer).unwrap() = value;
            let error = parse(&changed).unwrap_err();
            assert!(error.starts_with("targets.json:1: ") && error.contains(expected), "{error}");
        }
    }
}
