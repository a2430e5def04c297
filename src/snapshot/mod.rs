//! Facts on disk: the only thing that evaluation reads.
//!
//! A snapshot is a folder: `snapshot.json` (what was asked for, of whom, by which version) and one
//! `<account id>.jsonl` per account: a header, one line per list that was made, one per resource,
//! one per gap, an end line; keys sorted. A reader can tell *listed and empty* from *never asked*
//! from *cut off*.
//!
//! Folders are 0700 and files 0600; files are written under a temporary name and renamed; links are
//! not followed.

mod error;
mod exhaustion;
mod format;
mod read;
mod write;

pub use crate::model::Resource;
pub use error::SnapshotError;
pub use exhaustion::{are_descriptors_exhausted, is_out_of_descriptors};
pub use format::{AccountHeader, FORMAT, Listed, Manifest, ManifestTarget, Roll};
pub use read::{AccountSnapshot, Collected, Reader};
pub use write::{AccountWriter, Writer};
