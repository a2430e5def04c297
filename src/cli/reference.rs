//! The commands that show what rules can use: facts and helpers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `rolecall facts`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall facts
  $ rolecall facts ec2.security_group
  $ rolecall facts s3.bucket --format json-schema > bucket.schema.json")]
pub struct FactsArgs {
    /// Resource kind to show [default: list all kinds]
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: FactsFormat,
}

/// Output format of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FactsFormat {
    /// Human-readable text
    #[default]
    Text,
    /// JSON Schema of the facts
    JsonSchema,
    /// Markdown, for documentation
    Markdown,
}

/// `rolecall helpers`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall helpers
  $ rolecall helpers internet_openings
  $ rolecall helpers --format json")]
pub struct HelpersArgs {
    /// Helper to show [default: list all helpers]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: HelpersFormat,
}

/// Output format of helpers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum HelpersFormat {
    /// Human-readable text
    #[default]
    Text,
    /// Markdown, for documentation
    Markdown,
    /// Machine-readable JSON
    Json,
}

/// `rolecall definitions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall definitions my-rules

The Rhai language server reads the *.d.rhai files of a project. Files that rolecall did not write are never overwritten.")]
pub struct DefinitionsArgs {
    /// Folder to write to; created if missing
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
