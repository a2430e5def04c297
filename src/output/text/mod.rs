//! The report for people: per account the failures, worst first, and what could not be evaluated;
//! then the coverage gaps, the totals, and one line that explains the exit code.
//!
//! Passes and skips are counted, not listed. Untrusted text is converted to one printable line
//! before it is shown.

mod account;
mod compliance;
pub(super) mod layout;
mod summary;
#[cfg(test)]
mod tests;
mod usage;

use crate::output::destination::{Destination, FileMode};
use crate::output::error::OutputError;
use crate::output::log_lines::without_commands;
use crate::output::notice::Notice;
use crate::output::sink::Sink;
use crate::output::writer::Output;
use crate::report::{AccountReport, RunInfo, Summary};
use layout::Paint;
use summary::GapTable;
pub use usage::{usage_line, usage_table};

/// Layout options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether to color.
    pub color: bool,
    /// Width of the terminal in columns; text is wrapped to it.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// The text report.
#[derive(Debug)]
pub struct TextOutput {
    to: Destination,
    mode: FileMode,
    sink: Option<Sink>,
    paint: Paint,
    width: usize,
    has_usage: bool,
    gaps: GapTable,
}

impl TextOutput {
    /// A report for people at `to`.
    pub fn new(to: Destination, options: TextOptions) -> Self {
        Self {
            to,
            mode: FileMode::default(),
            sink: None,
            paint: Paint::new(options.color),
            width: options.width.clamp(60, 160),
            has_usage: false,
            gaps: GapTable::default(),
        }
    }

    /// The same, in a file of another mode.
    #[must_use]
    pub fn mode(self, mode: FileMode) -> Self {
        Self { mode, ..self }
    }

    /// The same, with a table of what each API took if `has_usage`.
    #[must_use]
    pub fn with_usage(self, has_usage: bool) -> Self {
        Self { has_usage, ..self }
    }

    /// The same, written to a given sink.
    #[cfg(test)]
    pub fn with_sink(sink: Sink, options: TextOptions) -> Self {
        Self { sink: Some(sink), ..Self::new(Destination::Stdout, options) }
    }

    fn write(&mut self, text: &str) -> Result<(), OutputError> {
        match &mut self.sink {
            Some(sink) => sink.write_with(|out| out.write_all(without_commands(text).as_bytes())),
            None => Ok(()),
        }
    }
}

impl Output for TextOutput {
    fn begin(&mut self, _run: &RunInfo) -> Result<(), OutputError> {
        if self.sink.is_none() {
            self.sink = Some(Sink::open(&self.to, self.mode)?);
        }
        Ok(())
    }

    fn account(&mut self, _run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        self.gaps.add(report);
        let text = account::render(report, self.paint, self.width);
        self.write(&text)
    }

    fn finish(
        mut self: Box<Self>,
        run: &RunInfo,
        summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError> {
        let text =
            summary::render(run, summary, &self.gaps, self.has_usage, self.paint, self.width);
        self.write(&text)?;
        match self.sink.take() {
            Some(sink) => sink.commit().map(|()| Vec::new()),
            None => Ok(Vec::new()),
        }
    }
}
