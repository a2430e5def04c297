//! Who can do what with a bucket, and through what: the bucket policy, the ACL, and the policies of
//! access points, after Block Public Access, Object Ownership and explicit denies.
//!
//! Everything is a pure function of typed facts. Identity policies of IAM, ACLs of objects, and policies
//! of access points of other accounts are not known here.

mod analysis;
mod conditions;
mod denied;
mod facts;
mod foreign;
mod grant;
mod joint;
mod piece;
mod relation;
mod settings;
mod who;

pub use crate::policy::actions::{Ability, is_every_action};
pub use analysis::analyze;
pub use facts::{AccessPointFacts, BucketFacts};
pub use grant::{BlockedGrant, BucketAccess, Grant, Public, Source, Step, Unread};
pub use who::{Who, WhoKind};

#[cfg(test)]
mod tests;
