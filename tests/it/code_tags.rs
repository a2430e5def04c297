//! Failures whose code is found by the tags of their resources, through the program: stacks of CDK, and
//! traces of Yor.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::sources::{Night, World, name, places};

const ACCOUNT: &str = "111122223333";
const TRACE: &str = "11111111-2222-4333-8444-555555555555";

/// Two failing buckets with tags, `data` and `other`, and a source.
fn world(source: &str, data: &Value, other: &Value) -> World {
    let world = World::new();
    let config = format!(
        "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nname = \"mine\"\nrules = [\"bucket-versioned\"]\n\
         [[source]]\n{source}\n[[output]]\nformat = \"sarif\"\npath = \"unused.sarif\"\nlocation = \"code\"\n"
    );
    world.write("rolecall.toml", &config);
    let failing = Some("Suspended");
    world.snapshot(&[(ACCOUNT, &[("data", failing), ("other", failing)])]);
    for file in ["snapshot.json".to_owned(), format!("{ACCOUNT}.jsonl")] {
        let file = format!("snapshot/{file}");
        let tagged: String =
            world.read(&file).lines().map(|line| tagged(line, data, other)).collect();
        world.write(&file, &tagged);
    }
    world
}

/// A line of a snapshot with the tags of its bucket.
fn tagged(line: &str, data: &Value, other: &Value) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    for pointer in ["/demand/s3.bucket", "/facts"] {
        if let Some(Value::Array(facts)) = line.pointer_mut(pointer) {
            facts.insert(0, json!("tags"));
        }
    }
    match line["id"].as_str() {
        Some("data") => line["facts"]["tags"] = data.clone(),
        Some("other") => line["facts"]["tags"] = other.clone(),
        _ => {}
    }
    format!("{line}\n")
}

fn night(world: &World) -> Night {
    world.night("1", &["--baseline", "none"])
}

fn stack(stack: &str, logical_id: &str) -> Value {
    json!({ "aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": logical_id })
}

/// Copies the app of `tests/sources/cdk`. What `cdk synth` writes is usually not tracked.
fn app(world: &World) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/cdk");
    for file in ["bin/app.ts", "lib/data-stack.ts"] {
        world.write(file, &fs::read_to_string(from.join(file)).unwrap());
        world.git(&["add", file]);
    }
    let files = ["manifest.json", "Data.template.json", "Data.metadata.json"];
    let more = ["DataNetwork5C6D7E8F.nested.template.json", "assembly-Prod/manifest.json"];
    for file in
        files.into_iter().chain(more).chain(["assembly-Prod/ProdDataF4A1B2C3.template.json"])
    {
        let file = Path::new("cdk.out").join(file);
        let text = fs::read_to_string(from.join(&file)).unwrap();
        world.write(&file.display().to_string(), &text);
    }
}

#[test]
fn stacks_of_cdk_lead_to_lines_of_the_program() {
    let world = world("cdk = \"cdk.out\"", &stack("Data", "Raw"), &stack("Data", "Logs6819BB44"));
    app(&world);
    let night = night(&world);
    let lines = [("data", "lib/data-stack.ts:20"), ("other", "lib/data-stack.ts:10")];
    assert_eq!(night.places(), places(&lines), "{}", night.ran.stderr);
    assert_eq!(night.results(), places(&lines));
    let findings = night.findings();
    assert_eq!(findings["data"]["source"]["address"], "Data/Raw");
    assert_eq!(findings["other"]["source"]["because"], "missing");
    let fingerprint = name(&findings["data"]["fingerprint"]);
    let shown = world.rolecall(&["explain", &fingerprint, "--report", "reports/1.json"]);
    let line = "raw.versioningConfiguration = { status: \"Suspended\" };";
    assert!(shown.stdout.contains(line), "{}{}", shown.stdout, shown.stderr);
}

#[test]
fn a_stack_that_another_app_deployed_has_no_place() {
    let world = world("cdk = \"cdk.out\"", &stack("Shop", "Raw"), &stack("Data", "Gone"));
    app(&world);
    let night = night(&world);
    assert!(night.places().is_empty(), "{:?}", night.places());
    let sources = &night.json["summary"]["sources"];
    assert_eq!((&sources["not_declared"], &sources["not_found"]), (&json!(1), &json!(1)));
}

#[test]
fn a_broken_assembly_of_cdk_is_reported_with_its_line() {
    let world = world("cdk = \"cdk.out\"", &stack("Data", "Raw"), &json!({}));
    app(&world);
    world.write("cdk.out/manifest.json", "{\n  \"version\": \"48.0.0\",\n  \"artifacts\": [\n");
    let ran = world.rolecall(&["evaluate", "--snapshot", "snapshot", "--baseline", "none"]);
    assert!(ran.stderr.contains("cdk.out/manifest.json"), "{}", ran.stderr);
}

/// A repository with a bucket that has the trace.
fn traced(tags: &Value) -> World {
    let world = world("tags = \"yor\"", tags, &json!({}));
    let code = format!(
        "variable \"x\" {{}}\n\nresource \"aws_s3_bucket\" \"data\" {{\n  bucket = \"data\"\n  tags = {{\n    yor_name  = \"data\"\n    yor_trace = \"{TRACE}\"\n  }}\n}}\n"
    );
    world.write("yor/main.tf", &code);
    world.git(&["add", "yor/main.tf"]);
    world
}

#[test]
fn traces_of_yor_lead_to_their_blocks() {
    let world = traced(&json!({ "yor_trace": TRACE, "yor_name": "data" }));
    let night = night(&world);
    let wanted = places(&[("data", "yor/main.tf:3")]);
    assert_eq!(night.places(), wanted, "{}", night.ran.stderr);
    assert_eq!(night.json["summary"]["sources"]["not_declared"], 1);
    let findings = night.findings();
    assert_eq!(findings["data"]["source"]["address"], "aws_s3_bucket.data");
    let fingerprint = name(&findings["data"]["fingerprint"]);
    let shown = world.rolecall(&["explain", &fingerprint, "--report", "reports/1.json"]);
    let line = "resource \"aws_s3_bucket\" \"data\"";
    assert!(shown.stdout.contains(line), "{}{}", shown.stdout, shown.stderr);
}

#[test]
fn a_trace_of_another_block_has_no_place() {
    let night = night(&traced(&json!({ "yor_trace": TRACE, "yor_name": "copy" })));
    assert!(night.places().is_empty(), "{:?}", night.places());
    assert_eq!(night.json["summary"]["sources"]["not_found"], 1);
}
