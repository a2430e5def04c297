//! One moto server for the test process, from a virtual environment of its own under `target/`.
//! `seed.py` fills it and prints the expected verdicts. No test changes anything in it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::Value;

use super::report::Verdicts;
use crate::python::python;

pub const PAYMENTS: &str = "111122223333";
pub const RESEARCH: &str = "222233334444";
pub const SANDBOX: &str = "333344445555";
pub const ACCOUNTS: [&str; 3] = [PAYMENTS, RESEARCH, SANDBOX];
/// The account of credentials that were not returned by AssumeRole.
pub const OWN: &str = "123456789012";
pub const IRELAND: &str = "eu-west-1";
pub const VIRGINIA: &str = "us-east-1";

/// A running server.
pub struct Moto {
    pub address: SocketAddr,
    /// The expected verdict of every rule on everything in the three accounts.
    pub truth: Verdicts,
    /// Ids of the OUs of the organization: `root`, `workloads`, `prod`, `sandbox`.
    pub units: Value,
    /// The server exits when this pipe is closed, and so with this process.
    _stdin: ChildStdin,
}

/// The server of this process.
pub fn moto() -> &'static Moto {
    static MOTO: OnceLock<Option<Moto>> = OnceLock::new();
    // A server that does not start is tried once, not for every test.
    let start =
        || std::panic::catch_unwind(start).inspect_err(|_| eprintln!("moto did not start")).ok();
    MOTO.get_or_init(start).as_ref().expect("moto did not start: see the first test that needed it")
}

fn start() -> Moto {
    let (address, ready, stdin) = serve(&[]);
    let truth = Verdicts::of_truth(&ready["verdicts"]);
    Moto { address, truth, units: ready["units"].clone(), _stdin: stdin }
}

/// A server with the estate of `estate.py`.
pub struct Estate {
    pub address: SocketAddr,
    pub accounts: Vec<String>,
    /// The expected verdict of every rule on everything in them.
    pub truth: Verdicts,
    /// What AWS would return where moto does not.
    pub answers: Vec<Value>,
    /// How many resources were created.
    pub resources: u64,
    /// The server exits when this pipe is closed, and so with this process.
    _stdin: ChildStdin,
}

/// The estate of this process.
pub fn estate() -> &'static Estate {
    static ESTATE: OnceLock<Option<Estate>> = OnceLock::new();
    let start = || {
        let (address, ready, stdin) = serve(&["estate"]);
        Estate {
            address,
            accounts: serde_json::from_value(ready["accounts"].clone()).unwrap(),
            truth: Verdicts::of_truth(&ready["verdicts"]),
            answers: ready["answers"].as_array().unwrap().clone(),
            resources: ready["resources"].as_u64().unwrap(),
            _stdin: stdin,
        }
    };
    let start =
        || std::panic::catch_unwind(start).inspect_err(|_| eprintln!("moto did not start")).ok();
    ESTATE
        .get_or_init(start)
        .as_ref()
        .expect("moto did not start: see the first test that needed it")
}

/// A server without resources, whose accounts tests fill and change.
pub struct Blank {
    pub address: SocketAddr,
    /// The server exits when this pipe is closed, and so with this process.
    _stdin: ChildStdin,
}

/// Starts a server without resources.
pub fn blank() -> Blank {
    let (address, _, stdin) = serve(&["blank"]);
    Blank { address, _stdin: stdin }
}

/// A filled server: its address, what it printed, and the pipe that keeps it running.
fn serve(arguments: &[&str]) -> (SocketAddr, Value, ChildStdin) {
    let python = python();
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/moto_server.py");
    let mut child = Command::new(&python)
        .arg(&server)
        .args(arguments)
        // The developer's own AWS settings must not reach the fake server.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", python.parent().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", python.display()));
    let stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        drop(sender.send(read.map(|_| line)));
        // Reaps the server; it runs as long as this process, unless it fails.
        child.wait()
    });
    let line = receiver
        .recv_timeout(Duration::from_secs(180))
        .expect("moto must be ready within three minutes")
        .unwrap();
    let ready: Value = serde_json::from_str(&line)
        .unwrap_or_else(|_| panic!("moto did not start, see its errors above: {line}"));
    let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
    (SocketAddr::from(([127, 0, 0, 1], port)), ready, stdin)
}

/// Runs a script of this folder, which must succeed.
#[cfg(feature = "lambda")]
pub fn run_script(name: &str, arguments: &[&str]) {
    run_script_with(name, arguments, &[]);
}

/// Runs a script of this folder with further environment variables. It must succeed; returns what
/// it printed.
pub fn run_script_with(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let python = python();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support").join(name);
    let output = Command::new(&python)
        .arg(path)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", python.parent().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{name} {arguments:?}:\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON that a script of this folder prints, given the server's address.
pub fn script(name: &str) -> Value {
    let python = python();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support").join(name);
    let output = Command::new(&python)
        .arg(path)
        .arg(format!("http://{}", moto().address))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", python.parent().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
