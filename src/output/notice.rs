//! Notices about a written report.

use std::fmt;

use crate::model::text::one_line;

/// A notice about a written report, for stderr and `run.json`. One line, safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice(String);

impl Notice {
    /// Converts the text to one printable line.
    pub(crate) fn new(text: &str) -> Self {
        Self(one_line(text, 500))
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
