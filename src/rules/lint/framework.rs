//! Checks of a framework file: that it is valid TOML, and that its rules exist.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader::syntax_message;
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;

/// Checks a framework; `ids` are the rules that it can refer to.
pub(crate) fn check(file: &SourceFile, ids: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut checker = Checker { file, ids, diagnostics: Vec::new() };
    match DeTable::parse(&file.text) {
        Ok(table) => checker.table(table.get_ref()),
        Err(error) => checker.report(
            Code::InvalidFramework,
            error.span().unwrap_or(0..0),
            text::one_line(syntax_message(&error), 300),
            None,
        ),
    }
    checker.diagnostics
}

struct Checker<'a> {
    file: &'a SourceFile,
    ids: &'a BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, code: Code, span: Range<usize>, message: String, help: Option<String>) {
        let diagnostic =
            Diagnostic::new(&self.file.name, &self.file.text, span, message).code(code);
        self.diagnostics.push(Diagnostic { help, ..diagnostic });
    }

    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            if key.get_ref() == "rules" { self.rules(value) } else { self.inner(value.get_ref()) }
        }
    }

    fn inner(&mut self, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(items) => items.iter().for_each(|item| self.inner(item.get_ref())),
            _ => {}
        }
    }

    fn rules(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Array(items) = value.get_ref() else {
            let help = "write `rules = [\"…\", \"…\"]`".to_owned();
            return self.report(
                Code::InvalidFramework,
                value.span(),
                "`rules` must be a list of rule ids".to_owned(),
                Some(help),
            );
        };
        for item in items {
            let DeValue::String(id) = item.get_ref() else {
                self.report(
                    Code::InvalidFramework,
                    item.span(),
                    "each item of `rules` must be a string".to_owned(),
                    None,
                );
                continue;
            };
            if !self.ids.contains(id.as_ref()) {
                let help = match did_you_mean(id, self.ids.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "`rolecall rules --rule-profile all` lists all rules".to_owned(),
                };
                self.report(
                    Code::UnknownRule,
                    item.span(),
                    format!("unknown rule `{}`", text::one_line(id, 100)),
                    Some(help),
                );
            }
        }
    }
}
