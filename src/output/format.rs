//! Report formats.

use std::fmt;
use std::str::FromStr;

use crate::model::{code_series, did_you_mean, text::one_line};

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: everything, with a documented schema.
    Json,
    /// For code scanning: failures only.
    Sarif,
    /// For a browser: one file with everything.
    Html,
    /// For the test results of CI systems.
    Junit,
    /// For spreadsheets and databases.
    Csv,
    /// For GitLab Code Quality: failures only.
    GitLab,
    /// For annotations on GitHub: failures whose line of code is known.
    GitHub,
    /// For a job summary or a comment: what matters most, in a limited length.
    Markdown,
    /// For viewers of SARIF other than GitHub, and archives: everything.
    SarifFull,
    /// For data lakes: OCSF 1.8, one event per finding.
    Ocsf,
    /// For AWS Security Hub: failures, and what changed.
    Asff,
}

/// An unknown format name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{shown}`: {}", hint(.suggestion))]
pub struct UnknownFormat {
    /// The name, truncated and without control characters.
    pub shown: String,
    /// The most similar format.
    pub suggestion: Option<&'static str>,
}

fn hint(suggestion: &Option<&'static str>) -> String {
    match suggestion {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("use {}", code_series(Format::ALL.map(Format::as_str), "or")),
    }
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::Json,
        Self::Sarif,
        Self::SarifFull,
        Self::Html,
        Self::Markdown,
        Self::Junit,
        Self::Csv,
        Self::GitLab,
        Self::GitHub,
        Self::Ocsf,
        Self::Asff,
    ];

    /// Its name on the command line and in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Csv => "csv",
            Self::GitLab => "gitlab",
            Self::GitHub => "github",
            Self::Markdown => "markdown",
            Self::SarifFull => "sarif-full",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_names_parse_and_typos_get_a_suggestion() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse::<Format>(), Ok(format));
        }
        assert_eq!(
            "jsno".parse::<Format>().unwrap_err().to_string(),
            "unknown format `jsno`: did you mean `json`?"
        );
        assert_eq!(
            "x\u{1b}".parse::<Format>().unwrap_err().to_string(),
            "unknown format `x\u{fffd}`: use `text`, `json`, `sarif`, `sarif-full`, `html`, `markdown`, `junit`, `csv`, `gitlab`, `github`, `ocsf` or `asff`"
        );
    }
}
