//! What is not a report is refused by `diff`, `history` and `--baseline`, with its path, what it is,
//! and what to do.

use std::fs;

use crate::program::{run, text};

#[test]
fn what_is_not_a_report_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&dir.path().join(name)).to_owned();
    let report = path("report.json");
    let (json, sarif) = (format!("json={report}"), format!("sarif={}", path("report.sarif")));
    let evaluate = ["evaluate", "--snapshot", "fixtures/acme", "--rule-profile", "baseline"];
    let ran = run(&[&evaluate[..], &["--output", &json, "--output", &sarif]].concat());
    assert!(ran.code != 2, "{}", ran.stderr);
    let diff = run(&["diff", &report, &report.replace("report.json", "./report.json")]);
    assert_eq!(diff.code, 2);
    let doctor = run(&["doctor", "--format", "json"]);
    for (name, content) in [
        ("empty.json", ""),
        ("text.json", "hello"),
        ("later.json", r#"{"version":"2","tool":{"name":"rolecall"},"accounts":{}}"#),
        ("doctor.json", &doctor.stdout),
    ] {
        fs::write(path(name), content).unwrap();
    }
    fs::create_dir(path("reports")).unwrap();
    const WRITTEN: &str = "written with `--output json=FILE`";
    const SNAPSHOT: &str = "evaluate it with `rolecall evaluate --snapshot DIR --output json=FILE`";
    for (file, what, then) in [
        (path("missing.json"), "there is no such file", WRITTEN),
        (path("missing/report.json"), "there is no such file", WRITTEN),
        (path("reports"), "it is a folder", WRITTEN),
        ("fixtures/acme".to_owned(), "it is a snapshot", SNAPSHOT),
        ("fixtures/acme/snapshot.json".to_owned(), "it is a file of a snapshot", SNAPSHOT),
        ("fixtures/acme/111122223333.jsonl".to_owned(), "it is a file of a snapshot", SNAPSHOT),
        (path("report.sarif"), "it is a SARIF report", "use the JSON report of the same run"),
        (path("doctor.json"), "it is the output of another command", WRITTEN),
        (path("empty.json"), "it is empty", WRITTEN),
        (path("text.json"), "it is not a rolecall JSON report", WRITTEN),
        (path("later.json"), "it has version 2", "update rolecall"),
        ("Cargo.toml".to_owned(), "it is not a valid rolecall JSON report", WRITTEN),
    ] {
        let baseline = [&evaluate[..], &["--baseline", &file]].concat();
        for args in [&["diff", &file, &report][..], &["diff", &report, &file], &baseline] {
            let ran = run(args);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
            for words in [&file, what, then] {
                assert!(ran.stderr.contains(words), "{args:?}: {words}: {}", ran.stderr);
            }
        }
    }
    for (folder, what, then) in [
        (path("missing"), "there is no such folder", WRITTEN),
        (report.clone(), "it is a file", "rolecall diff OLD NEW"),
        (path("empty.json"), "it is a file", "the folder that contains the reports"),
        (path("reports"), "contains no usable reports", WRITTEN),
        ("fixtures/acme".to_owned(), "contains no usable reports (it is a snapshot)", WRITTEN),
    ] {
        let ran = run(&["history", &folder]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{folder}");
        for words in [&folder, what, then] {
            assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        }
    }
}
