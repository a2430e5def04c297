//! Reads many lines at once, which can then be parsed on several threads.

use std::io::{self, BufRead, Read};

/// Longer lines are rejected. The largest value in a fact is a bucket policy of 20 KB.
pub(super) const MAX_LINE: u64 = 16 << 20;
/// How many bytes are read at once: some milliseconds of parsing for each thread.
const SIZE: usize = 2 << 20;

/// Lines that were read.
#[derive(Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// The end of each line, with its line break.
    ends: Vec<usize>,
    /// How many lines were taken.
    taken: usize,
    /// Why reading ended after the last line.
    pub(super) failed: Option<io::Error>,
}

impl Block {
    /// Whether all lines were taken, and there can be more.
    pub(super) fn is_at_end(&self) -> bool {
        self.taken >= self.ends.len() && self.failed.is_none()
    }

    /// Reads lines: one, or `many`. None is much longer than [`MAX_LINE`].
    pub(super) fn read(&mut self, mut input: impl BufRead, many: bool) {
        self.bytes.clear();
        self.ends.clear();
        self.taken = 0;
        let size = if many { SIZE } else { 1 };
        while self.bytes.len() < size {
            let start = self.bytes.len();
            match input.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut self.bytes) {
                Ok(0) => break,
                Ok(_) => self.ends.push(self.bytes.len()),
                Err(error) => {
                    self.bytes.truncate(start);
                    self.failed = Some(error);
                    break;
                }
            }
        }
    }

    /// All lines.
    pub(super) fn lines(&self) -> Vec<&[u8]> {
        (0..self.ends.len()).map(|index| self.line(index)).collect()
    }

    /// The next line; empty if there is none.
    pub(super) fn next_line(&mut self) -> &[u8] {
        self.taken += 1;
        self.line(self.taken - 1)
    }

    /// What follows the line that was taken last.
    pub(super) fn rest(&self) -> &[u8] {
        let start = self.taken.checked_sub(1).and_then(|last| self.ends.get(last));
        start.and_then(|start| self.bytes.get(*start..)).unwrap_or_default()
    }

    fn line(&self, index: usize) -> &[u8] {
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let range = start.zip(self.ends.get(index));
        range.and_then(|(start, end)| self.bytes.get(start..*end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text, and what follows the line that was taken last.
    fn taken(text: &str, count: usize) -> (Vec<String>, String) {
        let (mut block, mut input) = (Block::default(), text.as_bytes());
        let mut lines = Vec::new();
        for number in 0..count {
            if block.is_at_end() {
                block.read(&mut input, number > 0);
            }
            lines.push(String::from_utf8(block.next_line().to_vec()).unwrap());
        }
        let mut rest = block.rest().to_vec();
        rest.extend(input);
        (lines, String::from_utf8(rest).unwrap())
    }

    #[test]
    fn lines_and_the_rest_are_those_of_the_text() {
        assert_eq!(
            taken("a\nb\n\nc", 3),
            (vec!["a\n".into(), "b\n".into(), "\n".into()], "c".into())
        );
        assert_eq!(taken("a\nb\nc", 4).0, ["a\n", "b\n", "c", ""]);
        assert_eq!(taken("a\nb", 1), (vec!["a\n".into()], "b".into()));
        assert_eq!(taken("", 1), (vec![String::new()], String::new()));
    }

    #[test]
    fn lines_before_an_error_are_returned_before_it() {
        struct Failing;
        impl io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("lost"))
            }
        }
        let mut input = io::BufReader::new("a\nb\npart".as_bytes().chain(Failing));
        let mut block = Block::default();
        block.read(&mut input, true);
        assert_eq!(block.lines(), [b"a\n", b"b\n"]);
        assert_eq!(block.next_line(), b"a\n");
        assert_eq!(block.next_line(), b"b\n");
        assert!(!block.is_at_end());
        assert!(block.next_line().is_empty());
        assert_eq!(block.failed.unwrap().to_string(), "lost");
    }
}
