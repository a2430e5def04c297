//! Who a policy or an access control list admits.

use super::*;

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
    // The owner's canonical user id is another name of its account.
    for statement in
        [json!({ "Principal": { "CanonicalUser": "abc" } }), json!({ "Principal": { "AWS": OWN } })]
    {
        let facts = BucketFacts { owner_id: Some("abc".to_owned()), ..with_policy(&[statement]) };
        check(&facts, Public::No, &["account 111122223333 via bucket_policy: read"]);
    }
    let deny = json!({ "Effect": "Deny", "Principal": { "CanonicalUser": "abc" } });
    let allow = json!({ "Principal": { "AWS": OWN } });
    let facts = BucketFacts { owner_id: Some("abc".to_owned()), ..with_policy(&[allow, deny]) };
    check(&facts, Public::No, &[]);
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
    check(&with_policy(&[json!({ "NotPrincipal": "*" })]), Public::No, &[]);
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
            json!({ "StringLike": { "aws:PrincipalServiceName": "*" } }),
            false,
            "any AWS service via bucket_policy: read",
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
    // Requests without a signature have the account and the user id `anonymous`.
    let deny =
        |condition: Value| json!({ "Effect": "Deny", "Action": "*", "Condition": condition });
    let account = "aws:PrincipalAccount";
    for (statements, expected) in [
        (
            vec![json!({ "Condition": { "StringEquals": { account: "anonymous" } } })],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is anonymous)",
        ),
        (
            vec![json!({ "Condition": { "StringEquals": { account: [OTHER, "anonymous"] } } })],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is 999999999999 or anonymous)",
        ),
        (
            vec![json!({ "Condition": { "StringLike": { "aws:userid": "anonymous" } } })],
            "everyone via bucket_policy: read (if aws:userid is anonymous)",
        ),
        (
            vec![json!({ "Condition": { "StringLike": { account: "*" } } })],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is *)",
        ),
        (
            vec![json!({ "Condition": { "Null": { account: "false" } } })],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is present)",
        ),
        (
            vec![json!({}), deny(json!({ "Null": { account: "true" } }))],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is present)",
        ),
        (
            vec![json!({}), deny(json!({ "StringNotEquals": { account: [OWN, "anonymous"] } }))],
            "everyone via bucket_policy: read (if aws:PrincipalAccount is 111122223333 or anonymous)",
        ),
        (
            vec![json!({ "Condition": { "StringLike": { account: "1111*" } } })],
            "any AWS account via bucket_policy: read (if aws:PrincipalAccount is 1111*)",
        ),
        (
            vec![json!({ "Condition": { "StringNotEquals": { account: "anonymous" } } })],
            "any AWS account via bucket_policy: read (if aws:PrincipalAccount is not anonymous)",
        ),
        (
            vec![json!({ "Condition": { "Null": { "aws:PrincipalArn": "false" } } })],
            "any AWS account via bucket_policy: read (if aws:PrincipalArn is present)",
        ),
    ] {
        check(&with_policy(&statements), Public::Yes, &[expected]);
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
            "account 111122223333 via bucket_policy: list",
            "arn:aws:iam::111122223333:role/a via bucket_policy: read",
            "any AWS service via bucket_policy: list",
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

/// A condition that no request meets allows nothing. Only those who may use a KMS key
/// can encrypt with it.
#[test]
fn conditions_that_keep_everyone_out() {
    const KMS: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
    let key = "arn:aws:kms:eu-west-1:999999999999:key/k";
    let read = |limits: &str| vec![format!("everyone via bucket_policy: read{limits}")];
    let (ip, vpc) = ("aws:SourceIp", "aws:SourceVpc");
    for (condition, public, expected) in [
        (json!({ "DateLessThan": { "aws:CurrentTime": "2026-05-31" } }), Public::No, vec![]),
        (json!({ "NumericLessThan": { "aws:EpochTime": "1577836800" } }), Public::No, vec![]),
        (
            json!({ "DateLessThan": { "aws:CurrentTime": "2026-06-02" } }),
            Public::Yes,
            read(" (if aws:CurrentTime is before 2026-06-02)"),
        ),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-05-31" } }), Public::Yes, read("")),
        (
            json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-06-02" } }),
            Public::Yes,
            read(" (if aws:CurrentTime is after 2026-06-02)"),
        ),
        (json!({ "StringEquals": { vpc: "vpc-*" } }), Public::No, vec![]),
        (
            json!({ "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::*:role/a" } }),
            Public::No,
            vec![],
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalOrgID": ["o-1", "*"] } }),
            Public::No,
            vec!["organization o-1 via bucket_policy: read".to_owned()],
        ),
        (json!({ "StringNotEquals": { vpc: "vpc-*" } }), Public::Yes, read("")),
        (
            json!({ "StringEquals": { "aws:SourceArn": "arn:aws:s3:::*" } }),
            Public::No,
            vec!["any AWS service for arn:aws:s3:::* via bucket_policy: read".to_owned()],
        ),
        (
            json!({ "StringEqualsIfExists": { vpc: "vpc-*" } }),
            Public::Yes,
            read(" (if aws:SourceVpc is vpc-* (or is absent))"),
        ),
        (
            json!({ "StringEqualsIfExists": { vpc: "vpc-*" }, "Null": { vpc: "false" } }),
            Public::No,
            vec![],
        ),
        (
            json!({ "StringEquals": { KMS: key } }),
            Public::No,
            vec![format!("those who may use KMS key {key} via bucket_policy: read")],
        ),
        (
            json!({ "StringLike": { KMS: "arn:aws:kms:*" } }),
            Public::Yes,
            read(&format!(" (if {KMS} is arn:aws:kms:*)")),
        ),
        // Several values.
        (
            json!({ "IpAddress": { ip: ["192.0.2.0/24", "198.51.100.0/24"] } }),
            Public::No,
            vec!["addresses 192.0.2.0/24 or 198.51.100.0/24 via bucket_policy: read".to_owned()],
        ),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&with_policy(&[json!({ "Condition": condition })]), public, &expected);
    }
    // Nobody is of two accounts.
    let condition =
        json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::999999999999:role/*" } });
    let statement =
        |account: &str| json!({ "Principal": { "AWS": account }, "Condition": condition });
    check(&with_policy(&[statement("222233334444")]), Public::No, &[]);
    let row = "account 999999999999 via bucket_policy: read (if aws:PrincipalArn is arn:aws:iam::999999999999:role/*)";
    check(&with_policy(&[statement(OTHER)]), Public::No, &[row]);
    let condition = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::logs" }, "StringEquals": { "aws:SourceAccount": [OWN, OTHER] } });
    let service = json!({ "Principal": { "Service": "s3.amazonaws.com" }, "Condition": condition });
    let row = "s3.amazonaws.com for arn:aws:s3:::logs and 111122223333 or 999999999999 via bucket_policy: read";
    check(&with_policy(&[service]), Public::No, &[row]);
}
