//! The findings of an earlier report in a few bytes each, so that a new failure can say why it is
//! new.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::model::text::one_line;
use crate::model::{Fingerprint, ResourceRef, Verdict};
use crate::report::Reason;

/// Different messages kept of rules that did not apply.
const MESSAGES: usize = 1_000;

/// The findings of an account by verdict: the first half of their fingerprints, which are hashes
/// themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    failed: Vec<u64>,
    passed: Vec<u64>,
    /// With the place of the message in `messages`.
    skipped: Vec<(u64, u32)>,
    unchecked: Vec<u64>,
    messages: Messages,
    /// Hashes of the type and id of resources in `global` that could not be checked: a bucket whose
    /// region could not be read has another fingerprint.
    unchecked_ids: BTreeSet<u64>,
}

/// Why rules did not apply, each text once.
#[derive(Debug, Clone, Default)]
struct Messages {
    texts: Vec<Arc<str>>,
    /// Their places; empty when all were added.
    places: HashMap<Arc<str>, u32>,
}

impl Messages {
    /// The place of a text; one without a text if it is empty, or there are too many.
    fn place(&mut self, text: &str) -> u32 {
        let text = one_line(text, 300);
        if let Some(place) = self.places.get(&*text) {
            return *place;
        }
        let place = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        if text.is_empty() || self.texts.len() == MESSAGES {
            return u32::MAX;
        }
        let text: Arc<str> = text.into();
        self.places.insert(Arc::clone(&text), place);
        self.texts.push(text);
        place
    }
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
        message: &str,
        resource: &ResourceRef,
        fingerprint: &Fingerprint,
    ) {
        let list = match verdict {
            Verdict::Fail => &mut self.failed,
            Verdict::Pass => &mut self.passed,
            Verdict::Skip => {
                let place = self.messages.place(message);
                self.skipped.push((fingerprint.first_half(), place));
                return;
            }
            Verdict::Unknown | Verdict::Error => {
                self.unchecked_ids
                    .extend(identity(resource).filter(|_| resource.region.is_global()));
                &mut self.unchecked
            }
        };
        list.push(fingerprint.first_half());
    }

    /// Sorts what was added.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.failed, &mut self.passed, &mut self.unchecked] {
            list.sort_unstable();
            list.shrink_to_fit();
        }
        self.skipped.sort_unstable();
        self.skipped.shrink_to_fit();
        self.messages.places = HashMap::new();
    }

    /// How many findings passed or were skipped.
    pub(super) fn decided(&self) -> usize {
        self.passed.len() + self.skipped.len()
    }

    /// Whether a finding is among them.
    pub(super) fn contains(&self, fingerprint: &Fingerprint) -> bool {
        let is_failed = self.failed.binary_search(&fingerprint.first_half()).is_ok();
        is_failed || self.reason(fingerprint).is_some()
    }

    /// Whether a resource could not be checked because its region was not known.
    pub(super) fn is_unchecked(&self, resource: &ResourceRef) -> bool {
        identity(resource).is_some_and(|it| self.unchecked_ids.contains(&it))
    }

    /// Why a failure is new, if it was among them and did not fail.
    pub(super) fn reason(&self, fingerprint: &Fingerprint) -> Option<Reason> {
        let half = fingerprint.first_half();
        let is_in = |list: &[u64]| list.binary_search(&half).is_ok();
        let reasons = [
            (is_in(&self.passed), Reason::PassedBefore),
            (self.skip_at(half).is_some(), Reason::SkippedBefore),
            (is_in(&self.unchecked), Reason::NotCheckedBefore),
        ];
        reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
    }

    fn skip_at(&self, half: u64) -> Option<usize> {
        self.skipped.binary_search_by_key(&half, |(of, _)| *of).ok()
    }

    /// What the rule said when it did not apply, if the finding was skipped.
    pub(super) fn skip_message(&self, fingerprint: &Fingerprint) -> Option<&Arc<str>> {
        let (_, place) = self.skipped.get(self.skip_at(fingerprint.first_half())?)?;
        self.messages.texts.get(usize::try_from(*place).ok()?)
    }
}
