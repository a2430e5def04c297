//! Passwords in code, SQL, configuration files, JSON, YAML and XML.

use super::detectors::{Detector, captured, is_basic_auth, named, random, value};

/// Each is a pattern of its own, as those of commands.
pub(super) static DETECTORS: &[Detector] = &[
    named(
        "password",
        r#"(?i)\b(?:define|SetEnvironmentVariable|setenv|putenv)\(\s*["'](?P<name>[a-z0-9_]+)["']\s*,\s*(?P<quote>["'])"#,
    ),
    random(
        "password",
        r#"(?i)\bdefine\(\s*["'][a-z0-9_]*(?:key|salt)["']\s*,\s*["']([^'"]{16,})["']"#,
    ),
    // A name and its value: attributes of XML, and fields of JSON and YAML such as the environment of a
    // container. In YAML, `value` comes first only at the start of an item.
    named(
        "password",
        r#"(?i)\b(?:key|name)\s*=\s*["'](?P<name>[a-z0-9_.:-]+)["']\s+value\s*=\s*(?P<quote>["'])"#,
    ),
    named(
        "password",
        r#"(?i)(?:^|[^a-z0-9_.-])(?:parameter|option|env)?(?:name|key)\\?["']?[ \t]*[:=][ \t]*\\?["']?(?P<name>[a-z0-9_.:/-]+)\\?["']?[ \t]*[,;]?\s*\\?["']?(?:parameter)?value\\?["']?[ \t]*[:=][ \t]*(?P<quote>\\?["'])?"#,
    ),
    named(
        "password",
        r#"(?i)[{,]\s*\\?["']?(?:parameter)?value\\?["']?\s*[:=]\s*\\?["'](?P<value>[^"'\\\n]{4,})\\?["']\s*[,;]\s*\\?["']?(?:parameter|option|env)?(?:name|key)\\?["']?\s*[:=]\s*\\?["']?(?P<name>[a-z0-9_.:/-]+)"#,
    ),
    named(
        "password",
        r#"(?im)^[ \t]*-[ \t]+value:[ \t]*["']?(?P<value>[^"'\\\n]{4,}?)["']?[ \t]*\r?\n[ \t]+name:[ \t]*["']?(?P<name>[a-z0-9_.-]+)"#,
    ),
    // Block scalars of YAML.
    named(
        "password",
        r#"(?im)(?:^|[\s{,-])["']?(?P<name>[a-z0-9_.-]+)["']?:[ \t]*[>|][+-]?[ \t]*\r?\n[ \t]+(?P<quote>["'])?"#,
    ),
    // Arrays of Bash.
    random(
        "password",
        r#"(?i)(?:password|passwd|secret|token|api_?key)s=\(\s*["']?([^\s"'()]{8,})"#,
    ),
    // The key of an Azure storage account.
    value(
        "password",
        r#"(?i)\bazure_storage_(?:account_)?key\\?["']?\s*[:=]\s*\\?["']?([a-z0-9+/]{86}==)"#,
    ),
    value(
        "password",
        r#"(?i)\bset\s+password\s+(?:for\s+\S+\s*)?(?:=|\bto\b)\s*(?:password\s*\(\s*)?\\?['"]([^'"\\]{4,})"#,
    ),
    // The answer file of Windows setup.
    value("password", r#"(?i)<[a-z]*password>\s*<value>([^<>\s]{4,})</value>"#),
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
