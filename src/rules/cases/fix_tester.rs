//! Tests the fix of a failing case: what `fix` returns, and the verdict after its actions.

use super::expected_fix::{ExpectedClass, ExpectedFix};
use super::file::{CaseFile, PlacedCase};
use super::fix_difference::FixDifference;
use super::missing::{Reader, missing_fact};
use super::place::CaseError;
use super::setup::setup;
use super::tester::{Record, Tester};
use crate::fixes::{Action, FixClass, Scene};
use crate::model::{Resource, Verdict};
use crate::rules::sandbox::fixing::FixOutcome;
use crate::rules::values::account::{AccountFacts, reach};

impl Tester {
    /// How the fix of a case differs whose verdict is `fail` as expected. Its facts are the current
    /// ones.
    pub(super) fn fix_difference(
        &mut self,
        rule: usize,
        cases: &CaseFile,
        placed: &PlacedCase,
        record: &mut Record,
    ) -> Result<Option<FixDifference>, CaseError> {
        let Some(selected) = self.selected(rule).filter(|rule| rule.rule.meta.fix.is_some()) else {
            return Ok(None);
        };
        let (selected, case) = (selected.clone(), &placed.case);
        let meta = &selected.rule.meta;
        let got = self.fix(rule, cases, record);
        // A case that only states a verdict need not set what only `fix` reads.
        if let FixOutcome::Unknown(causes) = &got
            && case.fix.as_ref().is_some_and(|fix| fix.class != ExpectedClass::Unknown)
        {
            missing_fact(meta, case, causes, Reader::Fix)?;
        }
        let is_same = match &case.fix {
            None => !matches!(got, FixOutcome::Error(_)),
            Some(expected) => expected.is(&got),
        };
        if !is_same {
            let (reads, left_out) = self.fix_reads(rule, placed).unwrap_or_default();
            let expected = case.fix.clone();
            return Ok(Some(FixDifference::Outcome { got, expected, reads, left_out }));
        }
        let FixOutcome::Proposed { class: FixClass::Safe | FixClass::Unsafe, actions, .. } = got
        else {
            return Ok(None);
        };
        let expected = case.fix.as_ref().and_then(|fix| fix.after).unwrap_or(Verdict::Pass);
        let mut before = setup(meta, case, self.required())?;
        for action in &actions {
            before.facts = match after(action, before.facts) {
                Ok(facts) => facts,
                Err(reason) => {
                    let action = action.clone();
                    return Ok(Some(FixDifference::Refused { action, reason }));
                }
            };
        }
        let got = self.evaluate_facts(rule, &before.params, before.facts);
        let difference = FixDifference::After { actions, got, expected };
        Ok(Some(difference).filter(|difference| match difference {
            FixDifference::After { got, expected, .. } => got.verdict != *expected,
            _ => true,
        }))
    }
}

impl ExpectedFix {
    /// Whether this is what `fix` returned.
    fn is(&self, got: &FixOutcome) -> bool {
        match got {
            FixOutcome::Proposed { class, reason, actions } => {
                self.class.class() == Some(*class)
                    && self.reason.as_ref().is_none_or(|expected| expected == reason)
                    && self.actions() == *actions
            }
            FixOutcome::Unknown(_) => self.class == ExpectedClass::Unknown,
            FixOutcome::None | FixOutcome::Error(_) => false,
        }
    }
}

/// The facts after an action on the first resource, or why it is not possible.
fn after(action: &Action, facts: AccountFacts) -> Result<AccountFacts, String> {
    let Some(resource) = facts.resources.json().first() else {
        return Err("no resource".to_owned());
    };
    let related = |name: &str| -> Vec<&Resource> {
        let Some(kind) = crate::facts::kind(name) else { return Vec::new() };
        let positions = facts.resources.of_kind_in(kind, &reach(kind, &resource.region));
        positions.iter().filter_map(|&position| facts.resources.json().get(position)).collect()
    };
    let (account, partition) = (&facts.account, &facts.partition);
    let scene = Scene { account, partition, resource, related: &related };
    let effect = action.after(&scene).map_err(|refusal| refusal.to_string())?;
    let mut resources = effect.applied(&scene).map_err(|refusal| refusal.to_string())?;
    // The changed resource remains the first one, and new ones are the last ones.
    let created = resources.split_off(1.min(resources.len()));
    resources.extend(facts.resources.json().iter().skip(1).cloned().chain(created));
    Ok(AccountFacts { resources: resources.into(), ..facts })
}
