//! Sessions and regions of accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fake::*;
use crate::aws::assume;
use crate::aws::call_region::in_region;
use crate::aws::clients::{BucketIn, Clients};
use crate::aws::meter::Meter;
use crate::aws::{NoopObserver, Observer};
use crate::model::{AccountId, Extent, Hop, Region, Role, S3Addressing};

const ACCOUNT: &str = "111111111111";

#[tokio::test]
async fn nothing_is_collected_with_credentials_for_a_different_account() {
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
async fn what_all_regions_know_is_asked_of_one_that_cannot_be_off() {
    for (regions, home) in [
        (&["ap-east-1", "us-est-1", "us-east-2", "eu-west-1"][..], "us-east-2"),
        (&["ap-east-1", "me-south-1"], "ap-east-1"),
        (&["cn-north-1", "us-west-1"], "us-west-1"),
    ] {
        let fake =
            Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
        let regions = regions.iter().map(|region| region.parse().unwrap()).collect();
        let target = crate::model::Target { regions, ..target(ACCOUNT) };
        fake.collect(vec![target], &demand(&[("s3.bucket", &[])])).await;
        let uri = &fake.requests("max-buckets")[0].uri;
        assert!(uri.contains(&format!("s3.{home}.")), "{uri}");
    }
}

#[tokio::test]
async fn sessions_through_a_hub_role_last_an_hour_and_are_limited() {
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let hub = Hop {
        role_arn: "arn:aws:iam::999999999999:role/hub".parse().unwrap(),
        external_id: None,
        duration_seconds: 7200,
        source_identity: None,
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
async fn credentials_are_shared_and_renewed_before_they_expire() {
    let fake = Fake::new(|request| request.uri.contains("max-buckets").then(|| buckets(&[]))?);
    let (base, target) = (fake.base().await, target(ACCOUNT));
    let meter = Meter::new(Arc::new(NoopObserver));
    let caller =
        assume::caller(&base, None, std::slice::from_ref(&target), "rolecall-test", &meter)
            .await
            .unwrap();
    let policy = assume::SessionScope::of_demand(&Default::default());
    let config =
        assume::enter(&base, &caller, &target, &policy, "rolecall-test", &meter).await.unwrap();
    let clients = Clients::new(config, S3Addressing::Auto, &target.account, &meter);
    let region = |name: &str| name.parse::<Region>().unwrap();
    for (advance, assumed) in [(0, 1), (3600, 1), (3600, 2), (7199, 3)] {
        fake.advance(advance);
        for region in ["eu-west-1", "us-east-1"].map(region) {
            let list = clients.s3(BucketIn::Path).list_buckets().max_buckets(1000);
            in_region(&region, list.send()).await.unwrap();
        }
        assert_eq!(
            fake.requests("Action=AssumeRole").len(),
            assumed,
            "after {advance} more seconds"
        );
    }
}

#[tokio::test]
async fn valid_credentials_are_used_while_they_cannot_be_renewed() {
    let assumed = AtomicUsize::new(0);
    let fake = Fake::new(move |request| match request {
        request if request.uri.contains("max-buckets") => buckets(&[]),
        request if request.has("Action=AssumeRole") => {
            let again = assumed.fetch_add(1, Ordering::SeqCst) > 0;
            again.then_some((
                400,
                "<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>".to_owned(),
            ))
        }
        _ => None,
    });
    let (base, target) = (fake.base().await, target(ACCOUNT));
    let meter = Meter::new(Arc::new(NoopObserver));
    let targets = std::slice::from_ref(&target);
    let caller = assume::caller(&base, None, targets, "rolecall-test", &meter).await.unwrap();
    let policy = assume::SessionScope::of_demand(&Default::default());
    let config =
        assume::enter(&base, &caller, &target, &policy, "rolecall-test", &meter).await.unwrap();
    let clients = Clients::new(config, S3Addressing::Auto, &target.account, &meter);
    // A minute before their end the credentials are to be renewed, and are valid nevertheless.
    for (advance, assumed, succeeds) in
        [(0, 1, true), (7150, 2, true), (5, 2, true), (60, 3, false)]
    {
        fake.advance(advance);
        let list = clients.s3(BucketIn::Path).list_buckets().max_buckets(1000);
        let listed = in_region(&"eu-west-1".parse().unwrap(), list.send()).await;
        assert_eq!(listed.is_ok(), succeeds, "after {advance} more seconds: {listed:?}");
        assert_eq!(
            fake.requests("Action=AssumeRole").len(),
            assumed,
            "after {advance} more seconds"
        );
    }
}

#[tokio::test]
async fn if_regions_cannot_be_listed_the_fallback_regions_are_scanned() {
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
async fn a_panic_in_one_account_does_not_abort_the_others() {
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
