//! Detects secrets in texts. Of texts that must not be kept, only the name of the detector that
//! matched is kept, never the match.
//!
//! All patterns are matched in linear time. They match only what looks like a secret, not every word
//! that could be one, to avoid false positives.

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use regex::bytes::{Captures, Regex};

use self::values::{is_documented, is_literal, is_random};
use super::ec2::user_data::UserData;

mod assignment;
mod values;

/// A kind of secrets.
struct Detector {
    name: &'static str,
    pattern: &'static str,
    /// Whether what the pattern matched is a secret.
    accepts: fn(&[u8], &Captures<'_>) -> bool,
}

/// A pattern of which every match is a secret.
const fn always(name: &'static str, pattern: &'static str) -> Detector {
    Detector { name, pattern, accepts: |_, _| true }
}

/// A pattern of which one group captures the value, unless it is a reference or a placeholder.
const fn value(name: &'static str, pattern: &'static str) -> Detector {
    Detector { name, pattern, accepts: |_, found| captured(found).is_some_and(is_literal) }
}

/// A pattern of which one group captures an AWS key, unless it is one of those in AWS's documentation.
const fn aws_key(name: &'static str, pattern: &'static str) -> Detector {
    Detector {
        name,
        pattern,
        accepts: |_, found| captured(found).is_some_and(|value| !is_documented(value)),
    }
}

/// A pattern of which one group captures a random value: these also match names and prose.
const fn random(name: &'static str, pattern: &'static str) -> Detector {
    Detector {
        name,
        pattern,
        accepts: |_, found| {
            captured(found).is_some_and(|value| is_literal(value) && is_random(value))
        },
    }
}

/// The first one that accepts one of its matches is reported.
static DETECTORS: &[Detector] = &[
    always("private_key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    aws_key("aws_access_key", r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b"),
    aws_key(
        "aws_secret_key",
        r#"(?i)secret_?(?:access_?)?key\\?["']?\s*[:=]\s*\\?["']?([a-z0-9/+]{40})(?:[^a-z0-9/+=]|$)"#,
    ),
    always("github_token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})"),
    always("gitlab_token", r"\bgl(?:pat|rt|dt|cbt)-[A-Za-z0-9_-]{20}"),
    always(
        "slack_token",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/[A-Za-z0-9]",
    ),
    always(
        "api_token",
        r"\b(?:[rs]k_live_[A-Za-z0-9]{16}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|hvs\.[A-Za-z0-9_-]{24}|pypi-[A-Za-z0-9_-]{40})",
    ),
    always("json_web_token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8}"),
    value("url_password", r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@'<>]*:([^\s/@'<>]+)@"),
    always("password_hash", r"\$(?:1|5|6|y|2[aby])\$[A-Za-z0-9./$=,-]{20}"),
    // The second alternative is a list of cloud-init.
    value(
        "chpasswd",
        r"(?:echo|printf)\s[^\n|]*?[A-Za-z0-9_-]:([^\s'|]+)[^\n|]*\|\s*(?:sudo\s+)?chpasswd|chpasswd:\s*\n(?:[ \t]+expire:[^\n]*\n)?[ \t]+list:[^\n]*\n[ \t]+(?:- )?[a-z_][a-z0-9_-]*:(\S+)",
    ),
    random(
        "authorization_header",
        r#"(?i)\bauthorization\\?["']?\]?[ \t]*[:=,][ \t]*\\?["']?(?:bearer|basic|token|bot|apikey)[ \t]+([^\s'"\\,;]{8,})"#,
    ),
    Detector { name: "password", pattern: assignment::PATTERN, accepts: assignment::is_secret },
    // Passwords that commands of shells, PowerShell and Windows take. Each is a pattern of its own: among
    // alternatives, one that starts earlier and may still match delays every match of another.
    value(
        "command_password",
        r#"\bcurl\s(?:[^\n|;&]*?\s)?(?:-u|--user)[ =]?["']?[^\s:'"$]+:([^\s'"]{4,})"#,
    ),
    value("command_password", r#"\bsshpass\s+-p\s*["']?([^\s'"]{4,})"#),
    value("command_password", r#"\bmysql(?:dump|admin)?\s(?:[^\n|;&]*?\s)?-p["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"\b(?:docker|podman|nerdctl|buildah|skopeo|oras|helm\s+registry)\s+login\s(?:[^\n|;&]*?\s)?-p[ =]["']?([^\s'"]{4,})"#,
    ),
    value("command_password", r#"\b(?:sqlcmd|bcp)\s(?:[^\n|;&]*?\s)?-P\s*["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"\bredis-cli\s(?:[^\n|;&]*?\s)?(?:-a|--pass)[ \t]+["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"\bopenssl\s+(?:enc|aes-\S+)\s(?:[^\n|;&]*?\s)?-k[ \t]+["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"\brabbitmqctl\s+(?:add_user|change_password)\s+\S+\s+["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"(?m)\bhtpasswd\s+-[A-Za-z]*b[A-Za-z]*\s(?:[^\n|;&>]*?\s)?["']?([^\s'"|;&>]{4,})["']?[ \t]*(?:$|[|;&>])"#,
    ),
    value(
        "command_password",
        r#"(?:echo|printf)\s+(?:-[ne]+\s+)*["']?([^\s'"|]{4,})["']?\s*\|\s*(?:sudo\s+)?passwd\b"#,
    ),
    value("command_password", r#"(?i)\bnet1?\s+user\s+\S+\s+["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"(?i)ConvertTo-SecureString\s+(?:-String\s+)?["']([^'"]{4,})["'][^\n]*-AsPlainText"#,
    ),
    value("command_password", r#"(?i)\.SetPassword\(\s*["']([^'"]{4,})["']"#),
    value(
        "command_password",
        r#"(?i)\bsetx\s+["']?[a-z0-9_]*(?:password|passwd|passphrase|pwd|secret|token)["']?\s+["']?([^\s'"]{4,})"#,
    ),
    // Passwords in SQL, configuration files and XML.
    value(
        "password",
        r#"(?i)\bidentified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?\\?['"]([^'"\\]{4,})"#,
    ),
    value(
        "password",
        r#"(?i)\b(?:alter|create)\s+(?:user|role|login)\s[^\n;]*?\bpassword\s*=?\s*N?\\?['"]([^'"\\]{4,})"#,
    ),
    value(
        "password",
        r#"(?i)(?:^|[\s'"/-])(?:requirepass|masterauth)[ \t]+\\?["']?([^\s'"\\/]*[0-9][^\s'"\\/]*)"#,
    ),
    value(
        "password",
        r#"(?i)<[a-z0-9_.:-]*(?:passwd|password|passphrase|secret|token)(?:\s[^<>]*)?>([^<>\s]{4,})</"#,
    ),
];

static PATTERNS: LazyLock<Vec<(&'static Detector, Regex)>> = LazyLock::new(|| {
    DETECTORS
        .iter()
        .filter_map(|detector| Some((detector, Regex::new(detector.pattern).ok()?)))
        .collect()
});

/// The maximum size of decompressed user data. EC2 accepts 16 KiB of user data.
const MAX_INFLATED: u64 = 1 << 20;

/// How compressed data starts.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The name of the first detector that matches.
fn detect(text: &[u8]) -> Option<&'static str> {
    // UTF-16, as PowerShell writes it, is ASCII with null bytes in between.
    let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    PATTERNS
        .iter()
        .find(|(detector, pattern)| {
            pattern.captures_iter(&text).any(|found| (detector.accepts)(&text, &found))
        })
        .map(|(detector, _)| detector.name)
}

/// What a group captured.
fn captured<'a>(found: &Captures<'a>) -> Option<&'a [u8]> {
    found.iter().skip(1).flatten().next().map(|value| value.as_bytes())
}

/// Inspects user data as the API returns it: base64 of a text, or of a compressed text.
pub fn user_data(encoded: Option<&str>) -> UserData {
    let Some(encoded) = encoded.filter(|encoded| !encoded.is_empty()) else {
        return UserData { present: false, looks_like_secret: Some(false), detector: None };
    };
    // Some user data is plain text instead of base64.
    let text = STANDARD.decode(encoded).unwrap_or_else(|_| encoded.as_bytes().to_vec());
    let (text, whole) =
        if text.starts_with(&GZIP) { inflate(&text, MAX_INFLATED) } else { (text, true) };
    let (detector, whole) = match detect(&text) {
        Some(detector) => (Some(detector), whole),
        None => {
            let (detector, whole_inner) = detect_embedded(&text);
            (detector, whole && whole_inner)
        }
    };
    UserData {
        present: true,
        // Without a match in a part, the rest is unknown.
        looks_like_secret: (detector.is_some() || whole).then_some(detector.is_some()),
        detector: detector.map(str::to_owned),
    }
}

/// Base64 in a text: files of cloud-init with `encoding: b64`, parts of multipart documents, and scripts
/// that are decoded by other scripts. Lines are joined.
static BASE64: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{24,}(?:\r?\n[ \t]*[A-Za-z0-9+/]{4,})*").ok());

/// The most words that are decoded, so that time is bounded.
const MAX_WORDS: usize = 256;

/// Other long words are rarely the base64 of that much text.
const MIN_EMBEDDED: usize = 12;

/// The first detector that matches in a text that is contained as base64, and whether all of these
/// texts were inspected.
fn detect_embedded(text: &[u8]) -> (Option<&'static str>, bool) {
    let mut left = MAX_INFLATED;
    let mut whole = true;
    for (count, found) in BASE64.iter().flat_map(|pattern| pattern.find_iter(text)).enumerate() {
        if count == MAX_WORDS {
            return (None, false);
        }
        let encoded: Vec<u8> =
            found.as_bytes().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let quads = encoded.len() - encoded.len() % 4;
        let bytes = STANDARD_NO_PAD.decode(&encoded);
        let Ok(bytes) = bytes.or_else(|_| STANDARD_NO_PAD.decode(&encoded[..quads])) else {
            continue;
        };
        let bytes = if bytes.starts_with(&GZIP) {
            let (bytes, complete) = inflate(&bytes, left);
            left = left.saturating_sub(bytes.len() as u64);
            whole &= complete;
            bytes
        } else {
            bytes
        };
        // What follows the base64 in the text may have been decoded as well.
        let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let detector = (valid >= MIN_EMBEDDED).then(|| detect(&bytes[..valid])).flatten();
        if detector.is_some() {
            return (detector, whole);
        }
    }
    (None, whole)
}

/// Decompresses a text up to the limit, and returns whether it is complete.
fn inflate(compressed: &[u8], limit: u64) -> (Vec<u8>, bool) {
    let mut text = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(compressed).take(limit).read_to_end(&mut text);
    let whole = read.is_ok() && (text.len() as u64) < limit;
    (text, whole)
}

#[cfg(test)]
mod tests;
