//! Owns what a generated estate has in EC2: volumes and security groups, regional settings, and
//! empty lists of everything else.

use std::ops::Range;

use super::estate::{Estate, invalid_action};
use super::hosts::PARTITIONS;
use super::request::Request;
use super::response::Response;

/// The lists that are empty, each with the element that it is in.
#[rustfmt::skip]
const LISTS: [(&str, &str); 55] = [
    ("DescribeAddressTransfers", "addressTransferSet"), ("DescribeAddresses", "addressesSet"),
    ("DescribeCapacityReservations", "capacityReservationSet"), ("DescribeCarrierGateways", "carrierGatewaySet"),
    ("DescribeClientVpnAuthorizationRules", "authorizationRule"), ("DescribeClientVpnEndpoints", "clientVpnEndpoint"),
    ("DescribeCustomerGateways", "customerGatewaySet"), ("DescribeDhcpOptions", "dhcpOptionsSet"),
    ("DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet"), ("DescribeFleets", "fleetSet"),
    ("DescribeFlowLogs", "flowLogSet"), ("DescribeImages", "imagesSet"),
    ("DescribeInstanceImageMetadata", "instanceImageMetadataSet"), ("DescribeInstanceStatus", "instanceStatusSet"),
    ("DescribeInstanceTypes", "instanceTypeSet"), ("DescribeInstances", "reservationSet"),
    ("DescribeInternetGateways", "internetGatewaySet"), ("DescribeIpamScopes", "ipamScopeSet"),
    ("DescribeKeyPairs", "keySet"), ("DescribeLaunchTemplateVersions", "launchTemplateVersionSet"),
    ("DescribeLaunchTemplates", "launchTemplates"), ("DescribeLockedSnapshots", "snapshotSet"),
    ("DescribeManagedPrefixLists", "prefixListSet"), ("DescribeNatGateways", "natGatewaySet"),
    ("DescribeNetworkAcls", "networkAclSet"),
    ("DescribeNetworkInsightsAccessScopeAnalyses", "networkInsightsAccessScopeAnalysisSet"),
    ("DescribeNetworkInsightsAccessScopes", "networkInsightsAccessScopeSet"),
    ("DescribeNetworkInsightsAnalyses", "networkInsightsAnalysisSet"),
    ("DescribeNetworkInsightsPaths", "networkInsightsPathSet"), ("DescribeNetworkInterfaces", "networkInterfaceSet"),
    ("DescribeReservedInstances", "reservedInstancesSet"), ("DescribeRouteTables", "routeTableSet"),
    ("DescribeSnapshots", "snapshotSet"), ("DescribeSpotFleetRequests", "spotFleetRequestConfigSet"),
    ("DescribeStaleSecurityGroups", "staleSecurityGroupSet"), ("DescribeSubnets", "subnetSet"),
    ("DescribeTrafficMirrorFilters", "trafficMirrorFilterSet"), ("DescribeTrafficMirrorSessions", "trafficMirrorSessionSet"),
    ("DescribeTrafficMirrorTargets", "trafficMirrorTargetSet"),
    ("DescribeTransitGatewayAttachments", "transitGatewayAttachments"),
    ("DescribeTransitGatewayMulticastDomains", "transitGatewayMulticastDomains"),
    ("DescribeTransitGatewayRouteTables", "transitGatewayRouteTables"), ("DescribeTransitGateways", "transitGatewaySet"),
    ("DescribeVerifiedAccessInstanceLoggingConfigurations", "loggingConfigurationSet"),
    ("DescribeVerifiedAccessInstances", "verifiedAccessInstanceSet"),
    ("DescribeVpcBlockPublicAccessExclusions", "vpcBlockPublicAccessExclusionSet"),
    ("DescribeVpcEncryptionControls", "vpcEncryptionControlSet"),
    ("DescribeVpcEndpointServiceConfigurations", "serviceConfigurationSet"),
    ("DescribeVpcEndpointServicePermissions", "allowedPrincipals"), ("DescribeVpcEndpoints", "vpcEndpointSet"),
    ("DescribeVpcPeeringConnections", "vpcPeeringConnectionSet"), ("DescribeVpcs", "vpcSet"),
    ("DescribeVpnConnections", "vpnConnectionSet"), ("DescribeVpnGateways", "vpnGatewaySet"),
    ("GetManagedPrefixListEntries", "entrySet"),
];

/// Settings of a region.
#[rustfmt::skip]
const SETTINGS: [(&str, &str); 8] = [
    ("GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>true</ebsEncryptionByDefault><sseType>sse-ebs</sseType>"),
    ("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>"),
    ("GetSnapshotBlockPublicAccessState", "<state>block-all-sharing</state><managedBy>account</managedBy>"),
    ("GetImageBlockPublicAccessState", "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState><managedBy>account</managedBy>"),
    ("GetInstanceMetadataDefaults", "<accountLevel><httpTokens>required</httpTokens><managedBy>account</managedBy></accountLevel>"),
    ("GetSerialConsoleAccessStatus", "<serialConsoleAccessEnabled>false</serialConsoleAccessEnabled><managedBy>account</managedBy>"),
    ("GetAllowedImagesSettings", "<state>disabled</state><managedBy>account</managedBy>"),
    ("DescribeAccountAttributes", "<accountAttributeSet><item><attributeName>supported-platforms</attributeName><attributeValueSet><item><attributeValue>VPC</attributeValue></item></attributeValueSet></item></accountAttributeSet>"),
];

pub(super) fn answer(estate: &Estate, request: &Request) -> Response {
    let operation = request.operation();
    let region = &request.host.region;
    let Some(account) = estate.account_index(&request.account) else {
        return Response::denied(request, "You are not authorized to perform this operation.");
    };
    // In a region that is not enabled, credentials are not valid.
    let Some(place) = estate.regions.iter().position(|enabled| enabled == region) else {
        let message = "AWS was not able to validate the provided access credentials";
        return Response::error(request, 401, "AuthFailure", message, &[]);
    };
    let id = |prefix: &str, index: u64| format!("{prefix}-{account:04x}{place:02x}{index:011x}");
    let list = |element: &str, count: u64, item: &dyn Fn(u64) -> String| {
        let (page, next) = page(request, count);
        let items: String = page.map(|index| format!("<item>{}</item>", item(index))).collect();
        let next = next.map(|next| format!("<nextToken>{next}</nextToken>")).unwrap_or_default();
        respond(request, &format!("<{element}>{items}</{element}>{next}"))
    };
    match operation {
        "DescribeRegions" => regions(estate, request),
        "DescribeVolumes" => list("volumeSet", estate.volumes, &|index| {
            format!(
                "<volumeId>{}</volumeId><size>8</size><snapshotId/><availabilityZone>{region}a</availabilityZone>\
                 <status>available</status><createTime>2024-01-01T00:00:00.000Z</createTime><attachmentSet/>\
                 <volumeType>gp3</volumeType><iops>3000</iops><encrypted>{}</encrypted><multiAttachEnabled>false</multiAttachEnabled>\
                 <throughput>125</throughput>",
                id("vol", index),
                index % 3 != 0
            )
        }),
        "DescribeSecurityGroups" => list("securityGroupInfo", estate.security_groups, &|index| {
            let name = if index == 0 { "default".to_owned() } else { format!("group-{index}") };
            format!(
                "<ownerId>{}</ownerId><groupId>{}</groupId><groupName>{name}</groupName><groupDescription>{name}</groupDescription>\
                 <vpcId>{}</vpcId><ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>\
                 <groups/><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item>\
                 </ipPermissions><ipPermissionsEgress/>",
                request.account,
                id("sg", index),
                id("vpc", 0)
            )
        }),
        "DescribeVpcBlockPublicAccessOptions" => respond(
            request,
            &format!(
                "<vpcBlockPublicAccessOptions><awsAccountId>{}</awsAccountId><awsRegion>{region}</awsRegion>\
                 <state>default-state</state><internetGatewayBlockMode>off</internetGatewayBlockMode>\
                 </vpcBlockPublicAccessOptions>",
                request.account
            ),
        ),
        _ => {
            let setting = SETTINGS
                .iter()
                .find(|(name, _)| *name == operation)
                .map(|(_, body)| (*body).to_owned());
            let empty = || {
                LISTS
                    .iter()
                    .find(|(name, _)| *name == operation)
                    .map(|(_, element)| format!("<{element}/>"))
            };
            setting
                .or_else(empty)
                .map_or_else(|| invalid_action(request), |body| respond(request, &body))
        }
    }
}

fn respond(request: &Request, body: &str) -> Response {
    let (operation, id) = (request.operation(), request.request_id());
    Response::xml(
        request,
        &format!(
            "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{id}</requestId>{body}</{operation}Response>"
        ),
    )
}

/// Which items are on the page that is asked for, and the token of the next page. A list without
/// `MaxResults` has one page.
fn page(request: &Request, count: u64) -> (Range<u64>, Option<u64>) {
    let start: u64 = request.param("NextToken").parse().unwrap_or(0);
    let size: u64 = request.param("MaxResults").parse().unwrap_or(count);
    let end = (start + size).min(count);
    (start..end, (end < count).then_some(end))
}

fn regions(estate: &Estate, request: &Request) -> Response {
    // All regions of the partition exist; those of the estate are enabled.
    let all = request.param("AllRegions") == "true";
    let partition =
        PARTITIONS.iter().find(|partition| partition.name == request.host.partition.name).unwrap();
    let mut items = String::new();
    for region in partition.regions {
        let enabled = estate.regions.iter().any(|enabled| enabled == region);
        if all || enabled {
            let status = if enabled { "opt-in-not-required" } else { "not-opted-in" };
            items.push_str(&format!(
                "<item><regionName>{region}</regionName><regionEndpoint>ec2.{region}.{}</regionEndpoint>\
                 <optInStatus>{status}</optInStatus></item>",
                partition.suffix
            ));
        }
    }
    respond(request, &format!("<regionInfo>{items}</regionInfo>"))
}
