//! The real program, in its own folder and without the developer's environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::aws::FakeAws;
use super::fault::Proxy;
use crate::program::{Ran, ran, rolecall};

impl Ran {
    /// Fails with the output of the program.
    #[track_caller]
    pub fn assert_code(&self, expected: i32) -> &Self {
        assert_eq!(
            self.code, expected,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// A folder in which the program runs.
#[derive(Debug)]
pub struct Rolecall {
    dir: TempDir,
    environment: BTreeMap<String, OsString>,
}

impl Rolecall {
    /// Without credentials or a config.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        fs::create_dir(&home).unwrap();
        let mut environment = BTreeMap::from([
            ("HOME".to_owned(), home.into_os_string()),
            // Otherwise the provider chain would query the instance metadata service, and wait.
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".into()),
        ]);
        for kept in ["PATH", "SYSTEMROOT", "LLVM_PROFILE_FILE"] {
            environment.extend(std::env::var_os(kept).map(|value| (kept.to_owned(), value)));
        }
        Self { dir, environment }
    }

    /// With the credentials of a user, in front of a proxy that acts as AWS.
    pub fn at(proxy: &Proxy) -> Self {
        Self::new()
            .env("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
            .env("AWS_SECRET_ACCESS_KEY", "base-secret-key")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", &proxy.url())
    }

    /// With the credentials of a user, on the hosts of AWS that the fake stands for.
    pub fn on(fake: &FakeAws) -> Self {
        Self::new()
            .env("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
            .env("AWS_SECRET_ACCESS_KEY", "base-secret-key")
            .env("AWS_REGION", "us-east-1")
            .env("HTTPS_PROXY", &fake.proxy_url())
            .env("AWS_CA_BUNDLE", fake.ca_pem_path().to_str().unwrap())
    }

    /// With the credentials of a user, at the plain address of the simulated AWS.
    pub fn at_address(fake: &FakeAws) -> Self {
        Self::new()
            .env("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
            .env("AWS_SECRET_ACCESS_KEY", "base-secret-key")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &fake.endpoint_url())
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// With a config file.
    pub fn config(self, text: &str) -> Self {
        fs::write(self.path("rolecall.toml"), text).unwrap();
        self
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A JSON file of the folder.
    #[track_caller]
    pub fn json(&self, name: &str) -> Value {
        let path = self.path(name);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs the program to its end, for at most two minutes.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        let output = assert_cmd::Command::from_std(self.command(args))
            .timeout(Duration::from_secs(120))
            .output()
            .unwrap();
        let ended = ran(output);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    /// Runs the program with a limit on open files.
    #[cfg(unix)]
    #[track_caller]
    pub fn run_with_open_files(&self, limit: u32, args: &[&str]) -> Ran {
        self.run_after(&format!("ulimit -n {limit}"), args)
    }

    /// Runs the program with a limit on the bytes of each file, and an error beyond it.
    #[cfg(unix)]
    #[track_caller]
    pub fn run_with_file_size(&self, limit: u64, args: &[&str]) -> Ran {
        // The signal would end the program; it is ignored as on a disk that is full.
        self.run_after(&format!("trap '' XFSZ; ulimit -f {}", limit / 512), args)
    }

    /// Runs the program after a command of the shell.
    #[cfg(unix)]
    #[track_caller]
    fn run_after(&self, command: &str, args: &[&str]) -> Ran {
        let program = self.command(args);
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &format!("{command} && exec \"$@\""), "sh"])
            .arg(program.get_program())
            .args(program.get_args());
        shell.current_dir(self.dir.path()).env_clear().envs(&self.environment);
        let output = assert_cmd::Command::from_std(shell)
            .timeout(Duration::from_secs(120))
            .output()
            .unwrap();
        let ended = ran(output);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    /// The program, ready to be started.
    pub fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = rolecall();
        command.args(args).current_dir(self.dir.path()).envs(&self.environment);
        command
    }

    /// Every file below the folder, with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect_files(self.dir.path(), &mut files);
        files.sort();
        files
    }
}

fn collect_files(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_files(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

/// The external id of [`scan_config`], which must appear only in AssumeRole.
pub const SECRET: &str = "kept-between-us-4711";

/// The rules for which `seed.py` knows the expected verdicts, as a config section.
pub const SELECTION: &str = r#"
[scan.selection]
name = "seeded"
rules = [
    "ebs-volume-encrypted",
    "ec2-ebs-encryption-by-default",
    "ec2-instance-imdsv2",
    "s3-account-public-access-block",
    "s3-bucket-effective-public-access-block",
    "s3-bucket-policy-not-public",
    "s3-bucket-tls-only",
    "s3-bucket-versioning",
    "sg-default-closed",
    "sg-ingress-remote-admin-ipv4",
]
"#;

/// A config for the three accounts in moto and both regions; `scan` is added to its `[scan]`
/// section.
pub fn scan_config(scan: &str) -> String {
    config_for_all_regions(&format!("regions = [\"eu-west-1\", \"us-east-1\"]\n{scan}"))
}

/// The same without regions: all enabled regions are scanned.
pub fn config_for_all_regions(scan: &str) -> String {
    format!(
        r#"
[role]
name = "audit"
path = "/security/"
external_id = {{ env = "ROLECALL_EXTERNAL_ID" }}
[[account]]
id = "111122223333"
name = "payments"
labels = {{ team = "payments" }}
[[account]]
id = "222233334444"
name = "research"
[[account]]
id = "333344445555"
name = "sandbox"
[scan]
{scan}
{SELECTION}
"#
    )
}

impl Rolecall {
    /// With the config of [`scan_config`] and its external id.
    pub fn scan_config(self, scan: &str) -> Self {
        self.config(&scan_config(scan)).env("ROLECALL_EXTERNAL_ID", SECRET)
    }

    /// With the config of [`config_for_all_regions`] and its external id.
    pub fn config_for_all_regions(self, scan: &str) -> Self {
        self.config(&config_for_all_regions(scan)).env("ROLECALL_EXTERNAL_ID", SECRET)
    }
}
