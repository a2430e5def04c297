//! Files within GitHub's limits: runs per file, results per run, gzip size per upload.
//!
//! Each run is written to a spool and measured there; then it is appended to the current file or
//! starts the next one. Files keep temporary names until the end, when it is known whether they
//! need numbers.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::{NamedTempFile, SpooledTempFile, TempPath};

use super::github::Run;
use crate::model::text::one_line;
use crate::output::destination::{Destination, FileMode, folder_of};
use crate::output::error::OutputError;
use crate::output::notice::Notice;
use crate::output::sink::{Sink, temporary_in};

/// The limits of an upload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) runs: usize,
    pub(super) results: usize,
    pub(super) gzip: u64,
    /// Reserve for data buffered by the compressor, and for what the uploader adds.
    pub(super) reserve: u64,
}

impl Limits {
    /// GitHub's limits, with a reserve for what its uploader adds to a file.
    pub(super) const GITHUB: Self =
        Self { runs: 20, results: 25_000, gzip: 10_000_000, reserve: 500_000 };
}

/// The beginning of every file. It identifies earlier files, together with the name of the tool.
const HEAD: &str = concat!(
    "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",",
    "\"version\":\"2.1.0\",\"runs\":["
);
const TAIL: &str = "\n]}\n";
/// What follows in files of this version, and of earlier ones.
const DRIVERS: [&str; 2] = [
    concat!(
        "\n{\"tool\":{\"driver\":{\"informationUri\":\"",
        env!("CARGO_PKG_REPOSITORY"),
        "\",\"name\":\"rolecall\","
    ),
    "\n{\"tool\":{\"driver\":{\"name\":\"rolecall\",",
];
/// Bytes of a run that are kept in memory before it is written to disk.
const SPOOL: usize = 4 * 1024 * 1024;

/// How many results of a run were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) kept: usize,
    pub(super) of: usize,
}

/// Distributes runs over files.
#[derive(Debug)]
pub(super) struct Splitter {
    to: Destination,
    mode: FileMode,
    limits: Limits,
    /// Whether a single file has a number, too.
    numbered: bool,
    current: Option<Current>,
    done: Vec<TempPath>,
}

#[derive(Debug)]
struct Current {
    file: BufWriter<NamedTempFile>,
    runs: usize,
    gzip: u64,
}

/// Counts the bytes written to it.
#[derive(Debug, Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Splitter {
    pub(super) fn new(to: Destination, limits: Limits, numbered: bool) -> Self {
        let mode = FileMode::default();
        Self { to, mode, limits, numbered, current: None, done: Vec::new() }
    }

    pub(super) fn mode(&mut self, mode: FileMode) {
        self.mode = mode;
    }

    /// Opens the first file. A stream can only hold one file, so too many accounts are rejected
    /// before anything is written.
    pub(super) fn begin(&mut self, accounts: usize) -> Result<(), OutputError> {
        Destination::check([&self.to])?;
        if self.to.is_stream() && accounts > self.limits.runs {
            return Err(OutputError::NeedsFiles {
                why: format!(
                    "{accounts} accounts, but a file can contain at most {}",
                    self.limits.runs
                ),
            });
        }
        self.current = Some(self.open()?);
        Ok(())
    }

    fn open(&self) -> Result<Current, OutputError> {
        let folder = match &self.to {
            Destination::File(path) if !self.to.is_stream() => folder_of(path).to_owned(),
            // A stream also gets either the complete report or nothing.
            _ => std::env::temp_dir(),
        };
        let opened = temporary_in(&folder, self.mode).and_then(|file| {
            let mut file = BufWriter::with_capacity(64 * 1024, file);
            file.write_all(HEAD.as_bytes())?;
            Ok(file)
        });
        let file = opened.map_err(|error| OutputError::io(&self.to, error))?;
        Ok(Current { file, runs: 0, gzip: 0 })
    }

    /// Adds a run; returns what was cut off, if anything.
    pub(super) fn add(&mut self, mut run: Run<'_>) -> Result<Option<Cut>, OutputError> {
        let to = self.to.clone();
        let failed = |error| OutputError::io(&to, error);
        let (mut spool, mut gzip, mut kept) = self.spool(&run).map_err(failed)?;
        if kept < run.len() {
            run.open_first();
            (spool, gzip, kept) = self.spool(&run).map_err(failed)?;
        }
        let cut = (kept < run.len()).then_some(Cut { kept, of: run.len() });
        let full = self.current.as_ref().is_some_and(|current| {
            current.runs > 0
                && (current.runs >= self.limits.runs || current.gzip + gzip > self.limit())
        });
        if full {
            if self.to.is_stream() {
                let who = run
                    .account()
                    .map(|account| {
                        format!("the results for account {account} do not fit in one upload")
                    })
                    .unwrap_or_default();
                return Err(OutputError::NeedsFiles { why: who });
            }
            self.close()?;
        }
        let mut current = match self.current.take() {
            Some(current) => current,
            None => self.open()?,
        };
        current.file.write_all(if current.runs == 0 { b"\n" } else { b",\n" }).map_err(failed)?;
        spool
            .seek(SeekFrom::Start(0))
            .and_then(|_| io::copy(&mut spool, &mut current.file))
            .map_err(failed)?;
        current.runs += 1;
        current.gzip += gzip;
        self.current = Some(current);
        Ok(cut)
    }

    fn limit(&self) -> u64 {
        self.limits.gzip.saturating_sub(self.limits.reserve)
    }

    /// Writes as much of a run as fits, in its order. Returns it with its gzip
    /// size and the number of its results.
    fn spool(&self, run: &Run<'_>) -> io::Result<(SpooledTempFile, u64, usize)> {
        let mut spool = tempfile::spooled_tempfile(SPOOL);
        let mut gzip = GzEncoder::new(Count::default(), Compression::default());
        let mut piece = Vec::new();
        run.write_head(&mut piece)?;
        let mut kept = 0;
        for index in 0..run.len().min(self.limits.results) {
            spool.write_all(&piece)?;
            gzip.write_all(&piece)?;
            if gzip.get_ref().0 > self.limit() {
                piece.clear();
                break;
            }
            piece.clear();
            run.write_result(index, &mut piece)?;
            kept = index + 1;
        }
        run.write_tail(&mut piece)?;
        spool.write_all(&piece)?;
        gzip.write_all(&piece)?;
        Ok((spool, gzip.finish()?.0, kept))
    }

    /// Ends the current file.
    fn close(&mut self) -> Result<(), OutputError> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        let closed = current
            .file
            .write_all(TAIL.as_bytes())
            .and_then(|()| current.file.into_inner().map_err(|error| error.into_error()));
        self.done.push(closed.map_err(|error| OutputError::io(&self.to, error))?.into_temp_path());
        Ok(())
    }

    /// Renames the files to their final names, and removes files of an earlier run that would be
    /// uploaded with them.
    pub(super) fn finish(mut self) -> Result<Vec<Notice>, OutputError> {
        let mut notices = Vec::new();
        if self.done.is_empty() && self.current.as_ref().is_some_and(|current| current.runs == 0) {
            notices.push(Notice::new("the SARIF report has no accounts: there is nothing to upload, and no alerts change"));
        }
        self.close()?;
        let to = self.to.clone();
        let failed = |error| OutputError::io(&to, error);
        let path = match &to {
            Destination::File(path) if !to.is_stream() => path.clone(),
            _ => {
                let mut sink = Sink::open(&to, self.mode)?;
                for part in &self.done {
                    let mut part = fs::File::open(part).map_err(failed)?;
                    sink.write_with(|out| io::copy(&mut part, out).map(|_| ()))?;
                }
                sink.commit()?;
                return Ok(notices);
            }
        };
        let parts = self.done.len();
        let plain = parts == 1 && !self.numbered;
        for (index, part) in self.done.drain(..).enumerate() {
            let name = if plain { path.clone() } else { numbered(&path, index + 1) };
            part.persist(name).map_err(|error| failed(error.error))?;
        }
        if parts > 1 {
            notices.push(Notice::new(&format!(
                "the SARIF report consists of {parts} files, {} to {}: upload them one by one",
                file_name(&numbered(&path, 1)),
                file_name(&numbered(&path, parts))
            )));
        }
        clear_stale(&path, if plain { 0 } else { parts }, &mut notices);
        Ok(notices)
    }
}

fn file_name(path: &Path) -> String {
    one_line(&path.file_name().unwrap_or_default().to_string_lossy(), 120)
}

/// `report.sarif` as `report-001.sarif`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{number:03}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Removes files of an earlier run with more parts: uploaded with the new ones, they would close
/// alerts or open them again. Only names with three digits count, since `report-20260801.sarif` may
/// be an archive. Files that rolecall wrote, according to their content, are removed; for others
/// there is a notice.
fn clear_stale(path: &Path, numbers: usize, notices: &mut Vec<Notice>) {
    let mut candidates: Vec<PathBuf> = if numbers > 0 { vec![path.to_owned()] } else { Vec::new() };
    let whole = path.file_name().unwrap_or_default().to_string_lossy();
    let is_part = |found: &Path| {
        is_stale_part(&found.file_name().unwrap_or_default().to_string_lossy(), &whole)
    };
    let written: BTreeSet<PathBuf> = (1..=numbers).map(|number| numbered(path, number)).collect();
    let written: BTreeSet<&OsStr> = written.iter().filter_map(|path| path.file_name()).collect();
    let mut others: Vec<PathBuf> = fs::read_dir(folder_of(path))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|found| {
            is_part(found) && found.file_name().is_some_and(|name| !written.contains(name))
        })
        .collect();
    others.sort();
    candidates.extend(others);
    for stale in candidates {
        match fs::symlink_metadata(&stale) {
            Err(_) => continue,
            Ok(found)
                if found.is_file() && is_own_file(&stale) && fs::remove_file(&stale).is_ok() =>
            {
                notices.push(Notice::new(&format!(
                    "removed {}, a part of an earlier SARIF report",
                    file_name(&stale)
                )));
            }
            Ok(_) => notices.push(Notice::new(&format!(
                "{} is not part of this run: do not upload it with the SARIF report",
                file_name(&stale)
            ))),
        }
    }
}

/// Whether a name is that of a part of a report, with three digits.
pub fn is_stale_part(name: &str, whole: &str) -> bool {
    let (name, whole) = (Path::new(name), Path::new(whole));
    let stem = name.file_stem().unwrap_or_default().to_string_lossy();
    let whole_stem = whole.file_stem().unwrap_or_default().to_string_lossy();
    let digits =
        stem.strip_prefix(&*whole_stem).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
    name.extension() == whole.extension()
        && digits.len() == 3
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// How many bytes of a file [`is_own_sarif`] needs.
pub const SARIF_START: usize = HEAD.len() + DRIVERS[0].len() + 300;

/// Whether a file begins like the ones written by rolecall.
pub fn is_own_sarif(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    text.strip_prefix(HEAD)
        .is_some_and(|rest| DRIVERS.iter().any(|driver| rest.starts_with(driver)) || rest == TAIL)
}

/// Whether a file begins like the ones written by rolecall.
fn is_own_file(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(SARIF_START as u64).read_to_end(&mut start));
    read.is_ok() && is_own_sarif(&start)
}
