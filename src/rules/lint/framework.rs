//! Checks of a framework file: that it is TOML, and that the rules it names exist.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;

/// Every fault of a framework, given the ids of the rules that it may name.
pub(crate) fn check(file: &SourceFile, ids: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut checker = Checker { file, ids, faults: Vec::new() };
    match DeTable::parse(&file.text) {
        Ok(table) => checker.table(table.get_ref()),
        Err(error) => checker.refuse(
            Code::BadFramework,
            error.span().unwrap_or(0..0),
            text::one_line(error.message(), 300),
            None,
        ),
    }
    checker.faults
}

struct Checker<'a> {
    file: &'a SourceFile,
    ids: &'a BTreeSet<String>,
    faults: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn refuse(&mut self, code: Code, span: Range<usize>, message: String, help: Option<String>) {
        let fault = Diagnostic::new(&self.file.name, &self.file.text, span, message).code(code);
        self.faults.push(Diagnostic { help, ..fault });
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
            let help = "write rules = [\"…\", \"…\"]".to_owned();
            return self.refuse(
                Code::BadFramework,
                value.span(),
                "`rules` is not a list of rule ids".to_owned(),
                Some(help),
            );
        };
        for item in items {
            let DeValue::String(id) = item.get_ref() else {
                self.refuse(
                    Code::BadFramework,
                    item.span(),
                    "a rule id is a text".to_owned(),
                    None,
                );
                continue;
            };
            if !self.ids.contains(id.as_ref()) {
                let help = match did_you_mean(id, self.ids.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "`rolecall rules` lists the rules".to_owned(),
                };
                self.refuse(
                    Code::UnknownRule,
                    item.span(),
                    format!("there is no rule `{}`", text::one_line(id, 100)),
                    Some(help),
                );
            }
        }
    }
}
