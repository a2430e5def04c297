//! Who the principal of a policy is.

/// Whether a principal is everyone: `*`, or a wildcard instead of a name.
pub fn is_everybody(principal: &str) -> bool {
    principal.contains('*')
}

/// The identity provider of a principal whose users anyone can become: `Federated:` and the name of
/// a public provider, such as `graph.facebook.com`. A provider of an account has an ARN.
pub fn public_provider(principal: &str) -> Option<&str> {
    principal.strip_prefix("Federated:").filter(|name| !name.starts_with("arn:"))
}

/// Whether a principal is public: everyone, or everyone who signs in with a public identity
/// provider and assumes a role of their own account.
pub fn is_public(principal: &str) -> bool {
    is_everybody(principal) || public_provider(principal).is_some()
}

/// Keys that only requests of AWS services have, which the services themselves make: whatever value
/// a condition demands, it admits only services.
pub const SERVICE_KEYS: [&str; 2] = ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"];

/// The keys that have the value [`ANONYMOUS`] in requests without a signature, in lower case.
pub const ANONYMOUS_KEYS: [&str; 2] = ["aws:principalaccount", "aws:userid"];
/// The account and the user id of those who send requests without a signature.
pub const ANONYMOUS: &str = "anonymous";

/// Whether a value of a condition admits everyone: that of requests without a signature.
pub fn is_anonymous(key: &str, value: &str) -> bool {
    ANONYMOUS_KEYS.contains(&key) && value.eq_ignore_ascii_case(ANONYMOUS)
}

/// The account of a principal that contains one: `AWS:111122223333`, `AWS:arn:…`,
/// `Federated:arn:…`.
pub fn account_of(principal: &str) -> Option<&str> {
    let (kind, name) = principal.split_once(':')?;
    let account = match kind {
        "AWS" if !name.contains(':') => name,
        "AWS" | "Federated" if name.starts_with("arn:") => name.split(':').nth(4)?,
        _ => return None,
    };
    is_account_id(account).then_some(account)
}

/// A principal as messages name it: without its type, and `everyone` for `*`.
pub fn principal_name(principal: &str) -> String {
    let (kind, name) = principal.split_once(':').unwrap_or(("", principal));
    match kind {
        _ if name == "*" => "everyone".to_owned(),
        "CanonicalUser" => format!("canonical user {name}"),
        _ if is_account_id(name) => format!("account {name}"),
        _ => name.to_owned(),
    }
}

/// Whether a principal is the unique id of a user (`AIDA…`) or role (`AROA…`), or a session of such
/// a role (`AROA…:session`). AWS shows the id instead of the ARN once the user or role is deleted,
/// and never assigns it again.
pub fn is_deleted(principal: &str) -> bool {
    let id = principal.strip_prefix("AWS:").unwrap_or_default();
    let id = match id.split_once(':') {
        Some((role, session)) if role.starts_with("AROA") && is_session_name(session) => role,
        _ => id,
    };
    (id.starts_with("AIDA") || id.starts_with("AROA"))
        && id.len() >= MIN_UNIQUE_ID
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_session_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// AWS documents unique ids of 16 to 128 characters.
const MIN_UNIQUE_ID: usize = 16;

/// The id of a CloudFront origin access identity.
pub fn origin_access_identity(principal: &str) -> Option<&str> {
    let arn = principal.strip_prefix("AWS:arn:")?;
    let (_, user) = arn.split_once(":iam::cloudfront:user/")?;
    user.strip_prefix("CloudFront Origin Access Identity ")
}

pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
