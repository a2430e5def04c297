//! What the two streams are: whether they take colours, and how wide they are.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::cli::Colour;

/// Whether stdout takes colours.
pub fn stdout_colour(when: Colour) -> bool {
    colour(when, &std::io::stdout())
}

/// Whether stderr takes colours.
pub fn stderr_colour(when: Colour) -> bool {
    colour(when, &std::io::stderr())
}

/// Columns of stdout, or a good width for a file.
pub fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(100, |(width, _)| usize::from(width.0))
}

fn colour<S: RawStream>(when: Colour, stream: &S) -> bool {
    match when {
        Colour::Always => true,
        Colour::Never => false,
        // A terminal that supports color, unless NO_COLOR, CLICOLOR, CLICOLOR_FORCE or TERM says
        // otherwise.
        Colour::Auto => AutoStream::choice(stream) != ColorChoice::Never,
    }
}
