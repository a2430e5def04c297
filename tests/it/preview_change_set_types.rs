//! What types of CloudFormation change that are not converted.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_change_set::{
    STACK, account, add, change, check, lines_after, modify, unknown, with,
};
use crate::program::{run, text};

#[test]
fn what_types_that_are_not_converted_change_is_unknown() {
    let one = |name: &str, properties: Value| vec![add(name, properties)];
    let set = |name: &str, id: &str| vec![modify(name, id, json!({ "A": 1 }), json!({ "A": 2 }))];
    let nested = |action: &str| {
        vec![change(
            action,
            "AWS::CloudFormation::Stack",
            Some("arn:aws:cloudformation:eu-west-1:111122223333:stack/web-Data-1/2"),
            [None, None],
        )]
    };
    let outer = || {
        vec![change(
            "Modify",
            "AWS::CloudFormation::Stack",
            Some("arn:aws:cloudformation:eu-west-1:111122223333:stack/web-Data/9"),
            [None, None],
        )]
    };
    let custom = || {
        one(
            "Custom::Policy",
            json!({ "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Bucket": "acme-data" }),
        )
    };
    let block = || json!({ "InternetGatewayBlockMode": "block-bidirectional" });
    check(vec![
        (
            "routes from a gateway",
            one(
                "AWS::EC2::VPNGatewayRoutePropagation",
                json!({ "RouteTableIds": ["rtb-1", "rtb-2"], "VpnGatewayId": "vgw-1" }),
            ),
            "ec2.route_table/rtb-2",
            "propagating_vgws",
            unknown(),
        ),
        (
            "ACL entry",
            one("AWS::EC2::NetworkAclEntry", json!({ "NetworkAclId": "acl-1" })),
            "ec2.network_acl/acl-1",
            "entries",
            unknown(),
        ),
        (
            "volume attached",
            one("AWS::EC2::VolumeAttachment", json!({ "VolumeId": "vol-1", "InstanceId": "i-1" })),
            "ec2.volume/vol-1",
            "attachments",
            unknown(),
        ),
        (
            "volume of an instance",
            one(
                "AWS::EC2::Instance",
                json!({ "Volumes": [{ "VolumeId": "vol-1", "Device": "/dev/sdf" }] }),
            ),
            "ec2.volume/vol-1",
            "attachments",
            unknown(),
        ),
        (
            "address",
            one(
                "AWS::EC2::EIPAssociation",
                json!({ "AllocationId": "eipalloc-1", "InstanceId": "i-1" }),
            ),
            "ec2.instance/i-1",
            "public_ip_address",
            unknown(),
        ),
        (
            "address by its number",
            set("AWS::EC2::EIP", "198.51.100.7"),
            "ec2.address/eipalloc-1",
            "public_ip",
            unknown(),
        ),
        (
            "interface of an instance",
            set("AWS::EC2::Instance", "i-1"),
            "ec2.network_interface/eni-1",
            "groups",
            unknown(),
        ),
        (
            "instance of an interface",
            set("AWS::EC2::NetworkInterface", "eni-1"),
            "ec2.instance/i-1",
            "security_groups",
            unknown(),
        ),
        (
            "address of a NAT gateway",
            one(
                "AWS::EC2::NatGateway",
                json!({ "AllocationId": "eipalloc-1", "SubnetId": "subnet-1" }),
            ),
            "ec2.address/eipalloc-1",
            "public_ip",
            unknown(),
        ),
        (
            "address of a load balancer",
            one(
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                json!({ "SubnetMappings": [{ "SubnetId": "subnet-1", "AllocationId": "eipalloc-1" }] }),
            ),
            "ec2.address/eipalloc-1",
            "public_ip",
            unknown(),
        ),
        (
            "gateway endpoint",
            one("AWS::EC2::VPCEndpoint", json!({ "VpcId": "vpc-1", "RouteTableIds": ["rtb-1"] })),
            "ec2.route_table/rtb-1",
            "routes",
            unknown(),
        ),
        (
            "IPv6 of a VPC",
            one(
                "AWS::EC2::VPCCidrBlock",
                json!({ "VpcId": "vpc-1", "AmazonProvidedIpv6CidrBlock": true }),
            ),
            "ec2.security_group/sg-1",
            "ip_permissions_egress",
            unknown(),
        ),
        (
            "interface of a new instance",
            one(
                "AWS::EC2::Instance",
                json!({ "NetworkInterfaces": [{ "DeviceIndex": "0", "NetworkInterfaceId": "eni-1" }] }),
            ),
            "ec2.network_interface/eni-1",
            "attachment",
            unknown(),
        ),
        (
            "new interface of a new instance",
            one(
                "AWS::EC2::Instance",
                json!({ "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": "{{changeSet:KNOWN_AFTER_APPLY}}" }] }),
            ),
            "ec2.network_interface/eni-1",
            "attachment.instance_id",
            json!("i-1"),
        ),
        (
            "block mode of subnets",
            one("AWS::EC2::VPCBlockPublicAccessOptions", block()),
            "ec2.subnet/subnet-1",
            "block_public_access_states",
            unknown(),
        ),
        ("nested", nested("Modify"), "s3.bucket/acme-nested", "versioning", unknown()),
        ("nested, removed", nested("Remove"), "s3.bucket/acme-nested", "versioning", unknown()),
        ("nested in nested", outer(), "s3.bucket/acme-nested", "versioning", unknown()),
        (
            "not nested",
            nested("Modify"),
            "s3.bucket/acme-data",
            "versioning.status",
            json!("Enabled"),
        ),
        ("custom", custom(), "s3.bucket/acme-data", "policy", unknown()),
        ("custom, another", custom(), "s3.bucket/acme-logs", "versioning.status", json!("Enabled")),
    ]);
}

/// Without property values, nothing is known of the resource, but it is the one in the snapshot.
#[test]
fn a_resource_that_stays_does_not_hide_the_others() {
    let bare = |of: &str, id: &str| change("Modify", of, Some(id), [None, None]);
    let replaced =
        |replacement: &str| with(bare(BUCKET, "acme-data"), json!({ "Replacement": replacement }));
    let mut unsaid = bare(BUCKET, "acme-data");
    unsaid.as_object_mut().unwrap().remove("Replacement");
    const BUCKET: &str = "AWS::S3::Bucket";
    for (about, change, kind, is_listed) in [
        ("bucket", bare(BUCKET, "acme-data"), "s3.bucket", true),
        ("not in the snapshot", bare(BUCKET, "acme-new"), "s3.bucket", false),
        ("replaced", replaced("True"), "s3.bucket", false),
        ("maybe replaced", replaced("Conditional"), "s3.bucket", false),
        ("not said", unsaid, "s3.bucket", false),
        ("added", change("Add", BUCKET, None, [None, None]), "s3.bucket", false),
        ("group", bare("AWS::EC2::SecurityGroup", "sg-1"), "ec2.security_group", true),
        ("group by name", bare("AWS::EC2::SecurityGroup", "web"), "ec2.security_group", true),
        ("instance", bare("AWS::EC2::Instance", "i-1"), "ec2.instance", true),
        ("volumes of it", bare("AWS::EC2::Instance", "i-1"), "ec2.volume", false),
        ("another", bare("AWS::EC2::Instance", "i-0123456789abcdef0"), "ec2.instance", false),
        ("no type", bare("AWS::EC2::EIP", "198.51.100.7"), "ec2.address", true),
        ("interfaces of it", bare("AWS::EC2::EIP", "198.51.100.7"), "ec2.network_interface", false),
    ] {
        let lines = lines_after(&account(), &[change], json!({}));
        let extent = json!({ "kind": kind, "of": "list" });
        let is_gap = |line: &Value| {
            line["extent"] == extent
                && line["message"].as_str().unwrap().contains("because of web/One")
        };
        assert_eq!(lines.iter().any(is_gap), !is_listed, "{about}");
    }
    let tgw = bare("AWS::EC2::TransitGateway", "tgw-1");
    check(vec![
        ("it", vec![bare(BUCKET, "acme-data")], "s3.bucket/acme-data", "versioning", unknown()),
        (
            "another",
            vec![bare(BUCKET, "acme-data")],
            "s3.bucket/acme-logs",
            "versioning.status",
            json!("Enabled"),
        ),
        ("transit gateway", vec![tgw], "ec2.transit_gateway/tgw-1", "options", unknown()),
    ]);
}

#[test]
fn nested_stacks_and_custom_resources_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (night, file) = (dir.path().join("night"), dir.path().join("set.json"));
    snapshot(&night, &account());
    let changes: Vec<Value> = ["AWS::CloudFormation::Stack", "Custom::Policy"]
        .iter()
        .map(|name| json!({ "Type": "Resource", "ResourceChange": add(name, json!({})) }))
        .collect();
    let set = json!({ "StackName": "web", "StackId": STACK, "Status": "CREATE_COMPLETE", "Changes": changes });
    fs::write(&file, set.to_string()).unwrap();
    let ran = run(&[
        "preview",
        "--snapshot",
        text(&night),
        "--change-set",
        text(&file),
        "--output",
        "json",
    ]);
    let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
    let types: Vec<&Value> =
        preview["unknown_types"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(
        types,
        [&json!("AWS::CloudFormation::Stack"), &json!("Custom::Policy")],
        "{preview}"
    );
}
