//! What denies and settings remove.

use super::*;

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
            vec![
                "arn:aws:iam::999999999999:role/a via bucket_policy: read, write (may be denied by statement 2, which does not exempt account 999999999999)",
            ],
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

/// Each statement exempts something that another one denies.
#[test]
fn denies_are_joined() {
    let deny = |more: Value| {
        let mut one = json!({ "Effect": "Deny", "Action": "s3:*" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let objects = |keys: &str| json!(format!("arn:aws:s3:::data/{keys}"));
    let secure = |value: &str| json!({ "Condition": { "Bool": { "aws:SecureTransport": value } } });
    let only_http =
        "everyone via bucket_policy: read (denied by statement 2 if aws:SecureTransport is true)";
    let both = json!({ "Resource": [objects("a/*"), objects("b/*")] });
    for (statements, public, expected) in [
        (
            vec![
                json!({}),
                deny(json!({ "NotResource": objects("pub/*") })),
                deny(json!({ "Resource": objects("pub/*") })),
            ],
            Public::No,
            vec![],
        ),
        (
            vec![
                both.clone(),
                deny(json!({ "Resource": objects("a/*") })),
                deny(json!({ "Resource": objects("b/*") })),
            ],
            Public::No,
            vec![],
        ),
        (vec![json!({}), deny(secure("true")), deny(secure("false"))], Public::No, vec![]),
        (vec![json!({}), deny(secure("true"))], Public::Yes, vec![only_http]),
        (
            vec![
                json!({}),
                deny(secure("true")),
                deny(
                    json!({ "Action": "s3:PutObject", "Condition": secure("false")["Condition"] }),
                ),
            ],
            Public::Yes,
            vec![only_http],
        ),
        (
            vec![
                json!({ "Action": ["s3:GetObject", "s3:PutObject"] }),
                deny(json!({ "Action": "s3:Get*", "NotResource": objects("pub/*") })),
                deny(json!({ "Resource": objects("pub/*") })),
            ],
            Public::Yes,
            vec!["everyone via bucket_policy: write (denied by statement 3 for objects pub/*)"],
        ),
    ] {
        check(&with_policy(&statements), public, &expected);
    }
}

/// Nobody meets two conditions of which one excludes the other.
#[test]
fn conditions_that_exclude_each_other_leave_nobody() {
    let allow = |operator: &str, key: &str, value: &str| json!({ "Condition": { operator: { key: value } } });
    let deny = |operator: &str, key: &str, value: &str| json!({ "Effect": "Deny", "Action": "*", "Condition": { operator: { key: value } } });
    let service = |account: &str| json!({ "Principal": { "Service": "s3.amazonaws.com" }, "Condition": { "StringEquals": { "aws:SourceAccount": account } } });
    let (organization, ip) = ("aws:PrincipalOrgID", "aws:SourceIp");
    for (statements, expected) in [
        (
            vec![
                allow("StringEquals", organization, "o-1"),
                deny("StringEquals", organization, "o-1"),
            ],
            vec![],
        ),
        (
            vec![
                allow("StringEquals", organization, "o-1"),
                deny("StringNotEquals", organization, "o-2"),
            ],
            vec![],
        ),
        (
            vec![
                allow("StringEquals", organization, "o-1"),
                deny("StringNotEquals", organization, "o-1"),
            ],
            vec!["organization o-1 via bucket_policy: read"],
        ),
        (
            vec![
                json!({}),
                deny("StringNotEquals", organization, "o-1"),
                deny("StringNotEquals", organization, "o-2"),
            ],
            vec![],
        ),
        (
            vec![allow("IpAddress", ip, "192.0.2.0/24"), deny("IpAddress", ip, "192.0.2.0/24")],
            vec![],
        ),
        (
            vec![
                allow("IpAddress", ip, "192.0.2.0/24"),
                deny("NotIpAddress", ip, "198.51.100.0/24"),
            ],
            vec![],
        ),
        (
            vec![allow("IpAddress", ip, "192.0.2.0/24"), deny("NotIpAddress", ip, "192.0.0.0/16")],
            vec!["addresses 192.0.2.0/24 via bucket_policy: read"],
        ),
        // Requests through a VPC endpoint do not have aws:SourceIp.
        (
            vec![
                allow("StringEquals", "aws:SourceVpce", "vpce-1"),
                deny("NotIpAddress", ip, "192.0.2.0/24"),
            ],
            vec![],
        ),
        (
            vec![
                allow("StringEquals", "aws:SourceVpce", "vpce-1"),
                deny("IpAddress", ip, "192.0.2.0/24"),
            ],
            vec!["VPC endpoint vpce-1 via bucket_policy: read"],
        ),
        (
            vec![
                allow("StringEquals", "aws:userid", "AIDA1"),
                deny("StringEquals", "aws:userid", "AIDA1"),
            ],
            vec![],
        ),
        // The account of a service is named once.
        (
            vec![service(OWN), deny("StringNotEquals", "aws:SourceAccount", OWN)],
            vec!["s3.amazonaws.com for 111122223333 via bucket_policy: read"],
        ),
        (vec![service(OWN), deny("StringNotEquals", "aws:SourceAccount", OTHER)], vec![]),
        (
            vec![service(OWN), deny("StringNotLike", "aws:SourceAccount", "1*")],
            vec!["s3.amazonaws.com for 111122223333 via bucket_policy: read"],
        ),
    ] {
        check(&with_policy(&statements), Public::No, &expected);
    }
}

#[test]
fn an_unread_acl_does_not_matter_if_everything_is_denied() {
    let deny = |action: &str, resource: Value| json!({ "Effect": "Deny", "Action": action, "Resource": resource });
    let all = json!(["arn:aws:s3:::data", "arn:aws:s3:::data/*"]);
    for (statements, expected) in [
        (vec![deny("s3:*", all.clone())], Public::No),
        (vec![deny("s3:*", all[0].clone()), deny("*", all[1].clone())], Public::No),
        (vec![deny("s3:*", all[1].clone())], Public::Unknown),
        (vec![deny("s3:Get*", all.clone())], Public::Unknown),
        (vec![], Public::Unknown),
    ] {
        let access = analyze(&BucketFacts {
            acl: Err(lost()),
            object_ownership: Ok(None),
            ..with_policy(&statements)
        });
        assert_eq!(
            (access.public, access.is_incomplete()),
            (expected, expected == Public::Unknown),
            "{statements:?}"
        );
    }
}

/// `RestrictPublicBuckets` leaves AWS services and the principals of the bucket's account.
#[test]
fn restricted_buckets_stay_open_to_their_account_and_to_services() {
    let under = |operator: &str, key: &str, value: &str| json!({ "Condition": { operator: { key: value } } });
    let own = "account 111122223333 via bucket_policy: read";
    let services = "any AWS service via bucket_policy: read";
    let secure = " (if aws:SecureTransport is true)";
    for (statements, expected) in [
        (vec![json!({})], vec![own.to_owned(), services.to_owned()]),
        (
            vec![under("Bool", "aws:SecureTransport", "true")],
            vec![format!("{own}{secure}"), format!("{services}{secure}")],
        ),
        (
            vec![under("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a")],
            vec![format!("{own} (if aws:PrincipalArn is arn:aws:iam::*:role/a)")],
        ),
        // One public statement is enough to restrict the others.
        (
            vec![
                json!({ "Action": "s3:ListBucket", "Principal": { "Federated": "graph.facebook.com" } }),
                under("StringEquals", "aws:PrincipalOrgID", "o-1"),
                under("StringEquals", "aws:PrincipalAccount", OTHER),
                under("StringLike", "aws:userid", "AROAR:*"),
                under("StringEquals", "aws:SourceVpc", "vpc-1"),
            ],
            vec![
                format!("{own} (if aws:PrincipalOrgID is o-1)"),
                format!("{own} (if aws:SourceVpc is vpc-1)"),
                "user id AROAR:* via bucket_policy: read (only in the bucket's own account)"
                    .to_owned(),
            ],
        ),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&restricted(with_policy(&statements)), Public::No, &expected);
    }
}

/// The time of the snapshot decides which Deny statements are in effect.
#[test]
fn denies_begin_and_end() {
    let deny = |operator: &str, time: &str| json!({ "Effect": "Deny", "Action": "*", "Condition": { operator: { "aws:CurrentTime": time } } });
    let row = "everyone via bucket_policy: read";
    let noted = format!("{row} (denied by statement 2 if aws:CurrentTime is after 2027-01-01)");
    for (statement, public, expected) in [
        (deny("DateGreaterThan", "2020-01-01"), Public::No, vec![]),
        (deny("DateLessThan", "2020-01-01"), Public::Yes, vec![row]),
        (deny("DateGreaterThan", "2027-01-01"), Public::Yes, vec![noted.as_str()]),
    ] {
        check(&with_policy(&[json!({}), statement.clone()]), public, &expected);
        let unknown = BucketFacts { now: None, ..with_policy(&[json!({}), statement]) };
        assert_eq!(analyze(&unknown).public, Public::Yes);
    }
    // What is allowed without TLS only, and denied without it.
    let http = json!({ "Bool": { "aws:SecureTransport": "false" } });
    let statements = [
        json!({ "Condition": http }),
        json!({ "Effect": "Deny", "Action": "*", "Condition": http }),
    ];
    check(&with_policy(&statements), Public::No, &[]);
}
