//! `ec2.instance_type`: the types of the region's instances. AWS has a thousand; those that nobody
//! uses concern no rule.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};

/// Tells which types are in use.
pub const DESCRIBE_INSTANCES: ApiCall =
    ApiCall::new("ec2:DescribeInstances").element("reservationSet").paged(1_000);

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.instance_type",
    doc: "An instance type that an instance in the region has, whatever the instance's state.",
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
        /// `t3.micro`, …
        pub instance_type: String,
        /// Whether it is of a current generation.
        pub current_generation: Option<bool>,
        /// Whether it is a whole machine.
        pub bare_metal: Option<bool>,
        /// `nitro` or `xen`; absent for bare metal.
        pub hypervisor: Option<String>,
        /// EBS.
        pub ebs_info: Option<EbsInfo>,
        /// The network.
        pub network_info: Option<NetworkInfo>,
        /// The processor.
        pub processor_info: Option<ProcessorInfo>,
        /// `legacy-bios`, `uefi`.
        #[serde(default)]
        pub supported_boot_modes: Vec<String>,
        /// Nitro Enclaves: `supported` or `unsupported`.
        pub nitro_enclaves_support: Option<String>,
        /// NitroTPM: `supported` or `unsupported`.
        pub nitro_tpm_support: Option<String>,
    }

    /// EBS of an instance type.
    pub struct EbsInfo {
        /// Optimization for EBS: `default` (always on, whatever the instance says), `supported`
        /// (the instance says) or `unsupported`.
        pub ebs_optimized_support: Option<String>,
        /// Encrypted volumes: `supported` or `unsupported`.
        pub encryption_support: Option<String>,
    }

    /// The network of an instance type.
    pub struct NetworkInfo {
        /// Whether traffic between instances is encrypted by the hardware.
        pub encryption_in_transit_supported: Option<bool>,
        /// `required`, `supported` or `unsupported`: the Elastic Network Adapter.
        pub ena_support: Option<String>,
    }

    /// The processor of an instance type.
    pub struct ProcessorInfo {
        /// `x86_64`, `arm64`, …
        #[serde(default)]
        pub supported_architectures: Vec<String>,
    }
}
