//! Writing a snapshot, account by account.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::NamedTempFile;

use super::error::Lacking;
use super::exhaustion::open_with_retry;
use super::format::{End, Line};
use super::resume::{Needs, is_cut_short};
use crate::model::Resource;
use crate::model::{AccountId, Demand, Gap};
use crate::snapshot::error::SnapshotError;
use crate::snapshot::format::{
    AccountHeader, FORMAT, Listed, Manifest, ManifestTarget, RunStamp, TargetList,
};
use crate::snapshot::read::Reader;

/// What a resumed snapshot had of the targets.
#[derive(Debug, Default)]
pub struct Resumed {
    /// Accounts that are complete: their file has its end line, and rolecall had access to them.
    pub done: BTreeSet<AccountId>,
    /// Accounts that are collected again, whose files were deleted.
    pub again: Vec<AccountId>,
}

/// The folder of a snapshot that is being written.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
}

impl Writer {
    /// Creates a snapshot in a folder that does not exist yet or is empty.
    pub fn create(
        dir: &Path,
        target_list: impl Into<TargetList>,
        demand: &Demand,
    ) -> Result<Self, SnapshotError> {
        create_private_dir(dir)?;
        Self::check_free(dir)?;
        Self::write_manifest(dir, target_list.into(), demand)
    }

    /// Checks that a folder does not exist or is empty, so that a snapshot can be created in it.
    pub fn check_free(dir: &Path) -> Result<(), SnapshotError> {
        if dir.join(Manifest::FILE).exists() {
            return Err(SnapshotError::Exists { path: dir.to_owned() });
        }
        match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(SnapshotError::NotEmpty { path: dir.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(SnapshotError::io(dir, error)),
        }
    }

    /// Resumes a snapshot that was collected for what is needed, or creates one if there is none. A part
    /// of a run, which has a stamp, can be resumed only by the same run.
    ///
    /// A snapshot that was collected for less is an error. With `recollect`, the files of accounts
    /// that lack something, or that a deadline cut short, are deleted instead, so that these accounts
    /// are missing until they are collected again.
    pub fn resume(
        dir: &Path,
        target_list: impl Into<TargetList>,
        needs: &Needs<'_>,
        stamp: Option<&RunStamp>,
        recollect: bool,
    ) -> Result<(Self, Resumed), SnapshotError> {
        let mut target_list = target_list.into();
        if !dir.join(Manifest::FILE).exists() {
            return Ok((Self::create(dir, target_list, needs.demand)?, Resumed::default()));
        }
        let reader = Reader::open(dir)?;
        if reader.manifest().origin.is_some() {
            return Err(SnapshotError::OfPlan { path: dir.to_owned() });
        }
        let mut lacking = Lacking::default();
        needs.check_manifest(reader.manifest(), &mut lacking);
        let mut resumed = Resumed::default();
        for target in &target_list.targets {
            let Some(found) = reader.whole(&target.account)? else { continue };
            if stamp.is_some() && found.header.run.as_ref() != stamp {
                return Err(SnapshotError::OtherRun { path: dir.to_owned() });
            }
            let is_old = lacking.tool.is_some();
            let lacks = needs.check_account(&found.header, &mut lacking);
            if lacks || is_old || (recollect && is_cut_short(&found)) {
                resumed.again.push(target.account.clone());
            } else {
                resumed.done.insert(target.account.clone());
            }
        }
        if !recollect && !lacking.is_empty() {
            return Err(SnapshotError::OtherDemand {
                path: dir.to_owned(),
                lacking: Box::new(lacking),
            });
        }
        // Before the manifest says that they have more than they have.
        for account in &resumed.again {
            let path = dir.join(Reader::file_name(account));
            fs::remove_file(&path).map_err(|error| SnapshotError::io(&path, error))?;
        }
        let mut demand = reader.manifest().demand.clone();
        demand.merge(needs.demand);
        // A run that is limited to some accounts resumes these; the other accounts remain targets.
        let others = reader
            .manifest()
            .targets
            .iter()
            .filter(|old| !target_list.targets.iter().any(|new| new.account == old.account));
        let others: Vec<_> = others.cloned().collect();
        target_list.targets.extend(others);
        Ok((Self::write_manifest(dir, target_list, &demand)?, resumed))
    }

    /// Returns the error that [`Self::create`] or [`Self::resume`] would, without creating anything
    /// that remains. `resumed`: what a resumed snapshot must have been collected for.
    pub fn check(dir: &Path, resume: bool, resumed: Option<&Demand>) -> Result<(), SnapshotError> {
        let existing = dir.ancestors().find(|folder| folder.exists());
        let existing = existing.filter(|folder| !folder.as_os_str().is_empty());
        let existing = existing.unwrap_or(Path::new("."));
        if !existing.is_dir() {
            return Err(SnapshotError::NotAFolder { path: existing.to_owned() });
        }
        if existing == dir {
            let is_snapshot = dir.join(Manifest::FILE).exists();
            if is_snapshot && !resume {
                return Err(SnapshotError::Exists { path: dir.to_owned() });
            }
            let mut entries = fs::read_dir(dir).map_err(|error| SnapshotError::io(dir, error))?;
            if is_snapshot {
                let reader = Reader::open(dir)?;
                let mut lacking = Lacking::default();
                if let Some(demand) = resumed {
                    let regions = BTreeMap::new();
                    let needs = Needs { demand, regions: &regions, region_filter: None };
                    needs.check_manifest(reader.manifest(), &mut lacking);
                }
                if !lacking.is_empty() {
                    return Err(SnapshotError::OtherDemand {
                        path: dir.to_owned(),
                        lacking: Box::new(lacking),
                    });
                }
            } else if entries.next().is_some() {
                return Err(SnapshotError::NotEmpty { path: dir.to_owned() });
            }
        }
        let file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(existing);
        file.map(drop).map_err(|error| SnapshotError::io(existing, error))
    }

    /// Adds an account to a snapshot, or creates one if there is none. If the snapshot already has the
    /// account, the caller rewrites it, including its previous content.
    pub fn extend(
        dir: &Path,
        target: ManifestTarget,
        demand: &Demand,
    ) -> Result<Self, SnapshotError> {
        if !dir.join(Manifest::FILE).exists() {
            return Self::create(dir, vec![target], demand);
        }
        let reader = Reader::open(dir)?;
        if reader.manifest().origin.is_some() {
            return Err(SnapshotError::OfPlan { path: dir.to_owned() });
        }
        let Manifest { targets, skipped_accounts, organization, demand: mut all, .. } =
            reader.manifest().clone();
        let mut target_list = TargetList { targets, skipped_accounts, organization, origin: None };
        all.merge(demand);
        if !target_list.targets.iter().any(|known| known.account == target.account) {
            target_list.targets.push(target);
        }
        Self::write_manifest(dir, target_list, &all)
    }

    fn write_manifest(
        dir: &Path,
        target_list: TargetList,
        demand: &Demand,
    ) -> Result<Self, SnapshotError> {
        let TargetList { mut targets, mut skipped_accounts, organization, origin } = target_list;
        targets.sort_by(|a, b| a.account.cmp(&b.account));
        skipped_accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let manifest = Manifest {
            format: FORMAT,
            tool: Manifest::TOOL.to_owned(),
            targets,
            demand: demand.clone(),
            skipped_accounts,
            organization,
            origin,
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

    /// Starts an account's file. It is not visible before [`AccountWriter::finish`].
    pub fn account(&self, header: AccountHeader) -> Result<AccountWriter, SnapshotError> {
        let path = self.dir.join(Reader::file_name(&header.account));
        let file = BufWriter::new(temporary(&self.dir)?);
        let mut writer = AccountWriter { path, file, resources: 0, gaps: 0 };
        writer.line(Line::Header(header))?;
        Ok(writer)
    }
}

/// An account's file that is being written.
#[derive(Debug)]
pub struct AccountWriter {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    resources: usize,
    gaps: usize,
}

impl AccountWriter {
    /// Writes a complete list.
    pub fn list(&mut self, listed: Listed, resources: Vec<Resource>) -> Result<(), SnapshotError> {
        self.list_lines(ListLines::new(listed, resources))
    }

    /// Writes the lines of a complete list.
    pub fn list_lines(&mut self, list: ListLines) -> Result<(), SnapshotError> {
        self.resources += list.resources;
        list.lines
            .and_then(|lines| self.file.write_all(&lines))
            .map_err(|error| SnapshotError::io(&self.path, error))
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

    /// Writes the end line and renames the file to its final name. Returns its path.
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
        write_line(&line, &mut self.file).map_err(|error| SnapshotError::io(&self.path, error))
    }
}

/// A complete list as it is written: its line, then its resources sorted by region and id. It takes
/// a fraction of the memory of the resources; an account keeps its lists until its last call.
#[derive(Debug)]
pub struct ListLines {
    lines: io::Result<Vec<u8>>,
    resources: usize,
}

impl ListLines {
    /// The lines of a list.
    pub fn new(listed: Listed, mut resources: Vec<Resource>) -> Self {
        resources.sort_by(|a, b| (&a.region, &a.id).cmp(&(&b.region, &b.id)));
        let count = resources.len();
        let lines = || {
            let mut lines = Vec::new();
            write_line(&Line::Listed(listed), &mut lines)?;
            for mut resource in resources {
                // Nested nulls have no meaning; a null fact means "not configured" and is kept.
                resource.facts.values_mut().for_each(remove_nulls);
                write_line(&Line::Resource(resource), &mut lines)?;
            }
            lines.shrink_to_fit();
            Ok(lines)
        };
        Self { lines: lines(), resources: count }
    }

    /// How many resources it has.
    pub fn resources(&self) -> usize {
        self.resources
    }
}

fn write_line(line: &Line, to: &mut impl Write) -> io::Result<()> {
    let mut value = serde_json::to_value(line)?;
    value.sort_all_objects();
    serde_json::to_writer(&mut *to, &value)?;
    to.write_all(b"\n")
}

fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Creates a temporary file that only its owner can read, in its final folder. Connections to AWS can
/// use up all descriptors; the collected facts must not be lost because of that.
pub(super) fn temporary(dir: &Path) -> Result<NamedTempFile, SnapshotError> {
    // tempfile creates the file exclusively, with mode 0600.
    open_with_retry(|| tempfile::Builder::new().prefix(".rolecall-").tempfile_in(dir))
        .map_err(|error| SnapshotError::io(dir, error))
}

pub(super) fn persist(mut file: NamedTempFile, path: &Path) -> Result<(), SnapshotError> {
    file.flush().map_err(|error| SnapshotError::io(path, error))?;
    file.as_file().sync_all().map_err(|error| SnapshotError::io(path, error))?;
    file.persist(path).map_err(|error| SnapshotError::io(path, error.error))?;
    Ok(())
}

pub(super) fn create_private_dir(dir: &Path) -> Result<(), SnapshotError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| match error.kind() {
        // An existing folder is not an error, so this is a file.
        io::ErrorKind::AlreadyExists => SnapshotError::NotAFolder { path: dir.to_owned() },
        _ => SnapshotError::io(dir, error),
    })
}
