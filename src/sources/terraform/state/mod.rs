//! States of Terraform and OpenTofu: `terraform.tfstate` and `terraform state pull` (format 4), and the
//! output of `terraform show -json` for a state or a plan, of which the state before the plan is used.
//!
//! States contain secrets. Only addresses, ids, ARNs, accounts, regions and the attributes by which
//! resources refer to each other are kept (`relations`), and none of them if they are marked as
//! sensitive. Everything else is skipped while reading, so memory is bounded. Messages contain nothing
//! of a state.

mod error;
mod instance;
mod kept;
mod read;
mod scope;

pub use error::StateError;
pub use instance::Instance;
pub use read::read;
#[cfg(test)]
pub use read::read_at_most;
