//! Files in S3: every path can be one, nothing is half written, and errors say what to do.

mod formats;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::program::Ran;
use crate::support::fault::{Fault, Proxy, when};
use crate::support::moto::{OWN, PAYMENTS, RESEARCH, moto};
use crate::support::rolecall::{Rolecall, SECRET};
use crate::usage::events;

/// A request to moto, with credentials of the account of the base credentials. Returns the status and the body.
pub fn request(method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(moto().address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
        moto().address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    (status, answer.split_off(end + 4))
}

/// A new bucket of the account of the base credentials.
pub fn bucket(name: &str) -> String {
    let name = format!("rolecall-files-{name}");
    let region = b"<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let (status, body) = request("PUT", &format!("/{name}"), region);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    name
}

pub fn put(bucket: &str, key: &str, body: &str) {
    assert_eq!(request("PUT", &format!("/{bucket}/{key}"), body.as_bytes()).0, 200);
}

pub fn get(bucket: &str, key: &str) -> Option<Vec<u8>> {
    let (status, body) = request("GET", &format!("/{bucket}/{key}"), b"");
    (status == 200).then_some(body)
}

pub fn json(bucket: &str, key: &str) -> Value {
    let body = get(bucket, key).unwrap_or_else(|| panic!("{key} is missing"));
    serde_json::from_slice(&body).unwrap()
}

pub fn keys(bucket: &str) -> BTreeSet<String> {
    let (_, body) = request("GET", &format!("/{bucket}?list-type=2"), b"");
    let body = String::from_utf8(body).unwrap();
    let keys = body.split("<Key>").skip(1);
    keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
}

pub const RULES: [&str; 2] = ["--rule", "s3-bucket-versioning"];

pub fn config(extra: &str) -> String {
    let account = |id: &str| format!("[[account]]\nid = \"{id}\"\nexternal_id = \"{SECRET}\"\n");
    format!(
        "[role]\nname = \"audit\"\n[scan]\nregions = [\"eu-west-1\", \"us-east-1\"]\n{extra}\n{}{}",
        account(PAYMENTS),
        account(RESEARCH)
    )
}

pub fn run(program: &Rolecall, args: &[&str]) -> Ran {
    program.run(&[args, &RULES].concat())
}

#[test]
fn every_step_can_be_in_s3() {
    let files = bucket("steps");
    let at = |key: &str| format!("s3://{files}/{key}");
    let program = Rolecall::at(&Proxy::start(vec![]));
    let local = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    put(&files, "config/rolecall.toml", &config("rule_folders = [\"own\"]"));
    let rule = "//! Always passes.\n//!\n//! ## Why it matters\n//! x\n//! ## How to fix it\n//! x\nconst RULE = #{ title: \"Own\", resource: \"s3.bucket\", severity: \"low\" };\nfn check(bucket, params) { pass() }\n";
    put(&files, "config/own/own-rule.rhai", rule);

    let config = at("config/rolecall.toml");
    let collected = run(&program, &["collect", "--config", &config, "--snapshot", &at("night")]);
    assert!(collected.stderr.contains(&at("night")), "{}", collected.stderr);
    local.run(&[&["collect", "--snapshot", "night"], &RULES[..]].concat());
    let account = format!("night/{PAYMENTS}.jsonl");
    assert!(keys(&files).is_superset(&BTreeSet::from([
        "night/snapshot.json".to_owned(),
        "night/run.json".to_owned(),
        account.clone(),
    ])));

    // The same snapshot gives the same report, wherever it is.
    let evaluated = run(
        &program,
        &[
            "evaluate",
            "--config",
            &config,
            "--snapshot",
            &at("night"),
            "-o",
            &format!("json={}", at("{date}/report.json")),
            "-o",
            &format!("json={}", at("{date}/{account}.json")),
            "-o",
            "json=here.json",
            "--trace",
            &at("{date}/trace.json"),
        ],
    );
    evaluated.assert_code(0);
    let date = keys(&files)
        .iter()
        .find(|key| key.ends_with("/report.json"))
        .unwrap()
        .replace("/report.json", "");
    assert_eq!((date.len(), date.matches('-').count()), (10, 2), "{date}");
    let report = json(&files, &format!("{date}/report.json"));
    assert_eq!(report, program.json("here.json"));
    assert!(!events(&json(&files, &format!("{date}/trace.json"))).is_empty());
    let own = run(
        &program,
        &[
            "evaluate",
            "--config",
            &config,
            "--snapshot",
            &at("night"),
            "-o",
            "json=-",
            "--rule",
            "own-rule",
        ],
    );
    assert!(
        own.stdout.contains(&at("config/own")) && !own.stdout.contains("rolecall-s3-"),
        "{}",
        own.stdout
    );

    // The report of one account has its findings, and no others.
    let one = json(&files, &format!("{date}/{PAYMENTS}.json"));
    let accounts = report["accounts"].as_array().unwrap();
    let expected = accounts.iter().find(|account| account["account"] == PAYMENTS).unwrap();
    assert_eq!(one["accounts"], Value::Array(vec![expected.clone()]));
    assert!(!expected["findings"].as_array().unwrap().is_empty());

    // Reports are compared in S3 too.
    let text = String::from_utf8(get(&files, &format!("{date}/report.json")).unwrap()).unwrap();
    put(&files, "old/report.json", &text);
    put(&files, "new/report.json", &text);
    program.run(&["diff", &at("old/report.json"), &at("new/report.json")]).assert_code(0);
    program.run(&["history", &at("old")]).assert_code(0);

    // What is complete is not collected again.
    let again = run(&program, &["collect", "--config", &config, "--snapshot", &at("night")]);
    again.assert_code(2);
    assert!(again.stderr.contains(&at("night")), "{}", again.stderr);
    let proxy = Proxy::start(vec![]);
    let resumed = Rolecall::at(&proxy);
    run(&resumed, &["collect", "--config", &config, "--snapshot", &at("night"), "--resume"]);
    assert_eq!(proxy.calls().get("sts:AssumeRole"), None);
}

#[test]
fn shards_meet_in_s3() {
    let files = bucket("shards");
    let at = |key: &str| format!("s3://{files}/{key}");
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    let targets = ["targets", "--shards", "2", "--to", &at("run")];
    run(&program, &targets).assert_code(0);
    let list = get(&files, "run/targets.json").unwrap();
    // A run has one list.
    let again = run(&program, &targets);
    again.assert_code(2);
    assert!(again.stderr.contains("run/targets.json` already exists"), "{}", again.stderr);
    assert_eq!(get(&files, "run/targets.json").unwrap(), list);
    for shard in ["1", "2"] {
        let args = [
            "collect",
            "--targets",
            &at("run"),
            "--shard",
            &format!("{shard}/2"),
            "--snapshot",
            &at(&format!("run/shard-{shard}")),
        ];
        run(&program, &args);
    }
    let merged = program.run(&[
        "merge",
        &at("run/shard-1"),
        &at("run/shard-2"),
        "--targets",
        &at("run"),
        "--into",
        &at("run/all"),
    ]);
    merged.assert_code(0);
    assert!(get(&files, &format!("run/all/{RESEARCH}.jsonl")).is_some());
    run(&program, &["collect", "--snapshot", "one"]);
    let report = |snapshot: &str| {
        let output = ["evaluate", "--snapshot", snapshot, "-o", "json=report.json"];
        run(&program, &output).assert_code(0);
        let mut report = program.json("report.json");
        for account in report["accounts"].as_array_mut().unwrap() {
            account["collected_at"] = Value::Null;
        }
        report
    };
    assert_eq!(report("one"), report(&at("run/all")));
}

#[test]
fn a_role_of_its_own_writes_to_another_account() {
    let files = bucket("role");
    let storage = "[storage]\nrole = { arn = \"arn:aws:iam::999988887777:role/rolecall-sink\", external_id = { env = \"ROLECALL_SINK\" } }\nbucket_owner = \"123456789012\"\nkms_key = \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd\"\n";
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy)
        .env("ROLECALL_SINK", "sink-secret")
        .config(&format!("{}{storage}", config("")));
    let output = format!("json=s3://{files}/report.json");
    run(&program, &["scan", "--snapshot", "one", "--output", &output]).assert_code(0);
    assert!(get(&files, "report.json").is_some());
    // Commands that need no other secrets need this one.
    run(&program, &["evaluate", "--snapshot", "one", "--output", &output]).assert_code(0);
    let requests = proxy.requests();
    let of_sink = requests.iter().filter(|request| request.role_account() == "999988887777");
    let secrets: Vec<&str> = of_sink.map(|request| request.param("ExternalId")).collect();
    assert_eq!(secrets, ["sink-secret"; 2]);
    let sink = requests.iter().find(|request| request.role_account() == "999988887777").unwrap();
    assert_eq!(sink.param("ExternalId"), "sink-secret");
    assert!(
        sink.param("Policy").contains("s3:PutObject") && !sink.param("Policy").contains("ec2:")
    );
    let written = requests.iter().find(|request| {
        request.headers.contains_key("x-amz-server-side-encryption-aws-kms-key-id")
    });
    let written = written.expect("the key encrypts the report");
    assert_eq!(written.account, "999988887777");
    assert_eq!(written.headers["x-amz-expected-bucket-owner"], OWN);
    // The targets do not see the role of the storage.
    assert!(requests.iter().all(|request| request.account == "999988887777"
        || !request.headers.contains_key("x-amz-server-side-encryption")));
}

#[test]
fn rules_beside_a_config_are_read_as_the_config_is() {
    let files = bucket("beside");
    let storage = "[storage]\nrole = \"arn:aws:iam::999988887777:role/rolecall-sink\"\n\
        bucket_owner = \"999988887777\"\n";
    put(&files, "config/rolecall.toml", &format!("[scan]\nrule_folders = [\"./own\"]\n{storage}"));
    let rule = "//! Always passes.\nconst RULE = #{ title: \"Own\", resource: \"s3.bucket\", severity: \"low\" };\nfn check(bucket, params) { pass() }\n";
    put(&files, "config/own/own-rule.rhai", rule);
    let proxy = Proxy::start(vec![]);
    let config = format!("s3://{files}/config/rolecall.toml");
    let ran = Rolecall::at(&proxy).run(&["rules", "--config", &config]);
    ran.assert_code(0);
    assert!(ran.stdout.contains("own-rule"), "{}", ran.stdout);
    for request in proxy.requests() {
        assert_eq!(request.account, OWN, "{}", request.call);
        assert_eq!(request.headers.get("x-amz-expected-bucket-owner"), None);
    }
}

#[test]
fn errors_say_what_to_do_and_leave_nothing_behind() {
    let files = bucket("errors");
    let report = format!("s3://{files}/report.json");
    let write = format!("/{files}/report.json");
    let is_write = move |request: &crate::support::fault::Request| request.is_to("PUT", &write);
    struct Case {
        faults: Vec<Fault>,
        output: String,
        parts: &'static [&'static str],
        collects: bool,
    }
    let cases = [
        Case {
            faults: vec![when(is_write.clone()).error(403, "AccessDenied", "Access Denied")],
            output: report.clone(),
            parts: &["s3:PutObject", "AccessDenied", "bucket_owner"],
            collects: true,
        },
        Case {
            faults: vec![when(is_write).error(503, "SlowDown", "Please reduce your request rate.")],
            output: report.clone(),
            parts: &["s3:PutObject", "SlowDown"],
            collects: true,
        },
        Case {
            faults: vec![],
            output: "s3://rolecall-no-such-bucket/report.json".to_owned(),
            parts: &["NoSuchBucket", "create bucket `rolecall-no-such-bucket`"],
            collects: false,
        },
        Case {
            faults: vec![],
            output: "s3://rolecall-no-such-bucket".to_owned(),
            parts: &["not a valid place in S3", "name an object or a folder"],
            collects: false,
        },
        Case {
            faults: vec![],
            output: format!("s3://{files}/../report.json"),
            parts: &["not a valid place in S3"],
            collects: false,
        },
        Case {
            faults: vec![],
            output: format!("s3://{files}/{{acount}}.json"),
            parts: &["unknown placeholder `{acount}`", "did you mean `{account}`?"],
            collects: false,
        },
    ];
    for Case { faults, output, parts, collects } in cases {
        let proxy = Proxy::start(faults);
        let program = Rolecall::at(&proxy).config(&config("max_attempts = 2"));
        let ran = run(&program, &["scan", "--output", &format!("json={output}")]);
        ran.assert_code(2);
        for part in parts {
            assert!(ran.stderr.contains(part), "{output}: missing {part} in\n{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("rolecall-s3-"), "{}", ran.stderr);
        assert_eq!(proxy.calls().contains_key("sts:AssumeRole"), collects, "{output}");
        assert_eq!(keys(&files), BTreeSet::new(), "{output}");
    }
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    for (args, parts) in [
        (["evaluate", "--snapshot", &format!("s3://{files}/none")], &["none"][..]),
        (["rules", "--rules", &format!("s3://{files}/none")], &["none"]),
        (["rules", "--config", &format!("s3://{files}/none.toml")], &["none.toml` does not exist"]),
        (["history", "--format=text", &format!("s3://{files}/none")], &["none"]),
    ] {
        let ran = program.run(&args);
        ran.assert_code(2);
        for part in parts {
            assert!(
                ran.stderr.contains(&format!("s3://{files}/{part}")),
                "{args:?}: {}",
                ran.stderr
            );
        }
    }
}

/// A snapshot whose report is larger than one part of an upload.
fn large_snapshot(program: &Rolecall) {
    run(program, &["collect", "--snapshot", "large"]);
    let path = program.path(&format!("large/{PAYMENTS}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let at = lines.iter().position(|line| line["id"].is_string()).unwrap();
    let bucket = lines[at].clone();
    let copies = 12_000;
    for number in 0..copies {
        let mut copy = bucket.clone();
        let name = format!("copy-{number:06}-{}", "x".repeat(40));
        copy["id"] = name.clone().into();
        copy["arn"] = format!("arn:aws:s3:::{name}").into();
        copy["facts"]["name"] = name.into();
        lines.insert(at, copy);
    }
    for line in &mut lines {
        for count in ["resources", "count"] {
            if let Some(number) = line[count].as_u64().filter(|number| *number > 0) {
                line[count] = (number + copies).into();
            }
        }
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_large_report_is_written_whole_or_not_at_all() {
    let files = bucket("large");
    let output = format!("json=s3://{files}/report.json");
    let program = |proxy: &Proxy| Rolecall::at(proxy).config(&config("max_attempts = 3"));
    let maker = program(&Proxy::start(vec![]));
    large_snapshot(&maker);
    let snapshot = maker.path("large");
    let args = |output: &'static str| {
        ["evaluate", "--snapshot", snapshot.to_str().unwrap(), "-o", output].map(str::to_owned)
    };
    let output: &'static str = output.leak();

    // Interrupted for good: nothing is there, and the parts are deleted.
    let part = |request: &crate::support::fault::Request| request.params.contains_key("partNumber");
    let proxy = Proxy::start(vec![
        when(move |request| part(request) && request.param("partNumber") == "2").cut(),
    ]);
    let ran = program(&proxy).run(&args(output).each_ref().map(String::as_str));
    ran.assert_code(2);
    assert!(ran.stderr.contains("s3:UploadPart"), "{}", ran.stderr);
    assert_eq!(keys(&files), BTreeSet::new());
    assert!(
        proxy
            .requests()
            .iter()
            .any(|request| request.is_delete() && request.params.contains_key("uploadId")),
        "the upload is aborted"
    );

    // Interrupted once: the part is sent again.
    let proxy = Proxy::start(vec![when(part).cut().times(1)]);
    let ran = program(&proxy).run(&args(output).each_ref().map(String::as_str));
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    maker.run(&args("json=local.json").each_ref().map(String::as_str));
    let parts = proxy.requests().iter().filter(|request| part(request)).count();
    assert!(parts >= 3, "{parts} parts");
    assert_eq!(json(&files, "report.json"), maker.json("local.json"));
}

#[test]
fn an_index_of_reports_in_s3_reads_only_names() {
    let files = bucket("index");
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(""));
    for key in ["reports/2026-06-01/report.html", "reports/2026-06-02/a<b>.json", "other/x.html"] {
        put(&files, key, "x");
    }
    let place = format!("s3://{files}/reports");
    for _ in 0..2 {
        let ran = program.run(&["index", &place]);
        ran.assert_code(0);
        let wrote = format!("wrote `{place}/index.html`: 2 reports of 2 nights");
        assert!(ran.stderr.contains(&wrote), "{}", ran.stderr);
    }
    let page = String::from_utf8(get(&files, "reports/index.html").unwrap()).unwrap();
    assert!(page.contains("href=\"2026-06-02/a%3Cb%3E.json\""), "{page}");
    let report = format!("/{files}/reports/2026-06-01/report.html");
    let is_read = |request: &crate::support::fault::Request| request.is_to("GET", &report);
    assert!(!proxy.requests().iter().any(is_read));
    put(&files, "reports/index.html", "mine");
    let ran = program.run(&["index", &place]);
    ran.assert_code(2);
    assert!(
        ran.stderr.contains(&format!("`{place}/index.html` was not written by")),
        "{}",
        ran.stderr
    );
    assert_eq!(get(&files, "reports/index.html").unwrap(), b"mine");
}
