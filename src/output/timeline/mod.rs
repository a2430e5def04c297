//! What a program did and when, as trace events that Perfetto and the tracing page of Chrome show: one
//! process per account or part of the program, with lanes for what happens at the same time. Events
//! are written as they end, so memory does not grow with their number.

mod file;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::destination::{Destination, FileMode};
use super::error::OutputError;
use file::EventFile;

/// A timeline that is being written.
#[derive(Debug)]
pub struct Timeline {
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// `None` once it is complete, or could not be written.
    file: Option<EventFile>,
    failed: Option<OutputError>,
    processes: u32,
    threads: u32,
    lanes: HashMap<(Process, String), Vec<Lane>>,
}

/// A group of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Process(u32);

/// Spans that follow each other.
#[derive(Debug)]
struct Lane {
    thread: u32,
    /// When the last span ended, in microseconds.
    ended: u64,
}

/// Something that took a while.
#[derive(Debug, Clone)]
pub struct Span<'a> {
    /// What it is, for people.
    pub name: &'a str,
    /// What kind of span it is, for queries.
    pub category: &'static str,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
    /// Details.
    pub args: Map<String, Value>,
}

/// A complete event in the format of Chrome.
#[derive(Serialize)]
struct Event<'a> {
    name: &'a str,
    cat: &'static str,
    ph: &'static str,
    pid: u32,
    tid: u32,
    ts: u64,
    dur: u64,
    #[serde(skip_serializing_if = "Map::is_empty")]
    args: &'a Map<String, Value>,
}

impl Timeline {
    /// Creates the file, or replaces it. Its folder must exist. Only its owner can read it, because it
    /// contains names of resources.
    pub fn create(to: &Destination) -> Result<Self, OutputError> {
        let file = Some(EventFile::create(to, FileMode::Private)?);
        Ok(Self { begun: Instant::now(), state: Mutex::new(State { file, ..State::default() }) })
    }

    /// The state stays valid even if a thread panicked while it held the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a process.
    pub fn process(&self, name: &str) -> Process {
        let mut state = self.state();
        state.processes += 1;
        let pid = state.processes;
        state.metadata("process_name", (pid, 0), json!({ "name": name }));
        state.metadata("process_sort_index", (pid, 0), json!({ "sort_index": pid }));
        Process(pid)
    }

    /// No more spans of a process begin.
    pub fn end_process(&self, process: Process) {
        self.state().lanes.retain(|(of, _), _| *of != process);
    }

    /// Adds a span with its parts, which are in order and in it, to the first of these lanes that is
    /// free.
    pub fn add(&self, process: Process, lanes: &str, span: &Span<'_>, parts: &[Span<'_>]) {
        let micros = |at: Instant| {
            u64::try_from(at.saturating_duration_since(self.begun).as_micros()).unwrap_or(u64::MAX)
        };
        let (begun, ended) = (micros(span.begun), micros(span.ended));
        let mut state = self.state();
        if state.file.is_none() {
            return;
        }
        let thread = state.lane(process, lanes, (begun, ended));
        for one in std::iter::once(span).chain(parts) {
            let ts = micros(one.begun).clamp(begun, ended);
            let event = Event {
                name: one.name,
                cat: one.category,
                ph: "X",
                pid: process.0,
                tid: thread,
                ts,
                // Rounded so that what is in another span stays in it.
                dur: micros(one.ended).clamp(ts, ended) - ts,
                args: &one.args,
            };
            state.write(&event);
        }
    }

    /// Completes the file. Returns why it could not be written, if that failed.
    pub fn finish(&self) -> Result<(), OutputError> {
        let mut state = self.state();
        let written = state.file.take().map_or(Ok(()), EventFile::finish);
        state.failed.take().map_or(written, Err)
    }
}

impl State {
    fn metadata(&mut self, name: &str, (pid, tid): (u32, u32), args: Value) {
        self.write(&json!({ "name": name, "ph": "M", "pid": pid, "tid": tid, "args": args }));
    }

    fn write(&mut self, event: &impl Serialize) {
        let Some(file) = &mut self.file else { return };
        let written = match serde_json::to_vec(event) {
            Ok(event) => file.add(&event),
            Err(error) => Err(OutputError::io(file.destination(), error.into())),
        };
        if let Err(error) = written {
            self.failed = Some(error);
            self.file = None;
        }
    }

    /// The thread of a lane that is free from `begun` on, which is not until `ended`.
    fn lane(&mut self, process: Process, name: &str, (begun, ended): (u64, u64)) -> u32 {
        let lanes = self.lanes.entry((process, name.to_owned())).or_default();
        // Spans arrive when they end. The lane that was free for the shortest time leaves the others for
        // longer spans.
        let free = lanes.iter_mut().filter(|lane| lane.ended <= begun);
        if let Some(lane) = free.max_by_key(|lane| lane.ended) {
            lane.ended = ended;
            return lane.thread;
        }
        let number = lanes.len() + 1;
        self.threads += 1;
        let thread = self.threads;
        lanes.push(Lane { thread, ended });
        let title = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
        self.metadata("thread_name", (process.0, thread), json!({ "name": title }));
        self.metadata("thread_sort_index", (process.0, thread), json!({ "sort_index": thread }));
        thread
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn spans_at_the_same_time_are_in_different_lanes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        let timeline = Timeline::create(&Destination::File(path.clone())).unwrap();
        let span = |begun: u64, ended: u64| Span {
            name: "s",
            category: "c",
            begun: timeline.begun + Duration::from_micros(begun),
            ended: timeline.begun + Duration::from_micros(ended),
            args: Map::new(),
        };
        let process = timeline.process("p");
        for (begun, ended) in [(0, 10), (2, 12), (11, 20), (13, 21), (0, 30), (30, 40)] {
            timeline.add(process, "lane", &span(begun, ended), &[span(begun, ended)]);
        }
        timeline.end_process(process);
        assert!(timeline.state().lanes.is_empty());
        timeline.finish().unwrap();
        // Nothing is added to a complete file.
        timeline.add(process, "lane", &span(50, 60), &[]);
        let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let events = document["traceEvents"].as_array().unwrap();
        let threads: Vec<(u64, u64)> = events
            .iter()
            .filter(|event| event["ph"] == "X")
            .map(|event| (event["tid"].as_u64().unwrap(), event["ts"].as_u64().unwrap()))
            .step_by(2)
            .collect();
        assert_eq!(threads, [(1, 0), (2, 2), (1, 11), (2, 13), (3, 0), (3, 30)]);
    }
}
