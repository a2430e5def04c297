//! `rolecall inventory`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::Narrowing;

/// `rolecall inventory`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall inventory --snapshot nightly --count
  $ rolecall inventory --snapshot nightly --to inventory
  $ rolecall inventory --snapshot nightly --kind ec2.instance --where state.name=running --columns account,region,id,tags.Owner
  $ rolecall inventory --snapshot nightly --kind ec2.volume --where encrypted=false --where 'region=eu-*' > volumes.csv
  $ rolecall inventory --snapshot nightly --kind 's3.*' --format parquet --table-folders --to inventory/2026-03-14

Writes one table per kind (ec2_instance.csv), and the tables accounts and gaps. Columns are the fields and facts that \
`rolecall facts KIND` lists; nested values are JSON. The column unreadable lists what could not be read in a row.

Conditions:
  COLUMN=PATTERN, COLUMN!=PATTERN    strings match a glob pattern; numbers, booleans and times are compared
  COLUMN<VALUE, <=, >, >=            numbers and times
  COLUMN=, COLUMN!=                  the value is missing; it is present
A COLUMN can be a path, such as state.name, tags.Owner or security_groups.group_id. If a condition cannot be checked because \
the value could not be read, the resource is included, with a warning.

Exit codes:
  0  complete
  2  could not run, for example because of a usage error, or an output that cannot be written
  3  incomplete: something that the tables should contain could not be read; accepted gaps do not count")]
pub struct InventoryArgs {
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Only these kinds; patterns such as 's3.*' select among the collected ones; can be repeated or
    /// comma-separated [default: all kinds that were collected]
    #[arg(long, help_heading = "Filters", value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Only resources that satisfy this condition; can be repeated: all conditions apply
    #[arg(long = "where", help_heading = "Filters", value_name = "CONDITION")]
    pub conditions: Vec<String>,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Columns, in order; can be repeated or comma-separated [default: all columns]
    #[arg(long, help_heading = "Output", value_name = "COLUMN", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Print the number of resources by account, region and kind instead
    #[arg(long, help_heading = "Output", conflicts_with_all = ["to", "columns", "table_folders", "private"])]
    pub count: bool,
    /// Output format [default: csv; with --count, text]
    #[arg(long, help_heading = "Output", value_enum)]
    pub format: Option<InventoryFormat>,
    /// Folder to write the tables to; must be new or empty [default: stdout, for a single kind]
    #[arg(long, help_heading = "Output", value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Write each table to a folder of its own, as Amazon Athena requires
    #[arg(long, help_heading = "Output", requires = "to")]
    pub table_folders: bool,
    /// Write files that only their owner can read
    #[arg(long, help_heading = "Output", requires = "to")]
    pub private: bool,
}

/// Output format of `rolecall inventory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InventoryFormat {
    /// CSV (RFC 4180)
    Csv,
    /// Apache Parquet, for tables; only in builds with the feature `parquet`
    Parquet,
    /// Human-readable table, with --count
    Text,
    /// Machine-readable JSON, with --count
    Json,
}
