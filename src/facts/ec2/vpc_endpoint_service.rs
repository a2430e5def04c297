//! `ec2.vpc_endpoint_service`: PrivateLink endpoint services that the account provides.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_endpoint_service",
    doc: "An endpoint service (PrivateLink) that the account provides.",
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
        doc: "The principals that can create endpoints for the service. The list is empty if no other account can create endpoints for it.",
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
        /// The service name, which endpoints connect to.
        pub service_name: Option<String>,
        /// `Pending`, `Available`, `Deleting`, `Deleted` or `Failed`.
        pub service_state: Option<String>,
        /// The service types.
        #[serde(default)]
        pub service_type: Vec<ServiceTypeDetail>,
        /// Whether requests to create an endpoint must be accepted.
        pub acceptance_required: Option<bool>,
        /// Whether the service manages the VPC endpoints that consumers create.
        pub manages_vpc_endpoints: Option<bool>,
        /// Whether the service can be accessed from other regions.
        pub remote_access_enabled: Option<bool>,
        /// The regions from which the service can be accessed.
        #[serde(default)]
        pub supported_regions: Vec<SupportedRegionDetail>,
        /// The Availability Zones in which the service is available.
        #[serde(default)]
        pub availability_zones: Vec<String>,
        /// The ARNs of the service's Network Load Balancers.
        #[serde(default)]
        pub network_load_balancer_arns: Vec<String>,
        /// The ARNs of the service's Gateway Load Balancers.
        #[serde(default)]
        pub gateway_load_balancer_arns: Vec<String>,
        /// The supported IP address types: `ipv4` or `ipv6`.
        #[serde(default)]
        pub supported_ip_address_types: Vec<String>,
        /// The DNS names of the service.
        #[serde(default)]
        pub base_endpoint_dns_names: Vec<String>,
        /// The private DNS name of the service.
        pub private_dns_name: Option<String>,
        /// The domain verification of the private DNS name.
        pub private_dns_name_configuration: Option<PrivateDnsNameConfiguration>,
        /// `ServiceOwner` if the account pays for the consumers' endpoints.
        pub payer_responsibility: Option<String>,
        /// The service's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A type of an endpoint service.
    pub struct ServiceTypeDetail {
        /// `Interface`, `Gateway` or `GatewayLoadBalancer`.
        pub service_type: Option<String>,
    }

    /// A region from which a service can be accessed.
    pub struct SupportedRegionDetail {
        /// The region's code.
        pub region: Option<String>,
        /// `Pending`, `Available`, `Deleting`, `Deleted`, `Failed` or `Closed`.
        pub service_state: Option<String>,
    }

    /// The domain verification of a private DNS name.
    pub struct PrivateDnsNameConfiguration {
        /// `pendingVerification`, `verified` or `failed`.
        pub state: Option<String>,
        /// The type of the DNS record for verification: `TXT`.
        pub r#type: Option<String>,
        /// The name of that record.
        pub name: Option<String>,
    }

    /// A principal that can create an endpoint.
    pub struct AllowedPrincipal {
        /// The ARN of the principal, or `*` for all principals.
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
