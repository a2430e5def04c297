//! The config file, `rolecall.toml`: its format, its limits and its errors. All errors are reported
//! at once, with line and column. Rule ids and parameters can only be checked when rules are loaded;
//! [`Config::rule_diagnostic`] and similar methods then point into the file.
//!
//! Rule folders are relative to the folder of the config file, because they belong together. Output
//! paths are relative to the working directory, as on the command line.
//!
//! `template.toml` documents every key; `rolecall init` writes it.

mod accounts;
mod error;
mod load;
mod mask;
mod organization;
mod remediation;
mod rules;
mod sections;
mod settings;
mod sources;
mod storage;
mod tags;
mod targets;
#[cfg(test)]
mod tests;
mod trust;
mod values;

pub use error::ConfigError;
pub use load::{FileError, without_secrets};
pub use settings::{Config, FILE_NAME, OUTPUT_FORMATS, TEMPLATE};
pub use sources::{CodeSettings, DEFAULT_STATE, SourceSettings};
