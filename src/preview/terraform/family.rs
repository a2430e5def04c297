//! Which types of Terraform the id in an argument is of, and what else can have such ids.

use std::collections::BTreeSet;

/// What an id can be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Resources with these ids, or addresses if their ids are not known.
    These(BTreeSet<String>),
    /// These, or something that the plan creates without saying so, such as a resource of a service.
    Among(BTreeSet<String>),
    /// Anything.
    All,
}

/// The types whose ids an argument takes.
#[derive(Debug)]
pub struct Family {
    /// The argument.
    pub argument: &'static str,
    /// The types.
    types: &'static [&'static str],
    /// The attributes that are the id.
    pub ids: &'static [&'static str],
    /// The attribute of a VPC that is the id of one that AWS creates with it.
    pub default: Option<&'static str>,
    /// What the names of attributes contain that have such ids.
    word: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        argument: "security_group_id",
        types: &["aws_security_group", "aws_default_security_group"],
        ids: &["id"],
        default: Some("default_security_group_id"),
        word: "security_group",
    },
    Family {
        argument: "bucket",
        types: &["aws_s3_bucket", "aws_s3_directory_bucket"],
        ids: &["id", "bucket"],
        default: None,
        word: "bucket",
    },
    Family {
        argument: "route_table_id",
        types: &["aws_route_table", "aws_default_route_table"],
        ids: &["id"],
        default: Some("main_route_table_id"),
        word: "route_table",
    },
    Family {
        argument: "network_acl_id",
        types: &["aws_network_acl", "aws_default_network_acl"],
        ids: &["id"],
        default: Some("default_network_acl_id"),
        word: "network_acl",
    },
    Family {
        argument: "image_id",
        types: &["aws_ami", "aws_ami_copy", "aws_ami_from_instance"],
        ids: &["id"],
        default: None,
        word: "ami",
    },
    Family {
        argument: "snapshot_id",
        types: &["aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_snapshot_import"],
        ids: &["id"],
        default: None,
        word: "snapshot",
    },
];

/// Types that have values of others, such as the outputs of a stack.
const CARRIERS: [&str; 6] = [
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set_instance",
    "aws_lambda_invocation",
    "aws_secretsmanager_secret_version",
    "aws_ssm_parameter",
];

/// Beginnings of types of other providers whose values are their own, or those of their arguments.
const OWN_VALUES: [&str; 8] =
    ["archive_", "local_", "null_", "random_", "terraform_data", "time_", "tls_", "cloudinit_"];

/// Data sources whose values are never ids of resources of the families.
const WITHOUT_IDS: [&str; 14] = [
    "aws_arn",
    "aws_availability_zone",
    "aws_availability_zones",
    "aws_caller_identity",
    "aws_canonical_user_id",
    "aws_default_tags",
    "aws_elb_service_account",
    "aws_iam_policy",
    "aws_iam_policy_document",
    "aws_iam_role",
    "aws_partition",
    "aws_region",
    "aws_service_principal",
    "tls_certificate",
];

impl Family {
    /// That of an argument.
    pub fn of(argument: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.argument == argument)
    }

    /// Whether a type is one of these.
    pub fn is_of(&self, type_name: &str) -> bool {
        self.types.contains(&type_name)
    }

    /// Whether a type has the id of one of these in the argument.
    pub fn is_satellite(&self, type_name: &str) -> bool {
        match self.argument {
            "bucket" => type_name.starts_with("aws_s3_bucket_"),
            "security_group_id" => {
                type_name == "aws_security_group_rule"
                    || type_name.starts_with("aws_vpc_security_group_")
            }
            _ => false,
        }
    }

    /// Whether the id of such a type is that of what it belongs to.
    pub fn is_known_by_id(&self, type_name: &str) -> bool {
        self.argument == "bucket" && type_name != "aws_s3_bucket_object"
    }

    /// Whether somebody chooses the ids, so that they can be computed from other strings.
    pub fn has_chosen_ids(&self) -> bool {
        self.argument == "bucket"
    }

    /// Whether an attribute that a provider computes can be the id of one of these.
    pub fn may_hold(&self, type_name: &str, attribute: &str) -> bool {
        // What satellites belong to is followed, and other values of theirs are their own.
        if self.is_of(type_name) || self.is_satellite(type_name) {
            return false;
        }
        if CARRIERS.contains(&type_name) {
            return true;
        }
        match type_name.starts_with("aws_") {
            true => attribute.contains(self.word),
            false => !OWN_VALUES.iter().any(|start| type_name.starts_with(start)),
        }
    }
}

/// Whether no value of a data source is an id.
pub fn holds_no_ids(type_name: &str) -> bool {
    WITHOUT_IDS.contains(&type_name)
}
