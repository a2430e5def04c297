//! Dry runs that fail.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::fake::Trouble;
use super::outcome::ItemEnd;
use super::tests::{Trial, item, name};
use crate::fixes::{Facts, WriteErrorKind};
use crate::remediation::plan::{Item, Subject};

/// A change of EC2, which has dry runs.
fn instance() -> Item {
    let tokens = |value: &str| {
        let options = json!({ "http_tokens": value, "state": "applied" });
        Facts::from_iter([("metadata_options".to_owned(), options)])
    };
    Item {
        resource: Subject {
            kind: "ec2.instance".to_owned(),
            id: "i-1".to_owned(),
            arn: None,
            name: None,
        },
        action: "ec2.instance.require_tokens".to_owned(),
        parameters: Facts::new(),
        before: tokens("optional"),
        after: tokens("required"),
        ..item(1, "i-1")
    }
}

#[test]
fn a_dry_run_without_an_answer_is_asked_again() {
    let lost = || Trouble::Error(WriteErrorKind::Unanswered, "Timeout");
    for (failures, expected, writes) in [(1, "done", 1), (2, "done", 1), (3, "failed", 0)] {
        let instance = instance();
        let mut trial = Trial::of(vec![instance.clone()]);
        // read, dry run, dry run, dry run
        trial.writer.troubles.extend((2..).take(failures).map(|at| (at, lost())));
        let results = trial.run();
        assert_eq!(name(&results, &instance), expected);
        let log = trial.writer.log.lock().unwrap().clone();
        let asked = log.iter().filter(|call| call.starts_with("dry run")).count();
        assert_eq!((asked, trial.writer.writes("i-1")), (3.min(failures + 1), writes));
    }
    // A refusal is an answer.
    let refused = Trouble::Error(WriteErrorKind::Refused, "InvalidParameterValue");
    let instance = instance();
    let trial = Trial::with(vec![instance.clone()], 2, refused);
    assert_eq!(name(&trial.run(), &instance), "failed");
    assert_eq!(trial.writer.calls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_dry_run_that_nobody_answered_is_not_called_a_refusal() {
    let said = "AWS did not answer the dry run of another change in the account, so nothing else is begun there";
    let refused = "AWS would refuse another change in the account, so nothing else is begun there";
    for (kind, expected) in [
        (WriteErrorKind::Unanswered, said),
        (WriteErrorKind::Busy, said),
        (WriteErrorKind::Refused, refused),
        (WriteErrorKind::Denied, refused),
    ] {
        let bucket = item(1, "logs");
        let mut trial = Trial::of(vec![instance(), bucket.clone()]);
        trial.writer.troubles.extend((2..5).map(|at| (at, Trouble::Error(kind, "Code"))));
        let results = trial.run();
        assert_eq!(trial.writer.writes("logs"), 0);
        let reason = match (kind, &results.ends[&bucket.id]) {
            (_, ItemEnd::NotBegun(reason)) => reason,
            (kind, end) => panic!("{kind:?}: {end:?}"),
        };
        assert_eq!(reason, expected, "{kind:?}");
    }
}
