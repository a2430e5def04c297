//! Messages of results. SARIF messages have a syntax: `[text](1)` is a link, `{0}` a placeholder,
//! `\` an escape. Readers may also interpret backticks and angle brackets as Markdown or HTML.

use crate::model::text::{one_line, printable};
use crate::model::{Finding, Place, ResourceRef, counted};
use crate::output::console;
use crate::output::words::{evidence, outcome};
use crate::report::{
    AccountReport, CouldNotCheck, OpenFinding, OpenGroup, What, Why, missing_action,
};

/// Longest message, in characters.
pub(super) const MESSAGE_MAX: usize = 4_000;
/// Items of evidence in a message.
const EVIDENCE_SHOWN: usize = 20;

/// Escapes untrusted text for a SARIF message: one line that is shown literally.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut characters =
        printable(text).into_owned().chars().collect::<Vec<_>>().into_iter().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' | '[' | ']' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            '`' => out.push('\''),
            // With a space after it, it does not start a tag.
            '<' if characters.peek().is_some_and(|next| {
                next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')
            }) =>
            {
                out.push_str("< ");
            }
            c => out.push(c),
        }
    }
    out
}

/// `<resource> (<account>, <region>): <what>.`
fn sentence(resource: &ResourceRef, report: &AccountReport, what: &str) -> String {
    let name = match (&resource.name, &resource.id) {
        (Some(name), _) if !name.trim().is_empty() => one_line(name, 200),
        (_, Some(id)) => one_line(id, 200),
        _ => one_line(&resource.label(), 200),
    };
    let account = one_line(report.label(), 100);
    let what = one_line(what.trim(), 1_500);
    let stop = if what.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    plain(&format!("{name} ({account}, {}): {what}{stop}", resource.region))
}

/// The last line: where to look at the resource.
fn link(resource: &ResourceRef, report: &AccountReport) -> String {
    let url = console::url(&report.partition, resource);
    url.map(|url| format!("\n[Open in the AWS console]({url})")).unwrap_or_default()
}

/// What is wrong, or why the resource could not be checked, with the evidence.
pub(super) fn of_finding(finding: &Finding, report: &AccountReport, exists: bool) -> String {
    let what = outcome(finding);
    let mut text = sentence(&finding.resource, report, &what);
    text.push_str(&plain(&format!(" Rule: {}.", one_line(&finding.rule, 100))));
    let link = if exists { link(&finding.resource, report) } else { String::new() };
    let mut left = MESSAGE_MAX.saturating_sub(text.chars().count() + link.chars().count() + 40);
    let pieces = finding.evidence.to_vec();
    for (index, piece) in pieces.iter().enumerate() {
        let line = format!("\n- {}", plain(&evidence(piece, 300)));
        let length = line.chars().count();
        if index == EVIDENCE_SHOWN || length > left {
            text.push_str(&format!("\n- … and {} more", pieces.len() - index));
            break;
        }
        left -= length;
        text.push_str(&line);
    }
    text.push_str(&link);
    text
}

/// Which code declares the cause, with links to the related locations 1 and 2.
pub(super) fn of_place(place: &Place) -> String {
    let shown = |text: &str| plain(&one_line(text, 300));
    let at = shown(&place.position());
    let note = place.note().map(|note| format!(" ({note})")).unwrap_or_default();
    let mut text = format!("\nDeclared as {}{note} at [{at}](1)", shown(&place.address));
    if let Some(call) = &place.call {
        text.push_str(&format!(
            ", called at [{}](2)",
            shown(&format!("{}:{}", call.file, call.line))
        ));
    }
    text
}

/// For a finding of an earlier report that could not be checked.
pub(super) fn of_carried(open: &OpenFinding, report: &AccountReport) -> String {
    let since = open.checked_at.as_deref().map(|time| format!(" since {}", one_line(time, 40)));
    let what = format!("could not be checked{}", since.unwrap_or_default());
    let mut text = sentence(&open.resource, report, &what);
    text.push_str(&plain(&format!(" Rule: {}.", one_line(&open.rule, 100))));
    if !open.message.trim().is_empty() {
        text.push_str(&format!(
            "\n- Last known result: {}",
            plain(&one_line(&open.message, 1_000))
        ));
    }
    text.push_str(&link(&open.resource, report));
    text
}

/// The members of a group that are named in its result: the first ones that fail.
pub(super) fn shown<'a>(group: &OpenGroup, report: &'a AccountReport) -> Vec<&'a ResourceRef> {
    let members = group.failing.iter().take(EVIDENCE_SHOWN);
    members.filter_map(|at| report.findings.get(*at)).map(|finding| &*finding.resource).collect()
}

/// For a group: which members fail, or that they could not be checked.
pub(super) fn of_group(group: &OpenGroup, report: &AccountReport) -> String {
    let alert = &group.alert;
    if group.failing.is_empty() {
        return of_carried(alert, report);
    }
    let mut text = sentence(&alert.resource, report, &alert.message);
    text.push_str(&plain(&format!(" Rule: {}.", one_line(&alert.rule, 100))));
    for member in shown(group, report) {
        text.push_str(&format!("\n- {}", plain(&one_line(&member.label(), 120))));
    }
    let more = group.failing.len().saturating_sub(EVIDENCE_SHOWN);
    if more > 0 {
        text.push_str(&format!("\n- … and {more} more, listed in the JSON report"));
    }
    text.push_str(&link(&alert.resource, report));
    text
}

/// For what could not be checked.
pub(super) fn of_gap(gap: &CouldNotCheck<'_>, report: &AccountReport) -> String {
    let what = match gap.what {
        What::Call(call) => one_line(call, 200),
        What::Rule(rule) => format!("rule {}", one_line(rule, 200)),
    };
    let why = match gap.why {
        Why::Cause(cause) => {
            let by = cause.denied_by.map(|by| format!(" (denied by {by})")).unwrap_or_default();
            let action = match missing_action(cause) {
                Some(action) if action != cause.call => format!(" (requires {action})"),
                _ => String::new(),
            };
            let message = match cause.message.trim() {
                "" => String::new(),
                message => format!(": {message}"),
            };
            format!("{}{by}{action}{message}", cause.code)
        }
        Why::Message(message) => message.to_owned(),
    };
    let account = one_line(report.label(), 100);
    let number = match gap.findings {
        0 => String::new(),
        number => format!(" {} could not be evaluated.", counted(number, "check")),
    };
    let why = one_line(why.trim(), 1_500);
    let stop = if why.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    plain(&format!("{what} ({account}, {}): could not be checked: {why}{stop}{number}", gap.region))
}

/// Strips most Markdown markup, for readers that show plain text.
pub(in crate::output) fn without_markdown(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    for line in markdown.lines() {
        let line = line.trim_end();
        let line = line
            .trim_start_matches('#')
            .strip_prefix(' ')
            .filter(|_| line.starts_with('#'))
            .unwrap_or(line);
        let mut rest = line;
        while let Some((before, link)) = rest.split_once('[') {
            let Some((label, (target, after))) = link
                .split_once("](")
                .and_then(|(label, tail)| tail.split_once(')').map(|tail| (label, tail)))
            else {
                break;
            };
            out.push_str(&before.replace(['`', '*'], ""));
            out.push_str(&format!("{} ({target})", label.replace(['`', '*'], "")));
            rest = after;
        }
        out.push_str(&rest.replace("**", "").replace('`', ""));
        out.push('\n');
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_syntax_in_data_is_escaped() {
        for (text, shown) in [
            ("[x](1)", "\\[x\\](1)"),
            ("\\[x](1)", "\\\\\\[x\\](1)"),
            ("{0} {a}", "{{0}} {{a}}"),
            ("a\nb\u{202e}c", "a b\u{fffd}c"),
            ("<img src=x> a < b `c`", "< img src=x> a < b 'c'"),
        ] {
            assert_eq!(plain(text), shown);
        }
    }

    #[test]
    fn markdown_markup_is_stripped() {
        assert_eq!(
            without_markdown("A `b`.\n\n## Why\n**See** [the _manual_](https://x/y) and [this.\n"),
            "A b.\n\nWhy\nSee the _manual_ (https://x/y) and [this."
        );
    }
}
