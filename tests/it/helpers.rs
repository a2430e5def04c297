//! Helpers as people meet them: in the program, in their editor, and with the trust of their config.

use std::fs;

use serde_json::json;

use super::program::{run, snapshot, text};

#[test]
fn helpers_are_listed_shown_and_looked_up() {
    let all = run(&["helpers"]);
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(all.stdout.contains("outside_grants") && all.stdout.contains("POLICIES"), "{}", all.stdout);
    let wrong = run(&["helpers", "world_opening"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""));
    assert!(wrong.stderr.contains("did you mean `world_openings`?"), "{}", wrong.stderr);
}

#[test]
fn definitions_are_written_but_not_over_the_files_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["definitions", text(dir.path())];
    let ran = run(&args);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let path = dir.path().join("rolecall.d.rhai");
    assert!(fs::read_to_string(&path).unwrap().contains("fn is_trusted_account("));
    fs::write(&path, "module static;\n").unwrap();
    let ran = run(&args);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was not written by rolecall"), "{}", ran.stderr);
}

#[test]
fn the_trust_of_the_config_reaches_rules() {
    let dir = tempfile::tempdir().unwrap();
    let stored = dir.path().join("snapshot");
    fs::create_dir(&stored).unwrap();
    let group = json!({ "group_id": "sg-1", "group_name": "web", "owner_id": "222233334444" });
    snapshot(&stored, "111122223333", &[("ec2.security_group", "sg-1", "eu-west-1", group)]);
    let rules = dir.path().join("rules");
    fs::create_dir(&rules).unwrap();
    let rule = "//! Test.\nconst RULE = #{ title: \"t\", resource: \"ec2.security_group\", severity: \"high\" };\n\
        fn check(group, params) { if is_trusted_account(group.owner_id) { pass() } else { fail(`${trusted_accounts()}`) } }\n";
    fs::write(rules.join("owner.rhai"), rule).unwrap();
    let config = dir.path().join("rolecall.toml");
    let judge = |toml: &str| {
        fs::write(&config, toml).unwrap();
        let args =
            ["evaluate", "--snapshot", text(&stored), "--rules", text(&rules), "--rule", "owner", "--config", text(&config)];
        let ran = run(&args);
        (ran.code, format!("{}{}", ran.stdout, ran.stderr))
    };
    let account = "[[account]]\nid = \"222233334444\"\n[role]\nname = \"r\"\n";
    let (code, output) = judge("");
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("111122223333") && !output.contains("222233334444, "), "{output}");
    assert_eq!(judge("[trust]\naccounts = [\"222233334444\"]\n").0, 0, "named");
    assert_eq!(judge(account).0, 0, "scanned accounts are trusted");
    assert_eq!(judge(&format!("{account}[trust]\norganization_accounts = false\n")).0, 1, "unless the site says no");
    let (code, output) = judge("[trust]\naccounts = [\"2222\"]\n");
    assert!(code == 2 && output.contains("rolecall.toml:2:13"), "{output}");
}
