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
        r#"(?m)\bhtpasswd\s+(?:-[A-Za-z]+\s+|[0-9]+\s+)*-[A-Za-z]*b[A-Za-z]*\s(?:[^\n|;&>]*?\s)?["']?([^\s'"|;&>]{4,})["']?[ \t]*(?:$|[|;&>])"#,
    ),
    value(
        "command_password",
        r#"(?:echo|printf)\s+(?:-[ne]+\s+)*["']?([^\s'"|]{4,})["']?\s*\|\s*(?:sudo\s+)?(?:(?:smb|vnc)?passwd|kinit|realm\s+join|adcli\s+join|cryptsetup)\b"#,
    ),
    value("command_password", r#"(?i)\bnet1?\s+user\s+(?:/\S+\s+)*[^\s/]\S*\s+["']?([^\s'"]{4,})"#),
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
    // Assignments without a separator, of csh, fish, Dockerfiles and Bash.
    named(
        "command_password",
        r#"(?m)(?:\bsetenv|\bset[ \t]+-[a-zA-Z]*x[a-zA-Z]*|^[ \t]*ENV)[ \t]+(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]+(?P<quote>["'])?"#,
    ),
    named(
        "command_password",
        r#"\bread[ \t]+(?:-[A-Za-z]+[ \t]+)*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*<<<[ \t]*(?P<quote>["'])?"#,
    ),
    // Parameters of PowerShell. In quotes: without them, it may be the name of a variable or a prompt.
    named("command_password", r#"\s-(?P<name>[A-Z][A-Za-z]*)[ \t]+(?P<quote>["'])"#),
    // Options with one dash, as those of programs in Java: also in texts about them, so only values that
    // look random or have digits.
    random(
        "command_password",
        r#"\s-(?:jnlpSecret|jnlpsecret|secret|Secret)[ \t=]+["']?([0-9a-f]{32,})"#,
    ),
    value(
        "command_password",
        r#"\s-password[ \t]+["']?([^\s'"0-9$%({]*[0-9][^\s'"]{3,}|[^\s'"0-9$%({]{3,}[0-9][^\s'"]*)"#,
    ),
    value(
        "command_password",
        r#"\bcurl\s(?:[^\n|;&]*?\s)?(?:-u|--user|-U|--proxy-user)[ =]?["'][^\s:'"$]+["']?:["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"\bcurl\s(?:[^\n|;&]*?\s)?(?:-U|--proxy-user)[ =]?["']?[^\s:'"$]+:([^\s'"]{4,})"#,
    ),
    // Databases.
    value(
        "command_password",
        r#"\b(?:mongo|mongosh|mongo(?:dump|restore|export|import))\s(?:[^\n|;&]*?\s)?-p[ =]?["']?([^\s'"]{4,})"#,
    ),
    value("command_password", r#"\bcqlsh\s(?:[^\n|;&]*?\s)?-p[ =]?["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"\b(?:sqlplus|sqlldr|expdp|impdp)[ \t]+(?:-[a-zA-Z]+[ \t]+)*["']?[A-Za-z][A-Za-z0-9_$\#]*/([^\s'"@/]{4,})@"#,
    ),
    value("command_password", r#"\bjdbc:oracle:thin:[A-Za-z][A-Za-z0-9_$\#]*/([^\s'"@/]{4,})@"#),
    // Clouds, clusters, stores of secrets, and registries.
    value("command_password", r#"\baz\s+login\s(?:[^\n|;&]*?\s)?-p[ =]["']?([^\s'"]{4,})"#),
    value("command_password", r#"\boc\s+login\s(?:[^\n|;&]*?\s)?-p[ =]["']?([^\s'"]{4,})"#),
    random(
        "command_password",
        r#"\bngrok\s+(?:config\s+add-authtoken|authtoken)\s+["']?([A-Za-z0-9_]{20,})"#,
    ),
    value("command_password", r#":_authToken[ \t]+["']?([A-Za-z0-9_-]{16,})"#),
    value(
        "command_password",
        r#"\bvault\s+login\s+(?:-\S+\s+)*(?:token=)?["']?((?:s|hvs)\.[A-Za-z0-9_-]{20,})"#,
    ),
    value("command_password", r#"https?://([0-9a-f]{40})@[a-z0-9.-]*(?:git|bitbucket)"#),
    value(
        "command_password",
        r#"\bput-parameter\s(?:[^|;&\n\\]|\\\s){0,300}?--value[ =]["']?([^\s'"]{4,})(?:[^|;&\n\\]|\\\s){0,300}?\bSecureString\b"#,
    ),
    value(
        "command_password",
        r#"\bput-parameter\s(?:[^|;&\n\\]|\\\s){0,300}?\bSecureString\b(?:[^|;&\n\\]|\\\s){0,300}?--value[ =]["']?([^\s'"]{4,})"#,
    ),
    value("command_password", r#"--secret-string[ =]["']?([^\s'"]{4,})"#),
    // Directories and file shares.
    value(
        "command_password",
        r#"\bldap(?:add|modify|search|delete|passwd|whoami|compare|modrdn)\s(?:[^\n|;&]*?\s)?-w[ \t]*["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"\b(?:smbclient|rpcclient|net\s+(?:ads|rpc))\s(?:[^\n|;&]*?\s)?(?:-U|--user)[ =]?["']?[^\s%'"]+%([^\s'"]{4,})"#,
    ),
    value("command_password", r#"(?m)^[ \t]*bindpw[ \t]+["']?([^\s'"]{4,})"#),
    // Archives.
    value("command_password", r#"\b(?:un)?zip\s(?:[^\n|;&]*?\s)?-P[ \t]*["']?([^\s'"]{4,})"#),
    value("command_password", r#"\b7z[arz]?\s(?:[^\n|;&]*?\s)?-p["']?([^\s'"]{4,})"#),
    // Windows.
    value("command_password", r#"(?i)\bschtasks(?:\.exe)?\s[^\n]*?/rp[ \t]+["']?([^\s'"]{4,})"#),
    value(
        "command_password",
        r#"(?i)\bpsexec(?:64)?(?:\.exe)?\s[^\n]*?-p[ \t]+["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"(?i)\bnetdom(?:\.exe)?\s[^\n]*?/p(?:assword)?[do]:["']?([^\s'"]{4,})"#,
    ),
    // Passwords in here-documents.
    value(
        "command_password",
        r#"(?m)(?:^|[;&|(]|sudo|then|do)[ \t]*(?:smb|vnc)?passwd\b[^\n|;&<]*<<-?[ \t]*["'\\]?\w+["']?[ \t]*\n[ \t]*([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"(?:\b(?:smb|vnc)?passwd|\bkinit|\brealm\s+join|\badcli\s+join)\b[^\n|;&<]*<<<[ \t]*["']?([^\s'"]{4,})"#,
    ),
    value(
        "command_password",
        r#"(?m)^[ \t]*rootpw[ \t]+(?:--\S+[ \t]+)*["']?([^\s'"-][^\s'"]{3,})"#,
    ),
];
