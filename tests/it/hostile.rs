//! Data from AWS and from disk is untrusted: whatever it contains, outputs stay well-formed and
//! harmless, and nothing is written outside of its folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::program::{run, snapshot, text};

const ACCOUNT: &str = "111122223333";

fn hostile_texts() -> Vec<String> {
    vec![
        "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}2J".to_owned(),
        "line\nbreak\r\n\u{2028}\u{2029}\u{85}".to_owned(),
        "\u{202e}evil\u{2066}\u{200b}\u{feff}".to_owned(),
        "[x](1) ![y](https://evil.example) <script>alert(1)</script>".to_owned(),
        "%0A::error file=x::y".to_owned(),
        "::error::x".to_owned(),
        "=cmd()|' /C calc'!A0".to_owned(),
        "../../../etc/passwd".to_owned(),
        "..".to_owned(),
        ".".to_owned(),
        "{0} {{1}} \\ \" ' ` * _ #".to_owned(),
        "a".repeat(10_000),
        "\u{0}null".to_owned(),
        "ünïcødé 漢字 🦀".to_owned(),
        " ".to_owned(),
        "C:\\x:y?z#f%2e%2e".to_owned(),
    ]
}

/// Characters that would control a terminal or hide text.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[test]
fn every_output_stays_well_formed_and_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = Vec::new();
    let texts = hostile_texts();
    for name in &texts {
        let facts = json!({
            "group_id": name, "group_name": name, "description": name, "vpc_id": name, "owner_id": ACCOUNT,
            "tags": { name: name, "Name": name },
            "ip_permissions": [{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
                "ip_ranges": [{ "cidr_ip": "0.0.0.0/0", "description": name }],
                "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [] }],
            "ip_permissions_egress": [],
        });
        resources.push(("ec2.security_group", name.as_str(), "eu-west-1", facts));
        let facts = json!({ "name": name, "bucket_region": "eu-west-1", "versioning": {}, "tags": { name: name } });
        resources.push(("s3.bucket", name.as_str(), "eu-west-1", facts));
    }
    snapshot(dir.path(), ACCOUNT, &resources);
    // A rule that copies everything hostile: names, tags, and descriptions, into message and
    // evidence.
    let rules = tempfile::tempdir().unwrap();
    fs::write(
        rules.path().join("echo.rhai"),
        "//! Echo.\nconst RULE = #{ title: \"Echo\", resource: \"ec2.security_group\", severity: \"high\" };\n\
         fn check(group, params) { fail(`${group.description} ${group.tags.Name}`, [group.tags, group.description, group.ip_permissions]) }\n",
    )
    .unwrap();
    let base = [
        "evaluate",
        "--snapshot",
        text(dir.path()),
        "--rules",
        text(rules.path()),
        "--rule",
        "echo,sg-default-closed,s3-bucket-versioning",
    ];
    let with = |more: &[&str]| {
        let args: Vec<&str> = base.iter().copied().chain(more.iter().copied()).collect();
        let ran = run(&args);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        ran.stdout
    };
    let plain = with(&["--output", "text", "--color", "never"]);
    assert!(!plain.chars().any(acts), "text carries {:?}", plain.chars().find(|c| acts(*c)));
    assert!(
        plain.lines().all(|line| line.chars().count() < 300),
        "a line is longer than any terminal"
    );
    // The program's colors are the only escape sequences: none is left when they are removed.
    let colored = with(&["--output", "text", "--color", "always"]);
    let mut rest = String::new();
    let mut parts = colored.split("\u{1b}[");
    rest.push_str(parts.next().unwrap());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap();
        assert_eq!(&part[end..=end], "m", "an escape sequence that is not a color");
        rest.push_str(&part[end + 1..]);
    }
    assert!(!rest.chars().any(acts));

    let json_text = with(&["--output", "json"]);
    assert!(!json_text.chars().any(acts), "JSON carries raw controls");
    let report: Value = serde_json::from_str(&json_text).unwrap();
    let ids: Vec<&str> = report["accounts"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["resource"]["id"].as_str())
        .collect();
    for name in &texts {
        assert!(ids.contains(&name.as_str()), "JSON must keep the exact id {name:?}");
    }

    let sarif_text = with(&["--output", "sarif", "--sarif-category", "hostile"]);
    assert!(!sarif_text.chars().any(acts), "SARIF carries raw controls");
    let sarif: Value = serde_json::from_str(&sarif_text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() >= 2 * texts.len());
    let mut uris = std::collections::BTreeSet::new();
    for result in results {
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.contains('\n') || message.lines().count() < 200);
        assert!(!message.contains("[x](") && !message.contains("<script"), "{message}");
        let uri =
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("111122223333/eu-west-1/"), "{uri}");
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%/".contains(&b)), "{uri}");
        assert_eq!(uri.split('/').count(), 5, "{uri}");
        assert!(
            uri.split('/').all(|part| !part.is_empty() && part != "." && part != ".."),
            "{uri}"
        );
        uris.insert((result["ruleId"].as_str().unwrap().to_owned(), uri.to_owned()));
    }
    assert_eq!(uris.len(), results.len(), "two resources share a path");
}

#[test]
fn tampered_snapshots_are_refused_or_unknown() {
    let good = json!({ "name": "b", "bucket_region": "eu-west-1", "versioning": { "status": "Enabled" }, "tags": null });
    let check = |name: &str, change: &dyn Fn(&str) -> String, expected: &[i32], part: &str| {
        let dir = tempfile::tempdir().unwrap();
        snapshot(dir.path(), ACCOUNT, &[("s3.bucket", "b", "eu-west-1", good.clone())]);
        let path = dir.path().join(format!("{ACCOUNT}.jsonl"));
        fs::write(&path, change(&fs::read_to_string(&path).unwrap())).unwrap();
        let ran = run(&[
            "evaluate",
            "--snapshot",
            text(dir.path()),
            "--rule",
            "s3-bucket-versioning",
            "--output",
            "json",
        ]);
        assert!(expected.contains(&ran.code), "{name}: exit {} {}", ran.code, ran.stderr);
        let shown = if ran.code == 2 { &ran.stderr } else { &ran.stdout };
        assert!(shown.contains(part), "{name}: `{part}` is missing in\n{shown}");
        assert!(!ran.stdout.contains("\"verdict\":\"pass\""), "{name}: passed\n{}", ran.stdout);
    };
    let file = format!("{ACCOUNT}.jsonl:");
    check(
        "cut off at a line",
        &|t| t.lines().take(4).map(|l| format!("{l}\n")).collect(),
        &[3],
        "CutOff",
    );
    check("cut off within a line", &|t| t[..t.len() - 20].to_owned(), &[3], "CutOff");
    check("empty", &|_| String::new(), &[3], "CutOff");
    check("the missing file is named", &|_| String::new(), &[3], &format!("\"{ACCOUNT}.jsonl\""));
    check("no JSON", &|_| "hello\n".to_owned(), &[2], &file);
    check(
        "a line missing",
        &|t| t.lines().filter(|l| !l.contains("\"resource\"")).map(|l| format!("{l}\n")).collect(),
        &[2],
        "edited or is corrupt",
    );
    check("an extra line", &|t| t.to_owned() + "{}\n", &[2], "after the end line");
    check(
        "another account",
        &|t| t.replace(ACCOUNT, "999999999999"),
        &[2],
        "its header is for account",
    );
    check(
        "a bad account",
        &|t| t.replace(ACCOUNT, "../../../../x"),
        &[2],
        "not a valid account id",
    );
    check(
        "a bad region",
        &|t| t.replace("\"region\":\"eu-west-1\"", "\"region\":\"../../etc\""),
        &[2],
        "is not a valid region",
    );
    check("a bad time", &|t| t.replace("2026-06-01T00:00:00Z", "yesterday"), &[2], "RFC 3339");
    check(
        "a wrong type",
        &|t| t.replace("\"status\":\"Enabled\"", "\"status\":[1]"),
        &[2],
        "`versioning` of s3.bucket",
    );
    check(
        "a resource twice",
        &|t| {
            let line = t.lines().find(|l| l.contains("\"resource\"")).unwrap();
            t.replace(line, &format!("{line}\n{line}"))
                .replace("\"resources\":1", "\"resources\":2")
        },
        &[2],
        "duplicate",
    );
    check(
        "a list that was not made",
        &|t| {
            t.lines()
                .filter(|l| !(l.contains("\"listed\"") && l.contains("s3.bucket")))
                .map(|l| format!("{l}\n"))
                .collect()
        },
        &[2],
        "but no matching `listed` line",
    );
    check(
        "deep nesting",
        &|t| t.replace("{\"status\":\"Enabled\"}", &"[".repeat(100_000)),
        &[2],
        &file,
    );

    let dir = tempfile::tempdir().unwrap();
    snapshot(dir.path(), ACCOUNT, &[]);
    fs::write(dir.path().join("snapshot.json"), "{\"format\": 99}").unwrap();
    let ran = run(&["evaluate", "--snapshot", text(dir.path())]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("format 99"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn links_in_snapshots_and_packs_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    snapshot(dir.path(), ACCOUNT, &[]);
    let file = dir.path().join(format!("{ACCOUNT}.jsonl"));
    let moved = elsewhere.path().join("moved");
    fs::rename(&file, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &file).unwrap();
    let ran = run(&["evaluate", "--snapshot", text(dir.path()), "--rule", "s3-bucket-versioning"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("links are not followed"), "{}", ran.stderr);

    let pack = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("linked.rhai"), "not a rule").unwrap();
    for (target, name) in [
        (elsewhere.path().to_owned(), "folder"),
        (elsewhere.path().join("linked.rhai"), "linked.rhai"),
    ] {
        let link = pack.path().join(name);
        std::os::unix::fs::symlink(target, &link).unwrap();
        for command in [&["rules", "--rules"][..], &["lint"], &["test"]] {
            let ran = run(&[command, &[text(pack.path())]].concat());
            let expected = "leads outside of the rule folder";
            assert!(ran.code == 2 && ran.stderr.contains(expected), "{command:?}: {}", ran.stderr);
        }
        fs::remove_file(link).unwrap();
    }
}

/// Kubernetes mounts a volume as links into a hidden folder, which it replaces as a whole.
#[test]
fn rules_of_a_mounted_volume_are_loaded() {
    let pack = tempfile::tempdir().unwrap();
    let data = pack.path().join("..2026_01_01");
    fs::create_dir(&data).unwrap();
    let rule = "//! T.\nconst RULE = #{ title: \"t\", resource: \"ec2.volume\", severity: \"low\" };\nfn check(volume, params) { if volume.encrypted == true { pass() } else { fail(\"x\") } }\n";
    let cases = "[{\"name\":\"a\",\"expect\":\"pass\",\"facts\":{\"encrypted\":true}},{\"name\":\"b\",\"expect\":\"fail\",\"facts\":{\"encrypted\":false}}]";
    fs::write(data.join("own-volume.rhai"), rule).unwrap();
    fs::write(data.join("own-volume.cases.json"), cases).unwrap();
    std::os::unix::fs::symlink("..2026_01_01", pack.path().join("..data")).unwrap();
    for name in ["own-volume.rhai", "own-volume.cases.json"] {
        std::os::unix::fs::symlink(Path::new("..data").join(name), pack.path().join(name)).unwrap();
    }
    let ran = run(&["test", text(pack.path())]);
    assert!(ran.code == 0 && ran.stdout.contains("2 passed"), "{}{}", ran.stdout, ran.stderr);
    let ran = run(&["rules", "--rules", text(pack.path()), "--rule-profile", "all"]);
    assert!(ran.stdout.contains("own-volume"), "{}", ran.stdout);
    // Without sections, but with test cases.
    let ran = run(&["lint", text(pack.path())]);
    assert!(ran.stdout.contains("R071") && !ran.stdout.contains("R060"), "{}", ran.stderr);
}

/// Peak memory of the binary in KiB, as the operating system accounts for it.
pub fn peak_memory(args: &[&str]) -> u64 {
    let script = "import resource,subprocess,sys\n\
                  subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let output = Command::new("python3")
        .args(["-c", script, env!("CARGO_BIN_EXE_rolecall")])
        .args(args)
        .output()
        .expect("python3 is needed to measure memory: install it");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn no_rule_uses_more_than_64_mib() {
    let data = tempfile::tempdir().unwrap();
    let group = json!({ "group_id": "sg-1", "group_name": "web" });
    snapshot(data.path(), ACCOUNT, &[("ec2.security_group", "sg-1", "eu-west-1", group)]);
    let measure = |body: &str, more: &str| {
        let rules = tempfile::tempdir().unwrap();
        let source = format!(
            "//! T.\nconst RULE = #{{ title: \"t\", resource: \"ec2.security_group\", severity: \"low\" }};\nfn check(group, params) {{ {body} }}\n{more}"
        );
        fs::write(rules.path().join("hungry.rhai"), source).unwrap();
        peak_memory(&[
            "evaluate",
            "--snapshot",
            text(data.path()),
            "--rules",
            text(rules.path()),
            "--rule",
            "hungry",
        ])
    };
    let idle = measure("pass()", "");
    let strings = "let s = \"x\"; s.pad(60000, \"y\");";
    let lists = "let a = [0]; a.pad(9999, 0);";
    for (body, more) in [
        (format!("{strings} let all = []; for i in 0..50000 {{ all.push(s + i); }} pass()"), ""),
        ((0..40).fold(strings.to_owned(), |text, i| format!("{text} let v{i} = s + {i};")) + "pass()", ""),
        ((0..40).fold(lists.to_owned(), |text, i| format!("{text} let v{i} = a + [{i}];")) + "pass()", ""),
        (format!("{lists} let all = []; for i in 0..50000 {{ all.push(a + []); }} pass()"), ""),
        (
            "f(0)".to_owned(),
            &format!("fn f(n) {{ {strings} {lists} let b = a + []; let c = a + []; let t = s + n; f(n + 1) }}") as &str,
        ),
        (format!("{strings} let x = [[s + 1, s + 2, s + 3, s + 4], [s + 5, s + 6, s + 7, s + 8]]; pass()"), ""),
        ("let m = #{}; for i in 0..50000 { m += #{ a: m }; } pass()".to_owned(), ""),
        (format!("{strings} fail(s + s, [s, s, s])"), ""),
        ("let a = [1, 2, 3]; for i in 0..100000 { a = a.map(|x| [x, x, x]); } pass()".to_owned(), ""),
        ("let s = \"ab\"; for i in 0..100000 { s = s.split(\"\").reduce(|t, c| t + c + c, \"\"); } pass()".to_owned(), ""),
    ] {
        let used = measure(&body, more);
        assert!(used < idle + (64 << 10), "{used} KiB, {idle} KiB when idle: {}", &body[..body.len().min(200)]);
    }
}
