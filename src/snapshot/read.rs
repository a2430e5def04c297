//! Reading a snapshot. Everything in it is untrusted: sizes are limited, ids are validated, and
//! shapes are checked against the table of kinds.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::block::{Block, MAX_LINE};
use super::format::Line;
use super::line::{
    Identity, Kept, ParsedLine, lost, parse_on_threads, resource_of, without_impossible,
    without_lost,
};
use crate::facts::{self, CompactResource, Kind, Scope};
use crate::model::Resource;
use crate::model::{AccountId, Cause, Gap, Region, counted, text};
use crate::snapshot::error::SnapshotError;
use crate::snapshot::format::{AccountHeader, FORMAT, Listed, Manifest, ManifestTarget};

/// A line has about 1 KB.
pub(super) const BUFFER: usize = 64 << 10;
/// `snapshot.json` of 10,000 accounts is about 3 MB.
const MAX_MANIFEST: u64 = 64 << 20;
/// AWS has about 50 regions.
const MAX_REGIONS: usize = 200;

impl Manifest {
    /// Its name in the folder of a snapshot.
    pub const FILE: &str = "snapshot.json";
    /// This program and its version.
    pub(super) const TOOL: &str = concat!("rolecall ", env!("CARGO_PKG_VERSION"));
}

/// The folder of a snapshot.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    manifest: Manifest,
    accounts: BTreeMap<AccountId, ManifestTarget>,
    /// Why accounts have no file, if the run that collects them knows.
    why_missing: Option<String>,
}

/// The content of a snapshot for one account.
#[derive(Debug, Clone)]
pub struct AccountSnapshot<R = Resource> {
    /// Its header.
    pub header: AccountHeader,
    /// The lists that were read.
    pub lists: BTreeMap<(String, Region), Listed>,
    /// The resources, sorted by kind, region and id. Facts are normalized: optional fields are
    /// present.
    pub resources: Vec<R>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What a snapshot contains for a target.
#[derive(Debug)]
pub enum Collected<R = Resource> {
    /// The account's file, read to its end line.
    Whole(Box<AccountSnapshot<R>>),
    /// There is no file, or it is truncated and so not reliable.
    Missing(Cause),
}

impl Reader {
    /// Opens a folder and reads its manifest.
    pub fn open(dir: &Path) -> Result<Self, SnapshotError> {
        let path = dir.join(Manifest::FILE);
        let file = match open_plain_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(match fs::metadata(dir) {
                    Ok(_) => SnapshotError::NotASnapshot { path: dir.to_owned() },
                    Err(error) => SnapshotError::io(dir, error),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(SnapshotError::NotAFolder { path: dir.to_owned() });
            }
            other => other.map_err(|error| SnapshotError::io(&path, error))?,
        };
        let mut text = String::new();
        file.take(MAX_MANIFEST)
            .read_to_string(&mut text)
            .map_err(|error| SnapshotError::io(&path, error))?;
        let invalid =
            |error: serde_json::Error| SnapshotError::json(&path, error.line().max(1), &error);
        // The version first: a manifest of another format need not have the other fields.
        let value: Value = serde_json::from_str(&text).map_err(invalid)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(found) => return Err(SnapshotError::Version { path, found }),
            None => return Err(SnapshotError::invalid(&path, 1, "missing `format`")),
        }
        let manifest: Manifest = serde_json::from_value(value).map_err(invalid)?;

        let mut accounts: BTreeMap<_, _> = manifest
            .targets
            .iter()
            .map(|target| (target.account.clone(), target.clone()))
            .collect();
        // Shards of a run are merged by copying their account files into one folder, so a file
        // counts even if this manifest does not have its account.
        for entry in fs::read_dir(dir).map_err(|error| SnapshotError::io(dir, error))? {
            let entry = entry.map_err(|error| SnapshotError::io(dir, error))?;
            let Some(account) = account_in_name(&entry.file_name()) else { continue };
            accounts.entry(account.clone()).or_insert_with(|| ManifestTarget {
                account,
                name: None,
                partition: Default::default(),
                role: None,
                labels: BTreeMap::new(),
            });
        }
        Ok(Self { dir: dir.to_owned(), manifest, accounts, why_missing: None })
    }

    /// What was requested.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every account of the snapshot, sorted by id: the requested ones and those that have a file.
    pub fn accounts(&self) -> impl Iterator<Item = &ManifestTarget> + Clone {
        self.accounts.values()
    }

    /// The name of an account's file.
    pub fn file_name(account: &AccountId) -> String {
        format!("{account}.jsonl")
    }

    /// An account whose file is complete, if rolecall had access to it. The file is checked as in
    /// [`Self::account`], but no resources are kept.
    pub(super) fn whole(
        &self,
        account: &AccountId,
    ) -> Result<Option<Box<AccountSnapshot>>, SnapshotError> {
        Ok(match self.account_of(account, &|_| false)? {
            Collected::Whole(snapshot) if snapshot.header.entered => Some(snapshot),
            _ => None,
        })
    }

    /// Reads one account.
    pub fn account(&self, account: &AccountId) -> Result<Collected, SnapshotError> {
        self.account_of(account, &|_| true)
    }

    /// Reads one account, and keeps only the resources of some kinds. Other resources are still
    /// checked: an error in [`Self::account`] is also an error here.
    pub fn account_of(
        &self,
        account: &AccountId,
        kept: &dyn Fn(&Kind) -> bool,
    ) -> Result<Collected, SnapshotError> {
        let parse = |lines: &[&[u8]]| lines.iter().map(|line| resource_of(line, kept)).collect();
        self.account_with(account, kept, &parse)
    }

    /// The same for evaluation, which keeps the facts of many resources. The lines are parsed by that
    /// many threads; the result does not depend on it.
    pub fn compact_account(
        &self,
        account: &AccountId,
        kept: &(dyn Fn(&Kind) -> bool + Sync),
        threads: usize,
    ) -> Result<Collected<CompactResource>, SnapshotError> {
        self.account_with(account, kept, &|lines| parse_on_threads(lines, kept, threads))
    }

    fn account_with<R: Kept>(
        &self,
        account: &AccountId,
        kept: Wanted<'_>,
        parse: ParseLines<'_, R>,
    ) -> Result<Collected<R>, SnapshotError> {
        let Some((path, file)) = self.open_account(account)? else {
            return Ok(Collected::Missing(self.no_file(account)));
        };
        let input = BufReader::with_capacity(BUFFER, file);
        match read_account(input, &path, account, kept, parse)? {
            Some(snapshot) => Ok(Collected::Whole(Box::new(snapshot))),
            None => Ok(Collected::Missing(Self::truncated(account))),
        }
    }

    /// With the reason why accounts have no file.
    pub fn with_why_missing(self, why_missing: Option<String>) -> Self {
        Self { why_missing, ..self }
    }

    /// An account's file, if the snapshot has it.
    pub(super) fn open_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<(PathBuf, File)>, SnapshotError> {
        let path = self.dir.join(Self::file_name(account));
        match open_plain_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SnapshotError::io(&path, error)),
            Ok(file) => Ok(Some((path, file))),
        }
    }

    /// Why an account without a file is unknown.
    pub(super) fn no_file(&self, account: &AccountId) -> Cause {
        let known = self.why_missing.as_deref();
        let message = known.unwrap_or("the snapshot has no file for this account");
        Self::missing(account, Cause::NOT_COLLECTED, message)
    }

    /// Why an account with a truncated file is unknown.
    pub(super) fn truncated(account: &AccountId) -> Cause {
        let message = "the account's file in the snapshot is truncated; collect the account again";
        Self::missing(account, Cause::TRUNCATED, message)
    }

    fn missing(account: &AccountId, code: &str, message: &str) -> Cause {
        Cause {
            // No call is missing, but the file that its results would be in.
            call: Self::file_name(account),
            code: code.to_owned(),
            message: message.to_owned(),
            denied_by: None,
        }
    }
}

/// The account whose file has this name, if it is one of an account.
pub(super) fn account_in_name(name: &OsStr) -> Option<AccountId> {
    name.to_str()?.strip_suffix(".jsonl")?.parse().ok()
}

/// Reads an account's file; `None` if it is truncated.
pub(super) fn read_file<R: Kept>(
    file: File,
    path: &Path,
    account: &AccountId,
    kept: &dyn Fn(&Kind) -> bool,
) -> Result<Option<AccountSnapshot<R>>, SnapshotError> {
    let parse = |lines: &[&[u8]]| lines.iter().map(|line| resource_of(line, kept)).collect();
    read_account(BufReader::with_capacity(BUFFER, file), path, account, kept, &parse)
}

/// Parses the lines of resources among some lines.
type ParseLines<'a, R> = &'a dyn Fn(&[&[u8]]) -> Vec<Option<ParsedLine<R>>>;

/// Which resources are kept.
type Wanted<'a> = &'a dyn Fn(&Kind) -> bool;

fn read_account<R: Kept>(
    mut input: impl BufRead,
    path: &Path,
    account: &AccountId,
    kept: Wanted<'_>,
    parse: ParseLines<'_, R>,
) -> Result<Option<AccountSnapshot<R>>, SnapshotError> {
    let mut header: Option<AccountHeader> = None;
    let mut lists = BTreeMap::new();
    let mut resources: Vec<R> = Vec::new();
    let mut others: Vec<Identity> = Vec::new();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut seen_resources = 0;
    let mut block = Block::default();
    let mut parsed: std::vec::IntoIter<Option<ParsedLine<R>>> = Vec::new().into_iter();
    for number in 1.. {
        if block.is_at_end() {
            block.read(&mut input, header.is_some());
            // Almost all lines are resources.
            let lines = if header.is_some() { parse(&block.lines()) } else { Vec::new() };
            parsed = lines.into_iter();
        }
        let (buffer, found) = (block.next_line(), parsed.next().flatten());
        if buffer.is_empty() {
            return match block.failed.take() {
                Some(error) => Err(SnapshotError::io(path, error)),
                None => Ok(None),
            };
        }
        if buffer.len() as u64 > MAX_LINE {
            return Err(SnapshotError::invalid(
                path,
                number,
                format!("the line is longer than {MAX_LINE} bytes"),
            ));
        }
        if let Some(found) = found {
            seen_resources += 1;
            match found {
                ParsedLine::Kept(resource) => resources.push(resource),
                ParsedLine::Checked(other) => others.push(other),
            }
            continue;
        }
        let ended = buffer.ends_with(b"\n");
        let line = match serde_json::from_slice::<Line>(buffer) {
            Ok(line) => line,
            // The writer was interrupted in the middle of the line.
            Err(_) if !ended => return Ok(None),
            Err(error) => return Err(SnapshotError::json(path, number, &error)),
        };
        let invalid = |reason: String| SnapshotError::invalid(path, number, reason);
        match (line, &header) {
            (Line::Header(new), None) => {
                if new.account != *account {
                    return Err(invalid(format!(
                        "the file is named after account {account}, but its header is for account {}",
                        new.account
                    )));
                }
                if new.collected_at.parse::<jiff::Timestamp>().is_err() {
                    return Err(invalid("`collected_at` is not a valid RFC 3339 time".to_owned()));
                }
                if new.regions.iter().any(Region::is_global) {
                    return Err(invalid("`global` is not a valid region to scan".to_owned()));
                }
                if new.regions.len() > MAX_REGIONS {
                    return Err(invalid(format!(
                        "the header has {}, but at most {MAX_REGIONS} are allowed",
                        counted(new.regions.len(), "region")
                    )));
                }
                header = Some(new);
            }
            (Line::Header(_), Some(_)) => return Err(invalid("duplicate header".to_owned())),
            (_, None) => return Err(invalid("the first line is not a header".to_owned())),
            (Line::Listed(listed), Some(_)) => {
                if lists.insert((listed.kind.clone(), listed.region.clone()), listed).is_some() {
                    return Err(invalid("duplicate list".to_owned()));
                }
            }
            (Line::Resource(resource), Some(_)) => {
                seen_resources += 1;
                // Rules of this version cannot use a kind that it does not know.
                let Some(kind) = facts::collected_kind(&resource.kind) else { continue };
                let lost = lost(&resource);
                match facts::normalize(resource).map_err(invalid)? {
                    Some(resource) if kept(kind) => {
                        resources.push(R::of(without_lost(without_impossible(resource), lost)));
                    }
                    Some(Resource { region, id, .. }) => {
                        others.push(Identity { kind: kind.name, region, id })
                    }
                    None => {}
                }
            }
            (Line::Gap(gap), Some(_)) => gaps.push(gap),
            (Line::End(end), Some(_)) => {
                if (end.resources, end.gaps) != (seen_resources, gaps.len()) {
                    return Err(invalid(format!(
                        "the end line has {} and {}, but the file has {seen_resources} and {}: the file was edited or is corrupt",
                        counted(end.resources, "resource"),
                        counted(end.gaps, "gap"),
                        gaps.len()
                    )));
                }
                break;
            }
        }
    }
    let mut rest = block.rest().to_vec();
    if let Some(error) = block.failed.take() {
        return Err(SnapshotError::io(path, error));
    }
    input.take(64).read_to_end(&mut rest).map_err(|error| SnapshotError::io(path, error))?;
    rest.truncate(64);
    if !rest.trim_ascii().is_empty() {
        return Err(SnapshotError::invalid(
            path,
            seen_resources + gaps.len() + lists.len() + 3,
            "text after the end line",
        ));
    }
    let Some(header) = header else { return Ok(None) };
    resources.sort_by(|a, b| a.identity().cmp(&b.identity()));
    resources.shrink_to_fit();
    check_consistency(&header, &lists, &resources, &others)
        .map_err(|reason| SnapshotError::invalid(path, 1, reason))?;
    Ok(Some(AccountSnapshot { header, lists, resources, gaps }))
}

fn check_consistency<R: Kept>(
    header: &AccountHeader,
    lists: &BTreeMap<(String, Region), Listed>,
    resources: &[R],
    others: &[Identity],
) -> Result<(), String> {
    let resources = resources.iter().map(R::identity);
    let others = others.iter().map(|other| (other.kind, &other.region, other.id.as_str()));
    let mut all: Vec<_> = resources.chain(others).collect();
    all.sort_unstable();
    let mut counts: BTreeMap<(&str, &Region), usize> = BTreeMap::new();
    let mut before = None;
    let global = Region::global();
    for identity in all {
        let (kind, region, id) = identity;
        if before.replace(identity) == Some(identity) {
            return Err(format!("duplicate {kind} `{}`", text::one_line(id, 100)));
        }
        let listed_in = match facts::kind(kind).map(|kind| kind.scope) {
            Some(Scope::Global | Scope::Account) | None => &global,
            Some(Scope::Regional) => region,
        };
        *counts.entry((kind, listed_in)).or_default() += 1;
    }
    for ((kind, region), count) in &counts {
        if !lists.contains_key(&((*kind).to_owned(), (*region).clone())) {
            return Err(format!(
                "{} of kind `{kind}` in {region}, but no matching `listed` line",
                counted(*count, "resource")
            ));
        }
    }
    for ((kind, region), listed) in lists {
        let Some(known) = facts::kind(kind) else { continue };
        if known.scope == Scope::Regional && !header.regions.contains(region) {
            return Err(format!(
                "{kind} was listed in {region}, which is not among the regions in the header"
            ));
        }
        let found = counts.get(&(kind.as_str(), region)).copied().unwrap_or(0);
        if found != listed.count {
            return Err(format!(
                "{kind} in {region}: expected {}, found {found}",
                counted(listed.count, "resource")
            ));
        }
    }
    Ok(())
}

/// Opens a regular file, but no link, pipe or device.
pub(super) fn open_plain_file(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file (links are not followed)",
        ))
    }
}

#[cfg(test)]
mod tests;
