//! `rolecall import`: output of the AWS CLI becomes a snapshot that can be evaluated; anything else
//! is rejected.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Ran, ran, rolecall, run, text};

const ACCOUNT: &str = "111122223333";

/// A folder with saved files, and the snapshot that they are imported into.
struct Saved {
    dir: tempfile::TempDir,
}

impl Saved {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, content: impl ToString) -> String {
        let path = self.dir.path().join(name);
        fs::write(&path, content.to_string()).unwrap();
        text(&path).to_owned()
    }

    fn snapshot(&self) -> PathBuf {
        self.dir.path().join("snapshot")
    }

    fn import(&self, more: &[&str]) -> Ran {
        let snapshot = self.snapshot();
        let mut args = vec![
            "import",
            "--account",
            ACCOUNT,
            "--region",
            "eu-west-1",
            "--snapshot",
            text(&snapshot),
        ];
        args.extend(more);
        run(&args)
    }

    /// Imports files, which must succeed.
    fn imported(&self, files: &[String]) -> Ran {
        let mut args = vec!["--collected-at", "2026-03-01T00:00:00Z"];
        args.extend(files.iter().map(String::as_str));
        let ran = self.import(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
        ran
    }

    fn lines(&self) -> Vec<Value> {
        let file = fs::read_to_string(self.snapshot().join(format!("{ACCOUNT}.jsonl"))).unwrap();
        file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn resource(&self, kind: &str, id: &str) -> Value {
        let found = self
            .lines()
            .into_iter()
            .find(|line| line["type"] == "resource" && line["kind"] == kind && line["id"] == id);
        found.unwrap_or_else(|| panic!("no {kind} {id}"))
    }

    fn fact(&self, kind: &str, id: &str, pointer: &str) -> Value {
        let resource = self.resource(kind, id);
        resource["facts"]
            .pointer(pointer)
            .cloned()
            .unwrap_or_else(|| panic!("{kind} {id} has no {pointer}: {resource}"))
    }

    /// Verdicts by rule and resource, and the exit code.
    fn evaluated(&self, more: &[&str]) -> (BTreeMap<(String, String), String>, i32) {
        let snapshot = self.snapshot();
        let mut args = vec!["evaluate", "--snapshot", text(&snapshot), "--output", "json"];
        args.extend(more);
        let ran = run(&args);
        let report: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let word = |value: &Value| value.as_str().unwrap_or("*").to_owned();
        let findings = report["accounts"][0]["findings"].as_array().unwrap().clone();
        let verdict = |finding: &Value| {
            ((word(&finding["rule"]), word(&finding["resource"]["id"])), word(&finding["verdict"]))
        };
        (findings.iter().map(verdict).collect(), ran.code)
    }

    /// The content of all files in the snapshot.
    fn everything(&self) -> String {
        let files = fs::read_dir(self.snapshot()).unwrap();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }
}

fn tags(name: &str) -> Value {
    json!([{ "Key": "Name", "Value": name }, { "Key": "aws:cloudformation:stack-name", "Value": "" }])
}

/// EC2 responses as the CLI prints them, in files named after the commands.
fn ec2(saved: &Saved) -> Vec<String> {
    let instance = |id: &str, tokens: &str| {
        json!({
            "AmiLaunchIndex": 0, "ImageId": "ami-1", "InstanceId": id, "InstanceType": "t3.micro", "KeyName": "k",
            "LaunchTime": "2026-02-01T10:11:12+00:00", "Monitoring": { "State": "disabled" },
            "Placement": { "AvailabilityZone": "eu-west-1a", "GroupName": "", "Tenancy": "default" },
            "PrivateDnsName": "ip-10-0-0-1", "PublicDnsName": "", "State": { "Code": 16, "Name": "running" },
            "StateTransitionReason": "", "SubnetId": "subnet-1", "VpcId": "vpc-1", "EbsOptimized": false,
            "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": {
                "AttachTime": "2026-02-01T10:11:13+00:00", "DeleteOnTermination": true, "Status": "attached", "VolumeId": "vol-1" } }],
            "NetworkInterfaces": [{ "NetworkInterfaceId": "eni-1", "Ipv6Addresses": [{ "Ipv6Address": "2001:db8::1", "IsPrimaryIpv6": false }],
                "Groups": [{ "GroupName": "web", "GroupId": "sg-1" }] }],
            "SecurityGroups": [{ "GroupName": "web", "GroupId": "sg-1" }], "Tags": tags("web"),
            "MetadataOptions": { "State": "applied", "HttpTokens": tokens, "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled",
                "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled" },
        })
    };
    let answers = [
        (
            "describe-instances.json",
            json!({ "Reservations": [
                { "ReservationId": "r-1", "OwnerId": ACCOUNT, "Groups": [], "Instances": [instance("i-1", "optional")] },
                { "ReservationId": "r-2", "OwnerId": ACCOUNT, "Groups": [], "Instances": [instance("i-2", "required")] },
            ] }),
        ),
        (
            "describe-instance-attribute.i-1.json",
            // DB_PASSWORD=hunter2
            json!({ "InstanceId": "i-1", "UserData": { "Value": "REJfUEFTU1dPUkQ9aHVudGVyMg==" } }),
        ),
        ("user-data-2.json", json!({ "InstanceId": "i-2", "UserData": {} })),
        ("stop.json", json!({ "InstanceId": "i-1", "DisableApiStop": { "Value": false } })),
        (
            "describe-instance-status.json",
            json!({ "InstanceStatuses": [{ "AvailabilityZone": "eu-west-1a", "InstanceId": "i-1", "InstanceState": { "Name": "running" },
                "InstanceStatus": { "Details": [{ "Name": "reachability", "Status": "passed" }], "Status": "ok" } }] }),
        ),
        (
            "describe-security-groups.json",
            json!({ "SecurityGroups": [
                { "GroupId": "sg-1", "GroupName": "web", "Description": "web", "OwnerId": ACCOUNT, "VpcId": "vpc-1", "IpPermissionsEgress": [],
                  "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [], "PrefixListIds": [],
                      "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "all" }], "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] }] },
                { "GroupId": "sg-2", "GroupName": "default", "Description": "default", "OwnerId": ACCOUNT, "VpcId": "vpc-1", "IpPermissions": [],
                  "IpPermissionsEgress": [] },
            ] }),
        ),
        (
            "describe-volumes.json",
            json!({ "Volumes": [
                { "VolumeId": "vol-1", "Encrypted": false, "Size": 8, "State": "in-use", "VolumeType": "gp3", "Iops": 3000, "MultiAttachEnabled": false,
                  "CreateTime": "2026-02-01T10:11:12.345000+00:00", "AvailabilityZone": "eu-west-1a", "Attachments": [], "Tags": tags("root") },
                { "VolumeId": "vol-2", "Encrypted": true, "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1", "Size": 9, "State": "available" },
            ] }),
        ),
        (
            "describe-snapshots.json",
            json!({ "Snapshots": [
                { "SnapshotId": "snap-1", "OwnerId": ACCOUNT, "VolumeId": "vol-1", "VolumeSize": 8, "State": "completed", "Encrypted": false,
                  "Description": "", "Progress": "100%", "StartTime": "2026-02-02T00:00:00+00:00", "StorageTier": "standard" },
                { "SnapshotId": "snap-2", "OwnerId": ACCOUNT, "VolumeId": "vol-2", "VolumeSize": 9, "State": "completed", "Encrypted": true },
            ] }),
        ),
        (
            "permission.json",
            json!({ "SnapshotId": "snap-1", "CreateVolumePermissions": [{ "Group": "all" }, { "UserId": "444455556666" }] }),
        ),
        (
            "describe-launch-templates.json",
            json!({ "LaunchTemplates": [{ "LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "CreatedBy": "arn:aws:iam::111122223333:root",
                "CreateTime": "2026-01-01T00:00:00+00:00", "DefaultVersionNumber": 1, "LatestVersionNumber": 2 }] }),
        ),
        (
            "describe-launch-template-versions.json",
            json!({ "LaunchTemplateVersions": [
                { "LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "VersionNumber": 2, "DefaultVersion": false,
                  "LaunchTemplateData": { "ImageId": "ami-2", "UserData": "I2Nsb3VkLWNvbmZpZwo=", "MetadataOptions": { "HttpTokens": "required" } } },
                { "LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "VersionNumber": 1, "DefaultVersion": true,
                  "LaunchTemplateData": { "ImageId": "ami-1", "TagSpecifications": [{ "ResourceType": "instance", "Tags": tags("w") }] } },
            ] }),
        ),
        (
            "describe-vpcs.json",
            json!({ "Vpcs": [{ "VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-1", "State": "available",
                "InstanceTenancy": "default", "IsDefault": false,
                "CidrBlockAssociationSet": [{ "AssociationId": "a-1", "CidrBlock": "10.0.0.0/16", "CidrBlockState": { "State": "associated" } }],
                "Ipv6CidrBlockAssociationSet": [{ "AssociationId": "a-2", "Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": { "State": "associated" } }] }] }),
        ),
        ("dns-support.json", json!({ "VpcId": "vpc-1", "EnableDnsSupport": { "Value": true } })),
        ("dns-names.json", json!({ "VpcId": "vpc-1", "EnableDnsHostnames": { "Value": false } })),
        (
            "describe-subnets.json",
            json!({ "Subnets": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a",
                "MapPublicIpOnLaunch": true, "AssignIpv6AddressOnCreation": false, "AvailableIpAddressCount": 250, "DefaultForAz": false,
                "State": "available", "OwnerId": ACCOUNT, "SubnetArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1" }] }),
        ),
        (
            "describe-route-tables.json",
            json!({ "RouteTables": [{ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT, "PropagatingVgws": [],
                "Associations": [{ "Main": true, "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": "rtb-1", "AssociationState": { "State": "associated" } }],
                "Routes": [{ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active" }] }] }),
        ),
        (
            "describe-network-acls.json",
            json!({ "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "OwnerId": ACCOUNT, "Associations": [],
                "Entries": [{ "CidrBlock": "0.0.0.0/0", "Egress": false, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100 }] }] }),
        ),
        (
            "describe-flow-logs.json",
            json!({ "FlowLogs": [{ "FlowLogId": "fl-1", "ResourceId": "vpc-1", "FlowLogStatus": "ACTIVE", "TrafficType": "ALL",
                "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs", "CreationTime": "2026-01-01T00:00:00+00:00" }] }),
        ),
        (
            "describe-managed-prefix-lists.json",
            json!({ "PrefixLists": [{ "PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.eu-west-1.s3", "OwnerId": "AWS", "AddressFamily": "IPv4",
                "State": "create-complete", "PrefixListArn": "arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1" }] }),
        ),
        (
            "get-managed-prefix-list-entries.pl-1.json",
            json!({ "Entries": [{ "Cidr": "3.5.64.0/21" }] }),
        ),
        (
            "describe-vpn-connections.json",
            json!({ "VpnConnections": [{ "VpnConnectionId": "vpn-1", "State": "available", "Type": "ipsec.1", "Category": "VPN",
                "CustomerGatewayConfiguration": "<vpn_connection><pre_shared_key>correct-horse</pre_shared_key></vpn_connection>",
                "Options": { "StaticRoutesOnly": true, "TunnelOptions": [{ "OutsideIpAddress": "192.0.2.1", "PreSharedKey": "correct-horse",
                    "Phase1EncryptionAlgorithms": [{ "Value": "AES256" }], "Phase1DHGroupNumbers": [{ "Value": 14 }], "IkeVersions": [{ "Value": "ikev2" }] }] },
                "VgwTelemetry": [{ "OutsideIpAddress": "192.0.2.1", "Status": "UP", "LastStatusChange": "2026-01-01T00:00:00+00:00" }] }] }),
        ),
        (
            "get-ebs-encryption-by-default.json",
            json!({ "EbsEncryptionByDefault": false, "SseType": "none" }),
        ),
        (
            "get-snapshot-block-public-access-state.json",
            json!({ "State": "unblocked", "ManagedBy": "account" }),
        ),
        ("get-instance-metadata-defaults.json", json!({ "AccountLevel": {} })),
        ("get-ebs-default-kms-key-id.json", json!({ "KmsKeyId": "alias/aws/ebs" })),
    ];
    answers.iter().map(|(name, answer)| saved.file(name, format!("{answer:#}\n"))).collect()
}

/// S3 responses.
fn s3(saved: &Saved) -> Vec<String> {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::good.example", "arn:aws:s3:::good.example/*"], "Condition": { "Bool": { "aws:SecureTransport": "false" } } }] });
    let refused = |code: &str, operation: &str| {
        format!("\nAn error occurred ({code}) when calling the {operation} operation: No.\n")
    };
    let flags = json!({ "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true } });
    let everybody = "http://acs.amazonaws.com/groups/global/AllUsers";
    let answers: [(&str, String); 17] = [
        (
            "list-buckets.json",
            json!({ "Buckets": [
                { "Name": "good.example", "CreationDate": "2025-05-05T05:05:05+00:00", "BucketRegion": "eu-central-1", "BucketArn": "arn:aws:s3:::good.example" },
                { "Name": "open", "CreationDate": "2025-05-05T05:05:05+00:00" },
                { "Name": "old", "CreationDate": "2015-05-05T05:05:05+00:00" },
            ], "Owner": { "DisplayName": "me", "ID": "abc" }, "Prefix": null }).to_string(),
        ),
        ("get-bucket-location.open.json", json!({ "LocationConstraint": "EU" }).to_string()),
        ("get-bucket-policy.good.example.json", json!({ "Policy": policy.to_string() }).to_string()),
        ("get-bucket-policy.open.json", refused("NoSuchBucketPolicy", "GetBucketPolicy")),
        ("get-bucket-policy.old.json", refused("AccessDenied", "GetBucketPolicy")),
        ("get-bucket-policy-status.good.example.json", json!({ "PolicyStatus": { "IsPublic": false } }).to_string()),
        ("get-public-access-block.good.example.json", flags.to_string()),
        ("get-public-access-block.open.json", refused("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock")),
        ("get-bucket-versioning.good.example.json", json!({ "Status": "Enabled", "MFADelete": "Disabled" }).to_string()),
        (
            "get-bucket-encryption.open.json",
            json!({ "ServerSideEncryptionConfiguration": { "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": "alias/x" }, "BucketKeyEnabled": true, "BlockedEncryptionTypes": { "EncryptionType": ["SSE-C"] } }] } }).to_string(),
        ),
        (
            "get-bucket-acl.open.json",
            json!({ "Owner": { "DisplayName": "me", "ID": "abc" }, "Grants": [
                { "Grantee": { "Type": "Group", "URI": everybody }, "Permission": "READ" }] }).to_string(),
        ),
        ("get-bucket-logging.good.example.json", json!({ "LoggingEnabled": { "TargetBucket": "logs", "TargetPrefix": "" } }).to_string()),
        ("get-bucket-ownership-controls.open.json", json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": "ObjectWriter" }] } }).to_string()),
        ("get-bucket-tagging.open.json", json!({ "TagSet": [{ "Key": "Owner", "Value": "me" }] }).to_string()),
        (
            "get-bucket-notification-configuration.open.json",
            json!({ "EventBridgeConfiguration": {}, "TopicConfigurations": [{ "Id": "t", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Events": ["s3:*"],
                "Filter": { "Key": { "FilterRules": [{ "Name": "prefix", "Value": "a" }] } } }] }).to_string(),
        ),
        (
            "list-access-points.json",
            json!({ "AccessPointList": [{ "Name": "ap", "NetworkOrigin": "VPC", "VpcConfiguration": { "VpcId": "vpc-1" }, "Bucket": "open",
                "AccessPointArn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap", "Alias": "ap-x-s3alias" }] }).to_string(),
        ),
        ("get-access-point-policy.ap.json", refused("NoSuchAccessPointPolicy", "GetAccessPointPolicy")),
    ];
    let mut files: Vec<String> =
        answers.iter().map(|(name, answer)| saved.file(name, answer)).collect();
    // The CLI prints nothing for settings that were never configured.
    for (name, said) in
        [("v.json", "s3.bucket/versioning@open"), ("l.json", "s3.bucket/logging@open")]
    {
        files.push(format!("{said}={}", saved.file(name, "")));
    }
    files.push(format!("s3.account/public_access_block={}", saved.file("account.json", flags)));
    files
}

#[test]
fn imported_cli_output_is_evaluated_like_collected_facts() {
    let saved = Saved::new();
    let mut files = ec2(&saved);
    files.extend(s3(&saved));
    // Facts before their lists: the order does not matter.
    files.reverse();
    let ran = saved.imported(&files);
    for expected in
        ["ec2.instance ", "status (1 of 2)", "s3.bucket ", "policy (2 of 3)", "versioning (2 of 3)"]
    {
        assert!(ran.stderr.contains(expected), "no {expected} in\n{}", ran.stderr);
    }
    assert!(
        ran.stderr.contains("CustomerGatewayConfiguration")
            && ran.stderr.contains("Reservations.Instances.AmiLaunchIndex"),
        "{}",
        ran.stderr
    );

    let table = [
        ("ec2.instance", "i-1", "/launch_time", json!("2026-02-01T10:11:12Z")),
        (
            "ec2.instance",
            "i-1",
            "/network_interfaces/0/ipv6_addresses/0/ipv6_address",
            json!("2001:db8::1"),
        ),
        (
            "ec2.instance",
            "i-1",
            "/tags",
            json!({ "Name": "web", "aws:cloudformation:stack-name": "" }),
        ),
        (
            "ec2.instance",
            "i-1",
            "/user_data",
            json!({ "present": true, "looks_like_secret": true, "detector": "password" }),
        ),
        (
            "ec2.instance",
            "i-2",
            "/user_data",
            json!({ "present": false, "looks_like_secret": false }),
        ),
        ("ec2.instance", "i-1", "/disable_api_stop", json!(false)),
        ("ec2.instance", "i-1", "/status/instance_status/status", json!("ok")),
        ("ec2.volume", "vol-1", "/create_time", json!("2026-02-01T10:11:12Z")),
        (
            "ec2.snapshot",
            "snap-1",
            "/create_volume_permission",
            json!([{ "group": "all" }, { "user_id": "444455556666" }]),
        ),
        (
            "ec2.launch_template",
            "lt-1",
            "/default_version/launch_template_data/image_id",
            json!("ami-1"),
        ),
        (
            "ec2.launch_template",
            "lt-1",
            "/latest_version/launch_template_data/image_id",
            json!("ami-2"),
        ),
        (
            "ec2.launch_template",
            "lt-1",
            "/latest_version/launch_template_data/user_data/looks_like_secret",
            json!(false),
        ),
        (
            "ec2.launch_template",
            "lt-1",
            "/default_version/launch_template_data/user_data/present",
            json!(false),
        ),
        (
            "ec2.vpc",
            "vpc-1",
            "/attributes",
            json!({ "enable_dns_support": true, "enable_dns_hostnames": false }),
        ),
        (
            "ec2.vpc",
            "vpc-1",
            "/ipv6_cidr_block_association_set/0/ipv6_cidr_block",
            json!("2001:db8::/56"),
        ),
        ("ec2.subnet", "subnet-1", "/map_public_ip_on_launch", json!(true)),
        ("ec2.route_table", "rtb-1", "/routes/0/gateway_id", json!("igw-1")),
        ("ec2.network_acl", "acl-1", "/entries/0/rule_number", json!(100)),
        ("ec2.flow_log", "fl-1", "/traffic_type", json!("ALL")),
        ("ec2.managed_prefix_list", "pl-1", "/entries", json!([{ "cidr": "3.5.64.0/21" }])),
        (
            "ec2.vpn_connection",
            "vpn-1",
            "/options/tunnel_options/0/pre_shared_key",
            json!("present"),
        ),
        (
            "ec2.vpn_connection",
            "vpn-1",
            "/options/tunnel_options/0/phase1_dh_group_numbers/0/value",
            json!(14),
        ),
        (
            "ec2.settings",
            "eu-west-1",
            "/ebs_encryption_by_default",
            json!({ "ebs_encryption_by_default": false }),
        ),
        (
            "ec2.settings",
            "eu-west-1",
            "/snapshot_block_public_access",
            json!({ "state": "unblocked", "managed_by": "account" }),
        ),
        ("ec2.settings", "eu-west-1", "/instance_metadata_defaults", json!({})),
        ("s3.account", ACCOUNT, "/public_access_block/block_public_acls", json!(true)),
        ("s3.bucket", "good.example", "/creation_date", json!("2025-05-05T05:05:05Z")),
        ("s3.bucket", "good.example", "/policy/document/Statement/0/Effect", json!("Deny")),
        (
            "s3.bucket",
            "good.example",
            "/versioning",
            json!({ "status": "Enabled", "mfa_delete": "Disabled" }),
        ),
        ("s3.bucket", "good.example", "/logging/target_bucket", json!("logs")),
        ("s3.bucket", "open", "/policy", Value::Null),
        ("s3.bucket", "open", "/policy_status", Value::Null),
        ("s3.bucket", "open", "/logging", Value::Null),
        ("s3.bucket", "open", "/versioning", json!({})),
        ("s3.bucket", "open", "/public_access_block/ignore_public_acls", json!(false)),
        (
            "s3.bucket",
            "open",
            "/encryption/rules/0",
            json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": "alias/x", "bucket_key_enabled": true, "blocked_encryption_types": ["SSE-C"] }),
        ),
        ("s3.bucket", "open", "/owner_canonical_user_id", json!("abc")),
        ("s3.bucket", "open", "/acl/owner_id", json!("abc")),
        ("s3.bucket", "open", "/acl/grants/0/grantee/type", json!("Group")),
        ("s3.bucket", "open", "/ownership_controls", json!({ "object_ownership": "ObjectWriter" })),
        ("s3.bucket", "open", "/tags", json!({ "Owner": "me" })),
        ("s3.bucket", "open", "/notification/event_bridge", json!(true)),
        ("s3.access_point", "ap", "/vpc_configuration/vpc_id", json!("vpc-1")),
        ("s3.access_point", "ap", "/policy", Value::Null),
    ];
    for (kind, id, pointer, expected) in table {
        assert_eq!(saved.fact(kind, id, pointer), expected, "{kind} {id} {pointer}");
    }
    assert_eq!(
        saved.resource("ec2.managed_prefix_list", "pl-1")["arn"],
        "arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1"
    );
    let regions = ["good.example", "open", "old"]
        .map(|bucket| saved.resource("s3.bucket", bucket)["region"].clone());
    assert_eq!(regions, ["eu-central-1", "eu-west-1", "global"]);
    assert_eq!(
        saved.resource("s3.bucket", "old")["unreadable"]["bucket_region"]["call"],
        "s3:GetBucketLocation"
    );
    // Denied facts keep their error code, missing ones are not collected; neither is absent.
    let old = saved.resource("s3.bucket", "old");
    assert_eq!(
        (&old["unreadable"]["policy"]["code"], &old["unreadable"]["versioning"]["code"]),
        (&json!("AccessDenied"), &json!("NotCollected"))
    );
    assert!(
        old["facts"].get("policy").is_none() && old["facts"].get("versioning").is_none(),
        "{old}"
    );

    let written = saved.everything() + ran.stderr.as_str();
    for secret in ["hunter2", "REJf", "correct-horse", "vpn_connection>"] {
        assert!(!written.contains(secret), "{secret} was kept");
    }

    let (verdicts, code) = saved.evaluated(&[]);
    assert_eq!(code, 3);
    let verdict = |rule: &str, id: &str| {
        verdicts.get(&(rule.to_owned(), id.to_owned())).map_or("none", String::as_str)
    };
    for (rule, id, expected) in [
        ("ebs-volume-encrypted", "vol-1", "fail"),
        ("ebs-volume-encrypted", "vol-2", "pass"),
        ("ec2-ebs-encryption-by-default", "eu-west-1", "fail"),
        ("ec2-instance-imdsv2", "i-1", "fail"),
        ("ec2-instance-imdsv2", "i-2", "pass"),
        ("sg-ingress-remote-admin-ipv4", "sg-1", "fail"),
        ("sg-default-closed", "sg-2", "pass"),
        ("s3-account-public-access-block", ACCOUNT, "pass"),
        ("s3-bucket-effective-public-access-block", "open", "pass"),
        // The account blocks all, whatever the bucket has.
        ("s3-bucket-effective-public-access-block", "old", "pass"),
        ("s3-bucket-policy-not-public", "good.example", "pass"),
        ("s3-bucket-policy-not-public", "open", "pass"),
        ("s3-bucket-policy-not-public", "old", "unknown"),
        ("s3-bucket-tls-only", "good.example", "pass"),
        ("s3-bucket-tls-only", "open", "fail"),
        ("s3-bucket-tls-only", "old", "unknown"),
        ("s3-bucket-versioning", "good.example", "pass"),
        ("s3-bucket-versioning", "open", "fail"),
        ("s3-bucket-versioning", "old", "unknown"),
    ] {
        assert_eq!(verdict(rule, id), expected, "{rule} {id}");
    }
}

#[test]
fn facts_that_were_not_imported_are_unknown() {
    let saved = Saved::new();
    saved.imported(&[saved.file("describe-vpcs.json", json!({ "Vpcs": [] }))]);
    let (verdicts, code) =
        saved.evaluated(&["--rule", "ebs-volume-encrypted,s3-bucket-versioning"]);
    assert_eq!(code, 3);
    assert!(
        verdicts.len() == 2 && verdicts.values().all(|verdict| verdict == "unknown"),
        "{verdicts:?}"
    );
    let header = &saved.lines()[0];
    assert_eq!(header["demand"], json!({ "ec2.vpc": [] }));
    assert_eq!(
        (&header["collected_at"], &header["regions"]),
        (&json!("2026-03-01T00:00:00Z"), &json!(["eu-west-1"]))
    );

    // A denied list is a gap with AWS's error code.
    let denied = Saved::new();
    let error = "An error occurred (UnauthorizedOperation) when calling the DescribeVolumes operation: You are not authorized to perform this \
                 operation. User: arn:aws:sts::111122223333:assumed-role/audit/me is not authorized to perform: ec2:DescribeVolumes with an \
                 explicit deny in a service control policy";
    let ran = denied.imported(&[denied.file("volumes.txt", error)]);
    assert!(
        ran.stderr.contains(
            "ec2:DescribeVolumes: UnauthorizedOperation (denied by a service control policy)"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(denied.evaluated(&["--rule", "ebs-volume-encrypted"]).1, 3);
    let gap = denied.lines().into_iter().find(|line| line["type"] == "gap").unwrap();
    assert_eq!(
        (&gap["extent"], &gap["denied_by"]),
        (&json!({ "of": "list", "kind": "ec2.volume" }), &json!("service_control_policy"))
    );
}

#[test]
fn a_bucket_can_be_imported_from_its_facts_alone() {
    let saved = Saved::new();
    let file = saved.file("get-bucket-versioning.a.b.json", json!({ "Status": "Suspended" }));
    let location =
        saved.file("get-bucket-location.a.b.json", json!({ "LocationConstraint": null }));
    let ran = saved.imported(&[file, location]);
    assert!(ran.stderr.contains("the list was not imported"), "{}", ran.stderr);
    let bucket = saved.resource("s3.bucket", "a.b");
    assert_eq!(
        (&bucket["region"], &bucket["arn"]),
        (&json!("us-east-1"), &json!("arn:aws:s3:::a.b"))
    );
    // Fields that only the list has are unknown, not absent.
    assert_eq!(bucket["unreadable"]["creation_date"]["code"], "NotCollected");
    // The bucket is evaluated, and other buckets are unknown.
    let (verdicts, code) = saved.evaluated(&["--rule", "s3-bucket-versioning"]);
    let verdict = |id: &str| verdicts.get(&("s3-bucket-versioning".to_owned(), id.to_owned()));
    assert_eq!(
        (verdicts.len(), verdict("a.b").unwrap().as_str(), verdict("*").unwrap().as_str(), code),
        (2, "fail", "unknown", 3)
    );
    // A look-up does not say that there is only one.
    let rule = saved.file(
        "buckets.rhai",
        "//! Counts buckets.\n\nconst RULE = #{\n    title: \"One bucket\",\n    resource: \"s3.bucket\",\n    needs: [\"versioning\", \"s3.bucket\"],\n    severity: \"low\",\n};\n\nfn check(bucket, params) {\n    if related(\"s3.bucket\").len() == 1 { pass() } else { fail(\"more\") }\n}\n",
    );
    let (verdicts, code) = saved.evaluated(&["--rule", &rule]);
    assert_eq!(
        (verdicts.into_values().collect::<Vec<_>>(), code),
        (vec!["unknown".to_owned(); 2], 3)
    );
}

#[test]
fn a_note_names_fields_that_were_removed_and_not_facts() {
    let saved = Saved::new();
    let ran = saved.import(&[
        &saved.file("describe-volumes.json", json!({ "Volumes": [{ "VolumeId": "vol-1" }] })),
        &saved.file(
            "list-buckets.json",
            json!({ "Buckets": [{ "Name": "b1", "BucketRegion": "eu-west-1" }] }),
        ),
        &saved.file("get-bucket-versioning.b1.json", json!({ "Status": "Enabled" })),
        &format!(
            "s3.bucket/versioning@b1={}",
            saved.file("v.json", json!({ "Status": "Suspended" }))
        ),
        &format!(
            "s3.bucket/bucket_region@b1={}",
            saved.file("l.json", json!({ "LocationConstraint": "eu-west-2" }))
        ),
    ]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("`encrypted` of 1 resource is not"), "{}", ran.stderr);
    for cause in ["`versioning` of", "`bucket_region` of"] {
        assert!(!ran.stderr.contains(cause), "{}", ran.stderr);
    }
}

#[test]
fn a_list_is_not_replaced_by_an_error() {
    let saved = Saved::new();
    let error =
        "An error occurred (UnauthorizedOperation) when calling the DescribeVolumes operation: x";
    saved.imported(&[saved.file("describe-volumes.json", json!({ "Volumes": [] }))]);
    let before = saved.everything();
    let ran = saved.import(&["--add", &saved.file("volumes.txt", error)]);
    let expected = "ec2.volume: the snapshot already has this list for eu-west-1";
    assert!(ran.code == 2 && ran.stderr.contains(expected), "{}", ran.stderr);
    assert_eq!(saved.everything(), before);
}

#[test]
fn a_fact_is_known_only_for_the_resources_in_a_response_unless_declared() {
    let snapshots = json!({ "Snapshots": [{ "SnapshotId": "snap-1", "VolumeSize": 1 }, { "SnapshotId": "snap-2", "VolumeSize": 1 }] });
    let one = json!({ "Snapshots": [{ "SnapshotId": "snap-1", "LockState": "compliance", "LockDuration": 1 }] });
    let saved = Saved::new();
    let list = saved.file("a.json", &snapshots);
    // Both responses have `Snapshots`; the fields of the items distinguish them.
    let ran = saved.imported(&[list.clone(), saved.file("b.json", &one)]);
    assert!(ran.stderr.contains("pass ec2.snapshot/locked=FILE"), "{}", ran.stderr);
    assert_eq!(saved.fact("ec2.snapshot", "snap-1", "/locked/lock_state"), "compliance");
    assert_eq!(
        saved.resource("ec2.snapshot", "snap-2")["unreadable"]["locked"]["code"],
        "NotCollected"
    );

    let all = Saved::new();
    let (list, one) = (all.file("a.json", &snapshots), all.file("b.json", &one));
    all.imported(&[
        list,
        format!("ec2.snapshot/locked={one}"),
        format!("ec2.snapshot/public={one}"),
    ]);
    assert_eq!(all.fact("ec2.snapshot", "snap-2", "/locked"), Value::Null);
    assert_eq!(
        (
            all.fact("ec2.snapshot", "snap-1", "/public"),
            all.fact("ec2.snapshot", "snap-2", "/public")
        ),
        (json!(true), json!(false))
    );
}

#[test]
fn regions_and_accounts_are_added() {
    let saved = Saved::new();
    let vpc = |id: &str| saved.file(&format!("{id}.json"), json!({ "Vpcs": [{ "VpcId": id }] }));
    let buckets =
        saved.file("buckets.json", json!({ "Buckets": [{ "Name": "b", "BucketRegion": "eu-west-2" }], "Owner": { "ID": "x" } }));
    saved.imported(&[vpc("vpc-1"), buckets]);
    let (one, two) = (saved.snapshot(), vpc("vpc-2"));
    let add = |account: &str, region: &str, more: &[&str]| {
        let mut args = vec![
            "import",
            "--account",
            account,
            "--region",
            region,
            "--snapshot",
            text(&one),
            "--add",
        ];
        args.extend(more);
        run(&args)
    };
    assert_eq!(add(ACCOUNT, "eu-west-2", &[&two]).code, 0);
    assert_eq!(add("444455556666", "us-gov-west-1", &[&two]).code, 0);
    let lines = saved.lines();
    assert_eq!(lines[0]["regions"], json!(["eu-west-1", "eu-west-2"]));
    assert_eq!(lines[0]["collected_at"], "2026-03-01T00:00:00Z", "an account has one time");
    for (kind, id) in [("ec2.vpc", "vpc-1"), ("ec2.vpc", "vpc-2"), ("s3.bucket", "b")] {
        saved.resource(kind, id);
    }
    let other = fs::read_to_string(one.join("444455556666.jsonl")).unwrap();
    assert!(other.contains("arn:aws-us-gov:ec2:us-gov-west-1:444455556666:vpc/vpc-2"), "{other}");
    assert_eq!(
        run(&["evaluate", "--snapshot", text(&one), "--rule", "s3-bucket-versioning"]).code,
        3
    );

    let before = saved.everything();
    for (more, expected) in [
        (vec![two.as_str()], "already has this list for eu-west-2"),
        (vec!["--collected-at", "2027-01-01T00:00:00Z", "ec2.subnet=x.json"], "x.json"),
        (vec!["--partition", "aws-cn", two.as_str()], "in partition `aws`"),
    ] {
        let ran = add(ACCOUNT, "eu-west-2", &more);
        assert!(ran.code == 2 && ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    let ran = add(ACCOUNT, "eu-west-3", &[&two]);
    let expected = "`vpc-2` is already in the snapshot with region eu-west-2";
    assert!(ran.code == 2 && ran.stderr.contains(expected), "{}", ran.stderr);
    let ran = saved.import(&[&two]);
    assert!(ran.code == 2 && ran.stderr.contains("--add"), "{}", ran.stderr);
    assert_eq!(saved.everything(), before);

    // A peering connection is in the regions of both VPCs. A region can be new, or misspelled.
    let peering = json!({ "VpcPeeringConnections": [{ "VpcPeeringConnectionId": "pcx-1" }] });
    let peering = saved.file("describe-vpc-peering-connections.json", peering);
    for (region, doubt) in [("eu-west-1", ""), ("eu-wets-1", "did you mean `eu-west-1`?")] {
        let ran = add(ACCOUNT, region, &[&peering]);
        assert!(ran.code == 0 && ran.stderr.contains(doubt), "{}", ran.stderr);
    }
}

#[test]
fn stdin_is_imported_if_it_is_declared() {
    let saved = Saved::new();
    let mut command = rolecall();
    let snapshot = saved.snapshot();
    command.args([
        "-q",
        "import",
        "--account",
        ACCOUNT,
        "--region",
        "eu-west-1",
        "--snapshot",
        text(&snapshot),
        "ec2.vpc=-",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(br#"{"Vpcs": [{"VpcId": "vpc-1", "New": 1}]}"#).unwrap();
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    saved.resource("ec2.vpc", "vpc-1");
}

#[test]
fn invalid_files_are_rejected_and_nothing_is_written() {
    let nested = format!("{}1{}", "{\"Vpcs\":[".repeat(100_000), "]}".repeat(100_000));
    let groups = json!({ "SecurityGroups": [{ "GroupId": "sg-1", "IpPermissions": [{ "FromPort": "22" }] }] }).to_string();
    let vpcs = json!({ "Vpcs": [{ "VpcId": "vpc-1" }] }).to_string();
    let error =
        "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: x";
    // Files by name, the arguments, and what stderr must contain.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let table: &[Case<'_>] = &[
        (
            &[("g.json", &groups)],
            &["g.json"],
            "g.json: SecurityGroups[0].IpPermissions[0].FromPort: expected int, found string",
        ),
        (
            &[("x.json", r#"{"Users": []}"#)],
            &["x.json"],
            "cannot determine the API call from the file name or from the fields of the response (`Users`)",
        ),
        (&[("x.json", r#"{"\u001b[31mUsers": []}"#)], &["x.json"], "(`\u{fffd}[31mUsers`)"),
        (&[("x.json", "[1]")], &["x.json"], "if you used `--query`"),
        (&[("x.json", "SECURITYGROUPS\tweb")], &["x.json"], "`--output json`"),
        (&[("x.json", "{\"Vpcs\": [")], &["x.json"], "line 1 column"),
        (&[("x.json", &nested)], &["x.json"], "recursion limit"),
        (&[], &["missing.json"], "missing.json: No such file"),
        (&[], &["."], "is a folder"),
        (
            &[("v.json", r#"{"Vpcs": [], "NextToken": "abc"}"#)],
            &["v.json"],
            "without `--max-items` and `--no-paginate`",
        ),
        (
            &[("v.json", r#"{"Buckets": [], "ContinuationToken": "abc"}"#)],
            &["s3.bucket=v.json"],
            "`ContinuationToken`",
        ),
        (
            &[("list-buckets.json", r#"{"Vpcs": []}"#)],
            &["list-buckets.json"],
            "not a response from s3:ListBuckets: missing `Buckets`; check the file name",
        ),
        (&[("v.json", r#"{"Vpcs": {}}"#)], &["ec2.vpc=v.json"], "Vpcs: expected list"),
        (
            &[("v.json", r#"{"Vpcs": [{"CidrBlock": "10.0.0.0/8"}]}"#)],
            &["v.json"],
            "Vpcs[0]: missing `VpcId`",
        ),
        (&[("v.json", r#"{"Vpcs": [{"VpcId": ""}]}"#)], &["v.json"], "Vpcs[0]: missing `VpcId`"),
        (
            &[("v.json", r#"{"Vpcs": [{"VpcId": "a", "vpc_id": "b"}]}"#)],
            &["v.json"],
            "two spellings",
        ),
        (
            &[
                ("v.json", &vpcs),
                ("w.json", r#"{"Vpcs": [{"VpcId": "vpc-1", "IsDefault": true}]}"#),
            ],
            &["v.json", "w.json"],
            "has different values",
        ),
        (
            &[("s.json", r#"{"Status": "Enabled"}"#)],
            &["s.json"],
            "s3.bucket/versioning@RESOURCE=FILE",
        ),
        (
            &[("s.json", r#"{"State": "unblocked"}"#)],
            &["s.json"],
            "ambiguous response; pass one of: ec2.settings/allowed_images_settings=FILE, ec2.settings/snapshot",
        ),
        (
            &[("get-public-access-block.json", r#"{"PublicAccessBlockConfiguration": {}}"#)],
            &["get-public-access-block.json"],
            "s3.account/public_access_block=FILE, s3.bucket/public_access_block@RESOURCE=FILE",
        ),
        (
            &[("get-bucket-policy.b.json", "")],
            &["get-bucket-policy.b.json"],
            "either the command failed",
        ),
        (&[("e.json", "")], &["s3.bucket/policy@b=e.json"], "missing `Policy`"),
        (&[("e.json", "")], &["s3.bucket/acl@b=e.json"], "none of the fields of `s3.bucket/acl`"),
        (&[("p.txt", error)], &["p.txt"], "does not name its resource"),
        (
            &[("p.txt", error)],
            &["s3.bucket/acl@b=p.txt"],
            "contains an error from GetBucketPolicy, not from s3:GetBucketAcl",
        ),
        (
            &[("get-bucket-acl.b.json", error)],
            &["get-bucket-acl.b.json"],
            "contains an error from GetBucketPolicy",
        ),
        (
            &[("p.json", r#"{"Policy": "{"}"#)],
            &["s3.bucket/policy@b=p.json"],
            "Policy: invalid policy: not valid JSON",
        ),
        (
            &[("a.json", r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}"#)],
            &["a.json"],
            "no file lists the `ec2.vpc` resources: also import the output of `aws ec2 describe-vpcs`",
        ),
        (
            &[("i.json", r#"{"InstanceId": "i-1", "RamdiskId": {}}"#)],
            &["ec2.instance/user_data@i-1=i.json"],
            "missing `UserData`",
        ),
        (&[], &["ec2.vpcs=x.json"], "did you mean `ec2.vpc`?"),
        (&[], &["ec2.vpc/atributes@vpc-1=x.json"], "did you mean `attributes`?"),
        (&[], &["-"], "stdin has no file name"),
        // All problems of all files.
        (
            &[("x.json", "[1]"), ("v.json", r#"{"Vpcs": {}}"#)],
            &["x.json", "v.json", "ec2.vpc=v.json"],
            "Vpcs: expected list",
        ),
    ];
    for (files, args, expected) in table {
        let saved = Saved::new();
        for (name, content) in *files {
            saved.file(name, content);
        }
        let mut command = rolecall();
        command.current_dir(saved.dir.path()).args([
            "import",
            "--account",
            ACCOUNT,
            "--region",
            "eu-west-1",
            "--snapshot",
            "snapshot",
        ]);
        let ran = ran(command.args(*args).output().unwrap());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{args:?}: no {expected} in\n{}", ran.stderr);
        assert!(!saved.snapshot().exists(), "{args:?}: something was written");
    }
    let usage =
        |args: &[&str]| run(&[&["import", "--account", ACCOUNT, "--region"], args].concat());
    for (args, expected) in [
        (&["global", "x"][..], "use the region"),
        (&["eu-west-1"], "<FILE>"),
        (&["eu-west-1", "--collected-at", "today", "x"], "RFC 3339"),
    ] {
        let ran = usage(args);
        assert!(ran.code == 2 && ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn only_a_new_or_empty_folder_is_accepted() {
    let saved = Saved::new();
    let file = saved.file("describe-vpcs.json", json!({ "Vpcs": [] }));
    fs::create_dir(saved.snapshot()).unwrap();
    fs::write(saved.snapshot().join("mine.txt"), "mine").unwrap();
    let ran = saved.import(&[&file]);
    assert!(ran.code == 2 && ran.stderr.contains("is not empty"), "{}", ran.stderr);
    let names: Vec<_> =
        fs::read_dir(saved.snapshot()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["mine.txt"]);
    assert!(Path::new(&file).exists());
}
