//! What could not be checked, in a form that people can act on: by region and API call.

use std::collections::{BTreeMap, BTreeSet};

use super::account::AccountReport;
use crate::model::{Cause, Region, Verdict};

/// Something in a region that could not be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct CouldNotCheck<'a> {
    /// The region, or `global`.
    pub region: Region,
    /// The API call that failed, or the rule that came to no verdict.
    pub what: What<'a>,
    /// What went wrong: the first cause, or the rule's own words.
    pub why: Why<'a>,
    /// How many findings have no verdict because of it.
    pub findings: usize,
}

/// What could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What<'a> {
    /// What an API call returns: `s3:GetBucketPolicy`.
    Call(&'a str),
    /// What a rule checks: its id.
    Rule(&'a str),
}

/// Why it could not be checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why<'a> {
    /// The cause of a gap.
    Cause(&'a Cause),
    /// A message of a rule, or the error that it raised.
    Message(&'a str),
}

/// Everything that could not be checked and is neither accepted nor waived: one entry for each
/// region and API call, and for each region and rule that came to no verdict by itself.
pub fn could_not_check(report: &AccountReport) -> Vec<CouldNotCheck<'_>> {
    let mut entries: BTreeMap<(Region, What<'_>), (Why<'_>, usize)> = BTreeMap::new();
    let mut places: BTreeMap<(&str, &str), BTreeSet<&Region>> = BTreeMap::new();
    for reported in &report.gaps {
        let cause = &reported.gap.cause;
        places.entry((&cause.call, &cause.code)).or_default().insert(&reported.gap.region);
        if reported.accepted.is_none() {
            entries
                .entry((reported.gap.region.clone(), What::Call(&cause.call)))
                .or_insert((Why::Cause(cause), 0));
        }
    }
    let mut count = |region: &Region, what, why| {
        entries.entry((region.clone(), what)).or_insert((why, 0)).1 += 1;
    };
    for finding in &report.findings {
        let region = &finding.resource.region;
        match finding.verdict {
            Verdict::Error => {
                count(region, What::Rule(&finding.rule), Why::Message(&finding.message));
            }
            Verdict::Unknown if finding.accepted.is_none() && finding.waived.is_none() => {
                for cause in &finding.causes {
                    if cause.code == Cause::RULE_UNDECIDED {
                        count(region, What::Rule(&finding.rule), Why::Message(&cause.message));
                        continue;
                    }
                    // A failed call for the whole account affects rules in every region.
                    let places = places.get(&(cause.call.as_str(), cause.code.as_str()));
                    let place = match places {
                        Some(places) if !places.contains(region) => {
                            places.iter().next().copied().unwrap_or(region)
                        }
                        _ => region,
                    };
                    count(place, What::Call(&cause.call), Why::Cause(cause));
                }
            }
            _ => {}
        }
    }
    entries
        .into_iter()
        .map(|((region, what), (why, findings))| CouldNotCheck { region, what, why, findings })
        .collect()
}
