//! Cases of actions on VPN connections and on logs.

use serde_json::{Value, json};

use super::scenery::{Case, case};

fn endpoint(options: Value, status: &str) -> Value {
    json!({
        "client_vpn_endpoint_id": "cvpn-endpoint-0a1", "status": { "code": status },
        "authentication_options": [], "connection_log_options": options,
    })
}

fn endpoints() -> Vec<Case> {
    let set = |title, parameters, facts| {
        let action = "ec2.client_vpn_endpoint.set_logging";
        case(title, action, parameters, "ec2.client_vpn_endpoint", facts)
    };
    let group = || json!({ "cloudwatch_log_group": "/vpn/clients" });
    let stream = || json!({ "cloudwatch_log_group": "/vpn/clients", "cloudwatch_log_stream": "a" });
    let on = |stream: &str| {
        json!({
            "enabled": true, "cloudwatch_log_group": "/vpn/clients",
            "cloudwatch_log_stream": stream,
        })
    };
    vec![
        set("off, without a stream", group(), endpoint(json!({ "enabled": false }), "available")),
        set("off, with a stream", stream(), endpoint(json!({ "enabled": false }), "available")),
        set("another stream", stream(), endpoint(on("b"), "available")),
        set("any stream is good", group(), endpoint(on("b"), "available")),
        set(
            "the context of authorization decisions stays",
            group(),
            endpoint(
                json!({ "enabled": false, "include_authorization_policy_context": true }),
                "available",
            ),
        ),
        set("deleted", group(), endpoint(json!({ "enabled": false }), "deleted")),
        set("no options", group(), endpoint(Value::Null, "available")),
        case(
            "recorded value",
            "ec2.client_vpn_endpoint.restore_logging",
            json!({ "enabled": false }),
            "ec2.client_vpn_endpoint",
            endpoint(on("a"), "available"),
        ),
    ]
}

const TUNNEL: &str = "203.0.113.10";

fn connection(tunnel: Value, other: &str) -> Value {
    let mut options = tunnel;
    options["outside_ip_address"] = TUNNEL.into();
    json!({
        "vpn_connection_id": "vpn-0a1", "state": "available",
        "options": { "tunnel_options": [
            { "outside_ip_address": "203.0.113.20", "ike_versions": [{ "value": "ikev1" }] },
            options,
        ] },
        "vgw_telemetry": [
            { "outside_ip_address": TUNNEL, "status": "UP" },
            { "outside_ip_address": "203.0.113.20", "status": other },
        ],
    })
}

fn tunnels() -> Vec<Case> {
    let of = |title, action, parameters, facts| {
        let mut parameters: Value = parameters;
        if parameters.get("outside_ip_address").is_none() {
            parameters["outside_ip_address"] = TUNNEL.into();
        }
        case(title, action, parameters, "ec2.vpn_connection", facts)
    };
    let set = |title, parameters, facts| {
        of(title, "ec2.vpn_connection.set_tunnel_options", parameters, facts)
    };
    let restore = |title, parameters, facts| {
        of(title, "ec2.vpn_connection.restore_tunnel_options", parameters, facts)
    };
    let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:vpn";
    let ikev2 = || json!({ "ike_versions": ["ikev2"] });
    let log =
        || json!({ "cloud_watch_log_options": { "log_enabled": true, "log_group_arn": arn } });
    let both = || json!({ "ike_versions": [{ "value": "ikev1" }, { "value": "ikev2" }] });
    let logs = |options: Value| json!({ "log_options": { "cloud_watch_log_options": options } });
    let is_on =
        || json!({ "log_enabled": true, "log_group_arn": arn, "log_output_format": "json" });
    vec![
        set("both IKE versions", ikev2(), connection(both(), "UP")),
        set("no IKE version is both", ikev2(), connection(json!({}), "UP")),
        set(
            "only IKEv2 already",
            ikev2(),
            connection(json!({ "ike_versions": [{ "value": "ikev2" }] }), "DOWN"),
        ),
        set("the other tunnel is down", ikev2(), connection(both(), "DOWN")),
        set(
            "no such tunnel",
            json!({ "outside_ip_address": "203.0.113.30", "ike_versions": ["ikev2"] }),
            connection(both(), "UP"),
        ),
        set(
            "logging is off, and options of BGP logs stay",
            log(),
            connection(logs(json!({ "log_enabled": false, "bgp_log_enabled": true })), "UP"),
        ),
        set("no log options", log(), connection(json!({}), "UP")),
        set("logging is on already", log(), connection(logs(is_on()), "UP")),
        restore(
            "recorded IKE versions",
            json!({ "ike_versions": ["ikev2", "ikev1"] }),
            connection(json!({ "ike_versions": [{ "value": "ikev2" }] }), "DOWN"),
        ),
        restore(
            "recorded log options",
            json!({ "cloud_watch_log_options": { "log_enabled": false } }),
            connection(logs(is_on()), "UP"),
        ),
    ]
}

fn flow_logs() -> Vec<Case> {
    let vpc = || json!({ "vpc_id": "vpc-0a1", "owner_id": "111122223333" });
    let log = |id: &str, vpc: &str, traffic: &str, delivery: &str, destination: &str| {
        json!({
            "flow_log_id": id, "resource_id": vpc, "traffic_type": traffic,
            "flow_log_status": "ACTIVE", "deliver_logs_status": delivery,
            "log_destination_type": "s3", "log_destination": destination,
        })
    };
    let create = |title| {
        let parameters = json!({ "log_destination": "arn:aws:s3:::flow-logs/vpc/" });
        case(title, "ec2.vpc.create_flow_log", parameters, "ec2.vpc", vpc())
    };
    let here = "arn:aws:s3:::flow-logs/vpc";
    let there = "arn:aws:s3:::other";
    let delete = |title| {
        let parameters = json!({ "flow_log_id": "fl-0b2" });
        case(title, "ec2.flow_log.delete", parameters, "ec2.vpc", vpc())
    };
    vec![
        create("no flow log"),
        create("others do not count")
            .beside("ec2.flow_log", log("fl-1", "vpc-2", "ALL", "SUCCESS", here))
            .beside("ec2.flow_log", log("fl-2", "vpc-0a1", "REJECT", "SUCCESS", there))
            .beside("ec2.flow_log", log("fl-3", "vpc-0a1", "ALL", "FAILED", there)),
        create("recorded already")
            .beside("ec2.flow_log", log("fl-1", "vpc-0a1", "ALL", "SUCCESS", here)),
        create("recorded elsewhere")
            .beside("ec2.flow_log", log("fl-1", "vpc-0a1", "ALL", "SUCCESS", there)),
        create("delivery fails")
            .beside("ec2.flow_log", log("fl-1", "vpc-0a1", "ALL", "FAILED", here)),
        delete("created by a plan")
            .beside("ec2.flow_log", log("fl-0b2", "vpc-0a1", "ALL", "SUCCESS", here)),
        delete("of another VPC")
            .beside("ec2.flow_log", log("fl-0b2", "vpc-2", "ALL", "SUCCESS", here)),
        delete("deleted already"),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [endpoints(), tunnels(), flow_logs()].concat()
}

/// Values that the types of parameters allow, but no action does.
pub(super) fn invalid() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("ec2.subnet.disable_public_ip", json!({ "attributes": [] })),
        ("ec2.subnet.disable_public_ip", json!({ "attributes": ["ipv6_native"] })),
        ("ec2.settings.set_tokens", json!({ "http_tokens": "maybe" })),
        ("ec2.settings.set_snapshot_sharing", json!({})),
        ("ec2.instance.require_tokens", json!({ "http_endpoint": "disabled" })),
        ("ec2.client_vpn_endpoint.set_logging", json!({ "cloudwatch_log_group": "a:b" })),
        ("ec2.client_vpn_endpoint.set_logging", json!({ "cloudwatch_log_group": "" })),
        (
            "ec2.client_vpn_endpoint.set_logging",
            json!({ "cloudwatch_log_group": "a", "cloudwatch_log_stream": "*" }),
        ),
        ("ec2.flow_log.delete", json!({ "flow_log_id": "*" })),
        ("ec2.flow_log.delete", json!({ "flow_log_id": "fl-1/../x" })),
        ("ec2.flow_log.delete", json!({ "flow_log_id": "" })),
    ];
    let destinations = [
        "flow-logs",
        "arn:aws:s3:::",
        "arn:aws:s3:::*",
        "arn:aws:s3:::flow-logs/AWSLogs/x",
        "arn:aws:s3:::flow-logs/a b",
        "arn:aws:logs:eu-west-1:111122223333:log-group:x",
    ];
    let create = |text: &&str| ("ec2.vpc.create_flow_log", json!({ "log_destination": text }));
    all.extend(destinations.iter().map(create));
    let tunnel = |parameters| ("ec2.vpn_connection.set_tunnel_options", parameters);
    all.extend([
        tunnel(json!({ "outside_ip_address": TUNNEL })),
        tunnel(json!({ "outside_ip_address": "tunnel", "ike_versions": ["ikev2"] })),
        tunnel(json!({ "outside_ip_address": TUNNEL, "ike_versions": [] })),
        tunnel(json!({ "outside_ip_address": TUNNEL, "ike_versions": ["ikev1", "ikev2"] })),
        tunnel(json!({
            "outside_ip_address": TUNNEL, "cloud_watch_log_options": { "log_enabled": false },
        })),
        tunnel(json!({
            "outside_ip_address": TUNNEL, "cloud_watch_log_options": { "log_enabled": true },
        })),
        tunnel(json!({
            "outside_ip_address": TUNNEL,
            "cloud_watch_log_options": { "log_enabled": true, "log_group_arn": "vpn" },
        })),
    ]);
    all
}
