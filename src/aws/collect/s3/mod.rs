//! Kinds of Amazon S3.

pub(in crate::aws) mod account;
pub(in crate::aws) mod bucket;
