//! `ec2.instance`: EC2 instances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::{ApiCall, Kind, Scope, Shape, Tags};

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.instance",
    doc: "An EC2 instance.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeInstances")],
    shape: Shape::of::<Instance>(),
    facts: &[],
};

/// What DescribeInstances returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// The instance's id.
    pub instance_id: String,
    /// Its state.
    pub state: Option<InstanceState>,
    /// Why it last changed its state, with the time: `User initiated (2026-01-31 08:15:02 GMT)`.
    pub state_transition_reason: Option<String>,
    /// `t3.micro`, …
    pub instance_type: Option<String>,
    /// The image it was launched from.
    pub image_id: Option<String>,
    /// The account that owns the reservation.
    pub owner_id: Option<String>,
    /// When it was last launched; RFC 3339.
    pub launch_time: Option<String>,
    /// The name of its key pair.
    pub key_name: Option<String>,
    /// `windows`, or absent.
    pub platform: Option<String>,
    /// `Linux/UNIX`, `Windows`, …
    pub platform_details: Option<String>,
    /// `x86_64`, `arm64`, …
    pub architecture: Option<String>,
    /// `spot`, `scheduled` or `capacity-block`; absent for on-demand.
    pub instance_lifecycle: Option<String>,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its subnet.
    pub subnet_id: Option<String>,
    /// Public IPv4 address of the primary interface.
    pub public_ip_address: Option<String>,
    /// Public DNS name; empty when it has none.
    pub public_dns_name: Option<String>,
    /// Private IPv4 address of the primary interface.
    pub private_ip_address: Option<String>,
    /// IPv6 address of the primary interface.
    pub ipv6_address: Option<String>,
    /// Whether it is optimised for EBS.
    pub ebs_optimized: Option<bool>,
    /// Whether the source and destination of its traffic are checked; false for a router.
    pub source_dest_check: Option<bool>,
    /// Its instance profile.
    pub iam_instance_profile: Option<IamInstanceProfile>,
    /// Detailed monitoring.
    pub monitoring: Option<Monitoring>,
    /// Placement.
    pub placement: Option<Placement>,
    /// Options of the instance metadata service.
    pub metadata_options: Option<MetadataOptions>,
    /// Nitro Enclaves.
    pub enclave_options: Option<EnclaveOptions>,
    /// The device name of the root volume.
    pub root_device_name: Option<String>,
    /// Its EBS volumes.
    #[serde(default)]
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// Its security groups.
    #[serde(default)]
    pub security_groups: Vec<GroupIdentifier>,
    /// Its network interfaces.
    #[serde(default)]
    pub network_interfaces: Vec<InstanceNetworkInterface>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// State of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceState {
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    pub name: Option<String>,
}

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IamInstanceProfile {
    /// Its ARN.
    pub arn: Option<String>,
    /// Its unique id.
    pub id: Option<String>,
}

/// Monitoring of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Monitoring {
    /// `enabled` for detailed monitoring, `disabled` for basic.
    pub state: Option<String>,
}

/// Where an instance is placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The availability zone.
    pub availability_zone: Option<String>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<String>,
}

/// Options of the instance metadata service (IMDS).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetadataOptions {
    /// `pending` while a change is being applied, `applied` after it.
    pub state: Option<String>,
    /// `required`: IMDSv2 only. `optional`: IMDSv1 works too.
    pub http_tokens: Option<String>,
    /// `enabled` or `disabled`.
    pub http_endpoint: Option<String>,
    /// How many network hops a token's answer may travel.
    pub http_put_response_hop_limit: Option<i64>,
    /// Whether IMDS answers over IPv6: `enabled` or `disabled`.
    pub http_protocol_ipv6: Option<String>,
    /// Whether tags can be read through IMDS: `enabled` or `disabled`.
    pub instance_metadata_tags: Option<String>,
}

/// Nitro Enclaves of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnclaveOptions {
    /// Whether they are enabled.
    pub enabled: Option<bool>,
}

/// A volume attached to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlockDeviceMapping {
    /// The device name.
    pub device_name: Option<String>,
    /// The volume.
    pub volume_id: Option<String>,
    /// Whether the volume goes when the instance does.
    pub delete_on_termination: Option<bool>,
}

/// A security group, by reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupIdentifier {
    /// Its id.
    pub group_id: Option<String>,
    /// Its name.
    pub group_name: Option<String>,
}

/// A network interface of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceNetworkInterface {
    /// Its id.
    pub network_interface_id: Option<String>,
    /// Its subnet.
    pub subnet_id: Option<String>,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// `interface`, `efa`, …
    pub interface_type: Option<String>,
    /// Its public IPv4 address.
    pub public_ip: Option<String>,
    /// The owner of that address: `amazon`, or the account of an Elastic IP.
    pub public_ip_owner_id: Option<String>,
    /// Its private IPv4 address.
    pub private_ip_address: Option<String>,
    /// Its IPv6 addresses.
    #[serde(default)]
    pub ipv6_addresses: Vec<String>,
    /// Whether source and destination are checked.
    pub source_dest_check: Option<bool>,
    /// Its security groups.
    #[serde(default)]
    pub groups: Vec<GroupIdentifier>,
}
