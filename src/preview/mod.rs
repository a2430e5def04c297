//! What a change that is planned makes of an account: a plan of Terraform, or a change set of
//! CloudFormation, is converted to the resources before and after it (`terraform`), and the difference
//! is laid over a snapshot (`overlay`). What is known only after the change is unreadable.
//!
//! Nothing here runs Terraform or calls AWS. Values that a plan marks as sensitive are not read.

mod accounts;
mod adoption;
#[cfg(test)]
mod bucket_tests;
pub mod change_set;
mod common;
mod conflicts;
mod effects;
mod error;
mod existing;
mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod hidden;
mod in_use;
mod item;
mod launch;
mod lists;
mod merge;
mod overlay;
mod partial;
mod permissions;
mod policy_status;
mod refused;
mod resources;
mod shape;
mod table;
pub mod terraform;
mod tree;
mod unread;
mod unresolved;
mod written;

pub use accounts::{AccountOption, Accounts, RegionOption, Regions};
pub use adoption::KINDS as ADOPTED_KINDS;
pub use error::PreviewError;
pub use item::{Described, Item, ItemKey};
pub use launch::KINDS as LAUNCH_KINDS;
pub use overlay::{Overlaid, Overlay};
pub use terraform::Known;
pub use tree::Finishing;
pub use unread::{name_missing, name_unread, without_account, without_snapshot};
