//! Applies an approved plan, and nothing else: [`approve`] checks that the plan may be applied,
//! [`fresh`] compares it with a plan made of facts of this moment, [`engine`] decides what is written and
//! when, [`journal`] records it before it happens, [`report`] says what became of each finding, and
//! [`undo`] makes a plan from a journal that restores what was there before.
//!
//! A [`crate::fixes::Writer`] reads and writes; nothing here calls AWS.

pub mod approve;
mod difference;
pub mod engine;
pub mod fresh;
pub mod job;
pub mod journal;
mod journal_file;
pub mod outcome;
pub mod report;
mod shared;
pub mod undo;

#[cfg(test)]
mod doubt_tests;
#[cfg(test)]
mod dry_run_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod journal_failure_tests;
#[cfg(test)]
mod journal_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod undo_tests;
