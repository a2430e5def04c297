//! The lists of EC2: the call of each, the element that it is in, how many items there are, and the
//! function that returns one of them.

use serde_json::{Value, json};

use super::super::{Estate, Page};
use super::{
    Place, capacity, compute, gateways, insights, mirroring, missing_parameter, network, not_found,
    respond, sharing, transit, vpn,
};
use crate::request::Request;
use crate::response::Response;

/// A list of a region.
pub(super) struct List {
    pub(super) call: &'static str,
    /// The element that contains the items.
    element: &'static str,
    /// The largest page size; 0 for a list without pages.
    most: u64,
    pub(super) count: fn(&Estate) -> u64,
    /// An item. One that is `null` is left out, so that a page can have fewer items than its size.
    pub(super) item: fn(&Place<'_>, u64) -> Value,
}

const fn list(
    call: &'static str,
    element: &'static str,
    most: u64,
    count: fn(&Estate) -> u64,
    item: fn(&Place<'_>, u64) -> Value,
) -> List {
    List { call, element, most, count, item }
}

/// All lists of a region. The largest page sizes are those of AWS's model of the API, or of the API
/// reference where the model has none.
#[rustfmt::skip]
pub(super) const LISTS: [List; 53] = [
    list("DescribeVolumes", "volumeSet", 1_000, |estate| estate.volumes, compute::volume),
    list("DescribeSecurityGroups", "securityGroupInfo", 1_000, network::group_count, network::security_group),
    list("DescribeInstances", "reservationSet", 1_000, |estate| estate.others.instances, compute::reservation),
    list("DescribeInstanceStatus", "instanceStatusSet", 1_000, |estate| estate.others.instances, compute::status),
    list("DescribeInstanceImageMetadata", "instanceImageMetadataSet", 1_000, |estate| estate.others.instances, compute::image_metadata),
    list("DescribeInstanceTypes", "instanceTypeSet", 100, |_| capacity::TYPES.len() as u64, capacity::instance_type),
    list("DescribeSnapshots", "snapshotSet", 1_000, |estate| estate.others.snapshots, compute::snapshot),
    list("DescribeLockedSnapshots", "snapshotSet", 1_000, |estate| estate.others.snapshots, compute::snapshot_lock),
    list("DescribeImages", "imagesSet", 1_000, |estate| estate.others.images, compute::image),
    list("DescribeKeyPairs", "keySet", 0, |estate| estate.others.key_pairs, compute::key_pair),
    list("DescribeLaunchTemplates", "launchTemplates", 200, |estate| estate.others.launch_templates, compute::launch_template),
    list("DescribeLaunchTemplateVersions", "launchTemplateVersionSet", 200, |estate| estate.others.launch_templates, compute::template_version),
    list("DescribeSpotFleetRequests", "spotFleetRequestConfigSet", 1_000, |estate| estate.others.spot_fleets, capacity::spot_fleet),
    list("DescribeFleets", "fleetSet", 1_000, |estate| estate.others.fleets, capacity::fleet),
    list("DescribeCapacityReservations", "capacityReservationSet", 1_000, |estate| estate.others.capacity_reservations, capacity::reservation),
    list("DescribeReservedInstances", "reservedInstancesSet", 0, |estate| estate.others.reserved_instances, capacity::reserved_instances),
    list("DescribeVpcs", "vpcSet", 1_000, |estate| estate.others.vpcs, network::vpc),
    list("DescribeSubnets", "subnetSet", 1_000, |estate| 2 * estate.others.vpcs, network::subnet),
    list("DescribeRouteTables", "routeTableSet", 100, |estate| 2 * estate.others.vpcs, network::route_table),
    list("DescribeNetworkAcls", "networkAclSet", 1_000, |estate| 2 * estate.others.vpcs, network::network_acl),
    list("DescribeFlowLogs", "flowLogSet", 1_000, |estate| estate.others.vpcs, network::flow_log),
    list("DescribeVpcEndpoints", "vpcEndpointSet", 1_000, |estate| network::ENDPOINTS * estate.others.vpcs, network::endpoint),
    list("DescribeNetworkInterfaces", "networkInterfaceSet", 1_000, network::interface_count, network::interface),
    list("DescribeAddresses", "addressesSet", 0, |estate| estate.others.addresses, gateways::address),
    list("DescribeAddressTransfers", "addressTransferSet", 1_000, |estate| estate.others.addresses, gateways::address_transfer),
    list("DescribeManagedPrefixLists", "prefixListSet", 100, |estate| estate.others.prefix_lists, network::prefix_list),
    list("DescribeDhcpOptions", "dhcpOptionsSet", 1_000, gateways::dhcp_options_count, gateways::dhcp_options),
    list("DescribeInternetGateways", "internetGatewaySet", 1_000, |estate| estate.others.vpcs, gateways::internet_gateway),
    list("DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet", 255, |estate| estate.others.vpcs, gateways::egress_only_gateway),
    list("DescribeCarrierGateways", "carrierGatewaySet", 1_000, |estate| estate.others.vpcs, gateways::carrier_gateway),
    list("DescribeNatGateways", "natGatewaySet", 1_000, |estate| estate.others.vpcs, gateways::nat_gateway),
    list("DescribeVpcEncryptionControls", "vpcEncryptionControlSet", 1_000, |estate| estate.others.vpcs, sharing::encryption_control),
    list("DescribeVpcBlockPublicAccessExclusions", "vpcBlockPublicAccessExclusionSet", 1_000, |estate| estate.others.vpcs, sharing::exclusion),
    list("DescribeVpcPeeringConnections", "vpcPeeringConnectionSet", 1_000, |estate| estate.others.peerings, vpn::peering),
    list("DescribeTransitGateways", "transitGatewaySet", 1_000, |estate| estate.others.transit_gateways, transit::gateway),
    list("DescribeTransitGatewayAttachments", "transitGatewayAttachments", 1_000, |estate| transit::ATTACHMENTS * estate.others.transit_gateways, transit::attachment),
    list("DescribeTransitGatewayRouteTables", "transitGatewayRouteTables", 1_000, |estate| estate.others.transit_gateways, transit::route_table),
    list("DescribeTransitGatewayMulticastDomains", "transitGatewayMulticastDomains", 1_000, |estate| estate.others.transit_gateways, transit::multicast_domain),
    list("DescribeVpnConnections", "vpnConnectionSet", 0, |estate| estate.others.vpn_connections, vpn::connection),
    list("DescribeCustomerGateways", "customerGatewaySet", 0, |estate| estate.others.vpn_connections, vpn::customer_gateway),
    list("DescribeVpnGateways", "vpnGatewaySet", 0, |estate| estate.others.vpn_connections, vpn::gateway),
    list("DescribeClientVpnEndpoints", "clientVpnEndpoint", 1_000, |estate| estate.others.client_vpn_endpoints, vpn::client_endpoint),
    list("DescribeVerifiedAccessInstances", "verifiedAccessInstanceSet", 200, |estate| estate.others.verified_access_instances, sharing::verified_access),
    list("DescribeVerifiedAccessInstanceLoggingConfigurations", "loggingConfigurationSet", 10, |estate| estate.others.verified_access_instances, sharing::verified_access_logging),
    list("DescribeVpcEndpointServiceConfigurations", "serviceConfigurationSet", 1_000, |estate| estate.others.endpoint_services, sharing::endpoint_service),
    list("DescribeIpamScopes", "ipamScopeSet", 1_000, |estate| 2 * estate.others.ipams, sharing::ipam_scope),
    list("DescribeTrafficMirrorFilters", "trafficMirrorFilterSet", 1_000, |estate| estate.others.traffic_mirrors, mirroring::filter),
    list("DescribeTrafficMirrorTargets", "trafficMirrorTargetSet", 1_000, |estate| estate.others.traffic_mirrors, mirroring::target),
    list("DescribeTrafficMirrorSessions", "trafficMirrorSessionSet", 1_000, |estate| estate.others.traffic_mirrors, mirroring::session),
    list("DescribeNetworkInsightsPaths", "networkInsightsPathSet", 100, |estate| estate.others.network_insights, insights::path),
    list("DescribeNetworkInsightsAnalyses", "networkInsightsAnalysisSet", 100, |estate| estate.others.network_insights, insights::analysis),
    list("DescribeNetworkInsightsAccessScopes", "networkInsightsAccessScopeSet", 100, |estate| estate.others.network_insights, insights::access_scope),
    list("DescribeNetworkInsightsAccessScopeAnalyses", "networkInsightsAccessScopeAnalysisSet", 100, |estate| estate.others.network_insights, insights::access_scope_analysis),
];

/// A list of one resource.
struct Part {
    call: &'static str,
    element: &'static str,
    most: u64,
    /// The parameter that names the resource, the prefix of its id, and how many there are.
    parameter: &'static str,
    prefix: &'static str,
    of: fn(&Estate) -> u64,
    count: fn(&Place<'_>, u64) -> u64,
    /// An item of that resource; `null` is left out.
    item: fn(&Place<'_>, u64, u64) -> Value,
}

const PARTS: [Part; 5] = [
    Part {
        call: "GetManagedPrefixListEntries",
        element: "entrySet",
        most: 100,
        parameter: "PrefixListId",
        prefix: "pl",
        of: |estate| estate.others.prefix_lists,
        count: network::entry_count,
        item: network::prefix_list_entry,
    },
    Part {
        call: "DescribeClientVpnAuthorizationRules",
        element: "authorizationRule",
        most: 1_000,
        parameter: "ClientVpnEndpointId",
        prefix: "cvpn-endpoint",
        of: |estate| estate.others.client_vpn_endpoints,
        count: |_, _| vpn::AUTHORIZATION_RULES,
        item: vpn::authorization_rule,
    },
    Part {
        call: "DescribeStaleSecurityGroups",
        element: "staleSecurityGroupSet",
        most: 255,
        parameter: "VpcId",
        prefix: "vpc",
        of: |estate| estate.others.vpcs,
        count: |place, _| network::group_count(place.estate),
        item: network::stale_group,
    },
    Part {
        call: "SearchTransitGatewayRoutes",
        element: "routeSet",
        most: 1_000,
        parameter: "TransitGatewayRouteTableId",
        prefix: "tgw-rtb",
        of: |estate| estate.others.transit_gateways,
        count: |_, _| transit::ROUTES,
        item: transit::route,
    },
    Part {
        call: "DescribeVpcEndpointServicePermissions",
        element: "allowedPrincipals",
        most: 1_000,
        parameter: "ServiceId",
        prefix: "vpce-svc",
        of: |estate| estate.others.endpoint_services,
        count: |_, _| sharing::PERMISSIONS,
        item: sharing::permission,
    },
];

/// The calls that return lists.
pub(super) fn calls() -> impl Iterator<Item = &'static str> {
    let of_region = LISTS.iter().map(|list| list.call);
    of_region.chain(PARTS.iter().map(|part| part.call))
}

/// The page of a list, if the call returns one.
pub(super) fn answer(place: &Place<'_>, request: &Request) -> Option<Response> {
    let operation = request.operation();
    if let Some(list) = LISTS.iter().find(|list| list.call == operation) {
        return Some(page_of(place, request, list));
    }
    PARTS.iter().find(|part| part.call == operation).map(|part| part_of(place, request, part))
}

fn page_of(place: &Place<'_>, request: &Request, list: &List) -> Response {
    let count = (list.count)(place.estate);
    let page = match page(place, request, list.most, count) {
        Ok(page) => page,
        Err(response) => return response,
    };
    let items: Vec<Value> = page
        .items
        .filter(|index| is_wanted(place, request, *index))
        .map(|index| (list.item)(place, index))
        .filter(|item| !item.is_null())
        .collect();
    respond(request, &json!({ list.element: items, "nextToken": page.next }))
}

fn part_of(place: &Place<'_>, request: &Request, part: &Part) -> Response {
    let id = request.param(part.parameter);
    if id.is_empty() {
        return missing_parameter(request, part.parameter);
    }
    let Some(of) = place.index(part.prefix, id, (part.of)(place.estate)) else {
        return not_found(request, id);
    };
    // AWS searches only by a filter.
    if part.call == "SearchTransitGatewayRoutes" && !request.params.contains_key("Filter.1.Name") {
        return missing_parameter(request, "Filters");
    }
    let page = match page(place, request, part.most, (part.count)(place, of)) {
        Ok(page) => page,
        Err(response) => return response,
    };
    let items: Vec<Value> = page
        .items
        .map(|index| (part.item)(place, of, index))
        .filter(|item| !item.is_null())
        .collect();
    let mut body = json!({ part.element: items, "nextToken": page.next });
    if part.call == "SearchTransitGatewayRoutes" {
        body["additionalRoutesAvailable"] = page.next.is_some().into();
    }
    respond(request, &body)
}

/// The part of a list that is requested.
fn page(place: &Place<'_>, request: &Request, most: u64, count: u64) -> Result<Page, Response> {
    let invalid =
        |code: &str, message: &str| Err(Response::error(request, 400, code, message, &[]));
    let size = request.param("MaxResults");
    if most == 0 && !size.is_empty() {
        return invalid("UnknownParameter", "The parameter MaxResults is not recognized");
    }
    if size.parse::<u64>().is_ok_and(|size| size == 0 || size > most) {
        let message = format!(
            "Value ( {size} ) for parameter maxResults is invalid. Expecting a value from 1 to {most}."
        );
        return invalid("InvalidParameterValue", &message);
    }
    match Page::of(place.estate, request, ["NextToken", "MaxResults"], count, count) {
        Some(page) => Ok(page),
        None => invalid("InvalidParameterValue", "Invalid token"),
    }
}

/// Whether the parameters of a request select this item of a list.
fn is_wanted(place: &Place<'_>, request: &Request, index: u64) -> bool {
    match request.operation() {
        "DescribeSnapshots" if request.param("RestorableBy.1") == "all" => {
            compute::is_public(place, index)
        }
        "DescribeLaunchTemplateVersions" => {
            request.param("LaunchTemplateVersion.1").starts_with('$')
        }
        "DescribeInstanceTypes" => {
            let (name, _) = capacity::TYPES[usize::try_from(index).unwrap()];
            filter(request, "instance-type").is_none_or(|values| values.contains(&name))
        }
        "DescribeVerifiedAccessInstanceLoggingConfigurations" => {
            let id = request.param("VerifiedAccessInstanceId.1");
            id.is_empty() || id == place.id("vai", index)
        }
        _ => true,
    }
}

/// The values of a filter, if the request has it.
fn filter<'a>(request: &'a Request, name: &str) -> Option<Vec<&'a str>> {
    let number = (1..)
        .map_while(|number| Some((number, request.params.get(&format!("Filter.{number}.Name"))?)));
    let (number, _) = number.into_iter().find(|(_, known)| *known == name)?;
    let value = |value: u64| request.params.get(&format!("Filter.{number}.Value.{value}"));
    Some((1..).map_while(value).map(String::as_str).collect())
}
