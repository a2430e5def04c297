//! What sinks need of a JSON report: new failures, what could not be read, and what must not be
//! uploaded. Everything else is skipped while reading, so memory does not grow with the report.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::text::one_line;
use crate::model::{AccountId, Severity, State, Verdict};

/// How many new failures are kept: more than a message can list.
const KEPT: usize = 100;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportFileError {
    /// It cannot be read.
    #[error("cannot read report `{path}`: {error}", path = path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// It is something else.
    #[error("`{path}` is not a JSON report of rolecall ({reason}): use a file written with `--output json=FILE`", path = path.display())]
    NotReport {
        /// Its path.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// A JSON report, version 1.
#[derive(Debug, Deserialize)]
pub struct ReportFile {
    version: String,
    /// Which rules were evaluated.
    pub selection: SelectionPart,
    /// Every account.
    pub accounts: Vec<AccountPart>,
    /// Totals.
    pub summary: SummaryPart,
    /// The selected rules.
    pub rules: Vec<RulePart>,
}

/// Which rules were evaluated.
#[derive(Debug, Deserialize)]
pub struct SelectionPart {
    /// Options that filtered the run.
    #[serde(default)]
    pub narrowed_by: Vec<String>,
}

/// A rule.
#[derive(Debug, Deserialize)]
pub struct RulePart {
    /// Its id.
    pub id: String,
    /// The problem that it reports.
    #[serde(default)]
    pub title: String,
}

/// An account.
#[derive(Debug, Deserialize)]
pub struct AccountPart {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// When it was collected.
    #[serde(default)]
    pub collected_at: Option<String>,
    /// Whether it could be accessed.
    pub entered: bool,
    /// Whether everything was read.
    pub complete: bool,
    /// Categories of code scanning of which less is uploaded than what was found.
    #[serde(default)]
    pub code_scanning: Vec<CategoryPart>,
    /// Its most severe new failures.
    #[serde(deserialize_with = "new_failures")]
    pub findings: Vec<NewFailure>,
}

impl AccountPart {
    /// Its name, or else its id.
    pub fn label(&self) -> String {
        match self.name.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => one_line(name, 60),
            _ => self.account.to_string(),
        }
    }
}

/// A category of code scanning.
#[derive(Debug, Deserialize)]
pub struct CategoryPart {
    /// Its region, if each region has a category.
    #[serde(default)]
    pub region: Option<String>,
    /// Why it must not be uploaded.
    #[serde(default)]
    pub withheld: Option<String>,
}

/// A failure that is new since the baseline, and not waived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewFailure {
    /// Its severity; the worst comes first.
    pub severity: Severity,
    /// Its rule.
    pub rule: String,
    /// The region of the resource.
    pub region: String,
    /// The name or id of the resource.
    pub resource: String,
}

/// Totals.
#[derive(Debug, Deserialize)]
pub struct SummaryPart {
    /// Gaps that are not accepted.
    pub gaps: usize,
    /// Findings per verdict.
    pub verdicts: VerdictsPart,
    /// Whether something could not be read.
    pub incomplete: bool,
    /// Findings per state; `None` without a baseline.
    #[serde(default)]
    pub states: Option<StatesPart>,
}

/// Findings per verdict.
#[derive(Debug, Deserialize)]
pub struct VerdictsPart {
    /// Could not be evaluated.
    pub unknown: usize,
    /// The rule raised an error.
    pub error: usize,
}

/// Findings per state.
#[derive(Debug, Deserialize)]
pub struct StatesPart {
    /// New failures per severity.
    pub new: SeveritiesPart,
    /// Still failing.
    pub unchanged: usize,
    /// No longer failing.
    pub fixed: usize,
    /// Failed before, and could not be checked now.
    pub unknown_now: usize,
    /// Failed before, in accounts that are not part of the run.
    pub not_scanned: usize,
}

/// Failures per severity.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the fields are named after the severities")]
pub struct SeveritiesPart {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

impl SeveritiesPart {
    /// The number for a severity.
    pub fn of(&self, severity: Severity) -> usize {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }
}

impl ReportFile {
    /// Reads a report.
    pub fn read(path: &Path) -> Result<Self, ReportFileError> {
        let io = |error| ReportFileError::Io { path: path.to_owned(), error };
        let not = |reason: String| ReportFileError::NotReport { path: path.to_owned(), reason };
        // Opening a named pipe would wait.
        if !fs::metadata(path).map_err(io)?.is_file() {
            return Err(not("it is not a file".to_owned()));
        }
        let file = File::open(path).map_err(io)?;
        let report: Self = serde_json::from_reader(BufReader::with_capacity(1 << 16, file))
            .map_err(|error| match error.classify() {
                serde_json::error::Category::Io => io(error.into()),
                _ => not(one_line(&crate::model::describe_serde_error(&error.to_string()), 200)),
            })?;
        if report.version != "1" {
            let version = one_line(&report.version, 20);
            return Err(not(format!("it has version {version}, and only 1 is known")));
        }
        Ok(report)
    }

    /// The title of a rule, or else its id.
    pub fn title<'a>(&'a self, rule: &'a str) -> &'a str {
        let found = self.rules.iter().find(|known| known.id == rule);
        found.map(|rule| rule.title.trim()).filter(|title| !title.is_empty()).unwrap_or(rule)
    }
}

/// Keeps the most severe new failures of a list of findings.
fn new_failures<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<NewFailure>, D::Error> {
    struct Failures;

    #[derive(Deserialize)]
    struct Finding {
        rule: String,
        severity: Severity,
        verdict: Verdict,
        resource: Resource,
        #[serde(default)]
        waived: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        state: Option<State>,
    }

    #[derive(Deserialize)]
    struct Resource {
        kind: String,
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        name: Option<String>,
        region: String,
    }

    impl<'de> Visitor<'de> for Failures {
        type Value = Vec<NewFailure>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of findings")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut kept = Vec::new();
            while let Some(finding) = seq.next_element::<Finding>()? {
                let is_new = finding.verdict == Verdict::Fail
                    && finding.waived.is_none()
                    && finding.state == Some(State::New);
                if !is_new {
                    continue;
                }
                let Resource { kind, id, name, region } = finding.resource;
                let name = name.filter(|name| !name.trim().is_empty()).or(id).unwrap_or(kind);
                kept.push(NewFailure {
                    severity: finding.severity,
                    rule: one_line(&finding.rule, 100),
                    region: one_line(&region, 40),
                    resource: one_line(&name, 100),
                });
                if kept.len() >= 2 * KEPT {
                    kept.sort();
                    kept.truncate(KEPT);
                }
            }
            kept.sort();
            kept.truncate(KEPT);
            Ok(kept)
        }
    }

    from.deserialize_seq(Failures)
}
