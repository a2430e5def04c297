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

/// A new instance with an interface of the plan, or one that exists, has its network.
#[test]
fn a_new_instance_has_the_network_of_its_interface() {
    const ENI: &str = "aws_network_interface";
    let subnet = |ipv6: bool| {
        json!({
            "kind": "ec2.subnet", "id": "subnet-1",
            "facts": { "subnet_id": "subnet-1", "vpc_id": "vpc-1", "map_public_ip_on_launch": true,
                "assign_ipv6_address_on_creation": ipv6, "tags": {} },
        })
    };
    let new = |more: Value| {
        let mut after = json!({
            "region": "eu-west-1", "subnet_id": "subnet-1", "security_groups": ["sg-1"], "source_dest_check": true,
        });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut unknown = json!({ "id": true, "attachment": true, "private_ips": true, "private_ips_count": true,
            "private_ip_list": true, "ipv4_prefixes": true, "ipv4_prefix_count": true, "ipv6_addresses": true,
            "ipv6_address_count": true, "ipv6_address_list": true, "ipv6_prefixes": true, "ipv6_prefix_count": true });
        for name in more.as_object().unwrap().keys() {
            unknown[name] = false.into();
        }
        change(ENI, Value::Null, after, unknown)
    };
    let existing = |association: Value| {
        json!({
            "kind": "ec2.network_interface", "id": "eni-1",
            "facts": {
                "network_interface_id": "eni-1", "status": "available", "attachment": null, "tags": {},
                "owner_id": "111122223333", "subnet_id": "subnet-1", "vpc_id": "vpc-1",
                "groups": [{ "group_id": "sg-1", "group_name": "default" }], "ipv6_addresses": [],
                "private_ip_addresses": [], "association": association,
            },
        })
    };
    let instance = |id: Value, blocks: usize| {
        let unknown = id.is_null();
        let block = json!({ "device_index": 0, "network_interface_id": id });
        let more = json!({ "device_index": 1, "network_interface_id": "eni-9" });
        let all = if blocks == 1 { json!([block]) } else { json!([block, more]) };
        let after = json!({ "region": "eu-west-1", "ami": "ami-1", "network_interface": all });
        let unknown = json!({
            "id": true, "vpc_security_group_ids": true, "security_groups": true, "subnet_id": true,
            "associate_public_ip_address": true, "private_ip": true, "ipv6_addresses": true,
            "network_interface": [{ "network_interface_id": unknown }, {}],
        });
        change("aws_instance", Value::Null, after, unknown)
    };
    let eip = {
        let after = json!({ "region": "eu-west-1", "domain": "vpc" });
        change("aws_eip", Value::Null, after, json!({ "id": true, "network_interface": true }))
    };
    let refers = json!({ "references": [format!("{ENI}.a.id"), format!("{ENI}.a")] });
    let arguments = [
        ("aws_instance", json!({ "network_interface": [{ "network_interface_id": refers }] })),
        (ENI, json!({ "subnet_id": {}, "security_groups": {} })),
        ("aws_eip", json!({ "network_interface": refers })),
    ];
    let group = crate::preview_causes::group("sg-1", "default");
    let address = |public: &str| json!({ "public_ip": public, "ip_owner_id": "amazon" });
    let (public, groups) = ("ec2-instance-public-ip", "ec2-instance-default-security-group");
    let of_new = |more: Value| vec![new(more), instance(Value::Null, 1)];
    let named = || vec![instance("eni-1".into(), 1)];
    for (name, night, changes, rule, expected) in [
        ("new", vec![], of_new(json!({})), public, [0, 0]),
        ("its groups", vec![], of_new(json!({})), groups, [1, 0]),
        ("with an address", vec![], [of_new(json!({})), vec![eip]].concat(), public, [0, 1]),
        ("that exists", vec![existing(Value::Null)], named(), public, [0, 0]),
        ("that is public", vec![existing(address("192.0.2.1"))], named(), public, [1, 0]),
        ("groups of that", vec![existing(Value::Null)], named(), groups, [1, 0]),
        ("not in the snapshot", vec![], named(), public, [0, 1]),
        (
            "one of two",
            vec![existing(Value::Null)],
            vec![instance("eni-1".into(), 2)],
            groups,
            [0, 1],
        ),
    ] {
        let night = [night, vec![subnet(false), group.clone()]].concat();
        let preview = preview_of(name, Some(&night), &plan(&changes, &arguments), rule);
        let of = |list: &str| {
            let all = preview[list].as_array().unwrap().iter();
            all.filter(|one| one["resource"]["id"] == "aws_instance.a").count()
        };
        assert_eq!(
            [of("new_failures"), of("not_known_until_apply")],
            expected,
            "{name}: {preview}"
        );
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
