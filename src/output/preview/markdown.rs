//! What a planned change would change, as a comment on a pull request.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::words::{note, reasons, result};
use crate::model::{Severity, Verdict};
use crate::output::code_span::{account, code};
use crate::output::words::{count, evidence};
use crate::report::{Preview, Previewed};

/// Rows of a table. A comment on GitHub has at most 65,536 characters.
const ROWS: usize = 50;

/// Pieces of evidence of a new failure.
const EVIDENCE: usize = 2;

/// Marks the comment, so that it can be found and updated.
const MARK: &str = "<!-- rolecall-preview -->";

/// Writes the preview.
pub fn write_markdown(out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
    writeln!(out, "{MARK}")?;
    let blocks = preview.failures() > 0;
    let heading = match (preview.is_incomplete(), blocks, preview.new_failures.is_empty()) {
        (_, true, _) => "this change introduces failures".to_owned(),
        (true, false, _) => "this change could not be checked completely".to_owned(),
        (false, false, false) => match preview.fail_on {
            Some(threshold) => format!("this change introduces failures below {threshold}"),
            None => "this change introduces failures".to_owned(),
        },
        (false, false, true) if preview.not_known.is_empty() => "no new failures".to_owned(),
        (false, false, true) => "no new failures that are known before apply".to_owned(),
    };
    writeln!(out, "## rolecall: {heading}\n")?;
    writeln!(out, "**{}.** {}.\n", result(preview), numbers(preview))?;
    failures(out, preview)?;
    let fixed = format!("Fixed ({})", preview.fixed.len());
    findings(out, &fixed, &preview.fixed, preview.new_failures.is_empty())?;
    let unchecked = format!("Not checked ({})", preview.not_checked.len());
    findings(out, &unchecked, &preview.not_checked, true)?;
    not_known(out, preview)?;
    let by_default = format!("Passes only by AWS's default ({})", preview.by_default.len());
    findings(out, &by_default, &preview.by_default, false)?;
    if !preview.unknown_types.is_empty() {
        let types: Vec<String> =
            preview.unknown_types.iter().take(ROWS).map(|(name, _)| code(name, 100)).collect();
        writeln!(out, "Types that this version does not know: {}\n", types.join(", "))?;
    }
    let snapshot = match &preview.snapshot {
        Some(_) => {
            let times =
                preview.accounts.iter().filter_map(|account| account.collected_at.as_deref());
            times.max().map_or(String::new(), |time| {
                format!(" Compared with the snapshot of {}.", code(time, 40))
            })
        }
        None => " No snapshot: only what the plan says is known.".to_owned(),
    };
    let accounts: Vec<String> = preview
        .accounts
        .iter()
        .map(|one| account(one.account.as_str(), one.name.as_deref()))
        .collect();
    writeln!(out, "<sub>{} rules in {}.{snapshot}</sub>", preview.rules, accounts.join(", "))
}

/// What the lists have, in one line.
fn numbers(preview: &Preview) -> String {
    let lists = [
        (preview.new_failures.len(), "new"),
        (preview.fixed.len(), "fixed"),
        (preview.not_known.len(), "not known until apply"),
        (preview.not_checked.len(), "not checked"),
        (preview.unchanged, "failing before and after"),
        (preview.by_default.len(), "passing by AWS's default"),
    ];
    let lists = lists.into_iter().filter(|(number, _)| *number > 0);
    let mut all = vec![format!("{} changed", count(preview.changes, "resource", "resources"))];
    all.extend(lists.map(|(number, what)| format!("{number} {what}")));
    all.join(", ")
}

/// The failures that the change introduces, with what to look at.
fn failures(out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
    if preview.new_failures.is_empty() {
        return Ok(());
    }
    writeln!(out, "### New failures ({})\n", preview.new_failures.len())?;
    table(out, &preview.new_failures)
}

fn findings(
    out: &mut dyn Write,
    heading: &str,
    list: &[Previewed],
    is_open: bool,
) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    let open = if is_open { " open" } else { "" };
    writeln!(out, "<details{open}><summary>{heading}</summary>\n")?;
    table(out, list)?;
    writeln!(out, "</details>\n")
}

/// By rule and cause: a plan always has many.
fn not_known(out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
    if preview.not_known.is_empty() {
        return Ok(());
    }
    let number = preview.not_known.len();
    // It is what is left to look at.
    let open = if preview.new_failures.is_empty() { " open" } else { "" };
    writeln!(out, "<details{open}><summary>Not known until apply ({number})</summary>\n")?;
    writeln!(out, "| severity | rule | resources | why |\n|---|---|---|---|")?;
    let mut rules: BTreeMap<(Severity, &str, String), Vec<String>> = BTreeMap::new();
    for one in &preview.not_known {
        let name = one.addresses.first().cloned().unwrap_or_else(|| one.resource.label());
        rules.entry((one.severity, &one.rule, reasons(one))).or_default().push(name);
    }
    for ((severity, rule, reasons), names) in rules.iter().take(ROWS) {
        let shown: Vec<String> = names.iter().take(3).map(|name| code(name, 150)).collect();
        let more = match names.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (rule, reasons) = (code(rule, 100), code(reasons, 300));
        writeln!(out, "| {severity} | {rule} | {}{more} | {reasons} |", shown.join(", "))?;
    }
    more(out, rules.len())?;
    writeln!(out, "</details>\n")
}

fn table(out: &mut dyn Write, list: &[Previewed]) -> io::Result<()> {
    writeln!(out, "| severity | rule | resource | details |\n|---|---|---|---|")?;
    for one in list.iter().take(ROWS) {
        let mut resource: Vec<String> =
            one.addresses.iter().take(2).map(|address| code(address, 150)).collect();
        let label = code(&one.resource.label(), 150);
        if !resource.contains(&label) {
            resource.push(label);
        }
        resource.extend(one.place().map(|place| code(&place.position(), 200)));
        let mut details = Vec::new();
        details.extend(note(one).map(str::to_owned));
        details.extend(one.waived.then(|| "waived".to_owned()));
        let message = match one.after {
            Some(Verdict::Unknown) if !one.causes.is_empty() => code(&reasons(one), 300),
            _ => code(&one.message, 200),
        };
        details.extend((!message.is_empty()).then_some(message));
        let mut details = details.join(": ");
        if one.after == Some(Verdict::Fail) {
            for piece in one.evidence.iter().take(EVIDENCE) {
                details.push_str(&format!("<br>{}", code(&evidence(piece, 200), 200)));
            }
        }
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            one.severity,
            code(&one.rule, 100),
            resource.join("<br>"),
            details
        )?;
    }
    more(out, list.len())
}

fn more(out: &mut dyn Write, number: usize) -> io::Result<()> {
    if let Some(more) = number.checked_sub(ROWS).filter(|more| *more > 0) {
        writeln!(out, "\n… and {more} more; the JSON report lists all of them")?;
    }
    writeln!(out)
}
