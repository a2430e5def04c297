//! Reading an account resource by resource, so that memory does not depend on their number.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::PathBuf;

use super::block::MAX_LINE;
use super::error::SnapshotError;
use super::format::Line;
use super::line::{ParsedLine, lost, resource_of, without_impossible, without_lost};
use super::read::{AccountSnapshot, BUFFER, Reader, read_file};
use crate::facts::{self, Kind};
use crate::model::{AccountId, Cause, Demand, Resource, sha256_hex_of};

/// What a snapshot contains for a target, without its resources.
#[derive(Debug)]
pub enum Streamed {
    /// The account's file, which was read to its end line.
    Whole(Box<AccountStream>),
    /// There is no file, or it is truncated and so not reliable.
    Missing(Cause),
}

/// A complete file of an account.
#[derive(Debug)]
pub struct AccountStream {
    /// Its content, without resources.
    pub snapshot: AccountSnapshot,
    path: PathBuf,
    file: File,
}

impl Reader {
    /// What the accounts of the snapshot were collected for, according to the snapshot and the first
    /// line of each file, which can be from another run. A file without a header is reported when it
    /// is read.
    pub fn demand(&self) -> Demand {
        let mut demand = self.manifest().demand.clone();
        for target in self.accounts() {
            let Ok(Some((_, file))) = self.open_account(&target.account) else { continue };
            let mut line = Vec::new();
            let read =
                BufReader::with_capacity(BUFFER, file).take(MAX_LINE).read_until(b'\n', &mut line);
            if read.is_ok()
                && let Ok(Line::Header(header)) = serde_json::from_slice(&line)
            {
                demand.merge(&header.demand);
            }
        }
        demand
    }

    /// The hash of an account's file; `None` if there is none.
    pub fn sha256_of(&self, account: &AccountId) -> Result<Option<String>, SnapshotError> {
        let Some((path, file)) = self.open_account(account)? else { return Ok(None) };
        sha256_hex_of(file).map(Some).map_err(|error| SnapshotError::io(&path, error))
    }

    /// Checks an account's file as [`Self::account`] does, and opens it for reading its resources.
    pub fn stream(&self, account: &AccountId) -> Result<Streamed, SnapshotError> {
        let Some((path, file)) = self.open_account(account)? else {
            return Ok(Streamed::Missing(self.no_file(account)));
        };
        let clone = file.try_clone().map_err(|error| SnapshotError::io(&path, error))?;
        Ok(match read_file::<Resource>(clone, &path, account, &|_| false)? {
            Some(snapshot) => Streamed::Whole(Box::new(AccountStream { snapshot, path, file })),
            None => Streamed::Missing(Self::truncated(account)),
        })
    }
}

impl AccountStream {
    /// Passes each resource of some kinds to `each`, in the order of the file. Facts are normalized,
    /// as in [`AccountSnapshot::resources`].
    pub fn for_each<E: From<SnapshotError>>(
        &mut self,
        kept: &dyn Fn(&Kind) -> bool,
        mut each: impl FnMut(Resource) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error| SnapshotError::io(&self.path, error);
        self.file.rewind().map_err(failed)?;
        let mut input = BufReader::with_capacity(BUFFER, &self.file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(failed)?;
            if line.is_empty() {
                break;
            }
            let resource = match resource_of(&line, kept) {
                Some(ParsedLine::Kept(resource)) => Some(resource),
                Some(ParsedLine::Checked(_)) => None,
                // What the first reading accepted is in the normal form of another version.
                None => unusual(&line, kept)
                    .map_err(|reason| SnapshotError::invalid(&self.path, number, reason))?
                    .map(without_impossible),
            };
            if let Some(resource) = resource {
                each(resource)?;
            }
        }
        Ok(())
    }
}

/// The resource of a line that has to be parsed as a whole; `None` for other lines.
fn unusual(line: &[u8], kept: &dyn Fn(&Kind) -> bool) -> Result<Option<Resource>, String> {
    let Ok(Line::Resource(resource)) = serde_json::from_slice(line) else { return Ok(None) };
    if !facts::collected_kind(&resource.kind).is_some_and(kept) {
        return Ok(None);
    }
    let lost = lost(&resource);
    let normal = facts::normalize(resource)?;
    Ok(normal.map(|resource| without_lost(resource, lost)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::snapshot::Collected;

    #[test]
    fn a_stream_has_the_same_resources_as_the_whole_account() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme");
        let reader = Reader::open(&fixture).unwrap();
        for target in reader.accounts() {
            let Collected::Whole(whole) = reader.account(&target.account).unwrap() else {
                panic!("{}", target.account)
            };
            let Streamed::Whole(mut stream) = reader.stream(&target.account).unwrap() else {
                panic!("{}", target.account)
            };
            assert!(stream.snapshot.resources.is_empty());
            assert_eq!(stream.snapshot.gaps, whole.gaps);
            // It can be read more than once.
            for _ in 0..2 {
                let mut resources = Vec::new();
                let each = |resource| -> Result<(), SnapshotError> {
                    resources.push(resource);
                    Ok(())
                };
                stream.for_each(&|_| true, each).unwrap();
                let key = |resource: &Resource| {
                    (resource.kind.clone(), resource.region.clone(), resource.id.clone())
                };
                resources.sort_by_key(key);
                assert_eq!(resources, whole.resources);
            }
        }
    }
}
