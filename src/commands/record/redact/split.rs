//! Splits texts at separators, but not within policy variables: `${aws:username}`.

/// The pieces of a text, each with the separator behind it, if there is one.
pub(super) fn pieces<'a>(text: &'a str, separators: &[char]) -> Vec<(&'a str, &'a str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, separator, after)) = first(rest, separators) {
        pieces.push((before, separator));
        rest = after;
    }
    pieces.push((rest, ""));
    pieces
}

/// The parts of a text between separators; the last of at most `most` parts contains the rest.
pub(super) fn parts(text: &str, separator: char, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() + 1 < most
        && let Some((before, _, after)) = first(rest, &[separator])
    {
        parts.push(before);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// What is before, at and behind the first separator that is not in a variable.
fn first<'a>(text: &'a str, separators: &[char]) -> Option<(&'a str, &'a str, &'a str)> {
    let mut at = 0;
    for (piece, is_variable) in variables(text) {
        let found = if is_variable { None } else { piece.find(separators) };
        if let Some(found) = found {
            let (before, rest) = text.split_at_checked(at + found)?;
            let width = rest.chars().next()?.len_utf8();
            let (separator, after) = rest.split_at_checked(width)?;
            return Some((before, separator, after));
        }
        at += piece.len();
    }
    None
}

/// The pieces of a text, and whether each is a policy variable.
pub(super) fn variables(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${")
        && let Some(end) = rest.get(start..).and_then(|variable| variable.find('}'))
        && let (Some(before), Some(variable), Some(after)) =
            (rest.get(..start), rest.get(start..=start + end), rest.get(start + end + 1..))
    {
        if !before.is_empty() {
            pieces.push((before, false));
        }
        pieces.push((variable, true));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push((rest, false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_within_variables_do_not_split() {
        assert_eq!(
            pieces("a/${aws:PrincipalTag/x}b:c", &['/', ':']),
            [("a", "/"), ("${aws:PrincipalTag/x}b", ":"), ("c", "")]
        );
        assert_eq!(pieces("", &['/']), [("", "")]);
        assert_eq!(pieces("ä/é", &['/']), [("ä", "/"), ("é", "")]);
        assert_eq!(pieces("${a/b", &['/']), [("${a", "/"), ("b", "")]);
        assert_eq!(parts("a:${b:c}:d:e", ':', 3), ["a", "${b:c}", "d:e"]);
        assert_eq!(
            variables("x${a}${b}y"),
            [("x", false), ("${a}", true), ("${b}", true), ("y", false)]
        );
        assert_eq!(variables("}${"), [("}${", false)]);
    }
}
