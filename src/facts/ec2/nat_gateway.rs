//! `ec2.nat_gateway`: NAT gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.nat_gateway",
    doc: "A NAT gateway. Deleted NAT gateways remain listed for about an hour.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNatGateways")
        .element("natGatewaySet")
        .paged(1_000)
        .always(&["nat_gateway_addresses"])],
    id: "nat_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:natgateway/{id}"),
    name_field: None,
    shape: Shape::of::<NatGateway>(),
    facts: &[],
};

shape! { nat_gateway_shapes:
    /// What DescribeNatGateways returns.
    pub struct NatGateway {
        /// The gateway's id.
        pub nat_gateway_id: String,
        /// The gateway's VPC.
        pub vpc_id: Option<String>,
        /// The subnet, for a zonal NAT gateway.
        pub subnet_id: Option<String>,
        /// `pending`, `failed`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// `public` or `private`.
        pub connectivity_type: Option<String>,
        /// `zonal` or `regional`; a regional NAT gateway spans Availability Zones.
        pub availability_mode: Option<String>,
        /// Whether AWS allocates more IP addresses as needed, for a regional NAT gateway: `enabled`
        /// or `disabled`.
        pub auto_scaling_ips: Option<String>,
        /// Whether AWS expands the gateway to new Availability Zones, for a regional NAT gateway:
        /// `enabled` or `disabled`.
        pub auto_provision_zones: Option<String>,
        /// The route table, for a regional NAT gateway.
        pub route_table_id: Option<String>,
        /// The IP addresses.
        #[serde(default)]
        pub nat_gateway_addresses: Vec<NatGatewayAddress>,
        /// The appliances that process the gateway's traffic.
        #[serde(default)]
        pub attached_appliances: Vec<NatGatewayAttachedAppliance>,
        /// When the gateway was created.
        pub create_time: Option<Time>,
        /// When the gateway was deleted.
        pub delete_time: Option<Time>,
        /// The error code if the gateway could not be created: `Gateway.NotAttached`,
        /// `InvalidSubnetID.NotFound`, …
        pub failure_code: Option<String>,
        /// The error message if the gateway could not be created.
        pub failure_message: Option<String>,
        /// The gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An address of a NAT gateway.
    pub struct NatGatewayAddress {
        /// The public address.
        pub public_ip: Option<String>,
        /// The allocation id of the Elastic IP address.
        pub allocation_id: Option<String>,
        /// The association's id.
        pub association_id: Option<String>,
        /// The private address.
        pub private_ip: Option<String>,
        /// The network interface.
        pub network_interface_id: Option<String>,
        /// Whether the address is the primary address.
        pub is_primary: Option<bool>,
        /// `assigning`, `unassigning`, `associating`, `disassociating`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// The reason for the failure.
        pub failure_message: Option<String>,
        /// The Availability Zone that the address is used for.
        pub availability_zone: Option<String>,
    }

    /// An appliance that is attached to a NAT gateway.
    pub struct NatGatewayAttachedAppliance {
        /// `network-firewall-proxy`.
        pub r#type: Option<String>,
        /// The appliance's ARN.
        pub appliance_arn: Option<String>,
        /// The VPC endpoint that routes traffic to the appliance.
        pub vpc_endpoint_id: Option<String>,
        /// `attaching`, `attached`, `detaching`, `detached`, `attach-failed` or `detach-failed`.
        pub attachment_state: Option<String>,
    }
}
