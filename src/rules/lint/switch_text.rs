//! The literals before `=>` in the source of a `switch`. The engine keeps only hashes of them.

use std::sync::LazyLock;

use regex::Regex;

use super::work;

/// A literal that can start a case, and what follows it.
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literal = r#"(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)')|(?<bool>(?:true|false)\b)|(?<range>-?[0-9][0-9_]*\s*\.\.=?\s*-?[0-9][0-9_]*\b)|(?<number>-?[0-9][0-9_]*(?:\.[0-9]+)?\b)"#;
    Regex::new(&format!(r"^(?:{literal})\s*(?<end>=>|\||if\b)")).ok()
});

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LiteralKind {
    Text,
    Bool,
    Range,
    Number,
}

/// A literal of a case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal<'t> {
    pub(super) kind: LiteralKind,
    pub(super) text: &'t str,
    /// The byte offset in the file.
    pub(super) start: usize,
    /// Whether the case has a condition.
    pub(super) has_condition: bool,
}

/// The literals of the cases of the `switch` that starts at this byte of the file, without those of
/// nested or later ones.
pub(super) fn literals(text: &str, start: usize) -> Vec<Literal<'_>> {
    let (mut found, mut first_of_case) = (Vec::<Literal<'_>>::new(), 0);
    let mut scan = Scan { text, at: start };
    if scan.find_block().is_none() {
        return found;
    }
    // Brackets around the current place, inside the block; whether a case can start here.
    let (mut depth, mut case) = (0_usize, true);
    while let Some(c) = scan.peek() {
        work::step();
        if scan.skip_comment() || c.is_whitespace() && scan.skip(c) {
            continue;
        }
        if depth == 0 && case {
            let rest = text.get(scan.at..).unwrap_or_default();
            let captures = LITERAL.as_ref().and_then(|pattern| pattern.captures(rest));
            if let Some(captures) = captures {
                let kinds = [
                    ("text", LiteralKind::Text),
                    ("bool", LiteralKind::Bool),
                    ("range", LiteralKind::Range),
                    ("number", LiteralKind::Number),
                ];
                let literal = kinds
                    .into_iter()
                    .find_map(|(name, kind)| Some((kind, captures.name(name)?.as_str())));
                let Some((kind, literal)) = literal else { break };
                let end = captures.name("end");
                found.push(Literal { kind, text: literal, start: scan.at, has_condition: false });
                scan.at += end.map_or(literal.len(), |end| end.start());
                if end.is_some_and(|end| end.as_str() == "if") {
                    // The condition is of all alternatives: `1 | 2 if …`.
                    let all = found.get_mut(first_of_case..).into_iter().flatten();
                    all.for_each(|literal| literal.has_condition = true);
                }
                case = end.is_some_and(|end| end.as_str() == "|") && scan.skip('|');
                continue;
            }
            case = false;
        }
        match c {
            '"' | '\'' | '`' => scan.skip_string(c),
            '(' | '[' | '{' => {
                depth += 1;
                scan.skip(c);
            }
            ')' | ']' | '}' => {
                let Some(outer) = depth.checked_sub(1) else { break };
                depth = outer;
                scan.skip(c);
                // After a block, the comma can be omitted.
                if depth == 0 && c == '}' {
                    (case, first_of_case) = (true, found.len());
                }
            }
            ',' if depth == 0 => {
                (case, first_of_case) = (true, found.len());
                scan.skip(c);
            }
            _ => scan.skip_word(),
        }
    }
    found
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn skip(&mut self, c: char) -> bool {
        self.at += c.len_utf8();
        true
    }

    /// A word, so that no literal is found inside it; or one other character.
    fn skip_word(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += word.max(rest.chars().next().map_or(1, char::len_utf8));
    }

    fn skip_comment(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return true;
        }
        if !rest.starts_with("/*") {
            return false;
        }
        // Comments can be nested.
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(rest) = rest.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("/*") {
                depth += 1;
                at += 2;
            } else if rest.starts_with("*/") {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.at += at;
        true
    }

    /// A string, with the expressions in it.
    fn skip_string(&mut self, quote: char) {
        self.skip(quote);
        while let Some(c) = self.peek() {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.skip(c);
            match c {
                '\\' if quote != '`' => drop(self.peek().map(|next| self.skip(next))),
                _ if c == quote => return,
                '$' if quote == '`' && rest.starts_with("${") => self.skip_braces(),
                _ => {}
            }
        }
    }

    /// An expression in braces, from the opening one. Without recursion: what is nested is skipped
    /// by counting braces, and strings in it that contain braces end it early.
    fn skip_braces(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            self.skip(c);
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips the keyword and the value of a `switch`, and the brace after them.
    fn find_block(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        let mut last = ' ';
        loop {
            let c = self.peek()?;
            if self.skip_comment() {
                continue;
            }
            match c {
                '"' | '\'' | '`' => {
                    self.skip_string(c);
                    last = c;
                    continue;
                }
                '{' if depth == 0 && last != '#' => {
                    self.skip(c);
                    return Some(());
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.skip(c);
            last = c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let all = literals(text, 0);
        all.iter()
            .map(|literal| {
                assert!(text[literal.start..].starts_with(literal.text));
                format!("{}{}", literal.text, if literal.has_condition { " if" } else { "" })
            })
            .collect()
    }

    #[test]
    fn literals_of_a_switch_are_those_before_its_arrows() {
        for (text, expected) in [
            (r#"switch x { "a" => 1, "b" | "c" => 2, _ => 3 }"#, &["\"a\"", "\"b\"", "\"c\""][..]),
            ("switch x { 1 => 2, 3..=4 => 5, -6 => 7, true => 8 }", &["1", "3..=4", "-6", "true"]),
            ("switch x { 1 | 2 if y => 3, 4 => 5 if z }", &["1 if", "2 if", "4"]),
            // What is nested, and what comes later.
            (
                "switch x { 1 => switch y { 2 => 3, _ => 4 }, 5 => { f(6 | 7) } 8 => 9 }",
                &["1", "5", "8"],
            ),
            ("switch x { 1 => 2 } switch y { 3 => 4 }", &["1"]),
            (r#"switch f(#{ a: "{" })["}"] { 1 => "2 => 3", '}' => 4 }"#, &["1", "'}'"]),
            ("switch #{ a: 1 }.a { 1 => `{ ${x + `}`} 2 => `, 3 => 4 }", &["1"]),
            ("switch x { /* 1 => /* */ } */ 2 => 3, // 4 => }\n 5 => 6 }", &["2", "5"]),
            ("switch x { a2 => 1, x => |y| 3 }", &[]),
            (r#"switch x { "\"" => 1, "a\\" => 2, "b" => 3 }"#, &[r#""\"""#, r#""a\\""#, "\"b\""]),
            ("switch x", &[]),
            ("switch x { 1 => (", &["1"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
