//! Masks external ids, which are secrets that `rolecall.toml` may contain as literal strings.
//! Diagnostics show source lines, so they only get a copy of the source in which every byte of these
//! strings is a `*`. Spans stay valid.
//!
//! Two passes are needed: the parsed tree has exact spans of values, but only the raw text is left
//! when the syntax is invalid. Both passes also match misspelled keys: masking too much is better
//! than a secret in a CI log.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::did_you_mean;

/// The required prefix of environment variables that the config reads.
pub(super) const ENV_PREFIX: &str = "ROLECALL_";

/// The source with every literal external id masked.
pub(super) fn mask(source: &str, tree: &DeTable<'_>) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for span in raw_spans(source) {
        mask_bytes(&mut bytes, span);
    }
    let mut spans = Vec::new();
    tree_spans(tree, false, &mut spans);
    for span in spans {
        mask_bytes(&mut bytes, span);
    }
    // Only whole characters are masked, so this is always UTF-8. If it were not, the whole source
    // would be masked.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(source.len()))
}

/// Whether a key probably names an external id.
fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("extern")
        || key.contains("secret")
        || did_you_mean(&key, ["external_id"]).is_some()
}

fn mask_bytes(bytes: &mut [u8], span: Range<usize>) {
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
            // Keep the quotes, so that the line still reads as a string.
            let span = value.span();
            out.push(span.start.saturating_add(1)..span.end.saturating_sub(1).max(span.start));
        }
        _ if secret => out.push(value.span()),
        _ => {}
    }
}

/// The values to the right of `external_id =`, found without a parser.
fn raw_spans(source: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (equals, _) in source.match_indices('=') {
        let before = &source[..equals];
        let is_key =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ' | '\t');
        let key_start = before
            .rfind(|c: char| !is_key(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        // Keys are short. A long run of words before `=` is prose, and checking its end is enough.
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
        // An inline table: `{ env = "ROLECALL_…" }` stays readable, anything else is masked.
        '{' => {
            let inner = line[1..].trim_start();
            let variable = inner
                .strip_prefix("env")
                .map(str::trim_start)
                .and_then(|rest| rest.strip_prefix('='))
                .map(str::trim_start);
            let is_variable = variable
                .is_some_and(|name| name.trim_start_matches(['"', '\'']).starts_with(ENV_PREFIX));
            (!is_variable).then_some(start + 1..line_end)
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
    fn external_ids_are_masked_in_any_spelling() {
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
    fn other_values_are_not_masked() {
        let source = crate::config::TEMPLATE.replace("\n#", "\n");
        let (tree, _) = DeTable::parse_recoverable(&source);
        assert_eq!(mask(&source, tree.get_ref()), source);
    }

    #[test]
    fn variable_names_are_not_masked() {
        let source = "[role]\nexternal_id = { env = \"ROLECALL_ID\" }\n";
        let (tree, _) = DeTable::parse_recoverable(source);
        assert_eq!(mask(source, tree.get_ref()), source);
    }
}
