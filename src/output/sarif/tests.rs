//! Checks GitHub's conditions and the OASIS schema on written files, and that no alert is closed
//! unchecked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::model::{Extent, Severity, text::is_unprintable};
use crate::output::json::JsonOutput;
use crate::output::sample;

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

    fn hashes(&self) -> BTreeSet<String> {
        let hash = |result: &&Value| {
            text(&result["partialFingerprints"]["primaryLocationLineHash"]).to_owned()
        };
        self.results().iter().map(hash).collect()
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
        assert!(
            !ids.is_empty()
                && ids.is_sorted()
                && ids.iter().collect::<BTreeSet<_>>().len() == ids.len()
        );
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
            for location in locations.iter().chain(result["relatedLocations"].as_array().unwrap()) {
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
fn assert_valid(file: &Value) {
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
    let report = sample::mixed(1);
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
                "logs (acme-1, eu-west-1): it is open to everyone."
            ),
            (
                "s3-bucket-policy-not-public",
                "note",
                "secret (acme-1, eu-west-1): could not be checked: s3:GetBucketPolicy: AccessDenied (denied by a service control policy)."
            ),
            (
                "sg-ingress",
                "note",
                "sg-1 (acme-1, eu-west-1): could not be checked: the rule raised an error: the rule divided by zero."
            ),
            (
                "ebs-volume-encrypted",
                "warning",
                "data (acme-1, eu-west-1): it is open to everyone."
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

    // The same resource, readable and failing: rule, path and fingerprint stay.
    let mut readable = report.clone();
    readable.findings[3].verdict = Verdict::Fail;
    let then = write(SarifOptions::default(), &[readable]);
    let identity = |result: &Value| {
        json!([
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["partialFingerprints"]
        ])
    };
    let find = |written: &Written| {
        written
            .results()
            .iter()
            .map(|r| identity(r))
            .find(|i| i.to_string().contains("secret"))
            .unwrap()
    };
    assert_eq!(find(&written), find(&then));

    let left_out = write(
        SarifOptions { unknown: UnknownPolicy::LeaveOut, ..SarifOptions::default() },
        &[report, sample::account(2)],
    );
    assert_eq!(categories(&left_out.files["r.sarif"]), ["rolecall/baseline/aws/000000000002"]);
    assert_eq!(
        left_out.notices,
        [
            "account 000000000001 (acme-1) is excluded from the SARIF report: s3:GetBucketPolicy failed in eu-west-1 (AccessDenied), and 1 more gap"
        ]
    );
}

#[test]
fn rules_have_severity_and_documentation_and_renamed_rules_keep_their_alerts() {
    let mut run = sample::run(1);
    for (index, severity) in Severity::ALL.into_iter().enumerate() {
        run.rules.push(sample::rule(&format!("z{index}"), "s3.bucket", severity));
    }
    run.rules[0].oldest_id = "zz-old-name".to_owned();
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
    assert_eq!(rules.len(), run.rules.len(), "all rules are listed, with or without results");
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
}

#[test]
fn untrusted_names_are_escaped() {
    let written = write(SarifOptions::default(), &[sample::hostile(1)]);
    assert_eq!(written.results().len(), sample::odd_texts().len() * 3);
    for result in written.results() {
        let message = text(&result["message"]["text"]);
        // Unescaped, this would be a link, and a placeholder would refer to missing arguments.
        assert!(!message.replace("\\\\", "").replace("\\]", "").contains("]("), "{message}");
        assert!(!message.replace("{{", "").replace("}}", "").contains(['{', '}']), "{message}");
        assert!(message.lines().skip(1).all(|line| line.starts_with("- ")), "{message}");
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
                .collect();
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
        written.notices[0].contains("180 results") && written.notices[0].contains("70 most severe"),
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

#[test]
fn results_over_the_limit_of_github_are_cut_off() {
    let mut report = sample::account(1);
    let mild = sample::finding(&report, "ebs-volume-encrypted", Verdict::Fail, "vol-mild");
    report.findings = (0..25_001)
        .map(|index| {
            let mut finding = mild.clone();
            finding.rule = "s3-bucket-policy-not-public".to_owned();
            finding.resource.kind = "s3.bucket".to_owned();
            finding.resource.id = Some(format!("b{index:05}"));
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

/// Account 1 before, with two failing volumes and a failing bucket, and after, when listing volumes
/// is denied.
fn before_and_after() -> (AccountReport, AccountReport) {
    let mut before = sample::account(1);
    let finding = |rule, verdict, id| sample::finding(&sample::account(1), rule, verdict, id);
    before.findings = vec![
        finding("ebs-volume-encrypted", Verdict::Fail, "vol-1"),
        finding("ebs-volume-encrypted", Verdict::Unknown, "vol-2"),
        finding("ebs-volume-encrypted", Verdict::Pass, "vol-3"),
        finding("s3-bucket-policy-not-public", Verdict::Fail, "fixed-today"),
    ];
    let mut after = sample::account(1);
    after.findings = vec![
        sample::unknown_list(&after, "ebs-volume-encrypted", "ec2:DescribeVolumes"),
        finding("s3-bucket-policy-not-public", Verdict::Pass, "fixed-today"),
    ];
    after.gaps =
        vec![sample::gap("ec2:DescribeVolumes", Extent::List { kind: "ec2.volume".to_owned() })];
    (before, after)
}

fn baseline_of(run: &RunInfo, reports: &[AccountReport]) -> Baseline {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("before.json");
    sample::drive(Box::new(JsonOutput::new(Destination::File(path.clone()))), run, reports)
        .unwrap();
    Baseline::read(&path).unwrap()
}

#[test]
fn an_account_with_a_failed_list_is_excluded() {
    let (_, mut after) = before_and_after();
    let reason = "account 000000000001 (acme-1) is excluded from the SARIF report: ec2:DescribeVolumes failed in eu-west-1 (AccessDenied)";
    for accepted in [None, Some("known".to_owned())] {
        after.gaps[0].accepted = accepted.clone();
        after.findings[0].accepted = accepted;
        let written = write(
            SarifOptions::default(),
            &[after.clone(), sample::mixed(2), sample::not_entered(3)],
        );
        assert_eq!(categories(&written.files["r.sarif"]), ["rolecall/baseline/aws/000000000002"]);
        assert_eq!(written.notices[0], reason);
        assert!(written.notices[1].contains(
            "account 000000000003 (acme-3) is excluded from the SARIF report: sts:AssumeRole failed"
        ));
    }
    let written = write(SarifOptions::default(), &[after.clone()]);
    assert!(
        written.runs().is_empty() && written.notices[1].contains("nothing to upload"),
        "{:?}",
        written.notices
    );

    // A list that rules only use for lookups hides no evaluated resource.
    let mut lookup = sample::mixed(1);
    lookup.gaps.push(sample::gap(
        "ec2:DescribeFlowLogs",
        Extent::List { kind: "ec2.flow_log".to_owned() },
    ));
    assert_eq!(write(SarifOptions::default(), &[lookup]).runs().len(), 1);
}

#[test]
fn findings_of_an_earlier_report_are_carried_over_for_the_failed_part_only() {
    let (before, after) = before_and_after();
    let run = sample::run(1);
    let with = |baseline: Baseline, report: &AccountReport| {
        write(
            SarifOptions { baseline: Some(baseline), ..SarifOptions::default() },
            std::slice::from_ref(report),
        )
    };
    let written = with(baseline_of(&run, std::slice::from_ref(&before)), &after);
    let expected: BTreeSet<String> =
        before.findings[..2].iter().map(|finding| format!("{}:1", finding.fingerprint)).collect();
    assert_eq!(written.hashes(), expected, "only what failed or was unknown in that part");
    let result = written.results()[0];
    assert_eq!(result["level"], "note");
    assert!(text(&result["message"]["text"]).starts_with(
        "vol-1 (acme-1, eu-west-1): could not be checked: ec2:DescribeVolumes failed"
    ));
    assert!(
        written.notices[0].contains("carried over 2 open results from the baseline"),
        "{:?}",
        written.notices
    );

    let mut gone = sample::not_entered(1);
    gone.gaps.clear();
    assert_eq!(
        with(baseline_of(&run, std::slice::from_ref(&before)), &gone).hashes().len(),
        3,
        "all open findings"
    );

    let mut regions = sample::account(1);
    regions.regions.remove(&sample::region("eu-west-1"));
    regions.gaps = vec![sample::gap("ec2:DescribeRegions", Extent::Regions)];
    assert_eq!(
        with(baseline_of(&run, std::slice::from_ref(&before)), &regions).hashes().len(),
        3,
        "findings in regions that were not scanned"
    );
    regions.regions.insert(sample::region("eu-west-1"));
    assert_eq!(
        with(baseline_of(&run, std::slice::from_ref(&before)), &regions).hashes().len(),
        0,
        "nothing is carried over for scanned regions"
    );

    // An earlier report with the same gap cannot be used: older alerts would be closed.
    let mut other_rules = run.clone();
    other_rules.rules.remove(0);
    let mut unseen = before.clone();
    unseen.regions.clear();
    for (why, baseline) in [
        (
            "the same part of the account is unknown in the baseline",
            baseline_of(&run, std::slice::from_ref(&after)),
        ),
        (
            "the same part of the account is unknown in the baseline",
            baseline_of(&run, &[sample::not_entered(1)]),
        ),
        ("the same part of the account is unknown in the baseline", baseline_of(&run, &[unseen])),
        ("does not contain the account", baseline_of(&run, &[sample::account(2)])),
        (
            "does not include the rule ebs-volume-encrypted",
            baseline_of(&other_rules, &[sample::account(1)]),
        ),
    ] {
        let written = with(baseline, &after);
        assert!(
            written.runs().is_empty() && written.notices[0].contains(why),
            "{why}: {:?}",
            written.notices
        );
    }
}

#[test]
fn a_filtered_run_requires_its_own_category() {
    let reports = [sample::mixed(1)];
    let mut narrowed = sample::run(1);
    narrowed.selection.narrowed_by = vec!["--rule s3-*".to_owned()];
    let mut nameless = sample::run(1);
    nameless.selection.name = None;
    let write = |run: &RunInfo, category: Option<&str>| {
        let options =
            SarifOptions { category: category.map(str::to_owned), ..SarifOptions::default() };
        write_in(tempfile::tempdir().unwrap(), options, Limits::GITHUB, run, &reports)
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
    let options = SarifOptions {
        retire: vec![sample::id(9), sample::id(1), sample::id(9)],
        ..SarifOptions::default()
    };
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
