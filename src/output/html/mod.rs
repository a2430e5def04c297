//! The report that a security team opens in the morning: one HTML file that needs no network.
//!
//! Data and tables come before the script. The data of each account is written when the account is
//! evaluated; the tables over all accounts are bounded and written at the end, so memory does not
//! grow with the number of accounts. The tables can be read without the script, which adds the list
//! of findings, its filters, and the switch between sections.
//!
//! Texts are untrusted: here, they go through [`markup`]; in the script, only through `textContent`.

mod accounts;
mod cells;
mod collected;
mod data;
mod frameworks;
mod gaps;
mod history;
mod markdown;
mod markup;
mod overview;
mod page;
mod rules;
mod waivers;

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::output::destination::{Destination, FileMode};
use crate::output::error::OutputError;
use crate::output::escape::write_json;
use crate::output::notice::Notice;
use crate::output::sink::Sink;
use crate::output::writer::Output;
use crate::report::{AccountReport, History, RunInfo, Summary};
use collected::Collected;
use markup::ScriptSafe;

/// The HTML report.
#[derive(Debug)]
pub struct HtmlOutput {
    to: Destination,
    mode: FileMode,
    sink: Option<Sink>,
    collected: Collected,
    history: Option<Arc<History>>,
}

impl HtmlOutput {
    /// An HTML report at `to`.
    pub fn new(to: Destination) -> Self {
        Self {
            to,
            mode: FileMode::default(),
            sink: None,
            collected: Collected::default(),
            history: None,
        }
    }

    /// The same, in a file of another mode.
    #[must_use]
    pub fn mode(self, mode: FileMode) -> Self {
        Self { mode, ..self }
    }

    /// The same, with charts of earlier reports.
    #[must_use]
    pub fn history(self, history: Option<Arc<History>>) -> Self {
        Self { history, ..self }
    }

    fn write(
        &mut self,
        work: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        match &mut self.sink {
            Some(sink) => sink.write_with(work),
            None => Ok(()),
        }
    }
}

/// Writes data for the script.
fn block(out: &mut dyn Write, of: &str, value: &impl Serialize) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" data-of=\"{of}\">")?;
    write_json(&mut ScriptSafe(out), value)?;
    out.write_all(b"</script>\n")
}

impl Output for HtmlOutput {
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError> {
        if self.sink.is_none() {
            self.sink = Some(Sink::open(&self.to, self.mode)?);
        }
        self.write(|out| {
            out.write_all(page::start(run).as_bytes())?;
            block(out, "run", &data::Run::new(run))
        })
    }

    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        self.collected.add(report);
        self.write(|out| block(out, "account", &data::Account::new(run, report)))
    }

    fn finish(
        mut self: Box<Self>,
        run: &RunInfo,
        summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError> {
        self.collected.shorten();
        let end = page::end(run, summary, &self.collected, self.history.as_deref());
        self.write(|out| {
            block(out, "end", &data::End::new(summary))?;
            out.write_all(end.as_bytes())
        })?;
        match self.sink.take() {
            Some(sink) => sink.commit().map(|()| Vec::new()),
            None => Ok(Vec::new()),
        }
    }
}
