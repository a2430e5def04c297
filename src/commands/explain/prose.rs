//! Text for a terminal: headings, paragraphs and lists of Markdown, wrapped to a width.

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::model::text::{printable, wrap_options};

/// The output of text.
pub(crate) struct Page<'a> {
    pub(crate) out: &'a mut dyn Write,
    pub(crate) color: bool,
    /// The width in columns.
    pub(crate) width: usize,
}

impl Page<'_> {
    /// A highlighted line.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        let (style, text) = (Style::new().bold(), printable(text));
        if self.color {
            writeln!(self.out, "{style}{text}{style:#}")
        } else {
            writeln!(self.out, "{text}")
        }
    }

    /// Wraps text: the first line begins with `first`, the others with `rest`.
    pub(crate) fn wrapped(&mut self, text: &str, first: &str, rest: &str) -> io::Result<()> {
        let text = printable(text);
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return writeln!(self.out, "{first}");
        }
        let options = wrap_options(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false);
        textwrap::wrap(&words.join(" "), options)
            .iter()
            .try_for_each(|line| writeln!(self.out, "{line}"))
    }

    /// Writes Markdown: everything except headings, lists and code is treated as paragraphs.
    pub(crate) fn markdown(&mut self, text: &str) -> io::Result<()> {
        let mut open: Option<Block> = None;
        let mut in_code = false;
        for line in text.lines() {
            let body = line.trim_start();
            let indent = line.len() - body.len();
            if body.starts_with("```") {
                self.close(&mut open)?;
                in_code = !in_code;
            } else if in_code {
                writeln!(self.out, "{}", printable(&format!("    {line}")).trim_end())?;
            } else if body.is_empty() {
                self.close(&mut open)?;
                writeln!(self.out)?;
            } else if let Some(title) = body.strip_prefix('#') {
                self.close(&mut open)?;
                self.heading(title.trim_start_matches('#').trim())?;
            } else if body.starts_with('|') {
                self.close(&mut open)?;
                writeln!(self.out, "{}", printable(line))?;
            } else if let Some(mark) = mark(body) {
                self.close(&mut open)?;
                let first = " ".repeat(indent) + mark;
                open = Some(Block {
                    rest: " ".repeat(first.width()),
                    first,
                    words: body[mark.len()..].to_owned(),
                });
            } else {
                let block = open.get_or_insert_with(Block::default);
                block.words.push(' ');
                block.words.push_str(body);
            }
        }
        self.close(&mut open)
    }

    fn close(&mut self, open: &mut Option<Block>) -> io::Result<()> {
        open.take().map_or(Ok(()), |block| self.wrapped(&block.words, &block.first, &block.rest))
    }
}

/// A paragraph or a list item.
#[derive(Default)]
struct Block {
    first: String,
    rest: String,
    words: String,
}

/// The marker of a list item: `- `, `* ` or `1. `.
fn mark(line: &str) -> Option<&str> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = line.get(digits..)?;
    match digits {
        0 if after.starts_with("- ") || after.starts_with("* ") => line.get(..2),
        1..=3 if after.starts_with(". ") => line.get(..digits + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_blocks_are_kept_and_control_characters_replaced() {
        let written = |color: bool| {
            let mut out = Vec::new();
            let text = "One two three four\nfive.\n\n## Head\nText\n- item one is long\n  and goes on\n10. ten\n\n```sh\naws  s3   ls \u{1b}[2J\n```\n| a | b |\n";
            Page { out: &mut out, color, width: 14 }.markdown(text).unwrap();
            String::from_utf8(out).unwrap()
        };
        let expected = "One two three\nfour five.\n\nHead\nText\n- item one is\n  long and\n  goes on\n10. ten\n\n    aws  s3   ls \u{fffd}[2J\n| a | b |\n";
        assert_eq!(written(false), expected);
        assert!(written(true).contains("\u{1b}[1mHead\u{1b}[0m\n"));
    }
}
