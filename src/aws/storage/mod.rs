//! S3 as a place for rolecall's own files: target lists, snapshots, reports.

mod client;
mod upload;

pub use client::{Storage, StorageError};
pub use upload::{Existing, Upload};
