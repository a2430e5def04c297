//! Holds the order of the layers: a file's `use crate::` lines may only name what stands above it
//! in this table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module → what it may import. The program's own modules may import everything above and each
/// other.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("generated", &[]),
    ("model", &[]),
    ("diagnostics", &["model"]),
    ("facts", &["model"]),
    ("snapshot", &["model", "facts"]),
    ("import", &["model", "diagnostics", "facts", "snapshot"]),
    ("rules", &["model", "diagnostics", "facts"]),
    ("report", &["model", "facts"]),
    ("permissions", &["model", "facts", "snapshot", "rules"]),
    ("plan", &["model", "facts", "snapshot"]),
    ("evaluate", &["model", "facts", "snapshot", "diagnostics", "rules", "report"]),
    ("output", &["generated", "model", "report"]),
    ("aws", &["model", "facts", "snapshot"]),
];
const PROGRAM: &[&str] = &[
    "config",
    "cli",
    "interrupts",
    "progress",
    "exit",
    "run",
    "commands",
    "main",
    "lib",
    "logging",
];

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn each_layer_imports_only_what_stands_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    let mut modules = BTreeSet::new();
    for file in &files {
        let inner = file.strip_prefix(&src).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        modules.insert(module.to_owned());
        let text = fs::read_to_string(file).unwrap();
        let allowed =
            MAY_IMPORT.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let at = || format!("{}:{}: {}", inner.display(), number + 1, line.trim());
            for (position, _) in line.match_indices("crate::") {
                let rest = &line[position + "crate::".len()..];
                let target: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fine = match allowed {
                    Some(allowed) => target == module || allowed.contains(&target.as_str()),
                    None => PROGRAM.contains(&module),
                };
                // `use crate::{a, b}` would hide what it names.
                if !fine || target.is_empty() {
                    wrong.push(at());
                }
            }
            let names_aws = line.contains("aws_sdk_")
                || line.contains("aws_config")
                || line.contains("aws_smithy_")
                || line.contains("aws_types");
            if names_aws && module != "aws" {
                wrong.push(at());
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the order of the layers:\n{}", wrong.join("\n"));
    for (name, _) in MAY_IMPORT {
        assert!(
            modules.contains(*name)
                || *name == "permissions"
                || *name == "output"
                || *name == "aws",
            "no module `{name}`"
        );
    }
    for module in modules {
        assert!(
            PROGRAM.contains(&module.as_str())
                || MAY_IMPORT.iter().any(|(name, _)| *name == module),
            "module `{module}` stands in no layer: add it to the table"
        );
    }
}
