//! `rolecall merge`: makes one snapshot of what the shards of a run collected.

use std::io::Write;

use crate::cli::{Global, MergeArgs};
use crate::exit::Exit;
use crate::model::{AccountId, counted};
use crate::run::earlier_run::{self, EarlierRun};
use crate::run::error::CommandError;
use crate::snapshot::{self, Merged, SnapshotError, TargetsFile};

/// Runs the command.
pub fn run(global: &Global, args: &MergeArgs) -> Result<Exit, CommandError> {
    let list = TargetsFile::read(&args.targets)?;
    let merged = snapshot::merge(&args.shards, &list, &args.into).map_err(|error| match error {
        SnapshotError::Exists { path } | SnapshotError::NotEmpty { path } => {
            CommandError::Usage(format!(
                "folder `{}` is not empty: choose a new or empty folder with --into",
                path.display()
            ))
        }
        other => other.into(),
    })?;
    earlier_run::write(&args.into, &EarlierRun::merged(&args.shards))?;
    let summary = Summary::new(&merged);
    if !global.quiet {
        summary.print(args, &merged);
    }
    // Gaps are left to the evaluation, which knows those that are accepted.
    let is_complete = summary.missing.is_empty() && summary.truncated.is_empty();
    Ok(if is_complete { Exit::Clean } else { Exit::Incomplete })
}

struct Summary<'a> {
    missing: Vec<&'a AccountId>,
    truncated: Vec<&'a AccountId>,
    resources: usize,
    gaps: usize,
}

impl<'a> Summary<'a> {
    fn new(merged: &'a Merged) -> Self {
        let mut summary = Self { missing: vec![], truncated: vec![], resources: 0, gaps: 0 };
        for account in &merged.accounts {
            match account.file.as_ref().map(|file| &file.content) {
                None => summary.missing.push(&account.account),
                Some(None) => summary.truncated.push(&account.account),
                Some(Some((_, resources, gaps))) => {
                    summary.resources += resources;
                    summary.gaps += gaps;
                }
            }
        }
        summary
    }

    fn print(&self, args: &MergeArgs, merged: &Merged) {
        let mut stderr = crate::output::stderr();
        for file in merged.accounts.iter().filter_map(|account| account.file.as_ref()) {
            for other in &file.others {
                let (from, other) = (file.from.display(), other.display());
                writeln!(stderr, "note: `{from}` is used instead of `{other}`").ok();
            }
        }
        for (accounts, what) in [
            (&self.missing, "not collected by any shard"),
            (&self.truncated, "truncated, and therefore unknown"),
        ] {
            if !accounts.is_empty() {
                let count = counted(accounts.len(), "account");
                writeln!(stderr, "note: {count} {what}: {}", named(accounts)).ok();
            }
        }
        let [accounts, resources, gaps] = [
            (merged.accounts.len() - self.missing.len(), "account"),
            (self.resources, "resource"),
            (self.gaps, "gap"),
        ]
        .map(|(number, noun)| counted(number, noun));
        let dir = args.into.display();
        writeln!(stderr, "{accounts}, {resources}, {gaps} in {dir}").ok();
        writeln!(stderr, "To evaluate the snapshot: rolecall evaluate --snapshot {dir}").ok();
    }
}

/// The first of the accounts, and how many more there are.
fn named(accounts: &[&AccountId]) -> String {
    const SHOWN: usize = 5;
    let mut text =
        accounts.iter().take(SHOWN).map(|account| account.as_str()).collect::<Vec<_>>().join(", ");
    if accounts.len() > SHOWN {
        text.push_str(&format!(" and {} more", accounts.len() - SHOWN));
    }
    text
}
