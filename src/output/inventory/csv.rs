//! Tables as CSV: RFC 4180 in UTF-8, with a header. Texts come from AWS, so they are data that a
//! spreadsheet must not execute.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::Writer;

use super::table_file::TableFile;
use crate::inventory::{Cell, Table};
use crate::output::escape::write_json;
use crate::output::spreadsheet::{self, is_formula, safe};
use crate::output::{OutputError, Sink};

/// A table that is being written.
pub(super) struct CsvTable<W: Write> {
    writer: Writer<W>,
    columns: usize,
}

impl<W: Write> CsvTable<W> {
    /// Writes the header.
    pub(super) fn new(out: W, table: &Table) -> io::Result<Self> {
        let mut writer = spreadsheet::writer(out);
        writer.write_record(table.columns.iter().map(|column| safe(&column.name).into_owned()))?;
        Ok(Self { writer, columns: table.columns.len() })
    }

    pub(super) fn write(&mut self, cells: &[Cell]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns);
        for cell in cells {
            self.writer.write_field(text(cell)?.as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn into_inner(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl TableFile for CsvTable<Sink> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        self.write(cells)
    }

    fn end_of_account(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Sink> {
        self.into_inner()
    }
}

fn text(cell: &Cell) -> io::Result<Cow<'_, str>> {
    Ok(match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Text(text) => safe(text),
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Float(number) => Cow::Owned(number.to_string()),
        Cell::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Cell::Time(time) => Cow::Owned(time.to_string()),
        Cell::Json(value) => {
            let mut json = Vec::new();
            write_json(&mut json, value)?;
            match String::from_utf8(json).map_err(io::Error::other)? {
                // A value that is not an object or a list, and looks like a formula.
                json if json.starts_with(is_formula) => safe(&json).into_owned().into(),
                json => Cow::Owned(json),
            }
        }
    })
}

/// Writes a table row by row to a stream.
pub(super) fn stream<W: Write>(out: W, table: &Table) -> io::Result<CsvTable<W>> {
    CsvTable::new(out, table)
}

/// An error of the `csv` crate in writing is one of the writer.
pub(super) fn open(sink: Sink, table: &Table) -> Result<Box<dyn TableFile>, OutputError> {
    let to = sink.destination().clone();
    let table = CsvTable::new(sink, table).map_err(|error| OutputError::io(&to, error))?;
    Ok(Box::new(table))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_not_executed_and_stay_on_one_line() {
        for (cell, expected) in [
            (Cell::Null, ""),
            (Cell::Text("plain, \"quoted\"".into()), "plain, \"quoted\""),
            (Cell::Text("=1+1".into()), "'=1+1"),
            (Cell::Text("+1".into()), "'+1"),
            (Cell::Text("-2".into()), "'-2"),
            (Cell::Text("@SUM(A1)".into()), "'@SUM(A1)"),
            (Cell::Text("\t=1".into()), "' =1"),
            (Cell::Text("\r=1".into()), "' =1"),
            (Cell::Text("  =1".into()), "'  =1"),
            (Cell::Text("＝1".into()), "'＝1"),
            (Cell::Text("a=b".into()), "a=b"),
            (Cell::Text("a\nb\u{1b}[31m\u{202e}".into()), "a b\u{fffd}[31m\u{fffd}"),
            (Cell::Integer(-1), "-1"),
            (Cell::Float(0.012), "0.012"),
            (Cell::Boolean(false), "false"),
            (Cell::Time("2026-03-14T02:15:07Z".parse().unwrap()), "2026-03-14T02:15:07Z"),
            (Cell::Json(json!({"a": "=1\n\u{202e}"})), r#"{"a":"=1\n\u202e"}"#),
            (Cell::Json(json!("=1")), "\"=1\""),
            (Cell::Json(json!(-1)), "'-1"),
        ] {
            assert_eq!(text(&cell).unwrap(), expected, "{cell:?}");
        }
    }
}
