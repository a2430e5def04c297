//! For programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostics::Diagnostic;
use crate::output::write_json;
use crate::rules::lint::LintReport;

/// The number of this form; it only grows by fields.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    /// Rule and framework files that were looked at.
    files: usize,
    diagnostics: Vec<Mistake<'a>>,
}

/// Lines and columns are 1-based, columns count characters; the end is behind the last character.
#[derive(Serialize)]
struct Mistake<'a> {
    code: Option<&'static str>,
    severity: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
    help: Option<&'a str>,
}

impl<'a> From<&'a Diagnostic> for Mistake<'a> {
    fn from(fault: &'a Diagnostic) -> Self {
        let ((line, column), (end_line, end_column)) = (fault.position(), fault.end_position());
        Self {
            code: fault.code.map(|code| code.id()),
            severity: "error",
            file: &fault.file,
            line,
            column,
            end_line,
            end_column,
            message: &fault.message,
            help: fault.help.as_deref(),
        }
    }
}

pub(crate) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics = report.diagnostics.iter().map(Mistake::from).collect();
    write_json(out, &Report { version: VERSION, files: report.files, diagnostics })?;
    out.write_all(b"\n")
}
