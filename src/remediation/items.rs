//! Items, from the steps of an account.

use std::collections::BTreeSet;

use serde_json::json;

use super::drafts::{self, Step, sorted};
use super::file::hash_of_json;
use super::plan::{Item, Settled, Subject, Undo};
use super::simulation::{Simulation, Verdicts, is_content, verdicts};
use super::world::World;
use crate::evaluate::{EvaluateError, Evaluator};
use crate::fixes::{Action, Call, Facts, Inverse, WriteTarget};
use crate::model::{AccountId, Fingerprint, Region, Resource, Verdict};
use crate::report::AccountReport;

/// With more items than this in an account, findings that become worse are not attributed by doing
/// each item alone.
const MAX_ALONE: usize = 50;

/// The items of an account. `world` is the state before, and `after` that after all steps.
pub(super) fn items(
    simulation: &Simulation<'_>,
    evaluator: &mut Evaluator<'_>,
    report: &AccountReport,
    steps: Vec<Step>,
    world: &World,
    after: World,
) -> Result<Vec<Item>, EvaluateError> {
    let before = verdicts(&report.findings);
    let after = simulation.verdicts(evaluator, after)?;
    let worse = worsened(&before, &after);
    let mut culprits: Vec<BTreeSet<Key>> = vec![BTreeSet::new(); steps.len()];
    if !worse.is_empty() {
        attribute(&mut culprits, &worse, simulation, evaluator, (&steps, world, &before))?;
    }
    let mut items: Vec<Item> = Vec::new();
    for (step, culprit) in steps.iter().zip(culprits) {
        let Some(resource) = world.resource(step.draft.resource) else { continue };
        let settled = |(rule, fingerprint): &Key| Settled {
            rule: rule.clone(),
            fingerprint: *fingerprint,
            after: after
                .get(&(rule.clone(), *fingerprint))
                .copied()
                .unwrap_or(Verdict::Unknown)
                .to_string(),
        };
        let findings = step.draft.findings.iter().filter_map(|at| report.findings.get(*at));
        let findings = findings
            .map(|finding| settled(&(finding.rule.to_string(), finding.fingerprint)))
            .collect();
        let depends_on = step.after.iter().filter_map(|at| Some(items.get(*at)?.id.clone()));
        let depends_on = depends_on.collect();
        let mut item = item(report, step, resource, depends_on);
        item.findings = sorted(findings);
        item.makes_worse = sorted(culprit.iter().map(settled).collect());
        items.push(item);
    }
    Ok(items)
}

type Key = (String, Fingerprint);

/// Findings that pass before and do not pass after, and new ones that do not pass.
fn worsened(before: &Verdicts, after: &Verdicts) -> BTreeSet<Key> {
    let is_worse = |(key, verdict): &(&Key, &Verdict)| {
        !is_content(**verdict) && before.get(*key).is_none_or(|verdict| is_content(*verdict))
    };
    after.iter().filter(is_worse).map(|(key, _)| key.clone()).collect()
}

/// Finds which steps make findings worse, by doing each alone, after those that it depends on. What no
/// step does alone, all of them together do.
fn attribute(
    culprits: &mut [BTreeSet<Key>],
    worse: &BTreeSet<Key>,
    simulation: &Simulation<'_>,
    evaluator: &mut Evaluator<'_>,
    (steps, world, before): (&[Step], &World, &Verdicts),
) -> Result<(), EvaluateError> {
    if steps.len() <= MAX_ALONE {
        for (at, culprit) in culprits.iter_mut().enumerate() {
            let Some(step) = steps.get(at) else { continue };
            let earlier = step.after.iter().filter_map(|at| steps.get(*at));
            let alone = earlier.chain([step]).map(|step| step.draft.clone()).collect();
            let mut world = world.clone();
            drafts::apply(alone, &mut world);
            let verdicts = simulation.verdicts(evaluator, world)?;
            culprit.extend(worsened(before, &verdicts).intersection(worse).cloned());
        }
    }
    let found: BTreeSet<Key> = culprits.iter().flatten().cloned().collect();
    for key in worse.difference(&found) {
        for culprit in culprits.iter_mut() {
            culprit.insert(key.clone());
        }
    }
    Ok(())
}

fn item(report: &AccountReport, step: &Step, resource: &Resource, depends_on: Vec<String>) -> Item {
    let Step { draft, change, .. } = step;
    let action = &draft.action;
    let target = WriteTarget {
        account: &report.account,
        partition: &report.partition,
        region: &resource.region,
        kind: &resource.kind,
        id: &resource.id,
        arn: resource.arn.as_deref(),
    };
    let iam = permissions_of(action, &target, &change.before);
    let subject = Subject {
        kind: resource.kind.clone(),
        id: resource.id.clone(),
        arn: resource.arn.clone(),
        name: resource.name.clone(),
    };
    let name = action.spec().name.to_owned();
    let id = id_of((&report.account, &resource.region), &subject, action, &change.before);
    Item {
        id,
        class: draft.class,
        reason: draft.reason(),
        account: report.account.clone(),
        partition: report.partition.clone(),
        region: resource.region.clone(),
        resource: subject,
        action: name,
        parameters: action.parameters().clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        findings: Vec::new(),
        makes_worse: Vec::new(),
        undo: undo(action.inverse(&change.before)),
        iam,
        depends_on,
        managed_by: draft.managed_by.clone(),
        source: None,
    }
}

/// The id of an item: the hash of what it changes, how, and from what.
pub(super) fn id_of(
    (account, region): (&AccountId, &Region),
    subject: &Subject,
    action: &Action,
    before: &Facts,
) -> String {
    let mut id = hash_of_json(json!({
        "account": account,
        "region": region,
        "resource": [subject.kind, subject.id, subject.arn],
        "action": action.spec().name,
        "parameters": action.parameters(),
        "before": before,
    }))
    .replace("sha256:", "");
    id.truncate(32);
    id
}

/// The IAM actions that a change needs, sorted.
pub(super) fn permissions_of(
    action: &Action,
    target: &WriteTarget<'_>,
    before: &Facts,
) -> Vec<String> {
    let writes = action.writes(target, before);
    let permissions = writes.iter().flat_map(|write| &write.permissions);
    let actions: BTreeSet<String> =
        permissions.map(|permission| permission.action.to_owned()).collect();
    actions.into_iter().collect()
}

fn undo(inverse: Inverse) -> Undo {
    let by = |call: Call, note: &str| Undo {
        action: Some(call.name.to_owned()),
        parameters: call.parameters,
        note: note.to_owned(),
    };
    match inverse {
        Inverse::Action(call) => by(call, ""),
        Inverse::Nearly(call, note) => by(call, note),
        Inverse::Created { name, parameter } => Undo {
            action: Some(name.to_owned()),
            note: format!("the journal records `{parameter}` when the resource is created"),
            ..Undo::default()
        },
        Inverse::Never(note) => Undo { note: note.to_owned(), ..Undo::default() },
    }
}
