//! Option values with their own syntax.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};

use crate::config::OUTPUT_FORMATS;
use crate::facts;
use crate::model::{Globs, InvalidGlob, Severity, code_series, did_you_mean, parse_date, text};

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal that supports color; NO_COLOR, CLICOLOR and CLICOLOR_FORCE are honored
    #[default]
    Auto,
    /// Always, including files and pipes
    Always,
    /// Never
    Never,
}

/// Output format of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ListFormat {
    /// Human-readable table
    #[default]
    Text,
    /// Machine-readable JSON
    Json,
}

/// How SARIF represents an account with known resources that could not be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SarifUnknown {
    /// Report them as unknown, so that code scanning keeps their open alerts
    #[default]
    Report,
    /// Omit the whole account, so that code scanning keeps its alerts unchanged
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
                || "use `critical`, `high`, `medium`, `low`, `info` or `none`".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            format!("unknown severity `{}`: {help}", text::one_line(written, 40))
        })
    }
}

/// `--resources`: how many resources to assume in each list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListSize {
    /// The kind; `None`: all kinds.
    pub kind: Option<&'static str>,
    /// The number of resources.
    pub number: u64,
}

impl FromStr for ListSize {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        /// Far above any quota, and low enough that sums do not overflow.
        const MAX: u64 = 10_000_000;
        let (kind, number) = match written.split_once('=') {
            None => (None, written),
            Some((kind, number)) => {
                let known = facts::kind(kind).ok_or_else(|| {
                    let hint = facts::suggest_kind(kind)
                        .map(|meant| format!(": did you mean `{meant}`?"))
                        .unwrap_or_default();
                    format!("unknown kind `{}`{hint}", text::one_line(kind, 60))
                })?;
                (Some(known.name), number)
            }
        };
        let number = number.parse().ok().filter(|number| *number <= MAX);
        let number = number.ok_or_else(|| {
            format!("`{}` is not an integer from 0 to {MAX}", text::one_line(written, 60))
        })?;
        Ok(Self { kind, number })
    }
}

/// `--output`: a format and a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpec {
    /// One of [`OUTPUT_FORMATS`].
    pub format: String,
    /// The file; `None` is stdout.
    pub path: Option<PathBuf>,
}

impl FromStr for OutputSpec {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let (format, path) = written.split_once('=').unwrap_or((written, "-"));
        if !OUTPUT_FORMATS.contains(&format) {
            let shown = text::one_line(format, 60);
            // `--output report.sarif`: the extension is a format.
            let extension = OUTPUT_FORMATS
                .iter()
                .find(|known| format.rsplit_once('.').is_some_and(|(_, end)| end == **known));
            let help = match (extension, did_you_mean(format, OUTPUT_FORMATS)) {
                (Some(known), _) => format!("use `{known}={shown}`"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("use {}", code_series(OUTPUT_FORMATS, "or")),
            };
            return Err(format!("unknown format `{shown}`: {help}"));
        }
        if path.is_empty() {
            return Err(format!("missing path: use `{format}=PATH`, or `{format}` for stdout"));
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

/// `--expires`: a date, or a number of days from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    /// A date.
    On(Date),
    /// In so many days.
    In(u16),
}

impl Expires {
    /// The date, given the current one.
    pub fn date(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::In(days) => today.saturating_add(i64::from(days).days()),
        }
    }
}

impl FromStr for Expires {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let days = written.strip_suffix('d').and_then(|days| days.parse().ok());
        match (parse_date(written), days) {
            (Some(date), _) => Ok(Self::On(date)),
            (None, Some(days)) => Ok(Self::In(days)),
            (None, None) => Err(format!(
                "`{}` is not a valid date: use a date such as 2027-01-31, or a number of days such as 90d",
                text::one_line(written, 60)
            )),
        }
    }
}

/// A duration of whole seconds, such as `14m` or `1h 30m`.
pub(super) fn duration(written: &str) -> Result<Duration, String> {
    let parsed = written.trim().parse::<SignedDuration>();
    match parsed.ok().and_then(|duration| u64::try_from(duration.as_secs()).ok()) {
        Some(seconds @ 1..=604_800) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!(
            "`{}` is not a valid duration: use hours, minutes and seconds, for example 14m or 1h30m",
            text::one_line(written, 60)
        )),
    }
}

/// A text that is not blank.
pub(super) fn words(written: &str) -> Result<String, &'static str> {
    let text = written.trim();
    if text.is_empty() { Err("it must not be empty") } else { Ok(text.to_owned()) }
}

/// A validated glob pattern, as written.
pub(super) fn glob(written: &str) -> Result<String, InvalidGlob> {
    Globs::new(&[written]).map(|_| written.to_owned())
}

/// A severity.
pub(super) fn severity(written: &str) -> Result<Severity, String> {
    written.parse().map_err(|error: crate::model::UnknownSeverity| {
        let meant = crate::model::did_you_mean(written, Severity::ALL.map(Severity::as_str));
        meant.map_or_else(|| error.to_string(), |meant| format!("did you mean `{meant}`?"))
    })
}
