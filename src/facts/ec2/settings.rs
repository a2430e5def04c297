//! `ec2.settings`: settings of EC2 that hold for a whole region of an account. There is exactly one
//! per region; it is not listed.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

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
    facts: &[
        FactSpec {
            name: "account_attributes",
            doc: "Attributes and limits of the account.",
            call: ApiCall::new("ec2:DescribeAccountAttributes"),
            shape: Shape::of::<Vec<AccountAttribute>>(),
        },
        FactSpec {
            name: "allowed_images_settings",
            doc: "Which images instances may be launched from.",
            call: ApiCall::new("ec2:GetAllowedImagesSettings"),
            shape: Shape::of::<AllowedImagesSettings>(),
        },
        FactSpec {
            name: "ebs_default_kms_key_id",
            doc: "The KMS key that encrypts new EBS volumes for which no key is named.",
            call: ApiCall::new("ec2:GetEbsDefaultKmsKeyId"),
            shape: Shape::of::<EbsDefaultKmsKeyId>(),
        },
        FactSpec {
            name: "ebs_encryption_by_default",
            doc: "Whether new EBS volumes are encrypted without being asked for.",
            call: ApiCall::new("ec2:GetEbsEncryptionByDefault"),
            shape: Shape::of::<EbsEncryptionByDefault>(),
        },
        FactSpec {
            name: "image_block_public_access",
            doc: "Whether images can be made public.",
            call: ApiCall::new("ec2:GetImageBlockPublicAccessState"),
            shape: Shape::of::<ImageBlockPublicAccess>(),
        },
        FactSpec {
            name: "instance_metadata_defaults",
            doc: "Metadata options of new instances for which neither the launch nor the image says otherwise.",
            call: ApiCall::new("ec2:GetInstanceMetadataDefaults")
                .answer("AccountLevel")
                .silence(Silence::Defaults),
            shape: Shape::of::<InstanceMetadataDefaultsResponse>(),
        },
        FactSpec {
            name: "serial_console_access",
            doc: "Whether the serial console of instances can be used.",
            call: ApiCall::new("ec2:GetSerialConsoleAccessStatus"),
            shape: Shape::of::<SerialConsoleAccess>(),
        },
        FactSpec {
            name: "snapshot_block_public_access",
            doc: "Whether EBS snapshots can be made public.",
            call: ApiCall::new("ec2:GetSnapshotBlockPublicAccessState"),
            shape: Shape::of::<SnapshotBlockPublicAccess>(),
        },
        FactSpec {
            name: "vpc_block_public_access_exclusions",
            doc: "VPCs and subnets that the block of public access leaves out.",
            call: ApiCall::new("ec2:DescribeVpcBlockPublicAccessExclusions").paged(1_000),
            shape: Shape::of::<Vec<VpcBlockPublicAccessExclusion>>(),
        },
        FactSpec {
            name: "vpc_block_public_access_options",
            doc: "Whether internet gateways of all VPCs are blocked.",
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
        /// Whether it is on.
        pub ebs_encryption_by_default: bool,
    }

    /// The default key of EBS encryption.
    pub struct EbsDefaultKmsKeyId {
        /// ARN of the key, or `alias/aws/ebs` for the key that AWS manages.
        pub kms_key_id: String,
    }

    /// Block of public access for snapshots.
    pub struct SnapshotBlockPublicAccess {
        /// `block-all-sharing`: no snapshot is public. `block-new-sharing`: those that are public
        /// stay so. `unblocked`.
        pub state: String,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Block of public access for images.
    pub struct ImageBlockPublicAccess {
        /// `block-new-sharing` (images that are public stay so) or `unblocked`.
        pub image_block_public_access_state: String,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Access to the serial console.
    pub struct SerialConsoleAccess {
        /// Whether it is possible.
        pub serial_console_access_enabled: bool,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Allowed images.
    pub struct AllowedImagesSettings {
        /// `enabled`, `audit-mode` or `disabled`.
        pub state: String,
        /// What an image must fulfill: any one of these.
        #[serde(default)]
        pub image_criteria: Vec<ImageCriterion>,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }
}

shape! { settings_shapes:
    /// One set of conditions for an image; all of them must hold.
    pub struct ImageCriterion {
        /// Owners: account ids, `amazon`, `aws-marketplace`, `aws-backup-vault`, or `none`.
        #[serde(default)]
        pub image_providers: Vec<String>,
        /// Product codes of AWS Marketplace.
        #[serde(default)]
        pub marketplace_product_codes: Vec<String>,
        /// Names, with `*` and `?`.
        #[serde(default)]
        pub image_names: Vec<String>,
        /// How long ago it may have been deprecated.
        pub deprecation_time_condition: Option<DeprecationTimeCondition>,
        /// How old it may be.
        pub creation_date_condition: Option<CreationDateCondition>,
    }

    /// How long ago an image may have been deprecated.
    pub struct DeprecationTimeCondition {
        /// Days; 0 allows no deprecated image.
        pub maximum_days_since_deprecated: Option<i64>,
    }

    /// How old an image may be.
    pub struct CreationDateCondition {
        /// Days.
        pub maximum_days_since_created: Option<i64>,
    }

    /// Defaults of the instance metadata service; a field that is absent has no default of the
    /// account's.
    pub struct InstanceMetadataDefaultsResponse {
        /// `required`: IMDSv2 only. `optional`: IMDSv1 works too.
        pub http_tokens: Option<String>,
        /// How many network hops a token's answer may travel.
        pub http_put_response_hop_limit: Option<i64>,
        /// `enabled` or `disabled`.
        pub http_endpoint: Option<String>,
        /// Whether tags can be read through IMDS: `enabled` or `disabled`.
        pub instance_metadata_tags: Option<String>,
        /// `enabled`: an instance that does not require IMDSv2 cannot be launched.
        pub http_tokens_enforced: Option<String>,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
    }

    /// Block of public access for VPCs.
    pub struct VpcBlockPublicAccessOptions {
        /// `off`, `block-ingress` (only traffic from the internet is blocked) or
        /// `block-bidirectional`.
        pub internet_gateway_block_mode: Option<String>,
        /// `default-state`, `update-in-progress` or `update-complete`.
        pub state: Option<String>,
        /// `allowed` or `not-allowed`.
        pub exclusions_allowed: Option<String>,
        /// Who set it: `account` or `declarative-policy`.
        pub managed_by: Option<String>,
        /// Why it is in its state.
        pub reason: Option<String>,
        /// When it was last changed.
        pub last_update_timestamp: Option<Time>,
    }

    /// A VPC or subnet that is left out of the block.
    pub struct VpcBlockPublicAccessExclusion {
        /// The exclusion's id.
        pub exclusion_id: Option<String>,
        /// ARN of the VPC or subnet.
        pub resource_arn: Option<String>,
        /// `allow-bidirectional`, or `allow-egress` for traffic to the internet only.
        pub internet_gateway_exclusion_mode: Option<String>,
        /// `create-complete`, `update-complete`, `disable-complete`, `delete-in-progress`, …
        pub state: Option<String>,
        /// Why it is in its state.
        pub reason: Option<String>,
        /// When it was made.
        pub creation_timestamp: Option<Time>,
        /// When it was last changed.
        pub last_update_timestamp: Option<Time>,
        /// When it was deleted.
        pub deletion_timestamp: Option<Time>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An attribute of the account.
    pub struct AccountAttribute {
        /// `default-vpc`, `max-instances`, `max-elastic-ips`, `supported-platforms`, …
        pub attribute_name: Option<String>,
        /// Its values.
        #[serde(default)]
        pub attribute_values: Vec<AccountAttributeValue>,
    }

    /// A value of an attribute.
    pub struct AccountAttributeValue {
        /// The value, `none` where there is none.
        pub attribute_value: Option<String>,
    }
}
