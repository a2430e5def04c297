//! Imports of a part: what is missing, contradictory or about something else must not be taken for
//! "there is none".

use serde_json::{Value, json};

use crate::import_cases::{Case, check_all};

/// A file with its content.
fn one(name: &'static str, content: impl ToString) -> (&'static str, String) {
    (name, content.to_string())
}

fn buckets(names: &[&str]) -> (&'static str, String) {
    let all = names.iter().map(|name| json!({ "Name": name, "BucketRegion": "eu-west-1" }));
    one("list-buckets.json", json!({ "Buckets": all.collect::<Vec<_>>() }))
}

fn volumes(name: &'static str) -> (&'static str, String) {
    let volume = json!({ "VolumeId": "vol-1", "State": "in-use", "Size": 1, "Encrypted": true });
    one(name, json!({ "Volumes": [volume] }))
}

fn snapshots() -> (&'static str, String) {
    let own = |id: &str| json!({ "SnapshotId": id, "OwnerId": "111122223333", "State": "completed", "Encrypted": true });
    one("describe-snapshots.json", json!({ "Snapshots": [own("snap-1"), own("snap-2")] }))
}

/// A rule on [`snapshots`].
fn public() -> (&'static str, String) {
    rule("public.rhai", "ec2.snapshot", &["public"], "!it[\"public\"]")
}

fn instances() -> (&'static str, String) {
    let own = |id: &str| json!({ "InstanceId": id });
    let instances = json!([own("i-1"), own("i-2")]);
    one("describe-instances.json", json!({ "Reservations": [{ "Instances": instances }] }))
}

/// A rule in a file, which passes resources that fulfill a condition.
fn rule(file: &'static str, kind: &str, needs: &[&str], condition: &str) -> (&'static str, String) {
    let needs = json!(needs);
    one(
        file,
        format!(
            "//! A condition.\n\nconst RULE = #{{\n    title: \"A condition is not met\",\n    resource: \"{kind}\",\n    needs: {needs},\n    severity: \"low\",\n}};\n\nfn check(it, params) {{\n    if {condition} {{ pass() }} else {{ fail(\"no\") }}\n}}\n"
        ),
    )
}

const VERSIONED: &str = r#"{"Status": "Enabled"}"#;
const WHOLE: [(&str, &str); 1] = [("", "unknown")];
const B1: [(&str, &str); 1] = [("b1", "unknown")];
const PASS: [(&str, &str); 1] = [("vol-1", "pass")];

#[test]
fn what_was_not_imported_is_not_an_empty_list() {
    let no_owner = || json!({ "TransitGatewayId": "tgw-1", "Options": { "AutoAcceptSharedAttachments": "enable" } });
    let from_list = |id: &str| {
        json!({ "SecurityGroups": [{ "GroupId": "sg-1", "GroupName": "a", "OwnerId": "111122223333", "VpcId": "vpc-1",
            "IpPermissionsEgress": [], "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [],
                "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": [{ "PrefixListId": id }] }] }] })
    };
    let template = one(
        "describe-launch-templates.json",
        json!({ "LaunchTemplates": [{ "LaunchTemplateId": "lt-1", "LaunchTemplateName": "a", "DefaultVersionNumber": 1, "LatestVersionNumber": 1 }] }),
    );
    let version = one(
        "describe-launch-template-versions.json",
        json!({ "LaunchTemplateVersions": [{ "LaunchTemplateId": "lt-1", "VersionNumber": 1, "DefaultVersion": true,
            "LaunchTemplateData": { "ImageId": "ami-1" } }] }),
    );
    let no_default =
        one("get-ebs-encryption-by-default.json", r#"{"EbsEncryptionByDefault": false}"#);
    let flags = json!({ "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true } });
    let table: &[Case<'_>] = &[
        (
            "a fact in a file that was left out",
            &[volumes("describe-volumes.json"), one("describe-instance-attribute.i-1.json", "{")],
            3,
            &["left out", "not valid JSON"],
            &[("ec2-instance-imdsv2", &WHOLE)],
        ),
        (
            "a fact without its list",
            &[
                volumes("describe-volumes.json"),
                one(
                    "describe-instance-attribute.i-1.json",
                    r#"{"InstanceId": "i-1", "UserData": {}}"#,
                ),
            ],
            3,
            &["no file lists the `ec2.instance` resources"],
            &[("ec2-instance-imdsv2", &WHOLE)],
        ),
        (
            "entries without the prefix list",
            &[
                one("describe-security-groups.json", from_list("pl-1")),
                one(
                    "get-managed-prefix-list-entries.pl-1.json",
                    r#"{"Entries": [{"Cidr": "0.0.0.0/0"}]}"#,
                ),
                rule(
                    "lists.rhai",
                    "ec2.security_group",
                    &["ec2.managed_prefix_list"],
                    "related(\"ec2.managed_prefix_list\").is_empty()",
                ),
            ],
            3,
            &["no file lists the `ec2.managed_prefix_list` resources"],
            &[
                ("sg-ingress-remote-admin-ipv4", &[("sg-1", "unknown")]),
                ("lists.rhai", &[("sg-1", "unknown")]),
            ],
        ),
        (
            "a fact of all resources without their list",
            &[
                volumes("describe-volumes.json"),
                one("ec2.snapshot/public=p.json", r#"{"Snapshots": []}"#),
            ],
            3,
            &["no file lists the `ec2.snapshot` resources"],
            &[("ebs-snapshot-public", &WHOLE)],
        ),
        (
            "an error for all resources without their list",
            &[
                volumes("describe-volumes.json"),
                one(
                    "describe-instance-status.json",
                    "An error occurred (UnauthorizedOperation) when calling the DescribeInstanceStatus operation: x",
                ),
            ],
            3,
            &["no file lists the `ec2.instance` resources"],
            &[("ec2-instance-imdsv2", &WHOLE)],
        ),
        (
            "settings of another account",
            &[
                buckets(&["b1"]),
                one("s3.account/public_access_block@999999999999=pab.json", &flags),
            ],
            3,
            &["the response is for `999999999999`, but the files are imported for `111122223333`"],
            &[("s3-account-public-access-block", &[("111122223333", "unknown")])],
        ),
        (
            "settings of another region",
            &[
                volumes("describe-volumes.json"),
                one(
                    "ec2.settings/ebs_encryption_by_default@us-east-1=e.json",
                    r#"{"EbsEncryptionByDefault": true}"#,
                ),
            ],
            3,
            &["the response is for `us-east-1`, but the files are imported for `eu-west-1`"],
            &[("ec2-ebs-encryption-by-default", &[("eu-west-1", "unknown")])],
        ),
        (
            "an image of which only a fact was imported",
            &[
                template.clone(),
                version.clone(),
                no_default.clone(),
                one("describe-snapshots.json", r#"{"Snapshots": []}"#),
                one(
                    "describe-image-attribute.ami-9.json",
                    r#"{"ImageId": "ami-9", "LaunchPermissions": []}"#,
                ),
            ],
            0,
            &["ec2.image: the list was not imported"],
            &[("ec2-launch-template-ebs-encrypted", &[("lt-1", "unknown")])],
        ),
        (
            "all images",
            &[
                template,
                version,
                no_default,
                one("describe-snapshots.json", r#"{"Snapshots": []}"#),
                one(
                    "describe-images.json",
                    json!({ "Images": [{ "ImageId": "ami-1", "OwnerId": "111122223333", "Public": false, "BlockDeviceMappings": [
                { "DeviceName": "/dev/xvda", "Ebs": { "Encrypted": true, "VolumeSize": 8 } }] }] }),
                ),
            ],
            0,
            &[],
            &[("ec2-launch-template-ebs-encrypted", &[("lt-1", "pass")])],
        ),
        (
            "a bucket of which only a fact was left out",
            &[
                volumes("describe-volumes.json"),
                one("get-bucket-versioning.b1.json", "{"),
                rule(
                    "buckets.rhai",
                    "ec2.volume",
                    &["s3.bucket"],
                    "related(\"s3.bucket\").is_empty()",
                ),
            ],
            3,
            &["left out"],
            &[
                ("s3-bucket-versioning", &[("", "unknown"), ("b1", "unknown")]),
                ("buckets.rhai", &[("vol-1", "unknown")]),
            ],
        ),
        // An address that is not being transferred.
        (
            "no transfers",
            &[
                one(
                    "describe-addresses.json",
                    json!({ "Addresses": [{ "AllocationId": "e-1", "PublicIp": "198.51.100.1", "Domain": "vpc" }] }),
                ),
                one("ec2.address/transfer=t.json", r#"{"AddressTransfers": []}"#),
                rule("transfer.rhai", "ec2.address", &["transfer"], "it.transfer == ()"),
            ],
            0,
            &[],
            &[("transfer.rhai", &[("e-1", "pass")])],
        ),
        (
            "a file without a value of its fact",
            &[
                instances(),
                one("ec2.instance/image_metadata=m.json", r#"{"InstanceImageMetadata": []}"#),
                rule(
                    "metadata.rhai",
                    "ec2.instance",
                    &["image_metadata"],
                    "it.image_metadata == ()",
                ),
            ],
            0,
            &["ec2.instance/image_metadata: ", "m.json contains no value for this fact"],
            &[("metadata.rhai", &[("i-1", "unknown"), ("i-2", "unknown")])],
        ),
        // ARNs.
        (
            "a transit gateway without its owner",
            &[
                one("describe-transit-gateways.json", json!({ "TransitGateways": [no_owner()] })),
                rule("arn.rhai", "ec2.transit_gateway", &[], "it.arn.contains(\"111122223333\")"),
            ],
            0,
            &["`owner_id` of"],
            &[("arn.rhai", &[("tgw-1", "unknown")])],
        ),
        (
            "a transit gateway of another account",
            &[
                one("describe-transit-gateways.json", {
                    let mut one = no_owner();
                    one["OwnerId"] = json!("444455556666");
                    json!({ "TransitGateways": [one] })
                }),
                rule("arn.rhai", "ec2.transit_gateway", &[], "it.arn.contains(\"444455556666\")"),
            ],
            0,
            &[],
            &[("arn.rhai", &[("tgw-1", "pass")])],
        ),
        (
            "a VPC without its owner",
            &[
                one("describe-vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1"}]}"#),
                rule("arn.rhai", "ec2.vpc", &[], "it.arn.contains(\"111122223333\")"),
            ],
            0,
            &["`owner_id` of"],
            &[("arn.rhai", &[("vpc-1", "unknown")])],
        ),
        (
            "a prefix list without its ARN",
            &[
                one(
                    "describe-managed-prefix-lists.json",
                    r#"{"PrefixLists": [{"PrefixListId": "pl-1", "OwnerId": "AWS"}]}"#,
                ),
                rule("arn.rhai", "ec2.managed_prefix_list", &[], "it.arn == ()"),
            ],
            0,
            &["`prefix_list_arn` of"],
            &[("arn.rhai", &[("pl-1", "unknown")])],
        ),
        (
            "a Multi-Region Access Point without its alias",
            &[
                one("s3.multi_region_access_point=m.json", r#"{"AccessPoints": [{"Name": "m1"}]}"#),
                rule("arn.rhai", "s3.multi_region_access_point", &[], "it.arn == ()"),
            ],
            0,
            &["`alias` of"],
            &[("arn.rhai", &[("m1", "unknown")])],
        ),
    ];
    check_all(table);
}

#[test]
fn responses_about_something_else_are_not_silence() {
    let denied = |status: Value| json!({ "ResponseMetadata": { "HTTPStatusCode": status } });
    let versioning: &[(&str, &[(&str, &str)])] = &[("s3-bucket-versioning", &B1)];
    let table: &[Case<'_>] = &[
        (
            "public snapshots without the declared one",
            &[
                snapshots(),
                public(),
                one(
                    "ec2.snapshot/public@snap-1=p.json",
                    r#"{"Snapshots": [{"SnapshotId": "snap-2"}]}"#,
                ),
            ],
            3,
            &[
                "the response is for `snap-2`, but the file's declaration says `snap-1`",
                "pass ec2.snapshot/public=FILE",
            ],
            &[("public.rhai", &[("snap-1", "unknown"), ("snap-2", "unknown")])],
        ),
        (
            "no public snapshots",
            &[
                snapshots(),
                public(),
                one("ec2.snapshot/public@snap-1=p.json", r#"{"Snapshots": []}"#),
            ],
            0,
            &[],
            &[("public.rhai", &[("snap-1", "pass"), ("snap-2", "unknown")])],
        ),
        (
            "all public snapshots",
            &[
                snapshots(),
                public(),
                one("ec2.snapshot/public=p.json", r#"{"Snapshots": [{"SnapshotId": "snap-2"}]}"#),
            ],
            0,
            &[],
            &[("public.rhai", &[("snap-1", "pass"), ("snap-2", "fail")])],
        ),
        (
            "transfer of another address",
            &[
                one(
                    "describe-addresses.json",
                    json!({ "Addresses": [{ "AllocationId": "e-1", "PublicIp": "198.51.100.1", "Domain": "vpc" }] }),
                ),
                one(
                    "ec2.address/transfer@e-1=t.json",
                    r#"{"AddressTransfers": [{"AllocationId": "e-2", "AddressTransferStatus": "pending"}]}"#,
                ),
                rule("transfer.rhai", "ec2.address", &["transfer"], "it.transfer == ()"),
            ],
            3,
            &["the response is for `e-2`, but the file's declaration says `e-1`"],
            &[("transfer.rhai", &[("e-1", "unknown")])],
        ),
        (
            "status of another instance",
            &[
                instances(),
                one(
                    "ec2.instance/status@i-1=s.json",
                    r#"{"InstanceStatuses": [{"InstanceId": "i-2", "InstanceStatus": {"Status": "ok"}}]}"#,
                ),
                rule("status.rhai", "ec2.instance", &["status"], "it.status == ()"),
            ],
            3,
            &["the response is for `i-2`, but the file's declaration says `i-1`"],
            &[("status.rhai", &[("i-1", "unknown"), ("i-2", "unknown")])],
        ),
        (
            "metadata of another instance, which has none",
            &[
                instances(),
                one(
                    "ec2.instance/image_metadata@i-1=s.json",
                    r#"{"InstanceImageMetadata": [{"InstanceId": "i-2"}]}"#,
                ),
                rule("status.rhai", "ec2.instance", &["image_metadata"], "it.image_metadata == ()"),
            ],
            3,
            &["the response is for `i-2`"],
            &[("status.rhai", &[("i-1", "unknown"), ("i-2", "unknown")])],
        ),
        // Errors in the form of boto3, without a code.
        (
            "status of a denied call",
            &[buckets(&["b1"]), one("get-bucket-versioning.b1.json", denied(json!(403)))],
            3,
            &["an error with HTTP status 403"],
            versioning,
        ),
        (
            "status in another spelling",
            &[
                buckets(&["b1"]),
                one(
                    "get-bucket-versioning.b1.json",
                    r#"{"response_metadata": {"http_status_code": 500}}"#,
                ),
            ],
            3,
            &["an error with HTTP status 500"],
            versioning,
        ),
        (
            "status of a redirect, as a string",
            &[buckets(&["b1"]), one("s3.bucket/versioning@b1=v.json", denied(json!("301")))],
            3,
            &["an error with HTTP status"],
            versioning,
        ),
        (
            "status of a list",
            &[
                buckets(&["b1"]),
                one(
                    "describe-volumes.json",
                    r#"{"Volumes": [], "ResponseMetadata": {"HTTPStatusCode": 503}}"#,
                ),
            ],
            3,
            &["an error with HTTP status 503"],
            &[("ebs-volume-encrypted", &WHOLE)],
        ),
        (
            "status of a success without content",
            &[buckets(&["b1"]), one("get-bucket-versioning.b1.json", denied(json!(204)))],
            0,
            &[],
            &[("s3-bucket-versioning", &[("b1", "fail")])],
        ),
        // Later pages.
        (
            "the last page of the buckets",
            &[
                volumes("describe-volumes.json"),
                one(
                    "list-buckets.json",
                    r#"{"Buckets": [], "IsTruncated": false, "ContinuationToken": "abc"}"#,
                ),
            ],
            3,
            &[
                "`ContinuationToken` shows that the response is a later page; the earlier pages are missing",
            ],
            &[("s3-bucket-versioning", &WHOLE)],
        ),
        (
            "the last page of a service that repeats the marker",
            &[
                buckets(&["b1"]),
                one(
                    "describe-volumes.json",
                    r#"{"Volumes": [], "marker": "abc", "NextMarker": ""}"#,
                ),
            ],
            3,
            &["`marker` shows that the response is a later page"],
            &[("ebs-volume-encrypted", &WHOLE)],
        ),
        (
            "the last page of a fact",
            &[
                snapshots(),
                public(),
                one("ec2.snapshot/public=p.json", r#"{"Snapshots": [], "Marker": "abc"}"#),
            ],
            3,
            &["the earlier pages are missing"],
            &[("public.rhai", &[("snap-1", "unknown"), ("snap-2", "unknown")])],
        ),
        (
            "the first page, which is the last one",
            &[
                one(
                    "list-buckets.json",
                    r#"{"Buckets": [{"Name": "b1", "BucketRegion": "eu-west-1"}], "IsTruncated": false, "ContinuationToken": "", "Marker": null}"#,
                ),
                one("get-bucket-versioning.b1.json", VERSIONED),
            ],
            0,
            &[],
            &[("s3-bucket-versioning", &[("b1", "pass")])],
        ),
        // Empty values.
        (
            "an empty policy",
            &[buckets(&["b1"]), one("get-bucket-policy.b1.json", r#"{"Policy": ""}"#)],
            3,
            &["Policy: expected a value, found an empty string"],
            &[("s3-bucket-tls-only", &B1)],
        ),
        (
            "a policy that is null",
            &[buckets(&["b1"]), one("get-bucket-policy.b1.json", r#"{"Policy": {}}"#)],
            3,
            &["Policy: expected a value, found an empty object"],
            &[("s3-bucket-tls-only", &B1)],
        ),
    ];
    check_all(table);
}

#[test]
fn the_order_of_files_that_contradict_each_other_has_no_effect() {
    let location = |name, region: Value| one(name, json!({ "LocationConstraint": region }));
    let without_region = || one("list-buckets.json", r#"{"Buckets": [{"Name": "b1"}]}"#);
    let region = || rule("region.rhai", "s3.bucket", &[], "it.region == \"eu-west-1\"");
    let statuses = |name, ids: &[(&str, &str)]| {
        let status = |(id, status): &(&str, &str)| json!({ "InstanceId": id, "InstanceStatus": { "Status": status } });
        one(name, json!({ "InstanceStatuses": ids.iter().map(status).collect::<Vec<_>>() }))
    };
    let status = || {
        rule(
            "status.rhai",
            "ec2.instance",
            &["status"],
            "it.status?.instance_status?.status == \"ok\"",
        )
    };
    let denied = "An error occurred (UnauthorizedOperation) when calling the DescribeInstanceStatus operation: x";
    let flags = || {
        json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "IgnorePublicAcls": true,
            "BlockPublicPolicy": true, "RestrictPublicBuckets": true } })
    };
    // Two files that contradict each other, in both orders; the other files; and what is right.
    type Pair<'a> = (
        &'a str,
        [(&'static str, String); 2],
        Vec<(&'static str, String)>,
        i32,
        &'a [&'a str],
        &'a [(&'a str, &'a [(&'a str, &'a str)])],
    );
    let pairs: Vec<Pair<'_>> = vec![
        (
            "two locations",
            [
                location("get-bucket-location.b1.json", json!("eu-west-1")),
                location("s3.bucket/bucket_region@b1=l.json", json!("eu-west-2")),
            ],
            vec![without_region(), region()],
            3,
            &["duplicate `s3.bucket/bucket_region` of `b1`", "has a different value for it"],
            &[("region.rhai", &B1)],
        ),
        (
            "a location and the list",
            [buckets(&["b1"]), location("get-bucket-location.b1.json", Value::Null)],
            vec![region()],
            3,
            &["duplicate `s3.bucket/bucket_region` of `b1`"],
            &[("region.rhai", &B1)],
        ),
        (
            "the same location twice",
            [
                location("get-bucket-location.b1.json", json!("EU")),
                location("s3.bucket/bucket_region@b1=l.json", json!("eu-west-1")),
            ],
            vec![buckets(&["b1"]), region()],
            0,
            &[],
            &[("region.rhai", &[("b1", "pass")])],
        ),
        (
            "an error and a response for all resources",
            [
                one("describe-instance-status.json", denied),
                statuses("ec2.instance/status=s.json", &[("i-1", "ok")]),
            ],
            vec![instances(), status()],
            3,
            &["duplicate `ec2.instance/status` of all resources"],
            &[("status.rhai", &[("i-1", "pass"), ("i-2", "unknown")])],
        ),
        (
            "two responses for all resources",
            [
                statuses("ec2.instance/status=a.json", &[("i-1", "ok")]),
                statuses("ec2.instance/status=b.json", &[]),
            ],
            vec![instances(), status()],
            3,
            &["duplicate `ec2.instance/status` of `i-1`"],
            &[("status.rhai", &[("i-1", "unknown"), ("i-2", "fail")])],
        ),
        (
            "a response for all resources and one for one of them",
            [
                one("ec2.snapshot/public=a.json", r#"{"Snapshots": []}"#),
                one(
                    "ec2.snapshot/public@snap-1=b.json",
                    r#"{"Snapshots": [{"SnapshotId": "snap-1"}]}"#,
                ),
            ],
            vec![snapshots(), public()],
            3,
            &["duplicate `ec2.snapshot/public` of `snap-1`"],
            &[("public.rhai", &[("snap-1", "unknown"), ("snap-2", "pass")])],
        ),
        (
            "two responses that differ in one of two resources",
            [
                statuses("ec2.instance/status=a.json", &[("i-1", "ok"), ("i-2", "ok")]),
                statuses("ec2.instance/status=b.json", &[("i-1", "impaired")]),
            ],
            vec![instances(), status()],
            3,
            &[
                "duplicate `ec2.instance/status` of `i-1`",
                "duplicate `ec2.instance/status` of `i-2`",
            ],
            &[("status.rhai", &[("i-1", "unknown"), ("i-2", "unknown")])],
        ),
        (
            "a fact with and without one of its fields",
            [
                one("get-bucket-versioning.b1.json", VERSIONED),
                one(
                    "s3.bucket/versioning@b1=v.json",
                    r#"{"Status": "Enabled", "MFADelete": "Enabled"}"#,
                ),
            ],
            vec![buckets(&["b1"])],
            3,
            &["duplicate `s3.bucket/versioning` of `b1`"],
            &[("s3-bucket-versioning", &B1)],
        ),
        (
            "two attributes of one fact",
            [
                one("a.json", r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}"#),
                one("b.json", r#"{"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": true}}"#),
            ],
            vec![
                one("describe-vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1"}]}"#),
                rule(
                    "dns.rhai",
                    "ec2.vpc",
                    &["attributes"],
                    "it.attributes.enable_dns_support && it.attributes.enable_dns_hostnames",
                ),
            ],
            0,
            &[],
            &[("dns.rhai", &[("vpc-1", "pass")])],
        ),
        (
            "a fact of several kinds beside another fact of the resource",
            [
                one("get-public-access-block.b1.json", flags()),
                one("get-bucket-versioning.b1.json", VERSIONED),
            ],
            vec![rule(
                "block.rhai",
                "s3.bucket",
                &["public_access_block"],
                "it.public_access_block.block_public_acls",
            )],
            0,
            &[],
            &[("block.rhai", &[("", "unknown"), ("b1", "pass")])],
        ),
    ];
    for (name, pair, others, code, said, verdicts) in &pairs {
        for swapped in [false, true] {
            let mut files = pair.to_vec();
            if swapped {
                files.reverse();
            }
            files.extend(others.clone());
            let name = format!("{name}, swapped: {swapped}");
            check_all(&[(&name, &files, *code, said, verdicts)]);
        }
    }
}

#[test]
fn names_of_files_are_not_taken_for_more_than_they_say() {
    let pass: &[(&str, &[(&str, &str)])] = &[("ebs-volume-encrypted", &PASS)];
    let versioned = |name: &'static str| one(name, VERSIONED);
    let named: &[(&str, &[(&str, &str)])] = &[("s3-bucket-versioning", &[("b1", "pass")])];
    let alone: &[(&str, &[(&str, &str)])] =
        &[("s3-bucket-versioning", &[("", "unknown"), ("b1", "pass")])];
    let table: &[Case<'_>] = &[
        (
            "two extensions",
            &[buckets(&["b1"]), versioned("get-bucket-versioning.b1.json.txt")],
            0,
            &[],
            named,
        ),
        (
            "two extensions without the list",
            &[versioned("get-bucket-versioning.b1.json.txt")],
            0,
            &[],
            alone,
        ),
        ("extension in capitals", &[versioned("get-bucket-versioning.b1.JSON")], 0, &[], alone),
        ("a copy", &[versioned("get-bucket-versioning.b1.json.bak")], 0, &[], alone),
        (
            "a bucket with the name of a file",
            &[buckets(&["b1.json", "b1"]), versioned("get-bucket-versioning.b1.json.txt")],
            0,
            &[],
            &[("s3-bucket-versioning", &[("b1", "unknown"), ("b1.json", "pass")])],
        ),
        (
            "a bucket that ends in an extension",
            &[buckets(&["app.log"]), versioned("get-bucket-versioning.app.log.json")],
            0,
            &[],
            &[("s3-bucket-versioning", &[("app.log", "pass")])],
        ),
        (
            "a left-out file of a bucket with the name of a file",
            &[
                buckets(&["app.log", "app"]),
                one("get-bucket-versioning.app.log.json", "{"),
                versioned("s3.bucket/versioning@app=v.json"),
            ],
            3,
            &["left out"],
            &[("s3-bucket-versioning", &[("app", "pass"), ("app.log", "unknown")])],
        ),
        (
            "the location of a bucket with the name of a file",
            &[
                one("list-buckets.json", r#"{"Buckets": [{"Name": "app.log"}]}"#),
                one("get-bucket-location.app.log.json", r#"{"LocationConstraint": "eu-west-1"}"#),
                rule("region.rhai", "s3.bucket", &[], "it.region == \"eu-west-1\""),
            ],
            0,
            &[],
            &[("region.rhai", &[("app.log", "pass")])],
        ),
        ("a list with two extensions", &[volumes("describe-volumes.json.txt")], 0, &[], pass),
        // Words that look like regions.
        ("a team after a dot", &[volumes("describe-volumes.team-north-1.json")], 0, &[], pass),
        ("an environment", &[volumes("describe-volumes-prod-west-2.json")], 0, &[], pass),
        (
            "a word with a direction",
            &[volumes("my-eastside-1-describe-volumes.json")],
            0,
            &[],
            pass,
        ),
        (
            "another region of another partition",
            &[buckets(&["b1"]), volumes("describe-volumes-us-gov-west-1.json")],
            3,
            &["contains the region `us-gov-west-1`", "with --add, or rename the file"],
            &[("ebs-volume-encrypted", &WHOLE)],
        ),
        (
            "a new region",
            &[buckets(&["b1"]), volumes("describe-volumes.xx-central-9.json")],
            3,
            &["contains the region `xx-central-9`"],
            &[("ebs-volume-encrypted", &WHOLE)],
        ),
        (
            "a similar command and a region",
            &[
                volumes("describe-volumes.json"),
                one("describe-addresses-attribute-eu-west-1.json", r#"{"Addresses": []}"#),
            ],
            3,
            &[
                "named after `describe-addresses-attribute-eu-west-1`, an AWS CLI command that rolecall does not use",
            ],
            pass,
        ),
    ];
    check_all(table);
}
