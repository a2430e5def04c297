use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::{Baseline, BaselineError, Before, CodeScanning};
use crate::model::{Extent, Verdict};
use crate::output::{DocumentOutput, Json, sample};
use crate::report::{AccountReport, NeverChecked, Part, Selection};

/// A report on disk.
fn written(reports: &[AccountReport]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yesterday.json");
    let output = DocumentOutput::in_file(path.clone(), Json::default());
    sample::drive(output, &sample::run(reports.len()), reports).unwrap();
    (folder, path)
}

fn rules(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_report_reads_back_as_a_baseline() {
    let mut first = sample::mixed(1);
    first.alerts.never_checked = vec![NeverChecked {
        part: Part::List("ec2.volume".to_owned(), sample::region("eu-west-1")),
        rules: rules(&["ebs-volume-encrypted"]),
    }];
    let reports = [first, sample::not_entered(2)];
    let (_folder, path) = written(&reports);
    let baseline = Baseline::read(&path).unwrap();
    let first = baseline.account(&sample::id(1)).unwrap();
    let open: Vec<_> =
        first.open.iter().map(|open| (open.rule.as_str(), open.resource.id.as_deref())).collect();
    assert_eq!(
        open,
        [("ebs-volume-encrypted", Some("vol-1")), ("s3-bucket-policy-not-public", Some("logs"))],
        "only failures have alerts"
    );
    assert_eq!(first.open[0].fingerprint, reports[0].findings[0].fingerprint);
    assert_eq!(first.open[0].checked_at.as_deref(), Some("2026-08-01T02:00:00Z"));
    assert_eq!(first.never_checked, reports[0].alerts.never_checked);
    assert!(baseline.account(&sample::id(2)).unwrap().never_checked.is_empty());
}

#[test]
fn a_file_that_is_not_a_usable_report_is_rejected() {
    let reports = [sample::mixed(1), sample::not_entered(2)];
    let (folder, path) = written(&reports);
    let good = fs::read_to_string(&path).unwrap();
    for (from, to, says) in [
        ("\"version\": \"1\"", "\"version\": \"2\"", "reads only version 1"),
        ("\"account\":\"000000000002\"", "\"account\":\"000000000001\"", "appears twice"),
        ("\"account\":\"000000000002\"", "\"account\":\"../../../../\"", "not a valid account id"),
        (&reports[0].findings[0].fingerprint.to_string(), "zz", "not a valid fingerprint"),
        ("\"summary\":", "\"summary\"", "not a rolecall JSON report"),
        ("\"carried\":[]", "\"carried\":[{}]", "missing"),
        ("\"never_checked\":[]", "\"never_checked\":[{\"of\":\"x\",\"rules\":[]}]", "x"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let error = Baseline::read(&path).unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
    assert!(matches!(
        Baseline::read(&folder.path().join("none.json")),
        Err(BaselineError::Io { .. })
    ));
}

#[test]
fn a_report_of_another_selection_is_not_a_baseline() {
    let (_folder, path) = written(&[sample::mixed(1)]);
    let baseline = Baseline::read(&path).unwrap();
    let name = || Some("baseline".to_owned());
    let filter = || vec!["--rule s3-*".to_owned()];
    let category = || Some("s3".to_owned());
    for (now, code_scanning, says) in [
        (Selection::new(name(), Vec::new(), None), true, None),
        (Selection::new(name(), filter(), category()), false, None),
        (Selection::new(name(), filter(), category()), true, Some("with the filter --rule s3-*")),
        (
            Selection::new(Some("strict".to_owned()), Vec::new(), None),
            true,
            Some("`rolecall/strict`"),
        ),
        (Selection::new(Some("strict".to_owned()), Vec::new(), None), false, None),
        (Selection::new(name(), Vec::new(), category()), true, Some("`s3`")),
        (Selection::new(None, Vec::new(), None), true, Some("no category")),
    ] {
        let found = baseline.mismatch(&now, code_scanning);
        match says {
            None => assert_eq!(found, None),
            Some(says) => assert!(found.as_ref().unwrap().contains(says), "{says}: {found:?}"),
        }
    }
}

/// Reports of earlier versions do not record what they carried; their SARIF reports opened an alert
/// for each unknown resource.
#[test]
fn alerts_that_an_earlier_version_opened_stay_open_until_they_are_checked() {
    let mut unlisted = sample::mixed(1);
    unlisted.findings.push(sample::unknown_list(
        &unlisted,
        "ebs-volume-encrypted",
        "ec2:DescribeVolumes",
    ));
    let gap = Extent::List { kind: "ec2.volume".to_owned() };
    unlisted.gaps.push(sample::gap("ec2:DescribeVolumes", gap));
    let (_folder, path) = written(&[unlisted, sample::not_entered(2)]);
    let mut old: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    old.as_object_mut().unwrap().remove("absent_accounts");
    old.as_object_mut().unwrap().remove("knows_all_accounts");
    for account in old["accounts"].as_array_mut().unwrap() {
        for key in ["carried", "never_checked", "code_scanning"] {
            account.as_object_mut().unwrap().remove(key);
        }
    }
    fs::write(&path, old.to_string()).unwrap();
    let baseline = Baseline::read(&path).unwrap();
    let first = baseline.account(&sample::id(1)).unwrap();
    let open: Vec<_> = first.open.iter().map(|open| open.resource.id.as_deref().unwrap()).collect();
    assert_eq!(open, ["vol-1", "logs", "secret", "sg-1"]);
    let every = rules(&["ebs-volume-encrypted", "s3-bucket-policy-not-public", "sg-ingress"]);
    let never = |part| NeverChecked { part, rules: every.clone() };
    let list = Part::List("ec2.volume".to_owned(), sample::region("eu-west-1"));
    assert_eq!(first.never_checked, [never(list)]);
    let second = baseline.account(&sample::id(2)).unwrap();
    assert_eq!(second.never_checked, [never(Part::Account)]);

    // The next run still cannot read the bucket and the group, and repeats both.
    let before = Before::Report(Box::new(baseline));
    let alerts = before.alerts(&sample::run(1), &sample::mixed(1), CodeScanning::default());
    let carried: Vec<_> =
        alerts.carried.iter().map(|open| open.resource.id.as_deref().unwrap()).collect();
    assert_eq!(carried, ["sg-1", "secret"]);
}

#[test]
fn open_alerts_come_first_if_there_are_more_failures_than_github_stores() {
    let mut report = sample::account(1);
    let finding = |rule, id: usize| {
        sample::finding(&sample::account(1), rule, Verdict::Fail, &format!("r-{id}"))
    };
    report.findings = (0..6)
        .flat_map(|id| {
            [finding("ebs-volume-encrypted", id), finding("s3-bucket-policy-not-public", id)]
        })
        .collect();
    let mut yesterday = sample::account(1);
    yesterday.findings = (0..4).map(|id| finding("ebs-volume-encrypted", id)).collect();
    let (_folder, path) = written(&[yesterday]);
    let before = Before::Report(Box::new(Baseline::read(&path).unwrap()));
    let settings = CodeScanning { results: 7, ..CodeScanning::default() };
    let alerts = before.alerts(&sample::run(1), &report, settings);
    let [category] = alerts.categories.as_slice() else { panic!("{alerts:?}") };
    let written: BTreeSet<(&str, &str)> = report
        .findings
        .iter()
        .filter(|finding| !category.not_written.contains(&finding.fingerprint))
        .map(|finding| (&*finding.rule, finding.resource.id.as_deref().unwrap()))
        .collect();
    let expected = [
        ("ebs-volume-encrypted", "r-0"),
        ("ebs-volume-encrypted", "r-1"),
        ("ebs-volume-encrypted", "r-2"),
        ("ebs-volume-encrypted", "r-3"),
        ("s3-bucket-policy-not-public", "r-0"),
        ("s3-bucket-policy-not-public", "r-1"),
        ("s3-bucket-policy-not-public", "r-2"),
    ];
    assert_eq!(written, BTreeSet::from(expected));
}

/// 204 buckets that cannot be read because of one missing permission.
#[test]
fn a_missing_permission_is_one_result_for_each_region_and_call() {
    let mut report = sample::account(1);
    for id in 0..204 {
        for rule in ["s3-bucket-policy-not-public", "ebs-volume-encrypted"] {
            let id = format!("b-{id}");
            report.findings.push(sample::finding(&report, rule, Verdict::Unknown, &id));
        }
    }
    let extent = Extent::Facts {
        kind: "s3.bucket".to_owned(),
        fact: "policy".to_owned(),
        resources: (0..204).map(|id| format!("b-{id}")).collect(),
    };
    report.gaps = vec![sample::gap("s3:GetBucketPolicy", extent)];
    let found = crate::report::could_not_check(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].findings, 408);
    report.gaps[0].accepted = Some("known".to_owned());
    report.findings.iter_mut().for_each(|finding| finding.accepted = Some("known".into()));
    assert_eq!(crate::report::could_not_check(&report), []);
}

/// Failures that exceeded the limit have no alerts, so they are neither open nor repeated.
#[test]
fn failures_that_were_not_written_have_no_alerts() {
    let mut yesterday = sample::account(1);
    yesterday.findings = (0..4)
        .map(|id| {
            let rule = "ebs-volume-encrypted";
            sample::finding(&yesterday, rule, Verdict::Fail, &format!("r-{id}"))
        })
        .collect();
    let settings = CodeScanning { results: 3, ..CodeScanning::default() };
    yesterday.alerts = Before::NoAlerts.alerts(&sample::run(1), &yesterday, settings);
    assert_eq!(yesterday.alerts.categories[0].not_written.len(), 1);
    let (_folder, path) = written(&[yesterday]);
    let before = Before::Report(Box::new(Baseline::read(&path).unwrap()));
    let alerts = before.alerts(&sample::run(1), &sample::not_entered(1), settings);
    assert_eq!(alerts.carried.len(), 3);
    // Together with the gap of the account, these are more than can stay open.
    let withheld = alerts.categories[0].withheld.as_deref().unwrap();
    assert!(withheld.contains("exceeds what GitHub stores per category"), "{withheld}");
}

/// A region that is no longer scanned: its alerts close, as those of a removed rule do.
#[test]
fn categories_of_regions_that_are_no_longer_scanned_are_written_once_more() {
    let (_folder, path) = written(&[sample::account(1)]);
    let before = Before::Report(Box::new(Baseline::read(&path).unwrap()));
    let settings = CodeScanning { per_region: true, ..CodeScanning::default() };
    let regions = |report: &AccountReport| -> Vec<String> {
        let alerts = before.alerts(&sample::run(1), report, settings);
        let regions = alerts.categories.iter().map(|category| category.region.as_ref().unwrap());
        regions.map(ToString::to_string).collect()
    };
    let mut today = sample::account(1);
    today.regions.remove(&sample::region("us-east-1"));
    assert_eq!(regions(&today), ["eu-west-1", "global", "us-east-1"]);
    // If the regions could not be listed, it may still have alerts.
    today.gaps = vec![sample::gap("ec2:DescribeRegions", Extent::Regions)];
    assert_eq!(regions(&today), ["eu-west-1", "global"]);
}

#[test]
fn waivers_are_shared_and_their_missing_texts_do_not_matter() {
    let (_folder, path) = written(&[sample::mixed(1)]);
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let fails = |finding: &&mut Value| finding["verdict"] == "fail";
    let findings = report["accounts"][0]["findings"].as_array_mut().unwrap();
    for finding in findings.iter_mut().filter(fails) {
        finding["waived"] = json!({
            "reason": "known", "owner": null, "expires": "2026-12-31", "file": null, "line": null,
        });
    }
    fs::write(&path, report.to_string()).unwrap();
    let baseline = Baseline::read(&path).unwrap();
    let account = baseline.account(&sample::id(1)).unwrap();
    let [one, other] = account.waivers.values().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!((one.reason.as_str(), one.owner.as_str(), one.line), ("known", "", 0));
    assert!(std::sync::Arc::ptr_eq(one, other));
    assert!(account.open.iter().all(|open| open.waived));
}
