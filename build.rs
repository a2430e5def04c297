//! What `rolecall --version` reports about the build: the commit, the date, the target, and the hash of
//! the built-in rules; and the text of those rules, which the program contains.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let commit = commit(&manifest_dir);
    let (hash, commit_time) = commit.as_deref().and_then(|text| text.split_once(' ')).unzip();
    // Never the current time: the same sources build the same binary.
    let time = env::var("SOURCE_DATE_EPOCH").ok().or(commit_time.map(str::to_owned));
    println!("cargo::rustc-env=ROLECALL_COMMIT={}", hash.unwrap_or("unknown"));
    // Formatted here, because loading the code for that would be most of the start of the program.
    let time = time.and_then(|time| Timestamp::from_second(time.parse().ok()?).ok());
    let date = time.map(|time| time.strftime("%Y-%m-%d").to_string());
    println!("cargo::rustc-env=ROLECALL_BUILD_DATE={}", date.as_deref().unwrap_or("unknown"));
    println!("cargo::rustc-env=ROLECALL_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rerun-if-changed=rules");
    if let Err(error) = embed_rules(&manifest_dir.join("rules")) {
        println!("cargo::error=cannot embed the folder `rules`: {error}");
    }
}

/// Prepares the files of a folder for the program, and their hash: that of the list that `sha256sum`
/// prints, sorted by path. The program does not calculate it, because `--version` would take most of
/// its time for that.
fn embed_rules(dir: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    add_files(dir, "", &mut files)?;
    files.sort();
    let hashes = files.iter().map(|(path, text)| format!("{}  {path}\n", sha256_hex(text)));
    let list: String = hashes.collect();
    println!("cargo::rustc-env=ROLECALL_RULES_SHA256={}", sha256_hex(list.as_bytes()));

    // Test cases come last, apart from the rules: only what lies near to rules gets into memory with them.
    files.sort_by_key(|(path, _)| path.ends_with(".cases.json"));
    let mut text = Vec::new();
    let mut table = String::from("[\n");
    for (path, content) in &files {
        let start = text.len();
        text.extend(content);
        table.push_str(&format!("    ({path:?}, {start}, {}),\n", text.len()));
    }
    table.push_str("]\n");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out_dir.join("rules.txt"), text)?;
    fs::write(out_dir.join("rules.rs"), table)
}

/// Adds the paths within a folder and the contents of its files; `prefix` is the path of the folder.
fn add_files(dir: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            add_files(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push((path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hash and time of the checked-out commit. `None` outside of a clone, for example in a source
/// archive, even if an unrelated repository contains the folder.
fn commit(dir: &Path) -> Option<String> {
    let root = PathBuf::from(git(dir, &["rev-parse", "--show-toplevel"])?);
    if root.canonicalize().ok()? != dir.canonicalize().ok()? {
        return None;
    }
    // The reflog changes with every commit and checkout.
    for file in ["HEAD", "logs/HEAD"] {
        let path = dir.join(git(dir, &["rev-parse", "--git-path", file])?);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(dir, &["log", "-1", "--no-show-signature", "--format=%H %ct"])
}

fn git(dir: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(dir).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
