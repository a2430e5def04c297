//! A report being written, in any format.

use super::error::OutputError;
use super::notice::Notice;
use crate::report::{AccountReport, RunInfo, Summary};

/// A report being written. If it is dropped before [`Output::finish`], no file is left behind.
pub trait Output: Send {
    /// Opens the report. Called once, first.
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError>;

    /// Adds an account. Called once per account, in sorted order.
    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError>;

    /// Closes the report; only now does a file appear under its name.
    fn finish(
        self: Box<Self>,
        run: &RunInfo,
        summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError>;
}
