//! Owns what a generated estate answers for EC2: regions, and the attributes of single resources.
//! Lists and their items are in the other files.

use serde_json::{Value, json};

use super::Estate;
use super::draw::Draw;
use crate::hosts::PARTITIONS;
use crate::request::Request;
use crate::response::Response;
use crate::xml::{self, Lists};

mod capacity;
mod compute;
mod gateways;
mod insights;
mod lists;
mod mirroring;
mod network;
mod settings;
mod sharing;
mod transit;
mod vpn;

/// When everything was created.
const CREATED: &str = "2024-01-01T00:00:00.000Z";

/// An account outside of the estate.
const STRANGER: &str = "999988887777";

/// A region of an account.
#[derive(Debug)]
pub(super) struct Place<'a> {
    estate: &'a Estate,
    account: u64,
    /// The id of the account.
    owner: &'a str,
    /// The number of the region.
    number: u64,
    region: &'a str,
    partition: &'a str,
}

impl Place<'_> {
    /// The id of a resource.
    fn id(&self, prefix: &str, index: u64) -> String {
        resource_id(prefix, self.account, self.number, index)
    }

    /// Which resource has this id, if it is one of `count` here.
    fn index(&self, prefix: &str, id: &str, count: u64) -> Option<u64> {
        let index = u64::from_str_radix(id.get(id.len().checked_sub(11)?..)?, 16).ok()?;
        (index < count && self.id(prefix, index) == id).then_some(index)
    }

    fn draw(&self, what: &str, index: u64) -> Draw {
        Draw::new(self.estate.seed, what, &[self.account, self.number, index])
    }

    fn zone(&self) -> String {
        format!("{}a", self.region)
    }

    /// The zone of a subnet: each VPC has one subnet in each of two zones, or both in the first.
    fn zone_of_subnet(&self, index: u64) -> String {
        let apart = self.draw("zones", index / 2).pick(&[false, true]);
        let zone = if apart && !index.is_multiple_of(2) { "b" } else { "a" };
        format!("{}{zone}", self.region)
    }

    /// The ARN of a load balancer of this type.
    fn balancer_arn(&self, kind: &str, index: u64) -> String {
        format!(
            "arn:{}:elasticloadbalancing:{}:{}:loadbalancer/{kind}/balancer-{index}/{index:016x}",
            self.partition, self.region, self.owner
        )
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:{}:ec2:{}:{}:{resource}", self.partition, self.region, self.owner)
    }

    fn key_arn(&self, index: u64) -> String {
        format!("arn:{}:kms:{}:{}:key/{index:036x}", self.partition, self.region, self.owner)
    }

    /// The id of the VPC of something; there may be none.
    fn vpc_of(&self, index: u64) -> String {
        self.id("vpc", index % self.estate.others.vpcs.max(1))
    }
}

fn resource_id(prefix: &str, account: u64, number: u64, index: u64) -> String {
    format!("{prefix}-{account:04x}{number:02x}{index:011x}")
}

/// The id of a VPC, for other services.
pub(super) fn vpc_id(account: u64, number: u64, index: u64) -> String {
    resource_id("vpc", account, number, index)
}

/// Tags as EC2 writes them.
fn tags(draw: &mut Draw) -> Value {
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    draw.pick(&[[None; 2], [Some(("team", "payments")), Some(("stage", "test"))]])
        .into_iter()
        .flatten()
        .map(|(key, value)| tag(key, value))
        .collect()
}

/// The calls that EC2 answers.
pub(super) fn calls() -> impl Iterator<Item = &'static str> {
    lists::calls().chain(settings::CALLS).chain(ATTRIBUTES).chain(["DescribeRegions"])
}

/// The calls that return an attribute of one resource.
const ATTRIBUTES: [&str; 4] = [
    "DescribeSnapshotAttribute",
    "DescribeImageAttribute",
    "DescribeInstanceAttribute",
    "DescribeVpcAttribute",
];

pub(super) fn answer(estate: &Estate, request: &Request) -> Response {
    let Some(account) = estate.account_index(&request.account) else {
        return Response::denied(request, "You are not authorized to perform this operation.");
    };
    let region = &request.host.region;
    // In a region that is not enabled, credentials are not valid.
    let Some(number) = estate.regions.iter().position(|enabled| enabled == region) else {
        let message = "AWS was not able to validate the provided access credentials";
        return Response::error(request, 401, "AuthFailure", message, &[]);
    };
    let place = Place {
        estate,
        account,
        owner: &request.account,
        number: number as u64,
        region,
        partition: request.host.partition.name,
    };
    let operation = request.operation();
    if operation == "DescribeRegions" {
        return regions(estate, request);
    }
    if let Some(response) = lists::answer(&place, request) {
        return response;
    }
    let body = settings::answer(&place, operation).or_else(|| attribute(&place, request));
    match body {
        Some(Value::String(id)) if id.is_empty() => {
            missing_parameter(request, "the id of the resource")
        }
        Some(Value::String(id)) => not_found(request, &id),
        Some(body) => respond(request, &body),
        None => Response::unknown_call(request),
    }
}

/// An attribute of one resource, or its id as a string if there is no such resource.
fn attribute(place: &Place<'_>, request: &Request) -> Option<Value> {
    let others = &place.estate.others;
    let resource = |name: &str, prefix: &str, count: u64| {
        let id = request.param(name);
        place.index(prefix, id, count).ok_or_else(|| Value::from(id))
    };
    let found = match request.operation() {
        "DescribeSnapshotAttribute" => resource("SnapshotId", "snap", others.snapshots)
            .map(|index| compute::snapshot_permission(place, index)),
        "DescribeImageAttribute" => resource("ImageId", "ami", others.images)
            .map(|index| compute::launch_permission(place, index)),
        "DescribeInstanceAttribute" => resource("InstanceId", "i", others.instances)
            .map(|index| compute::attribute(place, index, request.param("Attribute"))),
        "DescribeVpcAttribute" => resource("VpcId", "vpc", others.vpcs)
            .map(|index| network::vpc_attribute(place, index, request.param("Attribute"))),
        _ => return None,
    };
    Some(found.unwrap_or_else(|id| id))
}

fn missing_parameter(request: &Request, name: &str) -> Response {
    let message = format!("The request must contain the parameter {name}");
    Response::error(request, 400, "MissingParameter", &message, &[])
}

fn not_found(request: &Request, id: &str) -> Response {
    let kind = match id.split('-').next().unwrap_or_default() {
        "snap" => "InvalidSnapshot.NotFound",
        "ami" => "InvalidAMIID.NotFound",
        "i" => "InvalidInstanceID.NotFound",
        "vpc" => "InvalidVpcID.NotFound",
        "pl" => "InvalidPrefixListID.NotFound",
        "cvpn" => "InvalidClientVpnEndpointId.NotFound",
        "tgw" => "InvalidRouteTableID.NotFound",
        "vpce" => "InvalidVpcEndpointServiceId.NotFound",
        _ => "InvalidParameterValue",
    };
    Response::error(request, 400, kind, &format!("The ID '{id}' does not exist"), &[])
}

fn respond(request: &Request, body: &Value) -> Response {
    let (operation, id) = (request.operation(), request.request_id());
    let body = xml::members(body, Lists::Items);
    Response::xml(
        request,
        &format!(
            "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{id}</requestId>{body}</{operation}Response>"
        ),
    )
}

fn regions(estate: &Estate, request: &Request) -> Response {
    // All regions of the partition exist; those of the estate are enabled.
    let all = request.param("AllRegions") == "true";
    let partition =
        PARTITIONS.iter().find(|partition| partition.name == request.host.partition.name).unwrap();
    let items: Vec<Value> = partition
        .regions
        .iter()
        .filter_map(|region| {
            let enabled = estate.regions.iter().any(|enabled| enabled == region);
            let status = if enabled { "opt-in-not-required" } else { "not-opted-in" };
            (all || enabled).then(|| {
                json!({
                    "regionName": region, "optInStatus": status,
                    "regionEndpoint": format!("ec2.{region}.{}", partition.suffix),
                })
            })
        })
        .collect();
    respond(request, &json!({ "regionInfo": items }))
}

/// What an account has in a region: each list under the name of its call, and the settings.
pub(super) fn describe(estate: &Estate, account: u64, number: usize, owner: &str) -> Value {
    let place = Place {
        estate,
        account,
        owner,
        number: number as u64,
        region: &estate.regions[number],
        partition: "aws",
    };
    let mut all = json!({ "region": place.region });
    for list in &lists::LISTS {
        let items: Vec<Value> = (0..(list.count)(estate))
            .map(|index| (list.item)(&place, index))
            .filter(|item| !item.is_null())
            .collect();
        all[list.call] = items.into();
    }
    for call in settings::CALLS {
        all[call] = settings::answer(&place, call).unwrap_or_default();
    }
    all
}
