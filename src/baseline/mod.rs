//! Compares a run with an earlier report.

mod alerts;
mod earlier;
#[cfg(test)]
mod tests;
mod unread;

pub use alerts::{Before, CodeScanning};
pub use earlier::{Baseline, BaselineError, EarlierAccount};
