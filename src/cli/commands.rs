//! The commands, one struct for each. Tests check the examples in their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args::{
    AwsArgs, CodeArgs, Evaluation, FixNeeds, Global, Limits, Narrowing, Outputs, RuleSource,
    TraceArgs,
};
use super::doctor::DoctorArgs;
use super::inventory::InventoryArgs;
use super::paths::PathsArgs;
use super::permissions::PermissionsArgs;
use super::preview::PreviewArgs;
use super::remediate::RemediateArgs;
use super::reports::{DiffArgs, HistoryArgs, IndexArgs};
use super::shards::{MergeArgs, PartArgs, TargetsArgs};
use super::sinks::{NotifyArgs, UploadArgs};
use super::values::{Expires, ListFormat, ListSize};
use super::who_can::WhoCanArgs;
use crate::model::{AccountId, Partition, Region, Severity, Verdict, code_series};

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
    /// Resume an interrupted snapshot: collect only accounts that are missing or incomplete
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
    /// Resume an interrupted snapshot: collect only accounts that are missing or incomplete
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

/// `rolecall rules`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall rules
  $ rolecall rules --rule-profile all --topic encryption,logging
  $ rolecall rules --rule-profile all --kind 's3.*' --severity high
  $ rolecall rules --framework cis-aws-7.0 --format json
  $ rolecall rules --compare prowler

Lists the rules that a scan would run, grouped by topic. Rules that are not in the baseline profile are marked with the first \
profile that contains them: strict or all.

--compare lists the controls of another tool for S3, EC2 and VPC, each with the rules that report the same, or with the reason \
why there is none. Rules that a scan would not run are marked.")]
pub struct RulesArgs {
    /// Only rules that evaluate this kind of resource (`rolecall facts` lists all kinds); can be
    /// repeated or comma-separated
    #[arg(long, help_heading = "Filters", value_name = "GLOB", value_delimiter = ',', value_parser = super::values::glob)]
    pub kind: Vec<String>,
    /// Only rules of this severity or higher: critical, high, medium, low or info
    #[arg(long, help_heading = "Filters", value_name = "SEVERITY", value_parser = severity)]
    pub severity: Option<Severity>,
    /// Only built-in rules of this topic, such as encryption or network-exposure; can be repeated or
    /// comma-separated
    #[arg(long, help_heading = "Filters", value_name = "TOPIC", value_delimiter = ',')]
    pub topic: Vec<String>,
    /// Show which rules report what the controls of another tool report
    #[arg(long, value_enum, value_name = "TOOL", conflicts_with_all = ["kind", "severity", "topic", "hash"])]
    pub compare: Option<ComparedTool>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Print only the hash of your own rules, for `rules_sha256` in rolecall.toml
    #[arg(long, conflicts_with_all = ["format", "kind", "severity", "topic"])]
    pub hash: bool,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
}

/// A tool whose controls can be compared with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ComparedTool {
    /// Checks of Prowler
    Prowler,
    /// Controls of AWS Security Hub
    SecurityHub,
    /// Managed rules of AWS Config
    Config,
    /// Controls of the AWS Compliance mod for Powerpipe
    Powerpipe,
}

impl ComparedTool {
    /// Its name on the command line, and that of its file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prowler => "prowler",
            Self::SecurityHub => "security-hub",
            Self::Config => "config",
            Self::Powerpipe => "powerpipe",
        }
    }
}

/// Output format of commands that also generate documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DocFormat {
    /// Human-readable table
    #[default]
    Text,
    /// Machine-readable JSON
    Json,
    /// Markdown, for documentation
    Markdown,
}

/// `rolecall frameworks`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall frameworks
  $ rolecall frameworks cis-aws-7.0
  $ rolecall frameworks aws-fsbp --format markdown
  $ rolecall evaluate --snapshot nightly --framework cis-aws-7.0")]
pub struct FrameworksArgs {
    /// Framework to show [default: list all frameworks]
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Folder with your own rules, and optionally frameworks; can be repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// `rolecall test`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall test
  $ rolecall test my-rules
  $ rolecall test my-rules/my-rule.rhai --watch
  $ rolecall test --filter 's3-*/*public*'
  $ rolecall test my-rules --coverage --format junit > rules.xml

The test cases of a rule are in <id>.cases.json beside it.

Exit codes:
  0  all cases pass
  1  a case fails or a rule has no cases; with --coverage, also if a statement is not covered
  2  could not run: a usage error, a rule that does not compile, or an invalid test case file")]
pub struct TestArgs {
    /// Rule files or folders [default: the rule folders of the config, or else the built-in rules]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only cases whose `rule/name` matches; a rule id matches all cases of the rule
    #[arg(long, value_name = "GLOB", value_parser = super::values::glob)]
    pub filter: Option<String>,
    /// Run again when a rule or its cases change, until interrupted with Ctrl-C
    #[arg(long, conflicts_with = "format")]
    pub watch: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: TestFormat,
    /// Show statements that no case reaches
    #[arg(long)]
    pub coverage: bool,
}

/// Output format of test results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TestFormat {
    /// Human-readable text
    #[default]
    Text,
    /// JUnit XML, for CI systems
    Junit,
    /// Machine-readable JSON
    Json,
}

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

/// `rolecall import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall import --account 111122223333 --region eu-west-1 describe-security-groups.json describe-vpcs.json
  $ rolecall import --account 111122223333 --region eu-west-1 --snapshot data list-buckets.json get-bucket-policy.my-bucket.json
  $ rolecall import --account 111122223333 --region eu-west-1 ec2.security_group=groups.json s3.bucket/versioning@my-bucket=v.json
  $ rolecall import --account 111122223333 --region eu-west-2 --snapshot data --add describe-vpcs.json
  $ rolecall import --account 111122223333 --region eu-west-1 ec2.vpc=-

rolecall detects what a file contains from its name, if it is named after the AWS CLI command (describe-vpcs.json, \
get-bucket-policy.BUCKET.json), or from its fields, if only one call returns them. To specify the content explicitly:
  KIND=FILE                  the list of resources of a kind
  KIND/FACT=FILE             a fact of a region or account, or of all listed resources
  KIND/FACT@RESOURCE=FILE    a fact of one resource; an empty file counts as an empty response
If a file contains an error message from the AWS CLI, the fact counts as \"not configured\" if that is what the error means; otherwise, \
the fact is unknown. Facts that were not imported are unknown (not collected). A file that cannot be used is left out, and the data that \
it should have contained is unknown.

Exit codes:
  0  imported
  2  could not import: a usage error, or no usable file; nothing is written
  3  imported, but files were left out")]
pub struct ImportArgs {
    /// Account that the files are from
    #[arg(long, value_name = "ID")]
    pub account: AccountId,
    /// Region that the files are from
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Region,
    /// Partition of the account [default: that of the region]
    #[arg(long, value_name = "PARTITION")]
    pub partition: Option<Partition>,
    /// Time when the data was collected, in RFC 3339 format; in rules, `now()` returns it [default: the
    /// current time]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub collected_at: Option<jiff::Timestamp>,
    /// Folder to write to; must be new or empty, unless --add is given
    #[arg(long, help_heading = "Snapshot", value_name = "DIR", default_value = "imported")]
    pub snapshot: PathBuf,
    /// Add another account, another region or missing kinds to an existing snapshot
    #[arg(long, help_heading = "Snapshot")]
    pub add: bool,
    /// Output of the AWS CLI: FILE, KIND=FILE, KIND/FACT=FILE or KIND/FACT@RESOURCE=FILE; `-` is
    /// stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
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

fn region(written: &str) -> Result<Region, String> {
    match written.parse::<Region>() {
        Ok(region) if region.is_global() => {
            Err("use the region that the files are from, such as `eu-west-1`".to_owned())
        }
        other => other.map_err(|error| error.to_string()),
    }
}

fn time(written: &str) -> Result<jiff::Timestamp, String> {
    let time =
        written.parse().map_err(|_| "use RFC 3339, for example 2026-01-31T08:15:02Z".to_owned());
    // Snapshots have a precision of seconds.
    time.and_then(|time: jiff::Timestamp| {
        jiff::Timestamp::from_second(time.as_second()).map_err(|error| error.to_string())
    })
}

/// `rolecall lint`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall lint
  $ rolecall lint my-rules
  $ rolecall lint my-rules/s3-bucket-logging.rhai --format json
  $ rolecall lint my-rules --format github

Without paths, the waivers of the config are checked as well: they must expire within a year.

Exit codes:
  0  no errors
  1  errors
  2  could not run: a path does not exist or cannot be read")]
pub struct LintArgs {
    /// Rule files or folders [default: the rule folders of the config, or else the built-in rules]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: LintFormat,
}

/// `rolecall waive`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall waive 0123456789abcdef0123456789abcdef --report report.json --reason 'public website' --owner web-team --expires 90d
  $ rolecall waive 0123456789abcdef0123456789abcdef --report report.json --reason 'migration' --owner data-team --expires 2027-01-31 --ticket SEC-42
  $ rolecall waive --import prowler mutelist.yaml --expires 90d --owner security-team

Appends [[waiver]] tables to a file, without changing anything else in it. Scans use the file if `waiver_files` in \
[scan] lists it.

Exit codes:
  0  every finding is waived now
  2  could not run, for example because the report has no such finding; nothing is written
  3  with --import: entries were left out")]
pub struct WaiveArgs {
    /// Fingerprints of the findings, from the JSON report; with --import, the file to import
    #[arg(required = true, value_name = "FINGERPRINT|FILE")]
    pub items: Vec<String>,
    /// JSON report with the findings
    #[arg(long, value_name = "FILE", required_unless_present = "import")]
    pub report: Option<PathBuf>,
    /// Why the problem is accepted; with --import, the reason of entries without a description
    #[arg(long, value_name = "TEXT", value_parser = super::values::words)]
    #[arg(required_unless_present = "import")]
    pub reason: Option<String>,
    /// Who accepts the problem [with --import, the default is `imported from Prowler`]
    #[arg(long, value_name = "TEXT", value_parser = super::values::words)]
    #[arg(required_unless_present = "import")]
    pub owner: Option<String>,
    /// Last day on which the waivers apply, at most a year from now: a date such as 2027-01-31, or a
    /// number of days such as 90d
    #[arg(long, value_name = "DATE|DAYS")]
    pub expires: Expires,
    /// Ticket about the problem
    #[arg(long, value_name = "TEXT", value_parser = super::values::words)]
    pub ticket: Option<String>,
    /// File to append to; created if missing [default: the first of `waiver_files` in the config, or
    /// else waivers.toml beside the config]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Import a mute list of another scanner instead
    #[arg(long, value_enum, value_name = "SCANNER", conflicts_with = "report")]
    pub import: Option<MuteList>,
}

/// Mute lists that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MuteList {
    /// The YAML file of Prowler's option --mutelist-file
    Prowler,
}

/// Output format of `rolecall lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LintFormat {
    /// Human-readable text, with source lines
    #[default]
    Text,
    /// Machine-readable JSON
    Json,
    /// SARIF, for code scanning
    Sarif,
    /// Annotations, for GitHub Actions
    Github,
}

/// `rolecall explain`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall explain
  $ rolecall explain R030
  $ rolecall explain s3-bucket-versioning
  $ rolecall explain my-rules/my-rule.rhai --source
  $ rolecall explain s3-bucket-versioning --format markdown
  $ rolecall explain 0123456789abcdef0123456789abcdef --report rolecall.json

With --report, the topic is the fingerprint of a finding: prints the lines of code that cause it, and a patch for `git apply` if another \
literal value fixes it. [[source]] in the config says where the code is.")]
pub struct ExplainArgs {
    /// Rule id, rule file, lint code, or with --report a fingerprint [default: list all codes]
    #[arg(value_name = "RULE|CODE|FINGERPRINT")]
    pub topic: Option<String>,
    /// JSON report with the finding whose code is shown
    #[arg(long, value_name = "FILE", requires = "topic", conflicts_with = "source")]
    pub report: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Also print the source of the rule
    #[arg(long)]
    pub source: bool,
    /// Folder with rules that add to the built-in ones, or replace those with the same id; can be
    /// repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// `rolecall new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall new ebs-volume-own-key --kind ec2.volume
  $ rolecall new s3-bucket-logging --kind s3.bucket --dir my-rules --severity low

Writes <id>.rhai and <id>.cases.json: a rule that checks one field of the kind, a passing and a failing test case, and a \
list of the fields that the rule can read. Existing files are never overwritten.")]
pub struct NewArgs {
    /// Rule id: lowercase words, separated by hyphens
    #[arg(value_name = "ID")]
    pub id: String,
    /// Resource kind to check (`rolecall facts` lists all kinds)
    #[arg(long, value_name = "KIND")]
    pub kind: String,
    /// Folder to write to [default: the first of rule_folders in the config, or else my-rules]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Severity of failures: critical, high, medium, low or info
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = severity)]
    pub severity: Severity,
}

pub(super) fn severity(written: &str) -> Result<Severity, String> {
    written.parse().map_err(|error: crate::model::UnknownSeverity| {
        let meant = crate::model::did_you_mean(written, Severity::ALL.map(Severity::as_str));
        meant.map_or_else(|| error.to_string(), |meant| format!("did you mean `{meant}`?"))
    })
}

/// `rolecall record`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall record --snapshot nightly --rule my-rules/my-rule.rhai --resource sg-0123456789abcdef0 --expect fail
  $ rolecall record --snapshot nightly --rule my-rule --rules my-rules --resource web --expect pass --redact --name \"closed\"
  $ rolecall record --snapshot nightly --rule s3-bucket-versioning --resource my-bucket --expect fail > cases.json

The test case contains what the rule reads from the resource and from related resources. It is added to the test case file \
beside the rule; for a built-in rule without --cases, it is printed. It is evaluated first and is not written if it fails.

--redact replaces everything except words that AWS defines, numbers, booleans, times, wide ranges of addresses, and \
strings that the rule itself contains; equal values stay equal. Strings of more than four digits are replaced, because \
they can be account ids or telephone numbers. The values that were kept are printed. Review the test case before you share it.")]
pub struct RecordArgs {
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Rule id or rule file
    #[arg(long, value_name = "ID|FILE")]
    pub rule: String,
    /// ARN, id or name of the resource
    #[arg(long, value_name = "ARN|ID")]
    pub resource: String,
    /// Expected verdict: pass, fail, skip, unknown or error
    #[arg(long, value_name = "VERDICT", value_parser = verdict)]
    pub expect: Verdict,
    /// Name of the test case [default: the name of the resource]
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub name: Option<String>,
    /// Replace values that identify the resource and its owner
    #[arg(long)]
    pub redact: bool,
    /// Test case file to add to [default: the one beside the rule]
    #[arg(long, value_name = "FILE")]
    pub cases: Option<PathBuf>,
    /// Folder with rules that add to the built-in ones, or replace those with the same id; can be
    /// repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
}

fn verdict(written: &str) -> Result<Verdict, String> {
    let names = Verdict::ALL.map(Verdict::as_str);
    Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == written).ok_or_else(|| {
        let meant = crate::model::did_you_mean(written, names);
        meant.map_or_else(
            || format!("use {}", code_series(names, "or")),
            |meant| format!("did you mean `{meant}`?"),
        )
    })
}
