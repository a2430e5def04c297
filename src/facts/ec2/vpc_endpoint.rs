//! `ec2.vpc_endpoint`: VPC endpoints.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::policy::PolicyDocument;
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_endpoint",
    doc: "A VPC endpoint. Deleted and rejected endpoints remain listed for a while.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcEndpoints")
        .element("vpcEndpointSet")
        .paged(1_000)
        .always(&[
            "route_table_ids",
            "subnet_ids",
            "network_interface_ids",
            "groups",
            "dns_entries",
        ])],
    id: "vpc_endpoint_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}"),
    name_field: None,
    shape: Shape::of::<VpcEndpoint>(),
    facts: &[],
};

shape! { vpc_endpoint_shapes:
    /// What DescribeVpcEndpoints returns.
    pub struct VpcEndpoint {
        /// The endpoint's id.
        pub vpc_endpoint_id: String,
        /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource`, `ServiceNetwork` or `Tunnel`.
        pub vpc_endpoint_type: Option<String>,
        /// The name of the service: `com.amazonaws.eu-west-1.s3`, …
        pub service_name: Option<String>,
        /// The region of the service.
        pub service_region: Option<String>,
        /// The endpoint's VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the endpoint.
        pub owner_id: Option<String>,
        /// `available`, `pendingAcceptance`, `pending`, `deleting`, `deleted`, `rejected`,
        /// `failed`, `expired` or `partial`; AWS may capitalize the first letter.
        pub state: Option<String>,
        /// The reason for the failure.
        pub failure_reason: Option<String>,
        /// The last error.
        pub last_error: Option<LastError>,
        /// The endpoint policy; absent if the service does not support endpoint policies.
        pub policy_document: Option<PolicyDocument>,
        /// The route tables that route to the endpoint, for a gateway endpoint.
        #[serde(default)]
        pub route_table_ids: Vec<String>,
        /// The endpoint's subnets.
        #[serde(default)]
        pub subnet_ids: Vec<String>,
        /// The endpoint's network interfaces.
        #[serde(default)]
        pub network_interface_ids: Vec<String>,
        /// The endpoint's security groups.
        #[serde(default)]
        pub groups: Vec<SecurityGroupIdentifier>,
        /// Whether private DNS is enabled: the service's public DNS name resolves to the endpoint
        /// in the VPC.
        pub private_dns_enabled: Option<bool>,
        /// The endpoint's DNS names.
        #[serde(default)]
        pub dns_entries: Vec<DnsEntry>,
        /// The DNS options.
        pub dns_options: Option<DnsOptions>,
        /// `ipv4`, `dualstack` or `ipv6`.
        pub ip_address_type: Option<String>,
        /// Whether the service manages the endpoint.
        pub requester_managed: Option<bool>,
        /// The ARN of the VPC Lattice service network.
        pub service_network_arn: Option<String>,
        /// The ARN of the VPC Lattice resource configuration.
        pub resource_configuration_arn: Option<String>,
        /// When the endpoint was created.
        pub creation_timestamp: Option<Time>,
        /// The endpoint's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An error of an endpoint.
    pub struct LastError {
        /// The error's code.
        pub code: Option<String>,
        /// The error's message.
        pub message: Option<String>,
    }

    /// A reference to a security group.
    pub struct SecurityGroupIdentifier {
        /// The group's id.
        pub group_id: Option<String>,
        /// The group's name.
        pub group_name: Option<String>,
    }

    /// A DNS name of an endpoint.
    pub struct DnsEntry {
        /// The name.
        pub dns_name: Option<String>,
        /// The id of the private hosted zone.
        pub hosted_zone_id: Option<String>,
    }

    /// The DNS options of an endpoint.
    pub struct DnsOptions {
        /// `ipv4`, `dualstack`, `ipv6` or `service-defined`.
        pub dns_record_ip_type: Option<String>,
        /// Whether private DNS is enabled only for inbound resolver endpoints.
        pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    }
}
