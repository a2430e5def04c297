//! What the two streams are: whether they take colors, and how wide they are.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::cli::Color;

/// Whether stdout takes colors.
pub fn stdout_color(when: Color) -> bool {
    color(when, &std::io::stdout())
}

/// Whether stderr takes colors.
pub fn stderr_color(when: Color) -> bool {
    color(when, &std::io::stderr())
}

/// Columns of stdout, or a good width for a file.
pub fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(100, |(width, _)| usize::from(width.0))
}

fn color<S: RawStream>(when: Color, stream: &S) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        // A terminal that supports color, unless NO_COLOR, CLICOLOR, CLICOLOR_FORCE or TERM says
        // otherwise.
        Color::Auto => AutoStream::choice(stream) != ColorChoice::Never,
    }
}
