//! What CloudFormation makes of security groups, subnets, volumes and transit gateways.

use serde_json::{Value, json};

use crate::preview_change_set::{LATER, add, check, modify, remove, unknown, with};

#[test]
fn rules_of_security_groups_are_those_of_the_template() {
    let (group, egress) = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress");
    let rule = |protocol: Value, from: Value, cidr: &str| json!({ "IpProtocol": protocol, "FromPort": from, "ToPort": from, "CidrIp": cidr });
    let inbound = |rules: Value| json!({ "SecurityGroupIngress": rules });
    let outbound = |rules: Value| json!({ "SecurityGroupEgress": rules });
    let new = |properties: Value| vec![add(group, properties)];
    let set = |before: Value, after: Value| vec![modify(group, "sg-1", before, after)];
    let any = || json!([rule(json!("-1"), Value::Null, "0.0.0.0/0")]);
    let single = |group: &str| json!({ "GroupId": group, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0" });
    let (of_new, of_old) = ("ec2.security_group/web/One", "ec2.security_group/sg-1");
    let ssh = |cidr: &str| rule(json!("tcp"), json!("22"), cidr);
    check(vec![
        (
            "numbers",
            new(inbound(json!([rule(json!(6), json!("22"), "0.0.0.0/0")]))),
            of_new,
            "ip_permissions.0.from_port",
            json!(22),
        ),
        (
            "protocol",
            new(inbound(json!([rule(json!(6), json!(22), "0.0.0.0/0")]))),
            of_new,
            "ip_permissions.0.ip_protocol",
            json!("tcp"),
        ),
        (
            "all as a number",
            new(inbound(json!([rule(json!(-1), json!(0), "0.0.0.0/0")]))),
            of_new,
            "ip_permissions.0.ip_protocol",
            json!("-1"),
        ),
        (
            "another protocol",
            new(inbound(json!([rule(json!("50"), json!(500), "0.0.0.0/0")]))),
            of_new,
            "ip_permissions.0.from_port",
            Value::Null,
        ),
        (
            "TCP without ports",
            new(inbound(json!([rule(json!("tcp"), Value::Null, "0.0.0.0/0")]))),
            of_new,
            "ip_permissions.0.from_port",
            unknown(),
        ),
        (
            "host bits",
            new(inbound(json!([ssh("10.1.2.3/8")]))),
            of_new,
            "ip_permissions.0.ip_ranges.0.cidr_ip",
            json!("10.0.0.0/8"),
        ),
        (
            "IPv6",
            new(inbound(
                json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "0:0::0/0" }]),
            )),
            of_new,
            "ip_permissions.0.ipv6_ranges.0.cidr_ipv6",
            json!("::/0"),
        ),
        (
            "rule removed",
            set(inbound(json!([ssh("10.9.9.9/8")])), inbound(json!([]))),
            of_old,
            "ip_permissions",
            json!([]),
        ),
        (
            "rule of a parameter",
            set(inbound(json!([ssh("{{resolve:ssm:/range}}")])), inbound(json!([]))),
            of_old,
            "ip_permissions",
            unknown(),
        ),
        (
            "rule of another parameter",
            set(
                inbound(json!([ssh("{{resolve:ssm:/range}}")])),
                inbound(json!([ssh("{{resolve:ssm:/other}}")])),
            ),
            of_old,
            "ip_permissions",
            unknown(),
        ),
        (
            "default",
            new(json!({})),
            of_new,
            "ip_permissions_egress.0.ip_ranges.0.cidr_ip",
            json!("0.0.0.0/0"),
        ),
        ("default, IPv6", new(json!({})), of_new, "ip_permissions_egress.0.ipv6_ranges", unknown()),
        (
            "outbound",
            new(outbound(json!([ssh("10.0.0.0/8")]))),
            of_new,
            "ip_permissions_egress.0.from_port",
            json!(22),
        ),
        (
            "all outbound removed",
            set(outbound(any()), json!({})),
            of_old,
            "ip_permissions_egress",
            json!([]),
        ),
        (
            "first outbound",
            set(json!({}), outbound(json!([ssh("10.0.0.0/8")]))),
            of_old,
            "ip_permissions_egress",
            unknown(),
        ),
        (
            "outbound rule",
            vec![add(egress, single("sg-1"))],
            of_old,
            "ip_permissions_egress",
            unknown(),
        ),
        (
            "outbound rule removed",
            vec![remove(
                egress,
                "sgr-1",
                with(single("sg-1"), rule(json!("-1"), Value::Null, "0.0.0.0/0")),
            )],
            of_old,
            "ip_permissions_egress",
            json!([]),
        ),
        (
            "by name",
            vec![modify(
                group,
                "web-Group-1ABC",
                inbound(json!([])),
                inbound(json!([ssh("0.0.0.0/0")])),
            )],
            "ec2.security_group/sg-2",
            "ip_permissions",
            unknown(),
        ),
        (
            "by name, another",
            vec![modify(
                group,
                "web-Group-1ABC",
                inbound(json!([])),
                inbound(json!([ssh("0.0.0.0/0")])),
            )],
            of_old,
            "ip_permissions.0.from_port",
            json!(22),
        ),
    ]);
}

#[test]
fn defaults_apply_to_new_resources_and_not_to_what_exists() {
    let subnet = |properties: Value| {
        vec![add("AWS::EC2::Subnet", with(json!({ "VpcId": "vpc-1" }), properties))]
    };
    let volume = |properties: Value| {
        vec![add("AWS::EC2::Volume", with(json!({ "AvailabilityZone": "eu-west-1a" }), properties))]
    };
    let set = |type_name: &str, id: &str, before: Value, after: Value| {
        vec![modify(type_name, id, before, after)]
    };
    let attached = |volumes: usize| {
        let attachment = json!({ "VolumeId": LATER, "InstanceId": "i-1" });
        let mut all = volume(json!({}));
        for number in 1..volumes {
            let mut another = volume(json!({})).remove(0);
            another["LogicalResourceId"] = format!("Another{number}").into();
            all.push(another);
        }
        all.push(add("AWS::EC2::VolumeAttachment", attachment));
        all
    };
    let public = |value: Value| json!({ "MapPublicIpOnLaunch": value });
    let (new_subnet, new_volume) = ("ec2.subnet/web/One", "ec2.volume/web/One");
    check(vec![
        ("subnet", subnet(json!({})), new_subnet, "map_public_ip_on_launch", json!(false)),
        (
            "of a pool",
            subnet(json!({ "Ipv4IpamPoolId": "ipam-pool-1" })),
            new_subnet,
            "cidr_block",
            unknown(),
        ),
        (
            "IPv6 of a pool",
            subnet(json!({ "Ipv6IpamPoolId": "ipam-pool-1" })),
            new_subnet,
            "ipv6_cidr_block_association_set",
            unknown(),
        ),
        (
            "by hand",
            set("AWS::EC2::Subnet", "subnet-1", json!({}), json!({ "EnableDns64": true })),
            "ec2.subnet/subnet-1",
            "map_public_ip_on_launch",
            json!(true),
        ),
        (
            "removed",
            set("AWS::EC2::Subnet", "subnet-1", public(json!(true)), json!({})),
            "ec2.subnet/subnet-1",
            "map_public_ip_on_launch",
            unknown(),
        ),
        (
            "turned off",
            set("AWS::EC2::Subnet", "subnet-1", public("true".into()), public("FALSE".into())),
            "ec2.subnet/subnet-1",
            "map_public_ip_on_launch",
            json!(false),
        ),
        ("copy", volume(json!({ "SourceVolumeId": "vol-9" })), new_volume, "encrypted", unknown()),
        ("encrypted", volume(json!({ "Encrypted": "true" })), new_volume, "encrypted", json!(true)),
        (
            "size",
            set("AWS::EC2::Volume", "vol-1", json!({ "Size": 8 }), json!({ "Size": "16" })),
            "ec2.volume/vol-1",
            "size",
            json!(16),
        ),
        (
            "attached",
            [
                volume(json!({})),
                vec![add(
                    "AWS::EC2::VolumeAttachment",
                    json!({ "VolumeId": LATER, "InstanceId": "i-1" }),
                )],
            ]
            .concat(),
            new_volume,
            "attachments",
            unknown(),
        ),
        ("the only new one is attached", attached(1), new_volume, "state", json!("in-use")),
        ("one of two new ones is attached", attached(2), new_volume, "state", unknown()),
        (
            "gateway",
            vec![add("AWS::EC2::TransitGateway", json!({}))],
            "ec2.transit_gateway/web/One",
            "options.auto_accept_shared_attachments",
            json!("disable"),
        ),
        (
            "gateway by hand",
            set("AWS::EC2::TransitGateway", "tgw-1", json!({}), json!({ "DnsSupport": "disable" })),
            "ec2.transit_gateway/tgw-1",
            "options.auto_accept_shared_attachments",
            json!("enable"),
        ),
        (
            "gateway, removed",
            set(
                "AWS::EC2::TransitGateway",
                "tgw-1",
                json!({ "AutoAcceptSharedAttachments": "enable" }),
                json!({}),
            ),
            "ec2.transit_gateway/tgw-1",
            "options.auto_accept_shared_attachments",
            unknown(),
        ),
    ]);
}
