//! Snapshots: facts on disk, the only input of evaluation.
//!
//! A snapshot is a folder: `snapshot.json` (what was requested, for which accounts, by which version)
//! and one `<account id>.jsonl` per account: a header, one line per list, one per resource, one per
//! gap, and an end line; keys are sorted. A reader can distinguish *listed and empty*, *not requested*
//! and *truncated*.
//!
//! Folders have mode 0700 and files 0600. Files are written under a temporary name and renamed. Links
//! are not followed.

mod block;
mod error;
mod exhaustion;
mod format;
mod line;
mod lists;
mod merge;
mod read;
mod resume;
mod status;
mod stream;
mod targets_file;
mod write;

pub use crate::model::Resource;
pub use error::SnapshotError;
pub use exhaustion::{are_descriptors_exhausted, is_out_of_descriptors};
pub use format::{AccountHeader, FORMAT, Listed, Manifest, ManifestTarget, RunStamp, TargetList};
pub use lists::ListGaps;
pub use merge::{Merged, merge};
pub use read::{AccountSnapshot, Collected, Reader};
pub use resume::Needs;
pub use status::AccountStatus;
pub use stream::{AccountStream, Streamed};
pub use targets_file::TargetsFile;
pub use write::{ListLines, Resumed, Writer};
