//! Paths from the internet to the instances of a snapshot, account by account.
//!
//! This module decides what is reachable. `output/paths/` writes it.

mod facts;
mod run;
mod target;

pub use run::{Accounts, PathQuery, run};
pub use target::{AccountPaths, Outcome, PathGap, PathTarget};
