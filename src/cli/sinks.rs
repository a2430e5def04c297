//! The commands that send reports to services.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::values::duration;
use crate::model::Severity;

/// `rolecall upload`.
#[derive(Debug, Clone, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  $ rolecall upload github rolecall.sarif
  $ rolecall upload github rolecall.sarif --repo my-org/security --commit 0123456789abcdef0123456789abcdef01234567 --ref refs/heads/main"
)]
pub struct UploadArgs {
    /// The service.
    #[command(subcommand)]
    pub to: UploadCommand,
}

/// A service that takes reports.
#[derive(Debug, Clone, Subcommand)]
pub enum UploadCommand {
    /// Upload SARIF files to GitHub code scanning, and wait until they are processed
    Github(Box<GithubArgs>),
}

/// `rolecall upload github`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall upload github rolecall.sarif
  $ rolecall upload github rolecall.sarif --report report.json
  $ rolecall upload github rolecall.sarif --repo my-org/security --commit 0123456789abcdef0123456789abcdef01234567 --ref refs/heads/main
  $ rolecall upload github rolecall.sarif --api-url https://github.example.com/api/v3

The token is read from the environment variable ROLECALL_GITHUB_TOKEN or GITHUB_TOKEN. It needs the permission `security_events: write` \
for the repository.

Each file is uploaded on its own. If FILE does not exist, its numbered parts are uploaded: rolecall-001.sarif and so on. All files are \
examined before the first upload: files that would close alerts by mistake are refused. A file without accounts is skipped.

Exit codes:
  0  all files were uploaded and processed, or there was nothing to upload
  2  a file was not uploaded, or GitHub could not process it
  3  GitHub accepted all files, but had not processed all of them before --timeout")]
pub struct GithubArgs {
    /// SARIF files, written with --output sarif=FILE
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// JSON report of the same run: files of other runs, and accounts that the run withheld, are
    /// refused
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Repository
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY", hide_env_values = true)]
    pub repo: Option<String>,
    /// Full hash of the commit that alerts refer to; it must exist in the repository
    #[arg(long, value_name = "SHA", env = "GITHUB_SHA", hide_env_values = true)]
    pub commit: Option<String>,
    /// Full ref of the commit, such as refs/heads/main
    #[arg(long = "ref", value_name = "REF", env = "GITHUB_REF", hide_env_values = true)]
    pub git_ref: Option<String>,
    /// Address of the REST API; for GitHub Enterprise Server, https://HOST/api/v3
    #[arg(
        long,
        value_name = "URL",
        env = "GITHUB_API_URL",
        hide_env_values = true,
        default_value = "https://api.github.com"
    )]
    pub api_url: String,
    /// How long uploading and processing of a file can take
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub timeout: Duration,
    /// Do not wait until GitHub has processed the files
    #[arg(long)]
    pub no_wait: bool,
    /// Exit with code 0 if code scanning is not enabled for the repository
    #[arg(long)]
    pub skip_if_disabled: bool,
}

/// `rolecall notify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall notify report.json
  $ rolecall notify report.json --to teams --min-severity high
  $ rolecall notify report.json --link https://example.com/reports/today.html
  $ rolecall notify report.json --when always --dry-run

REPORT is a JSON report that was compared with an earlier one: scan or evaluate with --baseline. The address of the webhook is read \
from the environment variable ROLECALL_WEBHOOK_URL; it is a secret, and never printed.

A message has the numbers of new failures, and the titles, resources, regions and accounts of the most severe ones, but no messages of \
findings and no evidence. At most one message is posted.

Exit codes:
  0  the message was posted, or there was nothing to post
  2  could not run, or the message was not posted")]
pub struct NotifyArgs {
    /// JSON report, written with --output json=FILE and --baseline
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,
    /// The kind of chat [default: by the host of the webhook]
    #[arg(long, value_enum)]
    pub to: Option<ChatKind>,
    /// When to post
    #[arg(long, value_enum, default_value_t)]
    pub when: NotifyWhen,
    /// Ignore new failures of lower severity
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = super::values::severity)]
    pub min_severity: Severity,
    /// Address of the report, to which the message links
    #[arg(long, value_name = "URL")]
    pub link: Option<String>,
    /// How long posting can take
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration)]
    pub timeout: Duration,
    /// Print the message instead of posting it
    #[arg(long)]
    pub dry_run: bool,
}

/// A kind of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChatKind {
    /// Slack, or a service with compatible webhooks
    Slack,
    /// Microsoft Teams: a workflow that is started by a webhook request
    Teams,
}

/// When a message is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum NotifyWhen {
    /// If there are new failures
    #[default]
    New,
    /// If there are new failures, or the run is incomplete
    Incomplete,
    /// After every run
    Always,
}
