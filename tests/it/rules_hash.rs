//! `rules_sha256` pins the rules in `rule_folders`, and `rules --hash` prints it.

use std::fs;

use crate::program::rolecall;

const RULE: &str = "//! Always passes.\nconst RULE = #{ title: \"Own\", resource: \"s3.bucket\", severity: \"low\" };\nfn check(bucket, params) { pass() }\n";

#[test]
fn the_hash_of_changed_rules_is_printed_although_the_config_has_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let rule = dir.path().join("own/own-rule.rhai");
    fs::create_dir(dir.path().join("own")).unwrap();
    fs::write(&rule, RULE).unwrap();
    let config = |pin: &str| {
        let text = format!("[scan]\nrule_folders = [\"own\"]\n{pin}\n");
        fs::write(dir.path().join("rolecall.toml"), text).unwrap();
    };
    let run = |args: &[&str], code: i32| -> (String, String) {
        let output = rolecall().args(args).current_dir(dir.path()).output().unwrap();
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        (stdout, stderr)
    };
    let hash = || run(&["rules", "--hash"], 0).0.trim().to_owned();
    let accepted = ["rules", "--rule", "own-rule"];
    config("");
    let first = hash();
    assert_eq!(first.len(), 64, "{first}");

    config(&format!("rules_sha256 = \"{first}\""));
    run(&accepted, 0);

    fs::write(&rule, RULE.replace("Always", "Still always")).unwrap();
    let second = hash();
    assert_ne!(first, second);
    let (_, error) = run(&accepted, 2);
    assert!(error.contains(&second), "{error}");

    config(&format!("rules_sha256 = \"{second}\""));
    run(&accepted, 0);

    // Other errors of the config are still errors.
    config("rules_sha256 = \"x\"");
    run(&["rules", "--hash"], 2);
}
