//! The number of resources by account, region and kind, written account by account.

use std::io::{self, Write};

use super::csv::{CsvTable, stream};
use super::v1;
use crate::inventory::{AccountInventory, Cell, Column, ColumnType, Table};
use crate::model::Region;
use crate::model::text::one_line;
use crate::output::escape::write_json;
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, pad, width};

/// The format of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountFormat {
    /// A table for people.
    Text,
    /// CSV.
    Csv,
    /// JSON, version 1.
    Json,
}

/// A line: region, kind, and the number of resources.
struct Line<'a> {
    region: &'a Region,
    /// `None`: of every kind.
    kind: Option<&'a str>,
    resources: usize,
    is_complete: bool,
}

/// The lines of an account. What is unknown has a line, too.
fn lines(inventory: &AccountInventory) -> Vec<Line<'_>> {
    let unknown = inventory.gaps.iter().filter(|gap| gap.kind.is_none()).map(|gap| Line {
        region: &gap.region,
        kind: None,
        resources: 0,
        is_complete: false,
    });
    let counts = inventory.counts.iter().map(|((region, kind), count)| Line {
        region,
        kind: Some(kind),
        resources: count.resources,
        is_complete: count.is_complete,
    });
    unknown.chain(counts).collect()
}

/// Counts that are being written.
pub struct Counts<W: Write> {
    format: Format<W>,
    total: usize,
    is_complete: bool,
}

enum Format<W: Write> {
    Text { out: W, paint: Paint, widths: Widths },
    Csv(Box<CsvTable<W>>),
    Json { out: W, is_first: bool },
}

/// The widths of the columns for people.
struct Widths {
    account: usize,
    region: usize,
    kind: usize,
}

const NUMBER: &str = "resources";

fn label(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if name != id => format!("{} ({id})", one_line(name, 40)),
        _ => id.to_owned(),
    }
}

fn table() -> Table {
    let column =
        |name: &str, column_type| Column { name: name.to_owned(), column_type, doc: String::new() };
    let columns = vec![
        column("account", ColumnType::Text),
        column("account_name", ColumnType::Text),
        column("region", ColumnType::Text),
        column("kind", ColumnType::Text),
        column(NUMBER, ColumnType::Integer),
        column("complete", ColumnType::Boolean),
    ];
    Table { name: "counts".to_owned(), columns }
}

impl<W: Write> Counts<W> {
    /// Begins with the accounts and kinds that there will be.
    pub fn begin<'a, 'k>(
        mut out: W,
        format: CountFormat,
        options: TextOptions,
        accounts: impl Iterator<Item = (&'a str, Option<&'a str>)>,
        kinds: impl Iterator<Item = &'k str>,
    ) -> io::Result<Self> {
        let format = match format {
            CountFormat::Csv => Format::Csv(Box::new(stream(out, &table())?)),
            CountFormat::Json => {
                out.write_all(b"{\"version\":\"1\",\"accounts\":[")?;
                Format::Json { out, is_first: true }
            }
            CountFormat::Text => {
                let paint = Paint::new(options.color);
                let accounts = accounts.map(|(id, name)| width(&label(id, name)));
                let widths = Widths {
                    account: accounts.max().unwrap_or(0).max(12),
                    // `ap-southeast-1`
                    region: 14,
                    kind: kinds.map(width).max().unwrap_or(0).max("all kinds".len()),
                };
                let title = widths.line("account", "region", "kind", NUMBER);
                writeln!(out, "{}", paint.bold(&title))?;
                Format::Text { out, paint, widths }
            }
        };
        Ok(Self { format, total: 0, is_complete: true })
    }

    /// Adds an account.
    pub fn account(&mut self, inventory: &AccountInventory) -> io::Result<()> {
        self.total += inventory.resources();
        self.is_complete &= !inventory.is_incomplete();
        let id = inventory.account.id.as_str();
        let name = inventory.account.name.as_deref();
        match &mut self.format {
            Format::Json { out, is_first } => {
                if !std::mem::take(is_first) {
                    out.write_all(b",")?;
                }
                write_json(out, &v1::Account::from(inventory))
            }
            Format::Csv(table) => lines(inventory).iter().try_for_each(|line| {
                let is_unknown = line.resources == 0 && !line.is_complete;
                let number = i64::try_from(line.resources).ok().filter(|_| !is_unknown);
                let text = |text: Option<&str>| {
                    text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))
                };
                table.write(&[
                    text(Some(id)),
                    text(name),
                    text(Some(line.region.as_str())),
                    text(line.kind),
                    number.map_or(Cell::Null, Cell::Integer),
                    Cell::Boolean(line.is_complete),
                ])
            }),
            Format::Text { out, widths, .. } => lines(inventory).iter().try_for_each(|line| {
                let number = match (line.resources, line.is_complete) {
                    (number, true) => number.to_string(),
                    (0, false) => "unknown".to_owned(),
                    (number, false) => format!("≥ {number}"),
                };
                let kind = line.kind.unwrap_or("all kinds");
                let line = widths.line(&label(id, name), line.region.as_str(), kind, &number);
                writeln!(out, "{line}")
            }),
        }
    }

    /// Ends with the total.
    pub fn finish(self) -> io::Result<()> {
        match self.format {
            Format::Json { mut out, .. } => {
                let (total, incomplete) = (self.total, !self.is_complete);
                writeln!(out, "],\"resources\":{total},\"incomplete\":{incomplete}}}")?;
                out.flush()
            }
            Format::Csv(table) => table.into_inner()?.flush(),
            Format::Text { mut out, paint, widths } => {
                let total = widths.line("total", "", "", &self.total.to_string());
                writeln!(out, "{}", paint.bold(&total))?;
                out.flush()
            }
        }
    }
}

impl Widths {
    fn line(&self, account: &str, region: &str, kind: &str, number: &str) -> String {
        let before = NUMBER.len().saturating_sub(width(number));
        format!(
            "{}  {}  {}  {}{number}",
            pad(account, self.account),
            pad(region, self.region),
            pad(kind, self.kind),
            " ".repeat(before)
        )
    }
}
