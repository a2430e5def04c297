//! Owns what a generated estate answers for EC2: which lists there are, their pages, and the
//! attributes of single resources. What the items are like is in the other files.

use serde_json::{Value, json};

use super::draw::Draw;
use super::{Estate, Page, invalid_action};
use crate::hosts::PARTITIONS;
use crate::request::Request;
use crate::response::Response;
use crate::xml::{self, Lists};

mod compute;
mod network;
mod settings;
mod vpn;

/// When everything was created.
const CREATED: &str = "2024-01-01T00:00:00.000Z";

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
        format!("{prefix}-{:04x}{:02x}{index:011x}", self.account, self.number)
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

/// Tags as EC2 writes them.
fn tags(draw: &mut Draw) -> Value {
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    draw.pick(&[[None; 2], [Some(("team", "payments")), Some(("stage", "test"))]])
        .into_iter()
        .flatten()
        .map(|(key, value)| tag(key, value))
        .collect()
}

/// A list: the call, the element that it is in, how many items there are, and each of them. An item
/// that is `null` is left out, so that a page may have fewer items than were asked for.
struct List {
    call: &'static str,
    element: &'static str,
    count: fn(&Estate) -> u64,
    item: fn(&Place<'_>, u64) -> Value,
}

#[rustfmt::skip]
const LISTS: [List; 20] = [
    List { call: "DescribeVolumes", element: "volumeSet", count: |estate| estate.volumes, item: compute::volume },
    List { call: "DescribeSecurityGroups", element: "securityGroupInfo", count: |estate| estate.security_groups, item: network::security_group },
    List { call: "DescribeInstances", element: "reservationSet", count: |estate| estate.others.instances, item: compute::reservation },
    List { call: "DescribeInstanceStatus", element: "instanceStatusSet", count: |estate| estate.others.instances, item: compute::status },
    List { call: "DescribeSnapshots", element: "snapshotSet", count: |estate| estate.others.snapshots, item: compute::snapshot },
    List { call: "DescribeImages", element: "imagesSet", count: |estate| estate.others.images, item: compute::image },
    List { call: "DescribeAddresses", element: "addressesSet", count: |estate| estate.others.addresses, item: network::address },
    List { call: "DescribeLaunchTemplates", element: "launchTemplates", count: |estate| estate.others.launch_templates, item: compute::launch_template },
    List { call: "DescribeLaunchTemplateVersions", element: "launchTemplateVersionSet", count: |estate| estate.others.launch_templates, item: compute::template_version },
    List { call: "DescribeSpotFleetRequests", element: "spotFleetRequestConfigSet", count: |estate| estate.others.spot_fleets, item: compute::spot_fleet },
    List { call: "DescribeManagedPrefixLists", element: "prefixListSet", count: |estate| estate.others.prefix_lists, item: network::prefix_list },
    List { call: "DescribeVpcs", element: "vpcSet", count: |estate| estate.others.vpcs, item: network::vpc },
    List { call: "DescribeSubnets", element: "subnetSet", count: |estate| 2 * estate.others.vpcs, item: network::subnet },
    List { call: "DescribeRouteTables", element: "routeTableSet", count: |estate| 2 * estate.others.vpcs, item: network::route_table },
    List { call: "DescribeNetworkAcls", element: "networkAclSet", count: |estate| 2 * estate.others.vpcs, item: network::network_acl },
    List { call: "DescribeInternetGateways", element: "internetGatewaySet", count: |estate| estate.others.vpcs, item: network::internet_gateway },
    List { call: "DescribeFlowLogs", element: "flowLogSet", count: |estate| estate.others.vpcs, item: network::flow_log },
    List { call: "DescribeVpcEndpoints", element: "vpcEndpointSet", count: |estate| network::ENDPOINTS * estate.others.vpcs, item: network::endpoint },
    List { call: "DescribeNetworkInterfaces", element: "networkInterfaceSet", count: |estate| 2 * estate.others.instances, item: network::interface },
    List { call: "DescribeVpcPeeringConnections", element: "vpcPeeringConnectionSet", count: |estate| estate.others.peerings, item: vpn::peering },
];

#[rustfmt::skip]
const GATEWAYS: [List; 3] = [
    List { call: "DescribeTransitGateways", element: "transitGatewaySet", count: |estate| estate.others.transit_gateways, item: vpn::transit_gateway },
    List { call: "DescribeVpnConnections", element: "vpnConnectionSet", count: |estate| estate.others.vpn_connections, item: vpn::connection },
    List { call: "DescribeClientVpnEndpoints", element: "clientVpnEndpoint", count: |estate| estate.others.client_vpn_endpoints, item: vpn::client_endpoint },
];

fn list_of(call: &str) -> Option<&'static List> {
    LISTS.iter().chain(&GATEWAYS).find(|list| list.call == call)
}

/// The lists that are always empty, each with the element that it is in.
const EMPTY: [(&str, &str); 32] = [
    ("DescribeAddressTransfers", "addressTransferSet"),
    ("DescribeCapacityReservations", "capacityReservationSet"),
    ("DescribeCarrierGateways", "carrierGatewaySet"),
    ("DescribeCustomerGateways", "customerGatewaySet"),
    ("DescribeDhcpOptions", "dhcpOptionsSet"),
    ("DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet"),
    ("DescribeFleets", "fleetSet"),
    ("DescribeInstanceImageMetadata", "instanceImageMetadataSet"),
    ("DescribeInstanceTypes", "instanceTypeSet"),
    ("DescribeIpamScopes", "ipamScopeSet"),
    ("DescribeKeyPairs", "keySet"),
    ("DescribeLockedSnapshots", "snapshotSet"),
    ("DescribeNatGateways", "natGatewaySet"),
    ("DescribeNetworkInsightsAccessScopeAnalyses", "networkInsightsAccessScopeAnalysisSet"),
    ("DescribeNetworkInsightsAccessScopes", "networkInsightsAccessScopeSet"),
    ("DescribeNetworkInsightsAnalyses", "networkInsightsAnalysisSet"),
    ("DescribeNetworkInsightsPaths", "networkInsightsPathSet"),
    ("DescribeReservedInstances", "reservedInstancesSet"),
    ("DescribeStaleSecurityGroups", "staleSecurityGroupSet"),
    ("DescribeTrafficMirrorFilters", "trafficMirrorFilterSet"),
    ("DescribeTrafficMirrorSessions", "trafficMirrorSessionSet"),
    ("DescribeTrafficMirrorTargets", "trafficMirrorTargetSet"),
    ("DescribeTransitGatewayAttachments", "transitGatewayAttachments"),
    ("DescribeTransitGatewayMulticastDomains", "transitGatewayMulticastDomains"),
    ("DescribeTransitGatewayRouteTables", "transitGatewayRouteTables"),
    ("DescribeVerifiedAccessInstanceLoggingConfigurations", "loggingConfigurationSet"),
    ("DescribeVerifiedAccessInstances", "verifiedAccessInstanceSet"),
    ("DescribeVpcBlockPublicAccessExclusions", "vpcBlockPublicAccessExclusionSet"),
    ("DescribeVpcEncryptionControls", "vpcEncryptionControlSet"),
    ("DescribeVpcEndpointServiceConfigurations", "serviceConfigurationSet"),
    ("DescribeVpcEndpointServicePermissions", "allowedPrincipals"),
    ("DescribeVpnGateways", "vpnGatewaySet"),
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
    if let Some(list) = list_of(operation) {
        return page_of(&place, request, list);
    }
    let body =
        settings::answer(&place, operation).or_else(|| attribute(&place, request)).or_else(|| {
            EMPTY
                .iter()
                .find(|(name, _)| *name == operation)
                .map(|(_, element)| json!({ *element: [] }))
        });
    match body {
        Some(Value::String(id)) => not_found(request, &id),
        Some(body) => respond(request, &body),
        None => invalid_action(request),
    }
}

fn page_of(place: &Place<'_>, request: &Request, list: &List) -> Response {
    let count = (list.count)(place.estate);
    let Some(page) = Page::of(place.estate, request, ["NextToken", "MaxResults"], count, count)
    else {
        return Response::error(request, 400, "InvalidParameterValue", "Invalid token", &[]);
    };
    let public_only = request.param("RestorableBy.1") == "all";
    let versions = list.call == "DescribeLaunchTemplateVersions";
    let items: Vec<Value> = page
        .items
        .filter(|index| !public_only || compute::is_public(place, *index))
        .filter(|_| !versions || request.param("LaunchTemplateVersion.1").starts_with('$'))
        .map(|index| (list.item)(place, index))
        .filter(|item| !item.is_null())
        .collect();
    respond(request, &json!({ list.element: items, "nextToken": page.next }))
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
        "GetManagedPrefixListEntries" => resource("PrefixListId", "pl", others.prefix_lists)
            .map(|index| network::prefix_list_entries(place, index)),
        "DescribeClientVpnAuthorizationRules" => {
            resource("ClientVpnEndpointId", "cvpn-endpoint", others.client_vpn_endpoints)
                .map(|index| vpn::authorization_rules(place, index))
        }
        _ => return None,
    };
    Some(found.unwrap_or_else(|id| id))
}

fn not_found(request: &Request, id: &str) -> Response {
    let kind = match id.split('-').next().unwrap_or_default() {
        "snap" => "InvalidSnapshot.NotFound",
        "ami" => "InvalidAMIID.NotFound",
        "i" => "InvalidInstanceID.NotFound",
        "vpc" => "InvalidVpcID.NotFound",
        "pl" => "InvalidPrefixListID.NotFound",
        "cvpn" => "InvalidClientVpnEndpointId.NotFound",
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
    for list in LISTS.iter().chain(&GATEWAYS) {
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
