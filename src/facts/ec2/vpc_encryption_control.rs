//! `ec2.vpc_encryption_control`: VPC Encryption Controls.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_encryption_control",
    doc: "A VPC Encryption Control, which monitors or prevents unencrypted traffic in a VPC.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcEncryptionControls").paged(1_000)],
    id: "vpc_encryption_control_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc-encryption-control/{id}"),
    name_field: None,
    shape: Shape::of::<VpcEncryptionControl>(),
    facts: &[],
};

shape! { vpc_encryption_control_shapes:
    /// What DescribeVpcEncryptionControls returns.
    pub struct VpcEncryptionControl {
        /// The control's id.
        pub vpc_encryption_control_id: String,
        /// The VPC.
        pub vpc_id: Option<String>,
        /// `monitor` or `enforce`.
        pub mode: Option<String>,
        /// `creating`, `available`, `monitor-in-progress`, `monitor-failed`, `enforce-in-progress`,
        /// `enforce-failed`, `deleting`, `deleted` or `delete-failed`.
        pub state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
        /// The resources that are excluded in enforce mode.
        pub resource_exclusions: Option<VpcEncryptionControlExclusions>,
        /// The control's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The exclusions from VPC Encryption Control.
    pub struct VpcEncryptionControlExclusions {
        /// Traffic through internet gateways.
        pub internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through egress-only internet gateways.
        pub egress_only_internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through NAT gateways.
        pub nat_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through virtual private gateways.
        pub virtual_private_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through VPC peering connections.
        pub vpc_peering: Option<VpcEncryptionControlExclusion>,
        /// Traffic of Lambda functions.
        pub lambda: Option<VpcEncryptionControlExclusion>,
        /// Traffic through VPC Lattice.
        pub vpc_lattice: Option<VpcEncryptionControlExclusion>,
        /// Traffic to Amazon EFS file systems.
        pub elastic_file_system: Option<VpcEncryptionControlExclusion>,
    }

    /// The state of one exclusion.
    pub struct VpcEncryptionControlExclusion {
        /// `enabling`, `enabled`, `disabling` or `disabled`.
        pub state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
    }
}
