//! `ec2.client_vpn_endpoint`: `aws_ec2_client_vpn_endpoint` and its authorization rules.

use serde_json::json;

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::client_vpn_endpoint::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_ec2_client_vpn_authorization_rule", rule),
    Spec::new("aws_ec2_client_vpn_endpoint", endpoint),
    Spec::new("aws_ec2_client_vpn_network_association", association),
    Spec::new("aws_ec2_client_vpn_route", |_| {}),
];

fn endpoint(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let text = |name: &str| Tree::from(cx.get(name).text());
    let log = |block: Attribute<'_>| {
        fields([
            ("enabled", block.get("enabled").flag().into()),
            ("cloudwatch_log_group", block.get("cloudwatch_log_group").text().into()),
            ("cloudwatch_log_stream", block.get("cloudwatch_log_stream").text().into()),
        ])
    };
    let authentication = |block: Attribute<'_>| {
        let some = |name: &str, field: &'static str| match block.get(name).text() {
            Ok(None) => Tree::Known(serde_json::Value::Null),
            value => fields([(field, value.into())]),
        };
        fields([
            ("type", block.get("type").text().into()),
            ("active_directory", some("active_directory_id", "directory_id")),
            (
                "mutual_authentication",
                some("root_certificate_chain_arn", "client_root_certificate_chain"),
            ),
            ("federated_authentication", some("saml_provider_arn", "saml_provider_arn")),
        ])
    };
    let mut tree = fields([
        ("client_vpn_endpoint_id", id.0.as_str().into()),
        ("description", text("description")),
        ("client_cidr_block", text("client_cidr_block")),
        ("dns_servers", cx.get("dns_servers").texts()),
        ("split_tunnel", cx.get("split_tunnel").flag().map(|on| on.unwrap_or(false)).into()),
        ("transport_protocol", text("transport_protocol")),
        ("vpn_port", cx.get("vpn_port").number().into()),
        ("server_certificate_arn", text("server_certificate_arn")),
        ("authentication_options", cx.get("authentication_options").list_tree(authentication)),
        ("connection_log_options", cx.get("connection_log_options").block_tree(log)),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        // It becomes available with the first association.
        tree.add(fields([("status", json!({ "code": "available", "message": null }).into())]));
    }
    cx.declare(&KIND, id, tree);
}

fn rule(cx: &mut Converter<'_>) {
    let item = fields([
        ("description", cx.get("description").text().into()),
        ("group_id", cx.get("access_group_id").text().into()),
        ("access_all", cx.get("authorize_all_groups").flag().map(|on| on.unwrap_or(false)).into()),
        ("destination_cidr", cx.get("target_network_cidr").text().into()),
        ("status", json!({ "code": "active", "message": null }).into()),
    ]);
    let tree = fields([("authorization_rules", Tree::List(vec![item]))]);
    let target = cx.target("client_vpn_endpoint_id", &["id"]);
    cx.set(&KIND, target, &["authorization_rules"], tree);
}

fn association(cx: &mut Converter<'_>) {
    cx.brings("ec2.network_interface", Why::NotConverted);
}
