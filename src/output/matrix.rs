//! One report through every format: the counts agree, hostile strings stay data, an empty report is
//! valid, and memory does not grow with the number of findings.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::Value;

use super::document::{Document, DocumentOutput};
use super::{Json, sample};
use crate::model::text::is_unprintable;
use crate::model::{State, Verdict, Waived};
use crate::report::{AccountReport, Changes, OpenFinding, Reason, RunInfo, Summary};

/// How often a format shows what.
type Counts = BTreeMap<&'static str, usize>;

fn run(accounts: usize) -> RunInfo {
    RunInfo { compared: true, ..sample::run_by_framework(accounts) }
}

/// Every verdict, waivers, accepted gaps, states against a baseline, untrusted text, and an account
/// that could not be accessed.
fn reports() -> Vec<AccountReport> {
    let mut mixed = sample::mixed(1);
    let waived = Waived {
        reason: "=accepted <b>".to_owned(),
        owner: "@team".to_owned(),
        expires: jiff::civil::date(2026, 8, 20),
        ticket: Some("SEC-1".to_owned()),
        file: "rolecall.toml".to_owned(),
        line: 7,
    };
    mixed.findings[0].waived = Some(Box::new(waived.clone()));
    mixed.findings[0].state = Some(State::Unchanged);
    mixed.findings[1].state = Some(State::Fixed);
    mixed.findings[2].state = Some(State::New);
    mixed.findings[3].state = Some(State::UnknownNow);
    let mut accepted = sample::finding(&mixed, "sg-ingress", Verdict::Unknown, "sg-9");
    accepted.accepted = Some("closed region".into());
    mixed.findings.push(accepted);
    let open = |resource: &str| {
        let finding = sample::finding(&mixed, "sg-ingress", Verdict::Fail, resource);
        OpenFinding {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            message: finding.message.to_string(),
            resource: (*finding.resource).clone(),
            fingerprint: finding.fingerprint,
            checked_at: None,
            failed: true,
            waived: false,
            source: None,
        }
    };
    let passes = OpenFinding { fingerprint: mixed.findings[1].fingerprint, ..open("vol-2") };
    let gone = open("sg-gone");
    let reasons = [
        (passes.fingerprint, Reason::Passes),
        (gone.fingerprint, Reason::Gone),
        (mixed.findings[2].fingerprint, Reason::WaiverEnded),
    ];
    let changes = Changes {
        fixed: vec![passes, gone],
        unknown_now: vec![open("sg-unread")],
        reasons: reasons.into(),
        ended_waivers: [(mixed.findings[2].fingerprint, waived.into())].into(),
        ..Changes::default()
    };
    mixed.changes = Some(changes);
    vec![mixed, sample::not_entered(2), sample::hostile(3)]
}

fn written(document: Box<dyn Document>, reports: &[AccountReport]) -> String {
    let (sink, bytes) = sample::memory();
    let output = DocumentOutput::with_sink(sink, document);
    sample::drive(Box::new(output), &run(reports.len()), reports).unwrap();
    sample::text_of(&bytes)
}

/// The counts of the JSON report.
fn json(reports: &[AccountReport]) -> (Value, Counts) {
    let text = written(Box::<Json>::default(), reports);
    let report: Value = serde_json::from_str(&text).unwrap();
    let mut counts = Counts::new();
    for account in report["accounts"].as_array().unwrap() {
        for finding in account["findings"].as_array().unwrap() {
            let suppressed = !finding["waived"].is_null() || !finding["accepted"].is_null();
            let verdict = match finding["verdict"].as_str().unwrap() {
                _ if suppressed => "suppressed",
                "pass" => "pass",
                "fail" => "fail",
                "skip" => "skip",
                "unknown" => "unknown",
                _ => "error",
            };
            *counts.entry(verdict).or_default() += 1;
        }
    }
    (report, counts)
}

fn total(counts: &Counts, names: &[&str]) -> usize {
    names.iter().filter_map(|name| counts.get(name)).sum()
}

#[test]
fn junit_has_every_finding_and_its_attributes_agree() {
    use quick_xml::events::Event;
    for reports in [reports(), Vec::new()] {
        let text = written(Box::new(super::Junit), &reports);
        let (_, counts) = json(&reports);
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut elements, mut declared) = (BTreeMap::new(), BTreeMap::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                        let value = String::from_utf8(attribute.value.to_vec()).unwrap();
                        if name == "testsuite"
                            && let Ok(number) = value.parse::<usize>()
                        {
                            *declared.entry(key).or_insert(0) += number;
                        }
                    }
                    *elements.entry(name).or_insert(0) += 1;
                }
                _ => {}
            }
        }
        let of = |element: &str| elements.get(element).copied().unwrap_or(0);
        let says = |attribute: &str| declared.get(attribute).copied().unwrap_or(0);
        assert_eq!(of("testsuite"), reports.len());
        assert_eq!(of("testcase"), counts.values().sum::<usize>());
        assert_eq!((of("testcase"), of("failure")), (says("tests"), says("failures")));
        assert_eq!((of("error"), of("skipped")), (says("errors"), says("skipped")));
        assert_eq!(of("failure"), total(&counts, &["fail"]));
        assert_eq!(of("error"), total(&counts, &["unknown", "error"]));
        assert_eq!(of("skipped"), total(&counts, &["skip", "suppressed"]));
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
    }
}

#[test]
fn csv_has_a_row_per_finding_and_no_formulas() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::new(super::Csv), &reports);
        let (_, counts) = json(&reports);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(table.headers().unwrap(), super::csv::COLUMNS.as_slice());
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), counts.values().sum::<usize>());
        for cell in rows.iter().flatten() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            assert!(!cell.chars().any(is_unprintable), "{cell:?}");
        }
        let suppressed = |row: &csv::StringRecord| !row[14].is_empty() || !row[15].is_empty();
        for name in ["pass", "fail", "skip", "unknown", "error"] {
            let number = rows.iter().filter(|row| &row[10] == name && !suppressed(row)).count();
            assert_eq!(number, total(&counts, &[name]), "{name}");
        }
    }
}

#[test]
fn gitlab_has_every_failure_that_is_not_waived_or_not_checked_again() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::<super::GitLab>::default(), &reports);
        let (_, counts) = json(&reports);
        let issues: Vec<Value> = serde_json::from_str(&text).unwrap();
        let unread = reports.iter().flat_map(|report| &report.changes);
        let unread: usize = unread.map(|changes| changes.unknown_now.len()).sum();
        assert_eq!(issues.len(), total(&counts, &["fail"]) + unread);
        let fingerprints: std::collections::BTreeSet<_> =
            issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), issues.len());
        for issue in &issues {
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{path}");
            assert_eq!(issue["location"]["lines"]["begin"], 1);
        }
    }
}

/// GitLab would show them as resolved, although nobody checked them.
#[test]
fn gitlab_has_the_failures_of_accounts_that_were_not_scanned() {
    let open = reports()[0].changes.clone().unwrap().unknown_now.remove(0);
    let absent = crate::report::AbsentAccount {
        account: "000000000009".parse().unwrap(),
        name: Some("left".to_owned()),
        partition: "aws".parse().unwrap(),
        carried: vec![
            OpenFinding {
                waived: true,
                fingerprint: reports()[0].findings[0].fingerprint,
                ..open.clone()
            },
            open.clone(),
        ],
        groups: Vec::new(),
        never_checked: Vec::new(),
    };
    let issues = |compared: bool| -> Vec<Value> {
        let run = RunInfo { compared, ..run(0) };
        let mut summary = Summary::new(&run);
        summary.add_absent(vec![absent.clone()]);
        let (mut out, mut gitlab) = (Vec::new(), super::GitLab::default());
        gitlab.begin(&mut out, &run).unwrap();
        gitlab.finish(&mut out, &run, &summary).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    assert_eq!(issues(false), [] as [Value; 0]);
    let found = issues(true);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["fingerprint"], open.fingerprint.to_string());
    let text = found[0]["description"].as_str().unwrap();
    assert!(text.contains("the account was not scanned; it failed before: "), "{text}");
}

#[test]
fn markdown_has_the_counts_and_every_open_failure() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::<super::Markdown>::default(), &reports);
        let (_, counts) = json(&reports);
        let failures = total(&counts, &["fail"]);
        assert!(text.starts_with(&format!("# rolecall: {failures} failure")), "{text}");
        let rows_of = |titles: &[&str]| {
            let sections = text.split("\n## ").skip(1);
            let of = sections.filter(|text| titles.iter().any(|title| text.starts_with(title)));
            let rows = of.flat_map(str::lines).filter(|line| {
                let first = line.strip_prefix("| ").and_then(|line| line.split(' ').next());
                ["critical", "high", "medium", "low", "info"].contains(&first.unwrap_or_default())
            });
            rows.count()
        };
        assert_eq!(rows_of(&["New failures", "Other failures"]), failures, "{text}");
        let changes = reports.iter().filter_map(|report| report.changes.as_ref());
        let unknown_now: usize = changes.map(|changes| changes.unknown_now.len()).sum();
        assert_eq!(rows_of(&["Unknown now"]), unknown_now, "{text}");
        let others = format!("{} unknown", counted_raw(&reports, Verdict::Unknown));
        assert!(text.contains(&others), "{others} in\n{text}");
    }
}

/// Findings with a verdict, waived or not.
fn counted_raw(reports: &[AccountReport], verdict: Verdict) -> usize {
    let findings = reports.iter().flat_map(|report| &report.findings);
    findings.filter(|finding| finding.verdict == verdict).count()
}

/// A report of lines of JSON.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time() -> jiff::Timestamp {
    "2026-08-09T10:11:12Z".parse().unwrap()
}

#[test]
fn ocsf_has_every_finding_and_what_changed() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::new(super::Ocsf::new(time())), &reports);
        let events = lines(&text);
        let of = |verdict: &str| {
            events.iter().filter(|event| event["unmapped"]["verdict"] == verdict).count()
        };
        for verdict in Verdict::ALL {
            assert_eq!(of(verdict.as_str()), counted_raw(&reports, verdict), "{verdict}");
        }
        let others = events.iter().filter(|event| event["unmapped"]["verdict"].is_null());
        assert_eq!(others.count(), if reports.is_empty() { 0 } else { 2 }, "gone and not checked");
        for event in &events {
            let status = &event["compliance"]["status_id"];
            let expected = match event["unmapped"]["verdict"].as_str() {
                Some("pass") => 1,
                Some("fail") => 3,
                Some("skip") => 99,
                Some(_) => 2,
                None if event["unmapped"]["state"] == "fixed" => 99,
                None => 2,
            };
            assert_eq!(*status, expected, "{event}");
            // The time of the account, else when the report was written.
            let of_run = event["cloud"]["account"]["uid"] == "000000000002";
            let expected = if of_run { time() } else { "2026-08-01T02:00:00Z".parse().unwrap() };
            assert_eq!(event["time"], expected.as_millisecond(), "{event}");
        }
        let of =
            |key: &str, status: i64| events.iter().filter(|event| event[key] == status).count();
        if !reports.is_empty() {
            // Waived, and accepted.
            assert_eq!(of("status_id", 3), 2, "{text}");
            assert_eq!(of("activity_id", 3), 2, "passes now, and gone");
        }
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
    }
}

#[test]
fn asff_has_every_failure_and_archives_only_what_was_checked() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::new(super::Asff::new(time())), &reports);
        let findings: Vec<Value> =
            lines(&text).into_iter().flat_map(|batch| batch.as_array().unwrap().clone()).collect();
        let of = |status: &str, state: &str| {
            let has = |finding: &&Value| {
                finding["Compliance"]["Status"] == status && finding["RecordState"] == state
            };
            findings.iter().filter(has).count()
        };
        let changed = usize::from(!reports.is_empty());
        assert_eq!(of("FAILED", "ACTIVE"), counted_raw(&reports, Verdict::Fail));
        assert_eq!(of("PASSED", "ARCHIVED"), changed, "passes now");
        assert_eq!(of("NOT_AVAILABLE", "ARCHIVED"), changed, "gone");
        assert_eq!(of("WARNING", "ACTIVE"), changed, "not checked again");
        assert_eq!(findings.len(), counted_raw(&reports, Verdict::Fail) + 3 * changed);
        let suppressed = findings.iter().filter(|one| one["Workflow"]["Status"] == "SUPPRESSED");
        assert_eq!(suppressed.count(), changed);
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
    }
}

#[test]
fn sarif_full_has_every_finding_by_kind() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::<super::SarifFull>::default(), &reports);
        let file: Value = serde_json::from_str(&text).unwrap();
        let results = file["runs"][0]["results"].as_array().unwrap();
        for (verdict, kind) in [
            (Verdict::Pass, "pass"),
            (Verdict::Fail, "fail"),
            (Verdict::Skip, "notApplicable"),
            (Verdict::Unknown, "review"),
            (Verdict::Error, "open"),
        ] {
            let of = |result: &&Value| {
                result["kind"] == kind && result["properties"]["verdict"] == verdict.as_str()
            };
            assert_eq!(results.iter().filter(of).count(), counted_raw(&reports, verdict), "{kind}");
        }
        let notifications = &file["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        let gaps: usize = reports.iter().map(|report| report.gaps.len()).sum();
        assert_eq!(notifications.as_array().unwrap().len(), gaps);
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)));
    }
}

#[test]
fn html_has_every_finding() {
    for reports in [reports(), Vec::new()] {
        let text = written(Box::<super::Html>::default(), &reports);
        let (report, counts) = json(&reports);
        let blocks = |of: &str| -> Vec<Value> {
            let start = format!("<script type=\"application/json\" data-of=\"{of}\">");
            let parts = text.split(&start).skip(1);
            let texts = parts.map(|part| part.split("</script>").next().unwrap());
            texts.map(|text| serde_json::from_str(text).unwrap()).collect()
        };
        assert_eq!(blocks("end")[0]["summary"], report["summary"]);
        let accounts = blocks("account");
        assert_eq!(accounts.len(), reports.len());
        let listed = accounts.iter().map(|account| {
            let passed = account["passed"].as_object().unwrap().values();
            let passed: usize = passed.map(|list| list.as_array().unwrap().len()).sum();
            account["findings"].as_array().unwrap().len() + passed
        });
        assert_eq!(listed.sum::<usize>(), counts.values().sum::<usize>());
    }
}

/// Every format that is one file, without `github`, which has a few findings only.
fn documents() -> Vec<(&'static str, Box<dyn Document>)> {
    vec![
        ("json", Box::<Json>::default()),
        ("html", Box::<super::Html>::default()),
        ("markdown", Box::<super::Markdown>::default()),
        ("junit", Box::new(super::Junit)),
        ("csv", Box::new(super::Csv)),
        ("sarif-full", Box::<super::SarifFull>::default()),
        ("ocsf", Box::new(super::Ocsf::new(time()))),
        ("asff", Box::new(super::Asff::new(time()))),
        ("gitlab", Box::<super::GitLab>::default()),
    ]
}

/// Counts bytes, and remembers the longest write.
#[derive(Default)]
struct Count {
    bytes: usize,
    longest: usize,
}

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        self.longest = self.longest.max(bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Findings are written one by one or in small groups, never as one large text.
#[test]
fn a_hundred_thousand_findings_are_written_piece_by_piece() {
    let mut report = sample::account(1);
    let finding = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-1");
    report.findings = vec![finding; 1_000];
    let run = run(100);
    for (name, mut document) in documents() {
        let mut out = Count::default();
        let mut summary = Summary::new(&run);
        document.begin(&mut out, &run).unwrap();
        for _ in 0..100 {
            document.account(&mut out, &run, &report).unwrap();
            summary.add(&report);
        }
        document.finish(&mut out, &run, &summary).unwrap();
        assert!(out.bytes > 10_000, "{name}: {}", out.bytes);
        assert!(out.longest <= 256 * 1024, "{name}: {}", out.longest);
    }
}
