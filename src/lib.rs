//! rolecall answers one question: which resources in which of our AWS accounts break which of our
//! rules, and what could we not see?
//!
//! The layers, from the bottom: [`model`] (words), [`facts`] and [`snapshot`] (what is known),
//! [`rules`] (scripts), evaluation ([`evaluate`], [`permissions`], [`plan`], [`report`]), [`output`]
//! (formats), `aws` (the only place that calls AWS), and the program ([`config`], [`cli`],
//! [`commands`]). Each imports only what stands before it; `tests/it/layers.rs` holds that.

#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod commands;
pub mod config;
pub mod diagnostics;
pub mod evaluate;
pub mod exit;
pub mod facts;
#[cfg(test)]
mod generated;
pub mod import;
#[cfg(feature = "aws")]
pub mod interrupts;
pub mod logging;
pub mod model;
pub mod output;
pub mod permissions;
pub mod plan;
#[cfg(feature = "aws")]
pub mod progress;
pub mod report;
pub mod rules;
pub mod run;
pub mod snapshot;
