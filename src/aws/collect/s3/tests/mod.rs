//! The S3 collectors against the fake AWS, with responses that follow S3's API reference.

mod access_points;
mod buckets;
mod lists;

pub(in crate::aws) use lists::list;

const ACCOUNT: &str = "111111111111";
