//! Where a rule could not decide: nothing can be planned there, and nothing is known to have changed.

use crate::model::{AccountId, Cause, Finding, Region, Verdict};

/// A rule that could not decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Undecided {
    /// The rule.
    pub rule: String,
    /// The account.
    pub account: AccountId,
    /// The region, or `global` if it applies to all regions.
    pub region: Region,
    /// The id of the resource; `None` if the resources are not known.
    pub resource: Option<String>,
    /// Why.
    pub cause: Cause,
}

/// A finding that is `unknown` or `error`.
pub(super) fn undecided(finding: &Finding, account: &AccountId) -> Option<Undecided> {
    if !matches!(finding.verdict, Verdict::Unknown | Verdict::Error) {
        return None;
    }
    let cause = finding.causes.first().cloned();
    Some(Undecided {
        rule: finding.rule.to_string(),
        account: account.clone(),
        region: finding.resource.region.clone(),
        resource: finding.resource.id.as_deref().map(str::to_owned),
        cause: cause.unwrap_or_else(|| Cause::by_rule(&finding.message)),
    })
}
