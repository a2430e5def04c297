//! What a report on disk says about an account, for a comparison.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Checked, Now};
use super::earlier::oldest_of;
use super::read::{ReadAccount, ReadExtent, ReadReport};
use crate::model::Verdict;
use crate::report::Part;

/// The oldest id of each rule of a report.
pub(super) fn oldest_ids(report: &ReadReport) -> BTreeMap<String, String> {
    report.rules.iter().map(|rule| (rule.id.clone(), rule.oldest_id.clone())).collect()
}

/// What a report says about an account.
pub(super) fn evaluated<'a>(
    account: &'a ReadAccount,
    oldest: &'a BTreeMap<String, String>,
    rules: &'a BTreeSet<&'a str>,
) -> Result<Now<'a>, String> {
    let mut unread = BTreeSet::new();
    if !account.entered {
        unread.insert(Part::Account);
    }
    for gap in &account.gaps {
        match &gap.unknown {
            ReadExtent::Account => drop(unread.insert(Part::Account)),
            ReadExtent::Regions => {
                unread.insert(Part::OtherRegions(account.regions.clone()));
            }
            ReadExtent::List { kind } => {
                unread.insert(Part::List(kind.clone(), gap.region.clone()));
            }
            ReadExtent::Facts => {}
        }
    }
    let mut findings = Vec::with_capacity(account.findings.len());
    for finding in &account.findings {
        let is_undecided = matches!(finding.verdict, Verdict::Unknown | Verdict::Error);
        if finding.resource.id.is_none() && is_undecided {
            let resource = &finding.resource;
            unread.insert(Part::List(resource.kind.to_string(), resource.region.clone()));
        }
        findings.push(Checked {
            rule: oldest_of(&finding.rule, oldest)?,
            verdict: finding.verdict,
            resource: &finding.resource,
            fingerprint: &finding.fingerprint,
            waived: finding.waived.is_some(),
        });
    }
    // What it carried, it did not check.
    let carried = account.carried.iter().flatten().map(|open| open.fingerprint).collect();
    Ok(Now { findings, rules, regions: &account.regions, unread, carried })
}
