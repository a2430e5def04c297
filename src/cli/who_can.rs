//! `rolecall who-can`.

use std::path::PathBuf;

use clap::Args;

use super::args::Narrowing;
use super::values::ListFormat;

/// `rolecall who-can`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall who-can --snapshot nightly
  $ rolecall who-can --snapshot nightly --public
  $ rolecall who-can --snapshot nightly data-exports
  $ rolecall who-can --snapshot nightly data-exports --actions
  $ rolecall who-can --snapshot nightly --account prod-* --format json

Shows who can do what with a bucket, and through what: bucket policy, ACL, access points and Multi-Region Access Points, after \
Block Public Access, Object Ownership and explicit denies. Without the name of a bucket, it shows one line per bucket.

The snapshot must contain what the rules s3-bucket-public-read, s3-access-point-policy-not-public, \
s3-access-point-public-access-block and s3-mrap-policy-not-public need.

Exit codes:
  0  complete, whether or not a bucket is public
  2  could not run, for example because of a usage error
  3  incomplete: something that may grant or block access could not be read")]
pub struct WhoCanArgs {
    /// Names of buckets [default: all, with one line each]
    #[arg(value_name = "BUCKET", value_parser = bucket)]
    pub buckets: Vec<String>,
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Only buckets to which everyone has access, or may have
    #[arg(long, help_heading = "Filters")]
    pub public: bool,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Also show the IAM actions and the statements that allow them
    #[arg(long, help_heading = "Output")]
    pub actions: bool,
    /// Output format
    #[arg(long, help_heading = "Output", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// The name of a general purpose bucket. Old buckets in `us-east-1` can have capital letters and
/// underscores.
fn bucket(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("arn:").map_or(text, |arn| arn.rsplit(':').next().unwrap_or(arn));
    let name = name.strip_prefix("s3://").unwrap_or(name).trim_end_matches('/');
    let is_name = (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if is_name {
        return Ok(name.to_owned());
    }
    Err("use the name of a bucket, for example `data-exports`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_names_arns_or_addresses() {
        for (text, expected) in [
            ("data-exports", Some("data-exports")),
            ("Old_Bucket.1", Some("Old_Bucket.1")),
            ("arn:aws:s3:::data-exports", Some("data-exports")),
            ("s3://data-exports/", Some("data-exports")),
            ("s3://data-exports/a.txt", None),
            ("arn:aws:s3:::data-exports/a.txt", None),
            ("ab", None),
            ("", None),
            ("a*b", None),
            ("abc\u{1b}", None),
        ] {
            assert_eq!(bucket(text).ok().as_deref(), expected, "{text}");
        }
    }
}
