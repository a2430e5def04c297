//! Kinds of Amazon S3.

pub mod account;
pub mod bucket;

pub use super::PolicyDocument;
