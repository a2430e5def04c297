//! `rolecall import`: converts output of the AWS CLI to a snapshot, without AWS access.

use std::collections::BTreeSet;
use std::io::Write;

use crate::cli::{Global, ImportArgs};
use crate::exit::Exit;
use crate::facts;
use crate::import::{self, Imported, Request};
use crate::model::{Cause, Extent, Gap, Partition, counted};
use crate::run::error::CommandError;
use crate::snapshot::{AccountHeader, Collected, ManifestTarget, Reader, SnapshotError, Writer};

/// How many ignored fields are listed.
const NAMED: usize = 8;

/// Runs the command.
pub fn run(global: &Global, args: &ImportArgs) -> Result<Exit, CommandError> {
    let partition = args.partition.clone().unwrap_or_else(|| Partition::of_region(&args.region));
    let request = Request {
        account: &args.account,
        partition: &partition,
        region: &args.region,
        files: &args.files,
    };
    let imported = import::read(&request, &mut std::io::stdin().lock())?;
    let summary = summary(&imported);
    let left_out = imported.left_out.clone();
    let now = jiff::Timestamp::now();
    let collected_at = args
        .collected_at
        .unwrap_or(jiff::Timestamp::from_second(now.as_second()).unwrap_or(now))
        .to_string();
    let mut header = AccountHeader {
        account: args.account.clone(),
        partition: partition.clone(),
        collected_at,
        entered: true,
        regions: BTreeSet::from([args.region.clone()]),
        region_filter: Vec::new(),
        demand: imported.demand.clone(),
        calls: Default::default(),
        run: None,
    };
    let imported = match known(args)? {
        Some(known) => {
            if known.header.partition != partition {
                return Err(CommandError::Usage(format!(
                    "the snapshot already has this account, in partition `{}`: use that partition, or import into a new folder",
                    known.header.partition
                )));
            }
            // An account has one collection time: that of the first import.
            if args.collected_at.is_some() && known.header.collected_at != header.collected_at {
                let before = &known.header.collected_at;
                return Err(CommandError::Usage(format!(
                    "the snapshot already has data for this account, collected at {before}: omit --collected-at, or import into a new folder"
                )));
            }
            header.collected_at.clone_from(&known.header.collected_at);
            imported.added_to(&mut header, *known)?
        }
        None => imported,
    };
    let target = ManifestTarget {
        account: args.account.clone(),
        name: None,
        partition,
        role: None,
        labels: Default::default(),
    };
    let writer = if args.add {
        Writer::extend(&args.snapshot, target, &header.demand)?
    } else {
        match Writer::create(&args.snapshot, vec![target], &header.demand) {
            Err(SnapshotError::Exists { path }) => {
                let message = format!(
                    "folder `{}` already contains a snapshot: use --add to add to it, or choose another folder",
                    path.display()
                );
                return Err(CommandError::Usage(message));
            }
            other => other?,
        }
    };
    let mut account = writer.account(header)?;
    for (listed, resources) in imported.lists {
        account.list(listed, resources)?;
    }
    account.gaps(imported.gaps)?;
    account.finish()?;
    let mut stderr = crate::output::stderr();
    if let Some(doubt) = args.region.doubt() {
        writeln!(stderr, "warning: {doubt}").ok();
    }
    for problem in &left_out {
        writeln!(stderr, "warning: left out {problem}").ok();
    }
    if !global.quiet {
        let dir = args.snapshot.display();
        write!(
            stderr,
            "wrote the snapshot `{dir}` (account {}, region {}):\n{summary}",
            args.account, args.region
        )
        .ok();
        writeln!(stderr, "To evaluate the snapshot: rolecall evaluate --snapshot {dir}").ok();
    }
    Ok(if left_out.is_empty() { Exit::Clean } else { Exit::Incomplete })
}

/// The account in the snapshot that is extended, if any.
fn known(args: &ImportArgs) -> Result<Option<Box<crate::snapshot::AccountSnapshot>>, CommandError> {
    if !args.add {
        return Ok(None);
    }
    let reader = match Reader::open(&args.snapshot) {
        Err(SnapshotError::NotASnapshot { .. }) => return Ok(None),
        Err(SnapshotError::Io { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        other => other?,
    };
    match reader.account(&args.account)? {
        Collected::Whole(known) if known.header.entered => Ok(Some(known)),
        Collected::Missing(cause) if cause.code == Cause::NOT_COLLECTED => Ok(None),
        _ => Err(CommandError::Snapshot(SnapshotError::Invalid {
            path: args.snapshot.join(Reader::file_name(&args.account)),
            line: 1,
            reason: "the file is truncated, or the account could not be accessed: remove the file and import everything again".to_owned(),
        })),
    }
}

/// What was imported, one resource type per line, and notes about it.
fn summary(imported: &Imported) -> String {
    let mut out = String::new();
    for (listed, resources) in &imported.lists {
        let facts = listed.facts.iter().map(|fact| {
            let known =
                resources.iter().filter(|resource| !resource.unreadable.contains_key(fact)).count();
            match resources.len() - known {
                0 => fact.clone(),
                _ => format!("{fact} ({known} of {})", resources.len()),
            }
        });
        let facts = facts.collect::<Vec<_>>().join(", ");
        let line = format!("  {:<36} {:>6}  {facts}", listed.kind, resources.len());
        out += line.trim_end();
        out += "\n";
    }
    // A note names the fields that a list lacks.
    let is_noted = |gap: &Gap| match &gap.extent {
        Extent::Facts { kind, fact, .. } => {
            facts::kind(kind).is_some_and(|kind| kind.fact(fact).is_none())
        }
        _ => false,
    };
    let named = |gap: &&Gap| gap.cause.code != Cause::NOT_COLLECTED && !is_noted(gap);
    for gap in imported.gaps.iter().filter(named) {
        out += &format!("  not read: {}\n", gap.cause);
    }
    for note in &imported.notes {
        out += &format!("note: {note}\n");
    }
    for (kind, fields) in &imported.ignored {
        let mut names: Vec<&str> = fields.keys().map(String::as_str).take(NAMED).collect();
        if fields.len() > NAMED {
            names.push("…");
        }
        out += &format!(
            "ignored {} of {kind}: {}\n",
            counted(fields.len(), "unknown field"),
            names.join(", ")
        );
    }
    out
}
