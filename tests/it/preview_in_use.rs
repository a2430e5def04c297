//! `rolecall preview`: security groups that EC2 does not delete, because something uses them.

use serde_json::{Value, json};

use crate::preview_change_set as change_set;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

const RULE: &str = "sg-ingress-remote-admin-ipv4";
const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

/// The findings in each list.
fn counts(preview: &Value) -> [usize; 4] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

/// A security group that lets the internet in.
fn open_group() -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333",
            "description": "", "tags": {}, "ip_permissions_egress": [],
            "ip_permissions": [{
                "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }],
                "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
            }],
        },
    })
}

/// An instance in the group.
fn instance() -> Value {
    let groups = json!([{ "group_id": "sg-1", "group_name": "web" }]);
    json!({
        "kind": "ec2.instance", "id": "i-1",
        "facts": {
            "instance_id": "i-1", "state": { "name": "running" }, "security_groups": groups, "tags": {},
            "vpc_id": "vpc-1", "block_device_mappings": [],
            "network_interfaces": [{
                "network_interface_id": "eni-1", "groups": groups, "vpc_id": "vpc-1",
                "private_ip_addresses": [], "ipv6_addresses": [],
            }],
        },
    })
}

fn planned(name: &str, id: Value) -> Value {
    json!({
        "id": id, "region": "eu-west-1", "name": name, "description": "", "vpc_id": "vpc-1", "owner_id": "111122223333",
        "ingress": [{
            "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "description": "",
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
        }],
        "egress": [], "tags": {},
    })
}

#[test]
fn a_group_that_an_instance_uses_is_not_deleted() {
    let of = "aws_security_group";
    let own = || planned("web", "sg-1".into());
    let deleted = || change(of, own(), Value::Null, json!({}));
    let mut replaced = change(of, own(), planned("web2", Value::Null), json!({ "id": true }));
    replaced["change"]["actions"] = json!(["create", "delete"]);
    let member = |groups: &[&str]| {
        json!({
            "id": "i-1", "region": "eu-west-1", "ami": "ami-1", "primary_network_interface_id": "eni-1",
            "vpc_security_group_ids": groups,
        })
    };
    let terminated = change("aws_instance", member(&["sg-1"]), Value::Null, json!({}));
    let moved = change("aws_instance", member(&["sg-1"]), member(&["sg-2"]), json!({}));
    let scaled = |size: u8| json!({ "id": "web", "region": "eu-west-1", "name": "web", "desired_capacity": size });
    let scaling = change("aws_autoscaling_group", scaled(2), scaled(1), json!({}));
    let rule = change(
        "aws_vpc_security_group_ingress_rule",
        json!({
            "id": "sgr-1", "region": "eu-west-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
            "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
        }),
        Value::Null,
        json!({}),
    );
    // The instance moves to the new group, but is updated only after that is created.
    let mut deleted_first = replaced.clone();
    deleted_first["change"]["actions"] = json!(["delete", "create"]);
    let joins = change("aws_instance", member(&["sg-1"]), member(&["sg-2"]), json!({}));
    // What adds instances frees none.
    let nodes = change(
        "aws_eks_node_group",
        Value::Null,
        json!({ "region": "eu-west-1", "node_group_name": "a", "subnet_ids": ["subnet-1"] }),
        json!({ "id": true }),
    );
    // What attaches the group is destroyed before it.
    let attachment = |id: Value| json!({ "id": id, "region": "eu-west-1", "security_group_id": "sg-1", "network_interface_id": "eni-1" });
    let mut attached = change(
        "aws_network_interface_sg_attachment",
        attachment("sg-1_eni-1".into()),
        attachment(Value::Null),
        json!({ "id": true }),
    );
    attached["change"]["actions"] = json!(["delete", "create"]);
    let used = || vec![open_group(), instance()];
    for (name, night, changes, is_refused, expected) in [
        ("used", used(), vec![deleted()], true, [0, 0, 0, 0]),
        ("replaced", used(), vec![replaced.clone()], true, [1, 0, 0, 0]),
        ("beside what adds instances", used(), vec![deleted(), nodes], true, [0, 0, 0, 0]),
        (
            "attached by what is replaced",
            used(),
            vec![deleted_first.clone(), joins.clone(), attached],
            false,
            [0, 0, 0, 0],
        ),
        ("created first", used(), vec![replaced, joins.clone()], false, [0, 0, 0, 0]),
        ("deleted first", used(), vec![deleted_first.clone(), joins], true, [1, 0, 0, 0]),
        (
            "deleted after the instance",
            used(),
            vec![deleted_first, terminated.clone()],
            false,
            [0, 0, 0, 0],
        ),
        ("its rules go", used(), vec![deleted(), rule], true, [0, 0, 1, 0]),
        ("not used", vec![open_group()], vec![deleted()], false, [0, 1, 0, 0]),
        ("used by what is deleted", used(), vec![deleted(), terminated], false, [0, 1, 0, 0]),
        ("used by what leaves it", used(), vec![deleted(), moved], false, [0, 1, 0, 0]),
        (
            "used by what can be deleted",
            used(),
            vec![deleted(), scaling.clone()],
            false,
            [0, 1, 0, 0],
        ),
    ] {
        let preview = preview_of(name, Some(&night), &plan(&changes, &[]), RULE);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
        let refused = preview["refused"].as_array().unwrap();
        assert_eq!(refused.len(), usize::from(is_refused), "{name}: {preview}");
        if let Some(refused) = refused.first() {
            let until = match name {
                "deleted first" => "; with `create_before_destroy`, it is updated before",
                _ => "",
            };
            let user = if until.is_empty() { "i-1" } else { "aws_instance.a (i-1)" };
            let expected = format!(
                "EC2 will refuse to delete the security group (DependencyViolation): {user} uses it{until}"
            );
            assert_eq!(refused["message"], json!(expected), "{name}");
            assert_eq!(refused["id"], "sg-1", "{name}");
            assert_eq!(refused["addresses"][0], "aws_security_group.a", "{name}");
        }
    }
    // The instance uses it, or does not exist any more.
    let json = plan(&[deleted(), scaling], &[]);
    let rule = "ec2-instance-default-security-group";
    let preview = preview_of("instance", Some(&used()), &json, rule);
    assert_eq!(counts(&preview)[3], 0, "{preview}");
    let text = preview["not_known_until_apply"].to_string();
    assert!(text.contains("because of aws_security_group.a"), "{preview}");
}

/// CloudFormation deletes what it replaced or removed at last, and leaves what it cannot delete.
#[test]
fn a_stack_leaves_a_group_that_an_instance_uses() {
    let properties = |name: &str| json!({ "GroupDescription": name, "VpcId": "vpc-1" });
    let of = "AWS::EC2::SecurityGroup";
    let mut replaced = change_set::modify(of, "sg-1", properties("a"), properties("b"));
    replaced["Replacement"] = "True".into();
    let removed = change_set::remove(of, "sg-1", properties("a"));
    for (name, changed) in [("replaced", replaced), ("removed", removed)] {
        for (night, expected) in
            [(vec![open_group(), instance()], "tcp"), (vec![open_group()], "gone")]
        {
            let found = change_set::after_in(&night, std::slice::from_ref(&changed), json!({}));
            let path = "ip_permissions.0.ip_protocol";
            let found = change_set::fact(&found, "ec2.security_group/sg-1", path);
            assert_eq!(found, expected, "{name}");
        }
    }
}

/// A volume that an instance has, as the plan and the snapshot know it.
fn attached_volume(instance: &str, state: &str) -> [Value; 2] {
    let known = json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": {
            "volume_id": "vol-1", "encrypted": false, "state": "in-use", "tags": {},
            "attachments": [{ "instance_id": instance, "device": "/dev/sdf", "state": state }],
        },
    });
    let planned = json!({
        "id": "vol-1", "region": "eu-west-1", "encrypted": false, "size": 8,
        "availability_zone": "eu-west-1a",
    });
    [known, planned]
}

#[test]
fn a_volume_that_is_attached_is_not_deleted() {
    let of = "aws_ebs_volume";
    let rule = "ebs-volume-encrypted";
    let [volume, planned] = attached_volume("i-1", "attached");
    let [detaching, _] = attached_volume("i-1", "detaching");
    let [elsewhere, _] = attached_volume("i-2", "attached");
    let deleted = || change(of, planned.clone(), Value::Null, json!({}));
    let new = json!({ "region": "eu-west-1", "encrypted": true, "size": 8, "availability_zone": "eu-west-1a" });
    let mut replaced = change(of, planned.clone(), new, json!({ "id": true }));
    replaced["change"]["actions"] = json!(["delete", "create"]);
    let member = json!({ "id": "i-1", "region": "eu-west-1", "ami": "ami-1" });
    let terminated = change("aws_instance", member, Value::Null, json!({}));
    let attachment = json!({
        "id": "vai-1", "region": "eu-west-1", "volume_id": "vol-1", "instance_id": "i-1", "device_name": "/dev/sdf",
    });
    let detached = change("aws_volume_attachment", attachment, Value::Null, json!({}));
    let scaled = |size: u8| json!({ "id": "web", "region": "eu-west-1", "name": "web", "desired_capacity": size });
    let scaling = change("aws_autoscaling_group", scaled(2), scaled(1), json!({}));
    let night = |volume: &Value| vec![volume.clone(), instance()];
    for (name, night, changes, is_refused, expected) in [
        ("attached", night(&volume), vec![deleted()], true, [0, 0, 0, 0]),
        ("replaced", night(&volume), vec![replaced], true, [0, 0, 0, 0]),
        ("detaching", night(&detaching), vec![deleted()], false, [0, 1, 0, 0]),
        ("of an unknown instance", night(&elsewhere), vec![deleted()], false, [0, 1, 0, 0]),
        ("terminated", night(&volume), vec![deleted(), terminated], false, [0, 1, 0, 0]),
        ("detached", night(&volume), vec![deleted(), detached], false, [0, 1, 0, 0]),
        ("can be terminated", night(&volume), vec![deleted(), scaling], false, [0, 1, 0, 0]),
    ] {
        let preview = preview_of(name, Some(&night), &plan(&changes, &[]), rule);
        let mut found = counts(&preview);
        // Which other volumes exist is another question.
        found[2] -= preview["not_known_until_apply"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["resource"]["id"].is_null())
            .count();
        assert_eq!(found, expected, "{name}: {preview}");
        let refused = preview["refused"].as_array().unwrap();
        assert_eq!(refused.len(), usize::from(is_refused), "{name}: {preview}");
        if let Some(refused) = refused.first() {
            let expected =
                "EC2 will refuse to delete the volume (VolumeInUse): it is attached to i-1";
            assert_eq!(refused["message"], expected, "{name}");
            assert_eq!(refused["id"], "vol-1", "{name}");
        }
    }
}
