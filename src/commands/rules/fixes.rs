//! What the fixes of a rule do, for people and programs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::facts;
use crate::fixes::{self, FixClass, Permission};
use crate::model::Partition;
use crate::rules::{Needs, Rule, SelectedRule};

/// What the function `fix` of a rule can propose.
#[derive(Serialize)]
pub(crate) struct Fixes {
    /// The most automatic class that it returns.
    pub(crate) most: FixClass,
    pub(crate) actions: Vec<FixAction>,
    /// What it reads in addition to what the rule reads.
    pub(crate) needs: Vec<String>,
    /// The additional API calls for that, with their IAM actions.
    pub(crate) calls: Vec<ReadCall>,
    /// Its parameters as configured.
    pub(crate) params: BTreeMap<String, Value>,
}

/// An action that a fix can consist of.
#[derive(Serialize)]
pub(crate) struct FixAction {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// The IAM actions that it needs.
    pub(crate) iam: Vec<&'static str>,
}

/// An API call that only planning a fix needs.
#[derive(Serialize)]
pub(crate) struct ReadCall {
    pub(crate) call: &'static str,
    pub(crate) action: &'static str,
}

/// The entries of `needs` as a rule file has them.
pub(crate) fn entries(needs: &Needs) -> Vec<String> {
    let own = needs.own.iter().map(|fact| (*fact).to_owned());
    let related = needs.related.iter().flat_map(|(kind, facts)| {
        let facts: Vec<String> = facts.iter().map(|fact| format!("{kind}/{fact}")).collect();
        if facts.is_empty() { vec![(*kind).to_owned()] } else { facts }
    });
    own.chain(related).collect()
}

impl Fixes {
    /// `None` if the rule has no function `fix`.
    pub(crate) fn of(selected: &SelectedRule) -> Option<Self> {
        let rule = &selected.rule;
        let meta = rule.meta.fix.as_ref()?;
        let known = facts::calls(&rule.meta.demand());
        let calls = facts::calls(&rule.meta.fix_demand()).into_iter();
        let added = calls.filter(|call| known.iter().all(|other| other.name != call.name));
        let params = selected.fix_params(&Default::default()).into_iter();
        Some(Self {
            most: meta.most,
            actions: meta.actions.iter().filter_map(|name| FixAction::of(name)).collect(),
            needs: entries(&meta.needs),
            calls: added.map(|call| ReadCall { call: call.name, action: call.action }).collect(),
            params: params.filter(|(name, _)| meta.params.contains_key(name)).collect(),
        })
    }

    /// What plans do with a finding, in words.
    pub(crate) fn summary(&self, rule: &Rule) -> String {
        let plan = format!("`rolecall remediate plan --rule {}`", rule.id);
        let config = format!("`unsafe = true` in `[rules.\"{}\".fix]`", rule.id);
        match self.most {
            FixClass::ByHand => {
                "Each finding must be fixed by hand: a plan of fixes states the reason and the commands.".to_owned()
            }
            FixClass::Unsafe => format!(
                "{plan} proposes fixes that can break a workload, if the config allows them ({config}) and with the option `--unsafe-fixes`."
            ),
            FixClass::Safe => format!(
                "{plan} proposes safe fixes. If the facts do not show that a fix is safe, it is unsafe, and requires {config} and the option `--unsafe-fixes`, or the finding must be fixed by hand."
            ),
        }
    }
}

impl FixAction {
    fn of(name: &str) -> Option<Self> {
        let spec = fixes::action(name)?;
        let writes = spec.writes_anywhere(&Partition::default()).unwrap_or_default();
        let all = writes.iter().flat_map(|write| &write.permissions);
        let mut iam: Vec<&'static str> = all.map(|one: &Permission| one.action).collect();
        iam.sort_unstable();
        iam.dedup();
        Some(Self { name: spec.name, description: spec.doc, iam })
    }
}
