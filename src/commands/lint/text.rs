//! Diagnostics as text for people, with source lines and carets.

use std::io::{self, Write};

use crate::rules::lint::LintReport;

pub(crate) fn write(report: &LintReport, color: bool, out: &mut dyn Write) -> io::Result<()> {
    for (number, diagnostic) in report.diagnostics.iter().enumerate() {
        let between = if number == 0 { "" } else { "\n" };
        writeln!(out, "{between}{}", diagnostic.render(color))?;
    }
    Ok(())
}
