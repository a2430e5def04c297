//! Development tasks: `cargo xtask TASK`. Each runs the tools that CI and contributors run; nothing
//! here links rolecall or the AWS SDK.

mod dist;
mod e2e;
mod measure;

use std::path::Path;
use std::process::ExitCode;

use xshell::{Shell, cmd};

/// Why a task failed, as an error message.
type Result<T = ()> = std::result::Result<T, String>;

struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&Shell, &[String]) -> Result,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        arguments: "[ARGS]",
        about: "run all tests; ARGS are passed to cargo test",
        run: |sh, args| run(cmd!(sh, "cargo test --locked --all-features {args...}")),
    },
    Task {
        name: "quick",
        arguments: "[ARGS]",
        about: "run the tests that do not need the AWS SDK: rules, reports, commands",
        run: |sh, args| run(cmd!(sh, "cargo test --locked --no-default-features {args...}")),
    },
    Task {
        name: "generate",
        arguments: "",
        about: "generate files: pages of docs/, the command output shown in documentation, the JSON schema",
        run: generate,
    },
    Task {
        name: "golden",
        arguments: "[ARGS]",
        about: "run the quick tests and review changed snapshots; ARGS are passed to cargo insta test",
        run: golden,
    },
    Task {
        name: "bench",
        arguments: "[NAME…]",
        about: "benchmarks: evaluate, pack; default: both",
        run: bench,
    },
    Task {
        name: "bench-scan",
        arguments: "[ARGS]",
        about: "measure scans of a simulated AWS: time, calls, CPU, memory (Linux); --help shows ARGS",
        run: bench_scan,
    },
    Task {
        name: "measure",
        arguments: "[TEXT…]",
        about: "run the commands of docs/benchmarks.md that contain TEXT, default: all, and write their tables there",
        run: measure::measure,
    },
    Task {
        name: "dist",
        arguments: "",
        about: "build what is published, on Linux optimized for what the program does; takes up to an hour",
        run: dist::dist,
    },
    Task {
        name: "coverage",
        arguments: "[ARGS]",
        about: "write coverage of the quick tests to target/llvm-cov/html; ARGS (--all-features) are passed to cargo llvm-cov",
        run: coverage,
    },
    Task {
        name: "e2e",
        arguments: "[SUITE…]",
        about: "run the suites of tests/e2e/, which take minutes or need more tools; --list shows them",
        run: e2e::run,
    },
    Task {
        name: "ci",
        arguments: "",
        about: "run what CI runs before a merge: formatting, clippy, and tests, with and without AWS",
        run: |sh, args| no_arguments(args).and_then(|()| run(cmd!(sh, ".ci/run"))),
    },
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    if matches!(name.as_str(), "" | "help" | "-h" | "--help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprint!("error: unknown task `{name}`\n\n{}", help());
        return ExitCode::from(2);
    };
    match at_root().and_then(|sh| (task.run)(&sh, &args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = "Development tasks\n\nUsage: cargo xtask TASK\n\n".to_owned();
    for Task { name, arguments, about, .. } in TASKS {
        text.push_str(&format!("  {:19} {about}\n", format!("{name} {arguments}")));
    }
    text
}

/// A shell at the root of the repository.
fn at_root() -> Result<Shell> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let sh = Shell::new().map_err(|error| error.to_string())?;
    sh.change_dir(root);
    Ok(sh)
}

/// Runs a program to its end. What it prints is shown.
fn run(command: xshell::Cmd<'_>) -> Result {
    command.run().map_err(|error| error.to_string())
}

fn no_arguments(args: &[String]) -> Result {
    match args.first() {
        None => Ok(()),
        Some(extra) => Err(format!("unexpected argument `{extra}`")),
    }
}

/// Fails, and says how to install it, if cargo has no such subcommand.
fn require_cargo(sh: &Shell, subcommand: &str, install: &str) -> Result {
    cmd!(sh, "cargo {subcommand} --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .map_err(|_| format!("cargo {subcommand} is missing: install it by `{install}`"))
}

/// The tests that compare these files with the code write them: those of `src/generated.rs`, then
/// `tests/it/readme.rs`, which looks at the pages that the first ones write.
fn generate(sh: &Shell, args: &[String]) -> Result {
    no_arguments(args)?;
    let _variable = sh.push_env("ROLECALL_GENERATE", "1");
    let filters = ["is_current", "readme::"];
    run(cmd!(sh, "cargo test --locked --no-default-features --lib --test it -- {filters...}"))
}

fn golden(sh: &Shell, args: &[String]) -> Result {
    require_cargo(sh, "insta", "cargo install --locked cargo-insta")?;
    run(cmd!(sh, "cargo insta test --review --no-default-features {args...}"))
}

fn bench(sh: &Shell, args: &[String]) -> Result {
    let mut names: Vec<&str> = args.iter().map(String::as_str).collect();
    if names.is_empty() {
        names = vec!["evaluate", "pack"];
    }
    let chosen = names.iter().flat_map(|name| ["--bench", name]);
    run(cmd!(sh, "cargo bench --locked --no-default-features {chosen...}"))
}

fn bench_scan(sh: &Shell, args: &[String]) -> Result {
    // Measured is what is published.
    let is_built =
        args.iter().any(|arg| arg.starts_with("--program") || arg == "--help" || arg == "-h");
    if !is_built {
        dist::dist(sh, &[])?;
    }
    run(cmd!(sh, "cargo run --locked --release --package simulator -- bench {args...}"))
}

fn coverage(sh: &Shell, args: &[String]) -> Result {
    require_cargo(
        sh,
        "llvm-cov",
        "rustup component add llvm-tools && cargo install --locked cargo-llvm-cov",
    )?;
    let quick = ["--no-default-features".to_owned()];
    let args: &[String] = if args.is_empty() { &quick } else { args };
    run(cmd!(sh, "cargo llvm-cov --locked --html {args...}"))?;
    run(cmd!(sh, "cargo llvm-cov report --summary-only"))
}
