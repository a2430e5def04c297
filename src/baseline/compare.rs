//! Compares the findings that failed in an earlier report with what is known now.
//!
//! Each finding that failed is found again by its fingerprint or, if its resource moved to another
//! region, by its rule and the resource's type and id or ARN. What is not found was fixed only if
//! its place was read.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::model::{Fingerprint, Region, ResourceRef, State, Verdict};
use crate::report::{OpenFinding, Part, Reason};

/// What is known about an account now.
pub(super) struct Now<'a> {
    pub findings: Vec<Checked<'a>>,
    /// The oldest ids of the rules that were evaluated.
    pub rules: &'a BTreeSet<&'a str>,
    pub regions: &'a BTreeSet<Region>,
    pub unread: BTreeSet<Part>,
    /// Fingerprints of findings that were not checked.
    pub carried: HashSet<Fingerprint>,
}

/// A finding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked<'a> {
    /// The oldest id of its rule.
    pub rule: &'a str,
    pub verdict: Verdict,
    pub resource: &'a ResourceRef,
    pub fingerprint: &'a Fingerprint,
    pub waived: bool,
}

/// The result of a comparison.
pub(super) struct Compared {
    /// For each finding of now, its state.
    pub states: Vec<Option<State>>,
    /// For each finding that failed then: what became of it.
    pub then: Vec<Then>,
}

/// What became of a finding that failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Then {
    pub state: State,
    pub reason: Option<Reason>,
    /// Its position among the findings of now.
    pub at: Option<usize>,
}

/// The rule and the type and id of a resource, wherever it is.
type Identity<'a> = (&'a str, &'a str, &'a str);

fn identities<'a>(rule: &'a str, resource: &'a ResourceRef) -> impl Iterator<Item = Identity<'a>> {
    let ids = [resource.id.as_deref(), resource.arn.as_deref()];
    ids.into_iter().flatten().map(move |id| (rule, &*resource.kind, id))
}

impl Now<'_> {
    /// Why a finding that is not among those of now was not checked; `None` if its place was read.
    fn unchecked(&self, open: &OpenFinding) -> Option<Reason> {
        let resource = &open.resource;
        if !self.rules.contains(open.rule.as_str()) {
            Some(Reason::RuleNotEvaluated)
        } else if self.carried.contains(&open.fingerprint)
            || self.unread.iter().any(|part| part.holds(resource))
        {
            Some(Reason::CouldNotBeChecked)
        } else if Part::is_regional(&resource.kind)
            && !resource.region.is_global()
            && !self.regions.contains(&resource.region)
        {
            Some(Reason::RegionNotScanned)
        } else {
            None
        }
    }
}

/// Compares findings that failed with what is known now.
pub(super) fn compare(failed: &[&OpenFinding], now: &Now<'_>) -> Compared {
    let mut states: Vec<Option<State>> = now
        .findings
        .iter()
        .map(|finding| (finding.verdict == Verdict::Fail).then_some(State::New))
        .collect();
    let known: HashMap<Fingerprint, usize> = now
        .findings
        .iter()
        .enumerate()
        .map(|(index, finding)| (*finding.fingerprint, index))
        .collect();
    let mut found: Vec<Option<usize>> =
        failed.iter().map(|open| known.get(&open.fingerprint).copied()).collect();
    // What is not at its place may have moved, but only if that place was read: otherwise, there
    // could be two.
    let unchecked: Vec<Option<Reason>> = failed
        .iter()
        .zip(&found)
        .map(|(open, found)| if found.is_some() { None } else { now.unchecked(open) })
        .collect();
    if found.iter().zip(&unchecked).any(|(found, why)| found.is_none() && why.is_none()) {
        let taken: BTreeSet<usize> = found.iter().flatten().copied().collect();
        let mut elsewhere: HashMap<Identity<'_>, usize> = HashMap::new();
        for (index, finding) in now.findings.iter().enumerate() {
            if !taken.contains(&index) {
                elsewhere
                    .extend(identities(finding.rule, finding.resource).map(|key| (key, index)));
            }
        }
        let mut moved = BTreeSet::new();
        for ((open, found), why) in failed.iter().zip(&mut found).zip(&unchecked) {
            if found.is_none() && why.is_none() {
                *found = identities(&open.rule, &open.resource)
                    .find_map(|key| elsewhere.get(&key).copied())
                    .filter(|index| moved.insert(*index));
            }
        }
    }
    let mut then = Vec::with_capacity(failed.len());
    for ((open, found), why) in failed.iter().zip(found).zip(unchecked) {
        let now = found.and_then(|index| now.findings.get(index).zip(states.get_mut(index)));
        let (state, reason) = match (now, why) {
            (Some((finding, now)), _) => {
                let (state, reason) = match finding.verdict {
                    // Nobody accepts it any more, so it needs attention like a new one.
                    Verdict::Fail if open.waived && !finding.waived => {
                        (State::New, Some(Reason::WaiverEnded))
                    }
                    Verdict::Fail => (State::Unchanged, None),
                    Verdict::Pass => (State::Fixed, Some(Reason::Passes)),
                    Verdict::Skip => (State::Fixed, Some(Reason::Skipped)),
                    Verdict::Unknown | Verdict::Error => {
                        (State::UnknownNow, Some(Reason::CouldNotBeChecked))
                    }
                };
                *now = Some(state);
                (state, reason)
            }
            (None, Some(why)) => (State::UnknownNow, Some(why)),
            (None, None) => (State::Fixed, Some(Reason::Gone)),
        };
        then.push(Then { state, reason, at: found });
    }
    Compared { states, then }
}
