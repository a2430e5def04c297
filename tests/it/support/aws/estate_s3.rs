//! Owns the buckets of a generated estate: their names, regions, owners and settings.

use super::estate::Estate;
use super::hosts::Service;
use super::request::Request;
use super::response::Response;

const NAMESPACE: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
const OWNER: &str =
    "<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>";

/// The name of a bucket. Names are unique among all accounts.
pub(super) fn bucket_name(estate: &Estate, index: u64) -> String {
    let dotted = index % estate.buckets < estate.dotted;
    format!("b{index:06}{}", if dotted { ".example.com" } else { "" })
}

/// Which bucket has this name.
pub(super) fn bucket_index(estate: &Estate, name: &str) -> Option<u64> {
    let digits = name.strip_prefix('b')?.split('.').next()?;
    let index =
        digits.parse().ok().filter(|index| *index < (estate.accounts + 1) * estate.buckets)?;
    (bucket_name(estate, index) == name).then_some(index)
}

pub(super) fn region_of(estate: &Estate, index: u64) -> &str {
    &estate.regions[usize::try_from(index).unwrap() % estate.regions.len()]
}

pub(super) fn answer(estate: &Estate, request: &Request) -> Response {
    match request.operation() {
        "ListBuckets" => list_buckets(estate, request),
        "ListDirectoryBuckets" => Response::xml(
            request,
            &format!(
                "<ListAllMyDirectoryBucketsResult {NAMESPACE}>{OWNER}<Buckets/></ListAllMyDirectoryBucketsResult>"
            ),
        ),
        _ => bucket_answer(estate, request),
    }
}

fn list_buckets(estate: &Estate, request: &Request) -> Response {
    let Some(account) = estate.account_index(&request.account) else {
        return Response::denied(request, "Access Denied");
    };
    let end = (account + 1) * estate.buckets;
    let start = match request.param("continuation-token") {
        "" => account * estate.buckets,
        token => match token.strip_prefix("token-").and_then(|index| index.parse().ok()) {
            Some(index) => index,
            None => {
                return Response::error(
                    request,
                    400,
                    "InvalidArgument",
                    "The continuation token provided is incorrect",
                    &[],
                );
            }
        },
    };
    // Without one of these parameters, the list has all buckets, and their regions are left out.
    let paged = ["max-buckets", "continuation-token", "prefix", "bucket-region"]
        .iter()
        .any(|name| request.params.contains_key(*name));
    let max = request.param("max-buckets").parse().unwrap_or(10_000);
    let (prefix, region) = (request.param("prefix"), request.param("bucket-region"));
    let matches = |index: &u64| {
        (region.is_empty() || region_of(estate, *index) == region)
            && bucket_name(estate, *index).starts_with(prefix)
    };
    let mut page: Vec<u64> = (start..end).filter(matches).take(max + 1).collect();
    let next = if page.len() > max { page.pop() } else { None };
    let mut body = format!("<ListAllMyBucketsResult {NAMESPACE}>{OWNER}<Buckets>");
    for index in page {
        let name = bucket_name(estate, index);
        body.push_str(&format!(
            "<Bucket><Name>{name}</Name><CreationDate>2024-01-01T00:00:00.000Z</CreationDate>"
        ));
        if paged {
            body.push_str(&format!("<BucketRegion>{}</BucketRegion>", region_of(estate, index)));
        }
        body.push_str(&format!(
            "<BucketArn>arn:{}:s3:::{name}</BucketArn></Bucket>",
            request.host.partition.name
        ));
    }
    body.push_str("</Buckets>");
    if let Some(next) = next {
        body.push_str(&format!("<ContinuationToken>token-{next}</ContinuationToken>"));
    }
    if !prefix.is_empty() {
        body.push_str(&format!("<Prefix>{}</Prefix>", super::escape(prefix)));
    }
    body.push_str("</ListAllMyBucketsResult>");
    Response::xml(request, &body)
}

fn bucket_answer(estate: &Estate, request: &Request) -> Response {
    let bucket = request.bucket.as_deref().unwrap_or_default();
    let error = |status: u16, code: &str, message: &str| {
        Response::error(request, status, code, message, &[("BucketName", bucket)])
    };
    let Some(index) = bucket_index(estate, bucket).filter(|_| request.host.service == Service::S3)
    else {
        return error(404, "NoSuchBucket", "The specified bucket does not exist");
    };
    let owner = estate.account_at(index / estate.buckets);
    let expected = request.header("x-amz-expected-bucket-owner");
    if owner != request.account || (!expected.is_empty() && expected != owner) {
        return Response::denied(request, "Access Denied");
    }
    let region = region_of(estate, index);
    let xml = |root: &str, inner: &str| {
        Response::xml(request, &format!("<{root} {NAMESPACE}>{inner}</{root}>"))
    };
    match request.operation() {
        "HeadBucket" => xml("Bucket", "").with_header("x-amz-bucket-region", region),
        // `us-east-1` is an empty location constraint.
        "GetBucketLocation" => {
            xml("LocationConstraint", if region == "us-east-1" { "" } else { region })
        }
        "GetBucketVersioning" => xml("VersioningConfiguration", "<Status>Enabled</Status>"),
        "GetBucketOwnershipControls" => xml(
            "OwnershipControls",
            "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
        ),
        "GetPublicAccessBlock" => xml(
            "PublicAccessBlockConfiguration",
            "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
             <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>",
        ),
        "GetBucketPolicy" | "GetBucketPolicyStatus" => {
            error(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        }
        "GetBucketAcl" => xml(
            "AccessControlPolicy",
            &format!(
                "{OWNER}<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                 xsi:type=\"CanonicalUser\">{}</Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>",
                OWNER.trim_start_matches("<Owner>").trim_end_matches("</Owner>")
            ),
        ),
        "GetBucketEncryption" => xml(
            "ServerSideEncryptionConfiguration",
            "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
             <BucketKeyEnabled>false</BucketKeyEnabled></Rule>",
        ),
        "GetBucketLogging" => xml("BucketLoggingStatus", ""),
        "GetBucketTagging" => error(404, "NoSuchTagSet", "The TagSet does not exist"),
        "GetBucketLifecycleConfiguration" => {
            error(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
        }
        "GetObjectLockConfiguration" => error(
            404,
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        "GetBucketAccelerateConfiguration" => xml("AccelerateConfiguration", ""),
        "GetBucketCors" => {
            error(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")
        }
        "GetBucketWebsite" => error(
            404,
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        "GetBucketReplication" => error(
            404,
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
        "GetBucketRequestPayment" => {
            xml("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>")
        }
        "GetBucketNotificationConfiguration" => xml("NotificationConfiguration", ""),
        "ListBucketInventoryConfigurations" => {
            xml("ListInventoryConfigurationsResult", "<IsTruncated>false</IsTruncated>")
        }
        "ListBucketMetricsConfigurations" => {
            xml("ListMetricsConfigurationsResult", "<IsTruncated>false</IsTruncated>")
        }
        "ListBucketIntelligentTieringConfigurations" => xml(
            "ListBucketIntelligentTieringConfigurationsOutput",
            "<IsTruncated>false</IsTruncated>",
        ),
        "ListObjects" => xml(
            "ListBucketResult",
            &format!("<Name>{bucket}</Name><IsTruncated>false</IsTruncated>"),
        ),
        "GetObject" => error(404, "NoSuchKey", "The specified key does not exist."),
        _ => error(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
    }
}
