//! `ec2.settings`: account-level EC2 settings of a region. There is exactly one per region, so it
//! is not listed.

use super::shape;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.settings",
    doc: "Account-level EC2 settings of a region; one per account and region.",
    scope: Scope::Regional,
    list: &[],
    id: "region_name",
    arn: None,
    name_field: None,
    shape: Shape::of::<Settings>(),
    facts: &[
        FactSpec {
            name: "account_attributes",
            doc: "The attributes and limits of the account.",
            call: ApiCall::new("ec2:DescribeAccountAttributes"),
            shape: Shape::of::<Vec<AccountAttribute>>(),
        },
        FactSpec {
            name: "allowed_images_settings",
            doc: "The Allowed AMIs settings, which restrict the images that instances can be launched from.",
            call: ApiCall::new("ec2:GetAllowedImagesSettings"),
            shape: Shape::of::<AllowedImagesSettings>(),
        },
        FactSpec {
            name: "ebs_default_kms_key_id",
            doc: "The default KMS key for EBS encryption.",
            call: ApiCall::new("ec2:GetEbsDefaultKmsKeyId"),
            shape: Shape::of::<EbsDefaultKmsKeyId>(),
        },
        FactSpec {
            name: "ebs_encryption_by_default",
            doc: "Whether EBS encryption by default is enabled.",
            call: ApiCall::new("ec2:GetEbsEncryptionByDefault"),
            shape: Shape::of::<EbsEncryptionByDefault>(),
        },
        FactSpec {
            name: "image_block_public_access",
            doc: "Block public access for AMIs: whether images can be shared publicly.",
            call: ApiCall::new("ec2:GetImageBlockPublicAccessState"),
            shape: Shape::of::<ImageBlockPublicAccess>(),
        },
        FactSpec {
            name: "instance_metadata_defaults",
            doc: "The default metadata options for new instances. Options in the launch request take precedence over these defaults, which take precedence over the options of the image.",
            call: ApiCall::new("ec2:GetInstanceMetadataDefaults")
                .answer("AccountLevel")
                .if_empty(EmptyResponse::Defaults),
            shape: Shape::of::<InstanceMetadataDefaultsResponse>(),
        },
        FactSpec {
            name: "serial_console_access",
            doc: "Whether the EC2 serial console can be used.",
            call: ApiCall::new("ec2:GetSerialConsoleAccessStatus"),
            shape: Shape::of::<SerialConsoleAccess>(),
        },
        FactSpec {
            name: "snapshot_block_public_access",
            doc: "Block public access for EBS snapshots: whether snapshots can be shared publicly.",
            call: ApiCall::new("ec2:GetSnapshotBlockPublicAccessState"),
            shape: Shape::of::<SnapshotBlockPublicAccess>(),
        },
        FactSpec {
            name: "vpc_block_public_access_exclusions",
            doc: "The VPCs and subnets that are excluded from VPC Block Public Access.",
            call: ApiCall::new("ec2:DescribeVpcBlockPublicAccessExclusions").paged(1_000),
            shape: Shape::of::<Vec<VpcBlockPublicAccessExclusion>>(),
        },
        FactSpec {
            name: "vpc_block_public_access_options",
            doc: "VPC Block Public Access: whether internet gateway traffic is blocked in all VPCs.",
            call: ApiCall::new("ec2:DescribeVpcBlockPublicAccessOptions")
                .answer("VpcBlockPublicAccessOptions"),
            shape: Shape::of::<VpcBlockPublicAccessOptions>(),
        },
    ],
};

shape! { region_shapes:
    /// What identifies the region.
    pub struct Settings {
        /// The region's code.
        pub region_name: String,
    }

    /// EBS encryption by default.
    pub struct EbsEncryptionByDefault {
        /// Whether EBS encryption by default is enabled.
        pub ebs_encryption_by_default: bool,
    }

    /// The default KMS key for EBS encryption.
    pub struct EbsDefaultKmsKeyId {
        /// The ARN of the key, or `alias/aws/ebs` for the AWS managed key.
        pub kms_key_id: String,
    }

    /// Block public access for EBS snapshots.
    pub struct SnapshotBlockPublicAccess {
        /// `block-all-sharing` (no snapshot is public), `block-new-sharing` (snapshots that are
        /// public stay public) or `unblocked`.
        pub state: String,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Block public access for AMIs.
    pub struct ImageBlockPublicAccess {
        /// `block-new-sharing` (images that are public stay public) or `unblocked`.
        pub image_block_public_access_state: String,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Access to the EC2 serial console.
    pub struct SerialConsoleAccess {
        /// Whether access to the serial console is enabled.
        pub serial_console_access_enabled: bool,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// The Allowed AMIs settings.
    pub struct AllowedImagesSettings {
        /// `enabled`, `audit-mode` or `disabled`.
        pub state: String,
        /// The image criteria; an image must meet at least one of them.
        #[serde(default)]
        pub image_criteria: Vec<ImageCriterion>,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }
}

shape! { settings_shapes:
    /// One image criterion: all of its conditions must be met.
    pub struct ImageCriterion {
        /// The image providers: account ids, `amazon`, `aws-marketplace`, `aws-backup-vault`, or
        /// `none`.
        #[serde(default)]
        pub image_providers: Vec<String>,
        /// The AWS Marketplace product codes.
        #[serde(default)]
        pub marketplace_product_codes: Vec<String>,
        /// The image names, with the wildcards `*` and `?`.
        #[serde(default)]
        pub image_names: Vec<String>,
        /// The maximum time since deprecation.
        pub deprecation_time_condition: Option<DeprecationTimeCondition>,
        /// The maximum age.
        pub creation_date_condition: Option<CreationDateCondition>,
    }

    /// The maximum time since the deprecation of an image.
    pub struct DeprecationTimeCondition {
        /// The maximum number of days; 0 allows no deprecated image.
        pub maximum_days_since_deprecated: Option<i64>,
    }

    /// The maximum age of an image.
    pub struct CreationDateCondition {
        /// The maximum number of days.
        pub maximum_days_since_created: Option<i64>,
    }

    /// The default instance metadata options; if a field is absent, the account has no default for
    /// it.
    pub struct InstanceMetadataDefaultsResponse {
        /// `required`: only IMDSv2 works. `optional`: IMDSv1 works too.
        pub http_tokens: Option<String>,
        /// The hop limit of the responses to PUT requests, which carry the IMDSv2 token.
        pub http_put_response_hop_limit: Option<i64>,
        /// `enabled` or `disabled`.
        pub http_endpoint: Option<String>,
        /// Whether instance tags are available from IMDS: `enabled` or `disabled`.
        pub instance_metadata_tags: Option<String>,
        /// `enabled`: instances that do not require IMDSv2 cannot be launched.
        pub http_tokens_enforced: Option<String>,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// VPC Block Public Access.
    pub struct VpcBlockPublicAccessOptions {
        /// `off`, `block-ingress` (only inbound traffic is blocked) or `block-bidirectional`.
        pub internet_gateway_block_mode: Option<String>,
        /// `default-state`, `update-in-progress` or `update-complete`.
        pub state: Option<String>,
        /// `allowed` or `not-allowed`.
        pub exclusions_allowed: Option<String>,
        /// What manages the setting: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
        /// The reason for the state.
        pub reason: Option<String>,
        /// When the options were last updated.
        pub last_update_timestamp: Option<Time>,
    }

    /// An exclusion from VPC Block Public Access.
    pub struct VpcBlockPublicAccessExclusion {
        /// The exclusion's id.
        pub exclusion_id: Option<String>,
        /// The ARN of the VPC or subnet.
        pub resource_arn: Option<String>,
        /// `allow-bidirectional` or `allow-egress` (only outbound traffic is allowed).
        pub internet_gateway_exclusion_mode: Option<String>,
        /// `create-complete`, `update-complete`, `disable-complete`, `delete-in-progress`, …
        pub state: Option<String>,
        /// The reason for the state.
        pub reason: Option<String>,
        /// When the exclusion was created.
        pub creation_timestamp: Option<Time>,
        /// When the exclusion was last updated.
        pub last_update_timestamp: Option<Time>,
        /// When the exclusion was deleted.
        pub deletion_timestamp: Option<Time>,
        /// The exclusion's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An account attribute.
    pub struct AccountAttribute {
        /// `default-vpc`, `max-instances`, `max-elastic-ips`, `supported-platforms`, …
        pub attribute_name: Option<String>,
        /// The attribute's values.
        #[serde(default)]
        pub attribute_values: Vec<AccountAttributeValue>,
    }

    /// One value of an account attribute.
    pub struct AccountAttributeValue {
        /// The value, or `none` if the attribute has no value.
        pub attribute_value: Option<String>,
    }
}
