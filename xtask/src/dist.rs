//! Builds what is published. For Linux, that is a static program: it is first built with counters, does
//! its usual work, and is built again with what they counted. Functions that ran are optimized for speed
//! and lie together, so that fewer pages of the program are in memory; all others are optimized for size.
//! <https://doc.rust-lang.org/rustc/profile-guided-optimization.html>

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use xshell::{PushEnv, Shell, cmd};

use crate::{Result, no_arguments, run};

/// Only what never ran is cold: what runs once, at the start, always runs.
const COLD: &str = "-Cllvm-args=-profile-summary-cold-count=0";
/// Most of the addresses that the program has to adapt when it starts take one bit instead of 24 bytes.
/// musl knows this form since 1.2.4, glibc since 2.36.
const PACK: &str = "-Clink-arg=-Wl,-z,pack-relative-relocs";
/// All formats of reports.
const FORMATS: &str = "text json sarif sarif-full html markdown junit csv gitlab github ocsf asff";

/// Builds the program, and copies it to where `cargo build --profile dist` has it.
pub(crate) fn dist(sh: &Shell, args: &[String]) -> Result {
    no_arguments(args)?;
    if !cfg!(target_os = "linux") {
        return run(cmd!(sh, "cargo build --locked --profile dist"));
    }
    let target = format!("{ARCH}-unknown-linux-musl");
    let merger = requirements(sh, &target)?;
    let targets = targets(sh);
    let training = targets.join("training");
    let counts = training.join("counts");
    let _compiler = sh.push_env(format!("CC_{}", target.replace('-', "_")), "musl-gcc");

    sh.remove_path(&counts).map_err(|error| error.to_string())?;
    let counting = {
        let _flags = flags(sh, &format!("-Cprofile-generate={}", counts.display()));
        build(sh, &target, &training)?
    };
    train(sh, &counting, &training.join("reports"))?;
    // Cargo builds again if the flags differ, not if the file does.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let profile = training.join(format!("{now}.profdata"));
    run(cmd!(sh, "{merger} merge -o {profile} {counts}"))?;

    let _flags = flags(sh, &format!("-Cprofile-use={} {COLD} {PACK}", profile.display()));
    let program = build(sh, &target, &targets)?;
    let published = self::program(sh);
    sh.create_dir(targets.join("dist")).map_err(|error| error.to_string())?;
    sh.copy_file(program, published).map_err(|error| error.to_string())
}

/// Where the program that is published is built.
pub(crate) fn program(sh: &Shell) -> PathBuf {
    targets(sh).join("dist/rolecall")
}

fn targets(sh: &Shell) -> PathBuf {
    let targets = sh.var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    sh.current_dir().join(targets)
}

/// Builds the program in a folder, and returns its path. The counts are those of functions by names that
/// depend on the settings of the profile, so these must be the same in both builds.
fn build(sh: &Shell, target: &str, folder: &Path) -> Result<PathBuf> {
    let options = ["--profile", "dist", "--bin", "rolecall", "--target", target];
    run(cmd!(sh, "cargo build --locked {options...} --target-dir {folder}"))?;
    Ok(folder.join(target).join("dist/rolecall"))
}

/// What people use rolecall for, in small.
fn train(sh: &Shell, program: &Path, reports: &Path) -> Result {
    run(cmd!(sh, ".ci/smoke {program}"))?;
    run(cmd!(sh, "{program} rules").ignore_stdout())?;
    run(cmd!(sh, "{program} test rules").ignore_stdout())?;
    sh.create_dir(reports).map_err(|error| error.to_string())?;
    let output = |format| format!("--output={format}={}", reports.join(format).display());
    let outputs = FORMATS.split(' ').map(output);
    // The example has failures and gaps.
    run(cmd!(sh, "{program} evaluate --snapshot fixtures/acme {outputs...}").ignore_status())?;
    run(cmd!(sh, "python3 benches/evaluation.py --program {program} --sizes 2000 --runs 1"))?;
    let simulator = ["--locked", "--release", "--package", "simulator", "--", "bench"];
    let estate = "--custom --accounts 10 --regions 4 --latency 10 --no-rates";
    for rules in ["", "--all-rules --others 2"] {
        let options = estate.split(' ').chain(rules.split_whitespace());
        run(cmd!(sh, "cargo run {simulator...} --program {program} {options...}"))?;
    }
    Ok(())
}

/// Adds to the flags of the compiler.
fn flags<'a>(sh: &'a Shell, options: &str) -> PushEnv<'a> {
    let before = sh.var("RUSTFLAGS").unwrap_or_default();
    sh.push_env("RUSTFLAGS", format!("{before} {options}").trim())
}

/// Checks what must be installed. Returns the program that merges counts, which belongs to the compiler.
fn requirements(sh: &Shell, target: &str) -> Result<PathBuf> {
    let missing =
        |what: &str, install: &str| format!("{what} is missing: install it by `{install}`");
    let read = |command: xshell::Cmd<'_>| command.quiet().read().map_err(|error| error.to_string());
    let library = PathBuf::from(read(cmd!(sh, "rustc --print sysroot"))?).join("lib/rustlib");
    if !library.join(target).is_dir() {
        return Err(missing("the target", &format!("rustup target add {target}")));
    }
    if cmd!(sh, "musl-gcc --version").quiet().ignore_stdout().run().is_err() {
        return Err(missing("musl-gcc", "apt-get install musl-tools"));
    }
    let host = read(cmd!(sh, "rustc -vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let merger = library.join(host).join("bin/llvm-profdata");
    match merger.is_file() {
        true => Ok(merger),
        false => Err(missing("llvm-profdata", "rustup component add llvm-tools")),
    }
}
