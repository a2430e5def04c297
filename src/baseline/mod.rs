//! Compares a run with an earlier report, and reports with each other.

mod alerts;
mod compare;
mod diff;
mod earlier;
mod evaluated;
mod groups;
mod history;
mod places;
mod read;
mod seen;
mod states;
#[cfg(test)]
mod tests;
mod unread;
mod unusable;

pub use alerts::{Before, CodeScanning};
pub use diff::{DiffError, diff};
pub use earlier::{Baseline, EarlierAccount};
pub use history::{HistoryError, history};
pub use places::{Code, Unplaced};
pub use read::BaselineError;
