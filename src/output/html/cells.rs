//! Cells of tables that several sections have.

use super::markup::{query, tag, text};
use crate::output::collected::Row;

/// A time for people: to the minute, in UTC if the text says so.
pub(super) fn time(time: &str) -> String {
    let shown = match time.parse::<jiff::Timestamp>() {
        Ok(parsed) => parsed.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => time.to_owned(),
    };
    format!("<time datetime=\"{}\">{}</time>", text(time), text(&shown))
}

/// A bar in a cell, whose length is a share of the largest value.
pub(super) fn bar(parts: &[(&str, usize)], largest: usize) -> String {
    let mut out = String::from(
        "<td class=\"chart\"><svg width=\"100%\" height=\"12\" aria-hidden=\"true\" focusable=\"false\">",
    );
    let mut at = 0;
    for (class, value) in parts {
        if *value == 0 {
            continue;
        }
        let share = |value: usize| value.saturating_mul(10_000) / largest.max(1);
        // At least a visible line.
        let (start, width) = (share(at), share(*value).max(60));
        let percent = |share: usize| format!("{}.{:02}%", share / 100, share % 100);
        out.push_str(&format!(
            "<rect class=\"{class}\" x=\"{}\" width=\"{}\" height=\"12\"/>",
            percent(start),
            percent(width)
        ));
        at += value;
    }
    out.push_str("</svg></td>");
    out
}

/// An account: its name as a link to its findings, and its id.
pub(super) fn account_cell(account: &str, name: Option<&str>, filter: &str) -> String {
    format!("<td class=\"account\">{}</td>", account_link(account, name, filter))
}

/// An account as the first cell of a row with its numbers: also its labels, and if it is `incomplete`, a
/// mark.
pub(super) fn account_row(row: &Row, filter: &str, marks: bool) -> String {
    let labels = match row.labels.is_empty() {
        true => String::new(),
        false => format!("<span class=\"labels\">{}</span>", text(&row.labels)),
    };
    let mark = (marks && row.incomplete).then(|| format!(" {}", tag("unknown", "incomplete")));
    format!(
        "<td class=\"account\">{}{}{labels}</td>",
        account_link(&row.account, row.name.as_deref(), filter),
        mark.unwrap_or_default()
    )
}

fn account_link(account: &str, name: Option<&str>, filter: &str) -> String {
    let link = format!("#findings?account={}{filter}", query(account));
    let id = name.map(|_| format!(" <span class=\"id\">{}</span>", text(account)));
    format!("<a href=\"{link}\">{}</a>{}", text(name.unwrap_or(account)), id.unwrap_or_default())
}

/// When an account was collected, as a cell.
pub(super) fn collected_cell(at: Option<&str>) -> String {
    format!("<td>{}</td>", at.map_or_else(|| "never".to_owned(), time))
}
