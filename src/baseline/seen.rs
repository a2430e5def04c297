//! The findings of an earlier report in eight bytes each, so that a new failure can say why it is
//! new.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::{Fingerprint, ResourceRef, Verdict};
use crate::report::Reason;

/// The findings of an account by verdict: the first half of their fingerprints, which are hashes
/// themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    failed: Vec<u64>,
    passed: Vec<u64>,
    skipped: Vec<u64>,
    unchecked: Vec<u64>,
    /// Hashes of the type and id of resources in `global` that could not be checked: a bucket whose
    /// region could not be read has another fingerprint.
    unchecked_ids: BTreeSet<u64>,
}

fn half(fingerprint: &Fingerprint) -> Option<u64> {
    u64::from_str_radix(fingerprint.as_str().get(..16)?, 16).ok()
}

fn identity(resource: &ResourceRef) -> Option<u64> {
    let id = resource.id.as_ref()?;
    let mut hasher = DefaultHasher::new();
    (&resource.kind, id).hash(&mut hasher);
    Some(hasher.finish())
}

impl Seen {
    /// Adds a finding.
    pub(super) fn add(
        &mut self,
        verdict: Verdict,
        resource: &ResourceRef,
        fingerprint: &Fingerprint,
    ) {
        let list = match verdict {
            Verdict::Fail => &mut self.failed,
            Verdict::Pass => &mut self.passed,
            Verdict::Skip => &mut self.skipped,
            Verdict::Unknown | Verdict::Error => {
                self.unchecked_ids
                    .extend(identity(resource).filter(|_| resource.region.is_global()));
                &mut self.unchecked
            }
        };
        list.extend(half(fingerprint));
    }

    /// Sorts what was added.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.failed, &mut self.passed, &mut self.skipped, &mut self.unchecked] {
            list.sort_unstable();
            list.shrink_to_fit();
        }
    }

    /// How many findings passed or were skipped.
    pub(super) fn decided(&self) -> usize {
        self.passed.len() + self.skipped.len()
    }

    /// Whether a finding is among them.
    pub(super) fn contains(&self, fingerprint: &Fingerprint) -> bool {
        let is_failed = |half| self.failed.binary_search(&half).is_ok();
        self.reason(fingerprint).is_some() || half(fingerprint).is_some_and(is_failed)
    }

    /// Whether a resource could not be checked because its region was not known.
    pub(super) fn is_unchecked(&self, resource: &ResourceRef) -> bool {
        identity(resource).is_some_and(|it| self.unchecked_ids.contains(&it))
    }

    /// Why a failure is new, if it was among them and did not fail.
    pub(super) fn reason(&self, fingerprint: &Fingerprint) -> Option<Reason> {
        let half = half(fingerprint)?;
        let lists = [
            (&self.passed, Reason::PassedBefore),
            (&self.skipped, Reason::SkippedBefore),
            (&self.unchecked, Reason::NotCheckedBefore),
        ];
        let found = lists.into_iter().find(|(list, _)| list.binary_search(&half).is_ok());
        found.map(|(_, reason)| reason)
    }
}
