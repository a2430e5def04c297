//! Texts as cells of CSV files. They come from AWS, so they are data that a spreadsheet must not
//! execute.

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use crate::model::text::printable;

/// RFC 4180.
pub(super) fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

/// Whether spreadsheets can take a cell that starts with this character for a formula.
pub(super) fn is_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// A text on one line and without control characters, and with `'` in front of a formula.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    let is_formula = text.trim_start_matches(' ').starts_with(is_formula);
    let shown = printable(text);
    if is_formula { Cow::Owned(format!("'{shown}")) } else { shown }
}
