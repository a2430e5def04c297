//! Values that are assigned to variables, keys and options whose names say that they are secret.
//!
//! The same text can be a value, code that reads one from elsewhere, or a sentence about it. The line
//! tells; at most [`MAX_CONTEXT`] bytes of it are read, so time stays linear.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::context::{
    MAX_CONTEXT, Text, is_printed, is_replaced, line_after, line_before, value_of,
};
use super::names::{Demand, demand, has_suffix};
use super::values::{is_literal, is_random, is_words};

/// An option, or a name and a separator, and a quote; the value follows.
pub(super) const PATTERN: &str = r#"(?i-u)(?P<option>--(?:[a-z]+-)*(?:password|passwd|passphrase|token|secret|api-key|auth-key|(?:secret|encryption|master|access|signing)-key))[ =](?P<option_quote>["'])?|(?P<name>[a-z0-9_.-]*(?:passw|passphrase|pass|pwd|pw|secret|token|key|authtok)[a-z0-9_-]*)\\?["']?\]?(?P<separator>[ \t]*(?::=|=>|[:=])[ \t]*|[ \t]+-value[ \t]+)(?P<quote>\\?["'])?"#;

/// Whether what follows a match of the pattern is a secret.
pub(super) fn is_secret(text: &Text<'_>, found: &Captures<'_>) -> bool {
    let Some(whole) = found.get(0) else { return false };
    let option = found.name("option");
    let Some(name) = option.or_else(|| found.name("name")).map(|name| name.as_bytes()) else {
        return false;
    };
    let Some(demand) = demand(name) else { return false };
    let before = line_before(&text.bytes[..whole.start()]);
    let after = line_after(&text.bytes[whole.end()..]);
    let quote = found.name("quote").or_else(|| found.name("option_quote"));
    let Some((mut value, rest)) = value_of(after, quote.map(|quote| quote.as_bytes())) else {
        return false;
    };
    // The default in `${NAME:-default}`.
    if before.ends_with(b"${")
        && let Some(default) = value.strip_prefix(b"-")
    {
        value = default.strip_suffix(b"}").unwrap_or(default);
    }
    let quoted = &whole.as_bytes()[..whole.len() - quote.map_or(0, |quote| quote.len())];
    // The title of a Puppet resource ends with a colon as well; an attribute follows.
    let attribute = rest.trim_ascii_start().starts_with(b"=>");
    let closes = quote.is_some_and(|quote| is_open(before, quoted, quote.as_bytes()));
    if closes
        || attribute
        || (before.ends_with(b"${") && b"?+".contains(&value[0]))
        || !is_literal(value)
        || !demand.accepts(value)
        || text.is_looked_up(name)
        || (is_replaced(before) && !is_random(value))
    {
        return false;
    }
    let place = Place { before, after, value, rest, quoted: quote.is_some() };
    let separator = found.name("separator").map_or(&b" "[..], |separator| separator.as_bytes());
    let colon = separator.trim_ascii() == b":";
    if colon && (is_in_reference(before) || place.is_sentence()) {
        return false;
    }
    if demand == Demand::Random {
        return !place.is_code(true);
    }
    if place.is_identifier(name, separator.ends_with(b"= ")) {
        return false;
    }
    let secret = name.to_ascii_lowercase().ends_with(b"secret");
    if option.is_some() {
        // `--secret` of Docker takes a name, or where the secret comes from.
        let end = value.iter().rposition(|byte| !b"])}>.,:".contains(byte));
        let word = end.map_or(value, |end| &value[..=end]);
        let usage = name.to_ascii_uppercase().ends_with(word);
        return !usage
            && !(secret && (is_name(value) || is_words(value) || is_source(value)))
            && !place.is_code(false)
            && !place.is_prose(false);
    }
    let reference = colon && secret && before.ends_with(b":");
    let comment = separator.ends_with(b" ") && !place.quoted && value.starts_with(b"#");
    let code = place.is_code(separator != b"=" && separator.contains(&b'='));
    !(reference || comment || code || (colon && place.is_prose(secret)))
}

/// Whether a literal that is not assigned, but is next to a name, is a secret. The pattern captures
/// the name, and the value or the quote that opens it.
pub(super) fn is_named(text: &Text<'_>, found: &Captures<'_>) -> bool {
    let (Some(whole), Some(name)) = (found.get(0), found.name("name")) else { return false };
    let quote = found.name("quote").map(|quote| quote.as_bytes());
    let after = line_after(&text.bytes[whole.end()..]);
    let place = match found.name("value") {
        Some(value) => {
            Place { before: b"", after: b"", value: value.as_bytes(), rest: b"", quoted: true }
        }
        None => {
            let Some((value, rest)) = value_of(after, quote) else { return false };
            Place { before: b"", after, value, rest, quoted: quote.is_some() }
        }
    };
    is_literal(place.value)
        && demand(name.as_bytes()).is_some_and(|demand| demand.accepts(place.value))
        && !place.is_code(true)
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
        let end = self.value.iter().rposition(|byte| *byte != b')');
        let value = end.map_or(self.value, |end| &self.value[..=end]);
        let argument = value.len() < self.value.len() || self.rest.starts_with(b",");
        let same: [&[u8]; 4] = [b"password", b"secret", b"token", b"passphrase"];
        matches(&CODE, self.after)
            || ((spaced || argument) && matches(&VARIABLE, value))
            || (argument && same.contains(&value))
    }

    /// Whether the value is the name itself, as in `f(secret1=secret1)`, or looks like a variable, as in
    /// `secret_value = value`. A name that ends with its keyword can have a word as its value.
    fn is_identifier(&self, name: &[u8], spaced: bool) -> bool {
        if self.quoted {
            return false;
        }
        let end = self.value.iter().rposition(|byte| !b"),".contains(byte));
        let value = end.map_or(self.value, |end| &self.value[..=end]);
        let is_part = |byte: &u8| byte.is_ascii_alphabetic() || b"_.".contains(byte);
        let member = name.iter().rposition(|byte| *byte == b'.');
        member.is_some_and(|at| value == &name[at + 1..])
            || (value.eq_ignore_ascii_case(name) && !name.iter().all(u8::is_ascii_alphabetic))
            || (spaced && has_suffix(name) && value.iter().all(is_part))
    }

    /// Whether the value begins a sentence: many words, and a period.
    fn is_sentence(&self) -> bool {
        let end = self.after.iter().rposition(|byte| !b"\"', \t".contains(byte));
        let line = end.map_or(&b""[..], |end| &self.after[..=end]);
        let Some(line) = line.strip_suffix(b".") else { return false };
        let mut words = line.split(|byte| *byte == b' ');
        let is_word = |word: &[u8]| {
            word.iter().all(|byte| byte.is_ascii_alphabetic() || b"-',()".contains(byte))
        };
        words.clone().count() > 4 && words.all(is_word)
    }

    /// Whether the value is part of a sentence in a comment or in a text that is printed.
    fn is_prose(&self, secret: bool) -> bool {
        let printed = is_printed(self.before);
        if self.quoted || !printed {
            return false;
        }
        let mut words = self.after.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        let ends = |byte: &u8| b".,:;!?)'\"".contains(byte);
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
