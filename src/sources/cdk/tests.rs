//! Places of the app in `tests/sources/cdk`, checked by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::model::{Evidence, Region, ResourceRef};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/cdk")
}

/// Asks about a resource with the tags of a stack.
#[allow(clippy::too_many_arguments, reason = "what a subject has")]
fn place(
    source: &Assembly,
    (kind, id, name): (&str, &str, Option<&str>),
    (stack, logical_id): (&str, &str),
    (account, region): (&str, &str),
    terraform: &[&str],
    evidence: Value,
) -> String {
    let region: Region = region.parse().unwrap();
    let resource = ResourceRef {
        kind: kind.to_owned().into(),
        region: region.clone(),
        id: Some(id.into()),
        arn: None,
        name: name.map(Into::into),
    };
    let tags: BTreeMap<String, String> = [("stack-name", stack), ("logical-id", logical_id)]
        .into_iter()
        .map(|(key, value)| (format!("aws:cloudformation:{key}"), value.to_owned()))
        .collect();
    let terraform: Vec<String> = terraform.iter().map(|entry| (*entry).to_owned()).collect();
    let evidence: Vec<Evidence> = if evidence.is_null() { Vec::new() } else { vec![evidence] };
    let placing = source.place(&Subject {
        account: &account.parse().unwrap(),
        region: &region,
        resource: &resource,
        tags: Some(&tags),
        terraform: &terraform,
        evidence: &evidence,
    });
    match placing {
        Placing::NotDeclared => "not declared".to_owned(),
        Placing::NotFound { address, reason } => format!("{address}: {reason}"),
        Placing::Placed(place) => {
            let text = fs::read_to_string(folder().join(&place.file)).unwrap();
            let line = text.lines().nth(place.line as usize - 1).unwrap();
            let range = line.get(place.column as usize - 1..place.end_column as usize - 1).unwrap();
            let because = place.because.map_or("", |because| match because {
                PlaceReason::Satellite => " (satellite)",
                PlaceReason::Missing => " (missing)",
                PlaceReason::BroughtAlong => " (brought along)",
            });
            format!("{}:{}{because} {} `{range}`", place.file, place.line, place.address)
        }
    }
}

fn open(home: &Path) -> Result<Assembly, SourceError> {
    let repository = Repository::open(home, Some(home)).unwrap();
    Assembly::open(&repository, Path::new("cdk.out"), &[], &[])
}

#[test]
fn constructs_are_found_in_the_program() {
    let source = open(&folder()).unwrap();
    assert_eq!(source.problems(), [""; 0]);
    let here = ("111122223333", "eu-west-1");
    let nested = "Data-NetworkNestedStackNetworkNestedStackResource1A2B-1ABCDEFGHIJKL";
    let opening = |port: i64| json!({ "ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr": "0.0.0.0/0" });
    let versioning: &[&str] = &["aws_s3_bucket_versioning", "aws_s3_bucket"];
    let ingress: &[&str] = &["aws_vpc_security_group_ingress_rule"];
    let bucket = ("s3.bucket", "data-logs", None);
    let group = ("ec2.security_group", "sg-1", Some("Web"));
    for (resource, stack, environment, terraform, evidence, wanted) in [
        (
            bucket,
            ("Data", "Logs6819BB44"),
            here,
            versioning,
            Value::Null,
            "lib/data-stack.ts:10 (missing) Data/Logs/Resource `new Bucket(this, \"Logs\", { versioned: false });`",
        ),
        (
            bucket,
            ("Data", "Logs6819BB44"),
            here,
            &["aws_s3_bucket_policy"],
            Value::Null,
            "lib/data-stack.ts:11 (satellite) Data/Logs/Policy/Resource `grantPublicAccess();`",
        ),
        // The property was set after the construct was created.
        (
            bucket,
            ("Data", "Raw"),
            here,
            versioning,
            Value::Null,
            "lib/data-stack.ts:20 Data/Raw `versioningConfiguration = { status: \"Suspended\" };`",
        ),
        (
            bucket,
            ("Data", "Raw"),
            here,
            &[],
            Value::Null,
            "lib/data-stack.ts:19 Data/Raw `new CfnBucket(this, \"Raw\");`",
        ),
        (
            group,
            (nested, "Web4C5D6E7F"),
            here,
            ingress,
            opening(22),
            "lib/data-stack.ts:17 Data/Network/Web/Resource `addIngressRule(Peer.anyIpv4(), Port.tcp(22));`",
        ),
        (
            group,
            (nested, "Web4C5D6E7F"),
            here,
            ingress,
            opening(443),
            "lib/data-stack.ts:16 Data/Network/Web/Resource `addIngressRule(Peer.anyIpv4(), Port.tcp(443));`",
        ),
        (
            group,
            (nested, "Web4C5D6E7F"),
            here,
            ingress,
            opening(80),
            "lib/data-stack.ts:15 (missing) Data/Network/Web/Resource `new SecurityGroup(network, \"Web\", { vpc });`",
        ),
        // The trace ends in the library: the line of the VPC, but never that of the stack.
        (
            ("ec2.subnet", "subnet-1", None),
            (nested, "VpcPublicSubnet1Subnet5C2D37C4"),
            here,
            &["aws_subnet.map_public_ip_on_launch"],
            Value::Null,
            "lib/data-stack.ts:14 Data/Network/Vpc/PublicSubnet1/Subnet `new Vpc(network, \"Vpc\", { maxAzs: 1 });`",
        ),
        (
            ("ec2.subnet", "subnet-2", None),
            (nested, "Lost1234"),
            here,
            &[],
            Value::Null,
            "Data/Network/Lost: the assembly has no stack trace of it with a tracked file: run `cdk synth` with `CDK_DEBUG=true`, in the repository",
        ),
        // A stage, in any account.
        (
            bucket,
            ("Prod-Data", "Logs6819BB44"),
            ("444455556666", "us-east-1"),
            &[],
            Value::Null,
            "lib/data-stack.ts:10 Prod/Data/Logs/Resource `new Bucket(this, \"Logs\", { versioned: false });`",
        ),
        (
            bucket,
            ("Prod-Data", "Other"),
            here,
            &[],
            Value::Null,
            "Prod/Data/Other: the assembly has no stack trace of it with a tracked file: run `cdk synth` with `CDK_DEBUG=true`, in the repository",
        ),
        (
            bucket,
            ("Data", "Older1234"),
            here,
            &[],
            Value::Null,
            "Data/Older1234: the assembly does not have this logical id: it is older or newer than the stack",
        ),
        (
            bucket,
            ("Data", "Logs6819BB44"),
            ("444455556666", "eu-west-1"),
            &[],
            Value::Null,
            "not declared",
        ),
        (bucket, ("Other", "Logs6819BB44"), here, &[], Value::Null, "not declared"),
        (bucket, ("Data-Other-1", "Logs6819BB44"), here, &[], Value::Null, "not declared"),
    ] {
        let found = place(&source, resource, stack, environment, terraform, evidence);
        assert_eq!(found, wanted, "{stack:?}");
    }
}

#[test]
fn bad_assemblies_are_reported_and_stay_inside_of_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("cdk.out");
    let error = || open(folder.path()).unwrap_err().to_string();
    assert!(error().contains("cannot read"), "{}", error());
    fs::create_dir(&out).unwrap();
    assert!(error().contains("manifest.json"), "{}", error());
    let write = |name: &str, text: &str| fs::write(out.join(name), text).unwrap();
    write("manifest.json", "{\"artifacts\": 1}");
    assert!(
        error().contains("manifest.json: not the manifest of a cloud assembly (line 1"),
        "{}",
        error()
    );

    fs::write(
        folder.path().join("outside.json"),
        "{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\"}}}",
    )
    .unwrap();
    write("bad.json", "{\"Resources\": [");
    write("metadata.json", "[]");
    let stack = |file: &str, metadata: &str| {
        json!({ "type": "aws:cloudformation:stack", "additionalMetadataFile": metadata,
                "properties": { "templateFile": file } })
    };
    let nested = |name: &str| json!({ "type": "cdk:cloud-assembly", "properties": { "directoryName": name } });
    let artifacts = json!({
        "A": stack("../outside.json", "metadata.json"),
        "B": stack("bad.json", "../outside.json"),
        "C": stack("none.json", "none.json"),
        "D": nested(".."),
        // The assembly itself: the depth is limited.
        "E": nested("."),
    });
    write("manifest.json", &json!({ "artifacts": artifacts }).to_string());
    let source = open(folder.path()).unwrap();
    let problems = source.problems();
    for wanted in [
        "../outside.json: the assembly names a file outside of its folder",
        "metadata.json: not metadata of a stack",
        "bad.json: not a template",
        "none.json",
        "..: the assembly names a file outside of its folder",
        "cdk.out has no stack trace with a tracked file",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(wanted)), "{wanted}: {problems:?}");
    }
}

/// An app with a stack `Data` in two regions, whose bucket was created at these lines of `lib/s.ts`.
/// The line of the bucket of the stack in `eu-west-1`.
fn line_of_bucket(lines: [u32; 2]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib/s.ts", "one\ntwo\nthree\n");
    write("bin/app.ts", "app\n");
    write(
        "cdk.out/t.json",
        r#"{"Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Data/Logs"}}}}"#,
    );
    let stack = |region: &str, line: u32| {
        let trace = json!([
            format!("new Data (/home/me/app/lib/s.ts:{line}:1)"),
            "Object.<anonymous> (/home/me/app/bin/app.ts:1:1)",
        ]);
        json!({
            "type": "aws:cloudformation:stack", "environment": format!("aws://111122223333/{region}"),
            "properties": { "templateFile": "t.json", "stackName": "Data" },
            "metadata": { "/Data/Logs": [{ "type": "aws:cdk:logicalId", "data": "Logs", "trace": trace }] },
        })
    };
    let artifacts =
        json!({ "Eu": stack("eu-west-1", lines[0]), "Us": stack("us-east-1", lines[1]) });
    write("cdk.out/manifest.json", &json!({ "artifacts": artifacts }).to_string());
    let resources = json!({ "StackResources": [{
        "StackName": "Data",
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/Data/1",
        "LogicalResourceId": "Logs", "PhysicalResourceId": "data-logs",
        "ResourceType": "AWS::S3::Bucket", "ResourceStatus": "CREATE_COMPLETE",
    }]});
    write("stack.json", &resources.to_string());
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let saved = [folder.path().join("stack.json")];
    let source = Assembly::open(&repository, Path::new("cdk.out"), &saved, &[]).unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = ResourceRef {
        kind: "s3.bucket".into(),
        region: region.clone(),
        id: Some("data-logs".into()),
        arn: None,
        name: None,
    };
    match source.place(&Subject {
        account: &"111122223333".parse().unwrap(),
        region: &region,
        resource: &resource,
        tags: None,
        terraform: &[],
        evidence: &[],
    }) {
        Placing::Placed(place) => place.position(),
        Placing::NotFound { reason, .. } => reason,
        Placing::NotDeclared => "not declared".to_owned(),
    }
}

#[test]
fn a_stack_in_several_regions_is_the_one_whose_region_aws_returned() {
    assert_eq!(line_of_bucket([1, 2]), "lib/s.ts:1");
}

#[test]
fn an_outer_frame_is_not_named_for_a_line_that_is_gone() {
    let found = line_of_bucket([700, 2]);
    assert!(found.contains("has no stack trace of it with a tracked file"), "{found}");
}
