//! Reports of `apply` and `verify`, as text or JSON.

use std::io::{self, Write};

use crate::cli::ReportFormat;
use crate::output::{LogLines, write_json};

/// Writes a report in the requested format.
pub(super) fn write_report(
    out: &mut dyn Write,
    format: ReportFormat,
    report: &impl serde::Serialize,
    text: &str,
) -> io::Result<()> {
    match format {
        // Names and messages come from AWS.
        ReportFormat::Text => LogLines::new(&mut *out).write_all(text.as_bytes())?,
        ReportFormat::Json => write_json(out, report).and_then(|()| out.write_all(b"\n"))?,
    }
    out.flush()
}
