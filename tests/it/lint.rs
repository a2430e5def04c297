//! `rolecall lint` and `rolecall explain` through the real program. Every file in
//! `tests/broken_rules/` has an error; the snapshot next to it is the output of `lint`.
//! `cargo xtask golden` reviews changed snapshots.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{ran, rolecall, root, run, text};

const BROKEN: &str = "tests/broken_rules";

/// Rule and framework files, and folders that start with `duplicate`.
fn examples() -> Vec<PathBuf> {
    let list = |dir: &str| {
        let entries = fs::read_dir(root().join(dir))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let wanted = |name: &String| {
            name.ends_with(".rhai")
                || name.ends_with(".toml")
                // A folder of rules.
                || !name.contains('.') && name != "frameworks"
        };
        let mut names: Vec<String> =
            entries.filter(|name| wanted(name) && !name.contains(".snap")).collect();
        names.sort();
        names.into_iter().map(|name| Path::new(dir).join(name)).collect::<Vec<_>>()
    };
    [list(BROKEN), list(&format!("{BROKEN}/frameworks"))].concat()
}

/// The codes in rendered output.
fn codes(shown: &str) -> Vec<String> {
    let heads = shown.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    heads.map(|(code, _)| code.to_owned()).collect()
}

/// Compares what `lint` prints about an example with its snapshot. A difference does not end the
/// test, so that one review shows all of them.
fn matches_snapshot(example: &Path, printed: &str) -> bool {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join(example).parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_input_file(root().join(example));
    let name = example.file_stem().unwrap().to_str().unwrap();
    let compare = || settings.bind(|| insta::assert_snapshot!(name, printed));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_ok()
}

#[test]
fn every_broken_rule_is_reported() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let examples = examples();
    assert!(examples.len() >= 40, "{}", examples.len());
    for path in &examples {
        let ended = run(&["lint", text(path)]);
        assert_eq!(ended.code, 1, "{}\n{}{}", path.display(), ended.stdout, ended.stderr);
        seen.extend(codes(&ended.stdout));
        if !matches_snapshot(path, &ended.stdout) {
            wrong.push(format!("{}:\n{}", path.display(), ended.stdout));
        }
        // One error, one diagnostic.
        let several = path.file_stem().is_some_and(|name| name == "several-mistakes");
        if !several && codes(&ended.stdout).len() != 1 {
            wrong.push(format!(
                "{}: {} diagnostics\n{}",
                path.display(),
                codes(&ended.stdout).len(),
                ended.stdout
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "unexpected output for broken rules; `cargo xtask golden` reviews changed snapshots\n{}",
        wrong.join("\n")
    );
    // Every code has an example.
    let listed = run(&["explain"]).stdout;
    let without: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|code| !seen.contains(*code))
        .collect();
    assert!(without.is_empty(), "no broken rule has {without:?}");
}

#[test]
fn the_built_in_rules_have_no_errors() {
    let ended = run(&["lint"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("files, no errors\n"), "{}", ended.stderr);
    let folder = run(&["lint", "rules"]);
    assert_eq!(folder.code, 0, "{}", folder.stdout);
}

#[test]
fn rules_without_errors_have_no_output_in_any_format() {
    let rules = "rules/account";
    for format in ["text", "github"] {
        let ended = run(&["lint", rules, "--format", format]);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
        assert!(ended.stderr.ends_with("files, no errors\n"), "{}", ended.stderr);
    }
    assert_eq!(run(&["lint", rules, "--quiet"]).stderr, "");
    let json = run(&["lint", rules, "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["diagnostics"], serde_json::json!([]));
}

#[test]
fn all_files_are_reported_in_one_run_and_formats_agree() {
    let ended = run(&["lint", BROKEN, "--format", "json"]);
    assert_eq!(ended.code, 1);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    let diagnostics = json["diagnostics"].as_array().unwrap();
    assert!(diagnostics.len() > examples().len(), "{}", diagnostics.len());
    assert_eq!(json["version"], 1);

    let shown = run(&["lint", BROKEN]);
    assert_eq!(codes(&shown.stdout).len(), diagnostics.len());
    assert!(shown.stderr.contains(&format!("{} errors", diagnostics.len())), "{}", shown.stderr);

    let github = run(&["lint", BROKEN, "--format", "github"]).stdout;
    assert_eq!(github.lines().count(), diagnostics.len());
    assert!(
        github.lines().all(|line| line.starts_with("::error file=tests/broken_rules/")),
        "{github}"
    );

    let sarif: Value =
        serde_json::from_str(&run(&["lint", BROKEN, "--format", "sarif"]).stdout).unwrap();
    // One pattern in the published schema is not a valid regular expression.
    let schema = fs::read_to_string(root().join("tests/schemas/sarif-2.1.0.json")).unwrap();
    let schema: Value =
        serde_json::from_str(&schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$")).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&sarif)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(results.len(), diagnostics.len());
    for (result, diagnostic) in results.iter().zip(diagnostics) {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(result["ruleId"], diagnostic["code"]);
        assert_eq!(
            rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"],
            diagnostic["code"]
        );
        assert_eq!(place["artifactLocation"]["uri"], diagnostic["file"]);
        assert_eq!(place["region"]["startLine"], diagnostic["line"]);
        assert_eq!(place["region"]["startColumn"], diagnostic["column"]);
    }
}

#[test]
fn paths_come_from_the_command_line_or_the_config() {
    let dir = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &Path| {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(BROKEN).join(from), to).unwrap();
    };
    copy("unused-kind.rhai", &dir.path().join("mine/unused-kind.rhai"));
    copy("unused-kind.cases.json", &dir.path().join("mine/unused-kind.cases.json"));
    let lint = |args: &[&str]| {
        ran(rolecall().current_dir(dir.path()).arg("lint").args(args).output().unwrap())
    };
    // Without a config, the built-in rules are checked; with one, its folders.
    assert_eq!(lint(&[]).code, 0);
    fs::write(dir.path().join("rolecall.toml"), "[scan]\nrule_folders = [\"mine\"]\n").unwrap();
    let ended = lint(&[]);
    assert_eq!(
        (ended.code, codes(&ended.stdout)),
        (1, vec!["R035".to_owned()]),
        "{}",
        ended.stdout
    );
    // A test case file selects its rule.
    assert_eq!(lint(&["mine/unused-kind.cases.json"]).stdout, ended.stdout);
    // A framework can refer to the rules of its pack and to built-in ones.
    fs::create_dir(dir.path().join("mine/frameworks")).unwrap();
    let framework = dir.path().join("mine/frameworks/own.toml");
    fs::write(&framework, "[[requirement]]\nrules = [\"unused-kind\", \"s3-bucket-versioning\"]\n")
        .unwrap();
    for args in [&["mine/frameworks/own.toml"][..], &["mine"]] {
        assert!(!lint(args).stdout.contains("R081"), "{}", lint(args).stdout);
    }
    fs::write(&framework, "[[requirement]]\nrules = [\"unusd-kind\"]\n").unwrap();
    for args in [&["mine/frameworks/own.toml"][..], &["mine"]] {
        assert!(lint(args).stdout.contains("did you mean `unused-kind`?"), "{}", lint(args).stdout);
    }

    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    for (path, expected) in
        [("nowhere", "nowhere`: "), ("notes.txt", "not a rule"), ("empty", "contains no rules")]
    {
        let ended = lint(&[path]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{path}");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

#[test]
fn other_commands_report_load_errors_with_the_same_codes() {
    let ended = run(&["rules", "--rules", &format!("{BROKEN}/duplicate-id")]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("error[R006]: duplicate rule id"), "{}", ended.stderr);
    let explained = run(&["explain", "r006"]);
    assert_eq!(explained.code, 0);
    assert!(explained.stdout.starts_with("R006: Duplicate rule id\n"), "{}", explained.stdout);
    let unknown = run(&["explain", "R999"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("R999"), "{}", unknown.stderr);
}

#[test]
fn a_closed_pipe_does_not_change_the_exit_code() {
    let broken = root().join(BROKEN).join("unknown-field.rhai");
    for (command, code) in [("lint", 1), ("test", 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = rolecall();
        let ended = program
            .args([command, text(&broken)])
            .stdout(writer)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert_eq!(ended.code(), Some(code), "{command}");
    }
}

const OWN: &str = "//! A volume is not encrypted.\n//!\n//! ## Why it matters\n//! It does.\n//!\n//! ## How to fix it\n//! Do it.\n//!\n\
     //! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Volume is not encrypted\", resource: \"ec2.volume\", severity: \"low\" ALIASES };\n\n\
     fn check(volume, params) { if volume.encrypted == true { pass() } else { fail(\"not encrypted\") } }\n";
const OWN_CASES: &str = "[{\"name\":\"a\",\"expect\":\"pass\",\"facts\":{\"encrypted\":true}},{\"name\":\"b\",\"expect\":\"fail\",\"facts\":{\"encrypted\":false}}]";

/// Writes a rule on volumes with its cases.
fn own_rule(dir: &Path, id: &str, aliases: &str) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join(format!("{id}.rhai")), OWN.replace(" ALIASES", aliases)).unwrap();
    fs::write(dir.join(format!("{id}.cases.json")), OWN_CASES).unwrap();
}

#[test]
fn a_rule_cannot_take_the_identity_of_another_one() {
    for (id, aliases, expected) in [
        (
            "own-volume",
            ", aliases: [\"ebs-volume-encrypted\"]",
            "is already the id or an alias of a built-in rule",
        ),
        ("vpc-flow-logs", "", "is the id of a built-in rule that evaluates `ec2.vpc`"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        own_rule(dir.path(), id, aliases);
        let ran = run(&["lint", text(dir.path())]);
        assert!(
            ran.code == 1 && ran.stdout.contains(expected),
            "{id}: {}{}",
            ran.stdout,
            ran.stderr
        );
        for command in [
            &["test"][..],
            &["rules", "--rules"],
            &["evaluate", "--snapshot", "fixtures/acme", "--rules"],
        ] {
            let ran = run(&[command, &[text(dir.path())]].concat());
            assert!(ran.code == 2 && ran.stderr.contains(expected), "{command:?}: {}", ran.stderr);
        }
    }
    // A rule may replace a built-in one on the same kind, but not one of another folder.
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    own_rule(first.path(), "ebs-volume-encrypted", "");
    own_rule(second.path(), "ebs-volume-encrypted", "");
    let ran = run(&["rules", "--rules", text(first.path())]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = run(&["rules", "--rules", text(first.path()), "--rules", text(second.path())]);
    assert!(
        ran.code == 2 && ran.stderr.contains("only built-in rules can be replaced"),
        "{}",
        ran.stderr
    );
}

#[test]
fn lint_and_test_refuse_a_framework_that_a_run_refuses() {
    let dir = tempfile::tempdir().unwrap();
    own_rule(dir.path(), "own-volume", "");
    fs::create_dir(dir.path().join("frameworks")).unwrap();
    let valid = "id = \"acme\"\nname = \"Acme\"\nversion = \"1\"\nurl = \"https://example.com\"\nscope = \"EC2\"\n\n\
                 [[requirement]]\nid = \"1\"\ntitle = \"T\"\nrules = [\"own-volume\"]\n";
    let file = dir.path().join("frameworks/acme.toml");
    for (change, to) in [
        ("rules =", "severity = \"hgh\"\nrules ="),
        ("id = \"acme\"", "id = \"acne\""),
        ("name = \"Acme\"\n", ""),
        ("https://", "ftp://"),
        ("title = \"T\"\n", ""),
        ("id = \"1\"", "id = \"1 2\""),
        ("rules =", "rulse ="),
        ("rules = [\"own-volume\"]", "rules = []"),
        ("rules = [\"own-volume\"]", "rules = [\"own-volume\", \"own-volume\"]"),
        ("rules = [\"own-volume\"]", "rules = [\"own-volume\"]\nundecidable = \"x\""),
        ("[[requirement]]", "[requirement]"),
        ("version = \"1\"", "version = 1"),
    ] {
        fs::write(&file, valid.replacen(change, to, 1)).unwrap();
        let run_with =
            ["evaluate", "--snapshot", "fixtures/acme", "--framework", "acme", "--rules"];
        for (command, code) in [(&["lint"][..], 1), (&["test"], 2), (&run_with, 2)] {
            let ran = run(&[command, &[text(dir.path())]].concat());
            assert_eq!(ran.code, code, "{to}: {command:?}: {}{}", ran.stdout, ran.stderr);
        }
    }
    fs::write(&file, valid).unwrap();
    for command in ["lint", "test"] {
        let ran = run(&[command, text(dir.path())]);
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_run_says_that_lint_reports_errors() {
    let dir = tempfile::tempdir().unwrap();
    own_rule(dir.path(), "own-volume", "");
    let evaluate = ["evaluate", "--snapshot", "fixtures/acme", "--rules", text(dir.path())];
    let ran_clean = run(&evaluate);
    assert!(!ran_clean.stderr.contains("lint error"), "{}", ran_clean.stderr);
    fs::remove_file(dir.path().join("own-volume.cases.json")).unwrap();
    let expected = format!(
        "note: 1 lint error in your rules; run `rolecall lint {}` for details\n",
        text(dir.path())
    );
    assert!(run(&evaluate).stderr.contains(&expected), "{}", run(&evaluate).stderr);
    assert!(!run(&[&evaluate[..], &["--quiet"]].concat()).stderr.contains("lint error"));
}
