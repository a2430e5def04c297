//! Workflow commands for GitHub Actions, which become annotations on the changed lines.

use std::io::{self, Write};

use crate::diagnostics::Diagnostic;
use crate::output::github::{data, property};
use crate::rules::lint::LintReport;

fn command(diagnostic: &Diagnostic) -> String {
    let ((line, column), (end_line, end_column)) =
        (diagnostic.position(), diagnostic.end_position());
    let title =
        diagnostic.code.map_or_else(String::new, |code| format!("{}: {}", code.id(), code.title()));
    let help = diagnostic.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    // GitHub's end column is inclusive, and columns are only valid within one line.
    let end = if line == end_line {
        format!(",endColumn={}", end_column.saturating_sub(1).max(column))
    } else {
        String::new()
    };
    format!(
        "::error file={},line={line},endLine={end_line},col={column}{end},title={}::{}",
        property(&diagnostic.file),
        property(&title),
        data(&format!("{}{help}", diagnostic.message))
    )
}

pub(crate) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    report.diagnostics.iter().try_for_each(|diagnostic| writeln!(out, "{}", command(diagnostic)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Code;

    #[test]
    fn text_of_files_and_their_names_is_escaped() {
        let diagnostic = Diagnostic::new(
            "a,b:c%\n::x.rhai",
            &"a\nxyz\n".into(),
            2..5,
            "100% wrong\r\n::error::",
        )
        .code(Code::UnknownField)
        .help("a, b");
        assert_eq!(
            command(&diagnostic),
            "::error file=a%2Cb%3Ac%25 %3A%3Ax.rhai,line=2,endLine=2,col=1,endColumn=3,title=R030%3A Unknown field\
             ::100%25 wrong  ::error::; a, b"
        );
    }
}
