//! Every account in numbers: those that could not be accessed, then the worst.

use super::cells::{account_row, bar, collected_cell};
use super::markup::{cell, counted, linked, query, table, tag};
use crate::model::Severity;
use crate::output::collected::{Collected, Row};
use crate::report::{RunInfo, Summary};

pub(super) fn render(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    if collected.accounts.is_empty() {
        return "<p class=\"note\">This report contains no accounts.</p>\n".to_owned();
    }
    let total = |row: &Row| row.failures.iter().sum::<usize>();
    let largest = collected.accounts.iter().map(total).max().unwrap_or(0);
    let rows: String = collected
        .accounts
        .iter()
        .map(|row| {
            let names = Severity::ALL.map(Severity::as_str);
            let parts: Vec<(&str, usize)> = names.into_iter().zip(row.failures).collect();
            let account = format!("account={}", query(&row.account));
            let counts: String = parts
                .iter()
                .map(|(name, count)| match row.entered {
                    true => linked(
                        *count,
                        &format!("{account}&amp;severity={name}&amp;verdict=fail&amp;waived=no"),
                        &format!("{name} failure"),
                    ),
                    // They are not known.
                    false => "<td class=\"num\">–</td>".to_owned(),
                })
                .collect();
            let new = match run.compared {
                true if !row.entered => "<td class=\"num\">–</td>".to_owned(),
                true => linked(
                    row.new,
                    &format!("{account}&amp;state=new&amp;verdict=fail&amp;waived=no"),
                    "new failure",
                ),
                false => String::new(),
            };
            let unknown_now = match run.compared {
                true => linked(
                    row.unknown_now,
                    &format!("{account}&amp;state=unknown_now"),
                    "earlier failure",
                ),
                false => String::new(),
            };
            // The same findings as on the overview.
            let filter = match row.entered {
                true => "&amp;verdict=fail&amp;waived=no",
                false => "&amp;verdict=unknown",
            };
            let status = match (row.entered, row.incomplete) {
                (false, _) => tag("error", "inaccessible"),
                (true, true) => tag("unknown", "incomplete"),
                (true, false) => tag("pass", "complete"),
            };
            format!(
                "<tr>{}{}{counts}{new}{}{unknown_now}{}{}<td>{status}</td>{}</tr>\n",
                account_row(row, filter, false),
                bar(&parts, largest),
                linked(
                    row.unknown,
                    &format!("{account}&amp;verdict=unknown,error&amp;waived=no"),
                    "unknown finding"
                ),
                cell(row.gaps),
                linked(row.waived, &format!("{account}&amp;waived=yes"), "waived finding"),
                collected_cell(row.collected_at.as_deref()),
            )
        })
        .collect();
    let mut titles = vec!["account", "by severity"];
    titles.extend(["#critical", "#high", "#medium", "#low", "#info"]);
    if run.compared {
        titles.push("#new");
    }
    titles.push("#unknown");
    if run.compared {
        titles.push("#unknown now");
    }
    titles.extend(["#gaps", "#waived", "status", "collected"]);
    let mut out = String::from(
        "<p>Failures by severity, without waived ones. Accounts that could not be accessed come first, then the worst.</p>\n",
    );
    out.push_str(&table("Failures by account", &titles, &rows));
    if collected.more_accounts > 0 {
        out.push_str(&format!(
            "<p class=\"note\">{} with fewer failures; the list of findings contains all accounts.</p>\n",
            counted(collected.more_accounts, "more account")
        ));
    }
    if !summary.absent_accounts.is_empty() {
        out.push_str(&format!(
            "<p><a href=\"#gaps\">{} of the baseline that {} not scanned</a></p>\n",
            counted(summary.absent_accounts.len(), "account"),
            if summary.absent_accounts.len() == 1 { "was" } else { "were" }
        ));
    }
    out
}
