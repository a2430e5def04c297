//! `rolecall preview`: what a plan leaves of volumes, addresses and peering connections.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;
use crate::program::{run, text};

const LISTS: [&str; 3] = ["new_failures", "fixed", "not_known_until_apply"];

/// The numbers of findings in the lists.
fn counts(
    night: &[Value],
    changes: &[Value],
    arguments: &[(&str, Value)],
    rule: &str,
) -> [usize; 3] {
    let preview = preview_of(rule, Some(night), &plan(changes, arguments), rule);
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

fn volume(attachments: Value, state: &str, encrypted: bool) -> Value {
    json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": { "volume_id": "vol-1", "state": state, "encrypted": encrypted, "size": 8,
            "create_time": "2026-01-01T00:00:00Z", "attachments": attachments, "tags": {} },
    })
}

fn attached(on_termination: bool) -> Value {
    json!([{ "instance_id": "i-1", "device": "/dev/sdf", "state": "attached",
        "delete_on_termination": on_termination }])
}

#[test]
fn a_volume_that_is_detached_is_available() {
    let attachment = |skip: bool| {
        json!({ "region": "eu-west-1", "volume_id": "vol-1", "instance_id": "i-1",
            "device_name": "/dev/sdf", "skip_destroy": skip })
    };
    let night = [volume(attached(false), "in-use", true)];
    for (skip, expected) in [(false, [1, 0, 0]), (true, [0, 0, 0])] {
        let gone = change("aws_volume_attachment", attachment(skip), Value::Null, json!({}));
        assert_eq!(counts(&night, &[gone], &[], "ebs-volume-unattached"), expected, "{skip}");
    }
}

#[test]
fn volumes_of_an_instance_change_with_it() {
    let instance = |on_termination: bool| {
        json!({ "region": "eu-west-1", "id": "i-1", "ami": "ami-1", "root_block_device": [{
            "volume_id": "vol-1", "device_name": "/dev/sdf", "volume_size": 8,
            "delete_on_termination": on_termination }] })
    };
    let night = [
        volume(attached(false), "in-use", true),
        json!({ "kind": "ec2.instance", "id": "i-1", "facts": { "instance_id": "i-1" } }),
    ];
    let rule = "ebs-volume-delete-on-termination";
    let update = change("aws_instance", instance(false), instance(true), json!({}));
    assert_eq!(counts(&night, &[update], &[], rule), [0, 1, 0]);
    // A volume that stays is what it was.
    let gone = change("aws_instance", instance(false), Value::Null, json!({}));
    assert_eq!(counts(&night, &[gone], &[], "ebs-volume-unattached"), [1, 0, 0]);
}

#[test]
fn a_snapshot_is_encrypted_as_its_volume_is() {
    let after = json!({ "region": "eu-west-1", "volume_id": "vol-1" });
    let unknown = json!({ "id": true, "encrypted": true, "kms_key_id": true, "owner_id": true });
    let created = [change("aws_ebs_snapshot", Value::Null, after, unknown)];
    for (encrypted, expected) in [(true, [0, 0, 0]), (false, [1, 0, 0])] {
        let night = [volume(attached(false), "in-use", encrypted)];
        let found = counts(&night, &created, &[], "ebs-snapshot-encrypted");
        assert_eq!(found, expected, "{encrypted}");
    }
}

#[test]
fn an_address_is_associated_if_something_uses_it() {
    let rule = "ec2-eip-unassociated";
    let night = [json!({
        "kind": "ec2.address", "id": "eipalloc-1",
        "facts": { "allocation_id": "eipalloc-1", "domain": "vpc", "association_id": "eipassoc-1",
            "instance_id": "i-1", "network_interface_id": "eni-1", "public_ip": "192.0.2.1", "tags": {} },
    })];
    let association = json!({ "region": "eu-west-1", "id": "eipassoc-1",
        "allocation_id": "eipalloc-1", "instance_id": "i-1" });
    let gone = [change("aws_eip_association", association, Value::Null, json!({}))];
    assert_eq!(counts(&night, &gone, &[], rule), [1, 0, 0]);

    let new = change(
        "aws_eip",
        Value::Null,
        json!({ "region": "eu-west-1", "domain": "vpc" }),
        json!({ "id": true, "allocation_id": true }),
    );
    let gateway = |unknown: Value| {
        let after = json!({ "region": "eu-west-1", "subnet_id": "subnet-1", "allocation_id": "eipalloc-1" });
        change("aws_nat_gateway", Value::Null, after, unknown)
    };
    let refers = json!({ "references": ["aws_eip.a.id", "aws_eip.a"] });
    let secondary = [("aws_nat_gateway", json!({ "secondary_allocation_ids": refers }))];
    let none = [("aws_nat_gateway", json!({ "subnet_id": {} }))];
    let unknown = json!({ "id": true, "secondary_allocation_ids": true });
    // A gateway in one zone has no addresses of its own.
    let changes = [new, gateway(unknown)];
    assert_eq!(counts(&[], &changes, &secondary, rule), [0, 0, 1]);
    assert_eq!(counts(&[], &changes, &none, rule), [1, 0, 0]);
}

#[test]
fn options_of_the_accepter_are_those_of_the_connection() {
    let vpc = |id: &str, on: bool| {
        json!({ "vpc_id": id, "owner_id": "111122223333", "region": "eu-west-1",
            "peering_options": { "allow_dns_resolution_from_remote_vpc": on } })
    };
    let night = [json!({
        "kind": "ec2.vpc_peering_connection", "id": "pcx-1",
        "facts": { "vpc_peering_connection_id": "pcx-1", "status": { "code": "active" },
            "requester_vpc_info": vpc("vpc-1", true), "accepter_vpc_info": vpc("vpc-2", true), "tags": {} },
    })];
    let accepter = |on: bool| {
        json!({ "region": "eu-west-1", "id": "pcx-1", "vpc_peering_connection_id": "pcx-1",
            "accepter": [{ "allow_remote_vpc_dns_resolution": on }] })
    };
    let of = "aws_vpc_peering_connection_accepter";
    let update = [change(of, accepter(true), accepter(false), json!({}))];
    assert_eq!(counts(&night, &update, &[], "vpc-peering-dns-resolution"), [1, 0, 0]);
    let gone = [change(of, accepter(true), Value::Null, json!({}))];
    assert_eq!(counts(&night, &gone, &[], "vpc-peering-dns-resolution"), [0, 0, 0]);
}

#[test]
fn dhcp_options_of_a_vpc_leave_the_rest_of_it_known() {
    let vpc = json!({ "kind": "ec2.vpc", "id": "vpc-1", "facts": {
        "vpc_id": "vpc-1", "is_default": true, "dhcp_options_id": "dopt-1", "tags": {} } });
    let planned = json!({ "region": "eu-west-1", "vpc_id": "vpc-1", "dhcp_options_id": "dopt-2" });
    let of = "aws_vpc_dhcp_options_association";
    let created = [change(of, Value::Null, planned, json!({ "id": true }))];
    let after = after(&[vpc], &created);
    assert!(after.contains("dopt-2") && !after.contains("which VPCs exist"), "{after}");
}

#[test]
fn tags_of_volumes_are_those_of_the_instance() {
    let instance = |tags: Value| {
        json!({ "region": "eu-west-1", "id": "i-1", "ami": "ami-1", "volume_tags": tags,
            "root_block_device": [{ "volume_id": "vol-1", "device_name": "/dev/sdf",
                "volume_size": 8, "delete_on_termination": false }] })
    };
    let update =
        change("aws_instance", instance(json!({})), instance(json!({ "a": "b" })), json!({}));
    let night = [volume(attached(false), "in-use", true)];
    let after = after(&night, &[update]);
    assert!(after.contains(r#""tags":{"a":"b"}"#), "{after}");
}

/// The provider resets the policy, to one that allows everything.
#[test]
fn an_endpoint_without_a_policy_of_its_own_allows_everything() {
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalAccount": "111122223333" } },
    }] });
    let night = [json!({
        "kind": "ec2.vpc_endpoint", "id": "vpce-1",
        "facts": {
            "vpc_endpoint_id": "vpce-1", "vpc_endpoint_type": "Gateway", "vpc_id": "vpc-1", "state": "available",
            "service_name": "com.amazonaws.eu-west-1.s3", "owner_id": "111122223333", "requester_managed": false,
            "private_dns_enabled": false, "route_table_ids": [], "subnet_ids": [], "groups": [], "tags": {},
            "policy_document": { "document": document },
        },
    })];
    let of = |policy: Value| json!({ "region": "eu-west-1", "id": "vpce-1", "vpc_endpoint_id": "vpce-1", "policy": policy });
    let own = || of(document.to_string().into());
    let deleted = || change("aws_vpc_endpoint_policy", own(), Value::Null, json!({}));
    let emptied = || change("aws_vpc_endpoint_policy", own(), of("".into()), json!({}));
    let kept = || change("aws_vpc_endpoint_policy", own(), own(), json!({}));
    for rule in ["vpc-endpoint-policy-full-access", "vpc-endpoint-policy-trusted"] {
        assert_eq!(counts(&night, &[deleted()], &[], rule), [1, 0, 0], "{rule}");
        assert_eq!(counts(&night, &[emptied()], &[], rule), [1, 0, 0], "{rule}");
        assert_eq!(counts(&night, &[kept()], &[], rule), [0, 0, 0], "{rule}");
    }
}

/// The provider always sends `private_dns_enabled`.
#[test]
fn a_new_endpoint_has_private_dns_if_it_says_so() {
    let of = |kind: &str, private: Value| {
        let unknown =
            json!({ "id": true, "private_dns_enabled": private.is_null(), "policy": true });
        let after = json!({ "region": "eu-west-1", "vpc_id": "vpc-1", "vpc_endpoint_type": kind,
            "service_name": "com.amazonaws.eu-west-1.ssm", "private_dns_enabled": private });
        change("aws_vpc_endpoint", Value::Null, after, unknown)
    };
    let refers = json!({ "private_dns_enabled": { "references": ["null_resource.x.id", "null_resource.x"] } });
    for (kind, private, arguments, expected) in [
        ("Interface", Value::Null, json!({}), Some(false)),
        ("Interface", json!(true), json!({ "private_dns_enabled": {} }), Some(true)),
        ("Interface", Value::Null, refers.clone(), None),
        ("Gateway", Value::Null, json!({}), Some(false)),
        ("GatewayLoadBalancer", Value::Null, json!({}), Some(false)),
    ] {
        let json = plan(&[of(kind, private)], &[("aws_vpc_endpoint", arguments)]);
        let after = after_plan(&[], &json);
        let is = |value: bool| after.contains(&format!(r#""private_dns_enabled":{value}"#));
        let found = [true, false].into_iter().find(|value| is(*value));
        assert_eq!(found, expected, "{kind}: {after}");
    }
}

/// The snapshot after a plan.
fn after(night: &[Value], changes: &[Value]) -> String {
    after_plan(night, &plan(changes, &[]))
}

fn after_plan(night: &[Value], plan: &Value) -> String {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file, to) =
        (dir.path().join("night"), dir.path().join("plan.json"), dir.path().join("after"));
    snapshot(&folder, night);
    fs::write(&file, plan.to_string()).unwrap();
    let args = ["preview", "--snapshot", text(&folder), "--plan", text(&file), "--to", text(&to)];
    let ran = run(&args);
    fs::read_to_string(to.join("111122223333.jsonl")).unwrap_or(ran.stderr)
}

/// The provider sends the other metadata options only together with an endpoint that is enabled.
#[test]
fn options_of_an_endpoint_that_is_disabled_stay() {
    let options = |tokens: &str, endpoint: &str| {
        json!({ "id": "i-1", "region": "eu-west-1", "ami": "ami-1",
            "metadata_options": [{ "http_tokens": tokens, "http_endpoint": endpoint }] })
    };
    let night = [json!({
        "kind": "ec2.instance", "id": "i-1",
        "facts": {
            "instance_id": "i-1", "state": { "name": "running" }, "tags": {},
            "metadata_options": { "http_tokens": "optional", "http_endpoint": "enabled" },
        },
    })];
    for (endpoint, expected) in [("disabled", "optional"), ("enabled", "required")] {
        let (before, after) = (options("optional", "enabled"), options("required", endpoint));
        let json = plan(&[change("aws_instance", before, after, json!({}))], &[]);
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| text(&dir.path().join(name)).to_owned();
        snapshot(&dir.path().join("night"), &night);
        fs::write(at("plan.json"), json.to_string()).unwrap();
        let (night, file, to) = (at("night"), at("plan.json"), at("to"));
        let rule = ["--rule", "ec2-instance-imdsv2", "--to", &to];
        run(&[&["preview", "--snapshot", &night, "--plan", &file], &rule[..]].concat());
        let lines = fs::read_to_string(dir.path().join("to/111122223333.jsonl")).unwrap();
        let mut lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let instance = lines.find(|line| line["id"] == "i-1").unwrap();
        let options = &instance["facts"]["metadata_options"];
        assert_eq!(options["http_tokens"], expected, "{options}");
        assert_eq!(options["http_endpoint"], endpoint, "{options}");
    }
}
