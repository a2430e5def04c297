//! `ec2.subnet`: `aws_subnet` and `aws_default_subnet`.

use serde_json::json;

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::subnet::KIND;
use crate::preview::item::Adoptee;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("aws_default_subnet", subnet), Spec::new("aws_subnet", subnet)];

fn subnet(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let flag = |name: &str| cx.get(name).flag().map(|on| on.unwrap_or(false)).into();
    let mut tree = fields([
        ("subnet_id", id.0.as_str().into()),
        ("vpc_id", cx.link("vpc_id")),
        ("owner_id", owner(cx)),
        ("availability_zone", cx.get("availability_zone").text().into()),
        ("availability_zone_id", cx.get("availability_zone_id").text().into()),
        ("cidr_block", cx.get("cidr_block").text().into()),
        ("map_public_ip_on_launch", flag("map_public_ip_on_launch")),
        ("assign_ipv6_address_on_creation", flag("assign_ipv6_address_on_creation")),
        ("ipv6_native", flag("ipv6_native")),
        ("enable_dns64", flag("enable_dns64")),
        ("map_customer_owned_ip_on_launch", flag("map_customer_owned_ip_on_launch")),
        ("customer_owned_ipv4_pool", cx.get("customer_owned_ipv4_pool").text().into()),
        ("outpost_arn", cx.get("outpost_arn").text().into()),
        ("ipv6_cidr_block_association_set", ipv6(cx)),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        let is_default = cx.resource.type_name == "aws_default_subnet";
        tree.add(fields([("state", "available".into()), ("default_for_az", is_default.into())]));
        // It is taken over if there is one.
        if let Ok(Some(zone)) = cx.get("availability_zone").text()
            && is_default
            && id.1
        {
            cx.adopt(&KIND, Adoptee::Subnet(zone.to_owned()));
        }
    }
    cx.declare(&KIND, id, tree);
}

fn ipv6(cx: &Converter<'_>) -> Tree {
    let block = cx.get("ipv6_cidr_block");
    match block.text() {
        Ok(None) => Tree::List(Vec::new()),
        // A range that Amazon assigns is known only after the change.
        Err(_) if !cx.has_argument("ipv6_cidr_block") && cx.is_created() => Tree::List(Vec::new()),
        Err(why) => Tree::Unknown(why),
        Ok(Some(range)) => Tree::List(vec![fields([
            ("association_id", cx.get("ipv6_cidr_block_association_id").text().into()),
            ("ipv6_cidr_block", range.into()),
            (
                "ipv6_cidr_block_state",
                json!({ "state": "associated", "status_message": null }).into(),
            ),
            ("ipv6_address_attribute", Tree::Unknown(Why::Apply)),
            ("ip_source", ABSENT),
        ])]),
    }
}
