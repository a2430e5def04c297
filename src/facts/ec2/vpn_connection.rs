//! `ec2.vpn_connection`: Site-to-Site VPN connections. AWS also returns the pre-shared keys of the
//! tunnels and a configuration for the customer gateway device that contains them. Only the
//! presence of the keys is kept, and nothing of the configuration.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::secret::Secret;
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpn_connection",
    doc: "A Site-to-Site VPN connection.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpnConnections")
        .element("vpnConnectionSet")
        .always(&["vgw_telemetry"])],
    id: "vpn_connection_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpn-connection/{id}"),
    name_field: None,
    shape: Shape::of::<VpnConnection>(),
    facts: &[],
};

shape! { vpn_connection_shapes:
    /// What DescribeVpnConnections returns.
    pub struct VpnConnection {
        /// The connection's id.
        pub vpn_connection_id: String,
        /// `pending`, `available`, `deleting` or `deleted`; deleted connections remain listed for a
        /// while.
        pub state: Option<String>,
        /// `ipsec.1`.
        pub r#type: Option<String>,
        /// `VPN`, or `VPN-Classic` for a Classic VPN connection.
        pub category: Option<String>,
        /// The customer gateway.
        pub customer_gateway_id: Option<String>,
        /// The virtual private gateway, if that is the AWS side.
        pub vpn_gateway_id: Option<String>,
        /// The transit gateway, if that is the AWS side.
        pub transit_gateway_id: Option<String>,
        /// The VPN concentrator, if that is the AWS side.
        pub vpn_concentrator_id: Option<String>,
        /// The ARN of the Cloud WAN core network, if that is the AWS side.
        pub core_network_arn: Option<String>,
        /// The ARN of the attachment to the core network.
        pub core_network_attachment_arn: Option<String>,
        /// `associated`, `not-associated`, `associating` or `disassociating`.
        pub gateway_association_state: Option<String>,
        /// The ARN of the Secrets Manager secret with the pre-shared keys, if they are stored
        /// there.
        pub pre_shared_key_arn: Option<String>,
        /// The options.
        pub options: Option<VpnConnectionOptions>,
        /// The static routes.
        #[serde(default)]
        pub routes: Vec<VpnStaticRoute>,
        /// The status of each tunnel.
        #[serde(default)]
        pub vgw_telemetry: Vec<VgwTelemetry>,
        /// The connection's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The options of a VPN connection.
    pub struct VpnConnectionOptions {
        /// Whether acceleration is enabled: traffic enters AWS at the nearest edge location.
        pub enable_acceleration: Option<bool>,
        /// Whether the connection uses static routes only; if false, it uses BGP.
        pub static_routes_only: Option<bool>,
        /// The IPv4 range on the customer gateway (on-premises) side.
        pub local_ipv4_network_cidr: Option<String>,
        /// The IPv4 range on the AWS side.
        pub remote_ipv4_network_cidr: Option<String>,
        /// The IPv6 range on the customer gateway (on-premises) side.
        pub local_ipv6_network_cidr: Option<String>,
        /// The IPv6 range on the AWS side.
        pub remote_ipv6_network_cidr: Option<String>,
        /// `PublicIpv4`, `PrivateIpv4` or `Ipv6`: the type of the outside IP addresses.
        pub outside_ip_address_type: Option<String>,
        /// The transit gateway attachment (Direct Connect) that transports a private IP VPN.
        pub transport_transit_gateway_attachment_id: Option<String>,
        /// `ipv4` or `ipv6`: the IP version inside the tunnels.
        pub tunnel_inside_ip_version: Option<String>,
        /// `standard` or `large`.
        pub tunnel_bandwidth: Option<String>,
        /// The options of the tunnels, usually two. Options that AWS omits have their default
        /// values.
        #[serde(default)]
        pub tunnel_options: Vec<TunnelOption>,
    }

    /// The options of one tunnel.
    pub struct TunnelOption {
        /// The outside IP address of the tunnel on the AWS side.
        pub outside_ip_address: Option<String>,
        /// The inside IPv4 range of the tunnel.
        pub tunnel_inside_cidr: Option<String>,
        /// The inside IPv6 range of the tunnel.
        pub tunnel_inside_ipv6_cidr: Option<String>,
        /// `present` if AWS returned the pre-shared key; the key itself is never stored.
        pub pre_shared_key: Option<Secret>,
        /// The lifetime of phase 1 of the IKE negotiation, in seconds.
        pub phase1_lifetime_seconds: Option<i64>,
        /// The lifetime of phase 2 of the IKE negotiation, in seconds.
        pub phase2_lifetime_seconds: Option<i64>,
        /// The rekey margin in seconds: how long before the phase 2 lifetime expires AWS starts to
        /// rekey.
        pub rekey_margin_time_seconds: Option<i64>,
        /// The percentage of the rekey margin time within which the rekey time is randomly
        /// selected.
        pub rekey_fuzz_percentage: Option<i64>,
        /// The number of packets in the IKE replay window.
        pub replay_window_size: Option<i64>,
        /// The number of seconds after which a dead peer detection (DPD) timeout occurs.
        pub dpd_timeout_seconds: Option<i64>,
        /// `clear`, `none` or `restart`: the action after a DPD timeout.
        pub dpd_timeout_action: Option<String>,
        /// The encryption algorithms allowed in phase 1; if empty, AWS's default set, which
        /// includes weak ones.
        #[serde(default)]
        pub phase1_encryption_algorithms: Vec<Phase1EncryptionAlgorithmsListValue>,
        /// The encryption algorithms allowed in phase 2; if empty, AWS's default set.
        #[serde(default)]
        pub phase2_encryption_algorithms: Vec<Phase2EncryptionAlgorithmsListValue>,
        /// The integrity algorithms allowed in phase 1; if empty, AWS's default set, which includes
        /// SHA1.
        #[serde(default)]
        pub phase1_integrity_algorithms: Vec<Phase1IntegrityAlgorithmsListValue>,
        /// The integrity algorithms allowed in phase 2; if empty, AWS's default set.
        #[serde(default)]
        pub phase2_integrity_algorithms: Vec<Phase2IntegrityAlgorithmsListValue>,
        /// The Diffie-Hellman groups allowed in phase 1; if empty, AWS's default set, which
        /// includes group 2.
        #[serde(default)]
        pub phase1_dh_group_numbers: Vec<Phase1DhGroupNumbersListValue>,
        /// The Diffie-Hellman groups allowed in phase 2; if empty, AWS's default set.
        #[serde(default)]
        pub phase2_dh_group_numbers: Vec<Phase2DhGroupNumbersListValue>,
        /// The IKE versions allowed; if empty, both.
        #[serde(default)]
        pub ike_versions: Vec<IkeVersionsListValue>,
        /// `add` (the customer gateway device initiates the negotiation) or `start` (AWS does).
        pub startup_action: Option<String>,
        /// The logging options.
        pub log_options: Option<VpnTunnelLogOptions>,
        /// Whether tunnel endpoint lifecycle control is enabled, which lets you schedule endpoint
        /// replacements.
        pub enable_tunnel_lifecycle_control: Option<bool>,
    }

    /// An encryption algorithm for phase 1.
    pub struct Phase1EncryptionAlgorithmsListValue {
        /// `AES128`, `AES256`, `AES128-GCM-16` or `AES256-GCM-16`.
        pub value: Option<String>,
    }

    /// An encryption algorithm for phase 2.
    pub struct Phase2EncryptionAlgorithmsListValue {
        /// `AES128`, `AES256`, `AES128-GCM-16` or `AES256-GCM-16`.
        pub value: Option<String>,
    }

    /// An integrity algorithm for phase 1.
    pub struct Phase1IntegrityAlgorithmsListValue {
        /// `SHA1`, `SHA2-256`, `SHA2-384` or `SHA2-512`.
        pub value: Option<String>,
    }

    /// An integrity algorithm for phase 2.
    pub struct Phase2IntegrityAlgorithmsListValue {
        /// `SHA1`, `SHA2-256`, `SHA2-384` or `SHA2-512`.
        pub value: Option<String>,
    }

    /// A Diffie-Hellman group for phase 1.
    pub struct Phase1DhGroupNumbersListValue {
        /// The group number.
        pub value: Option<i64>,
    }

    /// A Diffie-Hellman group for phase 2.
    pub struct Phase2DhGroupNumbersListValue {
        /// The group number.
        pub value: Option<i64>,
    }

    /// An IKE version.
    pub struct IkeVersionsListValue {
        /// `ikev1` or `ikev2`.
        pub value: Option<String>,
    }

    /// The logging options of a tunnel.
    pub struct VpnTunnelLogOptions {
        /// The CloudWatch Logs options.
        pub cloud_watch_log_options: Option<CloudWatchLogOptions>,
    }

    /// The CloudWatch Logs options of a tunnel.
    pub struct CloudWatchLogOptions {
        /// Whether tunnel activity is logged.
        pub log_enabled: Option<bool>,
        /// The ARN of the log group.
        pub log_group_arn: Option<String>,
        /// `json` or `text`.
        pub log_output_format: Option<String>,
        /// Whether BGP activity is logged.
        pub bgp_log_enabled: Option<bool>,
        /// The ARN of the log group for BGP logs.
        pub bgp_log_group_arn: Option<String>,
        /// `json` or `text`.
        pub bgp_log_output_format: Option<String>,
    }

    /// A static route of a VPN connection.
    pub struct VpnStaticRoute {
        /// The destination, on the customer gateway (on-premises) side.
        pub destination_cidr_block: Option<String>,
        /// `Static`.
        pub source: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
    }

    /// The status of a tunnel.
    pub struct VgwTelemetry {
        /// The outside IP address of the tunnel on the AWS side.
        pub outside_ip_address: Option<String>,
        /// `UP` or `DOWN`.
        pub status: Option<String>,
        /// The error message, if an error occurred.
        pub status_message: Option<String>,
        /// When the status last changed.
        pub last_status_change: Option<Time>,
        /// The number of accepted routes.
        pub accepted_route_count: Option<i64>,
        /// The ARN of the certificate of the tunnel endpoint, if certificates are used.
        pub certificate_arn: Option<String>,
    }
}
