//! All commands, and the arguments of those that no other module has. Tests check the examples in their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::args::{
    AwsArgs, CodeArgs, Evaluation, FixNeeds, Global, Limits, Narrowing, Outputs, RuleSource,
    TraceArgs,
};
use super::authoring::{LintArgs, NewArgs, RecordArgs, TestArgs};
use super::doctor::DoctorArgs;
use super::import::ImportArgs;
use super::inventory::InventoryArgs;
use super::paths::PathsArgs;
use super::permissions::PermissionsArgs;
use super::preview::PreviewArgs;
use super::reference::{DefinitionsArgs, FactsArgs, HelpersArgs};
use super::remediate::RemediateArgs;
use super::reports::{DiffArgs, HistoryArgs, IndexArgs};
use super::rules::{ExplainArgs, FrameworksArgs, RulesArgs};
use super::shards::{MergeArgs, PartArgs, TargetsArgs};
use super::sinks::{NotifyArgs, UploadArgs};
use super::values::{ListFormat, ListSize};
use super::waive::WaiveArgs;
use super::who_can::WhoCanArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  complete, and no failures of severity --fail-on or higher
  1  failures of severity --fail-on or higher
  2  could not run, for example because of a usage error, or an invalid config or rule
  3  incomplete: something that the rules need could not be read, or a rule failed with an error
When several apply, 2 takes precedence over 3, and 3 over 1.";

/// Scans AWS accounts for resources that violate rules, and reports what it could not read.
#[derive(Debug, Parser)]
#[command(
    name = "rolecall",
    version,
    about = "Compliance scanner for S3, EC2 and VPC across many AWS accounts. What it could not read is reported as unknown, never as pass",
    after_help = "To get started, run `rolecall init`, `rolecall permissions` and `rolecall scan`.\n`rolecall help COMMAND` shows examples.",
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub struct Cli {
    /// Options of all commands.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect facts from all accounts, evaluate rules and write reports
    Scan(ScanArgs),
    /// Collect facts into a snapshot, without evaluating rules
    Collect(CollectArgs),
    /// List the accounts of a run that several processes collect, divided into shards
    Targets(TargetsArgs),
    /// Merge what the shards of a run collected into one snapshot
    Merge(MergeArgs),
    /// Check whether a scan would work: config, outputs, credentials and permissions
    Doctor(DoctorArgs),
    /// Evaluate a snapshot and write reports, without access to AWS
    Evaluate(EvaluateArgs),
    /// Show which failures a Terraform plan or a change set would introduce or fix
    Preview(Box<PreviewArgs>),
    /// Compare two JSON reports: new and fixed findings, and what could not be checked
    Diff(DiffArgs),
    /// Show how findings changed across JSON reports
    History(HistoryArgs),
    /// Write a page with links to the reports of many nights
    Index(IndexArgs),
    /// Upload reports to a service: GitHub code scanning
    Upload(UploadArgs),
    /// Post what is new to a chat: Slack or Teams
    Notify(NotifyArgs),
    /// Write the resources of a snapshot as tables, or count them
    Inventory(InventoryArgs),
    /// Show which instances of a snapshot the internet reaches, and how
    Paths(PathsArgs),
    /// Show who can do what with the buckets of a snapshot, and through what
    #[command(name = "who-can")]
    WhoCan(WhoCanArgs),
    /// List rules
    Rules(RulesArgs),
    /// Run the test cases of rules
    Test(TestArgs),
    /// List frameworks, or show the requirements of one and the rules that check them
    Frameworks(FrameworksArgs),
    /// Show resource kinds, their fields and the API calls that supply them
    Facts(FactsArgs),
    /// Show the functions that rules can call, with examples
    Helpers(HelpersArgs),
    /// Write type definitions for editor support
    Definitions(DefinitionsArgs),
    /// Create a snapshot from output of the AWS CLI, without access to AWS
    Import(ImportArgs),
    /// Write a commented rolecall.toml
    Init(InitArgs),
    /// Show which AWS API calls a scan would make, and how many
    Plan(PlanArgs),
    /// Print the IAM policies that a scan needs
    Permissions(Box<PermissionsArgs>),
    /// Print shell completions
    Completions(CompletionsArgs),
    /// Write man pages and shell completions, for packages
    #[command(hide = true)]
    Manuals(ManualsArgs),
    /// Check rule files and waivers without running the rules
    Lint(LintArgs),
    /// Waive findings of a report for a limited time
    Waive(WaiveArgs),
    /// Plan fixes for findings; show, apply, verify and undo plans
    Remediate(RemediateArgs),
    /// Explain a rule or a lint code
    Explain(ExplainArgs),
    /// Create a rule: a working example with test cases
    New(NewArgs),
    /// Record a test case from a resource in a snapshot
    Record(RecordArgs),
    /// Run as an AWS Lambda function
    Lambda(LambdaArgs),
}

/// `rolecall lambda`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall lambda

Answers the events of a Lambda function: targets, collect, report and scan. Without arguments, the program does so whenever it runs as a \
function, so it can be the file `bootstrap` of a zip file. It requires the feature `lambda`.

Exit codes:
  0  Lambda ended the function
  2  this is not a Lambda function, or the program was built without the feature")]
pub struct LambdaArgs {}

/// `rolecall scan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = format!("\
Examples:
  $ rolecall scan
  $ rolecall scan --output text --output sarif=rolecall.sarif
  $ rolecall scan --account 'prod-*' --rule 's3-*,ec2-*' --fail-on none
  $ rolecall scan --snapshot nightly --resume

{EXIT_CODES}"))]
pub struct ScanArgs {
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Keep the snapshot in this folder [default: a temporary folder, deleted at the end]
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Resume an interrupted snapshot: collect only accounts that are missing or could not be
    /// accessed
    #[arg(long, help_heading = "Snapshot", requires = "snapshot")]
    pub resume: bool,
    /// With --resume, collect accounts again if the snapshot was collected for fewer rules or
    /// regions, or if a deadline cut them short
    #[arg(long, help_heading = "Snapshot", requires = "resume")]
    pub recollect: bool,
    /// Limits of the collection.
    #[command(flatten)]
    pub limits: Limits,
    /// The code of failures.
    #[command(flatten)]
    pub code: CodeArgs,
    /// Outputs.
    #[command(flatten)]
    pub outputs: Outputs,
    /// When the run fails.
    #[command(flatten)]
    pub evaluation: Evaluation,
    /// The timeline.
    #[command(flatten)]
    pub trace: TraceArgs,
}

/// `rolecall collect`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall collect --snapshot nightly
  $ rolecall collect --snapshot nightly --resume --deadline 14m
  $ rolecall collect --snapshot one --account 111122223333 --rule 's3-*'
  $ rolecall collect --snapshot nightly --fixes

Exit codes:
  0  complete
  2  could not run, for example because of a usage error, or an invalid config or rule
  3  incomplete: something that the rules need could not be read")]
pub struct CollectArgs {
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules, which determine what is collected.
    #[command(flatten)]
    pub rules: RuleSource,
    /// What fixes need.
    #[command(flatten)]
    pub needs: FixNeeds,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Folder to write to; must be new or empty, unless --resume is given
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Resume an interrupted snapshot: collect only accounts that are missing or could not be
    /// accessed
    #[arg(long, help_heading = "Snapshot")]
    pub resume: bool,
    /// With --resume, collect accounts again if the snapshot was collected for fewer rules or
    /// regions, or if a deadline cut them short
    #[arg(long, help_heading = "Snapshot", requires = "resume")]
    pub recollect: bool,
    /// Limits of the collection.
    #[command(flatten)]
    pub limits: Limits,
    /// Shards.
    #[command(flatten)]
    pub part: PartArgs,
    /// The timeline.
    #[command(flatten)]
    pub trace: TraceArgs,
}

/// `rolecall evaluate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = format!("\
Examples:
  $ rolecall evaluate --snapshot nightly
  $ rolecall evaluate --snapshot nightly --output json=report.json --fail-on medium
  $ rolecall evaluate --snapshot nightly --rules my-rules --rule my-rule
  $ rolecall evaluate --snapshot nightly --rule my-rules/my-rule.rhai --resource sg-0123456789abcdef0 --trace
  $ rolecall evaluate --snapshot nightly --framework cis-aws-7.0

{EXIT_CODES}"))]
pub struct EvaluateArgs {
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Evaluate only this resource, given by its ARN, id or name, and show what the rules read
    #[arg(long, help_heading = "Trace", value_name = "ARN|ID", requires = "trace")]
    pub resource: Option<String>,
    /// With --resource, show every value that the rules read, in order, with line numbers; --output
    /// sets the format, text or json. Otherwise, write a timeline of the evaluation to this file, as
    /// trace events for Perfetto (ui.perfetto.dev) or chrome://tracing
    #[arg(long, help_heading = "Trace", value_name = "FILE", num_args = 0..=1)]
    pub trace: Option<Option<PathBuf>>,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// The code of failures.
    #[command(flatten)]
    pub code: CodeArgs,
    /// Outputs.
    #[command(flatten)]
    pub outputs: Outputs,
    /// When the run fails.
    #[command(flatten)]
    pub evaluation: Evaluation,
}

/// `rolecall init`. Writes the file of `--config`, or `rolecall.toml`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  $ rolecall init
  $ rolecall init --config audit/rolecall.toml

An existing file is never overwritten.")]
pub struct InitArgs {}

/// `rolecall plan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall plan
  $ rolecall plan --rule 's3-*' --resources s3.bucket=2000
  $ rolecall plan --snapshot nightly --format json

No AWS call is made: the numbers of resources are taken from the snapshot, or assumed.")]
pub struct PlanArgs {
    /// Earlier snapshot to take the numbers of resources from
    #[arg(long, value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Number of resources to assume per list, for all kinds or for one; can be repeated [default: 100]
    #[arg(long, value_name = "[KIND=]N")]
    pub resources: Vec<ListSize>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// What fixes need.
    #[command(flatten)]
    pub needs: FixNeeds,
}

/// `rolecall completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall completions bash > ~/.local/share/bash-completion/completions/rolecall
  $ rolecall completions zsh > ~/.zfunc/_rolecall
  $ rolecall completions fish > ~/.config/fish/completions/rolecall.fish")]
pub struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `rolecall manuals`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall manuals target/manuals

Writes man/*.1, and completions for Bash, Fish, PowerShell and Zsh in completions/. Existing files are overwritten.")]
pub struct ManualsArgs {
    /// Folder to write to; created if missing
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
