//! Reads a TOML tree and collects all errors instead of stopping at the first. It handles only TOML
//! and diagnostics; its callers define the keys: frameworks and profiles in `rules`,
//! `rolecall.toml` in `config`.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostic};
use crate::model::{Globs, InvalidId, code_series, did_you_mean, text};

/// The name of the root table.
pub(crate) const ROOT: &str = "the file";

/// Reads one file and collects its errors.
pub(crate) struct Reader<'a> {
    file: &'a str,
    /// The source with secrets masked, so that diagnostics never contain them.
    shown: Arc<str>,
    line_starts: Vec<usize>,
    /// Looks up an environment variable.
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    errors: RefCell<Vec<ReportedError>>,
}

#[derive(PartialEq)]
enum ErrorKind {
    Syntax,
    MissingKey,
    InvalidValue,
}

struct ReportedError {
    kind: ErrorKind,
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
        Self { file, shown, line_starts, env, errors: RefCell::default() }
    }

    /// The 1-based line of a byte offset.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte)
    }

    pub(crate) fn diagnostic(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.file, &self.shown, span, message)
    }

    fn push(&self, kind: ErrorKind, diagnostic: Diagnostic) {
        self.errors.borrow_mut().push(ReportedError { kind, diagnostic });
    }

    /// Reports an invalid key or value.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.push(ErrorKind::InvalidValue, diagnostic);
    }

    /// Reports a missing key.
    pub(crate) fn report_missing(&self, diagnostic: Diagnostic) {
        self.push(ErrorKind::MissingKey, diagnostic);
    }

    /// Reports a TOML syntax error. `advice` returns a help text for a source line.
    pub(crate) fn report_syntax(
        &self,
        error: &toml::de::Error,
        advice: impl Fn(&str) -> Option<&'static str>,
    ) {
        let span = error.span().unwrap_or(0..0);
        let mut diagnostic = self.diagnostic(span.clone(), syntax_message(error));
        let line_start = self
            .line(span.start)
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index))
            .copied()
            .unwrap_or(0);
        let line = self.shown.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let usual = || usual_mistake(error.message(), line, &self.shown);
        if let Some(help) = advice(line).map(str::to_owned).or_else(usual) {
            diagnostic = diagnostic.help(help);
        }
        self.push(ErrorKind::Syntax, diagnostic);
    }

    /// Whether any error was reported.
    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// All reported errors, in file order. After a syntax error the tree contains the parser's best
    /// guess, so errors that may only be a consequence are omitted; if they are real, they are
    /// reported once the syntax error is fixed.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let (syntax, other): (Vec<ReportedError>, Vec<ReportedError>) =
            self.errors.take().into_iter().partition(|error| error.kind == ErrorKind::Syntax);
        let mut syntax: Vec<Diagnostic> =
            syntax.into_iter().map(|error| error.diagnostic).collect();
        syntax.sort_by_key(|error| error.span.start);
        let unclosed = syntax.iter().any(|error| {
            error.message.starts_with("unclosed array")
                || error.message.starts_with("unclosed inline")
        });
        // Further errors on the same line are usually the parser recovering from the first.
        syntax.dedup_by_key(|error| self.line(error.span.start));
        let mut end = usize::MAX;
        if unclosed {
            // Everything after an unclosed bracket was parsed as items of the list.
            if let Some(first) =
                syntax.iter_mut().find(|error| error.message.starts_with("missing comma"))
            {
                end = first.span.start;
                first.message =
                    "the list or inline table above is not closed or is missing a comma".to_owned();
                first.help = None;
            }
            syntax.retain(|error| error.span.start <= end);
        }
        let broken: std::collections::BTreeSet<usize> =
            syntax.iter().map(|error| self.line(error.span.start)).collect();
        // The keys below an unclosed header were parsed as keys of another table.
        let misplaced: Vec<Range<usize>> = syntax
            .iter()
            .filter(|error| {
                error.message.starts_with("unclosed table")
                    || error.message.starts_with("unclosed array table")
            })
            .map(|error| {
                let start = error.span.start;
                let rest = self.shown.get(start..).unwrap_or_default();
                start..rest.find("\n[").map_or(usize::MAX, |next| start + next)
            })
            .collect();
        let other = other.into_iter().filter(|error| {
            let span = &error.diagnostic.span;
            let independent = error.kind == ErrorKind::InvalidValue
                && *span != (0..0)
                && span.start < end
                && misplaced.iter().all(|keys| !keys.contains(&span.start));
            broken.is_empty() || (independent && !broken.contains(&self.line(span.start)))
        });
        let mut kept: Vec<Diagnostic> = other.map(|error| error.diagnostic).collect();
        kept.append(&mut syntax);
        kept.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        kept
    }
}

/// What to do about a syntax error that many people make.
fn usual_mistake(error: &str, line: &str, file: &str) -> Option<String> {
    let line = line.trim();
    if file.trim_start().starts_with('{') {
        return Some("the file looks like JSON, and must be TOML: `key = value`".to_owned());
    }
    if line.contains(['“', '”', '„', '‘', '’']) && error.contains("quoted") {
        return Some("these quotes are typographic: write `\"`".to_owned());
    }
    if error == "duplicate key" {
        let header = line.strip_prefix('[').and_then(|rest| rest.split(']').next());
        let is_list = |header: &&str| {
            file.lines().any(|other| other.trim().starts_with(&format!("[[{header}]]")))
        };
        return Some(match header.filter(is_list) {
            Some(header) => format!("write `[[{header}]]`, which begins another entry of the list"),
            None => "each key and `[section]` can appear only once: merge the two".to_owned(),
        });
    }
    let (key, _) = line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?;
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    let is_yaml = !key.is_empty() && key.trim_start_matches("- ").chars().all(is_key);
    is_yaml.then(|| "the line looks like YAML, and must be TOML: `key = value`".to_owned())
}

/// The message of a TOML syntax error, without the parser's own terms.
pub(crate) fn syntax_message(error: &toml::de::Error) -> &str {
    match error.message() {
        "string values must be quoted, expected literal string" => "string values must be quoted",
        other => other,
    }
}

/// A table that tracks which of its keys were read.
pub(crate) struct Table<'a> {
    pub(crate) reader: &'a Reader<'a>,
    /// The name in diagnostics: `[role]`.
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
        Some(Item { reader: self.reader, key: key.get_ref(), value, in_list: false })
    }

    /// The value of a required key.
    pub(crate) fn require(&self, key: &'static str, help: &str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            let message = format!("missing key `{key}` in {}", self.name);
            self.reader.report_missing(self.reader.diagnostic(self.span(), message).help(help));
        }
        item
    }

    /// The span that diagnostics about the whole table use.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// All entries, for tables with user-defined keys. None of these keys is unknown.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Range<usize>, Item<'a>)> + use<'a> {
        let reader = self.reader;
        self.map.iter().map(move |(key, value)| {
            (key.span(), Item { reader, key: key.get_ref(), value, in_list: false })
        })
    }

    /// Reports an error about the whole table.
    pub(crate) fn report_error(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.report(self.reader.diagnostic(self.span(), message).help(help));
    }

    /// Reports every key that was not read.
    pub(crate) fn finish(self) {
        let known = self.known.into_inner();
        for (key, value) in self.map {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let is_table = matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
            let (unknown, what) = match (self.name == ROOT, is_table) {
                (true, true) => ("unknown section", "section"),
                (true, false) => ("unknown top-level key", "section"),
                (false, _) => ("unknown key", "key"),
            };
            let shown = text::one_line(name, 60);
            let message = match self.name == ROOT {
                true => format!("{unknown} `{shown}`"),
                false => format!("{unknown} `{shown}` in {}", self.name),
            };
            let diagnostic = self.reader.diagnostic(key.span(), message);
            self.reader.report(match did_you_mean(name, known.iter().copied()) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => {
                    diagnostic.help(format!("valid {what}s: {}", code_series(known.iter(), "and")))
                }
            });
        }
    }
}

/// A value and its key. List items have the key of the list.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) key: &'a str,
    pub(crate) value: &'a Spanned<DeValue<'a>>,
    /// Whether the value is an item of the list with this key.
    in_list: bool,
}

impl<'a> Item<'a> {
    pub(crate) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Reports an error about this value.
    pub(crate) fn report_error(&self, message: impl Into<String>) {
        self.reader.report(self.reader.diagnostic(self.span(), message));
    }

    /// Reports an error about this value, with a help text.
    pub(crate) fn report_error_with_help(
        &self,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.reader.report(self.reader.diagnostic(self.span(), message).help(help));
    }

    /// Reports an error about this value, with a code.
    pub(crate) fn report_error_with_code(
        &self,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.reader.diagnostic(self.span(), message).help(help);
        self.reader.report(diagnostic.code(code));
    }

    /// Reports a value of the wrong type. `expected` includes an article: `a string`.
    pub(crate) fn wrong_type(&self, expected: &str) {
        self.report_error(self.wrong_type_message(expected));
    }

    pub(crate) fn wrong_type_message(&self, expected: &str) -> String {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a datetime",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        format!("{} must be {expected}, not {found}", self.subject())
    }

    /// The value in messages: "`regions`" or "each item of `regions`".
    fn subject(&self) -> String {
        let item = if self.in_list { "each item of " } else { "" };
        format!("{item}`{}`", self.key)
    }

    /// A string that is not blank.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                if self.in_list {
                    self.report_error_with_help(
                        format!("empty string in `{}`", self.key),
                        "set a value or remove the item",
                    );
                } else {
                    self.report_error_with_help(
                        format!("`{}` is empty", self.key),
                        "set a value or remove the key",
                    );
                }
                None
            }
            DeValue::String(text) => Some(text),
            _ => {
                self.wrong_type("a string");
                None
            }
        }
    }

    /// Parses an identifier.
    pub(crate) fn parse<T: FromStr<Err = InvalidId>>(&self) -> Option<T> {
        match self.text()?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.report_error_with_help(error.message(), error.help);
                None
            }
        }
    }

    /// One of a fixed set of words. `what` is the noun for messages: `format`.
    pub(crate) fn one_of<T: Copy>(&self, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = match did_you_mean(text, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("valid values: {}", code_series(&names, "and")),
        };
        self.report_error_with_help(
            format!("`{}` is not a valid {what}", text::one_line(text, 60)),
            help,
        );
        None
    }

    /// An integer within limits.
    pub(crate) fn integer(&self, limits: RangeInclusive<u32>) -> Option<u32> {
        let (least, most) = (limits.start(), limits.end());
        let DeValue::Integer(number) = self.value.get_ref() else {
            self.wrong_type(&format!("an integer from {least} to {most}"));
            return None;
        };
        let value = i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .and_then(|n| u32::try_from(n).ok());
        let value = value.filter(|value| limits.contains(value));
        if value.is_none() {
            self.report_error(format!("{} must be from {least} to {most}", self.subject()));
        }
        value
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong_type("`true` or `false`");
        }
        value
    }

    /// The items of a list.
    pub(crate) fn list(&self, of: &str) -> Vec<Self> {
        match self.value.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                self.report_error_with_help(
                    format!("`{}` is empty", self.key),
                    "set a value or remove the key",
                );
                Vec::new()
            }
            DeValue::Array(items) => {
                items.iter().map(|value| Self { value, in_list: true, ..*self }).collect()
            }
            _ => {
                self.wrong_type(&format!("a list of {of}"));
                Vec::new()
            }
        }
    }

    /// The items of a list, or a single string as a list of one.
    pub(crate) fn one_or_many(&self, of: &str) -> Vec<Self> {
        match self.value.get_ref() {
            DeValue::String(_) => vec![*self],
            DeValue::Array(_) => self.list(of),
            _ => {
                self.wrong_type(&format!("a string or a list of {of}"));
                Vec::new()
            }
        }
    }

    /// Glob patterns, as a string or a list.
    pub(crate) fn globs(&self) -> Option<Globs> {
        let mut patterns = Vec::new();
        let mut valid = true;
        for item in self.one_or_many("patterns") {
            let pattern = item.text();
            if let Some(Err(error)) = pattern.map(|pattern| Globs::new(&[pattern])) {
                item.report_error(error.to_string());
                valid = false;
            }
            patterns.extend(pattern);
        }
        if valid && !patterns.is_empty() { Globs::new(&patterns).ok() } else { None }
    }

    /// A table; `name` is used in diagnostics.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_mistakes_have_an_advice() {
        for (text, expected) in [
            ("a = “low”", "these quotes are typographic: write `\"`"),
            ("a = ‘low’", "these quotes are typographic: write `\"`"),
            ("a = 1\na = 2", "each key and `[section]` can appear only once: merge the two"),
            ("[a]\n[a]", "each key and `[section]` can appear only once: merge the two"),
            ("[[a]]\nb = 1\n[a]", "write `[[a]]`, which begins another entry of the list"),
            ("{\n  \"a\": 1\n}", "the file looks like JSON, and must be TOML: `key = value`"),
            ("role:\n  name: x", "the line looks like YAML, and must be TOML: `key = value`"),
            ("# text\nfail_on: high", "the line looks like YAML, and must be TOML: `key = value`"),
            ("a = low", ""),
            ("a = ", ""),
            ("a = 'x: y", ""),
        ] {
            let reader = Reader::new("a.toml", text.into(), &|_| None);
            let (_, errors) = DeTable::parse_recoverable(text);
            errors.iter().for_each(|error| reader.report_syntax(error, |_| None));
            let help = reader.into_diagnostics().into_iter().next().map(|first| first.help);
            assert_eq!(help.map(Option::unwrap_or_default).as_deref(), Some(expected), "{text}");
        }
    }
}
