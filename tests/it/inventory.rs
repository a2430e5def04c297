//! `rolecall inventory`: tables, conditions, counts, and what could not be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::history::validate;
use crate::program::{Ran, root, run, snapshot, text};
use crate::python::python;

const ACCOUNT: &str = "111122223333";
const ACME: &str = "fixtures/acme";

type Row = BTreeMap<String, String>;

fn rows(csv: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(csv);
    reader.deserialize().map(Result::unwrap).collect()
}

fn table(dir: &Path, name: &str) -> Vec<Row> {
    rows(&fs::read(dir.join(format!("{name}.csv"))).unwrap())
}

fn inventory(snapshot: &str, more: &[&str]) -> Ran {
    run(&[&["inventory", "--snapshot", snapshot], more].concat())
}

/// The row of an account in `--count --format json`.
fn counts(more: &[&str]) -> Value {
    let ran = inventory(ACME, &[&["--count", "--format", "json"], more].concat());
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    validate("inventory/v1.schema.json", &value);
    assert_eq!(ran.code, if value["incomplete"] == json!(true) { 3 } else { 0 });
    value
}

fn column<'a>(rows: &'a [Row], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

#[test]
fn the_tables_have_every_resource_and_the_counts_agree() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("tables");
    let ran = inventory(ACME, &["--to", text(&to)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    let mut expected: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for entry in fs::read_dir(root().join(ACME)).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let Some(account) = name.strip_suffix(".jsonl") else { continue };
        for line in fs::read_to_string(entry.path()).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if line["type"] == "resource" {
                let part = |key: &str| line[key].as_str().unwrap().to_owned();
                *expected.entry((account.to_owned(), part("region"), part("kind"))).or_default() +=
                    1;
            }
        }
    }
    let mut found: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for entry in fs::read_dir(&to).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let name = name.strip_suffix(".csv").unwrap();
        if let Some((service, kind)) = name.split_once('_') {
            for row in table(&to, name) {
                let key =
                    (row["account"].clone(), row["region"].clone(), format!("{service}.{kind}"));
                *found.entry(key).or_default() += 1;
            }
        }
    }
    assert_eq!(found, expected);
    let counts = rows(inventory(ACME, &["--count", "--format", "csv"]).stdout.as_bytes());
    let counted = counts.iter().filter(|row| !row["resources"].is_empty()).map(|row| {
        let key = (row["account"].clone(), row["region"].clone(), row["kind"].clone());
        (key, row["resources"].parse().unwrap())
    });
    assert_eq!(counted.collect::<BTreeMap<_, usize>>(), expected);
    let total: usize = expected.values().sum();
    assert_eq!(self::counts(&[])["resources"], json!(total));
    let readable = inventory(ACME, &["--count"]).stdout;
    let last = readable.lines().last().unwrap();
    assert!(last.starts_with("total") && last.ends_with(&total.to_string()), "{readable}");
    let by_account: usize = column(&table(&to, "accounts"), "resources")
        .iter()
        .map(|n| n.parse::<usize>().unwrap())
        .sum();
    assert_eq!(by_account, total);
}

#[test]
fn columns_do_not_depend_on_the_resources() {
    let dir = tempfile::tempdir().unwrap();
    snapshot(dir.path(), ACCOUNT, &[]);
    let header = |snapshot: &str| {
        let ran = inventory(snapshot, &["--kind", "s3.bucket", "-q"]);
        ran.stdout.lines().next().unwrap().to_owned()
    };
    let empty = header(text(dir.path()));
    assert_eq!(empty, header(ACME));
    assert!(empty.starts_with("account,account_name,region,id,arn,name,collected_at,"), "{empty}");
    assert!(empty.ends_with(",unreadable,not_collected"), "{empty}");
    assert_eq!(inventory(text(dir.path()), &["--count", "--kind", "s3.bucket"]).code, 0);
}

#[test]
fn what_could_not_be_read_does_not_look_absent() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("tables");
    inventory(ACME, &["--to", text(&to)]);
    let buckets = table(&to, "s3_bucket");
    let bucket = |id: &str| buckets.iter().find(|row| row["id"] == id).unwrap();
    let denied = bucket("acme-prod-audit-trail");
    let unreadable: Value = serde_json::from_str(&denied["unreadable"]).unwrap();
    assert_eq!(denied["policy"], "");
    assert_eq!(unreadable["policy"]["code"], "AccessDenied");
    assert_eq!(unreadable["policy"]["denied_by"], "resource_policy");
    // The bucket has no policy.
    let absent = bucket("acme-data-scratch");
    assert_eq!((absent["policy"].as_str(), absent["unreadable"].as_str()), ("", ""));
    let not_collected: Vec<String> = serde_json::from_str(&absent["not_collected"]).unwrap();
    assert!(
        not_collected.contains(&"cors".to_owned()) && !not_collected.contains(&"policy".into())
    );

    let gaps = table(&to, "gaps");
    let of =
        |account: &str| gaps.iter().filter(|row| row["account"] == account).collect::<Vec<_>>();
    assert_eq!(of("222233334444")[0]["kind"], "ec2.volume");
    assert_eq!(of("222233334444")[0]["call"], "ec2:DescribeVolumes");
    assert_eq!((of("444455556666")[0]["kind"].as_str(), of("444455556666").len()), ("", 1));
    let accounts = table(&to, "accounts");
    assert_eq!(
        column(&accounts, "status"),
        ["collected", "collected", "collected", "not_accessible"]
    );
    assert_eq!(column(&accounts, "complete"), ["false", "false", "true", "false"]);

    // What was not requested is missing if it is asked for.
    let asked = ["--kind", "s3.bucket", "--account", "acme-data", "--columns", "id,cors"];
    let ran = inventory(ACME, &asked);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for row in rows(ran.stdout.as_bytes()) {
        assert!(row["unreadable"].contains("NotCollected"), "{row:?}");
    }
    let ran = inventory(ACME, &["--kind", "ec2.fleet", "--account", "acme-data"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (3, 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("ec2.fleet: not collected (ec2:DescribeFleets)"), "{}", ran.stderr);
    // The others are complete.
    assert_eq!(inventory(ACME, &["--count", "--account", "acme-data"]).code, 0);
    let missing = tempfile::tempdir().unwrap();
    for file in ["snapshot.json", "111122223333.jsonl"] {
        fs::copy(root().join(ACME).join(file), missing.path().join(file)).unwrap();
    }
    let whole = fs::read_to_string(root().join(ACME).join("333344445555.jsonl")).unwrap();
    let cut = &whole[..whole.len() - 40];
    fs::write(missing.path().join("333344445555.jsonl"), cut).unwrap();
    let to = dir.path().join("missing");
    assert_eq!(inventory(text(missing.path()), &["--to", text(&to)]).code, 3);
    assert_eq!(
        column(&table(&to, "accounts"), "status"),
        ["collected", "not_collected", "not_collected", "not_collected"]
    );
    assert!(table(&to, "ec2_vpc").iter().all(|row| row["account"] == ACCOUNT));
    let codes = table(&to, "gaps");
    assert!(column(&codes, "code").contains(&"CutOff"), "{codes:?}");
}

#[test]
fn accepted_gaps_do_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    let gap = |account: &str, call: &str| {
        format!(
            "[[accepted_gap]]\naccount = \"{account}\"\ncall = \"{call}\"\nreason = \"known\"\n"
        )
    };
    let all = [
        gap("acme-prod", "s3:GetBucketPolicy*"),
        gap("acme-staging", "ec2:*"),
        gap("444455556666", "sts:*"),
    ];
    for (accepted, code) in [(&all[..2], 3), (&all[..], 0)] {
        fs::write(&config, accepted.concat()).unwrap();
        let to = dir.path().join(format!("tables-{code}"));
        let ran = inventory(ACME, &["--to", text(&to), "--config", text(&config)]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        let gaps = table(&to, "gaps");
        assert_eq!(gaps.len(), 4);
        assert_eq!(
            gaps.iter().filter(|gap| gap["accepted"] == "known").count(),
            accepted.len() + 1
        );
    }
}

#[test]
fn conditions_keep_what_they_cannot_check() {
    let ran = inventory(ACME, &["--kind", "s3.bucket", "--where", "policy=", "--columns", "id"]);
    assert_eq!(ran.code, 3);
    let found = rows(ran.stdout.as_bytes());
    assert!(column(&found, "id").contains(&"acme-prod-audit-trail"), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning: `policy` of 1 resource is not known"), "{}", ran.stderr);
    // Another condition excludes it.
    let conditions = ["--where", "policy=", "--where", "id=acme-data-*", "--account", "acme-data"];
    let ran = inventory(ACME, &[&["--kind", "s3.bucket"][..], &conditions].concat());
    assert_eq!((ran.code, rows(ran.stdout.as_bytes()).len()), (0, 1), "{}", ran.stderr);
    // A list that could not be read in another region is no gap.
    let conditions = ["--where", "region=eu-west-1", "--where", "account=222233334444"];
    let volumes = [&["--kind", "ec2.volume", "--count"][..], &conditions].concat();
    let ran = inventory(ACME, &volumes);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let unknown = counts(&["--kind", "ec2.volume", "--where", "account=222233334444"]);
    assert_eq!(unknown["incomplete"], json!(true));
}

#[test]
fn the_same_filter_gives_the_same_rows_and_counts() {
    let kind = ["--kind", "ec2.instance"];
    for conditions in [
        &["--where", "state.name!=running"][..],
        &["--where", "region=eu-*", "--where", "launch_time<2026-02-01"],
        &["--where", "tags.Name="],
        &["--where", "security_groups.group_id!="],
        &["--region", "eu-west-1"],
        &["--account", "acme-prod"],
    ] {
        let ran = inventory(ACME, &[&kind[..], conditions].concat());
        let counted = counts(&[&kind[..], conditions].concat());
        let found = rows(ran.stdout.as_bytes()).len();
        assert_eq!(counted["resources"], json!(found), "{conditions:?}");
    }
}

#[test]
fn invalid_input_says_what_to_do() {
    let full = tempfile::tempdir().unwrap();
    fs::write(full.path().join("ec2_vpc.csv"), "old").unwrap();
    let file = full.path().join("ec2_vpc.csv");
    let instance = ["--kind", "ec2.instance"];
    for (more, part) in [
        (&[][..], "use --to DIR"),
        (&["--kind", "ec2.instence"], "did you mean `ec2.instance`?"),
        (&["--kind", "bucket"], "did you mean `s3.bucket`?"),
        (&["--kind", "x.*"], "no kind in the snapshot matches"),
        (&["--kind", "account"], "unknown kind `account`"),
        (&[&instance[..], &["--columns", "regoin"]].concat(), "did you mean `region`?"),
        (&[&instance[..], &["--columns", "id,id"]].concat(), "duplicate column `id`"),
        (&[&instance[..], &["--where", "stat.name=x"]].concat(), "did you mean `state.name`?"),
        (&[&instance[..], &["--where", "state.name"]].concat(), "use COLUMN=VALUE"),
        (&["--count", "--where", "encrypted=true"], "--kind ec2.snapshot,ec2.volume"),
        (&["--count", "--account", "acme-prd"], "did you mean `acme-prod`?"),
        (&["--to", text(full.path())], "is not empty: choose a new or empty folder"),
        (&["--to", text(&file)], "cannot write to folder"),
        (&["--format", "json", "--to", "x"], "use --count for text and json"),
        (&["--count", "--format", "parquet"], "not parquet"),
        (&["--count", "--to", "x"], "cannot be used with"),
        (&["--format", "parquet", "--kind", "ec2.vpc"], "needs a folder"),
    ] {
        let ran = inventory(ACME, more);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "old");
    if cfg!(not(feature = "parquet")) {
        let to = full.path().join("new");
        let ran = inventory(ACME, &["--format", "parquet", "--to", text(&to)]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("--features parquet"), "{}", ran.stderr);
        assert!(!to.exists());
    }
}

#[test]
fn an_error_leaves_no_tables() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["snapshot.json", "111122223333.jsonl"] {
        fs::copy(root().join(ACME).join(file), dir.path().join(file)).unwrap();
    }
    fs::write(dir.path().join("222233334444.jsonl"), "{}\n").unwrap();
    let to = dir.path().join("tables");
    for folders in [&[][..], &["--table-folders"]] {
        let ran = inventory(text(dir.path()), &[&["--to", text(&to)], folders].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(!to.exists(), "{folders:?}");
    }
    // A folder of a killed run has temporary files only.
    fs::create_dir_all(to.join("ec2_vpc")).unwrap();
    fs::write(to.join("ec2_vpc/.rolecall-abc.tmp"), "half").unwrap();
    let ran = inventory(ACME, &["--to", text(&to), "--table-folders", "-q"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(to.join("ec2_vpc/ec2_vpc.csv").exists());
}

#[test]
fn hostile_values_stay_in_their_cells() {
    let dir = tempfile::tempdir().unwrap();
    let texts = [
        "=cmd()|' /C calc'!A0",
        "@SUM(1)",
        "-2+3",
        "\t=1",
        "a\nb\r\nc",
        "\u{1b}[31mred\u{202e}",
        "\"quoted\", and \\",
        "../../etc/passwd",
    ];
    let resources: Vec<_> = texts
        .iter()
        .map(|name| {
            let facts = json!({
                "group_id": name, "group_name": name, "description": name, "owner_id": ACCOUNT,
                "tags": { *name: name }, "ip_permissions": [], "ip_permissions_egress": [],
            });
            ("ec2.security_group", *name, "eu-west-1", facts)
        })
        .collect();
    snapshot(dir.path(), ACCOUNT, &resources);
    let ran = inventory(text(dir.path()), &["--kind", "ec2.security_group"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = rows(ran.stdout.as_bytes());
    assert_eq!(found.len(), texts.len());
    assert!(!ran.stdout.chars().any(|c| c.is_control() && !"\r\n".contains(c)), "{}", ran.stdout);
    // A line of the file is a row: Athena cannot read others.
    assert_eq!(ran.stdout.lines().count(), texts.len() + 1);
    for row in &found {
        for cell in row.values().filter(|cell| !cell.is_empty()) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
        let tags: BTreeMap<String, String> = serde_json::from_str(&row["tags"]).unwrap();
        assert!(tags.keys().all(|key| texts.contains(&key.as_str())), "{tags:?}");
    }
    // Values that are not of the type of their column are not silently absent.
    let bucket = json!({
        "name": "b", "bucket_region": "eu-west-1", "creation_date": "never", "versioning": null,
        "tags": {},
    });
    snapshot(dir.path(), ACCOUNT, &[("s3.bucket", "b", "eu-west-1", bucket)]);
    let ran = inventory(text(dir.path()), &["--kind", "s3.bucket", "--columns", "creation_date"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let row = &rows(ran.stdout.as_bytes())[0];
    assert_eq!(row["creation_date"], "");
    assert!(row["unreadable"].contains("`creation_date` is not valid"), "{row:?}");
}

/// Runs the queries of the documentation with this mark in a folder.
fn queries(dir: &Path, mark: &str) -> Vec<Vec<Value>> {
    queries_of(dir, mark, &root().join("docs/inventory.md"))
}

/// The same for another page.
fn queries_of(dir: &Path, mark: &str, page: &Path) -> Vec<Vec<Value>> {
    let output = Command::new(python())
        .arg(root().join("tests/it/inventory_queries.py"))
        .args([mark.as_ref(), page.as_os_str(), root().as_os_str()])
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The counts of a kind by account and region, as rows of a query.
fn expected_counts(more: &[&str]) -> Vec<Value> {
    let ran = inventory(ACME, &[&["--count", "--format", "csv"], more].concat());
    let counted = rows(ran.stdout.as_bytes()).into_iter().filter(|row| row["complete"] == "true");
    counted
        .map(|row| {
            let resources: u64 = row["resources"].parse().unwrap();
            json!({ "account": row["account"], "region": row["region"], "resources": resources })
        })
        .collect()
}

fn sum(rows: &[Value], name: &str) -> u64 {
    rows.iter().map(|row| row[name].as_u64().unwrap()).sum()
}

#[test]
fn documented_queries_agree_with_the_counts() {
    let dir = tempfile::tempdir().unwrap();
    inventory(ACME, &["--to", text(&dir.path().join("inventory"))]);
    let results = queries(dir.path(), "duckdb");
    let [instances, volumes, buckets, gaps] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(*instances, expected_counts(&["--kind", "ec2.instance"]));
    let unencrypted = counts(&["--kind", "ec2.volume", "--where", "encrypted=false"]);
    assert_eq!(json!(sum(volumes, "volumes")), unencrypted["resources"]);
    let no_policy = counts(&["--kind", "s3.bucket", "--where", "policy="]);
    assert_eq!(json!(buckets.len()), no_policy["resources"]);
    let unknown: Vec<_> = buckets.iter().filter(|row| !row["not_read"].is_null()).collect();
    assert_eq!(unknown, [&json!({ "id": "acme-prod-audit-trail", "not_read": "AccessDenied" })]);
    assert_eq!(gaps.len(), 4);
}

#[test]
fn documented_athena_queries_and_definitions_match_the_tables() {
    let dir = tempfile::tempdir().unwrap();
    inventory(ACME, &["--table-folders", "--to", text(&dir.path().join("inventory"))]);
    let results = queries(dir.path(), "athena");
    let [instances, volumes, buckets] = results.as_slice() else { panic!("{results:?}") };
    let running = counts(&["--kind", "ec2.instance", "--where", "state.name=running"]);
    assert_eq!(json!(sum(instances, "instances")), running["resources"]);
    let unencrypted = counts(&["--kind", "ec2.volume", "--where", "encrypted=false"]);
    assert_eq!(json!(sum(volumes, "volumes")), unencrypted["resources"]);
    assert_eq!(buckets[0]["code"], "AccessDenied");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_the_same_rows_with_types() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("inventory");
    let ran = inventory(ACME, &["--format", "parquet", "--to", text(&to)]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let results = queries(dir.path(), "duckdb: parquet");
    let [instances, volumes] = results.as_slice() else { panic!("{results:?}") };
    let early = ["--kind", "ec2.instance", "--where", "launch_time<2026-02-01"];
    assert_eq!(*instances, expected_counts(&early));
    let unencrypted = counts(&["--kind", "ec2.volume", "--where", "encrypted=false"]);
    assert_eq!(json!(sum(volumes, "volumes")), unencrypted["resources"]);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_keeps_hostile_texts_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(1 << 20);
    let texts =
        ["nul \0 inside", "\0", "=cmd()|' /C calc'!A0", "a\r\nb", "\u{202e}\u{fffe}", &long];
    let resources: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(number, description)| {
            let facts = json!({
                "group_id": "sg-1", "group_name": number.to_string(), "description": description,
                "owner_id": ACCOUNT, "tags": { "key": description }, "ip_permissions": [],
                "ip_permissions_egress": [],
            });
            ("ec2.security_group", *description, "eu-west-1", facts)
        })
        .collect();
    let night = dir.path().join("night");
    fs::create_dir(&night).unwrap();
    snapshot(&night, ACCOUNT, &resources);
    let to = dir.path().join("inventory");
    let kind = ["--kind", "ec2.security_group", "--format", "parquet", "--to", text(&to)];
    let ran = inventory(text(&night), &kind);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = dir.path().join("page.md");
    let query = "SELECT group_name, description, tags FROM 'inventory/ec2_security_group.parquet' ORDER BY group_name";
    fs::write(&page, format!("<!-- hostile -->\n```sql\n{query}\n```\n")).unwrap();
    let results = queries_of(dir.path(), "hostile", &page);
    let [rows] = results.as_slice() else { panic!("{} results", results.len()) };
    assert_eq!(rows.len(), texts.len());
    for (row, expected) in rows.iter().zip(texts) {
        assert_eq!(row["description"].as_str(), Some(expected), "{:.200}", row.to_string());
        let tags: Value = serde_json::from_str(row["tags"].as_str().unwrap()).unwrap();
        assert_eq!(tags["key"].as_str(), Some(expected));
    }
}

#[test]
fn half_of_a_surrogate_pair_is_not_a_value() {
    let dir = tempfile::tempdir().unwrap();
    let facts = json!({
        "group_id": "sg-1", "group_name": "x", "description": "LONE", "owner_id": ACCOUNT,
        "tags": {}, "ip_permissions": [], "ip_permissions_egress": [],
    });
    snapshot(dir.path(), ACCOUNT, &[("ec2.security_group", "sg-1", "eu-west-1", facts)]);
    let file = dir.path().join(format!("{ACCOUNT}.jsonl"));
    let whole = fs::read_to_string(&file).unwrap();
    for lone in ["\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x"] {
        fs::write(&file, whole.replace("LONE", lone)).unwrap();
        let ran = inventory(text(dir.path()), &["--kind", "ec2.security_group"]);
        assert_eq!(ran.code, 2, "{lone}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(".jsonl:4: invalid JSON"), "{lone}: {}", ran.stderr);
        assert!(!ran.stdout.contains("sg-1"), "{lone}: {}", ran.stdout);
    }
}
