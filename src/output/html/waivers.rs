//! Waivers: those that apply, by their last day, and those that need attention.

use jiff::civil::Date;

use super::markup::{counted, linked, number, query, table, tag, text};
use crate::model::Waived;
use crate::output::collected::{Collected, Ended, Expiry, SOON, Waiver, expiry};
use crate::report::Summary;

/// Titles of the columns of [`row`].
pub(super) const TITLES: &[&str] = &[
    "expires",
    "left",
    "owner",
    "reason",
    "#findings",
    "rules",
    "accounts and resources",
    "written in",
];

/// A waiver as a row of a table. In a comparison, the findings that could not be checked are those
/// that were waived in the baseline.
pub(super) fn row(waiver: &Waiver, today: Option<Date>, compared: bool) -> String {
    let terms = &waiver.terms;
    let left = match expiry(terms.expires, today) {
        Expiry::Soon(days) => tag("high", &days_left(days)),
        Expiry::ThisMonth(days) => tag("medium", &format!("{}, this month", days_left(days))),
        Expiry::Later(days) => text(&days_left(days)),
        Expiry::Unknown => String::new(),
    };
    let ticket = terms
        .ticket
        .as_deref()
        .map(|ticket| format!(" <span class=\"id\">{}</span>", text(ticket)));
    let place = format!("{}:{}", terms.file, terms.line);
    let findings = match &waiver.unread {
        None => format!(
            "<td class=\"num\"><a href=\"#findings?waived=yes&amp;text={}\">{}<span class=\"sr\"> waived {}</span></a>{}</td>",
            query(&format!("({place})")),
            number(waiver.findings),
            if waiver.findings == 1 { "finding" } else { "findings" },
            waiver.severe()
        ),
        Some(_) if compared => format!(
            "<td><a href=\"#findings?state=unknown_now&amp;waived=before\">{}<span class=\"sr\">: findings that were waived before</span></a></td>",
            tag("unknown", "unknown")
        ),
        Some(_) => format!("<td>{}</td>", tag("unknown", "unknown")),
    };
    let covers = match &waiver.unread {
        None => format!(
            "<td class=\"long\">{}</td><td>{}: {}</td>",
            text(&waiver.rules.some(3)),
            text(&waiver.accounts.some(3)),
            text(&waiver.resources.some(2))
        ),
        // It can be about a fingerprint, too.
        Some(covers) => format!("<td class=\"long\" colspan=\"2\">{}</td>", text(covers)),
    };
    format!(
        "<tr><th scope=\"row\"><time>{}</time></th><td>{left}</td><td>{}</td><td class=\"long\">{}{}</td>{findings}{covers}<td>{}</td></tr>\n",
        terms.expires,
        text(&terms.owner),
        text(&terms.reason),
        ticket.unwrap_or_default(),
        text(&place)
    )
}

fn days_left(days: i32) -> String {
    match days {
        0 => "last day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

pub(super) fn render(summary: &Summary, collected: &Collected) -> String {
    let today = collected.today();
    let mut out = String::new();
    let mut rows = String::new();
    let (mut soon, mut this_month) = (0, 0);
    for waiver in collected.waivers() {
        match expiry(waiver.terms.expires, today) {
            Expiry::Soon(_) => soon += 1,
            Expiry::ThisMonth(_) => this_month += 1,
            Expiry::Later(_) | Expiry::Unknown => {}
        }
        rows.push_str(&row(waiver, today, summary.states.is_some()));
    }
    let stale: Vec<_> = collected.stale(summary).collect();
    let ended: Vec<_> = collected.ended().collect();
    if rows.is_empty() && stale.is_empty() && ended.is_empty() {
        return "<p class=\"note\">No waiver applies.</p>\n".to_owned();
    }
    out.push_str(&format!(
        "<p>{} within {SOON} days, {} later this month. A waiver does not change a verdict: waived findings stay in the report. It applies through its last day; from the next day on, its findings are failures without a waiver, and new in a comparison. If the findings of a waiver could not be checked, their number is <em>unknown</em>.</p>\n",
        expire(soon),
        number(this_month)
    ));
    if !rows.is_empty() {
        out.push_str("<h3>Waivers that apply or may apply</h3>\n");
        out.push_str(&table("Waivers that apply or may apply", TITLES, &rows));
    }
    if collected.more_waivers > 0 {
        out.push_str(&format!(
            "<p class=\"note\">{} by more waivers; the JSON report contains all of them.</p>\n",
            counted(collected.more_waivers, "finding")
        ));
    }
    let mut rows = String::new();
    for stale in stale {
        let (problem, action) = match (stale.expired, stale.findings) {
            (false, _) => (tag("skip", "matches nothing"), "remove it"),
            (true, 0) => (tag("skip", "expired"), "renew or remove it"),
            (true, _) => (tag("fail", "expired"), "renew it, or fix what it waived"),
        };
        rows.push_str(&attention(&stale.terms, &problem, stale.findings, &stale.covers, action));
    }
    for ended in ended {
        let Ended { waiver, is_kept } = ended;
        let problem = tag("fail", ended.problem());
        let action = match is_kept {
            true => "fix what it waived, or extend what it covers",
            false => "fix what it waived, or waive it again",
        };
        let rules = waiver.rules.some(3);
        rows.push_str(&attention(&waiver.terms, &problem, waiver.findings, &rules, action));
    }
    if !rows.is_empty() {
        out.push_str("<h3>Waivers that ended, no longer apply or match nothing</h3>\n");
        out.push_str(&table(
            "Waivers that ended, no longer apply or match nothing",
            &[
                "problem",
                "expires",
                "owner",
                "reason",
                "#no longer waived",
                "covers",
                "written in",
                "what to do",
            ],
            &rows,
        ));
    }
    out
}

/// A waiver that ended, no longer applies or matches nothing, as a row of a table.
fn attention(terms: &Waived, problem: &str, findings: usize, covers: &str, action: &str) -> String {
    let ticket = terms.ticket.as_deref();
    let ticket = ticket.map(|ticket| format!(" <span class=\"id\">{}</span>", text(ticket)));
    let place = format!("{}:{}", terms.file, terms.line);
    let filter = format!("waived=ended&amp;text={}", query(&format!("({place})")));
    format!(
        "<tr><td>{problem}</td><th scope=\"row\"><time>{}</time></th><td>{}</td><td class=\"long\">{}{}</td>{}<td class=\"long\">{}</td><td>{}</td><td>{action}</td></tr>\n",
        terms.expires,
        text(&terms.owner),
        text(&terms.reason),
        ticket.unwrap_or_default(),
        linked(findings, &filter, "formerly waived finding"),
        text(covers),
        text(&place)
    )
}

fn expire(number: usize) -> String {
    match number {
        1 => "1 waiver expires".to_owned(),
        number => format!("{} waivers expire", super::markup::number(number)),
    }
}
