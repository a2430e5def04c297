//! What is known about who has access to the buckets of an account.

use crate::access::BucketAccess;
use crate::model::{AccountId, Cause, Region};
use crate::snapshot::AccountStatus;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketResult {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// Who has access.
    pub access: BucketAccess,
}

/// A list that could not be read, so that the buckets are not all known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketGap {
    /// The region; global for the whole account.
    pub region: Region,
    /// Why.
    pub cause: Cause,
}

/// The buckets of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBuckets {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// Whether it was read.
    pub status: AccountStatus,
    /// When it was collected.
    pub collected_at: Option<String>,
    /// The buckets, sorted by name.
    pub buckets: Vec<BucketResult>,
    /// What could not be read.
    pub gaps: Vec<BucketGap>,
}

impl AccountBuckets {
    /// Whether something that matters to a bucket was not read.
    pub fn has_unknown(&self) -> bool {
        self.buckets.iter().any(|bucket| bucket.access.is_incomplete())
    }
}
