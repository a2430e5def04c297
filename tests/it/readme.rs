//! Checks that the documentation is correct. A comment before a fenced block says how it is
//! checked, in the order of the page and in a folder per page:
//!
//! - `<!-- checked -->`: each `$ rolecall …` is run and must print what is shown; a line `…` stands
//!   for any lines, and `$ echo $?` for the exit code. stderr is expected after stdout; `> FILE`
//!   redirects stdout to the file.
//! - `<!-- not run: REASON -->`: commands that a test cannot run. On pages for rule authors, every
//!   block of commands is either this or checked.
//! - `<!-- Rhai.toml -->`: settings of the language server; the folders that it names must contain
//!   definitions.
//! - `<!-- workflow -->`: each `run: rolecall …` of a workflow is run and must exit with 0.
//! - `<!-- file: PATH -->`: the block is written to the path; rules, configs, and frameworks in a
//!   folder of that name must load, other files are for the commands after them. `<!-- broken file:
//!   PATH -->` must not load.
//! - `<!-- source: PATH -->`: each line of the block, apart from `…`, is a line of that source file.
//! - `<!-- cases: PATH -->`: test cases of the rule at that path, which must pass; they are written
//!   beside it.
//! - `<!-- example: CODE Wrong -->`, or `Right`: the example that `rolecall explain CODE` prints
//!   under that heading.
//! - `<!-- duckdb -->`, `<!-- athena -->`: queries that `tests/it/inventory.rs` runs.
//! - `<!-- one-bucket -->`: a policy with exactly the actions that rules on buckets need.
//!
//! `cargo xtask generate` updates checked output that has changed in the page, for review.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolecall::internals::{Pack, Rule, find_script};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Pages on which readers are expected to follow every command.
const FOR_AUTHORS: [&str; 2] = ["cookbook.md", "writing-rules.md"];

struct Block {
    /// 1-based number of the line that opens the fence.
    line: usize,
    indent: String,
    mark: String,
    language: String,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let body = line.trim_start();
        if let Some(language) = body.strip_prefix("```") {
            let indent = &line[..line.len() - body.len()];
            let inner = lines.by_ref().map(|(_, line)| line.strip_prefix(indent).unwrap_or(line));
            let text: String = inner
                .take_while(|line| !line.starts_with("```"))
                .map(|line| format!("{line}\n"))
                .collect();
            let mark = before
                .strip_prefix("<!--")
                .and_then(|rest| rest.strip_suffix("-->"))
                .unwrap_or_default();
            blocks.push(Block {
                line: number + 1,
                indent: indent.to_owned(),
                mark: mark.trim().to_owned(),
                language: language.to_owned(),
                text,
            });
            before = "";
        } else if !body.is_empty() {
            before = body;
        }
    }
    blocks
}

/// Splits at spaces; single quotes group words.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned())
        } else {
            words.extend(part.split_whitespace().map(str::to_owned))
        }
    }
    words
}

/// Runs the program in `dir`: stdout, stderr, and its exit code.
fn rolecall_apart(dir: &Path, args: &[String]) -> (String, String, i32) {
    let output = crate::program::rolecall().args(args).current_dir(dir).output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (stdout, stderr, output.status.code().unwrap())
}

/// Runs the program in `dir`: what it printed, stderr last, and its exit code.
fn rolecall(dir: &Path, args: &[String]) -> (String, i32) {
    let (stdout, stderr, code) = rolecall_apart(dir, args);
    ([stdout, stderr].concat(), code)
}

/// Whether `got` matches what is shown, where a line `…` stands for any lines.
fn matches(shown: &[&str], got: &[&str]) -> bool {
    let parts: Vec<&[&str]> = shown.split(|line| line.trim() == "…").collect();
    let (Some((first, rest)), Some(last)) = (parts.split_first(), parts.last()) else {
        return false;
    };
    if rest.is_empty() {
        return shown == got;
    }
    let Some(mut left) = got.strip_prefix(*first).and_then(|left| left.strip_suffix(*last)) else {
        return false;
    };
    rest[..rest.len() - 1].iter().filter(|part| !part.is_empty()).all(|part| {
        let found = left.windows(part.len()).position(|window| window == *part);
        found.map(|at| left = &left[at + part.len()..]).is_some()
    })
}

/// What is shown, updated. Between lines `…`, a line that is no longer printed becomes the most
/// similar printed line.
fn updated(shown: &[&str], got: &[&str]) -> Vec<String> {
    if !shown.iter().any(|line| line.trim() == "…") {
        return got.iter().map(|&line| line.to_owned()).collect();
    }
    let most_alike = |line: &str| {
        let alike = |other: &&&str| (strsim::normalized_levenshtein(line, other) * 1e6) as u64;
        got.iter().max_by_key(alike).map_or(line, |line| *line).to_owned()
    };
    let keep = |line: &str| line.trim() == "…" || line.is_empty() || got.contains(&line);
    shown.iter().map(|&line| if keep(line) { line.to_owned() } else { most_alike(line) }).collect()
}

/// Lines of a page to replace, and what is wrong with them.
struct Edit {
    first: usize,
    count: usize,
    lines: Vec<String>,
    wrong: String,
}

/// Runs the commands of a block; returns how many.
fn check(dir: &Path, block: &Block, wrong: &mut Vec<String>, edits: &mut Vec<Edit>) -> usize {
    let mut line = block.line;
    let mut last_code = None;
    let commands: Vec<(&str, Vec<&str>)> =
        block.text.lines().fold(Vec::new(), |mut commands, line| {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command, Vec::new())),
                (None, Some((_, shown))) => shown.push(line),
                (None, None) => wrong
                    .push(format!("line {}: the block does not start with a command", block.line)),
            }
            commands
        });
    for (command, shown) in &commands {
        let words = words(command);
        let plain: Vec<&str> = words.iter().map(String::as_str).collect();
        let got = match plain.as_slice() {
            ["echo", "$?"] => last_code.map(|code: i32| code.to_string()).unwrap_or_default(),
            ["rolecall", ..] | ["cargo", "run", "--no-default-features", "--", ..] => {
                let skip = if plain[0] == "rolecall" { 1 } else { 4 };
                let (args, file) = match &words[skip..] {
                    [args @ .., to, file] if to == ">" => (args, Some(file)),
                    args => (args, None),
                };
                let (stdout, stderr, code) = rolecall_apart(dir, args);
                last_code = Some(code);
                if let Some(file) = file {
                    fs::write(dir.join(file), stdout).unwrap();
                    stderr
                } else {
                    [stdout, stderr].concat()
                }
            }
            _ => {
                wrong.push(format!("line {}: `{command}` cannot be checked", block.line));
                continue;
            }
        };
        let printed: Vec<&str> = got.lines().collect();
        let first = line + 1;
        line = first + shown.len();
        if !matches(shown, &printed) {
            let indented = |text: String| format!("{}{text}", block.indent).trim_end().to_owned();
            let lines = updated(shown, &printed).into_iter().map(indented).collect();
            let wrong = format!("line {}: `{command}` prints\n{got}", block.line);
            edits.push(Edit { first, count: shown.len(), lines, wrong });
        }
    }
    commands.len()
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|s| s["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

/// The actions that `rolecall permissions target` prints.
fn target_actions(more: &[&str]) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    let args: Vec<String> =
        ["permissions", "target"].iter().chain(more).map(|&word| word.to_owned()).collect();
    actions(&serde_json::from_str(&rolecall(dir.path(), &args).0).unwrap())
}

/// Runs the commands of a workflow.
fn run_workflow(dir: &Path, block: &Block, wrong: &mut Vec<String>) {
    let commands =
        block.text.lines().filter_map(|line| line.trim().strip_prefix("- run: rolecall "));
    for command in commands {
        let (text, code) = rolecall(dir, &words(command));
        if code != 0 {
            wrong.push(format!("line {}: `{command}` exits with {code}:\n{text}", block.line));
        }
    }
}

/// Checks the rules of a page: nothing is returned if they have no lint errors and their cases
/// cover all statements.
fn errors_in_rules(dir: &Path) -> Vec<String> {
    let folders = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let holds_rules = |folder: &fs::DirEntry| {
        folder.path().is_dir()
            && fs::read_dir(folder.path())
                .unwrap()
                .any(|file| file.unwrap().path().extension().is_some_and(|end| end == "rhai"))
    };
    let folders: Vec<String> = folders
        .filter(holds_rules)
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    assert!(!folders.is_empty(), "a page without rules");
    let ran = [&["lint"][..], &["test", "--coverage"]].map(|command| {
        let args: Vec<String> =
            command.iter().map(|&word| word.to_owned()).chain(folders.iter().cloned()).collect();
        rolecall(dir, &args)
    });
    ran.into_iter()
        .filter(|(_, code)| *code != 0)
        .map(|(text, _)| format!("its rules have errors:\n{text}"))
        .collect()
}

/// Writes a block to its file and lets the program read it, which must fail if it is `broken`.
fn write(dir: &Path, path: &str, block: &Block, broken: bool, wrong: &mut Vec<String>) {
    let file = dir.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &block.text).unwrap();
    let folder = file.parent().unwrap();
    let (option, read) = match block.language.as_str() {
        "toml" if folder.ends_with("frameworks") => ("--rules", folder.parent().unwrap()),
        "rhai" => ("--rules", file.parent().unwrap()),
        "toml" => ("--config", file.as_path()),
        // A command that is shown after the file reads it.
        "json" => return,
        other => {
            return wrong.push(format!("line {}: nothing reads a file of {other}", block.line));
        }
    };
    let (text, code) =
        rolecall(dir, &["rules".to_owned(), option.to_owned(), read.display().to_string()]);
    if (code != 0) != broken {
        wrong.push(format!(
            "line {}: {path} {}:\n{text}",
            block.line,
            if broken { "loads" } else { "does not load" }
        ));
    }
}

fn pages() -> Vec<PathBuf> {
    let docs =
        fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.extend(["README.md", "CONTRIBUTING.md"].map(|name| Path::new(ROOT).join(name)));
    pages.sort();
    pages
}

/// A rule, or a script with variants.
fn rule<'p>(pack: &'p Pack, id: &str) -> &'p Arc<Rule> {
    pack.get(id).or_else(|| find_script(pack, id)).unwrap()
}

#[test]
fn commands_rules_and_configs_of_the_documentation_work() {
    let mut wrong = Vec::new();
    let (mut commands, mut rules) = (0, 0);
    for page in pages() {
        let dir = tempfile::tempdir().unwrap();
        let acme = dir.path().join("fixtures/acme");
        fs::create_dir_all(&acme).unwrap();
        for entry in fs::read_dir(Path::new(ROOT).join("fixtures/acme")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, acme.join(path.file_name().unwrap())).unwrap();
        }
        let mut of_page = Vec::new();
        let name = page.file_name().unwrap().to_str().unwrap();
        let for_authors = FOR_AUTHORS.contains(&name);
        let mut edits = Vec::new();
        let text = fs::read_to_string(&page).unwrap();
        for block in blocks(&text) {
            let (what, about) = block.mark.split_once(": ").unwrap_or((&block.mark, ""));
            match (what, block.language.as_str()) {
                ("checked", "console") => {
                    commands += check(dir.path(), &block, &mut of_page, &mut edits)
                }
                ("file" | "broken file", _) => {
                    rules += usize::from(block.language == "rhai");
                    write(dir.path(), about, &block, what == "broken file", &mut of_page);
                }
                ("Rhai.toml", "toml") => {
                    let read: toml::Table = block.text.parse().unwrap();
                    let include = read["source"]["include"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|glob| glob.as_str().unwrap());
                    let folders = include.map(|glob| glob.strip_suffix("/**/*.rhai").unwrap());
                    let defined = folders
                        .map(|folder| dir.path().join(folder).join("rolecall.d.rhai").exists());
                    if read.len() != 1 || !defined.into_iter().all(|there| there) {
                        of_page.push(format!(
                            "line {}: there are no definitions in the folders that it names",
                            block.line
                        ));
                    }
                }
                ("not run", "sh" | "yaml") if !about.is_empty() => {}
                // `inventory.rs` runs these.
                ("duckdb" | "athena", "sql") => {}
                ("source", "rust") => {
                    let source = fs::read_to_string(Path::new(ROOT).join(about)).unwrap();
                    let lines: Vec<&str> = source.lines().map(str::trim).collect();
                    let shown = block.text.lines().map(str::trim);
                    let stale = shown.filter(|line| !line.contains('…') && !lines.contains(line));
                    of_page.extend(
                        stale.map(|line| format!("line {}: not in {about}: {line}", block.line)),
                    );
                }
                ("workflow", "yaml") => run_workflow(dir.path(), &block, &mut of_page),
                ("cases", "json") => {
                    let (folder, id) = about.rsplit_once('/').unwrap();
                    let pack = rolecall::internals::load(&[dir.path().join(folder)]).unwrap();
                    of_page.extend(rolecall::internals::cases::run(rule(&pack, id), &block.text));
                    fs::write(dir.path().join(format!("{about}.cases.json")), &block.text).unwrap();
                }
                ("example", _) => {
                    let (code, word) = about.split_once(' ').unwrap();
                    let explained =
                        rolecall(dir.path(), &["explain".to_owned(), code.to_owned()]).0;
                    let example =
                        explained.split(&format!("\n{word}:\n\n")).nth(1).unwrap_or_default();
                    let lines = example
                        .lines()
                        .take_while(|line| line.is_empty() || line.starts_with("    "));
                    let shown: String = lines
                        .map(|line| format!("{}\n", line.get(4..).unwrap_or_default()))
                        .collect();
                    if shown.trim_end() != block.text.trim_end() {
                        let lines = shown.trim_end().lines().map(str::to_owned).collect();
                        let (first, count) = (block.line, block.text.lines().count());
                        let wrong = format!(
                            "line {first}: `rolecall explain {code}` prints another example:\n{shown}"
                        );
                        edits.push(Edit { first, count, lines, wrong });
                    }
                }
                ("one-bucket", "json") => {
                    let shown = actions(&serde_json::from_str(&block.text).unwrap());
                    if shown != target_actions(&["--rule", "s3-bucket-*"]) {
                        of_page.push(format!(
                            "line {}: {shown:?} is not what rules on buckets need",
                            block.line
                        ));
                    }
                }
                // Commands for a reader's shell, and parts of files.
                (_, "sh") if !for_authors => {}
                _ => of_page.push(format!(
                    "line {}: nothing checks this block of {}",
                    block.line, block.language
                )),
            }
        }
        if name == "cookbook.md" {
            of_page.extend(errors_in_rules(dir.path()));
        }
        if std::env::var_os("ROLECALL_GENERATE").is_none() {
            of_page.extend(edits.into_iter().map(|edit| {
                format!("{}\nIf that is intended, run `cargo xtask generate`.", edit.wrong)
            }));
        } else if !edits.is_empty() {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for Edit { first, count, lines: new, .. } in edits.into_iter().rev() {
                lines.splice(first..first + count, new);
            }
            fs::write(&page, lines.join("\n") + "\n").unwrap();
        }
        wrong.extend(of_page.iter().map(|fault| format!("{name}, {fault}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(
        commands >= 10 && rules >= 3,
        "only {commands} commands and {rules} rules were found: are the comments still parsed?"
    );
}

#[test]
fn the_reference_lists_every_command_once() {
    let help = rolecall(Path::new(ROOT), &["--help".to_owned()]).0;
    let commands = help.split("\nCommands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // The lines of a longer description are indented further.
    let lines = commands.lines().filter_map(|line| line.strip_prefix("  "));
    let mut commands: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
    commands.retain(|command| !command.is_empty());
    commands.retain(|&command| command != "help");
    commands.sort_unstable();
    let page = fs::read_to_string(Path::new(ROOT).join("docs/running.md")).unwrap();
    let table =
        page.split("\n| command | description |\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let cells = table.lines().filter_map(|row| row.split('|').nth(1));
    let mut named: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    named.sort_unstable();
    assert_eq!(named, commands);
}

#[test]
fn the_role_template_allows_what_the_built_in_rules_need() {
    let template =
        fs::read_to_string(Path::new(ROOT).join("deploy/target-role.cloudformation.yaml")).unwrap();
    let items = template.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let service = |item: &str| {
        ["ec2:", "organizations:", "s3:", "s3express:"]
            .iter()
            .any(|service| item.starts_with(service))
    };
    let allowed: BTreeSet<String> = items.filter(|item| service(item)).map(str::to_owned).collect();
    assert_eq!(allowed, target_actions(&["--rule-profile", "all"]));
}
