//! `aws_nat_gateway`: its network interface, and the Elastic IP address that it uses. The gateway itself
//! is not converted.

use super::common::owner;
use super::spec::Spec;
use crate::facts::ec2::{address, network_interface};
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_nat_gateway", gateway)];

/// What is not about the network of a gateway.
const OTHERS: [&str; 4] = ["region", "tags", "tags_all", "timeouts"];

/// What an address has of what uses it.
const USE: &[&str] =
    &["association_id", "network_interface_id", "network_interface_owner_id", "private_ip_address"];

fn gateway(cx: &mut Converter<'_>) {
    cx.gap("ec2.nat_gateway", Why::NotConverted);
    if !cx.resource.is_changed() || cx.resource.action == Action::Update && !changes_network(cx) {
        return;
    }
    let is_update = cx.resource.action == Action::Update;
    if is_update || !is_zonal(cx) || !interface(cx) {
        // AWS allocates addresses for a regional gateway, and creates interfaces in several zones.
        cx.brings("ec2.network_interface", Why::NotConverted);
        cx.gap("ec2.address", Why::NotConverted);
        return;
    }
    if is_private(cx) {
        return;
    }
    let link = cx.link("allocation_id");
    match link.as_str() {
        Some(id) => cx.hide_meant(&address::KIND, id, USE),
        None => cx.unknown(&address::KIND, &Tree::Unknown(Why::Apply), USE),
    }
    if !is_left_out(cx, "secondary_allocation_ids") {
        cx.unknown(&address::KIND, &Tree::Unknown(Why::Apply), USE);
    }
}

fn changes_network(cx: &Converter<'_>) -> bool {
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let mut names = before.names();
    names.extend(after.names());
    names.into_iter().filter(|name| !OTHERS.contains(name)).any(|name| {
        after.get(name).has_unknown() || before.get(name).raw() != after.get(name).raw()
    })
}

/// Whether the gateway is in one zone, as all were before November 2025.
fn is_zonal(cx: &Converter<'_>) -> bool {
    const MODE: &str = "availability_mode";
    let mode = cx.get(MODE);
    match mode.text() {
        Ok(mode) => mode.is_none_or(|mode| mode == "zonal"),
        // The provider computes it if it is not configured.
        Err(_) => mode.is_unknown() && cx.has_configuration() && !cx.has_argument(MODE),
    }
}

/// Whether an argument is not set; the provider computes what is not.
fn is_left_out(cx: &Converter<'_>, name: &str) -> bool {
    let value = cx.get(name);
    value.is_empty() || value.is_unknown() && cx.has_configuration() && !cx.has_argument(name)
}

fn is_private(cx: &Converter<'_>) -> bool {
    cx.get("connectivity_type").text() == Ok(Some("private"))
}

/// The interface, which AWS creates and deletes with the gateway; whether its id is known if it exists.
fn interface(cx: &mut Converter<'_>) -> bool {
    if cx.when == When::Before {
        let Ok(Some(id)) = cx.get("network_interface_id").text() else { return false };
        cx.declare(&network_interface::KIND, (id.to_owned(), false), fields([]));
        return true;
    }
    let id = format!("{}.network_interface_id", cx.resource.address);
    // Its address is like that of a new instance.
    let association = match cx.get("connectivity_type").why() {
        Some(why) => Tree::Unknown(why),
        None if is_private(cx) => ABSENT,
        None => fields([("public_ip", "(assigned at launch)".into()), ("carrier_ip", ABSENT)]),
    };
    let has_one_address = [
        "secondary_allocation_ids",
        "secondary_private_ip_addresses",
        "secondary_private_ip_address_count",
    ]
    .into_iter()
    .all(|name| is_left_out(cx, name));
    let addresses = match has_one_address {
        true => Tree::List(vec![fields([
            ("private_ip_address", Tree::Unknown(Why::Apply)),
            ("primary", true.into()),
            ("association", association.clone()),
        ])]),
        false => Tree::Unknown(Why::Apply),
    };
    let tree = fields([
        ("network_interface_id", id.as_str().into()),
        ("interface_type", "nat_gateway".into()),
        ("requester_managed", true.into()),
        ("owner_id", owner(cx)),
        ("status", "in-use".into()),
        // It is not attached to an instance.
        (
            "attachment",
            fields([
                ("instance_id", ABSENT),
                ("device_index", Some(1).into()),
                ("status", "attached".into()),
            ]),
        ),
        ("groups", Tree::List(Vec::new())),
        ("subnet_id", cx.link("subnet_id")),
        ("association", association),
        ("private_ip_addresses", addresses),
        ("ipv6_addresses", Tree::List(Vec::new())),
        ("ipv6_prefixes", Tree::List(Vec::new())),
        ("tags", Tree::Object(Default::default())),
    ]);
    cx.declare(&network_interface::KIND, (id, true), tree);
    true
}
