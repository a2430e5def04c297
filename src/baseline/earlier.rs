//! Reads the JSON report of an earlier run: which findings were open, and what was never checked.
//!
//! Passes and skips are dropped while reading and messages are truncated, so memory grows only with
//! the number of open findings. The file is untrusted: every id is checked, and a report that
//! cannot serve as a baseline is rejected.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::model::text::one_line;
use crate::model::{
    AccountId, Fingerprint, Partition, Region, ResourceRef, Severity, Verdict, describe_serde_error,
};
use crate::report::{AbsentAccount, NeverChecked, OpenFinding, Part, Selection};

/// Why an earlier report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be opened or read.
    #[error("cannot read baseline `{path}`: {error}", path = path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The file is not a usable report.
    #[error("`{path}` cannot be used as a baseline: {reason}", path = path.display())]
    Unusable {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// The contents of an earlier report.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    selection: Selection,
    /// Whether accounts that it does not contain never had alerts.
    pub(super) knows_all_accounts: bool,
    pub(super) accounts: BTreeMap<AccountId, EarlierAccount>,
}

/// One account in an earlier report.
#[derive(Debug, Clone)]
pub struct EarlierAccount {
    /// Its partition.
    pub partition: Partition,
    /// The regions scanned then.
    pub regions: BTreeSet<Region>,
    /// Findings whose alerts may be open.
    pub open: Vec<OpenFinding>,
    /// What no report had ever checked.
    pub never_checked: Vec<NeverChecked>,
}

#[derive(Deserialize)]
struct File1 {
    version: String,
    selection: Selection1,
    rules: Vec<Rule1>,
    accounts: Vec<Account1>,
    #[serde(default)]
    knows_all_accounts: bool,
    #[serde(default)]
    absent_accounts: Vec<Absent1>,
}

#[derive(Deserialize)]
struct Selection1 {
    name: Option<String>,
    #[serde(default)]
    narrowed_by: Vec<String>,
    category: Option<String>,
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
    collected_at: Option<String>,
    entered: bool,
    #[serde(default)]
    regions: BTreeSet<Region>,
    gaps: Vec<Gap1>,
    /// Reports of rolecall before it recorded what it carried have neither of these.
    carried: Option<Vec<Open1>>,
    #[serde(default)]
    never_checked: Vec<Never1>,
    #[serde(default)]
    code_scanning: Vec<Category1>,
    #[serde(deserialize_with = "open_findings")]
    findings: Vec<Finding1>,
}

#[derive(Deserialize)]
struct Category1 {
    #[serde(default)]
    not_written: BTreeSet<Fingerprint>,
}

#[derive(Deserialize)]
struct Absent1 {
    account: AccountId,
    partition: Partition,
    carried: Vec<Open1>,
    never_checked: Vec<Never1>,
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

#[derive(Deserialize)]
struct Open1 {
    rule: String,
    severity: Severity,
    #[serde(default)]
    message: String,
    resource: ResourceRef,
    fingerprint: Fingerprint,
    checked_at: Option<String>,
}

#[derive(Deserialize)]
struct Never1 {
    #[serde(flatten)]
    part: Part1,
    rules: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
enum Part1 {
    Account,
    OtherRegions { scanned: BTreeSet<Region> },
    List { kind: String, region: Region },
    Resource { resource: ResourceRef },
}

impl From<Never1> for NeverChecked {
    fn from(never: Never1) -> Self {
        let part = match never.part {
            Part1::Account => Part::Account,
            Part1::OtherRegions { scanned } => Part::OtherRegions(scanned),
            Part1::List { kind, region } => Part::List(kind, region),
            Part1::Resource { resource } => Part::Resource(resource),
        };
        Self { part, rules: never.rules }
    }
}

impl TryFrom<Open1> for OpenFinding {
    type Error = String;

    fn try_from(open: Open1) -> Result<Self, String> {
        check_fingerprint(&open.fingerprint)?;
        Ok(Self {
            rule: open.rule,
            severity: open.severity,
            message: one_line(&open.message, 500),
            resource: open.resource,
            fingerprint: open.fingerprint,
            checked_at: open.checked_at.map(|time| one_line(&time, 40)),
        })
    }
}

fn check_fingerprint(fingerprint: &Fingerprint) -> Result<(), String> {
    let text = fingerprint.as_str();
    if text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err(format!("`{}` is not a valid fingerprint", one_line(text, 40)))
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

impl EarlierAccount {
    /// The regions in which it may have alerts.
    pub fn regions_with_alerts(&self) -> BTreeSet<Region> {
        let open = self.open.iter().map(|finding| finding.resource.region.clone());
        self.regions.iter().cloned().chain(open).chain([Region::global()]).collect()
    }
}

impl Baseline {
    /// Reads a JSON v1 report.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let reject = |reason: String| BaselineError::Unusable { path: path.to_owned(), reason };
        let file =
            File::open(path).map_err(|error| BaselineError::Io { path: path.to_owned(), error })?;
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
        let Selection1 { name, narrowed_by, category } = report.selection;
        let oldest: BTreeMap<String, String> =
            report.rules.into_iter().map(|rule| (rule.id, rule.oldest_id)).collect();
        let mut accounts = BTreeMap::new();
        let mut add = |account: AccountId, earlier: EarlierAccount| {
            let shown = account.to_string();
            match accounts.insert(account, earlier) {
                None => Ok(()),
                Some(_) => Err(format!("account {shown} appears in it twice")),
            }
        };
        for account in report.accounts {
            let id = account.account.clone();
            add(id, earlier_account(account, &oldest)?)?;
        }
        for absent in report.absent_accounts {
            let earlier = EarlierAccount {
                partition: absent.partition,
                regions: BTreeSet::new(),
                open: absent
                    .carried
                    .into_iter()
                    .map(OpenFinding::try_from)
                    .collect::<Result<_, _>>()?,
                never_checked: absent.never_checked.into_iter().map(NeverChecked::from).collect(),
            };
            add(absent.account, earlier)?;
        }
        Ok(Self {
            selection: Selection::new(name, narrowed_by, category),
            knows_all_accounts: report.knows_all_accounts,
            accounts,
        })
    }

    /// Why it does not say which alerts are open for a run with another selection; with
    /// `code_scanning`, the categories must be the same, too.
    pub fn mismatch(&self, now: &Selection, code_scanning: bool) -> Option<String> {
        let Selection { narrowed_by, category, .. } = &self.selection;
        if *narrowed_by != now.narrowed_by {
            let shown = |by: &[String]| match by {
                [] => "without a filter".to_owned(),
                by => format!("with the filter {}", one_line(&by.join(", "), 200)),
            };
            return Some(format!(
                "it comes from a run {}, and this run is {}: use the report of a run with the same filter",
                shown(narrowed_by),
                shown(&now.narrowed_by)
            ));
        }
        let shown = |category: &Option<String>| match category {
            Some(category) => format!("the category `{}`", one_line(category, 120)),
            None => "no category".to_owned(),
        };
        (code_scanning && *category != now.category).then(|| {
            format!(
                "its alerts are in {}, and those of this run in {}: use the last report with the same category, or --baseline none if there is none",
                shown(category),
                shown(&now.category)
            )
        })
    }

    /// What it contains about an account.
    pub fn account(&self, account: &AccountId) -> Option<&EarlierAccount> {
        self.accounts.get(account)
    }

    /// Its accounts that are not among these: their alerts stay open.
    pub fn absent(&self, present: &BTreeSet<AccountId>) -> Vec<AbsentAccount> {
        let absent = self.accounts.iter().filter(|(account, _)| !present.contains(account));
        absent
            .map(|(account, earlier)| AbsentAccount {
                account: account.clone(),
                partition: earlier.partition.clone(),
                carried: earlier.open.clone(),
                never_checked: earlier.never_checked.clone(),
            })
            .collect()
    }
}

fn earlier_account(
    account: Account1,
    oldest: &BTreeMap<String, String>,
) -> Result<EarlierAccount, String> {
    let records = account.carried.is_some();
    // GitHub has no alerts for these.
    let not_written: BTreeSet<Fingerprint> =
        account.code_scanning.into_iter().flat_map(|category| category.not_written).collect();
    let mut open = Vec::new();
    let mut unlisted = BTreeSet::new();
    for finding in account.findings {
        if finding.resource.id.is_none() && finding.verdict != Verdict::Fail {
            unlisted.insert(Part::List(finding.resource.kind, finding.resource.region));
            continue;
        }
        check_fingerprint(&finding.fingerprint)?;
        let Some(rule) = oldest.get(&finding.rule) else {
            return Err(format!(
                "it has a finding from the rule `{}`, which it does not list",
                one_line(&finding.rule, 80)
            ));
        };
        // Before rolecall recorded what it carried, it opened an alert for each of these.
        if (finding.verdict == Verdict::Fail || !records)
            && !not_written.contains(&finding.fingerprint)
        {
            open.push(OpenFinding {
                rule: rule.clone(),
                severity: finding.severity,
                message: finding.message,
                resource: finding.resource,
                fingerprint: finding.fingerprint,
                checked_at: account.collected_at.as_deref().map(|time| one_line(time, 40)),
            });
        }
    }
    let carried = account.carried.unwrap_or_default();
    for carried in carried {
        open.push(carried.try_into()?);
    }
    let mut never_checked: Vec<NeverChecked> =
        account.never_checked.into_iter().map(NeverChecked::from).collect();
    if !records {
        for gap in account.gaps {
            match gap.unknown {
                Extent1::Account => drop(unlisted.insert(Part::Account)),
                Extent1::Regions => {
                    unlisted.insert(Part::OtherRegions(account.regions.clone()));
                }
                Extent1::List { kind } => drop(unlisted.insert(Part::List(kind, gap.region))),
                Extent1::Facts => {}
            }
        }
        if !account.entered {
            unlisted = BTreeSet::from([Part::Account]);
        }
        let rules: BTreeSet<String> = oldest.values().cloned().collect();
        never_checked
            .extend(unlisted.into_iter().map(|part| NeverChecked { part, rules: rules.clone() }));
    }
    Ok(EarlierAccount {
        partition: account.partition,
        regions: account.regions,
        open,
        never_checked,
    })
}
