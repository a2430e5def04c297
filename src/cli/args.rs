//! Options that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::values::{Color, FailOn, OutputSpec, SarifUnknown, glob};
use crate::model::InvalidGlob;

const NARROW: &str = "Narrow the run";
const RULES: &str = "Rules";
const OUTPUT: &str = "Output";

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Config file; without it rolecall.toml of the working directory, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// No progress, no summary: only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// More log on stderr; repeat it for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colors
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// Which part of the configured accounts and regions a run covers.
#[derive(Debug, Clone, Default, Args)]
pub struct Narrowing {
    /// Only accounts whose id or name matches; repeat it or separate by commas
    #[arg(long, help_heading = NARROW, value_name = "GLOB", value_delimiter = ',', value_parser = glob)]
    pub account: Vec<String>,
    /// Only regions that match; repeat it or separate by commas
    #[arg(long, help_heading = NARROW, value_name = "GLOB", value_delimiter = ',', value_parser = glob)]
    pub region: Vec<String>,
}

/// Which rules there are, and which of them a command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct RuleSource {
    /// Only rules whose id matches, or the rule in a file; repeat it or separate by commas
    #[arg(long, help_heading = RULES, value_name = "GLOB|FILE", value_delimiter = ',', value_parser = rule)]
    pub rule: Vec<String>,
    /// Only rules that decide a requirement of this framework (`rolecall frameworks` lists them);
    /// repeat it or separate by commas
    #[arg(long, help_heading = RULES, value_name = "ID", value_delimiter = ',')]
    pub framework: Vec<String>,
    /// Rules of this profile: baseline, strict or all [default: baseline, unless the config chooses
    /// rules]
    #[arg(long, help_heading = RULES, value_name = "NAME", conflicts_with_all = ["rule", "framework"])]
    pub rule_profile: Option<String>,
    /// Folder of rules that add to the built-in ones, or replace those of the same id; can be
    /// repeated
    #[arg(long, help_heading = RULES, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

impl RuleSource {
    /// The files among the rules that are wanted. They add to the pack as a folder of rules does.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.rule.iter().map(Path::new).filter(|rule| is_file(rule))
    }

    /// Patterns for the ids of the rules that are wanted.
    pub fn patterns(&self) -> Vec<String> {
        let id = |rule: &String| match Path::new(rule).file_stem() {
            Some(id) if is_file(Path::new(rule)) => id.to_string_lossy().into_owned(),
            _ => rule.clone(),
        };
        self.rule.iter().map(id).collect()
    }
}

/// No id of a rule has an ending, nor a folder before it.
fn is_file(rule: &Path) -> bool {
    rule.extension().is_some_and(|ending| ending == "rhai") || rule.components().count() > 1
}

fn rule(written: &str) -> Result<String, InvalidGlob> {
    if is_file(Path::new(written)) { Ok(written.to_owned()) } else { glob(written) }
}

/// What makes a run fail.
#[derive(Debug, Clone, Default, Args)]
pub struct Evaluation {
    /// Exit with 1 on failures of this severity or worse: critical, high, medium, low, info or none
    /// [default: high]
    #[arg(long, help_heading = OUTPUT, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// Where the report goes.
#[derive(Debug, Clone, Default, Args)]
pub struct Outputs {
    /// Format (text, json, sarif) and file, or `-` for stdout; can be repeated [default: text=-]
    #[arg(short, long, help_heading = OUTPUT, value_name = "FORMAT=PATH")]
    pub output: Vec<OutputSpec>,
    /// Category under which code scanning keeps this report; needed where a narrowed run is written
    /// as SARIF
    #[arg(long, help_heading = OUTPUT, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub sarif_category: Option<String>,
    /// What SARIF does about resources that could not be evaluated
    #[arg(long, help_heading = OUTPUT, value_enum, default_value_t, value_name = "HOW")]
    pub sarif_unknown: SarifUnknown,
    /// Earlier JSON report: where SARIF would have to leave an account out, its failures are
    /// carried over from there
    #[arg(long, help_heading = OUTPUT, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Account that is no longer scanned: an empty SARIF run closes its alerts; repeat it or
    /// separate by commas
    #[arg(long, help_heading = OUTPUT, value_name = "ACCOUNT", value_delimiter = ',')]
    pub retire: Vec<crate::model::AccountId>,
}
