//! What secrets look like: private keys, tokens, assignments, and commands that take passwords.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::Captures;

use super::assignment::{self, is_printed, line_before};
use super::values::{is_documented, is_literal, is_random};

/// What a group captured.
fn captured<'a>(found: &Captures<'a>) -> Option<&'a [u8]> {
    found.iter().skip(1).flatten().next().map(|value| value.as_bytes())
}

/// A kind of secrets.
pub(super) struct Detector {
    pub(super) name: &'static str,
    pub(super) pattern: &'static str,
    /// Whether what the pattern matched is a secret.
    pub(super) accepts: fn(&[u8], &Captures<'_>) -> bool,
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

/// Whether a value is the base64 of a user and a password, as in `~/.docker/config.json`.
fn is_basic_auth(value: &[u8]) -> bool {
    let end = value.iter().position(|byte| *byte == b'=').unwrap_or(value.len());
    let decoded = STANDARD_NO_PAD.decode(&value[..end]).unwrap_or_default();
    let mut parts = decoded.splitn(2, |byte| *byte == b':');
    parts.next().is_some_and(|user| !user.is_empty() && user.is_ascii())
        && parts.next().is_some_and(|password| password.len() >= 4 && is_literal(password))
}

/// The first one that accepts one of its matches is reported.
pub(super) static DETECTORS: &[Detector] = &[
    always(
        "private_key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]:",
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
            let printed = || {
                found.get(0).is_some_and(|found| is_printed(line_before(&text[..found.start()])))
            };
            captured(found).is_some_and(|value| {
                let value_in_words = words.contains(&&*value.to_ascii_lowercase());
                is_literal(value) && !(value_in_words && printed())
            })
        },
    },
    always("password_hash", r"\$(?:1|5|6|y|2[aby])\$[A-Za-z0-9./$=,-]{20}"),
    // The second alternative is a list of cloud-init.
    value(
        "chpasswd",
        r"(?:echo|printf)\s[^\n|]*?[A-Za-z0-9_-]:([^\s'|]+)[^\n|]*\|\s*(?:sudo\s+)?chpasswd|chpasswd:\s*\n(?:[ \t]+expire:[^\n]*\n)?[ \t]+list:[^\n]*\n[ \t]+(?:- )?[a-z_][a-z0-9_-]*:(\S+)",
    ),
    value(
        "chpasswd",
        r#"\bchpasswd(?:[ \t]+-\S+(?:[ \t]+[A-Z0-9]+)?)*[ \t]*(?:<<-?[ \t]*\\?["']?\w+["']?[ \t]*\n[ \t]*|<<<[ \t]*["']?)[A-Za-z0-9_-]+:([^\s'"]+)"#,
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
        r#"(?:echo|printf)\s+(?:-[ne]+\s+)*["']?([^\s'"|]{4,})["']?\s*\|\s*(?:sudo\s+)?(?:(?:smb|vnc)?passwd|kinit|realm\s+join|adcli\s+join|cryptsetup)\b"#,
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
    value(
        "command_password",
        r#"(?i)\.invoke\(\s*["']SetPassword["']\s*,\s*[@(\s]*["']([^'"]{4,})["']"#,
    ),
    value(
        "command_password",
        r#"(?i)ConvertTo-SecureString\s+(?:-(?:AsPlainText|Force)\s+)+(?:-String\s+)?["']([^'"]{4,})["']"#,
    ),
    value(
        "command_password",
        r#"\bopenssl[ \t]+passwd[ \t]+(?:-salt[ \t]+\S+[ \t]+|-\S+[ \t]+)*["']?([^\s'")-][^\s'")]{3,})"#,
    ),
    value(
        "command_password",
        r#"(?i)\breg(?:\.exe)?\s+add\s[^\n]*?/v\s+["']?[a-z]*password["']?\s[^\n]*?/d\s+["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"(?i)-Name\s+["']?[a-z]*password["']?\s[^\n]*?-Value\s+["']([^'"]{4,})["']"#,
    ),
    value("command_password", r#"\bmysqladmin\s(?:[^\n|;&]*?\s)?password[ \t]+["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"(?i)\bnet[ \t]+use[ \t][^\n|;&]*?/user:[^\s]+[ \t]+["']?([^\s'"/*][^\s'"]{3,})"#,
    ),
    value(
        "command_password",
        r#"(?i)\bnet[ \t]+use[ \t]+(?:\S+[ \t]+)?\\\\\S+[ \t]+["']?([^\s'"/*][^\s'"]{3,})["']?[ \t]+/user:"#,
    ),
    value("command_password", r#"\blftp\s(?:[^\n|;&]*?\s)?-u[ \t]*["']?[^\s,'"]+,([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"(?:echo|printf)\s+(?:-[ne]+\s+)*["']?([^\s'"|]{4,})["']?\s*\|\s*sudo\s+(?:-[A-Za-z]+\s+)*-[A-Za-z]*S\b"#,
    ),
    random("command_password", r"\bcloudflared\s+service\s+install\s+(eyJ[A-Za-z0-9_=-]{20,})"),
    random(
        "command_password",
        r#"\bamazon-ssm-agent(?:\.exe)?\s[^\n]*?-code[ \t=]+["']?([A-Za-z0-9+/]{12,})"#,
    ),
    value("command_password", r#"\bkeytool\s(?:[^\n|;&]*?\s)?-[a-z]*pass[ \t]+["']?([^\s'"]{4,})"#),
    random("command_password", r"\bnessuscli\s[^\n]*?--key[= ]([0-9a-f]{32,})"),
    value(
        "command_password",
        r#"\bsed\s[^\n]*?s[/|\#,][^\s/|\#,]*password_here[/|\#,]([^\s/|\#,'"]{4,})"#,
    ),
    // Passwords in code, SQL, configuration files and XML.
    value(
        "password",
        r#"(?i)\b(?:define|SetEnvironmentVariable|setenv|putenv)\(\s*["'][a-z0-9_]*(?:password|passwd|passphrase|pwd|pass|secret|token|api_?key)["']\s*,\s*["']([^'"]{4,})["']"#,
    ),
    random(
        "password",
        r#"(?i)\bdefine\(\s*["'][a-z0-9_]*(?:key|salt)["']\s*,\s*["']([^'"]{16,})["']"#,
    ),
    value(
        "password",
        r#"(?i)\b(?:key|name)\s*=\s*["'][a-z0-9_.:-]*(?:password|passwd|passphrase|pwd|secret)["']\s+value\s*=\s*["']([^'"]{4,})["']"#,
    ),
    Detector {
        name: "registry_auth",
        pattern: r#"\b_auth\s*=\s*["']?([A-Za-z0-9+/]{8,512}={0,2})"#,
        accepts: |_, found| captured(found).is_some_and(is_basic_auth),
    },
    value("password", r#"(?:^|\s):\s+PSK\s+["']([^'"\n]{4,})["']"#),
    value("password", r#"(?i)\bpsk\s*=\s*["']([^'"\n]{4,})["']"#),
    value("password", r#"\bmachine\s+\S+\s+login\s+\S+\s+password\s+["']?([^\s'"]{4,})"#),
    value(
        "password",
        r#"[^\s:'"]+:(?:[0-9]+|\*):[^\s:]+:[^\s:]+:([^\s'":]{4,})["']?[^\n]*\.pgpass\b"#,
    ),
    value(
        "password",
        r#"\.pgpass\b[^\n]*<<[^\n]*\n[ \t]*[^\s:]+:(?:[0-9]+|\*):[^\s:]+:[^\s:]+:([^\s'":]{4,})"#,
    ),
    random(
        "password",
        r#"(?m)^[ \t{]*\\?["']?encrypt\\?["']?\s*[=:]\s*\\?["']([A-Za-z0-9+/]{16,64}={0,2})\\?["']"#,
    ),
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
