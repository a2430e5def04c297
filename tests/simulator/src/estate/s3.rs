//! Owns what a generated estate answers for S3: the list of buckets, and the settings of each.

use serde_json::{Value, json};

use super::buckets::{self, Bucket};
use super::draw::Draw;
use super::{Estate, Page};
use crate::hosts::Service;
use crate::request::Request;
use crate::response::Response;
use crate::xml::{self, Lists};

const NAMESPACE: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
const OWNER_ID: &str = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";

/// The calls that are answered.
#[rustfmt::skip]
pub(super) const CALLS: [&str; 27] = [
    "ListBuckets", "HeadBucket", "ListObjects", "ListObjectsV2", "GetObject", "GetObjectAcl",
    "GetBucketAccelerateConfiguration", "GetBucketAcl", "GetBucketCors", "GetBucketEncryption",
    "ListBucketIntelligentTieringConfigurations", "ListBucketInventoryConfigurations",
    "GetBucketLifecycleConfiguration", "GetBucketLocation", "GetBucketLogging",
    "ListBucketMetricsConfigurations", "GetBucketNotificationConfiguration",
    "GetObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy",
    "GetBucketPolicyStatus", "GetPublicAccessBlock", "GetBucketReplication",
    "GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite",
];
/// The same for directory buckets.
pub(super) const DIRECTORY_CALLS: [&str; 4] = [
    "ListDirectoryBuckets",
    "GetBucketEncryption",
    "GetBucketPolicy",
    "GetBucketLifecycleConfiguration",
];

pub(super) fn answer(estate: &Estate, request: &Request) -> Response {
    match request.operation() {
        "ListBuckets" => list_buckets(estate, request),
        "ListDirectoryBuckets" => list_directory_buckets(estate, request),
        _ if request.host.service != Service::S3 => directory_bucket_answer(estate, request),
        _ => bucket_answer(estate, request),
    }
}

fn document(request: &Request, root: &str, inner: &str) -> Response {
    Response::xml(request, &format!("<{root} {NAMESPACE}>{inner}</{root}>"))
}

fn tree(request: &Request, root: &str, inner: &Value) -> Response {
    document(request, root, &xml::members(inner, Lists::Repeated))
}

fn list_buckets(estate: &Estate, request: &Request) -> Response {
    let Some(account) = estate.account_index(&request.account) else {
        return Response::denied(request, "Access Denied");
    };
    // Without one of these parameters, the list has all buckets, and their regions are left out.
    let paged = ["max-buckets", "continuation-token", "prefix", "bucket-region"]
        .iter()
        .any(|name| request.params.contains_key(*name));
    let (prefix, wanted) = (request.param("prefix"), request.param("bucket-region"));
    let listed: Vec<u64> = (account * estate.buckets..(account + 1) * estate.buckets)
        .filter(|index| wanted.is_empty() || buckets::region(estate, *index) == wanted)
        .filter(|index| prefix.is_empty() || buckets::name(estate, *index).starts_with(prefix))
        .collect();
    let page = Page::of(
        estate,
        request,
        ["continuation-token", "max-buckets"],
        listed.len() as u64,
        10_000,
    );
    let Some(page) = page else {
        let message = "The continuation token provided is incorrect";
        return Response::error(request, 400, "InvalidArgument", message, &[]);
    };
    let partition = request.host.partition.name;
    let items: Vec<Value> = page
        .items
        .map(|position| {
            let index = listed[usize::try_from(position).unwrap()];
            let name = buckets::name(estate, index);
            let region = paged.then(|| buckets::region(estate, index));
            json!({
                "BucketArn": format!("arn:{partition}:s3:::{name}"), "Name": name,
                "CreationDate": "2024-01-01T00:00:00.000Z", "BucketRegion": region,
            })
        })
        .collect();
    let body = json!({
        "Owner": { "ID": OWNER_ID }, "Buckets": { "Bucket": items }, "ContinuationToken": page.next,
        "Prefix": Some(prefix).filter(|prefix| !prefix.is_empty()),
    });
    tree(request, "ListAllMyBucketsResult", &body)
}

/// The name of a directory bucket. They are in the first zone of a region.
fn directory_bucket(region: &str, account: u64, index: u64) -> String {
    format!("d{account:06}{index:06}--{}-az1--x-s3", zone_prefix(region))
}

/// `use1` for `us-east-1`.
fn zone_prefix(region: &str) -> String {
    let parts: Vec<&str> = region.split('-').collect();
    let [area, direction, number] = parts[..] else { return region.to_owned() };
    format!("{area}{}{number}", &direction[..1])
}

fn list_directory_buckets(estate: &Estate, request: &Request) -> Response {
    let region = &request.host.region;
    let count = if estate.regions.contains(region) { estate.others.directory_buckets } else { 0 };
    let Some(account) = estate.account_index(&request.account) else {
        return Response::denied(request, "Access Denied");
    };
    let parameters = ["continuation-token", "max-directory-buckets"];
    let Some(page) = Page::of(estate, request, parameters, count, 1_000) else {
        return Response::error(request, 400, "InvalidArgument", "Invalid token", &[]);
    };
    let items: Vec<Value> = page
        .items
        .map(|index| {
            json!({
                "Name": directory_bucket(region, account, index),
                "CreationDate": "2024-01-01T00:00:00.000Z", "BucketRegion": region,
            })
        })
        .collect();
    let body = json!({ "Buckets": { "Bucket": items }, "ContinuationToken": page.next });
    tree(request, "ListAllMyDirectoryBucketsResult", &body)
}

fn directory_bucket_answer(estate: &Estate, request: &Request) -> Response {
    let bucket = request.bucket.as_deref().unwrap_or_default();
    let known = estate.account_index(&request.account).is_some_and(|account| {
        (0..estate.others.directory_buckets)
            .any(|index| directory_bucket(&request.host.region, account, index) == bucket)
    });
    let error = |code: &str, message: &str| {
        Response::error(request, 404, code, message, &[("BucketName", bucket)])
    };
    match request.operation() {
        _ if !known => error("NoSuchBucket", "The specified bucket does not exist"),
        "GetBucketEncryption" => encryption(request, None),
        "GetBucketPolicy" => error("NoSuchBucketPolicy", "The bucket policy does not exist"),
        "GetBucketLifecycleConfiguration" if Draw::new(estate.seed, bucket, &[]).one_in(2) => {
            lifecycle(request, 7)
        }
        "GetBucketLifecycleConfiguration" => {
            error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
        }
        _ => Response::unknown_call(request),
    }
}

fn encryption(request: &Request, key: Option<&str>) -> Response {
    let algorithm = if key.is_some() { "aws:kms" } else { "AES256" };
    let rule = json!({ "Rule": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": algorithm, "KMSMasterKeyID": key },
        "BucketKeyEnabled": key.is_some(),
    }] });
    tree(request, "ServerSideEncryptionConfiguration", &rule)
}

fn lifecycle(request: &Request, days: u64) -> Response {
    let rules = json!({ "Rule": [{
        "ID": "expire", "Status": "Enabled", "Filter": { "Prefix": "" }, "Expiration": { "Days": days },
    }] });
    tree(request, "LifecycleConfiguration", &rules)
        .with_header("x-amz-transition-default-minimum-object-size", "all_storage_classes_128K")
}

fn acl(request: &Request, canned: &str) -> Response {
    const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    let owner = json!({ "@xmlns:xsi": XSI, "@xsi:type": "CanonicalUser", "ID": OWNER_ID });
    let mut grants = vec![json!({ "Grantee": owner, "Permission": "FULL_CONTROL" })];
    let group = match canned {
        "public-read" => Some("AllUsers"),
        "authenticated-read" => Some("AuthenticatedUsers"),
        _ => None,
    };
    if let Some(group) = group {
        let uri = format!("http://acs.amazonaws.com/groups/global/{group}");
        let grantee = json!({ "@xmlns:xsi": XSI, "@xsi:type": "Group", "URI": uri });
        grants.push(json!({ "Grantee": grantee, "Permission": "READ" }));
    }
    let body = json!({ "Owner": { "ID": OWNER_ID }, "AccessControlList": { "Grant": grants } });
    tree(request, "AccessControlPolicy", &body)
}

/// A setting that one bucket in four has, in an estate with a seed.
fn rare_setting(estate: &Estate, request: &Request, index: u64, owner: &str) -> Option<Response> {
    let operation = request.operation();
    if !Draw::new(estate.seed, operation, &[index]).one_in(4) {
        return None;
    }
    Some(match operation {
        "GetBucketCors" => {
            let rule = json!({ "AllowedMethod": ["GET"], "AllowedOrigin": ["*"] });
            tree(request, "CORSConfiguration", &json!({ "CORSRule": [rule] }))
        }
        "GetBucketWebsite" => {
            let index = json!({ "IndexDocument": { "Suffix": "index.html" } });
            tree(request, "WebsiteConfiguration", &index)
        }
        "GetBucketNotificationConfiguration" => {
            document(request, "NotificationConfiguration", "<EventBridgeConfiguration/>")
        }
        // Only versioned buckets can be replicated, here to another bucket of the account.
        "GetBucketReplication" if Bucket::at(estate, index).versioning == Some("Enabled") => {
            let first = index / estate.buckets * estate.buckets;
            let target = first + (index - first + 1) % estate.buckets;
            let partition = request.host.partition.name;
            let target = format!("arn:{partition}:s3:::{}", buckets::name(estate, target));
            let configuration = json!({
                "Role": format!("arn:{partition}:iam::{owner}:role/replication"), "Rule": [{
                    "ID": "all", "Priority": 1, "Filter": { "Prefix": "" }, "Status": "Enabled",
                    "DeleteMarkerReplication": { "Status": "Disabled" },
                    "Destination": { "Bucket": target },
                }],
            });
            tree(request, "ReplicationConfiguration", &configuration)
        }
        _ => return None,
    })
}

/// The lists and settings that few buckets of the estate have, or none: the error that AWS sends
/// otherwise.
const ABSENT: [(&str, &str, &str); 4] = [
    ("GetBucketCors", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    (
        "GetBucketWebsite",
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
    (
        "GetBucketReplication",
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    ("GetObject", "NoSuchKey", "The specified key does not exist."),
];

/// The settings that are the same for all or most buckets: root element and content.
const SAME: [(&str, &str, &str); 6] = [
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration", ""),
    ("GetBucketRequestPayment", "RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
    ("GetBucketNotificationConfiguration", "NotificationConfiguration", ""),
    (
        "ListBucketInventoryConfigurations",
        "ListInventoryConfigurationsResult",
        "<IsTruncated>false</IsTruncated>",
    ),
    (
        "ListBucketMetricsConfigurations",
        "ListMetricsConfigurationsResult",
        "<IsTruncated>false</IsTruncated>",
    ),
    (
        "ListBucketIntelligentTieringConfigurations",
        "ListBucketIntelligentTieringConfigurationsOutput",
        "<IsTruncated>false</IsTruncated>",
    ),
];

fn bucket_answer(estate: &Estate, request: &Request) -> Response {
    let name = request.bucket.as_deref().unwrap_or_default();
    let error = |status: u16, code: &str, message: &str| {
        Response::error(request, status, code, message, &[("BucketName", name)])
    };
    let Some(index) = buckets::index(estate, name) else {
        if buckets::is_taken(estate, name) {
            return Response::denied(request, "Access Denied");
        }
        return error(404, "NoSuchBucket", "The specified bucket does not exist");
    };
    let owner = estate.account_at(index / estate.buckets);
    let expected = request.header("x-amz-expected-bucket-owner");
    if owner != request.account || (!expected.is_empty() && expected != owner) {
        return Response::denied(request, "Access Denied");
    }
    let operation = request.operation();
    if let Some(response) = rare_setting(estate, request, index, &owner) {
        return response;
    }
    if let Some((_, code, message)) = ABSENT.iter().find(|(named, ..)| *named == operation) {
        return error(404, code, message);
    }
    if let Some((_, root, inner)) = SAME.iter().find(|(named, ..)| *named == operation) {
        return document(request, root, inner);
    }
    let bucket = Bucket::at(estate, index);
    match operation {
        "HeadBucket" => {
            document(request, "Bucket", "").with_header("x-amz-bucket-region", &bucket.region)
        }
        // `us-east-1` is an empty location constraint.
        "GetBucketLocation" if bucket.region == "us-east-1" => {
            document(request, "LocationConstraint", "")
        }
        "GetBucketLocation" => document(request, "LocationConstraint", &bucket.region),
        "GetBucketVersioning" => {
            tree(request, "VersioningConfiguration", &json!({ "Status": bucket.versioning }))
        }
        "GetBucketOwnershipControls" => match bucket.ownership {
            Some(ownership) => {
                let rules = json!({ "Rule": [{ "ObjectOwnership": ownership }] });
                tree(request, "OwnershipControls", &rules)
            }
            None => error(
                404,
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
            ),
        },
        "GetPublicAccessBlock" => match bucket.public_access_block {
            Some(flags) => tree(request, "PublicAccessBlockConfiguration", &flags_of(flags)),
            None => error(
                404,
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            ),
        },
        "GetBucketPolicy" => match &bucket.policy {
            Some(policy) => Response::json(request, policy),
            None => error(404, "NoSuchBucketPolicy", "The bucket policy does not exist"),
        },
        "GetBucketPolicyStatus" if bucket.policy.is_some() => {
            tree(request, "PolicyStatus", &json!({ "IsPublic": bucket.policy_is_public }))
        }
        "GetBucketPolicyStatus" => {
            error(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        }
        "GetBucketAcl" => acl(request, bucket.acl),
        "GetObjectAcl" => {
            let key = request.bare_path().rsplit('/').next().unwrap_or_default();
            match buckets::objects(estate, index).iter().find(|(known, _)| known == key) {
                Some((_, canned)) => acl(request, canned),
                None => error(404, "NoSuchKey", "The specified key does not exist."),
            }
        }
        "GetBucketEncryption" => encryption(request, bucket.kms_key.as_deref()),
        "GetBucketLogging" => {
            let enabled = bucket
                .logging
                .map(|target| json!({ "TargetBucket": target, "TargetPrefix": "logs/" }));
            tree(request, "BucketLoggingStatus", &json!({ "LoggingEnabled": enabled }))
        }
        "GetBucketTagging" if !bucket.tags.is_empty() => {
            let tag = |(key, value): &(&str, &str)| json!({ "Key": key, "Value": value });
            let tags: Vec<Value> = bucket.tags.iter().map(tag).collect();
            tree(request, "Tagging", &json!({ "TagSet": { "Tag": tags } }))
        }
        "GetBucketTagging" => error(404, "NoSuchTagSet", "The TagSet does not exist"),
        "GetBucketLifecycleConfiguration" => match bucket.lifecycle_days {
            Some(days) => lifecycle(request, days),
            None => error(
                404,
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
            ),
        },
        "GetObjectLockConfiguration" if bucket.object_lock => tree(
            request,
            "ObjectLockConfiguration",
            &json!({ "ObjectLockEnabled": "Enabled", "Rule": {
                "DefaultRetention": { "Mode": "GOVERNANCE", "Days": 1 },
            } }),
        ),
        "GetObjectLockConfiguration" => error(
            404,
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        "ListObjectsV2" => {
            let most = request.param("max-keys").parse().unwrap_or(1_000);
            let objects = buckets::objects(estate, index);
            let is_truncated = objects.len() > most;
            let contents = objects.into_iter().take(most).map(|(key, _)| json!({ "Key": key }));
            let contents: Vec<Value> = contents.collect();
            let body = json!({
                "Name": name, "KeyCount": contents.len(), "MaxKeys": most,
                "IsTruncated": is_truncated, "Contents": contents,
            });
            tree(request, "ListBucketResult", &body)
        }
        "ListObjects" => {
            tree(request, "ListBucketResult", &json!({ "Name": name, "IsTruncated": false }))
        }
        _ => Response::unknown_call(request),
    }
}

/// The four flags of Block Public Access under AWS's names.
pub(super) fn flags_of(flags: [bool; 4]) -> Value {
    let [acls, ignore, policy, restrict] = flags;
    json!({
        "BlockPublicAcls": acls, "IgnorePublicAcls": ignore, "BlockPublicPolicy": policy,
        "RestrictPublicBuckets": restrict,
    })
}
