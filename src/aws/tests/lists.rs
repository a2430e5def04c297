//! Lists and facts: what reaches the snapshot, and what becomes a gap.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::fake::*;
use crate::aws::collect::s3::tests::list as s3_list;
use crate::aws::collector::{Context, ListedResource};
use crate::aws::collectors::COLLECTORS;
use crate::aws::turns::Turns;
use crate::aws::{ConcurrencyLimits, NoopObserver};
use crate::facts::{self, ApiCall};
use crate::model::{DeniedBy, Extent};

const ACCOUNT: &str = "111111111111";

#[tokio::test]
async fn a_list_is_complete_or_a_gap() {
    let wanted = demand(&[("ec2.volume", &[])]);
    // (the second page, ids that are known, code of the gap)
    type Page = fn() -> Option<(u16, String)>;
    let table: [(Page, &[&str], Option<&str>); 3] = [
        (|| volumes(&["vol-2", "vol-3"], ""), &["vol-1", "vol-2", "vol-3"], None),
        (|| ec2_error("UnauthorizedOperation", "no"), &[], Some("UnauthorizedOperation")),
        (|| volumes(&["vol-2"], "more"), &[], Some("InvalidResponse")),
    ];
    for (second, ids, code) in table {
        let fake = Fake::new(move |request| match request.parameter("NextToken") {
            Some(_) => second(),
            None if request.has("Action=DescribeVolumes") => volumes(&["vol-1", "vol-2"], "more"),
            None => None,
        });
        let (outcome, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
        let account = &accounts[0];
        assert_eq!(
            account.resources.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(),
            ids
        );
        assert_eq!(
            account.lists.len(),
            usize::from(code.is_none()),
            "a list that failed is not `listed`"
        );
        let gap = account.gaps.first().map(|gap| (gap.cause.code.as_str(), gap.extent.clone()));
        assert_eq!(gap, code.map(|code| (code, Extent::List { kind: "ec2.volume".to_owned() })));
        assert_eq!(outcome.accounts[0].gaps, account.gaps.len());
        assert!(
            fake.requests("Action=DescribeVolumes")
                .iter()
                .all(|request| request.parameter("MaxResults").as_deref() == Some("1000"))
        );
    }
}

#[tokio::test]
async fn the_future_of_a_call_is_made_when_it_has_its_turn() {
    let fake = Fake::new(|request| match request.has("Action=DescribeVolumes") {
        true => volumes(&["vol-1"], ""),
        false => None,
    });
    let run = Arc::new(Semaphore::new(0));
    let context = fake.context(ACCOUNT).await;
    let cx = Context { turns: Turns::new(run.clone(), 8), ..context };
    let (call, is_made) = (ApiCall::new("ec2:DescribeVolumes"), Cell::new(false));
    let mut answer = Box::pin(cx.call(&call, || {
        is_made.set(true);
        cx.clients.ec2().describe_volumes().send()
    }));
    assert!(answer.as_mut().now_or_never().is_none());
    assert!(!is_made.get(), "thousands of calls wait, and each would take kilobytes");
    run.add_permits(1);
    assert_eq!(answer.await.unwrap().volumes().len(), 1);
    assert!(is_made.get());
}

#[tokio::test]
async fn not_configured_is_recorded_as_absent() {
    const VERSIONED: &str =
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let bucket = facts::kind("s3.bucket").unwrap();
    for (last, versioning, status, skipped) in [
        // Without a policy, its status is not requested, and without versioning, neither are Object
        // Lock and replication.
        (false, "<VersioningConfiguration/>", Value::Null, 3),
        (true, VERSIONED, json!("Enabled"), 1),
    ] {
        let fake = Fake::new(move |request| {
            let query = request.uri.split_once('?').map_or("", |(_, query)| query);
            if query.contains("max-buckets") {
                return buckets(&[("data", Some("eu-west-1"))]);
            }
            let fact = match query.split(['&', '=']).next().unwrap_or_default() {
                "acl" => {
                    return ok(
                        "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList/></AccessControlPolicy>",
                    );
                }
                "accelerate" => return ok("<AccelerateConfiguration/>"),
                "intelligent-tiering" => {
                    return ok("<ListBucketIntelligentTieringConfigurationsOutput/>");
                }
                "inventory" => return ok("<ListInventoryConfigurationsResult/>"),
                "list-type" => return ok("<ListBucketResult/>"),
                "logging" => return ok("<BucketLoggingStatus/>"),
                "metrics" => return ok("<ListMetricsConfigurationsResult/>"),
                "notification" => return ok("<NotificationConfiguration/>"),
                "requestPayment" => {
                    return ok(
                        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
                    );
                }
                "versioning" => return ok(versioning),
                "cors" => "cors",
                "encryption" => "encryption",
                "lifecycle" => "lifecycle",
                "object-lock" => "object_lock",
                "ownershipControls" => "ownership_controls",
                "policy" => "policy",
                "publicAccessBlock" => "public_access_block",
                "replication" => "replication",
                "tagging" => "tags",
                "website" => "website",
                _ if request.has("/v20180820/") => {
                    return s3control_error("NoSuchPublicAccessBlockConfiguration", "not there");
                }
                _ => return None,
            };
            let codes = bucket.fact(fact).unwrap().call.absent;
            s3_error(if last { codes[codes.len() - 1] } else { codes[0] }, "not there")
        });
        let all: Vec<&str> = bucket.facts.iter().map(|fact| fact.name).collect();
        let wanted = demand(&[("s3.bucket", &all), ("s3.account", &["public_access_block"])]);
        let (outcome, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
        assert!(accounts[0].gaps.is_empty(), "{:?}", accounts[0].gaps);
        let off = json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false });
        let bucket_facts = bucket.facts.len();
        let [account, bucket] = accounts[0].resources.as_slice() else {
            panic!("{:?}", accounts[0].resources)
        };
        assert_eq!(account.facts["public_access_block"], off);
        assert_eq!(bucket.facts["owner_canonical_user_id"], CANONICAL_USER);
        assert_eq!(bucket.facts["public_access_block"], off);
        assert_eq!(bucket.facts["versioning"], json!({ "status": status, "mfa_delete": null }));
        assert_eq!(bucket.facts["request_payment"], json!({ "payer": "BucketOwner" }));
        assert_eq!(
            bucket.facts["object_acls"],
            json!({ "sampled": 0, "has_more": false, "public_objects": [] })
        );
        let known = ["acl", "object_acls", "public_access_block", "request_payment", "versioning"];
        for absent in all.iter().filter(|fact| !known.contains(fact)) {
            assert_eq!(bucket.facts[*absent], Value::Null, "{absent}");
        }
        assert!(outcome.stats.failed_requests.is_empty(), "an absent setting is no failed request");
        let requests = fake.requests("amazonaws.com/data/");
        assert_eq!(requests.len(), bucket_facts - skipped);
        assert!(requests.iter().all(|request| request.expected_owner.as_deref() == Some(ACCOUNT)));
    }
}

#[tokio::test]
async fn every_fact_is_read_by_the_call_in_the_table() {
    let fake = Fake::new(|request| {
        if let Some(list) = s3_list(request) {
            Some(list)
        } else if request.uri.contains("max-buckets") {
            buckets(&[("data", Some("eu-west-1"))])
        } else if request.has("Action=AssumeRole") {
            None
        } else if request.has("Action=") {
            one_listed(request).or_else(|| ec2_error("UnauthorizedOperation", "no"))
        } else if request.target.starts_with("AWSOrganizations") {
            json_error("AccessDeniedException", "no")
        } else if request.has("/v20180820/") {
            s3control_error("AccessDenied", "no")
        } else {
            s3_error("AccessDenied", "no")
        }
    });
    let cx = fake.context(ACCOUNT).await;
    for collector in COLLECTORS {
        let kind = collector.kind();
        let resource = ListedResource::new(&cx, kind, &json!({ (kind.id): "data" })).unwrap();
        for fact in kind.facts {
            let failure = match fact.call.for_all {
                true => collector.batch_fact(&cx, fact).await.map(|_| ()).unwrap_err(),
                false => collector.fact(&cx, &resource, fact).await.map(|_| ()).unwrap_err(),
            };
            assert!(fact.calls().any(|call| call.name == failure.cause.call), "{}", failure.cause);
            assert_ne!(
                failure.cause.code, "InvalidResponse",
                "{}/{} has no collector",
                kind.name, fact.name
            );
        }
    }
}

#[tokio::test]
async fn one_denial_of_many_resources_is_one_gap_in_any_order_of_responses() {
    let handler = |request: &FakeRequest| {
        if request.uri.contains("max-buckets") {
            return buckets(&[
                ("data-c", Some("eu-west-1")),
                ("data-a", Some("eu-west-1")),
                ("data-b", Some("us-east-1")),
                ("data-d", Some("eu-west-1")),
            ]);
        }
        let name = request.uri.strip_prefix("https://")?.split('/').nth(1)?;
        let user = "User: arn:aws:sts::111111111111:assumed-role/audit/rolecall-test is not authorized to perform: s3:GetBucketPolicy";
        let denied =
            format!("{user} on resource: {name} with an explicit deny in a service control policy");
        request.uri.contains("policy").then(|| s3_error("AccessDenied", &denied)).flatten()
    };
    let mut files = Vec::new();
    for calls in [1, 64] {
        let fake = Fake::new(handler);
        let mut request =
            fake.request(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &["policy"])])).await;
        request.concurrency =
            ConcurrencyLimits { accounts: calls, calls_per_account: calls, calls };
        let dir = tempfile::tempdir().unwrap();
        let outcome = collect_into(dir.path(), request, Arc::new(NoopObserver)).await;
        assert_eq!(outcome.stats.failed_requests.len(), 4);
        let gaps = &read(dir.path())[0].gaps;
        let [gap, other] = gaps.as_slice() else { panic!("{gaps:?}") };
        assert_eq!((gap.region.as_str(), other.region.as_str()), ("eu-west-1", "us-east-1"));
        assert_eq!(gap.cause.denied_by, Some(DeniedBy::ServiceControlPolicy));
        assert!(
            gap.cause.message.contains("assumed-role/audit is not")
                && gap.cause.message.contains("resource: data-a with"),
            "{}",
            gap.cause.message
        );
        let resources = ["data-a", "data-c", "data-d"].map(str::to_owned).into();
        assert_eq!(
            gap.extent,
            Extent::Facts { kind: "s3.bucket".to_owned(), fact: "policy".to_owned(), resources }
        );
        files.push(std::fs::read(dir.path().join(format!("{ACCOUNT}.jsonl"))).unwrap());
    }
    assert_eq!(files[0], files[1]);
}

#[tokio::test]
async fn a_throttled_call_is_retried_and_counted() {
    let times = AtomicUsize::new(0);
    let fake = Fake::new(move |request| {
        request.uri.contains("max-buckets").then(|| match times.fetch_add(1, Ordering::SeqCst) {
            0 => s3_error("SlowDown", "Please reduce your request rate."),
            _ => buckets(&[]),
        })?
    });
    let (outcome, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &[])])).await;
    assert!(accounts[0].gaps.is_empty() && accounts[0].lists.len() == 1);
    assert_eq!(
        (outcome.stats.retries, outcome.stats.throttled, outcome.stats.calls["s3:ListBuckets"]),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn fields_that_aws_always_sends_are_unreadable_if_they_are_missing() {
    let lists = "<ipRanges/><ipv6Ranges/><prefixListIds/>";
    let group = |id: &str, permissions: &str| {
        format!(
            "<item><groupId>{id}</groupId><groupName>a</groupName>{permissions}<ipPermissionsEgress/></item>"
        )
    };
    let groups = [
        group("sg-1", "<ipPermissions/>"),
        group("sg-2", ""),
        group("sg-3", &format!("<ipPermissions><item><groups/>{lists}</item></ipPermissions>")),
        group("sg-4", "<ipPermissions><item><ipProtocol>tcp</ipProtocol><groups/><ipRanges/><prefixListIds/></item></ipPermissions>"),
        group("sg-5", &format!("<ipPermissions><item><ipProtocol>tcp</ipProtocol><groups/>{lists}</item></ipPermissions>")),
    ]
    .concat();
    let subnets = "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><ownerId>111111111111</ownerId><ipv6CidrBlockAssociationSet/></item>";
    let instance = |id: &str, card: &str| {
        format!(
            "<item><instancesSet><item><instanceId>{id}</instanceId><instanceState><name>running</name></instanceState>\
             <virtualizationType>hvm</virtualizationType><groupSet/><blockDeviceMapping/>\
             <networkInterfaceSet>{card}</networkInterfaceSet></item></instancesSet></item>"
        )
    };
    let instances = [
        instance("i-1", ""),
        instance("i-2", "<item><groupSet/><ipv6AddressesSet/></item>"),
        instance("i-3", "<item><groupSet/><ipv6AddressesSet/><privateIpAddressesSet/></item>"),
    ]
    .concat();
    let fake = Fake::new(move |request| match request.parameter("Action")?.as_str() {
        operation @ "DescribeInstances" => {
            ec2(operation, &format!("<reservationSet>{instances}</reservationSet>"), None)
        }
        operation @ "DescribeSecurityGroups" => {
            ec2(operation, &format!("<securityGroupInfo>{groups}</securityGroupInfo>"), None)
        }
        operation @ "DescribeSubnets" => {
            ec2(operation, &format!("<subnetSet>{subnets}</subnetSet>"), None)
        }
        _ => None,
    });
    let wanted = demand(&[("ec2.instance", &[]), ("ec2.security_group", &[]), ("ec2.subnet", &[])]);
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    let unreadable: Vec<(&str, Vec<&str>)> = accounts[0]
        .resources
        .iter()
        .map(|one| (one.id.as_str(), one.unreadable.keys().map(String::as_str).collect()))
        .collect();
    let expected = [
        ("i-1", vec![]),
        // The interface has no list of addresses.
        ("i-2", vec!["network_interfaces"]),
        ("i-3", vec![]),
        ("sg-1", vec![]),
        ("sg-2", vec!["ip_permissions"]),
        // The permission has no protocol.
        ("sg-3", vec!["ip_permissions"]),
        // The permission has no list of IPv6 ranges.
        ("sg-4", vec!["ip_permissions"]),
        ("sg-5", vec![]),
        ("subnet-1", vec!["map_public_ip_on_launch"]),
    ];
    assert_eq!(unreadable, expected);
    let cause = &accounts[0].resources[4].unreadable["ip_permissions"];
    assert_eq!(
        (cause.call.as_str(), cause.code.as_str()),
        ("ec2:DescribeSecurityGroups", "InvalidResponse")
    );
}

#[tokio::test]
async fn images_and_snapshots_of_other_accounts_are_left_out_and_counted() {
    let image = |id: &str, owner: &str| {
        format!(
            "<item><imageId>{id}</imageId><imageOwnerId>{owner}</imageOwnerId><isPublic>true</isPublic></item>"
        )
    };
    let images = [image("ami-1", ACCOUNT), image("ami-2", "137112412989")].concat();
    let snapshots = format!(
        "<item><snapshotId>snap-1</snapshotId><ownerId>{ACCOUNT}</ownerId><encrypted>true</encrypted></item>\
         <item><snapshotId>snap-2</snapshotId><ownerId>444455556666</ownerId><encrypted>true</encrypted></item>"
    );
    let fake = Fake::new(move |request| match request.parameter("Action")?.as_str() {
        operation @ "DescribeImages" => {
            ec2(operation, &format!("<imagesSet>{images}</imagesSet>"), None)
        }
        operation @ "DescribeSnapshots" => {
            ec2(operation, &format!("<snapshotSet>{snapshots}</snapshotSet>"), None)
        }
        _ => None,
    });
    let wanted = demand(&[("ec2.image", &[]), ("ec2.snapshot", &[])]);
    let (outcome, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    let ids: Vec<&str> = accounts[0].resources.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["ami-1", "snap-1"]);
    assert_eq!(outcome.stats.of_other_accounts, 2);
}
