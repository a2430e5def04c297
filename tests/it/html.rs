//! The HTML report: the same counts as the JSON report, nothing that a name or a tag can inject, and
//! charts of earlier runs. A browser opens it in no test here.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Ran, run, snapshot, text};

fn evaluate(more: &[&str]) -> Ran {
    run(&[&["evaluate", "--snapshot", "fixtures/acme"], more].concat())
}

/// The blocks of data in a page: what each is of, and its content.
fn blocks(page: &str) -> Vec<(String, Value)> {
    page.split("<script type=\"application/json\" data-of=\"")
        .skip(1)
        .map(|rest| {
            let (of, rest) = rest.split_once("\">").unwrap();
            let (data, _) = rest.split_once("</script>").unwrap();
            (of.to_owned(), serde_json::from_str(data).unwrap())
        })
        .collect()
}

/// All strings in a value.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_page_has_the_accounts_and_counts_of_the_json_report() {
    let dir = tempfile::tempdir().unwrap();
    let (html, report) = (dir.path().join("report.html"), dir.path().join("report.json"));
    let ran = evaluate(&[
        "--output",
        &format!("html={}", text(&html)),
        "--output",
        &format!("json={}", text(&report)),
    ]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let page = fs::read_to_string(&html).unwrap();
    let report: Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    let blocks = blocks(&page);
    let of = |name: &str| -> Vec<&Value> {
        blocks.iter().filter(|(of, _)| of == name).map(|(_, data)| data).collect()
    };
    assert_eq!(of("run").len(), 1);
    assert_eq!(of("end").len(), 1);
    assert_eq!(of("end")[0]["summary"], report["summary"]);
    let ids = |accounts: &[&Value]| -> Vec<Value> {
        accounts.iter().map(|account| account["account"].clone()).collect()
    };
    let reported: Vec<&Value> = report["accounts"].as_array().unwrap().iter().collect();
    assert_eq!(ids(&of("account")), ids(&reported));
    // Nothing is loaded, and only the page's own style and script can act.
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("<link") && !page.contains("src=") && !page.contains("unsafe-inline"));
}

#[test]
fn names_and_tags_cannot_inject_anything() {
    let dir = tempfile::tempdir().unwrap();
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{2028}\"'&";
    let group = json!({
        "group_id": hostile, "group_name": "default", "ip_permissions": [],
        "tags": { "Name": hostile },
    });
    let bucket = json!({ "name": hostile, "versioning": {}, "tags": { "Name": hostile } });
    let folder = snapshot(
        dir.path(),
        "111122223333",
        &[
            ("ec2.security_group", hostile, "eu-west-1", group),
            ("s3.bucket", hostile, "eu-west-1", bucket),
        ],
    );
    let html = dir.path().join("report.html");
    let output = format!("html={}", text(&html));
    run(&["evaluate", "--snapshot", text(&folder), "--rule-profile", "all", "--output", &output]);
    let page = fs::read_to_string(&html).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img"), "{page}");
    assert!(!page.contains('\u{2028}'));
    let data: Vec<_> = blocks(&page);
    assert!(data.iter().any(|(of, _)| of == "end"), "the blocks are complete");
    let names = |text: &str| text.contains("</script><script>alert(1)");
    let found = data.iter().any(|(_, data)| strings(data).iter().any(|text| names(text)));
    assert!(found, "the name is in the data as it is: {data:?}");
}

#[test]
fn earlier_reports_and_this_run_are_shown_in_html_and_markdown() {
    let dir = tempfile::tempdir().unwrap();
    let nights = dir.path().join("nights");
    fs::create_dir(&nights).unwrap();
    let night = format!("json={}", text(&nights.join("1.json")));
    evaluate(&["--account", "acme-prod", "--output", &night]);
    let html = dir.path().join("report.html");
    let output = format!("html={}", text(&html));
    let markdown = dir.path().join("report.md");
    let both = ["--output", &output, "--output", &format!("markdown={}", text(&markdown))];
    let shown = |more: &[&str]| {
        let ran = evaluate(&[&both, ["--history", text(&nights)].as_slice(), more].concat());
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        (fs::read_to_string(&html).unwrap(), fs::read_to_string(&markdown).unwrap())
    };
    let report: Value = serde_json::from_slice(&fs::read(nights.join("1.json")).unwrap()).unwrap();
    let failures = |report: &Value| -> u64 {
        let by_severity = report["summary"]["failures"].as_object().unwrap();
        by_severity.values().map(|number| number.as_u64().unwrap()).sum()
    };
    let now = dir.path().join("now.json");
    let (page, summary) = shown(&["--output", &format!("json={}", text(&now))]);
    let this: Value = serde_json::from_slice(&fs::read(&now).unwrap()).unwrap();
    assert!(page.contains("<td>1.json</td>") && page.contains("<td>this run</td>"), "{page}");
    assert!(summary.contains("## The last 2 reports"), "{summary}");
    let rows: Vec<&str> =
        summary.lines().skip_while(|line| *line != "## The last 2 reports").collect();
    for (row, report) in rows[6..8].iter().zip([&report, &this]) {
        assert!(row.contains(&format!("` | {} | ", failures(report))), "{row}");
    }
    // There is nothing to compare the first report with.
    assert!(rows[6].trim_end().ends_with("| – | – |"), "{}", rows[6]);
    let first = page.split("<tr>").find(|row| row.contains("<td>1.json</td>")).unwrap();
    assert!(
        first.contains("<td class=\"num\">–</td><td class=\"num\">–</td><td>1.json"),
        "{first}"
    );
    // Charts have days on their axis.
    assert!(page.contains("text-anchor=\"start\">2026-03-14</text>"), "{page}");
    // A filtered run has fewer failures for another reason.
    let (page, summary) = shown(&["--rule", "s3-*"]);
    assert!(!page.contains("<td>this run</td>") && !summary.contains("## The last"), "{page}");
    // The report of this very run is not shown twice.
    let (page, summary) = shown(&["--account", "acme-prod"]);
    assert!(page.contains("<td>1.json</td>") && !page.contains("<td>this run</td>"), "{page}");
    assert!(!summary.contains("## The last"), "{summary}");

    let ran = evaluate(&["--output", "json=/dev/null", "--history", text(&nights)]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("--history requires HTML or Markdown output: add --output html=FILE")
    );

    fs::remove_file(&html).unwrap();
    let missing = dir.path().join("missing");
    let ran = evaluate(&["--output", &output, "--history", text(&missing)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("missing"), "{}", ran.stderr);
    assert!(!html.exists(), "nothing is half written");
}
