//! Who can do what with the buckets of a snapshot, account by account.
//!
//! `access` decides it for one bucket. `output/who_can/` writes it.

mod bucket;
mod facts;
mod run;

pub use bucket::{AccountBuckets, BucketGap, BucketResult};
pub use run::{Accounts, BucketQuery, run};
