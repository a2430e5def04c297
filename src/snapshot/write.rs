//! Writing a snapshot, account by account.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::NamedTempFile;

use super::exhaustion::open_patiently;
use super::format::{End, Line};
use crate::model::Resource;
use crate::model::{AccountId, Demand, Gap};
use crate::snapshot::error::SnapshotError;
use crate::snapshot::format::{AccountHeader, FORMAT, Listed, Manifest, ManifestTarget, Roll};
use crate::snapshot::read::Reader;

/// The folder of a snapshot that is being written.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
}

impl Writer {
    /// Begins a snapshot in a folder that does not exist yet or is empty.
    pub fn create(
        dir: &Path,
        roll: impl Into<Roll>,
        demand: &Demand,
    ) -> Result<Self, SnapshotError> {
        create_private_dir(dir)?;
        if dir.join(Manifest::FILE).exists() {
            return Err(SnapshotError::Exists { path: dir.to_owned() });
        }
        let mut entries = fs::read_dir(dir).map_err(|error| SnapshotError::io(dir, error))?;
        if entries.next().is_some() {
            return Err(SnapshotError::NotEmpty { path: dir.to_owned() });
        }
        Self::begin(dir, roll.into(), demand)
    }

    /// Goes on with a snapshot that was made for the same demand or more, or begins one where there
    /// is none. Returns also the accounts that it already holds whole: those whose file has its end
    /// line and that could be entered.
    pub fn resume(
        dir: &Path,
        roll: impl Into<Roll>,
        demand: &Demand,
    ) -> Result<(Self, Vec<AccountId>), SnapshotError> {
        let mut roll = roll.into();
        if !dir.join(Manifest::FILE).exists() {
            return Ok((Self::create(dir, roll, demand)?, Vec::new()));
        }
        let reader = Reader::open(dir)?;
        let known = &reader.manifest().demand;
        if !known.covers(demand) {
            let missing = demand.kinds().find_map(|kind| {
                let fact = demand.facts(kind).find(|fact| !known.wants(kind, fact));
                match fact {
                    Some(fact) => Some(format!("{kind}/{fact}")),
                    None => (!known.wants_kind(kind)).then(|| kind.to_owned()),
                }
            });
            return Err(SnapshotError::OtherDemand {
                path: dir.to_owned(),
                missing: missing.unwrap_or_default(),
            });
        }
        let mut done = Vec::new();
        for target in &roll.targets {
            if reader.is_whole(&target.account)? {
                done.push(target.account.clone());
            }
        }
        let demand = known.clone();
        // A narrowed run goes on with its part; the other accounts keep their place.
        let others = reader
            .manifest()
            .targets
            .iter()
            .filter(|old| !roll.targets.iter().any(|new| new.account == old.account));
        let others: Vec<_> = others.cloned().collect();
        roll.targets.extend(others);
        Ok((Self::begin(dir, roll, &demand)?, done))
    }

    /// Adds to a snapshot, or begins one where there is none: another account, or an account that
    /// it has, which the caller writes anew with what was known of it.
    pub fn extend(
        dir: &Path,
        target: ManifestTarget,
        demand: &Demand,
    ) -> Result<Self, SnapshotError> {
        if !dir.join(Manifest::FILE).exists() {
            return Self::create(dir, vec![target], demand);
        }
        let reader = Reader::open(dir)?;
        let Manifest { targets, skipped_accounts, organization, demand: mut all, .. } =
            reader.manifest().clone();
        let mut roll = Roll { targets, skipped_accounts, organization };
        all.merge(demand);
        if !roll.targets.iter().any(|known| known.account == target.account) {
            roll.targets.push(target);
        }
        Self::begin(dir, roll, &all)
    }

    fn begin(dir: &Path, roll: Roll, demand: &Demand) -> Result<Self, SnapshotError> {
        let Roll { mut targets, mut skipped_accounts, organization } = roll;
        targets.sort_by(|a, b| a.account.cmp(&b.account));
        skipped_accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let manifest = Manifest {
            format: FORMAT,
            tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned(),
            targets,
            demand: demand.clone(),
            skipped_accounts,
            organization,
        };
        let path = dir.join(Manifest::FILE);
        let mut file = temporary(dir)?;
        let write = |file: &mut NamedTempFile| -> io::Result<()> {
            let mut value = serde_json::to_value(&manifest)?;
            value.sort_all_objects();
            serde_json::to_writer_pretty(&mut *file, &value)?;
            file.write_all(b"\n")
        };
        write(&mut file).map_err(|error| SnapshotError::io(&path, error))?;
        persist(file, &path)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Begins one account's file. Nothing of it is visible before [`AccountWriter::finish`].
    pub fn account(&self, header: AccountHeader) -> Result<AccountWriter, SnapshotError> {
        let path = self.dir.join(Reader::file_name(&header.account));
        let file = BufWriter::new(temporary(&self.dir)?);
        let mut writer = AccountWriter { path, file, resources: 0, gaps: 0 };
        writer.line(Line::Header(header))?;
        Ok(writer)
    }
}

/// One account's file while it is written.
#[derive(Debug)]
pub struct AccountWriter {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    resources: usize,
    gaps: usize,
}

impl AccountWriter {
    /// Writes a list that was made to its end: its line, then its resources sorted by region and
    /// id.
    pub fn list(
        &mut self,
        listed: Listed,
        mut resources: Vec<Resource>,
    ) -> Result<(), SnapshotError> {
        resources.sort_by(|a, b| (&a.region, &a.id).cmp(&(&b.region, &b.id)));
        self.line(Line::Listed(listed))?;
        for mut resource in resources {
            self.resources += 1;
            // Nested nulls say nothing; a null fact says "not configured" and stays.
            resource.facts.values_mut().for_each(without_nulls);
            self.line(Line::Resource(resource))?;
        }
        Ok(())
    }

    /// Writes the account's gaps, sorted.
    pub fn gaps(&mut self, mut gaps: Vec<Gap>) -> Result<(), SnapshotError> {
        gaps.sort();
        gaps.dedup();
        for gap in gaps {
            self.gaps += 1;
            self.line(Line::Gap(gap))?;
        }
        Ok(())
    }

    /// Writes the end line and makes the file visible under its name. Returns its path.
    pub fn finish(mut self) -> Result<PathBuf, SnapshotError> {
        self.line(Line::End(End { resources: self.resources, gaps: self.gaps }))?;
        let file = self
            .file
            .into_inner()
            .map_err(|error| SnapshotError::io(&self.path, error.into_error()))?;
        persist(file, &self.path)?;
        Ok(self.path)
    }

    fn line(&mut self, line: Line) -> Result<(), SnapshotError> {
        let mut write = || -> io::Result<()> {
            let mut value = serde_json::to_value(&line)?;
            value.sort_all_objects();
            serde_json::to_writer(&mut self.file, &value)?;
            self.file.write_all(b"\n")
        };
        write().map_err(|error| SnapshotError::io(&self.path, error))
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// A new file that only its owner can read, in the folder it will stay in. Connections to AWS can
/// have taken every descriptor; that must not cost what was collected.
fn temporary(dir: &Path) -> Result<NamedTempFile, SnapshotError> {
    // tempfile creates exclusively with mode 0600.
    open_patiently(|| tempfile::Builder::new().prefix(".rolecall-").tempfile_in(dir))
        .map_err(|error| SnapshotError::io(dir, error))
}

fn persist(mut file: NamedTempFile, path: &Path) -> Result<(), SnapshotError> {
    file.flush().map_err(|error| SnapshotError::io(path, error))?;
    file.as_file().sync_all().map_err(|error| SnapshotError::io(path, error))?;
    file.persist(path).map_err(|error| SnapshotError::io(path, error.error))?;
    Ok(())
}

fn create_private_dir(dir: &Path) -> Result<(), SnapshotError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| SnapshotError::io(dir, error))
}
