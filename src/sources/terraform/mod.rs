//! Terraform and OpenTofu: from the id of a resource in AWS to the line of the code, by the states of a
//! root module and its code.
//!
//! [`state`] reads which address has which id, [`relations`] which types configure a resource or bring
//! it along, [`links`] joins both, [`hcl`] and [`code`] read the code, [`modules`] finds the block of an
//! address, and [`locate`] its line. [`around`] goes the other way, from a line to its block. Terraform
//! is not run, and nothing is downloaded.

pub(super) mod address;
pub(super) mod around;
mod code;
mod evaluate;
mod evidence;
pub(super) mod files;
mod hcl;
mod links;
mod locate;
mod modules;
mod place;
mod planned;
mod relations;
mod root;
mod state;

#[cfg(any(test, fuzzing))]
pub mod fuzz;
#[cfg(test)]
mod tests;

pub use code::TERRAGRUNT;
pub use files::is_code;
pub use planned::{Plan, PlannedResource};
pub(super) use relations::has_tags_of;
pub use root::{Root, StateInput};
