//! Converts positions in a rule's source between the engine's line and column and byte offsets.

use std::ops::Range;
use std::sync::Arc;

use rhai::Position;

use crate::diagnostics::Diagnostic;

/// A source file and the name shown to users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path given by the user, or `built-in/…`.
    pub name: String,
    /// The complete text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A diagnostic for the word at `position`.
    pub fn error_at(&self, position: Position, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&self.name, &self.text, self.word_at(position), message)
    }

    /// The byte offset of a position; 0 for no position.
    pub(crate) fn offset(&self, position: Position) -> usize {
        self.word_at(position).start
    }

    /// The position of a byte offset.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let number = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Position::new(
            number(before.matches('\n').count() + 1),
            number(before[line_start..].chars().count() + 1),
        )
    }

    /// The word, string literal, operator or character at a position; an empty range at the end of
    /// the file.
    fn word_at(&self, position: Position) -> Range<usize> {
        let Some(line) = position.line() else { return 0..0 };
        let line_start =
            self.text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
        let rest = self.text.get(line_start..).unwrap_or("");
        let column = position.position().unwrap_or(1).saturating_sub(1);
        let start =
            line_start + rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset);
        let tail = self.text.get(start..).unwrap_or("");
        let length = match tail.chars().next() {
            Some(quote @ ('"' | '`')) => tail[1..].find([quote, '\n']).map_or(1, |end| end + 2),
            Some(c) if c.is_alphanumeric() || c == '_' => {
                tail.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tail.len())
            }
            Some('=' | '!' | '<' | '>' | '&' | '|') => {
                tail.find(|c| !"=!<>&|".contains(c)).unwrap_or(tail.len())
            }
            Some(c) => c.len_utf8(),
            None => 0,
        };
        start..start + length
    }
}
