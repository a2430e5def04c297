//! Owns what a generated estate answers for S3 Control: the settings of an account, its access
//! points and Multi-Region Access Points.

use serde_json::{Value, json};

use super::buckets;
use super::draw::Draw;
use super::s3::flags_of;
use super::{Estate, Page};
use crate::request::Request;
use crate::response::Response;
use crate::xml::{self, Lists};

const NAMESPACE: &str = "xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\"";

fn document(request: &Request, root: &str, inner: &Value) -> Response {
    let inner = xml::members(inner, Lists::Repeated);
    Response::xml(request, &format!("<{root} {NAMESPACE}>{inner}</{root}>"))
}

/// The account's own settings of Block Public Access.
pub(super) fn account_flags(estate: &Estate, account: u64) -> Option<[bool; 4]> {
    // An estate without a seed has none, as a new account.
    estate.seed?;
    let mut draw = Draw::new(estate.seed, "account", &[account]);
    draw.pick(&[Some([true; 4]), None, Some([true, true, false, true])])
}

pub(super) fn answer(estate: &Estate, request: &Request) -> Response {
    let owner = request.host.account.as_deref().unwrap_or_default();
    let Some(account) = estate.account_index(owner).filter(|_| owner == request.account) else {
        return Response::denied(request, "Access Denied");
    };
    let not_found = |code: &str, message: &str| {
        Response::error(request, 404, code, message, &[("AccountId", owner)])
    };
    match request.operation() {
        "GetPublicAccessBlock" => match account_flags(estate, account) {
            Some(flags) => document(request, "PublicAccessBlockConfiguration", &flags_of(flags)),
            None => not_found(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            ),
        },
        "ListAccessPoints" => list_access_points(estate, request, account),
        "ListMultiRegionAccessPoints" => list_multi_region(estate, request, account),
        "GetAccessPoint" | "GetAccessPointPolicy" | "GetAccessPointPolicyStatus" => {
            access_point(estate, request, account).unwrap_or_else(|| {
                not_found("NoSuchAccessPoint", "The access point does not exist")
            })
        }
        "GetMultiRegionAccessPointPolicy" | "GetMultiRegionAccessPointPolicyStatus" => {
            not_found("NoSuchMultiRegionAccessPointPolicy", "There is no policy")
        }
        "ListAccessPointsForObjectLambda" => document(
            request,
            "ListAccessPointsForObjectLambdaResult",
            &json!({ "ObjectLambdaAccessPointList": {} }),
        ),
        // This list has no element around its items.
        "ListStorageLensConfigurations" => {
            document(request, "ListStorageLensConfigurationResult", &json!({}))
        }
        "ListAccessGrantsInstances" => document(
            request,
            "ListAccessGrantsInstancesResult",
            &json!({ "AccessGrantsInstancesList": {} }),
        ),
        _ => not_found("NoSuchConfiguration", "The specified configuration does not exist."),
    }
}

fn invalid_token(request: &Request) -> Response {
    Response::error(request, 400, "InvalidRequest", "The token is not valid.", &[])
}

fn list_access_points(estate: &Estate, request: &Request, account: u64) -> Response {
    let region = &request.host.region;
    // An access point needs a bucket of its region.
    let bucket = buckets::first_in(estate, account, region);
    let count = bucket.map_or(0, |_| estate.others.access_points);
    let Some(page) = Page::of(estate, request, ["nextToken", "maxResults"], count, 1_000) else {
        return invalid_token(request);
    };
    let (owner, partition) = (&request.account, request.host.partition.name);
    let items: Vec<Value> = page
        .items
        .map(|index| {
            let name = format!("ap-{index}");
            json!({
                "Name": name, "NetworkOrigin": "Internet",
                "Bucket": bucket.map(|bucket| buckets::name(estate, bucket)),
                "AccessPointArn": format!("arn:{partition}:s3:{region}:{owner}:accesspoint/{name}"),
                "Alias": format!("{name}-{owner}-s3alias"), "BucketAccountId": owner,
            })
        })
        .collect();
    let body = json!({ "AccessPointList": { "AccessPoint": items }, "NextToken": page.next });
    document(request, "ListAccessPointsResult", &body)
}

fn access_point(estate: &Estate, request: &Request, account: u64) -> Option<Response> {
    let name = request.bare_path().trim_start_matches('/').split('/').nth(2)?;
    let index: u64 = name.strip_prefix("ap-")?.parse().ok()?;
    if index >= estate.others.access_points {
        return None;
    }
    let bucket = buckets::first_in(estate, account, &request.host.region)?;
    let mut draw = Draw::new(estate.seed, "access point", &[account, bucket, index]);
    let flags = draw.pick(&[[true; 4], [true; 4], [true, true, false, false]]);
    Some(match request.operation() {
        "GetAccessPoint" => document(
            request,
            "GetAccessPointResult",
            &json!({
                "Name": name, "Bucket": buckets::name(estate, bucket), "NetworkOrigin": "Internet",
                "PublicAccessBlockConfiguration": flags_of(flags),
                "CreationDate": "2024-01-01T00:00:00Z", "BucketAccountId": request.account,
            }),
        ),
        _ => Response::error(
            request,
            404,
            "NoSuchAccessPointPolicy",
            "The access point policy does not exist",
            &[],
        ),
    })
}

fn list_multi_region(estate: &Estate, request: &Request, account: u64) -> Response {
    let count = estate.others.multi_region_access_points;
    let Some(page) = Page::of(estate, request, ["nextToken", "maxResults"], count, 100) else {
        return invalid_token(request);
    };
    let items: Vec<Value> = page
        .items
        .map(|index| {
            let mut draw = Draw::new(estate.seed, "multi-region", &[account, index]);
            let flags = draw.pick(&[[true; 4], [false; 4]]);
            let region = estate.regions.first()?;
            let bucket = buckets::first_in(estate, account, region)?;
            Some(json!({
                "Name": format!("mrap-{index}"), "Alias": format!("m{account:06}{index:06}.mrap"),
                "CreatedAt": "2024-01-01T00:00:00.000Z", "PublicAccessBlock": flags_of(flags),
                "Status": "READY",
                "Regions": { "Region": [{
                    "Bucket": buckets::name(estate, bucket), "Region": region,
                    "BucketAccountId": request.account,
                }] },
            }))
        })
        .map(|item| item.unwrap_or_default())
        .collect();
    let body = json!({ "AccessPoints": { "AccessPoint": items }, "NextToken": page.next });
    document(request, "ListMultiRegionAccessPointsResult", &body)
}
