//! A fault in a text file that a person wrote, shown with its line and a caret. Rule files and
//! `rolecall.toml` use the same form.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::codes::Code;
use crate::model::text;

/// One fault: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as the user named it, or as the pack names it.
    pub file: String,
    /// Its whole text.
    pub source: Arc<str>,
    /// The bytes at fault; an empty range points at a place between two characters.
    pub span: Range<usize>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// A few words beside the caret.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The mistake's entry in the table that `rolecall explain` prints; `None` for faults that have
    /// none.
    pub code: Option<Code>,
}

impl Diagnostic {
    /// A fault at some bytes of a file.
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

    /// With words beside the caret.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// With advice.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// With its entry in the table of mistakes.
    pub fn code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// 1-based line and column (in characters) of the first byte at fault.
    pub fn position(&self) -> (usize, usize) {
        self.line_and_column(self.span.start)
    }

    /// 1-based line and column (in characters) behind the last byte at fault.
    pub fn end_position(&self) -> (usize, usize) {
        self.line_and_column(self.span.end.max(self.span.start))
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.source[..self.source.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The fault for a person: title, `file:line:column`, the source line with a caret, help.
    pub fn render(&self, color: bool) -> String {
        // Unprintable characters become one that takes their place byte for byte, so that the caret
        // stays where it belongs.
        let source: String = self.source.chars().flat_map(visible).collect();
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

/// The character itself, or as many `?` as it has bytes; a carriage return, which ends lines
/// elsewhere, is a space.
fn visible(c: char) -> impl Iterator<Item = char> {
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
    fn the_caret_points_at_the_fault() {
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
    fn no_span_can_make_it_panic() {
        let source: Arc<str> = "ä\n".into();
        for start in 0..6 {
            for end in 0..6 {
                let fault = Diagnostic::new("x", &source, start..end, "m");
                fault.render(true);
                fault.position();
            }
        }
        Diagnostic::new("x", &"".into(), 0..0, "m").render(false);
    }
}
