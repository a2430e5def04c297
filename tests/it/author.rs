//! The commands for those who write rules: `rolecall new`, `record` and `explain`.

use std::fs;
use std::path::Path;

use crate::program::{Ran, ran, rolecall};

/// Runs the program in a folder.
fn run_in(dir: &Path, args: &[&str]) -> Ran {
    ran(rolecall().current_dir(dir).args(args).output().unwrap())
}

#[test]
fn a_new_rule_can_be_linted_tested_and_judged_by_and_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let new = |args: &[&str]| run_in(dir.path(), &[&["new"], args].concat());
    let ran = new(&["ebs-volume-own-key", "--kind", "ec2.volume", "--severity", "high"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "wrote my-rules/ebs-volume-own-key.rhai\nwrote my-rules/ebs-volume-own-key.cases.json\n",
        "rolecall test my-rules/ebs-volume-own-key.rhai --watch",
        "`--rules my-rules`",
    ] {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
    for args in
        [&["lint", "my-rules"][..], &["test", "my-rules"], &["rules", "--rules", "my-rules", "--rule", "ebs-volume-own-key"]]
    {
        let ran = run_in(dir.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    }
    let path = dir.path().join("my-rules/ebs-volume-own-key.rhai");
    let rule = fs::read_to_string(&path).unwrap();
    assert!(rule.contains("severity: \"high\"") && rule.contains("kms_key_id") && rule.contains("list of object"), "{rule}");

    fs::write(&path, "mine").unwrap();
    fs::write(dir.path().join("my-rules/other.cases.json"), "mine").unwrap();
    for (args, part) in [
        (&["ebs-volume-own-key", "--kind", "ec2.volume"][..], "ebs-volume-own-key.rhai exists and is not overwritten"),
        (&["other", "--kind", "ec2.volume"], "other.cases.json exists and is not overwritten"),
        (&["Own_Key", "--kind", "ec2.volume"], "`Own_Key` is no rule id; did you mean `own-key`?"),
        (&["../x", "--kind", "ec2.volume"], "`../x` is no rule id; did you mean `x`?"),
        (&["own-key", "--kind", "ec2.volum"], "there is no kind `ec2.volum`; did you mean `ec2.volume`?"),
        (&["own-key", "--kind", "volume"], "did you mean `ec2.volume`?"),
        (&["own-key", "--kind", "ec2.volume", "--severity", "hihg"], "did you mean `high`?"),
    ] {
        let ran = new(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    let mut there: Vec<_> = fs::read_dir(dir.path().join("my-rules")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, ["ebs-volume-own-key.cases.json", "ebs-volume-own-key.rhai", "other.cases.json"]);

    // The first folder of the config is where a site's rules are; a rule in a folder of it counts.
    fs::create_dir_all(dir.path().join("ours/deep")).unwrap();
    fs::write(dir.path().join("rolecall.toml"), "[scan]\nrule_folders = [\"ours\"]\n").unwrap();
    assert_eq!(new(&["s3-bucket-versioning", "--kind", "s3.bucket", "--dir", "ours/deep"]).code, 0);
    let ran = new(&["s3-bucket-versioning", "--kind", "s3.bucket"]);
    assert!(ran.code == 2 && ran.stderr.contains("deep/s3-bucket-versioning.rhai exists"), "{}", ran.stderr);
    let ran = new(&["s3-bucket-tls-only", "--kind", "s3.bucket"]);
    assert!(ran.code == 0 && ran.stderr.contains("a built-in rule has that id"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("--rules"), "{}", ran.stderr);
    assert!(dir.path().join("ours/s3-bucket-tls-only.rhai").exists());
}
