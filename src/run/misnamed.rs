//! Notes about files in rule folders that are not read.

use std::io::Write;
use std::path::PathBuf;

use crate::rules;

/// Prints a note on stderr for each file that looks like a rule, a test case file or a framework, and
/// is not read because of its name.
pub fn print(folders: &[PathBuf], quiet: bool) {
    if quiet {
        return;
    }
    for note in rules::misnamed(folders) {
        writeln!(crate::output::stderr(), "note: {note}").ok();
    }
}
