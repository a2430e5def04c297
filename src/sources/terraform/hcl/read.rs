//! Reading a file in either syntax.

use super::syntax::Block;
use super::{json, parse, scan};

/// The largest file that the crate reads: some of its checks take quadratic time.
pub(super) const MAX_PARSED: usize = 256 * 1024;

/// Reads a file, whose syntax depends on its name.
pub fn read(text: &str, is_json: bool) -> (Block, bool) {
    if is_json { json::read(text) } else { hcl(text) }
}

/// Reads a file of HCL. Never fails: what is not valid is skipped. Returns also whether it was valid.
fn hcl(text: &str) -> (Block, bool) {
    let parsed = (text.len() <= MAX_PARSED).then(|| parse::parse(text)).flatten();
    match parsed {
        Some(block) => (block, true),
        None => (scan::scan(text), false),
    }
}
