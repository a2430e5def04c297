//! Why failures of the baseline could not be checked again.

use std::collections::HashMap;

use super::words::{cause, reason, why_unknown};
use crate::model::{Cause, Extent, Finding, Fingerprint, Gap, Verdict};
use crate::report::{AccountReport, OpenFinding, Part, Reason};

/// What an account's run could not read, by finding.
pub(super) struct NotChecked<'a> {
    report: &'a AccountReport,
    undecided: HashMap<Fingerprint, &'a Finding>,
}

impl<'a> NotChecked<'a> {
    pub(super) fn new(report: &'a AccountReport) -> Self {
        let has_any = report.changes.as_ref().is_some_and(|one| !one.unknown_now.is_empty());
        let undecided = report.findings.iter().filter(|finding| {
            has_any && matches!(finding.verdict, Verdict::Unknown | Verdict::Error)
        });
        let undecided = undecided.map(|finding| (finding.fingerprint, finding));
        Self { report, undecided: undecided.collect() }
    }

    /// What a gap hides, unless it is about facts.
    fn part(&self, gap: &Gap) -> Option<Part> {
        match &gap.extent {
            Extent::Account => Some(Part::Account),
            Extent::Regions => Some(Part::OtherRegions(self.report.regions.clone())),
            Extent::List { kind } => Some(Part::List(kind.clone(), gap.region.clone())),
            Extent::Facts { .. } => None,
        }
    }

    /// Why a failure could not be checked again, in words, with the call that failed if one did.
    pub(super) fn why(&self, open: &OpenFinding) -> Option<String> {
        let why = self.reason(open)?;
        let text = reason(why, "the baseline");
        if why != Reason::CouldNotBeChecked {
            return Some(text);
        }
        let of_finding = || match self.undecided.get(&open.fingerprint)? {
            finding if finding.verdict == Verdict::Error => {
                Some(format!("the rule raised an error: {}", finding.message))
            }
            finding => Some(why_unknown(finding)),
        };
        let of_gap = || self.gap(open).map(|gap| cause(&gap.cause));
        Some(match of_finding().or_else(of_gap) {
            Some(cause) => format!("{text}: {cause}"),
            None => text,
        })
    }

    /// The cause of the gap that hides a failure, if this is why it could not be checked again and
    /// the account has no finding about it.
    pub(super) fn cause(&self, open: &OpenFinding) -> Option<&'a Cause> {
        let is_hidden = self.reason(open)? == Reason::CouldNotBeChecked
            && !self.undecided.contains_key(&open.fingerprint);
        self.gap(open).filter(|_| is_hidden).map(|gap| &gap.cause)
    }

    fn reason(&self, open: &OpenFinding) -> Option<Reason> {
        self.report.changes.as_ref()?.reasons.get(&open.fingerprint).copied()
    }

    /// The gap that hides a resource.
    fn gap(&self, open: &OpenFinding) -> Option<&'a Gap> {
        let gaps = || self.report.gaps.iter().map(|reported| &reported.gap);
        // If the list could not be read, what it would have contained does not matter.
        let mut of_lists =
            gaps().filter(|gap| self.part(gap).is_some_and(|part| part.holds(&open.resource)));
        of_lists.next().or_else(|| gaps().find(|gap| reads(gap, open)))
    }
}

/// Whether a gap is about facts of the resource.
fn reads(gap: &Gap, open: &OpenFinding) -> bool {
    let resource = &open.resource;
    let Extent::Facts { kind, resources, .. } = &gap.extent else { return false };
    *kind == resource.kind
        && (gap.region.is_global() || gap.region == resource.region)
        && resource.id.as_deref().is_some_and(|id| resources.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sample;
    use crate::report::Changes;

    #[test]
    fn a_gap_is_named_only_for_what_it_hides() {
        let facts = |region: &str, id: &str| {
            let (fact, resources) = ("policy".to_owned(), [id.to_owned()].into());
            let extent = Extent::Facts { kind: "ec2.security_group".to_owned(), fact, resources };
            let mut gap = sample::gap(&format!("facts of {region}"), extent);
            gap.gap.region = sample::region(region);
            gap
        };
        let mut list = sample::gap("list", Extent::List { kind: "ec2.security_group".to_owned() });
        list.gap.region = sample::region("eu-west-1");
        let mut report = sample::account(1);
        report.regions = [sample::region("eu-west-1"), sample::region("us-east-1")].into();
        report.gaps = vec![
            sample::gap("regions", Extent::Regions),
            facts("eu-west-1", "sg-1"),
            list,
            facts("us-east-1", "sg-1"),
        ];
        let open = |kind: &str, region: &str| {
            let finding = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-1");
            let mut resource = crate::model::ResourceRef::clone(&finding.resource);
            resource.kind = kind.to_owned().into();
            resource.region = sample::region(region);
            OpenFinding {
                rule: finding.rule.to_string(),
                severity: finding.severity,
                message: finding.message.to_string(),
                resource,
                fingerprint: finding.fingerprint,
                checked_at: None,
                failed: true,
                waived: false,
                source: None,
            }
        };
        for (kind, region, expected) in [
            ("ec2.security_group", "eu-west-1", Some("list")),
            ("ec2.security_group", "us-east-1", Some("facts of us-east-1")),
            ("ec2.security_group", "eu-north-1", Some("regions")),
            ("s3.bucket", "eu-north-1", None),
        ] {
            let open = open(kind, region);
            let mut report = report.clone();
            let reason = (open.fingerprint, Reason::CouldNotBeChecked);
            report.changes = Some(Changes { reasons: [reason].into(), ..Changes::default() });
            let not_checked = NotChecked::new(&report);
            let why = not_checked.why(&open).unwrap();
            assert_eq!(not_checked.cause(&open).map(|cause| cause.call.as_str()), expected);
            let named = why.strip_prefix("could not be checked").unwrap();
            let named = named.strip_prefix(": ").and_then(|cause| cause.rsplit_once(": "));
            assert_eq!(named.map(|(call, _)| call), expected, "{kind} {region}: {why}");
        }
    }
}
