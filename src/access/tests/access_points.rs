//! Access points, which also need the bucket.

use super::*;

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
    let own_account = "account 111122223333 via access_point: read";
    let own = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
    let closed = AccessPointFacts { block: Ok(own), ..point(&[json!({})]) };
    check(&with(std::slice::from_ref(&delegation), vec![closed]), Public::No, &[own_account]);
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
    check(&with(std::slice::from_ref(&delegation), vec![closed]), Public::No, &[own_account]);
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
    // They do not support anonymous requests.
    check(&facts, Public::Yes, &["any AWS account via multi_region_access_point: read"]);
    let mut closed = facts;
    for point in closed.multi_region_access_points.iter_mut().flatten() {
        let block = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
        point.block = Ok(block);
    }
    let by = "RestrictPublicBuckets of the Multi-Region Access Point";
    assert_eq!(blockers(&closed), [by]);
}

/// Anyone with an AWS account can create an access point for a bucket of another account. Its policy is
/// then theirs, so that the policy of the bucket decides alone.
#[test]
fn anyone_can_create_an_access_point_in_their_own_account() {
    let deny = |operator: &str, key: &str, value: Value| json!({ "Effect": "Deny", "Action": "*", "Condition": { operator: { key: value } } });
    let allow = |operator: &str, key: &str, value: &str| json!({ "Condition": { operator: { key: value } } });
    let (account, arn) = ("s3:DataAccessPointAccount", "s3:DataAccessPointArn");
    let origin = "s3:AccessPointNetworkOrigin";
    let any = "any AWS account via bucket_policy: read";
    let only = "any AWS account via bucket_policy: read (only through access points)";
    let of_other = "access points of account 999999999999 via bucket_policy: read";
    let (yes, no) = (Public::Yes, Public::No);
    let is_arn = "arn:aws:s3:*:999999999999:accesspoint/*";
    for (statements, public, expected) in [
        (vec![allow("Null", account, "false")], yes, vec![only.to_owned()]),
        (vec![allow("Null", arn, "false")], yes, vec![only.to_owned()]),
        (
            vec![allow("Null", arn, "true")],
            yes,
            vec!["everyone via bucket_policy: read".to_owned()],
        ),
        (
            vec![allow("StringEquals", origin, "Internet")],
            yes,
            vec![format!("{any} (if {origin} is Internet)")],
        ),
        (
            vec![allow("StringEquals", origin, "VPC")],
            yes,
            vec![format!("{any} (if {origin} is VPC)")],
        ),
        (vec![allow("StringLike", account, "*")], yes, vec![format!("{any} (if {account} is *)")]),
        // Only access points of the bucket's account, of which there are none.
        (vec![allow("StringEquals", account, OWN)], no, vec![]),
        // Only requests through access points.
        (vec![json!({}), deny("Null", arn, json!("true"))], yes, vec![only.to_owned()]),
        (
            vec![json!({}), deny("StringNotEquals", origin, json!("VPC"))],
            yes,
            vec![format!("{any} (if {origin} is VPC)")],
        ),
        (vec![json!({}), deny("StringNotEquals", account, json!(OWN))], no, vec![]),
        (
            vec![json!({}), deny("StringNotEquals", account, json!([OWN, OTHER]))],
            no,
            vec![of_other.to_owned()],
        ),
        (vec![json!({}), deny("ArnNotLike", arn, json!(is_arn))], no, vec![of_other.to_owned()]),
        (
            vec![
                allow("StringEquals", account, OTHER),
                deny("StringEquals", account, json!(OTHER)),
            ],
            no,
            vec![],
        ),
        (
            vec![
                json!({ "Principal": { "AWS": "222233334444" } }),
                deny("Null", arn, json!("true")),
            ],
            no,
            vec![
                "account 222233334444 via bucket_policy: read (only through access points)"
                    .to_owned(),
            ],
        ),
        (
            vec![
                json!({}),
                deny("StringNotEquals", "aws:PrincipalOrgID", json!("o-1")),
                deny("Null", arn, json!("true")),
            ],
            no,
            vec![
                "organization o-1 via bucket_policy: read (only through access points)".to_owned(),
            ],
        ),
        // Requests to the bucket itself are allowed as well.
        (
            vec![json!({}), deny("StringEquals", account, json!(OTHER))],
            yes,
            vec!["everyone via bucket_policy: read".to_owned()],
        ),
        // They cannot change the bucket.
        (
            vec![
                json!({ "Action": ["s3:ListBucket", "s3:PutBucketPolicy"], "Condition": { "Null": { arn: "false" } } }),
            ],
            yes,
            vec!["any AWS account via bucket_policy: list (only through access points)".to_owned()],
        ),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&with_policy(&statements), public, &expected);
    }
    // Public ACLs count for them, too.
    let denied = policy(&[deny("Null", arn, json!("true"))]);
    let facts = BucketFacts { policy: Ok(Some(denied)), ..acl(&[("AllUsers", "READ")]) };
    check(&facts, yes, &["any AWS account via acl: list (only through access points)"]);
    let facts = restricted(with_policy(&[allow("Null", arn, "false")]));
    let own = "account 111122223333 via bucket_policy: read (only through access points)";
    check(&facts, no, &[own]);
    assert_eq!(blockers(&facts), ["RestrictPublicBuckets of the bucket"]);
}
