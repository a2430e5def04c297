//! `rolecall preview`: what a plan takes over, such as default security groups, is what exists.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};

fn permission(range: &str) -> Value {
    json!([{
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": range }],
        "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    }])
}

fn group(id: &str, name: &str, vpc: &str, range: &str) -> Value {
    json!({
        "kind": "ec2.security_group", "id": id,
        "facts": {
            "group_id": id, "group_name": name, "vpc_id": vpc, "owner_id": "111122223333", "description": "",
            "tags": { "aws:cloudformation:stack-name": "net", "kept": "no" },
            "ip_permissions": permission(range), "ip_permissions_egress": [],
        },
    })
}

fn entry(number: i64, action: &str) -> Value {
    json!({ "rule_number": number, "egress": false, "rule_action": action, "protocol": "-1", "cidr_block": "0.0.0.0/0" })
}

fn acl(id: &str, vpc: &str, is_default: bool, entries: &[Value], subnets: &[&str]) -> Value {
    let associations: Vec<Value> = subnets
        .iter()
        .map(
            |id| json!({ "subnet_id": id, "network_acl_association_id": format!("aclassoc-{id}") }),
        )
        .collect();
    json!({
        "kind": "ec2.network_acl", "id": id,
        "facts": {
            "network_acl_id": id, "vpc_id": vpc, "owner_id": "111122223333", "is_default": is_default, "tags": {},
            "entries": entries, "associations": associations,
        },
    })
}

fn table(gateway: &str) -> Value {
    json!({
        "kind": "ec2.route_table", "id": "rtb-1",
        "facts": {
            "route_table_id": "rtb-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {}, "propagating_vgws": [],
            "associations": [{ "main": true }],
            "routes": [
                { "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local", "state": "active" },
                { "destination_cidr_block": "0.0.0.0/0", "gateway_id": gateway, "state": "active" },
            ],
        },
    })
}

fn subnet(id: &str, zone: &str, is_default: bool) -> Value {
    json!({
        "kind": "ec2.subnet", "id": id,
        "facts": {
            "subnet_id": id, "vpc_id": "vpc-1", "owner_id": "111122223333", "availability_zone": zone, "tags": {},
            "default_for_az": is_default, "map_public_ip_on_launch": false, "cidr_block": "10.0.1.0/24", "ipv6_native": false,
            "ipv6_cidr_block_association_set": [], "assign_ipv6_address_on_creation": false, "state": "available",
        },
    })
}

fn vpc(id: &str, is_default: bool) -> Value {
    json!({
        "kind": "ec2.vpc", "id": id,
        "facts": { "vpc_id": id, "owner_id": "111122223333", "is_default": is_default, "cidr_block": "10.0.0.0/16", "state": "available", "tags": {} },
    })
}

fn ssh() -> Value {
    json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] })
}

/// A plan in which an argument of a resource refers to an attribute of another one.
pub fn plan(changes: &[Value], references: &[(&str, &str, &str)]) -> Value {
    let resources: Vec<Value> = references
        .iter()
        .map(|(of, argument, to)| {
            let mut names = vec![*to];
            names.extend(to.rsplit_once('.').map(|(resource, _)| resource));
            json!({
                "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
                "expressions": { *argument: { "references": names } },
            })
        })
        .collect();
    json!({
        "format_version": "1.2", "resource_changes": changes,
        "configuration": { "root_module": { "resources": resources } },
    })
}

/// What exists, a plan, and the only list of the preview of a rule that is not empty, with the ids.
type Case = (&'static str, Vec<Value>, Value, &'static str, &'static str, &'static [&'static str]);

/// The ids in a list of a preview.
fn ids<'p>(preview: &'p Value, list: &str) -> Vec<&'p str> {
    let findings = preview[list].as_array().unwrap();
    findings.iter().map(|one| one["resource"]["id"].as_str().unwrap_or_default()).collect()
}

#[test]
fn defaults_that_a_plan_takes_over_are_those_of_the_snapshot() {
    let null = Value::Null;
    let created = |of: &str, after: Value, unknown: Value| {
        let mut after = after;
        after["region"] = json!("eu-west-1");
        let mut unknown = unknown;
        unknown["id"] = true.into();
        change(of, null.clone(), after, unknown)
    };
    let of_group = |ingress: Value| {
        let after = json!({ "vpc_id": "vpc-1", "ingress": ingress, "egress": [], "tags": null, "tags_all": {} });
        created("aws_default_security_group", after, json!({ "name": true }))
    };
    let groups = [
        group("sg-1", "default", "vpc-1", "0.0.0.0/0"),
        group("sg-2", "default", "vpc-2", "10.0.0.0/8"),
        group("sg-3", "web", "vpc-1", "10.0.0.0/8"),
    ];
    let rule = created(
        "aws_vpc_security_group_ingress_rule",
        json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0" }),
        json!({ "security_group_id": true }),
    );
    let of_default_vpc = created(
        "aws_default_vpc",
        json!({ "enable_dns_support": true, "enable_dns_hostnames": true }),
        json!({ "cidr_block": true, "default_network_acl_id": true, "default_security_group_id": true }),
    );
    let open = [entry(100, "allow"), entry(32_767, "deny")];
    let closed = [entry(90, "deny"), entry(100, "allow"), entry(32_767, "deny")];
    let of_acl = |id: Value, ingress: Value| {
        let unknown = json!({ "default_network_acl_id": id.is_null(), "vpc_id": true });
        let after = json!({ "default_network_acl_id": id, "ingress": ingress, "egress": [] });
        created("aws_default_network_acl", after, unknown)
    };
    let everything = json!([{ "rule_no": 100, "action": "allow", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "0.0.0.0/0" }]);
    let of_table = |routes: Value| {
        created(
            "aws_default_route_table",
            json!({ "default_route_table_id": "rtb-1", "route": routes }),
            json!({ "vpc_id": true }),
        )
    };
    let subnets = [
        vpc("vpc-1", true),
        vpc("vpc-2", false),
        subnet("subnet-1", "eu-west-1a", true),
        subnet("subnet-2", "eu-west-1a", false),
        subnet("subnet-3", "eu-west-1b", true),
    ];
    let of_subnet = |zone: &str, public: bool| {
        created(
            "aws_default_subnet",
            json!({ "availability_zone": zone, "map_public_ip_on_launch": public, "assign_ipv6_address_on_creation": false }),
            json!({ "vpc_id": true, "cidr_block": true }),
        )
    };
    let ports = "sg-ingress-remote-admin-ipv4";
    let cases: Vec<Case> = vec![
        (
            "a group without rules",
            groups.to_vec(),
            plan(&[of_group(json!([]))], &[]),
            "sg-default-closed",
            "fixed",
            &["sg-1"],
        ),
        (
            "a group of which all rules are replaced",
            groups.to_vec(),
            plan(
                &[of_group(
                    json!([{ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"] }]),
                )],
                &[],
            ),
            ports,
            "fixed",
            &["sg-1"],
        ),
        (
            "a group that is opened",
            vec![group("sg-1", "default", "vpc-1", "10.0.0.0/8")],
            plan(&[of_group(json!([ssh()]))], &[]),
            ports,
            "new_failures",
            &["sg-1"],
        ),
        (
            "a rule of its own in such a group",
            vec![group("sg-1", "default", "vpc-1", "10.0.0.0/8")],
            plan(
                &[of_group(json!([])), rule.clone()],
                &[(
                    "aws_vpc_security_group_ingress_rule",
                    "security_group_id",
                    "aws_default_security_group.a.id",
                )],
            ),
            ports,
            "new_failures",
            &["sg-1"],
        ),
        (
            "a group of a default VPC that is taken over as well",
            [subnets.as_slice(), &[group("sg-1", "default", "vpc-1", "10.0.0.0/8")]].concat(),
            plan(
                &[
                    created(
                        "aws_default_security_group",
                        json!({ "ingress": [ssh()], "egress": [] }),
                        json!({ "vpc_id": true }),
                    ),
                    of_default_vpc.clone(),
                ],
                &[("aws_default_security_group", "vpc_id", "aws_default_vpc.a.id")],
            ),
            ports,
            "new_failures",
            &["sg-1"],
        ),
        (
            "a default VPC that exists has no second default group",
            [subnets.as_slice(), &[group("sg-1", "default", "vpc-1", "0.0.0.0/0")]].concat(),
            plan(std::slice::from_ref(&of_default_vpc), &[]),
            "sg-default-closed",
            "-",
            &[],
        ),
        (
            "an ACL without the deny entry that it had",
            vec![acl("acl-1", "vpc-1", true, &closed, &[])],
            plan(&[of_acl(json!("acl-1"), everything.clone())], &[]),
            "nacl-ingress-ssh-rdp",
            "new_failures",
            &["acl-1"],
        ),
        (
            "an ACL without entries",
            vec![acl("acl-1", "vpc-1", true, &open, &[])],
            plan(&[of_acl(json!("acl-1"), json!([]))], &[]),
            "nacl-ingress-ssh-rdp",
            "fixed",
            &["acl-1"],
        ),
        (
            "the ACL of a default VPC",
            [
                subnets.as_slice(),
                &[
                    acl("acl-1", "vpc-1", true, &closed, &[]),
                    acl("acl-2", "vpc-2", true, &open, &[]),
                ],
            ]
            .concat(),
            plan(
                &[of_acl(Value::Null, everything), of_default_vpc],
                &[(
                    "aws_default_network_acl",
                    "default_network_acl_id",
                    "aws_default_vpc.a.default_network_acl_id",
                )],
            ),
            "nacl-ingress-ssh-rdp",
            "new_failures",
            &["acl-1"],
        ),
        (
            "a table without routes",
            vec![table("igw-1")],
            plan(&[of_table(json!([]))], &[]),
            "route-default-to-igw",
            "fixed",
            &["rtb-1"],
        ),
        (
            "a table with another route",
            vec![table("nat-1")],
            plan(&[of_table(json!([{ "cidr_block": "0.0.0.0/0", "gateway_id": "igw-1" }]))], &[]),
            "route-default-to-igw",
            "new_failures",
            &["rtb-1"],
        ),
        (
            "a default subnet",
            subnets.to_vec(),
            plan(&[of_subnet("eu-west-1a", true)], &[]),
            "subnet-auto-public-ip",
            "new_failures",
            &["subnet-1"],
        ),
        (
            "a default subnet that stays as it is",
            subnets.to_vec(),
            plan(&[of_subnet("eu-west-1b", false)], &[]),
            "subnet-auto-public-ip",
            "-",
            &[],
        ),
        (
            "a default subnet that does not exist yet",
            subnets.to_vec(),
            plan(&[of_subnet("eu-west-1c", true)], &[]),
            "subnet-auto-public-ip",
            "new_failures",
            &["aws_default_subnet.a"],
        ),
    ];
    for (name, night, plan, rule, list, expected) in cases {
        let preview = preview_of(name, Some(&night), &plan, rule);
        for other in ["new_failures", "fixed", "not_known_until_apply", "not_checked"] {
            let expected = if other == list { expected } else { &[] };
            assert_eq!(ids(&preview, other), expected, "{name}: {other}: {preview}");
        }
    }
    // Without a snapshot, it is what the plan says.
    let opened = plan(&[of_group(json!([ssh()]))], &[]);
    let preview = preview_of("no snapshot", None, &opened, "sg-default-closed");
    assert_eq!(ids(&preview, "new_failures"), ["aws_default_security_group.a"], "{preview}");
}

/// The provider leaves what it took over as it is, also if the plan replaces it.
#[test]
fn what_a_plan_stops_managing_stays() {
    let null = Value::Null;
    let of = |type_name: &str, before: Value, after: Value| {
        plan(&[change(type_name, before, after, json!({ "id": true }))], &[])
    };
    let rule =
        json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] });
    let of_group = |id: Option<&str>, vpc: &str, rules: Value| json!({ "id": id, "vpc_id": vpc, "ingress": rules, "egress": [], "region": "eu-west-1" });
    let of_subnet = |force: bool| json!({ "id": "subnet-1", "existing_default_subnet": false, "force_destroy": force, "map_public_ip_on_launch": true, "region": "eu-west-1" });
    let mut replaced = of(
        "aws_default_security_group",
        of_group(Some("sg-1"), "vpc-1", json!([rule])),
        of_group(None, "vpc-2", json!([])),
    );
    replaced["resource_changes"][0]["change"]["actions"] = json!(["delete", "create"]);
    let groups = [
        group("sg-1", "default", "vpc-1", "0.0.0.0/0"),
        group("sg-2", "default", "vpc-2", "0.0.0.0/0"),
    ];
    let mut public = subnet("subnet-1", "eu-west-1a", true);
    public["facts"]["map_public_ip_on_launch"] = json!(true);
    let attached = json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": { "volume_id": "vol-1", "state": "in-use", "tags": {}, "attachments": [{ "instance_id": "i-1", "state": "attached", "device": "/dev/sdf" }] },
    });
    let attachment = |skip: bool| json!({ "volume_id": "vol-1", "instance_id": "i-1", "device_name": "/dev/sdf", "skip_destroy": skip, "region": "eu-west-1" });
    let image = json!({
        "kind": "ec2.image", "id": "ami-1",
        "facts": { "image_id": "ami-1", "public": true, "tags": {}, "owner_id": "111122223333", "launch_permission": [{ "group": "all" }], "block_device_mappings": [] },
    });
    let permission = json!({ "image_id": "ami-1", "group": "all", "region": "eu-west-1" });
    let unencrypted = json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": { "volume_id": "vol-1", "encrypted": false, "state": "available", "tags": {}, "attachments": [] },
    });
    let volume = |keep: bool| json!({ "id": "vol-1", "encrypted": false, "final_snapshot": keep, "region": "eu-west-1" });
    let mut replaced_volume = of("aws_ebs_volume", volume(true), volume(true));
    replaced_volume["resource_changes"][0]["change"]["actions"] = json!(["delete", "create"]);
    let cases: Vec<Case> = vec![
        (
            "the group of another VPC",
            groups.to_vec(),
            replaced,
            "sg-default-closed",
            "fixed",
            &["sg-2"],
        ),
        (
            "a subnet",
            vec![public.clone()],
            of("aws_default_subnet", of_subnet(false), null.clone()),
            "subnet-auto-public-ip",
            "-",
            &[],
        ),
        (
            "a subnet that is deleted",
            vec![public],
            of("aws_default_subnet", of_subnet(true), null.clone()),
            "subnet-auto-public-ip",
            "fixed",
            &["subnet-1"],
        ),
        (
            "an attachment",
            vec![attached],
            of("aws_volume_attachment", attachment(true), null.clone()),
            "ebs-volume-unattached",
            "-",
            &[],
        ),
        (
            "the permission of everyone",
            vec![image],
            of("aws_ami_launch_permission", permission, null.clone()),
            "ec2-ami-public",
            "fixed",
            &["ami-1"],
        ),
        (
            "a volume",
            vec![unencrypted.clone()],
            of("aws_ebs_volume", volume(false), null.clone()),
            "ebs-snapshot-encrypted",
            "-",
            &[],
        ),
        (
            "the last snapshot of a volume that is replaced",
            vec![unencrypted.clone()],
            replaced_volume,
            "ebs-snapshot-encrypted",
            "not_known_until_apply",
            &[""],
        ),
        (
            "the last snapshot of a volume",
            vec![unencrypted],
            of("aws_ebs_volume", volume(true), null.clone()),
            "ebs-snapshot-encrypted",
            "not_known_until_apply",
            &[""],
        ),
        (
            "an unused address",
            vec![],
            of("aws_eip", null, json!({ "domain": "vpc", "region": "eu-west-1" })),
            "ec2-eip-unassociated",
            "new_failures",
            &["aws_eip.a"],
        ),
    ];
    for (name, night, plan, rule, list, expected) in cases {
        let preview = preview_of(name, Some(&night), &plan, rule);
        for other in ["new_failures", "fixed", "not_known_until_apply", "not_checked"] {
            let expected = if other == list { expected } else { &[] };
            assert_eq!(ids(&preview, other), expected, "{name}: {other}: {preview}");
        }
    }
}

#[test]
fn a_subnet_has_one_network_acl() {
    let null = Value::Null;
    let night = [
        acl("acl-1", "vpc-1", true, &[entry(32_767, "deny")], &["subnet-2"]),
        acl("acl-2", "vpc-1", false, &[entry(32_767, "deny")], &["subnet-1"]),
        subnet("subnet-1", "eu-west-1a", false),
        subnet("subnet-2", "eu-west-1a", false),
    ];
    let of = |before: Value, after: Value, unknown: Value| {
        change("aws_network_acl_association", before, after, unknown)
    };
    let association = |acl: &str, subnet: &str| json!({ "region": "eu-west-1", "id": "aclassoc-1", "network_acl_id": acl, "subnet_id": subnet });
    for (name, before, after, expected) in [
        // The rule fails for an ACL that has no subnets.
        ("moved to another ACL", null.clone(), association("acl-1", "subnet-1"), &["acl-2"][..]),
        ("back to the default one", association("acl-2", "subnet-1"), null.clone(), &["acl-2"]),
        ("as it is", association("acl-2", "subnet-1"), association("acl-2", "subnet-1"), &[]),
    ] {
        let unknown = json!({ "id": before.is_null() });
        let json = plan(&[of(before, after, unknown)], &[]);
        let preview = preview_of(name, Some(&night), &json, "nacl-unused");
        assert_eq!(ids(&preview, "new_failures"), expected, "{name}: {preview}");
    }
}
