//! The commands. One struct each; the help of a command ends with examples that a test types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args::{Evaluation, Global, Narrowing, Outputs, RuleSource};
use super::values::ListSize;
use crate::model::{AccountId, Partition, Region, Severity, Verdict};

const EXIT_CODES: &str = "\
Exit codes:
  0  clean and complete
  1  failures at or over --fail-on
  2  could not run: usage, config, a rule that does not compile
  3  incomplete: something that the rules need could not be read, or a rule broke
  2 goes over 3, and 3 over 1.";

/// Calls the roll of AWS accounts: which resources break which rules, and what could not be seen.
#[derive(Debug, Parser)]
#[command(
    name = "rolecall",
    version,
    about = "Scans S3 and EC2 in many AWS accounts with rules written as scripts, and never says pass when it could not look",
    after_help = "Begin with `rolecall init`, then `rolecall permissions`, then `rolecall scan`.\n`rolecall help COMMAND` shows examples.",
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect facts from all accounts, evaluate them, report
    Scan(ScanArgs),
    /// Collect facts into a snapshot, without evaluating them
    Collect(CollectArgs),
    /// Evaluate a snapshot and report, without AWS
    Evaluate(EvaluateArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Run the cases of rules: do they say what they must?
    Test(TestArgs),
    /// List the frameworks, or the requirements of one with the rules that decide them
    Frameworks(FrameworksArgs),
    /// Show what rules can read: kinds, their fields, the calls that supply them
    Facts(FactsArgs),
    /// Show what rules can call: functions, what they mean, examples
    Helpers(HelpersArgs),
    /// Write definition files by which editors know helpers and kinds
    Definitions(DefinitionsArgs),
    /// Make a snapshot of what the AWS CLI printed, without AWS
    Import(ImportArgs),
    /// Write a commented rolecall.toml
    Init(InitArgs),
    /// Show what the configured scan will ask of AWS, and how often
    Plan(PlanArgs),
    /// Print the IAM policies that the configured scan needs
    Permissions(PermissionsArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Check rule files without running them
    Lint(LintArgs),
    /// Explain a rule, or a code that lint prints
    Explain(ExplainArgs),
    /// Begin a rule: a working example with its cases
    New(NewArgs),
    /// Make a case of a resource in a snapshot
    Record(RecordArgs),
}

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
    /// How AWS is reached.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Keep what was collected in this folder; else it is deleted at the end
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Go on with a snapshot that was interrupted: only accounts that are missing or cut off are
    /// collected
    #[arg(long, help_heading = "Snapshot", requires = "snapshot")]
    pub resume: bool,
    /// Outputs.
    #[command(flatten)]
    pub outputs: Outputs,
    /// What makes the run fail.
    #[command(flatten)]
    pub evaluation: Evaluation,
}

/// How AWS is reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// AWS profile for the base credentials
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Accounts collected at once [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
}

/// `rolecall collect`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall collect --snapshot nightly
  $ rolecall collect --snapshot nightly --resume
  $ rolecall collect --snapshot one --account 111122223333 --rule 's3-*'

Exit codes:
  0  complete
  2  could not run: usage, config, a rule that does not compile
  3  incomplete: something that the rules need could not be read")]
pub struct CollectArgs {
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules: they decide what is asked of AWS.
    #[command(flatten)]
    pub rules: RuleSource,
    /// How AWS is reached.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// Folder to write; it must be new or empty, or be resumed
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Go on with a snapshot that was interrupted: only accounts that are missing or cut off are
    /// collected
    #[arg(long, help_heading = "Snapshot")]
    pub resume: bool,
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
    /// Folder that `collect` or `scan --snapshot` wrote
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Evaluate one resource only, named by its ARN, its id or its name, and show what the rules read
    /// of it
    #[arg(long, help_heading = "Trace", value_name = "ARN|ID", requires = "trace")]
    pub resource: Option<String>,
    /// Show every value that the rules read, in order, with its line; --output is text or json
    #[arg(long, help_heading = "Trace", requires = "resource")]
    pub trace: bool,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// Outputs.
    #[command(flatten)]
    pub outputs: Outputs,
    /// What makes the run fail.
    #[command(flatten)]
    pub evaluation: Evaluation,
}

/// `rolecall rules`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall rules
  $ rolecall rules --rule-profile all
  $ rolecall rules --rule 's3-*'
  $ rolecall rules --rules my-rules --format json

The rules are those that a scan would run. A rule that the profile baseline lacks is marked with the first one, strict
or all, that has it.")]
pub struct RulesArgs {
    /// A table for people, JSON with everything that is known of each rule, or their pages as
    /// Markdown
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
}

/// How something is printed that is also documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DocFormat {
    /// A table for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// Markdown for documentation
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
    /// The framework to show; without it all are listed
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// A table for people, JSON for programs, Markdown for documentation
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Folder of rules that may have frameworks of its own; can be repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// A table for people
    #[default]
    Text,
    /// JSON for programs
    Json,
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

The cases of a rule stand beside it, in <id>.cases.json.

Exit codes:
  0  every rule says what its cases expect
  1  a case is different, or cases are missing; with --coverage also where no case reaches a statement
  2  could not run: usage, a rule that does not compile, cases that cannot be read")]
pub struct TestArgs {
    /// Rule files or folders of rules; without any the folders of the config, else the built-in
    /// rules
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only cases whose `rule/name` matches; a rule's id alone means all of its cases
    #[arg(long, value_name = "GLOB", value_parser = super::values::glob)]
    pub filter: Option<String>,
    /// Run again whenever a rule or its cases are saved; Ctrl-C ends it
    #[arg(long, conflicts_with = "format")]
    pub watch: bool,
    /// Text for people, JUnit XML for CI, JSON for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: TestFormat,
    /// Show the statements that no case reaches
    #[arg(long)]
    pub coverage: bool,
}

/// How the outcome of tests is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TestFormat {
    /// Text for people
    #[default]
    Text,
    /// JUnit XML for CI
    Junit,
    /// JSON for programs
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
    /// The kind to show; without it all kinds are listed
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Text for people, JSON Schema for tools, Markdown for documentation
    #[arg(long, value_enum, default_value_t)]
    pub format: FactsFormat,
}

/// How kinds are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FactsFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON Schema for tools
    JsonSchema,
    /// Markdown for documentation
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
    /// The helper to show; without it all are listed
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Text for people, Markdown for documentation, JSON for tools
    #[arg(long, value_enum, default_value_t)]
    pub format: HelpersFormat,
}

/// How helpers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum HelpersFormat {
    /// Text for people
    #[default]
    Text,
    /// Markdown for documentation
    Markdown,
    /// JSON for tools
    Json,
}

/// `rolecall definitions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall definitions my-rules

The Rhai language server reads the files *.d.rhai of a project. A file that rolecall did not write is never overwritten.")]
pub struct DefinitionsArgs {
    /// The folder to write to; it is made if there is none
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

A file is told by its name, the command of the CLI (describe-vpcs.json, get-bucket-policy.BUCKET.json), or by its fields
where one call alone answers with them. What a file is can be said:
  KIND=FILE                  the list of a kind
  KIND/FACT=FILE             a fact of a whole region or account, or one answer for all resources of the list
  KIND/FACT@RESOURCE=FILE    a fact of one resource; an empty file then is the empty answer
A file with the error that the CLI printed is \"not configured\" where AWS means that, and unknown otherwise. What was not
imported is unknown: not collected.

Exit codes:
  0  imported
  2  could not: usage, or a file that is not what it should be; then nothing is written")]
pub struct ImportArgs {
    /// The account that the files are of
    #[arg(long, value_name = "ID")]
    pub account: AccountId,
    /// The region that the files are of
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Region,
    /// The partition of the account [default: that of the region]
    #[arg(long, value_name = "PARTITION")]
    pub partition: Option<Partition>,
    /// When the data was collected, RFC 3339; it is `now()` for rules [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub collected_at: Option<jiff::Timestamp>,
    /// Folder to write; it must be new or empty, or be added to
    #[arg(long, help_heading = "Snapshot", value_name = "DIR", default_value = "imported")]
    pub snapshot: PathBuf,
    /// Add to the snapshot in that folder: another account, another region, or kinds that it does
    /// not have
    #[arg(long, help_heading = "Snapshot")]
    pub add: bool,
    /// What the CLI printed: FILE, KIND=FILE, KIND/FACT=FILE or KIND/FACT@RESOURCE=FILE; `-` for
    /// FILE is stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

/// `rolecall init`. The file is that of `--config`, or `rolecall.toml`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  $ rolecall init
  $ rolecall init --config audit/rolecall.toml

A file that exists is never overwritten.")]
pub struct InitArgs {}

/// `rolecall plan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall plan
  $ rolecall plan --rule 's3-*' --resources s3.bucket=2000
  $ rolecall plan --snapshot nightly --format json

AWS is not asked anything: the sizes of lists are those of the snapshot, or assumed.")]
pub struct PlanArgs {
    /// Earlier snapshot that tells how many resources there are
    #[arg(long, value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Resources to assume in each list, of every kind or of one; can be repeated [default: 100]
    #[arg(long, value_name = "[KIND=]N")]
    pub resources: Vec<ListSize>,
    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
}

/// `rolecall permissions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall permissions
  $ rolecall permissions target > target-policy.json
  $ rolecall permissions trust --principal arn:aws:iam::111122223333:role/ci
  $ rolecall permissions central --config rolecall.toml

External ids are not printed; a placeholder stands in their place.")]
pub struct PermissionsArgs {
    /// The one policy to print; without it one JSON object with all of them
    #[arg(value_enum)]
    pub policy: Option<PolicyKind>,
    /// ARN of the central role or user, for trust policies; can be repeated
    #[arg(long, value_name = "ARN", value_parser = principal)]
    pub principal: Vec<String>,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
}

/// A policy of the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// What the role in each target account may do
    Target,
    /// Who may assume the role in each target account: the hub role if there is one, else the
    /// central identity
    Trust,
    /// What the central identity may do: assume the target roles, or the hub role
    Central,
    /// What the hub role may do: assume the target roles
    Hub,
    /// Who may assume the hub role: the central identity
    HubTrust,
    /// What the role of `[organization]` may do: read the accounts and units of the organization
    Organization,
    /// Who may assume the role of `[organization]`: the central identity
    OrganizationTrust,
}

/// `rolecall completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall completions bash > ~/.local/share/bash-completion/completions/rolecall
  $ rolecall completions zsh > ~/.zfunc/_rolecall
  $ rolecall completions fish > ~/.config/fish/completions/rolecall.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn region(written: &str) -> Result<Region, String> {
    match written.parse::<Region>() {
        Ok(region) if region.is_global() => {
            Err("name the region that regional answers are of, such as `eu-west-1`".to_owned())
        }
        other => other.map_err(|error| error.to_string()),
    }
}

fn time(written: &str) -> Result<jiff::Timestamp, String> {
    let time = written.parse().map_err(|_| "write it in RFC 3339: 2026-01-31T08:15:02Z".to_owned());
    // Seconds are what snapshots keep.
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

Exit codes:
  0  no mistakes
  1  mistakes
  2  could not run: a path that does not exist or cannot be read")]
pub struct LintArgs {
    /// Rule files and folders; without any the rule folders of the config, or else the built-in
    /// rules
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How mistakes are printed
    #[arg(long, value_enum, default_value_t)]
    pub format: LintFormat,
}

/// How mistakes in rules are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LintFormat {
    /// For people, with the lines at fault
    #[default]
    Text,
    /// For programs
    Json,
    /// For code scanning
    Sarif,
    /// Annotations of GitHub Actions
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
  $ rolecall explain s3-bucket-versioning --format markdown")]
pub struct ExplainArgs {
    /// The id or the file of a rule, or a code; without it all codes are listed
    #[arg(value_name = "RULE|CODE")]
    pub topic: Option<String>,
    /// Text for people, JSON for programs, Markdown for documentation
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
    /// Print the script of the rule too
    #[arg(long)]
    pub source: bool,
    /// Folder of rules that add to the built-in ones, or replace those of the same id; can be
    /// repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

fn principal(written: &str) -> Result<String, String> {
    let arn: crate::model::Arn =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    match arn.service.as_str() {
        "iam" => Ok(arn.to_string()),
        "sts" if arn.resource.starts_with("assumed-role/") => {
            Err("this is a session; name the role that it came from: arn:aws:iam::111122223333:role/name".to_owned())
        }
        _ => Err("a principal is a role, a user or an account: arn:aws:iam::111122223333:role/name".to_owned()),
    }
}

/// `rolecall new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall new ebs-volume-own-key --kind ec2.volume
  $ rolecall new s3-bucket-logging --kind s3.bucket --dir my-rules --severity low

Writes <id>.rhai and <id>.cases.json: a rule that evaluates one field of the kind, with a case that passes and one that
fails, and a list of what it can read. A file that exists is never overwritten.")]
pub struct NewArgs {
    /// The id of the rule: lower-case words with hyphens between them
    #[arg(value_name = "ID")]
    pub id: String,
    /// The kind that it evaluates (`rolecall facts` lists them)
    #[arg(long, value_name = "KIND")]
    pub kind: String,
    /// Folder to write to [default: the first of the config's rule_folders, else my-rules]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// How bad a failure is: critical, high, medium, low or info
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = severity)]
    pub severity: Severity,
}

fn severity(written: &str) -> Result<Severity, String> {
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

The case has what the rule reads of the resource and of those that it looks up. It is added to the cases beside the rule;
for a built-in rule without --cases it is printed. It is evaluated before it is written: a case that would not hold is not.

--redact replaces account ids, ids, ARNs, names, descriptions and the values of tags, the same by the same. Addresses,
ports, and what the rule itself names stay: they decide. Read the case before you pass it on.")]
pub struct RecordArgs {
    /// Folder that `collect` or `scan --snapshot` wrote
    #[arg(long, value_name = "DIR")]
    pub snapshot: PathBuf,
    /// The id or the file of the rule
    #[arg(long, value_name = "ID|FILE")]
    pub rule: String,
    /// The resource: its ARN, its id or its name
    #[arg(long, value_name = "ARN|ID")]
    pub resource: String,
    /// What the rule must say: pass, fail, skip, unknown or error
    #[arg(long, value_name = "VERDICT", value_parser = verdict)]
    pub expect: Verdict,
    /// What the case shows [default: who the resource is]
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub name: Option<String>,
    /// Replace what tells whose resource it is
    #[arg(long)]
    pub redact: bool,
    /// Cases file to add to [default: the one beside the rule]
    #[arg(long, value_name = "FILE")]
    pub cases: Option<PathBuf>,
    /// Folder of rules that add to the built-in ones, or replace those of the same id; can be
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
            || format!("use {}", names.join(", ")),
            |meant| format!("did you mean `{meant}`?"),
        )
    })
}
