//! Reads the findings of a JSON report that can be waived.
//!
//! The file is untrusted. Other findings are dropped while reading, so memory grows only with the
//! number of those that can be waived or could not be evaluated.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::error::WaiverError;
use crate::model::text::one_line;
use crate::model::{Cause, Fingerprint, ResourceRef, Verdict, describe_serde_error};

/// The findings of a report, by fingerprint.
#[derive(Debug, Clone, Default)]
pub struct Report(BTreeMap<Fingerprint, ReportedFinding>);

/// A finding of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedFinding {
    /// The rule and the resource, in one line.
    pub about: String,
    /// Whether it can be waived: it failed, or its rule came to no verdict.
    pub can_be_waived: bool,
    /// The file and the line of the waiver that covered it.
    pub waived: Option<(String, usize)>,
}

#[derive(Deserialize)]
struct File1 {
    version: String,
    accounts: Vec<Account1>,
}

#[derive(Deserialize)]
struct Account1 {
    account: String,
    name: Option<String>,
    #[serde(deserialize_with = "without_passes")]
    findings: Vec<Finding1>,
}

#[derive(Deserialize)]
struct Finding1 {
    rule: String,
    verdict: Verdict,
    resource: ResourceRef,
    #[serde(default)]
    causes: Vec<Cause1>,
    fingerprint: Fingerprint,
    waived: Option<Waived1>,
}

#[derive(Deserialize)]
struct Waived1 {
    file: String,
    line: usize,
}

#[derive(Deserialize)]
struct Cause1 {
    code: String,
}

fn without_passes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Finding1>, D::Error> {
    struct Kept;
    impl<'de> Visitor<'de> for Kept {
        type Value = Vec<Finding1>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of findings")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Finding1>, A::Error> {
            let mut kept = Vec::new();
            while let Some(finding) = seq.next_element::<Finding1>()? {
                if !matches!(finding.verdict, Verdict::Pass | Verdict::Skip) {
                    kept.push(finding);
                }
            }
            Ok(kept)
        }
    }
    deserializer.deserialize_seq(Kept)
}

impl Report {
    /// Reads a JSON v1 report.
    pub fn read(path: &Path) -> Result<Self, WaiverError> {
        let file =
            File::open(path).map_err(|error| WaiverError::Read { path: path.to_owned(), error })?;
        let unusable = |reason: String| WaiverError::Unusable { path: path.to_owned(), reason };
        let report: File1 = serde_json::from_reader(BufReader::with_capacity(64 * 1024, file))
            .map_err(|error| {
                let text = error.to_string();
                let reason = text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
                let detail = match error.classify() {
                    Category::Data => {
                        format!(" ({})", one_line(&describe_serde_error(reason), 200))
                    }
                    _ => String::new(),
                };
                unusable(format!(
                    "it is not a rolecall JSON report{detail}; use a report written with `--output json=FILE`"
                ))
            })?;
        if report.version != "1" {
            let shown = one_line(&report.version, 20);
            return Err(unusable(format!(
                "it has version {shown}, but this version of rolecall reads only version 1"
            )));
        }
        let mut findings = BTreeMap::new();
        for account in report.accounts {
            let name = match &account.name {
                Some(name) if *name != account.account => format!("{} ({name})", account.account),
                _ => account.account.clone(),
            };
            for finding in account.findings {
                let by_rule = |cause: &Cause1| cause.code == Cause::RULE_UNDECIDED;
                let can_be_waived = match finding.verdict {
                    Verdict::Fail => true,
                    Verdict::Unknown => {
                        !finding.causes.is_empty() && finding.causes.iter().all(by_rule)
                    }
                    _ => false,
                };
                let resource = &finding.resource;
                let about = format!(
                    "{}: {}, account {name}, {}",
                    finding.rule,
                    resource.label(),
                    resource.region
                );
                let about = one_line(&about, 300);
                let waived = finding.waived.map(|waived| (waived.file, waived.line));
                let found = ReportedFinding { about, can_be_waived, waived };
                findings.insert(finding.fingerprint, found);
            }
        }
        Ok(Self(findings))
    }

    /// The finding with a fingerprint, unless it passed or was skipped.
    pub fn finding(&self, fingerprint: Fingerprint) -> Option<&ReportedFinding> {
        self.0.get(&fingerprint)
    }
}
