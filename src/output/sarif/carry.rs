//! Accounts whose resources are only partly known: which part is unknown, and which findings an
//! earlier report has there.
//!
//! A part is carried over from the earlier report only if it was known there. Otherwise the account
//! must not be uploaded at all, or alerts would be closed without being checked again.

use std::collections::BTreeSet;

use crate::model::text::one_line;
use crate::model::{Cause, Extent, Finding, Region, ResourceRef, Verdict, counted};
use crate::output::json::Baseline;
use crate::output::json::{EarlierAccount, EarlierFinding};
use crate::output::words;
use crate::report::{AccountReport, RunInfo};

/// A part of an account whose resources are unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The entire account.
    Account,
    /// All regions other than those scanned.
    OtherRegions(BTreeSet<Region>),
    /// A resource type in a region.
    List(String, Region),
}

/// The findings carried over from the earlier report.
#[derive(Debug)]
pub(super) enum Carried {
    /// Every resource is known.
    NotNeeded,
    /// Findings that were open in the unknown parts.
    Findings {
        /// The findings, none of which was evaluated in this run.
        findings: Vec<EarlierFinding>,
        /// What could not be read.
        why: String,
    },
    /// The account must be excluded.
    Impossible {
        /// What could not be read, and why nothing can be carried over.
        why: String,
    },
}

impl Part {
    fn holds(&self, resource: &ResourceRef) -> bool {
        match self {
            Self::Account => true,
            Self::OtherRegions(scanned) => {
                !resource.region.is_global() && !scanned.contains(&resource.region)
            }
            // Some resource types are listed once for all regions.
            Self::List(kind, region) => {
                resource.kind == *kind && (region.is_global() || resource.region == *region)
            }
        }
    }

    /// Whether this part was fully known in the earlier report.
    fn known_to(&self, earlier: &EarlierAccount) -> bool {
        let scanned_then = |region: &Region| region.is_global() || earlier.regions.contains(region);
        earlier.entered
            && match self {
                Self::Account => !earlier.regions_unknown && earlier.unlisted.is_empty(),
                Self::OtherRegions(scanned) => {
                    let touches = |(_, region): &(String, Region)| {
                        region.is_global() || !scanned.contains(region)
                    };
                    !earlier.regions_unknown && !earlier.unlisted.iter().any(touches)
                }
                Self::List(kind, region) => {
                    let touches = |(unlisted, place): &(String, Region)| {
                        unlisted == kind
                            && (place == region || place.is_global() || region.is_global())
                    };
                    scanned_then(region) && !earlier.unlisted.iter().any(touches)
                }
            }
    }

    fn concerns(&self, kind: &str) -> bool {
        !matches!(self, Self::List(listed, _) if listed != kind)
    }
}

fn resources_unknown(finding: &Finding) -> bool {
    finding.resource.id.is_none() && matches!(finding.verdict, Verdict::Unknown | Verdict::Error)
}

/// The unknown parts, as far as a selected rule evaluates resources there. Resource types that
/// rules only use for lookups do not count: the evaluated resources are known, with verdict
/// `unknown`.
fn unknown_parts(run: &RunInfo, report: &AccountReport) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    if !report.entered {
        parts.insert(Part::Account);
    }
    for reported in &report.gaps {
        match &reported.gap.extent {
            Extent::Account => {
                parts.insert(Part::Account);
            }
            Extent::Regions => {
                parts.insert(Part::OtherRegions(report.regions.clone()));
            }
            Extent::List { kind } => {
                parts.insert(Part::List(kind.clone(), reported.gap.region.clone()));
            }
            Extent::Facts { .. } => {}
        }
    }
    for finding in report.findings.iter().filter(|finding| resources_unknown(finding)) {
        parts.insert(Part::List(finding.resource.kind.clone(), finding.resource.region.clone()));
    }
    parts.retain(|part| run.rules.iter().any(|rule| part.concerns(&rule.kind)));
    if parts.contains(&Part::Account) { BTreeSet::from([Part::Account]) } else { parts }
}

/// A short description of the largest gap.
pub(super) fn why_incomplete(report: &AccountReport) -> Option<String> {
    let order = |extent: &Extent| match extent {
        Extent::Account => 0,
        Extent::Regions => 1,
        Extent::List { .. } => 2,
        Extent::Facts { .. } => 3,
    };
    let more = report.gaps.len().saturating_sub(1);
    let more =
        if more > 0 { format!(", and {}", counted(more, "more gap")) } else { String::new() };
    let gap =
        report.gaps.iter().map(|reported| &reported.gap).min_by_key(|gap| order(&gap.extent))?;
    if [Cause::NOT_COLLECTED, Cause::TRUNCATED].contains(&gap.cause.code.as_str()) {
        let what = one_line(&gap.cause.call, 80);
        return Some(format!("{what} is not in the snapshot completely{more}"));
    }
    let place = if gap.region.is_global() { String::new() } else { format!(" in {}", gap.region) };
    Some(format!(
        "{} failed{place} ({}){more}",
        one_line(&gap.cause.call, 80),
        one_line(&gap.cause.code, 60)
    ))
}

fn why(report: &AccountReport) -> String {
    why_incomplete(report)
        .or_else(|| {
            let finding = report.findings.iter().find(|finding| resources_unknown(finding))?;
            let cause =
                finding.causes.first().map_or_else(|| finding.message.clone(), words::cause);
            Some(format!(
                "{} in {}: {}",
                finding.resource.label(),
                finding.resource.region,
                one_line(&cause, 160)
            ))
        })
        .unwrap_or_else(|| "the account could not be accessed".to_owned())
}

/// What must be added to the results of an account so that no alert is closed unchecked.
pub(super) fn carry(run: &RunInfo, report: &AccountReport, baseline: Option<&Baseline>) -> Carried {
    let parts = unknown_parts(run, report);
    if parts.is_empty() {
        return Carried::NotNeeded;
    }
    let why = why(report);
    let Some(baseline) = baseline else { return Carried::Impossible { why } };
    let impossible = |reason: &str| Carried::Impossible { why: format!("{why}, and {reason}") };
    let Some(earlier) =
        baseline.account(&report.account).filter(|earlier| earlier.partition == report.partition)
    else {
        return impossible("the baseline does not contain the account");
    };
    if !parts.iter().all(|part| part.known_to(earlier)) {
        return impossible("the same part of the account is unknown in the baseline");
    }
    let concerned = |kind: &str| parts.iter().any(|part| part.concerns(kind));
    if let Some(rule) = run
        .rules
        .iter()
        .find(|rule| concerned(&rule.kind) && !baseline.evaluated(super::rules::id(rule)))
    {
        return impossible(&format!(
            "the baseline does not include the rule {}",
            one_line(&rule.id, 80)
        ));
    }
    let selected: BTreeSet<&str> = run.rules.iter().map(super::rules::id).collect();
    let evaluated: BTreeSet<&str> =
        report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let findings = earlier
        .findings
        .iter()
        .filter(|finding| parts.iter().any(|part| part.holds(&finding.resource)))
        .filter(|finding| {
            selected.contains(finding.rule.as_str())
                && !evaluated.contains(finding.fingerprint.as_str())
        })
        .cloned()
        .collect();
    Carried::Findings { findings, why }
}
