//! Kinds of Amazon S3.

pub mod account;
pub mod bucket;
mod policy;

pub use policy::PolicyDocument;
