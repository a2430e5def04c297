//! `ec2.settings`: settings of EC2 that hold for a whole region of an account. There is exactly one per region; it is not listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::{ApiCall, FactSpec, Kind, Scope, Shape};

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.settings",
    doc: "Region-wide settings of EC2; one per account and region.",
    scope: Scope::Regional,
    list: &[],
    id: "region_name",
    arn: None,
    name_field: None,
    shape: Shape::of::<Settings>(),
    facts: &[FactSpec {
        name: "ebs_encryption_by_default",
        doc: "Whether new EBS volumes are encrypted without being asked for.",
        call: ApiCall::new("ec2:GetEbsEncryptionByDefault"),
        shape: Shape::of::<EbsEncryptionByDefault>(),
    }],
};

/// What identifies the region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// The region's code.
    pub region_name: String,
}

/// EBS encryption by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EbsEncryptionByDefault {
    /// Whether it is on.
    pub ebs_encryption_by_default: bool,
}
