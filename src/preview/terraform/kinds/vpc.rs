//! `ec2.vpc`: `aws_vpc` and `aws_default_vpc`. AWS creates a default security group, a default network
//! ACL and a main route table with a VPC.

use serde_json::json;

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::{network_acl, route_table, security_group, vpc::KIND};
use crate::preview::item::{Adoptee, default_of};
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_default_vpc", vpc),
    Spec::new("aws_vpc", vpc),
    Spec::new("aws_vpc_dhcp_options_association", dhcp_options),
    Spec::new("aws_vpc_ipv4_cidr_block_association", ipv4),
    Spec::new("aws_vpc_ipv6_cidr_block_association", ipv6),
];

fn dhcp_options(cx: &mut Converter<'_>) {
    let tree = fields([("dhcp_options_id", cx.link("dhcp_options_id"))]);
    cx.set(&KIND, cx.target("vpc_id", &["id"]), &["dhcp_options_id"], tree);
}

fn vpc(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = fields([
        ("vpc_id", id.0.as_str().into()),
        ("owner_id", owner(cx)),
        ("cidr_block", cx.get("cidr_block").text().into()),
        ("instance_tenancy", cx.get("instance_tenancy").text().into()),
        (
            "attributes",
            fields([
                (
                    "enable_dns_support",
                    cx.get("enable_dns_support").flag().map(|on| on.unwrap_or(true)).into(),
                ),
                (
                    "enable_dns_hostnames",
                    cx.get("enable_dns_hostnames").flag().map(|on| on.unwrap_or(false)).into(),
                ),
            ]),
        ),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        let is_default = cx.resource.type_name == "aws_default_vpc";
        tree.add(fields([("state", "available".into()), ("is_default", is_default.into())]));
    }
    let created = cx.is_created() && id.1;
    let vpc = id.0.clone();
    cx.declare(&KIND, id, tree);
    if !created {
        return;
    }
    defaults(cx, &vpc);
    if cx.resource.type_name == "aws_default_vpc" {
        // It is taken over if there is one. A new one has subnets and an internet gateway.
        cx.adopt(&KIND, Adoptee::Vpc);
        cx.gap("ec2.subnet", Why::NotConverted);
        cx.gap("ec2.internet_gateway", Why::NotConverted);
    }
}

/// What AWS creates with a VPC.
fn defaults(cx: &mut Converter<'_>, vpc: &str) {
    let owner = owner(cx);
    let group = default_of(vpc, "default_security_group_id");
    let rule = |source: serde_json::Value| {
        let mut rule = json!({
            "ip_protocol": "-1", "from_port": null, "to_port": null, "ip_ranges": [],
            "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
        });
        if let (Some(rule), serde_json::Value::Object(source)) = (rule.as_object_mut(), source) {
            rule.extend(source);
        }
        Tree::Default(json!([rule]))
    };
    let of_group = json!({ "user_id_group_pairs": [{
        "group_id": group, "user_id": cx.location.account.as_str(), "vpc_id": null,
        "vpc_peering_connection_id": null, "peering_status": null, "description": null,
    }] });
    let anywhere = json!({ "ip_ranges": [{ "cidr_ip": "0.0.0.0/0", "description": null }] });
    let tree = fields([
        ("group_id", group.as_str().into()),
        ("group_name", "default".into()),
        ("description", "default VPC security group".into()),
        ("vpc_id", vpc.into()),
        ("owner_id", owner.clone()),
        ("ip_permissions", rule(of_group)),
        ("ip_permissions_egress", rule(anywhere)),
        ("tags", Tree::Object(Default::default())),
    ]);
    cx.declare(&security_group::KIND, (group, true), tree);
    let acl = default_of(vpc, "default_network_acl_id");
    let entry = |number: i64, egress: bool, action: &str| {
        json!({
            "rule_number": number, "egress": egress, "rule_action": action, "protocol": "-1",
            "cidr_block": "0.0.0.0/0", "ipv6_cidr_block": null, "port_range": null, "icmp_type_code": null,
        })
    };
    let entries = json!([
        entry(100, true, "allow"),
        entry(32_767, true, "deny"),
        entry(100, false, "allow"),
        entry(32_767, false, "deny"),
    ]);
    let tree = fields([
        ("network_acl_id", acl.as_str().into()),
        ("vpc_id", vpc.into()),
        ("owner_id", owner.clone()),
        ("is_default", true.into()),
        ("associations", Tree::List(Vec::new())),
        ("entries", Tree::Default(entries)),
        ("tags", Tree::Object(Default::default())),
    ]);
    cx.declare(&network_acl::KIND, (acl, true), tree);
    let table = default_of(vpc, "main_route_table_id");
    let routes = match cx.resource.type_name.as_str() {
        // With a route to the internet.
        "aws_default_vpc" => Tree::Unknown(Why::NotConverted),
        _ => Tree::List(vec![super::route_table::local_route(cx.get("cidr_block"))]),
    };
    let tree = fields([
        ("route_table_id", table.as_str().into()),
        ("vpc_id", vpc.into()),
        ("owner_id", owner),
        ("associations", Tree::List(vec![main_association()])),
        ("routes", routes),
        ("propagating_vgws", Tree::List(Vec::new())),
        ("tags", Tree::Object(Default::default())),
    ]);
    cx.declare(&route_table::KIND, (table, true), tree);
}

/// The association of a main route table.
fn main_association() -> Tree {
    fields([
        ("main", true.into()),
        ("subnet_id", ABSENT),
        ("gateway_id", ABSENT),
        ("public_ipv4_pool", ABSENT),
        ("association_state", json!({ "state": "associated", "status_message": null }).into()),
    ])
}

fn ipv4(cx: &mut Converter<'_>) {
    association(cx, "cidr_block_association_set");
}

fn ipv6(cx: &mut Converter<'_>) {
    association(cx, "ipv6_cidr_block_association_set");
}

fn association(cx: &mut Converter<'_>, field: &'static str) {
    if cx.resource.is_changed() {
        let target = cx.target("vpc_id", &["id"]);
        let names: &'static [&'static str] =
            &["cidr_block_association_set", "ipv6_cidr_block_association_set"];
        let unknown = fields([(field, Tree::Unknown(Why::NotConverted))]);
        match target {
            Target::Id(_) if cx.when == crate::preview::terraform::convert::When::Before => {}
            target => cx.set(&KIND, target, names, unknown),
        }
    }
}
