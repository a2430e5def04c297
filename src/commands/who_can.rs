//! `rolecall who-can`: who can do what with the buckets of a snapshot.

use std::collections::BTreeSet;
use std::io::Write;

use crate::cli::{Global, ListFormat, WhoCanArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::model::{Globs, series};
use crate::output::who_can::{Detail, WhoCanOutput};
use crate::output::{LogLines, TextOptions};
use crate::run::error::CommandError;
use crate::run::evaluation::named_accounts;
use crate::run::terminal;
use crate::snapshot::Reader;
use crate::who_can::{AccountBuckets, Accounts, BucketQuery, run as find_access};

/// What receives the accounts.
struct Written<W: Write> {
    output: WhoCanOutput<W>,
    found: BTreeSet<String>,
    public_only: bool,
    has_gaps: bool,
    has_unknown: bool,
}

impl<W: Write> Accounts for Written<W> {
    type Error = CommandError;

    fn account(&mut self, mut account: AccountBuckets) -> Result<(), CommandError> {
        self.has_gaps |= !account.gaps.is_empty();
        self.found.extend(account.buckets.iter().map(|bucket| bucket.name.clone()));
        if self.public_only {
            account.buckets.retain(|bucket| bucket.access.public != crate::access::Public::No);
        }
        self.has_unknown |= account.has_unknown();
        self.output.account(&account).map_err(CommandError::Write)
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &WhoCanArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let config =
        Config::load(global.config.as_deref(), &crate::config::without_secrets, &global.files())?;
    let reader = Reader::open(&args.snapshot)?;
    let globs = |patterns: &[String]| match patterns {
        [] => Ok(None),
        some => Globs::new(some).map(Some).map_err(|error| CommandError::Usage(error.to_string())),
    };
    let accounts = named_accounts(&config, &reader, globs(&args.narrowing.account)?.as_ref())?;
    let query = BucketQuery {
        names: args.buckets.iter().cloned().collect(),
        regions: globs(&args.narrowing.region)?,
    };
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let detail = match (args.actions, args.buckets.is_empty()) {
        (true, _) => Detail::Actions,
        (false, false) => Detail::Table,
        (false, true) => Detail::Summary,
    };
    let output = match args.format {
        ListFormat::Text => {
            let lines: Box<dyn Write + '_> = Box::new(LogLines::new(&mut *out));
            WhoCanOutput::text(lines, options, detail)
        }
        ListFormat::Json => {
            let json: Box<dyn Write + '_> = Box::new(&mut *out);
            WhoCanOutput::json(json).map_err(CommandError::Write)?
        }
    };
    let found = BTreeSet::new();
    let public_only = args.public;
    let mut written = Written { output, found, public_only, has_gaps: false, has_unknown: false };
    find_access(&query, &reader, &accounts, &mut written)?;
    let Written { output, found, has_gaps, has_unknown, .. } = written;
    let missing: Vec<&String> = query.names.difference(&found).collect();
    // What was named and found does not depend on what else exists.
    let is_incomplete =
        has_unknown || (has_gaps && (query.names.is_empty() || !missing.is_empty()));
    output.finish(is_incomplete).map_err(CommandError::Write)?;
    if !missing.is_empty() {
        let names = series(missing, "and");
        if !has_gaps {
            return Err(CommandError::Usage(format!(
                "{names} not found in the snapshot: check the name, --account and --region"
            )));
        }
        let text = "warning: not found, but not everything could be read";
        writeln!(crate::output::stderr(), "{text}: {names}").ok();
    }
    Ok(Exit::of_run(false, is_incomplete))
}
