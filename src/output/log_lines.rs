//! Lines that a CI runner prints, and does not take for its commands.
//!
//! GitHub Actions and Azure Pipelines read commands from what a step prints: `::add-mask::x` at the
//! beginning of a line, `##[group]` and `##vso[task.complete]` anywhere. GitLab folds what is
//! between `section_start:` and `section_end:`. Names and tags of resources end up in such lines.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{MAIN_SEPARATOR, Path};
use std::sync::{PoisonError, RwLock};

/// The text with a backslash in everything that a runner takes for a command. It consists of whole
/// lines.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    if !["::", "##", "section_"].iter().any(|start| text.contains(start)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        let at = beginning(line);
        let (head, rest) = line.split_at(at);
        out.push_str(head);
        if rest.starts_with("::") {
            out.push('\\');
        }
        escape_commands(rest, "\\[", "\\:", &mut out);
    }
    Cow::Owned(out)
}

/// Where the visible text of a line begins, after whitespace and colors.
fn beginning(line: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let trimmed = rest.trim_start();
        let color = trimmed.strip_prefix("\u{1b}[").and_then(|rest| rest.find('m'));
        at += rest.len() - trimmed.len();
        match color {
            Some(length) => at += "\u{1b}[".len() + length + 1,
            None => break,
        }
    }
    at
}

/// Appends the text with replacements for the bracket of `##name[`, and the colon of `section_start:`
/// and `section_end:`.
pub(super) fn escape_commands(mut rest: &str, bracket: &str, colon: &str, out: &mut String) {
    while let Some(at) = next_command(rest) {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        out.push_str(if tail.starts_with('[') { bracket } else { colon });
        // Both are ASCII.
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Where the bracket or the colon is.
fn next_command(text: &str) -> Option<usize> {
    let bracket = text.match_indices('[').map(|(at, _)| at).find(|at| {
        let name = |c: char| c.is_ascii_alphabetic();
        text[..*at].trim_end_matches(name).ends_with("##")
    });
    let colon = ["section_start", "section_end"].iter().filter_map(|section| {
        let found = text.match_indices(section).map(|(at, _)| at + section.len());
        found.filter(|end| text[*end..].starts_with(':')).min()
    });
    colon.chain(bracket).min()
}

/// Folders that messages name differently.
static SHOWN_AS: RwLock<Vec<(String, String)>> = RwLock::new(Vec::new());

/// From now on, messages name what is in `folder` as if it began with `name`.
pub fn show_folder_as(folder: &Path, name: String) {
    SHOWN_AS.write().unwrap_or_else(PoisonError::into_inner).push((prefix(folder), name));
}

/// Ends [`show_folder_as`].
pub fn forget_folder(folder: &Path) {
    let prefix = prefix(folder);
    let mut shown = SHOWN_AS.write().unwrap_or_else(PoisonError::into_inner);
    shown.retain(|(folder, _)| *folder != prefix);
}

fn prefix(folder: &Path) -> String {
    format!("{}{MAIN_SEPARATOR}", folder.display())
}

/// The text with the names that messages use for folders; see [`show_folder_as`].
pub fn with_shown_names(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for (folder, name) in SHOWN_AS.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if text.contains(folder.as_str()) {
            text = Cow::Owned(text.replace(folder.as_str(), name.as_str()));
        }
    }
    text
}

/// A writer that replaces the names of folders; see [`show_folder_as`]. A name is not divided, because
/// whole lines are written, if there is anything to replace.
#[derive(Debug)]
pub struct ShownNames<W: Write> {
    to: W,
    line: Vec<u8>,
}

impl<W: Write> ShownNames<W> {
    /// Text written to `to`.
    pub fn new(to: W) -> Self {
        Self { to, line: Vec::new() }
    }

    fn write_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match std::str::from_utf8(&line) {
            Ok(text) => self.to.write_all(with_shown_names(text).as_bytes()),
            Err(_) => self.to.write_all(&line),
        }
    }
}

impl<W: Write> Write for ShownNames<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let has_names = !SHOWN_AS.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        if !has_names && self.line.is_empty() {
            return self.to.write(bytes);
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.write_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_line()?;
        self.to.flush()
    }
}

impl<W: Write> Drop for ShownNames<W> {
    fn drop(&mut self) {
        self.write_line().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::LogLines;
    use super::*;

    #[test]
    fn commands_of_runners_are_escaped() {
        for (text, escaped) in [
            ("::add-mask::critical", "\\::add-mask::critical"),
            ("  ::error file=x::y\n::stop\n", "  \\::error file=x::y\n\\::stop\n"),
            ("\u{1b}[1m ::debug::x\u{1b}[0m", "\u{1b}[1m \\::debug::x\u{1b}[0m"),
            ("arn:aws:s3:::bucket ::x", "arn:aws:s3:::bucket ::x"),
            ("a ##[group]b", "a ##\\[group]b"),
            ("##vso[task.complete]##VSO[x]", "##vso\\[task.complete]##VSO\\[x]"),
            ("##teamcity[x] ###[y] ####[z]", "##teamcity\\[x] ###\\[y] ####\\[z]"),
            ("# [x] ## [x]", "# [x] ## [x]"),
            ("x section_start:1:a section_end:2:a", "x section_start\\:1:a section_end\\:2:a"),
            ("section_starts ##é[", "section_starts ##é["),
        ] {
            assert_eq!(without_commands(text), escaped, "{text}");
            // Nothing is left to escape.
            assert_eq!(without_commands(escaped), escaped, "{text}");
            let mut lines = Vec::new();
            let mut writer = LogLines::new(&mut lines);
            // In pieces, as `write!` does.
            text.bytes().for_each(|byte| writer.write_all(&[byte]).unwrap());
            drop(writer);
            assert_eq!(String::from_utf8(lines).unwrap(), escaped);
        }
    }
}
