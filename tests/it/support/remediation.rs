//! What the tests of `remediate apply` share: moto without resources, and a proxy in front of it that
//! answers dry runs as AWS does.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use super::fault::{Fault, Proxy, when};
use super::moto::{Blank, blank};
use crate::program::{Ran, root};

/// The server of all tests. Each test has accounts of its own.
pub fn server() -> &'static Blank {
    static SERVER: OnceLock<Blank> = OnceLock::new();
    SERVER.get_or_init(blank)
}

/// A proxy in front of the server.
pub fn proxy(mut faults: Vec<Fault>) -> Proxy {
    faults.push(dry_runs());
    Proxy::to(server().address, faults)
}

/// Dry runs as AWS answers them; moto carries out some.
fn dry_runs() -> Fault {
    when(|request| request.param("DryRun") == "true").error(
        412,
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
    )
}

/// A report as JSON, which matches its schema.
#[track_caller]
pub fn valid(ended: &Ran, command: &str) -> Value {
    let value: Value = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", ended.stdout, ended.stderr));
    let path = root().join(format!("src/remediation/{command}.schema.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    value
}
