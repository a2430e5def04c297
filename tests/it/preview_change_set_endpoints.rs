//! What CloudFormation makes of network interfaces, gateways, endpoints, flow logs, access points and the
//! settings of a region.

use serde_json::{Value, json};

use crate::preview_change_set::{
    LATER, account, add, check, check_in, modify, remove, resource, unknown, with,
};

#[test]
fn interfaces_are_those_of_the_template() {
    const INTERFACE: &str = "AWS::EC2::NetworkInterface";
    let new = |more: Value| vec![add(INTERFACE, with(json!({ "SubnetId": "subnet-1" }), more))];
    let set = |before: Value, after: Value| vec![modify(INTERFACE, "eni-1", before, after)];
    let groups = |ids: &[&str]| json!({ "GroupSet": ids });
    let (of_new, of_old) = ("ec2.network_interface/web/One", "ec2.network_interface/eni-1");
    let check_of = |on: bool| json!({ "SourceDestCheck": on });
    let instance = |more: Value| {
        [new(json!({})), vec![add("AWS::EC2::Instance", json!({ "NetworkInterfaces": [more] }))]]
            .concat()
    };
    let attached = || instance(json!({ "DeviceIndex": "0", "NetworkInterfaceId": LATER }));
    check(vec![
        ("checked", new(json!({})), of_new, "source_dest_check", json!(true)),
        ("not checked", new(check_of(false)), of_new, "source_dest_check", json!(false)),
        ("group", new(groups(&["sg-1"])), of_new, "groups.0.group_name", json!("web")),
        ("group of the VPC", new(json!({})), of_new, "groups", unknown()),
        ("not attached", new(json!({})), of_new, "attachment", Value::Null),
        ("attached", attached(), of_new, "attachment", unknown()),
        (
            "with an address",
            [
                new(json!({})),
                vec![add("AWS::EC2::EIPAssociation", json!({ "NetworkInterfaceId": LATER }))],
            ]
            .concat(),
            of_new,
            "association",
            unknown(),
        ),
        (
            "another group",
            set(groups(&["sg-1"]), groups(&["sg-2"])),
            of_old,
            "groups.0.group_id",
            json!("sg-2"),
        ),
        (
            "another group of the instance",
            set(groups(&["sg-1"]), groups(&["sg-2"])),
            "ec2.instance/i-1",
            "security_groups.0.group_id",
            json!("sg-2"),
        ),
        ("no group", set(groups(&["sg-1"]), json!({})), of_old, "groups", unknown()),
        ("check", set(json!({}), check_of(false)), of_old, "source_dest_check", json!(false)),
        (
            "check of the instance",
            set(json!({}), check_of(false)),
            "ec2.instance/i-1",
            "source_dest_check",
            unknown(),
        ),
        (
            "addresses",
            set(json!({}), json!({ "Ipv6AddressCount": 1 })),
            of_old,
            "ipv6_addresses",
            unknown(),
        ),
        ("deleted", vec![remove(INTERFACE, "eni-1", json!({}))], of_old, "groups", "gone".into()),
        (
            "deleted, of the instance",
            vec![remove(INTERFACE, "eni-1", json!({}))],
            "ec2.instance/i-1",
            "network_interfaces",
            unknown(),
        ),
    ]);
}

#[test]
fn gateways_are_attached_as_the_template_says() {
    const GATEWAY: &str = "AWS::EC2::InternetGateway";
    const ATTACHMENT: &str = "AWS::EC2::VPCGatewayAttachment";
    let of = |gateway: &str, vpc: &str| json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    let attached = || {
        let mut all = account();
        all.retain(|one| one["id"] != json!("igw-1"));
        let attachments = json!([{ "vpc_id": "vpc-1", "state": "available" }]);
        let gateway = json!({ "attachments": attachments, "tags": {} });
        all.push(resource("ec2.internet_gateway", "igw-1", gateway));
        all
    };
    let (new, old) = ("ec2.internet_gateway/web/One", "ec2.internet_gateway/igw-1");
    let first = "attachments.0.vpc_id";
    check(vec![
        ("new", vec![add(GATEWAY, json!({}))], new, "attachments", json!([])),
        (
            "new, attached",
            vec![add(GATEWAY, json!({})), add(ATTACHMENT, of(LATER, "vpc-1"))],
            new,
            "attachments",
            unknown(),
        ),
        (
            "new, attached, another one",
            vec![add(GATEWAY, json!({})), add(ATTACHMENT, of(LATER, "vpc-1"))],
            old,
            "attachments",
            json!([]),
        ),
        ("attached", vec![add(ATTACHMENT, of("igw-1", "vpc-1"))], old, first, json!("vpc-1")),
        (
            "attached to a new VPC",
            vec![add(ATTACHMENT, of("igw-1", LATER))],
            old,
            "attachments",
            unknown(),
        ),
    ]);
    check_in(
        &attached(),
        vec![
            (
                "detached",
                vec![remove(ATTACHMENT, "IGW|vpc-1", of("igw-1", "vpc-1"))],
                old,
                "attachments",
                json!([]),
            ),
            ("deleted", vec![remove(GATEWAY, "igw-1", json!({}))], old, "tags", "gone".into()),
        ],
    );
}

#[test]
fn endpoints_and_flow_logs_are_those_of_the_template() {
    const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
    const LOG: &str = "AWS::EC2::FlowLog";
    let endpoint = |more: Value| {
        with(json!({ "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3" }), more)
    };
    let new = |more: Value| vec![add(ENDPOINT, endpoint(more))];
    let set = |before: Value, after: Value| {
        vec![modify(ENDPOINT, "vpce-1", endpoint(before), endpoint(after))]
    };
    let log = |more: Value| {
        let log = json!({ "ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL" });
        vec![add(LOG, with(log, more))]
    };
    let policy = |principal: &str| {
        let statement =
            json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*" });
        json!({ "PolicyDocument": { "Statement": [statement] } })
    };
    let mut all = account();
    let existing = json!({
        "vpc_endpoint_type": "Gateway", "service_name": "com.amazonaws.eu-west-1.s3", "vpc_id": "vpc-1", "route_table_ids": ["rtb-1"],
        "policy_document": { "document": { "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }] } }, "tags": {},
    });
    all.push(resource("ec2.vpc_endpoint", "vpce-1", existing));
    let tables = |ids: &[&str]| json!({ "RouteTableIds": ids });
    let interface = |more: Value| new(with(json!({ "VpcEndpointType": "Interface" }), more));
    let (of_new, of_old) = ("ec2.vpc_endpoint/web/One", "ec2.vpc_endpoint/vpce-1");
    let principal = "policy_document.document.Statement.0.Principal";
    let of_log = "ec2.flow_log/web/One";
    let bucket =
        || json!({ "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::acme-logs" });
    check_in(
        &all,
        vec![
            ("gateway", new(json!({})), of_new, "vpc_endpoint_type", json!("Gateway")),
            ("policy", new(policy("*")), of_new, principal, json!("*")),
            ("any policy", new(policy(LATER)), of_new, "policy_document", unknown()),
            ("policy by default", new(json!({})), of_new, "policy_document", unknown()),
            ("no groups", new(json!({})), of_new, "groups", json!([])),
            (
                "group",
                interface(json!({ "SecurityGroupIds": ["sg-1"] })),
                of_new,
                "groups.0.group_id",
                json!("sg-1"),
            ),
            ("group of the VPC", interface(json!({})), of_new, "groups", unknown()),
            ("DNS", interface(json!({})), of_new, "private_dns_enabled", json!(false)),
            (
                "another policy",
                set(policy("arn:aws:iam::111122223333:root"), policy("*")),
                of_old,
                principal,
                json!("*"),
            ),
            ("no policy", set(policy("*"), json!({})), of_old, "policy_document", unknown()),
            (
                "another table",
                set(tables(&["rtb-1"]), tables(&["rtb-2"])),
                of_old,
                "route_table_ids.0",
                json!("rtb-2"),
            ),
            (
                "routes of the old table",
                set(tables(&["rtb-1"]), tables(&["rtb-2"])),
                "ec2.route_table/rtb-1",
                "routes",
                unknown(),
            ),
            (
                "routes of the new table",
                set(tables(&["rtb-1"]), tables(&["rtb-2"])),
                "ec2.route_table/rtb-2",
                "routes",
                unknown(),
            ),
            (
                "routes with another policy",
                set(with(tables(&["rtb-1"]), policy("*")), with(tables(&["rtb-1"]), policy("a"))),
                "ec2.route_table/rtb-1",
                "routes",
                json!([]),
            ),
            (
                "deleted",
                vec![remove(ENDPOINT, "vpce-1", endpoint(json!({})))],
                of_old,
                "tags",
                "gone".into(),
            ),
            ("log", log(json!({})), of_log, "resource_id", json!("vpc-1")),
            ("traffic", log(json!({})), of_log, "traffic_type", json!("ALL")),
            (
                "destination",
                log(json!({})),
                of_log,
                "log_destination_type",
                json!("cloud-watch-logs"),
            ),
            ("bucket", log(bucket()), of_log, "log_destination", json!("arn:aws:s3:::acme-logs")),
            ("bucket, no group", log(bucket()), of_log, "log_group_name", Value::Null),
            ("group", log(json!({ "LogGroupName": "g" })), of_log, "log_group_name", json!("g")),
            (
                "of a group",
                log(json!({ "LogGroupName": "g" })),
                of_log,
                "log_destination",
                unknown(),
            ),
            ("delivery", log(json!({})), of_log, "deliver_logs_status", unknown()),
            ("of a new VPC", log(json!({ "ResourceId": LATER })), of_log, "resource_id", unknown()),
        ],
    );
}

#[test]
fn settings_of_the_region_are_those_of_the_template() {
    const SNAPSHOTS: &str = "AWS::EC2::SnapshotBlockPublicAccess";
    const OPTIONS: &str = "AWS::EC2::VPCBlockPublicAccessOptions";
    let settings = "ec2.settings/eu-west-1";
    let state = |state: &str| json!({ "State": state });
    let mode = json!({ "InternetGatewayBlockMode": "block-bidirectional" });
    let at = "snapshot_block_public_access.state";
    check(vec![
        (
            "snapshots",
            vec![add(SNAPSHOTS, state("block-all-sharing"))],
            settings,
            at,
            json!("block-all-sharing"),
        ),
        (
            "snapshots, changed",
            vec![modify(
                SNAPSHOTS,
                "111122223333",
                state("block-all-sharing"),
                state("block-new-sharing"),
            )],
            settings,
            at,
            json!("block-new-sharing"),
        ),
        (
            "snapshots, not any more",
            vec![remove(SNAPSHOTS, "111122223333", state("block-all-sharing"))],
            settings,
            at,
            unknown(),
        ),
        (
            "VPCs",
            vec![add(OPTIONS, mode.clone())],
            settings,
            "vpc_block_public_access_options.internet_gateway_block_mode",
            json!("block-bidirectional"),
        ),
        (
            "VPCs, not any more",
            vec![remove(OPTIONS, "111122223333", mode)],
            settings,
            "vpc_block_public_access_options",
            unknown(),
        ),
    ]);
}

#[test]
fn access_points_are_those_of_the_template() {
    const POINT: &str = "AWS::S3::AccessPoint";
    let new =
        |more: Value| vec![add(POINT, with(json!({ "Name": "web", "Bucket": "acme-data" }), more))];
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": true } } });
    let policy = || json!({ "Policy": { "Statement": [statement] } });
    let block = |block: Value| json!({ "PublicAccessBlockConfiguration": block });
    let point = "s3.access_point/web";
    let at = "details.public_access_block_configuration";
    let acls = format!("{at}.block_public_acls");
    let condition = "policy.document.Statement.0.Condition.Bool.aws:SecureTransport";
    check(vec![
        ("bucket", new(json!({})), point, "bucket", json!("acme-data")),
        ("account", new(json!({})), point, "bucket_account_id", json!("111122223333")),
        ("origin", new(json!({})), point, "network_origin", json!("Internet")),
        (
            "VPC",
            new(json!({ "VpcConfiguration": { "VpcId": "vpc-1" } })),
            point,
            "vpc_configuration.vpc_id",
            json!("vpc-1"),
        ),
        ("policy", new(policy()), point, condition, json!(true)),
        ("no policy", new(json!({})), point, "policy", Value::Null),
        ("blocked by default", new(json!({})), point, at, unknown()),
        (
            "not blocked",
            new(block(json!({ "BlockPublicAcls": "false" }))),
            point,
            &acls,
            json!(false),
        ),
        (
            "of a new bucket",
            vec![add(POINT, json!({ "Bucket": LATER })), add("AWS::S3::Bucket", json!({}))],
            "s3.access_point/web/One",
            "bucket",
            unknown(),
        ),
    ]);
}
