//! `ec2.instance_type`: the instance types in use in a region. AWS has about a thousand types; no
//! rule needs those that are not used.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};

/// Returns which types are in use.
pub const DESCRIBE_INSTANCES: ApiCall =
    ApiCall::new("ec2:DescribeInstances").element("reservationSet").paged(1_000);

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.instance_type",
    doc: "An instance type that at least one instance in the region has, whatever the instance's state.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeInstanceTypes").paged(100), DESCRIBE_INSTANCES],
    id: "instance_type",
    arn: None,
    name_field: None,
    shape: Shape::of::<InstanceTypeInfo>(),
    facts: &[],
};

shape! { instance_type_shapes:
    /// What DescribeInstanceTypes returns.
    pub struct InstanceTypeInfo {
        /// The instance type: `t3.micro`, …
        pub instance_type: String,
        /// Whether the instance type is a current-generation type.
        pub current_generation: Option<bool>,
        /// Whether the instance type is a bare metal type.
        pub bare_metal: Option<bool>,
        /// `nitro` or `xen`; absent for bare metal types.
        pub hypervisor: Option<String>,
        /// The EBS settings.
        pub ebs_info: Option<EbsInfo>,
        /// The network settings.
        pub network_info: Option<NetworkInfo>,
        /// The processor.
        pub processor_info: Option<ProcessorInfo>,
        /// The supported boot modes: `legacy-bios` or `uefi`.
        #[serde(default)]
        pub supported_boot_modes: Vec<String>,
        /// Support for Nitro Enclaves: `supported` or `unsupported`.
        pub nitro_enclaves_support: Option<String>,
        /// Support for NitroTPM: `supported` or `unsupported`.
        pub nitro_tpm_support: Option<String>,
    }

    /// The EBS settings of an instance type.
    pub struct EbsInfo {
        /// EBS optimization: `default` (always on), `supported` (can be turned on per instance) or
        /// `unsupported`.
        pub ebs_optimized_support: Option<String>,
        /// Support for encrypted volumes: `supported` or `unsupported`.
        pub encryption_support: Option<String>,
    }

    /// The network settings of an instance type.
    pub struct NetworkInfo {
        /// Whether traffic between instances is automatically encrypted in transit.
        pub encryption_in_transit_supported: Option<bool>,
        /// Support for the Elastic Network Adapter (ENA): `required`, `supported` or `unsupported`.
        pub ena_support: Option<String>,
    }

    /// The processor of an instance type.
    pub struct ProcessorInfo {
        /// The supported architectures: `x86_64`, `arm64`, …
        #[serde(default)]
        pub supported_architectures: Vec<String>,
    }
}
