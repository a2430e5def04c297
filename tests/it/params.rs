//! Parameters of rules: their limits, and their overrides in some accounts.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Ran, root, run, text};

fn pack() -> PathBuf {
    root().join("tests/cases/authoring/limits")
}

/// Evaluates the example with a config.
fn evaluate(dir: &Path, config: &str, rule: &str, more: &[&str]) -> Ran {
    let path = dir.join("rolecall.toml");
    fs::write(&path, config).unwrap();
    let pack = pack();
    let mut args = vec!["evaluate", "--config", text(&path), "--snapshot", "fixtures/acme"];
    args.extend(["--rules", text(&pack), "--rule", rule, "--fail-on", "none"]);
    args.extend(more);
    run(&args)
}

/// The distinct messages of the failures in each account.
fn failures(dir: &Path, config: &str) -> Vec<(String, Vec<String>)> {
    let ran = evaluate(dir, config, "ebs-volume-old", &["-o", "json"]);
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_account = |account: &Value| {
        let findings = account["findings"].as_array().unwrap().iter();
        let failed = findings.filter(|finding| finding["verdict"] == "fail");
        let mut messages: Vec<String> = failed.map(|one| text(&one["message"])).collect();
        messages.sort();
        messages.dedup();
        (text(&account["account"]), messages)
    };
    let accounts = report["accounts"].as_array().unwrap().iter().map(of_account);
    accounts.filter(|(_, messages)| !messages.is_empty()).collect()
}

/// In the example, volumes of two accounts are old: of `acme-prod` (env prod, team platform) and
/// `acme-data` (env prod, team data).
const BOTH: &str =
    "[rules.\"ebs-volume-old\"]\nparams = { days = 5, states = [\"available\", \"in-use\"] }\n";

#[test]
fn later_and_more_specific_overrides_take_precedence() {
    let dir = tempfile::tempdir().unwrap();
    let over = |settings: &str| {
        format!("{BOTH}{}", settings.replace("[[o]]", "[[rules.\"ebs-volume-old\".override]]"))
    };
    let shown = |found: Vec<(String, Vec<String>)>| -> Vec<String> {
        found
            .into_iter()
            .map(|(account, messages)| format!("{account} {}", messages.join(",")))
            .collect()
    };
    let [prod, staging, data] = ["111122223333", "222233334444", "333344445555"];
    let five = "more than 5 days";
    for (settings, expected) in [
        ("", [(prod, five), (staging, five), (data, five)].to_vec()),
        // By id, by name, by a pattern for a name.
        (
            "[[o]]\naccounts = [\"111122223333\"]\nparams = { days = 6 }",
            vec![(prod, "more than 6 days"), (staging, five), (data, five)],
        ),
        (
            "[[o]]\naccounts = \"acme-data\"\nparams = { days = 6 }",
            vec![(prod, five), (staging, five), (data, "more than 6 days")],
        ),
        (
            "[[o]]\naccounts = [\"acme-*\"]\nparams = { days = 6 }",
            vec![
                (prod, "more than 6 days"),
                (staging, "more than 6 days"),
                (data, "more than 6 days"),
            ],
        ),
        // By labels, all of which must match.
        (
            "[[o]]\nlabels = { env = \"prod\" }\nparams = { days = 6 }",
            vec![(prod, "more than 6 days"), (staging, five), (data, "more than 6 days")],
        ),
        (
            "[[o]]\nlabels = { env = [\"prod\", \"stag*\"], team = \"platform\" }\nparams = { days = 6 }",
            vec![(prod, "more than 6 days"), (staging, "more than 6 days"), (data, five)],
        ),
        (
            "[[o]]\naccounts = [\"acme-data\"]\nlabels = { team = \"platform\" }\nparams = { days = 6 }",
            vec![(prod, five), (staging, five), (data, five)],
        ),
        // Later ones take precedence, parameter by parameter.
        (
            "[[o]]\nlabels = { env = \"prod\" }\nparams = { days = 6 }\n[[o]]\naccounts = \"acme-data\"\nparams = { days = 7 }",
            vec![(prod, "more than 6 days"), (staging, five), (data, "more than 7 days")],
        ),
        (
            "[[o]]\naccounts = \"acme-data\"\nparams = { days = 7 }\n[[o]]\nlabels = { env = \"prod\" }\nparams = { days = 6 }",
            vec![(prod, "more than 6 days"), (staging, five), (data, "more than 6 days")],
        ),
        (
            "[[o]]\nlabels = { env = \"prod\" }\nparams = { days = 6 }\n[[o]]\naccounts = \"acme-data\"\nparams = { states = [] }",
            vec![(prod, "more than 6 days"), (staging, five)],
        ),
    ] {
        let expected: Vec<String> =
            expected.iter().map(|(account, message)| format!("{account} {message}")).collect();
        assert_eq!(shown(failures(dir.path(), &over(settings))), expected, "{settings}");
    }
    // The report says which parameters applied where.
    let settings =
        over("[[o]]\naccounts = \"acme-data\"\nlabels = { env = \"prod\" }\nparams = { days = 6 }");
    let ran = evaluate(dir.path(), &settings, "ebs-volume-old", &["-o", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        report["rules"][0]["overrides"],
        json!([{ "accounts": ["acme-data"], "labels": { "env": ["prod"] }, "params": { "days": 6 } }])
    );
    // A trace and a recorded case have them, too.
    let more = ["--account", "acme-data", "--resource", "experiment-7", "--trace"];
    let ran = evaluate(dir.path(), &settings, "ebs-volume-old", &more);
    assert!(ran.stdout.contains("more than 6 days"), "{}{}", ran.stdout, ran.stderr);
    let config = dir.path().join("rolecall.toml");
    let rule = dir.path().join("ebs-volume-old.rhai");
    fs::copy(pack().join("ebs-volume-old.rhai"), &rule).unwrap();
    let mut args = vec!["record", "--config", text(&config), "--snapshot", "fixtures/acme"];
    args.extend(["--rule", text(&rule), "--resource", "experiment-7", "--expect", "fail"]);
    let ran = run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let cases = fs::read_to_string(rule.with_extension("cases.json")).unwrap();
    assert!(cases.contains("\"days\": 6"), "{cases}");
}

/// Accounts of an organization come and go: an override that outlives its account does not stop the
/// nightly run.
#[test]
fn overrides_without_an_account_are_notes_in_an_organization() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = dir.path().join("snapshot");
    fs::create_dir(&snapshot).unwrap();
    for entry in fs::read_dir(root().join("fixtures/acme")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), snapshot.join(entry.file_name())).unwrap();
    }
    let manifest = snapshot.join("snapshot.json");
    let mut value: Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    let member = |account: &str, name: &str, state: &str| json!({ "account": account, "name": name, "state": state, "unit": "r-acme" });
    value["organization"] = json!({
        "units": [{ "id": "r-acme", "name": "Root" }],
        "accounts": [member("111122223333", "acme-prod", "ACTIVE"), member("999988887777", "acme-old", "SUSPENDED")],
    });
    fs::write(&manifest, value.to_string()).unwrap();
    for (selector, note) in [
        ("accounts = [\"acme-old\"]", None),
        ("accounts = [\"999988887777\"]", None),
        (
            "accounts = [\"acme-older\"]",
            Some("2:13: no account matches `acme-older`, so this override has no effect"),
        ),
        (
            "labels = { env = \"dev*\" }",
            Some("no account has a label `env` whose value matches `dev*`"),
        ),
    ] {
        let config = dir.path().join("rolecall.toml");
        let settings =
            format!("[[rules.\"ebs-volume-old\".override]]\n{selector}\nparams = {{ days = 9 }}\n");
        fs::write(&config, settings).unwrap();
        let args = ["evaluate", "--config", text(&config), "--snapshot", text(&snapshot)];
        let rules = pack();
        let ran =
            run(&[&args[..], &["--rules", text(&rules), "--rule", "ebs-volume-old"]].concat());
        assert_ne!(ran.code, 2, "{selector}: {}", ran.stderr);
        match note {
            Some(note) => assert!(ran.stderr.contains(note), "{selector}: {}", ran.stderr),
            None => assert!(!ran.stderr.contains("override"), "{selector}: {}", ran.stderr),
        }
    }
}

/// Every error has a position in the config.
#[test]
fn wrong_overrides_and_parameters_are_errors_of_the_config() {
    let dir = tempfile::tempdir().unwrap();
    let o = "[[rules.\"ebs-volume-old\".override]]\n";
    let r = "[rules.\"ebs-volume-old\"]\n";
    let cases = [
        (
            format!("{o}accounts = \"acme-prd\"\nparams = {{ days = 9 }}"),
            "2:12",
            "no account matches `acme-prd`",
            "did you mean `acme-prod`?",
        ),
        (
            format!("{o}accounts = [\"acme-prod\", \"999988887777\"]\nparams = {{ days = 9 }}"),
            "2:26",
            "no account matches `999988887777`",
            "use the id or the name of an account",
        ),
        (
            format!("{o}accounts = [111122223333]\nparams = {{ days = 9 }}"),
            "2:13",
            "must be a string",
            "write account ids as strings",
        ),
        (
            format!("{o}accounts = 111122223333\nparams = {{ days = 9 }}"),
            "2:12",
            "must be a string",
            "write account ids as strings",
        ),
        (format!("{o}accounts = []\nparams = {{ days = 9 }}"), "2:12", "`accounts` is empty", ""),
        (format!("{o}accounts = \"[\"\nparams = {{ days = 9 }}"), "2:12", "invalid pattern", ""),
        (
            format!("{o}labels = {{ evn = \"prod\" }}\nparams = {{ days = 9 }}"),
            "2:12",
            "no account has the label `evn`",
            "the labels of accounts are `env` and `team`",
        ),
        (
            format!("{o}labels = {{ env = \"prd\" }}\nparams = {{ days = 9 }}"),
            "2:12",
            "no account has a label `env` whose value matches `prd`",
            "prod`",
        ),
        (
            format!("{o}labels = {{ env = 7 }}\nparams = {{ days = 9 }}"),
            "2:18",
            "must be a string",
            "",
        ),
        (format!("{o}labels = {{}}\nparams = {{ days = 9 }}"), "2:10", "`labels` is empty", ""),
        (format!("{o}labels = \"prod\"\nparams = {{ days = 9 }}"), "2:10", "must be a table", ""),
        (
            format!("{o}accounts = \"acme-prod\""),
            "1:1",
            "`params`",
            "set the parameters that differ",
        ),
        (
            format!("{o}params = {{ days = 9 }}"),
            "1:1",
            "this override applies to every account",
            "set `accounts` or `labels`",
        ),
        (
            format!(
                "{o}account = \"acme-prod\"\nlabels = {{ env = \"prod\" }}\nparams = {{ days = 9 }}"
            ),
            "2:1",
            "unknown key `account`",
            "did you mean `accounts`?",
        ),
        (
            format!("{o}accounts = \"acme-prod\"\nseverity = \"high\"\nparams = {{ days = 9 }}"),
            "3:1",
            "unknown key `severity`",
            "",
        ),
        (
            format!("{o}accounts = \"acme-prod\"\nparams = {{ dyas = 9 }}"),
            "3:12",
            "has no parameter `dyas`",
            "did you mean `days`?",
        ),
        (
            format!("{o}accounts = \"acme-prod\"\nparams = {{ days = \"9\" }}"),
            "3:12",
            "must be an integer",
            "",
        ),
        (
            format!("{o}accounts = \"acme-prod\"\nparams = {{ days = 0 }}"),
            "3:12",
            "parameter `days` of `ebs-volume-old` must be from 1 to 365, not `0`",
            "",
        ),
        (
            "[rules.\"ebs-volume-old\"]\noverride = { accounts = \"acme-prod\" }".to_owned(),
            "2:12",
            "must be a list of",
            "",
        ),
        (
            format!("{r}params = {{ days = 400 }}"),
            "2:12",
            "must be from 1 to 365, not `400`",
            "declares this in `limits`",
        ),
        (
            format!("{r}params = {{ states = [\"in-use\", \"In-Use\"] }}"),
            "2:12",
            "must contain only values that are `available` or `in-use`, not `\"In-Use\"`",
            "",
        ),
        (format!("{r}params = {{ factor = 2.5 }}"), "2:12", "must be at most 2, not `2.5`", ""),
    ];
    for (config, at, message, help) in cases {
        let ran = evaluate(dir.path(), &config, "ebs-volume-old", &[]);
        assert_eq!(ran.code, 2, "{config}: {}{}", ran.stdout, ran.stderr);
        let placed = ran.stderr.contains(&format!("rolecall.toml:{at}\n"));
        let said = ran.stderr.contains(message) && ran.stderr.contains(help);
        assert!(placed && said, "{config}\n{}", ran.stderr);
    }
}

/// Names of actions without their service would silence three failures.
#[test]
fn wrong_limits_are_lint_errors() {
    let source = fs::read_to_string(pack().join("ebs-volume-old.rhai")).unwrap();
    let cases = fs::read_to_string(pack().join("ebs-volume-old.cases.json")).unwrap();
    let limits = source.lines().find(|line| line.contains("limits:")).unwrap();
    for (with, expected) in [
        ("limits: [],", "`limits` must be a map"),
        ("limits: #{ days: 7 },", "the limits of `days` must be a map"),
        ("limits: #{ days: #{} },", "the limits of `days` are empty"),
        ("limits: #{ dyas: #{ min: 1 } },", "did you mean `days`?"),
        ("limits: #{ days: #{ minn: 1 } },", "did you mean `min`?"),
        ("limits: #{ days: #{ min: \"1\" } },", "`min` must be a number"),
        ("limits: #{ days: #{ min: 1 + 1 } },", "must be literals"),
        ("limits: #{ days: #{ min: 40, max: 20 } },", "`min` is greater than `max`"),
        ("limits: #{ days: #{ min: 31 } },", "the default of `days` must be at least 31, not `30`"),
        ("limits: #{ days: #{ like: \"3*\" } },", "`like` applies only to strings"),
        (
            "limits: #{ days: #{ one_of: [\"30\"] } },",
            "the values in `one_of` must have the same type as `days`",
        ),
        ("limits: #{ days: #{ one_of: 30 } },", "`one_of` must be a list"),
        ("limits: #{ states: #{ max: 3 } },", "`max` applies only to numbers"),
        ("limits: #{ states: #{ like: \"[\" } },", "`like` must be a glob pattern"),
        (
            "limits: #{ states: #{ one_of: [\"in-use\"] } },",
            "the default of `states` must contain only",
        ),
        ("limts: #{ days: #{ min: 1 } },", "did you mean `limits`?"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let rule = dir.path().join("ebs-volume-old.rhai");
        fs::write(&rule, source.replace(limits.trim(), with)).unwrap();
        fs::write(rule.with_extension("cases.json"), &cases).unwrap();
        let ran = run(&["lint", text(&rule)]);
        assert_eq!(ran.code, 1, "{with}: {}", ran.stdout);
        let placed = ran.stdout.contains("ebs-volume-old.rhai:1");
        assert!(ran.stdout.contains(expected) && placed, "{with}\n{}", ran.stdout);
        let ran = run(&["evaluate", "--snapshot", "fixtures/acme", "--rule", text(&rule)]);
        assert_eq!(ran.code, 2, "{with}");
    }
    // A case cannot leave the limits either.
    let dir = tempfile::tempdir().unwrap();
    let rule = dir.path().join("ebs-volume-old.rhai");
    fs::write(&rule, &source).unwrap();
    fs::write(rule.with_extension("cases.json"), cases.replace("365", "366")).unwrap();
    for command in ["lint", "test"] {
        let ran = run(&[command, text(&rule)]);
        assert_eq!(ran.code, 1, "{command}");
        let said = "parameter `days` must be from 1 to 365, not `366`";
        assert!(ran.stdout.contains(said), "{command}: {}", ran.stdout);
        assert!(ran.stdout.contains("ebs-volume-old.cases.json:5"), "{command}: {}", ran.stdout);
    }
}
