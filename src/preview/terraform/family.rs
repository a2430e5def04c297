//! Which types of Terraform the id in an argument is of, and what else can have such ids.

use std::collections::BTreeSet;

/// What an id can be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Resources with these ids, or addresses if their ids are not known.
    These(BTreeSet<String>),
    /// These, or ones of other regions or accounts.
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
    /// What ids begin with; `None` if somebody chooses them, so that they can be computed from other strings.
    pub prefix: Option<&'static str>,
}

const FAMILIES: &[Family] = &[
    Family {
        argument: "security_group_id",
        types: &["aws_security_group", "aws_default_security_group"],
        ids: &["id"],
        default: Some("default_security_group_id"),
        prefix: Some("sg-"),
    },
    Family {
        argument: "bucket",
        types: &["aws_s3_bucket", "aws_s3_directory_bucket"],
        ids: &["id", "bucket"],
        default: None,
        prefix: None,
    },
    Family {
        argument: "route_table_id",
        types: &["aws_route_table", "aws_default_route_table"],
        ids: &["id"],
        default: Some("main_route_table_id"),
        prefix: Some("rtb-"),
    },
    Family {
        argument: "network_acl_id",
        types: &["aws_network_acl", "aws_default_network_acl"],
        ids: &["id"],
        default: Some("default_network_acl_id"),
        prefix: Some("acl-"),
    },
    Family {
        argument: "image_id",
        types: &["aws_ami", "aws_ami_copy", "aws_ami_from_instance"],
        ids: &["id"],
        default: None,
        prefix: Some("ami-"),
    },
    Family {
        argument: "snapshot_id",
        types: &["aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_snapshot_import"],
        ids: &["id"],
        default: None,
        prefix: Some("snap-"),
    },
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
        self.argument == "bucket"
            && self.is_satellite(type_name)
            && type_name != "aws_s3_bucket_object"
    }

    /// Whether somebody chooses the ids, so that they can be computed from other strings.
    pub fn has_chosen_ids(&self) -> bool {
        self.prefix.is_none()
    }

    /// Whether a text can be nothing else than such an id.
    pub fn is_id(&self, text: &str) -> bool {
        self.prefix.is_some_and(|prefix| text.starts_with(prefix))
    }
}
