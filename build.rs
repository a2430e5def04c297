//! What `rolecall --version` reports about the build: the commit, the date and the target.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let commit = commit(&manifest_dir);
    let (hash, commit_time) = commit.as_deref().and_then(|text| text.split_once(' ')).unzip();
    // Never the current time: the same sources build the same binary.
    let time = env::var("SOURCE_DATE_EPOCH").ok().or(commit_time.map(str::to_owned));
    println!("cargo::rustc-env=ROLECALL_COMMIT={}", hash.unwrap_or("unknown"));
    println!("cargo::rustc-env=ROLECALL_BUILD_TIME={}", time.unwrap_or_default());
    println!("cargo::rustc-env=ROLECALL_TARGET={}", env::var("TARGET").unwrap_or_default());
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
