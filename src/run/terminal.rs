//! Properties of stdout and stderr: color support and width.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::cli::Color;
use crate::output::logs_as_json;

/// Whether to color stdout.
pub fn stdout_color(when: Color) -> bool {
    color(when, &std::io::stdout())
}

/// Whether to color stderr.
pub fn stderr_color(when: Color) -> bool {
    !logs_as_json() && color(when, &std::io::stderr())
}

/// Width of stdout in columns, or a default for files.
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
