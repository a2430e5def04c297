//! `ec2.vpc_endpoint_service`: services that the account offers to others through PrivateLink.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_endpoint_service",
    doc: "An endpoint service of the account.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcEndpointServiceConfigurations")
        .paged(1_000)
        .answer("ServiceConfigurations")],
    id: "service_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{id}"),
    name_field: None,
    shape: Shape::of::<ServiceConfiguration>(),
    facts: &[FactSpec {
        name: "permissions",
        doc: "Who may ask for an endpoint, as a list; empty when nobody but the account itself may.",
        call: ApiCall::new("ec2:DescribeVpcEndpointServicePermissions")
            .paged(1_000)
            .answer("AllowedPrincipals"),
        shape: Shape::of::<Vec<AllowedPrincipal>>(),
    }],
};

shape! { vpc_endpoint_service_shapes:
    /// What DescribeVpcEndpointServiceConfigurations returns.
    pub struct ServiceConfiguration {
        /// The service's id.
        pub service_id: String,
        /// Its name, by which endpoints ask for it.
        pub service_name: Option<String>,
        /// `Pending`, `Available`, `Deleting`, `Deleted` or `Failed`.
        pub service_state: Option<String>,
        /// Its types.
        #[serde(default)]
        pub service_type: Vec<ServiceTypeDetail>,
        /// Whether requests for an endpoint must be accepted by hand.
        pub acceptance_required: Option<bool>,
        /// Whether it manages the endpoints of its users.
        pub manages_vpc_endpoints: Option<bool>,
        /// Whether it can be used from other regions.
        pub remote_access_enabled: Option<bool>,
        /// The regions from which it can be used.
        #[serde(default)]
        pub supported_regions: Vec<SupportedRegionDetail>,
        /// The zones it is in.
        #[serde(default)]
        pub availability_zones: Vec<String>,
        /// The network load balancers behind it.
        #[serde(default)]
        pub network_load_balancer_arns: Vec<String>,
        /// The gateway load balancers behind it.
        #[serde(default)]
        pub gateway_load_balancer_arns: Vec<String>,
        /// `ipv4`, `ipv6`.
        #[serde(default)]
        pub supported_ip_address_types: Vec<String>,
        /// Its own DNS names.
        #[serde(default)]
        pub base_endpoint_dns_names: Vec<String>,
        /// The DNS name by which users reach it.
        pub private_dns_name: Option<String>,
        /// Whether it has shown that it owns that name.
        pub private_dns_name_configuration: Option<PrivateDnsNameConfiguration>,
        /// `ServiceOwner` when the account pays for the endpoints of its users.
        pub payer_responsibility: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A type of an endpoint service.
    pub struct ServiceTypeDetail {
        /// `Interface`, `Gateway` or `GatewayLoadBalancer`.
        pub service_type: Option<String>,
    }

    /// A region from which a service can be used.
    pub struct SupportedRegionDetail {
        /// The region's code.
        pub region: Option<String>,
        /// `Pending`, `Available`, `Deleting`, `Deleted`, `Failed` or `Closed`.
        pub service_state: Option<String>,
    }

    /// Proof of a private DNS name.
    pub struct PrivateDnsNameConfiguration {
        /// `pendingVerification`, `verified` or `failed`.
        pub state: Option<String>,
        /// The type of the DNS record that proves it: `TXT`.
        pub r#type: Option<String>,
        /// The name of that record.
        pub name: Option<String>,
    }

    /// Somebody who may ask for an endpoint.
    pub struct AllowedPrincipal {
        /// An ARN, or `*` for everybody.
        pub principal: Option<String>,
        /// `All`, `Service`, `OrganizationUnit`, `Account`, `User` or `Role`.
        pub principal_type: Option<String>,
        /// The permission's id.
        pub service_permission_id: Option<String>,
        /// The permission's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
