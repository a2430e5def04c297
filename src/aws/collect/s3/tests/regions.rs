//! Predictable bucket names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ACCOUNT;
use crate::aws::tests::fake::*;
use crate::snapshot::AccountSnapshot;

const GLUE: &str = "aws-glue-assets-111111111111-eu-west-1";
const SAGEMAKER: &str = "sagemaker-eu-west-1-111111111111";
const TEMPLATES: &str = "cf-templates-1a2b3c4d5e6f-eu-west-1";

/// A response to a HEAD request has no body.
fn status(status: u16) -> Option<(u16, String)> {
    Some((status, String::new()))
}

/// Collects the predictable names; `answer` is the response to a HEAD request for a name, in the region
/// of the host.
async fn collect(
    own: &'static [(&'static str, Option<&'static str>)],
    answer: impl Fn(&str, &str) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (Fake, AccountSnapshot) {
    let fake = Fake::new(move |request| {
        if request.uri.contains("max-buckets") {
            return buckets(own);
        }
        let (host, path) = request.uri.strip_prefix("https://")?.split_once('/')?;
        let (before, after) = host.split_once("s3.")?;
        let name = if before.is_empty() { path } else { before };
        answer(name.trim_matches(['/', '.']), after.split('.').next()?)
    });
    let wanted = demand(&[("s3.region", &["service_buckets"])]);
    // Boxed: the layout of one future more in it would be too deep for the compiler.
    let (_, mut accounts) = Box::pin(fake.collect(vec![target(ACCOUNT)], &wanted)).await;
    (fake, accounts.remove(0))
}

/// The states by name.
fn states(account: &AccountSnapshot) -> BTreeMap<String, String> {
    assert!(account.gaps.is_empty(), "{:?}", account.gaps);
    let [region] = account.resources.as_slice() else { panic!("{:?}", account.resources) };
    assert_eq!((region.id.as_str(), region.region.as_str()), ("eu-west-1", "eu-west-1"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let buckets = region.facts["service_buckets"].as_array().unwrap();
    buckets.iter().map(|bucket| (text(&bucket["name"]), text(&bucket["state"]))).collect()
}

#[tokio::test]
async fn a_name_is_free_own_or_foreign() {
    let own = &[
        (SAGEMAKER, Some("eu-west-1")),
        ("cf-templates-1a2b3c4d5e6f-us-east-1", Some("us-east-1")),
        ("data", Some("eu-west-1")),
    ];
    let (fake, account) = collect(own, |name, _| match name {
        GLUE | TEMPLATES => status(403),
        // It was created after the buckets were listed.
        "aws-logs-111111111111-eu-west-1" => status(200),
        _ => status(404),
    })
    .await;
    let states = states(&account);
    for (name, expected) in [
        (GLUE, "foreign"),
        (TEMPLATES, "foreign"),
        (SAGEMAKER, "own"),
        ("aws-logs-111111111111-eu-west-1", "own"),
        ("cdk-hnb659fds-assets-111111111111-eu-west-1", "free"),
    ] {
        assert_eq!(states[name], expected, "{name}");
    }
    assert_eq!(states.len(), 9);
    // Eight names that are not in the list, and another one of the same form for each of the two that
    // may be taken.
    let asked = fake.requests("//s3.eu-west-1.");
    let asked: Vec<&FakeRequest> =
        asked.iter().filter(|request| !request.uri.contains("max-buckets")).collect();
    assert_eq!(asked.len(), 10);
    assert!(asked.iter().all(|request| request.expected_owner.as_deref() == Some(ACCOUNT)));
    let controls: Vec<&&FakeRequest> =
        asked.iter().filter(|request| request.has("/aws-glue-assets-x")).collect();
    assert_eq!(controls.len(), 1);
}

#[tokio::test]
async fn a_policy_that_denies_the_requests_makes_the_names_unknown() {
    let (_, account) = collect(&[], |_, _| status(403)).await;
    let [gap] = account.gaps.as_slice() else { panic!("{:?}", account.gaps) };
    assert_eq!(
        (gap.cause.call.as_str(), gap.cause.code.as_str()),
        ("s3:HeadBucket", "AccessDenied")
    );
    assert!(gap.cause.is_denial());
    // One that denies only some names does so for others of the same form, too.
    let (_, account) = collect(&[], |name, _| {
        status(if name.starts_with("aws-glue-assets-") { 403 } else { 404 })
    })
    .await;
    assert_eq!(account.gaps.len(), 1);
    assert!(account.resources[0].unreadable.contains_key("service_buckets"));
}

#[tokio::test]
async fn a_bucket_in_another_region_is_asked_for_there() {
    let redirect = || Some((301, format!("{}us-east-1", Fake::BUCKET_REGION)));
    let (_, account) = collect(&[], move |name, region| match (name, region) {
        (GLUE, "eu-west-1") => redirect(),
        (GLUE, _) => status(403),
        (SAGEMAKER, "eu-west-1") => Some((400, format!("{}us-east-1", Fake::BUCKET_REGION))),
        (SAGEMAKER, _) => status(200),
        _ => status(404),
    })
    .await;
    let states = states(&account);
    assert_eq!((states[GLUE].as_str(), states[SAGEMAKER].as_str()), ("foreign", "own"));
}

#[tokio::test]
async fn what_is_not_an_answer_of_s3_leaves_the_names_unknown() {
    for response in [200, 403, 404] {
        let (_, account) =
            collect(&[], move |_, _| Some((response, Fake::OF_A_PROXY.to_owned()))).await;
        let [gap] = account.gaps.as_slice() else { panic!("{:?}", account.gaps) };
        assert_eq!(
            (gap.cause.call.as_str(), gap.cause.code.as_str()),
            ("s3:HeadBucket", "InvalidResponse")
        );
    }
    // A redirect that leads nowhere, and other responses, are not an answer.
    for response in [301, 400, 500] {
        let (_, account) =
            collect(&[], move |name, _| status(if name == GLUE { response } else { 404 })).await;
        assert_eq!(account.gaps.len(), 1, "{response}");
        assert_eq!(account.gaps[0].cause.call, "s3:HeadBucket");
    }
}
