//! The commands that show rules and frameworks.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::RuleSource;
use super::values::severity;
use crate::model::Severity;

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
    #[arg(
        long,
        help_heading = "Filters",
        value_name = "TOPIC",
        visible_alias = "tag",
        value_delimiter = ','
    )]
    pub topic: Vec<String>,
    /// Show which rules report what the controls of another tool report
    #[arg(long, value_enum, value_name = "TOOL", conflicts_with_all = ["kind", "severity", "topic", "hash"])]
    pub compare: Option<ComparedTool>,
    /// Output format.
    #[command(flatten)]
    pub format: DocFormatArgs,
    /// Print only the hash of your own rules, for `rules_sha256` in rolecall.toml
    #[arg(long, conflicts_with_all = ["format", "json", "kind", "severity", "topic"])]
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

/// Options for the output format of commands that also generate documentation.
#[derive(Debug, Clone, Copy, Args)]
pub struct DocFormatArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: DocFormat,
    /// Same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl DocFormatArgs {
    /// The format that was asked for.
    pub fn chosen(self) -> DocFormat {
        if self.json { DocFormat::Json } else { self.format }
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
    /// Output format.
    #[command(flatten)]
    pub format: DocFormatArgs,
    /// Folder with your own rules, and optionally frameworks; can be repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
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
    /// Output format.
    #[command(flatten)]
    pub format: DocFormatArgs,
    /// Also print the source of the rule
    #[arg(long)]
    pub source: bool,
    /// Folder with rules that add to the built-in ones, or replace those with the same id; can be
    /// repeated
    #[arg(long, help_heading = "Rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}
