//! What the rules would say if drafts were done: the account is evaluated again with changed facts.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{self, Draft};
use super::world::World;
use crate::evaluate::{EvaluateError, Evaluation, Evaluator};
use crate::facts;
use crate::model::{Finding, Fingerprint, Verdict};
use crate::rules::SelectedRule;
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget};

/// The verdict of each finding, by rule and fingerprint.
pub(super) type Verdicts = BTreeMap<(String, Fingerprint), Verdict>;

/// An account without its resources.
pub(super) struct Simulation<'a> {
    pub(super) target: &'a ManifestTarget,
    pub(super) frame: AccountSnapshot,
    pub(super) evaluation: &'a Evaluation,
}

/// The verdicts of findings.
pub(super) fn verdicts(findings: &[Finding]) -> Verdicts {
    findings
        .iter()
        .map(|finding| ((finding.rule.to_string(), finding.fingerprint), finding.verdict))
        .collect()
}

/// Whether a rule is content with a resource.
pub(super) fn is_content(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::Skip)
}

impl Simulation<'_> {
    /// The verdicts in an account with other facts.
    pub(super) fn verdicts(
        &self,
        evaluator: &mut Evaluator<'_>,
        world: World,
    ) -> Result<Verdicts, EvaluateError> {
        let mut resources = world.into_resources();
        // The evaluation adds the account itself.
        resources.retain(|resource| resource.kind != facts::ACCOUNT.name);
        let snapshot = AccountSnapshot {
            header: self.frame.header.clone(),
            lists: self.frame.lists.clone(),
            gaps: self.frame.gaps.clone(),
            resources,
        };
        let collected = Collected::Whole(Box::new(snapshot));
        Ok(verdicts(&evaluator.account(self.target, collected)?.report.findings))
    }

    /// Drops drafts whose findings pass without them, because of drafts for resources of other kinds
    /// that their rules look up.
    pub(super) fn without_needless(
        &self,
        evaluator: &mut Evaluator<'_>,
        drafts: Vec<Draft>,
        world: &World,
        findings: &[Finding],
    ) -> Result<Vec<Draft>, EvaluateError> {
        let kinds: BTreeSet<&str> = drafts.iter().map(|draft| draft.kind).collect();
        let may_be_needless = |draft: &Draft| {
            let of = |finding: &usize| self.rule(findings.get(*finding)?);
            draft.findings.iter().filter_map(of).all(|rule| {
                let needed = rule.rule.meta.needs.related.keys();
                needed.into_iter().any(|kind| *kind != draft.kind && kinds.contains(kind))
            })
        };
        let (candidates, mut kept): (Vec<Draft>, Vec<Draft>) =
            drafts.into_iter().partition(may_be_needless);
        if candidates.is_empty() || kept.is_empty() {
            kept.extend(candidates);
            kept.sort_by_cached_key(Draft::key);
            return Ok(kept);
        }
        let mut without = world.clone();
        drafts::apply(kept.clone(), &mut without);
        let verdicts = self.verdicts(evaluator, without)?;
        for draft in candidates {
            let passes = |finding: &usize| {
                let finding = findings.get(*finding)?;
                let key = (finding.rule.to_string(), finding.fingerprint);
                verdicts.get(&key).copied()
            };
            if draft.findings.iter().all(|finding| passes(finding).is_some_and(is_content)) {
                self.inherit(&draft, &mut kept, findings);
            } else {
                kept.push(draft);
            }
        }
        kept.sort_by_cached_key(Draft::key);
        Ok(kept)
    }

    /// Gives the findings of a needless draft to those that settle them.
    fn inherit(&self, draft: &Draft, kept: &mut [Draft], findings: &[Finding]) {
        for index in &draft.findings {
            let Some(finding) = findings.get(*index) else { continue };
            let Some(rule) = self.rule(finding) else { continue };
            let region = &finding.resource.region;
            for heir in kept.iter_mut() {
                let kind = heir.kind;
                let first = heir.findings.first().and_then(|first| findings.get(*first));
                let near = first.is_some_and(|first| {
                    let other = &first.resource.region;
                    other.is_global() || region.is_global() || other == region
                });
                if near && rule.rule.meta.needs.related.contains_key(kind) {
                    heir.settle(&[*index]);
                }
            }
        }
    }

    pub(super) fn rule(&self, finding: &Finding) -> Option<&SelectedRule> {
        let rule = self.evaluation.rules.iter().find(|rule| *rule.rule.id == *finding.rule)?;
        Some(rule)
    }
}
