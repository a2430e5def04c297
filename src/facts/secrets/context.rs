//! What surrounds a match: its line, and what the rest of the text does with the name.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::values::MAX_VALUE;

/// A text that is searched for secrets.
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    /// The variables that are the name of a secret or a parameter, as `NAME` in `--secret-id $NAME`.
    /// They are searched for once, so that time stays linear.
    lookups: OnceCell<HashSet<&'a [u8]>>,
}

/// Where the name of a secret or a parameter is read from a variable.
static LOOKUPS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix-u)(?:
            \bSecretId\s*[=:]\s*\$?
            | (?:[\s"']--?secret-?id[=\s]+
            | \bgcloud\s(?:[^|;&\n\\]|\\\s){0,200}?--secret[=\s]+
            | \bget-parameters?\s(?:[^|;&\n\\]|\\\s){0,200}?--names?[=\s]+
            | \bget-ssmparameter(?:value)?\s(?:[^|;&\n\\]|\\\s){0,200}?-name\s+
            | \bkeyvault\s+secret\s+show\s(?:[^|;&\n\\]|\\\s){0,200}?--name[=\s]+
            )\\?["']?\$
        )\{?(?:env:)?(?P<name>[a-z_][a-z0-9_]*)"#,
    )
    .ok()
});

impl<'a> Text<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, lookups: OnceCell::new() }
    }

    /// Whether a variable is what a secret is looked up by.
    pub(super) fn is_looked_up(&self, name: &[u8]) -> bool {
        let lookups = self.lookups.get_or_init(|| {
            let found = LOOKUPS.iter().flat_map(|pattern| pattern.captures_iter(self.bytes));
            found.filter_map(|found| Some(found.name("name")?.as_bytes())).collect()
        });
        lookups.contains(name)
    }
}

/// The most bytes of a line before or after a match that are read.
pub(super) const MAX_CONTEXT: usize = 512;

/// The shortest value.
const MIN_VALUE: usize = 4;

/// Commands that print a text, and comments.
static PROSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix-u)^\s*(?:\#|//|;|\*|<!--|::|rem\s)
            # Documentation of parameters, and lines of logs.
            | ^\s*[:@]param\s
            | ^\[?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[t\ ]|[a-z]{3}\ +[0-9]{1,2}\ )[0-9]{2}:[0-9]{2}
            | (?:^|[\s;&|({])(?:echo|printf|print|puts|logger|log|warn|die|fail|say|write-(?:host|output|verbose|warning|error|information|debug)|console\.\w+|log(?:ger|ging)?\.\w+)(?:[\s(]|$)",
    )
    .ok()
});

/// Whether a line is a comment, or prints what follows.
pub(super) fn is_printed(before: &[u8]) -> bool {
    PROSE.as_ref().is_some_and(|pattern| pattern.is_match(before))
}

/// A command that replaces text, up to the end of a text that it searches for.
static SEARCHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
            \b(?:sed|perl)\s.*?[\s'";]s(?:/[^/]*|\|[^|]*|\#[^\#]*|,[^,]*|@[^@]*|~[^~]*|![^!]*)$
            | (?i:-c?replace)\s+(?:'[^']*|"[^"]*)$
        "#,
    )
    .ok()
});

/// Whether a match is in a text that is searched for in order to be replaced, such as the placeholder
/// in `sed "s/PASSWORD/$PASSWORD/"`.
pub(super) fn is_replaced(before: &[u8]) -> bool {
    SEARCHED.as_ref().is_some_and(|pattern| pattern.is_match(before))
}

/// The end of the line before a match.
pub(super) fn line_before(text: &[u8]) -> &[u8] {
    let text = &text[text.len().saturating_sub(MAX_CONTEXT)..];
    text.iter().rposition(|byte| *byte == b'\n').map_or(text, |at| &text[at + 1..])
}

/// The line after a match, or its start.
pub(super) fn line_after(text: &[u8]) -> &[u8] {
    let text = &text[..text.len().min(MAX_CONTEXT)];
    text.iter().position(|byte| b"\r\n".contains(byte)).map_or(text, |at| &text[..at])
}

/// The value at the start of a text, and what follows it, unless it is too short.
pub(super) fn value_of<'a>(after: &'a [u8], quote: Option<&[u8]>) -> Option<(&'a [u8], &'a [u8])> {
    let closes = |byte: &u8| match quote.and_then(|quote| quote.last()) {
        Some(quote) => byte == quote || *byte == b'\\',
        None => byte.is_ascii_whitespace() || b"'\",;\\".contains(byte),
    };
    let end = after.iter().position(closes).unwrap_or(after.len()).min(MAX_VALUE);
    (end >= MIN_VALUE).then(|| after.split_at(end))
}
