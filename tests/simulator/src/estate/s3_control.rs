//! Owns what a generated estate answers for S3 Control: the settings of an account, its access
//! points and Multi-Region Access Points. Object Lambda, Storage Lens and Access Grants are in
//! `shared`.

use serde_json::{Value, json};

use super::buckets;
use super::draw::Draw;
use super::s3::flags_of;
use super::{Estate, Page};
use crate::request::Request;
use crate::response::Response;
use crate::xml::{self, Lists};

mod shared;

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

/// The calls that are answered.
#[rustfmt::skip]
pub(super) const CALLS: [&str; 17] = [
    "GetPublicAccessBlock", "ListAccessPoints", "GetAccessPoint", "GetAccessPointPolicy",
    "GetAccessPointPolicyStatus", "ListMultiRegionAccessPoints", "GetMultiRegionAccessPointPolicy",
    "GetMultiRegionAccessPointPolicyStatus", "ListAccessPointsForObjectLambda",
    "GetAccessPointForObjectLambda", "GetAccessPointConfigurationForObjectLambda",
    "GetAccessPointPolicyForObjectLambda", "GetAccessPointPolicyStatusForObjectLambda",
    "ListStorageLensConfigurations", "GetStorageLensConfiguration", "ListAccessGrantsInstances",
    "GetAccessGrantsInstanceResourcePolicy",
];

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
                not_found("NoSuchAccessPoint", "The specified accesspoint does not exist")
            })
        }
        operation if operation.starts_with("GetMultiRegion") => {
            multi_region(estate, request, account).unwrap_or_else(|| {
                let message = "The specified multi-region access point does not exist";
                not_found("NoSuchMultiRegionAccessPoint", message)
            })
        }
        _ => shared::answer(estate, request, account)
            .unwrap_or_else(|| Response::unknown_call(request)),
    }
}

/// The number in the name of something, such as `ap-12`, if it is one of `count`.
fn numbered(name: &str, prefix: &str, count: u64) -> Option<u64> {
    let index = name.strip_prefix(prefix)?.parse().ok()?;
    (index < count && format!("{prefix}{index}") == name).then_some(index)
}

/// A part of the path, counted from that behind the version.
fn segment(request: &Request, number: usize) -> &str {
    request.bare_path().trim_start_matches('/').split('/').nth(number + 1).unwrap_or_default()
}

/// A policy that allows reads through an access point, to everyone or to the account itself.
fn policy(resource: &str, principal: &str) -> String {
    let principal = if principal == "*" { json!("*") } else { json!({ "AWS": principal }) };
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Read", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
        "Resource": format!("{resource}/object/*"),
    }] })
    .to_string()
}

/// Who the policy of an access point is for, if it has one.
fn grantee(draw: &mut Draw, owner: &str) -> Option<String> {
    match draw.pick(&[0, 1, 2]) {
        1 => Some(format!("arn:aws:iam::{owner}:root")),
        2 => Some("*".to_owned()),
        _ => None,
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
            let vpc = vpc_of(estate, account, region, index);
            json!({
                "Name": name, "NetworkOrigin": if vpc.is_some() { "VPC" } else { "Internet" },
                "VpcConfiguration": vpc.map(|vpc| json!({ "VpcId": vpc })),
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
    let name = segment(request, 1);
    let index = numbered(name, "ap-", estate.others.access_points)?;
    let bucket = buckets::first_in(estate, account, &request.host.region)?;
    let mut draw = Draw::new(estate.seed, "access point", &[account, bucket, index]);
    let flags = draw.pick(&[[true; 4], [true; 4], [true, true, false, false]]);
    let (region, owner) = (&request.host.region, &request.account);
    let arn = format!("arn:{}:s3:{region}:{owner}:accesspoint/{name}", request.host.partition.name);
    let mut policies = Draw::new(estate.seed, "access point policy", &[account, bucket, index]);
    let grantee = grantee(&mut policies, owner);
    Some(match (request.operation(), grantee) {
        ("GetAccessPoint", _) => {
            let vpc = vpc_of(estate, account, region, index);
            document(
                request,
                "GetAccessPointResult",
                &json!({
                    "Name": name, "Bucket": buckets::name(estate, bucket),
                    "NetworkOrigin": if vpc.is_some() { "VPC" } else { "Internet" },
                    "VpcConfiguration": vpc.map(|vpc| json!({ "VpcId": vpc })),
                    "PublicAccessBlockConfiguration": flags_of(flags),
                    "CreationDate": "2024-01-01T00:00:00Z", "AccessPointArn": arn,
                    "BucketAccountId": request.account,
                }),
            )
        }
        ("GetAccessPointPolicy", Some(grantee)) => {
            let policy = policy(&arn, &grantee);
            document(request, "GetAccessPointPolicyResult", &json!({ "Policy": policy }))
        }
        ("GetAccessPointPolicyStatus", Some(grantee)) => document(
            request,
            "GetAccessPointPolicyStatusResult",
            &json!({ "PolicyStatus": { "IsPublic": grantee == "*" } }),
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

/// The VPC from which an access point can be used, for those that are limited to one.
fn vpc_of(estate: &Estate, account: u64, region: &str, index: u64) -> Option<String> {
    let number = estate.regions.iter().position(|known| known == region)?;
    let limited = Draw::new(estate.seed, "origin", &[account, number as u64, index]).one_in(2);
    let vpcs = estate.others.vpcs;
    (limited && vpcs > 0).then(|| super::ec2::vpc_id(account, number as u64, index % vpcs))
}

/// The policy of a Multi-Region Access Point. Without one, the response is empty.
fn multi_region(estate: &Estate, request: &Request, account: u64) -> Option<Response> {
    let name = segment(request, 2);
    let index = numbered(name, "mrap-", estate.others.multi_region_access_points)?;
    let mut draw = Draw::new(estate.seed, "multi-region policy", &[account, index]);
    let grantee = grantee(&mut draw, &request.account);
    let arn = format!(
        "arn:{}:s3::{}:accesspoint/{}",
        request.host.partition.name,
        request.account,
        multi_region_alias(account, index)
    );
    Some(match request.operation() {
        "GetMultiRegionAccessPointPolicy" => {
            let policy = grantee.map(|grantee| policy(&arn, &grantee));
            let policy = policy.map(|policy| json!({ "Established": { "Policy": policy } }));
            document(request, "GetMultiRegionAccessPointPolicyResult", &json!({ "Policy": policy }))
        }
        "GetMultiRegionAccessPointPolicyStatus" => {
            let established = grantee.map(|grantee| json!({ "IsPublic": grantee == "*" }));
            document(
                request,
                "GetMultiRegionAccessPointPolicyStatusResult",
                &json!({ "Established": established }),
            )
        }
        _ => Response::unknown_call(request),
    })
}

fn multi_region_alias(account: u64, index: u64) -> String {
    format!("m{account:06}{index:06}.mrap")
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
                "Name": format!("mrap-{index}"), "Alias": multi_region_alias(account, index),
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
