//! Cases of actions on the sharing of images and snapshots, and on networks.

use serde_json::{Value, json};

use super::scenery::{Case, case};

fn image(permissions: Value, public: bool) -> Value {
    json!({
        "image_id": "ami-0a1", "owner_id": "111122223333", "public": public,
        "launch_permission": permissions,
    })
}

fn snapshot(permissions: Value, public: bool) -> Value {
    json!({
        "snapshot_id": "snap-0a1", "owner_id": "111122223333", "encrypted": false,
        "start_time": "2026-01-31T08:15:02Z", "public": public,
        "create_volume_permission": permissions,
    })
}

fn shared() -> Vec<Case> {
    let of = |title, action, kind, facts| case(title, action, json!({}), kind, facts);
    let partner = || json!({ "user_id": "444455556666" });
    let organization =
        || json!({ "organization_arn": "arn:aws:organizations::111122223333:organization/o-1" });
    vec![
        of(
            "other permissions stay",
            "ec2.image.unshare_all",
            "ec2.image",
            image(json!([partner(), { "group": "all" }, organization()]), true),
        ),
        of("not public", "ec2.image.unshare_all", "ec2.image", image(json!([partner()]), false)),
        of("recorded value", "ec2.image.share_all", "ec2.image", image(json!([partner()]), false)),
        of(
            "other permissions stay",
            "ec2.snapshot.unshare_all",
            "ec2.snapshot",
            snapshot(json!([{ "group": "all" }, partner()]), true),
        ),
        of("not public", "ec2.snapshot.unshare_all", "ec2.snapshot", snapshot(json!([]), false)),
        of("recorded value", "ec2.snapshot.share_all", "ec2.snapshot", snapshot(json!([]), false)),
    ]
}

fn interface(check: bool, managed: bool) -> Value {
    json!({
        "network_interface_id": "eni-0a1", "owner_id": "111122223333", "status": "in-use",
        "requester_managed": managed, "source_dest_check": check,
    })
}

fn interfaces() -> Vec<Case> {
    let enable = |title, facts| {
        let action = "ec2.network_interface.enable_source_dest_check";
        case(title, action, json!({}), "ec2.network_interface", facts)
    };
    let table = |interface: &str| {
        json!({ "route_table_id": "rtb-1", "routes": [
            { "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local" },
            { "destination_cidr_block": "0.0.0.0/0", "network_interface_id": interface },
        ] })
    };
    let of_instance = || {
        let mut facts = interface(false, false);
        facts["attachment"] = json!({ "instance_id": "i-0a1" });
        facts["private_ip_addresses"] = json!([{ "private_ip_address": "10.0.0.4" }]);
        facts
    };
    let route = |route: Value| json!({ "route_table_id": "rtb-1", "routes": [route] });
    vec![
        enable("no route to it", interface(false, false)).beside("ec2.route_table", table("eni-2")),
        enable("a route to it", interface(false, false))
            .beside("ec2.route_table", table("eni-0a1")),
        enable("a route to its instance", of_instance())
            .beside("ec2.route_table", route(json!({ "instance_id": "i-0a1" }))),
        enable("a route to its address", of_instance())
            .beside("ec2.route_table", route(json!({ "ip_address": "10.0.0.4" }))),
        enable("a route to another instance", of_instance())
            .beside("ec2.route_table", route(json!({ "instance_id": "i-2" }))),
        enable("enabled already", interface(true, false)),
        enable("managed by a service", interface(false, true)),
        case(
            "recorded value",
            "ec2.network_interface.disable_source_dest_check",
            json!({}),
            "ec2.network_interface",
            interface(true, false),
        ),
    ]
}

fn subnet(ipv4: bool, ipv6: bool, ipv6_only: bool) -> Value {
    json!({
        "subnet_id": "subnet-0a1", "owner_id": "111122223333", "vpc_id": "vpc-1",
        "map_public_ip_on_launch": ipv4, "assign_ipv6_address_on_creation": ipv6,
        "ipv6_native": ipv6_only,
    })
}

fn subnets() -> Vec<Case> {
    let both = || {
        json!({ "attributes": [
            "assign_ipv6_address_on_creation", "map_public_ip_on_launch", "map_public_ip_on_launch",
        ] })
    };
    let ipv4 = || json!({ "attributes": ["map_public_ip_on_launch"] });
    let disable = |title, parameters, facts| {
        case(title, "ec2.subnet.disable_public_ip", parameters, "ec2.subnet", facts)
    };
    vec![
        disable("only the named attribute", ipv4(), subnet(true, true, false)),
        disable("both", both(), subnet(true, true, false)),
        disable("one of both was on", both(), subnet(true, false, false)),
        disable("off already", ipv4(), subnet(false, true, false)),
        disable("IPv6 only", both(), subnet(false, true, true)),
        case(
            "recorded value",
            "ec2.subnet.enable_public_ip",
            both(),
            "ec2.subnet",
            subnet(false, false, false),
        ),
    ]
}

fn gateway(accept: &str, state: &str) -> Value {
    json!({
        "transit_gateway_id": "tgw-0a1", "owner_id": "111122223333", "state": state,
        "options": { "auto_accept_shared_attachments": accept, "dns_support": "enable" },
    })
}

fn gateways() -> Vec<Case> {
    let disable = |title, facts| {
        let action = "ec2.transit_gateway.disable_auto_accept";
        case(title, action, json!({}), "ec2.transit_gateway", facts)
    };
    vec![
        disable("other options stay", gateway("enable", "available")),
        disable("disabled already", gateway("disable", "available")),
        disable("modifying", gateway("enable", "modifying")),
        case(
            "recorded value",
            "ec2.transit_gateway.enable_auto_accept",
            json!({}),
            "ec2.transit_gateway",
            gateway("disable", "available"),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [shared(), interfaces(), subnets(), gateways()].concat()
}
