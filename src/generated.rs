//! Files of the repository that are generated from the code: pages of `docs/`, the JSON schema.
//! Without [`VARIABLE`] the tests named `…_is_current` fail where a file is stale; with it, as
//! `cargo xtask generate` runs them, they write the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const VARIABLE: &str = "ROLECALL_GENERATE";

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a file with what it must contain, or writes it.
#[track_caller]
pub(crate) fn check(path: &str, expected: &str) {
    let file = in_repository(path);
    if std::env::var_os(VARIABLE).is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(found == expected, "{path} is stale: run `cargo xtask generate`");
}

/// The same for a folder that has these files and no others.
#[track_caller]
pub(crate) fn check_folder(path: &str, expected: &BTreeMap<String, String>) {
    for (name, text) in expected {
        check(&format!("{path}/{name}"), text);
    }
    for entry in fs::read_dir(in_repository(path)).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if expected.contains_key(&name) {
            continue;
        }
        assert!(
            std::env::var_os(VARIABLE).is_some(),
            "{path}/{name} is stale: run `cargo xtask generate`"
        );
        fs::remove_file(entry.path()).unwrap();
    }
}
