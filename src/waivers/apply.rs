//! Which findings waivers cover, and which waivers cover nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::waiver::{Patterns, Selector, Waiver};
use crate::model::{AccountId, Fingerprint, Globs, ResourceRef, Waived};

/// All waivers of a run.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    all: Vec<Waiver>,
    by_fingerprint: HashMap<Fingerprint, Vec<usize>>,
    with_patterns: Vec<usize>,
    /// Those that name a rule that does not exist, with what is wrong.
    wrong: BTreeMap<usize, String>,
}

/// A finding that can be waived, or that has no verdict.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// Its former ids.
    pub former: &'a [String],
    /// The id of the script that it is a variant of.
    pub script: Option<&'a str>,
    /// The account.
    pub account: &'a AccountId,
    /// The name of the account.
    pub name: Option<&'a str>,
    /// The resource.
    pub resource: &'a ResourceRef,
    /// The fingerprint.
    pub fingerprint: &'a Fingerprint,
    /// The tags of the resource.
    pub tags: Tags<'a>,
}

impl<'a> Subject<'a> {
    /// All ids by which a waiver can name the rule.
    fn ids(&self) -> impl Iterator<Item = &'a str> {
        let former = self.former.iter().map(String::as_str);
        std::iter::once(self.rule).chain(former).chain(self.script)
    }
}

/// The tags of a resource.
#[derive(Debug, Clone, Copy)]
pub enum Tags<'a> {
    /// These; `None` if it has none.
    Known(Option<&'a Map<String, Value>>),
    /// They were not read.
    Unknown,
}

/// What became of the waivers in an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    uses: HashMap<usize, Use>,
    /// Whether an unread list may contain resources whose findings are waived by fingerprint.
    fingerprints_unread: bool,
    /// The latest day of collection.
    latest: Option<Date>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Use {
    /// How many findings it waives.
    waived: usize,
    /// How many it no longer waives.
    expired: usize,
    /// Whether it may be about something that was not evaluated.
    unread: bool,
}

/// A waiver that expired, or that matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleWaiver {
    /// The findings that it is about, in words.
    pub covers: String,
    /// What it says.
    pub terms: Waived,
    /// Whether it expired before the accounts were collected.
    pub expired: bool,
    /// How many findings it no longer waives.
    pub findings: usize,
    /// What is wrong with it, if it names a rule that does not exist.
    pub wrong: Option<String>,
}

/// A waiver that may be about findings that could not be checked, and that waived nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadWaiver {
    /// The findings that it is about, in words.
    pub covers: String,
    /// What it says.
    pub terms: Waived,
}

impl Waivers {
    /// Waivers in the order in which they take precedence.
    pub fn new(all: Vec<Waiver>) -> Self {
        let mut by_fingerprint: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
        let mut with_patterns = Vec::new();
        for (index, waiver) in all.iter().enumerate() {
            match &waiver.selector {
                Selector::Fingerprints(fingerprints) => {
                    for fingerprint in fingerprints {
                        by_fingerprint.entry(*fingerprint).or_default().push(index);
                    }
                }
                Selector::Patterns(_) => with_patterns.push(index),
            }
        }
        Self { all, by_fingerprint, with_patterns, wrong: BTreeMap::new() }
    }

    /// Finds those that can match nothing, because no rule has an id that they name. `ids` are all ids
    /// by which waivers can name the rules, also those that do not run.
    pub fn check(&mut self, ids: &[&str]) {
        let wrong = self.patterns().filter_map(|(index, patterns)| {
            let named = patterns.rule.as_ref()?;
            let (pattern, meant) = named.unmatched(ids)?;
            let meant =
                meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            Some((index, format!("no rule matches `{pattern}`{meant}")))
        });
        self.wrong = wrong.collect();
    }

    /// Whether a waiver that selects by tags can be about findings of a rule with these ids: its own,
    /// its former ones, and that of its script.
    pub fn read_tags<'a>(&self, ids: impl Iterator<Item = &'a str> + Clone) -> bool {
        self.patterns().any(|(_, patterns)| {
            !patterns.tags.is_empty() && is_rule(patterns.rule.as_ref(), ids.clone())
        })
    }

    /// Whether one of them has these terms.
    pub fn contain(&self, terms: &Waived) -> bool {
        self.all.iter().any(|waiver| waiver.terms.says_the_same(terms))
    }

    fn patterns(&self) -> impl Iterator<Item = (usize, &Patterns)> {
        self.with_patterns.iter().filter_map(|index| match &self.all.get(*index)?.selector {
            Selector::Patterns(patterns) => Some((*index, &**patterns)),
            Selector::Fingerprints(_) => None,
        })
    }

    /// The waiver of a finding that can be waived, in an account that was collected on that day; if
    /// none applies, also those that would if they had not expired, the latest first.
    pub fn waive(
        &self,
        subject: &Subject<'_>,
        day: Option<Date>,
        usage: &mut Usage,
    ) -> (Option<Waived>, Vec<Waived>) {
        let by_fingerprint = self.by_fingerprint.get(subject.fingerprint);
        let mut matching: BTreeSet<usize> = by_fingerprint.into_iter().flatten().copied().collect();
        for (index, patterns) in self.patterns() {
            match covers(patterns, subject) {
                Some(true) => drop(matching.insert(index)),
                Some(false) => {}
                None => usage.of(index).unread = true,
            }
        }
        let valid = |index: &usize| {
            let waiver = self.all.get(*index);
            waiver.is_some_and(|waiver| day.is_some_and(|day| day <= waiver.terms.expires))
        };
        let (valid, expired): (Vec<usize>, Vec<usize>) = matching.into_iter().partition(valid);
        valid.iter().for_each(|index| usage.of(*index).waived += 1);
        let terms = |index: &usize| self.all.get(*index).map(|waiver| waiver.terms.clone());
        if let Some(first) = valid.first() {
            return (terms(first), Vec::new());
        }
        expired.iter().for_each(|index| usage.of(*index).expired += 1);
        let mut expired: Vec<Waived> = expired.iter().filter_map(terms).collect();
        expired.sort_by_key(|terms| Reverse(terms.expires));
        (None, expired)
    }

    /// Records a finding without a verdict: waivers that may be about it are not unused.
    pub fn not_evaluated(&self, subject: &Subject<'_>, usage: &mut Usage, accepted: bool) {
        if subject.resource.id.is_none() {
            usage.fingerprints_unread |= !accepted;
        }
        let by_fingerprint = self.by_fingerprint.get(subject.fingerprint);
        for index in by_fingerprint.into_iter().flatten() {
            usage.of(*index).unread = true;
        }
        for (index, patterns) in self.patterns() {
            if covers(patterns, subject) != Some(false) {
                usage.of(index).unread = true;
            }
        }
    }

    /// Waivers that expired or that match nothing. Whether a waiver matches nothing can be said
    /// only of a `whole` run; a filtered one returns those that would cover a finding.
    pub fn stale(&self, usage: &Usage, whole: bool) -> Vec<StaleWaiver> {
        let stale = self.with_use(usage).enumerate().filter_map(|(index, (waiver, used, past))| {
            let expired = used.expired > 0 || (whole && past && used.waived == 0);
            let unused = whole && used.waived == 0 && !used.unread;
            (expired || unused).then(|| StaleWaiver {
                covers: waiver.selector.covers(),
                terms: waiver.terms.clone(),
                expired,
                findings: used.expired,
                wrong: self.wrong.get(&index).cloned(),
            })
        });
        stale.collect()
    }

    /// Waivers that are neither used nor stale, because findings that they may be about could not be
    /// checked. Of a run that is not `whole`, that cannot be said.
    pub fn unread(&self, usage: &Usage, whole: bool) -> Vec<UnreadWaiver> {
        let is_unread = |used: Use, past: bool| {
            whole && used.unread && used.waived == 0 && used.expired == 0 && !past
        };
        let unread = self.with_use(usage).filter(|(_, used, past)| is_unread(*used, *past));
        let unread = unread.map(|(waiver, ..)| UnreadWaiver {
            covers: waiver.selector.covers(),
            terms: waiver.terms.clone(),
        });
        unread.collect()
    }

    /// Each waiver with what became of it, and whether its last day is past.
    fn with_use<'a>(&'a self, usage: &'a Usage) -> impl Iterator<Item = (&'a Waiver, Use, bool)> {
        self.all.iter().enumerate().map(|(index, waiver)| {
            let mut used = usage.uses.get(&index).copied().unwrap_or_default();
            let by_fingerprint = matches!(waiver.selector, Selector::Fingerprints(_));
            used.unread |= by_fingerprint && usage.fingerprints_unread;
            (waiver, used, usage.latest.is_some_and(|latest| waiver.terms.expires < latest))
        })
    }
}

impl Usage {
    fn of(&mut self, index: usize) -> &mut Use {
        self.uses.entry(index).or_default()
    }

    /// Records an account that was collected on that day.
    pub fn collected(&mut self, day: Option<Date>) {
        self.latest = self.latest.max(day);
    }

    /// Adds what became of the waivers in another account.
    pub fn add(&mut self, other: Self) {
        for (index, used) in other.uses {
            let sum = self.of(index);
            sum.waived += used.waived;
            sum.expired += used.expired;
            sum.unread |= used.unread;
        }
        self.fingerprints_unread |= other.fingerprints_unread;
        self.collected(other.latest);
    }
}

fn is_rule<'a>(globs: Option<&Globs>, mut ids: impl Iterator<Item = &'a str>) -> bool {
    globs.is_none_or(|globs| ids.any(|id| globs.matches(id)))
}

/// Whether all patterns apply; `None` if that cannot be said.
fn covers(patterns: &Patterns, subject: &Subject<'_>) -> Option<bool> {
    let Subject { resource, .. } = subject;
    let any = |globs: &Option<Globs>, texts: &[Option<&str>]| {
        globs.as_ref().is_none_or(|globs| texts.iter().flatten().any(|text| globs.matches(text)))
    };
    let whole_kind = resource.id.is_none();
    let region = any(&patterns.region, &[Some(resource.region.as_str())])
        // What is not known account-wide may be in any region.
        || (whole_kind && resource.region.is_global());
    if !is_rule(patterns.rule.as_ref(), subject.ids())
        || !any(&patterns.account, &[Some(subject.account.as_str()), subject.name])
        || !region
    {
        return Some(false);
    }
    if whole_kind {
        return None;
    }
    let named = [resource.id.as_deref(), resource.name.as_deref()];
    let by_arn = || match (&patterns.arns, &resource.arn) {
        (Some(arns), Some(arn)) => arns.matches(arn),
        _ => false,
    };
    if !any(&patterns.resource, &named) && !by_arn() {
        return Some(false);
    }
    if patterns.tags.is_empty() {
        return Some(true);
    }
    let Tags::Known(tags) = subject.tags else { return None };
    let tags: Vec<String> = tags
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    Some(patterns.tags.iter().all(|globs| tags.iter().any(|tag| globs.matches(tag))))
}
