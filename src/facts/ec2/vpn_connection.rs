//! `ec2.vpn_connection`: Site-to-Site VPN connections. AWS also returns the pre-shared keys of the
//! tunnels and, with them, a configuration for the device on the other side: of the keys only their
//! presence is kept, of the configuration nothing.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::secret::Secret;
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.vpn_connection",
    doc: "A Site-to-Site VPN connection.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpnConnections").element("vpnConnectionSet")],
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
        /// `pending`, `available`, `deleting` or `deleted`; deleted connections are listed for a
        /// while.
        pub state: Option<String>,
        /// `ipsec.1`.
        pub r#type: Option<String>,
        /// `VPN`, or `VPN-Classic` for one of the old kind.
        pub category: Option<String>,
        /// The gateway on the other side.
        pub customer_gateway_id: Option<String>,
        /// The virtual private gateway on the AWS side, if it is one.
        pub vpn_gateway_id: Option<String>,
        /// The transit gateway on the AWS side, if it is one.
        pub transit_gateway_id: Option<String>,
        /// The VPN concentrator on the AWS side, if it is one.
        pub vpn_concentrator_id: Option<String>,
        /// The Cloud WAN core network on the AWS side, if it is one.
        pub core_network_arn: Option<String>,
        /// Its attachment to the core network.
        pub core_network_attachment_arn: Option<String>,
        /// `associated`, `not-associated`, `associating` or `disassociating`.
        pub gateway_association_state: Option<String>,
        /// The secret in Secrets Manager that holds the pre-shared keys, when they are kept there.
        pub pre_shared_key_arn: Option<String>,
        /// How it is set up.
        pub options: Option<VpnConnectionOptions>,
        /// Its static routes.
        #[serde(default)]
        pub routes: Vec<VpnStaticRoute>,
        /// How each tunnel is doing.
        #[serde(default)]
        pub vgw_telemetry: Vec<VgwTelemetry>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// How a VPN connection is set up.
    pub struct VpnConnectionOptions {
        /// Whether traffic enters AWS at the nearest edge location.
        pub enable_acceleration: Option<bool>,
        /// Whether routes are static; else BGP tells them.
        pub static_routes_only: Option<bool>,
        /// IPv4 range on the customer's side.
        pub local_ipv4_network_cidr: Option<String>,
        /// IPv4 range on the AWS side.
        pub remote_ipv4_network_cidr: Option<String>,
        /// IPv6 range on the customer's side.
        pub local_ipv6_network_cidr: Option<String>,
        /// IPv6 range on the AWS side.
        pub remote_ipv6_network_cidr: Option<String>,
        /// `PublicIpv4`, `PrivateIpv4` or `Ipv6`: what the tunnels run over.
        pub outside_ip_address_type: Option<String>,
        /// The Direct Connect attachment that a private VPN runs over.
        pub transport_transit_gateway_attachment_id: Option<String>,
        /// `ipv4` or `ipv6`: what runs through the tunnels.
        pub tunnel_inside_ip_version: Option<String>,
        /// `standard` or `large`.
        pub tunnel_bandwidth: Option<String>,
        /// The tunnels, usually two. What AWS leaves out of one has its default.
        #[serde(default)]
        pub tunnel_options: Vec<TunnelOption>,
    }

    /// One tunnel.
    pub struct TunnelOption {
        /// Its address on the AWS side.
        pub outside_ip_address: Option<String>,
        /// IPv4 addresses inside it.
        pub tunnel_inside_cidr: Option<String>,
        /// IPv6 addresses inside it.
        pub tunnel_inside_ipv6_cidr: Option<String>,
        /// `present` when AWS returned the pre-shared key; the key itself is never kept.
        pub pre_shared_key: Option<Secret>,
        /// Lifetime of phase 1 of the key exchange.
        pub phase1_lifetime_seconds: Option<i64>,
        /// Lifetime of phase 2.
        pub phase2_lifetime_seconds: Option<i64>,
        /// How long before the end of phase 2 AWS renews the keys.
        pub rekey_margin_time_seconds: Option<i64>,
        /// Per cent of that margin within which the moment is random.
        pub rekey_fuzz_percentage: Option<i64>,
        /// Packets in the replay window.
        pub replay_window_size: Option<i64>,
        /// Seconds of silence after which the other side is taken for dead.
        pub dpd_timeout_seconds: Option<i64>,
        /// `clear`, `none` or `restart`: what happens then.
        pub dpd_timeout_action: Option<String>,
        /// Ciphers allowed in phase 1; empty: AWS's default set, which has weak ones.
        #[serde(default)]
        pub phase1_encryption_algorithms: Vec<Phase1EncryptionAlgorithmsListValue>,
        /// Ciphers allowed in phase 2; empty: AWS's default set.
        #[serde(default)]
        pub phase2_encryption_algorithms: Vec<Phase2EncryptionAlgorithmsListValue>,
        /// Integrity algorithms allowed in phase 1; empty: AWS's default set, which has SHA1.
        #[serde(default)]
        pub phase1_integrity_algorithms: Vec<Phase1IntegrityAlgorithmsListValue>,
        /// Integrity algorithms allowed in phase 2; empty: AWS's default set.
        #[serde(default)]
        pub phase2_integrity_algorithms: Vec<Phase2IntegrityAlgorithmsListValue>,
        /// Diffie-Hellman groups allowed in phase 1; empty: AWS's default set, which has group 2.
        #[serde(default)]
        pub phase1_dh_group_numbers: Vec<Phase1DhGroupNumbersListValue>,
        /// Diffie-Hellman groups allowed in phase 2; empty: AWS's default set.
        #[serde(default)]
        pub phase2_dh_group_numbers: Vec<Phase2DhGroupNumbersListValue>,
        /// IKE versions allowed; empty: both.
        #[serde(default)]
        pub ike_versions: Vec<IkeVersionsListValue>,
        /// `add` (the other side begins) or `start` (AWS does).
        pub startup_action: Option<String>,
        /// Where the tunnel logs.
        pub log_options: Option<VpnTunnelLogOptions>,
        /// Whether the owner decides when AWS replaces the tunnel's endpoint.
        pub enable_tunnel_lifecycle_control: Option<bool>,
    }

    /// A cipher of phase 1.
    pub struct Phase1EncryptionAlgorithmsListValue {
        /// `AES128`, `AES256`, `AES128-GCM-16` or `AES256-GCM-16`.
        pub value: Option<String>,
    }

    /// A cipher of phase 2.
    pub struct Phase2EncryptionAlgorithmsListValue {
        /// `AES128`, `AES256`, `AES128-GCM-16` or `AES256-GCM-16`.
        pub value: Option<String>,
    }

    /// An integrity algorithm of phase 1.
    pub struct Phase1IntegrityAlgorithmsListValue {
        /// `SHA1`, `SHA2-256`, `SHA2-384` or `SHA2-512`.
        pub value: Option<String>,
    }

    /// An integrity algorithm of phase 2.
    pub struct Phase2IntegrityAlgorithmsListValue {
        /// `SHA1`, `SHA2-256`, `SHA2-384` or `SHA2-512`.
        pub value: Option<String>,
    }

    /// A Diffie-Hellman group of phase 1.
    pub struct Phase1DhGroupNumbersListValue {
        /// Its number.
        pub value: Option<i64>,
    }

    /// A Diffie-Hellman group of phase 2.
    pub struct Phase2DhGroupNumbersListValue {
        /// Its number.
        pub value: Option<i64>,
    }

    /// A version of IKE.
    pub struct IkeVersionsListValue {
        /// `ikev1` or `ikev2`.
        pub value: Option<String>,
    }

    /// Logging of a tunnel.
    pub struct VpnTunnelLogOptions {
        /// Logging to CloudWatch Logs.
        pub cloud_watch_log_options: Option<CloudWatchLogOptions>,
    }

    /// Logging of a tunnel to CloudWatch Logs.
    pub struct CloudWatchLogOptions {
        /// Whether the tunnel's activity is logged.
        pub log_enabled: Option<bool>,
        /// The log group.
        pub log_group_arn: Option<String>,
        /// `json` or `text`.
        pub log_output_format: Option<String>,
        /// Whether BGP is logged.
        pub bgp_log_enabled: Option<bool>,
        /// The log group for BGP.
        pub bgp_log_group_arn: Option<String>,
        /// `json` or `text`.
        pub bgp_log_output_format: Option<String>,
    }

    /// A static route of a VPN connection.
    pub struct VpnStaticRoute {
        /// Where to, on the customer's side.
        pub destination_cidr_block: Option<String>,
        /// `Static`.
        pub source: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
    }

    /// How a tunnel is doing.
    pub struct VgwTelemetry {
        /// Its address on the AWS side.
        pub outside_ip_address: Option<String>,
        /// `UP` or `DOWN`.
        pub status: Option<String>,
        /// Why, if there is a fault.
        pub status_message: Option<String>,
        /// When that last changed.
        pub last_status_change: Option<Time>,
        /// Routes that BGP brought.
        pub accepted_route_count: Option<i64>,
        /// The certificate of the tunnel's endpoint, where certificates are used.
        pub certificate_arn: Option<String>,
    }
}
