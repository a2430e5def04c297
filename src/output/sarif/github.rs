//! One SARIF run per account: its results, their order, and how they are written.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde_sarif::sarif::{
    Message, Result as SarifResult, ResultLevel, RunAutomationDetails, Tool, ToolComponent,
};

use super::{location, message, rules};
use crate::model::{AccountId, Fingerprint, ResourceRef, Severity, Verdict};
use crate::output::error::OutputError;
use crate::output::escape::write_json;
use crate::output::json::EarlierFinding;
use crate::report::{AccountReport, RuleInfo, RunInfo};

/// The only fingerprint key that GitHub reads.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// The source of a result.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    /// A failure, or a resource that could not be evaluated.
    Fresh(&'a crate::model::Finding),
    /// Open in an earlier report, and not checked in this run.
    Carried {
        /// The finding of the earlier report.
        finding: &'a EarlierFinding,
        /// Why it was not checked.
        why: &'a str,
    },
}

impl<'a> Entry<'a> {
    fn resource(self) -> &'a ResourceRef {
        match self {
            Self::Fresh(finding) => &finding.resource,
            Self::Carried { finding, .. } => &finding.resource,
        }
    }

    fn fingerprint(self) -> &'a Fingerprint {
        match self {
            Self::Fresh(finding) => &finding.fingerprint,
            Self::Carried { finding, .. } => &finding.fingerprint,
        }
    }

    fn failed(self) -> bool {
        matches!(self, Self::Fresh(finding) if finding.verdict == Verdict::Fail)
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
    rows: Vec<Row<'a>>,
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
            rules.iter().enumerate().map(|(index, rule)| (rules::id(rule), index)).collect();
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let (index, name) = match entry {
                Entry::Fresh(finding) => (by_id.get(finding.rule.as_str()), &finding.rule),
                Entry::Carried { finding, .. } => {
                    (by_oldest.get(finding.rule.as_str()), &finding.rule)
                }
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
            key(a)
                .cmp(&key(b))
                .then_with(|| a.1.resource().cmp(b.1.resource()))
                .then_with(|| a.1.fingerprint().cmp(b.1.fingerprint()))
        });
        Ok(Self { tool: &run.tool, rules, automation_id, report: Some(report), rows })
    }

    /// A run without results, which closes all alerts of its category.
    pub(super) fn empty(run: &'a RunInfo, automation_id: String) -> Self {
        Self {
            tool: &run.tool,
            rules: rules::sorted(run),
            automation_id,
            report: None,
            rows: Vec::new(),
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
            .rules(self.rules.iter().map(|rule| rules::descriptor(rule)).collect::<Vec<_>>())
            .build();
        if !version.is_empty() {
            driver.semantic_version = Some(version.to_owned());
            driver.version = Some(version.to_owned());
        }
        out.write_all(b"{\"tool\":")?;
        write_json(out, &Tool::builder().driver(driver).build())?;
        out.write_all(b",\"automationDetails\":")?;
        write_json(out, &RunAutomationDetails::builder().id(self.automation_id.as_str()).build())?;
        out.write_all(b",\"columnKind\":\"unicodeCodePoints\",\"results\":[")
    }

    /// One result.
    pub(super) fn write_result(&self, index: usize, out: &mut dyn Write) -> io::Result<()> {
        let (Some(row), Some(report)) = (self.rows.get(index), self.report) else { return Ok(()) };
        let Some(rule) = self.rules.get(row.0) else { return Ok(()) };
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        write_json(out, &result(rule, row, report))
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

fn result(rule: &RuleInfo, row: &Row<'_>, report: &AccountReport) -> SarifResult {
    let entry = row.1;
    let text = match entry {
        Entry::Fresh(finding) => message::of_finding(finding, report),
        Entry::Carried { finding, why } => {
            message::of_carried(&finding.resource, report, why, &finding.message)
        }
    };
    let level = if entry.failed() { rules::level(rule.severity) } else { ResultLevel::Note };
    let hash = BTreeMap::from([(FINGERPRINT.to_owned(), format!("{}:1", entry.fingerprint()))]);
    let index = i64::try_from(row.0).unwrap_or(i64::MAX);
    SarifResult::builder()
        .rule_id(rules::id(rule))
        .rule_index(index)
        .level(level)
        .message(Message::builder().text(text).build())
        .locations(vec![location::resource(&report.account, entry.resource())])
        .related_locations(vec![location::rule(rule)])
        .partial_fingerprints(hash)
        .build()
}
