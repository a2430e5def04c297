//! Collection as a whole, against the AWS of `testing`: what reaches the snapshot, and what AWS was
//! asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::assume;
use super::clients::Clients;
use super::collect::s3::tests::list as s3_list;
use super::collector::ListedResource;
use super::collectors::COLLECTORS;
use super::meter::Meter;
use super::testing::*;
use super::*;
use crate::facts;
use crate::model::{AccountId, DeniedBy, Extent, Hop, Region, Role, S3Addressing};

const ACCOUNT: &str = "111111111111";

fn volumes(ids: &[&str], token: &str) -> Option<(u16, String)> {
    let items: String =
        ids.iter().map(|id| format!("<item><volumeId>{id}</volumeId></item>")).collect();
    let token =
        if token.is_empty() { String::new() } else { format!("<nextToken>{token}</nextToken>") };
    ok(&format!(
        "<DescribeVolumesResponse><volumeSet>{items}</volumeSet>{token}</DescribeVolumesResponse>"
    ))
}

#[tokio::test]
async fn a_list_is_whole_or_it_is_a_gap() {
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
async fn not_configured_is_an_answer() {
    let bucket = facts::kind("s3.bucket").unwrap();
    for last in [false, true] {
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
                "logging" => return ok("<BucketLoggingStatus/>"),
                "metrics" => return ok("<ListMetricsConfigurationsResult/>"),
                "notification" => return ok("<NotificationConfiguration/>"),
                "requestPayment" => {
                    return ok(
                        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
                    );
                }
                "versioning" => return ok("<VersioningConfiguration/>"),
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
        assert_eq!(bucket.facts["public_access_block"], off);
        assert_eq!(bucket.facts["versioning"], json!({ "status": null, "mfa_delete": null }));
        assert_eq!(bucket.facts["request_payment"], json!({ "payer": "BucketOwner" }));
        let known = ["acl", "public_access_block", "request_payment", "versioning"];
        for absent in all.iter().filter(|fact| !known.contains(fact)) {
            assert_eq!(bucket.facts[*absent], Value::Null, "{absent}");
        }
        assert!(outcome.stats.failed_requests.is_empty(), "an absent setting is no failed request");
        let requests = fake.requests("amazonaws.com/data/");
        // Where there is no policy, nobody asks whether it is public.
        assert_eq!(requests.len(), bucket_facts - 1);
        assert!(requests.iter().all(|request| request.expected_owner.as_deref() == Some(ACCOUNT)));
    }
}

#[tokio::test]
async fn every_fact_in_the_table_is_read_by_its_own_call() {
    let fake = Fake::new(|request| {
        if let Some(list) = s3_list(request) {
            Some(list)
        } else if request.uri.contains("max-buckets") {
            buckets(&[("data", Some("eu-west-1"))])
        } else if request.has("Action=AssumeRole") {
            None
        } else if request.has("Action=") {
            one_listed(request).or_else(|| ec2_error("UnauthorizedOperation", "no"))
        } else if request.has("/v20180820/") {
            s3control_error("AccessDenied", "no")
        } else {
            s3_error("AccessDenied", "no")
        }
    });
    let cx = fake.context(ACCOUNT).await;
    for collector in COLLECTORS {
        let kind = collector.kind();
        let found = ListedResource::of(&cx, kind, &json!({ (kind.id): "data" })).unwrap();
        for fact in kind.facts {
            let failure = match fact.call.for_all {
                true => collector.batch_fact(&cx, fact).await.map(|_| ()).unwrap_err(),
                false => collector.fact(&cx, &found, fact).await.map(|_| ()).unwrap_err(),
            };
            assert_eq!(failure.cause.call, fact.call.name);
            assert_ne!(
                failure.cause.code, "InvalidResponse",
                "{}/{} has no collector",
                kind.name, fact.name
            );
        }
    }
}

#[tokio::test]
async fn the_same_denial_is_one_gap_whatever_the_order_of_answers() {
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
async fn a_throttled_call_is_tried_again_and_counted() {
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
async fn nothing_is_collected_with_credentials_of_another_account() {
    let wanted = demand(&[("s3.bucket", &[])]);
    let fake = Fake::new(|request| {
        request.has("Action=AssumeRole").then(|| {
            (
                200,
                assumed("arn:aws:iam::222222222222:role/audit", std::time::SystemTime::UNIX_EPOCH),
            )
        })
    });
    let own = crate::model::Target { role: Role::Own, ..target("333333333333") };
    let (outcome, accounts) = fake.collect(vec![target(ACCOUNT), own], &wanted).await;
    assert_eq!(outcome.failed(), 2);
    for (account, call) in accounts.iter().zip(["sts:AssumeRole", "sts:GetCallerIdentity"]) {
        let [gap] = account.gaps.as_slice() else { panic!("{:?}", account.gaps) };
        assert_eq!(
            (gap.cause.code.as_str(), gap.cause.call.as_str(), &gap.extent),
            ("WrongAccount", call, &Extent::Account)
        );
        assert!(!account.header.entered && account.lists.is_empty());
    }
    let own = crate::model::Target { role: Role::Own, ..target("999999999999") };
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let (_, accounts) = fake.collect(vec![own], &wanted).await;
    assert!(accounts[0].header.entered && accounts[0].gaps.is_empty());
    assert_eq!(fake.requests("max-buckets")[0].key, "BASE");
}

#[tokio::test]
async fn a_bucket_deleted_meanwhile_is_dropped_and_its_neighbors_stay() {
    let fake = Fake::new(|request| match request {
        request if request.uri.contains("max-buckets") => {
            buckets(&[("gone", Some("eu-west-1")), ("here", Some("eu-west-1"))])
        }
        request if request.uri.contains("/gone/") => {
            s3_error("NoSuchBucket", "The specified bucket does not exist")
        }
        request if request.uri.contains("/here/") => {
            ok("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        _ => None,
    });
    let (outcome, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &["versioning"])])).await;
    let [bucket] = accounts[0].resources.as_slice() else { panic!("{:?}", accounts[0].resources) };
    assert_eq!(
        (bucket.id.as_str(), &bucket.facts["versioning"]["status"]),
        ("here", &json!("Enabled"))
    );
    assert!(accounts[0].gaps.is_empty() && outcome.stats.gone == 1);
}

#[tokio::test]
async fn a_bucket_is_asked_where_it_is() {
    let fake = Fake::new(|request| match request {
        request if request.uri.contains("max-buckets") => {
            buckets(&[("dark", None), ("euro", None), ("moved", Some("eu-west-1")), ("old", None)])
        }
        request if request.uri.contains("/dark/") => s3_error("AccessDenied", "no"),
        request if request.uri.contains("/euro/") && request.has("?location") => {
            ok("<LocationConstraint>EU</LocationConstraint>")
        }
        request if request.uri.contains("/old/") && request.has("?location") => {
            ok("<LocationConstraint/>")
        }
        request if request.uri.contains("s3.eu-west-1.amazonaws.com/moved/") => Some((
            301,
            "<Error><Code>PermanentRedirect</Code><Region>ap-south-1</Region></Error>".to_owned(),
        )),
        request if request.uri.contains("?versioning") => ok("<VersioningConfiguration/>"),
        _ => None,
    });
    let (_, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &["versioning"])])).await;
    let found: Vec<_> = accounts[0]
        .resources
        .iter()
        .map(|found| (found.id.as_str(), found.region.as_str()))
        .collect();
    assert_eq!(
        found,
        [("euro", "eu-west-1"), ("moved", "eu-west-1"), ("dark", "global"), ("old", "us-east-1")]
    );
    let dark = &accounts[0].resources[2];
    assert_eq!(dark.unreadable["versioning"].call, "s3:GetBucketLocation");
    assert_eq!(dark.unreadable.keys().collect::<Vec<_>>(), ["bucket_region", "versioning"]);
    assert_eq!(accounts[0].gaps.len(), 2);
    for uri in ["s3.ap-south-1.amazonaws.com/moved/", "s3.us-east-1.amazonaws.com/old/"] {
        assert_eq!(fake.requests(uri).len(), 1, "{uri}");
    }
}

#[tokio::test]
async fn where_s3_refuses_a_bucket_in_the_path_it_is_named_in_the_host() {
    let refused = |region: &str| {
        let endpoint = format!(
            "<Endpoint>alpha.s3.{region}.amazonaws.com</Endpoint><Region>{region}</Region>"
        );
        Some((
            301,
            format!("<Error><Code>PermanentRedirect</Code><Message>m</Message>{endpoint}</Error>"),
        ))
    };
    let wanted = demand(&[("s3.bucket", &["versioning"])]);
    for (addressing, gaps) in
        [(S3Addressing::Auto, 0), (S3Addressing::Virtual, 0), (S3Addressing::Path, 2)]
    {
        let fake = Fake::new(move |request| match request {
            request if request.has("max-buckets") => {
                let in_region = |name| (name, Some("eu-west-1"));
                buckets(&[
                    in_region("alpha"),
                    in_region("bravo"),
                    in_region("with.dot"),
                    ("moved", Some("us-east-1")),
                ])
            }
            // S3 has no certificate for such a host name, so the path is the only place.
            request if request.uri.contains("/with.dot/") => ok("<VersioningConfiguration/>"),
            request
                if request.uri.starts_with("https://s3.us-east-1.")
                    || request.uri.contains("//moved.s3.us-east-1.") =>
            {
                refused("eu-west-1")
            }
            request if request.uri.starts_with("https://s3.eu-west-1.") => refused("eu-west-1"),
            request if request.has("?versioning") => ok("<VersioningConfiguration/>"),
            _ => None,
        });
        let base = fake.base().await.with_addressing(addressing);
        let request = CollectRequest {
            base,
            concurrency: ConcurrencyLimits { accounts: 1, calls_per_account: 1, calls: 1 },
            ..fake.request(vec![target(ACCOUNT)], &wanted).await
        };
        let dir = tempfile::tempdir().unwrap();
        collect_into(dir.path(), request, Arc::new(NoopObserver)).await;
        let account = &read(dir.path())[0];
        assert_eq!(
            (account.gaps.len(), account.resources.len()),
            (gaps, 4),
            "{addressing:?}: {:?}",
            account.gaps
        );
        let in_path: Vec<_> = fake
            .requests("?versioning")
            .into_iter()
            .filter(|request| request.has("https://s3."))
            .collect();
        let expected = match addressing {
            // Refused once, and not tried again in that region.
            S3Addressing::Auto => 3,
            S3Addressing::Virtual => 1,
            S3Addressing::Path => 5,
        };
        assert_eq!(in_path.len(), expected, "{addressing:?}: {in_path:#?}");
    }
}

#[tokio::test]
async fn through_a_hub_a_session_lasts_an_hour_and_can_do_little() {
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let hub = Hop {
        role_arn: "arn:aws:iam::999999999999:role/hub".parse().unwrap(),
        external_id: None,
        duration_seconds: 7200,
    };
    for (via, key, seconds) in [(None, "BASE", "7200"), (Some(hub), "KEY999999999999", "3600")] {
        let chained = via.is_some();
        let mut request = fake
            .request(vec![target(ACCOUNT), target("222222222222")], &demand(&[("s3.bucket", &[])]))
            .await;
        request.via = via;
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(collect_into(dir.path(), request, Arc::new(NoopObserver)).await.failed(), 0);
        for account in [ACCOUNT, "222222222222"] {
            let requests = fake.requests(&format!("RoleArn=arn%3Aaws%3Aiam%3A%3A{account}"));
            let request = requests.last().unwrap();
            assert_eq!(
                (request.key.as_str(), request.parameter("DurationSeconds").as_deref()),
                (key, Some(seconds))
            );
            assert_eq!(request.parameter("ExternalId").as_deref(), Some("s3cret"));
            assert_eq!(request.parameter("RoleSessionName").as_deref(), Some("rolecall-test"));
            assert!(request.parameter("Policy").unwrap().contains("\"s3:ListAllMyBuckets\""));
            assert!(request.uri.starts_with("https://sts.eu-west-1."));
        }
        let entered = fake
            .requests("role%2Fhub")
            .into_iter()
            .find(|request| request.has("RoleArn=arn%3Aaws%3Aiam%3A%3A999999999999"));
        assert_eq!(entered.is_some(), chained);
        if let Some(entered) = entered {
            assert_eq!(
                fake.requests("RoleArn=arn%3Aaws%3Aiam%3A%3A999999999999").len(),
                1,
                "the hub is entered once for all accounts"
            );
            assert!(entered.parameter("Policy").unwrap().contains("\"Action\":\"sts:AssumeRole\""));
            assert_eq!(entered.parameter("DurationSeconds").as_deref(), Some("7200"));
        }
    }
}

#[tokio::test]
async fn credentials_are_shared_and_renewed_before_they_end() {
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let (base, target) = (fake.base().await, target(ACCOUNT));
    let meter = Meter::new(Arc::new(NoopObserver));
    let caller =
        assume::caller(&base, None, std::slice::from_ref(&target), "rolecall-test", &meter)
            .await
            .unwrap();
    let policy = assume::SessionScope::of_demand(&Default::default());
    let entered =
        assume::enter(&base, &caller, &target, &policy, "rolecall-test", &meter).await.unwrap();
    let clients = Clients::new(entered.config, S3Addressing::Auto, &target.account, &meter);
    let region = |name: &str| name.parse::<Region>().unwrap();
    for (advance, assumed) in [(0, 1), (3600, 1), (3600, 2), (7199, 3)] {
        fake.advance(advance);
        for region in ["eu-west-1", "us-east-1"].map(region) {
            clients.s3(&region).list_buckets().max_buckets(1000).send().await.unwrap();
        }
        assert_eq!(
            fake.requests("Action=AssumeRole").len(),
            assumed,
            "after {advance} more seconds"
        );
    }
}

#[tokio::test]
async fn regions_that_cannot_be_listed_are_a_gap_and_the_fallback_is_scanned() {
    let wanted = demand(&[("ec2.volume", &[])]);
    for denied in [false, true] {
        let fake = Fake::new(move |request| match request {
            request if denied && request.has("Action=DescribeRegions") => {
                ec2_error("UnauthorizedOperation", "no")
            }
            request
                if request.has("Action=DescribeVolumes") && request.uri.contains("eu-south-2") =>
            {
                ec2_error("OptInRequired", "off")
            }
            request if request.has("Action=DescribeVolumes") => volumes(&[], ""),
            _ => None,
        });
        let everywhere = crate::model::Target { regions: Vec::new(), ..target(ACCOUNT) };
        let mut request = fake.request(vec![everywhere], &wanted).await;
        request.fallback_regions = ["eu-west-2", "eu-south-2", "cn-north-1", "us-east-1"]
            .map(|name| name.parse().unwrap())
            .into();
        request.region_filter = Some(crate::model::Globs::new(&["eu-*"]).unwrap());
        let dir = tempfile::tempdir().unwrap();
        collect_into(dir.path(), request, Arc::new(NoopObserver)).await;
        let account = &read(dir.path())[0];
        let regions: Vec<_> = account.header.regions.iter().map(Region::as_str).collect();
        let extents: Vec<_> = account
            .gaps
            .iter()
            .map(|gap| (gap.region.as_str(), gap.cause.code.as_str(), &gap.extent))
            .collect();
        if denied {
            assert_eq!(regions, ["eu-south-2", "eu-west-2"]);
            let list = Extent::List { kind: "ec2.volume".to_owned() };
            assert_eq!(
                extents,
                [
                    ("eu-south-2", "OptInRequired", &list),
                    ("global", "UnauthorizedOperation", &Extent::Regions)
                ]
            );
        } else {
            assert_eq!((regions, extents), (vec!["eu-west-1"], vec![]));
        }
    }
}

#[tokio::test]
async fn a_defect_in_one_account_does_not_cost_the_others() {
    struct Defect;
    impl Observer for Defect {
        fn account_started(&self, account: &AccountId) {
            assert_ne!(account.as_str(), ACCOUNT, "boom");
        }
    }
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let request = fake
        .request(vec![target(ACCOUNT), target("222222222222")], &demand(&[("s3.bucket", &[])]))
        .await;
    let dir = tempfile::tempdir().unwrap();
    let outcome = collect_into(dir.path(), request, Arc::new(Defect)).await;
    let accounts = read(dir.path());
    assert_eq!(
        (accounts[0].gaps[0].cause.code.as_str(), &accounts[0].gaps[0].extent),
        ("Internal", &Extent::Account)
    );
    assert!(accounts[1].header.entered && outcome.failed() == 1);
}
