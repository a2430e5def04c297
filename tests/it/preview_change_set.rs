//! What changes of CloudFormation are converted to: what is known after the change is what
//! CloudFormation documents, and everything else is unknown.

use std::fs;

use serde_json::{Map, Value, json};

use crate::preview::snapshot;
use crate::program::{run, text};

pub const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1";
pub const LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

pub fn resource(kind: &str, id: &str, facts: Value) -> Value {
    let name = match kind {
        "s3.bucket" | "s3.directory_bucket" => "name".to_owned(),
        "ec2.address" => "allocation_id".to_owned(),
        "ec2.settings" => "region_name".to_owned(),
        "ec2.internet_gateway" => "internet_gateway_id".to_owned(),
        other => match other {
            "ec2.security_group" => "group_id".to_owned(),
            other => format!("{}_id", &other[4..]),
        },
    };
    let mut all = json!({ name: id });
    all.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
    json!({ "kind": kind, "id": id, "facts": all })
}

pub fn rule(cidr: &str) -> Value {
    json!({
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ipv6_ranges": [], "prefix_list_ids": [],
        "user_id_group_pairs": [], "ip_ranges": [{ "cidr_ip": cidr, "description": null }],
    })
}

pub fn all_traffic() -> Value {
    let mut rule = rule("0.0.0.0/0");
    rule["ip_protocol"] = "-1".into();
    rule["from_port"] = Value::Null;
    rule["to_port"] = Value::Null;
    rule
}

/// An account with one of each.
pub fn account() -> Vec<Value> {
    let policy = json!({ "document": { "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" }] } });
    let bucket = |name: &str| {
        let encryption = json!({ "rules": [{ "sse_algorithm": "AES256", "kms_master_key_id": null, "bucket_key_enabled": false, "blocked_encryption_types": [] }] });
        let block = json!({ "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true });
        let facts = json!({
            "bucket_region": "eu-west-1", "policy": policy, "policy_status": { "is_public": false }, "encryption": encryption,
            "public_access_block": block, "versioning": { "status": "Enabled", "mfa_delete": null }, "logging": null, "acl": null, "object_lock": null,
            "ownership_controls": { "object_ownership": "BucketOwnerEnforced" }, "tags": { "Owner": "data", "Hand": "made" },
            "replication": null, "website": null,
        });
        resource("s3.bucket", name, facts)
    };
    let group = |id: &str, name: &str| {
        let facts = json!({
            "group_name": name, "description": "", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": { "Owner": "net" },
            "ip_permissions": [rule("10.0.0.0/8")], "ip_permissions_egress": [all_traffic()],
        });
        resource("ec2.security_group", id, facts)
    };
    let nested = json!({
        "aws:cloudformation:stack-id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/web-Data-1/2",
        "aws:cloudformation:stack-name": "web-Data-1",
    });
    let mut of_nested = bucket("acme-nested");
    of_nested["facts"]["tags"] = nested;
    let interface = json!({ "network_interface_id": "eni-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1", "groups": [{ "group_id": "sg-1", "group_name": "web" }] });
    vec![
        bucket("acme-data"),
        bucket("acme-logs"),
        of_nested,
        group("sg-1", "web"),
        group("sg-2", "web-Group-1ABC"),
        resource(
            "ec2.route_table",
            "rtb-1",
            json!({ "vpc_id": "vpc-1", "routes": [], "associations": [], "propagating_vgws": [], "tags": {} }),
        ),
        resource(
            "ec2.route_table",
            "rtb-2",
            json!({ "vpc_id": "vpc-1", "routes": [], "associations": [], "propagating_vgws": [], "tags": {} }),
        ),
        resource(
            "ec2.network_acl",
            "acl-1",
            json!({ "vpc_id": "vpc-1", "is_default": true, "entries": [], "associations": [], "tags": {} }),
        ),
        resource("ec2.internet_gateway", "igw-1", json!({ "attachments": [], "tags": {} })),
        resource(
            "ec2.vpc",
            "vpc-1",
            json!({ "is_default": false, "cidr_block": "10.0.0.0/16", "block_public_access_states": { "internet_gateway_block_mode": "off" }, "tags": {} }),
        ),
        resource(
            "ec2.subnet",
            "subnet-1",
            json!({
                "vpc_id": "vpc-1", "map_public_ip_on_launch": true, "block_public_access_states": { "internet_gateway_block_mode": "off" }, "tags": {},
            }),
        ),
        resource(
            "ec2.volume",
            "vol-1",
            json!({ "state": "available", "encrypted": false, "size": 8, "attachments": [], "tags": {} }),
        ),
        resource(
            "ec2.instance",
            "i-1",
            json!({
                "public_ip_address": null, "security_groups": [{ "group_id": "sg-1", "group_name": "web" }], "network_interfaces": [interface],
                "block_device_mappings": [], "tags": {},
            }),
        ),
        resource(
            "ec2.network_interface",
            "eni-1",
            json!({
                "groups": [{ "group_id": "sg-1", "group_name": "web" }], "attachment": { "instance_id": "i-1", "device_index": 0 }, "tags": {},
            }),
        ),
        resource(
            "ec2.address",
            "eipalloc-1",
            json!({ "public_ip": "198.51.100.7", "instance_id": null, "tags": {} }),
        ),
        resource(
            "ec2.transit_gateway",
            "tgw-1",
            json!({ "options": { "auto_accept_shared_attachments": "enable", "transit_gateway_cidr_blocks": [] }, "tags": {} }),
        ),
        resource(
            "ec2.settings",
            "eu-west-1",
            json!({
                "snapshot_block_public_access": { "state": "unblocked", "managed_by": null },
                "vpc_block_public_access_options": { "internet_gateway_block_mode": "off", "state": "default-state" },
            }),
        ),
    ]
}

/// A change; `sides` are the properties before and after it.
pub fn change(action: &str, type_name: &str, id: Option<&str>, sides: [Option<Value>; 2]) -> Value {
    let mut change = json!({ "Action": action, "LogicalResourceId": "One", "ResourceType": type_name, "Scope": [], "Details": [] });
    if let Some(id) = id {
        change["PhysicalResourceId"] = id.into();
    }
    if action == "Modify" {
        change["Replacement"] = "False".into();
    }
    let [before, after] = sides;
    for (name, side) in [("BeforeContext", before), ("AfterContext", after)] {
        if let Some(properties) = side {
            change[name] = json!({ "Properties": properties }).to_string().into();
        }
    }
    change
}

pub fn with(mut change: Value, more: Value) -> Value {
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    change
}

pub fn add(type_name: &str, properties: Value) -> Value {
    change("Add", type_name, None, [None, Some(properties)])
}

pub fn modify(type_name: &str, id: &str, before: Value, after: Value) -> Value {
    change("Modify", type_name, Some(id), [Some(before), Some(after)])
}

pub fn remove(type_name: &str, id: &str, before: Value) -> Value {
    change("Remove", type_name, Some(id), [Some(before), None])
}

/// The resources after a change set, by kind and id.
pub fn after(changes: &[Value], more: Value) -> Map<String, Value> {
    after_in(&account(), changes, more)
}

/// The same for another account.
pub fn after_in(account: &[Value], changes: &[Value], more: Value) -> Map<String, Value> {
    let lines = lines_after(account, changes, more).into_iter();
    let resources = lines.filter(|line| line["type"] == json!("resource"));
    let name =
        |one: &Value| format!("{}/{}", one["kind"].as_str().unwrap(), one["id"].as_str().unwrap());
    resources.map(|one| (name(&one), one)).collect()
}

/// The lines of the snapshot after a change set.
pub fn lines_after(account: &[Value], changes: &[Value], more: Value) -> Vec<Value> {
    let mut set = json!({ "StackName": "web", "StackId": STACK, "Status": "CREATE_COMPLETE" });
    set["Changes"] =
        changes.iter().map(|one| json!({ "Type": "Resource", "ResourceChange": one })).collect();
    let set = with(set, more);
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    snapshot(&dir.path().join("night"), account);
    fs::write(at("set.json"), set.to_string()).unwrap();
    let (night, file, to) = (at("night"), at("set.json"), at("to"));
    let rule = ["--rule", "s3-bucket-versioning", "--fail-on", "none"];
    let ran =
        run(&[&["preview", "--snapshot", &night, "--change-set", &file, "--to", &to], &rule[..]]
            .concat());
    assert!(ran.code == 0 || ran.code == 3, "{set}: {}", ran.stderr);
    let lines = fs::read_to_string(dir.path().join("to/111122223333.jsonl")).unwrap();
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
}

/// A fact of a resource: its value, `unknown`, or `gone` if there is no such resource.
pub fn fact(resources: &Map<String, Value>, name: &str, path: &str) -> Value {
    let Some(resource) = resources.get(name) else { return "gone".into() };
    let starts = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let unreadable = resource["unreadable"].as_object().into_iter().flat_map(Map::keys);
    for known in unreadable.map(|known| known.replace('[', ".").replace(']', "")) {
        if starts(&known, path) || starts(path, &known) {
            return "unknown".into();
        }
    }
    let parts = path.split('.');
    parts
        .fold(&resource["facts"], |value, part| match part.parse::<usize>() {
            Ok(index) => &value[index],
            Err(_) => &value[part],
        })
        .clone()
}

/// A name of a case, its changes, and the resource, the fact and its value after them.
pub type Case<'a> = (&'a str, Vec<Value>, &'a str, &'a str, Value);

pub fn check(cases: Vec<Case<'_>>) {
    check_in(&account(), cases);
}

/// The same for another account.
pub fn check_in(account: &[Value], cases: Vec<Case<'_>>) {
    let mut wrong = Vec::new();
    for (about, changes, resource, path, expected) in cases {
        let found = fact(&after_in(account, &changes, json!({})), resource, path);
        if found != expected {
            wrong.push(format!("{about}: {resource} {path}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub fn unknown() -> Value {
    "unknown".into()
}

#[test]
fn parts_of_resources_that_are_not_named_are_unknown_for_all_of_them() {
    let (policy, ingress) = ("AWS::S3::BucketPolicy", "AWS::EC2::SecurityGroupIngress");
    let bare =
        |action: &str, name: &str, id: Option<&str>| vec![change(action, name, id, [None, None])];
    let open = json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*" }] });
    let of = |bucket: &str| {
        vec![add(policy, json!({ "Bucket": bucket, "PolicyDocument": open.clone() }))]
    };
    let by_name = json!({ "GroupName": "web", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" });
    let rule = |group: &str| json!({ "GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" });
    let new_bucket = || add("AWS::S3::Bucket", json!({}));
    let custom = || add("Custom::Lookup", json!({}));
    check(vec![
        (
            "removed",
            bare("Remove", policy, Some("acme-data")),
            "s3.bucket/acme-data",
            "policy",
            unknown(),
        ),
        (
            "removed, another",
            bare("Remove", policy, Some("acme-data")),
            "s3.bucket/acme-logs",
            "policy_status.is_public",
            json!(false),
        ),
        (
            "removed by an old id",
            bare("Remove", policy, Some("web-One-1ABC")),
            "s3.bucket/acme-logs",
            "policy",
            unknown(),
        ),
        ("added", bare("Add", policy, None), "s3.bucket/acme-data", "policy", unknown()),
        (
            "rule removed",
            bare("Remove", ingress, Some("sgr-1")),
            "ec2.security_group/sg-2",
            "ip_permissions",
            unknown(),
        ),
        (
            "rule added",
            bare("Add", ingress, None),
            "ec2.security_group/sg-2",
            "ip_permissions",
            unknown(),
        ),
        (
            "rule added, outbound",
            bare("Add", ingress, None),
            "ec2.security_group/sg-2",
            "ip_permissions_egress.0.ip_protocol",
            json!("-1"),
        ),
        (
            "rule by name",
            vec![add(ingress, by_name)],
            "ec2.security_group/sg-1",
            "ip_permissions",
            unknown(),
        ),
        (
            "resolved later",
            of("{{resolve:ssm:/bucket}}"),
            "s3.bucket/acme-data",
            "policy",
            unknown(),
        ),
        ("nothing new", of(LATER), "s3.bucket/acme-data", "policy", unknown()),
        (
            "new bucket",
            [of(LATER), vec![new_bucket()]].concat(),
            "s3.bucket/acme-data",
            "policy_status.is_public",
            json!(false),
        ),
        (
            "custom",
            [of(LATER), vec![new_bucket(), custom()]].concat(),
            "s3.bucket/acme-data",
            "policy",
            unknown(),
        ),
        (
            "rule of a new group",
            vec![
                add(ingress, rule(LATER)),
                add("AWS::EC2::SecurityGroup", json!({ "GroupDescription": "" })),
            ],
            "ec2.security_group/sg-1",
            "ip_permissions.0.from_port",
            json!(22),
        ),
        (
            "rule of any group",
            vec![add(ingress, rule("{{resolve:ssm:/group}}"))],
            "ec2.security_group/sg-1",
            "ip_permissions",
            unknown(),
        ),
    ]);
}

#[test]
fn what_is_removed_or_imported_stays_if_the_change_set_says_so() {
    let data = "s3.bucket/acme-data";
    let gone = || remove("AWS::S3::Bucket", "acme-data", json!({}));
    let context = |policy: Value| json!({ "BeforeContext": with(json!({ "Properties": { "BucketName": "acme-data" } }), policy).to_string() });
    let replaced = |more: Value| {
        let change = modify(
            "AWS::S3::Bucket",
            "acme-data",
            json!({ "BucketName": "acme-data" }),
            json!({ "BucketName": "acme-new" }),
        );
        with(change, with(json!({ "Replacement": "True" }), more))
    };
    let import =
        |sides: [Option<Value>; 2]| change("Import", "AWS::S3::Bucket", Some("acme-data"), sides);
    let properties = || {
        Some(
            json!({ "BucketName": "acme-data", "VersioningConfiguration": { "Status": "Suspended" } }),
        )
    };
    let status = "versioning.status";
    check(vec![
        ("deleted", vec![gone()], data, status, "gone".into()),
        (
            "retained",
            vec![with(gone(), json!({ "PolicyAction": "Retain" }))],
            data,
            status,
            json!("Enabled"),
        ),
        (
            "retained by the template",
            vec![with(gone(), context(json!({ "DeletionPolicy": "RetainExceptOnCreate" })))],
            data,
            status,
            json!("Enabled"),
        ),
        (
            "the change set decides",
            vec![with(
                with(gone(), context(json!({ "DeletionPolicy": "Retain" }))),
                json!({ "PolicyAction": "Delete" }),
            )],
            data,
            status,
            "gone".into(),
        ),
        ("replaced", vec![replaced(json!({}))], data, status, "gone".into()),
        (
            "replaced and retained",
            vec![replaced(json!({ "PolicyAction": "ReplaceAndRetain" }))],
            data,
            status,
            json!("Enabled"),
        ),
        (
            "replaced, new",
            vec![replaced(json!({ "PolicyAction": "ReplaceAndRetain" }))],
            "s3.bucket/acme-new",
            status,
            Value::Null,
        ),
        (
            "maybe replaced",
            vec![with(replaced(json!({})), json!({ "Replacement": "Conditional" }))],
            data,
            status,
            unknown(),
        ),
        (
            "dynamic",
            vec![change("Dynamic", "AWS::S3::Bucket", Some("acme-data"), [None, None])],
            data,
            status,
            unknown(),
        ),
        (
            "only recorded",
            vec![change(
                "SyncWithActual",
                "AWS::S3::Bucket",
                Some("acme-data"),
                [properties(), properties()],
            )],
            data,
            status,
            json!("Enabled"),
        ),
        ("imported", vec![import([None, properties()])], data, status, json!("Enabled")),
        (
            "imported, with both",
            vec![import([properties(), properties()])],
            data,
            status,
            json!("Enabled"),
        ),
        ("imported, tags", vec![import([None, properties()])], data, "tags", unknown()),
        (
            "another type",
            vec![change("Import", "AWS::EC2::RouteTable", Some("rtb-1"), [None, Some(json!({}))])],
            "ec2.route_table/rtb-1",
            "routes",
            json!([]),
        ),
        (
            "retained, not converted",
            vec![with(
                remove("AWS::EC2::RouteTable", "rtb-1", json!({})),
                json!({ "PolicyAction": "Retain" }),
            )],
            "ec2.route_table/rtb-1",
            "routes",
            json!([]),
        ),
    ]);
    let volume =
        with(remove("AWS::EC2::Volume", "vol-1", json!({})), json!({ "PolicyAction": "Snapshot" }));
    assert_eq!(fact(&after(&[volume], json!({})), "ec2.volume/vol-1", "size"), json!("gone"));
    let existing = json!({ "ImportExistingResources": true });
    assert_eq!(fact(&after(&[import([None, properties()])], existing), data, status), unknown());
}
