//! Reads `[[waiver]]` tables, from `rolecall.toml` or from files of their own.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::error::WaiverError;
use super::waiver::{Patterns, Selector, Waiver};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader::{Item, ROOT, Reader, Table};
use crate::model::{Fingerprint, Globs, Waived, parse_date, text};

/// The maximum size of a file with waivers in bytes, enough for fifty thousand of them.
const MAX_BYTES: u64 = 16 << 20;

const EXPIRES: &str = "set the last day on which the waiver applies: expires = 2026-12-31";

/// Reads a file that contains only waivers.
pub fn load(path: &Path) -> Result<Vec<Waiver>, WaiverError> {
    parse(&path.display().to_string(), &read_text(path, MAX_BYTES)?).map_err(WaiverError::Invalid)
}

/// Reads a text file, up to a limit.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<String, WaiverError> {
    let failed = |error| WaiverError::Read { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(WaiverError::TooLarge { path: path.to_owned(), limit });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
        WaiverError::NotText { path: path.to_owned(), line }
    })
}

/// Parses a file that contains only waivers.
fn parse(file: &str, source: &str) -> Result<Vec<Waiver>, Vec<Diagnostic>> {
    let (tree, syntax_errors) = DeTable::parse_recoverable(source);
    let shown: Arc<str> = source.into();
    let reader = Reader::new(file, shown, &|_| None);
    for error in &syntax_errors {
        reader.report_syntax(error, |_| None);
    }
    let root = Table::new(&reader, ROOT, 0..0, tree.get_ref());
    let waivers = root.get("waiver").map(tables).unwrap_or_default();
    root.finish();
    if reader.has_errors() { Err(reader.into_diagnostics()) } else { Ok(waivers) }
}

/// Reads a list of `[[waiver]]` tables. The result is valid only if the reader has reported no
/// errors.
pub(crate) fn tables(item: Item<'_>) -> Vec<Waiver> {
    let items = item.list("[[waiver]] tables");
    items.into_iter().filter_map(|item| waiver(item.table("[[waiver]]")?)).collect()
}

fn waiver(table: Table<'_>) -> Option<Waiver> {
    let fingerprint = table.get("fingerprint");
    let patterns = ["rule", "account", "region", "resource", "tags"].map(|key| table.get(key));
    let required = |key, help| table.require(key, help).and_then(|item| item.text());
    let reason = required("reason", "explain why the problem is accepted: reason = \"…\"");
    let owner = required("owner", "name who accepts the problem: owner = \"platform-team\"");
    let expires = table.require("expires", EXPIRES);
    let ticket = table.get("ticket").map(|item| item.text());
    let selector = selector(&table, fingerprint, patterns);
    let (reader, span) = (table.reader, table.span());
    let (line, column) = reader.diagnostic(span, "").position();
    table.finish();
    let day = expires.and_then(date);
    let at = reader.diagnostic(expires?.span(), "");
    Some(Waiver {
        selector: selector?,
        terms: Waived {
            reason: reason?.trim().to_owned(),
            owner: owner?.trim().to_owned(),
            expires: day?,
            ticket: ticket.flatten().map(|ticket| ticket.trim().to_owned()),
            file: at.file.clone(),
            line,
        },
        column,
        expires_at: Box::new(at),
    })
}

fn selector(
    table: &Table<'_>,
    fingerprint: Option<Item<'_>>,
    patterns: [Option<Item<'_>>; 5],
) -> Option<Selector> {
    const KEYS: &str =
        "set `fingerprint`, or at least one of `rule`, `account`, `region`, `resource` and `tags`";
    if let Some(fingerprint) = fingerprint {
        if let Some(other) = patterns.iter().flatten().next() {
            other.report_error_with_help(
                format!("`{}` cannot be combined with `fingerprint`", other.key),
                "a fingerprint already identifies rule, account, region and resource; remove one of the two",
            );
        }
        return fingerprints(fingerprint).map(Selector::Fingerprints);
    }
    if patterns.iter().all(Option::is_none) {
        table.report_error("this [[waiver]] waives every finding in every account", KEYS);
        return None;
    }
    let [rule, account, region, resource, tags] = patterns;
    if let Some(account) = account
        && matches!(account.value.get_ref(), DeValue::Integer(_))
    {
        account.report_error_with_help(
            account.wrong_type_message("a string"),
            "write account ids as strings: \"012345678901\"",
        );
        return None;
    }
    let all = [rule, account, region, resource].map(|item| item.map(|item| item.globs()));
    let tags = tags.map_or(Some(Vec::new()), tag_patterns);
    let is_valid = |globs: &Option<Option<Globs>>| !matches!(globs, Some(None));
    if !all.iter().all(is_valid) {
        return None;
    }
    let patterns = Patterns::new(all.map(Option::flatten), tags?);
    if patterns.keys().iter().all(|(_, texts)| texts.contains(&"*")) {
        table.report_error("this [[waiver]] waives every finding in every account", KEYS);
        return None;
    }
    Some(Selector::Patterns(Box::new(patterns)))
}

fn fingerprints(item: Item<'_>) -> Option<Vec<Fingerprint>> {
    let mut found = Vec::new();
    let mut valid = true;
    for item in item.one_or_many("fingerprints") {
        match item.text().map(|text| (text, text.parse())) {
            Some((_, Ok(fingerprint))) => found.push(fingerprint),
            Some((text, Err(_))) => {
                item.report_error_with_help(
                    format!("`{}` is not a valid fingerprint", text::one_line(text, 60)),
                    "copy the 32 hexadecimal digits of `fingerprint` from the JSON report",
                );
                valid = false;
            }
            None => valid = false,
        }
    }
    (valid && !found.is_empty()).then_some(found)
}

/// Patterns for `Key=Value`.
pub(crate) fn tag_patterns(item: Item<'_>) -> Option<Vec<Globs>> {
    let mut found = Vec::new();
    let mut valid = true;
    for item in item.one_or_many("patterns") {
        let Some(text) = item.text() else {
            valid = false;
            continue;
        };
        if !text.contains('=') {
            item.report_error_with_help(
                format!("`{}` is not a valid tag pattern", text::one_line(text, 60)),
                "use `Key=Value`, for example `Environment=dev-*`",
            );
            valid = false;
            continue;
        }
        match Globs::new(&[text]) {
            Ok(globs) => found.push(globs),
            Err(error) => {
                item.report_error(error.to_string());
                valid = false;
            }
        }
    }
    (valid && !found.is_empty()).then_some(found)
}

/// A TOML date, or a string with one.
fn date(item: Item<'_>) -> Option<Date> {
    let found = match item.value.get_ref() {
        DeValue::Datetime(value) if value.time.is_none() && value.offset.is_none() => {
            value.date.and_then(|date| {
                let year = i16::try_from(date.year).ok()?;
                Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
            })
        }
        DeValue::Datetime(_) => None,
        DeValue::String(_) => parse_date(item.text()?),
        _ => {
            item.wrong_type("a date");
            return None;
        }
    };
    if found.is_none() {
        item.report_error_with_help(
            "`expires` must be a date, such as 2026-12-31, without a time",
            "the waiver applies until the end of that day in UTC",
        );
    }
    found
}
