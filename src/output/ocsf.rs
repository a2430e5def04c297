//! OCSF 1.8: one Compliance Finding (class 2003) per line.
//!
//! Every finding is an event, also a pass. Findings of the baseline that no longer exist or were not
//! checked again are events, too, so that a reader can close them or knows that they are open.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::document::Document;
use super::escape::{json_line, write_json};
use super::notice::Notice;
use super::objects::object;
use super::rule_texts::AllRuleTexts;
use super::words::{cause, earlier_sentence, outcome, sentence, waived, what_became};
use crate::model::text::one_line;
use crate::model::{Finding, Fingerprint, ResourceRef, Severity, State, Verdict};
use crate::report::{AccountReport, OpenFinding, RuleInfo, RunInfo, Summary};

/// The version of the schema.
const VERSION: &str = "1.8.0";
/// The class Compliance Finding.
const CLASS: u32 = 2003;
/// Longest text of our own, in characters.
const TEXT_MAX: usize = 2_000;

/// The OCSF report.
#[derive(Debug)]
pub struct Ocsf {
    written_at: Timestamp,
    texts: AllRuleTexts,
}

/// A number of an enumeration, and its caption.
type Named = (u8, &'static str);

/// What an event is about.
#[derive(Debug)]
struct Event<'a> {
    rule: Option<&'a RuleInfo>,
    /// The oldest id of the rule, if the rule is not part of the run.
    rule_id: &'a str,
    severity: Severity,
    resource: &'a ResourceRef,
    fingerprint: Fingerprint,
    message: String,
    activity: Named,
    status: Named,
    compliance: Named,
    details: Vec<String>,
    code: Value,
    comment: Option<String>,
    evidence: Vec<Value>,
    unmapped: Value,
}

fn severity(severity: Severity) -> Named {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

const CREATE: Named = (1, "Create");
const UPDATE: Named = (2, "Update");
const CLOSE: Named = (3, "Close");
const NEW: Named = (1, "New");
const SUPPRESSED: Named = (3, "Suppressed");
const RESOLVED: Named = (4, "Resolved");
const PASS: Named = (1, "Pass");
const WARNING: Named = (2, "Warning");
const FAIL: Named = (3, "Fail");

/// Milliseconds since 1970.
fn milliseconds(time: Option<&str>) -> Option<i64> {
    time?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

impl Ocsf {
    /// A report. `written_at` is the time of events of accounts that were not collected.
    pub fn new(written_at: Timestamp) -> Self {
        Self { written_at, texts: AllRuleTexts::default() }
    }

    fn write(
        &self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
        event: Event<'_>,
    ) -> io::Result<()> {
        let collected_at = milliseconds(report.collected_at.as_deref());
        let time = collected_at.unwrap_or_else(|| self.written_at.as_millisecond());
        let (product, version) = run.tool.split_once(' ').unwrap_or((&run.tool, ""));
        let texts = self.texts.of(event.rule.map_or(event.rule_id, RuleInfo::oldest));
        let rule_id = event.rule.map_or(event.rule_id, |rule| rule.id.as_str());
        let title = event.rule.map_or(rule_id, |rule| rule.title.as_str());
        let native = severity(event.severity);
        // A resource that passes is not a problem, however severe a failure would be.
        let shown = match event.compliance {
            PASS | (99, _) => severity(Severity::Info),
            _ => native,
        };
        let resource = event.resource;
        let region = (!resource.region.is_global()).then(|| resource.region.as_str());
        let help = event.rule.and_then(|rule| rule.help_uri.as_deref());
        let params = event.rule.map(|rule| &rule.params).into_iter().flatten();
        let params: Vec<Value> = params
            .map(|(name, value)| json!({ "name": name, "value": json_line(value) }))
            .collect();
        let fix =
            texts.map(|texts| texts.how_to_fix_of(&report.account, resource, &event.evidence));
        let value = object([
            ("activity_id", event.activity.0.into()),
            ("activity_name", event.activity.1.into()),
            ("category_name", "Findings".into()),
            ("category_uid", 2.into()),
            ("class_name", "Compliance Finding".into()),
            ("class_uid", CLASS.into()),
            ("type_name", format!("Compliance Finding: {}", event.activity.1).into()),
            ("type_uid", (CLASS * 100 + u32::from(event.activity.0)).into()),
            ("time", time.into()),
            ("severity", shown.1.into()),
            ("severity_id", shown.0.into()),
            ("status", event.status.1.into()),
            ("status_id", event.status.0.into()),
            ("message", one_line(&event.message, TEXT_MAX).into()),
            ("comment", event.comment.into()),
            (
                "metadata",
                object([
                    ("version", VERSION.into()),
                    ("profiles", json!(["cloud"])),
                    ("event_code", rule_id.into()),
                    (
                        "product",
                        object([
                            ("name", product.into()),
                            ("vendor_name", product.into()),
                            ("version", version.into()),
                        ]),
                    ),
                ]),
            ),
            (
                "cloud",
                object([
                    ("provider", "AWS".into()),
                    ("cloud_partition", report.partition.as_str().into()),
                    ("region", region.into()),
                    (
                        "account",
                        object([
                            ("uid", report.account.as_str().into()),
                            ("name", report.name.as_deref().into()),
                            ("type", "AWS Account".into()),
                            ("type_id", 10.into()),
                            (
                                "tags",
                                report
                                    .labels
                                    .iter()
                                    .map(|(name, value)| json!({ "name": name, "value": value }))
                                    .collect(),
                            ),
                        ]),
                    ),
                ]),
            ),
            (
                "finding_info",
                object([
                    ("uid", event.fingerprint.to_string().into()),
                    ("title", title.into()),
                    ("desc", event.rule.map(|rule| rule.summary.as_str()).into()),
                    ("last_seen_time", collected_at.into()),
                    ("modified_time", collected_at.into()),
                    ("src_url", help.into()),
                    (
                        "analytic",
                        json!({ "type": "Rule", "type_id": 1, "uid": rule_id, "name": title }),
                    ),
                ]),
            ),
            (
                "compliance",
                object([
                    ("control", rule_id.into()),
                    ("desc", title.into()),
                    ("status", event.compliance.1.into()),
                    ("status_id", event.compliance.0.into()),
                    ("status_code", event.code),
                    ("status_details", event.details.into()),
                    ("control_parameters", params.into()),
                    ("requirements", texts.map(|texts| texts.requirements.clone()).into()),
                    ("standards", texts.map(|texts| texts.frameworks.clone()).into()),
                ]),
            ),
            (
                "resources",
                json!([object([
                    ("uid", resource.arn.as_deref().or(resource.id.as_deref()).into()),
                    // One of uid and name is required.
                    ("name", name(resource).into()),
                    ("type", (&*resource.kind).into()),
                    ("region", region.into()),
                    ("cloud_partition", report.partition.as_str().into()),
                ])]),
            ),
            (
                "remediation",
                object([
                    ("desc", fix.map_or_else(|| rule_id.into(), Value::from)),
                    ("references", help.into_iter().collect()),
                ]),
            ),
            ("evidences", event.evidence.iter().map(|piece| json!({ "data": piece })).collect()),
            ("vendor_attributes", json!({ "severity": native.1, "severity_id": native.0 })),
            ("unmapped", event.unmapped),
        ]);
        write_json(out, &value)?;
        out.write_all(b"\n")
    }

    fn of_finding<'a>(run: &'a RunInfo, report: &AccountReport, finding: &'a Finding) -> Event<'a> {
        let (compliance, is_open) = match finding.verdict {
            Verdict::Pass => (PASS, false),
            Verdict::Fail => (FAIL, true),
            Verdict::Unknown | Verdict::Error => (WARNING, true),
            Verdict::Skip => ((99, "Not applicable"), false),
        };
        let waiver = finding.waived.as_deref();
        let is_suppressed = waiver.is_some() || finding.accepted.is_some();
        let comment = waiver.map(|terms| format!("waived {}", waived(terms)));
        let accepted = finding.accepted.as_ref().map(|reason| format!("accepted: {reason}"));
        let details = match finding.causes.is_empty() {
            true => vec![one_line(&outcome(finding), TEXT_MAX)],
            false => finding.causes.iter().map(|one| one_line(&cause(one), TEXT_MAX)).collect(),
        };
        Event {
            rule: run.rule(&finding.rule),
            rule_id: &finding.rule,
            severity: finding.severity,
            resource: &finding.resource,
            fingerprint: finding.fingerprint,
            message: sentence(report, finding),
            activity: match finding.state {
                Some(State::Unchanged | State::UnknownNow) => UPDATE,
                Some(State::Fixed) => CLOSE,
                Some(State::New) | None => CREATE,
            },
            status: match (is_suppressed, is_open) {
                (true, _) => SUPPRESSED,
                (false, true) => NEW,
                (false, false) => RESOLVED,
            },
            compliance,
            details,
            code: finding.causes.first().map(|cause| cause.code.as_str()).into(),
            comment: comment.or(accepted),
            evidence: finding.evidence.to_vec(),
            unmapped: object([
                ("verdict", finding.verdict.as_str().into()),
                ("state", finding.state.map(State::as_str).into()),
                ("accepted", finding.accepted.as_deref().into()),
                ("waived_until", waiver.map(|waiver| waiver.expires.to_string()).into()),
                ("waived_by", waiver.map(|waiver| waiver.owner.as_str()).into()),
                ("waived_reason", waiver.map(|waiver| waiver.reason.as_str()).into()),
                ("waived_ticket", waiver.and_then(|waiver| waiver.ticket.as_deref()).into()),
            ]),
        }
    }

    fn of_earlier<'a>(
        run: &'a RunInfo,
        report: &AccountReport,
        open: &'a OpenFinding,
        state: State,
    ) -> Event<'a> {
        let (activity, status, compliance) = match state {
            State::Fixed => (CLOSE, RESOLVED, (99, "Not applicable")),
            _ => (UPDATE, NEW, WARNING),
        };
        Event {
            rule: run.rules.iter().find(|rule| rule.oldest() == open.rule),
            rule_id: &open.rule,
            severity: open.severity,
            resource: &open.resource,
            fingerprint: open.fingerprint,
            message: earlier_sentence(report.label(), open, what_became(state)),
            activity,
            status: if open.waived && status == NEW { SUPPRESSED } else { status },
            compliance,
            details: vec![what_became(state).to_owned()],
            code: Value::Null,
            comment: None,
            evidence: Vec::new(),
            unmapped: object([
                ("state", state.as_str().into()),
                ("checked_at", open.checked_at.as_deref().into()),
            ]),
        }
    }
}

/// The name of a resource, or its id, or its type if all resources of the type are meant.
fn name(resource: &ResourceRef) -> String {
    let mut names = [resource.name.as_deref(), resource.id.as_deref()].into_iter().flatten();
    let found = names.find(|name| !name.trim().is_empty());
    found.map_or_else(|| format!("every {}", resource.kind), str::to_owned)
}

impl Document for Ocsf {
    fn begin(&mut self, _: &mut dyn Write, run: &RunInfo) -> io::Result<()> {
        self.texts = AllRuleTexts::new(run);
        Ok(())
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        for finding in &report.findings {
            self.write(out, run, report, Self::of_finding(run, report, finding))?;
        }
        for (open, state) in report.earlier() {
            self.write(out, run, report, Self::of_earlier(run, report, open, state))?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        Ok(Vec::new())
    }
}
