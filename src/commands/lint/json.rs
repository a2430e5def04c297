//! Diagnostics as JSON, for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostics::Diagnostic;
use crate::output::write_json;
use crate::rules::lint::LintReport;

/// Format version; fields may be added within a version.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    /// Rule and framework files that were checked.
    files: usize,
    diagnostics: Vec<Entry<'a>>,
}

/// Lines and columns are 1-based, columns count characters; the end is after the last character.
#[derive(Serialize)]
struct Entry<'a> {
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

impl<'a> From<&'a Diagnostic> for Entry<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let ((line, column), (end_line, end_column)) =
            (diagnostic.position(), diagnostic.end_position());
        Self {
            code: diagnostic.code.map(|code| code.id()),
            severity: "error",
            file: &diagnostic.file,
            line,
            column,
            end_line,
            end_column,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
        }
    }
}

pub(crate) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics = report.diagnostics.iter().map(Entry::from).collect();
    write_json(out, &Report { version: VERSION, files: report.files, diagnostics })?;
    out.write_all(b"\n")
}
