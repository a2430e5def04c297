//! Grammar of messages: lists in sentences, and plurals.

/// The words as a list in a sentence: `a, b and c`. `conjunction` is `and` or `or`.
pub fn series(words: impl IntoIterator<Item = impl Into<String>>, conjunction: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} {conjunction} {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// The same, with each word in backticks.
pub fn code_series(
    words: impl IntoIterator<Item = impl std::fmt::Display>,
    conjunction: &str,
) -> String {
    series(words.into_iter().map(|word| format!("`{word}`")), conjunction)
}

/// A number with its noun: `1 rule`, `2 rules`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_as_in_a_sentence() {
        assert_eq!(series([""; 0], "and"), "");
        assert_eq!(series(["a"], "and"), "a");
        assert_eq!(series(["a", "b"], "or"), "a or b");
        assert_eq!(code_series(["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }

    #[test]
    fn nouns_are_in_the_plural_unless_there_is_one() {
        assert_eq!(counted(0, "error"), "0 errors");
        assert_eq!(counted(1, "error"), "1 error");
        assert_eq!(counted(2, "test case"), "2 test cases");
    }
}
