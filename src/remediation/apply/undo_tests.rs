//! Plans that undo journals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::journal::{Progress, Record};
use super::outcome::Outcome;
use super::tests::{FACT, block, half, item};
use super::undo::{self, AccountResources};
use crate::fixes::{Facts, FixClass};
use crate::model::{Cause, Resource};
use crate::remediation::PlanFile;

fn record(end: Option<Outcome>) -> Record {
    let bucket = item(1, "logs");
    let progress =
        Progress { intended: Some(Timestamp::UNIX_EPOCH), sent: true, created: None, end };
    Record {
        plan: "sha256:plan".to_owned(),
        undoes: None,
        progress: BTreeMap::from([(bucket.id.clone(), progress)]),
        items: vec![bucket],
        hash: "sha256:journal".to_owned(),
    }
}

fn accounts(state: Option<Facts>) -> AccountResources {
    let bucket = item(1, "logs");
    let resource = |facts: Facts| Resource {
        kind: "s3.bucket".to_owned(),
        id: "logs".to_owned(),
        region: bucket.region.clone(),
        arn: bucket.resource.arn.clone(),
        name: None,
        facts,
        unreadable: BTreeMap::new(),
    };
    BTreeMap::from([(bucket.account.clone(), Ok(state.into_iter().map(resource).collect()))])
}

fn done() -> Option<Outcome> {
    Some(Outcome::Done { left: block(true) })
}

#[test]
fn what_was_applied_is_undone_if_nobody_changed_it() {
    let undone = undo::plan(&record(done()), &accounts(Some(block(true))), Timestamp::UNIX_EPOCH);
    assert_eq!(undone.left, []);
    let [item] = &undone.plan.items[..] else { panic!("{:?}", undone.plan.items) };
    assert_eq!(
        (item.action.as_str(), item.class),
        ("s3.bucket.set_public_access_block", FixClass::Unsafe)
    );
    assert_eq!((&item.before, &item.after), (&block(true), &block(false)));
    assert_eq!(Value::Object(item.parameters.clone()), block(false)[FACT]);
    assert_eq!(item.makes_worse[0].after, "fail");
    assert_eq!(undone.plan.undoes.as_deref(), Some("sha256:journal"));
    // It is a plan like any other.
    let bytes = undone.plan.to_bytes();
    PlanFile::parse(std::path::Path::new("undo.json"), &bytes).unwrap();
}

#[test]
fn what_is_not_as_it_was_left_is_not_undone() {
    let left = |record: &Record, accounts: &AccountResources| {
        let undone = undo::plan(record, accounts, Timestamp::UNIX_EPOCH);
        assert_eq!(undone.plan.items, []);
        let reasons = undone.left.into_iter();
        reasons.map(|left| (left.reason, left.unreadable)).collect::<Vec<_>>()
    };
    let [(reason, false)] = &left(&record(done()), &accounts(Some(half())))[..] else { panic!() };
    assert!(
        reason.starts_with("it was changed after it was applied: `public_access_block` is"),
        "{reason}"
    );
    let gone = ("the resource no longer exists".to_owned(), false);
    assert_eq!(left(&record(done()), &accounts(None)), [gone]);
    let interrupted = left(&record(None), &accounts(Some(block(true))));
    assert!(interrupted[0].0.starts_with("the run was interrupted"), "{interrupted:?}");
    let cause = Cause::answered("s3:GetPublicAccessBlock", "AccessDenied", "");
    let mut unread = accounts(Some(Facts::from_iter([("name".to_owned(), json!("logs"))])));
    let resources = unread.values_mut().next().unwrap().as_mut().unwrap();
    resources[0].unreadable.insert(FACT.to_owned(), cause.clone());
    assert_eq!(
        left(&record(done()), &unread),
        [("s3:GetPublicAccessBlock: AccessDenied".to_owned(), true)]
    );
    let denied = BTreeMap::from([(item(1, "logs").account, Err(cause))]);
    assert!(left(&record(done()), &denied)[0].1);
    // What was not changed needs no undoing.
    for end in [
        Outcome::Already { left: block(true) },
        Outcome::Changed { difference: String::new() },
        Outcome::Interrupted {},
    ] {
        assert_eq!(left(&record(Some(end)), &accounts(Some(block(true)))), []);
    }
}
