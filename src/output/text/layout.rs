//! Colors, columns and line breaks. Widths are those of a terminal: a CJK character takes two
//! columns.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::text::{one_line, wrap_options};
use crate::model::{Severity, Verdict};

/// Colors text, or leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::output) struct Paint {
    color: bool,
}

impl Paint {
    pub(in crate::output) fn new(color: bool) -> Self {
        Self { color }
    }

    pub(in crate::output) fn style(self, style: Style, text: &str) -> String {
        if self.color && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(in crate::output) fn bold(self, text: &str) -> String {
        self.style(Style::new().bold(), text)
    }

    pub(in crate::output) fn dim(self, text: &str) -> String {
        self.style(Style::new().dimmed(), text)
    }

    pub(in crate::output) fn severity(self, severity: Severity, text: &str) -> String {
        self.style(severity_style(severity), text)
    }

    pub(in crate::output) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Fail => AnsiColor::Red.on_default(),
            Verdict::Error => AnsiColor::Magenta.on_default().bold(),
            Verdict::Unknown => AnsiColor::Magenta.on_default(),
            Verdict::Pass => AnsiColor::Green.on_default(),
            Verdict::Skip => Style::new().dimmed(),
        };
        self.style(style, text)
    }
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => Style::new().dimmed(),
    }
}

/// Width of a text in columns.
pub(in crate::output) fn width(text: &str) -> usize {
    text.width()
}

/// Pads the text with spaces to `columns`.
pub(in crate::output) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Truncates the text to at most `columns`, ending in an ellipsis if something is cut off.
pub(in crate::output) fn fit(text: &str, columns: usize) -> String {
    let text = one_line(text, columns.max(1));
    if width(&text) <= columns {
        return text;
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= columns
    });
    kept.chain(['…']).collect()
}

/// Wraps a text at spaces into lines of at most `columns`; longer words are broken.
pub(in crate::output) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Vec::new();
    }
    textwrap::wrap(&words.join(" "), wrap_options(columns.max(10)))
        .into_iter()
        .map(Cow::into_owned)
        .collect()
}

/// Appends wrapped lines with a hanging indent: the first follows `first`, which takes `indent`
/// columns, and the others are aligned with it.
pub(in crate::output) fn hang(
    out: &mut String,
    first: &str,
    indent: usize,
    text: &str,
    total: usize,
) {
    let lines = wrap(text, total.saturating_sub(indent));
    out.push_str(first);
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(line);
        out.push('\n');
    }
    if lines.is_empty() {
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_padded_and_truncated_by_display_width() {
        assert_eq!(wrap("one two three", 10), ["one two", "three"]);
        assert_eq!(wrap(&"x".repeat(25), 10), ["x".repeat(10), "x".repeat(10), "x".repeat(5)]);
        assert_eq!(wrap("漢字漢字漢字", 10), ["漢字漢字漢", "字"]);
        assert_eq!(pad("漢字", 6), "漢字  ");
        assert_eq!(
            (fit("漢字漢字", 8), fit("漢字漢字", 7), fit("abc", 2)),
            ("漢字漢字".into(), "漢字漢…".into(), "a…".into())
        );
        assert!(wrap("", 10).is_empty());
    }
}
