//! Object Lambda Access Points, Storage Lens configurations and Access Grants instances.

use serde_json::{Value, json};

use super::super::{Estate, Page, buckets};
use super::{Draw, document, flags_of, grantee, invalid_token, numbered, policy, segment};
use crate::request::Request;
use crate::response::Response;

const CREATED: &str = "2024-01-01T00:00:00.000Z";

/// The dashboard that every account has, in this region.
const DEFAULT_DASHBOARD: (&str, &str) = ("default-account-dashboard", "us-east-1");

pub(super) fn answer(estate: &Estate, request: &Request, account: u64) -> Option<Response> {
    Some(match request.operation() {
        "ListAccessPointsForObjectLambda" => list_object_lambda(estate, request),
        "ListStorageLensConfigurations" => list_storage_lens(estate, request),
        "GetStorageLensConfiguration" => storage_lens(estate, request),
        "ListAccessGrantsInstances" => list_access_grants(estate, request, account),
        "GetAccessGrantsInstanceResourcePolicy" => access_grants_policy(estate, request, account),
        operation if operation.ends_with("ForObjectLambda") => {
            object_lambda(estate, request, account)
        }
        _ => return None,
    })
}

fn arn(request: &Request, service: &str, resource: &str) -> String {
    let (partition, region) = (request.host.partition.name, &request.host.region);
    format!("arn:{partition}:{service}:{region}:{}:{resource}", request.account)
}

fn not_found(request: &Request, code: &str, message: &str) -> Response {
    Response::error(request, 404, code, message, &[("AccountId", &request.account)])
}

/// An Object Lambda Access Point stands before an access point of the same number.
fn object_lambda_count(estate: &Estate) -> u64 {
    estate.others.object_lambda_access_points.min(estate.others.access_points)
}

fn list_object_lambda(estate: &Estate, request: &Request) -> Response {
    let count = object_lambda_count(estate);
    let Some(page) = Page::of(estate, request, ["nextToken", "maxResults"], count, 1_000) else {
        return invalid_token(request);
    };
    let items: Vec<Value> = page
        .items
        .map(|index| {
            let name = format!("olap-{index}");
            let arn = arn(request, "s3-object-lambda", &format!("accesspoint/{name}"));
            let alias = format!("{name}-{}--ol-s3", request.account);
            json!({
                "Name": name, "ObjectLambdaAccessPointArn": arn,
                "Alias": { "Value": alias, "Status": "READY" },
            })
        })
        .collect();
    let list = json!({ "ObjectLambdaAccessPoint": items });
    let body = json!({ "ObjectLambdaAccessPointList": list, "NextToken": page.next });
    document(request, "ListAccessPointsForObjectLambdaResult", &body)
}

fn object_lambda(estate: &Estate, request: &Request, account: u64) -> Response {
    let name = segment(request, 1);
    let Some(index) = numbered(name, "olap-", object_lambda_count(estate)) else {
        let message = "The specified accesspoint does not exist";
        return not_found(request, "NoSuchAccessPoint", message);
    };
    let region = buckets::first_in(estate, account, &request.host.region).unwrap_or_default();
    let mut draw = Draw::new(estate.seed, "object lambda", &[account, region, index]);
    let grantee = grantee(&mut draw, &request.account);
    let own = arn(request, "s3-object-lambda", &format!("accesspoint/{name}"));
    let operation = request.operation();
    let body = match (operation, grantee) {
        ("GetAccessPointForObjectLambda", _) => json!({
            "Name": name, "CreationDate": CREATED,
            "PublicAccessBlockConfiguration": flags_of([true; 4]),
        }),
        ("GetAccessPointConfigurationForObjectLambda", _) => {
            let point = arn(request, "s3", &format!("accesspoint/ap-{index}"));
            let function = arn(request, "lambda", "function:redact");
            json!({ "Configuration": {
                "SupportingAccessPoint": point, "CloudWatchMetricsEnabled": draw.one_in(2),
                "TransformationConfigurations": { "TransformationConfiguration": [{
                    "Actions": { "Action": ["GetObject"] },
                    "ContentTransformation": { "AwsLambda": { "FunctionArn": function } },
                }] },
            } })
        }
        ("GetAccessPointPolicyForObjectLambda", Some(grantee)) => {
            let policy = policy(&own, &grantee).replace("s3:", "s3-object-lambda:");
            json!({ "Policy": policy.replace("/object/*", "") })
        }
        ("GetAccessPointPolicyStatusForObjectLambda", Some(grantee)) => {
            json!({ "PolicyStatus": { "IsPublic": grantee == "*" } })
        }
        _ => {
            let message = "The specified accesspoint policy does not exist";
            return not_found(request, "NoSuchAccessPointPolicy", message);
        }
    };
    document(request, &format!("{operation}Result"), &body)
}

/// The ids of the Storage Lens configurations of a region.
fn dashboards(estate: &Estate, request: &Request) -> Vec<String> {
    let (name, home) = DEFAULT_DASHBOARD;
    let default = (request.host.region == home).then(|| name.to_owned());
    let more = (0..estate.others.storage_lens).map(|index| format!("lens-{index}"));
    default.into_iter().chain(more).collect()
}

fn list_storage_lens(estate: &Estate, request: &Request) -> Response {
    let ids = dashboards(estate, request);
    // S3 chooses the size of the pages.
    let size = estate.page.unwrap_or(100);
    let parameters = ["nextToken", "maxResults"];
    let Some(page) = Page::of(estate, request, parameters, ids.len() as u64, size) else {
        return invalid_token(request);
    };
    let items: Vec<Value> = page
        .items
        .map(|index| {
            let id = &ids[usize::try_from(index).unwrap()];
            json!({
                "Id": id, "StorageLensArn": arn(request, "s3", &format!("storage-lens/{id}")),
                "HomeRegion": request.host.region, "IsEnabled": true,
            })
        })
        .collect();
    // This list has no element around its items.
    let body = json!({ "StorageLensConfiguration": items, "NextToken": page.next });
    document(request, "ListStorageLensConfigurationResult", &body)
}

fn storage_lens(estate: &Estate, request: &Request) -> Response {
    let id = segment(request, 1);
    if !dashboards(estate, request).iter().any(|known| known == id) {
        let message = "The specified configuration does not exist.";
        return not_found(request, "NoSuchConfiguration", message);
    }
    let body = json!({
        "Id": id, "AccountLevel": {
            "ActivityMetrics": { "IsEnabled": id != DEFAULT_DASHBOARD.0 }, "BucketLevel": {},
        },
        "IsEnabled": true, "StorageLensArn": arn(request, "s3", &format!("storage-lens/{id}")),
    });
    document(request, "StorageLensConfiguration", &body)
}

fn list_access_grants(estate: &Estate, request: &Request, _: u64) -> Response {
    // A region has at most one.
    let count = estate.others.access_grants.min(1);
    let Some(page) = Page::of(estate, request, ["nextToken", "maxResults"], count, 1_000) else {
        return invalid_token(request);
    };
    let instance = |_| {
        json!({
            "AccessGrantsInstanceId": "default", "CreatedAt": CREATED,
            "AccessGrantsInstanceArn": arn(request, "s3", "access-grants/default"),
        })
    };
    let items: Vec<Value> = page.items.map(instance).collect();
    let list = json!({ "AccessGrantsInstance": items });
    let body = json!({ "AccessGrantsInstancesList": list, "NextToken": page.next });
    document(request, "ListAccessGrantsInstancesResult", &body)
}

fn access_grants_policy(estate: &Estate, request: &Request, account: u64) -> Response {
    if estate.others.access_grants == 0 {
        let message = "Access Grants Instance does not exist";
        return not_found(request, "AccessGrantsInstanceNotExistsError", message);
    }
    let number = estate.regions.iter().position(|known| *known == request.host.region);
    let number = number.unwrap_or_default() as u64;
    let mut draw = Draw::new(estate.seed, "access grants", &[account, number]);
    let Some(other) = draw.pick(&[Some("999988887777"), None, Some(estate.own_account.as_str())])
    else {
        let message = "Access Grants Instance Resource Policy does not exist";
        return not_found(request, "AccessGrantsInstanceResourcePolicyNotExists", message);
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": other },
        "Action": ["s3:ListAccessGrants", "s3:GetDataAccess"],
        "Resource": arn(request, "s3", "access-grants/default"),
    }] });
    let body = json!({ "Policy": policy.to_string(), "CreatedAt": CREATED });
    document(request, "GetAccessGrantsInstanceResourcePolicyResult", &body)
}
