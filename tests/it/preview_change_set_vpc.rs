//! What CloudFormation makes of VPCs, network ACLs and route tables.

use serde_json::{Value, json};

use crate::preview_change_set::{
    LATER, account, add, check, check_in, modify, remove, resource, unknown, with,
};

/// An account in which a subnet has a network ACL and a route table of its own.
fn associated() -> Vec<Value> {
    let mut all = account();
    all.retain(|one| !["acl-1", "rtb-1"].contains(&one["id"].as_str().unwrap()));
    let acl = |id: &str, is_default: bool, subnets: &[&str]| {
        let associations: Vec<Value> = subnets
            .iter()
            .map(
                |subnet| json!({ "network_acl_association_id": "aclassoc-1", "subnet_id": subnet }),
            )
            .collect();
        let entry = json!({
            "rule_number": 100, "egress": false, "rule_action": "allow", "protocol": "6", "cidr_block": "10.0.0.0/8",
            "ipv6_cidr_block": null, "port_range": { "from": 22, "to": 22 }, "icmp_type_code": null,
        });
        resource(
            "ec2.network_acl",
            id,
            json!({ "vpc_id": "vpc-1", "is_default": is_default, "entries": [entry], "associations": associations, "tags": {} }),
        )
    };
    let route = json!({ "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1", "state": "active", "origin": "CreateRoute" });
    let association = json!({ "route_table_association_id": "rtbassoc-1", "main": false, "subnet_id": "subnet-1" });
    all.push(acl("acl-1", true, &[]));
    all.push(acl("acl-2", false, &["subnet-1"]));
    all.push(resource(
        "ec2.route_table",
        "rtb-1",
        json!({ "vpc_id": "vpc-1", "routes": [route], "associations": [association], "propagating_vgws": [], "tags": {} }),
    ));
    all
}

#[test]
fn entries_of_network_acls_are_those_of_the_template() {
    const ENTRY: &str = "AWS::EC2::NetworkAclEntry";
    let entry = |more: Value| {
        with(
            json!({
                "NetworkAclId": "acl-1", "RuleNumber": 110, "Protocol": 6, "RuleAction": "allow",
                "CidrBlock": "0.0.0.0/0", "PortRange": { "From": "22", "To": 23 },
            }),
            more,
        )
    };
    let new = |more: Value| vec![add(ENTRY, entry(more))];
    let first = |more: Value| entry(with(json!({ "RuleNumber": "100" }), more));
    let (of_old, of_new) = ("ec2.network_acl/acl-1", "ec2.network_acl/web/One");
    check_in(
        &associated(),
        vec![
            ("ports", new(json!({})), of_old, "entries.1.port_range.to", json!(23)),
            ("no IPv6", new(json!({})), of_old, "entries.1.ipv6_cidr_block", Value::Null),
            ("inbound by default", new(json!({})), of_old, "entries.1.egress", json!(false)),
            ("protocol", new(json!({})), of_old, "entries.1.protocol", json!("6")),
            ("existing entry", new(json!({})), of_old, "entries.0.port_range.to", json!(22)),
            ("outbound", new(json!({ "Egress": "true" })), of_old, "entries.1.egress", json!(true)),
            (
                "host bits",
                new(json!({ "CidrBlock": "10.1.2.3/8" })),
                of_old,
                "entries.1.cidr_block",
                json!("10.0.0.0/8"),
            ),
            (
                "all protocols",
                new(json!({ "Protocol": "-1" })),
                of_old,
                "entries.1.port_range",
                Value::Null,
            ),
            (
                "TCP without ports",
                new(json!({ "PortRange": {} })),
                of_old,
                "entries.1.port_range.from",
                unknown(),
            ),
            (
                "range of something new",
                new(json!({ "CidrBlock": LATER })),
                of_old,
                "entries.1.cidr_block",
                unknown(),
            ),
            (
                "range of something new, port",
                new(json!({ "CidrBlock": LATER })),
                of_old,
                "entries.1.port_range.to",
                json!(23),
            ),
            ("any number", new(json!({ "RuleNumber": LATER })), of_old, "entries", unknown()),
            (
                "a property that is not known",
                new(json!({ "Comment": "x" })),
                of_old,
                "entries",
                unknown(),
            ),
            (
                "changed",
                vec![modify(
                    ENTRY,
                    "acle-1",
                    first(json!({ "RuleAction": "deny" })),
                    first(json!({ "RuleAction": "Deny", "PortRange": { "From": 1, "To": 2 } })),
                )],
                of_old,
                "entries.0.port_range.to",
                json!(2),
            ),
            (
                "removed",
                vec![remove(ENTRY, "acle-1", first(json!({})))],
                of_old,
                "entries",
                json!([]),
            ),
            (
                "replaced",
                vec![with(
                    modify(ENTRY, "acle-1", first(json!({})), entry(json!({}))),
                    json!({ "Replacement": "True" }),
                )],
                of_old,
                "entries.0.rule_number",
                json!(110),
            ),
            (
                "new ACL",
                vec![add("AWS::EC2::NetworkAcl", json!({ "VpcId": "vpc-1" }))],
                of_new,
                "entries.1.rule_action",
                json!("deny"),
            ),
            (
                "entry of a new ACL",
                [
                    vec![add("AWS::EC2::NetworkAcl", json!({ "VpcId": "vpc-1" }))],
                    new(json!({ "NetworkAclId": LATER })),
                ]
                .concat(),
                of_new,
                "entries",
                unknown(),
            ),
            (
                "entry of a new ACL, another one",
                [
                    vec![add("AWS::EC2::NetworkAcl", json!({ "VpcId": "vpc-1" }))],
                    new(json!({ "NetworkAclId": LATER })),
                ]
                .concat(),
                of_old,
                "entries.0.rule_number",
                json!(100),
            ),
            (
                "removed ACL",
                vec![remove("AWS::EC2::NetworkAcl", "acl-2", json!({ "VpcId": "vpc-1" }))],
                "ec2.network_acl/acl-2",
                "entries",
                "gone".into(),
            ),
        ],
    );
}

#[test]
fn attributes_of_what_changes_can_be_meant_as_well() {
    let entry = json!({
        "NetworkAclId": LATER, "RuleNumber": 1, "Protocol": -1, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0",
    });
    let changes = |vpc: Value| {
        vec![
            vpc,
            add("AWS::EC2::NetworkAcl", json!({ "VpcId": "vpc-1" })),
            add("AWS::EC2::NetworkAclEntry", entry.clone()),
        ]
    };
    let tagged = |value: &str| json!({ "CidrBlock": "10.0.0.0/16", "Tags": [{ "Key": "Name", "Value": value }] });
    let changed = modify("AWS::EC2::VPC", "vpc-1", tagged("a"), tagged("b"));
    let group = modify(
        "AWS::EC2::SecurityGroup",
        "sg-1",
        json!({ "GroupDescription": "" }),
        json!({ "GroupDescription": "", "Tags": [{ "Key": "Name", "Value": "b" }] }),
    );
    let rule = json!({ "GroupId": LATER, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" });
    let rules = vec![
        group,
        add("AWS::EC2::SecurityGroup", json!({ "GroupDescription": "" })),
        add("AWS::EC2::SecurityGroupIngress", rule),
    ];
    check(vec![
        // `Fn::GetAtt Vpc.DefaultNetworkAcl`.
        ("default ACL", changes(changed), "ec2.network_acl/acl-1", "entries", unknown()),
        // `Fn::GetAtt Group.GroupId`.
        ("group", rules, "ec2.security_group/sg-1", "ip_permissions", unknown()),
    ]);
}

#[test]
fn subnets_have_the_network_acls_and_route_tables_of_the_template() {
    const ACL: &str = "AWS::EC2::SubnetNetworkAclAssociation";
    const TABLE: &str = "AWS::EC2::SubnetRouteTableAssociation";
    let acl = |acl: &str, subnet: &str| json!({ "NetworkAclId": acl, "SubnetId": subnet });
    let table = |table: &str, subnet: &str| json!({ "RouteTableId": table, "SubnetId": subnet });
    let gateway = |table: &str| json!({ "RouteTableId": table, "GatewayId": "igw-1" });
    let edge = "AWS::EC2::GatewayRouteTableAssociation";
    let (default, own) = ("ec2.network_acl/acl-1", "ec2.network_acl/acl-2");
    let (first, second) = ("ec2.route_table/rtb-1", "ec2.route_table/rtb-2");
    let subnet = |place: usize| format!("associations.{place}.subnet_id");
    let (subnet, associations) = (subnet(0), "associations");
    check_in(
        &associated(),
        vec![
            (
                "moved",
                vec![add(ACL, acl("acl-1", "subnet-1"))],
                default,
                &subnet,
                json!("subnet-1"),
            ),
            ("moved away", vec![add(ACL, acl("acl-1", "subnet-1"))], own, associations, json!([])),
            (
                "removed",
                vec![remove(ACL, "aclassoc-1", acl("acl-2", "subnet-1"))],
                own,
                associations,
                json!([]),
            ),
            (
                "removed, default",
                vec![remove(ACL, "aclassoc-1", acl("acl-2", "subnet-1"))],
                default,
                &subnet,
                json!("subnet-1"),
            ),
            (
                "to a new ACL",
                vec![
                    add("AWS::EC2::NetworkAcl", json!({ "VpcId": "vpc-1" })),
                    add(ACL, acl(LATER, "subnet-1")),
                ],
                own,
                associations,
                unknown(),
            ),
            (
                "of a new subnet",
                vec![add(ACL, acl("acl-2", LATER))],
                default,
                associations,
                unknown(),
            ),
            (
                "table",
                vec![add(TABLE, table("rtb-2", "subnet-9"))],
                second,
                &subnet,
                json!("subnet-9"),
            ),
            (
                "table of a new subnet",
                vec![add(TABLE, table("rtb-2", LATER))],
                second,
                associations,
                unknown(),
            ),
            (
                "table of a new subnet, another",
                vec![add(TABLE, table("rtb-2", LATER))],
                first,
                &subnet,
                json!("subnet-1"),
            ),
            (
                "no table",
                vec![remove(TABLE, "rtbassoc-1", table("rtb-1", "subnet-1"))],
                first,
                associations,
                json!([]),
            ),
            (
                "another table",
                vec![with(
                    modify(
                        TABLE,
                        "rtbassoc-1",
                        table("rtb-1", "subnet-1"),
                        table("rtb-2", "subnet-1"),
                    ),
                    json!({ "Replacement": "True" }),
                )],
                second,
                &subnet,
                json!("subnet-1"),
            ),
            (
                "table of a gateway",
                vec![add(edge, gateway("rtb-2"))],
                second,
                "associations.0.gateway_id",
                json!("igw-1"),
            ),
            (
                "another table of a gateway",
                vec![modify(edge, "rtbassoc-2", gateway("rtb-1"), gateway("rtb-2"))],
                second,
                "associations.0.gateway_id",
                json!("igw-1"),
            ),
        ],
    );
}

#[test]
fn routes_are_those_of_the_template() {
    const ROUTE: &str = "AWS::EC2::Route";
    let route = |more: Value| {
        with(json!({ "RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0" }), more)
    };
    let gateway = || route(json!({ "GatewayId": "igw-1" }));
    let nat = || route(json!({ "NatGatewayId": "nat-1" }));
    let other = |more: Value| {
        vec![add(ROUTE, with(json!({ "RouteTableId": "rtb-2", "GatewayId": "igw-1" }), more))]
    };
    let table = || add("AWS::EC2::RouteTable", json!({ "VpcId": "vpc-1" }));
    let (first, second, new) =
        ("ec2.route_table/rtb-1", "ec2.route_table/rtb-2", "ec2.route_table/web/One");
    check_in(
        &associated(),
        vec![
            (
                "to a gateway",
                vec![modify(ROUTE, "rtb-1|0.0.0.0/0", nat(), gateway())],
                first,
                "routes.0.gateway_id",
                json!("igw-1"),
            ),
            (
                "no more to another",
                vec![modify(ROUTE, "rtb-1|0.0.0.0/0", nat(), gateway())],
                first,
                "routes.0.nat_gateway_id",
                Value::Null,
            ),
            ("removed", vec![remove(ROUTE, "rtb-1|0.0.0.0/0", nat())], first, "routes", json!([])),
            (
                "new",
                other(json!({ "DestinationCidrBlock": "0.0.0.0/0" })),
                second,
                "routes.0.gateway_id",
                json!("igw-1"),
            ),
            (
                "IPv6",
                other(json!({ "DestinationIpv6CidrBlock": "0::/0" })),
                second,
                "routes.0.destination_ipv6_cidr_block",
                json!("::/0"),
            ),
            (
                "to a new gateway",
                other(json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": LATER })),
                second,
                "routes.0.gateway_id",
                unknown(),
            ),
            (
                "to an endpoint",
                other(
                    json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "", "VpcEndpointId": "vpce-1" }),
                ),
                second,
                "routes.0.gateway_id",
                json!("vpce-1"),
            ),
            (
                "to an instance",
                other(
                    json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "", "InstanceId": "i-1" }),
                ),
                second,
                "routes.0.network_interface_id",
                unknown(),
            ),
            (
                "to an unknown range",
                other(json!({ "DestinationCidrBlock": LATER })),
                second,
                "routes",
                unknown(),
            ),
            ("new table", vec![table()], new, "routes.0.gateway_id", json!("local")),
            (
                "route of a new table",
                vec![table(), add(ROUTE, with(gateway(), json!({ "RouteTableId": LATER })))],
                new,
                "routes",
                unknown(),
            ),
            (
                "route of a new table, another one",
                vec![table(), add(ROUTE, with(gateway(), json!({ "RouteTableId": LATER })))],
                second,
                "routes",
                json!([]),
            ),
        ],
    );
}

#[test]
fn vpcs_are_created_with_their_defaults() {
    const VPC: &str = "AWS::EC2::VPC";
    let properties = |more: Value| with(json!({ "CidrBlock": "10.1.2.3/16" }), more);
    let new = |more: Value| vec![add(VPC, properties(more))];
    let set = |before: Value, after: Value| {
        vec![modify(VPC, "vpc-1", properties(before), properties(after))]
    };
    let names = |value: Value| json!({ "EnableDnsHostnames": value });
    let (of_new, of_old) = ("ec2.vpc/web/One", "ec2.vpc/vpc-1");
    const OF_GROUP: &str = "ec2.security_group/web/One.default_security_group_id";
    const OF_ACL: &str = "ec2.network_acl/web/One.default_network_acl_id";
    let with_more = |of: &str, more: Value| [new(json!({})), vec![add(of, more)]].concat();
    let mut with_names = account();
    let vpc = with_names.iter_mut().find(|one| one["id"] == json!("vpc-1")).unwrap();
    vpc["facts"]["attributes"] =
        json!({ "enable_dns_support": false, "enable_dns_hostnames": true });
    check_in(
        &with_names,
        vec![
            ("range", new(json!({})), of_new, "cidr_block", json!("10.1.0.0/16")),
            ("names", new(json!({})), of_new, "attributes.enable_dns_hostnames", json!(false)),
            (
                "of a pool",
                vec![add(VPC, json!({ "Ipv4IpamPoolId": "ipam-pool-1" }))],
                of_new,
                "cidr_block",
                unknown(),
            ),
            (
                "group",
                new(json!({})),
                "ec2.security_group/web/One.default_security_group_id",
                "group_name",
                json!("default"),
            ),
            (
                "ACL",
                new(json!({})),
                "ec2.network_acl/web/One.default_network_acl_id",
                "is_default",
                json!(true),
            ),
            (
                "table",
                new(json!({})),
                "ec2.route_table/web/One.main_route_table_id",
                "routes.0.destination_cidr_block",
                json!("10.1.0.0/16"),
            ),
            (
                "rules of the group",
                new(json!({})),
                OF_GROUP,
                "ip_permissions.0.user_id_group_pairs.0.group_id",
                json!("web/One.default_security_group_id"),
            ),
            (
                "outbound",
                new(json!({})),
                OF_GROUP,
                "ip_permissions_egress.0.ip_ranges.0.cidr_ip",
                json!("0.0.0.0/0"),
            ),
            ("entries", new(json!({})), OF_ACL, "entries.2.rule_action", json!("allow")),
            (
                "IPv6",
                with_more("AWS::EC2::VPCCidrBlock", json!({ "VpcId": LATER })),
                OF_GROUP,
                "ip_permissions_egress",
                unknown(),
            ),
            (
                "IPv6, entries",
                with_more("AWS::EC2::VPCCidrBlock", json!({ "VpcId": LATER })),
                OF_ACL,
                "entries",
                unknown(),
            ),
            (
                "custom resource",
                with_more(
                    "Custom::VpcRestrictDefaultSG",
                    json!({ "DefaultSecurityGroupId": LATER }),
                ),
                OF_GROUP,
                "ip_permissions",
                unknown(),
            ),
            (
                "custom resource, outbound",
                with_more(
                    "Custom::VpcRestrictDefaultSG",
                    json!({ "DefaultSecurityGroupId": LATER }),
                ),
                OF_GROUP,
                "ip_permissions_egress",
                unknown(),
            ),
            (
                "custom resource, entries",
                with_more("Custom::Acl", json!({ "Acl": [LATER] })),
                OF_ACL,
                "entries",
                unknown(),
            ),
            (
                "custom resource that names nothing new",
                with_more("Custom::Acl", json!({ "Acl": "acl-1" })),
                OF_GROUP,
                "ip_permissions_egress.0.ip_ranges.0.cidr_ip",
                json!("0.0.0.0/0"),
            ),
            (
                "rule of the group",
                [
                    new(json!({})),
                    vec![add(
                        "AWS::EC2::SecurityGroupIngress",
                        json!({ "GroupId": LATER, "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }),
                    )],
                ]
                .concat(),
                "ec2.security_group/web/One.default_security_group_id",
                "ip_permissions",
                unknown(),
            ),
            (
                "changed",
                set(names(json!(true)), names(json!("false"))),
                of_old,
                "attributes.enable_dns_hostnames",
                json!(false),
            ),
            (
                "set by hand",
                set(names(json!(true)), names(json!("false"))),
                of_old,
                "attributes.enable_dns_support",
                json!(false),
            ),
            (
                "not set any more",
                set(names(json!(true)), json!({})),
                of_old,
                "attributes.enable_dns_hostnames",
                unknown(),
            ),
            (
                "removed",
                vec![remove(VPC, "vpc-1", properties(json!({})))],
                "ec2.network_acl/acl-1",
                "is_default",
                "gone".into(),
            ),
        ],
    );
}
