//! Applies an approved plan, and nothing else: [`approve`] checks that the plan may be applied,
//! [`engine`] decides what is written and when, [`journal`] records it before it happens, and
//! [`report`] says what became of each finding.
//!
//! A [`crate::fixes::Writer`] reads and writes; nothing here calls AWS.

pub mod approve;
pub mod engine;
pub mod journal;
pub mod outcome;
pub mod report;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
