//! The finding format of AWS Security Hub (ASFF): each line is an array of at most 100 findings of
//! one account and region, which is what one call of `BatchImportFindings` accepts.
//!
//! A line has the failures of this run, and what changed since the baseline: a failure that is fixed
//! is archived, and one that could not be checked again stays active with the status `WARNING`.
//! Nothing is archived that was not checked.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::escape::{json_line, write_json};
use super::notice::Notice;
use super::objects::object;
use super::rule_texts::AllRuleTexts;
use super::words::{outcome, waived};
use crate::model::text::one_line;
use crate::model::{Evidence, Fingerprint, Region, ResourceRef, Severity, State, Verdict, Waived};
use crate::report::{AccountReport, OpenFinding, RuleInfo, RunInfo, Summary};

/// Findings in a line.
const BATCH: usize = 100;
/// Requirements of a finding.
const REQUIREMENTS: usize = 32;
/// Evidence of a finding.
const EVIDENCE: usize = 20;

/// Resource types of Security Hub. Others are `Other`.
const TYPES: &[(&str, &str)] = &[
    ("account", ACCOUNT),
    ("ec2.address", "AwsEc2Eip"),
    ("ec2.client_vpn_endpoint", "AwsEc2ClientVpnEndpoint"),
    ("ec2.instance", "AwsEc2Instance"),
    ("ec2.launch_template", "AwsEc2LaunchTemplate"),
    ("ec2.network_acl", "AwsEc2NetworkAcl"),
    ("ec2.network_interface", "AwsEc2NetworkInterface"),
    ("ec2.route_table", "AwsEc2RouteTable"),
    ("ec2.security_group", "AwsEc2SecurityGroup"),
    ("ec2.settings", ACCOUNT),
    ("ec2.subnet", "AwsEc2Subnet"),
    ("ec2.transit_gateway", "AwsEc2TransitGateway"),
    ("ec2.volume", "AwsEc2Volume"),
    ("ec2.vpc", "AwsEc2Vpc"),
    ("ec2.vpc_endpoint_service", "AwsEc2VpcEndpointService"),
    ("ec2.vpc_peering_connection", "AwsEc2VpcPeeringConnection"),
    ("ec2.vpn_connection", "AwsEc2VpnConnection"),
    ("organizations.account", ACCOUNT),
    ("s3.access_point", "AwsS3AccessPoint"),
    ("s3.account", ACCOUNT),
    ("s3.bucket", "AwsS3Bucket"),
    ("s3.region", ACCOUNT),
];
/// The type of settings of an account.
const ACCOUNT: &str = "AwsAccount";

/// The ASFF report.
#[derive(Debug)]
pub struct Asff {
    written_at: Timestamp,
    texts: AllRuleTexts,
}

/// A finding to be written.
#[derive(Debug, Clone, Copy)]
enum Entry<'a> {
    /// A failure, waived or not.
    Failure(&'a crate::model::Finding),
    /// Failed in the baseline; the verdict now, if the resource still exists.
    Fixed(&'a OpenFinding, Option<Verdict>),
    /// Failed in the baseline, and was not checked again.
    UnknownNow(&'a OpenFinding),
}

impl<'a> Entry<'a> {
    fn evidence(self) -> Vec<Evidence> {
        match self {
            Self::Failure(finding) => finding.evidence.to_vec(),
            Self::Fixed(..) | Self::UnknownNow(_) => Vec::new(),
        }
    }

    fn resource(self) -> &'a ResourceRef {
        match self {
            Self::Failure(finding) => &finding.resource,
            Self::Fixed(open, _) | Self::UnknownNow(open) => &open.resource,
        }
    }

    fn fingerprint(self) -> &'a Fingerprint {
        match self {
            Self::Failure(finding) => &finding.fingerprint,
            Self::Fixed(open, _) | Self::UnknownNow(open) => &open.fingerprint,
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Failure(finding) => finding.severity,
            Self::Fixed(open, _) | Self::UnknownNow(open) => open.severity,
        }
    }

    fn waived(self) -> Option<&'a Waived> {
        match self {
            Self::Failure(finding) => finding.waived.as_deref(),
            Self::Fixed(..) | Self::UnknownNow(_) => None,
        }
    }

    /// Whether it is waived, or was when it was last checked.
    fn is_waived(self) -> bool {
        match self {
            Self::Failure(finding) => finding.waived.is_some(),
            Self::UnknownNow(open) => open.waived,
            Self::Fixed(..) => false,
        }
    }

    fn rule(self, run: &'a RunInfo) -> (&'a str, Option<&'a RuleInfo>) {
        match self {
            Self::Failure(finding) => (&finding.rule, run.rule(&finding.rule)),
            Self::Fixed(open, _) | Self::UnknownNow(open) => {
                (&open.rule, run.rules.iter().find(|rule| rule.oldest() == open.rule))
            }
        }
    }

    /// What is wrong, or what changed.
    fn what(self) -> String {
        match self {
            Self::Failure(finding) => outcome(finding),
            Self::Fixed(open, Some(Verdict::Pass)) => {
                format!("complies now; it failed before: {}", open.message)
            }
            Self::Fixed(open, Some(_)) => {
                format!("the rule no longer applies; it failed before: {}", open.message)
            }
            Self::Fixed(open, None) => {
                format!("no longer exists; it failed before: {}", open.message)
            }
            Self::UnknownNow(open) => {
                format!("could not be checked again; it failed before: {}", open.message)
            }
        }
    }

    /// The status of compliance, a reason, and whether the finding is archived.
    fn status(self) -> (&'static str, Option<&'static str>, bool) {
        match self {
            Self::Failure(_) => ("FAILED", None, false),
            Self::Fixed(_, Some(Verdict::Pass)) => ("PASSED", None, true),
            Self::Fixed(..) => ("NOT_AVAILABLE", Some("NOT_APPLICABLE"), true),
            Self::UnknownNow(_) => ("WARNING", Some("COULD_NOT_BE_CHECKED"), false),
        }
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Info => "INFORMATIONAL",
    }
}

/// The region of Security Hub for a resource: its own, or the default region of the partition for
/// resources without a region.
fn region(report: &AccountReport, resource: &ResourceRef) -> Region {
    match resource.region.is_global() {
        true => report.partition.default_region(),
        false => resource.region.clone(),
    }
}

/// Text that is not blank, as Security Hub requires.
fn text(text: &str, max: usize) -> Option<String> {
    let text = one_line(text.trim(), max);
    (!text.trim().is_empty()).then_some(text)
}

impl Asff {
    /// A report. `written_at` is the time of findings of accounts that were not collected.
    pub fn new(written_at: Timestamp) -> Self {
        Self { written_at, texts: AllRuleTexts::default() }
    }

    fn finding(&self, run: &RunInfo, report: &AccountReport, entry: Entry<'_>) -> Value {
        let parsed = report.collected_at.as_deref().and_then(|time| time.parse().ok());
        let time: Timestamp = parsed.unwrap_or(self.written_at);
        let time = time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        let (rule_id, rule) = entry.rule(run);
        let oldest = rule.map_or(rule_id, RuleInfo::oldest);
        let texts = self.texts.of(oldest);
        let resource = entry.resource();
        let region = region(report, resource);
        let region = region.as_str();
        let partition = report.partition.as_str();
        let account = report.account.as_str();
        let rule_id = text(rule_id, 512).unwrap_or_else(|| "rule".to_owned());
        let title = rule.and_then(|rule| text(&rule.title, 256));
        let title = title.unwrap_or_else(|| one_line(&rule_id, 256));
        let name = one_line(&resource.label(), 200);
        let what =
            one_line(&format!("{name} ({account}, {}): {}", resource.region, entry.what()), 1_024);
        let (status, reason, is_archived) = entry.status();
        let waiver = entry.waived();
        let requirements = texts.map(|texts| {
            let texts = texts.requirements.iter().filter_map(|one| text(one, 200));
            texts.take(REQUIREMENTS).collect::<Vec<_>>()
        });
        let help = rule.and_then(|rule| rule.help_uri.as_deref());
        let help = help.filter(|uri| uri.starts_with("https://")).and_then(|uri| text(uri, 1_000));
        let evidence = entry.evidence();
        let fix = texts.map(|texts| texts.how_to_fix_of(&report.account, resource, &evidence));
        let fix = fix.and_then(|fix| text(&fix, 512));
        object([
            ("SchemaVersion", "2018-10-08".into()),
            ("Id", format!("rolecall/{}", entry.fingerprint()).into()),
            (
                "ProductArn",
                format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
                    .into(),
            ),
            ("GeneratorId", format!("rolecall/{}", one_line(&rule_id, 400)).into()),
            ("AwsAccountId", account.into()),
            ("CreatedAt", time.as_str().into()),
            ("UpdatedAt", time.as_str().into()),
            ("LastObservedAt", time.as_str().into()),
            ("Title", title.into()),
            ("Description", what.into()),
            (
                "FindingProviderFields",
                json!({
                    "Severity": { "Label": label(entry.severity()), "Original": entry.severity() },
                    "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
                }),
            ),
            (
                "Remediation",
                object([(
                    "Recommendation",
                    object([("Text", fix.into()), ("Url", help.into())]),
                )]),
            ),
            ("ProductFields", self.fields(entry, &rule_id)),
            ("Resources", json!([self.resource(report, resource, region, entry)])),
            (
                "Compliance",
                object([
                    ("Status", status.into()),
                    ("RelatedRequirements", requirements.into()),
                    (
                        "StatusReasons",
                        reason.map(|code| json!([{ "ReasonCode": code }])).into(),
                    ),
                ]),
            ),
            ("Workflow", waiver.map(|_| json!({ "Status": "SUPPRESSED" })).into()),
            (
                "Note",
                waiver
                    .map(|waiver| {
                        json!({
                            "Text": one_line(&format!("waived {}", waived(waiver)), 512),
                            "UpdatedBy": text(&waiver.owner, 100).unwrap_or_else(|| "rolecall".to_owned()),
                            "UpdatedAt": time,
                        })
                    })
                    .into(),
            ),
            ("RecordState", if is_archived { "ARCHIVED" } else { "ACTIVE" }.into()),
        ])
    }

    /// What automation rules of Security Hub can select by.
    fn fields(&self, entry: Entry<'_>, rule_id: &str) -> Value {
        let state = match entry {
            Entry::Failure(finding) => finding.state,
            Entry::Fixed(..) => Some(State::Fixed),
            Entry::UnknownNow(_) => Some(State::UnknownNow),
        };
        let waiver = entry.waived();
        object([
            ("rolecall/rule", one_line(rule_id, 400).into()),
            ("rolecall/fingerprint", entry.fingerprint().to_string().into()),
            ("rolecall/state", state.map(State::as_str).into()),
            ("rolecall/waived_until", waiver.map(|waiver| waiver.expires.to_string()).into()),
            ("rolecall/waived_by", waiver.and_then(|waiver| text(&waiver.owner, 200)).into()),
            ("rolecall/waived_reason", waiver.and_then(|waiver| text(&waiver.reason, 400)).into()),
        ])
    }

    fn resource(
        &self,
        report: &AccountReport,
        resource: &ResourceRef,
        region: &str,
        entry: Entry<'_>,
    ) -> Value {
        let known = TYPES.iter().find(|(kind, _)| *kind == resource.kind);
        let kind = known.map_or("Other", |(_, name)| name);
        let id = match kind {
            ACCOUNT => Some(format!("AWS::::Account:{}", report.account)),
            _ => [resource.arn.as_deref(), resource.id.as_deref()]
                .into_iter()
                .flatten()
                .find_map(|id| text(id, 512)),
        };
        let partition = report.partition.as_str();
        let partition = ["aws", "aws-cn", "aws-us-gov"].contains(&partition).then_some(partition);
        let mut details = Map::new();
        for (key, value) in [
            ("type", Some(&*resource.kind)),
            ("id", resource.id.as_deref()),
            ("name", resource.name.as_deref()),
            // Automation rules can select by these fields.
            ("waived", entry.is_waived().then_some("yes")),
        ] {
            let value = value.and_then(|value| text(value, 1_024));
            details.extend(value.map(|value| (key.to_owned(), value.into())));
        }
        for (index, piece) in entry.evidence().iter().take(EVIDENCE).enumerate() {
            let value = text(&json_line(piece), 1_024);
            let key = format!("evidence-{}", index + 1);
            details.extend(value.map(|value| (key, value.into())));
        }
        object([
            ("Type", kind.into()),
            ("Id", id.unwrap_or_else(|| resource.kind.to_string()).into()),
            ("Partition", partition.into()),
            ("Region", text(region, 16).into()),
            ("Details", json!({ "Other": details })),
        ])
    }
}

impl Document for Asff {
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
        let mut regions: BTreeMap<Region, BTreeMap<&Fingerprint, Entry<'_>>> = BTreeMap::new();
        let mut verdicts: BTreeMap<&Fingerprint, Verdict> = BTreeMap::new();
        for finding in &report.findings {
            verdicts.insert(&finding.fingerprint, finding.verdict);
        }
        let failures = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        let changes = report.changes.iter();
        let fixed = changes.clone().flat_map(|changes| &changes.fixed);
        let unknown_now = changes.flat_map(|changes| &changes.unknown_now);
        // A finding is in a batch once. What fails now is not replaced by what it was before.
        for entry in unknown_now
            .map(Entry::UnknownNow)
            .chain(fixed.map(|open| Entry::Fixed(open, verdicts.get(&open.fingerprint).copied())))
            .chain(failures.map(Entry::Failure))
        {
            let of_region = regions.entry(region(report, entry.resource())).or_default();
            of_region.insert(entry.fingerprint(), entry);
        }
        for entries in regions.values() {
            let entries: Vec<Entry<'_>> = entries.values().copied().collect();
            for batch in entries.chunks(BATCH) {
                let mut before: &[u8] = b"[";
                for entry in batch {
                    out.write_all(before)?;
                    write_json(out, &self.finding(run, report, *entry))?;
                    before = b",";
                }
                out.write_all(b"]\n")?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_known_kinds() {
        assert!(TYPES.is_sorted());
        for (kind, _) in TYPES {
            assert!(crate::facts::kind(kind).is_some(), "{kind}");
        }
    }
}
