//! Wording that text and Markdown share.

use crate::model::text::one_line;
use crate::model::{Cause, PlannedAction, Verdict, series};
use crate::output::words::count;
use crate::report::{Destroyed, Preview, Previewed};

/// How many causes of one result are shown.
const REASONS: usize = 3;

/// The numbers in one line.
pub(super) fn totals(preview: &Preview) -> String {
    let by_default = match preview.by_default.len() {
        0 => String::new(),
        number => format!(" ({number} only with AWS's defaults)"),
    };
    let worse = match preview.worse.len() {
        0 => String::new(),
        number => format!(", {number} worse than before"),
    };
    let exposed = match preview.exposed.len() {
        0 => String::new(),
        number => format!(", {number} newly exposed by existing failures"),
    };
    let unchecked = match preview.not_checked.len() {
        0 => String::new(),
        number => format!(", {number} not checked"),
    };
    format!(
        "{} new{worse}{exposed}, {} fixed, {} not known until apply{unchecked}, {} failing before and after, {}{by_default}; {}",
        preview.new_failures.len(),
        preview.fixed.len(),
        preview.not_known.len(),
        preview.unchanged.len(),
        count(preview.passes, "pass", "passes"),
        changes(preview),
    )
}

/// What the plan does: `3 resources created, 1 destroyed`.
pub(super) fn changes(preview: &Preview) -> String {
    let of = |action: PlannedAction| preview.actions.iter().filter(|one| **one == action).count();
    let others = preview.changes.saturating_sub(preview.actions.len());
    let numbers = [
        (of(PlannedAction::Create), "created"),
        (of(PlannedAction::Update), "updated"),
        (of(PlannedAction::Replace), "replaced"),
        (of(PlannedAction::Delete), "destroyed"),
        (others, if others < preview.changes { "changed otherwise" } else { "changed" }),
    ];
    let mut all = numbers.into_iter().filter(|(number, _)| *number > 0);
    let Some((number, what)) = all.next() else { return "no resources changed".to_owned() };
    let first = format!("{} {what}", count(number, "resource", "resources"));
    all.fold(first, |all, (number, what)| format!("{all}, {number} {what}"))
}

/// Which rules were evaluated: that something is not reported can be because of that.
pub(super) fn rules(preview: &Preview) -> String {
    let number = preview.rules;
    match &preview.selection {
        _ if preview.has_all_rules => format!("All {} evaluated", count(number, "rule", "rules")),
        Some(name) => format!(
            "Only the {} of `{}` evaluated",
            count(number, "rule", "rules"),
            one_line(name, 60).replace('`', "'")
        ),
        None => format!("Only {} evaluated", count(number, "selected rule", "selected rules")),
    }
}

/// The title of the list of what is destroyed with its data.
pub(super) const DESTROYED: &str = "Destroyed with their data";

/// How many types that no rule reads are named.
const TYPES: usize = 3;

/// What is said of something that is destroyed with its data.
pub(super) fn destroyed(one: &Destroyed) -> Vec<String> {
    let label = one.resource.label();
    let address = one.address.clone().filter(|address| *address != label);
    let size = one.size_gib.map(|size| format!("{size} GiB"));
    [address, Some(label), size, one.remark.clone()].into_iter().flatten().collect()
}

/// What the plan changes and no rule reads; `None` if there is no such thing.
pub(super) fn unread(preview: &Preview) -> Option<String> {
    let name = |(name, number): &(String, usize)| format!("`{name}` ({number} changed)");
    let mut types: Vec<String> = preview.unread_types.iter().take(TYPES).map(name).collect();
    let more = preview.unread_types.len().saturating_sub(TYPES);
    types.extend((more > 0).then(|| format!("{more} more types")));
    let types = series(types, "and");
    let of = match &preview.selection {
        Some(name) if !preview.has_all_rules => {
            format!(" of `{}`", one_line(name, 60).replace('`', "'"))
        }
        _ if preview.has_all_rules => String::new(),
        _ => " that is selected".to_owned(),
    };
    (!preview.unread_types.is_empty()).then(|| format!("No rule{of} reads {types}."))
}

/// That the plan leaves something to a later one; `None` if it does not.
pub(super) fn partial(preview: &Preview) -> Option<&'static str> {
    match (preview.is_partial, preview.deferred.is_empty()) {
        (false, _) => None,
        (true, true) => Some(
            "The plan is not complete (`complete` is false, as with -target): a later plan will change more.",
        ),
        (true, false) => Some("The plan is not complete: after it is applied, plan again."),
    }
}

/// An account, with its name.
pub(super) fn label(account: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if name != account => format!("{} ({account})", one_line(name, 60)),
        _ => account.to_owned(),
    }
}

/// Explains the exit code.
pub(super) fn closing(preview: &Preview) -> String {
    let code = match (preview.is_incomplete(), preview.is_failing()) {
        (true, _) => 3,
        (false, false) => 0,
        (false, true) => 1,
    };
    format!("{} (exit code {code}).", result(preview))
}

/// The result, in words.
pub(super) fn result(preview: &Preview) -> String {
    let failures = match preview.fail_on {
        Some(threshold) => {
            let new = count(preview.failures(), "new failure", "new failures");
            let worse = match preview.worse_failures() {
                0 => String::new(),
                number => format!(" and {} made worse", count(number, "failure", "failures")),
            };
            format!("{new}{worse} at or above {threshold}")
        }
        None => "failures do not affect the exit code".to_owned(),
    };
    if !preview.is_incomplete() {
        return failures;
    }
    let mut reasons = Vec::new();
    for one in preview.missing() {
        let account = label(one.account.as_str(), one.name.as_deref());
        reasons.push(format!(
            "account {account} is not in the snapshot, so only what the plan says of it is known (collect it as well)"
        ));
    }
    if !preview.not_checked.is_empty() {
        let number = count(preview.not_checked.len(), "check", "checks");
        reasons.push(format!("{number} of what changes could not be made"));
    }
    if preview.strict && !preview.not_known.is_empty() {
        let number = count(preview.not_known.len(), "result", "results");
        reasons.push(format!("{number} not known until apply (--strict)"));
    }
    if preview.strict && preview.is_partial {
        reasons.push("the plan leaves changes to a later plan (--strict)".to_owned());
    }
    format!("Incomplete: {}; {failures}", reasons.join(", and "))
}

/// Why it is not known, without what is the same for all.
pub(super) fn reasons(one: &Previewed) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for cause in &one.causes {
        let reason = if cause.message.is_empty() { &cause.code } else { &cause.message };
        let is_of_collection = !cause.is_of_plan()
            && ![Cause::NOT_COLLECTED, Cause::RULE_UNDECIDED].contains(&cause.code.as_str())
            && cause.call.contains(':');
        let reason = match is_of_collection {
            true => format!("not in the snapshot, because {} failed: {reason}", cause.call),
            false => reason.clone(),
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let more = reasons.len().saturating_sub(REASONS);
    reasons.truncate(REASONS);
    let shown = reasons.join("; ");
    if more == 0 { shown } else { format!("{shown}; and {more} more") }
}

/// What became of a resource, if the lists do not say it.
pub(super) fn note(one: &Previewed) -> Option<&'static str> {
    match (one.before, one.after) {
        (Some(Verdict::Fail), None) => Some("the resource is deleted"),
        (Some(Verdict::Fail), Some(Verdict::Skip)) => Some("the rule no longer applies"),
        (Some(Verdict::Fail), Some(Verdict::Unknown)) => Some("fails before the change"),
        (Some(Verdict::Pass), Some(Verdict::Unknown)) => Some("passes before the change"),
        (None, Some(Verdict::Fail)) if one.is_new() => Some("new resource"),
        (Some(Verdict::Unknown | Verdict::Error), Some(Verdict::Fail)) => {
            Some("not known before the change")
        }
        _ => None,
    }
}

/// The verdict before the change, in a table of what is not known after it.
pub(super) fn before(one: &Previewed) -> &'static str {
    match one.before {
        Some(Verdict::Fail) => "fails",
        Some(Verdict::Pass) => "passes",
        Some(Verdict::Skip) => "does not apply",
        Some(Verdict::Unknown | Verdict::Error) => "not known",
        None => "–",
    }
}
