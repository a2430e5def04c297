//! What AWS creates with a VPC: a default security group, a default network ACL and a main route table.

use serde_json::{Value, json};

use super::route_table::main_association;
use crate::facts::Kind;
use crate::facts::ec2::{network_acl, route_table, security_group};
use crate::preview::item::default_of;
use crate::preview::tree::Tree;

/// What is created with the VPC that `vpc` names, in an account: kinds, ids and what they are.
/// `routes` are those of the main route table.
pub fn defaults(
    vpc: &str,
    account: &str,
    owner: &Tree,
    routes: Tree,
) -> [(&'static Kind, String, Tree); 3] {
    let group = default_of(vpc, "default_security_group_id");
    let acl = default_of(vpc, "default_network_acl_id");
    let table = default_of(vpc, "main_route_table_id");
    let in_vpc = |tree: Tree| {
        let mut tree = tree;
        tree.add(Tree::object([
            ("vpc_id", vpc.into()),
            ("owner_id", owner.clone()),
            ("tags", Tree::Object(Default::default())),
        ]));
        tree
    };
    let of_group = in_vpc(Tree::object([
        ("group_id", group.as_str().into()),
        ("group_name", "default".into()),
        ("description", "default VPC security group".into()),
        ("ip_permissions", all_traffic(from_group(&group, account))),
        ("ip_permissions_egress", all_traffic(from_anywhere())),
    ]));
    let of_acl = in_vpc(Tree::object([
        ("network_acl_id", acl.as_str().into()),
        ("is_default", true.into()),
        ("associations", Tree::List(Vec::new())),
        ("entries", Tree::Default(entries())),
    ]));
    let of_table = in_vpc(Tree::object([
        ("route_table_id", table.as_str().into()),
        ("associations", Tree::List(vec![main_association()])),
        ("routes", routes),
        ("propagating_vgws", Tree::List(Vec::new())),
    ]));
    [
        (&security_group::KIND, group, of_group),
        (&network_acl::KIND, acl, of_acl),
        (&route_table::KIND, table, of_table),
    ]
}

/// A rule of the default security group.
fn all_traffic(source: Value) -> Tree {
    let mut rule = json!({
        "ip_protocol": "-1", "from_port": null, "to_port": null, "ip_ranges": [],
        "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    });
    if let (Some(rule), Value::Object(source)) = (rule.as_object_mut(), source) {
        rule.extend(source);
    }
    Tree::Default(json!([rule]))
}

fn from_group(group: &str, account: &str) -> Value {
    json!({ "user_id_group_pairs": [{
        "group_id": group, "user_id": account, "vpc_id": null,
        "vpc_peering_connection_id": null, "peering_status": null, "description": null,
    }] })
}

fn from_anywhere() -> Value {
    json!({ "ip_ranges": [{ "cidr_ip": "0.0.0.0/0", "description": null }] })
}

/// The entries of the default network ACL.
fn entries() -> Value {
    let entry = |number: i64, egress: bool, action: &str| {
        json!({
            "rule_number": number, "egress": egress, "rule_action": action, "protocol": "-1",
            "cidr_block": "0.0.0.0/0", "ipv6_cidr_block": null, "port_range": null, "icmp_type_code": null,
        })
    };
    json!([
        entry(100, true, "allow"),
        entry(32_767, true, "deny"),
        entry(100, false, "allow"),
        entry(32_767, false, "deny"),
    ])
}
