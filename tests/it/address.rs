//! The project has one public address, `repository` in `Cargo.toml`. CONTRIBUTING.md has the
//! command that replaces the placeholder with the real owner; anything that it misses fails here.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The owner in the address in the source repository.
const PLACEHOLDER: &str = "OWNER";

/// Every file of the repository, except build output.
pub(crate) fn files_of_repository() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_project_address_has_the_owner_of_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table =
        fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let owner = manifest["package"]["repository"]
        .as_str()
        .and_then(|address| address.strip_prefix("https://github.com/"))
        .and_then(|rest| rest.strip_suffix("/rolecall"))
        .expect("`repository` is https://github.com/<owner>/rolecall");

    let address = Regex::new(
        r"(?:github\.com[/:]|githubusercontent\.com/|ghcr\.io/)([\w.-]+)/rolecall\b|\b([\w-]+)\.github\.io/rolecall\b",
    )
    .unwrap();
    let placeholder =
        Regex::new(&format!(r"@{PLACEHOLDER}\b|\b{PLACEHOLDER}/(?:rolecall|tap)\b")).unwrap();
    let mut wrong = Vec::new();
    let mut found = 0;
    for file in files_of_repository() {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let name = file.strip_prefix(root).unwrap().display();
        for (number, line) in text.lines().enumerate() {
            if !line.contains(PLACEHOLDER) && !line.contains("/rolecall") {
                continue;
            }
            for captures in address.captures_iter(line) {
                found += 1;
                if captures.iter().skip(1).flatten().any(|other| other.as_str() != owner) {
                    wrong.push(format!("{name}:{}: {}", number + 1, &captures[0]));
                }
            }
            if owner != PLACEHOLDER && placeholder.is_match(line) {
                wrong.push(format!("{name}:{}: still has the placeholder", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "the project's owner is `{owner}`:\n{}", wrong.join("\n"));
    assert!(found >= 5, "only {found} addresses: does the pattern still match them?");
}
