//! Kinds of Amazon EC2 and VPC.

pub(in crate::aws) mod instance;
pub(in crate::aws) mod security_group;
pub(in crate::aws) mod settings;
pub(in crate::aws) mod volume;

use aws_sdk_ec2::types::Tag;

use crate::facts::Tags;

/// How many resources a page has: the most that EC2 gives.
const PAGE: i32 = 1_000;

fn tags(tags: Option<Vec<Tag>>) -> Tags {
    tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

/// The tag that people give for a name.
fn name(tags: &Tags) -> Option<String> {
    tags.get("Name").filter(|name| !name.is_empty()).cloned()
}
