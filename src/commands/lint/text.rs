//! For people: each mistake with its source line and a caret.

use std::io::{self, Write};

use crate::rules::lint::LintReport;

pub(crate) fn write(report: &LintReport, color: bool, out: &mut dyn Write) -> io::Result<()> {
    for (number, fault) in report.diagnostics.iter().enumerate() {
        let between = if number == 0 { "" } else { "\n" };
        writeln!(out, "{between}{}", fault.render(color))?;
    }
    Ok(())
}
