//! The commands for people who write rules.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::Narrowing;
use super::values::severity;
use crate::model::{Severity, Verdict, code_series};

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
