//! A thousand rules with ten cases each: loading the pack, checking it, and running all its cases.
//!
//! `cargo bench --no-default-features --bench pack`
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark is not part of the program")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use divan::Bencher;
use rolecall::internals::load;
use serde_json::{Value, json};
use tempfile::TempDir;

const RULES: usize = 1_000;
const CASES: usize = 10;

fn main() {
    divan::main();
}

/// The rules differ in what they check and in text, as rules of a real pack do, but not in
/// complexity.
fn pack() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..RULES {
        let id = format!("generated-rule-{number}");
        fs::write(dir.path().join(format!("{id}.rhai")), rule(number)).unwrap();
        let cases: Vec<Value> = (0..CASES).map(|case| self::case(number, case)).collect();
        fs::write(dir.path().join(format!("{id}.cases.json")), Value::from(cases).to_string())
            .unwrap();
    }
    dir
}

fn rule(number: usize) -> String {
    let prose = "//! A restricted port is open to everyone.\n//!\n//! ## Why it matters\n//! Attackers find and probe it.\n//!\n\
                 //! ## How to fix it\n//! Close it.\n//!\n//! ## References\n//! - https://example.org/\n\n";
    let port = 1_000 + number;
    format!(
        "{prose}const RULE = #{{\n    title: \"Port {port} is open to the internet\",\n    resource: \"ec2.security_group\",\n    \
         severity: \"high\",\n    params: #{{ ports: [{port}] }},\n}};\n\n\
         fn check(group, params) {{\n    if group.group_name == \"default\" {{ return skip(\"the default group\"); }}\n    \
         let open = params.ports.filter(|port| is_open_to_internet(group.ip_permissions, \"tcp\", port));\n    \
         if open.is_empty() {{ pass() }} else {{ fail(`open to everyone: ${{open}}`, open) }}\n}}\n"
    )
}

fn case(rule: usize, case: usize) -> Value {
    let port = 1_000 + rule;
    let (expect, name, cidr) = match case {
        0 => ("skip", "default", "0.0.0.0/0"),
        even if even % 2 == 0 => ("pass", "web", "10.0.0.0/8"),
        _ => ("fail", "web", "0.0.0.0/0"),
    };
    json!({
        "name": format!("case {case}"), "expect": expect,
        "facts": { "group_name": name, "ip_permissions": [
            { "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": cidr }] },
        ] },
    })
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn load_1000_rules(bencher: Bencher) {
    let dir = pack();
    let folders = [dir.path().to_owned()];
    bencher.bench_local(|| load(&folders).unwrap().len());
}

/// Through the program, as a user runs it.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn lint_1000_rules_with_10_cases(bencher: Bencher) {
    let dir = pack();
    bencher.bench_local(|| rolecall(&["lint"], dir.path(), ""));
}

/// The same with the test cases.
#[divan::bench(sample_count = 5, sample_size = 1, args = ["", "--coverage"])]
fn test_1000_rules_with_10_cases(bencher: Bencher, more: &str) {
    let dir = pack();
    bencher.bench_local(|| rolecall(&["test"], dir.path(), more));
}

fn rolecall(command: &[&str], dir: &Path, more: &str) {
    let more = more.split_whitespace();
    let mut program = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let status = program
        .args(command)
        .arg(dir)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}
