//! `rolecall -V` and `rolecall --version`, through the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use sha2::{Digest, Sha256};

use crate::program::{root, run};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Path below `rules/` → hash.
fn hashes(dir: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hashes(&path, found);
        } else {
            let inner = path.strip_prefix(root().join("rules")).unwrap();
            let inner = inner.to_str().unwrap().replace('\\', "/");
            found.insert(inner, sha256(&fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn the_short_version_is_one_line() {
    let ran = run(&["-V"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, concat!("rolecall ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_long_version_identifies_the_build_and_its_rules() {
    // As `sha256sum` prints it: see docs/running.md.
    let mut files = BTreeMap::new();
    hashes(&root().join("rules"), &mut files);
    let list: String = files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect();

    let ran = run(&["--version"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut features = Vec::new();
    for (is_on, name) in [
        (cfg!(feature = "aws"), "aws"),
        (cfg!(feature = "http"), "http"),
        (cfg!(feature = "lambda"), "lambda"),
        (cfg!(feature = "parquet"), "parquet"),
        (cfg!(feature = "remediate"), "remediate"),
    ] {
        features.extend(is_on.then_some(name));
    }
    let pattern = format!(
        "^rolecall {version}\n\
         commit:    ([0-9a-f]{{40}}|unknown)\n\
         built:     (\\d{{4}}-\\d\\d-\\d\\d|unknown)\n\
         target:    \\w+-\\w+-[\\w-]+\n\
         features:  {features}\n\
         rules:     sha256 {rules}\n$",
        version = regex::escape(env!("CARGO_PKG_VERSION")),
        features = if features.is_empty() { "none".to_owned() } else { features.join(", ") },
        rules = sha256(list.as_bytes()),
    );
    assert!(Regex::new(&pattern).unwrap().is_match(&ran.stdout), "{}\n{pattern}", ran.stdout);
}
