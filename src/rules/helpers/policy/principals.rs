//! Who the principal of a policy is.

/// Whether a principal is everyone: `*`, or a wildcard instead of a name.
pub(super) fn is_everybody(principal: &str) -> bool {
    principal.contains('*')
}

/// The account of a principal that contains one: `AWS:111122223333`, `AWS:arn:…`,
/// `Federated:arn:…`.
pub(super) fn account_of(principal: &str) -> Option<&str> {
    let (kind, name) = principal.split_once(':')?;
    let account = match kind {
        "AWS" if !name.contains(':') => name,
        "AWS" | "Federated" if name.starts_with("arn:") => name.split(':').nth(4)?,
        _ => return None,
    };
    is_account_id(account).then_some(account)
}

pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
