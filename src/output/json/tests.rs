//! Validates the JSON report against its schema, and reads it back.

use serde_json::Value;

use super::*;
use crate::model::text::is_unprintable;
use crate::output::{DocumentOutput, sample};

const SCHEMA: &str = include_str!("v1.schema.json");

fn written(reports: &[AccountReport]) -> String {
    let (sink, bytes) = sample::memory();
    sample::drive(
        Box::new(DocumentOutput::with_sink(sink, Box::new(Json::default()))),
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
fn findings_are_the_same_on_any_number_of_threads() {
    let mut report = sample::mixed(1);
    let few = report.findings.clone();
    let written = |report: &AccountReport, threads| {
        let mut json = Vec::new();
        write_findings(&mut json, report, threads).unwrap();
        String::from_utf8(json).unwrap()
    };
    for count in [0, 1, PART, PART + 1, 3 * PART, 7 * PART + 5] {
        report.findings = few.iter().cycle().take(count).cloned().collect();
        // All of them differ.
        for (number, finding) in report.findings.iter_mut().enumerate() {
            finding.message = number.to_string().into();
        }
        let one = written(&report, 1);
        assert_eq!(one.lines().count(), if count == 0 { 1 } else { count + 2 });
        for threads in [0, 2, 3] {
            assert!(written(&report, threads) == one, "{count} findings on {threads} threads");
        }
    }
}
