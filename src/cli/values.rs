//! Values of options that have a form of their own.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::config::OUTPUT_FORMATS;
use crate::facts;
use crate::model::{Globs, InvalidGlob, Severity, did_you_mean, text};

/// When to color what goes to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal that supports color; NO_COLOR, CLICOLOR and CLICOLOR_FORCE are honored
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Never
    Never,
}

/// What SARIF does about an account of which known resources could not be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SarifUnknown {
    /// Report them, so that code scanning keeps an alert that is open
    #[default]
    Report,
    /// Leave the whole account out, so that code scanning keeps what it has
    LeaveOut,
}

/// `--fail-on`: a severity, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(pub Option<Severity>);

impl FromStr for FailOn {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        if written == "none" {
            return Ok(Self(None));
        }
        written.parse().map(|severity| Self(Some(severity))).map_err(|_| {
            let names = Severity::ALL.map(Severity::as_str);
            let help = did_you_mean(written, names).map_or_else(
                || format!("use {} or none", names.join(", ")),
                |meant| format!("did you mean `{meant}`?"),
            );
            format!("`{}` is no severity; {help}", text::one_line(written, 40))
        })
    }
}

/// `--resources`: how many resources to assume in each list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListSize {
    /// Of one kind; `None`: of every kind.
    pub kind: Option<&'static str>,
    /// How many.
    pub number: u64,
}

impl FromStr for ListSize {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        /// Far above any quota, and far below where sums would overflow.
        const MOST: u64 = 10_000_000;
        let (kind, number) = match written.split_once('=') {
            None => (None, written),
            Some((kind, number)) => {
                let known = facts::kind(kind).ok_or_else(|| {
                    let hint = facts::suggest_kind(kind)
                        .map(|meant| format!(", did you mean `{meant}`?"))
                        .unwrap_or_default();
                    format!("`{}` is no kind{hint}", text::one_line(kind, 60))
                })?;
                (Some(known.name), number)
            }
        };
        let number = number.parse().ok().filter(|number| *number <= MOST);
        let number = number.ok_or_else(|| {
            format!("`{}` is no whole number up to {MOST}", text::one_line(written, 60))
        })?;
        Ok(Self { kind, number })
    }
}

/// `--output`: a format and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpec {
    /// One of [`OUTPUT_FORMATS`].
    pub format: String,
    /// Where to; `None` is stdout.
    pub path: Option<PathBuf>,
}

impl FromStr for OutputSpec {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let (format, path) = written.split_once('=').unwrap_or((written, "-"));
        if !OUTPUT_FORMATS.contains(&format) {
            let shown = text::one_line(format, 60);
            // `--output report.sarif`: the format is the extension.
            let extension = OUTPUT_FORMATS
                .iter()
                .find(|known| format.rsplit_once('.').is_some_and(|(_, end)| end == **known));
            let help = match (extension, did_you_mean(format, OUTPUT_FORMATS)) {
                (Some(known), _) => format!("write {known}={shown}"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("use {}", OUTPUT_FORMATS.join(", ")),
            };
            return Err(format!("unknown format `{shown}`; {help}"));
        }
        if path.is_empty() {
            return Err(format!("no path; write {format}=PATH, or {format} alone for stdout"));
        }
        Ok(Self { format: format.to_owned(), path: (path != "-").then(|| PathBuf::from(path)) })
    }
}

impl fmt::Display for OutputSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}={}", self.format, path.display()),
            None => write!(f, "{}=-", self.format),
        }
    }
}

/// A pattern, checked but kept as written.
pub(super) fn glob(written: &str) -> Result<String, InvalidGlob> {
    Globs::new(&[written]).map(|_| written.to_owned())
}
