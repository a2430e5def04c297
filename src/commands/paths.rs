//! `rolecall paths`: which instances of a snapshot the internet reaches, and how.

use std::collections::BTreeSet;
use std::io::Write;

use crate::cli::{Global, ListFormat, PathsArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::exposure::Traffic;
use crate::model::{Globs, series};
use crate::output::paths::PathsOutput;
use crate::output::{LogLines, TextOptions};
use crate::paths::{AccountPaths, Accounts, PathQuery, run as find_paths};
use crate::run::error::CommandError;
use crate::run::evaluation::named_accounts;
use crate::run::terminal;
use crate::snapshot::Reader;

/// What receives the accounts.
struct Written<W: Write> {
    output: PathsOutput<W>,
    found: BTreeSet<String>,
    has_gaps: bool,
    has_unknown: bool,
}

impl<W: Write> Accounts for Written<W> {
    type Error = CommandError;

    fn account(&mut self, account: AccountPaths) -> Result<(), CommandError> {
        self.has_gaps |= !account.gaps.is_empty();
        self.has_unknown |= account.has_unknown();
        self.found.extend(account.targets.iter().map(|target| target.id.clone()));
        self.output.account(&account).map_err(CommandError::Write)
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &PathsArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let config =
        Config::load(global.config.as_deref(), &crate::config::without_secrets, &global.files())?;
    let reader = Reader::open(&args.snapshot)?;
    let globs = |patterns: &[String]| match patterns {
        [] => Ok(None),
        some => Globs::new(some).map(Some).map_err(|error| CommandError::Usage(error.to_string())),
    };
    let accounts = named_accounts(&config, &reader, globs(&args.narrowing.account)?.as_ref())?;
    let query = PathQuery {
        ids: args.ids.iter().cloned().collect(),
        traffic: args.port.as_ref().map_or(Traffic::Any, |port| port.traffic.clone()),
        regions: globs(&args.narrowing.region)?,
    };
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let port = args.port.as_ref().map_or("", |port| port.text.as_str());
    let details = !args.ids.is_empty();
    let output = match args.format {
        ListFormat::Text => {
            let lines: Box<dyn Write + '_> = Box::new(LogLines::new(&mut *out));
            PathsOutput::text(lines, options, port, details)
        }
        ListFormat::Json => {
            let json: Box<dyn Write + '_> = Box::new(&mut *out);
            PathsOutput::json(json).map_err(CommandError::Write)?
        }
    };
    let found = BTreeSet::new();
    let mut written = Written { output, found, has_gaps: false, has_unknown: false };
    find_paths(&query, &reader, &accounts, &mut written)?;
    let Written { output, found, has_gaps, has_unknown } = written;
    let missing: Vec<&String> = query.ids.difference(&found).collect();
    // What was named and found does not depend on what else exists.
    let is_incomplete = has_unknown || (has_gaps && (query.ids.is_empty() || !missing.is_empty()));
    output.finish(is_incomplete).map_err(CommandError::Write)?;
    if !missing.is_empty() {
        let ids = series(missing, "and");
        if !has_gaps {
            return Err(CommandError::Usage(format!(
                "{ids} not found in the snapshot: check the id, --account and --region"
            )));
        }
        let text = "warning: not found, but not everything could be read";
        writeln!(crate::output::stderr(), "{text}: {ids}").ok();
    }
    Ok(Exit::of_run(false, is_incomplete))
}
