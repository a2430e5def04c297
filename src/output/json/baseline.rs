//! Reads the JSON report of an earlier run: which findings were open, and what was already unknown.
//!
//! Passes and skips are dropped while reading and messages are truncated, so memory grows only with
//! the number of open findings. The file is untrusted: every id is checked, and a report that
//! cannot serve as a baseline is rejected.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::model::text::one_line;
use crate::model::{
    AccountId, Fingerprint, Partition, Region, ResourceRef, Severity, Verdict, describe_serde_error,
};
use crate::output::error::OutputError;

/// The contents of an earlier report.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    rules: BTreeSet<String>,
    accounts: BTreeMap<AccountId, EarlierAccount>,
}

/// One account in an earlier report.
#[derive(Debug, Clone)]
pub struct EarlierAccount {
    /// Its partition.
    pub partition: Partition,
    /// Whether it could be accessed then.
    pub entered: bool,
    /// The regions scanned then.
    pub regions: BTreeSet<Region>,
    /// Whether its regions could not be listed then.
    pub regions_unknown: bool,
    /// Resource types that could not be listed then, and the region.
    pub unlisted: BTreeSet<(String, Region)>,
    /// Failures, and resources that could not be evaluated then.
    pub findings: Vec<EarlierFinding>,
}

/// An open finding.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierFinding {
    /// The oldest id of its rule.
    pub rule: String,
    /// The severity then.
    pub severity: Severity,
    /// [`Verdict::Fail`], [`Verdict::Unknown`] or [`Verdict::Error`].
    pub verdict: Verdict,
    /// What was wrong, as one printable line.
    pub message: String,
    /// The resource.
    pub resource: ResourceRef,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

#[derive(Deserialize)]
struct File1 {
    version: String,
    selection: Selection1,
    rules: Vec<Rule1>,
    accounts: Vec<Account1>,
}

#[derive(Deserialize)]
struct Selection1 {
    #[serde(default)]
    narrowed_by: Vec<String>,
}

#[derive(Deserialize)]
struct Rule1 {
    id: String,
    oldest_id: String,
}

#[derive(Deserialize)]
struct Account1 {
    account: AccountId,
    partition: Partition,
    entered: bool,
    #[serde(default)]
    regions: BTreeSet<Region>,
    gaps: Vec<Gap1>,
    #[serde(deserialize_with = "open_findings")]
    findings: Vec<Finding1>,
}

#[derive(Deserialize)]
struct Gap1 {
    region: Region,
    unknown: Extent1,
}

#[derive(Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
enum Extent1 {
    Account,
    Regions,
    List {
        kind: String,
    },
    #[serde(other)]
    Facts,
}

#[derive(Deserialize)]
struct Finding1 {
    rule: String,
    severity: Severity,
    verdict: Verdict,
    #[serde(default)]
    message: String,
    resource: ResourceRef,
    fingerprint: Fingerprint,
}

/// Keeps open findings and drops the rest while reading.
fn open_findings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Finding1>, D::Error> {
    struct Open;
    impl<'de> Visitor<'de> for Open {
        type Value = Vec<Finding1>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of findings")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Finding1>, A::Error> {
            let mut kept = Vec::new();
            while let Some(mut finding) = seq.next_element::<Finding1>()? {
                if matches!(finding.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Error) {
                    finding.message = one_line(&finding.message, 500);
                    kept.push(finding);
                }
            }
            Ok(kept)
        }
    }
    deserializer.deserialize_seq(Open)
}

impl Baseline {
    /// Reads a JSON v1 report.
    pub fn read(path: &Path) -> Result<Self, OutputError> {
        let reject = |reason: String| OutputError::Baseline { path: path.to_owned(), reason };
        let file = File::open(path)
            .map_err(|error| OutputError::BaselineIo { path: path.to_owned(), error })?;
        let mut reader =
            serde_json::Deserializer::from_reader(BufReader::with_capacity(64 * 1024, file));
        let report = File1::deserialize(&mut reader)
            .and_then(|report| reader.end().map(|()| report))
            .map_err(|error| {
                const HELP: &str = "use a report written with `--output json=FILE`";
                let reason = match error.classify() {
                    Category::Data => {
                        let text = error.to_string();
                        let reason =
                            text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
                        let reason = one_line(&describe_serde_error(reason), 200);
                        format!("it is not a valid rolecall JSON report ({reason})")
                    }
                    _ => "it is not a rolecall JSON report".to_owned(),
                };
                reject(format!("{reason}; {HELP}"))
            })?;
        Self::check(report).map_err(reject)
    }

    fn check(report: File1) -> Result<Self, String> {
        if report.version != "1" {
            let shown = one_line(&report.version, 20);
            return Err(format!(
                "it has version {shown}, but this version of rolecall reads only version 1"
            ));
        }
        if !report.selection.narrowed_by.is_empty() {
            let by = one_line(&report.selection.narrowed_by.join(", "), 200);
            return Err(format!(
                "it comes from a filtered run ({by}), so it does not contain all open findings; use the report of an unfiltered run"
            ));
        }
        let oldest: BTreeMap<String, String> =
            report.rules.into_iter().map(|rule| (rule.id, rule.oldest_id)).collect();
        let mut accounts = BTreeMap::new();
        for account in report.accounts {
            let mut earlier = EarlierAccount {
                partition: account.partition,
                entered: account.entered,
                regions: account.regions,
                regions_unknown: false,
                unlisted: BTreeSet::new(),
                findings: Vec::new(),
            };
            for gap in account.gaps {
                match gap.unknown {
                    Extent1::Account => earlier.entered = false,
                    Extent1::Regions => earlier.regions_unknown = true,
                    Extent1::List { kind } => drop(earlier.unlisted.insert((kind, gap.region))),
                    Extent1::Facts => {}
                }
            }
            for finding in account.findings {
                if finding.resource.id.is_none() && finding.verdict != Verdict::Fail {
                    earlier.unlisted.insert((finding.resource.kind, finding.resource.region));
                    continue;
                }
                let fingerprint = finding.fingerprint.as_str();
                if fingerprint.len() != 32
                    || !fingerprint.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                {
                    return Err(format!(
                        "`{}` is not a valid fingerprint",
                        one_line(fingerprint, 40)
                    ));
                }
                let Some(rule) = oldest.get(&finding.rule) else {
                    return Err(format!(
                        "it has a finding from the rule `{}`, which it does not list",
                        one_line(&finding.rule, 80)
                    ));
                };
                earlier.findings.push(EarlierFinding {
                    rule: rule.clone(),
                    severity: finding.severity,
                    verdict: finding.verdict,
                    message: finding.message,
                    resource: finding.resource,
                    fingerprint: finding.fingerprint,
                });
            }
            if accounts.insert(account.account.clone(), earlier).is_some() {
                return Err(format!("account {} appears in it twice", account.account));
            }
        }
        Ok(Self { rules: oldest.into_values().collect(), accounts })
    }

    /// What it contains about an account.
    pub fn account(&self, account: &AccountId) -> Option<&EarlierAccount> {
        self.accounts.get(account)
    }

    /// Whether it evaluated a rule, given the rule's oldest id.
    pub fn evaluated(&self, oldest_id: &str) -> bool {
        self.rules.contains(oldest_id)
    }
}
