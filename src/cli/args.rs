//! Options shared by several commands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::values::{Color, FailOn, OutputSpec, SarifUnknown, duration, glob};
use crate::config::FileError;
use crate::logging::LogFormat;
use crate::model::{InvalidGlob, StorageAccess};
use crate::output::FileMode;
use crate::staging::Staging;

const FILTERS: &str = "Filters";
const RULES: &str = "Rules";
const OUTPUT: &str = "Output";

/// Options of all commands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Config file [default: rolecall.toml in the working directory, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Suppress progress and summaries; print only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log more to stderr; repeat for more detail (-vv, -vvv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Format of the log and of all other messages on stderr
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// When to use color
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Files in S3.
    #[arg(skip)]
    pub staging: Staging,
}

impl Global {
    /// The local paths of files that the config names.
    pub fn files(&self) -> impl Fn(&Path, &StorageAccess) -> Result<PathBuf, FileError> {
        |path, access| self.staging.config_path(path, access).map_err(FileError::from)
    }
}

/// Filters for the configured accounts and regions.
#[derive(Debug, Clone, Default, Args)]
pub struct Narrowing {
    /// Only accounts whose id or name matches; can be repeated or comma-separated
    #[arg(long, help_heading = FILTERS, value_name = "GLOB", value_delimiter = ',', value_parser = glob)]
    pub account: Vec<String>,
    /// Only regions that match; can be repeated or comma-separated
    #[arg(long, help_heading = FILTERS, value_name = "GLOB", value_delimiter = ',', value_parser = glob)]
    pub region: Vec<String>,
}

/// Where rules are loaded from, and which of them are selected.
#[derive(Debug, Clone, Default, Args)]
pub struct RuleSource {
    /// Only rules whose id matches, or the rule in a file; can be repeated or comma-separated
    #[arg(long, help_heading = RULES, value_name = "GLOB|FILE", value_delimiter = ',', value_parser = rule)]
    pub rule: Vec<String>,
    /// Only rules that check a requirement of this framework (`rolecall frameworks` lists all
    /// frameworks); can be repeated or comma-separated
    #[arg(long, help_heading = RULES, value_name = "ID", value_delimiter = ',')]
    pub framework: Vec<String>,
    /// Rule profile: baseline, strict or all [default: baseline, unless the config selects rules]
    #[arg(long, help_heading = RULES, value_name = "NAME", conflicts_with_all = ["rule", "framework"])]
    pub rule_profile: Option<String>,
    /// Folder with rules that add to the built-in ones, or replace those with the same id; can be
    /// repeated
    #[arg(long, help_heading = RULES, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

impl RuleSource {
    /// The rule files among `--rule`. They add to the rule pack, as the rules of a folder do.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.rule.iter().map(Path::new).filter(|rule| is_file(rule))
    }

    /// The id patterns of `--rule`.
    pub fn patterns(&self) -> Vec<String> {
        let id = |rule: &String| match Path::new(rule).file_stem() {
            Some(id) if is_file(Path::new(rule)) => id.to_string_lossy().into_owned(),
            _ => rule.clone(),
        };
        self.rule.iter().map(id).collect()
    }
}

/// Whether `--rule` is a file: rule ids have no extension and no folder.
fn is_file(rule: &Path) -> bool {
    rule.extension().is_some_and(|extension| extension == "rhai") || rule.components().count() > 1
}

fn rule(written: &str) -> Result<String, InvalidGlob> {
    if is_file(Path::new(written)) { Ok(written.to_owned()) } else { glob(written) }
}

/// AWS access.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// AWS profile to use for credentials, also if the environment has keys [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Number of accounts to collect at a time [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
}

/// Whether what fixes need counts as well.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct FixNeeds {
    /// Include what the fixes of the rules need, for `remediate plan`
    #[arg(long, help_heading = RULES)]
    pub fixes: bool,
}

/// Limits of a collection.
#[derive(Debug, Clone, Default, Args)]
pub struct Limits {
    /// Stop after this time, for example 14m: finished accounts are kept, and the exit code is 3 if
    /// accounts are missing [default: `run` in `[scan.timeouts]`]
    #[arg(long, help_heading = "Snapshot", value_name = "DURATION", value_parser = duration)]
    pub deadline: Option<Duration>,
}

/// The timeline of a run.
#[derive(Debug, Clone, Default, Args)]
pub struct TraceArgs {
    /// Write a timeline of accounts, lists, API calls, waits and evaluation to this file, as trace
    /// events for Perfetto (ui.perfetto.dev) or chrome://tracing
    #[arg(long, help_heading = OUTPUT, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// The code that declares resources.
#[derive(Debug, Clone, Default, Args)]
pub struct CodeArgs {
    /// Terraform root with its terraform.tfstate, to name the code of failures; adds to [[source]] of
    /// the config; can be repeated
    #[arg(long, help_heading = OUTPUT, value_name = "DIR")]
    pub source: Vec<PathBuf>,
}

/// When a run fails.
#[derive(Debug, Clone, Default, Args)]
pub struct Evaluation {
    /// Exit with code 1 on failures of this severity or higher: critical, high, medium, low, info
    /// or none [default: high]
    #[arg(long, help_heading = OUTPUT, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Exit with code 1 only on failures that are new since the baseline
    #[arg(long, help_heading = OUTPUT, requires = "baseline")]
    pub fail_on_new: bool,
}

/// Where reports are written.
#[derive(Debug, Clone, Default, Args)]
pub struct Outputs {
    /// Report format (text, json, sarif, sarif-full, html, markdown, junit, csv, gitlab, github, ocsf or asff)
    /// and file, or `-` for stdout; can be repeated [default: text=-]
    #[arg(short, long, help_heading = OUTPUT, value_name = "FORMAT=PATH")]
    pub output: Vec<OutputSpec>,
    /// Category of the SARIF report in code scanning; required for SARIF reports of filtered runs
    #[arg(long, help_heading = OUTPUT, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub sarif_category: Option<String>,
    /// How SARIF reports represent resources that could not be evaluated
    #[arg(long, help_heading = OUTPUT, value_enum, default_value_t, value_name = "MODE")]
    pub sarif_unknown: SarifUnknown,
    /// JSON report of the previous run, to show which findings are new, unchanged and fixed, and to
    /// keep code scanning alerts open for what cannot be read now; or `none` if there is no previous
    /// run
    #[arg(long, help_heading = OUTPUT, value_name = "FILE|none")]
    pub baseline: Option<PathBuf>,
    /// Folder with the JSON reports of earlier runs, to show how failures developed in HTML and Markdown
    /// reports
    #[arg(long, help_heading = OUTPUT, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// Account that is no longer scanned: an empty SARIF run closes its alerts; can be repeated or
    /// comma-separated
    #[arg(long, help_heading = OUTPUT, value_name = "ACCOUNT", value_delimiter = ',')]
    pub retire: Vec<crate::model::AccountId>,
    /// Confirm that SARIF reports have another `location` than the baseline, so that code scanning closes
    /// all alerts and opens new ones
    #[arg(long, help_heading = OUTPUT, requires = "baseline")]
    pub yes: bool,
    /// Write report files that only their owner can read
    #[arg(long, help_heading = OUTPUT)]
    pub private: bool,
}

impl Outputs {
    /// Who can read report files.
    pub fn mode(&self) -> FileMode {
        if self.private { FileMode::Private } else { FileMode::Umask }
    }
}
