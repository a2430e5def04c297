//! The difference between two reports, for people.

use std::io::{self, Write};

use super::words::{closing, totals};
use crate::model::Verdict;
use crate::model::text::one_line;
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, hang, pad};
use crate::output::words;
use crate::report::{AccountChange, Change, Compared, Diff, GapChange};

/// Width of the column of severities, including the spaces around it.
const GUTTER: usize = 12;

/// Writes the difference.
pub fn write_text(out: &mut dyn Write, diff: &Diff, options: TextOptions) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let total = options.width.clamp(60, 160);
    let mut text = String::new();
    for (name, report) in [("OLD", &diff.old), ("NEW", &diff.new)] {
        hang(&mut text, &format!("{name}  "), 5, &about(report), total);
    }
    text.push('\n');
    findings(&mut text, "New failures", &diff.new_failures, paint, total);
    findings(&mut text, "Fixed", &diff.fixed, paint, total);
    findings(&mut text, "Unknown now", &diff.unknown_now, paint, total);
    gaps(&mut text, "New gaps", &diff.new_gaps, paint, total);
    gaps(&mut text, "Closed gaps", &diff.closed_gaps, paint, total);
    let account = |change: &AccountChange| label(change.account.as_str(), change.name.as_deref());
    let rule = |id: &String| one_line(id, 100);
    names(&mut text, "Added accounts", diff.added_accounts.iter().map(account), paint, total);
    names(&mut text, "Removed accounts", diff.removed_accounts.iter().map(account), paint, total);
    names(&mut text, "Added rules", diff.added_rules.iter().map(rule), paint, total);
    names(&mut text, "Removed rules", diff.removed_rules.iter().map(rule), paint, total);
    let renamed = diff
        .renamed_rules
        .iter()
        .map(|(old, new)| format!("{} is {} now", one_line(old, 100), one_line(new, 100)));
    names(&mut text, "Renamed rules", renamed, paint, total);
    hang(&mut text, "", 0, &totals(diff), total);
    let verdict = match (diff.is_incomplete(), diff.failures()) {
        (true, _) => Verdict::Unknown,
        (false, 0) => Verdict::Pass,
        (false, _) => Verdict::Fail,
    };
    for line in crate::output::text::layout::wrap(&closing(diff), total) {
        text.push_str(&paint.verdict(verdict, &line));
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}

fn about(report: &Compared) -> String {
    let time = match &report.collected_at {
        Some(time) => format!("collected {time}"),
        None => "nothing was collected".to_owned(),
    };
    format!("{}, {time}", report.file)
}

fn label(account: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if name != account => format!("{} ({account})", one_line(name, 60)),
        _ => account.to_owned(),
    }
}

fn title(out: &mut String, title: &str, number: usize, paint: Paint) {
    out.push_str(&format!("{} {}\n", paint.bold(title), paint.dim(&format!("({number})"))));
}

fn findings(out: &mut String, heading: &str, changes: &[Change], paint: Paint, total: usize) {
    if changes.is_empty() {
        return;
    }
    title(out, heading, changes.len(), paint);
    let mut group = None;
    for change in changes {
        if group.replace((change.severity, &change.rule)) != Some((change.severity, &change.rule)) {
            let severity =
                paint.severity(change.severity, &pad(change.severity.as_str(), GUTTER - 4));
            out.push_str(&format!("  {severity}  {}\n", paint.bold(&one_line(&change.rule, 100))));
        }
        let resource = &change.resource;
        let mut line = format!(
            "{} · {} · {}",
            one_line(&resource.label(), 200),
            resource.region,
            label(change.account.as_str(), change.account_name.as_deref())
        );
        if change.waived {
            line.push_str(" · waived");
        }
        if let Some(reason) = change.reason {
            line.push_str(&format!(" · {}", words::reason(reason, "OLD")));
        }
        hang(out, &" ".repeat(GUTTER), GUTTER + 2, &line, total);
        let message = one_line(&change.message, 500);
        if !message.is_empty() {
            hang(out, &" ".repeat(GUTTER + 2), GUTTER + 2, &message, total);
        }
    }
    out.push('\n');
}

fn gaps(out: &mut String, heading: &str, gaps: &[GapChange], paint: Paint, total: usize) {
    if gaps.is_empty() {
        return;
    }
    title(out, heading, gaps.len(), paint);
    for gap in gaps {
        let accepted = if gap.accepted { " · accepted" } else { "" };
        let line =
            format!("{} · {} · {} · {}{accepted}", gap.account, gap.region, gap.call, gap.code);
        hang(out, "  ", 4, &line, total);
    }
    out.push('\n');
}

fn names(
    out: &mut String,
    heading: &str,
    names: impl ExactSizeIterator<Item = String>,
    paint: Paint,
    total: usize,
) {
    if names.len() == 0 {
        return;
    }
    title(out, heading, names.len(), paint);
    names.for_each(|name| hang(out, "  ", 4, &name, total));
    out.push('\n');
}
