//! Regular expressions as glob patterns, where they say the same.
//!
//! Prowler searches, so `logs` also matches `ci-logs-1`: it becomes `*logs*`. Expressions that no
//! glob can express are refused, because anything close would waive more, or less, than was muted.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Dot, Hir, HirKind, Look};

/// The maximum number of alternatives of an expression, and of the characters of each.
const MAX_ALTERNATIVES: usize = 64;
const MAX_LENGTH: usize = 512;

/// A part of an alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// A set of characters, as a glob.
    Set(String),
    One,
    Any,
    Start,
    End,
}

/// The glob patterns of an expression that may match anywhere in a text.
pub(super) fn searched(expression: &str) -> Option<Vec<String>> {
    alternatives(expression)?.into_iter().map(|pieces| glob(&pieces, true)).collect()
}

/// The glob pattern of an expression for an entire tag.
pub(super) fn entire(expression: &str) -> Option<String> {
    let globs: Option<Vec<String>> =
        alternatives(expression)?.into_iter().map(|pieces| glob(&pieces, false)).collect();
    match globs?.as_slice() {
        [one] => Some(one.clone()),
        several => {
            let escaped: Vec<String> =
                several.iter().map(|glob| glob.replace(',', "[,]")).collect();
            Some(format!("{{{}}}", escaped.join(",")))
        }
    }
}

/// The expression as Prowler reads it: a leading `*` matches anything.
pub(super) fn as_regex(expression: &str) -> String {
    match expression.strip_prefix('*') {
        Some(rest) => format!(".*{rest}"),
        None => expression.to_owned(),
    }
}

fn alternatives(expression: &str) -> Option<Vec<Vec<Piece>>> {
    if expression.len() > MAX_LENGTH {
        return None;
    }
    expand(&regex_syntax::parse(&as_regex(expression)).ok()?)
}

fn expand(hir: &Hir) -> Option<Vec<Vec<Piece>>> {
    let one = |piece| Some(vec![vec![piece]]);
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(vec![text.chars().map(Piece::Char).collect()])
        }
        HirKind::Class(_) if is_dot(hir) => one(Piece::One),
        HirKind::Class(Class::Unicode(class)) => one(Piece::Set(set(class)?)),
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Look(Look::Start) => one(Piece::Start),
        HirKind::Look(Look::End) => one(Piece::End),
        HirKind::Look(_) => None,
        HirKind::Capture(capture) => expand(&capture.sub),
        HirKind::Repetition(repetition) => {
            let inner = expand(&repetition.sub)?;
            let least = usize::try_from(repetition.min).ok().filter(|min| *min <= MAX_LENGTH)?;
            let mut found = vec![Vec::new()];
            for _ in 0..least {
                found = product(&found, &inner)?;
            }
            match repetition.max {
                None if is_dot(&repetition.sub) => product(&found, &[vec![Piece::Any]]),
                None => None,
                Some(max) => {
                    let mut all = found.clone();
                    for _ in repetition.min..max {
                        found = product(&found, &inner)?;
                        all.extend(found.iter().cloned());
                        if all.len() > MAX_ALTERNATIVES {
                            return None;
                        }
                    }
                    Some(all)
                }
            }
        }
        HirKind::Concat(parts) => {
            let mut found = vec![Vec::new()];
            for part in parts {
                found = product(&found, &expand(part)?)?;
            }
            Some(found)
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(expand(part)?);
                if all.len() > MAX_ALTERNATIVES {
                    return None;
                }
            }
            Some(all)
        }
    }
}

fn is_dot(hir: &Hir) -> bool {
    [Dot::AnyChar, Dot::AnyCharExceptLF].iter().any(|dot| *hir == Hir::dot(*dot))
}

fn product(first: &[Vec<Piece>], second: &[Vec<Piece>]) -> Option<Vec<Vec<Piece>>> {
    if first.len() * second.len() > MAX_ALTERNATIVES {
        return None;
    }
    let joined = first.iter().flat_map(|a| second.iter().map(|b| [&a[..], &b[..]].concat()));
    let joined: Vec<Vec<Piece>> = joined.collect();
    joined.iter().all(|pieces| pieces.len() <= MAX_LENGTH).then_some(joined)
}

/// A set of ASCII characters: ids, regions and most names have no others.
fn set(class: &ClassUnicode) -> Option<String> {
    let mut class = class.clone();
    class.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\u{20}', '\u{7e}')]));
    let ranges = class.ranges();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '@');
    let plain = |range: &ClassUnicodeRange| is_plain(range.start()) && is_plain(range.end());
    if ranges.is_empty() || ranges.len() > 16 || !ranges.iter().all(plain) {
        return None;
    }
    let texts = ranges.iter().map(|range| match (range.start(), range.end()) {
        (start, end) if start == end => start.to_string(),
        (start, end) => format!("{start}-{end}"),
    });
    Some(format!("[{}]", texts.collect::<String>()))
}

/// Joins the pieces. If the text is `searched`, anything may come before and after it, unless the
/// expression says otherwise; an ARN starts where it starts.
fn glob(pieces: &[Piece], searched: bool) -> Option<String> {
    let starts = pieces.first() == Some(&Piece::Start);
    let ends = pieces.len() > 1 && pieces.last() == Some(&Piece::End);
    let inner = pieces.get(usize::from(starts)..pieces.len() - usize::from(ends))?;
    let mut text = String::new();
    for piece in inner {
        match piece {
            Piece::Char(c @ ('*' | '?' | '[' | ']' | '{' | '}')) => {
                text.push_str(&format!("[{c}]"))
            }
            Piece::Char('\\') | Piece::Start | Piece::End => return None,
            Piece::Char(c) => text.push(*c),
            Piece::Set(set) => text.push_str(set),
            Piece::One => text.push('?'),
            Piece::Any if text.ends_with('*') => {}
            Piece::Any => text.push('*'),
        }
    }
    if searched && !starts && !text.starts_with('*') && !text.starts_with("arn:") {
        text.insert(0, '*');
    }
    if searched && !ends && !text.ends_with('*') {
        text.push('*');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Globs;

    #[test]
    fn expressions_become_globs_or_are_refused() {
        for (expression, globs) in [
            ("*", Some(&["*"][..])),
            ("", Some(&["*"])),
            (".*", Some(&["*"])),
            ("ci-logs", Some(&["*ci-logs*"])),
            ("^ci-logs$", Some(&["ci-logs"])),
            ("^ci-", Some(&["ci-*"])),
            (".+-logs", Some(&["*?*-logs*"])),
            ("*-logs$", Some(&["*-logs"])),
            ("a.c", Some(&["*a?c*"])),
            (r"a\.c", Some(&["*a.c*"])),
            ("^(dev|test)-x$", Some(&["dev-x", "test-x"])),
            ("^i-[0-9]$", Some(&["i-[0-9]"])),
            (r"^i-\d{2}$", Some(&["i-[0-9][0-9]"])),
            ("^logs?$", Some(&["log", "logs"])),
            (r"^a\*b$", Some(&["a[*]b"])),
            ("arn:aws:s3:::x", Some(&["arn:aws:s3:::x*"])),
            ("^i-[0-9]+$", None),
            ("(?:ab)*", None),
            ("[^a]x", None),
            (r"\bx", None),
            ("(?!x)", None),
            ("(", None),
            ("a^b", None),
            ("(aa|bb|cc|dd|ee){4}", None),
            (".{1000}", None),
        ] {
            let found = searched(expression);
            let expected =
                globs.map(|globs| globs.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>());
            assert_eq!(found, expected, "{expression}");
            found.into_iter().flatten().for_each(|glob| drop(Globs::new(&[glob]).unwrap()));
        }
        assert_eq!(entire("env=dev").as_deref(), Some("env=dev"));
        assert_eq!(entire("env=(dev|a,b)x").as_deref(), Some("{env=devx,env=a[,]bx}"));
        assert!(Globs::new(&["{env=devx,env=a[,]bx}"]).unwrap().matches("env=a,bx"));
    }

    /// A glob never matches what the expression does not.
    #[test]
    fn globs_match_what_the_expressions_match() {
        let texts =
            ["logs", "ci-logs", "ci-logs-1", "x.logs", "", "dev", "a*b", "axb", "i-1", "i-12"];
        for expression in
            ["logs", "^logs$", ".+logs", "^(ci|x).logs", r"a\*b", "a.b", "^i-[0-9]", "lo?gs$", "*"]
        {
            let regex = regex::Regex::new(&as_regex(expression)).unwrap();
            let globs = Globs::new(&searched(expression).unwrap()).unwrap();
            for text in texts {
                assert_eq!(globs.matches(text), regex.is_match(text), "{expression} on {text}");
            }
        }
    }
}
