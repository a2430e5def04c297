//! Reads a TOML tree and collects every fault on the way instead of stopping at the first. It knows
//! TOML and diagnostics; what the keys mean is the business of its users: frameworks and profiles
//! here, `rolecall.toml` in `config`.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::model::{did_you_mean, text};

/// The name of the table that the whole file is.
pub(crate) const ROOT: &str = "the file";

/// One file being read.
pub(crate) struct Reader<'a> {
    file: &'a str,
    /// The source with secrets masked: the only form in which faults may see it.
    shown: Arc<str>,
    line_starts: Vec<usize>,
    /// Looks up an environment variable.
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    faults: RefCell<Vec<Fault>>,
}

#[derive(PartialEq)]
enum Sort {
    Syntax,
    Missing,
    Meaning,
}

struct Fault {
    sort: Sort,
    diagnostic: Diagnostic,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        file: &'a str,
        shown: Arc<str>,
        env: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let line_starts =
            std::iter::once(0).chain(shown.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, shown, line_starts, env, faults: RefCell::default() }
    }

    /// 1-based line of a byte.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte)
    }

    pub(crate) fn diagnostic(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.file, &self.shown, span, message)
    }

    fn push(&self, sort: Sort, diagnostic: Diagnostic) {
        self.faults.borrow_mut().push(Fault { sort, diagnostic });
    }

    /// A fault of meaning.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.push(Sort::Meaning, diagnostic);
    }

    /// Something that ought to be there.
    pub(crate) fn report_missing(&self, diagnostic: Diagnostic) {
        self.push(Sort::Missing, diagnostic);
    }

    /// A fault of syntax. `advice` knows what a line may have meant.
    pub(crate) fn report_syntax(
        &self,
        error: &toml::de::Error,
        advice: impl Fn(&str) -> Option<&'static str>,
    ) {
        let span = error.span().unwrap_or(0..0);
        let mut diagnostic = self.diagnostic(span.clone(), error.message());
        let line_start = self
            .line(span.start)
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index))
            .copied()
            .unwrap_or(0);
        let line = self.shown.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        if let Some(help) = advice(line) {
            diagnostic = diagnostic.help(help);
        } else if error.message() == "duplicate key" {
            diagnostic =
                diagnostic.help("every key and every [section] stands once; merge the two");
        }
        self.push(Sort::Syntax, diagnostic);
    }

    /// Whether anything was reported.
    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.borrow().is_empty()
    }

    /// Everything reported, in the order of the file. Where the syntax is broken the tree holds
    /// what the parser made of it, so faults that may only follow from that are left out: the
    /// person sees them again, if they are real, once the syntax is right.
    pub(crate) fn into_faults(self) -> Vec<Diagnostic> {
        let (syntax, meaning): (Vec<Fault>, Vec<Fault>) =
            self.faults.take().into_iter().partition(|fault| fault.sort == Sort::Syntax);
        let mut syntax: Vec<Diagnostic> =
            syntax.into_iter().map(|fault| fault.diagnostic).collect();
        syntax.sort_by_key(|fault| fault.span.start);
        let unclosed = syntax.iter().any(|fault| {
            fault.message.starts_with("unclosed array")
                || fault.message.starts_with("unclosed inline")
        });
        // What follows a first mistake on a line is mostly the parser finding its feet again.
        syntax.dedup_by_key(|fault| self.line(fault.span.start));
        let mut end = usize::MAX;
        if unclosed {
            // Everything after a bracket that is never closed was read as items of the list.
            if let Some(first) =
                syntax.iter_mut().find(|fault| fault.message.starts_with("missing comma"))
            {
                end = first.span.start;
                first.message =
                    "the list or inline table above is not closed, or lacks a comma".to_owned();
                first.help = None;
            }
            syntax.retain(|fault| fault.span.start <= end);
        }
        let broken: std::collections::BTreeSet<usize> =
            syntax.iter().map(|fault| self.line(fault.span.start)).collect();
        let meaning = meaning.into_iter().filter(|fault| {
            let span = &fault.diagnostic.span;
            let real = fault.sort == Sort::Meaning && *span != (0..0) && span.start < end;
            broken.is_empty() || (real && !broken.contains(&self.line(span.start)))
        });
        let mut kept: Vec<Diagnostic> = meaning.map(|fault| fault.diagnostic).collect();
        kept.append(&mut syntax);
        kept.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        kept
    }
}

/// A table, and which of its keys were asked for.
pub(crate) struct Table<'a> {
    pub(crate) reader: &'a Reader<'a>,
    /// As a person calls it: `[role]`.
    name: String,
    span: Range<usize>,
    map: &'a DeTable<'a>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        reader: &'a Reader<'a>,
        name: impl Into<String>,
        span: Range<usize>,
        map: &'a DeTable<'a>,
    ) -> Self {
        Self { reader, name: name.into(), span, map, known: RefCell::default() }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.known.borrow_mut().push(key);
        let (key, value) = self.map.get_key_value(key)?;
        Some(Item { reader: self.reader, key: key.get_ref(), value })
    }

    /// The value of a key that must be there.
    pub(crate) fn require(&self, key: &'static str, help: &str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            let message = format!("{} has no `{key}`", self.name);
            self.reader.report_missing(self.reader.diagnostic(self.span(), message).help(help));
        }
        item
    }

    /// Where the table as a whole is pointed at.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// All entries, for tables whose keys the user chooses. No key of it is unknown.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Range<usize>, Item<'a>)> + use<'a> {
        let reader = self.reader;
        self.map
            .iter()
            .map(move |(key, value)| (key.span(), Item { reader, key: key.get_ref(), value }))
    }

    /// A fault about the table as a whole.
    pub(crate) fn fault(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.report(self.reader.diagnostic(self.span(), message).help(help));
    }

    /// Reports every key that was not asked for.
    pub(crate) fn finish(self) {
        let known = self.known.into_inner();
        for key in self.map.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let what = if self.name == ROOT { "section" } else { "key" };
            let fault = self.reader.diagnostic(
                key.span(),
                format!("unknown {what} `{}` in {}", text::one_line(name, 60), self.name),
            );
            self.reader.report(match did_you_mean(name, known.iter().copied()) {
                Some(meant) => fault.help(format!("did you mean `{meant}`?")),
                None => fault.help(format!("{} knows {}", self.name, known.join(", "))),
            });
        }
    }
}

/// A value and the key it belongs to. Items of a list carry the key of the list.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) key: &'a str,
    pub(crate) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Item<'a> {
    pub(crate) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Reports a fault of this value.
    pub(crate) fn fault(&self, message: impl Into<String>) {
        self.reader.report(self.reader.diagnostic(self.span(), message));
    }

    /// Reports a fault of this value, with advice.
    pub(crate) fn fault_help(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.report(self.reader.diagnostic(self.span(), message).help(help));
    }

    /// Reports that the value should have been something else.
    pub(crate) fn wrong_type(&self, expected: &str) {
        self.fault(self.wrong_type_message(expected));
    }

    pub(crate) fn wrong_type_message(&self, expected: &str) -> String {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        format!("`{}` must be {expected}, not {found}", self.key)
    }

    /// Text that is not blank.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.fault_help(
                    format!("`{}` is empty", self.key),
                    "give it a value, or leave the key out",
                );
                None
            }
            DeValue::String(text) => Some(text),
            _ => {
                self.wrong_type("text");
                None
            }
        }
    }

    /// Text of a certain form; the form's own error says what is wrong.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self) -> Option<T> {
        match self.text()?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(T::Err::to_string(&error));
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&self, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = match did_you_mean(text, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("use one of {}", names.join(", ")),
        };
        self.fault_help(format!("`{}` is no {what}", text::one_line(text, 60)), help);
        None
    }

    /// A whole number within limits.
    pub(crate) fn whole(&self, limits: RangeInclusive<u32>) -> Option<u32> {
        let (least, most) = (limits.start(), limits.end());
        let DeValue::Integer(number) = self.value.get_ref() else {
            self.wrong_type(&format!("a whole number from {least} to {most}"));
            return None;
        };
        let value = i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .and_then(|n| u32::try_from(n).ok());
        let value = value.filter(|value| limits.contains(value));
        if value.is_none() {
            self.fault(format!("`{}` must be from {least} to {most}", self.key));
        }
        value
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong_type("true or false");
        }
        value
    }

    /// The items of a list.
    pub(crate) fn list(&self, of: &str) -> Vec<Self> {
        match self.value.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                self.fault_help(
                    format!("`{}` is empty", self.key),
                    "give it a value, or leave the key out",
                );
                Vec::new()
            }
            DeValue::Array(items) => items.iter().map(|value| Self { value, ..*self }).collect(),
            _ => {
                self.wrong_type(&format!("a list of {of}"));
                Vec::new()
            }
        }
    }

    /// The items of a list, or the one value that stands for a list of one.
    pub(crate) fn one_or_many(&self, of: &str) -> Vec<Self> {
        match self.value.get_ref() {
            DeValue::String(_) => vec![*self],
            DeValue::Array(_) => self.list(of),
            _ => {
                self.wrong_type(&format!("text or a list of {of}"));
                Vec::new()
            }
        }
    }

    /// A table, under the name by which faults call it.
    pub(crate) fn table(&self, name: impl Into<String>) -> Option<Table<'a>> {
        match self.value.get_ref() {
            DeValue::Table(map) => Some(Table::new(self.reader, name, self.span(), map)),
            _ => {
                self.wrong_type("a table");
                None
            }
        }
    }
}
