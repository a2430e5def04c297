//! What the two streams are: whether they take colours, and how wide they are.

use std::io::IsTerminal;

use crate::cli::Colour;

/// Whether stdout takes colours.
pub fn stdout_colour(when: Colour) -> bool {
    colour(when, std::io::stdout().is_terminal())
}

/// Whether stderr takes colours.
pub fn stderr_colour(when: Colour) -> bool {
    colour(when, std::io::stderr().is_terminal())
}

/// Columns of stdout, or a good width for a file.
pub fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(100, |(width, _)| usize::from(width.0))
}

fn colour(when: Colour, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match when {
        Colour::Always => true,
        Colour::Never => false,
        // https://no-color.org
        Colour::Auto => {
            terminal
                && !set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}
