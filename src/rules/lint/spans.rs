//! Locates values in JSON that was parsed before.

use std::ops::Range;

/// A step into a JSON value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// The byte range of the value at a path, or of its key if `key` is set and the last step is a key.
pub(crate) fn locate(text: &str, path: &[Step<'_>], key: bool) -> Option<Range<usize>> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    for (number, step) in path.iter().enumerate() {
        let last = number + 1 == path.len();
        match step {
            Step::Key(name) => {
                scan.expect(b'{')?;
                loop {
                    let start = scan.whitespace();
                    let found = text.get(start..scan.string()?)?;
                    scan.expect(b':')?;
                    if serde_json::from_str::<String>(found).ok()? == *name {
                        if last && key {
                            return Some(start..start + found.len());
                        }
                        break;
                    }
                    scan.value()?;
                    scan.expect(b',')?;
                }
            }
            Step::Item(index) => {
                scan.expect(b'[')?;
                for _ in 0..*index {
                    scan.value()?;
                    scan.expect(b',')?;
                }
            }
        }
    }
    let start = scan.whitespace();
    Some(start..scan.value()?)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips whitespace and returns its end.
    fn whitespace(&mut self) -> usize {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.at
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.whitespace();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Skips a string and returns its end.
    fn string(&mut self) -> Option<usize> {
        self.expect(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(self.at)
    }

    /// Skips a value and returns its end.
    fn value(&mut self) -> Option<usize> {
        let mut depth = 0_usize;
        loop {
            self.whitespace();
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b',' | b':' => return None,
                _ => {
                    while self
                        .peek()
                        .is_some_and(|b| !b.is_ascii_whitespace() && !b",:{}[]\"".contains(&b))
                    {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_keys_are_located_after_any_other_values() {
        let text =
            r#" [ 1, {"a\"]": [ {}, "}", -1.5e3 ], "b" : {"c": null , "ü": [true]}}, [[]] ]"#;
        let found =
            |path: &[Step<'_>], key| locate(text, path, key).and_then(|range| text.get(range));
        use Step::{Item, Key};
        assert_eq!(found(&[Item(0)], false), Some("1"));
        assert_eq!(found(&[Item(1), Key("a\"]"), Item(2)], false), Some("-1.5e3"));
        assert_eq!(found(&[Item(1), Key("b"), Key("c")], true), Some("\"c\""));
        assert_eq!(found(&[Item(1), Key("b"), Key("ü"), Item(0)], false), Some("true"));
        assert_eq!(found(&[Item(2)], false), Some("[[]]"));
        for absent in [
            &[Item(3)][..],
            &[Item(1), Key("x")],
            &[Key("a")],
            &[Item(0), Item(0)],
            &[Item(2), Item(0), Item(0)],
        ] {
            assert_eq!(found(absent, false), None, "{absent:?}");
        }
        assert_eq!(locate("", &[], false), None);
        assert_eq!(locate("\"a\\", &[], false), None);
    }
}
