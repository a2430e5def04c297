//! `rolecall preview`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args};

use super::args::{CodeArgs, RuleSource};
use super::values::FailOn;
use crate::model::{code_series, did_you_mean, text};
use crate::preview::{AccountOption, RegionOption};

/// `rolecall preview`.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("change").required(true).args(["plan", "change_set"])), after_help = "\
Examples:
  $ rolecall preview --snapshot nightly --plan plan.json
  $ rolecall preview --snapshot nightly --plan plan.json --output markdown=comment.md --output sarif=preview.sarif
  $ rolecall preview --plan plan.json --account 111122223333
  $ rolecall preview --snapshot nightly --plan plan.json --source envs/prod --output github
  $ rolecall preview --snapshot nightly --plan plan.json --account prod=111122223333 --account audit=222233334444

The plan is laid over the snapshot: what it does not change stays as AWS returned it. Failures that the change would introduce are new \
failures. What is known only after the change is applied is never a pass or a failure, but not known until apply. Terraform is not run, and \
values that the plan marks as sensitive are not read.

Exit codes:
  0  no new or worse failures of severity --fail-on or higher
  1  new failures of severity --fail-on or higher, or failures of that severity that get worse
  2  could not run: a usage error, or a file that is not a usable plan or snapshot
  3  incomplete: something that the change concerns is not in the snapshot, or a rule failed with an error; with --strict, also what is not \
known until apply, and that the plan leaves changes to a later plan
When several apply, 2 takes precedence over 3, and 3 over 1. What AWS will refuse, so that the apply fails, and what becomes exposed by \
failures that exist already, are reported, but do not change the exit code.")]
pub struct PreviewArgs {
    /// JSON of a Terraform or OpenTofu plan, from `terraform show -json PLAN`, or `-` for stdin
    #[arg(long, help_heading = "Change", value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// JSON of a CloudFormation change set, from `aws cloudformation describe-change-set
    /// --include-property-values`, or `-` for stdin
    #[arg(long, help_heading = "Change", value_name = "FILE")]
    pub change_set: Option<PathBuf>,
    /// Account of the resources, or ALIAS=ID for those of a provider with this alias; can be repeated
    /// or comma-separated [default: as the plan says]
    #[arg(long, help_heading = "Change", value_name = "ID|ALIAS=ID", value_delimiter = ',')]
    pub account: Vec<AccountOption>,
    /// Region of the resources, or ALIAS=REGION for those of a provider with this alias, if the plan does
    /// not name it; can be repeated or comma-separated [default: as the plan says]
    #[arg(
        long,
        help_heading = "Change",
        value_name = "REGION|ALIAS=REGION",
        value_delimiter = ',',
        conflicts_with = "change_set"
    )]
    pub region: Vec<RegionOption>,
    /// Name of the configuration, for the category of code scanning [default: the folder of the plan]
    #[arg(long, help_heading = "Change", value_name = "NAME")]
    pub root: Option<String>,
    /// Snapshot folder of what exists, written by `collect` or `scan --snapshot` [default: only what
    /// the plan says is known]
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: Option<PathBuf>,
    /// Write the snapshot as it would be after the change to this folder, to look at it or to trace
    /// rules
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Assume AWS's current defaults where neither the plan nor the snapshot says what applies
    #[arg(long, help_heading = "Change")]
    pub assume_defaults: bool,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// The code.
    #[command(flatten)]
    pub code: CodeArgs,
    /// Format (text, json, markdown, sarif or github) and file, or `-` for stdout; can be repeated
    /// [default: text=-]
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT=PATH")]
    pub output: Vec<PreviewOutput>,
    /// Exit with code 1 on new or worse failures of this severity or higher: critical, high, medium, low, info
    /// or none [default: high]
    #[arg(long, help_heading = "Output", value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Exit with code 3 if something is not known until the change is applied
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

/// The formats of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewFormat {
    /// Human-readable text.
    Text,
    /// Machine-readable JSON, version 1.
    Json,
    /// Markdown, for a comment on a pull request.
    Markdown,
    /// SARIF, for code scanning of a pull request.
    Sarif,
    /// Annotations on GitHub, at the lines of code.
    GitHub,
}

const FORMATS: [(&str, PreviewFormat); 5] = [
    ("text", PreviewFormat::Text),
    ("json", PreviewFormat::Json),
    ("markdown", PreviewFormat::Markdown),
    ("sarif", PreviewFormat::Sarif),
    ("github", PreviewFormat::GitHub),
];

/// `--output`: a format and a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewOutput {
    /// The format.
    pub format: PreviewFormat,
    /// The file, or `-`.
    pub path: String,
}

impl FromStr for PreviewOutput {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let (name, path) = written.split_once('=').unwrap_or((written, "-"));
        let names = FORMATS.map(|(name, _)| name);
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let shown = text::one_line(name, 60);
            let help = match did_you_mean(name, names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("use {}", code_series(names, "or")),
            };
            return Err(format!("unknown format `{shown}`: {help}"));
        };
        if path.is_empty() {
            return Err(format!("missing path: use `{name}=PATH`, or `{name}` for stdout"));
        }
        Ok(Self { format: *format, path: path.to_owned() })
    }
}

impl fmt::Display for PreviewOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FORMATS.iter().find(|(_, format)| *format == self.format);
        write!(f, "{}={}", name.map_or("text", |(name, _)| name), self.path)
    }
}
