//! Runs that several processes collect: `rolecall targets`, the options of `collect` for a part of
//! such a run, and `rolecall merge`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::args::{AwsArgs, FixNeeds, Narrowing, RuleSource};

/// `rolecall targets`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall targets --shards 8 --to run
  $ rolecall collect --targets run --shard 3/8 --snapshot shard-3 --deadline 14m
  $ rolecall merge shard-1 shard-2 shard-3 --targets run --into nightly
  $ rolecall evaluate --snapshot nightly

Writes targets.json, the list of accounts that the shards of a run collect and that `merge` expects. With --previous, \
shards are divided by how long each account took in an earlier run.

Exit codes:
  0  written
  2  could not run, for example because of a usage error, an invalid config or an organization that cannot be read")]
pub struct TargetsArgs {
    /// Number of shards; a shard can be empty
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub shards: u16,
    /// Folder to write targets.json to
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Snapshot of the previous run, for the durations in its run.json
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Rules, which determine what is collected.
    #[command(flatten)]
    pub rules: RuleSource,
    /// What fixes need.
    #[command(flatten)]
    pub needs: FixNeeds,
    /// AWS access.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// Which part of a run to collect.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Shards")]
pub struct PartArgs {
    /// List of targets of a run, written by `targets`: collect accounts of this list
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["account", "region", "fixes"])]
    pub targets: Option<PathBuf>,
    /// Shard to collect, for example 3/8 [default: all shards]
    #[arg(long, value_name = "I/N", requires = "targets")]
    pub shard: Option<Shard>,
}

/// A shard: the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 1 to `of`.
    pub number: u16,
    /// How many shards there are.
    pub of: u16,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let numbers = written.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match numbers {
            Some((Ok(number), Ok(of))) if (1..=of).contains(&number) => Ok(Self { number, of }),
            Some((Ok(0), Ok(_))) => Err("shards are numbered from 1".to_owned()),
            Some((Ok(number), Ok(of))) => Err(format!(
                "there is no shard {number} of {of}: shards are numbered from 1 to {of}"
            )),
            _ => {
                Err("use the number of the shard and the number of shards, for example 3/8"
                    .to_owned())
            }
        }
    }
}

/// `rolecall merge`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall merge shard-1 shard-2 shard-3 --targets run --into nightly
  $ rolecall evaluate --snapshot nightly

Merges what the shards of a run collected into one snapshot. Files that do not belong to the run are refused. Accounts of \
the list of targets that no shard collected are reported, and unknown in the evaluation.

Exit codes:
  0  complete
  2  could not run, for example because a file does not belong to the run; nothing is written
  3  incomplete: an account was not collected, or its file is truncated; gaps within accounts do not count")]
pub struct MergeArgs {
    /// Snapshots of the shards
    #[arg(required = true, value_name = "DIR")]
    pub shards: Vec<PathBuf>,
    /// List of targets of the run, written by `targets`
    #[arg(long, value_name = "FILE|DIR")]
    pub targets: PathBuf,
    /// Folder for the merged snapshot; must be new or empty
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_numbered_from_one() {
        for (written, expected) in [
            ("1/1", Ok((1, 1))),
            ("3/8", Ok((3, 8))),
            ("0/8", Err("numbered from 1")),
            ("9/8", Err("no shard 9 of 8")),
            ("1/0", Err("no shard 1 of 0")),
            ("3", Err("for example 3/8")),
            ("a/b", Err("for example 3/8")),
            ("3/", Err("for example 3/8")),
            ("-1/8", Err("for example 3/8")),
        ] {
            match (written.parse::<Shard>(), expected) {
                (Ok(shard), Ok(expected)) => assert_eq!((shard.number, shard.of), expected),
                (Err(error), Err(part)) => assert!(error.contains(part), "{written}: {error}"),
                (parsed, _) => panic!("{written}: {parsed:?}"),
            }
        }
    }
}
