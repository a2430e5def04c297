//! Compares approved items with those of a plan that was made from facts of this moment.

use std::collections::BTreeSet;

use super::difference::difference;
use super::job::Fresh;
use crate::model::{Cause, Fingerprint};
use crate::remediation::plan::{Item, NotPlanned, Settled};
use crate::remediation::planner::Planned;
use crate::remediation::surroundings::now_managed_by;
use crate::remediation::undecided::Undecided;

/// What a new plan says about an item.
pub fn compare(
    item: &Item,
    approved: &[Item],
    Planned { plan, undecided, fine, .. }: &Planned,
) -> Fresh {
    let same_place = |other: &&Item| {
        (&other.account, &other.region, &other.resource.kind, &other.resource.id)
            == (&item.account, &item.region, &item.resource.kind, &item.resource.id)
    };
    let others: Vec<&Item> =
        plan.items.iter().filter(same_place).filter(|other| other.action == item.action).collect();
    if others.iter().any(|other| is_same(item, other, &plan.items)) {
        return Fresh::Same;
    }
    // A rule that could not decide does not say that something changed.
    let hides = |one: &&Undecided| {
        one.account == item.account
            && (one.region == item.region || one.region.is_global())
            && one.resource.as_ref().is_none_or(|id| *id == item.resource.id)
            && item.findings.iter().any(|finding| finding.rule == one.rule)
    };
    if let Some(unread) = undecided.iter().find(hides) {
        return Fresh::Unread(unread.cause.clone());
    }
    // An error that hides a finding hides what it needs.
    let mine = |other: &&NotPlanned| is_of(item, &other.rule, &other.fingerprint);
    let lost: Vec<&NotPlanned> = plan.not_planned.iter().filter(mine).collect();
    if let Some(unread) = lost.iter().find(|lost| lost.unreadable) {
        let (call, code) = unread.cause.split_once(": ").unwrap_or(("rule", &unread.cause));
        return Fresh::Unread(Cause::answered(call, code, ""));
    }
    if let Some(lost) = lost.first() {
        return Fresh::Changed(lost.cause.clone());
    }
    if let Some(other) = others.first() {
        return Fresh::Changed(changes(item, other));
    }
    let by_hand = plan.by_hand.iter().map(|hand| (&hand.rule, &hand.fingerprint));
    if by_hand.into_iter().any(|(rule, fingerprint)| is_of(item, rule, fingerprint)) {
        return Fresh::Changed("the rule now leaves it to a person".to_owned());
    }
    let settles =
        |other: &&Item| other.findings.iter().any(|one| is_of(item, &one.rule, &one.fingerprint));
    let elsewhere: Vec<&Item> = plan.items.iter().filter(settles).collect();
    let is_approved = |other: &&Item| approved.iter().any(|one| one.id == other.id);
    if !elsewhere.iter().all(is_approved) {
        return Fresh::Changed("something else would settle its findings now".to_owned());
    }
    // What was not evaluated does not pass: the resource may be gone, or there never was such a finding.
    // The rest of what was approved for a finding is still to be done.
    let is_fine = |one: &&Settled| {
        fine.contains(&(one.rule.clone(), one.fingerprint))
            || elsewhere.iter().any(|other| is_of(other, &one.rule, &one.fingerprint))
    };
    if let Some(missing) = item.findings.iter().find(|one| !is_fine(one)) {
        let text = format!("`{}` no longer evaluates a finding of this item", missing.rule);
        return Fresh::Changed(crate::model::text::one_line(&text, 500));
    }
    Fresh::Settled
}

/// Whether an item settles a finding.
fn is_of(item: &Item, rule: &str, fingerprint: &Fingerprint) -> bool {
    item.findings.iter().any(|finding| finding.rule == rule && finding.fingerprint == *fingerprint)
}

/// Whether two items do the same for the same reasons. What must be done before can be done by now,
/// and is not planned any more then.
pub(super) fn is_same(item: &Item, other: &Item, planned: &[Item]) -> bool {
    let without = |item: &Item| Item { depends_on: Vec::new(), ..item.clone() };
    let is_planned = |id: &&String| planned.iter().any(|one| one.id == **id);
    let depends: BTreeSet<&String> = item.depends_on.iter().filter(is_planned).collect();
    without(item) == without(other) && depends == other.depends_on.iter().collect()
}

/// What differs between two items for one resource and action.
fn changes(item: &Item, other: &Item) -> String {
    if item.before != other.before {
        return difference(&item.before, &other.before);
    }
    if item.parameters != other.parameters {
        return format!(
            "the parameters are different: {}",
            difference(&item.parameters, &other.parameters)
        );
    }
    let rules = |item: &Item| -> Vec<String> {
        item.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.after)).collect()
    };
    let text = if item.after != other.after {
        "the state afterward would be different".to_owned()
    } else if item.class != other.class || item.reason != other.reason {
        format!("it is now {}: {}", other.class.as_str(), other.reason)
    } else if item.findings != other.findings {
        format!("its findings are now: {}", rules(other).join(", "))
    } else if item.makes_worse != other.makes_worse {
        "it would now make other findings worse".to_owned()
    } else if item.managed_by != other.managed_by {
        now_managed_by(other.managed_by.as_deref())
    } else {
        "it would be planned differently".to_owned()
    };
    crate::model::text::one_line(&text, 500)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item() -> Item {
        serde_json::from_value(json!({
            "id": "1", "class": "safe", "account": "111122223333", "partition": "aws", "region": "eu-west-1",
            "resource": { "kind": "s3.bucket", "id": "data" },
            "action": "s3.bucket.block_public_access", "parameters": {}, "before": {}, "after": {},
            "findings": [{ "rule": "closed", "fingerprint": "f".repeat(32), "after": "pass" }],
            "makes_worse": [], "undo": {}, "iam": [],
        }))
        .unwrap()
    }

    fn planned(items: Vec<Item>, undecided: Vec<Undecided>) -> Planned {
        let plan = serde_json::from_value(json!({
            "version": 1, "tool": "1", "rules": "", "config": "", "snapshot": "", "expires": "",
            "items": items, "by_hand": [], "not_planned": [],
        }));
        let fine = item().findings.into_iter().map(|one| (one.rule, one.fingerprint)).collect();
        Planned { plan: plan.unwrap(), unknown: 0, gaps: 0, undecided, fine }
    }

    #[test]
    fn findings_that_are_not_evaluated_do_not_pass() {
        let mut again = planned(Vec::new(), Vec::new());
        assert_eq!(compare(&item(), &[], &again), Fresh::Settled);
        again.fine.clear();
        let text = "`closed` no longer evaluates a finding of this item".to_owned();
        assert_eq!(compare(&item(), &[], &again), Fresh::Changed(text));
    }

    #[test]
    fn the_rest_of_what_was_approved_is_no_other_fix() {
        let rest = Item { id: "2".to_owned(), action: "s3.bucket.set_acl".to_owned(), ..item() };
        let mut again = planned(vec![rest.clone()], Vec::new());
        again.fine.clear();
        assert_eq!(compare(&item(), &[item(), rest.clone()], &again), Fresh::Settled);
        // It says nothing about another finding of the item.
        let mut invented = item();
        invented
            .findings
            .push(Settled { rule: "invented".to_owned(), ..invented.findings[0].clone() });
        let compared = compare(&invented, &[item(), rest], &again);
        assert!(matches!(compared, Fresh::Changed(_)), "{compared:?}");
        let other = compare(&item(), &[item()], &again);
        assert!(matches!(other, Fresh::Changed(_)), "{other:?}");
    }

    #[test]
    fn what_could_not_be_read_is_not_reported_as_changed() {
        let cause = || Cause::new("s3:GetBucketPolicy", "AccessDenied", "");
        let undecided = |rule: &str, region: &str, resource: Option<&str>| Undecided {
            rule: rule.to_owned(),
            account: "111122223333".parse().unwrap(),
            region: region.parse().unwrap(),
            resource: resource.map(str::to_owned),
            cause: cause(),
        };
        let compared = |one: Undecided| compare(&item(), &[], &planned(Vec::new(), vec![one]));
        for (rule, region, resource) in [
            ("closed", "eu-west-1", Some("data")),
            ("closed", "eu-west-1", None),
            ("closed", "global", None),
        ] {
            let found = compared(undecided(rule, region, resource));
            assert_eq!(found, Fresh::Unread(cause()), "{rule} {region} {resource:?}");
        }
        for (rule, region, resource) in [
            ("other", "eu-west-1", Some("data")),
            ("closed", "eu-north-1", None),
            ("closed", "eu-west-1", Some("other")),
        ] {
            let found = compared(undecided(rule, region, resource));
            assert_eq!(found, Fresh::Settled, "{rule} {region} {resource:?}");
        }
        let elsewhere = vec![undecided("closed", "eu-north-1", None)];
        assert_eq!(compare(&item(), &[], &planned(vec![item()], elsewhere)), Fresh::Same);
    }
}
