//! `rolecall doctor`.

use std::path::PathBuf;

use clap::Args;

use super::args::{AwsArgs, CodeArgs, Evaluation, Narrowing, Outputs, RuleSource};
use super::values::ListFormat;

/// `rolecall doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall doctor
  $ rolecall doctor --output json=reports/nightly.json --output sarif=nightly.sarif --snapshot nightly
  $ rolecall doctor --account 'prod-*' --rule 's3-*'
  $ rolecall doctor --format json > doctor.json

Accepts the options of `scan` and checks what a scan with these options would need: config, rules, outputs, credentials, the clock, \
the organization, and in each account the role, the regions and the IAM actions. Each action is tried once per account, in \
one region: a short page of a list, or one call for the first resource of a list. Actions that need a resource are not \
checked in accounts that have none. Nothing is collected, no report is written, and nothing is changed in AWS.

Exit codes:
  0  no check failed; there may be warnings
  2  a scan could not start: config, rules, outputs, credentials, clock or organization
  3  a scan would be incomplete: the role, a region or an action of an account; accepted gaps do not count
When both apply, 2 takes precedence over 3. Without support for AWS in the build, the exit code is 2.")]
pub struct DoctorArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
    /// Time limit for each account
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub timeout: u16,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// The snapshot folder of the scan
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Whether the scan resumes the snapshot
    #[arg(long, help_heading = "Snapshot", requires = "snapshot")]
    pub resume: bool,
    /// Whether the scan collects accounts again if the snapshot was collected for less
    #[arg(long, help_heading = "Snapshot", requires = "resume")]
    pub recollect: bool,
    /// The code of failures.
    #[command(flatten)]
    pub code: CodeArgs,
    /// Outputs.
    #[command(flatten)]
    pub outputs: Outputs,
    /// When the scan fails; not used by the checks.
    #[command(flatten)]
    pub evaluation: Evaluation,
}
