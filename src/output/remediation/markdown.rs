//! A plan as Markdown, for pull requests. Whatever is untrusted is code: neither links nor mentions
//! nor HTML work there, and a fence is longer than every row of backticks in it.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::Value;

use super::changes::{Line, lines};
use super::words::{allows_hidden, by_account, by_cause, class, expiry, label, totals};
use crate::model::text::{one_line, printable};
use crate::output::escape::{json_block, json_line};
use crate::remediation::PlanFile;
use crate::remediation::plan::{ByHand, Item, NotPlanned, Plan, Settled};

/// How many findings without an item are listed for each cause, and how many by hand.
const ROWS: usize = 200;

/// Writes the plan. `now` decides whether it has expired.
pub fn write_plan_markdown(out: &mut dyn Write, file: &PlanFile, now: Timestamp) -> io::Result<()> {
    let plan = &file.plan;
    match totals(plan) {
        (changes, Some(findings)) => {
            writeln!(out, "# rolecall: plan of fixes\n\n**{changes}**; {findings}\n")?;
        }
        (changes, None) => writeln!(out, "# rolecall: plan to undo fixes\n\n**{changes}**\n")?,
    }
    writeln!(out, "- Plan: {}", code(&file.hash))?;
    match expiry(plan, now) {
        (_, time, "") => writeln!(out, "- Expires: {}", code(&time))?,
        (_, time, advice) => writeln!(out, "- **Expired**: {}{advice}", code(&time))?,
    }
    if let Some(journal) = &plan.undoes {
        writeln!(out, "- **Undoes what was applied**: journal {}", code(journal))?;
    }
    for (account, items) in by_account(plan) {
        writeln!(out, "\n## Account {} ({})", code(account.as_str()), items.len())?;
        for item in items {
            self::item(out, item, plan.undoes.is_some())?;
        }
    }
    by_hand(out, &plan.by_hand)?;
    not_planned(out, plan)
}

/// Untrusted text in a line, complete, as code.
fn code(text: &str) -> String {
    let text = printable(text);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_row(&text) + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The most backticks in a row.
fn longest_row(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Untrusted lines as a block.
fn block(out: &mut dyn Write, language: &str, text: &str) -> io::Result<()> {
    let fence = "`".repeat((longest_row(text) + 1).max(3));
    writeln!(out, "\n{fence}{language}\n{text}\n{fence}")
}

fn item(out: &mut dyn Write, item: &Item, is_undo: bool) -> io::Result<()> {
    writeln!(
        out,
        "\n### {}: {} on {} in {}\n",
        class(item),
        code(&item.action),
        code(&label(&item.resource)),
        code(item.region.as_str())
    )?;
    let resource = item.resource.arn.as_deref().unwrap_or(&item.resource.id);
    writeln!(out, "- Resource: {} ({})", code(resource), code(&item.resource.kind))?;
    // An ARN can name something else.
    if !resource.ends_with(&item.resource.id) {
        writeln!(out, "- Id: {}", code(&item.resource.id))?;
    }
    if !item.reason.is_empty() {
        writeln!(out, "- Why it is unsafe: {}", code(&item.reason))?;
    }
    if let Some(manager) = &item.managed_by {
        writeln!(out, "- Managed by: {}", code(manager))?;
    }
    if let Some(source) = &item.source {
        writeln!(out, "- Declared in: {}", code(&format!("{}:{}", source.file, source.line)))?;
    }
    if !item.findings.is_empty() {
        writeln!(out, "- Fixes: {}", settled(&item.findings))?;
    }
    if !item.makes_worse.is_empty() {
        writeln!(out, "- **Makes worse**: {}", settled(&item.makes_worse))?;
    }
    let note = &item.undo.note;
    match (is_undo, item.undo.action.is_some() && !note.is_empty()) {
        (false, false) => writeln!(out, "- Undo: {}", undo(item))?,
        (false, true) => {
            writeln!(out, "- Undo: {}; what stays different: {}", undo(item), code(note))?;
        }
        (true, is_noted) => {
            if is_noted {
                writeln!(out, "- Stays different: {}", code(note))?;
            }
            writeln!(out, "- Redo: {}", undo(item))?;
        }
    }
    let iam: Vec<String> = item.iam.iter().map(|action| code(action)).collect();
    writeln!(out, "- IAM: {}", iam.join(", "))?;
    if !item.depends_on.is_empty() {
        let ids: Vec<String> = item.depends_on.iter().map(|id| code(id)).collect();
        writeln!(out, "- After: {}", ids.join(", "))?;
    }
    writeln!(out, "- Item: {}", code(&item.id))?;
    if !item.parameters.is_empty() {
        block(out, "json", &json_block(&Value::Object(item.parameters.clone())))?;
    }
    let lines: Vec<String> = lines(&item.before, &item.after).iter().map(Line::signed).collect();
    block(out, "diff", &lines.join("\n"))
}

fn settled(findings: &[Settled]) -> String {
    let one = |finding: &Settled| {
        let (rule, fingerprint) = (code(&finding.rule), code(&finding.fingerprint.to_string()));
        format!("{rule} ({fingerprint}), then {}", code(&finding.after))
    };
    findings.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn undo(item: &Item) -> String {
    let Some(action) = &item.undo.action else {
        return format!("**not possible**: {}", code(&item.undo.note));
    };
    let mut text = code(action);
    if !item.undo.parameters.is_empty() {
        let parameters = Value::Object(item.undo.parameters.clone());
        text.push_str(&format!(" with {}", code(&json_line(&parameters))));
    }
    text
}

fn by_hand(out: &mut dyn Write, findings: &[ByHand]) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## By hand ({})", findings.len())?;
    for finding in findings.iter().take(ROWS) {
        writeln!(
            out,
            "\n### {}: {} in {}, {}\n\n{}",
            code(&finding.rule),
            code(&short(&label(&finding.resource))),
            code(finding.account.as_str()),
            code(finding.region.as_str()),
            code(&finding.reason)
        )?;
        if !finding.commands.is_empty() {
            let commands = finding.commands.iter().flat_map(|command| command.split('\n'));
            let commands: Vec<_> = commands.map(|line| printable(line).into_owned()).collect();
            block(out, "sh", &commands.join("\n"))?;
        }
        if let Some(patch) = &finding.patch {
            let lines: Vec<_> = patch.lines().map(|line| printable(line).into_owned()).collect();
            block(out, "diff", &lines.join("\n"))?;
        }
    }
    more(out, findings.len())
}

fn not_planned(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    if plan.not_planned.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Not planned ({})", plan.not_planned.len())?;
    let hidden = plan.counts().hidden;
    if hidden > 0 {
        writeln!(
            out,
            "\n{hidden} of them have unsafe fixes, which are planned with {}.",
            allows_hidden(plan)
        )?;
    }
    for (cause, findings) in by_cause(plan) {
        writeln!(out, "\n### {} ({})\n", code(cause), findings.len())?;
        for NotPlanned { rule, account, region, resource, .. } in findings.iter().take(ROWS) {
            writeln!(
                out,
                "- {}: {} in {}, {}",
                code(rule),
                code(&short(&label(resource))),
                code(account.as_str()),
                code(region.as_str())
            )?;
        }
        more(out, findings.len())?;
    }
    Ok(())
}

/// Names of resources that are not changed.
fn short(text: &str) -> String {
    one_line(text, 200)
}

fn more(out: &mut dyn Write, number: usize) -> io::Result<()> {
    if let Some(more) = number.checked_sub(ROWS).filter(|more| *more > 0) {
        writeln!(out, "\n… and {more} more; `--format json` lists all of them")?;
    }
    Ok(())
}
