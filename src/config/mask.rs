//! External ids are secrets that may stand in `rolecall.toml` as text. Diagnostics show source
//! lines, so they never see the source itself but a copy in which those texts are stars, byte for
//! byte: spans stay what they are.
//!
//! Two passes, because neither sees everything: the parsed tree knows where values begin and end,
//! the raw text is all there is when the syntax is broken. Both also take misspelt keys; a star too
//! many is better than a secret in a CI log.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::did_you_mean;

/// The prefix of the environment variables that the config may read.
pub(super) const ENV_PREFIX: &str = "ROLECALL_";

/// The source with every literal external id masked.
pub(super) fn mask(source: &str, tree: &DeTable<'_>) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for span in raw_spans(source) {
        stars(&mut bytes, span);
    }
    let mut spans = Vec::new();
    tree_spans(tree, false, &mut spans);
    for span in spans {
        stars(&mut bytes, span);
    }
    // Whole characters became stars, so this is UTF-8; if it were not, nothing of the source would
    // be shown.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(source.len()))
}

/// Whether a key probably names an external id.
fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("extern")
        || key.contains("secret")
        || did_you_mean(&key, ["external_id"]).is_some()
}

fn stars(bytes: &mut [u8], span: Range<usize>) {
    let end = span.end.min(bytes.len());
    for byte in bytes.get_mut(span.start.min(end)..end).into_iter().flatten() {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b'*';
        }
    }
}

fn tree_spans(table: &DeTable<'_>, secret: bool, out: &mut Vec<Range<usize>>) {
    for (key, value) in table.iter() {
        let key = key.get_ref();
        let is_variable = secret
            && key == "env"
            && value.get_ref().as_str().is_some_and(|name| name.starts_with(ENV_PREFIX));
        if !is_variable {
            value_spans(value, secret || names_secret(key), out);
        }
    }
}

fn value_spans(value: &Spanned<DeValue<'_>>, secret: bool, out: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => tree_spans(table, secret, out),
        DeValue::Array(items) => items.iter().for_each(|item| value_spans(item, secret, out)),
        DeValue::String(_) if secret => {
            // The quotes stay, so that the line still reads as what it is.
            let span = value.span();
            out.push(span.start.saturating_add(1)..span.end.saturating_sub(1).max(span.start));
        }
        _ if secret => out.push(value.span()),
        _ => {}
    }
}

/// What stands to the right of `external_id =`, found without a parser.
fn raw_spans(source: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (equals, _) in source.match_indices('=') {
        let before = &source[..equals];
        let is_key =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ' | '\t');
        let key_start = before
            .rfind(|c: char| !is_key(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        // A dotted or a plain key is short; a long run of words before `=` is prose, of which the
        // end is enough.
        let words =
            before[key_start..].split(['.', '"', '\'', ' ', '\t']).filter(|word| !word.is_empty());
        if words.rev().take(4).any(names_secret) {
            spans.extend(raw_value(source, equals + 1));
        }
    }
    spans
}

fn raw_value(source: &str, after_equals: usize) -> Option<Range<usize>> {
    let start = after_equals + source[after_equals..].len()
        - source[after_equals..].trim_start_matches([' ', '\t']).len();
    let rest = &source[start..];
    let line_end = start + rest.find('\n').unwrap_or(rest.len());
    for triple in ["\"\"\"", "'''"] {
        if let Some(body) = rest.strip_prefix(triple) {
            return Some(start + 3..start + 3 + body.find(triple).unwrap_or(body.len()));
        }
    }
    let line = &source[start..line_end];
    match line.chars().next()? {
        // An inline table: its own `env = …` is looked at by itself, anything else in it is hidden.
        '{' => {
            let inner = line[1..].trim_start();
            let variable = inner
                .strip_prefix("env")
                .map(str::trim_start)
                .and_then(|rest| rest.strip_prefix('='))
                .map(str::trim_start);
            let good = variable
                .is_some_and(|name| name.trim_start_matches(['"', '\'']).starts_with(ENV_PREFIX));
            (!good).then_some(start + 1..line_end)
        }
        quote @ ('"' | '\'') => {
            let mut escaped = false;
            let close = line[1..].char_indices().find(|(_, c)| {
                let closes = *c == quote && !escaped;
                escaped = quote == '"' && *c == '\\' && !escaped;
                closes
            });
            Some(start + 1..close.map_or(line_end, |(at, _)| start + 1 + at))
        }
        '[' => Some(start + 1..start + rest.find(']').unwrap_or(rest.len())),
        _ => Some(start..line_end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_an_external_id_is_shown() {
        let secret = "hunter2hunter2";
        for line in [
            "external_id = \"S\"",
            "external_id='S' # why",
            "\"external_id\" = \"S\"",
            "external-id = \"S\"",
            "externalId = \"S\"",
            "extrnal_id = \"S\"",
            "external_id = \"S",
            "external_id = S",
            "external_id = \"\"\"\nS\n\"\"\"",
            "external_id = \"\"\"\nS\n",
            "external_id = [\"S\"]",
            "external_id = [\n\"S\"",
            "external_id = { env = \"S\" }",
            "external_id = { value = \"S\" }",
            "external_id.env = \"S\"",
            "external_id.value = \"S\"",
            "[role.external_id]\nenv = \"S\"",
            "via = { arn = \"x\", external_id = \"S\" }",
            "external_id = \"a\"\nexternal_id = \"S\"",
            "external_id = \"a\\\"S\"",
        ] {
            let source =
                format!("[role]\nname = \"shown\"\n{}\nduration = 5\n", line.replace('S', secret));
            let (tree, _) = DeTable::parse_recoverable(&source);
            let masked = mask(&source, tree.get_ref());
            assert!(!masked.contains(secret), "{masked}");
            assert_eq!(masked.len(), source.len());
            assert!(masked.contains("name = \"shown\""), "{masked}");
        }
    }

    #[test]
    fn nothing_else_is_masked() {
        let source = crate::config::TEMPLATE.replace("\n#", "\n");
        let (tree, _) = DeTable::parse_recoverable(&source);
        assert_eq!(mask(&source, tree.get_ref()), source);
    }

    #[test]
    fn names_of_variables_stay_readable() {
        let source = "[role]\nexternal_id = { env = \"ROLECALL_ID\" }\n";
        let (tree, _) = DeTable::parse_recoverable(source);
        assert_eq!(mask(source, tree.get_ref()), source);
    }
}
