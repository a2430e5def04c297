//! What is checked on this machine: config, rules, waivers, outputs. The build may have no support
//! for AWS, and there are no credentials.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Checks, assert_says};
use crate::program::{Ran, ran, rolecall};

const CONFIG: &str = r#"
[role]
name = "audit"
[[account]]
id = "111122223333"
name = "payments"
"#;

fn folder(config: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rolecall.toml"), config).unwrap();
    dir
}

fn doctor(dir: &Path, args: &[&str]) -> Ran {
    let mut command = rolecall();
    command.current_dir(dir).env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", dir);
    ran(command.arg("doctor").args(args).output().unwrap())
}

fn checks(dir: &Path, args: &[&str]) -> Checks {
    let ended = doctor(dir, &[&["--format", "json"], args].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (2, ""));
    Checks::of(&ended.stdout)
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A scan without accounts does not start, so the config is not fine.
#[test]
fn a_config_without_accounts_fails() {
    let dir = folder("[scan]\n");
    let config = checks(dir.path(), &[]);
    assert_says(config.only("config", "failed"), &["add an [[account]] or [organization] to"]);
    fs::remove_file(dir.path().join("rolecall.toml")).unwrap();
    let missing = checks(dir.path(), &[]);
    assert_says(missing.only("config", "failed"), &["no rolecall.toml", "rolecall init"]);
}

#[test]
fn a_valid_config_passes_and_nothing_is_written() {
    let dir = folder(CONFIG);
    let checks = checks(dir.path(), &["-o", "json=report.json", "--snapshot", "nightly"]);
    for area in ["versions", "config", "rules", "outputs"] {
        assert!(checks.with(area, "failed").is_empty(), "{area}: {:#?}", checks.0);
        assert!(!checks.with(area, "ok").is_empty(), "{area}: {:#?}", checks.0);
    }
    assert_says(checks.only("config", "ok"), &["1 account"]);
    assert_says(checks.only("versions", "ok"), &["features ", "sha256 ", "snapshot format 1"]);
    assert_eq!(names(dir.path()), ["rolecall.toml"]);
    // Without credentials, or without support for AWS, a scan could not start.
    let failed = checks.only("credentials", "failed");
    let words = if cfg!(feature = "aws") { "no AWS credentials" } else { "without AWS support" };
    assert_says(failed, &[words]);
}

#[test]
fn text_ends_with_the_exit_code() {
    let dir = folder(CONFIG);
    let ended = doctor(dir.path(), &[]);
    assert_eq!(ended.code, 2);
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.contains("could not start") && last.contains("(exit code 2)"), "{last}");
    assert!(ended.stdout.contains("  ok           rolecall.toml: 1 account\n"), "{}", ended.stdout);
}

#[test]
fn errors_of_config_and_rules_have_a_position() {
    let typo = CONFIG.replace("name = \"audit\"", "nmae = \"audit\"");
    let dir = folder(&typo);
    let found = checks(dir.path(), &[]);
    let failed = found.with("config", "failed");
    assert_eq!((&failed[0]["file"], &failed[0]["line"]), (&"rolecall.toml".into(), &3.into()));
    assert!(!found.with("accounts", "not_checked").is_empty());

    let missing = checks(dir.path(), &["--config", "missing.toml"]);
    assert_says(missing.only("config", "failed"), &["missing.toml", "rolecall init"]);

    let dir = folder(CONFIG);
    let unknown = checks(dir.path(), &["--rule", "s3-nothing-*"]);
    let failed = unknown.only("config", "failed");
    assert_eq!(failed["subject"], "options");
    assert_says(failed, &["`--rule s3-nothing-*` matches no rule"]);

    fs::create_dir(dir.path().join("own")).unwrap();
    fs::write(dir.path().join("own/broken.rhai"), "fn check(x) {").unwrap();
    let broken = checks(dir.path(), &["--rules", "own"]);
    let failed = broken.with("rules", "failed");
    assert!(failed[0]["file"].as_str().unwrap().ends_with("broken.rhai"), "{failed:?}");
    assert!(failed[0]["line"].is_number());
}

#[test]
fn an_external_id_that_is_not_set_is_an_error() {
    let config =
        CONFIG.replace("[[account]]", "external_id = { env = \"ROLECALL_NOT_SET\" }\n[[account]]");
    let dir = folder(&config);
    let checks = checks(dir.path(), &[]);
    let failed = checks.only("config", "failed");
    assert_says(failed, &["ROLECALL_NOT_SET"]);
    assert_eq!(failed["line"], 4);
}

#[test]
fn each_output_is_tried() {
    let dir = folder(CONFIG);
    let root = dir.path();
    fs::create_dir_all(root.join("reports/old")).unwrap();
    fs::write(root.join("notes"), "").unwrap();
    fs::create_dir(root.join("nights")).unwrap();
    let manifest = r#"{"format": 1, "tool": "t", "targets": [], "demand": {"s3.bucket": []}}"#;
    fs::write(root.join("nights/snapshot.json"), manifest).unwrap();
    let table: &[(&[&str], &str)] = &[
        (&["-o", "json=reports"], "this is a folder"),
        (&["-o", "json=missing/report.json"], "the folder does not exist"),
        (
            &["-o", "json=a.json", "-o", "text=reports/../a.json"],
            "another report is written to the same",
        ),
        (&["-o", "text", "-o", "json"], "another report is written to the same"),
        (&["--sarif-category", "x"], "--sarif-category requires SARIF output"),
        (&["-o", "sarif=a.sarif", "--rule", "s3-*"], "this run is filtered"),
        (&["--baseline", "missing.json"], "cannot read report `missing.json`"),
        (&["--baseline", "notes"], "cannot be used as a baseline"),
        (&["--snapshot", "reports"], "is not empty"),
        (&["--snapshot", "notes"], "is not a folder"),
        (&["--snapshot", "notes/in"], "is not a folder"),
        (&["--snapshot", "nights"], "already contains a snapshot"),
        (
            &["--snapshot", "nights", "--resume"],
            "was collected for less than this run needs: it lacks `ec2.",
        ),
    ];
    for (args, words) in table {
        let found = checks(root, args);
        assert_says(found.only("outputs", "failed"), &[words]);
    }
    assert_eq!(names(root), ["nights", "notes", "reports", "rolecall.toml"]);

    // Each of several problems is reported.
    let both =
        checks(root, &["-o", "json=reports", "-o", "text=missing/a", "--snapshot", "reports"]);
    assert_eq!(both.with("outputs", "failed").len(), 3);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_not_writable_is_found() {
    use std::os::unix::fs::PermissionsExt;

    let dir = folder(CONFIG);
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write anywhere.
    if fs::write(locked.join("probe"), "").is_ok() {
        return;
    }
    for args in [["-o", "json=locked/report.json"], ["--snapshot", "locked/nightly"]] {
        let found = checks(dir.path(), &args);
        assert_says(found.only("outputs", "failed"), &["locked", "ermission denied"]);
    }
}

#[test]
fn waivers_that_end_soon_are_warnings() {
    let day = |days: i64| {
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        today.checked_add(jiff::Span::new().days(days)).unwrap()
    };
    for (days, words) in [
        (-3, Some("expired on")),
        (0, Some("expires today")),
        (1, Some("expires tomorrow")),
        (14, Some("expires in 14 days")),
        (15, None),
    ] {
        let waiver = format!(
            "[[waiver]]\nrule = \"s3-*\"\nreason = \"r\"\nowner = \"storage\"\nexpires = \"{}\"\n",
            day(days)
        );
        let dir = folder(&format!("{CONFIG}{waiver}"));
        let found = checks(dir.path(), &[]);
        let warnings = found.with("config", "warning");
        match words {
            None => assert!(warnings.is_empty(), "{days}: {warnings:?}"),
            Some(words) => {
                assert_says(found.only("config", "warning"), &[words, "rule s3-*", "storage"]);
                assert_eq!((&warnings[0]["line"], &warnings[0]["column"]), (&7.into(), &1.into()));
            }
        }
    }
}

/// All waivers are counted, also those in other files, and each is found at its place.
#[test]
fn waivers_are_counted() {
    let waiver = |indent: &str, year| {
        format!(
            "{indent}[[waiver]]\n{indent}rule = \"s3-*\"\n{indent}reason = \"r\"\n{indent}owner = \"o\"\n{indent}expires = {year}-01-31\n"
        )
    };
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year();
    let (past, future) = (year - 1, year + 1);
    for (waivers, more, words, places) in [
        (waiver("", future), "", "1 waiver: none expires", vec![]),
        (waiver("", future).repeat(2), "", "2 waivers: none expires", vec![]),
        (waiver("", future), &*waiver("", future), "2 waivers: none expires", vec![]),
        (
            format!("{}{}", waiver("  ", past), waiver("", future)),
            "",
            "2 waivers: 1 has expired",
            vec![("rolecall.toml", 9, 3)],
        ),
        (
            waiver("", past),
            &*waiver("    ", past),
            "2 waivers: 2 have expired",
            vec![("more.toml", 1, 5), ("rolecall.toml", 9, 1)],
        ),
    ] {
        let dir = folder(&format!("{CONFIG}[scan]\nwaiver_files = [\"more.toml\"]\n{waivers}"));
        fs::write(dir.path().join("more.toml"), more).unwrap();
        let ran = doctor(dir.path(), &[]);
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
        let found = checks(dir.path(), &[]);
        let mut at: Vec<(&str, u64, u64)> = found
            .with("config", "warning")
            .into_iter()
            .map(|check| {
                let number = |key: &str| check[key].as_u64().unwrap();
                (check["file"].as_str().unwrap(), number("line"), number("column"))
            })
            .collect();
        at.sort_unstable();
        assert_eq!(at, places, "{}", ran.stdout);
    }
}

#[test]
fn patterns_that_match_no_account_are_found() {
    let config = format!(
        "{CONFIG}[[accepted_gap]]\naccount = \"paymnts\"\ncall = \"s3:*\"\nreason = \"r\"\n[[rules.\"ebs-snapshot-public\".override]]\naccounts = [\"9999*\"]\nparams = {{ exempt_tags = [\"a=b\"] }}\n"
    );
    let dir = folder(&config);
    let found = checks(dir.path(), &[]);
    let gap = found.only("config", "warning");
    assert_says(gap, &["paymnts", "matches none of your accounts"]);
    assert_eq!((&gap["file"], &gap["line"]), (&"rolecall.toml".into(), &7.into()));
    assert_eq!(found.only("config", "failed")["line"], 12, "{:#?}", found.0);
}

#[test]
fn lint_errors_of_own_rules_are_warnings() {
    let dir = folder(CONFIG);
    let own = dir.path().join("own");
    let mut new = rolecall();
    new.current_dir(dir.path()).args(["new", "own-rule", "--kind", "s3.bucket", "--dir", "own"]);
    assert_eq!(ran(new.output().unwrap()).code, 0);
    fs::remove_file(own.join("own-rule.cases.json")).unwrap();
    let found = checks(dir.path(), &["--rules", "own"]);
    let warnings = found.with("rules", "warning");
    assert!(!warnings.is_empty() && warnings[0]["file"].is_string(), "{:#?}", found.0);
    assert!(found.with("rules", "failed").is_empty());
}

#[test]
fn invalid_options_are_usage_errors() {
    let dir = folder(CONFIG);
    for (args, words) in [
        (&["--format", "yaml"][..], "yaml"),
        (&["--timeout", "0"], "1..=3600"),
        (&["--output", "yaml=x"], "unknown format `yaml`"),
        (&["--resume"], "--snapshot"),
    ] {
        let ended = doctor(dir.path(), args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}
