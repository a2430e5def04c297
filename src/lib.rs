//! rolecall scans many AWS accounts for resources that violate rules, and reports what it could not
//! read.
//!
//! The layers, from the bottom: [`model`] (core types), [`diagnostics`], [`facts`] and [`snapshot`]
//! (collected data), [`import`], [`rules`] (scripts), evaluation ([`evaluate`], [`permissions`],
//! [`plan`], [`report`]), [`output`] (report formats), `aws` (the only module that calls AWS), and
//! the program ([`config`], [`cli`], [`run`], [`commands`]). Each layer imports only from the layers
//! below it; `tests/it/layers.rs` checks this.

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
