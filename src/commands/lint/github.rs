//! Workflow commands of GitHub Actions, which become annotations of the changed lines.

use std::io::{self, Write};

use crate::diagnostics::Diagnostic;
use crate::model::text::printable;
use crate::rules::lint::LintReport;

/// A text as the data of a command: one line, with the escapes that GitHub undoes.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn command(fault: &Diagnostic) -> String {
    let ((line, column), (end_line, end_column)) = (fault.position(), fault.end_position());
    let title =
        fault.code.map_or_else(String::new, |code| format!("{}: {}", code.id(), code.title()));
    let help = fault.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    // GitHub's end is the last character; columns make sense to it on one line only.
    let end = if line == end_line {
        format!(",endColumn={}", end_column.saturating_sub(1).max(column))
    } else {
        String::new()
    };
    format!(
        "::error file={},line={line},endLine={end_line},col={column}{end},title={}::{}",
        property(&fault.file),
        property(&title),
        data(&format!("{}{help}", fault.message))
    )
}

pub(crate) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    report.diagnostics.iter().try_for_each(|fault| writeln!(out, "{}", command(fault)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Code;

    #[test]
    fn nothing_in_a_file_or_its_name_can_end_the_command() {
        let fault = Diagnostic::new(
            "a,b:c%\n::x.rhai",
            &"a\nxyz\n".into(),
            2..5,
            "100% wrong\r\n::error::",
        )
        .code(Code::UnknownField)
        .help("a, b");
        assert_eq!(
            command(&fault),
            "::error file=a%2Cb%3Ac%25 %3A%3Ax.rhai,line=2,endLine=2,col=1,endColumn=3,title=R030%3A Unknown field\
             ::100%25 wrong  ::error::; a, b"
        );
    }
}
