//! The table of collectors, one line per kind.

use super::collect::{ec2, organizations, s3};
use super::collector::Collector;

/// Every collector, in the order of [`crate::facts::KINDS`].
pub(super) static COLLECTORS: &[&dyn Collector] = &[
    &ec2::address::Addresses,
    &ec2::capacity_reservation::CapacityReservations,
    &ec2::carrier_gateway::CarrierGateways,
    &ec2::client_vpn_endpoint::ClientVpnEndpoints,
    &ec2::customer_gateway::CustomerGateways,
    &ec2::dhcp_options::DhcpOptionsSets,
    &ec2::egress_only_internet_gateway::EgressOnlyInternetGateways,
    &ec2::fleet::Fleets,
    &ec2::flow_log::FlowLogs,
    &ec2::image::Images,
    &ec2::instance::Instances,
    &ec2::instance_type::InstanceTypes,
    &ec2::internet_gateway::InternetGateways,
    &ec2::ipam_scope::IpamScopes,
    &ec2::key_pair::KeyPairs,
    &ec2::launch_template::LaunchTemplates,
    &ec2::managed_prefix_list::ManagedPrefixLists,
    &ec2::nat_gateway::NatGateways,
    &ec2::network_acl::NetworkAcls,
    &ec2::network_insights_access_scope::NetworkInsightsAccessScopes,
    &ec2::network_insights_access_scope_analysis::NetworkInsightsAccessScopeAnalyses,
    &ec2::network_insights_analysis::NetworkInsightsAnalyses,
    &ec2::network_insights_path::NetworkInsightsPaths,
    &ec2::network_interface::NetworkInterfaces,
    &ec2::reserved_instances::Reserved,
    &ec2::route_table::RouteTables,
    &ec2::security_group::SecurityGroups,
    &ec2::settings::RegionSettings,
    &ec2::snapshot::Snapshots,
    &ec2::spot_fleet_request::SpotFleetRequests,
    &ec2::subnet::Subnets,
    &ec2::traffic_mirror_filter::TrafficMirrorFilters,
    &ec2::traffic_mirror_session::TrafficMirrorSessions,
    &ec2::traffic_mirror_target::TrafficMirrorTargets,
    &ec2::transit_gateway::TransitGateways,
    &ec2::transit_gateway_attachment::TransitGatewayAttachments,
    &ec2::transit_gateway_multicast_domain::TransitGatewayMulticastDomains,
    &ec2::transit_gateway_route_table::TransitGatewayRouteTables,
    &ec2::verified_access_instance::VerifiedAccessInstances,
    &ec2::volume::Volumes,
    &ec2::vpc::Vpcs,
    &ec2::vpc_encryption_control::VpcEncryptionControls,
    &ec2::vpc_endpoint::VpcEndpoints,
    &ec2::vpc_endpoint_service::VpcEndpointServices,
    &ec2::vpc_peering_connection::VpcPeeringConnections,
    &ec2::vpn_connection::VpnConnections,
    &ec2::vpn_gateway::VpnGateways,
    &organizations::account::OrganizationAccounts,
    &s3::access_grants_instance::AccessGrantsInstances,
    &s3::access_point::AccessPoints,
    &s3::account::AccountSettings,
    &s3::bucket::Buckets,
    &s3::directory_bucket::DirectoryBuckets,
    &s3::multi_region_access_point::MultiRegionAccessPoints,
    &s3::object_lambda_access_point::ObjectLambdaAccessPoints,
    &s3::region::Regions,
    &s3::storage_lens_configuration::StorageLensConfigurations,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;

    #[test]
    fn every_kind_has_its_collector() {
        let collected: Vec<_> = COLLECTORS.iter().map(|collector| collector.kind().name).collect();
        let known: Vec<_> = facts::KINDS
            .iter()
            .filter(|kind| kind.scope != facts::Scope::Account)
            .map(|kind| kind.name)
            .collect();
        assert_eq!(collected, known);
    }
}
