//! Checks GitHub's conditions and the OASIS schema on written files, and that no alert is closed
//! unchecked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::model::{Cause, Severity, text::is_unprintable};
use crate::output::sample;
use crate::report::Selection;

/// Every file of a report by its name, and the notices.
struct Written {
    folder: tempfile::TempDir,
    files: BTreeMap<String, Value>,
    notices: Vec<String>,
}

fn files_in(folder: &Path) -> BTreeMap<String, String> {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}

fn write_in(
    folder: tempfile::TempDir,
    options: SarifOptions,
    limits: Limits,
    run: &RunInfo,
    reports: &[AccountReport],
) -> Result<Written, OutputError> {
    let to = Destination::File(folder.path().join("r.sarif"));
    let notices =
        sample::drive(Box::new(SarifOutput::with_limits(to, options, limits)), run, reports)?;
    let files = files_in(folder.path())
        .into_iter()
        .filter(|(name, _)| name.ends_with(".sarif"))
        .map(|(name, text)| {
            assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)), "{name} is printable");
            let value = serde_json::from_str(&text).unwrap();
            assert_accepted_by_github(&value, &limits);
            (name, value)
        })
        .collect();
    Ok(Written { folder, files, notices: notices.iter().map(ToString::to_string).collect() })
}

fn write(options: SarifOptions, reports: &[AccountReport]) -> Written {
    write_in(
        tempfile::tempdir().unwrap(),
        options,
        Limits::GITHUB,
        &sample::run(reports.len()),
        reports,
    )
    .unwrap()
}

impl Written {
    fn runs(&self) -> Vec<&Value> {
        self.files.values().flat_map(|file| file["runs"].as_array().unwrap()).collect()
    }

    fn results(&self) -> Vec<&Value> {
        self.runs().into_iter().flat_map(|run| run["results"].as_array().unwrap()).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn categories(file: &Value) -> Vec<&str> {
    file["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| text(&run["automationDetails"]["id"]).rsplit_once('/').unwrap().0)
        .collect()
}

/// Checks every condition of GitHub.
fn assert_accepted_by_github(file: &Value, limits: &Limits) {
    assert!(text(&file["$schema"]).contains("sarif-schema-2.1.0"));
    assert_eq!(file["version"], "2.1.0");
    let runs = file["runs"].as_array().unwrap();
    assert!(runs.len() <= limits.runs);
    let unique: BTreeSet<_> = categories(file).into_iter().collect();
    assert_eq!(unique.len(), runs.len(), "two runs have the same category");
    for run in runs {
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "rolecall");
        let rules = driver["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
        let (last, ids) = ids.split_last().unwrap();
        assert_eq!(*last, "could-not-check");
        assert!(!ids.is_empty() && ids.is_sorted() && !ids.contains(last));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        assert!(text(&driver["informationUri"]).starts_with("https://"));
        for rule in rules {
            for field in ["shortDescription", "fullDescription"] {
                let length = text(&rule[field]["text"]).chars().count();
                assert!((1..=1_024).contains(&length), "{field}: {length}");
            }
            assert!(
                !text(&rule["help"]["text"]).is_empty()
                    && !text(&rule["help"]["markdown"]).is_empty()
            );
            assert!(text(&rule["name"]).chars().count() <= 255);
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.contains(&json!("security")) && tags.len() <= 10);
            let level = text(&rule["defaultConfiguration"]["level"]);
            match rule["properties"].get("security-severity") {
                None => assert_eq!(level, "note"),
                Some(Value::String(number)) => {
                    let expected = match number.as_str() {
                        "9.5" | "8.0" => "error",
                        "5.5" => "warning",
                        "2.0" => "note",
                        other => panic!("{other}"),
                    };
                    assert_eq!(level, expected);
                }
                Some(other) => panic!("security-severity must be a string: {other}"),
            }
            assert!(rule["helpUri"].is_null() || text(&rule["helpUri"]).starts_with("https://"));
        }
        let results = run["results"].as_array().expect("results is present even if empty");
        assert!(results.len() <= limits.results);
        let mut identities = BTreeSet::new();
        for result in results {
            let message = text(&result["message"]["text"]);
            assert!(
                !message.is_empty() && message.chars().count() <= message::MESSAGE_MAX,
                "{}",
                message.len()
            );
            assert!(
                result.get("suppressions").is_none()
                    && result.get("kind").is_none()
                    && result.get("baselineState").is_none()
            );
            let locations = result["locations"].as_array().unwrap();
            assert_eq!(locations.len(), 1);
            for location in
                locations.iter().chain(result["relatedLocations"].as_array().into_iter().flatten())
            {
                let physical = &location["physicalLocation"];
                let uri = text(&physical["artifactLocation"]["uri"]);
                assert!(
                    !uri.is_empty()
                        && !uri.contains(':')
                        && !uri.starts_with('/')
                        && !uri.contains("//"),
                    "{uri}"
                );
                assert!(uri.split('/').all(|part| part != "." && part != ".."), "{uri}");
                assert!(
                    uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%/".contains(&b)),
                    "{uri}"
                );
                let region = &physical["region"];
                for field in ["startLine", "startColumn", "endLine", "endColumn"] {
                    assert_eq!(region[field], 1, "{field}");
                }
            }
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let prints = result["partialFingerprints"].as_object().unwrap();
            let (hash, line) = text(&prints["primaryLocationLineHash"]).split_once(':').unwrap();
            assert!(
                prints.len() == 1
                    && hash.len() == 32
                    && hash.bytes().all(|b| b.is_ascii_hexdigit())
                    && line == "1"
            );
            let uri = text(&locations[0]["physicalLocation"]["artifactLocation"]["uri"]);
            assert!(identities.insert((index, uri, hash)), "two results map to one alert");
        }
    }
    assert_valid(file);
}

/// Validates against the OASIS schema, without one unrelated pattern that strict engines reject.
pub(super) fn assert_valid(file: &Value) {
    static VALIDATOR: std::sync::OnceLock<jsonschema::Validator> = std::sync::OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/sarif-2.1.0.json");
        let schema = fs::read_to_string(path).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
        jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
    });
    let errors: Vec<String> = validator
        .iter_errors(file)
        .take(5)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn failures_are_results_and_unknown_resources_keep_their_alerts() {
    let mut report = sample::mixed(1);
    // Before this run, alerts were open for the resource that is unknown now, and for another one.
    let open = |finding: &crate::model::Finding, message: &str| OpenFinding {
        rule: finding.rule.to_string(),
        severity: finding.severity,
        message: message.to_owned(),
        resource: (*finding.resource).clone(),
        fingerprint: finding.fingerprint,
        checked_at: Some("2026-07-31T02:00:00Z".to_owned()),
        failed: true,
        waived: false,
        source: None,
    };
    let gone = sample::finding(&report, "ebs-volume-encrypted", Verdict::Fail, "vol-9");
    report.alerts.carried =
        vec![open(&report.findings[3], "it was open"), open(&gone, "it was not encrypted")];
    let written = write(SarifOptions::default(), std::slice::from_ref(&report));
    let run = written.runs()[0];
    assert_eq!(
        run["automationDetails"]["id"],
        "rolecall/baseline/aws/000000000001/2026-08-01T02:00:00Z"
    );
    assert_eq!(run["tool"]["driver"]["semanticVersion"], "0.1.0");
    let results = written.results();
    let short: Vec<_> = results
        .iter()
        .map(|r| {
            (
                text(&r["ruleId"]),
                text(&r["level"]),
                text(&r["message"]["text"]).lines().next().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            (
                "s3-bucket-policy-not-public",
                "error",
                "logs (acme-1, eu-west-1): it is open to everyone. Rule: s3-bucket-policy-not-public."
            ),
            (
                "s3-bucket-policy-not-public",
                "note",
                "secret (acme-1, eu-west-1): could not be checked: s3:GetBucketPolicy: AccessDenied (denied by a service control policy). Rule: s3-bucket-policy-not-public."
            ),
            (
                "ebs-volume-encrypted",
                "warning",
                "data (acme-1, eu-west-1): it is open to everyone. Rule: ebs-volume-encrypted."
            ),
            (
                "ebs-volume-encrypted",
                "note",
                "vol-9 (acme-1, eu-west-1): could not be checked since 2026-07-31T02:00:00Z. Rule: ebs-volume-encrypted."
            ),
            (
                "could-not-check",
                "note",
                "s3:GetBucketPolicy (acme-1, eu-west-1): could not be checked: AccessDenied (denied by a service control policy): not authorized. 1 check could not be evaluated."
            ),
            (
                "could-not-check",
                "note",
                "rule sg-ingress (acme-1, eu-west-1): could not be checked: the rule divided by zero. 1 check could not be evaluated."
            ),
        ]
    );
    let location = &results[0]["locations"][0];
    assert_eq!(
        location["physicalLocation"]["artifactLocation"]["uri"],
        "000000000001/eu-west-1/s3/bucket/logs"
    );
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "arn:aws:x:::logs");
    let related = &results[0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(related, "rules/s3/s3-bucket-policy-not-public.rhai");
}

#[test]
fn a_verdict_unknown_of_the_rule_itself_is_a_note_that_keeps_the_alert() {
    let mut report = sample::mixed(1);
    let failing = {
        let mut report = report.clone();
        report.findings[3].verdict = Verdict::Fail;
        report
    };
    let reason = "AWS does not report when the instance was stopped";
    let finding = &mut report.findings[3];
    finding.message = reason.into();
    finding.causes = [Cause::by_rule(reason)].into();
    let open = OpenFinding {
        rule: finding.rule.to_string(),
        severity: finding.severity,
        message: "it was open".to_owned(),
        resource: (*finding.resource).clone(),
        fingerprint: finding.fingerprint,
        checked_at: None,
        failed: true,
        waived: false,
        source: None,
    };
    report.alerts.carried = vec![open];
    report.gaps.clear();
    let result = |report: &AccountReport| {
        let written = write(SarifOptions::default(), std::slice::from_ref(report));
        let results = written.results();
        let found = results.iter().find(|result| result.to_string().contains("secret"));
        (**found.unwrap()).clone()
    };
    let (unknown, then) = (result(&report), result(&failing));
    assert_eq!(unknown["level"], "note");
    assert!(text(&unknown["message"]["text"]).contains(reason), "{unknown}");
    // The alert of the failure stays open.
    for key in ["ruleId", "partialFingerprints"] {
        assert_eq!(unknown[key], then[key], "{key}");
    }
}

#[test]
fn rules_have_severity_and_documentation_and_renamed_rules_keep_their_alerts() {
    let mut run = sample::run(1);
    for (index, severity) in Severity::ALL.into_iter().enumerate() {
        run.rules.push(sample::rule(&format!("z{index}"), "s3.bucket", severity));
    }
    run.rules[0].oldest_id = "zz-old-name".to_owned();
    run.rules.iter_mut().for_each(|rule| rule.is_fixable = rule.id == "z0");
    run.rules[1].tags = (0..30).map(|index| format!("tag-{index}")).collect();
    run.rules[1].title = "t".repeat(5_000);
    run.rules[1].summary = String::new();
    run.rules[1].help_uri = Some("javascript:alert(1)".to_owned());
    let report = sample::mixed(1);
    let written = write_in(
        tempfile::tempdir().unwrap(),
        SarifOptions::default(),
        Limits::GITHUB,
        &run,
        &[report],
    )
    .unwrap();
    let rules = written.runs()[0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), run.rules.len() + 1, "all rules are listed, with or without results");
    let rule = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    let number = |id: &str| rule(id)["properties"].get("security-severity").and_then(Value::as_str);
    assert_eq!(
        ["z0", "z1", "z2", "z3", "z4"].map(number),
        [Some("9.5"), Some("8.0"), Some("5.5"), Some("2.0"), None]
    );
    assert_eq!(rule("zz-old-name")["name"], "ebs-volume-encrypted");
    assert!(written.results().iter().any(|result| result["ruleId"] == "zz-old-name"));
    assert!(rule("s3-bucket-policy-not-public").get("helpUri").is_none());
    assert_eq!(rule("z0")["properties"]["tags"], json!(["security", "s3", "cis-1.4/2.1"]));
    let help = &rule("z0")["help"];
    assert!(text(&help["markdown"]).contains("[the manual](https://example.com/z0)"));
    assert!(
        text(&help["text"]).contains("See the manual (https://example.com/z0) and aws."),
        "{help}"
    );
    for (id, is_fixable) in [("z0", true), ("z1", false)] {
        for format in ["text", "markdown"] {
            let help = text(&rule(id)["help"][format]);
            let command = "rolecall remediate plan --rule z0";
            assert_eq!(help.contains(command), is_fixable, "{id} {format}: {help}");
        }
        assert!(rule(id).get("fixes").is_none());
    }
}

#[test]
fn untrusted_names_are_escaped() {
    let written = write(SarifOptions::default(), &[sample::hostile(1)]);
    let failures = written.results().into_iter().filter(|result| result["ruleId"] == "sg-ingress");
    assert_eq!(failures.count(), sample::odd_texts().len());
    for result in written.results() {
        let message = text(&result["message"]["text"]);
        // Unescaped, this would be a link, and a placeholder would refer to missing arguments.
        let text = message.replace("\n[Open in the AWS console](", "");
        assert!(!text.replace("\\\\", "").replace("\\]", "").contains("]("), "{message}");
        assert!(!message.replace("{{", "").replace("}}", "").contains(['{', '}']), "{message}");
        let own =
            |line: &str| line.starts_with("- ") || line.starts_with("[Open in the AWS console](");
        assert!(message.lines().skip(1).all(own), "{message}");
    }
}

#[test]
fn twenty_five_accounts_need_two_files_and_old_parts_are_removed() {
    let reports: Vec<_> = (1..=25).map(sample::mixed).collect();
    let folder = tempfile::tempdir().unwrap();
    let foreign = json!({ "$schema": "https://example.com/sarif-schema-2.1.0.json", "version": "2.1.0", "runs": [] });
    fs::write(folder.path().join("r-009.sarif"), foreign.to_string()).unwrap();
    // An earlier run with smaller limits had five parts, and one before that a single file.
    let run = sample::run(25);
    let small = Limits { runs: 5, ..Limits::GITHUB };
    let first =
        write_in(folder, SarifOptions::default(), small, &sample::run(1), &reports[..1]).unwrap();
    assert!(first.files.contains_key("r.sarif"));
    let archive = first.folder.path().join("r-20260801.sarif");
    fs::copy(first.folder.path().join("r.sarif"), &archive).unwrap();
    let five = write_in(first.folder, SarifOptions::default(), small, &run, &reports).unwrap();
    assert_eq!(
        five.files.keys().collect::<Vec<_>>(),
        [
            "r-001.sarif",
            "r-002.sarif",
            "r-003.sarif",
            "r-004.sarif",
            "r-005.sarif",
            "r-009.sarif",
            "r-20260801.sarif"
        ]
    );
    assert!(
        five.notices.iter().any(|notice| notice.contains("removed r.sarif")),
        "{:?}",
        five.notices
    );

    let two =
        write_in(five.folder, SarifOptions::default(), Limits::GITHUB, &run, &reports).unwrap();
    assert_eq!(
        two.files.keys().collect::<Vec<_>>(),
        ["r-001.sarif", "r-002.sarif", "r-009.sarif", "r-20260801.sarif"],
        "files written by others are kept"
    );
    let sizes: Vec<usize> =
        two.files.values().map(|file| file["runs"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [20, 5, 0, 1]);
    for says in [
        "2 files",
        "removed r-003.sarif",
        "removed r-005.sarif",
        "r-009.sarif is not part of this run",
    ] {
        assert!(
            two.notices.iter().any(|notice| notice.contains(says)),
            "{says}: {:?}",
            two.notices
        );
    }

    let again = write(SarifOptions::default(), &reports);
    assert_eq!(
        files_in(again.folder.path())["r-001.sarif"],
        files_in(two.folder.path())["r-001.sarif"],
        "the output is deterministic"
    );

    let output = SarifOutput::new(Destination::from("/dev/null"), SarifOptions::default());
    let error = sample::drive(Box::new(output), &run, &reports).unwrap_err();
    assert!(
        matches!(&error, OutputError::NeedsFiles { .. })
            && error.to_string().contains("report.sarif"),
        "{error}"
    );
}

#[test]
fn limits_cut_off_the_least_severe_results() {
    assert_eq!(
        (Limits::GITHUB.runs, Limits::GITHUB.results, Limits::GITHUB.gzip),
        (20, 25_000, 10_000_000)
    );
    let mut report = sample::account(1);
    for index in 0..60 {
        for rule in ["ebs-volume-encrypted", "s3-bucket-policy-not-public", "sg-ingress"] {
            let mut finding =
                sample::finding(&report, rule, Verdict::Fail, &format!("r-{index:05}"));
            // The hex digits of a hash hardly compress.
            finding.message = (0..20)
                .map(|n| crate::model::sha256_hex(format!("{rule}{index}{n}").as_bytes()))
                .collect::<String>()
                .into();
            report.findings.push(finding);
        }
    }
    let run = sample::run(2);
    let severities = |written: &Written| -> Vec<String> {
        written
            .results()
            .iter()
            .map(|result| text(&result["ruleId"]).chars().take(2).collect())
            .collect()
    };
    let limits = Limits { results: 70, ..Limits::GITHUB };
    let written = write_in(
        tempfile::tempdir().unwrap(),
        SarifOptions::default(),
        limits,
        &run,
        std::slice::from_ref(&report),
    )
    .unwrap();
    let expected: Vec<String> =
        (0..70).map(|index| if index < 60 { "s3" } else { "sg" }.to_owned()).collect();
    assert_eq!(severities(&written), expected);
    assert!(
        written.notices[0].contains("180 results") && written.notices[0].contains("the first 70"),
        "{:?}",
        written.notices
    );

    let limits = Limits { gzip: 160_000, reserve: 80_000, ..Limits::GITHUB };
    let reports = [report, sample::mixed(2)];
    let written =
        write_in(tempfile::tempdir().unwrap(), SarifOptions::default(), limits, &run, &reports)
            .unwrap();
    assert_eq!(written.files.len(), 2, "the second account does not fit into the first file");
    let first = files_in(written.folder.path())["r-001.sarif"].clone();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, first.as_bytes()).unwrap();
    let size = gzip.finish().unwrap().len();
    assert!((60_000..160_000).contains(&size), "{size}");
    assert!(severities(&written).starts_with(&vec!["s3".to_owned(); 50]));
    assert!(
        written.notices[0].contains("account 000000000001: 180 results"),
        "{:?}",
        written.notices
    );
}

/// Whatever is cut off must not be what keeps an unchecked alert open.
#[test]
fn limits_of_size_cut_off_new_failures_before_open_alerts() {
    let mut report = sample::account(1);
    let finding = |rule, id: usize| {
        sample::finding(&sample::account(1), rule, Verdict::Fail, &format!("r-{id}"))
    };
    report.findings = (0..4).map(|id| finding("s3-bucket-policy-not-public", id)).collect();
    let open = finding("ebs-volume-encrypted", 9);
    report.alerts.carried = vec![OpenFinding {
        rule: open.rule.to_string(),
        severity: open.severity,
        message: "it was open".to_owned(),
        resource: (*open.resource).clone(),
        fingerprint: open.fingerprint,
        checked_at: None,
        failed: true,
        waived: false,
        source: None,
    }];
    report.alerts.open_before.insert(report.findings[3].fingerprint);
    let limits = Limits { results: 2, ..Limits::GITHUB };
    let folder = tempfile::tempdir().unwrap();
    let run = sample::run(1);
    let written = write_in(folder, SarifOptions::default(), limits, &run, &[report]).unwrap();
    let ids: Vec<&str> = written
        .results()
        .into_iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            text(place).rsplit('/').next().unwrap()
        })
        .collect();
    assert_eq!(ids, ["r-9", "r-3"]);
}

#[test]
fn results_over_the_limit_of_github_are_cut_off() {
    let mut report = sample::account(1);
    let mild = sample::finding(&report, "ebs-volume-encrypted", Verdict::Fail, "vol-mild");
    report.findings = (0..25_001)
        .map(|index| {
            let mut finding = mild.clone();
            finding.rule = "s3-bucket-policy-not-public".into();
            let about = Arc::make_mut(&mut finding.resource);
            about.kind = "s3.bucket".into();
            about.id = Some(format!("b{index:05}").into());
            finding
        })
        .collect();
    report.findings[0] = mild;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sarif");
    let output = SarifOutput::new(Destination::File(path.clone()), SarifOptions::default());
    let notices = sample::drive(Box::new(output), &sample::run(1), &[report]).unwrap();
    assert!(notices[0].as_str().contains("25001 results exceed"), "{notices:?}");
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches("\"ruleId\"").count(), 25_000);
    assert!(
        !text.contains("/ec2/volume/") && text.contains("/s3/bucket/b25000"),
        "the least severe result is cut off"
    );
}

#[test]
fn a_filtered_run_requires_its_own_category() {
    let reports = [sample::mixed(1)];
    let mut narrowed = sample::run(1);
    narrowed.selection.narrowed_by = vec!["--rule s3-*".to_owned()];
    let mut nameless = sample::run(1);
    nameless.selection.name = None;
    let write = |run: &RunInfo, category: Option<&str>| {
        let mut run = run.clone();
        let selection = run.selection;
        run.selection =
            Selection::new(selection.name, selection.narrowed_by, category.map(str::to_owned));
        let options = SarifOptions::default();
        write_in(tempfile::tempdir().unwrap(), options, Limits::GITHUB, &run, &reports)
    };
    for run in [&narrowed, &nameless] {
        let error = write(run, None).err().unwrap().to_string();
        assert!(error.contains("--sarif-category NAME"), "{error}");
        let written = write(run, Some("s3/nightly")).unwrap();
        assert_eq!(categories(&written.files["r.sarif"]), ["s3/nightly/aws/000000000001"]);
    }
    for bad in ["", " ", "a//b", "/a", "a/", "a\nb", &"x".repeat(101)] {
        assert!(
            matches!(write(&narrowed, Some(bad)), Err(OutputError::Category { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn retired_accounts_get_an_empty_run() {
    let retired =
        |number| Retired { account: sample::id(number), partition: None, regions: BTreeSet::new() };
    let options =
        SarifOptions { retire: [9, 1, 9].map(retired).to_vec(), ..SarifOptions::default() };
    let mut report = sample::mixed(1);
    report.partition = "aws-us-gov".parse().unwrap();
    let written = write(options, &[report]);
    assert_eq!(
        categories(&written.files["r.sarif"]),
        ["rolecall/baseline/aws-us-gov/000000000001", "rolecall/baseline/aws-us-gov/000000000009"]
    );
    assert_eq!(written.runs()[1]["results"], json!([]));
    assert_eq!(
        written.notices,
        ["account 000000000001 is still scanned, so its alerts are not closed"]
    );
}
