//! `ec2.client_vpn_endpoint`: Client VPN endpoints. Their authorization rules take one call per
//! endpoint.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.client_vpn_endpoint",
    doc: "A Client VPN endpoint, which client devices connect to.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeClientVpnEndpoints")
        .element("clientVpnEndpoint")
        .paged(1_000)
        .always(&["authentication_options"])],
    id: "client_vpn_endpoint_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{id}"),
    name_field: None,
    shape: Shape::of::<ClientVpnEndpoint>(),
    facts: &[FactSpec {
        name: "authorization_rules",
        doc: "The authorization rules: which clients can access which networks.",
        call: ApiCall::new("ec2:DescribeClientVpnAuthorizationRules").paged(1_000),
        shape: Shape::of::<Vec<AuthorizationRule>>(),
    }],
};

shape! { client_vpn_endpoint_shapes:
    /// What DescribeClientVpnEndpoints returns.
    pub struct ClientVpnEndpoint {
        /// The endpoint's id.
        pub client_vpn_endpoint_id: String,
        /// The description set by the endpoint's owner.
        pub description: Option<String>,
        /// The state of the endpoint.
        pub status: Option<ClientVpnEndpointStatus>,
        /// When the endpoint was created.
        pub creation_time: Option<Time>,
        /// When the endpoint was deleted; absent if it has not been deleted.
        pub deletion_time: Option<Time>,
        /// The DNS name that clients connect to.
        pub dns_name: Option<String>,
        /// The IPv4 range from which clients are assigned addresses.
        pub client_cidr_block: Option<String>,
        /// The DNS servers that clients use.
        #[serde(default)]
        pub dns_servers: Vec<String>,
        /// Whether only traffic to networks in the route table uses the VPN; if false, all traffic
        /// does.
        pub split_tunnel: Option<bool>,
        /// The protocol: `openvpn`.
        pub vpn_protocol: Option<String>,
        /// `udp` or `tcp`.
        pub transport_protocol: Option<String>,
        /// The port: 443 or 1194.
        pub vpn_port: Option<i64>,
        /// The server certificate.
        pub server_certificate_arn: Option<String>,
        /// How clients authenticate; if there are two methods, both are required.
        #[serde(default)]
        pub authentication_options: Vec<ClientVpnAuthentication>,
        /// Connection logging.
        pub connection_log_options: Option<ConnectionLogResponseOptions>,
        /// The security groups of the target network.
        #[serde(default)]
        pub security_group_ids: Vec<String>,
        /// The endpoint's VPC.
        pub vpc_id: Option<String>,
        /// The URL of the self-service portal.
        pub self_service_portal_url: Option<String>,
        /// The client connect handler, which can reject a connection.
        pub client_connect_options: Option<ClientConnectResponseOptions>,
        /// The maximum session duration in hours: 8, 10, 12 or 24.
        pub session_timeout_hours: Option<i64>,
        /// Whether clients are disconnected when the session times out; if false, they reconnect
        /// automatically.
        pub disconnect_on_session_timeout: Option<bool>,
        /// The banner that is shown when a session is established.
        pub client_login_banner_options: Option<ClientLoginBannerResponseOptions>,
        /// Client route enforcement: whether route changes on the client device are prevented.
        pub client_route_enforcement_options: Option<ClientRouteEnforcementResponseOptions>,
        /// `ipv4`, `ipv6` or `dual-stack`: the address type of the endpoint.
        pub endpoint_ip_address_type: Option<String>,
        /// `ipv4`, `ipv6` or `dual-stack`: the address type of the traffic.
        pub traffic_ip_address_type: Option<String>,
        /// The transit gateway that the endpoint is attached to.
        pub transit_gateway_configuration: Option<TransitGatewayConfigurationDescribeEndpointStructure>,
        /// Device posture: the trust providers that assess client devices.
        pub device_posture_options: Option<DevicePostureResponseOptions>,
        /// The endpoint's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The state of an endpoint.
    pub struct ClientVpnEndpointStatus {
        /// `pending-associate` (no network is associated, so clients cannot connect), `pending`,
        /// `available`, `deleting` or `deleted`.
        pub code: Option<String>,
        /// A message about the status.
        pub message: Option<String>,
    }

    /// One authentication method.
    pub struct ClientVpnAuthentication {
        /// `certificate-authentication`, `directory-service-authentication` or
        /// `federated-authentication`.
        pub r#type: Option<String>,
        /// The directory, for directory service authentication.
        pub active_directory: Option<DirectoryServiceAuthentication>,
        /// The certificates, for certificate-based authentication.
        pub mutual_authentication: Option<CertificateAuthentication>,
        /// The SAML identity providers, for federated authentication.
        pub federated_authentication: Option<FederatedAuthentication>,
    }

    /// Active Directory authentication.
    pub struct DirectoryServiceAuthentication {
        /// The id of the directory.
        pub directory_id: Option<String>,
    }

    /// Certificate-based (mutual) authentication.
    pub struct CertificateAuthentication {
        /// The ARN of the client certificate or its issuer.
        pub client_root_certificate_chain: Option<String>,
    }

    /// SAML-based federated authentication.
    pub struct FederatedAuthentication {
        /// The ARN of the identity provider.
        pub saml_provider_arn: Option<String>,
        /// The ARN of the identity provider for the self-service portal.
        pub self_service_saml_provider_arn: Option<String>,
    }

    /// Connection logging.
    pub struct ConnectionLogResponseOptions {
        /// Whether connection logging is enabled.
        pub enabled: Option<bool>,
        /// The CloudWatch Logs log group.
        pub cloudwatch_log_group: Option<String>,
        /// The CloudWatch Logs log stream.
        pub cloudwatch_log_stream: Option<String>,
        /// Whether connection logs include the context of authorization decisions.
        pub include_authorization_policy_context: Option<bool>,
    }

    /// The client connect handler.
    pub struct ClientConnectResponseOptions {
        /// Whether the client connect handler is enabled.
        pub enabled: Option<bool>,
        /// The ARN of the Lambda function.
        pub lambda_function_arn: Option<String>,
        /// Whether the change has been applied.
        pub status: Option<ClientVpnEndpointAttributeStatus>,
    }

    /// The status of a change to an endpoint.
    pub struct ClientVpnEndpointAttributeStatus {
        /// `applying` or `applied`.
        pub code: Option<String>,
        /// A message about the status.
        pub message: Option<String>,
    }

    /// The banner that is shown when a session is established.
    pub struct ClientLoginBannerResponseOptions {
        /// Whether the banner is enabled.
        pub enabled: Option<bool>,
        /// The text of the banner.
        pub banner_text: Option<String>,
    }

    /// Client route enforcement: whether route changes on the client device are prevented.
    pub struct ClientRouteEnforcementResponseOptions {
        /// Whether client route enforcement is enabled.
        pub enforced: Option<bool>,
    }

    /// The transit gateway attachment of an endpoint.
    pub struct TransitGatewayConfigurationDescribeEndpointStructure {
        /// The transit gateway.
        pub transit_gateway_id: Option<String>,
        /// The id of the attachment.
        pub transit_gateway_attachment_id: Option<String>,
        /// The names of the Availability Zones.
        #[serde(default)]
        pub availability_zones: Vec<String>,
        /// The ids of the Availability Zones.
        #[serde(default)]
        pub availability_zone_ids: Vec<String>,
    }

    /// Device posture: the trust providers that assess client devices.
    pub struct DevicePostureResponseOptions {
        /// The trust providers.
        #[serde(default)]
        pub trust_providers: Vec<ClientVpnTrustProvider>,
    }

    /// A device trust provider.
    pub struct ClientVpnTrustProvider {
        /// `crowdstrike`, `jamf` or `jumpcloud`.
        pub trust_provider_type: Option<String>,
        /// The tenant id at the provider.
        pub tenant_id: Option<String>,
        /// The URL of the provider's public signing key.
        pub public_signing_key_url: Option<String>,
    }

    /// An authorization rule: which clients can access a network.
    pub struct AuthorizationRule {
        /// The endpoint.
        pub client_vpn_endpoint_id: Option<String>,
        /// The description set by the rule's owner.
        pub description: Option<String>,
        /// The Active Directory or IdP group that has access; absent if all clients do.
        pub group_id: Option<String>,
        /// Whether all clients have access.
        pub access_all: Option<bool>,
        /// The destination network, in CIDR notation.
        pub destination_cidr: Option<String>,
        /// The state of the rule.
        pub status: Option<ClientVpnAuthorizationRuleStatus>,
    }

    /// The state of an authorization rule.
    pub struct ClientVpnAuthorizationRuleStatus {
        /// `authorizing`, `active`, `failed` or `revoking`.
        pub code: Option<String>,
        /// A message about the status.
        pub message: Option<String>,
    }
}
