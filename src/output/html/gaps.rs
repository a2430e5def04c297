//! What could not be read, and what to do about it.

use std::collections::HashMap;

use super::cells::account_cell;
use super::markup::{cell, counted, linked, number, query, table, tag, text};
use crate::model::Cause;
use crate::output::advice::what_to_do;
use crate::output::collected::{Collected, Gaps};
use crate::output::words::some_of;
use crate::report::{RunInfo, Summary, missing_action};

pub(super) fn render(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    let gaps = collected.gaps();
    let mut out = String::new();
    let undecided: Vec<_> = collected.undecided().collect();
    if gaps.is_empty() && undecided.is_empty() {
        out.push_str(
            "<p class=\"note good\">Everything that the selected rules need was read.</p>\n",
        );
    } else {
        out.push_str(&format!(
            "<p>{} and {} in {} of {}. What depends on them is <em>unknown</em>, never a pass. A finding that depends on several gaps counts for each.</p>\n",
            counted(summary.gaps, "open gap"),
            counted(summary.accepted_gaps, "accepted gap"),
            number(summary.accounts_incomplete + summary.accounts_not_entered),
            counted(summary.accounts, "account"),
        ));
    }
    let (open, accepted): (Vec<&Gaps>, Vec<&Gaps>) =
        gaps.into_iter().partition(|gaps| gaps.accepted.is_none());
    let earlier = run.compared.then(|| {
        let rows = collected.accounts.iter();
        rows.map(|row| (row.account.as_str(), row.unknown_now)).collect::<Earlier<'_>>()
    });
    if !open.is_empty() {
        out.push_str("<h3>Open gaps</h3>\n");
        let open = open.into_iter().map(|gaps| cause(gaps, earlier.as_ref()));
        out.push_str(&open.collect::<String>());
    }
    if !undecided.is_empty() {
        let rows: String = undecided
            .iter()
            .map(|one| {
                format!(
                    "<tr><td><a href=\"#findings?rule={}&amp;verdict=unknown,error\">{}</a></td>{}<td class=\"long\">{}</td></tr>\n",
                    query(&one.rule),
                    text(&one.rule),
                    cell(one.findings),
                    text(&one.message)
                )
            })
            .collect();
        out.push_str("<h3>Rules without a verdict</h3>\n<p>AWS answered, but the rule could not decide, or it raised an error. Check these resources by hand; report errors of built-in rules.</p>\n");
        out.push_str(&table(
            "Rules without a verdict",
            &["rule", "#findings", "first message"],
            &rows,
        ));
    }
    if !accepted.is_empty() {
        out.push_str("<h3>Accepted gaps</h3>\n");
        let accepted = accepted.into_iter().map(|gaps| cause(gaps, earlier.as_ref()));
        out.push_str(&accepted.collect::<String>());
    }
    if collected.more_gaps > 0 {
        out.push_str(&format!(
            "<p class=\"note\">{} with other causes; the JSON report contains all of them.</p>\n",
            counted(collected.more_gaps, "more gap")
        ));
    }
    out.push_str(&stale(summary));
    out.push_str(&skipped(run));
    out
}

/// The filter of the findings that have no verdict because of a cause.
pub(super) fn filter(cause: &Cause) -> String {
    let cause = query(&crate::output::words::cause(cause));
    format!("verdict=unknown&amp;waived=no&amp;gap={cause}")
}

/// What to do about a cause, as HTML.
pub(super) fn advice(cause: &Cause) -> String {
    // Code is in backticks.
    let advice = what_to_do(cause);
    let parts = advice.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => text(part),
            _ => format!("<code>{}</code>", text(part)),
        })
        .collect()
}

/// Failures of the baseline that could not be checked again, by account.
type Earlier<'a> = HashMap<&'a str, usize>;

/// One cause, with the places where it has an effect; in a comparison, with the failures that were
/// not checked again in their accounts.
fn cause(gaps: &Gaps, earlier: Option<&Earlier<'_>>) -> String {
    let cause = &gaps.cause;
    let mut out = format!(
        "<article class=\"gap\">\n<h4>{} <span class=\"code\">{}</span></h4>\n",
        text(&cause.call),
        text(&cause.code)
    );
    out.push_str("<dl class=\"facts\">\n");
    let mut fact = |name: &str, value: String| {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
    };
    match &gaps.accepted {
        Some(reason) => fact("Accepted", text(reason)),
        None => fact("What to do", advice(cause)),
    }
    if let Some(action) = missing_action(cause) {
        fact("IAM action", format!("<code>{}</code>", text(action)));
    }
    if let Some(by) = cause.denied_by {
        fact("Denied by", text(by.as_str()));
    }
    if !cause.message.is_empty() {
        fact("Message", text(&cause.message));
    }
    let mut effect =
        format!("{} in {}", counted(gaps.gaps, "gap"), counted(gaps.accounts, "account"));
    if gaps.accepted.is_none() {
        effect.push_str(&format!(
            "; <a href=\"#findings?{}\">{} without a verdict</a>",
            filter(cause),
            counted(gaps.findings, "finding")
        ));
    }
    fact("Effect", effect);
    out.push_str("</dl>\n");
    let rows: String = gaps
        .places
        .iter()
        .map(|place| {
            let unknown_now = earlier.map(|earlier| {
                linked(
                    earlier.get(place.account.as_str()).copied().unwrap_or(0),
                    &format!("account={}&amp;state=unknown_now", query(&place.account)),
                    "earlier failure",
                )
            });
            format!(
                "<tr>{}<td class=\"region\">{}</td><td class=\"long\">{}</td>{}</tr>\n",
                account_cell(&place.account, place.name.as_deref(), "&amp;verdict=unknown", false),
                text(&place.region),
                text(&place.unknown),
                unknown_now.unwrap_or_default()
            )
        })
        .collect();
    let more = match gaps.gaps.checked_sub(gaps.places.len()) {
        None | Some(0) => String::new(),
        Some(more) => format!(
            "<p>{}; the JSON report contains all of them.</p>\n",
            counted(more, "more place")
        ),
    };
    let mut titles = vec!["account", "region", "unknown"];
    titles.extend(earlier.map(|_| "#failed before in the account, not checked again"));
    out.push_str(&format!(
        "<details><summary>Where: {} ({})</summary>\n{}{more}</details>\n</article>\n",
        text(&accounts(gaps)),
        counted(gaps.gaps, "place"),
        table(&format!("Places of {}", cause.call), &titles, &rows)
    ));
    out
}

fn stale(summary: &Summary) -> String {
    if summary.stale_accepted_gaps.is_empty() {
        return String::new();
    }
    let rows: String = summary
        .stale_accepted_gaps
        .iter()
        .map(|gap| {
            format!(
                "<tr><td class=\"long\">{}</td><td class=\"long\">{}</td></tr>\n",
                text(&gap.covers),
                text(&gap.reason)
            )
        })
        .collect();
    format!(
        "<h3>Accepted gaps that match nothing</h3>\n<p>Remove them from the config.</p>\n{}",
        table("Accepted gaps that match nothing", &["gap", "reason"], &rows)
    )
}

fn skipped(run: &RunInfo) -> String {
    /// More than this is a setting, not a list to read.
    const SHOWN: usize = 500;
    if run.skipped_accounts.is_empty() {
        return String::new();
    }
    let rows: String = run
        .skipped_accounts
        .iter()
        .take(SHOWN)
        .map(|skipped| {
            format!(
                "<tr><td>{}</td><td>{}</td><td class=\"long\">{}</td></tr>\n",
                text(skipped.account.as_str()),
                text(skipped.name.as_deref().unwrap_or_default()),
                text(&skipped.reason)
            )
        })
        .collect();
    format!(
        "<h3>Accounts that were skipped</h3>\n<p>{} of the organization, by state or by config {}</p>\n{}",
        counted(run.skipped_accounts.len(), "account"),
        tag("skip", "not scanned"),
        table("Accounts that were skipped", &["account", "name", "reason"], &rows)
    )
}

/// Some of the accounts, by name, and how many more there are. Only the first places are listed.
pub(super) fn accounts(gaps: &Gaps) -> String {
    const NAMED: usize = 3;
    let mut places: Vec<_> = gaps.places.iter().collect();
    places.dedup_by(|a, b| a.account == b.account);
    places.truncate(NAMED);
    let names: Vec<&str> =
        places.iter().map(|place| place.name.as_deref().unwrap_or(&place.account)).collect();
    let shown = some_of(&names, NAMED);
    match gaps.accounts.saturating_sub(names.len()) {
        0 => shown,
        more => format!("{shown} … and {} more", number(more)),
    }
}
