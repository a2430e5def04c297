//! `rolecall waive`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::Expires;

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
