//! Regular expressions, with limits: matching takes linear time, and compiled patterns are small.

use regex::{Regex, RegexBuilder};

/// Longer patterns are refused.
pub const MAX_PATTERN: usize = 1_000;
/// The size limit of a compiled pattern, in bytes.
const MAX_COMPILED: usize = 1 << 18;

/// Compiles a regular expression; the error says what is wrong with it.
pub fn compile_regex(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(32)
        .build();
    // The last line of the regex error says what is wrong; the lines above it show where.
    built.map_err(|error| {
        error
            .to_string()
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned()
    })
}
