//! `rolecall inventory`: a snapshot as tables, or the number of its resources.

use std::collections::BTreeMap;
use std::io::Write;

use crate::cli::{Global, InventoryArgs, InventoryFormat};
use crate::config::Config;
use crate::exit::Exit;
use crate::inventory::{
    AccountInventory, Cell, InvalidQuery, KindChoice, Query, Rows, Table, run as run_inventory,
};
use crate::model::text::one_line;
use crate::model::{AccountId, Globs, counted};
use crate::output::inventory::{CountFormat, Counts, Layout, TableFormat, Tables};
use crate::output::{FileMode, TextOptions};
use crate::run::error::CommandError;
use crate::run::evaluation::named_accounts;
use crate::run::terminal;
use crate::snapshot::Reader;

impl From<InvalidQuery> for CommandError {
    fn from(error: InvalidQuery) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Where the inventory goes.
enum Output {
    Tables(TableFormat),
    Counts(CountFormat),
}

/// Runs the command.
pub fn run(
    global: &Global,
    args: &InventoryArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let output = output(args)?;
    let config =
        Config::load(global.config.as_deref(), &crate::config::without_secrets, &global.files())?;
    let reader = Reader::open(&args.snapshot)?;
    let collected = reader.demand();
    let kinds = KindChoice::new(&args.kind, &collected)?;
    if matches!(output, Output::Tables(_)) && args.to.is_none() && kinds.single().is_none() {
        return Err(CommandError::Usage(
            "the tables of several kinds need a folder: use --to DIR, --kind with a single kind, \
             or --count"
                .to_owned(),
        ));
    }
    let globs = |patterns: &[String]| match patterns {
        [] => Ok(None),
        some => Globs::new(some).map(Some).map_err(|error| CommandError::Usage(error.to_string())),
    };
    let accounts = named_accounts(&config, &reader, globs(&args.narrowing.account)?.as_ref())?;
    let mut query = Query::new(
        kinds,
        args.columns.clone(),
        &args.conditions,
        globs(&args.narrowing.region)?,
        config.accepted_gaps.clone(),
        &collected,
    )?;
    let summary = match output {
        Output::Tables(format) => tables(args, format, &mut query, &reader, &accounts)?,
        Output::Counts(format) => {
            let options = TextOptions {
                color: terminal::stdout_color(global.color),
                width: terminal::width(),
            };
            counts(out, (format, options), &mut query, &reader, &accounts)?
        }
    };
    if !global.quiet {
        summary.print(args);
    }
    Ok(Exit::of_run(false, summary.is_incomplete))
}

fn output(args: &InventoryArgs) -> Result<Output, CommandError> {
    let wrong = |text: &str| Err(CommandError::Usage(text.to_owned()));
    match (args.count, args.format) {
        (false, None | Some(InventoryFormat::Csv)) => Ok(Output::Tables(TableFormat::Csv)),
        (false, Some(InventoryFormat::Parquet)) if args.to.is_some() => {
            TableFormat::Parquet.check()?;
            Ok(Output::Tables(TableFormat::Parquet))
        }
        (false, Some(InventoryFormat::Parquet)) => {
            wrong("--format parquet needs a folder: use --to DIR")
        }
        (false, Some(_)) => wrong("tables are csv or parquet: use --count for text and json"),
        (true, None | Some(InventoryFormat::Text)) => Ok(Output::Counts(CountFormat::Text)),
        (true, Some(InventoryFormat::Csv)) => Ok(Output::Counts(CountFormat::Csv)),
        (true, Some(InventoryFormat::Json)) => Ok(Output::Counts(CountFormat::Json)),
        (true, Some(InventoryFormat::Parquet)) => {
            wrong("--count prints text, csv or json, not parquet")
        }
    }
}

/// What is reported about a run on stderr.
#[derive(Debug, Default)]
struct Summary {
    tables: usize,
    accounts: usize,
    resources: usize,
    /// Gaps that are not accepted, in words, up to a limit.
    gaps: Vec<String>,
    more_gaps: usize,
    unchecked: BTreeMap<String, usize>,
    is_incomplete: bool,
}

impl Summary {
    fn add(&mut self, inventory: &AccountInventory) {
        const SHOWN: usize = 5;
        self.accounts += 1;
        self.resources += inventory.resources();
        self.is_incomplete |= inventory.is_incomplete();
        for (field, number) in &inventory.unchecked {
            *self.unchecked.entry(field.clone()).or_default() += number;
        }
        for gap in inventory.gaps.iter().filter(|gap| gap.accepted.is_none()) {
            if self.gaps.len() == SHOWN {
                self.more_gaps += 1;
                continue;
            }
            let account =
                inventory.account.name.as_deref().unwrap_or(inventory.account.id.as_str());
            let what = match (&gap.kind, &gap.fact, gap.resources) {
                (Some(kind), Some(fact), Some(number)) => {
                    format!("{kind}/{fact} of {}", counted(number, "resource"))
                }
                (Some(kind), ..) => kind.clone(),
                (None, ..) => "all kinds".to_owned(),
            };
            let text = format!("{account}, {}, {what}: {}", gap.region, gap.cause);
            self.gaps.push(one_line(&text, 200));
        }
    }

    fn print(&self, args: &InventoryArgs) {
        let mut stderr = crate::output::stderr();
        for (field, number) in &self.unchecked {
            let resources = counted(*number, "resource");
            let field = one_line(field, 60);
            let text = format!(
                "warning: `{field}` of {resources} is not known, so --where could not be checked; \
                 included"
            );
            writeln!(stderr, "{text}").ok();
        }
        for gap in &self.gaps {
            writeln!(stderr, "not read: {gap}").ok();
        }
        if self.more_gaps > 0 {
            writeln!(stderr, "not read: {} more", self.more_gaps).ok();
        }
        let accounts = counted(self.accounts, "account");
        let resources = counted(self.resources, "resource");
        let end = if self.is_incomplete { "; incomplete (exit code 3)" } else { "" };
        match &args.to {
            Some(dir) => {
                let (tables, dir) = (counted(self.tables, "table"), dir.display());
                writeln!(stderr, "{tables} with {resources} in {accounts} in {dir}{end}").ok();
            }
            None => {
                writeln!(stderr, "{resources} in {accounts}{end}").ok();
            }
        }
    }
}

struct TableRows {
    tables: Tables,
    summary: Summary,
}

impl Rows for TableRows {
    type Error = CommandError;

    fn row(&mut self, table: &Table, cells: &[Cell]) -> Result<(), CommandError> {
        Ok(self.tables.row(table, cells)?)
    }

    fn account(&mut self, account: &AccountInventory) -> Result<(), CommandError> {
        self.summary.add(account);
        Ok(self.tables.account(account)?)
    }
}

fn tables(
    args: &InventoryArgs,
    format: TableFormat,
    query: &mut Query,
    reader: &Reader,
    accounts: &[(AccountId, Option<String>)],
) -> Result<Summary, CommandError> {
    let layout = if args.table_folders { Layout::Folders } else { Layout::Files };
    let mode = if args.private { FileMode::Private } else { FileMode::Umask };
    let tables = Tables::open(args.to.as_deref(), (format, layout, mode), query.tables())?;
    let mut rows = TableRows { tables, summary: Summary::default() };
    run_inventory(query, reader, accounts, &mut rows)?;
    let TableRows { tables, mut summary } = rows;
    summary.tables = tables.finish()?;
    Ok(summary)
}

struct CountRows<W: Write> {
    counts: Counts<W>,
    summary: Summary,
}

impl<W: Write> Rows for CountRows<W> {
    type Error = CommandError;

    fn row(&mut self, _: &Table, _: &[Cell]) -> Result<(), CommandError> {
        Ok(())
    }

    fn account(&mut self, account: &AccountInventory) -> Result<(), CommandError> {
        self.summary.add(account);
        self.counts.account(account).map_err(CommandError::Write)
    }
}

fn counts(
    out: &mut dyn Write,
    (format, options): (CountFormat, TextOptions),
    query: &mut Query,
    reader: &Reader,
    accounts: &[(AccountId, Option<String>)],
) -> Result<Summary, CommandError> {
    let names = accounts.iter().map(|(id, name)| (id.as_str(), name.as_deref()));
    let counts = Counts::begin(&mut *out, format, options, names, query.kinds());
    let counts = counts.map_err(CommandError::Write)?;
    let mut rows = CountRows { counts, summary: Summary::default() };
    run_inventory(query, reader, accounts, &mut rows)?;
    rows.counts.finish().map_err(CommandError::Write)?;
    Ok(rows.summary)
}
