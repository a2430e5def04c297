//! Who can do what: S3's and IAM's documented examples, and what blocks access.

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
fn principals_are_named() {
    let oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1";
    for (principal, expected) in [
        (json!("*"), "everyone"),
        (json!({ "AWS": "*" }), "everyone"),
        (json!({ "AWS": OTHER }), "account 999999999999"),
        (json!({ "AWS": "arn:aws:iam::999999999999:root" }), "account 999999999999"),
        (json!({ "AWS": "arn:aws:iam::999999999999:role/a" }), "arn:aws:iam::999999999999:role/a"),
        (json!({ "Service": "logging.s3.amazonaws.com" }), "logging.s3.amazonaws.com"),
        (json!({ "AWS": oai }), "CloudFront origin access identity E1"),
        (json!({ "CanonicalUser": "abc" }), "canonical user abc"),
        (json!({ "Federated": "graph.facebook.com" }), "users of graph.facebook.com"),
        (
            json!({ "Federated": "arn:aws:iam::999999999999:saml-provider/x" }),
            "users of arn:aws:iam::999999999999:saml-provider/x",
        ),
    ] {
        let is_public = matches!(expected, "everyone" | "users of graph.facebook.com");
        let public = if is_public { Public::Yes } else { Public::No };
        let row = format!("{expected} via bucket_policy: read");
        check(&with_policy(&[json!({ "Principal": principal })]), public, &[&row]);
    }
    // AWS never assigns the ids of deleted roles again.
    check(
        &with_policy(&[json!({ "Principal": { "AWS": "AROAEXAMPLEEXAMPLE" } })]),
        Public::No,
        &[],
    );
    check(
        &with_policy(&[json!({ "NotPrincipal": { "AWS": OTHER } })]),
        Public::Yes,
        &["everyone via bucket_policy: read (except account 999999999999)"],
    );
}

#[test]
fn conditions_say_who_is_left_of_everyone() {
    let secure = "aws:SecureTransport is true";
    for (condition, public, expected) in [
        (
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }),
            false,
            "organization o-1 via bucket_policy: read",
        ),
        (
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-1/r-1/*" } }),
            false,
            "organization o-1/r-1/* via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalAccount": OTHER } }),
            false,
            "account 999999999999 via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalAccount": "${aws:ResourceAccount}" } }),
            false,
            "account 111122223333 via bucket_policy: read",
        ),
        (
            json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::999999999999:role/*" } }),
            false,
            "arn:aws:iam::999999999999:role/* via bucket_policy: read",
        ),
        (
            json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }),
            false,
            "addresses 192.0.2.0/24 via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:SourceVpce": "vpce-1" } }),
            false,
            "VPC endpoint vpce-1 via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }),
            false,
            "VPC vpc-1 via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:SourceAccount": OTHER } }),
            false,
            "any AWS service for 999999999999 via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalServiceName": "s3.amazonaws.com" } }),
            false,
            "s3.amazonaws.com via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "accounts.google.com:aud": "app" } }),
            false,
            "users of accounts.google.com with aud app via bucket_policy: read",
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" }, "Bool": { "aws:SecureTransport": "true" } }),
            false,
            &format!("organization o-1 via bucket_policy: read (if {secure})"),
        ),
        (
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            true,
            &format!("everyone via bucket_policy: read (if {secure})"),
        ),
        (
            json!({ "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/a" } }),
            true,
            "any AWS account via bucket_policy: read (if aws:PrincipalArn is arn:aws:iam::*:role/a)",
        ),
        (
            json!({ "StringNotEquals": { "aws:PrincipalArn": "arn:aws:iam::1:role/a" } }),
            true,
            "everyone via bucket_policy: read (if aws:PrincipalArn is not arn:aws:iam::1:role/a)",
        ),
    ] {
        let public = if public { Public::Yes } else { Public::No };
        check(&with_policy(&[json!({ "Condition": condition })]), public, &[expected]);
    }
    // A service acts for somebody, and where from is another matter.
    let condition = json!({ "StringEquals": { "aws:SourceAccount": OWN }, "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } });
    let service = json!({ "Principal": { "Service": "s3.amazonaws.com" }, "Condition": condition });
    let row = "s3.amazonaws.com for 111122223333 via bucket_policy: read (if aws:SourceIp is 192.0.2.0/24)";
    check(&with_policy(&[service]), Public::No, &[row]);
    // Each account is a row of its own.
    let accounts = json!({ "StringEquals": { "aws:PrincipalAccount": [OTHER, "222233334444"] } });
    let rows = [
        "account 222233334444 via bucket_policy: read",
        "account 999999999999 via bucket_policy: read",
    ];
    check(&with_policy(&[json!({ "Condition": accounts })]), Public::No, &rows);
}

#[test]
fn resources_decide_which_actions_apply() {
    let objects = "arn:aws:s3:::data/*";
    for (resource, action, expected) in [
        (json!(objects), "s3:ListBucket", vec![]),
        (json!("arn:aws:s3:::data"), "s3:GetObject", vec![]),
        (
            json!("arn:aws:s3:::data"),
            "s3:*",
            vec![
                "everyone via bucket_policy: list, delete, read_permissions, change_permissions, read_settings, change_settings",
            ],
        ),
        (
            json!("arn:aws:s3:::data/public/*"),
            "s3:GetObject",
            vec!["everyone via bucket_policy: read (public/*)"],
        ),
        (
            json!("arn:aws:s3:::data*"),
            "s3:Get*",
            vec!["everyone via bucket_policy: read, read_permissions, read_settings"],
        ),
        (json!("*"), "s3:ListBucket", vec!["everyone via bucket_policy: list"]),
        (json!("arn:aws:s3:::other/*"), "s3:GetObject", vec![]),
        (
            json!("arn:aws:s3:::data/${aws:username}/*"),
            "s3:GetObject",
            vec!["everyone via bucket_policy: read (${aws:username}/*)"],
        ),
    ] {
        let public = if expected.is_empty() { Public::No } else { Public::Yes };
        check(
            &with_policy(&[json!({ "Resource": resource, "Action": action })]),
            public,
            &expected,
        );
    }
    let not = json!({ "NotResource": "arn:aws:s3:::data/secret/*" });
    check(
        &with_policy(&[not]),
        Public::Yes,
        &["everyone via bucket_policy: read (except objects secret/*)"],
    );
}

/// Examples of "The meaning of public" in the S3 User Guide.
#[test]
fn the_documented_examples_of_public_policies() {
    let put = |more: Value| {
        let mut one = json!({ "Action": "s3:PutObject" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with_policy(&[one])
    };
    let federated = put(json!({ "Principal": { "Federated": "graph.facebook.com" } }));
    check(&federated, Public::Yes, &["users of graph.facebook.com via bucket_policy: write"]);
    let vpcs = put(json!({ "Condition": { "StringLike": { "aws:SourceVpc": "vpc-*" } } }));
    check(&vpcs, Public::Yes, &["everyone via bucket_policy: write (if aws:SourceVpc is vpc-*)"]);
    let vpc = put(json!({ "Condition": { "StringEquals": { "aws:SourceVpc": "vpc-91237329" } } }));
    check(&vpc, Public::No, &["VPC vpc-91237329 via bucket_policy: write"]);

    // A policy with public and other grants: S3 restricts all of them but those of services.
    let trail =
        json!({ "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "s3:PutObject" });
    let account = json!({ "Principal": { "AWS": "arn:aws:iam::999999999999:root" } });
    let own = json!({ "Principal": { "AWS": "arn:aws:iam::111122223333:role/a" } });
    let public = json!({ "Action": "s3:ListBucket" });
    let mixed = with_policy(&[trail.clone(), account.clone(), own.clone(), public]);
    check(
        &mixed,
        Public::Yes,
        &[
            "everyone via bucket_policy: list",
            "account 999999999999 via bucket_policy: read",
            "arn:aws:iam::111122223333:role/a via bucket_policy: read",
            "cloudtrail.amazonaws.com via bucket_policy: write",
        ],
    );
    check(
        &restricted(mixed.clone()),
        Public::No,
        &[
            "arn:aws:iam::111122223333:role/a via bucket_policy: read",
            "cloudtrail.amazonaws.com via bucket_policy: write",
        ],
    );
    assert_eq!(blockers(&restricted(mixed)), ["RestrictPublicBuckets of the bucket"]);
    check(
        &restricted(with_policy(&[trail, account])),
        Public::No,
        &[
            "account 999999999999 via bucket_policy: read",
            "cloudtrail.amazonaws.com via bucket_policy: write",
        ],
    );
}

#[test]
fn only_the_settings_that_matter_block_access() {
    let all_users = acl(&[("AllUsers", "READ"), ("owner", "FULL_CONTROL")]);
    let public = with_policy(&[json!({})]);
    type Set = fn(&mut PublicAccessBlock);
    let settings: [(&str, Set); 4] = [
        ("BlockPublicAcls", |block| block.block_public_acls = true),
        ("IgnorePublicAcls", |block| block.ignore_public_acls = true),
        ("BlockPublicPolicy", |block| block.block_public_policy = true),
        ("RestrictPublicBuckets", |block| block.restrict_public_buckets = true),
    ];
    for (name, set) in settings {
        for of_account in [false, true] {
            let mut block = PublicAccessBlock::default();
            set(&mut block);
            let with = |facts: &BucketFacts| {
                let mut facts = facts.clone();
                let place = if of_account { &mut facts.account_block } else { &mut facts.block };
                *place = Ok(block.clone());
                analyze(&facts).public
            };
            let expected = |blocks: &str| if name == blocks { Public::No } else { Public::Yes };
            assert_eq!(with(&all_users), expected("IgnorePublicAcls"), "{name}");
            assert_eq!(with(&public), expected("RestrictPublicBuckets"), "{name}");
        }
    }
}

#[test]
fn acls_grant_access_unless_they_are_disabled() {
    let facts = acl(&[
        ("AllUsers", "READ"),
        ("AuthenticatedUsers", "WRITE"),
        ("partner", "READ_ACP"),
        ("LogDelivery", "WRITE"),
        ("owner", "FULL_CONTROL"),
    ]);
    let expected = [
        "everyone via acl: list",
        "any AWS account via acl: write, delete",
        "canonical user partner via acl: read_permissions",
        "S3 log delivery via acl: write, delete",
    ];
    check(&facts, Public::Yes, &expected);
    let enforced = BucketFacts {
        object_ownership: Ok(Some("BucketOwnerEnforced".to_owned())),
        ..facts.clone()
    };
    check(&enforced, Public::No, &[]);
    let deny = policy(&[
        json!({ "Effect": "Deny", "Action": "s3:ListBucket", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
    ]);
    let denied = BucketFacts { policy: Ok(Some(deny)), ..acl(&[("AllUsers", "READ")]) };
    let row = "everyone via acl: list (denied by statement 1 if aws:SecureTransport is false)";
    // The policy names ListBucket only, and READ also lists versions and uploads.
    check(&denied, Public::Yes, &["everyone via acl: list", row]);
}

#[test]
fn denies_remove_what_they_cover() {
    let allow = json!({ "Action": ["s3:GetObject", "s3:PutObject"] });
    let deny = |more: Value| {
        let mut one = json!({ "Effect": "Deny", "Action": "s3:*" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with_policy(&[allow.clone(), one])
    };
    let both = "everyone via bucket_policy: read, write";
    for (more, public, expected) in [
        (json!({}), Public::No, vec![]),
        (
            json!({ "Action": "s3:PutObject" }),
            Public::Yes,
            vec!["everyone via bucket_policy: read"],
        ),
        (json!({ "Action": "s3:ListBucket" }), Public::Yes, vec![both]),
        (
            json!({ "NotAction": "s3:GetObject" }),
            Public::Yes,
            vec!["everyone via bucket_policy: read"],
        ),
        (json!({ "Resource": "arn:aws:s3:::data" }), Public::Yes, vec![both]),
        (json!({ "NotResource": "arn:aws:s3:::data/*" }), Public::Yes, vec![both]),
        (
            json!({ "Resource": "arn:aws:s3:::data/secret/*" }),
            Public::Yes,
            vec![
                "everyone via bucket_policy: read, write (denied by statement 2 for objects secret/*)",
            ],
        ),
        (json!({ "Resource": "arn:aws:s3:::data/?*" }), Public::No, vec![]),
        (
            json!({ "Resource": "arn:aws:s3:::data/${aws:username}*" }),
            Public::Yes,
            vec![
                "everyone via bucket_policy: read, write (denied by statement 2 for objects ${aws:username}*)",
            ],
        ),
        (
            json!({ "Resource": "arn:aws:s3:::data/${*}" }),
            Public::Yes,
            vec![
                "everyone via bucket_policy: read, write (denied by statement 2 for objects ${*})",
            ],
        ),
        (
            json!({ "Principal": { "AWS": OTHER } }),
            Public::Yes,
            vec![
                "everyone via bucket_policy: read, write (denied by statement 2 to account 999999999999)",
            ],
        ),
        (
            json!({ "Sid": "Tls", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
            Public::Yes,
            vec![
                "everyone via bucket_policy: read, write (denied by statement \"Tls\" if aws:SecureTransport is false)",
            ],
        ),
        (
            json!({ "Condition": { "Bool": { "aws:SecureTransport": ["true", "false"] } } }),
            Public::No,
            vec![],
        ),
        (
            json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } } }),
            Public::No,
            vec!["organization o-1 via bucket_policy: read, write"],
        ),
        (
            json!({ "Condition": { "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } } }),
            Public::No,
            vec!["addresses 192.0.2.0/24 via bucket_policy: read, write"],
        ),
        (
            json!({ "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-1" }, "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } } }),
            Public::No,
            vec![
                "organization o-1 via bucket_policy: read, write",
                "any AWS service via bucket_policy: read, write",
            ],
        ),
        (
            json!({ "Principal": null, "NotPrincipal": { "AWS": "arn:aws:iam::999999999999:role/a" } }),
            Public::No,
            vec!["arn:aws:iam::999999999999:role/a via bucket_policy: read, write"],
        ),
    ] {
        let mut facts = deny(more);
        if let Ok(Some(document)) = &mut facts.policy {
            let statement = document["Statement"][1].as_object_mut().unwrap();
            for (negated, plain) in [("NotPrincipal", "Principal"), ("NotAction", "Action")] {
                if statement.contains_key(negated) {
                    statement.remove(plain);
                }
            }
        }
        check(&facts, public, &expected);
    }
    let account = json!({ "Principal": { "AWS": OTHER } });
    let unless = |accounts: Value| {
        let condition = json!({ "StringNotEquals": { "aws:PrincipalAccount": accounts } });
        with_policy(&[
            account.clone(),
            json!({ "Effect": "Deny", "Action": "*", "Condition": condition }),
        ])
    };
    check(
        &unless(json!([OWN, OTHER])),
        Public::No,
        &["account 999999999999 via bucket_policy: read"],
    );
    check(&unless(json!(OWN)), Public::No, &[]);
    assert_eq!(blockers(&unless(json!(OWN))), ["the bucket policy's statement 2"]);
}

#[test]
fn access_points_need_the_bucket() {
    let delegation = json!({ "Action": "*", "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OWN } } });
    let account = json!({ "Principal": { "AWS": OTHER } });
    let with = |statements: &[Value], points: Vec<AccessPointFacts>| BucketFacts {
        access_points: Ok(points),
        ..with_policy(statements)
    };
    // A delegation alone grants nothing.
    check(&with(std::slice::from_ref(&delegation), vec![]), Public::No, &[]);
    let row = "account 999999999999 via access_point: read";
    let delegated =
        with(std::slice::from_ref(&delegation), vec![point(std::slice::from_ref(&account))]);
    check(&delegated, Public::No, &[row]);
    // Without one, the policy of the access point has no effect on others.
    check(&with(&[], vec![point(std::slice::from_ref(&account))]), Public::No, &[]);
    let open = with(std::slice::from_ref(&delegation), vec![point(&[json!({})])]);
    check(&open, Public::Yes, &["everyone via access_point: read"]);
    let own = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
    let closed = AccessPointFacts { block: Ok(own), ..point(&[json!({})]) };
    check(&with(std::slice::from_ref(&delegation), vec![closed]), Public::No, &[]);
    let vpc = AccessPointFacts { vpc: Some("vpc-1".to_owned()), ..point(&[json!({})]) };
    check(
        &with(std::slice::from_ref(&delegation), vec![vpc]),
        Public::No,
        &["VPC vpc-1 via access_point: read"],
    );
    // S3 does not consider it public, whatever its policy says, and so does not restrict it.
    let own = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
    let vpc = AccessPointFacts {
        vpc: Some("vpc-1".to_owned()),
        block: Ok(own.clone()),
        ..point(&[json!({})])
    };
    check(
        &with(std::slice::from_ref(&delegation), vec![vpc]),
        Public::No,
        &["VPC vpc-1 via access_point: read"],
    );
    // Every request through the access point meets this condition.
    let condition = json!({ "StringEquals": { "s3:DataAccessPointAccount": OWN } });
    let statements = [json!({ "Condition": condition })];
    let closed = AccessPointFacts { block: Ok(own), ..point(&statements) };
    check(&with(std::slice::from_ref(&delegation), vec![closed]), Public::No, &[]);
    // Requests through it cannot change or delete the bucket.
    let delete = json!({ "Action": ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:ListBucket"] });
    check(
        &with(std::slice::from_ref(&delegation), vec![point(&[delete])]),
        Public::Yes,
        &["everyone via access_point: list"],
    );
    // Requests come through an endpoint of the VPC.
    let limited = "account 999999999999 via access_point: read (if aws:SourceVpc is vpc-1)";
    for (condition, expected) in [
        (json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } }), vec![limited]),
        (json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-2" } }), vec![]),
        (json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), vec![limited]),
        (json!({ "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), vec![]),
    ] {
        let deny = json!({ "Effect": "Deny", "Action": "*", "Condition": condition });
        let vpc = AccessPointFacts {
            vpc: Some("vpc-1".to_owned()),
            ..point(std::slice::from_ref(&account))
        };
        check(&with(&[delegation.clone(), deny], vec![vpc]), Public::No, &expected);
    }
    // Public ACLs of the bucket do not count if the access point ignores them.
    let by_acl = |point: AccessPointFacts| BucketFacts {
        access_points: Ok(vec![point]),
        ..acl(&[("AuthenticatedUsers", "READ")])
    };
    let list = point(&[json!({ "Principal": { "AWS": OTHER }, "Action": "s3:ListBucket" })]);
    let any = "any AWS account via acl: list";
    check(
        &by_acl(list.clone()),
        Public::Yes,
        &[any, "account 999999999999 via access_point: list"],
    );
    let ignoring = PublicAccessBlock { ignore_public_acls: true, ..Default::default() };
    check(&by_acl(AccessPointFacts { block: Ok(ignoring), ..list }), Public::Yes, &[any]);
    // Direct requests are denied.
    let only = json!({ "Effect": "Deny", "Action": "*", "Condition": { "StringNotEquals": { "s3:DataAccessPointAccount": OWN } } });
    let direct = json!({ "Principal": { "AWS": OTHER }, "Action": "s3:*" });
    check(&with(&[direct, only], vec![point(std::slice::from_ref(&account))]), Public::No, &[row]);
    // The policy of the access point limits what the bucket allows.
    let prefix = point(&[
        json!({ "Resource": format!("arn:aws:s3:eu-west-1:{OWN}:accesspoint/ap/object/in/*"), "Action": "s3:*" }),
    ]);
    let row = "everyone via access_point: read (in/*)";
    let get = json!({ "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OWN } } });
    check(&with(&[get], vec![prefix]), Public::Yes, &[row]);
    // Those of other accounts are not visible.
    let foreign =
        json!({ "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OTHER } } });
    let row = "access points of account 999999999999 via bucket_policy: read";
    check(&with(&[foreign], vec![]), Public::No, &[row]);
    let foreign = json!({ "Principal": { "AWS": "222233334444" }, "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OTHER } } });
    let row = "account 222233334444 via bucket_policy: read (only through access points of account 999999999999)";
    check(&with(&[foreign], vec![]), Public::No, &[row]);
    let any = json!({ "Condition": { "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*" } } });
    let row = "any AWS account via bucket_policy: read (if s3:DataAccessPointArn is arn:aws:s3:*:*:accesspoint/*)";
    check(&with(&[any], vec![]), Public::Yes, &[row]);
}

#[test]
fn multi_region_access_points_are_access_points() {
    let arn = format!("arn:aws:s3::{OWN}:accesspoint/m.mrap");
    let statement = json!({ "Resource": format!("{arn}/object/*") });
    let multi = AccessPointFacts {
        source: Source::MultiRegionAccessPoint,
        name: "m".to_owned(),
        arn: arn.clone(),
        policy: Ok(Some(policy(&[statement]))),
        ..point(&[])
    };
    let delegation = json!({ "Condition": { "StringEquals": { "s3:DataAccessPointArn": arn } } });
    let facts =
        BucketFacts { multi_region_access_points: Ok(vec![multi]), ..with_policy(&[delegation]) };
    check(&facts, Public::Yes, &["everyone via multi_region_access_point: read"]);
}

#[test]
fn what_was_not_read_is_unknown() {
    type Lose = fn(&mut BucketFacts);
    let open = || {
        let delegation =
            json!({ "Condition": { "StringEquals": { "s3:DataAccessPointAccount": OWN } } });
        BucketFacts { access_points: Ok(vec![point(&[])]), ..with_policy(&[delegation]) }
    };
    let cases: [(&str, BucketFacts, Lose, Public, &[Source]); 15] = [
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
            Public::Yes,
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
