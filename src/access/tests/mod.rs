//! Who can do what: S3's and IAM's documented examples, and what blocks access.

mod access_points;
mod denies;
mod policies;
mod relations;
mod requests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::bucket::Acl;
use crate::model::Cause;

const OWN: &str = "111122223333";
const OTHER: &str = "999999999999";

fn lost() -> Cause {
    Cause::new("s3:Get", "AccessDenied", "no")
}

/// A private bucket.
fn bucket() -> BucketFacts {
    BucketFacts {
        name: "data".to_owned(),
        partition: "aws".to_owned(),
        account: OWN.to_owned(),
        owner_id: None,
        now: "2026-06-01T00:00:00Z".parse().ok(),
        policy: Ok(None),
        policy_status: Ok(None),
        acl: Ok(None),
        object_ownership: Ok(Some("BucketOwnerEnforced".to_owned())),
        block: Ok(PublicAccessBlock::default()),
        account_block: Ok(PublicAccessBlock::default()),
        access_points: Ok(Vec::new()),
        multi_region_access_points: Ok(Vec::new()),
    }
}

/// A statement with what it lacks.
fn whole(mut statement: Value) -> Value {
    let given = statement.as_object_mut().unwrap();
    let has = |names: [&str; 2], given: &serde_json::Map<String, Value>| {
        names.iter().any(|name| given.contains_key(*name))
    };
    if !has(["Effect", "Effect"], given) {
        given.insert("Effect".to_owned(), json!("Allow"));
    }
    if !has(["Principal", "NotPrincipal"], given) {
        given.insert("Principal".to_owned(), json!("*"));
    }
    if !has(["Action", "NotAction"], given) {
        given.insert("Action".to_owned(), json!("s3:GetObject"));
    }
    if !has(["Resource", "NotResource"], given) {
        given.insert("Resource".to_owned(), json!(["arn:aws:s3:::data", "arn:aws:s3:::data/*"]));
    }
    statement
}

fn policy(statements: &[Value]) -> Value {
    json!({ "Statement": statements.iter().cloned().map(whole).collect::<Vec<_>>() })
}

fn with_policy(statements: &[Value]) -> BucketFacts {
    BucketFacts { policy: Ok(Some(policy(statements))), policy_status: Err(lost()), ..bucket() }
}

fn restricted(facts: BucketFacts) -> BucketFacts {
    let block = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
    BucketFacts { block: Ok(block), ..facts }
}

fn acl(grants: &[(&str, &str)]) -> BucketFacts {
    let grantee = |name: &str| match name {
        "AllUsers" | "AuthenticatedUsers" => {
            json!({ "type": "Group", "uri": format!("http://acs.amazonaws.com/groups/global/{name}") })
        }
        "LogDelivery" => {
            json!({ "type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery" })
        }
        id => json!({ "type": "CanonicalUser", "id": id }),
    };
    let grants: Vec<Value> = grants
        .iter()
        .map(|(name, permission)| json!({ "grantee": grantee(name), "permission": permission }))
        .collect();
    let acl: Acl =
        serde_json::from_value(json!({ "owner_id": "owner", "grants": grants })).unwrap();
    BucketFacts { acl: Ok(Some(acl)), object_ownership: Ok(None), ..bucket() }
}

fn point(statements: &[Value]) -> AccessPointFacts {
    let arn = format!("arn:aws:s3:eu-west-1:{OWN}:accesspoint/ap");
    let resources = json!([&arn, format!("{arn}/object/*")]);
    let statements: Vec<Value> = statements
        .iter()
        .cloned()
        .map(|mut one| {
            one.as_object_mut().unwrap().entry("Resource").or_insert(resources.clone());
            one
        })
        .collect();
    AccessPointFacts {
        source: Source::AccessPoint,
        name: "ap".to_owned(),
        arn,
        vpc: None,
        policy: Ok(Some(policy(&statements))),
        policy_status: Err(lost()),
        block: Ok(PublicAccessBlock::default()),
    }
}

/// The grants: who, through what, what, and what limits it.
fn shown(access: &BucketAccess) -> Vec<String> {
    let mut rows: BTreeMap<(&Who, Source, String), Vec<&str>> = BTreeMap::new();
    for grant in &access.grants {
        let mut limits = grant.objects.clone();
        limits.extend(grant.conditions.iter().map(|one| format!("if {one}")));
        limits.extend(grant.exceptions.clone());
        limits.extend(grant.unknown.iter().map(|_| "unknown".to_owned()));
        let key = (&grant.who, grant.source, limits.join("; "));
        rows.entry(key).or_default().push(grant.ability.as_str());
    }
    let row = |((who, source, limits), abilities): (_, Vec<&str>)| {
        let (who, source, limits): (&Who, Source, String) = (who, source, limits);
        let limits = if limits.is_empty() { limits } else { format!(" ({limits})") };
        format!("{who} via {}: {}{limits}", source.as_str(), abilities.join(", "))
    };
    rows.into_iter().map(row).collect()
}

#[track_caller]
fn check(facts: &BucketFacts, public: Public, expected: &[&str]) {
    let access = analyze(facts);
    assert_eq!(
        (access.public, shown(&access)),
        (public, expected.iter().map(|one| (*one).to_owned()).collect()),
        "{:?}",
        facts.policy
    );
}

fn blockers(facts: &BucketFacts) -> Vec<String> {
    let mut all: Vec<String> = analyze(facts).blocked.into_iter().map(|one| one.by).collect();
    all.dedup();
    all
}

#[test]
fn what_was_not_read_is_unknown() {
    type Lose = fn(&mut BucketFacts);
    let open = || {
        let delegation =
            json!({ "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OWN } } });
        BucketFacts { access_points: Ok(vec![point(&[])]), ..with_policy(&[delegation]) }
    };
    let cases: [(&str, BucketFacts, Lose, Public, &[Source]); 16] = [
        (
            "policy",
            bucket(),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Err(lost())),
            Public::Unknown,
            &[Source::BucketPolicy],
        ),
        (
            "policy that S3 reports as private",
            bucket(),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Ok(Some(false))),
            Public::No,
            &[Source::BucketPolicy],
        ),
        (
            "policy that S3 reports as public",
            bucket(),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Ok(Some(true))),
            Public::Unknown,
            &[Source::BucketPolicy],
        ),
        (
            "policy that may deny what the ACL grants",
            acl(&[("AllUsers", "READ")]),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Ok(Some(false))),
            Public::Unknown,
            &[Source::BucketPolicy],
        ),
        (
            "policy that does not exist",
            bucket(),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Ok(None)),
            Public::No,
            &[],
        ),
        (
            "policy of a restricted bucket",
            restricted(bucket()),
            |facts| (facts.policy, facts.policy_status) = (Err(lost()), Err(lost())),
            Public::No,
            &[Source::BucketPolicy],
        ),
        ("ACL without effect", bucket(), |facts| facts.acl = Err(lost()), Public::No, &[]),
        ("ACL", acl(&[]), |facts| facts.acl = Err(lost()), Public::Unknown, &[Source::Acl]),
        (
            "public ACL is not ignored for certain",
            acl(&[("AllUsers", "READ")]),
            |facts| facts.block = Err(lost()),
            Public::Unknown,
            &[],
        ),
        (
            "ownership",
            acl(&[("AllUsers", "READ")]),
            |facts| facts.object_ownership = Err(lost()),
            Public::Unknown,
            &[],
        ),
        (
            "ownership of a private ACL",
            acl(&[]),
            |facts| facts.object_ownership = Err(lost()),
            Public::No,
            &[],
        ),
        (
            "settings of the account",
            with_policy(&[json!({})]),
            |facts| facts.account_block = Err(lost()),
            Public::Unknown,
            &[],
        ),
        (
            "settings of the account of a private bucket",
            bucket(),
            |facts| facts.account_block = Err(lost()),
            Public::No,
            &[],
        ),
        (
            "access points of a bucket that lets nobody in",
            bucket(),
            |facts| facts.access_points = Err(lost()),
            Public::No,
            &[],
        ),
        (
            "access points",
            open(),
            |facts| facts.access_points = Err(lost()),
            Public::Unknown,
            &[Source::AccessPoint],
        ),
        (
            "policy of an access point",
            open(),
            |facts| {
                facts.access_points =
                    Ok(vec![AccessPointFacts { policy: Err(lost()), ..point(&[]) }])
            },
            Public::Unknown,
            &[Source::AccessPoint],
        ),
    ];
    for (name, mut facts, lose, public, unread) in cases {
        lose(&mut facts);
        let access = analyze(&facts);
        let sources: Vec<Source> = access.unread.iter().map(|one| one.source).collect();
        assert_eq!((access.public, sources.as_slice()), (public, unread), "{name}");
        assert_eq!(
            access.is_incomplete(),
            public == Public::Unknown || !unread.is_empty(),
            "{name}"
        );
    }
    let broken = BucketFacts { policy: Ok(Some(json!({ "Statement": "x" }))), ..with_policy(&[]) };
    assert_eq!(analyze(&broken).public, Public::Unknown);
}

#[test]
fn large_policies_take_bounded_time_and_memory() {
    let many: Vec<Value> = (0..40)
        .map(|at| json!({ "Principal": { "AWS": format!("{at:012}") }, "Action": "s3:*" }))
        .chain((0..40).map(|at| {
            let condition = json!({ "StringNotEquals": { "aws:PrincipalOrgID": format!("o-{at}") },
                "NotIpAddress": { "aws:SourceIp": format!("192.0.2.{}/32", at % 256) } });
            json!({ "Effect": "Deny", "Action": "s3:*", "Condition": condition })
        }))
        .collect();
    let access = analyze(&with_policy(&many));
    assert_eq!(access.public, Public::No);
}
