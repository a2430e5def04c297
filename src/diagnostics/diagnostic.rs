//! An error in a text file written by a user, rendered with its source line and a caret. Rule files
//! and `rolecall.toml` share this format.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::codes::Code;
use crate::model::text;

/// One error: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file path as given by the user, or as the pack names it.
    pub file: String,
    /// The complete text of the file.
    pub source: Arc<str>,
    /// The byte range of the error; an empty range is a position between two characters.
    pub span: Range<usize>,
    /// What is wrong, in one sentence without a period.
    pub message: String,
    /// A short label next to the caret.
    pub label: Option<String>,
    /// How to fix it.
    pub help: Option<String>,
    /// The lint code that `rolecall explain` documents, if any.
    pub code: Option<Code>,
}

impl Diagnostic {
    /// Creates a diagnostic for a byte range of a file.
    pub fn new(
        file: &str,
        source: &Arc<str>,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            source: source.clone(),
            span,
            message: message.into(),
            label: None,
            help: None,
            code: None,
        }
    }

    /// Sets the label next to the caret.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// Sets the help text.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Sets the lint code.
    pub fn code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// 1-based line and column (in characters) of the start of the span.
    pub fn position(&self) -> (usize, usize) {
        self.line_and_column(self.span.start)
    }

    /// 1-based line and column (in characters) just past the end of the span.
    pub fn end_position(&self) -> (usize, usize) {
        self.line_and_column(self.span.end.max(self.span.start))
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.source[..self.source.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// Renders the diagnostic for the terminal: message, `file:line:column`, the source line with a
    /// caret, and the help text.
    pub fn render(&self, color: bool) -> String {
        // Unprintable characters are replaced without changing the number of bytes, so that the
        // span still matches.
        let source: String = self.source.chars().flat_map(printable_bytes).collect();
        let start = source.floor_char_boundary(self.span.start);
        let end = source.floor_char_boundary(self.span.end.max(start));
        let file = text::one_line(&self.file, 300);
        let message = text::one_line(&self.message, 600);
        let label = self.label.as_deref().map(|label| text::one_line(label, 300));
        let annotation = AnnotationKind::Primary.span(start..end).label(label);
        let mut title = Level::ERROR.primary_title(message.as_str());
        if let Some(code) = self.code {
            title = title.id(code.id());
        }
        let mut group = title.element(
            Snippet::source(source.as_str())
                .line_start(1)
                .path(file.as_str())
                .annotation(annotation),
        );
        let help = self.help.as_deref().map(|help| text::one_line(help, 600));
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position();
        write!(
            f,
            "{}:{line}:{column}: {}",
            text::one_line(&self.file, 300),
            text::one_line(&self.message, 600)
        )
    }
}

/// The character itself, or one `?` per byte if it is unprintable; a carriage return becomes a
/// space.
fn printable_bytes(c: char) -> impl Iterator<Item = char> {
    let shown = c == '\n' || c == '\t' || !text::is_unprintable(c);
    let (c, times) = match c {
        '\r' => (' ', 1),
        c if shown => (c, 1),
        c => ('?', c.len_utf8()),
    };
    std::iter::repeat_n(c, times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_points_at_the_span() {
        let source: Arc<str> = "a = 1\nbätä = \u{1b}[31m2\n".into();
        let at = source.find('2').unwrap();
        let shown = Diagnostic::new("x.toml", &source, at..at + 1, "no twos")
            .label("this one")
            .help("use 3")
            .render(false);
        assert!(shown.contains("x.toml:2:13"), "{shown}");
        assert!(shown.contains("bätä = ?[31m2"), "{shown}");
        assert!(shown.contains("this one") && shown.contains("use 3"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn rendering_never_panics() {
        let source: Arc<str> = "ä\n".into();
        for start in 0..6 {
            for end in 0..6 {
                let diagnostic = Diagnostic::new("x", &source, start..end, "m");
                diagnostic.render(true);
                diagnostic.position();
            }
        }
        Diagnostic::new("x", &"".into(), 0..0, "m").render(false);
    }
}
