//! `ec2.instance`: EC2 instances.

use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.instance",
    doc: "An EC2 instance.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeInstances")
        .element("reservationSet")
        .paged(1_000)
        .answer("Reservations[].Instances")
        .always(&[
            "state",
            "state.name",
            "virtualization_type",
            "block_device_mappings",
            "security_groups",
            "network_interfaces",
            "network_interfaces[].private_ip_addresses",
            "network_interfaces[].ipv6_addresses",
            "network_interfaces[].groups",
        ])
        .always_printed(&["launch_time"])],
    id: "instance_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:instance/{id}"),
    name_field: None,
    shape: Shape::of::<Instance>(),
    facts: &[
        FactSpec {
            name: "disable_api_stop",
            doc: "Whether stop protection prevents the instance from being stopped through the API.",
            call: ApiCall::new("ec2:DescribeInstanceAttribute"),
            shape: Shape::of::<bool>(),
        },
        FactSpec {
            name: "disable_api_termination",
            doc: "Whether termination protection prevents the instance from being terminated through the API.",
            call: ApiCall::new("ec2:DescribeInstanceAttribute"),
            shape: Shape::of::<bool>(),
        },
        FactSpec {
            name: "image_metadata",
            doc: "Information about the image that the instance was launched from, regardless of who owns the image: its owner, its deprecation time, and whether the Allowed AMIs settings allow it.",
            call: ApiCall::new("ec2:DescribeInstanceImageMetadata")
                .paged(1_000)
                .for_all()
                .answer("InstanceImageMetadata[].ImageMetadata"),
            shape: Shape::of::<ImageMetadata>(),
        },
        FactSpec {
            name: "status",
            doc: "Status checks and scheduled events.",
            call: ApiCall::new("ec2:DescribeInstanceStatus")
                .element("instanceStatusSet")
                .paged(1_000)
                .for_all()
                .answer("InstanceStatuses")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<InstanceStatus>(),
        },
        FactSpec {
            name: "user_data",
            doc: "Whether the instance has user data, and whether the user data appears to contain a secret.",
            call: ApiCall::new("ec2:DescribeInstanceAttribute").answer("UserData"),
            shape: Shape::of::<UserData>(),
        },
    ],
};

shape! { instance_shapes:
    /// What DescribeInstances returns.
    pub struct Instance {
        /// The instance's id.
        pub instance_id: String,
        /// The state of the instance.
        pub state: Option<InstanceState>,
        /// The reason for the last state transition, with the time: `User initiated (2026-01-31
        /// 08:15:02 GMT)`.
        pub state_transition_reason: Option<String>,
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The image that the instance was launched from.
        pub image_id: Option<String>,
        /// When the instance was last launched.
        pub launch_time: Option<Time>,
        /// The name of the instance's key pair.
        pub key_name: Option<String>,
        /// `windows` for Windows; otherwise absent.
        pub platform: Option<String>,
        /// The platform: `Linux/UNIX`, `Windows`, …
        pub platform_details: Option<String>,
        /// The architecture: `x86_64`, `arm64`, …
        pub architecture: Option<String>,
        /// `hvm` or `paravirtual`.
        pub virtualization_type: Option<String>,
        /// `spot`, `scheduled` or `capacity-block`; absent for an On-Demand Instance.
        pub instance_lifecycle: Option<String>,
        /// The instance's VPC.
        pub vpc_id: Option<String>,
        /// The instance's subnet.
        pub subnet_id: Option<String>,
        /// The public IPv4 address of the primary interface.
        pub public_ip_address: Option<String>,
        /// The public DNS name; empty if the instance has none.
        pub public_dns_name: Option<String>,
        /// The private IPv4 address of the primary interface.
        pub private_ip_address: Option<String>,
        /// The IPv6 address of the primary interface.
        pub ipv6_address: Option<String>,
        /// Whether the instance is EBS-optimized.
        pub ebs_optimized: Option<bool>,
        /// Whether source/destination checking is enabled; it must be disabled for NAT and routing.
        pub source_dest_check: Option<bool>,
        /// The IAM instance profile.
        pub iam_instance_profile: Option<IamInstanceProfile>,
        /// The monitoring setting.
        pub monitoring: Option<Monitoring>,
        /// The placement.
        pub placement: Option<Placement>,
        /// The instance metadata options.
        pub metadata_options: Option<InstanceMetadataOptionsResponse>,
        /// The Nitro Enclaves setting.
        pub enclave_options: Option<EnclaveOptions>,
        /// `ebs` or `instance-store`.
        pub root_device_type: Option<String>,
        /// The device name of the root volume.
        pub root_device_name: Option<String>,
        /// The Capacity Reservation that the instance runs in.
        pub capacity_reservation_id: Option<String>,
        /// The Spot Instance request that the instance was launched by.
        pub spot_instance_request_id: Option<String>,
        /// The instance's EBS volumes.
        #[serde(default)]
        pub block_device_mappings: Vec<InstanceBlockDeviceMapping>,
        /// The instance's security groups.
        #[serde(default)]
        pub security_groups: Vec<GroupIdentifier>,
        /// The instance's network interfaces.
        #[serde(default)]
        pub network_interfaces: Vec<InstanceNetworkInterface>,
        /// The service provider that manages the instance.
        pub operator: Option<OperatorResponse>,
        /// The instance's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The state of an instance.
    pub struct InstanceState {
        /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
        pub name: Option<String>,
    }

    /// An instance profile.
    pub struct IamInstanceProfile {
        /// The instance profile's ARN.
        pub arn: Option<String>,
        /// The instance profile's unique id.
        pub id: Option<String>,
    }

    /// The monitoring setting of an instance.
    pub struct Monitoring {
        /// `enabled` (detailed monitoring) or `disabled` (basic monitoring); `pending` or
        /// `disabling` while it changes.
        pub state: Option<String>,
    }

    /// The placement of an instance.
    pub struct Placement {
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub tenancy: Option<String>,
    }

    /// The options of the instance metadata service (IMDS).
    pub struct InstanceMetadataOptionsResponse {
        /// `pending` (a change is being applied) or `applied`.
        pub state: Option<String>,
        /// `required`: only IMDSv2 works. `optional`: IMDSv1 works too.
        pub http_tokens: Option<String>,
        /// `enabled` or `disabled`.
        pub http_endpoint: Option<String>,
        /// The hop limit of the responses to PUT requests, which carry the IMDSv2 token.
        pub http_put_response_hop_limit: Option<i64>,
        /// Whether IMDS has an IPv6 endpoint: `enabled` or `disabled`.
        pub http_protocol_ipv6: Option<String>,
        /// Whether instance tags are available from IMDS: `enabled` or `disabled`.
        pub instance_metadata_tags: Option<String>,
    }

    /// The Nitro Enclaves setting of an instance.
    pub struct EnclaveOptions {
        /// Whether Nitro Enclaves is enabled.
        pub enabled: Option<bool>,
    }

    /// A block device mapping of an instance.
    pub struct InstanceBlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// The EBS volume.
        pub ebs: Option<EbsInstanceBlockDevice>,
    }

    /// An attached EBS volume.
    pub struct EbsInstanceBlockDevice {
        /// The volume.
        pub volume_id: Option<String>,
        /// `attaching`, `attached`, `detaching` or `detached`.
        pub status: Option<String>,
        /// Whether the volume is deleted when the instance is terminated.
        pub delete_on_termination: Option<bool>,
    }

    /// A reference to a security group.
    pub struct GroupIdentifier {
        /// The group's id.
        pub group_id: Option<String>,
        /// The group's name.
        pub group_name: Option<String>,
    }

    /// A network interface that is attached to an instance.
    pub struct InstanceNetworkInterface {
        /// The network interface's id.
        pub network_interface_id: Option<String>,
        /// The network interface's subnet.
        pub subnet_id: Option<String>,
        /// The network interface's VPC.
        pub vpc_id: Option<String>,
        /// The type of the interface: `interface`, `efa`, …
        pub interface_type: Option<String>,
        /// The public IPv4 address that is associated with the network interface.
        pub association: Option<InstanceNetworkInterfaceAssociation>,
        /// The network interface's primary private IPv4 address.
        pub private_ip_address: Option<String>,
        /// All private IPv4 addresses of the network interface, with the public addresses that are
        /// associated with them.
        #[serde(default)]
        pub private_ip_addresses: Vec<InstancePrivateIpAddress>,
        /// The network interface's IPv6 addresses.
        #[serde(default)]
        pub ipv6_addresses: Vec<InstanceIpv6Address>,
        /// The IPv6 prefixes that are delegated to the network interface.
        #[serde(default)]
        pub ipv6_prefixes: Vec<InstanceIpv6Prefix>,
        /// Whether source/destination checking is enabled.
        pub source_dest_check: Option<bool>,
        /// The network interface's security groups.
        #[serde(default)]
        pub groups: Vec<GroupIdentifier>,
    }

    /// A private IPv4 address of a network interface.
    pub struct InstancePrivateIpAddress {
        /// The address.
        pub private_ip_address: Option<String>,
        /// Whether the address is the primary address of the interface.
        pub primary: Option<bool>,
        /// The public IPv4 address that is associated with the private address.
        pub association: Option<InstanceNetworkInterfaceAssociation>,
    }

    /// A public IPv4 address.
    pub struct InstanceNetworkInterfaceAssociation {
        /// The address.
        pub public_ip: Option<String>,
        /// The carrier IP address, in a Wavelength Zone.
        pub carrier_ip: Option<String>,
        /// The address's DNS name.
        pub public_dns_name: Option<String>,
        /// The owner of the address: `amazon`, or the account that owns the Elastic IP address.
        pub ip_owner_id: Option<String>,
    }

    /// An IPv6 address.
    pub struct InstanceIpv6Address {
        /// The address.
        pub ipv6_address: Option<String>,
    }

    /// The service provider that manages an instance.
    pub struct OperatorResponse {
        /// Whether the resource is managed by a service provider.
        pub managed: Option<bool>,
        /// The service provider.
        pub principal: Option<String>,
    }

    /// An IPv6 prefix.
    pub struct InstanceIpv6Prefix {
        /// The range in CIDR notation.
        pub ipv6_prefix: Option<String>,
    }

    /// What DescribeInstanceImageMetadata returns. For a deregistered image, only the id is known.
    pub struct ImageMetadata {
        /// The image's id.
        pub image_id: Option<String>,
        /// The image's name.
        pub name: Option<String>,
        /// The account that owns the image.
        pub owner_id: Option<String>,
        /// The owner, if it is one of these: `amazon`, `aws-backup-vault` or `aws-marketplace`.
        pub image_owner_alias: Option<String>,
        /// `available`, `disabled`, `deregistered`, …
        pub state: Option<String>,
        /// When the image was created.
        pub creation_date: Option<Time>,
        /// When the image is or was deprecated.
        pub deprecation_time: Option<Time>,
        /// Whether the Allowed AMIs settings of the account allow the image.
        pub image_allowed: Option<bool>,
        /// Whether the image is public, that is, whether every AWS account can launch instances from it.
        pub is_public: Option<bool>,
    }

    /// What DescribeInstanceStatus returns.
    pub struct InstanceStatus {
        /// The instance's id.
        pub instance_id: String,
        /// The state of the instance at the time its status was read.
        pub instance_state: Option<InstanceState>,
        /// The instance status checks.
        pub instance_status: Option<InstanceStatusSummary>,
        /// The system status checks.
        pub system_status: Option<InstanceStatusSummary>,
        /// The status checks of the attached EBS volumes.
        pub attached_ebs_status: Option<EbsStatusSummary>,
        /// The scheduled events.
        #[serde(default)]
        pub events: Vec<InstanceStatusEvent>,
    }

    /// The summary of instance or system status checks.
    pub struct InstanceStatusSummary {
        /// `ok`, `impaired`, `initializing`, `insufficient-data`, or `not-applicable` for an
        /// instance that is not running.
        pub status: Option<String>,
        /// The individual checks.
        #[serde(default)]
        pub details: Vec<InstanceStatusDetails>,
    }

    /// A status check.
    pub struct InstanceStatusDetails {
        /// `reachability`.
        pub name: Option<String>,
        /// `passed`, `failed`, `initializing` or `insufficient-data`.
        pub status: Option<String>,
        /// When the check started to fail.
        pub impaired_since: Option<Time>,
    }

    /// The summary of EBS status checks.
    pub struct EbsStatusSummary {
        /// `ok`, `impaired`, `initializing`, `insufficient-data` or `not-applicable`.
        pub status: Option<String>,
    }

    /// A scheduled event.
    pub struct InstanceStatusEvent {
        /// The event's id.
        pub instance_event_id: Option<String>,
        /// `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement` or
        /// `instance-stop`.
        pub code: Option<String>,
        /// The description; it starts with `[Completed]` or `[Canceled]` once the event is over.
        pub description: Option<String>,
        /// The earliest start time.
        pub not_before: Option<Time>,
        /// The latest end time.
        pub not_after: Option<Time>,
        /// The deadline for starting the event.
        pub not_before_deadline: Option<Time>,
    }
}
