//! The S3 collectors against the fake AWS, with responses that follow S3's API reference.

mod access_points;
mod buckets;
mod lists;
mod object_acls;
mod regions;

pub(in crate::aws) use lists::list;

const ACCOUNT: &str = "111111111111";
