//! The states of a run's findings relative to its baseline.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::alerts::Before;
use super::compare::{Checked, Now, compare};
use super::unread::unread_parts;
use crate::model::{Fingerprint, Globs, ResourceRef, State};
use crate::report::{AccountReport, Changes, OpenFinding, Reason, RunInfo};

impl Before {
    /// Whether findings can be compared with it.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// Sets the states of an account's findings, and what changed. `regions` is the filter of the
    /// run: what it excludes is not compared.
    pub fn compare(&self, run: &RunInfo, report: &mut AccountReport, regions: Option<&Globs>) {
        if !self.is_known() {
            return;
        }
        let rules: BTreeSet<&str> = run.rules.iter().map(|rule| rule.oldest()).collect();
        let is_filtered = !run.selection.narrowed_by.is_empty();
        let is_included = |open: &&OpenFinding| {
            regions.is_none_or(|globs| globs.matches(open.resource.region.as_str()))
                && (!is_filtered || rules.contains(open.rule.as_str()))
        };
        let earlier = self
            .report()
            .and_then(|baseline| baseline.account(&report.account))
            .filter(|earlier| earlier.partition == report.partition);
        let mut failed: Vec<&OpenFinding> =
            earlier.into_iter().flat_map(|earlier| earlier.failed()).filter(is_included).collect();
        failed.sort_by_key(|open| sort_key(open));
        failed.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        let oldest: BTreeMap<&str, &str> =
            run.rules.iter().map(|rule| (rule.id.as_str(), rule.oldest())).collect();
        let findings = report
            .findings
            .iter()
            .map(|finding| Checked {
                rule: oldest.get(&*finding.rule).copied().unwrap_or(&finding.rule),
                verdict: finding.verdict,
                resource: &finding.resource,
                fingerprint: &finding.fingerprint,
                waived: finding.waived.is_some(),
            })
            .collect();
        let unread = unread_parts(run, report);
        let now = Now {
            findings,
            rules: &rules,
            regions: &report.regions,
            unread,
            carried: HashSet::new(),
        };
        let compared = compare(&failed, &now);
        let mut changes = Changes::default();
        for (open, then) in failed.into_iter().zip(compared.then) {
            let fingerprint = match then.state {
                State::Fixed => {
                    changes.fixed.push(open.clone());
                    Some(&open.fingerprint)
                }
                State::UnknownNow => {
                    changes.unknown_now.push(open.clone());
                    Some(&open.fingerprint)
                }
                State::New | State::Unchanged => {
                    let now = then.at.and_then(|at| report.findings.get(at));
                    let ended = earlier.and_then(|one| one.waivers.get(&open.fingerprint));
                    let ended = ended.filter(|_| then.reason == Some(Reason::WaiverEnded));
                    let of = now.map(|finding| finding.fingerprint);
                    changes.ended_waivers.extend(of.zip(ended.cloned()));
                    now.map(|finding| &finding.fingerprint)
                }
            };
            changes.reasons.extend(fingerprint.cloned().zip(then.reason));
        }
        let is_added = self.report().is_some() && earlier.is_none();
        let is_rule_added =
            |rule: &str| self.report().is_some_and(|baseline| !baseline.rules.contains(rule));
        for (finding, state) in report.findings.iter_mut().zip(compared.states) {
            finding.state = state;
        }
        let mut on_resource: HashMap<&ResourceRef, Vec<&Fingerprint>> = HashMap::new();
        for finding in &report.findings {
            on_resource.entry(&finding.resource).or_default().push(&finding.fingerprint);
        }
        for finding in &report.findings {
            // That a waiver ended says more.
            if finding.state != Some(State::New)
                || changes.reasons.contains_key(&finding.fingerprint)
            {
                continue;
            }
            let rule = oldest.get(&*finding.rule).copied().unwrap_or(&finding.rule);
            let reason = match earlier {
                _ if is_added => Some(Reason::AccountAdded),
                _ if is_rule_added(rule) => Some(Reason::RuleAdded),
                None => None,
                Some(earlier) => {
                    let others = on_resource.get(&*finding.resource).into_iter().flatten().copied();
                    earlier.why_new(&finding.resource, &finding.fingerprint, others)
                }
            };
            if reason == Some(Reason::SkippedBefore) {
                let message = earlier.and_then(|one| one.seen.skip_message(&finding.fingerprint));
                let of = message.map(|message| (finding.fingerprint, Arc::clone(message)));
                changes.skip_messages.extend(of);
            }
            changes.reasons.extend(reason.map(|reason| (finding.fingerprint, reason)));
        }
        report.changes = Some(changes);
    }
}

/// The sort key of open findings in reports.
pub(super) fn sort_key(open: &OpenFinding) -> (&crate::model::ResourceRef, &str, Fingerprint) {
    (&open.resource, &open.rule, open.fingerprint)
}
