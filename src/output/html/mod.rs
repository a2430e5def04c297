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
mod data;
mod frameworks;
mod gaps;
mod history;
mod index;
mod markdown;
mod markup;
mod overview;
mod page;
mod rules;
mod waivers;

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::output::collected::Collected;
use crate::output::document::Document;
use crate::output::escape::write_json;
use crate::output::notice::Notice;
use crate::report::{AccountReport, History, RunInfo, Summary};
pub use index::{INDEX_MARK, IndexedNight, write_index};
use markup::ScriptSafe;

/// The HTML report.
#[derive(Debug, Default)]
pub struct Html {
    collected: Collected,
    history: Option<Arc<History>>,
}

impl Html {
    /// A report, with charts of earlier ones if they are given.
    pub fn new(history: Option<Arc<History>>) -> Self {
        Self { history, ..Self::default() }
    }
}

/// Writes data for the script.
fn block(out: &mut dyn Write, of: &str, value: &impl Serialize) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" data-of=\"{of}\">")?;
    write_json(&mut ScriptSafe(out), value)?;
    out.write_all(b"</script>\n")
}

impl Document for Html {
    fn begin(&mut self, out: &mut dyn Write, run: &RunInfo) -> io::Result<()> {
        out.write_all(page::start(run).as_bytes())?;
        block(out, "run", &data::Run::new(run))
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        self.collected.add(report);
        block(out, "account", &data::Account::new(run, report))
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>> {
        self.collected.finish(summary);
        let end = page::end(run, summary, &self.collected, self.history.as_deref());
        block(out, "end", &data::End::new(summary))?;
        out.write_all(end.as_bytes())?;
        Ok(Vec::new())
    }
}
