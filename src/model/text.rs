//! The one sanitizer. Everything that comes from AWS, rules, config or snapshots is data; before it
//! reaches a person or a program that interprets text, it passes here.

use std::borrow::Cow;

/// Whether a character could change how a terminal or a reader sees the text around it: C0 and C1
/// controls (ANSI sequences begin with one), bidirectional controls, zero-width and other invisible
/// format characters, line and paragraph separators.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every unprintable character replaced by U+FFFD, and white space of any kind by a
/// plain blank. One line in, one line out.
pub fn printable(text: &str) -> Cow<'_, str> {
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

/// [`printable`], cut to at most `max` characters with an ellipsis in the place of what is missing.
pub fn one_line(text: &str, max: usize) -> String {
    // Only what can be shown is looked at, however long the text is.
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

/// [`printable`] with every character that Markdown or HTML could interpret escaped by a backslash,
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
    fn nothing_that_moves_a_cursor_survives() {
        let hostile = "a\u{1b}[31mred\u{9b}2J\r\n\u{202e}evil\u{200b}\t\u{2066}x";
        let safe = printable(hostile);
        assert!(!safe.chars().any(is_unprintable), "{safe:?}");
        assert_eq!(safe, "a\u{fffd}[31mred\u{fffd}2J  \u{fffd}evil\u{fffd} \u{fffd}x");
    }

    #[test]
    fn long_text_is_cut_on_a_character() {
        assert_eq!(one_line("ääää", 4), "ääää");
        assert_eq!(one_line("äääää", 4), "äää…");
        assert_eq!(one_line(&"x".repeat(1 << 20), 10).chars().count(), 10);
    }

    #[test]
    fn markdown_is_text() {
        assert_eq!(markdown("[x](1) *b* <i>"), "\\[x\\]\\(1\\) \\*b\\* \\<i\\>");
    }
}
