//! The journal of an application: one JSON object per line, each with the hash of the line before,
//! so that a line that was edited or removed is noticed. What is about to be written is recorded, and
//! on disk, before it is sent. The same command with the same journal continues an interrupted run.
//!
//! A run that was killed can leave half a line at the end, which is ignored. Any other damage is an
//! error. After a line that could not be written, nothing is recorded any more, so that nothing
//! follows half a line.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::journal_file::{Disk, create, displaced, existing, make_private};
use super::outcome::Outcome;
use crate::model::{describe_serde_error, hex, sha256_hex, sha256_hex_of};
use crate::remediation::plan::{Item, Plan};

/// The maximum size of a journal in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// How every line begins.
const START: &[u8] = b"{\"n\":";

/// The version of the format.
const VERSION: u32 = 1;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Its number, from 1.
    n: u64,
    /// When it was written.
    at: Timestamp,
    /// The hash of the line before; empty in the first line.
    prev: String,
    event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The first line: which items of which plan are applied.
    Begin {
        /// The version of the format: 1.
        version: u32,
        /// The version of rolecall.
        tool: String,
        /// The hash of the plan file: `sha256:…`.
        plan: String,
        /// The hash of the journal that the plan undoes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<String>,
        /// What the plan was made for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_for: Option<MadeFor>,
        /// The items to apply.
        items: Vec<Item>,
    },
    /// An interrupted run continues.
    Resume {},
    /// A change is about to be sent.
    Intend {
        /// The id of the item.
        item: String,
    },
    /// AWS accepted a change.
    Sent {
        /// The id of the item.
        item: String,
        /// AWS's id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
        /// The id of the resource that it created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created: Option<String>,
    },
    /// The end of an item.
    End {
        /// The id of the item.
        item: String,
        /// What became of it.
        result: Outcome,
    },
}

/// The hashes of what a plan was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeFor {
    /// The rules and their settings: `sha256:…`.
    pub rules: String,
    /// The settings that planning depends on: `sha256:…`.
    pub config: String,
}

impl Event {
    /// The first event, with what the plan was made for. A plan that undoes another one has no rules.
    pub fn with_settings(mut self, plan: &Plan) -> Self {
        if let Self::Begin { made_for, .. } = &mut self
            && plan.undoes.is_none()
        {
            *made_for = Some(MadeFor { rules: plan.rules.clone(), config: plan.config.clone() });
        }
        self
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("cannot access the journal `{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        error: io::Error,
    },
    /// Another process uses it.
    #[error("the journal `{path}` is in use by another process: wait until it ends", path = path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged, or was edited.
    #[error("`{path}`, line {line}: {reason}; a journal must not be edited", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Something else moved, replaced or edited it during the run.
    #[error("the journal `{path}` {what} while rolecall had it open", path = path.display())]
    Displaced {
        /// The file.
        path: PathBuf,
        /// What became of it.
        what: &'static str,
    },
    /// It has no complete line.
    #[error("`{path}` is not a journal of `rolecall remediate apply`; it writes one beside the plan, `plan.json.journal`", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is of another plan.
    #[error("the journal `{path}` is of {found}: pass another file with --journal", path = path.display())]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// What it is of.
        found: String,
    },
    /// It is too large.
    #[error("`{path}` is larger than {} MiB, so it is not a journal", MAX_BYTES >> 20, path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// How far an item has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// When its change was about to be sent; `None`: it was not begun.
    pub intended: Option<Timestamp>,
    /// Whether AWS accepted it.
    pub sent: bool,
    /// The id of the resource that it created.
    pub created: Option<String>,
    /// What became of it.
    pub end: Option<Outcome>,
}

impl Progress {
    /// Whether it was begun, but it is not known whether the change was made.
    pub fn is_uncertain(&self) -> bool {
        self.intended.is_some() && self.end.as_ref().is_some_and(Outcome::is_uncertain)
    }
}

/// The content of a journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The hash of the plan file.
    pub plan: String,
    /// The hash of the journal that the plan undoes.
    pub undoes: Option<String>,
    /// What the plan was made for, if it has findings.
    pub made_for: Option<MadeFor>,
    /// The items to apply.
    pub items: Vec<Item>,
    /// Progress by item id.
    pub progress: BTreeMap<String, Progress>,
    /// The hash of the file up to its last complete line: `sha256:…`.
    pub hash: String,
}

impl Record {
    /// How far an item has come.
    pub fn progress(&self, item: &str) -> Progress {
        self.progress.get(item).cloned().unwrap_or_default()
    }
}

/// The end of a chain of lines.
#[derive(Debug, Default)]
struct Tail {
    /// The number of the last line.
    n: u64,
    /// Its hash.
    hash: String,
    /// How many bytes the complete lines have.
    bytes: u64,
    /// The hash of all of them.
    whole: Sha256,
}

impl Tail {
    /// Adds a line, without its end.
    fn add(&mut self, text: &[u8]) {
        self.n += 1;
        self.hash = format!("sha256:{}", sha256_hex(text));
        self.bytes += text.len() as u64 + 1;
        self.whole.update(text);
        self.whole.update(b"\n");
    }

    /// The hash of all lines.
    fn whole(&self) -> String {
        format!("sha256:{}", hex(&self.whole.clone().finalize()))
    }
}

/// An open journal, which only this process uses.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
    now: fn() -> Timestamp,
}

#[derive(Debug)]
struct State {
    disk: Box<dyn Disk>,
    tail: Tail,
    /// Whether a line could not be written.
    failed: bool,
}

impl Journal {
    /// Creates the journal of a plan, or continues it if it exists. Returns what it already says.
    pub fn open(
        path: &Path,
        begin: Event,
        now: fn() -> Timestamp,
    ) -> Result<(Self, Record), JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let mut file = match create(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                existing(path).map_err(io)?
            }
            Err(error) => return Err(io(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        // The file at the path can be another one since it was opened.
        if let Some(what) = displaced(path, &file).map_err(io)? {
            return Err(JournalError::Displaced { path: path.to_owned(), what });
        }
        let bytes = bounded(path, &mut file)?;
        let (record, tail) = match parse(path, &bytes)? {
            Some((record, tail)) => (Some(record), tail),
            // A run that was killed at its first line. Anything else is not overwritten.
            None if START.starts_with(&bytes) || bytes.starts_with(START) => {
                (None, Tail::default())
            }
            None => return Err(JournalError::Empty { path: path.to_owned() }),
        };
        let Event::Begin { plan, undoes, made_for, items, .. } = &begin else {
            return Err(JournalError::Empty { path: path.to_owned() });
        };
        if let Some(record) = &record {
            let other = |found: &str| JournalError::OtherPlan {
                path: path.to_owned(),
                found: found.to_owned(),
            };
            if record.plan != *plan {
                return Err(other(&format!("another plan ({})", record.plan)));
            }
            if record.items != *items {
                return Err(other("other items of this plan"));
            }
        }
        // It is the journal of this plan: only now it may be changed.
        make_private(&file).map_err(io)?;
        // Half a line of a run that was killed.
        file.cut(tail.bytes).map_err(io)?;
        let (first, record) = match record {
            Some(record) => (Event::Resume {}, record),
            None => {
                let record = Record {
                    plan: plan.clone(),
                    undoes: undoes.clone(),
                    made_for: made_for.clone(),
                    items: items.clone(),
                    progress: BTreeMap::new(),
                    hash: String::new(),
                };
                (begin, record)
            }
        };
        let state = State { disk: Box::new(file), tail, failed: false };
        let journal = Self { path: path.to_owned(), state: Mutex::new(state), now };
        journal.append(first)?;
        Ok((journal, record))
    }

    /// Records an event. It is on disk when this returns. After an error, nothing can be recorded any
    /// more.
    pub fn append(&self, event: Event) -> Result<(), JournalError> {
        let io = |error| JournalError::Io { path: self.path.clone(), error };
        let mut state = self.state();
        let State { disk, tail, failed } = &mut *state;
        if *failed {
            return Err(io(io::Error::other("an earlier line could not be written")));
        }
        // A change is not begun if nobody would find the record of it.
        if matches!(event, Event::Intend { .. }) {
            self.in_place(disk.file())?;
        }
        let line = Line { n: tail.n + 1, at: (self.now)(), prev: tail.hash.clone(), event };
        let text = serde_json::to_string(&line).map_err(|error| io(error.into()))?;
        let whole = format!("{text}\n");
        if let Err(error) = disk.write(whole.as_bytes()).and_then(|()| disk.sync()) {
            *failed = true;
            // If this fails too, half a line remains at the end, which readers ignore.
            disk.cut(tail.bytes).and_then(|()| disk.sync()).ok();
            return Err(io(error));
        }
        tail.add(text.as_bytes());
        Ok(())
    }

    /// The hash of what was recorded, with what the file said before: `sha256:…`.
    pub fn hash(&self) -> String {
        self.state().tail.whole()
    }

    /// Compares the file with what was recorded. An error if somebody else moved, replaced or edited
    /// it.
    pub fn check(&self) -> Result<(), JournalError> {
        let io = |error| JournalError::Io { path: self.path.clone(), error };
        let mut state = self.state();
        let State { disk, tail, failed } = &mut *state;
        let file = disk.file();
        self.in_place(file)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        // What follows the last line is then half a line of this run.
        let length = if *failed { tail.bytes } else { MAX_BYTES + 1 };
        let found = sha256_hex_of((&mut *file).take(length)).map_err(io)?;
        file.seek(SeekFrom::Start(tail.bytes)).map_err(io)?;
        if tail.whole() != format!("sha256:{found}") {
            return Err(JournalError::Displaced { path: self.path.clone(), what: "was edited" });
        }
        Ok(())
    }

    fn in_place(&self, file: &File) -> Result<(), JournalError> {
        let path = || self.path.clone();
        match displaced(&self.path, file) {
            Ok(None) => Ok(()),
            Ok(Some(what)) => Err(JournalError::Displaced { path: path(), what }),
            Err(error) => Err(JournalError::Io { path: path(), error }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the file with one that fails.
    #[cfg(test)]
    pub(super) fn replace_disk(&self, replacement: impl FnOnce(File) -> Box<dyn Disk>) {
        let mut state = self.state();
        let file = state.disk.file().try_clone().unwrap();
        state.disk = replacement(file);
    }
}

/// Reads a journal.
pub fn read(path: &Path) -> Result<Record, JournalError> {
    let io = |error| JournalError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(io)?;
    let bytes = bounded(path, &mut file)?;
    match parse(path, &bytes)? {
        Some((record, _)) => Ok(record),
        None => Err(JournalError::Empty { path: path.to_owned() }),
    }
}

/// The first event of a journal.
pub fn begin(plan: &str, undoes: Option<&str>, items: Vec<Item>) -> Event {
    Event::Begin {
        version: VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        plan: plan.to_owned(),
        undoes: undoes.map(str::to_owned),
        made_for: None,
        items,
    }
}

fn bounded(path: &Path, file: &mut File) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| JournalError::Io { path: path.to_owned(), error })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(JournalError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// The content of the complete lines; `None` if there is none.
fn parse(path: &Path, bytes: &[u8]) -> Result<Option<(Record, Tail)>, JournalError> {
    let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let bytes = bytes.get(..complete).unwrap_or_default();
    // For example a plan, whose lines are not those of a journal.
    if !bytes.is_empty() && !bytes.starts_with(START) {
        return Err(JournalError::Empty { path: path.to_owned() });
    }
    let mut tail = Tail::default();
    let mut record: Option<Record> = None;
    for (at, text) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let damaged = |reason: &str| JournalError::Damaged {
            path: path.to_owned(),
            line: at + 1,
            reason: reason.to_owned(),
        };
        let line: Line = serde_json::from_slice(text)
            .map_err(|error| damaged(&describe_serde_error(&error.to_string())))?;
        if line.n != tail.n + 1 || line.prev != tail.hash {
            return Err(damaged("the line before it is missing or was edited"));
        }
        tail.add(text);
        record = match (record, line.event) {
            (None, Event::Begin { version: VERSION, plan, undoes, made_for, items, .. }) => {
                let (progress, hash) = (BTreeMap::new(), String::new());
                Some(Record { plan, undoes, made_for, items, progress, hash })
            }
            (None, Event::Begin { version, .. }) => {
                return Err(damaged(&format!(
                    "version {version} of the format, but this rolecall reads {VERSION}"
                )));
            }
            (None, _) => return Err(damaged("a journal begins with `begin`")),
            (Some(mut record), event) => {
                record.add(line.at, event).map_err(|reason| damaged(&reason))?;
                Some(record)
            }
        };
    }
    Ok(record.map(|record| (Record { hash: tail.whole(), ..record }, tail)))
}

impl Record {
    /// Adds a line after the first one. An error if it cannot follow the ones before it.
    fn add(&mut self, at: Timestamp, event: Event) -> Result<(), String> {
        let (id, event) = match event {
            Event::Begin { .. } => return Err("a second `begin`".to_owned()),
            Event::Resume {} => return Ok(()),
            Event::Intend { ref item }
            | Event::Sent { ref item, .. }
            | Event::End { ref item, .. } => (item.clone(), event),
        };
        if !self.items.iter().any(|item| item.id == id) {
            return Err(format!("unknown item `{id}`"));
        }
        let progress = self.progress.entry(id).or_default();
        // A later run saw the change that an earlier one did not see.
        let is_seen = matches!(event, Event::End { result: Outcome::Done { .. }, .. });
        if progress.end.is_some() && !(is_seen && progress.is_uncertain()) {
            return Err("the item has already ended".to_owned());
        }
        match event {
            Event::Intend { .. } if progress.intended.is_some() => {
                return Err("the item was already begun".to_owned());
            }
            Event::Intend { .. } => progress.intended = Some(at),
            Event::Sent { .. } if progress.intended.is_none() || progress.sent => {
                return Err("`sent` without `intend`".to_owned());
            }
            Event::Sent { created, .. } => {
                progress.sent = true;
                progress.created = created;
            }
            Event::End { result, .. } => progress.end = Some(result),
            Event::Begin { .. } | Event::Resume {} => {}
        }
        Ok(())
    }
}
