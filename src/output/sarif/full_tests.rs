//! The profile with everything is valid SARIF, and refers to what it contains.

use serde_json::{Value, json};

use super::SarifFull;
use super::tests::assert_valid;
use crate::model::{State, Verdict, Waived};
use crate::output::{DocumentOutput, is_own_sarif, sample};
use crate::report::{AccountReport, Changes, OpenFinding, RunInfo};

fn written(run: &RunInfo, reports: &[AccountReport]) -> (String, Value) {
    let (sink, bytes) = sample::memory();
    let output = DocumentOutput::with_sink(sink, Box::<SarifFull>::default());
    sample::drive(Box::new(output), run, reports).unwrap();
    let text = sample::text_of(&bytes);
    let file = serde_json::from_str(&text).unwrap();
    assert_valid(&file);
    (text, file)
}

#[test]
fn every_report_is_valid_and_has_what_readers_need() {
    written(&sample::run(0), &[]);
    written(&sample::run(1), &[sample::account(1)]);
    let mut report = sample::mixed(1);
    report.findings[0].waived = Some(Box::new(Waived {
        reason: "accepted [x](1)".to_owned(),
        owner: "team".to_owned(),
        expires: jiff::civil::date(2026, 8, 20),
        ticket: Some("SEC-1".to_owned()),
        file: "rolecall.toml".to_owned(),
        line: 7,
    }));
    report.findings[2].state = Some(State::New);
    let gone = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-gone");
    report.changes = Some(Changes {
        fixed: vec![OpenFinding {
            rule: "zz-old-name".to_owned(),
            severity: gone.severity,
            message: gone.message.to_string(),
            resource: (*gone.resource).clone(),
            fingerprint: gone.fingerprint,
            checked_at: Some("2026-07-31T02:00:00Z".to_owned()),
            failed: true,
            waived: false,
            source: None,
        }],
        ..Changes::default()
    });
    let mut run = sample::run_by_framework(3);
    run.rules[2].oldest_id = "zz-old-name".to_owned();
    run.rules[1].tags = (0..30).map(|index| format!("tag-{index}")).collect();
    let reports = [report, sample::not_entered(2), sample::hostile(3)];
    let (text, file) = written(&run, &reports);
    // An upload of the other profile does not remove it, and it has another category.
    assert!(!is_own_sarif(text.as_bytes()));
    let run = &file["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "rolecall-full/baseline/");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[1]["properties"]["tags"].as_array().unwrap().len(), 31);
    let target = json!({ "id": "1.1", "toolComponent": { "index": 0 } });
    assert_eq!(rules[0]["relationships"][0]["target"], target);
    let taxa = run["taxonomies"][0]["taxa"].as_array().unwrap();
    assert_eq!(taxa.len(), 5);
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_i64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert_eq!(result["level"] == "none", result["kind"] != "fail");
    }
    let waived = &results[0]["suppressions"][0];
    assert_eq!(waived["properties"]["ticket"], "SEC-1");
    assert_eq!(results[2]["baselineState"], "new");
    assert_eq!(results[2]["suppressions"], json!([]));
    let absent = results.iter().find(|result| result["baselineState"] == "absent").unwrap();
    assert_eq!(absent["properties"]["resource-id"], "sg-gone");
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 3);
    assert_eq!(invocation["startTimeUtc"], "2026-08-01T02:00:00Z");
    let levels = invocation["toolExecutionNotifications"].as_array().unwrap();
    let errors = levels.iter().filter(|one| one["level"] == "error").count();
    assert_eq!(errors, 2, "the others are accepted");
}
