//! A report for each account, instead of one for all of them.

use super::error::OutputError;
use super::notice::Notice;
use super::writer::Output;
use crate::model::AccountId;
use crate::report::{AccountReport, RunInfo, Summary};

/// Creates the report of an account.
type Create = Box<dyn Fn(&AccountId) -> Result<Box<dyn Output>, OutputError> + Send>;

/// A report for each account.
pub struct PerAccount {
    create: Create,
    check: fn(&RunInfo) -> Result<(), OutputError>,
    notices: Vec<Notice>,
}

impl PerAccount {
    /// `create` creates the report of an account; `check` can reject the run.
    pub fn new(
        check: fn(&RunInfo) -> Result<(), OutputError>,
        create: impl Fn(&AccountId) -> Result<Box<dyn Output>, OutputError> + Send + 'static,
    ) -> Self {
        Self { create: Box::new(create), check, notices: Vec::new() }
    }
}

impl Output for PerAccount {
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError> {
        (self.check)(run)
    }

    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        let run = RunInfo {
            accounts: 1,
            skipped_accounts: Vec::new(),
            knows_all_accounts: false,
            ..run.clone()
        };
        let mut output = (self.create)(&report.account)?;
        output.begin(&run)?;
        output.account(&run, report)?;
        let mut summary = Summary::new(&run);
        summary.add(report);
        for notice in output.finish(&run, &summary)? {
            if !self.notices.iter().any(|known| known.to_string() == notice.to_string()) {
                self.notices.push(notice);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &RunInfo, _: &Summary) -> Result<Vec<Notice>, OutputError> {
        Ok(self.notices)
    }
}
