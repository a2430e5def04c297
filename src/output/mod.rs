//! Reports for people and for programs: one folder per format. An output sees the run, then one
//! account after the other, then the summary, and writes as it goes, so memory does not grow with
//! the number of accounts.
//!
//! It owns formats and files. It evaluates nothing: verdicts, gaps and numbers come ready from
//! [`crate::report`].

mod destination;
mod error;
mod escape;
pub mod json;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;
mod words;

use std::fmt;
use std::str::FromStr;

pub use destination::{Destination, Sink};
pub use error::OutputError;
pub(crate) use escape::write_json;
pub use json::{Baseline, JsonOutput};
pub use sarif::{SarifOptions, SarifOutput, UnknownPolicy};
pub use text::{TextOptions, TextOutput};

use crate::model::{did_you_mean, text::one_line};
use crate::report::{AccountReport, RunInfo, Summary};

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For people.
    Text,
    /// For programs; everything, with a documented schema.
    Json,
    /// For code scanning; failures only.
    Sarif,
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{shown}`: {}", hint(.suggestion))]
pub struct UnknownFormat {
    /// The word, shortened and without control characters.
    pub shown: String,
    /// What was probably meant.
    pub suggestion: Option<&'static str>,
}

fn hint(suggestion: &Option<&'static str>) -> String {
    match suggestion {
        Some(name) => format!("did you mean `{name}`?"),
        None => "use text, json or sarif".to_owned(),
    }
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Sarif];

    /// Its name on the command line and in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat {
            shown: one_line(text, 40),
            suggestion: did_you_mean(text, Self::ALL.into_iter().map(Self::as_str)),
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that a person should know about a written report: for stderr and `run.json`. One line,
/// safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice(String);

impl Notice {
    /// Makes the text one harmless line.
    fn new(text: &str) -> Self {
        Self(one_line(text, 500))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_names_and_typos_a_suggestion() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse::<Format>(), Ok(format));
        }
        assert_eq!(
            "jsno".parse::<Format>().unwrap_err().to_string(),
            "unknown format `jsno`: did you mean `json`?"
        );
        assert_eq!(
            "x\u{1b}".parse::<Format>().unwrap_err().to_string(),
            "unknown format `x\u{fffd}`: use text, json or sarif"
        );
    }
}
