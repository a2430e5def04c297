//! Reads JSON reports of earlier runs, account by account.
//!
//! Findings are dropped while reading unless the reader wants them, and messages are truncated, so
//! memory grows only with the number of open findings. The file is untrusted: ids and fingerprints
//! are checked. Keys can be in any order, as after `jq --sort-keys`.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::seen::Seen;
use super::unusable::{
    WRITTEN_WITH, io_reason, not_a_report, of_plan, other_content, wrong_version,
};
use crate::model::text::one_line;
use crate::model::{
    AccountId, Fingerprint, Partition, Place, Region, ResourceRef, Severity, Verdict, Waived,
    describe_serde_error, parse_date,
};
use crate::report::{NeverChecked, OpenFinding, OpenGroup, Part};

/// Why an earlier report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be opened or read.
    #[error("cannot read report `{path}`: {reason}", path = path.display(), reason = io_reason(error, ", or --baseline none if code scanning has no alerts yet"))]
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

/// A JSON v1 report, without what nobody needs to compare it.
#[derive(Debug)]
pub(super) struct ReadReport {
    pub tool: String,
    pub selection: Option<String>,
    pub narrowed_by: Vec<String>,
    pub category: Option<String>,
    pub code_locations: bool,
    pub fail_on: Option<Severity>,
    pub rules: Vec<ReadRule>,
    pub accounts: Vec<ReadAccount>,
    /// How many findings passed or were skipped, according to its summary.
    pub decided: Option<usize>,
    pub knows_all_accounts: bool,
    pub absent_accounts: Vec<ReadAbsent>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadRule {
    pub id: String,
    pub oldest_id: String,
    #[serde(default)]
    pub tags: Vec<String>,
}

#[derive(Debug)]
pub(super) struct ReadAccount {
    pub account: AccountId,
    pub name: Option<String>,
    pub partition: Partition,
    pub collected_at: Option<String>,
    pub entered: bool,
    pub complete: bool,
    pub regions: BTreeSet<Region>,
    pub gaps: Vec<ReadGap>,
    /// `None` in reports of rolecall before it recorded what it carried.
    pub carried: Option<Vec<OpenFinding>>,
    pub open_groups: Vec<OpenGroup>,
    pub never_checked: Vec<NeverChecked>,
    /// Failures that exceeded GitHub's limit.
    pub not_written: BTreeSet<Fingerprint>,
    pub findings: Vec<ReadFinding>,
    /// All of them, also those that were dropped.
    pub seen: Seen,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadAbsent {
    pub account: AccountId,
    #[serde(default)]
    pub name: Option<String>,
    pub partition: Partition,
    #[serde(deserialize_with = "open_findings")]
    pub carried: Vec<OpenFinding>,
    #[serde(default, deserialize_with = "open_groups")]
    pub open_groups: Vec<OpenGroup>,
    #[serde(deserialize_with = "never_checked")]
    pub never_checked: Vec<NeverChecked>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadGap {
    pub region: Region,
    #[serde(default)]
    pub call: String,
    #[serde(default)]
    pub code: String,
    pub unknown: ReadExtent,
    #[serde(default)]
    pub accepted: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(super) enum ReadExtent {
    Account,
    Regions,
    List {
        kind: String,
    },
    #[serde(other)]
    Facts,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadFinding {
    pub rule: String,
    pub severity: Severity,
    pub verdict: Verdict,
    #[serde(default)]
    pub message: String,
    pub resource: ResourceRef,
    pub fingerprint: Fingerprint,
    /// The waiver that applied to it. What it says is moved to `terms`.
    #[serde(default)]
    pub waived: Option<ReadWaived>,
    /// Where code declared the cause.
    #[serde(default, deserialize_with = "place")]
    pub source: Option<Box<Place>>,
    /// What this waiver says, if its last day is known. Findings share it.
    #[serde(skip)]
    pub terms: Option<Arc<Waived>>,
}

/// A waiver in a report. A report of another version may not have all of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReadWaived {
    reason: Option<String>,
    owner: Option<String>,
    expires: Option<String>,
    ticket: Option<String>,
    file: Option<String>,
    line: Option<usize>,
}

impl ReadWaived {
    /// What it says; `None` if its last day is missing.
    fn terms(&self) -> Option<Waived> {
        let short = |text: &Option<String>, max| one_line(text.as_deref().unwrap_or_default(), max);
        Some(Waived {
            reason: short(&self.reason, 500),
            owner: short(&self.owner, 200),
            expires: parse_date(self.expires.as_deref()?)?,
            ticket: self.ticket.as_ref().map(|ticket| one_line(ticket, 200)),
            file: short(&self.file, 300),
            line: self.line.unwrap_or_default(),
        })
    }
}

impl ReadFinding {
    /// Whether it needs attention: it fails, or could not be checked.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Error)
    }
}

/// Decides which findings to keep.
pub(super) type Keep<'a> = &'a dyn Fn(&ReadFinding) -> bool;

/// What is wrong with a report, without its path.
#[derive(Debug)]
pub(super) enum ReadError {
    Io(io::Error),
    Unusable(String),
}

impl ReadError {
    /// The error for a baseline.
    pub(super) fn at(self, path: &Path) -> BaselineError {
        let path = path.to_owned();
        match self {
            Self::Io(error) => BaselineError::Io { path, error },
            Self::Unusable(reason) => BaselineError::Unusable { path, reason },
        }
    }
}

/// Reads a report.
pub(super) fn read(path: &Path, keep: Keep<'_>) -> Result<ReadReport, ReadError> {
    let file = File::open(path).map_err(ReadError::Io)?;
    if let Some(reason) = file.metadata().ok().and_then(|found| not_a_report(path, &found)) {
        return Err(ReadError::Unusable(reason));
    }
    read_from(file, keep).map_err(|error| match error {
        // What it is says more than the first key that is missing.
        ReadError::Unusable(reason) => ReadError::Unusable(other_content(path).unwrap_or(reason)),
        other => other,
    })
}

/// Reads a report from a stream.
pub(super) fn read_from(from: impl Read, keep: Keep<'_>) -> Result<ReadReport, ReadError> {
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, from));
    ReportSeed(keep)
        .deserialize(&mut reader)
        .and_then(|report| reader.end().map(|()| report))
        .map_err(|error| {
            let reason = match error.classify() {
                Category::Io => return ReadError::Io(error.into()),
                Category::Data => {
                    let text = error.to_string();
                    let reason = text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
                    if let Some(version) = reason.strip_prefix(OTHER_VERSION) {
                        return ReadError::Unusable(wrong_version(version));
                    }
                    if reason == OF_PLAN {
                        return ReadError::Unusable(of_plan());
                    }
                    let reason = one_line(&describe_serde_error(reason), 200);
                    format!("it is not a valid rolecall JSON report ({reason})")
                }
                Category::Eof => "it is not a rolecall JSON report, or it was truncated".to_owned(),
                Category::Syntax => "it is not a rolecall JSON report".to_owned(),
            };
            ReadError::Unusable(format!("{reason}; use a report {WRITTEN_WITH}"))
        })
}

const OTHER_VERSION: &str = "version ";

/// The error of a report that is not of what exists.
const OF_PLAN: &str = "origin plan";

struct ReportSeed<'a>(Keep<'a>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum ReportKey {
    Version,
    Origin,
    Tool,
    Selection,
    FailOn,
    Rules,
    Accounts,
    KnowsAllAccounts,
    AbsentAccounts,
    Summary,
    #[serde(other)]
    Other,
}

/// Sets a value once.
fn set<T, E: de::Error>(slot: &mut Option<T>, key: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(key)),
    }
}

fn required<T, E: de::Error>(slot: Option<T>, key: &'static str) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(key))
}

impl<'de> DeserializeSeed<'de> for ReportSeed<'_> {
    type Value = ReadReport;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ReadReport, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReportSeed<'_> {
    type Value = ReadReport;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReadReport, A::Error> {
        #[derive(Deserialize)]
        struct Selection {
            #[serde(default)]
            name: Option<String>,
            #[serde(default)]
            narrowed_by: Vec<String>,
            #[serde(default)]
            category: Option<String>,
            #[serde(default)]
            code_locations: bool,
        }
        #[derive(Deserialize)]
        struct Tool {
            name: String,
            #[serde(default)]
            version: String,
        }
        #[derive(Deserialize)]
        struct Summary {
            verdicts: Option<Verdicts>,
        }
        #[derive(Deserialize)]
        struct Verdicts {
            pass: usize,
            skip: usize,
        }
        let (mut version, mut selection, mut rules, mut accounts) = (None, None, None, None);
        let mut summary = None;
        let (mut tool, mut fail_on, mut knows_all_accounts, mut absent) = (None, None, None, None);
        while let Some(key) = map.next_key()? {
            match key {
                ReportKey::Version => {
                    let found: String = map.next_value()?;
                    if found != "1" {
                        return Err(de::Error::custom(format_args!("{OTHER_VERSION}{found}")));
                    }
                    set(&mut version, "version", ())?;
                }
                ReportKey::Origin => {
                    let found: Option<String> = map.next_value()?;
                    if found.is_some() {
                        return Err(de::Error::custom(OF_PLAN));
                    }
                }
                ReportKey::Tool => set(&mut tool, "tool", map.next_value::<Tool>()?)?,
                ReportKey::Selection => {
                    set(&mut selection, "selection", map.next_value::<Selection>()?)?;
                }
                ReportKey::FailOn => {
                    set(&mut fail_on, "fail_on", map.next_value::<Option<Severity>>()?)?;
                }
                ReportKey::Rules => set(&mut rules, "rules", map.next_value()?)?,
                ReportKey::Accounts => {
                    let read = map.next_value_seed(AccountsSeed(self.0))?;
                    set(&mut accounts, "accounts", read)?;
                }
                ReportKey::KnowsAllAccounts => {
                    set(&mut knows_all_accounts, "knows_all_accounts", map.next_value()?)?;
                }
                ReportKey::AbsentAccounts => {
                    set(&mut absent, "absent_accounts", map.next_value()?)?;
                }
                ReportKey::Summary => {
                    set(&mut summary, "summary", map.next_value::<Option<Summary>>()?)?;
                }
                ReportKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        required(version, "version")?;
        let verdicts = summary.flatten().and_then(|summary| summary.verdicts);
        let Selection { name, narrowed_by, category, code_locations } =
            required(selection, "selection")?;
        let tool = tool.map(|tool| format!("{} {}", tool.name, tool.version));
        Ok(ReadReport {
            tool: one_line(tool.unwrap_or_default().trim(), 80),
            selection: name.map(|name| one_line(&name, 80)),
            narrowed_by: narrowed_by.iter().map(|filter| one_line(filter, 200)).collect(),
            category: category.map(|category| one_line(&category, 200)),
            code_locations,
            fail_on: fail_on.flatten(),
            rules: required(rules, "rules")?,
            accounts: required(accounts, "accounts")?,
            decided: verdicts.map(|of| of.pass.saturating_add(of.skip)),
            knows_all_accounts: knows_all_accounts.unwrap_or_default(),
            absent_accounts: absent.unwrap_or_default(),
        })
    }
}

struct AccountsSeed<'a>(Keep<'a>);

impl<'de> DeserializeSeed<'de> for AccountsSeed<'_> {
    type Value = Vec<ReadAccount>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AccountsSeed<'_> {
    type Value = Vec<ReadAccount>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of accounts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut accounts = Vec::new();
        while let Some(account) = seq.next_element_seed(AccountSeed(self.0))? {
            accounts.push(account);
        }
        Ok(accounts)
    }
}

struct AccountSeed<'a>(Keep<'a>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum AccountKey {
    Account,
    Name,
    Partition,
    CollectedAt,
    Entered,
    Complete,
    Regions,
    Gaps,
    Carried,
    OpenGroups,
    NeverChecked,
    CodeScanning,
    Findings,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for AccountSeed<'_> {
    type Value = ReadAccount;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ReadAccount, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AccountSeed<'_> {
    type Value = ReadAccount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReadAccount, A::Error> {
        let (mut account, mut name, mut partition, mut collected_at) = (None, None, None, None);
        let (mut entered, mut complete, mut regions, mut gaps) = (None, None, None, None);
        let (mut carried, mut never, mut findings, mut categories) = (None, None, None, None);
        let mut groups = None;
        while let Some(key) = map.next_key()? {
            match key {
                AccountKey::Account => set(&mut account, "account", map.next_value()?)?,
                AccountKey::Name => set(&mut name, "name", map.next_value::<Option<String>>()?)?,
                AccountKey::Partition => set(&mut partition, "partition", map.next_value()?)?,
                AccountKey::CollectedAt => {
                    let time: Option<String> = map.next_value()?;
                    set(&mut collected_at, "collected_at", time)?;
                }
                AccountKey::Entered => set(&mut entered, "entered", map.next_value()?)?,
                AccountKey::Complete => set(&mut complete, "complete", map.next_value()?)?,
                AccountKey::Regions => set(&mut regions, "regions", map.next_value()?)?,
                AccountKey::Gaps => set(&mut gaps, "gaps", map.next_value()?)?,
                AccountKey::Carried => {
                    set(&mut carried, "carried", map.next_value::<Opens>()?.0)?;
                }
                AccountKey::OpenGroups => {
                    set(&mut groups, "open_groups", map.next_value::<Groups>()?.0)?;
                }
                AccountKey::NeverChecked => {
                    set(&mut never, "never_checked", map.next_value::<Never>()?.0)?;
                }
                AccountKey::CodeScanning => {
                    set(&mut categories, "code_scanning", map.next_value::<Vec<ReadCategory>>()?)?;
                }
                AccountKey::Findings => {
                    let read = map.next_value_seed(FindingsSeed(self.0))?;
                    set(&mut findings, "findings", read)?;
                }
                AccountKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let short = |text: Option<Option<String>>, max| text.flatten().map(|t| one_line(&t, max));
        let entered = required(entered, "entered")?;
        let (findings, seen) = required(findings, "findings")?;
        Ok(ReadAccount {
            account: required(account, "account")?,
            name: short(name, 200),
            partition: required(partition, "partition")?,
            collected_at: short(collected_at, 40),
            entered,
            complete: complete.unwrap_or(entered),
            regions: regions.unwrap_or_default(),
            gaps: required(gaps, "gaps")?,
            carried,
            open_groups: groups.unwrap_or_default(),
            never_checked: never.unwrap_or_default(),
            not_written: categories
                .into_iter()
                .flatten()
                .flat_map(|category| category.not_written)
                .collect(),
            findings,
            seen,
        })
    }
}

#[derive(Deserialize)]
struct ReadCategory {
    #[serde(default)]
    not_written: BTreeSet<Fingerprint>,
}

/// Keeps some findings and drops the rest while reading.
struct FindingsSeed<'a>(Keep<'a>);

impl<'de> DeserializeSeed<'de> for FindingsSeed<'_> {
    type Value = (Vec<ReadFinding>, Seen);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FindingsSeed<'_> {
    type Value = (Vec<ReadFinding>, Seen);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut kept, mut seen) = (Vec::new(), Seen::default());
        let mut waivers: HashSet<Arc<Waived>> = HashSet::new();
        while let Some(mut finding) = seq.next_element::<ReadFinding>()? {
            let ReadFinding { verdict, message, resource, fingerprint, .. } = &finding;
            seen.add(*verdict, message, resource, fingerprint);
            if (self.0)(&finding) {
                finding.message = one_line(&finding.message, 500);
                if let Some(waived) = finding.waived.take() {
                    finding.terms = waived.terms().map(|terms| match waivers.get(&terms) {
                        Some(known) => Arc::clone(known),
                        None => {
                            let terms = Arc::new(terms);
                            waivers.insert(Arc::clone(&terms));
                            terms
                        }
                    });
                    finding.waived = Some(ReadWaived::default());
                }
                kept.push(finding);
            }
        }
        seen.sort();
        Ok((kept, seen))
    }
}

#[derive(Deserialize)]
struct ReadOpen {
    rule: String,
    severity: Severity,
    #[serde(default)]
    message: String,
    resource: ResourceRef,
    fingerprint: Fingerprint,
    checked_at: Option<String>,
    #[serde(default = "failed")]
    failed: bool,
    #[serde(default)]
    waived: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "place")]
    source: Option<Box<Place>>,
}

/// Reports that do not say so carry failures.
fn failed() -> bool {
    true
}

impl From<ReadOpen> for OpenFinding {
    fn from(open: ReadOpen) -> Self {
        Self {
            rule: open.rule,
            severity: open.severity,
            message: one_line(&open.message, 500),
            resource: open.resource,
            fingerprint: open.fingerprint,
            checked_at: open.checked_at.map(|time| one_line(&time, 40)),
            failed: open.failed,
            waived: open.waived.is_some(),
            source: open.source,
        }
    }
}

#[derive(Deserialize)]
struct Opens(#[serde(deserialize_with = "open_findings")] Vec<OpenFinding>);

fn open_findings<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<OpenFinding>, D::Error> {
    let read: Vec<ReadOpen> = Deserialize::deserialize(from)?;
    Ok(read.into_iter().map(OpenFinding::from).collect())
}

#[derive(Deserialize)]
struct ReadGroup {
    #[serde(flatten)]
    alert: ReadOpen,
    #[serde(default)]
    failures: usize,
    members: BTreeSet<Fingerprint>,
}

#[derive(Deserialize)]
struct Groups(#[serde(deserialize_with = "open_groups")] Vec<OpenGroup>);

fn open_groups<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<OpenGroup>, D::Error> {
    let read: Vec<ReadGroup> = Deserialize::deserialize(from)?;
    let groups = read.into_iter().map(|ReadGroup { alert, failures, members }| OpenGroup {
        alert: alert.into(),
        failures,
        members,
        failing: Vec::new(),
    });
    Ok(groups.collect())
}

#[derive(Deserialize)]
struct ReadNever {
    #[serde(flatten)]
    part: ReadPart,
    rules: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
enum ReadPart {
    Account,
    OtherRegions { scanned: BTreeSet<Region> },
    List { kind: String, region: Region },
    Resource { resource: ResourceRef },
}

impl From<ReadNever> for NeverChecked {
    fn from(never: ReadNever) -> Self {
        let part = match never.part {
            ReadPart::Account => Part::Account,
            ReadPart::OtherRegions { scanned } => Part::OtherRegions(scanned),
            ReadPart::List { kind, region } => Part::List(kind, region),
            ReadPart::Resource { resource } => Part::Resource(resource),
        };
        Self { part, rules: never.rules }
    }
}

#[derive(Deserialize)]
struct Never(#[serde(deserialize_with = "never_checked")] Vec<NeverChecked>);

fn never_checked<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<NeverChecked>, D::Error> {
    let read: Vec<ReadNever> = Deserialize::deserialize(from)?;
    Ok(read.into_iter().map(NeverChecked::from).collect())
}

/// A place in code. One that cannot be a file of a repository is dropped: it would become a path in
/// reports.
fn place<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<Place>>, D::Error> {
    let place: Option<Box<Place>> = Deserialize::deserialize(from)?;
    Ok(place.filter(|place| place.is_valid()))
}
