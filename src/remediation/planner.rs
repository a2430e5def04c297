//! Makes a plan from a snapshot.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::account::{AccountPlan, plan_account};
use super::file::{PLAN_VERSION, hash_of_json};
use super::plan::{ByHand, Item, NotPlanned, Plan};
use super::settings::{ALLOWED_BY, ALLOWS_UNSAFE, PlanSettings};
use super::undecided::Undecided;
use crate::evaluate::{EvaluateError, Evaluation, Evaluator, fix_demand};
use crate::model::{AccountId, Demand, Fingerprint, Globs};
use crate::rules::SelectedRule;
use crate::snapshot::{ManifestTarget, Reader};

/// A planner: the input of a plan, apart from the snapshot.
#[derive(Debug, Clone, Copy)]
pub struct Planner<'a> {
    /// The rules and the accounts.
    pub evaluation: &'a Evaluation,
    /// What may be planned.
    pub settings: &'a PlanSettings,
}

/// A plan, and what it is incomplete for.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// How many findings are `unknown` or `error`, without accepted gaps.
    pub unknown: usize,
    /// How many gaps no setting accepts.
    pub gaps: usize,
    /// Where a rule could not decide, also if the config accepts it.
    pub undecided: Vec<Undecided>,
    /// The rules and fingerprints of findings that pass, or are skipped.
    pub fine: BTreeSet<(String, Fingerprint)>,
}

impl Planned {
    /// Whether something could not be planned because it could not be read, or because a rule failed
    /// with an error.
    pub fn is_incomplete(&self) -> bool {
        self.unknown > 0
            || self.gaps > 0
            || self.plan.not_planned.iter().any(|finding| finding.unreadable)
    }
}

/// How many failing findings a plan has, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanCounts {
    /// All of them.
    pub findings: usize,
    /// Those that items settle.
    pub fixable: usize,
    /// Those that `--unsafe-fixes` and the config would allow.
    pub hidden: usize,
    /// Those that a person must fix.
    pub by_hand: usize,
    /// All others.
    pub not_planned: usize,
}

impl Plan {
    /// Counts the findings.
    pub fn counts(&self) -> PlanCounts {
        type Key<'a> = (&'a str, &'a Fingerprint);
        let settled = self.items.iter().flat_map(|item| &item.findings);
        let fixable: BTreeSet<Key<'_>> =
            settled.map(|finding| (finding.rule.as_str(), &finding.fingerprint)).collect();
        let hidden = self.not_planned.iter().filter(|finding| finding.unsafe_fix).count();
        PlanCounts {
            findings: fixable.len() + self.by_hand.len() + self.not_planned.len(),
            fixable: fixable.len(),
            hidden,
            by_hand: self.by_hand.len(),
            not_planned: self.not_planned.len() - hidden,
        }
    }

    /// What would allow the unsafe fixes that are not planned: the option, the settings of the rules, or
    /// both.
    pub fn allows_hidden(&self) -> String {
        let hidden = || self.not_planned.iter().filter(|finding| finding.unsafe_fix);
        let needs = |what: &str| hidden().any(|finding| finding.cause.contains(what));
        let option = needs(&format!("({ALLOWED_BY} --unsafe-fixes")).then_some("--unsafe-fixes");
        let setting = needs(ALLOWS_UNSAFE).then_some("`unsafe = true` in [rules.\"ID\".fix]");
        let needed: Vec<&str> = option.into_iter().chain(setting).collect();
        if needed.is_empty() { "--unsafe-fixes".to_owned() } else { needed.join(" and ") }
    }
}

impl Planner<'_> {
    /// What must be collected for a plan.
    pub fn demand(&self) -> Demand {
        fix_demand(&self.evaluation.rules, &self.evaluation.waivers)
    }

    /// Plans the fixes for the accounts of a snapshot that the evaluation selects. It is a pure
    /// function of the snapshot, the rules and the settings.
    pub fn plan(&self, reader: &Reader) -> Result<Planned, EvaluateError> {
        let mut items: Vec<Item> = Vec::new();
        let mut by_hand: Vec<ByHand> = Vec::new();
        let mut not_planned: Vec<NotPlanned> = Vec::new();
        let (mut unknown, mut gaps) = (0, 0);
        let mut undecided: Vec<Undecided> = Vec::new();
        let mut fine = BTreeSet::new();
        let mut earliest: Option<Timestamp> = None;
        let mut hashes: Vec<(AccountId, Option<String>)> = Vec::new();
        let work = |evaluator: &mut Evaluator<'_>, target: &ManifestTarget, collected| {
            plan_account(self.settings, self.evaluation, evaluator, target, collected)
        };
        self.evaluation.for_each_account(
            reader,
            &self.demand(),
            work,
            |account: AccountPlan| {
                let collected = account.collected_at.as_deref().and_then(|at| at.parse().ok());
                earliest = earliest.into_iter().chain(collected).min();
                hashes.push((account.account.clone(), reader.sha256_of(&account.account)?));
                items.extend(account.items);
                by_hand.extend(account.by_hand);
                not_planned.extend(account.not_planned);
                unknown += account.unknown;
                gaps += account.gaps;
                undecided.extend(account.undecided);
                fine.extend(account.fine);
                Ok(())
            },
        )?;
        items.sort_by(|a, b| item_key(a).cmp(&item_key(b)));
        by_hand.sort_by(|a, b| {
            (&a.account, &a.rule, &a.fingerprint).cmp(&(&b.account, &b.rule, &b.fingerprint))
        });
        not_planned.sort_by(|a, b| {
            (&a.account, &a.rule, &a.fingerprint).cmp(&(&b.account, &b.rule, &b.fingerprint))
        });
        let days = i64::from(self.settings.expires_days);
        let lifetime = SignedDuration::from_hours(24 * days);
        let expires = earliest.unwrap_or_default().saturating_add(lifetime);
        let plan = Plan {
            version: PLAN_VERSION,
            undoes: None,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.rules_hash(),
            config: self.config_hash(),
            snapshot: hash_of_json(json!(hashes)),
            expires: expires.unwrap_or_default().to_string(),
            items,
            by_hand,
            not_planned,
        };
        Ok(Planned { plan, unknown, gaps, undecided, fine })
    }

    /// The hash of the rules and their settings.
    pub fn rules_hash(&self) -> String {
        let rule = |selected: &std::sync::Arc<SelectedRule>| {
            let overrides = selected.overrides.iter().map(|one| {
                let labels = one.labels.iter().map(|(key, globs)| (key, globs.patterns()));
                json!({
                    "accounts": one.accounts.as_ref().map(Globs::patterns),
                    "labels": labels.collect::<Vec<_>>(),
                    "params": one.params,
                })
            });
            json!({
                "id": selected.rule.id,
                "sha256": selected.rule.sha256,
                "params": selected.params,
                "overrides": overrides.collect::<Vec<_>>(),
                "fix": { "unsafe": selected.fix.allows_unsafe(), "params": selected.fix.params },
            })
        };
        hash_of_json(self.evaluation.rules.iter().map(rule).collect())
    }

    /// The hash of the settings that planning depends on. Waivers and `[[hands_off]]` are not among
    /// them: a new one takes away the items that it covers, and leaves the others.
    pub fn config_hash(&self) -> String {
        hash_of_json(json!({
            "unsafe_fixes": self.settings.unsafe_fixes,
            "managed_tags": self.settings.managed_tags.as_ref().map(Globs::patterns),
            "regions": self.evaluation.regions.as_ref().map(Globs::patterns),
            "config": self.settings.config,
        }))
    }
}

fn item_key(item: &Item) -> impl Ord + '_ {
    (&item.account, &item.region, &item.resource.kind, &item.resource.id, &item.action, &item.id)
}
