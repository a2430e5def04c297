//! The region and the host of each bucket.

use std::sync::Arc;

use serde_json::json;

use super::fake::*;
use crate::aws::{CollectRequest, ConcurrencyLimits, NoopObserver};
use crate::model::S3Addressing;

const ACCOUNT: &str = "111111111111";

#[tokio::test]
async fn a_bucket_deleted_meanwhile_is_dropped_and_the_others_are_kept() {
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
async fn a_bucket_is_read_in_its_own_region() {
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
async fn virtual_hosted_style_is_used_where_s3_rejects_path_style() {
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
            // Rejected once, and not tried again in that region.
            S3Addressing::Auto => 3,
            S3Addressing::Virtual => 1,
            S3Addressing::Path => 5,
        };
        assert_eq!(in_path.len(), expected, "{addressing:?}: {in_path:#?}");
    }
}
