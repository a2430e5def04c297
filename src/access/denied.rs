//! The principals that Deny statements apply to.

use super::who::{Who, WhoKind};
use crate::model::series;
use crate::policy::{Statement, is_deleted};

/// The principals that a Deny statement applies to, seen from one who has access.
pub(super) enum Denied {
    Nobody,
    /// Some, in words.
    Some(String),
    All,
    /// All but these, who may be denied for a reason.
    AllBut(Vec<(Who, Option<String>)>),
    /// Perhaps all, for a reason.
    Perhaps(String),
}

/// Whom `NotPrincipal` exempts, and why that is not certain. An account beside a principal of it means
/// only its root user. AWS checks the account first, then the user or role, and then the session.
///
/// Source: IAM User Guide, "AWS JSON policy elements: `NotPrincipal`".
fn spared(named: &[Who]) -> Vec<(Who, Option<String>)> {
    let of_account =
        |account: &str| named.iter().any(|who| who.kind == WhoKind::Account && who.is_of(account));
    let each = |who: &Who| {
        let Some(account) = who.account.as_deref() else { return (who.clone(), None) };
        let is_part = |other: &Who| other.kind == WhoKind::Principal && other.is_of(account);
        match who.kind {
            WhoKind::Account => match named.iter().find(|other| is_part(other)) {
                Some(part) => {
                    let partition = part.name.split(':').nth(1).unwrap_or("aws");
                    (Who::root_user(partition, account), None)
                }
                None => {
                    let reason = format!("exempts only the root user of account {account}");
                    (who.clone(), Some(reason))
                }
            },
            WhoKind::Principal if !of_account(account) => {
                (who.clone(), Some(format!("does not exempt account {account}")))
            }
            WhoKind::Principal
                if who.name.contains(":assumed-role/")
                    && !named
                        .iter()
                        .any(|role| role != who && is_part(role) && role.includes(who)) =>
            {
                (who.clone(), Some("does not exempt the role of the session".to_owned()))
            }
            _ => (who.clone(), None),
        }
    };
    named.iter().map(each).collect()
}

/// To whom of `who` a Deny statement applies.
pub(super) fn applies_to(deny: &Statement, who: &Who) -> Denied {
    let of = |principals: &[String]| -> Vec<Who> {
        let known = principals.iter().filter(|principal| !is_deleted(principal));
        known.map(|principal| Who::of_principal(principal)).collect()
    };
    if !deny.not_principals.is_empty() {
        let spared = spared(&of(&deny.not_principals));
        let mut including = spared.iter().filter(|(one, _)| one.includes(who));
        if let Some((_, first)) = including.next() {
            let is_spared = first.is_none() || including.any(|(_, reason)| reason.is_none());
            let reason = first.clone().filter(|_| !is_spared);
            return reason.map_or(Denied::Nobody, Denied::Perhaps);
        }
        let (within, others): (Vec<_>, Vec<_>) =
            spared.iter().cloned().partition(|(one, _)| who.includes(one));
        if !others.iter().all(|(one, _)| one.is_apart_from(who)) {
            let names = series(spared.iter().map(|(one, _)| one.to_string()), "and");
            return Denied::Some(format!("others than {names}"));
        }
        return if within.is_empty() { Denied::All } else { Denied::AllBut(within) };
    }
    let named = of(&deny.principals);
    if named.iter().any(|one| one.includes(who)) {
        return Denied::All;
    }
    let some: Vec<String> =
        named.iter().filter(|one| !one.is_apart_from(who)).map(Who::to_string).collect();
    if some.is_empty() { Denied::Nobody } else { Denied::Some(series(some, "and")) }
}
