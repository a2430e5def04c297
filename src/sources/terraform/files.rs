//! The files that Terraform reads in a folder.

use std::fs;

use crate::sources::repository::Repository;

/// How many files of one folder are read.
pub const MAX_FILES: usize = 2_000;

/// The names of the files of a folder that Terraform reads, in its order, and whether they override
/// others.
pub fn in_order(mut names: Vec<String>) -> Vec<(String, bool)> {
    names.retain(|name| is_code(name));
    names.sort_unstable();
    // OpenTofu reads `main.tofu` instead of `main.tf`.
    let tofu: Vec<String> = names
        .iter()
        .filter(|name| name.contains(".tofu"))
        .map(|name| name.replace(".tofu", ".tf"))
        .collect();
    names.retain(|name| !tofu.contains(name));
    let (overrides, others): (Vec<_>, Vec<_>) =
        names.into_iter().map(|name| (is_override(&name), name)).partition(|(is, _)| *is);
    others.into_iter().chain(overrides).map(|(is, name)| (name, is)).collect()
}

/// The files that Terraform reads in the folder of a file, in its order. They and `file` are relative to
/// the repository.
pub fn beside(repository: &Repository, file: &str) -> Vec<String> {
    let (folder, _) = file.rsplit_once('/').unwrap_or(("", file));
    let entries = fs::read_dir(repository.root().join(folder)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names = in_order(names.collect()).into_iter().take(MAX_FILES);
    let in_folder = |name| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    names.map(|(name, _)| in_folder(name)).collect()
}

/// The files that are merged with a file of code, because they override it or are overridden by it: those
/// before it in the order of Terraform, and those after it.
pub fn merged_with(repository: &Repository, file: &str) -> [Vec<String>; 2] {
    let overrides = |file: &str| is_override(file.rsplit('/').next().unwrap_or(file));
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut is_after = false;
    for other in beside(repository, file) {
        if other == file {
            is_after = true;
        } else if overrides(&other) || overrides(file) {
            if is_after { &mut after } else { &mut before }.push(other);
        }
    }
    [before, after]
}

/// Whether a file of that name is Terraform code.
pub fn is_code(name: &str) -> bool {
    stem(name).is_some() && !is_temporary(name)
}

/// The name without the ending of a Terraform file; `None` if it is not one.
fn stem(name: &str) -> Option<&str> {
    [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().find_map(|ending| name.strip_suffix(ending))
}

/// Files of editors, which Terraform ignores.
fn is_temporary(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn is_override(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}
