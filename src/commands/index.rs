//! `rolecall index`: writes a page with links to the reports in a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::cli::{Global, IndexArgs};
use crate::exit::Exit;
use crate::model::text::one_line;
use crate::model::{counted, series};
use crate::output::html::{INDEX_MARK, IndexedNight, write_index};
use crate::output::{Destination, FileMode, Sink, print_note};
use crate::run::error::CommandError;

/// The name of the page.
pub const FILE: &str = "index.html";
/// Formats for people; the first ones are listed first.
const PAGES: [&str; 3] = ["html", "md", "txt"];
/// Formats for programs.
const DATA: [&str; 7] = ["json", "jsonl", "sarif", "csv", "xml", "parquet", "ndjson"];
/// How deep folders are read.
const DEPTH: usize = 6;
/// How many files are listed.
const MAX: usize = 100_000;
/// How much of an existing page is read.
const START: u64 = 4_096;

/// A date in a path.
static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^0-9])(20[0-9]{2}-[01][0-9]-[0-3][0-9])(?:[^0-9]|$)").ok());

/// Why no page was written.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder cannot be read.
    #[error("cannot read folder `{path}`: {error}", path = path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// There is nothing to link to.
    #[error("`{path}` contains no reports: name the folder that contains those of all nights", path = path.display())]
    NoReports {
        /// Its path.
        path: PathBuf,
    },
    /// There are too many files.
    #[error("`{path}` contains more than {MAX} reports: delete old ones, or name a folder in it", path = path.display())]
    TooMany {
        /// Its path.
        path: PathBuf,
    },
    /// There is another page of this name.
    #[error("`{path}` was not written by `rolecall index`, so it is not replaced: rename it", path = path.display())]
    Exists {
        /// Its path.
        path: PathBuf,
    },
}

impl From<IndexError> for CommandError {
    fn from(error: IndexError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &IndexArgs) -> Result<Exit, CommandError> {
    let page = args.dir.join(FILE);
    refuse_other(&page)?;
    let mut found = Found::default();
    found.folder(&args.dir, "", 0)?;
    if found.paths.is_empty() {
        return Err(IndexError::NoReports { path: args.dir.clone() }.into());
    }
    if found.paths.len() > MAX {
        return Err(IndexError::TooMany { path: args.dir.clone() }.into());
    }
    let nights = nights(&found.paths);
    let mode = if args.private { FileMode::Private } else { FileMode::Umask };
    let mut sink = Sink::open(&Destination::File(page.clone()), mode)?;
    sink.write_with(|out| write_index(out, &nights))?;
    sink.commit()?;
    if !global.quiet {
        let left_out = found.left_out();
        print_note(&format!(
            "wrote `{}`: {} of {}{left_out}",
            page.display(),
            counted(found.paths.len(), "report"),
            counted(nights.len(), "night")
        ));
    }
    Ok(Exit::Clean)
}

/// Refuses to replace a page that is something else, such as a report.
fn refuse_other(page: &Path) -> Result<(), IndexError> {
    let io = |error| IndexError::Io { path: page.to_owned(), error };
    match fs::symlink_metadata(page) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io(error)),
        Ok(found) if !found.is_file() => return Err(IndexError::Exists { path: page.to_owned() }),
        Ok(_) => {}
    }
    let mut start = Vec::new();
    File::open(page).and_then(|file| file.take(START).read_to_end(&mut start)).map_err(io)?;
    if String::from_utf8_lossy(&start).contains(INDEX_MARK) {
        return Ok(());
    }
    Err(IndexError::Exists { path: page.to_owned() })
}

/// The reports in a folder.
#[derive(Default)]
struct Found {
    /// Paths relative to the folder, with slashes.
    paths: Vec<String>,
    /// Files whose name cannot be part of a link.
    unnamed: usize,
    /// Files without the extension of a report.
    other: usize,
    /// Folders that are too deep.
    deep: usize,
}

impl Found {
    /// What the page does not contain, for a note.
    fn left_out(&self) -> String {
        let parts = [
            (self.unnamed, "file", " whose name is not UTF-8".to_owned()),
            (self.other, "file", " without the extension of a report".to_owned()),
            (self.deep, "folder", format!(" more than {DEPTH} levels deep")),
        ];
        let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
        let parts = parts.map(|(number, noun, why)| format!("{}{why}", counted(number, noun)));
        match series(parts, "and") {
            parts if parts.is_empty() => parts,
            parts => format!("; left out {parts}"),
        }
    }

    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), IndexError> {
        let io = |error| IndexError::Io { path: folder.to_owned(), error };
        let entries = fs::read_dir(folder).map_err(io)?;
        // A snapshot has no reports.
        if folder.join("snapshot.json").exists() {
            return Ok(());
        }
        for entry in entries {
            let entry = entry.map_err(io)?;
            // Links are not followed.
            let kind = entry.file_type().map_err(io)?;
            let name = entry.file_name();
            let is_hidden = name.as_encoded_bytes().starts_with(b".");
            if is_hidden || name == FILE || self.paths.len() > MAX {
                continue;
            }
            let path = name.to_str().map(|name| format!("{prefix}{name}"));
            match path {
                Some(path) if kind.is_file() && is_report(&path) => self.paths.push(path),
                Some(_) if kind.is_file() => self.other += 1,
                Some(path) if kind.is_dir() && depth < DEPTH => {
                    self.folder(&entry.path(), &format!("{path}/"), depth + 1)?;
                }
                Some(_) if kind.is_dir() => self.deep += 1,
                None if kind.is_file() || kind.is_dir() => self.unnamed += 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The extension of a path, if it has one.
fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_report(path: &str) -> bool {
    PAGES.contains(&extension(path)) || DATA.contains(&extension(path))
}

/// Where the path of a page comes in its list: by format.
fn rank(path: &str) -> usize {
    PAGES.iter().position(|page| *page == extension(path)).unwrap_or(PAGES.len())
}

/// The reports by night, the last one first; those without a date come last, by folder.
fn nights(paths: &[String]) -> Vec<IndexedNight> {
    let mut nights: BTreeMap<(bool, String), IndexedNight> = BTreeMap::new();
    for path in paths {
        let date = DATE.as_ref().and_then(|date| date.captures(path)?.get(1));
        let key = match date {
            Some(date) => (true, date.as_str().to_owned()),
            None => (false, path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()),
        };
        let night = nights.entry(key).or_default();
        if rank(path) < PAGES.len() { &mut night.pages } else { &mut night.data }
            .push(path.clone());
    }
    let mut named: Vec<((bool, String), IndexedNight)> = nights.into_iter().collect();
    named.sort_by(|((dated, a), _), ((other, b), _)| {
        other.cmp(dated).then_with(|| if *dated { b.cmp(a) } else { a.cmp(b) })
    });
    named
        .into_iter()
        .map(|((_, name), mut night)| {
            night.pages.sort_by(|a, b| (rank(a), a).cmp(&(rank(b), b)));
            night.data.sort();
            night.name = if name.is_empty() { "other".to_owned() } else { one_line(&name, 200) };
            night
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_are_sorted_and_grouped_by_date() {
        let paths = [
            "2026-06-01/report.json",
            "2026-06-02/notes.txt",
            "2026-06-02/report.html",
            "2026-06-02/a.html",
            "flat-2026-06-01.html",
            "team/report.csv",
            "loose.md",
            "12026-06-01.json",
        ];
        let nights = nights(&paths.map(str::to_owned));
        let shown: Vec<(&str, usize, usize)> = nights
            .iter()
            .map(|night| (night.name.as_str(), night.pages.len(), night.data.len()))
            .collect();
        let expected =
            [("2026-06-02", 3, 0), ("2026-06-01", 1, 1), ("other", 1, 1), ("team", 0, 1)];
        assert_eq!(shown, expected);
        let pages = ["2026-06-02/a.html", "2026-06-02/report.html", "2026-06-02/notes.txt"];
        assert_eq!(nights[0].pages, pages);
    }
}
