//! SARIF 2.1.0 with everything, for viewers and archives other than GitHub: one run with a result for
//! every verdict, suppressions, states against the baseline, frameworks as taxonomies, and a
//! notification for everything that could not be read.
//!
//! Results are written as accounts come; notifications go to a temporary file until the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Seek, SeekFrom, Write};

use serde_json::{Map, Value, json};
use serde_sarif::sarif::{
    Message, PropertyBag, ReportingDescriptor, Result as SarifResult, ResultKind, ResultLevel,
};
use tempfile::SpooledTempFile;

use super::{location, message, rules};
use crate::model::text::one_line;
use crate::model::{COULD_NOT_CHECK, Extent, Finding, Severity, State, Verdict, counted};
use crate::output::closing::{closing, exit_code};
use crate::output::console;
use crate::output::document::Document;
use crate::output::escape::write_json;
use crate::output::notice::Notice;
use crate::output::objects::object;
use crate::output::words::{cause, earlier_sentence, stale_waiver, waived, what_became};
use crate::report::{
    AccountReport, FrameworkInfo, Open, OpenFinding, ReportedGap, RuleInfo, RuleOrigin, RunInfo,
    Summary,
};

/// Bytes of notifications that are kept in memory.
const SPOOL: usize = 1024 * 1024;
/// The key of our fingerprint.
const FINGERPRINT: &str = "rolecall/v1";

/// The SARIF report with everything.
#[derive(Debug)]
pub struct SarifFull {
    results: usize,
    notifications: SpooledTempFile,
    notified: usize,
    /// When the first and the last account were collected.
    collected: Option<(String, String)>,
    /// Positions of rules by their id, and their oldest ids, which results refer to.
    rules: HashMap<String, usize>,
    oldest: Vec<String>,
}

impl Default for SarifFull {
    fn default() -> Self {
        Self {
            results: 0,
            notifications: SpooledTempFile::new(SPOOL),
            notified: 0,
            collected: None,
            rules: HashMap::new(),
            oldest: Vec::new(),
        }
    }
}

/// Untrusted text as a message.
fn text(text: &str, max: usize) -> Value {
    json!({ "text": message::plain(&one_line(text, max)) })
}

/// How important a finding is, from 0 to 100.
fn rank(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 95.0,
        Severity::High => 80.0,
        Severity::Medium => 55.0,
        Severity::Low => 20.0,
        Severity::Info => 0.0,
    }
}

/// A reference to the requirement of a framework.
fn requirement(framework: usize, id: &str) -> Value {
    json!({ "id": id, "toolComponent": { "index": framework } })
}

/// A rule with all its tags and settings, and the requirements that it checks.
fn rule(run: &RunInfo, rule: &RuleInfo) -> ReportingDescriptor {
    let mut descriptor = rules::descriptor(rule);
    let origin = match &rule.origin {
        RuleOrigin::BuiltIn => "built-in".to_owned(),
        RuleOrigin::Folder { folder, .. } => folder.clone(),
    };
    let more = object([
        ("id", rule.id.as_str().into()),
        ("kind", rule.kind.as_str().into()),
        ("severity", rule.severity.as_str().into()),
        ("default-severity", rule.default_severity.as_str().into()),
        ("parameters", Value::Object(rule.params.clone())),
        ("file", rule.path.as_str().into()),
        ("origin", origin.into()),
        ("sha256", rule.sha256.as_str().into()),
        ("fixable", rule.is_fixable.into()),
    ]);
    let properties = descriptor.properties.get_or_insert_with(|| PropertyBag::builder().build());
    let mut seen = BTreeSet::new();
    let tags = std::iter::once("security").chain(rule.tags.iter().map(String::as_str));
    let tags = tags.map(|tag| one_line(tag.trim(), 200));
    properties.tags =
        Some(tags.filter(|tag| !tag.is_empty() && seen.insert(tag.clone())).collect());
    if let Value::Object(more) = more {
        properties.additional_properties.extend(more);
    }
    let checked = run.frameworks.iter().enumerate().flat_map(|(index, framework)| {
        let all = framework.requirements.iter();
        let checked = all.filter(|one| one.rules.contains(&rule.id));
        checked
            .map(move |one| json!({ "target": requirement(index, &one.id), "kinds": ["relevant"] }))
    });
    let checked: Vec<Value> = checked.collect();
    // The values have the form of the type, so that reading them back cannot fail.
    let checked = serde_json::from_value(Value::Array(checked)).unwrap_or_default();
    descriptor.relationships = Some(checked).filter(|list: &Vec<_>| !list.is_empty());
    descriptor
}

/// A framework as a taxonomy.
fn taxonomy(framework: &FrameworkInfo) -> Value {
    let taxa = framework.requirements.iter().map(|requirement| {
        let open = match &requirement.open {
            Some(Open::NotDecidable(why) | Open::NotCovered(why)) => Some(one_line(why, 1_000)),
            None => None,
        };
        object([
            ("id", requirement.id.as_str().into()),
            ("name", one_line(&requirement.title, rules::NAME_MAX).into()),
            ("shortDescription", text(&requirement.title, rules::DESCRIPTION_MAX)),
            (
                "properties",
                object([
                    ("rules", requirement.rules.iter().map(String::as_str).collect()),
                    ("note", requirement.note.as_deref().map(|note| one_line(note, 1_000)).into()),
                    ("not-checked", open.into()),
                ]),
            ),
        ])
    });
    let taxa: Vec<Value> = taxa.collect();
    object([
        ("name", one_line(&framework.id, rules::NAME_MAX).into()),
        ("fullName", one_line(&format!("{} {}", framework.name, framework.version), 300).into()),
        ("version", one_line(&framework.version, 100).into()),
        ("informationUri", rules::link(&framework.url).into()),
        ("isComprehensive", false.into()),
        ("shortDescription", text(&framework.name, rules::DESCRIPTION_MAX)),
        ("taxa", taxa.into()),
    ])
}

/// The state against the baseline.
fn baseline_state(state: Option<State>) -> Option<Value> {
    let name = match state? {
        State::New => "new",
        State::Unchanged => "unchanged",
        State::Fixed | State::UnknownNow => "updated",
    };
    Some(name.into())
}

impl SarifFull {
    fn write_result(&mut self, out: &mut dyn Write, result: &SarifResult) -> io::Result<()> {
        out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
        self.results += 1;
        write_json(out, result)
    }

    fn finding(&self, report: &AccountReport, finding: &Finding) -> SarifResult {
        let kind = match finding.verdict {
            Verdict::Fail => ResultKind::Fail,
            Verdict::Pass => ResultKind::Pass,
            Verdict::Skip => ResultKind::NotApplicable,
            Verdict::Unknown => ResultKind::Review,
            Verdict::Error => ResultKind::Open,
        };
        let failed = finding.verdict == Verdict::Fail;
        let level = if failed { rules::level(finding.severity) } else { ResultLevel::None };
        let mut result = SarifResult::builder()
            .kind(kind)
            .level(level)
            .rank(rank(finding.severity))
            .message(Message::builder().text(message::of_finding(finding, report, true)).build())
            .locations(vec![location::resource(&report.account, &finding.resource)])
            .fingerprints(BTreeMap::from([(
                FINGERPRINT.to_owned(),
                finding.fingerprint.to_string(),
            )]))
            .build();
        let index = self.rules.get(&*finding.rule).copied();
        let oldest = index.and_then(|index| self.oldest.get(index)).map(String::as_str);
        result.rule_id = Some(oldest.unwrap_or(&finding.rule).to_owned());
        result.rule_index = index.and_then(|index| i64::try_from(index).ok());
        result.baseline_state = baseline_state(finding.state);
        result.hosted_viewer_uri = console::url(&report.partition, &finding.resource);
        result.related_locations = finding.place().map(location::related);
        let suppressions = suppressions(finding);
        // An empty list says that it is not suppressed.
        result.suppressions = serde_json::from_value(Value::Array(suppressions)).ok();
        let properties = object([
            ("verdict", finding.verdict.as_str().into()),
            ("state", finding.state.map(State::as_str).into()),
            ("message", (*finding.message).into()),
            ("evidence", finding.evidence.to_vec().into()),
            ("causes", finding.causes.iter().map(|one| one_line(&cause(one), 1_000)).collect()),
            ("accepted", finding.accepted.as_deref().into()),
            ("source-address", finding.place().map(|place| place.address.as_str()).into()),
        ]);
        result.properties =
            Some(properties_of(report, &finding.resource, finding.severity, properties));
        result
    }

    /// A finding of the baseline that is not among the findings of this run.
    fn earlier(&self, report: &AccountReport, open: &OpenFinding, state: State) -> SarifResult {
        let (kind, baseline) = match state {
            State::Fixed => (ResultKind::NotApplicable, "absent"),
            _ => (ResultKind::Review, "updated"),
        };
        let index = self.oldest.iter().position(|oldest| *oldest == open.rule);
        let what = earlier_sentence(report.label(), open, what_became(state));
        let mut result = SarifResult::builder()
            .kind(kind)
            .level(ResultLevel::None)
            .rank(rank(open.severity))
            .message(Message::builder().text(message::plain(&one_line(&what, 2_000))).build())
            .locations(vec![location::resource(&report.account, &open.resource)])
            .fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), open.fingerprint.to_string())]))
            .baseline_state(json!(baseline))
            .build();
        result.rule_id = Some(open.rule.clone());
        result.rule_index = index.and_then(|index| i64::try_from(index).ok());
        let properties = object([
            ("state", state.as_str().into()),
            ("checked-at", open.checked_at.as_deref().into()),
            ("waived", open.waived.then_some(true).into()),
        ]);
        // The terms of the waiver are those of the baseline.
        let suppressed = open.waived && state == State::UnknownNow;
        let waived = json!({ "kind": "external", "status": "accepted", "justification": "waived when it was last checked" });
        let suppressions = Value::Array(suppressed.then_some(waived).into_iter().collect());
        result.suppressions = serde_json::from_value(suppressions).ok();
        result.properties = Some(properties_of(report, &open.resource, open.severity, properties));
        result
    }

    fn notify(&mut self, notification: &Value) -> io::Result<()> {
        self.notifications.write_all(if self.notified == 0 { b"\n" } else { b",\n" })?;
        self.notified += 1;
        write_json(&mut self.notifications, notification)
    }

    fn gap(&mut self, report: &AccountReport, reported: &ReportedGap) -> io::Result<()> {
        let gap = &reported.gap;
        let unknown = match &gap.extent {
            Extent::Account => "nothing is known about the account".to_owned(),
            Extent::Regions => "other regions are not known".to_owned(),
            Extent::List { kind } => format!("no {kind} is known"),
            Extent::Facts { kind, fact, resources } => {
                let number = counted(resources.len(), "resource");
                format!("{fact} of {number} of the type {kind} is not known")
            }
        };
        let said = match gap.cause.message.trim() {
            "" => String::new(),
            said => format!(": {said}"),
        };
        let what =
            format!("{} ({}): {}{said}; {unknown}", report.label(), gap.region, cause(&gap.cause));
        self.notify(&json!({
            "descriptor": { "id": COULD_NOT_CHECK },
            "level": if reported.accepted.is_some() { "note" } else { "error" },
            "message": text(&what, 2_000),
            "properties": object([
                ("account", report.account.as_str().into()),
                ("region", gap.region.as_str().into()),
                ("call", gap.cause.call.as_str().into()),
                ("code", gap.cause.code.as_str().into()),
                ("denied-by", gap.cause.denied_by.map(|by| by.as_str()).into()),
                ("accepted", reported.accepted.as_deref().into()),
                ("extent", serde_json::to_value(&gap.extent).unwrap_or_default()),
            ]),
        }))
    }
}

/// Why a finding is not a problem now.
fn suppressions(finding: &Finding) -> Vec<Value> {
    let waiver = finding.waived.as_deref().map(|terms| {
        json!({
            "kind": "external",
            "status": "accepted",
            "justification": one_line(&format!("waived {}", waived(terms)), 1_000),
            "properties": object([
                ("owner", terms.owner.as_str().into()),
                ("expires", terms.expires.to_string().into()),
                ("ticket", terms.ticket.as_deref().into()),
                ("file", terms.file.as_str().into()),
                ("line", terms.line.into()),
            ]),
        })
    });
    let accepted = finding.accepted.as_ref().map(|reason| {
        json!({
            "kind": "external",
            "status": "accepted",
            "justification": one_line(&format!("accepted gap: {reason}"), 1_000),
        })
    });
    waiver.into_iter().chain(accepted).collect()
}

/// The properties of a result.
fn properties_of(
    report: &AccountReport,
    resource: &crate::model::ResourceRef,
    severity: Severity,
    more: Value,
) -> PropertyBag {
    let common = object([
        ("account", report.account.as_str().into()),
        ("account-name", report.name.as_deref().into()),
        ("partition", report.partition.as_str().into()),
        ("region", resource.region.as_str().into()),
        ("resource-type", (&*resource.kind).into()),
        ("resource-id", resource.id.as_deref().into()),
        ("resource-name", resource.name.as_deref().into()),
        ("resource-arn", resource.arn.as_deref().into()),
        ("severity", severity.as_str().into()),
        (
            "labels",
            report
                .labels
                .iter()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
                .collect::<Map<_, _>>()
                .into(),
        ),
        ("collected-at", report.collected_at.as_deref().into()),
    ]);
    let mut all = BTreeMap::new();
    for part in [common, more] {
        if let Value::Object(fields) = part {
            all.extend(fields);
        }
    }
    let mut properties = PropertyBag::builder().build();
    properties.additional_properties = all;
    properties
}

impl Document for SarifFull {
    fn begin(&mut self, out: &mut dyn Write, run: &RunInfo) -> io::Result<()> {
        let (name, version) = run.tool.split_once(' ').unwrap_or((&run.tool, ""));
        for (index, rule) in run.rules.iter().enumerate() {
            self.rules.insert(rule.id.clone(), index);
            self.oldest.push(rule.oldest().to_owned());
        }
        out.write_all(
            b"{\"version\":\"2.1.0\",\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\"runs\":[{\"tool\":{\"driver\":{\"name\":",
        )?;
        write_json(out, name)?;
        if !version.is_empty() {
            out.write_all(b",\"version\":")?;
            write_json(out, version)?;
            out.write_all(b",\"semanticVersion\":")?;
            write_json(out, version)?;
        }
        out.write_all(b",\"informationUri\":")?;
        write_json(out, env!("CARGO_PKG_REPOSITORY"))?;
        out.write_all(b",\"rules\":[")?;
        for (index, one) in run.rules.iter().enumerate() {
            out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            write_json(out, &rule(run, one))?;
        }
        out.write_all(b"],\"notifications\":[")?;
        write_json(out, &rules::could_not_check())?;
        out.write_all(b"]}},\"automationDetails\":")?;
        // Not a category of the profile for GitHub, so that this file can close no alert there.
        let selection = run.selection.name.as_deref().unwrap_or("selection");
        write_json(out, &json!({ "id": format!("rolecall-full/{}/", one_line(selection, 100)) }))?;
        out.write_all(b",\"taxonomies\":[")?;
        for (index, framework) in run.frameworks.iter().enumerate() {
            out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            write_json(out, &taxonomy(framework))?;
        }
        out.write_all(b"],\"columnKind\":\"unicodeCodePoints\",\"results\":[")
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        if let Some(time) = &report.collected_at {
            let (first, last) =
                self.collected.take().unwrap_or_else(|| (time.clone(), time.clone()));
            self.collected = Some((first.min(time.clone()), last.max(time.clone())));
        }
        for gap in &report.gaps {
            self.gap(report, gap)?;
        }
        for finding in &report.findings {
            let result = self.finding(report, finding);
            self.write_result(out, &result)?;
        }
        for (open, state) in report.earlier() {
            let result = self.earlier(report, open, state);
            self.write_result(out, &result)?;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>> {
        out.write_all(b"],\"invocations\":[{\"executionSuccessful\":")?;
        write_json(out, &!summary.incomplete)?;
        out.write_all(b",\"exitCode\":")?;
        write_json(out, &exit_code(run, summary))?;
        out.write_all(b",\"exitCodeDescription\":")?;
        write_json(out, &closing(run, summary).1)?;
        if let Some((first, last)) = &self.collected {
            out.write_all(b",\"startTimeUtc\":")?;
            write_json(out, first)?;
            out.write_all(b",\"endTimeUtc\":")?;
            write_json(out, last)?;
        }
        out.write_all(b",\"toolExecutionNotifications\":[")?;
        self.notifications.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.notifications, out)?;
        out.write_all(b"],\"toolConfigurationNotifications\":")?;
        let waivers = summary.stale_waivers.iter().map(stale_waiver);
        let gaps = summary.stale_accepted_gaps.iter().map(|gap| {
            format!("the accepted gap matches nothing, so it can be removed ({})", gap.covers)
        });
        let stale = waivers
            .chain(gaps)
            .map(|what| json!({ "level": "warning", "message": text(&what, 1_000) }));
        write_json(out, &stale.collect::<Vec<Value>>())?;
        out.write_all(b"}]}]}\n")?;
        Ok(Vec::new())
    }
}
