//! One SARIF run per account: its results, their order, and how they are written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use serde_json::json;
use serde_sarif::sarif::{
    Invocation, Message, Notification, PropertyBag, Result as SarifResult, ResultLevel,
    RunAutomationDetails, Tool, ToolComponent,
};

use super::{location, message, rules};
use crate::model::text::one_line;
use crate::model::{
    AccountId, AlertLocation, COULD_NOT_CHECK, Finding, Fingerprint, Place, ResourceRef, Severity,
    Verdict,
};
use crate::output::error::OutputError;
use crate::output::escape::write_json;
use crate::report::{AccountReport, CouldNotCheck, OpenFinding, OpenGroup, RuleInfo, RunInfo};

/// The only fingerprint key that GitHub reads.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// The source of a result.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    /// A failure, or a resource that could not be evaluated.
    Fresh(&'a crate::model::Finding),
    /// Open in an earlier report, and not checked in this run.
    Carried(&'a OpenFinding),
    /// A group of resources of which some fail, or could not be checked.
    Group(&'a OpenGroup),
    /// What could not be checked.
    Gap(&'a CouldNotCheck<'a>),
}

impl Entry<'_> {
    fn failed(self) -> bool {
        match self {
            Self::Fresh(finding) => finding.verdict == Verdict::Fail,
            Self::Group(group) => !group.failing.is_empty(),
            Self::Carried(_) | Self::Gap(_) => false,
        }
    }

    /// Where code declares the cause.
    fn place(&self) -> Option<&Place> {
        match self {
            Self::Fresh(finding) => finding.place(),
            Self::Carried(open) => open.source.as_deref(),
            Self::Group(_) | Self::Gap(_) => None,
        }
    }

    /// The order within a rule.
    fn key(&self) -> (Option<&ResourceRef>, Option<&Fingerprint>) {
        match self {
            Self::Fresh(finding) => (Some(&finding.resource), Some(&finding.fingerprint)),
            Self::Carried(finding) => (Some(&finding.resource), Some(&finding.fingerprint)),
            Self::Group(OpenGroup { alert, .. }) => {
                (Some(&alert.resource), Some(&alert.fingerprint))
            }
            Self::Gap(_) => (None, None),
        }
    }
}

/// A result to be written: the index of the rule in the run, and the entry.
type Row<'a> = (usize, Entry<'a>);

/// A run to be written.
#[derive(Debug)]
pub(super) struct Run<'a> {
    tool: &'a str,
    rules: Vec<&'a RuleInfo>,
    automation_id: String,
    report: Option<&'a AccountReport>,
    location: AlertLocation,
    /// The findings of resources that do not exist yet: the AWS console has no page for them.
    absent: Option<&'a BTreeSet<Fingerprint>>,
    rows: Vec<Row<'a>>,
    /// What it says besides results.
    notes: &'a [String],
}

impl<'a> Run<'a> {
    /// The run of an account. The most severe results come first, so that limits cut off the least
    /// severe ones.
    pub(super) fn new(
        run: &'a RunInfo,
        report: &'a AccountReport,
        entries: Vec<Entry<'a>>,
        automation_id: String,
    ) -> Result<Self, OutputError> {
        let rules = rules::sorted(run);
        let by_id: HashMap<&str, usize> =
            rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
        let by_oldest: HashMap<&str, usize> =
            rules.iter().enumerate().map(|(index, rule)| (rule.oldest(), index)).collect();
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let (index, name) = match entry {
                Entry::Fresh(finding) => (by_id.get(&*finding.rule), &*finding.rule),
                Entry::Carried(open) => (by_oldest.get(open.rule.as_str()), open.rule.as_str()),
                Entry::Group(group) => {
                    let rule = group.alert.rule.as_str();
                    (by_oldest.get(rule), rule)
                }
                Entry::Gap(_) => (Some(&rules.len()), COULD_NOT_CHECK),
            };
            let index = index.ok_or_else(|| OutputError::UnlistedRule {
                rule: crate::model::text::one_line(name, 80),
            })?;
            rows.push((*index, entry));
        }
        let severity =
            |row: &Row<'_>| rules.get(row.0).map_or(Severity::Info, |rule| rule.severity);
        rows.sort_by(|a, b| {
            let key = |row: &Row<'a>| (severity(row), !row.1.failed(), row.0);
            key(a).cmp(&key(b)).then_with(|| a.1.key().cmp(&b.1.key()))
        });
        let location = AlertLocation::default();
        let (report, absent, notes) = (Some(report), None, &[][..]);
        Ok(Self { tool: &run.tool, rules, automation_id, report, location, absent, rows, notes })
    }

    /// The same with what it says besides results.
    #[must_use]
    pub(super) fn noting(self, notes: &'a [String]) -> Self {
        Self { notes, ..self }
    }

    /// The same with results in other places.
    #[must_use]
    pub(super) fn at(self, location: AlertLocation) -> Self {
        Self { location, ..self }
    }

    /// The same without links to resources that do not exist yet.
    #[must_use]
    pub(super) fn without(self, absent: &'a BTreeSet<Fingerprint>) -> Self {
        Self { absent: Some(absent), ..self }
    }

    /// Puts results whose alert is open first, those that were not checked before all others, so that
    /// limits cut off new ones.
    pub(super) fn open_first(&mut self) {
        let Some(report) = self.report else { return };
        self.rows.sort_by_key(|(_, entry)| match entry {
            _ if !entry.failed() => 0,
            _ => match entry.key() {
                (_, Some(known)) if report.alerts.open_before.contains(known) => 1,
                _ => 2,
            },
        });
    }

    /// A run without results, which closes all alerts of its category.
    pub(super) fn empty(run: &'a RunInfo, automation_id: String) -> Self {
        Self {
            tool: &run.tool,
            rules: rules::sorted(run),
            automation_id,
            report: None,
            location: AlertLocation::default(),
            absent: None,
            rows: Vec::new(),
            notes: &[],
        }
    }

    /// How many results it has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Everything before the first result.
    pub(super) fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        let (name, version) = self.tool.split_once(' ').unwrap_or((self.tool, ""));
        let mut driver = ToolComponent::builder()
            .name(name)
            .rules(
                self.rules
                    .iter()
                    .map(|rule| rules::descriptor(rule))
                    .chain([rules::could_not_check()])
                    .collect::<Vec<_>>(),
            )
            .information_uri(env!("CARGO_PKG_REPOSITORY"))
            .build();
        if !version.is_empty() {
            driver.semantic_version = Some(version.to_owned());
            driver.version = Some(version.to_owned());
        }
        out.write_all(b"{\"tool\":")?;
        write_json(out, &Tool::builder().driver(driver).build())?;
        out.write_all(b",\"automationDetails\":")?;
        write_json(out, &RunAutomationDetails::builder().id(self.automation_id.as_str()).build())?;
        out.write_all(b",\"invocations\":")?;
        write_json(out, &[invocation(self.report, self.notes)])?;
        out.write_all(b",\"columnKind\":\"unicodeCodePoints\",\"results\":[")
    }

    /// One result.
    pub(super) fn write_result(&self, index: usize, out: &mut dyn Write) -> io::Result<()> {
        let (Some(row), Some(report)) = (self.rows.get(index), self.report) else { return Ok(()) };
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        let rule = self.rules.get(row.0).copied();
        if let Some(result) = result(rule, row, report, (self.location, self.absent)) {
            write_json(out, &result)?;
        }
        Ok(())
    }

    /// Everything after the last result.
    pub(super) fn write_tail(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"]}")
    }

    /// The account of the run, for errors.
    pub(super) fn account(&self) -> Option<&AccountId> {
        self.report.map(|report| &report.account)
    }
}

/// When the account was collected. GitHub rejects a run that says it failed, so it never does: what
/// could not be checked is a result.
fn invocation(report: Option<&AccountReport>, notes: &[String]) -> Invocation {
    let mut invocation = Invocation::builder().execution_successful(true).build();
    let time = report.and_then(|report| report.collected_at.clone());
    invocation.start_time_utc = time.clone();
    invocation.end_time_utc = time;
    let notification = |note: &String| {
        let text = message::plain(&one_line(note, 2_000));
        Notification::builder()
            .message(Message::builder().text(text).build())
            .level(json!("error"))
            .build()
    };
    let notifications: Vec<Notification> = notes.iter().map(notification).collect();
    invocation.tool_execution_notifications = Some(notifications).filter(|all| !all.is_empty());
    invocation
}

fn result(
    rule: Option<&RuleInfo>,
    row: &Row<'_>,
    report: &AccountReport,
    (at, absent): (AlertLocation, Option<&BTreeSet<Fingerprint>>),
) -> Option<SarifResult> {
    let exists = |finding: &Finding| absent.is_none_or(|all| !all.contains(&finding.fingerprint));
    let (mut text, mut location, fingerprint) = match row.1 {
        Entry::Fresh(finding) => (
            message::of_finding(finding, report, exists(finding)),
            location::resource(&report.account, &finding.resource),
            finding.fingerprint,
        ),
        Entry::Carried(open) => (
            message::of_carried(open, report),
            location::resource(&report.account, &open.resource),
            open.fingerprint,
        ),
        Entry::Group(group) => (
            message::of_group(group, report),
            location::resource(&report.account, &group.alert.resource),
            group.alert.fingerprint,
        ),
        Entry::Gap(gap) => (
            message::of_gap(gap, report),
            location::gap(&report.account, gap),
            rules::gap_fingerprint(gap, report),
        ),
    };
    let place = row.1.place().filter(|_| at != AlertLocation::Resource);
    if let Some(place) = place {
        text.push_str(&message::of_place(place));
        if at == AlertLocation::Code {
            location.physical_location = Some(location::code(place));
        }
    }
    let failed = row.1.failed();
    let level = match rule {
        Some(rule) if failed => rules::level(rule.severity),
        _ => ResultLevel::Note,
    };
    let hash = BTreeMap::from([(FINGERPRINT.to_owned(), format!("{fingerprint}:1"))]);
    let index = i64::try_from(row.0).unwrap_or(i64::MAX);
    let mut result = SarifResult::builder()
        .rule_id(rule.map_or(COULD_NOT_CHECK, RuleInfo::oldest))
        .rule_index(index)
        .level(level)
        .message(Message::builder().text(text).build())
        .locations(vec![location])
        .partial_fingerprints(hash)
        .build();
    result.related_locations = rule.map(|rule| {
        let members = match row.1 {
            Entry::Group(group) => message::shown(group, report),
            _ => Vec::new(),
        };
        let members = members.into_iter().map(|member| location::member(&report.account, member));
        let code = place.into_iter().flat_map(location::related);
        code.chain([location::rule(rule)]).chain(members).collect()
    });
    if !failed {
        result.properties =
            Some(PropertyBag::builder().tags(vec![COULD_NOT_CHECK.to_owned()]).build());
    }
    Some(result)
}
