//! Detects secrets in texts. Of texts that must not be kept, only the name of the detector that
//! matched is kept, never the match.
//!
//! All patterns are matched in linear time. They match only what looks like a secret, not every word
//! that could be one, to avoid false positives.

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use regex::bytes::Regex;

use super::ec2::user_data::UserData;

/// Name and pattern; the first match determines the detector. What a group of a pattern captures must
/// not be a placeholder.
const DETECTORS: [(&str, &str); 13] = [
    ("private_key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("aws_access_key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    (
        "aws_secret_key",
        r#"(?i)secret_?(?:access_?)?key\\?["']?\s*[:=]\s*\\?["']?[a-z0-9/+]{40}(?:[^a-z0-9/+=]|$)"#,
    ),
    ("github_token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})"),
    ("gitlab_token", r"\bgl(?:pat|rt|dt|cbt)-[A-Za-z0-9_-]{20}"),
    ("slack_token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/[A-Za-z0-9]"),
    (
        "api_token",
        r"\b(?:[rs]k_live_[A-Za-z0-9]{16}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|hvs\.[A-Za-z0-9_-]{24}|pypi-[A-Za-z0-9_-]{40})",
    ),
    ("json_web_token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8}"),
    ("url_password", r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@'<>]*:([^\s/@'<>]+)@"),
    ("password_hash", r"\$(?:1|5|6|y|2[aby])\$[A-Za-z0-9./$=,-]{20}"),
    // The second alternative is a list of cloud-init.
    (
        "chpasswd",
        r"(?:echo|printf)\s[^\n|]*?[A-Za-z0-9_-]:([^\s'|]+)[^\n|]*\|\s*(?:sudo\s+)?chpasswd|chpasswd:\s*\n(?:[ \t]+expire:[^\n]*\n)?[ \t]+list:[^\n]*\n[ \t]+(?:- )?[a-z_][a-z0-9_-]*:(\S+)",
    ),
    (
        "password",
        r#"(?i)(?:passw(?:or)?d|passwort|passphrase|pwd|secret|(?:^|[^a-z]|db|database|key|store|user|admin|root)pass|(?:api|access|auth|private|account|license)_?(?:key|token)|(?:^|[^a-z])token)\\?["']?(?:[ \t]*(?::=|=>|[:=])[ \t]*|[ \t]+-value[ \t]+)\\?["']?([^\s'",;\\]{4,})|--(?:[a-z]+-)?(?:password|token|secret)[ =]["']?([^\s'",;]{4,})"#,
    ),
    // Passwords that commands of shells, PowerShell and Windows take.
    (
        "command_password",
        r#"\bcurl\s(?:[^\n|;&]*?\s)?(?:-u|--user)[ =]?["']?[^\s:'"$]+:([^\s'"]{4,})|\bsshpass\s+-p\s*["']?([^\s'"]{4,})|\bmysql(?:dump|admin)?\s(?:[^\n|;&]*?\s)?-p["']?([^\s'"]{4,})|\bdocker\s+login\s(?:[^\n|;&]*?\s)?-p[ =]["']?([^\s'"]{4,})|(?i:\bnet1?\s+user\s+\S+\s+["']?([^\s'"]{4,})|ConvertTo-SecureString\s+(?:-String\s+)?["']([^'"]{4,})["'][^\n]*-AsPlainText|\.SetPassword\(\s*["']([^'"]{4,})["'])"#,
    ),
];

static PATTERNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    DETECTORS
        .iter()
        .filter_map(|(name, pattern)| Some((*name, Regex::new(pattern).ok()?)))
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
        .find(|(_, pattern)| pattern.captures_iter(&text).any(|found| is_value(&found)))
        .map(|(name, _)| *name)
}

/// Whether a match is a literal value, not a reference, a placeholder, or a keyword.
fn is_value(found: &regex::bytes::Captures<'_>) -> bool {
    let Some(value) = found.iter().skip(1).flatten().next() else { return true };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let reference = value.starts_with(['$', '<', '{', '%', '*', '(', '`', '[', '&', '|', '-'])
        || [
            "arn:", "ssm:", "aws ", "resolve:", "!ref", "!sub", "file:", "http://", "https://", "/",
        ]
        .iter()
        .any(|start| value.starts_with(start));
    let placeholder = [
        "true",
        "false",
        "null",
        "none",
        "disabled",
        "enabled",
        "required",
        "optional",
        "prohibit-password",
        // In /etc/nsswitch.conf.
        "files",
        "compat",
        // In lists of cloud-init.
        "random",
    ];
    !reference
        && !placeholder.contains(&value.as_str())
        && !value.bytes().all(|byte| matches!(byte, b'x' | b'*' | b'.' | b'_'))
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
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn secrets_are_distinguished_from_mentions() {
        assert_eq!(PATTERNS.len(), DETECTORS.len(), "an invalid pattern is skipped");
        let token = |start: &str| format!("{start}{}", "a1B2".repeat(10));
        let table: [(&str, Option<&str>); 75] = [
            ("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", Some("aws_access_key")),
            ("key: ASIAIOSFODNN7EXAMPLE;", Some("aws_access_key")),
            ("arn:aws:iam::111122223333:role/AKIAROLE", None),
            ("XAKIAIOSFODNN7EXAMPLEX", None),
            (
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                Some("aws_secret_key"),
            ),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", Some("private_key")),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", Some("private_key")),
            ("-----BEGIN PRIVATE KEY-----", Some("private_key")),
            ("-----BEGIN CERTIFICATE-----\nMIIE", None),
            ("-----BEGIN PUBLIC KEY-----\nMIIE", None),
            (&token("git clone https://ghp_"), Some("github_token")),
            (&token("TOKEN glpat-"), Some("gitlab_token")),
            (&token("xoxb-"), Some("slack_token")),
            (&token("sk_live_"), Some("api_token")),
            (
                "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
                Some("json_web_token"),
            ),
            ("DATABASE_URL=postgres://app:hunter2@db.internal:5432/app", Some("url_password")),
            ("postgres://app:${DB_PASSWORD}@db.internal", None),
            ("https://example.com:8443/path@2", None),
            (
                "passwd: $6$rounds=4096$abcdefgh$0123456789abcdef0123456789abcdef",
                Some("password_hash"),
            ),
            ("echo 'root:hunter2' | chpasswd", Some("chpasswd")),
            ("echo \"root:$PASSWORD\" | sudo chpasswd", None),
            ("DB_PASSWORD=hunter2", Some("password")),
            ("\"password\": \"hunter2\"", Some("password")),
            ("password: hunter2", Some("password")),
            ("$Password = 'hunter22'", Some("password")),
            ("API_KEY='0123456789abcdef'", Some("password")),
            ("client_secret=0123456789abcdef", Some("password")),
            ("mysqladmin --password=hunter2 ping", Some("password")),
            ("agent install --enroll-token 0123456789", Some("password")),
            ("P\0A\0S\0S\0W\0O\0R\0D\0=\0h\0u\0n\0t\0e\0r\x002\0", Some("password")),
            ("DB_PASSWORD=$(aws ssm get-parameter --name /app/db)", None),
            ("DB_PASSWORD=\"${PASSWORD}\"", None),
            ("password: {{ vault_password }}", None),
            ("password=<your password>", None),
            ("lock_passwd: false", None),
            ("ssh_pwauth: false\ndisable_root: true", None),
            ("PasswordAuthentication no", None),
            ("PermitRootLogin prohibit-password", None),
            ("SECRET_ARN=arn:aws:secretsmanager:eu-west-1:111122223333:secret:app", None),
            ("secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:app", None),
            ("password=********", None),
            ("export DB_PASS=hunter2", Some("password")),
            ("pass: 'hunter2'", Some("password")),
            ("MYSQL_ROOT_PASS: hunter2", Some("password")),
            ("keyPass=hunter2", Some("password")),
            ("NEW_RELIC_LICENSE_KEY=0123456789abcdef", Some("password")),
            (r#"echo "{\"password\": \"hunter2\"}" > app.json"#, Some("password")),
            (r#"echo "{\"password\": \"$DB_PASSWORD\"}" > app.json"#, None),
            ("DB_PASS=$(aws ssm get-parameter --name /app/db)", None),
            ("  bypass: enabled-always", None),
            ("proxy_pass: http://127.0.0.1:8080", None),
            ("chpasswd:\n  expire: false\n", None),
            ("volumes:\n- name: x\n  secret:\n    secretName: app", None),
            ("passwd:     files sss", None),
            ("chpasswd:\n  expire: false\n  list: |\n    root:hunter2\n", Some("chpasswd")),
            ("chpasswd:\n  list:\n    - ubuntu:RANDOM\n", None),
            ("curl -fsS -u deploy:hunter2 https://example.com", Some("command_password")),
            ("curl --user \"deploy:hunter2\" https://example.com", Some("command_password")),
            ("curl -u deploy:$PASSWORD https://example.com", None),
            ("curl -fsSL https://example.com/a.tar | tar x", None),
            ("curl -fsSL https://example.com/my-ubuntu:20.04.tar", None),
            ("sshpass -p hunter2 ssh host", Some("command_password")),
            ("sshpass -p \"$PW\" ssh host", None),
            ("mysql -u root -phunter2 app", Some("command_password")),
            ("mysql -u root -p$PASSWORD app", None),
            ("mysql --protocol=tcp -P 3306 app", None),
            ("yum install -y mysql && mkdir -p /data/app", None),
            ("docker login -u app -p hunter2 registry.example.com", Some("command_password")),
            ("aws ecr get-login-password | docker login --username AWS --password-stdin", None),
            ("net user Administrator Hunter2! /add", Some("command_password")),
            ("net user Administrator /active:yes", None),
            ("$s = ConvertTo-SecureString 'hunter2' -AsPlainText -Force", Some("command_password")),
            ("$s = ConvertTo-SecureString $value -AsPlainText -Force", None),
            ("([adsi]'WinNT://./admin').SetPassword('hunter2')", Some("command_password")),
            (
                "#!/bin/bash\nyum update -y\n/etc/eks/bootstrap.sh prod --kubelet-extra-args ''",
                None,
            ),
        ];
        for (text, expected) in table {
            assert_eq!(detect(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn plain_and_compressed_user_data_is_inspected() {
        let gzip = |text: &[u8]| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        let secret: &[u8] = b"#!/bin/sh\nexport DB_PASSWORD=hunter2\n";
        let mut bomb = vec![b' '; 2 << 20];
        bomb.extend_from_slice(secret);
        let mut cut = gzip(b"#!/bin/sh\nyum update -y\n");
        cut.truncate(cut.len() - 12);
        let table: [(&[u8], Option<bool>, Option<&str>); 6] = [
            (secret, Some(true), Some("password")),
            (b"#!/bin/sh\n", Some(false), None),
            (&gzip(secret), Some(true), Some("password")),
            (&gzip(b"#!/bin/sh\n"), Some(false), None),
            (&gzip(&bomb), None, None),
            (&cut, None, None),
        ];
        for (raw, looks_like_secret, detector) in table {
            let expected = UserData {
                present: true,
                looks_like_secret,
                detector: detector.map(str::to_owned),
            };
            assert_eq!(
                user_data(Some(&STANDARD.encode(raw))),
                expected,
                "{}",
                String::from_utf8_lossy(raw)
            );
        }
        let b64 = STANDARD.encode(secret);
        let certificate = STANDARD.encode("-----BEGIN CERTIFICATE-----\nMIIE\n");
        let folded = b64.as_bytes().chunks(28).map(|line| String::from_utf8_lossy(line));
        let folded = folded.collect::<Vec<_>>().join("\n    ");
        let words = format!("sha256: {}\n", "0123456789abcdef".repeat(4)).repeat(MAX_WORDS);
        for (text, expected) in [
            (
                format!("write_files:\n- encoding: b64\n  content: {b64}\n  path: /etc/app"),
                Some(true),
            ),
            (format!("- content: |\n    {folded}\n  path: /etc/app\n"), Some(true)),
            (
                format!("- encoding: gz+b64\n  content: {}\n", STANDARD.encode(gzip(secret))),
                Some(true),
            ),
            (format!("echo {b64} | base64 -d > /etc/app"), Some(true)),
            (format!("bootstrap.sh prod --b64-cluster-ca {certificate}\n"), Some(false)),
            (format!("checksum={}\n", "0123456789abcdef".repeat(4)), Some(false)),
            (format!("content: {}\n", STANDARD.encode(&cut)), None),
            (format!("content: {}\n", STANDARD.encode(gzip(&bomb))), None),
            (format!("{words}content: {b64}\n"), None),
            (format!("{words}password=hunter2\n"), Some(true)),
        ] {
            let found = user_data(Some(&STANDARD.encode(&text)));
            assert_eq!(found.looks_like_secret, expected, "{text}");
        }
        let nothing = UserData { present: false, looks_like_secret: Some(false), detector: None };
        assert_eq!((user_data(None), user_data(Some(""))), (nothing.clone(), nothing));
        assert_eq!(
            user_data(Some("password=hunter2")).detector.as_deref(),
            Some("password"),
            "not base64"
        );
    }
}
