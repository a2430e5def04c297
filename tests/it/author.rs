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

const RULE: &str = r#"//! Nobody owns the *volume*, and here is a sentence that is long enough to be wrapped onto a second line by the program.
//!
//! ## Why it matters
//! - one
const RULE = #{
    title: "Volume without owner",
    resource: "ec2.volume",
    severity: "low",
    params: #{ tag: "Owner", more: 1 },
    aliases: ["volume-owner"],
};
fn check(volume, params) {
    if volume.size < params.more { return skip("small"); }
    if is_configured(volume.tags[params.tag]) { pass() } else { fail("no owner") }
}
"#;

#[test]
fn a_rule_is_explained_with_all_that_is_known_of_it() {
    let ran = run_in(crate::program::root(), &["explain", "ebs-volume-encrypted"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "ebs-volume-encrypted: ",
        "judges ec2.volume",
        "\nWhy it matters\n",
        "\nHow to fix it\n",
        "  ec2:DescribeVolumes  allowed by ec2:DescribeVolumes\n",
        "\nFrameworks\n",
        "built-in/ec2/ebs-volume-encrypted.rhai",
        "strict, all",
    ] {
        assert!(ran.stdout.contains(part), "{part} is missing in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("##") && !ran.stdout.contains('\u{1b}') && !ran.stdout.contains("fn check"), "{}", ran.stdout);

    let dir = tempfile::tempdir().unwrap();
    let explain = |args: &[&str]| run_in(dir.path(), &[&["explain"], args].concat());
    fs::create_dir(dir.path().join("ours")).unwrap();
    fs::write(dir.path().join("ours/ec2-owner.rhai"), RULE).unwrap();
    fs::write(dir.path().join("ours/ec2-owner.cases.json"), "[{\"name\": \"a\", \"expect\": \"pass\", \"facts\": {}}]").unwrap();
    let config = "[scan]\nrule_folders = [\"ours\"]\n[rules.ec2-owner]\nseverity = \"high\"\nparams = { tag = \"Team\" }\n";
    fs::write(dir.path().join("rolecall.toml"), config).unwrap();
    // By its id, an id that it had, or its file.
    let by_id = explain(&["ec2-owner"]).stdout;
    assert_eq!(explain(&["volume-owner"]).stdout, by_id);
    assert_eq!(explain(&["ours/ec2-owner.rhai"]).stdout, by_id);
    for part in [
        "severity high · of itself low · judges ec2.volume",
        "second\nline by the program.\n",
        "  tag   \"Team\" (default \"Owner\")\n  more  1\n",
        "ours/ec2-owner.cases.json (1 case: 1 pass)",
        "  earlier ids  volume-owner\n",
    ] {
        assert!(by_id.contains(part), "{part} is missing in\n{by_id}");
    }
    assert!(by_id.lines().all(|line| line.chars().count() <= 100), "{by_id}");
    let coloured = explain(&["ec2-owner", "--color", "always"]).stdout;
    assert!(coloured.starts_with("\u{1b}[1mec2-owner: Volume without owner\u{1b}[0m\n"), "{coloured}");
    assert!(explain(&["ec2-owner", "--source"]).stdout.contains("  fn check(volume, params) {\n"));

    let ran = explain(&["ec2-owner", "--format", "json", "--source"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["script"], RULE);
    assert_eq!((&json["params"]["tag"], &json["default_params"]["tag"]), (&"Team".into(), &"Owner".into()));
    assert_eq!(json["cases"]["expect"]["pass"], 1);
    assert_eq!(json["aliases"][0], "volume-owner");
    let ran = explain(&["ec2-owner", "--format", "markdown"]);
    assert!(ran.stdout.starts_with("# Volume without owner\n") && ran.stdout.contains("## Parameters\n"), "{}", ran.stdout);
    assert_eq!(explain(&["R030", "--format", "markdown"]).stdout.lines().next().unwrap().split(' ').nth(1), Some("R030"));

    for (word, part) in [("ec2-ownr", "did you mean `ec2-owner`?"), ("R0300000", "lists all codes"), ("gone.rhai", "gone.rhai")] {
        let ran = explain(&[word]);
        assert!(ran.code == 2 && ran.stderr.contains(part), "{word}: {}", ran.stderr);
    }
    // What does not parse as cases is told, and nothing else is lost.
    fs::write(dir.path().join("ours/ec2-owner.cases.json"), "[{]").unwrap();
    let ran = explain(&["ec2-owner"]);
    assert!(ran.code == 0 && ran.stdout.contains("cases that cannot be read"), "{}", ran.stdout);
}
