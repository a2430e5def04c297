//! Tells values from references to them, placeholders and names.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// The starts of references: to variables and templates of many languages, AWS resources, parameters,
/// stores of secrets, files, and commands.
const REFERENCES: [&str; 38] = [
    "arn:",
    "ssm:",
    "aws-sm:",
    "aws-ssm:",
    "awssecrets:",
    "awsssm:",
    "sm://",
    "gsm:",
    "gcp-sm:",
    "azkv:",
    "keyvault:",
    // Of `vals`.
    "ref+",
    "secretref:",
    "aws ",
    "aws:",
    "resolve:",
    "secretsmanager:",
    "vault:",
    "op://",
    "env:",
    "!ref",
    "!sub",
    "!getatt",
    "!importvalue",
    "!join",
    "!vault",
    "!secret",
    "#{",
    "@{",
    ".*",
    "file:",
    "fileb:",
    "http://",
    "https://",
    "s3://",
    "os.environ",
    "process.env",
    "/",
];

/// Words that are not passwords.
const KEYWORDS: [&str; 30] = [
    "true",
    "false",
    "never",
    "always",
    "auto",
    "manual",
    "prompt",
    "enable",
    "disable",
    "expired",
    "null",
    "none",
    "undefined",
    "disabled",
    "enabled",
    "required",
    "optional",
    "prohibit-password",
    // In tasks of Ansible.
    "on_create",
    // Of `id-token` in permissions of GitHub Actions.
    "write",
    // Types.
    "str",
    "string",
    "securestring",
    "secretstr",
    "bytes",
    "boolean",
    // In /etc/nsswitch.conf.
    "files",
    "compat",
    // In lists of cloud-init.
    "random",
    "r",
];

/// Names of files, names in a path such as `prod/db`, those of secrets of Google Cloud, and versions.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?-u)^(?:[A-Za-z0-9_.~/\\-]+\.(?:pem|key|crt|cer|der|p12|pfx|jks|json|ya?ml|txt|env|sh|py|ps1|conf|cfg|ini|enc|gpg|asc)|[a-z][a-z_-]*[0-9]{0,2}(?:/[a-z][a-z_-]*[0-9]{0,2})+|projects/[a-z0-9-]+/secrets/[a-z0-9_-]+(?:/versions/[a-z0-9]+)?|[~^]?[0-9]+\.[0-9]+\.[0-9]+)$",
    )
    .ok()
});

/// Words of documentation that stand for a value: `your-api-key-here`, `REPLACE_ME`, `put your unique
/// phrase here`.
static PLACEHOLDERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)^(?:
            your[-_\ .]?(?:own[-_\ .]?)?[a-z_\ .-]*(?:password|passwd|pass|secret|token|key|here)[a-z_\ .-]*
            | your[-_\ ][a-z_\ .-]+
            | (?:insert|enter|put|replace|fill|set|add)[-_\ ](?:your|the|me|in|with|this|here|key|token|password|secret)[a-z_\ .-]*
            | [a-z_\ .-]+[-_\ ]here
            | replaceme | todo | tbd | fixme | redacted | placeholder
        )$",
    )
    .ok()
});

/// Constants and placeholders in capital letters, such as `DB_PASSWORD`.
static CONSTANTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)^[A-Z][A-Z0-9]*_(?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY)[),\]]*$")
        .ok()
});

/// Whether a value is a literal, not a reference, a placeholder, or a keyword.
pub(super) fn is_literal(value: &[u8]) -> bool {
    let value = &value[..value.len().min(MAX_VALUE)];
    let constant = CONSTANTS.as_ref().is_some_and(|constants| constants.is_match(value));
    if constant || is_documented(value) {
        return false;
    }
    let value = String::from_utf8_lossy(value).to_ascii_lowercase();
    let reference = value
        .starts_with(['$', '<', '{', '%', '*', '(', '`', '[', '&', '|', '-', '=', '~'])
        || REFERENCES.iter().any(|start| value.starts_with(start))
        || ["${", "$(", "{{", "<%="].iter().any(|part| value.contains(part))
        || [&NAMES, &PLACEHOLDERS]
            .iter()
            .any(|names| names.as_ref().is_some_and(|names| names.is_match(value.as_bytes())));
    let word = value.trim_end_matches([')', '}', ']', '>', '.', ',', ';', ':']);
    let template = ["@", "__"].iter().any(|mark| {
        value.len() > 2 * mark.len() && value.starts_with(mark) && value.ends_with(mark)
    });
    !reference
        && !template
        && !KEYWORDS.contains(&word)
        && !value.bytes().all(|byte| matches!(byte, b'x' | b'*' | b'.' | b'_'))
}

/// The longest part of a value that is inspected.
pub(super) const MAX_VALUE: usize = 512;

/// Whether a value is a key that AWS's documentation uses as an example.
pub(super) fn is_documented(value: &[u8]) -> bool {
    let is_id = value.len() == 20 && (value.starts_with(b"AKIA") || value.starts_with(b"ASIA"));
    value.ends_with(b"EXAMPLEKEY") || (is_id && value.ends_with(b"EXAMPLE"))
}

static UUID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$").ok()
});

/// Whether a value looks random, not like the name or the id of a key: letters and digits are mixed in
/// a long part of it, or it has characters that names do not have.
pub(super) fn is_random(value: &[u8]) -> bool {
    let value = &value[..value.len().min(MAX_VALUE)];
    if value.starts_with(b"django-insecure-") {
        return true;
    }
    let is_id =
        ["alias/", "mrk-", "key/", "kms:"].iter().any(|id| value.starts_with(id.as_bytes()))
            || UUID.as_ref().is_some_and(|uuid| uuid.is_match(value));
    if value.len() < 8 || is_id {
        return false;
    }
    let mixed = |part: &[u8]| {
        part.len() >= 8
            && part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_alphabetic)
    };
    // Base64 of a text can be without digits.
    let base64 = value.len() >= 16
        && value.ends_with(b"=")
        && value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase);
    let symbols = value.iter().any(|byte| b"!@#%^&*?~".contains(byte))
        && value.iter().any(u8::is_ascii_digit);
    base64 || symbols || value.split(|byte| b"-_./:+".contains(byte)).any(mixed)
}

/// Names that AWS services give to their secrets, and names of several words, such as
/// `prod/db-credentials` and `ProdDbCredentials`.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)^(?:
            (?:rds|redshift|events|ecs-sc|appflow|databrew|directconnect|opsworks-cm)!.*
            | [A-Za-z]+[0-9]{0,2}(?:[-_./]+(?:[A-Za-z]+[0-9]{0,2}|v?[0-9]{1,12}))+
            | [A-Za-z][a-z]*(?:[A-Z][a-z]+)+[0-9]{0,2}
        )$",
    )
    .ok()
});

/// Whether a value looks like the name of a secret in a store, not like the secret: a single word, and
/// one with digits inside, does not.
pub(super) fn is_words(value: &[u8]) -> bool {
    let capitals = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let short = value.len() < 3 * capitals && !value.iter().any(|byte| b"-_./".contains(byte));
    !short && WORDS.as_ref().is_some_and(|words| words.is_match(value))
}
