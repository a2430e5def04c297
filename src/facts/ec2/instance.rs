//! `ec2.instance`: EC2 instances.

use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.instance",
    doc: "An EC2 instance.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeInstances")
        .element("reservationSet")
        .paged(1_000)
        .answer("Reservations[].Instances")],
    id: "instance_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:instance/{id}"),
    name_field: None,
    shape: Shape::of::<Instance>(),
    facts: &[
        FactSpec {
            name: "disable_api_stop",
            doc: "Whether it is protected against stopping through the API.",
            call: ApiCall::new("ec2:DescribeInstanceAttribute"),
            shape: Shape::of::<bool>(),
        },
        FactSpec {
            name: "disable_api_termination",
            doc: "Whether it is protected against termination through the API.",
            call: ApiCall::new("ec2:DescribeInstanceAttribute"),
            shape: Shape::of::<bool>(),
        },
        FactSpec {
            name: "image_metadata",
            doc: "The image it runs from, whoever owns it: owner, deprecation, whether the account's Allowed AMIs allow it.",
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
                .silence(Silence::Absent),
            shape: Shape::of::<InstanceStatus>(),
        },
        FactSpec {
            name: "user_data",
            doc: "Whether it has user data, and whether that looks like it holds a secret.",
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
        /// Its state.
        pub state: Option<InstanceState>,
        /// Why it last changed its state, with the time: `User initiated (2026-01-31 08:15:02
        /// GMT)`.
        pub state_transition_reason: Option<String>,
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// The image it was launched from.
        pub image_id: Option<String>,
        /// When it was last launched.
        pub launch_time: Option<Time>,
        /// The name of its key pair.
        pub key_name: Option<String>,
        /// `windows`, or absent.
        pub platform: Option<String>,
        /// `Linux/UNIX`, `Windows`, …
        pub platform_details: Option<String>,
        /// `x86_64`, `arm64`, …
        pub architecture: Option<String>,
        /// `hvm` or `paravirtual`.
        pub virtualization_type: Option<String>,
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
        /// Whether it is optimized for EBS.
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
        pub metadata_options: Option<InstanceMetadataOptionsResponse>,
        /// Nitro Enclaves.
        pub enclave_options: Option<EnclaveOptions>,
        /// `ebs` or `instance-store`.
        pub root_device_type: Option<String>,
        /// The device name of the root volume.
        pub root_device_name: Option<String>,
        /// The capacity reservation it runs in.
        pub capacity_reservation_id: Option<String>,
        /// The spot request it came from.
        pub spot_instance_request_id: Option<String>,
        /// Its EBS volumes.
        #[serde(default)]
        pub block_device_mappings: Vec<InstanceBlockDeviceMapping>,
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
    pub struct InstanceState {
        /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
        pub name: Option<String>,
    }

    /// An instance profile.
    pub struct IamInstanceProfile {
        /// Its ARN.
        pub arn: Option<String>,
        /// Its unique id.
        pub id: Option<String>,
    }

    /// Monitoring of an instance.
    pub struct Monitoring {
        /// `enabled` for detailed monitoring, `disabled` for basic.
        pub state: Option<String>,
    }

    /// Where an instance is placed.
    pub struct Placement {
        /// The availability zone.
        pub availability_zone: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub tenancy: Option<String>,
    }

    /// Options of the instance metadata service (IMDS).
    pub struct InstanceMetadataOptionsResponse {
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
    pub struct EnclaveOptions {
        /// Whether they are enabled.
        pub enabled: Option<bool>,
    }

    /// A volume attached to an instance.
    pub struct InstanceBlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// The volume behind it.
        pub ebs: Option<EbsInstanceBlockDevice>,
    }

    /// An attached EBS volume.
    pub struct EbsInstanceBlockDevice {
        /// The volume.
        pub volume_id: Option<String>,
        /// `attaching`, `attached`, `detaching` or `detached`.
        pub status: Option<String>,
        /// Whether the volume goes when the instance does.
        pub delete_on_termination: Option<bool>,
    }

    /// A security group, by reference.
    pub struct GroupIdentifier {
        /// Its id.
        pub group_id: Option<String>,
        /// Its name.
        pub group_name: Option<String>,
    }

    /// A network interface of an instance.
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
        pub association: Option<InstanceNetworkInterfaceAssociation>,
        /// Its private IPv4 address.
        pub private_ip_address: Option<String>,
        /// Its IPv6 addresses.
        #[serde(default)]
        pub ipv6_addresses: Vec<InstanceIpv6Address>,
        /// Whether source and destination are checked.
        pub source_dest_check: Option<bool>,
        /// Its security groups.
        #[serde(default)]
        pub groups: Vec<GroupIdentifier>,
    }
    /// A public IPv4 address.
    pub struct InstanceNetworkInterfaceAssociation {
        /// The address.
        pub public_ip: Option<String>,
        /// Its address in the carrier's network, in a Wavelength zone.
        pub carrier_ip: Option<String>,
        /// Its DNS name.
        pub public_dns_name: Option<String>,
        /// Who owns the address: `amazon`, or the account of an Elastic IP.
        pub ip_owner_id: Option<String>,
    }

    /// An IPv6 address.
    pub struct InstanceIpv6Address {
        /// The address.
        pub ipv6_address: Option<String>,
    }

    /// What DescribeInstanceImageMetadata tells of the image. Of one that was deregistered only the
    /// id is known.
    pub struct ImageMetadata {
        /// The image's id.
        pub image_id: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// `amazon`, `aws-backup-vault` or `aws-marketplace`, for an image of theirs.
        pub image_owner_alias: Option<String>,
        /// `available`, `disabled`, `deregistered`, …
        pub state: Option<String>,
        /// When it was made.
        pub creation_date: Option<Time>,
        /// When it becomes, or became, deprecated.
        pub deprecation_time: Option<Time>,
        /// Whether the account's Allowed AMIs allow it.
        pub image_allowed: Option<bool>,
        /// Whether every AWS account may launch it.
        pub is_public: Option<bool>,
    }

    /// What DescribeInstanceStatus returns.
    pub struct InstanceStatus {
        /// The instance's id.
        pub instance_id: String,
        /// Its state at that time.
        pub instance_state: Option<InstanceState>,
        /// Checks of the instance.
        pub instance_status: Option<InstanceStatusSummary>,
        /// Checks of the host.
        pub system_status: Option<InstanceStatusSummary>,
        /// Checks of the attached EBS volumes.
        pub attached_ebs_status: Option<EbsStatusSummary>,
        /// What AWS has planned for it.
        #[serde(default)]
        pub events: Vec<InstanceStatusEvent>,
    }

    /// Checks of an instance or its host.
    pub struct InstanceStatusSummary {
        /// `ok`, `impaired`, `initializing`, `insufficient-data`, or `not-applicable` for an
        /// instance that does not run.
        pub status: Option<String>,
        /// The checks.
        #[serde(default)]
        pub details: Vec<InstanceStatusDetails>,
    }

    /// A status check.
    pub struct InstanceStatusDetails {
        /// `reachability`.
        pub name: Option<String>,
        /// `passed`, `failed`, `initializing` or `insufficient-data`.
        pub status: Option<String>,
        /// Since when it fails.
        pub impaired_since: Option<Time>,
    }

    /// Checks of attached volumes.
    pub struct EbsStatusSummary {
        /// `ok`, `impaired`, `initializing`, `insufficient-data` or `not-applicable`.
        pub status: Option<String>,
    }

    /// An event that AWS has scheduled.
    pub struct InstanceStatusEvent {
        /// The event's id.
        pub instance_event_id: Option<String>,
        /// `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement` or
        /// `instance-stop`.
        pub code: Option<String>,
        /// In words; begins with `[Completed]` or `[Canceled]` once it is over.
        pub description: Option<String>,
        /// Its earliest begin.
        pub not_before: Option<Time>,
        /// Its latest end.
        pub not_after: Option<Time>,
        /// Until when it must begin.
        pub not_before_deadline: Option<Time>,
    }
}
