//! Shared by the integration tests: runs the binary in a clean environment, and creates snapshots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary, without the environment of the developer.
pub fn rolecall() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    // `cargo xtask coverage` collects its counters through this variable.
    let coverage = std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file));
    command.env_clear().envs(coverage).current_dir(root());
    command
}

/// Exit code, stdout, stderr.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the binary with these arguments.
pub fn run(args: &[&str]) -> Ran {
    ran(rolecall().args(args).output().unwrap())
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("killed by a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is not UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is not UTF-8"),
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A snapshot of one account with the given groups and buckets: (kind, id, region, facts) each.
pub fn snapshot(dir: &Path, account: &str, resources: &[(&str, &str, &str, Value)]) -> PathBuf {
    let demand = json!({ "ec2.security_group": [], "s3.bucket": ["versioning", "tags"] });
    let target = json!({ "account": account, "name": "hostile" });
    let manifest = json!({ "format": 1, "tool": "test", "targets": [target], "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    let mut lines = vec![json!({
        "type": "header", "account": account, "collected_at": "2026-06-01T00:00:00Z", "entered": true,
        "regions": ["eu-west-1"], "demand": demand,
    })];
    for (kind, region, facts) in [
        ("ec2.security_group", "eu-west-1", json!([])),
        ("s3.bucket", "global", json!(["versioning", "tags"])),
    ] {
        let count = resources.iter().filter(|resource| resource.0 == kind).count();
        lines.push(json!({ "type": "listed", "kind": kind, "region": region, "facts": facts, "count": count }));
    }
    for (kind, id, region, facts) in resources {
        lines.push(json!({ "type": "resource", "kind": kind, "id": id, "region": region, "name": id, "facts": facts }));
    }
    lines.push(json!({ "type": "end", "resources": resources.len(), "gaps": 0 }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(dir.join(format!("{account}.jsonl")), text).unwrap();
    dir.to_owned()
}
