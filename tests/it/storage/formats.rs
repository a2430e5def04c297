//! Reports in every format can go to S3, and are there what they are on disk.

use std::fs;

use super::{bucket, config, get, keys, run};
use crate::support::fault::Proxy;
use crate::support::moto::{PAYMENTS, RESEARCH};
use crate::support::rolecall::Rolecall;

/// Formats that are one file, whatever they contain.
const FORMATS: [&str; 11] = [
    "text",
    "json",
    "sarif-full",
    "html",
    "markdown",
    "junit",
    "csv",
    "gitlab",
    "github",
    "ocsf",
    "asff",
];

#[test]
fn every_format_can_be_in_s3() {
    let files = bucket("formats");
    let at = |key: &str| format!("s3://{files}/{key}");
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    run(&program, &["collect", "--snapshot", "night"]);
    let outputs: Vec<String> = FORMATS
        .iter()
        .flat_map(|format| {
            [format!("{format}={}", at(&format!("night/{format}"))), format!("{format}={format}")]
        })
        .chain([format!("asff={}", at("asff-{account}.jsonl"))])
        .collect();
    let mut args = vec!["evaluate", "--snapshot", "night", "--fail-on", "none"];
    args.extend(outputs.iter().flat_map(|output| ["--output", output.as_str()]));
    run(&program, &args).assert_code(0);
    for format in FORMATS {
        let remote = get(&files, &format!("night/{format}")).unwrap_or_else(|| panic!("{format}"));
        assert!(!remote.is_empty(), "{format}");
        assert_eq!(remote, fs::read(program.path(format)).unwrap(), "{format}");
    }
    // A file for each account, with its findings only.
    for account in [PAYMENTS, RESEARCH] {
        let name = format!("asff-{account}.jsonl");
        assert!(keys(&files).contains(&name), "{name}");
        let text = String::from_utf8(get(&files, &name).unwrap()).unwrap();
        for line in text.lines() {
            let batch: Vec<serde_json::Value> = serde_json::from_str(line).unwrap();
            assert!(batch.iter().all(|finding| finding["AwsAccountId"] == account));
        }
    }
    let all = String::from_utf8(get(&files, "night/asff").unwrap()).unwrap();
    assert!(all.contains("\"Status\":\"FAILED\""), "a bucket fails");
}
