//! Evaluates three built-in rules, written in Rego, on a snapshot of one account: reads each resource,
//! evaluates the rules that are about its type, and prints how many failures each rule has.
//!
//!     rolecall-rego ACCOUNT.jsonl

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::{Context, Result};
use regorus::{Engine, Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KINDS: [&str; 3] = ["ec2.volume", "ec2.instance", "s3.bucket"];

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: rolecall-rego ACCOUNT.jsonl")?;
    let mut engine = Engine::new();
    engine.add_policy("rules.rego".to_owned(), include_str!("rules.rego").to_owned())?;
    let mut failures: BTreeMap<String, usize> = BTreeMap::new();
    for line in BufReader::new(File::open(&path)?).lines() {
        let resource = Value::from_json_str(&line?)?;
        let kind = resource["kind"].as_string().ok().map(ToString::to_string);
        let is_resource = resource["id"].as_string().is_ok();
        if !is_resource || !kind.is_some_and(|kind| KINDS.contains(&kind.as_str())) {
            continue;
        }
        engine.set_input(resource);
        let failed = engine.eval_rule("data.rules.fail".to_owned())?;
        for rule in failed.as_set().into_iter().flatten() {
            *failures.entry(rule.as_string()?.to_string()).or_default() += 1;
        }
    }
    println!("{}", serde_json::to_string(&failures)?);
    Ok(())
}
