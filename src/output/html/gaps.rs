//! What could not be read, and what to do about it.

use std::collections::HashMap;

use super::cells::account_cell;
use super::markup::{cell, counted, linked, number, query, table, text};
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
            "<p>{} and {}; {} of {} could not be accessed or not be read completely. What depends on them is <em>unknown</em>, never a pass. A finding that depends on several gaps counts for each.</p>\n",
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
    out.push_str(&not_scanned(run, summary));
    out
}

/// The filter of the findings that have no verdict because of a cause.
pub(super) fn filter(cause: &Cause) -> String {
    let cause = query(&crate::output::words::cause(cause));
    format!("verdict=unknown&amp;waived=no&amp;gap={cause}")
}

/// What to do about a cause, as HTML.
pub(super) fn advice(cause: &Cause) -> String {
    with_code(&what_to_do(cause))
}

/// A text with code in backticks, as HTML.
fn with_code(shown: &str) -> String {
    let parts = shown.split('`').enumerate();
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
    let mut effect = match gaps.gaps {
        // The accounts have no gap: they were collected for other rules.
        0 => counted(gaps.accounts, "account"),
        number => format!("{} in {}", counted(number, "gap"), counted(gaps.accounts, "account")),
    };
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
                account_cell(&place.account, place.name.as_deref(), "&amp;verdict=unknown"),
                text(&place.region),
                text(&place.unknown),
                unknown_now.unwrap_or_default()
            )
        })
        .collect();
    let places = if gaps.gaps == 0 { gaps.accounts } else { gaps.gaps };
    let more = match places.checked_sub(gaps.places.len()) {
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
        counted(places, "place"),
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

/// Accounts of the organization that were skipped, and accounts of the baseline that this run did not
/// scan.
fn not_scanned(run: &RunInfo, summary: &Summary) -> String {
    /// More than this is a setting, not a list to read.
    const SHOWN: usize = 500;
    let row = |id: &str, name: Option<&str>, reason: String| {
        let absent = summary.absent_accounts.iter().find(|absent| absent.account.as_str() == id);
        let open =
            absent.map_or(0, |absent| absent.carried.iter().filter(|open| open.failed).count());
        format!(
            "<tr><td>{}</td><td>{}</td><td class=\"long\">{reason}</td>{}</tr>\n",
            text(id),
            text(name.unwrap_or_default()),
            linked(open, &format!("account={}&amp;state=not_scanned", query(id)), "open finding")
        )
    };
    let skipped = run.skipped_accounts.iter().map(|skipped| {
        row(skipped.account.as_str(), skipped.name.as_deref(), with_code(&skipped.reason))
    });
    let is_skipped = |id: &str| run.skipped_accounts.iter().any(|one| one.account.as_str() == id);
    let absent: Vec<_> = summary
        .absent_accounts
        .iter()
        .filter(|absent| !is_skipped(absent.account.as_str()))
        .map(|absent| {
            let reason = "is in the baseline, but not among the accounts of this run".to_owned();
            row(absent.account.as_str(), absent.name.as_deref(), reason)
        })
        .collect();
    let number = run.skipped_accounts.len() + absent.len();
    if number == 0 {
        return String::new();
    }
    let rows: String = skipped.chain(absent).take(SHOWN).collect();
    format!(
        "<h3>Accounts that were not scanned</h3>\n<p>{}. Findings of the baseline stay open, because nothing was checked again.</p>\n{}",
        counted(number, "account"),
        table(
            "Accounts that were not scanned",
            &["account", "name", "reason", "#open findings"],
            &rows
        )
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
