//! Sample reports for tests of the formats.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::model::{
    AccountId, Cause, DeniedBy, Details, Extent, Finding, Fingerprint, Gap, Partition, Region,
    ResourceRef, Severity, SkippedAccount, Verdict,
};
use crate::output::error::OutputError;
use crate::output::notice::Notice;
use crate::output::sink::Sink;
use crate::output::writer::Output;
use crate::report::{
    AccountReport, Alerts, Category, FrameworkInfo, Open, ReportedGap, RequirementInfo, RuleInfo,
    RuleOrigin, RunInfo, Selection, Summary,
};

/// Strings that AWS allows people to store, or that a malicious snapshot may contain.
pub(crate) fn odd_texts() -> Vec<String> {
    let mut odd: Vec<String> = [
        "\u{1b}[31mred\u{1b}[0m",
        "two\nlines\r\nand\ttabs",
        "\u{202e}desrever\u{2066}\u{200b}",
        "[x](1) [y](https://example.com) ![i](2)",
        "%0A::error::injected",
        "=cmd()|' /C calc'!A0",
        "../../etc/passwd",
        "..",
        ".",
        "a/b:c?d#e\\f",
        "{0} {{1}} ${aws:username}",
        "<img src=x onerror=alert(1)>`code` @someone *b*",
        "\"quoted\" 'single' \u{0}nul\u{7f}\u{9b}2J\u{2028}",
        "漢字 ünïcödé \u{feff}",
    ]
    .map(str::to_owned)
    .to_vec();
    odd.push("x".repeat(10_000));
    odd
}

pub(crate) fn rule(id: &str, kind: &str, severity: Severity) -> RuleInfo {
    let service = kind.split('.').next().unwrap_or_default();
    RuleInfo {
        id: id.to_owned(),
        oldest_id: id.to_owned(),
        title: format!("Title of {id}"),
        kind: kind.to_owned(),
        severity,
        default_severity: Severity::Medium,
        summary: format!("Summary of {id}."),
        markdown: format!(
            "Summary of {id}.\n\n## Why it matters\nSee [the manual](https://example.com/{id}) and `aws`.\n\n## How to fix it\n- do **this**\n"
        ),
        is_fixable: false,
        help_uri: Some(format!("https://example.com/{id}")),
        tags: vec![service.to_owned(), "cis-1.4/2.1".to_owned()],
        path: format!("{service}/{id}.rhai"),
        origin: RuleOrigin::BuiltIn,
        sha256: "0".repeat(64),
        params: json!({ "ports": [22] }).as_object().cloned().unwrap_or_default(),
        overrides: vec![crate::report::ParamOverrideInfo {
            accounts: vec!["acme-*".to_owned()],
            labels: [("env".to_owned(), vec!["prod".to_owned()])].into(),
            params: json!({ "ports": [22, 3389] }).as_object().cloned().unwrap_or_default(),
        }],
    }
}

/// A run of three rules.
pub(crate) fn run(accounts: usize) -> RunInfo {
    RunInfo {
        tool: "rolecall 0.1.0".to_owned(),
        selection: Selection::new(Some("baseline".to_owned()), Vec::new(), None),
        rules: vec![
            rule("ebs-volume-encrypted", "ec2.volume", Severity::Medium),
            rule("s3-bucket-policy-not-public", "s3.bucket", Severity::Critical),
            rule("sg-ingress", "ec2.security_group", Severity::High),
        ],
        frameworks: Vec::new(),
        fail_on: Some(Severity::High),
        fail_on_new: false,
        compared: false,
        baseline_at: None,
        accounts,
        skipped_accounts: vec![SkippedAccount {
            account: id(999),
            name: Some("closed \u{1b}[31m".to_owned()),
            reason: "account state is SUSPENDED".to_owned(),
        }],
        knows_all_accounts: false,
        has_sources: false,
        origin: None,
    }
}

/// The same run, selected by a custom framework with untrusted text.
pub(crate) fn run_by_framework(accounts: usize) -> RunInfo {
    let requirement = |id: &str, rules: &[&str], open: Option<Open>| RequirementInfo {
        id: id.to_owned(),
        title: odd_texts().concat(),
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        regional: true,
        open,
        note: Some(odd_texts().concat()),
    };
    let framework = FrameworkInfo {
        id: "site-1".to_owned(),
        name: odd_texts().concat(),
        version: "1".to_owned(),
        url: "https://example.com".to_owned(),
        scope: odd_texts().concat(),
        folder: Some(odd_texts().concat()),
        requirements: vec![
            requirement("1.1", &["ebs-volume-encrypted"], None),
            requirement("1.2", &["ebs-volume-encrypted", "not-selected"], None),
            requirement("1.3", &["not-selected"], None),
            requirement("2", &[], Some(Open::NotDecidable(odd_texts().concat()))),
            requirement("3", &[], Some(Open::NotCovered(odd_texts().concat()))),
        ],
    };
    RunInfo { frameworks: vec![framework], ..run(accounts) }
}

pub(crate) fn id(number: usize) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub(crate) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

/// An empty account that could be accessed.
pub(crate) fn account(number: usize) -> AccountReport {
    AccountReport {
        account: id(number),
        name: Some(format!("acme-{number}")),
        partition: Partition::default(),
        labels: BTreeMap::from([("team".to_owned(), "core".to_owned())]),
        collected_at: Some("2026-08-01T02:00:00Z".to_owned()),
        entered: true,
        regions: BTreeSet::from([region("eu-west-1"), region("us-east-1")]),
        calls_by_api: BTreeMap::from([
            ("s3:ListBuckets".to_owned(), 1),
            ("ec2:DescribeVolumes".to_owned(), 2),
        ]),
        findings: Vec::new(),
        gaps: Vec::new(),
        alerts: Alerts { categories: vec![Category::default()], ..Alerts::default() },
        changes: None,
    }
}

/// A verdict of one of the sample rules on a resource.
pub(crate) fn finding(
    report: &AccountReport,
    rule: &str,
    verdict: Verdict,
    resource: &str,
) -> Finding {
    let run = run(1);
    let info = run.rule(rule).unwrap();
    let home = region("eu-west-1");
    let arn = format!("arn:aws:x:::{resource}");
    let message = match verdict {
        Verdict::Pass => "",
        Verdict::Fail => "it is open to everyone",
        Verdict::Skip => "not in use",
        Verdict::Unknown => "could not read policy",
        Verdict::Error => "the rule divided by zero",
    };
    let fingerprint = Fingerprint::new(rule, &report.partition, &report.account, &home, &arn);
    let about = ResourceRef {
        kind: info.kind.clone().into(),
        region: home,
        id: Some(resource.into()),
        arn: Some(arn.into()),
        name: None,
    };
    let finding = Finding::new(
        rule.into(),
        (info.severity, verdict, message.into()),
        Arc::new(about),
        fingerprint,
    );
    let (mut evidence, mut causes) = (Vec::new(), Vec::new());
    match verdict {
        Verdict::Fail => evidence.push(json!({ "port": 22, "cidr": "0.0.0.0/0" })),
        Verdict::Unknown => causes.push(denied("s3:GetBucketPolicy")),
        _ => {}
    }
    finding.with(Details { evidence: evidence.into(), causes: causes.into(), ..Details::default() })
}

/// The `unknown` finding of a rule whose list failed.
pub(crate) fn unknown_list(report: &AccountReport, rule: &str, call: &str) -> Finding {
    let mut finding = finding(report, rule, Verdict::Unknown, "list");
    finding.fingerprint = Fingerprint::new(
        rule,
        &report.partition,
        &report.account,
        &finding.resource.region,
        &finding.resource.kind,
    );
    let about = Arc::make_mut(&mut finding.resource);
    (about.id, about.arn) = (None, None);
    finding.causes = [denied(call)].into();
    finding
}

pub(crate) fn denied(call: &str) -> Cause {
    Cause {
        call: call.to_owned(),
        code: "AccessDenied".to_owned(),
        message: "not authorized".to_owned(),
        denied_by: Some(DeniedBy::ServiceControlPolicy),
    }
}

pub(crate) fn gap(call: &str, extent: Extent) -> ReportedGap {
    ReportedGap {
        gap: Gap { region: region("eu-west-1"), cause: denied(call), extent },
        accepted: None,
    }
}

/// An account with every verdict, a gap, and an accepted gap.
pub(crate) fn mixed(number: usize) -> AccountReport {
    let mut report = account(number);
    let new = |rule, verdict, resource| finding(&report, rule, verdict, resource);
    let mut findings = vec![
        new("ebs-volume-encrypted", Verdict::Fail, "vol-1"),
        new("ebs-volume-encrypted", Verdict::Pass, "vol-2"),
        new("s3-bucket-policy-not-public", Verdict::Fail, "logs"),
        new("s3-bucket-policy-not-public", Verdict::Unknown, "secret"),
        new("sg-ingress", Verdict::Error, "sg-1"),
        new("sg-ingress", Verdict::Skip, "sg-2"),
    ];
    Arc::make_mut(&mut findings[0].resource).name = Some("data".into());
    findings[2].evidence = (0..7).map(|index| json!(format!("statement {index}"))).collect();
    report.findings = findings;
    report.gaps = vec![
        gap(
            "s3:GetBucketPolicy",
            Extent::Facts {
                kind: "s3.bucket".to_owned(),
                fact: "policy".to_owned(),
                resources: BTreeSet::from(["secret".to_owned()]),
            },
        ),
        ReportedGap {
            accepted: Some("read by another team".to_owned()),
            ..gap(
                "ec2:DescribeVolumes",
                Extent::Facts {
                    kind: "ec2.volume".to_owned(),
                    fact: "snapshots".to_owned(),
                    resources: BTreeSet::from(["vol-2".to_owned()]),
                },
            )
        },
    ];
    report
}

/// An account that could not be accessed.
pub(crate) fn not_entered(number: usize) -> AccountReport {
    let mut report = account(number);
    report.entered = false;
    report.collected_at = None;
    report.regions.clear();
    report.findings =
        run(1).rules.iter().map(|rule| unknown_list(&report, &rule.id, "sts:AssumeRole")).collect();
    let mut gap = gap("sts:AssumeRole", Extent::Account);
    gap.gap.region = Region::global();
    report.gaps = vec![gap];
    report
}

/// Untrusted text in every field that can contain it.
pub(crate) fn hostile(number: usize) -> AccountReport {
    let mut report = account(number);
    report.name = Some(odd_texts().concat().chars().take(300).collect());
    for (index, text) in odd_texts().into_iter().enumerate() {
        for verdict in [Verdict::Fail, Verdict::Unknown, Verdict::Error] {
            let mut finding =
                finding(&report, "sg-ingress", verdict, &format!("{text}-{index}-{verdict}"));
            let about = Arc::make_mut(&mut finding.resource);
            (about.id, about.name) = (Some(text.as_str().into()), Some(text.as_str().into()));
            finding.message = text.as_str().into();
            finding.evidence =
                [json!(text.clone()), json!({ text.clone(): [text.clone()] })].into();
            for cause in &mut finding.causes {
                cause.code = text.clone();
                cause.message = text.clone();
            }
            report.findings.push(finding);
        }
        let resources = BTreeSet::from([text.clone()]);
        let mut gap = gap(
            "ec2:DescribeX",
            Extent::Facts { kind: "ec2.volume".to_owned(), fact: text.clone(), resources },
        );
        gap.gap.cause.code = text.clone();
        gap.accepted = Some(text.clone());
        report.labels.insert(text.clone(), text);
        report.gaps.push(gap);
    }
    report
}

/// Runs an output over some accounts.
pub(crate) fn drive(
    mut output: Box<dyn Output>,
    run: &RunInfo,
    reports: &[AccountReport],
) -> Result<Vec<Notice>, OutputError> {
    let mut summary = Summary::new(run);
    output.begin(run)?;
    for report in reports {
        output.account(run, report)?;
        summary.add(report);
    }
    output.finish(run, &summary)
}

/// A sink whose content can be read afterwards.
pub(crate) fn memory() -> (Sink, Arc<Mutex<Vec<u8>>>) {
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bytes = Arc::new(Mutex::new(Vec::new()));
    (Sink::from_writer(Box::new(Shared(bytes.clone()))), bytes)
}

/// The content of such a sink.
pub(crate) fn text_of(bytes: &Arc<Mutex<Vec<u8>>>) -> String {
    String::from_utf8(bytes.lock().unwrap().clone()).unwrap()
}
