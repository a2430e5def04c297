//! A report being written, whatever its format.

use super::error::OutputError;
use super::notice::Notice;
use crate::report::{AccountReport, RunInfo, Summary};

/// A report being written. Dropped before [`Output::finish`], it leaves no file behind.
pub trait Output: Send {
    /// Opens the report. Called once, first.
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError>;

    /// Adds an account. Called once per account, in sorted order.
    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError>;

    /// Closes the report; only now a file appears under its name.
    fn finish(
        self: Box<Self>,
        run: &RunInfo,
        summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError>;
}
