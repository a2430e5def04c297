//! Notices about a written report.

use std::fmt;

use super::words;
use crate::model::counted;
use crate::model::text::one_line;
use crate::waivers::StaleWaiver;

/// A notice about a written report, for stderr and `run.json`. One line, safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice(String);

impl Notice {
    /// Converts the text to one printable line.
    pub(crate) fn new(text: &str) -> Self {
        Self(one_line(text, 500))
    }

    /// A waiver that expired, or that matches nothing.
    pub fn of_waiver(stale: &StaleWaiver) -> Self {
        Self::new(&words::stale_waiver(stale))
    }

    /// There are more such waivers.
    pub fn more_waivers(number: usize) -> Self {
        let more = counted(number, "more waiver");
        Self::new(&format!("and {more} expired or unmatched; the JSON report lists all of them"))
    }

    /// The text.
    #[cfg(test)]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
