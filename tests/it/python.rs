//! Virtual environments with the Python packages that tests need, below the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// The Python of a virtual environment with the packages of `tests/FILE`, created on first use.
pub fn python(file: &str, name: &str) -> PathBuf {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let wanted = fs::read(&requirements).unwrap();
    let hash: String =
        Sha256::digest(&wanted).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let environment = target.join(format!("{name}-venv-{hash}"));
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let complete = environment.join("complete");

    // Another test process may do the same; the lock is released when its process exits.
    let lock = File::create(target.join(format!("{name}-venv-{hash}.lock"))).unwrap();
    lock.lock().unwrap();
    if !complete.exists() {
        eprintln!("creating {} for {name}, once", environment.display());
        let help = format!(
            "The tests with {name} need python3 with venv and pip (Debian, Ubuntu: apt-get install python3-venv), and PyPI."
        );
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), &help);
        run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(requirements),
            &help,
        );
        fs::write(complete, "").unwrap();
    }
    python
}

fn run(command: &mut Command, help: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}. {help}"));
    let texts =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{command:?} failed. {help}\n{}", texts.concat());
}
