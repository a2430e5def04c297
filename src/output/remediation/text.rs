//! A plan as text, for terminals.

use std::io::{self, Write};

use anstyle::AnsiColor;
use jiff::Timestamp;
use serde_json::Value;

use super::changes::{Line, lines};
use super::words::{by_account, by_cause, class, expiry, label, totals};
use crate::fixes::FixClass;
use crate::model::text::{one_line, printable};
use crate::output::escape::json_line;
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, hang};
use crate::remediation::PlanFile;
use crate::remediation::plan::{Item, Settled};

/// How many findings without an item are listed for each cause.
const ROWS: usize = 20;

/// Writes the plan. `now` decides whether it has expired.
pub fn write_plan_text(
    out: &mut dyn Write,
    file: &PlanFile,
    now: Timestamp,
    options: TextOptions,
) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let total = options.width.clamp(60, 160);
    let plan = &file.plan;
    let mut text = String::new();
    for (account, items) in by_account(plan) {
        text.push_str(&format!("{}\n", paint.bold(&format!("Account {account}"))));
        for item in items {
            self::item(&mut text, item, plan.undoes.is_some(), paint, total);
        }
        text.push('\n');
    }
    if !plan.by_hand.is_empty() {
        text.push_str(&format!("{}\n", paint.bold("By hand")));
        for finding in &plan.by_hand {
            let what = one_line(&label(&finding.resource), 200);
            let head =
                format!("{} in {}, {}: {what}", finding.rule, finding.account, finding.region);
            hang(&mut text, "  ", 4, &printable(&head), total);
            hang(&mut text, "    ", 4, &printable(&finding.reason), total);
            for line in finding.commands.iter().flat_map(|command| command.split('\n')) {
                text.push_str(&format!("      {}\n", printable(line)));
            }
            for line in finding.patch.iter().flat_map(|patch| patch.lines()) {
                text.push_str(&format!("      {}\n", printable(line)));
            }
        }
        text.push('\n');
    }
    if !plan.not_planned.is_empty() {
        text.push_str(&format!("{}\n", paint.bold("Not planned")));
        for (cause, findings) in by_cause(plan) {
            hang(&mut text, "  ", 4, &printable(&format!("{cause} ({})", findings.len())), total);
            for finding in findings.iter().take(ROWS) {
                let what = one_line(&label(&finding.resource), 200);
                let place = format!("{}, {}", finding.account, finding.region);
                let head = format!("{} in {place}: {what}", finding.rule);
                hang(&mut text, "    ", 6, &printable(&head), total);
            }
            if findings.len() > ROWS {
                text.push_str(&format!("    … and {} more\n", findings.len() - ROWS));
            }
        }
        text.push('\n');
    }
    if let Some(journal) = &plan.undoes {
        let undoes = format!("undoes what was applied: journal {journal}");
        hang(&mut text, "", 2, &printable(&undoes), total);
    }
    let totals = match totals(plan) {
        (changes, Some(findings)) => format!("{changes}; {findings}"),
        (changes, None) => changes,
    };
    hang(&mut text, "", 0, &totals, total);
    let (word, time, advice) = expiry(plan, now);
    let word = match advice {
        "" => word.to_owned(),
        _ => paint.style(AnsiColor::Red.on_default().bold(), word),
    };
    text.push_str(&format!("{word} {time}{advice}\n{}\n", one_line(&file.hash, 100)));
    out.write_all(text.as_bytes())
}

fn item(out: &mut String, item: &Item, is_undo: bool, paint: Paint, total: usize) {
    let style = match item.class {
        FixClass::Safe => AnsiColor::Green.on_default(),
        FixClass::Unsafe | FixClass::ByHand => AnsiColor::Red.on_default().bold(),
    };
    let resource = item.resource.arn.as_deref().unwrap_or(&item.resource.id);
    out.push_str(&format!(
        "  {} {} in {}\n",
        paint.style(style, class(item)),
        paint.bold(&printable(&item.action)),
        item.region
    ));
    let mut line =
        |name: &str, text: &str| hang(out, &format!("    {name} "), 6, &printable(text), total);
    line("resource", resource);
    // An ARN can name something else.
    if !resource.ends_with(&item.resource.id) {
        line("id", &item.resource.id);
    }
    if let Some(name) = &item.resource.name {
        line("name", name);
    }
    if !item.reason.is_empty() {
        line("unsafe:", &item.reason);
    }
    if let Some(manager) = &item.managed_by {
        line("managed by", manager);
    }
    if !item.findings.is_empty() {
        line("fixes", &settled(&item.findings));
    }
    if !item.makes_worse.is_empty() {
        line("MAKES WORSE", &settled(&item.makes_worse));
    }
    if !item.parameters.is_empty() {
        line("parameters", &json_line(&Value::Object(item.parameters.clone())));
    }
    let undo = match &item.undo.action {
        None => format!("not possible: {}", item.undo.note),
        Some(action) => {
            let parameters = json_line(&Value::Object(item.undo.parameters.clone()));
            let note = if item.undo.note.is_empty() || is_undo {
                String::new()
            } else {
                format!("; what stays different: {}", item.undo.note)
            };
            format!("{action} {parameters}{note}")
        }
    };
    if is_undo && !item.undo.note.is_empty() {
        line("stays different:", &item.undo.note);
    }
    line(if is_undo { "redo" } else { "undo" }, &undo);
    line("IAM", &item.iam.join(", "));
    if !item.depends_on.is_empty() {
        line("after", &item.depends_on.join(", "));
    }
    line("item", &item.id);
    for change in lines(&item.before, &item.after) {
        let style = match change {
            Line::Before(_) => AnsiColor::Red.on_default(),
            Line::After(_) => AnsiColor::Green.on_default(),
        };
        for line in change.signed().lines() {
            out.push_str(&format!("      {}\n", paint.style(style, line)));
        }
    }
}

fn settled(findings: &[Settled]) -> String {
    let one = |finding: &Settled| format!("{} (then {})", finding.rule, finding.after);
    findings.iter().map(one).collect::<Vec<_>>().join(", ")
}
