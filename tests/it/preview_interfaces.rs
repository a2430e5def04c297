//! `rolecall preview`: network interfaces that instances are launched with, or that are attached later.

use serde_json::{Value, json};

use crate::preview_change_set as change_set;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

/// An interface that a new instance has, whether the plan makes it or it exists.
#[test]
fn an_interface_of_a_new_instance_is_attached() {
    const ENI: &str = "aws_network_interface";
    let new = || {
        let interface = json!({ "region": "eu-west-1", "subnet_id": "subnet-1",
            "security_groups": ["sg-1"], "source_dest_check": true });
        change(ENI, Value::Null, interface, json!({ "id": true, "attachment": true }))
    };
    let existing = || {
        json!({
            "kind": "ec2.network_interface", "id": "eni-1",
            "facts": {
                "network_interface_id": "eni-1", "status": "available", "attachment": null, "tags": {},
                "owner_id": "111122223333", "requester_managed": false, "groups": [],
            },
        })
    };
    let refers = json!({ "references": [format!("{ENI}.a.id"), format!("{ENI}.a")] });
    let known = json!({ "constant_value": "eni-1" });
    let launched = |block: Option<(&str, Value)>, unknown: Value| {
        let mut instance = json!({ "region": "eu-west-1", "ami": "ami-1" });
        if let Some((name, block)) = block {
            instance[name] = json!([block]);
        }
        change("aws_instance", Value::Null, instance, unknown)
    };
    let block = |index: bool, id: &Value| {
        let mut block = json!({ "network_interface_id": id });
        if index {
            block["device_index"] = json!(0);
        }
        block
    };
    let unknown = |name: &str| json!({ "id": true, name: [{ "network_interface_id": true }] });
    let (old, primary) = ("network_interface", "primary_network_interface");
    let argument = |name: &str, id: &Value| {
        vec![("aws_instance", json!({ name: [{ "network_interface_id": id }] })), (ENI, json!({}))]
    };
    let id = json!({ "id": true });
    for (name, night, changes, arguments, expected) in [
        (
            "a block",
            vec![],
            vec![new(), launched(Some((old, block(true, &Value::Null))), unknown(old))],
            argument(old, &refers),
            0,
        ),
        (
            "the primary one",
            vec![],
            vec![new(), launched(Some((primary, json!({}))), unknown(primary))],
            argument(primary, &refers),
            0,
        ),
        (
            "one that exists",
            vec![existing()],
            vec![launched(Some((primary, block(false, &json!("eni-1")))), id.clone())],
            argument(primary, &known),
            0,
        ),
        ("none", vec![], vec![new(), launched(None, id)], vec![(ENI, json!({}))], 1),
    ] {
        let preview = preview_of(name, Some(&night), &plan(&changes, &arguments), "ec2-eni-unused");
        // Which other interfaces an instance brings along is not known.
        let list = |list: &str| {
            let all = preview[list].as_array().unwrap().iter();
            all.filter(|one| !one["resource"]["id"].is_null()).count()
        };
        assert_eq!(list("new_failures"), expected, "{name}: {preview}");
        assert_eq!(list("not_known_until_apply"), 0, "{name}: {preview}");
    }
}

/// An attachment of a new interface changes the instance that it names, and no other.
#[test]
fn a_new_interface_concerns_only_its_instance() {
    let instance = |id: &str| {
        json!({
            "kind": "ec2.instance", "id": id,
            "facts": {
                "instance_id": id, "state": { "name": "running" }, "security_groups": [], "tags": {},
                "vpc_id": "vpc-1", "block_device_mappings": [], "network_interfaces": [],
            },
        })
    };
    let later = "{{changeSet:KNOWN_AFTER_APPLY}}";
    let interface = change_set::add(
        "AWS::EC2::NetworkInterface",
        json!({ "SubnetId": "subnet-1", "GroupSet": ["sg-1"] }),
    );
    let attached = |to: &str| {
        let properties =
            json!({ "DeviceIndex": "1", "InstanceId": to, "NetworkInterfaceId": later });
        change_set::add("AWS::EC2::NetworkInterfaceAttachment", properties)
    };
    let (known, unknown) = (json!([]), Value::from("unknown"));
    for (name, changes, expected) in [
        ("alone", vec![interface.clone()], [&known, &known]),
        ("attached", vec![interface.clone(), attached("i-1")], [&unknown, &known]),
        ("attached to any", vec![interface, attached("{{resolve:ssm:id}}")], [&unknown, &unknown]),
    ] {
        let night = [instance("i-1"), instance("i-2")];
        let found = change_set::after_in(&night, &changes, json!({}));
        for (id, expected) in ["i-1", "i-2"].into_iter().zip(expected) {
            let name_of = format!("ec2.instance/{id}");
            let value = change_set::fact(&found, &name_of, "network_interfaces");
            assert_eq!(value, *expected, "{name}: {id}");
        }
    }
}

/// An address concerns the instance and the interface that use it, whichever of them the plan names.
#[test]
fn an_address_concerns_only_what_uses_it() {
    let instance = |id: &str, eni: &str| {
        json!({
            "kind": "ec2.instance", "id": id,
            "facts": {
                "instance_id": id, "state": { "name": "running" }, "tags": {}, "security_groups": [],
                "public_ip_address": "192.0.2.1", "block_device_mappings": [],
                "network_interfaces": [{
                    "network_interface_id": eni, "groups": [], "private_ip_addresses": [], "ipv6_addresses": [],
                }],
            },
        })
    };
    let night = [instance("i-1", "eni-1"), instance("i-2", "eni-2")];
    let address = |instance: Value, interface: Value, tag: &str| {
        json!({ "region": "eu-west-1", "id": "eipalloc-1", "allocation_id": "eipalloc-1", "domain": "vpc",
            "instance": instance, "network_interface": interface, "tags": { "Name": tag } })
    };
    let (i, eni, none) = (json!("i-1"), json!("eni-1"), Value::Null);
    let gone = |own: Value| change("aws_eip", own, Value::Null, json!({}));
    let moved = change(
        "aws_eip",
        address("i-1".into(), Value::Null, "a"),
        address("i-2".into(), Value::Null, "a"),
        json!({}),
    );
    let tagged = change(
        "aws_eip",
        address("i-1".into(), "eni-1".into(), "a"),
        address("i-1".into(), "eni-1".into(), "b"),
        json!({}),
    );
    let association = json!({ "region": "eu-west-1", "id": "eipassoc-1", "allocation_id": "eipalloc-1",
        "network_interface_id": "eni-1" });
    let detached = change("aws_eip_association", association, Value::Null, json!({}));
    for (name, changed, expected) in [
        ("of an instance", gone(address(i.clone(), none.clone(), "a")), vec!["i-1"]),
        ("of an interface", gone(address(none.clone(), eni.clone(), "a")), vec!["i-1"]),
        ("of another interface", gone(address(none, "eni-9".into(), "a")), vec![]),
        ("of both", gone(address(i, eni, "a")), vec!["i-1"]),
        ("an association", detached, vec!["i-1"]),
        ("moved", moved, vec!["i-1", "i-2"]),
        ("tagged", tagged, vec![]),
    ] {
        let json = plan(&[changed], &[]);
        let preview = preview_of(name, Some(&night), &json, "ec2-instance-public-ip");
        let all = preview["not_known_until_apply"].as_array().unwrap().iter();
        let found: Vec<&str> = all.filter_map(|one| one["resource"]["id"].as_str()).collect();
        assert_eq!(found, expected, "{name}: {preview}");
    }
}

/// Only what decides on the interfaces of an endpoint makes their list unknown.
#[test]
fn an_endpoint_keeps_its_interfaces() {
    let endpoint = |subnet: &str, private: bool, tag: &str| {
        json!({
            "region": "eu-west-1", "id": "vpce-1", "vpc_endpoint_type": "Interface", "vpc_id": "vpc-1",
            "service_name": "com.amazonaws.eu-west-1.ssm", "private_dns_enabled": private,
            "subnet_ids": [subnet], "security_group_ids": ["sg-1"], "tags": { "Name": tag }, "policy": null,
        })
    };
    for (name, after, expected) in [
        ("tags", endpoint("subnet-1", true, "b"), 0),
        ("private DNS", endpoint("subnet-1", false, "a"), 0),
        ("a subnet", endpoint("subnet-2", true, "a"), 1),
    ] {
        let before = endpoint("subnet-1", true, "a");
        let changed = change("aws_vpc_endpoint", before, after, json!({}));
        let preview = preview_of(name, Some(&[]), &plan(&[changed], &[]), "ec2-eni-unused");
        let found = preview["not_known_until_apply"].as_array().unwrap().len();
        assert_eq!(found, expected, "{name}: {preview}");
    }
}
