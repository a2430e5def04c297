//! Values that are assigned to variables, keys and options whose names say that they are secret.
//!
//! The same text can be a value, code that reads one from elsewhere, or a sentence about it. The line
//! tells; at most [`MAX_CONTEXT`] bytes of it are read, so time stays linear.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::values::{MAX_VALUE, is_literal, is_random};

/// A name, a separator and a quote, or an option; the value follows. Names in `random` are also those
/// of keys that are no secret, such as an alias, so only random values count.
pub(super) const PATTERN: &str = r#"(?i)(?:(?P<name>passw(?:or)?d|passwort|passphrase|pwd|secret|(?:^|[^a-z]|db|database|key|store|user|admin|root)pass|(?:api|access|auth|private|account|license)[_-]?(?:key|token)|(?:^|[^a-z])(?:token|pw))|(?P<random>(?:secret|encryption|encrypt|master|signing|session|cipher|crypto|shared|hmac|jwt)[_-]?key(?:[_-]?base)?))\\?["']?\]?(?P<separator>[ \t]*(?::=|=>|[:=])[ \t]*|[ \t]+-value[ \t]+)(?P<quote>\\?["'])?|--(?:(?:[a-z]+-)*(?P<option>password|passwd|passphrase|token|secret|api-key|auth-key)|(?:[a-z]+-)*(?P<random_option>(?:secret|encryption|master|access|signing)-key))[ =](?P<option_quote>["'])?"#;

/// The most bytes of a line before or after a match that are read.
const MAX_CONTEXT: usize = 512;

/// The shortest value.
const MIN_VALUE: usize = 4;

/// Whether what follows a match of the pattern is a secret.
pub(super) fn is_secret(text: &[u8], found: &Captures<'_>) -> bool {
    let Some(whole) = found.get(0) else { return false };
    let before = line_before(&text[..whole.start()]);
    let after = line_after(&text[whole.end()..]);
    let quote = found.name("quote").or_else(|| found.name("option_quote"));
    let Some((mut value, rest)) = value_of(after, quote.map(|quote| quote.as_bytes())) else {
        return false;
    };
    // The default in `${NAME:-default}`.
    if is_expansion(before)
        && let Some(default) = value.strip_prefix(b"-")
    {
        value = default.strip_suffix(b"}").unwrap_or(default);
    }
    let quoted = &whole.as_bytes()[..whole.len() - quote.map_or(0, |quote| quote.len())];
    let closes = quote.is_some_and(|quote| is_open(before, quoted, quote.as_bytes()));
    if closes || !is_literal(value) || (is_expansion(before) && b"?+".contains(&value[0])) {
        return false;
    }
    let place = Place { before, after, value, rest, quoted: quote.is_some() };
    if found.name("random").is_some() || found.name("random_option").is_some() {
        return is_random(value) && !place.is_code(true);
    }
    if let Some(option) = found.name("option") {
        // `--secret` of Docker takes a name, or where the secret comes from.
        let secret = option.as_bytes().eq_ignore_ascii_case(b"secret");
        let usage = option.as_bytes().to_ascii_uppercase() == value;
        return !usage
            && !(secret && (is_name(value) || is_source(value)))
            && !place.is_code(false)
            && !place.is_prose(false);
    }
    let (Some(name), Some(separator)) = (found.name("name"), found.name("separator")) else {
        return false;
    };
    let (name, separator) = (name.as_bytes(), separator.as_bytes());
    let colon = separator.trim_ascii() == b":";
    let secret = name.eq_ignore_ascii_case(b"secret");
    !(secret && is_name(value) && names_an_object(before))
        && !(colon && (is_in_reference(before) || (secret && before.ends_with(b":"))))
        && !(separator.ends_with(b" ") && !place.quoted && value.starts_with(b"#"))
        && !place.is_code(separator != b"=" && separator.contains(&b'='))
        && !(colon && place.is_prose(secret))
}

/// What surrounds a value on its line.
struct Place<'a> {
    before: &'a [u8],
    /// From the value to the end of the line.
    after: &'a [u8],
    value: &'a [u8],
    rest: &'a [u8],
    quoted: bool,
}

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)^(?:
            # Calls and indexes.
            (?:await\s+|new\s+|yield\s+)?[A-Za-z_@][A-Za-z0-9_.:>?!-]*[(\[]
            # Cmdlets.
            | (?i:get|read|new|convertto|convertfrom|import|invoke|select|join|out|unprotect|resolve|receive|request|use|find|start)-[A-Za-z]+(?:[\s;|)]|$)
            # Attributes of Terraform resources.
            | [a-z0-9]+(?:_[a-z0-9]+)+\.[A-Za-z_][A-Za-z0-9_-]*\.[a-z_]+(?:[\s,)}]|$)
            # Members of well-known objects.
            | (?:os|process|env|ENV|var|local|locals|module|data|each|self|this|config|settings|args|opts?|options|params|secrets|node|values|event|context|request|req|app|import)(?:\.[A-Za-z_][A-Za-z0-9_]*)+(?:[\s;,)}]|$)
        )",
    )
    .ok()
});

/// A variable whose name says that it is secret, as `db_password` and `dbPassword`.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)^(?:
            (?i:[a-z_]*_(?:password|passwd|passphrase|pwd|secret|token|key)(?:_[a-z_]+)?)
            | (?i:(?:password|passwd|passphrase|pwd|secret|token|key)_[a-z_]+)
            | [a-z]+(?:[A-Z][a-z]+)*(?:Password|Passwd|Passphrase|Secret|Token|Key)(?:[A-Z][a-z]+)*
            | (?i:(?:[a-z_]+\.)+[a-z_]*(?:password|passwd|passphrase|pwd|secret|token|key)[a-z_]*)
        )$",
    )
    .ok()
});

/// Commands that print a text, and comments.
static PROSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix-u)^\s*(?:\#|//|;|\*|<!--|::|rem\s)
            | (?:^|[\s;&|({])(?:echo|printf|print|puts|logger|log|warn|die|fail|say|write-(?:host|output|verbose|warning|error|information|debug)|console\.\w+|log(?:ger|ging)?\.\w+)(?:[\s(]|$)",
    )
    .ok()
});

/// Words about the state of a secret.
const STATES: [&[u8]; 36] = [
    b"done",
    b"okay",
    b"failed",
    b"success",
    b"successful",
    b"complete",
    b"completed",
    b"missing",
    b"empty",
    b"invalid",
    b"valid",
    b"unset",
    b"found",
    b"ready",
    b"created",
    b"updated",
    b"rotated",
    b"refreshed",
    b"renewed",
    b"expired",
    b"revoked",
    b"removed",
    b"deleted",
    b"generated",
    b"received",
    b"obtained",
    b"retrieved",
    b"fetched",
    b"loaded",
    b"stored",
    b"saved",
    b"changed",
    b"reset",
    b"rejected",
    b"accepted",
    b"denied",
];

impl Place<'_> {
    /// Whether the value is code, such as a call, a cmdlet or a variable. Shells and most configuration
    /// files have no spaces around the equals sign; if it is not `spaced`, variables count only as
    /// arguments.
    fn is_code(&self, spaced: bool) -> bool {
        if self.quoted {
            return false;
        }
        let matches = |pattern: &Option<Regex>, text: &[u8]| {
            pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
        };
        let value = self.value.strip_suffix(b")").unwrap_or(self.value);
        let argument = value.len() < self.value.len() || self.rest.starts_with(b",");
        let same: [&[u8]; 4] = [b"password", b"secret", b"token", b"passphrase"];
        matches(&CODE, self.after)
            || ((spaced || argument) && matches(&VARIABLE, value))
            || (argument && same.contains(&value))
    }

    /// Whether the value is part of a sentence in a comment or in a text that is printed.
    fn is_prose(&self, secret: bool) -> bool {
        let printed = is_printed(self.before);
        if self.quoted || !printed {
            return false;
        }
        let mut words = self.after.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        let ends = |byte: &u8| b".,:!?)'\"".contains(byte);
        let bare =
            first.iter().rposition(|byte| !ends(byte)).map_or(&first[..0], |at| &first[..=at]);
        let is_word = !bare.is_empty()
            && bare.iter().all(|byte| byte.is_ascii_alphabetic() || b"-'".contains(byte));
        // Another key may follow, or another command.
        let is_next = |word: &[u8]| {
            word[0].is_ascii_alphanumeric() && !word.iter().any(|byte| b":=".contains(byte))
        };
        let closed = first.iter().any(|byte| b"'\"".contains(byte));
        if is_word && !closed && words.next().is_some_and(is_next) {
            return true;
        }
        // What is written to a file may be read as a configuration.
        let written = self.after.iter().any(|byte| b">|".contains(byte));
        let state = STATES.iter().any(|state| bare.eq_ignore_ascii_case(state));
        !written && (state || (secret && is_name(self.value)))
    }
}

/// Whether a quote is open in front of another one, so that the latter closes it. Escaped quotes and
/// apostrophes do not count.
fn is_open(before: &[u8], matched: &[u8], quote: &[u8]) -> bool {
    let &[quote] = quote else { return false };
    // Of a longer line, the start is not known.
    if before.len() == MAX_CONTEXT {
        return false;
    }
    let line = [before, matched].concat();
    let counts = |at: &usize| {
        let letter = |at: Option<usize>| {
            at.and_then(|at| line.get(at)).is_some_and(u8::is_ascii_alphanumeric)
        };
        line[*at] == quote
            && !(*at > 0 && line[*at - 1] == b'\\')
            && !(letter(at.checked_sub(1)) && letter(Some(*at + 1)))
    };
    (0..line.len()).filter(counts).count() % 2 == 1
}

/// Whether a name is part of an expansion of the shell, such as `${NAME:?message}`.
fn is_expansion(before: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |at| at + 1);
    before[..end].ends_with(b"${")
}

/// Whether `secret` is part of a name for an object of Kubernetes, such as `existingSecret`.
fn names_an_object(before: &[u8]) -> bool {
    let before = before.to_ascii_lowercase();
    [&b"existing"[..], b"existing-", b"existing_", b"pull", b"pull-", b"pull_"]
        .iter()
        .any(|start| before.ends_with(start))
}

/// Whether a line is a comment, or prints what follows.
pub(super) fn is_printed(before: &[u8]) -> bool {
    PROSE.as_ref().is_some_and(|pattern| pattern.is_match(before))
}

/// Whether the word that ends here is an ARN or a dynamic reference of CloudFormation.
fn is_in_reference(before: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b":/_.*+@-${}".contains(byte);
    let start = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |at| at + 1);
    let word = before[start..].to_ascii_lowercase();
    ["arn:", "resolve:"].iter().any(|part| word.windows(part.len()).any(|at| at == part.as_bytes()))
}

/// Whether a value is a name of words, such as `db-credentials`.
fn is_name(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphabetic() || b"-_./".contains(byte))
}

/// Whether a value says where a secret comes from.
fn is_source(value: &[u8]) -> bool {
    [&b"id="[..], b"type=", b"source=", b"src=", b"env=", b"name="]
        .iter()
        .any(|start| value.starts_with(start))
}

/// The end of the line before a match.
pub(super) fn line_before(text: &[u8]) -> &[u8] {
    let text = &text[text.len().saturating_sub(MAX_CONTEXT)..];
    text.iter().rposition(|byte| *byte == b'\n').map_or(text, |at| &text[at + 1..])
}

/// The line after a match, or its start.
fn line_after(text: &[u8]) -> &[u8] {
    let text = &text[..text.len().min(MAX_CONTEXT)];
    text.iter().position(|byte| b"\r\n".contains(byte)).map_or(text, |at| &text[..at])
}

/// The value at the start of a text, and what follows it, unless it is too short.
fn value_of<'a>(after: &'a [u8], quote: Option<&[u8]>) -> Option<(&'a [u8], &'a [u8])> {
    let closes = |byte: &u8| match quote.and_then(|quote| quote.last()) {
        Some(quote) => byte == quote || *byte == b'\\',
        None => byte.is_ascii_whitespace() || b"'\",;\\".contains(byte),
    };
    let end = after.iter().position(closes).unwrap_or(after.len()).min(MAX_VALUE);
    (end >= MIN_VALUE).then(|| after.split_at(end))
}
