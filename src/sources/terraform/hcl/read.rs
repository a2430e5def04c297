//! Reading a file in either syntax.

use super::syntax::Block;
use super::{json, parse, scan};

/// The largest file that the crate `hcl-edit` reads.
pub(super) const MAX_PARSED: usize = 256 * 1024;
/// The largest object that the crate reads: it takes quadratic time for the keys.
const MAX_KEYS: usize = 2_000;

/// Reads a file. Never fails: what is not valid is skipped. Returns also whether it was valid.
pub fn read(text: &str, is_json: bool) -> (Block, bool) {
    if is_json {
        return json::read(text);
    }
    match parsed(text) {
        Some(block) => (block, true),
        None => (scan::scan(text), false),
    }
}

/// What an expression refers to, as plans name it: `aws_subnet.this[0].id`. `None` if the crate rejects the
/// text, or if it could take too long.
pub fn names(text: &str) -> Option<Vec<String>> {
    let is_small = text.len() <= MAX_PARSED && !has_large_object(text);
    is_small.then(|| parse::names(text)).flatten()
}

/// What the crate reads, unless that could take too long.
pub(super) fn parsed(text: &str) -> Option<Block> {
    let is_small = text.len() <= MAX_PARSED && !has_large_object(text);
    is_small.then(|| parse::parse(text)).flatten()
}

/// Whether there can be an object of more than [`MAX_KEYS`] keys. Strings and comments count as well.
fn has_large_object(text: &str) -> bool {
    let mut counts = vec![0_usize];
    for byte in text.bytes() {
        match byte {
            b'{' => counts.push(0),
            b'}' if counts.len() > 1 => {
                counts.pop();
            }
            b'=' | b':' => {
                if let Some(count) = counts.last_mut() {
                    *count += 1;
                    if *count > MAX_KEYS {
                        return true;
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// Each of these took a minute, or would with quadratic time.
    #[test]
    fn hostile_text_takes_linear_time() {
        let keys = |count: usize| (0..count).map(|key| format!("k{key}=1\n")).collect::<String>();
        for text in [
            format!("a = {{\n{}}}\n", keys(25_000)),
            format!("a {{\n{}}}\n", keys(25_000)),
            format!("a = {}\n", "a[\"".repeat(60_000)),
            format!("a = {}\n", "(".repeat(200_000)),
            format!("a = {}\n", "\"${".repeat(80_000)),
            "dynamic \"x\" {\n".repeat(15_000),
            "a = <<E\n".repeat(30_000),
            "{\"a\":".repeat(50_000),
        ] {
            let start = Instant::now();
            for is_json in [false, true] {
                read(&text, is_json);
            }
            let shown: String = text.chars().take(20).collect();
            assert!(start.elapsed() < Duration::from_secs(20), "{shown}: {:?}", start.elapsed());
        }
    }
}
