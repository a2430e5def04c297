//! What secrets look like: private keys, tokens and assignments.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::Captures;

use super::assignment::{self, is_named};
use super::context::{Text, is_printed, is_replaced, line_before};
use super::values::{is_documented, is_literal, is_random};

/// What a group captured.
pub(super) fn captured<'a>(found: &Captures<'a>) -> Option<&'a [u8]> {
    found.iter().skip(1).flatten().next().map(|value| value.as_bytes())
}

/// A kind of secrets.
pub(super) struct Detector {
    pub(super) name: &'static str,
    pub(super) pattern: &'static str,
    /// Whether what the pattern matched is a secret.
    pub(super) accepts: fn(&Text<'_>, &Captures<'_>) -> bool,
}

/// A pattern of which every match is a secret.
pub(super) const fn always(name: &'static str, pattern: &'static str) -> Detector {
    Detector { name, pattern, accepts: |_, _| true }
}

/// A pattern of which one group captures the value, unless it is a reference or a placeholder.
pub(super) const fn value(name: &'static str, pattern: &'static str) -> Detector {
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
pub(super) const fn random(name: &'static str, pattern: &'static str) -> Detector {
    Detector {
        name,
        pattern,
        accepts: |_, found| {
            captured(found).is_some_and(|value| is_literal(value) && is_random(value))
        },
    }
}

/// A pattern of which the groups capture a name, and its value or the quote that opens it.
pub(super) const fn named(name: &'static str, pattern: &'static str) -> Detector {
    Detector { name, pattern, accepts: is_named }
}

/// Whether a value is the base64 of a user and a password, as in `~/.docker/config.json`.
pub(super) fn is_basic_auth(value: &[u8]) -> bool {
    let end = value.iter().position(|byte| *byte == b'=').unwrap_or(value.len());
    let decoded = STANDARD_NO_PAD.decode(&value[..end]).unwrap_or_default();
    let mut parts = decoded.splitn(2, |byte| *byte == b':');
    parts.next().is_some_and(|user| !user.is_empty() && user.is_ascii())
        && parts.next().is_some_and(|password| password.len() >= 4 && is_literal(password))
}

/// Tokens and assignments of all formats.
pub(super) static DETECTORS: &[Detector] = &[
    always(
        "private_key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-[0-9]:",
    ),
    aws_key("aws_access_key", r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b"),
    aws_key(
        "aws_secret_key",
        r#"(?i)secret_?(?:access_?)?key\\?["']?(?:\s*[:=]\s*|[ \t]+)\\?["']?([a-z0-9/+]{40})(?:[^a-z0-9/+=]|$)"#,
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
    always(
        "api_token",
        r"\b(?:dckr_pat_[A-Za-z0-9_-]{20}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32}|sk-(?:ant|proj)-[A-Za-z0-9_-]{20}|NRAK-[A-Z0-9]{27}|tskey-[a-z]+-[A-Za-z0-9]{8}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{40}|dop_v1_[a-f0-9]{64})",
    ),
    always(
        "webhook_url",
        r"\.webhook\.office\.com/webhookb2/[A-Za-z0-9]|\bdiscord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9]",
    ),
    always("json_web_token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8}"),
    Detector {
        name: "url_password",
        pattern: r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@'<>]*:([^\s/@'<>]+)@",
        accepts: |text, found| {
            let words: [&[u8]; 6] = [b"password", b"passwd", b"pass", b"pw", b"token", b"secret"];
            let before =
                found.get(0).map_or(&b""[..], |found| line_before(&text.bytes[..found.start()]));
            captured(found).is_some_and(|value| {
                let bare = value.strip_suffix(b"]").unwrap_or(value);
                let word = words.contains(&&*bare.to_ascii_lowercase());
                is_literal(value)
                    && !(word && (bare.len() < value.len() || is_printed(before)))
                    && (!is_replaced(before) || is_random(value))
            })
        },
    },
    always("password_hash", r"\$(?:1|5|6|y|2[aby])\$[A-Za-z0-9./$=,-]{20}"),
    // The second alternative is a list of cloud-init.
    value(
        "chpasswd",
        r#"(?:echo|printf)\s[^\n|]*?[A-Za-z0-9_-]:([^\s'|]+)[^\n|]*\|\s*(?:sudo\s+)?chpasswd|chpasswd:\s*\n(?:[ \t]+expire:[^\n]*\n)?[ \t]+list:[^\n]*\n(?:[ \t]+(?:- )?["']?[a-z_][a-z0-9_-]*:(?:RANDOM|R)\b[^\n]*\n)*[ \t]+(?:- )?["']?[a-z_][a-z0-9_-]*:([^\s"']+)"#,
    ),
    value(
        "chpasswd",
        r#"\bchpasswd(?:[ \t]+-\S+(?:[ \t]+[A-Z0-9]+)?)*[ \t]*(?:<<-?[ \t]*\\?["']?\w+["']?[ \t]*\n[ \t]*|<<<[ \t]*["']?)[A-Za-z0-9_-]+:([^\s'"]+)"#,
    ),
    // The same list in flow style, and its first password.
    value(
        "chpasswd",
        r#"\bchpasswd:[ \t]*\{[^}\n]*?\blist:[ \t]*\[?[ \t]*["']?(?:[a-z_][a-z0-9_-]*:(?:RANDOM|R)["']?,[ \t]*["']?)*[a-z_][a-z0-9_-]*:([^\s"',\]}]+)"#,
    ),
    Detector {
        name: "registry_auth",
        pattern: r#"\\?"auth\\?"\s*:\s*\\?"([A-Za-z0-9+/]{8,512}={0,2})\\?""#,
        accepts: |_, found| captured(found).is_some_and(is_basic_auth),
    },
    random(
        "authorization_header",
        r#"(?i)\bauthorization\\?["']?\]?[ \t]*[:=,][ \t]*\\?["']?(?:bearer|basic|token|bot|apikey)[ \t]+([^\s'"\\,;]{8,})"#,
    ),
    Detector { name: "password", pattern: assignment::PATTERN, accepts: assignment::is_secret },
];
