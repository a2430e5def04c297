//! What several commands share: how a run is set up, where its targets come from, how accounts are
//! collected and evaluated, and how reports come out. Each command of [`crate::commands`] is made of
//! these.

#[cfg(feature = "aws")]
pub(crate) mod aws_session;
#[cfg(feature = "aws")]
pub(crate) mod collection;
pub mod error;
pub(crate) mod evaluation;
pub(crate) mod reporting;
pub(crate) mod resource_trace;
pub(crate) mod setup;
#[cfg(feature = "aws")]
pub(crate) mod targets;
pub mod terminal;
