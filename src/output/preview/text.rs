//! What a planned change would change, for people.

use std::io::{self, Write};

use super::words::{DESTROYED, closing, destroyed, label, note, partial, reasons, totals, unread};
use crate::model::text::one_line;
use crate::model::{Placing, PlannedAction, PlannedChange, Verdict};
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, hang, pad, wrap};
use crate::output::words::evidence;
use crate::report::{Preview, Previewed};

/// Width of the column of severities, including the spaces around it.
const GUTTER: usize = 12;

/// How much of what a change adds to a failure is shown.
const ADDED: usize = 3;

/// Writes the preview.
pub fn write_text(out: &mut dyn Write, preview: &Preview, options: TextOptions) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let total = options.width.clamp(60, 160);
    let mut text = String::new();
    hang(&mut text, "Plan      ", 10, &one_line(&preview.plan, 300), total);
    if let Some(stack) = &preview.stack {
        hang(&mut text, "Stack     ", 10, &one_line(stack, 300), total);
    }
    let snapshot = match &preview.snapshot {
        Some(snapshot) => {
            let times =
                preview.accounts.iter().filter_map(|account| account.collected_at.as_deref());
            match times.max() {
                Some(time) => format!("{}, collected {time}", one_line(snapshot, 300)),
                None => one_line(snapshot, 300),
            }
        }
        None => "none: only what the plan says is known".to_owned(),
    };
    hang(&mut text, "Snapshot  ", 10, &snapshot, total);
    for account in &preview.accounts {
        let mut label = label(account.account.as_str(), account.name.as_deref());
        if account.is_missing {
            label.push_str(", not in the snapshot");
        }
        hang(&mut text, "Account   ", 10, &label, total);
    }
    text.push('\n');
    if !preview.refused.is_empty() {
        title(&mut text, "The apply will fail", preview.refused.len(), paint);
        for one in &preview.refused {
            let label = one_line(&one.label(), 200);
            let line = format!("{label}: {}", one_line(&one.message, 300));
            hang(&mut text, "  ", 4, &line, total);
        }
        text.push('\n');
    }
    list(&mut text, "New failures", &preview.new_failures, paint, total);
    list(&mut text, "Worse than before", &preview.worse, paint, total);
    list(&mut text, "Newly exposed by existing failures", &preview.exposed, paint, total);
    if !preview.destroyed.is_empty() {
        title(&mut text, DESTROYED, preview.destroyed.len(), paint);
        for one in &preview.destroyed {
            let mut parts: Vec<String> =
                destroyed(one).iter().map(|part| one_line(part, 200)).collect();
            parts.extend(one.place.as_ref().map(|place| format!("at {}", place.position())));
            hang(&mut text, "  ", 4, &parts.join(" · "), total);
        }
        text.push('\n');
    }
    list(&mut text, "Fixed", &preview.fixed, paint, total);
    list(&mut text, "Not checked", &preview.not_checked, paint, total);
    list(&mut text, "Not known until apply", &preview.not_known, paint, total);
    list(&mut text, "Passes only with AWS's current defaults", &preview.by_default, paint, total);
    if !preview.unknown_types.is_empty() {
        title(&mut text, "Types that the preview cannot read", preview.unknown_types.len(), paint);
        for (name, address) in &preview.unknown_types {
            let line = format!("{} ({})", one_line(name, 100), one_line(address, 200));
            hang(&mut text, "  ", 4, &line, total);
        }
        text.push('\n');
    }
    if !preview.deferred.is_empty() {
        title(&mut text, "Deferred to a later plan", preview.deferred.len(), paint);
        for (address, why) in &preview.deferred {
            hang(&mut text, "  ", 4, &format!("{}: {why}", one_line(address, 200)), total);
        }
        text.push('\n');
    }
    if let Some(partial) = partial(preview) {
        hang(&mut text, "", 0, partial, total);
    }
    if let Some(line) = unread(preview) {
        hang(&mut text, "", 0, &line, total);
    }
    hang(&mut text, "", 0, &totals(preview), total);
    let verdict = match (preview.is_incomplete(), preview.is_failing()) {
        (true, _) => Verdict::Unknown,
        (false, false) => Verdict::Pass,
        (false, true) => Verdict::Fail,
    };
    for line in wrap(&closing(preview), total) {
        text.push_str(&paint.verdict(verdict, &line));
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}

/// Where the code is, or why it is not known.
fn code(one: &Previewed) -> Option<String> {
    match one.placing.as_ref()? {
        // Problem matchers take what has an address behind it as a failure.
        Placing::Placed(place) if !one.is_failing() => Some(format!("at {}", place.position())),
        Placing::Placed(place) => {
            let note = place.note().map(|note| format!(" ({note})")).unwrap_or_default();
            let (position, address) = (place.position(), one_line(&place.address, 300));
            Some(format!("{}  {address}{note}", one_line(&position, 300)))
        }
        Placing::NotFound { address, reason } => {
            let address = one_line(address, 200);
            Some(format!("declared as {address}, but {}", one_line(reason, 400)))
        }
        Placing::NotDeclared => None,
    }
}

fn title(out: &mut String, title: &str, number: usize, paint: Paint) {
    out.push_str(&format!("{} {}\n", paint.bold(title), paint.dim(&format!("({number})"))));
}

fn list(out: &mut String, heading: &str, list: &[Previewed], paint: Paint, total: usize) {
    if list.is_empty() {
        return;
    }
    title(out, heading, list.len(), paint);
    let mut group = None;
    for one in list {
        if group.replace((one.severity, &one.rule)) != Some((one.severity, &one.rule)) {
            let severity = paint.severity(one.severity, &pad(one.severity.as_str(), GUTTER - 4));
            out.push_str(&format!("  {severity}  {}\n", paint.bold(&one_line(&one.rule, 100))));
        }
        let mut parts = Vec::new();
        let mut addresses = one.shown_addresses();
        match (addresses.next(), addresses.count()) {
            (None, _) => {}
            (Some(address), 0) => parts.push(one_line(address, 200)),
            (Some(first), more) => {
                parts.push(format!("{} and {more} more", one_line(first, 200)));
            }
        }
        let name = one_line(&one.resource.label(), 200);
        match parts.contains(&name) {
            true => parts.extend(one.part.clone()),
            false => parts.push(name),
        }
        parts.push(one.resource.region.to_string());
        if one.waived {
            parts.push("waived".to_owned());
        }
        parts.extend(note(one).map(str::to_owned));
        let is_gone = |change: &PlannedChange| {
            matches!(change.action, PlannedAction::Replace | PlannedAction::Delete)
        };
        let gone = one.changes.first().filter(|change| is_gone(change));
        parts.extend(gone.map(|change| change.action.in_words().to_owned()));
        if !one.joined_by.is_empty() {
            let names = one.joined_by.iter().take(3).map(|name| one_line(name, 150));
            let more = match one.joined_by.len().saturating_sub(3) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            parts.push(format!("joined by {}{more}", names.collect::<Vec<_>>().join(", ")));
        }
        hang(out, &" ".repeat(GUTTER), GUTTER + 2, &parts.join(" · "), total);
        let message = match one.after {
            Some(Verdict::Unknown) if !one.causes.is_empty() => one_line(&reasons(one), 500),
            _ => one_line(&one.message, 500),
        };
        if !message.is_empty() {
            hang(out, &" ".repeat(GUTTER + 2), GUTTER + 2, &message, total);
        }
        // The message alone can be the same as before.
        for piece in one.added.iter().take(ADDED) {
            let line = format!("added: {}", evidence(piece, 300));
            hang(out, &" ".repeat(GUTTER + 2), GUTTER + 4, &one_line(&line, 300), total);
        }
        if let Some(more) = one.added.len().checked_sub(ADDED).filter(|more| *more > 0) {
            hang(out, &" ".repeat(GUTTER + 2), GUTTER + 4, &format!("and {more} more"), total);
        }
        for why in &one.refused {
            hang(out, &" ".repeat(GUTTER + 2), GUTTER + 4, &one_line(why, 300), total);
        }
        if let Some(line) = code(one) {
            // In one line, for problem matchers.
            out.push_str(&format!("{}{}\n", " ".repeat(GUTTER + 2), paint.dim(&line)));
        }
    }
    out.push('\n');
}
