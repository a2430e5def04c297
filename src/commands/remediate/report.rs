//! Reports of `apply` and `verify`, as text or JSON.

use std::io::Write;

use crate::cli::ReportFormat;
use crate::output::{LogLines, write_json};
use crate::run::error::CommandError;

/// Writes a report in the requested format.
pub(super) fn write_report(
    out: &mut dyn Write,
    format: ReportFormat,
    report: &impl serde::Serialize,
    text: &str,
) -> Result<(), CommandError> {
    let written = match format {
        // Names and messages come from AWS.
        ReportFormat::Text => LogLines::new(&mut *out).write_all(text.as_bytes()),
        ReportFormat::Json => write_json(out, report).and_then(|()| out.write_all(b"\n")),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))
}
