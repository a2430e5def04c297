//! The writer of each action.

use futures::future::BoxFuture;

use super::session::WriteSession;
use super::{ec2, s3};
use crate::fixes::{Change, Sent, WriteError};

/// Carries a change out, or asks AWS whether it would.
pub(super) type WriteFn =
    for<'a> fn(&'a WriteSession, &'a Change, bool) -> BoxFuture<'a, Result<Sent, WriteError>>;

/// Every action with its writer, sorted by name.
pub(super) static WRITERS: &[(&str, WriteFn)] = &[
    ("ec2.security_group.authorize", |session, change, dry_run| {
        Box::pin(ec2::security_group::authorize(session, change, dry_run))
    }),
    ("ec2.security_group.revoke", |session, change, dry_run| {
        Box::pin(ec2::security_group::revoke(session, change, dry_run))
    }),
    ("s3.bucket.block_public_access", |session, change, _| {
        Box::pin(s3::bucket_public_access_block::put(session, change))
    }),
    ("s3.bucket.set_public_access_block", |session, change, _| {
        Box::pin(s3::bucket_public_access_block::put(session, change))
    }),
];

/// The writer of an action.
pub(super) fn writer(action: &str) -> Option<WriteFn> {
    WRITERS.iter().find(|(name, _)| *name == action).map(|(_, write)| *write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixes::ACTIONS;

    #[test]
    fn every_action_has_a_writer() {
        let without: Vec<&str> = ACTIONS
            .iter()
            .map(|action| action.name)
            .filter(|name| writer(name).is_none())
            .collect();
        assert!(without.is_empty(), "no writer for {without:?}");
        assert!(WRITERS.is_sorted_by_key(|(name, _)| *name));
    }
}
