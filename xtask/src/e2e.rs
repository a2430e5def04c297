//! Suites of `tests/e2e/`: folders with an executable `run`, whose second line describes what it
//! checks. They take minutes, or need tools that the cargo tests do not need.

use std::collections::BTreeMap;

use xshell::{Shell, cmd};

use crate::Result;

const FOLDER: &str = "tests/e2e";

/// Runs the named suites, or all of them. A failure does not stop the others; failed suites are
/// listed at the end.
pub(crate) fn run(sh: &Shell, args: &[String]) -> Result {
    let suites = suites(sh)?;
    if args == ["--list"] {
        suites.iter().for_each(|(name, about)| println!("{name:10} {about}"));
        return Ok(());
    }
    if let Some(unknown) = args.iter().find(|name| !suites.contains_key(*name)) {
        let names: Vec<&str> = suites.keys().map(String::as_str).collect();
        return Err(format!("unknown suite `{unknown}`; available suites: {}", names.join(", ")));
    }
    let chosen: Vec<&String> =
        if args.is_empty() { suites.keys().collect() } else { args.iter().collect() };
    let mut failed = Vec::new();
    for name in chosen {
        println!("\n== {name}: {}", suites[name]);
        if cmd!(sh, "{FOLDER}/{name}/run").run().is_err() {
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// Name and description of each suite.
fn suites(sh: &Shell) -> Result<BTreeMap<String, String>> {
    let mut suites = BTreeMap::new();
    for folder in sh.read_dir(FOLDER).map_err(|error| error.to_string())? {
        let script = folder.join("run");
        if !script.is_file() {
            continue;
        }
        let text = sh.read_file(&script).map_err(|error| error.to_string())?;
        let about = text.lines().nth(1).unwrap_or_default().trim_start_matches("# ");
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        suites.insert(name, about.to_owned());
    }
    Ok(suites)
}
