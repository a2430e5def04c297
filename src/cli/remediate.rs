//! `rolecall remediate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{Narrowing, RuleSource};

/// `rolecall remediate`.
#[derive(Debug, Clone, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  $ rolecall remediate plan --snapshot nightly --output plan.json
  $ rolecall remediate show plan.json
  $ rolecall remediate show plan.json --format markdown > plan.md

A plan lists the changes that would fix findings: what each one changes, from what to what, whether it can break something, \
and how it is undone. Nothing is changed."
)]
pub struct RemediateArgs {
    /// The step.
    #[command(subcommand)]
    pub step: RemediateCommand,
}

/// A step of remediation.
#[derive(Debug, Clone, Subcommand)]
pub enum RemediateCommand {
    /// Plan fixes for the findings of a snapshot, without access to AWS
    Plan(Box<RemediatePlanArgs>),
    /// Show a plan for review
    Show(ShowArgs),
}

/// `rolecall remediate plan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate plan --snapshot nightly --output plan.json
  $ rolecall remediate plan --snapshot nightly --rule 's3-*' --account 'sandbox-*' > plan.json
  $ rolecall remediate plan --snapshot nightly --unsafe-fixes --output plan.json

A plan contains safe fixes only. Unsafe ones, which can break a workload, are planned with --unsafe-fixes, for rules that \
the config allows: [rules.\"<id>\".fix] unsafe = true.

Exit codes:
  0  the plan was written
  2  could not run, for example because of a usage error, or an invalid config or rule
  3  the plan was written, but something that it depends on could not be read, or a rule failed with an error")]
pub struct RemediatePlanArgs {
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// File to write the plan to; `-` is stdout
    #[arg(short, long, help_heading = "Output", value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Plan unsafe fixes of rules that the config allows
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
}

/// `rolecall remediate show`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate show plan.json
  $ rolecall remediate show plan.json --format markdown > plan.md
  $ rolecall remediate show - < plan.json

Exit codes:
  0  shown
  2  could not run: a usage error, or a file that is not a plan, or that was edited")]
pub struct ShowArgs {
    /// Plan to show; `-` is stdin
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ShowFormat,
}

/// Output format of `rolecall remediate show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ShowFormat {
    /// Human-readable text
    #[default]
    Text,
    /// Markdown, for pull requests
    Markdown,
    /// Machine-readable JSON, version 1
    Json,
}
