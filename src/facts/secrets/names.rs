//! What a name says about its value: `DB_PASSWORD_PROD` is a password, `DB_PASSWORD_FILE` is not.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::values::{is_random, is_words};

/// What the value of a name must look like to be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Any literal.
    Literal,
    /// A literal that is not the name of a secret in a store, such as `prod-db-credentials`.
    Unnamed,
    /// As above; the name is one that Kubernetes gives to references, such as `existingSecret`.
    Object,
    /// A literal that is not a small number.
    Token,
    /// A random value: such names are also those of keys and settings that are not secret.
    Random,
}

impl Demand {
    /// Whether a literal is a secret.
    pub(super) fn accepts(self, value: &[u8]) -> bool {
        match self {
            Self::Literal => true,
            Self::Unnamed => !is_words(unclosed(value)),
            Self::Object => {
                !is_words(unclosed(value)) && !value.iter().all(u8::is_ascii_alphabetic)
            }
            Self::Token => value.len() >= 8 || !value.iter().all(u8::is_ascii_digit),
            Self::Random => is_random(value),
        }
    }
}

/// The words that names of secrets contain; the last one counts. Short ones also occur in other words
/// (`bypass`), so the letters in front of them are listed.
static KEYWORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix-u)
            (?P<random>(?:secret|encryption|encrypt|master|signing|session|cipher|crypto|shared|hmac|jwt|pre-?shared|datadog|new_?relic|openai|anthropic|stripe|sendgrid|mailgun|twilio|pagerduty)[_-]?key(?:[_-]?base)?)
            | (?P<secret>secret)
            | (?P<token>(?:^|[^a-z]|github|gitlab|npm|bot|bearer|refresh|slack|vault|registration|enrollment|enroll|join|runner|deploy)token)
            | authtok(?:en)?
            | (?:^|[^a-z]|admin|app|bind|database|db|default|domain|ftp|grub|guest|http|join|key|ldap|luks|mail|mongo|mq|my|mysql|nas|new|old|oracle|pg|postgres|proxy|psql|rabbit|radius|redis|repl|root|samba|sftp|smb|smtp|sql|ssh|store|svc|sys|system|test|user|vnc|vpn|web|wifi)(?:passw(?:or)?d|passwort|passphrase|pwd|pass|pw)
            | passw(?:or)?d | passwort | passphrase | pwd
            | (?:api|access|auth|private|account|license)[_-]?(?:key|token)
        ",
    )
    .ok()
});

/// Words after the keyword that say where the value is, what it must be like, or when it changes.
const ABOUT: &str = "\
    file files filename filepath path paths dir directory folder location mount volume arn arns \
    name names id ids uuid guid ref refs reference alias url uri endpoint host hostname port \
    address addr domain region provider issuer audience realm scope scopes username email owner \
    namespace bucket prefix suffix table column field fields header headers attribute attr \
    property parameter parameters param params variable var env envvar store storage backend \
    engine manager source vault class command cmd script helper callback hook handler generator \
    length len size min max minimum maximum limit limits count attempts retries retry complexity \
    strength history policy policies rule rules requirement requirements digits chars characters \
    special uppercase lowercase symbols regex pattern template type types kind format encoding \
    charset algorithm algorithms algo alg hash hasher hashing cipher encryption encrypted \
    ciphertext enc kms scheme method mode mechanism fingerprint thumbprint checksum sha digest ca \
    cert certificate version versions \
    expiry expires expire expiration ttl age lifetime duration timeout interval period rotation \
    rotate refresh renewal created updated date time seconds enabled disabled required \
    authentication status state prompt message label description hint";

/// Words after the keyword that say which secret it is.
const WHICH: &str = "\
    prod production prd dev develop development stage staging stg test testing qa uat preprod \
    sandbox demo local live default primary secondary master main replica old new current previous \
    backup admin root app db rw ro readonly value values val plain plaintext cleartext clear raw \
    string str literal override input";

/// Words in front of `token` with which it is a unit, as in `max_token`.
const UNITS: &str = "max min num n total per context prompt completion";

/// Kinds of secrets that applications read from their environment: the value is rarely a name.
const APPLICATIONS: &str = "\
    client jwt session shared webhook cookie signing consumer hmac oauth csrf auth token api";

/// The longest part of a name that is inspected.
const MAX_NAME: usize = 128;

/// Whether words follow the keyword of a name.
pub(super) fn has_suffix(name: &[u8]) -> bool {
    let found = KEYWORDS.iter().flat_map(|pattern| pattern.find_iter(name)).last();
    found.is_some_and(|keyword| keyword.end() < name.len())
}

/// What the value of a name must look like, unless the name is not one of a secret.
pub(super) fn demand(name: &[u8]) -> Option<Demand> {
    let name = &name[name.len().saturating_sub(MAX_NAME)..];
    let found = KEYWORDS.as_ref()?.captures_iter(name).last()?;
    let keyword = found.get(0)?;
    let before = words(&name[..keyword.start()]);
    let after = &name[keyword.end()..];
    // `passwordless` and `tokenizer` are other words.
    let lower = keyword.as_bytes().last()?.is_ascii_lowercase();
    if after
        .first()
        .is_some_and(|byte| byte.is_ascii_lowercase() || (byte.is_ascii_uppercase() && !lower))
    {
        return None;
    }
    let is_in = |list: &str, word: &String| list.split_ascii_whitespace().any(|one| one == word);
    let last = before.last();
    // What tells clusters of etcd apart.
    if before.ends_with(&["initial".to_owned(), "cluster".to_owned()]) {
        return None;
    }
    let demand = if found.name("random").is_some() {
        Demand::Random
    } else if found.name("token").is_some() {
        // A token in units is a number.
        if last.is_some_and(|word| is_in(UNITS, word)) { Demand::Random } else { Demand::Token }
    } else if found.name("secret").is_some() {
        match last {
            Some(word) if word == "existing" || word == "pull" => Demand::Object,
            Some(word) if is_in(APPLICATIONS, word) => Demand::Literal,
            _ => Demand::Unnamed,
        }
    } else {
        Demand::Literal
    };
    let after = words(after);
    // The hash of a password can be guessed, unlike those of keys and tokens.
    if after == ["hash"] && keyword.as_bytes().to_ascii_lowercase().ends_with(b"password") {
        return Some(Demand::Random);
    }
    if after.iter().any(|word| is_in(ABOUT, word)) {
        return None;
    }
    let known = after.iter().all(|word| is_in(WHICH, word));
    Some(if known { demand } else { Demand::Random })
}

/// A value without the brackets that close around it in code.
fn unclosed(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|byte| !b")]}>,".contains(byte));
    end.map_or(value, |end| &value[..=end])
}

/// The words of a name in lowercase, without numbers.
fn words(name: &[u8]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for byte in name {
        let starts = !byte.is_ascii_alphabetic() || (lower && byte.is_ascii_uppercase());
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if byte.is_ascii_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        lower = byte.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
