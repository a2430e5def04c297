//! The sample of the ACLs of objects.

use serde_json::{Value, json};

use super::ACCOUNT;
use crate::aws::tests::fake::*;
use crate::snapshot::Resource;

/// A page of keys.
fn page(keys: &[String], is_truncated: bool) -> Option<(u16, String)> {
    let contents: String =
        keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    ok(&format!(
        "<ListBucketResult><Name>data</Name><IsTruncated>{is_truncated}</IsTruncated>{contents}</ListBucketResult>"
    ))
}

fn acl(group: Option<&str>) -> Option<(u16, String)> {
    const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let group = group.map(|group| {
        format!(
            "<Grant><Grantee {XSI} xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/{group}</URI></Grantee>\
             <Permission>READ</Permission></Grant>"
        )
    });
    ok(&format!(
        "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee {XSI} xsi:type=\"CanonicalUser\"><ID>o</ID>\
         </Grantee><Permission>FULL_CONTROL</Permission></Grant>{}</AccessControlList></AccessControlPolicy>",
        group.unwrap_or_default()
    ))
}

fn ownership(value: &str) -> Option<(u16, String)> {
    ok(&format!(
        "<OwnershipControls><Rule><ObjectOwnership>{value}</ObjectOwnership></Rule></OwnershipControls>"
    ))
}

/// Collects the sample of the bucket `data`.
async fn collect(
    answer: impl Fn(&FakeRequest) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (Fake, Resource) {
    let fake = Fake::new(move |request| match request {
        request if request.has("Action=") => None,
        request if request.uri.contains("max-buckets") => buckets(&[("data", Some("eu-west-1"))]),
        request => answer(request),
    });
    let wanted = demand(&[("s3.bucket", &["object_acls", "ownership_controls"])]);
    // Boxed: the layout of one future more in it would be too deep for the compiler.
    let (_, accounts) = Box::pin(fake.collect(vec![target(ACCOUNT)], &wanted)).await;
    let [bucket] = accounts[0].resources.as_slice() else { panic!("{:?}", accounts[0].resources) };
    (fake, bucket.clone())
}

#[tokio::test]
async fn the_sample_has_only_public_objects() {
    let (fake, bucket) = collect(|request| match request {
        request if request.uri.contains("ownershipControls") => ownership("ObjectWriter"),
        request if request.uri.contains("list-type=2") => {
            page(&(0..100).map(|number| format!("k{number:03}")).collect::<Vec<_>>(), true)
        }
        request if request.uri.contains("/data/k005?") => acl(Some("global/AllUsers")),
        request if request.uri.contains("/data/k050?") => acl(Some("global/AuthenticatedUsers")),
        // It is not public, but the group of S3 that delivers logs.
        request if request.uri.contains("/data/k055?") => acl(Some("s3/LogDelivery")),
        // It was deleted after it was listed.
        request if request.uri.contains("/data/k060?") => s3_error("NoSuchKey", "not there"),
        _ => acl(None),
    })
    .await;
    let grant = |group: &str| {
        json!([{ "grantee": { "type": "Group", "id": null, "email_address": null,
            "uri": format!("http://acs.amazonaws.com/groups/global/{group}") }, "permission": "READ" }])
    };
    assert_eq!(
        bucket.facts["object_acls"],
        json!({ "sampled": 19, "has_more": true, "public_objects": [
            { "key": "k005", "grants": grant("AllUsers") },
            { "key": "k050", "grants": grant("AuthenticatedUsers") },
        ] })
    );
    let listed = fake.requests("list-type=2");
    assert!(listed[0].uri.contains("max-keys=100"), "{}", listed[0].uri);
    // Every fifth object of the hundred that are listed.
    let asked = fake.requests("/data/k");
    assert_eq!(asked.len(), 20);
    assert!(asked.iter().all(|request| request.uri.contains("?acl")), "contents are never read");
    let owner = |request: &FakeRequest| request.expected_owner.as_deref() == Some(ACCOUNT);
    assert!(listed.iter().chain(&asked).all(owner));
}

#[tokio::test]
async fn a_small_bucket_is_read_whole() {
    let keys = ["a", "b", "c"].map(str::to_owned);
    let (fake, bucket) = collect(move |request| match request {
        request if request.uri.contains("ownershipControls") => ownership("BucketOwnerPreferred"),
        request if request.uri.contains("list-type=2") => page(&keys, false),
        _ => acl(None),
    })
    .await;
    let expected = json!({ "sampled": 3, "has_more": false, "public_objects": [] });
    assert_eq!(bucket.facts["object_acls"], expected);
    assert_eq!(fake.requests("?acl").len(), 3);
}

#[tokio::test]
async fn objects_are_not_listed_if_acls_are_disabled() {
    let (fake, bucket) = collect(|_| ownership("BucketOwnerEnforced")).await;
    assert_eq!(bucket.facts["object_acls"], Value::Null);
    assert_eq!(fake.requests("list-type=2").len(), 0);
}

#[tokio::test]
async fn a_denied_acl_makes_the_sample_unreadable_unless_another_object_is_public() {
    let sample = async |group: Option<&'static str>| {
        let keys = ["a", "b", "c"].map(str::to_owned);
        let answer = move |request: &FakeRequest| match request {
            request if request.uri.contains("ownershipControls") => ownership("ObjectWriter"),
            request if request.uri.contains("list-type=2") => page(&keys, false),
            request if request.uri.contains("/data/b?") => s3_error("AccessDenied", "no"),
            _ => acl(group),
        };
        collect(answer).await.1
    };
    let unknown = sample(None).await;
    assert_eq!(unknown.facts.get("object_acls"), None);
    let cause = &unknown.unreadable["object_acls"];
    assert_eq!((cause.call.as_str(), cause.code.as_str()), ("s3:GetObjectAcl", "AccessDenied"));
    let public = sample(Some("global/AllUsers")).await;
    assert_eq!(public.facts["object_acls"]["sampled"], json!(2));
    assert_eq!(public.facts["object_acls"]["public_objects"].as_array().unwrap().len(), 2);
}
