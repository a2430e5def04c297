//! Plans that undo journals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::job::Fresh;
use super::journal::{Progress, Record};
use super::outcome::Outcome;
use super::tests::{FACT, block, half, item};
use super::undo::{self, AccountResources, Present, UndoPlan};
use crate::fixes::{Facts, FixClass};
use crate::model::{Cause, Globs, HandsOff, Resource};
use crate::remediation::plan::Item;
use crate::remediation::{PlanFile, PlanSettings};

fn record(end: Option<Outcome>) -> Record {
    let bucket = item(1, "logs");
    let progress =
        Progress { intended: Some(Timestamp::UNIX_EPOCH), sent: true, created: None, end };
    Record {
        plan: "sha256:plan".to_owned(),
        undoes: None,
        made_for: None,
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
        facts: facts.into_iter().chain([("tags".to_owned(), json!({}))]).collect(),
        unreadable: BTreeMap::new(),
    };
    BTreeMap::from([(bucket.account.clone(), Ok(state.into_iter().map(resource).collect()))])
}

/// Plans to undo.
fn undo(record: &Record, accounts: AccountResources) -> UndoPlan {
    undo_with(record, accounts, &PlanSettings::default())
}

fn undo_with(record: &Record, accounts: AccountResources, settings: &PlanSettings) -> UndoPlan {
    let present = Present { accounts, names: BTreeMap::new(), settings };
    undo::plan(record, &present, Timestamp::UNIX_EPOCH)
}

fn done() -> Option<Outcome> {
    Some(Outcome::Done { left: block(true) })
}

#[test]
fn what_was_applied_is_undone_if_nobody_changed_it() {
    let undone = undo(&record(done()), accounts(Some(block(true))));
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
    let left = |record: &Record, accounts: AccountResources| {
        let undone = undo(record, accounts);
        assert_eq!(undone.plan.items, []);
        let reasons = undone.left.into_iter();
        reasons.map(|left| (left.reason, left.unreadable)).collect::<Vec<_>>()
    };
    let [(reason, false)] = &left(&record(done()), accounts(Some(half())))[..] else { panic!() };
    assert!(
        reason.starts_with("it was changed after it was applied: `public_access_block` is"),
        "{reason}"
    );
    let gone = ("the resource no longer exists".to_owned(), false);
    assert_eq!(left(&record(done()), accounts(None)), [gone]);
    let cause = Cause::answered("s3:GetPublicAccessBlock", "AccessDenied", "");
    let mut unread = accounts(Some(Facts::from_iter([("name".to_owned(), json!("logs"))])));
    let resources = unread.values_mut().next().unwrap().as_mut().unwrap();
    resources[0].unreadable.insert(FACT.to_owned(), cause.clone());
    assert_eq!(
        left(&record(done()), unread),
        [("s3:GetPublicAccessBlock: AccessDenied".to_owned(), true)]
    );
    let denied = BTreeMap::from([(item(1, "logs").account, Err(cause))]);
    assert!(left(&record(done()), denied)[0].1);
    // What was not changed needs no undoing.
    for end in
        [Outcome::Already { left: block(true) }, Outcome::Changed { difference: String::new() }]
    {
        assert_eq!(left(&record(Some(end)), accounts(Some(block(true)))), []);
    }
}

/// The state decides about a change that was begun, and of which nobody saw the end.
#[test]
fn a_change_without_an_answer_is_undone_if_it_was_made() {
    let cause = Cause::new("s3:PutPublicAccessBlock", "Timeout", "");
    let unknown = || Some(Outcome::Unknown { cause: cause.clone() });
    let failed = || Some(Outcome::Failed { cause: cause.clone() });
    let seen = |end: Option<Outcome>, state: Facts| {
        let mut record = record(end);
        record.progress.values_mut().for_each(|progress| progress.sent = false);
        let UndoPlan { plan, left } = undo(&record, accounts(Some(state)));
        (plan.items.len(), left.into_iter().map(|left| left.reason).next())
    };
    for end in [None, unknown()] {
        assert_eq!(seen(end.clone(), block(true)), (1, None), "{end:?}");
        assert_eq!(seen(end.clone(), block(false)), (0, None), "{end:?}");
        let (items, left) = seen(end.clone(), half());
        assert_eq!(items, 0);
        assert!(left.is_some_and(|reason| reason.starts_with("it was changed after")), "{end:?}");
    }
    for end in [failed(), Some(Outcome::Interrupted {})] {
        for state in [block(false), half()] {
            assert_eq!(seen(end.clone(), state), (0, None), "{end:?}");
        }
        let (items, left) = seen(end.clone(), block(true));
        assert_eq!(items, 0);
        assert!(left.is_some_and(|reason| reason.contains("check who made it")), "{end:?}");
    }
}

/// One call for inbound rules was carried out, and the one for outbound rules was denied.
#[test]
fn half_of_a_change_is_undone() {
    let world = || json!({ "protocol": "-1", "cidr_ipv4": "0.0.0.0/0" });
    let permission = || json!([{ "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }]);
    let facts = |value: Value| value.as_object().unwrap().clone();
    let (open, closed) = (json!([world()]), json!([]));
    let mut record = record(Some(Outcome::Unknown {
        cause: Cause::new("ec2:RevokeSecurityGroupEgress", "UnauthorizedOperation", ""),
    }));
    let changed = &mut record.items[0];
    changed.action = "ec2.security_group.revoke".to_owned();
    changed.parameters = facts(json!({ "ingress": open, "egress": open }));
    changed.before = facts(json!({ "ingress": open, "egress": open }));
    changed.after = facts(json!({ "ingress": closed, "egress": closed }));
    changed.resource.kind = "ec2.security_group".to_owned();
    changed.resource.id = "sg-1".to_owned();
    let (account, region) = (changed.account.clone(), changed.region.clone());
    let undone = |record: &Record, ingress: Value, egress: Value| {
        let group = Resource {
            kind: "ec2.security_group".to_owned(),
            id: "sg-1".to_owned(),
            region: region.clone(),
            arn: None,
            name: None,
            facts: facts(json!({
                "group_id": "sg-1", "owner_id": account.as_str(), "tags": {},
                "ip_permissions": ingress, "ip_permissions_egress": egress,
            })),
            unreadable: BTreeMap::new(),
        };
        let group = crate::facts::normalize(group).unwrap().unwrap();
        undo(record, BTreeMap::from([(account.clone(), Ok(vec![group]))]))
    };
    record.progress.values_mut().for_each(|progress| progress.sent = false);
    let half = undone(&record, closed.clone(), permission());
    assert_eq!(half.left, []);
    let [item] = &half.plan.items[..] else { panic!("{:?}", half.plan.items) };
    assert_eq!(item.action, "ec2.security_group.authorize");
    assert!(item.reason.ends_with("of which a part was made"), "{}", item.reason);
    assert_eq!(Value::Object(item.before.clone()), json!({ "ingress": [], "egress": open }));
    assert_eq!(Value::Object(item.after.clone()), json!({ "ingress": open, "egress": open }));
    // The session allows only what is still to be done.
    let iam = serde_json::to_string(&item.iam).unwrap();
    assert!(iam.contains("AuthorizeSecurityGroupIngress") && !iam.contains("Egress"), "{iam}");

    // All of it was carried out, and nobody saw the answer.
    let whole = undone(&record, closed.clone(), closed.clone());
    let item = &whole.plan.items[0];
    assert!(!item.reason.contains("part"), "{}", item.reason);
    assert_eq!(Value::Object(item.after.clone()), json!({ "ingress": open, "egress": open }));

    // What somebody else did is not half of the change, nor what a run with both answers left.
    let other = json!([{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }]);
    let described = json!([{ "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0", "description": "new" }] }]);
    assert_eq!(undone(&record, other, permission()).plan.items.len(), 1, "another rule is kept");
    assert_eq!(undone(&record, closed.clone(), described).plan.items, []);
    record.progress.values_mut().for_each(|progress| progress.sent = true);
    assert_eq!(undone(&record, closed, permission()).plan.items, []);
}

#[test]
fn an_undo_is_only_what_the_journal_says() {
    let undone = undo(&record(done()), accounts(Some(block(true))));
    let item = undone.plan.items[0].clone();
    assert_eq!(undo::compare(&item, &undone), Fresh::Same);
    // Another state, another class, another resource.
    let opened = Item { after: Facts::new(), ..item.clone() };
    let safe = Item { class: FixClass::Safe, ..item.clone() };
    let mut other = item.clone();
    other.resource.id = "ledger".to_owned();
    for crafted in [opened, safe, other] {
        let compared = undo::compare(&crafted, &undone);
        assert!(matches!(compared, Fresh::Changed(_)), "{compared:?}");
    }
    let changed = undo(&record(done()), accounts(Some(half())));
    assert!(matches!(undo::compare(&item, &changed), Fresh::Changed(_)));
}

#[test]
fn hands_are_kept_off_when_undoing() {
    let all = || Globs::new(&["*"]).unwrap();
    let hands_off =
        HandsOff { account: all(), resource: all(), tags: Vec::new(), reason: "audit".to_owned() };
    let settings = PlanSettings { hands_off: vec![hands_off], ..PlanSettings::default() };
    let undone = undo_with(&record(done()), accounts(Some(block(true))), &settings);
    assert_eq!(undone.plan.items, []);
    assert_eq!(undone.left[0].reason, "hands off: audit");
}
