//! Validates the JSON report against its schema, and reads it back.

use std::fs;

use serde_json::Value;

use super::*;
use crate::model::text::is_unprintable;
use crate::model::{Extent, Verdict};
use crate::output::sample;

const SCHEMA: &str = include_str!("v1.schema.json");

fn written(reports: &[AccountReport]) -> String {
    let (sink, bytes) = sample::memory();
    sample::drive(
        Box::new(JsonOutput::with_sink(sink)),
        &sample::run_by_framework(reports.len()),
        reports,
    )
    .unwrap();
    sample::text_of(&bytes)
}

#[test]
fn the_schema_is_current() {
    crate::generated::check("src/output/json/v1.schema.json", &format!("{:#}\n", schema()));
}

fn forbid_unlisted_fields(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            object.values_mut().for_each(forbid_unlisted_fields);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_unlisted_fields),
        _ => {}
    }
}

#[test]
fn reports_match_the_schema_and_are_printable() {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    // Readers must tolerate new fields, but every field that is written must be in the schema.
    forbid_unlisted_fields(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let cases = [
        vec![],
        vec![sample::account(1)],
        vec![sample::mixed(1), sample::not_entered(2)],
        vec![sample::hostile(3)],
    ];
    for reports in cases {
        let json = written(&reports);
        let value: Value = serde_json::from_str(&json).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert!(json.chars().all(|c| c == '\n' || !is_unprintable(c)));
        assert_eq!(json, written(&reports), "the output is deterministic");
        let findings: usize = reports.iter().map(|report| report.findings.len()).sum();
        let found: usize = value["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["findings"].as_array().unwrap().len())
            .sum();
        assert_eq!(found, findings, "every verdict is a finding");
    }
    let value: Value = serde_json::from_str(&written(&[sample::hostile(3)])).unwrap();
    assert_eq!(
        value["accounts"][0]["findings"][0]["resource"]["id"],
        sample::odd_texts()[0],
        "data is exact"
    );
    let value: Value = serde_json::from_str(&written(&[sample::mixed(1)])).unwrap();
    let of = |index: usize| &value["frameworks"][0]["requirements"][index];
    assert_eq!(
        (&of(0)["status"], &of(0)["failed"], &of(0)["passed"]),
        (&"failed".into(), &1.into(), &1.into())
    );
    assert_eq!(of(1)["rules_not_run"], serde_json::json!(["not-selected"]));
    assert_eq!(
        [2, 3, 4].map(|index| of(index)["status"].clone()),
        ["not_covered", "not_decidable", "not_covered"]
    );
}

#[test]
fn a_report_reads_back_as_a_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yesterday.json");
    let mut unlisted = sample::mixed(1);
    unlisted.findings.push(sample::unknown_list(
        &unlisted,
        "ebs-volume-encrypted",
        "ec2:DescribeVolumes",
    ));
    unlisted
        .gaps
        .push(sample::gap("ec2:DescribeVolumes", Extent::List { kind: "ec2.volume".to_owned() }));
    let reports = [unlisted, sample::not_entered(2)];
    let output = JsonOutput::new(Destination::File(path.clone()));
    sample::drive(Box::new(output), &sample::run_by_framework(2), &reports).unwrap();

    let baseline = Baseline::read(&path).unwrap();
    assert!(baseline.evaluated("sg-ingress") && !baseline.evaluated("sg-other"));
    let first = baseline.account(&sample::id(1)).unwrap();
    let open: Vec<_> = first
        .findings
        .iter()
        .map(|f| (f.rule.as_str(), f.verdict, f.resource.id.as_deref().unwrap()))
        .collect();
    assert_eq!(
        open,
        [
            ("ebs-volume-encrypted", Verdict::Fail, "vol-1"),
            ("s3-bucket-policy-not-public", Verdict::Fail, "logs"),
            ("s3-bucket-policy-not-public", Verdict::Unknown, "secret"),
            ("sg-ingress", Verdict::Error, "sg-1"),
        ]
    );
    assert_eq!(first.findings[0].fingerprint, reports[0].findings[0].fingerprint);
    assert!(first.unlisted.contains(&("ec2.volume".to_owned(), sample::region("eu-west-1"))));
    assert!(first.entered && !baseline.account(&sample::id(2)).unwrap().entered);

    let good = fs::read_to_string(&path).unwrap();
    for (from, to, says) in [
        ("\"version\": \"1\"", "\"version\": \"2\"", "reads only version 1"),
        ("\"narrowed_by\":[]", "\"narrowed_by\":[\"--rule x\"]", "filtered run"),
        ("\"account\":\"000000000002\"", "\"account\":\"000000000001\"", "appears in it twice"),
        ("\"account\":\"000000000002\"", "\"account\":\"../../../../\"", "not a valid account id"),
        (reports[0].findings[0].fingerprint.as_str(), "zz", "not a valid fingerprint"),
        ("\"summary\":", "\"summary\"", "not a rolecall JSON report"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let error = Baseline::read(&path).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(matches!(
        Baseline::read(&folder.path().join("none.json")),
        Err(OutputError::BaselineIo { .. })
    ));
}
