//! A JSON file of events that is valid at every moment, however the program ends: each write replaces
//! the end of the document by more events and the same end.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use crate::output::destination::{Destination, FileMode, folder_of};
use crate::output::error::OutputError;
use crate::output::sink::temporary_in;

const HEAD: &[u8] = b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
const TAIL: &[u8] = b"\n]}\n";
/// How many bytes of events are kept in memory.
const BUFFER: usize = 64 * 1024;
/// For how long events are kept in memory, so that an ended program loses few of them.
const LONGEST: Duration = Duration::from_secs(1);

/// The file.
#[derive(Debug)]
pub(super) struct EventFile {
    to: Destination,
    file: File,
    /// Where the end of the document is; `None` for a pipe or a device, which has no end before the last
    /// event.
    end: Option<u64>,
    buffer: Vec<u8>,
    written: Instant,
    is_empty: bool,
}

impl EventFile {
    /// Creates the file, or replaces it; a pipe or a device is opened.
    pub(super) fn create(to: &Destination, mode: FileMode) -> Result<Self, OutputError> {
        let open = || match to {
            Destination::File(path) if to.is_stream() => {
                Ok((OpenOptions::new().write(true).open(path)?, None))
            }
            Destination::File(path) => {
                // The file is renamed at once, so nobody waits for the end of the run, and no other
                // file remains if the program is killed.
                let mut file = temporary_in(folder_of(path), mode)?;
                file.write_all(HEAD)?;
                file.write_all(TAIL)?;
                Ok((file.persist(path).map_err(|error| error.error)?, Some(HEAD.len() as u64)))
            }
            Destination::Stdout => Err(io::ErrorKind::Unsupported.into()),
        };
        let (file, end) = open().map_err(|error| OutputError::io(to, error))?;
        let buffer = if end.is_none() { HEAD.to_vec() } else { Vec::new() };
        let written = Instant::now();
        Ok(Self { to: to.clone(), file, end, buffer, written, is_empty: true })
    }

    /// Adds an event: an object on a line of its own.
    pub(super) fn add(&mut self, event: &[u8]) -> Result<(), OutputError> {
        self.buffer.extend_from_slice(if self.is_empty { b"\n" } else { b",\n" });
        self.is_empty = false;
        self.buffer.extend_from_slice(event);
        if self.buffer.len() >= BUFFER || self.written.elapsed() >= LONGEST {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is in memory.
    fn write(&mut self) -> Result<(), OutputError> {
        self.written = Instant::now();
        let events = std::mem::take(&mut self.buffer);
        let written = match self.end {
            None => self.file.write_all(&events),
            Some(end) => self.replace_end(end, &events).inspect_err(|_| {
                // Without the events, the document is still valid.
                self.file.set_len(end).ok();
                self.replace_end(end, &[]).ok();
            }),
        };
        written.map_err(|error| OutputError::io(&self.to, error))?;
        self.end = self.end.map(|end| end + events.len() as u64);
        self.buffer = events;
        self.buffer.clear();
        Ok(())
    }

    fn replace_end(&self, end: u64, events: &[u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(end))?;
        file.write_all(&[events, TAIL].concat())
    }

    /// Where it is.
    pub(super) fn destination(&self) -> &Destination {
        &self.to
    }

    /// Writes what is in memory, and the end.
    pub(super) fn finish(mut self) -> Result<(), OutputError> {
        if self.end.is_none() {
            self.buffer.extend_from_slice(TAIL);
        }
        self.write()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::*;

    fn read(path: &std::path::Path) -> Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn the_file_is_valid_after_every_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        fs::write(&path, "an old file that is longer than the new one, at first").unwrap();
        let mut file =
            EventFile::create(&Destination::File(path.clone()), FileMode::Umask).unwrap();
        assert_eq!(read(&path)["traceEvents"], json!([]));
        for count in 1..=3 {
            file.add(b"{\"a\":1}").unwrap();
            file.write().unwrap();
            assert_eq!(read(&path)["traceEvents"].as_array().unwrap().len(), count);
        }
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(BUFFER));
        file.add(large.as_bytes()).unwrap();
        assert_eq!(read(&path)["traceEvents"].as_array().unwrap().len(), 4);
        file.add(b"{\"a\":2}").unwrap();
        file.finish().unwrap();
        assert_eq!(read(&path)["traceEvents"][4], json!({"a": 2}));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error() {
        let to = Destination::File("/dev/full".into());
        let mut file = EventFile::create(&to, FileMode::Umask).unwrap();
        file.add(b"{}").unwrap();
        assert!(matches!(file.finish(), Err(OutputError::Io { .. })));
    }
}
