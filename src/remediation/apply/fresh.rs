//! Compares approved items with those of a plan that was made from facts of this moment.

use super::engine::{Fresh, difference};
use crate::model::Cause;
use crate::remediation::plan::{Item, NotPlanned, Plan};

/// What a new plan says about an item.
pub fn compare(item: &Item, plan: &Plan) -> Fresh {
    let same_place = |other: &&Item| {
        (&other.account, &other.region, &other.resource.kind, &other.resource.id)
            == (&item.account, &item.region, &item.resource.kind, &item.resource.id)
    };
    let others: Vec<&Item> =
        plan.items.iter().filter(same_place).filter(|other| other.action == item.action).collect();
    if others.iter().any(|other| is_same(item, other)) {
        return Fresh::Same;
    }
    // An error that hides a finding hides what it needs.
    let mine = |other: &&NotPlanned| {
        item.findings.iter().any(|finding| {
            (&finding.rule, &finding.fingerprint) == (&other.rule, &other.fingerprint)
        })
    };
    let lost: Vec<&NotPlanned> = plan.not_planned.iter().filter(mine).collect();
    if let Some(unread) = lost.iter().find(|lost| lost.unreadable) {
        let (call, code) = unread.cause.split_once(": ").unwrap_or(("rule", &unread.cause));
        return Fresh::Unread(Cause::answered(call, code, ""));
    }
    if let Some(lost) = lost.first() {
        return Fresh::Changed(lost.cause.clone());
    }
    Fresh::Changed(match others.first() {
        Some(other) => changes(item, other),
        None if plan.by_hand.iter().any(|hand| {
            item.findings.iter().any(|finding| {
                (&finding.rule, &finding.fingerprint) == (&hand.rule, &hand.fingerprint)
            })
        }) =>
        {
            "the rule now leaves it to a person".to_owned()
        }
        None => {
            "it would not be planned now: the findings are gone, or something else settles them"
                .to_owned()
        }
    })
}

/// Whether two items do the same for the same reasons. What must be done before can be done by now.
fn is_same(item: &Item, other: &Item) -> bool {
    let without = |item: &Item| Item { depends_on: Vec::new(), ..item.clone() };
    without(item) == without(other)
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
        format!("it is now managed by {}", other.managed_by.as_deref().unwrap_or("nothing else"))
    } else {
        "it would be planned differently".to_owned()
    };
    crate::model::text::one_line(&text, 500)
}
