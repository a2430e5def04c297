//! The commands that read reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{FailOn, ListFormat};

/// `rolecall diff`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall diff yesterday.json today.json
  $ rolecall diff yesterday.json today.json --fail-on medium
  $ rolecall diff yesterday.json today.json --format markdown > summary.md

OLD and NEW are JSON reports, written with --output json=FILE. A failure in NEW is new if the same finding is not a failure in OLD; renamed \
rules and resources that moved to another region are recognized. A failure in OLD counts as fixed only if NEW checked the finding; \
otherwise, its status is unknown.

Exit codes:
  0  no new failures of severity --fail-on or higher
  1  new failures of severity --fail-on or higher
  2  could not compare: a usage error, or a file that is not a usable report
  3  incomplete: a failure in OLD was not checked in NEW, or something that the rules need could not be read for NEW;
     accepted gaps do not count
When several apply, 2 takes precedence over 3, and 3 over 1.")]
pub struct DiffArgs {
    /// The earlier report
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later report
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Exit with code 1 on new failures of this severity or higher: critical, high, medium, low, info
    /// or none [default: the threshold of NEW]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: DiffFormat,
}

/// Output format of `rolecall diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DiffFormat {
    /// Human-readable text
    #[default]
    Text,
    /// Machine-readable JSON, version 1
    Json,
    /// Markdown, for comments and job summaries
    Markdown,
}

/// `rolecall history`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall history reports
  $ rolecall history reports --format json > history.json

Reads the JSON reports in a folder (*.json, not in subfolders), ordered by time of collection. A finding is \
closed only by a report that checked it. Copies and files that are not usable reports are listed and skipped.

Exit codes:
  0  every report was read
  2  could not run: the folder cannot be read, or contains no usable report
  3  incomplete: files other than copies were skipped")]
pub struct HistoryArgs {
    /// Folder with JSON reports
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `rolecall index`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall index reports
  $ rolecall index s3://my-bucket/reports

Writes DIR/index.html, a page with links to the reports in DIR and its folders, the last night first. Reports belong to a night if their \
path has its date, as with `{date}` in the path of a report. Run it after each scan. The page needs no script, and loads nothing. In S3, \
only names are read.

Exit codes:
  0  the page was written
  2  could not run: the folder cannot be read, contains no reports, or has another index.html")]
pub struct IndexArgs {
    /// Folder with the reports of many nights
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Write a file that only its owner can read
    #[arg(long)]
    pub private: bool,
}
