//! A report in one file: opened first, written account by account, and renamed at the end.

use std::fmt;
use std::io::{self, Write};

use super::destination::{Destination, FileMode};
use super::error::OutputError;
use super::notice::Notice;
use super::sink::Sink;
use super::writer::Output;
use crate::report::{AccountReport, RunInfo, Summary};

/// The content of a report. What it keeps between accounts must not grow with their number.
pub trait Document: Send {
    /// Everything before the first account.
    fn begin(&mut self, out: &mut dyn Write, run: &RunInfo) -> io::Result<()>;

    /// An account.
    fn account(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()>;

    /// Everything after the last account.
    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>>;
}

/// A report in one file.
pub struct DocumentOutput {
    to: Destination,
    mode: FileMode,
    sink: Option<Sink>,
    document: Box<dyn Document>,
}

impl fmt::Debug for DocumentOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentOutput({})", self.to)
    }
}

impl DocumentOutput {
    /// A report at `to`.
    pub fn new(to: Destination, mode: FileMode, document: Box<dyn Document>) -> Self {
        Self { to, mode, sink: None, document }
    }

    /// A report in a file, for tests.
    #[cfg(test)]
    pub fn in_file(path: std::path::PathBuf, document: impl Document + 'static) -> Box<Self> {
        Box::new(Self::new(Destination::File(path), FileMode::default(), Box::new(document)))
    }

    /// The same, written to a given sink.
    #[cfg(test)]
    pub fn with_sink(sink: Sink, document: Box<dyn Document>) -> Self {
        Self { sink: Some(sink), ..Self::new(Destination::Stdout, FileMode::default(), document) }
    }
}

/// Runs `work` on an open sink.
fn write(
    sink: &mut Option<Sink>,
    work: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), OutputError> {
    sink.as_mut().map_or(Ok(()), |sink| sink.write_with(work))
}

impl Output for DocumentOutput {
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError> {
        if self.sink.is_none() {
            self.sink = Some(Sink::open(&self.to, self.mode)?);
        }
        let document = &mut self.document;
        write(&mut self.sink, |out| document.begin(out, run))
    }

    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        let document = &mut self.document;
        write(&mut self.sink, |out| document.account(out, run, report))
    }

    fn finish(
        mut self: Box<Self>,
        run: &RunInfo,
        summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError> {
        let mut notices = Vec::new();
        let document = &mut self.document;
        write(&mut self.sink, |out| {
            notices = document.finish(out, run, summary)?;
            Ok(())
        })?;
        self.sink.take().map_or(Ok(()), Sink::commit)?;
        Ok(notices)
    }
}
