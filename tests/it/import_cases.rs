//! What the AWS CLI printed, and what people did to it: each folder of `tests/cases/import/` has the
//! files and the verdicts that are right. The table below has their relatives.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::{root, run, text};

/// `expected.toml` of a case.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// What went wrong, and why the verdicts below are right.
    why: String,
    /// The exit code of the import.
    code: i32,
    /// The files to import, if not all JSON files of the folder.
    #[serde(default)]
    files: Vec<String>,
    /// Parts of what the import prints.
    #[serde(default)]
    said: Vec<String>,
    /// Parts of the findings' messages.
    #[serde(default)]
    messages: Vec<String>,
    /// Rule, or the file of one, → resource (empty for the whole list) → verdict.
    #[serde(default)]
    verdicts: BTreeMap<String, BTreeMap<String, String>>,
}

/// Imports files of a folder, evaluates the rules, and compares everything.
fn check(name: &str, dir: &Path, expected: &Expected) {
    let work = tempfile::tempdir().unwrap();
    let snapshot = work.path().join("snapshot");
    let mut args = vec!["import", "--account", "111122223333", "--region", "eu-west-1"];
    args.extend(["--collected-at", "2026-03-01T00:00:00Z", "--snapshot", text(&snapshot)]);
    let files: Vec<String> = expected
        .files
        .iter()
        .map(|file| match file.split_once('=') {
            Some((fact, file)) => format!("{fact}={}", text(&dir.join(file))),
            None => text(&dir.join(file)).to_owned(),
        })
        .collect();
    args.extend(files.iter().map(String::as_str));
    let imported = run(&args);
    assert_eq!(imported.code, expected.code, "{name}: {}", imported.stderr);
    for part in &expected.said {
        assert!(imported.stderr.contains(part), "{name}: no {part} in\n{}", imported.stderr);
    }
    assert_eq!(snapshot.exists(), expected.code != 2, "{name}");
    if expected.code == 2 {
        return;
    }
    let mut args = vec!["evaluate", "--snapshot", text(&snapshot)];
    args.extend(["--fail-on", "none", "-o", "json"]);
    let rules: Vec<String> =
        expected
            .verdicts
            .keys()
            .map(|rule| {
                if rule.ends_with(".rhai") {
                    text(&dir.join(rule)).to_owned()
                } else {
                    rule.clone()
                }
            })
            .collect();
    args.extend(rules.iter().flat_map(|rule| ["--rule", rule]));
    let ran = run(&args);
    let report: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", ran.stderr));
    let mut verdicts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut messages = String::new();
    for finding in report["accounts"][0]["findings"].as_array().unwrap() {
        let field = |pointer: &str| {
            finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        messages += &(field("/message") + "\n");
        let rule = field("/rule");
        let file = format!("{rule}.rhai");
        let rule = if expected.verdicts.contains_key(&file) { file } else { rule };
        verdicts.entry(rule).or_default().insert(field("/resource/id"), field("/verdict"));
    }
    assert_eq!(verdicts, expected.verdicts, "{name}: {}\n{messages}", expected.why);
    for part in &expected.messages {
        assert!(messages.contains(part), "{name}: no {part} in\n{messages}");
    }
    let unknown = verdicts.values().any(|all| all.values().any(|verdict| verdict == "unknown"));
    assert_eq!(ran.code, if unknown { 3 } else { 0 }, "{name}");
}

#[test]
fn every_imported_case_gets_the_right_verdicts() {
    let mut folders: Vec<_> = fs::read_dir(root().join("tests/cases/import"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() >= 10);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let expected = fs::read_to_string(folder.join("expected.toml")).unwrap();
        let mut expected: Expected =
            toml::from_str(&expected).unwrap_or_else(|error| panic!("{name}: {error}"));
        if expected.files.is_empty() {
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
            let names = names.map(|name| name.into_string().unwrap());
            expected.files = names.filter(|name| name.ends_with(".json")).collect();
            expected.files.sort();
        }
        check(&name, &folder, &expected);
    }
}

/// A case: its name, the files (and rules), the exit code, what the import prints, and the verdicts
/// of rules.
pub(crate) type Case<'a> = (
    &'a str,
    &'a [(&'a str, String)],
    i32,
    &'a [&'a str],
    &'a [(&'a str, &'a [(&'a str, &'a str)])],
);

#[test]
fn relatives_of_the_imported_cases_get_the_right_verdicts() {
    let buckets = json!({ "Buckets": [{ "Name": "b1", "BucketRegion": "eu-west-1" }] }).to_string();
    let list = || ("list-buckets.json", buckets.clone());
    let one = |name: &'static str, content: &str| (name, content.to_owned());
    let volume = |id: &str, encrypted: Option<bool>| {
        let mut volume = json!({ "VolumeId": id, "State": "in-use", "Size": 1 });
        if let Some(encrypted) = encrypted {
            volume["Encrypted"] = json!(encrypted);
        }
        volume
    };
    let volumes = |items: &[Value]| json!({ "Volumes": items }).to_string();
    let permission = |lists: Value| {
        let mut permission = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22 });
        permission.as_object_mut().unwrap().extend(lists.as_object().unwrap().clone());
        json!({ "SecurityGroups": [{ "GroupId": "sg-1", "GroupName": "a", "OwnerId": "111122223333", "VpcId": "vpc-1",
            "IpPermissionsEgress": [], "IpPermissions": [permission] }] })
        .to_string()
    };
    let prefix_lists = || one("describe-managed-prefix-lists.json", r#"{"PrefixLists": []}"#);
    let versioning: &[(&str, &[(&str, &str)])] = &[("s3-bucket-versioning", &[("b1", "unknown")])];
    let tls: &[(&str, &[(&str, &str)])] = &[("s3-bucket-tls-only", &[("b1", "unknown")])];
    let no_policy =
        "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: x";
    let encrypted =
        |verdict: &'static str| -> Vec<(&'static str, &'static str)> { vec![("vol-1", verdict)] };
    let (pass, whole) = (encrypted("pass"), [("", "unknown")]);
    let table: &[Case<'_>] = &[
        // Errors in every format of the AWS CLI, and of boto3.
        (
            "yaml error",
            &[list(), one("get-bucket-versioning.b1.json", "Code: AccessDenied\nMessage: No.\n")],
            0,
            &["s3:GetBucketVersioning: AccessDenied"],
            versioning,
        ),
        (
            "text error",
            &[list(), one("get-bucket-versioning.b1.json", "AccessDenied\tAccess Denied")],
            0,
            &["s3:GetBucketVersioning: AccessDenied"],
            versioning,
        ),
        (
            "error of boto3",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Error": {"Code": "AccessDenied", "Message": "x"}}"#)],
            0,
            &["s3:GetBucketVersioning: AccessDenied"],
            versioning,
        ),
        (
            "error of the CLI itself",
            &[list(), one("get-bucket-versioning.b1.json", "aws: [ERROR]: An error occurred (NoRegion): You must specify a region.")],
            0,
            &["s3:GetBucketVersioning: NoRegion"],
            versioning,
        ),
        (
            "error in a table",
            &[list(), one("get-bucket-versioning.b1.json", "-----\n| Code | Message |\n-----")],
            3,
            &["left out", "not valid JSON"],
            versioning,
        ),
        (
            "error of a proxy",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"message": "Forbidden"}"#)],
            3,
            &["none of the fields of `s3.bucket/versioning`"],
            versioning,
        ),
        (
            "projected to nulls",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": null}"#)],
            3,
            &["none of the fields"],
            versioning,
        ),
        (
            "error code for \"not configured\" as JSON",
            &[list(), one("get-bucket-policy.b1.json", r#"{"Code": "NoSuchBucketPolicy", "Message": "x"}"#)],
            0,
            &[],
            &[("s3-bucket-tls-only", &[("b1", "fail")])],
        ),
        (
            "error that names no call",
            &[list(), one("x.json", r#"{"Code": "AccessDenied", "Message": "x"}"#)],
            3,
            &["does not name the API call that failed"],
            versioning,
        ),
        // Silence.
        (
            "empty file of a call that answers nothing",
            &[list(), one("get-bucket-versioning.b1.json", "")],
            0,
            &["is empty, so rolecall assumes that nothing is configured"],
            &[("s3-bucket-versioning", &[("b1", "fail")])],
        ),
        (
            "empty file of a call that answers with a code",
            &[list(), one("get-bucket-policy.b1.json", "")],
            3,
            &["the file is empty"],
            &[("s3-bucket-tls-only", &[("b1", "unknown")])],
        ),
        (
            "empty object of a call that always answers",
            &[list(), one("get-bucket-acl.b1.json", "{}")],
            3,
            &["none of the fields of `s3.bucket/acl`"],
            &[("s3-bucket-public-read", &[("b1", "unknown")])],
        ),
        (
            "settings without flags",
            &[one("s3.account/public_access_block=a.json", r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}"#)],
            0,
            &[],
            &[("s3-account-public-access-block", &[("111122223333", "unknown")])],
        ),
        // Names of other commands.
        (
            "prefix lists of the old call",
            &[one("describe-prefix-lists.json", r#"{"PrefixLists": []}"#), one("describe-volumes.json", &volumes(&[volume("vol-1", Some(true))]))],
            3,
            &["named after `describe-prefix-lists`"],
            &[("ebs-volume-encrypted", &pass)],
        ),
        (
            "name in camel case",
            &[one("ListVolumesInRecycleBin.json", r#"{"Volumes": []}"#)],
            2,
            &["named after `list-volumes-in-recycle-bin`"],
            &[],
        ),
        (
            "items of a similar call",
            &[one("x.json", r#"{"Addresses": [{"PublicIp": "198.51.100.2", "AllocationId": "e-1", "PtrRecord": "x."}]}"#)],
            2,
            &["cannot determine the API call"],
            &[],
        ),
        (
            "region in the name",
            &[one("describe-volumes-eu-west-1.json", &volumes(&[volume("vol-1", Some(true))]))],
            0,
            &[],
            &[("ebs-volume-encrypted", &pass)],
        ),
        // Lost and made up.
        (
            "one item without its decisive field",
            &[one("describe-volumes.json", &volumes(&[volume("vol-1", None), volume("vol-2", Some(true))]))],
            0,
            &["`encrypted` of 1 resource is not"],
            &[("ebs-volume-encrypted", &[("vol-1", "unknown"), ("vol-2", "pass")])],
        ),
        (
            "permission without its ranges",
            &[one("describe-security-groups.json", &permission(json!({}))), prefix_lists()],
            0,
            &["`ip_permissions` of"],
            &[("sg-ingress-remote-admin-ipv4", &[("sg-1", "unknown")])],
        ),
        (
            "range without its address",
            &[
                one("describe-security-groups.json", &permission(json!({ "IpRanges": [{ "Description": "x" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }))),
                prefix_lists(),
            ],
            0,
            &["`ip_permissions` of"],
            &[("sg-ingress-remote-admin-ipv4", &[("sg-1", "unknown")])],
        ),
        (
            "permission without IPv6 ranges",
            &[one("describe-security-groups.json", &permission(json!({ "IpRanges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }))), prefix_lists()],
            0,
            &[],
            &[("sg-ingress-remote-admin-ipv6", &[("sg-1", "unknown")])],
        ),
        (
            "the same item twice",
            &[one("describe-volumes.json", &volumes(&[volume("vol-1", Some(true)), volume("vol-1", Some(true))]))],
            0,
            &["ignored 1 exact duplicate in"],
            &[("ebs-volume-encrypted", &pass)],
        ),
        (
            "redacted ids",
            &[one("describe-volumes.json", &volumes(&[volume("vol-x", Some(true)), volume("vol-x", Some(false))]))],
            2,
            &["duplicate `vol-x`", "redacted"],
            &[],
        ),
        (
            "snapshots of everybody",
            &[one("describe-snapshots.json", &json!({ "Snapshots": [
                { "SnapshotId": "snap-1", "OwnerId": "111122223333", "State": "completed", "Encrypted": true },
                { "SnapshotId": "snap-2", "OwnerId": "444455556666", "State": "completed", "Encrypted": true },
                { "SnapshotId": "snap-3", "OwnerId": "444455556666", "State": "completed", "Encrypted": true } ] }).to_string()),
              one("get-snapshot-block-public-access-state.json", r#"{"State": "unblocked"}"#),
                one("ec2.snapshot/public=public.json", r#"{"Snapshots": [{"SnapshotId": "snap-2", "OwnerId": "444455556666"}]}"#)],
            0,
            &["ec2.snapshot: left out 2 resources of other accounts"],
            &[("ebs-snapshot-public", &[("snap-1", "pass")])],
        ),
        (
            "region of a bucket from its location",
            &[one("list-buckets.json", r#"{"Buckets": [{"Name": "b1"}]}"#), one("get-bucket-location.b1.json", "{\"LocationConstraint\": \"eu-west-3\"}"),
              one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#)],
            0,
            &[],
            &[("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        // The rest is read, and what a file should have contained is unknown.
        (
            "half of a list",
            &[one("describe-volumes.json", r#"{"Volumes": [], "NextToken": "x"}"#), list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#)],
            3,
            &["`NextToken` indicates more results"],
            &[("ebs-volume-encrypted", &whole), ("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        (
            "file that is not JSON",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#), one("describe-volumes.json", "VOLUMES\tvol-1")],
            3,
            &["left out", "describe-volumes.json: not valid JSON"],
            &[("ebs-volume-encrypted", &whole), ("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        (
            "file that nobody needs",
            &[one("describe-volumes.json", &volumes(&[volume("vol-1", Some(true))])), one("get-caller-identity.json", r#"{"Account": "111122223333"}"#)],
            3,
            &["left out", "get-caller-identity"],
            &[("ebs-volume-encrypted", &pass)],
        ),
        (
            "fact of a bucket that is not in the list",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#), one("get-bucket-versioning.b2.json", r#"{"Status": "Enabled"}"#)],
            3,
            &["`b2`, which is missing from the list"],
            &[("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        (
            "facts that contradict each other",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#), one("s3.bucket/versioning@b1=v.json", r#"{"Status": "Suspended"}"#)],
            3,
            &["different value", "keep the newer"],
            versioning,
        ),
        (
            "lists that contradict each other",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#),
              one("describe-volumes.json", &volumes(&[volume("vol-1", Some(true))])),
              one("volumes.txt", "An error occurred (UnauthorizedOperation) when calling the DescribeVolumes operation: x")],
            3,
            &["an error from DescribeVolumes instead of the list, which contradicts", "keep the newer one"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "different values in two lists",
            &[list(), one("describe-volumes.json", &volumes(&[volume("vol-1", Some(true))])), one("v.json", &volumes(&[volume("vol-1", Some(false))]))],
            3,
            &["duplicate `vol-1`", "keep the newer"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "one of two attributes",
            &[one("describe-vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1", "IsDefault": false, "State": "available"}]}"#),
              one("a.json", r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}"#)],
            3,
            &["`ec2.vpc/attributes` of `vpc-1` is incomplete: missing"],
            &[("vpc-flow-logs", &[("vpc-1", "unknown")])],
        ),
        // Duplicate keys and fields.
        (
            "JSON error with two codes",
            &[list(), one("get-bucket-policy.b1.json", r#"{"Code": "NoSuchBucketPolicy", "Code": "AccessDenied", "Message": "x"}"#)],
            3,
            &["duplicate key `Code`"],
            tls,
        ),
        (
            "escaped duplicate key",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Suspended", "\u0053tatus": "Enabled"}"#)],
            3,
            &["duplicate key `Status` at line 1"],
            versioning,
        ),
        (
            "policy document with two statements",
            &[list(), one("get-bucket-policy.b1.json", r#"{"Version": "2012-10-17", "Statement": [], "Statement": []}"#)],
            3,
            &["duplicate key `Statement`"],
            tls,
        ),
        (
            "a field in two spellings in an item",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#),
              one("describe-volumes.json", r#"{"Volumes": [{"VolumeId": "vol-1", "encrypted": null, "Encrypted": true}]}"#)],
            3,
            &["describe-volumes.json: Volumes[0]: duplicate field in two spellings: `Encrypted` and `encrypted`"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "tags that differ in case",
            &[one("describe-volumes.json", r#"{"Volumes": [{"VolumeId": "vol-1", "Encrypted": true, "Tags": {"Name": "a", "name": "b"}}]}"#)],
            0,
            &[],
            &[("ebs-volume-encrypted", &pass)],
        ),
        (
            "a tag twice",
            &[list(), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#),
              one("describe-volumes.json", r#"{"Volumes": [{"VolumeId": "vol-1", "Encrypted": true, "Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}]}"#)],
            3,
            &["Volumes[0].Tags[1]: duplicate tag"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        // Null, and what is lost.
        (
            "groups without items",
            &[list(), one("describe-instances.json", r#"{"Reservations": [{"ReservationId": "r-1", "Instances": []}]}"#)],
            3,
            &["Reservations[0]: missing `Instances`"],
            &[("ec2-instance-imdsv2", &whole)],
        ),
        (
            "no groups",
            &[one("describe-instances.json", r#"{"Reservations": []}"#)],
            0,
            &[],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "null among the grants of a bucket",
            &[list(), one("get-bucket-acl.b1.json", r#"{"Owner": {"ID": "a"}, "Grants": [null]}"#)],
            3,
            &["Grants[0]: expected a value, found null"],
            &[("s3-bucket-public-read", &[("b1", "unknown")])],
        ),
        // An error beside something else.
        (
            "a response and then an error",
            &[list(), one("get-bucket-policy.b1.json", &format!("{{\"Policy\": \"{{}}\"}}\n{no_policy}"))],
            3,
            &["trailing characters", "save each response in a separate file"],
            tls,
        ),
        (
            "text output and then an error",
            &[list(), one("get-bucket-policy.b1.json", &format!("None\n{no_policy}"))],
            3,
            &["the file contains an error from GetBucketPolicy, but line 1 is not part of that error"],
            tls,
        ),
        (
            "JSON error with a field of the response",
            &[list(), one("get-bucket-policy.b1.json", r#"{"Code": "NoSuchBucketPolicy", "Message": "x", "Policy": "{}"}"#)],
            3,
            &["but `Policy` is not part of that error"],
            tls,
        ),
        (
            "error that PowerShell decorated",
            &[list(), one("get-bucket-policy.b1.json", &format!("aws.exe : \r\nAt line:1 char:1\r\n+ aws s3api\r\n+ ~~~\r\n{no_policy}\r\n"))],
            0,
            &[],
            &[("s3-bucket-tls-only", &[("b1", "fail")])],
        ),
        // Another resource.
        (
            "detailed error of another bucket",
            &[list(), one("get-bucket-policy.b1.json", &format!("{no_policy}\n\nAdditional error details:\nBucketName: b2\n"))],
            3,
            &["for `b2`, but the file's name says `b1`"],
            tls,
        ),
        (
            "error of a declared bucket",
            &[list(), one("s3.bucket/policy@b1=p.json", r#"{"Error": {"Code": "NoSuchBucketPolicy", "Message": "x", "BucketName": "b2"}}"#)],
            3,
            &["for `b2`, but the file's declaration says `b1`"],
            tls,
        ),
        (
            "error that names its bucket",
            &[list(), one("x.json", &format!("{no_policy}\n\nAdditional error details:\nBucketName: b1\n"))],
            0,
            &[],
            &[("s3-bucket-tls-only", &[("b1", "fail")])],
        ),
        // Another region, and another account.
        (
            "region before the command",
            &[list(), one("us-east-1-describe-volumes.json", &volumes(&[volume("vol-1", Some(true))]))],
            3,
            &["contains the region `us-east-1`, but this import is for `eu-west-1`"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "region after a dot",
            &[list(), one("describe-volumes.us-east-1.json", &volumes(&[volume("vol-1", Some(true))]))],
            3,
            &["contains the region `us-east-1`"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "region of the bucket list",
            &[one("list-buckets-us-east-1.json", &buckets), one("get-bucket-versioning.b1.json", r#"{"Status": "Enabled"}"#)],
            0,
            &[],
            &[("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        (
            "zones of another region with the same start",
            &[list(), one("describe-subnets.json", r#"{"Subnets": [{"SubnetId": "s-1", "AvailabilityZone": "eu-west-1a"}, {"SubnetId": "s-2", "AvailabilityZone": "eu-west-10a"}]}"#)],
            3,
            &["Subnets[1]: the resource is in `eu-west-10`"],
            &[("subnet-auto-public-ip", &whole)],
        ),
        (
            "ARN of another region",
            &[list(), one("describe-security-groups.json", r#"{"SecurityGroups": [{"GroupId": "sg-1", "SecurityGroupArn": "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1"}]}"#), prefix_lists()],
            3,
            &["SecurityGroups[0]: the resource is in `us-east-1`"],
            &[("sg-ingress-remote-admin-ipv4", &whole)],
        ),
        (
            "instance in a zone of another region",
            &[list(), one("describe-instances.json", r#"{"Reservations": [{"Instances": [{"InstanceId": "i-1", "Placement": {"AvailabilityZone": "us-west-2-lax-1a"}}]}]}"#)],
            3,
            &["Reservations[0].Instances[0]: the resource is in `us-west-2`"],
            &[("ec2-instance-imdsv2", &whole)],
        ),
        (
            "instances of another account",
            &[one("describe-instances.json", r#"{"Reservations": [{"OwnerId": "444455556666", "Instances": [{"InstanceId": "i-1"}]}]}"#)],
            0,
            &["belong to account 444455556666, but are imported for account 111122223333", "check --account"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        (
            "snapshots of another account",
            &[one("describe-snapshots.json", r#"{"Snapshots": [{"SnapshotId": "snap-1", "OwnerId": "444455556666"}]}"#)],
            0,
            &["belong to account 444455556666", "check --account"],
            &[("ebs-volume-encrypted", &whole)],
        ),
        // Fields and values that are not what they should be.
        (
            "unknown field beside the list",
            &[one("describe-volumes.json", r#"{"Volumes": [], "Foo": 1, "NextToken": null}"#)],
            0,
            &["ignored 1 unknown field of ec2.volume: Foo"],
            &[("s3-bucket-versioning", &whole)],
        ),
        (
            "address with a space",
            &[one("describe-security-groups.json", &permission(json!({ "IpRanges": [{ "CidrIp": " 0.0.0.0/0" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }))), prefix_lists()],
            0,
            &[],
            &[("sg-ingress-remote-admin-ipv4", &[("sg-1", "unknown")])],
        ),
        (
            "address of the other family",
            &[one("describe-security-groups.json", &permission(json!({ "IpRanges": [{ "CidrIp": "::/0" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }))), prefix_lists()],
            0,
            &[],
            &[("sg-ingress-remote-admin-ipv4", &[("sg-1", "unknown")]), ("sg-ingress-remote-admin-ipv6", &[("sg-1", "unknown")])],
        ),
        (
            "malformed address beside the internet",
            &[one("describe-security-groups.json", &permission(json!({ "IpRanges": [{ "CidrIp": "0.0.0.0" }, { "CidrIp": "x" }, { "CidrIp": "0.0.0.0/0" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }))), prefix_lists()],
            0,
            &[],
            &[("sg-ingress-remote-admin-ipv4", &[("sg-1", "fail")])],
        ),
        // Which call is missing.
        (
            "account settings that were not imported",
            &[list()],
            0,
            &[],
            &[("s3-account-public-access-block", &whole)],
        ),
    ];
    check_all(table);
}

/// Runs the cases of a table.
pub(crate) fn check_all(table: &[Case<'_>]) {
    for (name, files, code, said, verdicts) in table {
        let dir = tempfile::tempdir().unwrap();
        for (file, content) in *files {
            let file = file.split_once('=').map_or(*file, |(_, file)| file);
            fs::write(dir.path().join(file), content).unwrap();
        }
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let verdicts = verdicts.iter().map(|(rule, all)| {
            let all = all.iter().map(|(id, verdict)| ((*id).to_owned(), (*verdict).to_owned()));
            ((*rule).to_owned(), all.collect())
        });
        let expected = Expected {
            why: (*name).to_owned(),
            code: *code,
            files: files
                .iter()
                .map(|(file, _)| (*file).to_owned())
                .filter(|file| !file.ends_with(".rhai"))
                .collect(),
            said: owned(said),
            messages: Vec::new(),
            verdicts: verdicts.collect(),
        };
        check(name, dir.path(), &expected);
    }
}
