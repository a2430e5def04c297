//! `rolecall import`.

use std::path::PathBuf;

use clap::Args;

use crate::model::{AccountId, Partition, Region};

/// `rolecall import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall import --account 111122223333 --region eu-west-1 describe-security-groups.json describe-vpcs.json
  $ rolecall import --account 111122223333 --region eu-west-1 --snapshot data list-buckets.json get-bucket-policy.my-bucket.json
  $ rolecall import --account 111122223333 --region eu-west-1 ec2.security_group=groups.json s3.bucket/versioning@my-bucket=v.json
  $ rolecall import --account 111122223333 --region eu-west-2 --snapshot data --add describe-vpcs.json
  $ rolecall import --account 111122223333 --region eu-west-1 ec2.vpc=-

rolecall detects what a file contains from its name, if it is named after the AWS CLI command (describe-vpcs.json, \
get-bucket-policy.BUCKET.json), or from its fields, if only one call returns them. To specify the content explicitly:
  KIND=FILE                  the list of resources of a kind
  KIND/FACT=FILE             a fact of a region or account, or of all listed resources
  KIND/FACT@RESOURCE=FILE    a fact of one resource; an empty file counts as an empty response
If a file contains an error message from the AWS CLI, the fact counts as \"not configured\" if that is what the error means; otherwise, \
the fact is unknown. Facts that were not imported are unknown (not collected). A file that cannot be used is left out, and the data that \
it should have contained is unknown.

Exit codes:
  0  imported
  2  could not import: a usage error, or no usable file; nothing is written
  3  imported, but files were left out")]
pub struct ImportArgs {
    /// Account that the files are from
    #[arg(long, value_name = "ID")]
    pub account: AccountId,
    /// Region that the files are from
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Region,
    /// Partition of the account [default: that of the region]
    #[arg(long, value_name = "PARTITION")]
    pub partition: Option<Partition>,
    /// Time when the data was collected, in RFC 3339 format; in rules, `now()` returns it [default: the
    /// current time]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub collected_at: Option<jiff::Timestamp>,
    /// Folder to write to; must be new or empty, unless --add is given
    #[arg(long, help_heading = "Snapshot", value_name = "DIR", default_value = "imported")]
    pub snapshot: PathBuf,
    /// Add another account, another region or missing kinds to an existing snapshot
    #[arg(long, help_heading = "Snapshot")]
    pub add: bool,
    /// Output of the AWS CLI: FILE, KIND=FILE, KIND/FACT=FILE or KIND/FACT@RESOURCE=FILE; `-` is
    /// stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

fn region(written: &str) -> Result<Region, String> {
    match written.parse::<Region>() {
        Ok(region) if region.is_global() => {
            Err("use the region that the files are from, such as `eu-west-1`".to_owned())
        }
        other => other.map_err(|error| error.to_string()),
    }
}

fn time(written: &str) -> Result<jiff::Timestamp, String> {
    let time =
        written.parse().map_err(|_| "use RFC 3339, for example 2026-01-31T08:15:02Z".to_owned());
    // Snapshots have a precision of seconds.
    time.and_then(|time: jiff::Timestamp| {
        jiff::Timestamp::from_second(time.as_second()).map_err(|error| error.to_string())
    })
}
