//! rolecall scans many AWS accounts for resources that violate rules, and reports what it could not
//! read.
//!
//! The layers, from the bottom: `model` (core types), `diagnostics`, `facts` and `snapshot`
//! (collected data), `import`, `preview` (planned changes), `fixes` (actions that change resources), `exposure` (what the internet
//! reaches), `sources` (code that declares resources), `rules` (scripts), evaluation (`evaluate`, `permissions`, `plan`, `remediation`, `report`, `baseline`, `waivers`, `inventory`, `paths`), `output` (report formats), `http` and `sinks` (services that
//! receive reports), `aws` (the only module that calls AWS), and the program (`config`, `staging`, `cli`, `run`, `commands`, `lambda`). Each layer imports only from the layers
//! below it; `tests/it/layers.rs` checks this.

#![cfg_attr(
    not(all(feature = "aws", feature = "lambda", feature = "remediate")),
    allow(
        dead_code,
        unused_imports,
        reason = "collection, the function and applying plans use the rest of these modules"
    )
)]

mod access;
#[cfg(feature = "aws")]
mod aws;
mod baseline;
mod cli;
mod commands;
mod config;
mod diagnostics;
mod evaluate;
mod exit;
mod exposure;
mod facts;
mod fixes;
#[cfg(test)]
mod generated;
#[cfg(feature = "http")]
mod http;
mod import;
#[cfg(feature = "aws")]
mod interrupts;
mod inventory;
#[cfg(feature = "lambda")]
mod lambda;
mod logging;
mod model;
mod output;
mod paths;
mod permissions;
mod plan;
mod policy;
mod preview;
#[cfg(feature = "aws")]
mod progress;
mod remediation;
mod report;
mod rules;
mod run;
#[cfg(feature = "http")]
mod sinks;
mod snapshot;
mod sources;
mod staging;
mod waivers;
mod who_can;

pub use cli::{Cli, Global};
pub use commands::{long_version, run_command, version_only};
pub use exit::Exit;
#[cfg(feature = "lambda")]
pub use lambda::is_function;
pub use logging::{print_failure, start as start_logging};
pub use run::error::CommandError;
pub use run::terminal::stderr_color;

/// What benches, fuzz targets and integration tests use beside the binary. Not an API.
#[doc(hidden)]
pub mod internals {
    pub use crate::facts::{KINDS, Kind, PolicyDocument, action, ec2, kind, normalize};
    pub use crate::model::{AccountId, Globs, Placeholders, Region, Resource, Verdict};
    pub use crate::rules::{
        AccountFacts, LoadError, Pack, Rule, RuleFilter, RuleOutcome, STACK_SIZE, Sandbox,
        SelectedRule, cases, find_script, load, script_of, select,
    };

    /// Properties that hold for any input, for the fuzz targets.
    #[cfg(fuzzing)]
    pub mod fuzz {
        pub use crate::preview::fuzz::plan;
        pub use crate::rules::fuzz::*;
        pub use crate::sources::cloudformation::fuzz::template;
        pub use crate::sources::terraform::fuzz::*;
    }
}
