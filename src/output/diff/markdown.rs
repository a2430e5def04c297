//! The difference between two reports as Markdown, for comments and job summaries.

use std::io::{self, Write};

use super::words::{closing, totals};
use crate::output::code_span::{account, code};
use crate::output::words;
use crate::report::{Change, Diff, GapChange};

/// Rows of a table. A comment on GitHub has at most 65,536 characters.
const ROWS: usize = 50;

/// Writes the difference.
pub fn write_markdown(out: &mut dyn Write, diff: &Diff) -> io::Result<()> {
    writeln!(out, "# rolecall: changes since the last report\n")?;
    for (name, report) in [("OLD", &diff.old), ("NEW", &diff.new)] {
        let time = report.collected_at.as_deref().unwrap_or("nothing was collected");
        writeln!(out, "- {name}: {}, {}", code(&report.file, 200), code(time, 40))?;
    }
    writeln!(out, "\n{}\n\n**{}**\n", totals(diff), closing(diff))?;
    findings(out, "New failures", &diff.new_failures)?;
    findings(out, "Fixed", &diff.fixed)?;
    findings(out, "Unknown now", &diff.unknown_now)?;
    gaps(out, "New gaps", &diff.new_gaps)?;
    gaps(out, "Closed gaps", &diff.closed_gaps)?;
    let account = |change: &crate::report::AccountChange| {
        account(change.account.as_str(), change.name.as_deref())
    };
    list(out, "Added accounts", diff.added_accounts.iter().map(account))?;
    list(out, "Removed accounts", diff.removed_accounts.iter().map(account))?;
    let rule = |id: &String| code(id, 100);
    list(out, "Added rules", diff.added_rules.iter().map(rule))?;
    list(out, "Removed rules", diff.removed_rules.iter().map(rule))?;
    let renamed =
        |(old, new): &(String, String)| format!("{} is {} now", code(old, 100), code(new, 100));
    list(out, "Renamed rules", diff.renamed_rules.iter().map(renamed))
}

fn findings(out: &mut dyn Write, title: &str, changes: &[Change]) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {title} ({})\n", changes.len())?;
    writeln!(out, "| severity | rule | account | region | resource | details |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for change in changes.iter().take(ROWS) {
        let mut details = Vec::new();
        details.extend(change.reason.map(|reason| words::reason(reason, "OLD")));
        details.extend(change.waived.then(|| "waived".to_owned()));
        let message = code(&change.message, 200);
        details.extend((!message.is_empty()).then_some(message));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            change.severity,
            code(&change.rule, 100),
            account(change.account.as_str(), change.account_name.as_deref()),
            change.resource.region,
            code(&change.resource.label(), 150),
            details.join(": ")
        )?;
    }
    more(out, changes.len())
}

fn gaps(out: &mut dyn Write, title: &str, gaps: &[GapChange]) -> io::Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {title} ({})\n", gaps.len())?;
    writeln!(out, "| account | region | call | code | accepted |\n|---|---|---|---|---|")?;
    for gap in gaps.iter().take(ROWS) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(gap.account.as_str(), 12),
            gap.region,
            code(&gap.call, 80),
            code(&gap.code, 80),
            if gap.accepted { "yes" } else { "no" }
        )?;
    }
    more(out, gaps.len())
}

fn list(
    out: &mut dyn Write,
    title: &str,
    names: impl ExactSizeIterator<Item = String>,
) -> io::Result<()> {
    let number = names.len();
    if number == 0 {
        return Ok(());
    }
    writeln!(out, "## {title} ({number})\n")?;
    for name in names.take(ROWS) {
        writeln!(out, "- {name}")?;
    }
    more(out, number)
}

fn more(out: &mut dyn Write, number: usize) -> io::Result<()> {
    if let Some(more) = number.checked_sub(ROWS).filter(|more| *more > 0) {
        writeln!(out, "\n… and {more} more; `--format json` lists all of them")?;
    }
    writeln!(out)
}
