//! `ec2.client_vpn_endpoint`: Client VPN endpoints; their authorization rules are a call per
//! endpoint.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.client_vpn_endpoint",
    doc: "A Client VPN endpoint: where people's machines connect to.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeClientVpnEndpoints")
        .element("clientVpnEndpoint")
        .paged(1_000)],
    id: "client_vpn_endpoint_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{id}"),
    name_field: None,
    shape: Shape::of::<ClientVpnEndpoint>(),
    facts: &[FactSpec {
        name: "authorization_rules",
        doc: "Who may reach which network through the endpoint.",
        call: ApiCall::new("ec2:DescribeClientVpnAuthorizationRules").paged(1_000),
        shape: Shape::of::<Vec<AuthorizationRule>>(),
    }],
};

shape! { client_vpn_endpoint_shapes:
    /// What DescribeClientVpnEndpoints returns.
    pub struct ClientVpnEndpoint {
        /// The endpoint's id.
        pub client_vpn_endpoint_id: String,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Its state.
        pub status: Option<ClientVpnEndpointStatus>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// When it was deleted, if it was.
        pub deletion_time: Option<Time>,
        /// The name that clients connect to.
        pub dns_name: Option<String>,
        /// The range that clients get their addresses from.
        pub client_cidr_block: Option<String>,
        /// DNS servers that clients are given.
        #[serde(default)]
        pub dns_servers: Vec<String>,
        /// Whether only traffic to routed networks goes through the VPN; else all of it does.
        pub split_tunnel: Option<bool>,
        /// `openvpn`.
        pub vpn_protocol: Option<String>,
        /// `udp` or `tcp`.
        pub transport_protocol: Option<String>,
        /// 443 or 1194.
        pub vpn_port: Option<i64>,
        /// Certificate of the endpoint.
        pub server_certificate_arn: Option<String>,
        /// How clients prove who they are; two entries are both asked for.
        #[serde(default)]
        pub authentication_options: Vec<ClientVpnAuthentication>,
        /// Logging of connections.
        pub connection_log_options: Option<ConnectionLogResponseOptions>,
        /// Security groups of the endpoint's interfaces.
        #[serde(default)]
        pub security_group_ids: Vec<String>,
        /// Its VPC.
        pub vpc_id: Option<String>,
        /// The self-service portal, if it is on.
        pub self_service_portal_url: Option<String>,
        /// The function that may refuse a connection.
        pub client_connect_options: Option<ClientConnectResponseOptions>,
        /// How long a session lasts at most: 8, 10, 12 or 24 hours.
        pub session_timeout_hours: Option<i64>,
        /// Whether a session that timed out stays closed until the person signs in again.
        pub disconnect_on_session_timeout: Option<bool>,
        /// The text that people see when they connect.
        pub client_login_banner_options: Option<ClientLoginBannerResponseOptions>,
        /// Whether clients are kept from changing their routes.
        pub client_route_enforcement_options: Option<ClientRouteEnforcementResponseOptions>,
        /// `ipv4`, `ipv6` or `dual-stack`: how the endpoint is reached.
        pub endpoint_ip_address_type: Option<String>,
        /// `ipv4`, `ipv6` or `dual-stack`: what goes through it.
        pub traffic_ip_address_type: Option<String>,
        /// The transit gateway that it is attached to, if any.
        pub transit_gateway_configuration: Option<TransitGatewayConfigurationDescribeEndpointStructure>,
        /// Who vouches for the clients' devices.
        pub device_posture_options: Option<DevicePostureResponseOptions>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// State of an endpoint.
    pub struct ClientVpnEndpointStatus {
        /// `pending-associate` (without a network, nobody can connect), `pending`, `available`,
        /// `deleting` or `deleted`.
        pub code: Option<String>,
        /// What AWS says about it.
        pub message: Option<String>,
    }

    /// One way in which clients prove who they are.
    pub struct ClientVpnAuthentication {
        /// `certificate-authentication`, `directory-service-authentication` or
        /// `federated-authentication`.
        pub r#type: Option<String>,
        /// The directory, if it is one.
        pub active_directory: Option<DirectoryServiceAuthentication>,
        /// The certificates, if it is by certificates.
        pub mutual_authentication: Option<CertificateAuthentication>,
        /// The SAML provider, if it is one.
        pub federated_authentication: Option<FederatedAuthentication>,
    }

    /// Authentication by a directory.
    pub struct DirectoryServiceAuthentication {
        /// The directory.
        pub directory_id: Option<String>,
    }

    /// Authentication by certificates.
    pub struct CertificateAuthentication {
        /// ARN of the certificate whose holders' certificates are accepted.
        pub client_root_certificate_chain: Option<String>,
    }

    /// Authentication by a SAML provider.
    pub struct FederatedAuthentication {
        /// The provider.
        pub saml_provider_arn: Option<String>,
        /// The provider for the self-service portal.
        pub self_service_saml_provider_arn: Option<String>,
    }

    /// Logging of connections.
    pub struct ConnectionLogResponseOptions {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// The CloudWatch log group.
        pub cloudwatch_log_group: Option<String>,
        /// The log stream.
        pub cloudwatch_log_stream: Option<String>,
        /// Whether logs tell how the authorization was decided.
        pub include_authorization_policy_context: Option<bool>,
    }

    /// The function that decides on new connections.
    pub struct ClientConnectResponseOptions {
        /// Whether it is asked.
        pub enabled: Option<bool>,
        /// The Lambda function.
        pub lambda_function_arn: Option<String>,
        /// Whether that is in effect yet.
        pub status: Option<ClientVpnEndpointAttributeStatus>,
    }

    /// State of a change of an endpoint.
    pub struct ClientVpnEndpointAttributeStatus {
        /// `applying` or `applied`.
        pub code: Option<String>,
        /// What AWS says about it.
        pub message: Option<String>,
    }

    /// The text that people see when they connect.
    pub struct ClientLoginBannerResponseOptions {
        /// Whether it is shown.
        pub enabled: Option<bool>,
        /// The text.
        pub banner_text: Option<String>,
    }

    /// Whether clients are kept from changing their routes.
    pub struct ClientRouteEnforcementResponseOptions {
        /// Whether they are.
        pub enforced: Option<bool>,
    }

    /// An endpoint's place at a transit gateway.
    pub struct TransitGatewayConfigurationDescribeEndpointStructure {
        /// The transit gateway.
        pub transit_gateway_id: Option<String>,
        /// The attachment.
        pub transit_gateway_attachment_id: Option<String>,
        /// Names of the availability zones.
        #[serde(default)]
        pub availability_zones: Vec<String>,
        /// Ids of the availability zones.
        #[serde(default)]
        pub availability_zone_ids: Vec<String>,
    }

    /// Who vouches for the clients' devices.
    pub struct DevicePostureResponseOptions {
        /// The providers.
        #[serde(default)]
        pub trust_providers: Vec<ClientVpnTrustProvider>,
    }

    /// A provider of trust in devices.
    pub struct ClientVpnTrustProvider {
        /// `crowdstrike`, `jamf` or `jumpcloud`.
        pub trust_provider_type: Option<String>,
        /// The account at the provider.
        pub tenant_id: Option<String>,
        /// Where the provider's public key is.
        pub public_signing_key_url: Option<String>,
    }

    /// Who may reach a network through an endpoint.
    pub struct AuthorizationRule {
        /// The endpoint.
        pub client_vpn_endpoint_id: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// The group that may, unless all may.
        pub group_id: Option<String>,
        /// Whether every client may.
        pub access_all: Option<bool>,
        /// The network.
        pub destination_cidr: Option<String>,
        /// State of the rule.
        pub status: Option<ClientVpnAuthorizationRuleStatus>,
    }

    /// State of an authorization rule.
    pub struct ClientVpnAuthorizationRuleStatus {
        /// `authorizing`, `active`, `failed` or `revoking`.
        pub code: Option<String>,
        /// What AWS says about it.
        pub message: Option<String>,
    }
}
