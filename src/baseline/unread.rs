//! Which parts of an account a run could not read.

use std::collections::BTreeSet;

use crate::model::text::one_line;
use crate::model::{Cause, Extent, Finding, Gap, Region, Verdict, counted};
use crate::report::{AccountReport, Part, RunInfo};

/// Whether a finding is about resources that are not known.
fn resources_unknown(finding: &Finding) -> bool {
    finding.resource.id.is_none() && is_undecided(finding)
}

/// Whether a finding has no verdict on its resource. If it is waived, none is needed.
pub(super) fn is_undecided(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Unknown | Verdict::Error) && finding.waived.is_none()
}

/// The unread parts, as far as a selected rule evaluates resources there. Resource types that
/// rules only use for lookups do not count: the evaluated resources are known, with verdict
/// `unknown`.
pub(super) fn unread_parts(run: &RunInfo, report: &AccountReport) -> BTreeSet<Part> {
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
        parts
            .insert(Part::List(finding.resource.kind.to_string(), finding.resource.region.clone()));
    }
    parts.retain(|part| run.rules.iter().any(|rule| part.concerns(&rule.kind)));
    if parts.contains(&Part::Account) { BTreeSet::from([Part::Account]) } else { parts }
}

/// A short description of the largest of some gaps.
fn largest_gap(gaps: &[&Gap]) -> Option<String> {
    let order = |extent: &Extent| match extent {
        Extent::Account => 0,
        Extent::Regions => 1,
        Extent::List { .. } => 2,
        Extent::Facts { .. } => 3,
    };
    let more = gaps.len().saturating_sub(1);
    let more =
        if more > 0 { format!(", and {}", counted(more, "more gap")) } else { String::new() };
    let gap = gaps.iter().min_by_key(|gap| order(&gap.extent))?;
    if gap.extent == Extent::Account && gap.cause.code == Cause::NOT_COLLECTED {
        return Some(format!("{}{more}", one_line(&gap.cause.message, 160)));
    }
    if [Cause::NOT_COLLECTED, Cause::TRUNCATED].contains(&gap.cause.code.as_str()) {
        let what = one_line(&gap.cause.call, 80);
        return Some(format!("{what} is incomplete in the snapshot{more}"));
    }
    let place = if gap.region.is_global() { String::new() } else { format!(" in {}", gap.region) };
    Some(format!(
        "{} failed{place} ({}){more}",
        one_line(&gap.cause.call, 80),
        one_line(&gap.cause.code, 60)
    ))
}

/// What could not be read in a region or in the account as a whole, in a few words; without a region,
/// what could not be read anywhere.
pub(super) fn why_unread(report: &AccountReport, region: Option<&Region>) -> String {
    let here = |place: &Region| region.is_none_or(|region| place == region || place.is_global());
    let undecided = || {
        let findings = report.findings.iter().filter(|finding| is_undecided(finding));
        findings.filter(|finding| here(&finding.resource.region))
    };
    let gaps: Vec<&Gap> =
        report.gaps.iter().map(|reported| &reported.gap).filter(|gap| here(&gap.region)).collect();
    largest_gap(&gaps)
        .or_else(|| {
            let finding = undecided().find(|finding| resources_unknown(finding))?;
            let cause = finding
                .causes
                .first()
                .map_or_else(|| finding.message.to_string(), ToString::to_string);
            Some(format!(
                "{} in {}: {}",
                finding.resource.label(),
                finding.resource.region,
                one_line(&cause, 160)
            ))
        })
        .unwrap_or_else(|| match (report.entered, undecided().count()) {
            (true, number) => counted(number, "unknown verdict"),
            (false, _) => "the account could not be accessed".to_owned(),
        })
}
