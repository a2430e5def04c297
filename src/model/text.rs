//! Sanitization of text. Everything from AWS, rules, config and snapshots is sanitized here before it
//! is shown to people or passed to programs that interpret text.

use std::borrow::Cow;
use std::time::Duration;

use jiff::fmt::friendly::SpanPrinter;

/// A duration in the format of config files and the command line, such as `14m`.
pub fn duration(duration: Duration) -> String {
    SpanPrinter::new().unsigned_duration_to_string(&duration)
}

/// Whether a character could change how the surrounding text is displayed: C0 and C1 controls (which
/// start ANSI sequences), bidirectional controls, zero-width and other invisible characters (those
/// with the Unicode property `Default_Ignorable_Code_Point`, and the blank Braille pattern), line and
/// paragraph separators.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Replaces every unprintable character by U+FFFD, and all kinds of whitespace by a space, so that the
/// text stays on one line.
pub fn printable(text: &str) -> Cow<'_, str> {
    // Almost all text is like this.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    if text.chars().any(|c| is_unprintable(c) || (c.is_whitespace() && c != ' ')) {
        Cow::Owned(
            text.chars()
                .map(|c| match c {
                    c if c.is_whitespace() => ' ',
                    c if is_unprintable(c) => '\u{fffd}',
                    c => c,
                })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// Like [`printable`], truncated to at most `max` characters, with an ellipsis at the end.
pub fn one_line(text: &str, max: usize) -> String {
    // Only the part that is kept is processed, regardless of the length of the text.
    match text.char_indices().nth(max) {
        None => printable(text).into_owned(),
        Some((cut, _)) => {
            let mut short: String = printable(&text[..cut]).into_owned();
            short.pop();
            short.push('…');
            short
        }
    }
}

/// How texts are broken into lines of at most `columns`: at spaces only, so that rule ids and ARNs
/// can be copied, and each line as full as it can be.
pub fn wrap_options<'a>(columns: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(columns)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
}

/// Like [`printable`], with a backslash before every character that Markdown or HTML could interpret,
/// for texts that GitHub renders.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in printable(text).chars() {
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '('
                | ')'
                | '<'
                | '>'
                | '#'
                | '|'
                | '~'
                | '!'
                | '&'
                | '@'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        let hostile = "a\u{1b}[31mred\u{9b}2J\r\n\u{202e}evil\u{200b}\t\u{2066}x";
        let safe = printable(hostile);
        assert!(!safe.chars().any(is_unprintable), "{safe:?}");
        assert_eq!(safe, "a\u{fffd}[31mred\u{fffd}2J  \u{fffd}evil\u{fffd} \u{fffd}x");
        let invisible = "\u{34f}\u{115f}\u{17b4}\u{2800}\u{3164}\u{fe0f}\u{ffa0}\u{e0100}";
        assert!(invisible.chars().all(is_unprintable));
    }

    #[test]
    fn long_text_is_truncated_at_a_character_boundary() {
        assert_eq!(one_line("ääää", 4), "ääää");
        assert_eq!(one_line("äääää", 4), "äää…");
        assert_eq!(one_line(&"x".repeat(1 << 20), 10).chars().count(), 10);
    }

    #[test]
    fn markdown_is_escaped() {
        assert_eq!(markdown("[x](1) *b* <i>"), "\\[x\\]\\(1\\) \\*b\\* \\<i\\>");
    }
}
