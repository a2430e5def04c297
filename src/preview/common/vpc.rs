//! What AWS creates with a VPC: a default security group, a default network ACL and a main route table.

use serde_json::{Value, json};

use super::route_table::main_association;
use crate::facts::Kind;
use crate::facts::ec2::{network_acl, route_table, security_group};
use crate::preview::item::default_of;
use crate::preview::tree::Tree;

/// A VPC that does not exist yet.
#[derive(Debug)]
pub struct NewVpc<'v> {
    /// What names it.
    pub name: &'v str,
    /// Its account.
    pub account: &'v str,
    /// Who owns it.
    pub owner: Tree,
    /// The routes of its main route table.
    pub routes: Tree,
    /// Whether it has an IPv6 range, for which AWS adds rules; `None` if that is not known.
    pub has_ipv6: Option<bool>,
    /// Whether it can be one that exists, whose defaults somebody may have changed.
    pub may_exist: bool,
}

impl NewVpc<'_> {
    /// What is created with it: kinds, ids and what they are. AWS creates them in the same way in all
    /// accounts and regions.
    pub fn defaults(&self) -> [(&'static Kind, String, Tree); 3] {
        let (vpc, has_ipv6) = (self.name, self.has_ipv6);
        let group = default_of(vpc, "default_security_group_id");
        let acl = default_of(vpc, "default_network_acl_id");
        let table = default_of(vpc, "main_route_table_id");
        let in_vpc = |mut tree: Tree| {
            tree.add(Tree::object([
                ("vpc_id", vpc.into()),
                ("owner_id", self.owner.clone()),
                ("tags", Tree::Object(Default::default())),
            ]));
            tree
        };
        let to_anywhere = match has_ipv6 {
            Some(has_ipv6) => self.certain(json!([all_traffic(to_anywhere(has_ipv6))])),
            None => Tree::Default(json!([all_traffic(to_anywhere(false))])),
        };
        let entries = match has_ipv6 {
            Some(has_ipv6) => self.certain(entries(has_ipv6)),
            None => Tree::Default(entries(false)),
        };
        let of_group = in_vpc(Tree::object([
            ("group_id", group.as_str().into()),
            ("group_name", "default".into()),
            ("description", "default VPC security group".into()),
            (
                "ip_permissions",
                self.certain(json!([all_traffic(from_group(&group, self.account))])),
            ),
            ("ip_permissions_egress", to_anywhere),
        ]));
        let of_acl = in_vpc(Tree::object([
            ("network_acl_id", acl.as_str().into()),
            ("is_default", true.into()),
            ("associations", Tree::List(Vec::new())),
            ("entries", entries),
        ]));
        let of_table = in_vpc(Tree::object([
            ("route_table_id", table.as_str().into()),
            ("associations", Tree::List(vec![main_association()])),
            ("routes", self.routes.clone()),
            ("propagating_vgws", Tree::List(Vec::new())),
        ]));
        [
            (&security_group::KIND, group, of_group),
            (&network_acl::KIND, acl, of_acl),
            (&route_table::KIND, table, of_table),
        ]
    }

    /// What AWS creates, in parts: others can add to it.
    fn certain(&self, value: Value) -> Tree {
        if self.may_exist { Tree::Default(value) } else { Tree::of_json(value) }
    }
}

/// A rule of the default security group.
fn all_traffic(source: Value) -> Value {
    let mut rule = json!({
        "ip_protocol": "-1", "from_port": null, "to_port": null, "ip_ranges": [],
        "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    });
    if let (Some(rule), Value::Object(source)) = (rule.as_object_mut(), source) {
        rule.extend(source);
    }
    rule
}

fn from_group(group: &str, account: &str) -> Value {
    json!({ "user_id_group_pairs": [{
        "group_id": group, "user_id": account, "vpc_id": null,
        "vpc_peering_connection_id": null, "peering_status": null, "description": null,
    }] })
}

fn to_anywhere(has_ipv6: bool) -> Value {
    let ipv6 = json!([{ "cidr_ipv6": "::/0", "description": null }]);
    json!({
        "ip_ranges": [{ "cidr_ip": "0.0.0.0/0", "description": null }],
        "ipv6_ranges": if has_ipv6 { ipv6 } else { json!([]) },
    })
}

/// The entries of the default network ACL.
fn entries(has_ipv6: bool) -> Value {
    let entry = |number: i64, egress: bool, action: &str| {
        // Those for IPv6 have the next numbers.
        let is_ipv6 = matches!(number, 101 | 32_768);
        let (ipv4, ipv6) = if is_ipv6 { (None, Some("::/0")) } else { (Some("0.0.0.0/0"), None) };
        json!({
            "rule_number": number, "egress": egress, "rule_action": action, "protocol": "-1",
            "cidr_block": ipv4, "ipv6_cidr_block": ipv6, "port_range": null, "icmp_type_code": null,
        })
    };
    let numbers: &[(i64, &str)] = match has_ipv6 {
        true => &[(100, "allow"), (101, "allow"), (32_767, "deny"), (32_768, "deny")],
        false => &[(100, "allow"), (32_767, "deny")],
    };
    let of_direction =
        |egress: bool| numbers.iter().map(move |(number, action)| entry(*number, egress, action));
    of_direction(true).chain(of_direction(false)).collect()
}
