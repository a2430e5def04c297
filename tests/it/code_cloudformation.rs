//! Failures at lines of CloudFormation templates, through the program.

use serde_json::json;

use crate::sources::{World, name, places};

const ACCOUNT: &str = "111122223333";

const YAML: &str = "Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Suspended
  Bare:
    Type: AWS::S3::Bucket
";

const JSON: &str = r#"{
  "Resources": {
    "Data": {
      "Type": "AWS::S3::Bucket",
      "Properties": {
        "VersioningConfiguration": { "Status": "Suspended" }
      }
    },
    "Bare": { "Type": "AWS::S3::Bucket" }
  }
}
"#;

/// A repository with a template, and the list of the resources of its stack, which belongs to
/// `owner`.
fn world(file: &str, template: &str, owner: &str) -> World {
    let world = World::new();
    world.write(file, template);
    world.git(&["add", file]);
    let listed = |logical: &str, physical: &str| {
        json!({
            "StackName": "data-prod", "LogicalResourceId": logical, "PhysicalResourceId": physical,
            "StackId": format!("arn:aws:cloudformation:eu-west-1:{owner}:stack/data-prod/1"),
            "ResourceType": "AWS::S3::Bucket",
        })
    };
    let all = json!({ "StackResources": [listed("Data", "data"), listed("Bare", "bare")] });
    world.write("stacks/data-prod.json", &all.to_string());
    let config = format!(
        "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nname = \"mine\"\nrules = [\"bucket-versioned\"]\n\
         [[source]]\ncloudformation = \"{file}\"\nstack = \"data-*\"\nresources = [\"stacks/data-prod.json\"]\n\
         [[output]]\nformat = \"sarif\"\npath = \"unused.sarif\"\nlocation = \"code\"\n"
    );
    world.write("rolecall.toml", &config);
    let failing = Some("Suspended");
    world.snapshot(&[(ACCOUNT, &[("data", failing), ("bare", failing), ("manual", failing)])]);
    world
}

#[test]
fn failures_are_placed_in_yaml_and_json() {
    for (file, template, data, bare) in
        [("cfn/data.yaml", YAML, 6, 7), ("cfn/data.json", JSON, 6, 9)]
    {
        let world = world(file, template, ACCOUNT);
        let night = world.night("1", &["--baseline", "none"]);
        let (data, bare) = (format!("{file}:{data}"), format!("{file}:{bare}"));
        let wanted = [("bare", bare.as_str()), ("data", data.as_str())];
        assert_eq!(night.places(), places(&wanted), "{}", night.ran.stderr);
        let findings = night.findings();
        for (id, address) in [("data", "data-prod/Data"), ("bare", "data-prod/Bare")] {
            let source = &findings[id]["source"];
            assert_eq!(source["address"], address);
            assert_eq!(source["what"], "template");
        }
        assert_eq!(night.json["summary"]["sources"]["not_declared"], 1);
        let results = night.results();
        assert_eq!((&results["data"], &results["bare"]), (&data, &bare));
        let fingerprint = name(&findings["data"]["fingerprint"]);
        let shown = world.rolecall(&["explain", &fingerprint, "--report", "reports/1.json"]);
        assert!(shown.stdout.contains(&data), "{}{}", shown.stdout, shown.stderr);
    }
}

#[test]
fn stacks_of_other_accounts_place_nothing() {
    let night = world("cfn/data.yaml", YAML, "444455556666").night("1", &["--baseline", "none"]);
    assert!(night.places().is_empty(), "{:?}", night.places());
    assert_eq!(night.json["summary"]["sources"]["not_declared"], 3);
}

#[test]
fn templates_that_cannot_be_read_are_reported_and_place_nothing() {
    let broken = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n   Properties: [\n";
    let with_version = format!("AWSTemplateFormatVersion: 2010-09-09\n{broken}");
    // A file that the config names is meant as a template, whatever it contains.
    for (bad, line) in [(with_version.as_str(), 5), (broken, 4)] {
        let night = world("cfn/data.yaml", bad, ACCOUNT).night("1", &["--baseline", "none"]);
        assert!(night.places().is_empty(), "{:?}", night.places());
        let problem = name(&night.json["summary"]["sources"]["problems"][0]);
        let place = format!("cfn/data.yaml:{line}:");
        assert!(problem.contains(&place), "{problem}");
        assert!(night.ran.stderr.contains(&place), "{}", night.ran.stderr);
    }
}

#[test]
fn saved_lists_of_stack_resources_have_several_shapes() {
    let resource = |logical: &str, physical: &str| {
        json!({
            "LogicalResourceId": logical, "PhysicalResourceId": physical,
            "ResourceType": "AWS::S3::Bucket", "ResourceStatus": "CREATE_COMPLETE",
        })
    };
    let (data, bare) = (resource("Data", "data"), resource("Bare", "bare"));
    let page = |resources: &[&serde_json::Value], token: Option<&str>| {
        let mut page = json!({ "StackResourceSummaries": resources });
        if let Some(token) = token {
            page["NextToken"] = token.into();
        }
        page
    };
    let (first, last) = (page(&[&data], Some("x")), page(&[&bare], None));
    let both = [("bare", "cfn/data.yaml:7"), ("data", "cfn/data.yaml:6")];
    let incomplete = "data-prod.json: the list is incomplete, because its last page has a `NextToken`: run the command without --max-items";
    let nothing = "data-prod.json: it lists no resources, but a stack has at least one";
    for (name, saved, placed, problem) in [
        ("one page", page(&[&data, &bare], None).to_string(), &both[..], None),
        ("pages after each other", format!("{first}\n{last}"), &both, None),
        ("a list of pages", json!([first, last]).to_string(), &both, None),
        ("a list of resources", json!([data, bare]).to_string(), &both, None),
        ("only the first page", first.to_string(), &both[1..], Some(incomplete)),
        ("no resources", page(&[], None).to_string(), &[], Some(nothing)),
        ("an empty list", "[]".to_owned(), &[], Some(nothing)),
        ("nothing", " \n".to_owned(), &[], Some("data-prod.json: the file is empty: save")),
        ("a number", "1".to_owned(), &[], Some("invalid response at line 1, column 1: save")),
        (
            "half of it",
            "{\"StackResourceSummaries\": [\n  {".to_owned(),
            &[],
            Some("invalid response at line 2, column 3: save"),
        ),
        (
            "another response",
            json!({ "Stacks": [] }).to_string(),
            &[],
            Some("`StackResources` or `StackResourceSummaries` is missing: save"),
        ),
    ] {
        let world = world("cfn/data.yaml", YAML, ACCOUNT);
        world.write("stacks/data-prod.json", &saved);
        // The list does not say whose stack it is.
        let config = world.read("rolecall.toml");
        let source = "resources = [\"stacks/data-prod.json\"]\n";
        let config = config.replace(source, &format!("{source}accounts = [\"{ACCOUNT}\"]\n"));
        world.write("rolecall.toml", &config);
        let night = world.night("1", &["--baseline", "none"]);
        assert_eq!(night.places(), places(placed), "{name}: {}", night.ran.stderr);
        let problems = night.json["summary"]["sources"]["problems"].as_array().unwrap();
        assert_eq!(problems.len(), usize::from(problem.is_some()), "{name}: {problems:?}");
        for (found, problem) in problems.iter().zip(problem) {
            assert!(found.as_str().unwrap().contains(problem), "{name}: {found}");
            assert!(night.ran.stderr.contains(problem), "{name}: {}", night.ran.stderr);
        }
    }
}
