//! Keeps code scanning alerts at their files. GitHub closes an alert if the path of its result changes,
//! and opens another one, without anything being fixed. So the file of the baseline counts as long as
//! it still declares the resource, and what was placed keeps its place while code cannot be read.

use std::collections::{BTreeSet, HashMap};

use super::alerts::{Before, Known};
use crate::model::{Fingerprint, Place, Placing, Verdict};
use crate::report::{AccountReport, OpenFinding};

/// Where the code of an account is known.
pub struct Code<'a> {
    /// Whether some of it could not be read, so that what has no place may have one.
    pub is_incomplete: bool,
    /// The place in the file of an earlier place, if the file still declares its resource.
    pub still_declared: &'a dyn Fn(&Place) -> Option<Place>,
}

/// New failures of an account that may have a place, but some of the code could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unplaced {
    /// These have no alert yet.
    New(BTreeSet<Fingerprint>),
    /// It is not known which failures have an alert, and where.
    Unknown,
}

impl Before {
    /// Moves the places of findings to the files in which their alerts are.
    pub fn keep_places(&self, report: &mut AccountReport, code: &Code<'_>) -> Unplaced {
        let known = self.about(report);
        let earlier: HashMap<&Fingerprint, &OpenFinding> = match &known {
            Known::Earlier(earlier) => {
                earlier.open.iter().map(|open| (&open.fingerprint, open)).collect()
            }
            Known::Nothing | Known::None => HashMap::new(),
        };
        let is_unknown = matches!(known, Known::Nothing);
        let mut unplaced = BTreeSet::new();
        for finding in &mut report.findings {
            let before = earlier.get(&finding.fingerprint);
            let place = before.and_then(|open| open.source.as_deref());
            let kept = match (finding.verdict, place) {
                // Its alert stays open where it is.
                (Verdict::Unknown | Verdict::Error, place) => place.cloned(),
                (Verdict::Fail, Some(place)) if code.is_incomplete => Some(place.clone()),
                (Verdict::Fail, Some(place)) => match finding.place() {
                    Some(now) if now.file == place.file => continue,
                    _ => match (code.still_declared)(place) {
                        Some(kept) => Some(kept),
                        None => continue,
                    },
                },
                // It was open without a place.
                (Verdict::Fail, None) if code.is_incomplete && before.is_some() => None,
                (Verdict::Fail, None) => {
                    let has_alert = finding.waived.is_none() && finding.resource.id.is_some();
                    if code.is_incomplete && finding.place().is_none() && has_alert {
                        unplaced.insert(finding.fingerprint);
                    }
                    continue;
                }
                _ => continue,
            };
            finding.placing = kept.map(|place| Box::new(Placing::Placed(place)));
        }
        match is_unknown && !unplaced.is_empty() {
            true => Unplaced::Unknown,
            false => Unplaced::New(unplaced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::model::{CodeLine, Finding, PlaceKind, PlaceReason};
    use crate::output::{DocumentOutput, Json, sample};

    fn place(file: &str, line: u32) -> Place {
        Place {
            file: file.to_owned(),
            line,
            column: 1,
            end_column: 9,
            address: "aws_ebs_volume.a".to_owned(),
            what: PlaceKind::Block,
            because: Some(PlaceReason::Satellite),
            call: Some(CodeLine { file: "main.tf".to_owned(), line: 3 }),
            value: None,
        }
    }

    fn finding(report: &AccountReport, verdict: Verdict, at: Option<&Place>) -> Finding {
        let mut finding = sample::finding(report, "ebs-volume-encrypted", verdict, "vol-1");
        finding.placing = at.map(|place| Box::new(Placing::Placed(place.clone())));
        finding
    }

    /// What a report of these findings says later.
    fn baseline(findings: Vec<Finding>) -> Before {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("yesterday.json");
        let report = AccountReport { findings, ..sample::account(1) };
        let output = DocumentOutput::in_file(path.clone(), Json::default());
        sample::drive(output, &sample::run(1), &[report]).unwrap();
        Before::Report(Box::new(Baseline::read(&path).unwrap()))
    }

    #[test]
    fn places_change_only_if_it_is_known_that_they_did() {
        use Verdict::{Error, Fail, Unknown};
        let (a1, a2, b) = (place("a.tf", 1), place("a.tf", 2), place("b.tf", 5));
        let (same, moved, kept) = (Some(&a1), Some(&a2), Some(&b));
        // Then: `None` if it was not open. Whether code is incomplete, and the old file still declares
        // it. Now. What counts, and whether the failure waits.
        #[rustfmt::skip]
        let table = [
            ("same place", Some(same), false, true, (Fail, same), same, false),
            ("line moved", Some(same), false, true, (Fail, moved), moved, false),
            ("other file, old one has it", Some(kept), false, true, (Fail, same), kept, false),
            ("other file, old one lost it", Some(kept), false, false, (Fail, same), same, false),
            ("no place, old file has it", Some(kept), false, true, (Fail, None), kept, false),
            ("no place, old file lost it", Some(kept), false, false, (Fail, None), None, false),
            ("unread code", Some(kept), true, false, (Fail, None), kept, false),
            ("unread code, other place", Some(kept), true, false, (Fail, same), kept, false),
            ("unread code, moved line", Some(same), true, true, (Fail, moved), same, false),
            ("unread code, open without place", Some(None), true, true, (Fail, same), None, false),
            ("open without place, now found", Some(None), false, true, (Fail, same), same, false),
            ("new", None, false, true, (Fail, same), same, false),
            ("new without place", None, false, true, (Fail, None), None, false),
            ("new in unread code", None, true, true, (Fail, None), None, true),
            ("new in unread code, but placed", None, true, true, (Fail, same), same, false),
            ("unknown now", Some(kept), false, true, (Unknown, None), kept, false),
            ("error now", Some(kept), false, false, (Error, None), kept, false),
            ("unknown, not open before", None, true, true, (Unknown, None), None, false),
        ];
        for (name, then, is_incomplete, still, (verdict, now), wanted, waits) in table {
            let mut report = sample::account(1);
            let before = then.map(|at| finding(&report, Fail, at));
            let before = baseline(before.into_iter().collect());
            report.findings = vec![finding(&report, verdict, now)];
            let still_declared = |old: &Place| still.then(|| old.clone());
            let code = Code { is_incomplete, still_declared: &still_declared };
            let unplaced = before.keep_places(&mut report, &code);
            assert_eq!(report.findings[0].place(), wanted, "{name}");
            let fingerprint = &report.findings[0].fingerprint;
            let waiting = waits.then_some(*fingerprint).into_iter().collect();
            assert_eq!(unplaced, Unplaced::New(waiting), "{name}");
        }
    }

    #[test]
    fn without_a_baseline_nothing_is_known_about_an_account_with_unread_code() {
        let code = |is_incomplete| Code { is_incomplete, still_declared: &|_| None };
        let mut report = sample::account(1);
        report.findings = vec![finding(&report, Verdict::Fail, None)];
        let waiting = report.findings.iter().map(|finding| finding.fingerprint).collect();
        let none = Unplaced::New(BTreeSet::new());
        assert_eq!(Before::Unknown.keep_places(&mut report, &code(true)), Unplaced::Unknown);
        assert_eq!(Before::Unknown.keep_places(&mut report, &code(false)), none);
        let new = Before::NoAlerts.keep_places(&mut report, &code(true));
        assert_eq!(new, Unplaced::New(waiting));
        report.findings[0].placing = Some(Box::new(Placing::Placed(place("a.tf", 1))));
        assert_eq!(Before::Unknown.keep_places(&mut report, &code(true)), none);
    }
}
