//! What `rolecall --version` reports about the build: the commit, the date, the target, and the hash of
//! the built-in rules.

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
    match hash_of_rules(&manifest_dir.join("rules")) {
        Ok(hash) => println!("cargo::rustc-env=ROLECALL_RULES_SHA256={hash}"),
        Err(error) => println!("cargo::error=cannot read the folder `rules`: {error}"),
    }
}

/// The hash of the list that `sha256sum` prints for all files in a folder, sorted by path. It is not
/// calculated by the program, because `--version` would take most of its time for that.
fn hash_of_rules(dir: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    add_files(dir, "", &mut files)?;
    files.sort();
    let list: String = files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect();
    Ok(sha256_hex(list.as_bytes()))
}

/// Adds the paths within a folder and the hashes of its files; `prefix` is the path of the folder.
fn add_files(dir: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            add_files(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push((path, sha256_hex(&fs::read(entry.path())?)));
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
