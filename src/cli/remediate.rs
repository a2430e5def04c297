//! `rolecall remediate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{AwsArgs, CodeArgs, Limits, Narrowing, RuleSource};
use super::values::duration;

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
  $ rolecall remediate apply plan.json --approved sha256:…
  $ rolecall remediate undo plan.json.journal --output undo.json

A plan lists the changes that would fix findings: what each one changes, from what to what, whether it can break something, \
and how it is undone. Only `apply` changes anything."
)]
pub struct RemediateArgs {
    /// The step.
    #[command(subcommand)]
    pub step: RemediateCommand,
}

/// A step of remediation.
#[derive(Debug, Clone, Subcommand)]
pub enum RemediateCommand {
    /// Plan fixes for the findings of a snapshot, or of accounts that are collected first
    Plan(Box<RemediatePlanArgs>),
    /// Show a plan for review
    Show(ShowArgs),
    /// Carry out an approved plan, exactly as it was approved
    Apply(Box<ApplyArgs>),
    /// Check which findings of a plan or a journal pass now
    Verify(Box<VerifyArgs>),
    /// Plan to undo what a journal says was applied
    Undo(UndoArgs),
}

/// `rolecall remediate plan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate plan --output plan.json
  $ rolecall remediate plan --snapshot nightly --output plan.json
  $ rolecall remediate plan --snapshot nightly --rule 's3-*' --account 'sandbox-*' > plan.json
  $ rolecall remediate plan --snapshot nightly --unsafe-fixes --output plan.json

Without --snapshot, the accounts are collected into a temporary folder, which is deleted at the end. A snapshot should have been \
collected with --fixes: otherwise, facts that only fixes need are missing, and the fixes that need them are not planned.

A plan contains safe fixes only. Unsafe ones, which can break a workload or raise costs, are planned with --unsafe-fixes, for rules that \
the config allows: [rules.\"<id>\".fix] unsafe = true.

Exit codes:
  0  the plan was written
  2  could not run, for example because of a usage error, or an invalid config or rule
  3  the plan was written, but something that it depends on could not be read, or a rule failed with an error")]
pub struct RemediatePlanArgs {
    /// Snapshot folder, written by `collect --fixes` [default: collect the accounts first]
    #[arg(long, help_heading = "Snapshot", value_name = "DIR", conflicts_with_all = ["profile", "concurrency", "deadline"])]
    pub snapshot: Option<PathBuf>,
    /// Limits of the collection.
    #[command(flatten)]
    pub limits: Limits,
    /// File to write the plan to; `-` is stdout
    #[arg(short, long, help_heading = "Output", value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Plan unsafe fixes of rules that the config allows
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// The code of failures, where they are fixed.
    #[command(flatten)]
    pub code: CodeArgs,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
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
  2  could not run: a usage error, or a file that is not a plan as rolecall writes it

A plan whose content was edited is shown like any other, with another hash: compare the hash with the approved one.")]
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

/// `rolecall remediate apply`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate apply plan.json --approved sha256:2f0c…
  $ rolecall remediate apply plan.json --approved sha256:2f0c… --only 5f3a1c,9bd2e0
  $ rolecall remediate apply plan.json --approved sha256:2f0c… --unsafe-fixes --journal runs/42.journal

The accounts are read again first. An item whose resource, rule or settings have changed since the plan was made is left alone. \
Everything is recorded in the journal before it happens; the same command continues a run that was interrupted.

Exit codes:
  0  all items are done and verified
  1  some items were not changed, or were changed by somebody else since, or a finding is not confirmed as fixed
  2  could not run, and nothing was changed, for example because the plan is not the approved one
  3  for some it is not known whether they were changed, something could not be read, or the journal or
     the report could not be written
When several apply, 2 takes precedence over 3, and 3 over 1.")]
pub struct ApplyArgs {
    /// Plan to carry out
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Hash of the approved plan, as `remediate show` prints it
    #[arg(long, value_name = "HASH")]
    pub approved: String,
    /// File that records the run [default: the plan with `.journal` at the end]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Journal of the run that the plan undoes, for a plan of `rolecall remediate undo`
    #[arg(long, value_name = "JOURNAL")]
    pub undoes: Option<PathBuf>,
    /// Carry out only these items, by the beginnings of their ids; can be repeated or comma-separated
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub only: Vec<String>,
    /// Carry out at most so many items [default: `max_changes` in [remediation], or 25]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_changes: Option<u32>,
    /// Carry out unsafe fixes of rules that the config allows; the plan must have been made with it
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Wait at most so long for a change to become visible [default: as long as the action can take]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Source identity of the sessions that write, such as the approver; CloudTrail shows it
    #[arg(long, value_name = "NAME", value_parser = source_identity)]
    pub source_identity: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// A source identity as STS accepts it:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
fn source_identity(written: &str) -> Result<String, &'static str> {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (2..=64).contains(&written.len()) && written.chars().all(is_valid) {
        return Ok(written.to_owned());
    }
    Err("use 2 to 64 letters, digits and characters of `_+=,.@-`")
}

/// Output format of `rolecall remediate apply` and `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// Human-readable text
    #[default]
    Text,
    /// Machine-readable JSON, version 1
    Json,
}

/// `rolecall remediate verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate verify plan.json
  $ rolecall remediate verify plan.json.journal

Exit codes:
  0  all findings pass now, or their resources no longer exist
  1  some findings still fail
  2  could not run
  3  some findings could not be checked
When several apply, 2 takes precedence over 3, and 3 over 1.")]
pub struct VerifyArgs {
    /// Plan or journal with the findings
    #[arg(value_name = "PLAN|JOURNAL")]
    pub file: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// `rolecall remediate undo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall remediate undo plan.json.journal --output undo.json
  $ rolecall remediate show undo.json
  $ rolecall remediate apply undo.json --approved sha256:… --undoes plan.json.journal

Nothing is undone before the new plan is approved and applied: it opens things again. A resource that is not as `apply` left it is \
left alone.

Exit codes:
  0  the plan undoes everything that was changed
  1  some changes cannot be undone
  2  could not run
  3  something could not be read
When several apply, 2 takes precedence over 3, and 3 over 1.")]
pub struct UndoArgs {
    /// Journal of the run to undo
    #[arg(value_name = "JOURNAL")]
    pub journal: PathBuf,
    /// File to write the plan to; `-` is stdout
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
}
