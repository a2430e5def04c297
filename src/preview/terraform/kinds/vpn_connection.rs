//! `ec2.vpn_connection`: `aws_vpn_connection`. Whether tunnels are up is known only after the change.

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::vpn_connection::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_vpn_connection", connection)];

fn connection(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let text = |name: &str| Tree::from(cx.get(name).text());
    let tunnels = Tree::List(["tunnel1", "tunnel2"].map(|name| tunnel(cx, name)).to_vec());
    let options = fields([
        ("enable_acceleration", cx.get("enable_acceleration").flag().into()),
        ("static_routes_only", cx.get("static_routes_only").flag().into()),
        ("local_ipv4_network_cidr", text("local_ipv4_network_cidr")),
        ("remote_ipv4_network_cidr", text("remote_ipv4_network_cidr")),
        ("outside_ip_address_type", text("outside_ip_address_type")),
        ("tunnel_inside_ip_version", text("tunnel_inside_ip_version")),
        ("tunnel_options", tunnels),
    ]);
    let mut tree = fields([
        ("vpn_connection_id", id.0.as_str().into()),
        ("type", text("type")),
        ("customer_gateway_id", cx.link("customer_gateway_id")),
        ("vpn_gateway_id", cx.link("vpn_gateway_id")),
        ("transit_gateway_id", cx.link("transit_gateway_id")),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() || changes(cx) {
        tree.add(fields([("options", options)]));
    }
    if cx.is_created() {
        tree.add(fields([("state", "available".into())]));
    }
    cx.declare(&KIND, id, tree);
}

/// Whether an option of a tunnel or of the connection changes.
fn changes(cx: &Converter<'_>) -> bool {
    let names =
        ["tunnel1_", "tunnel2_", "enable_acceleration", "static_routes_only", "local_", "remote_"];
    let after = cx.resource.after();
    let before = cx.resource.before();
    let fields = after.raw().as_object().into_iter().flatten().map(|(name, _)| name);
    fields
        .filter(|name| names.iter().any(|start| name.starts_with(start)))
        .any(|name| after.get(name).is_unknown() || after.get(name).raw() != before.get(name).raw())
}

/// The options of a tunnel. What is not set has AWS's defaults.
fn tunnel(cx: &Converter<'_>, tunnel: &str) -> Tree {
    let get = |name: &str| cx.get(&format!("{tunnel}_{name}"));
    let number = |name: &str| match get(name).positive() {
        Ok(None) | Err(Why::Apply) => Tree::Unknown(Why::Default),
        other => other.into(),
    };
    let values = |name: &str| {
        let list = get(name);
        match list.is_set() {
            true => list.list_tree(|item| {
                let value = match item.raw() {
                    serde_json::Value::Number(_) => item.number().into(),
                    _ => item.text().into(),
                };
                fields([("value", value)])
            }),
            false => Tree::Unknown(Why::Default),
        }
    };
    let log = |block: Attribute<'_>| {
        let inner = |block: Attribute<'_>| {
            fields([
                (
                    "log_enabled",
                    block.get("log_enabled").flag().map(|on| on.unwrap_or(false)).into(),
                ),
                ("log_group_arn", block.get("log_group_arn").text().into()),
                ("log_output_format", block.get("log_output_format").text().into()),
            ])
        };
        fields([("cloud_watch_log_options", block.get("cloudwatch_log_options").block_tree(inner))])
    };
    let logs = get("log_options");
    let logs = match logs.is_unknown() && !cx.has_argument(&format!("{tunnel}_log_options")) {
        true => Tree::Unknown(Why::Default),
        false => logs.block_tree(log),
    };
    fields([
        ("outside_ip_address", get("address").text().into()),
        ("tunnel_inside_cidr", get("inside_cidr").text().into()),
        ("tunnel_inside_ipv6_cidr", get("inside_ipv6_cidr").text().into()),
        // Only that there is one.
        ("pre_shared_key", "present".into()),
        ("phase1_lifetime_seconds", number("phase1_lifetime_seconds")),
        ("phase2_lifetime_seconds", number("phase2_lifetime_seconds")),
        ("rekey_margin_time_seconds", number("rekey_margin_time_seconds")),
        ("rekey_fuzz_percentage", number("rekey_fuzz_percentage")),
        ("replay_window_size", number("replay_window_size")),
        ("dpd_timeout_seconds", number("dpd_timeout_seconds")),
        ("dpd_timeout_action", get("dpd_timeout_action").text().into()),
        ("phase1_encryption_algorithms", values("phase1_encryption_algorithms")),
        ("phase2_encryption_algorithms", values("phase2_encryption_algorithms")),
        ("phase1_integrity_algorithms", values("phase1_integrity_algorithms")),
        ("phase2_integrity_algorithms", values("phase2_integrity_algorithms")),
        ("phase1_dh_group_numbers", values("phase1_dh_group_numbers")),
        ("phase2_dh_group_numbers", values("phase2_dh_group_numbers")),
        ("ike_versions", values("ike_versions")),
        ("startup_action", get("startup_action").text().into()),
        ("log_options", logs),
        (
            "enable_tunnel_lifecycle_control",
            match get("enable_tunnel_lifecycle_control").flag() {
                Ok(None) => ABSENT,
                other => other.into(),
            },
        ),
    ])
}
