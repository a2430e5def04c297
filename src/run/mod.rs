//! The steps that several commands share: setting up a run, resolving its targets, collecting and
//! evaluating accounts, and writing reports. The commands in [`crate::commands`] are built from them.

#[cfg(feature = "aws")]
pub(crate) mod aws_session;
pub(crate) mod closing;
#[cfg(feature = "aws")]
pub(crate) mod collection;
pub(crate) mod earlier_run;
pub mod error;
pub(crate) mod evaluation;
#[cfg(feature = "aws")]
pub(crate) mod fresh;
pub(crate) mod memory;
pub(crate) mod misnamed;
pub(crate) mod outputs;
pub(crate) mod placeholders;
pub(crate) mod remediation;
pub(crate) mod reporting;
pub(crate) mod resource_trace;
#[cfg(feature = "aws")]
pub(crate) mod run_json;
pub(crate) mod setup;
pub(crate) mod sources;
#[cfg(feature = "aws")]
pub(crate) mod targets;
pub mod terminal;
pub(crate) mod timeline;
