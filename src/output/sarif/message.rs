//! Messages of results. SARIF messages have a syntax: `[text](1)` is a link, `{0}` a placeholder,
//! `\` an escape. Readers may also interpret backticks and angle brackets as Markdown or HTML.

use crate::model::text::{one_line, printable};
use crate::model::{Finding, ResourceRef, Verdict};
use crate::output::words::{evidence, why_unknown};
use crate::report::AccountReport;

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

/// What is wrong, or why the resource could not be checked, with the evidence.
pub(super) fn of_finding(finding: &Finding, report: &AccountReport) -> String {
    let what = match finding.verdict {
        Verdict::Unknown => {
            let accepted = finding
                .accepted
                .as_ref()
                .map(|reason| format!(" (accepted: {reason})"))
                .unwrap_or_default();
            format!("could not be checked: {}{accepted}", why_unknown(finding))
        }
        Verdict::Error => {
            format!("could not be checked: the rule raised an error: {}", finding.message)
        }
        _ if finding.message.trim().is_empty() => format!("violates the rule {}", finding.rule),
        _ => finding.message.clone(),
    };
    let mut text = sentence(&finding.resource, report, &what);
    let mut left = MESSAGE_MAX.saturating_sub(text.chars().count() + 40);
    for (index, piece) in finding.evidence.iter().enumerate() {
        let line = format!("\n- {}", plain(&evidence(piece, 300)));
        let length = line.chars().count();
        if index == EVIDENCE_SHOWN || length > left {
            text.push_str(&format!("\n- … and {} more", finding.evidence.len() - index));
            break;
        }
        left -= length;
        text.push_str(&line);
    }
    text
}

/// For a result that is carried over from an earlier report.
pub(super) fn of_carried(
    resource: &ResourceRef,
    report: &AccountReport,
    why: &str,
    earlier: &str,
) -> String {
    let mut text = sentence(resource, report, &format!("could not be checked: {why}"));
    if !earlier.trim().is_empty() {
        text.push_str(&format!("\n- Last known result: {}", plain(&one_line(earlier, 1_000))));
    }
    text
}

/// Strips most Markdown markup, for readers that show plain text.
pub(super) fn without_markdown(markdown: &str) -> String {
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
