//! Builds what is published. For Linux, that is a static program: it is first built with counters, does
//! its usual work, and is built again with what they counted. Functions that ran are optimized for speed,
//! all others for size. The functions of scans lie together, then those of everything else that ran, so that
//! fewer pages of the program are in memory.
//! <https://doc.rust-lang.org/rustc/profile-guided-optimization.html>

use std::collections::HashSet;
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
    let tools = Tools::find(sh, &target)?;
    let targets = targets(sh);
    let training = targets.join("training");
    let counts = training.join("counts");
    let _compiler = sh.push_env(format!("CC_{}", target.replace('-', "_")), "musl-gcc");

    sh.remove_path(&counts).map_err(|error| error.to_string())?;
    let counting = {
        let _flags = flags(sh, &format!("-Cprofile-generate={}", counts.display()));
        build(sh, &target, &training)?
    };
    // Cargo builds again if the flags differ, not if a file does.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let reports = training.join("reports");
    sh.create_dir(&reports).map_err(|error| error.to_string())?;
    let mut profile = PathBuf::new();
    let mut functions = Vec::new();
    for (name, work) in WORK {
        work(sh, &counting, &reports)?;
        // It includes the counts of the work before.
        profile = training.join(format!("{now}.{name}.profdata"));
        tools.merge(sh, &counts, &profile)?;
        functions.push(tools.functions_that_ran(sh, &profile)?);
    }
    let order = training.join(format!("{now}.order"));
    sh.write_file(&order, in_order(&functions)).map_err(|error| error.to_string())?;

    let linking = format!(
        "-Clink-arg=-fuse-ld=lld -Clink-arg=-B{} -Clink-arg=-Wl,--symbol-ordering-file={},--no-warn-symbol-ordering",
        tools.linker.display(),
        order.display()
    );
    let _flags = flags(sh, &format!("-Cprofile-use={} {COLD} {PACK} {linking}", profile.display()));
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

/// Does a part of the usual work with a program, and writes reports into a folder.
type Work = fn(&Shell, &Path, &Path) -> Result;

/// What people use rolecall for, in small. What comes first is what most runs do, and its functions lie
/// together.
const WORK: [(&str, Work); 3] =
    [("scan", scan), ("scan-all-rules", scan_with_all_rules), ("all", everything_else)];

fn scan(sh: &Shell, program: &Path, _: &Path) -> Result {
    simulate(sh, program, "")
}

fn scan_with_all_rules(sh: &Shell, program: &Path, _: &Path) -> Result {
    simulate(sh, program, "--all-rules --others 2")
}

/// Scans the simulator.
fn simulate(sh: &Shell, program: &Path, options: &str) -> Result {
    let simulator = ["--locked", "--release", "--package", "simulator", "--", "bench"];
    let estate = "--custom --accounts 10 --regions 4 --latency 10 --no-rates";
    let options = estate.split(' ').chain(options.split_whitespace());
    run(cmd!(sh, "cargo run {simulator...} --program {program} {options...}"))
}

fn everything_else(sh: &Shell, program: &Path, reports: &Path) -> Result {
    run(cmd!(sh, ".ci/smoke {program}"))?;
    run(cmd!(sh, "{program} rules").ignore_stdout())?;
    run(cmd!(sh, "{program} test rules").ignore_stdout())?;
    let output = |format| format!("--output={format}={}", reports.join(format).display());
    let outputs = FORMATS.split(' ').map(output);
    // The example has failures and gaps.
    run(cmd!(sh, "{program} evaluate --snapshot fixtures/acme {outputs...}").ignore_status())?;
    run(cmd!(sh, "python3 benches/evaluation.py --program {program} --sizes 2000 --runs 1"))
}

/// The names of functions, each once, one in a line.
fn in_order(functions: &[String]) -> String {
    let mut seen = HashSet::new();
    let names = functions.iter().flat_map(|names| names.lines());
    names.filter(|name| seen.insert(*name)).flat_map(|name| [name, "\n"]).collect()
}

/// Adds to the flags of the compiler.
fn flags<'a>(sh: &'a Shell, options: &str) -> PushEnv<'a> {
    let before = sh.var("RUSTFLAGS").unwrap_or_default();
    sh.push_env("RUSTFLAGS", format!("{before} {options}").trim())
}

/// Tools that belong to the compiler.
struct Tools {
    /// Reads counts.
    profdata: PathBuf,
    /// A folder with a linker that can order functions.
    linker: PathBuf,
}

impl Tools {
    /// Checks what must be installed.
    fn find(sh: &Shell, target: &str) -> Result<Self> {
        let missing = |what: &str, install: &str| {
            Err(format!("{what} is missing: install it by `{install}`"))
        };
        let read =
            |command: xshell::Cmd<'_>| command.quiet().read().map_err(|error| error.to_string());
        let library = PathBuf::from(read(cmd!(sh, "rustc --print sysroot"))?).join("lib/rustlib");
        if !library.join(target).is_dir() {
            return missing("the target", &format!("rustup target add {target}"));
        }
        if cmd!(sh, "musl-gcc --version").quiet().ignore_stdout().run().is_err() {
            return missing("musl-gcc", "apt-get install musl-tools");
        }
        let host = read(cmd!(sh, "rustc -vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let tools = library.join(host).join("bin");
        let (profdata, linker) = (tools.join("llvm-profdata"), tools.join("gcc-ld"));
        if !profdata.is_file() {
            return missing("llvm-profdata", "rustup component add llvm-tools");
        }
        if !linker.join("ld.lld").is_file() {
            return Err(format!(
                "{} is missing: use a toolchain of rustup",
                linker.join("ld.lld").display()
            ));
        }
        Ok(Self { profdata, linker })
    }

    /// Puts the counts of a folder into one file.
    fn merge(&self, sh: &Shell, counts: &Path, file: &Path) -> Result {
        let Self { profdata, .. } = self;
        run(cmd!(sh, "{profdata} merge -o {file} {counts}"))
    }

    /// The names of the functions with a count above 0, one in a line.
    fn functions_that_ran(&self, sh: &Shell, profile: &Path) -> Result<String> {
        let Self { profdata, .. } = self;
        let show = cmd!(sh, "{profdata} show --all-functions --counts {profile}");
        let counts = show.quiet().read().map_err(|error| error.to_string())?;
        Ok(names_that_ran(&counts))
    }
}

/// Reads lines such as `  file;name:` and, some lines later, `    Block counts: [0, 3]`.
fn names_that_ran(counts: &str) -> String {
    let mut names = String::new();
    let mut name = "";
    for line in counts.lines() {
        if let Some(counts) = line.strip_prefix("    Block counts: [") {
            if counts.trim_end_matches(']').split(", ").any(|count| !matches!(count, "" | "0")) {
                names.push_str(name);
                names.push('\n');
            }
        } else if line.starts_with("  ") && !line.starts_with("    ") {
            let line = line.trim().trim_end_matches(':');
            name = line.rsplit_once(';').map_or(line, |(_, name)| name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_scans_come_first() {
        let counts = "Counters:\n  a.cgu.0;ran:\n    Hash: 0x1\n    Counters: 2\n    Block counts: [0, 10]\n  \
                      never:\n    Hash: 0x2\n    Counters: 1\n    Block counts: [0]\n  none:\n    \
                      Block counts: []\nTotal functions: 3\n";
        let scans = names_that_ran(counts);
        assert_eq!(scans, "ran\n");
        assert_eq!(in_order(&[scans, "other\nran\n".to_owned()]), "ran\nother\n");
    }
}
