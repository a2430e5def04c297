//! Writes the tables of `docs/benchmarks.md`: runs each command that the page shows, and replaces the tables
//! below it with those that it prints.

use std::fs;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::{Result, dist};

const PAGE: &str = "docs/benchmarks.md";
/// How the line below the tables of a command begins that says when and where they were measured.
const MEASURED: &str = "Measured ";

/// Runs the commands of the page that are or contain one of the arguments, or all. `--program PATH`
/// measures a program that was built before.
pub(crate) fn measure(sh: &Shell, args: &[String]) -> Result {
    let (program, parts) = match args {
        [option, rest @ ..] if option == "--program" => {
            let (program, parts) = rest.split_first().ok_or("`--program` needs a path")?;
            (program.into(), parts)
        }
        parts => (dist::program(sh), parts),
    };
    let page = sh.read_file(PAGE).map_err(|error| error.to_string())?;
    // A command can be a part of another one.
    let is_named = |command: &str, part: &str| match commands(&page).any(|one| one == part) {
        true => command == part,
        false => command.contains(part),
    };
    let is_chosen = |command: &&str| parts.iter().any(|part| is_named(command, part));
    let chosen: Vec<&str> =
        commands(&page).filter(|command| parts.is_empty() || is_chosen(command)).collect();
    if chosen.is_empty() {
        let all: Vec<&str> = commands(&page).collect();
        return Err(format!("no command contains {parts:?}; {PAGE} has:\n{}", all.join("\n")));
    }
    if args.first().is_none_or(|first| first != "--program") {
        dist::dist(sh, &[])?;
    }
    let machine = format!("{MEASURED}on {}", machine(sh, &program)?);
    for command in chosen {
        eprintln!("{command}");
        let words = command.split(' ');
        let output = cmd!(sh, "env {words...} --program {program}").quiet().read();
        let output = output.map_err(|error| error.to_string())?;
        // Others may have edited the page while the command ran, and what was measured is kept.
        let page = sh.read_file(PAGE).map_err(|error| error.to_string())?;
        let page = with_tables(&page, command, &tables(&output), &machine)?;
        sh.write_file(PAGE, page).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The commands of the page that measure a program.
fn commands(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter(|line| {
        line.starts_with("python3 benches/") || line.starts_with("cargo xtask bench-scan")
    })
}

/// The tables in Markdown: lines that begin with `|`.
fn tables(text: &str) -> Vec<Vec<&str>> {
    let mut tables = vec![Vec::new()];
    for line in text.lines() {
        match (line.starts_with('|'), tables.last_mut()) {
            (true, Some(table)) => table.push(line),
            (false, Some(table)) if !table.is_empty() => tables.push(Vec::new()),
            _ => {}
        }
    }
    tables.retain(|table| !table.is_empty());
    tables
}

/// The page with other tables below a command, and the line that says when and where they were measured.
/// There must be as many tables as before.
fn with_tables(page: &str, command: &str, new: &[Vec<&str>], machine: &str) -> Result<String> {
    let is_command = |line: &&str| *line == command;
    let lines: Vec<&str> = page.lines().collect();
    let start = lines.iter().position(is_command).ok_or(format!("no `{command}` in {PAGE}"))?;
    // Below the end of the code block.
    let start = lines.len().min(start + 2);
    let is_end = |line: &&str| line.starts_with("```") || line.starts_with('#');
    let end = lines[start..].iter().position(is_end).map_or(lines.len(), |length| start + length);
    let section = lines[start..end].join("\n");
    let old = tables(&section).len();
    if old != new.len() {
        return Err(format!("`{command}` printed {} tables, and {PAGE} has {old}", new.len()));
    }
    let mut result = lines[..start].to_vec();
    let mut new = new.iter();
    let mut in_table = false;
    for line in &lines[start..end] {
        match line {
            line if line.starts_with('|') => {
                if !in_table {
                    result.extend(new.next().into_iter().flatten());
                }
            }
            line if line.starts_with(MEASURED) => result.push(machine),
            line => result.push(line),
        }
        in_table = line.starts_with('|');
    }
    result.extend(&lines[end..]);
    Ok(result.join("\n") + "\n")
}

/// When, what and where, as in `2026-12-01 at commit 7a5bfbae: Linux 6.18, AMD EPYC, 2 cores, 23 GiB.`
fn machine(sh: &Shell, program: &Path) -> Result<String> {
    let read = |command: xshell::Cmd<'_>| command.quiet().read().map_err(|error| error.to_string());
    let date = read(cmd!(sh, "date -u +%Y-%m-%d"))?;
    let version = read(cmd!(sh, "{program} --version"))?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit:"));
    let commit = commit.and_then(|commit| commit.trim().get(..8)).unwrap_or("unknown");
    let system = read(cmd!(sh, "uname -sr"))?;
    let value = |file: &str, key: &str| {
        let text = fs::read_to_string(Path::new("/proc").join(file)).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor =
        value("cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = value("meminfo", "MemTotal")
        .and_then(|total| total.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(String::new, |kib| format!(", {} GiB", kib >> 20));
    Ok(format!("{date} at commit {commit}: {system}, {processor}, {cores} cores{memory}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A\n\n```sh\npython3 benches/a.py\n```\n\nText.\n\n| a |\n|---|\n| 1 |\n\nMeasured on old.\n\n\
                        | b |\n\n```sh\ncargo xtask bench-scan --x\n```\n\n| c |\n";

    #[test]
    fn the_tables_of_a_command_are_replaced() {
        assert_eq!(
            commands(TEXT).collect::<Vec<_>>(),
            ["python3 benches/a.py", "cargo xtask bench-scan --x"]
        );
        let new = tables("log\n| a |\n|---|\n| 2 |\n| 3 |\n\nx\n| b2 |\n");
        let page = with_tables(TEXT, "python3 benches/a.py", &new, "Measured on new.");
        let expected = TEXT
            .replace("| 1 |", "| 2 |\n| 3 |")
            .replace("on old", "on new")
            .replace("| b |", "| b2 |");
        assert_eq!(page, Ok(expected));
        let page = with_tables(TEXT, "cargo xtask bench-scan --x", &tables("| c2 |"), "");
        assert_eq!(page, Ok(TEXT.replace("| c |", "| c2 |")));
    }

    #[test]
    fn another_number_of_tables_is_an_error() {
        let error = with_tables(TEXT, "python3 benches/a.py", &tables("| a |\n"), "");
        assert!(error.is_err_and(|error| error.contains("printed 1 tables")));
        assert!(with_tables(TEXT, "python3 benches/b.py", &[], "").is_err());
    }
}
