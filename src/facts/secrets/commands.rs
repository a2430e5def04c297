//! Passwords that commands of shells, PowerShell and Windows take.

use super::detectors::{Detector, named, random, value};

/// Each is a pattern of its own: among alternatives, one that starts earlier and may still match delays
/// every match of another.
pub(super) static DETECTORS: &[Detector] = &[
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
    named("command_password", r#"(?i)\bsetx\s+["']?(?P<name>[a-z0-9_]+)["']?\s+(?P<quote>["'])?"#),
    named(
        "command_password",
        r#"(?i)\breg(?:\.exe)?\s+add\s[^\n]*?/v\s+["']?(?P<name>[a-z0-9_]+)["']?\s[^\n]*?/d\s+(?P<quote>["'])?"#,
    ),
    named(
        "command_password",
        r#"(?i)-Name\s+["']?(?P<name>[a-z0-9_]+)["']?\s[^\n]*?-Value\s+(?P<quote>["'])"#,
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
];
