//! `ec2.address`: `aws_eip` and its association.

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::Kind;
use crate::facts::ec2::address::KIND;
use crate::facts::ec2::{instance, network_interface};
use crate::preview::terraform::convert::{Converter, When, present};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_eip", eip),
    Spec::new("aws_eip_association", association),
    Spec::new("aws_eip_domain_name", |_| {}),
];

/// What says what uses an address.
const USED_BY: [&str; 3] = ["instance", "network_interface", "associate_with_private_ip"];

fn eip(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let link = |name: &str| {
        let value = cx.get(name);
        let is_open = value.is_unknown() && !cx.has_argument(name);
        match (is_open, cx.is_created()) {
            (true, true) => Some(ABSENT),
            (true, false) => None,
            (false, created) => (created || cx.described(name).is_some()).then(|| cx.link(name)),
        }
    };
    let (instance, interface) = (link("instance"), link("network_interface"));
    let is_used = |tree: &Option<Tree>| tree.as_ref().is_some_and(|tree| !tree.is_absent());
    let association = if is_used(&instance) || is_used(&interface) {
        Some(Tree::Unknown(Why::Apply))
    } else if cx.is_created() {
        // A NAT gateway can use it, too.
        Some(if is_referred(cx) { Tree::Unknown(Why::Apply) } else { ABSENT })
    } else {
        None
    };
    let tree = present([
        ("allocation_id", Some(id.0.as_str().into())),
        ("domain", Some("vpc".into())),
        // Only services allocate addresses that they manage.
        ("service_managed", cx.is_created().then_some(ABSENT)),
        ("instance_id", instance),
        ("network_interface_id", interface),
        ("association_id", association),
        ("public_ipv4_pool", Some(cx.get("public_ipv4_pool").text().into())),
        ("tags", Some(tags_of(cx))),
    ]);
    // Tags change nothing of what uses the address.
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let is_moved = |name: &&str| {
        after.get(name).is_unknown() || before.get(name).raw() != after.get(name).raw()
    };
    let uses_instances = cx.resource.is_changed()
        && (cx.resource.action != Action::Update || USED_BY.iter().any(is_moved));
    let is_associated = ["instance", "network_interface"].iter().any(|name| {
        cx.described(name).is_some() || (!cx.resource.exists_after() && cx.get(name).is_set())
    });
    cx.declare(&KIND, id, tree);
    if uses_instances && is_associated {
        let used_by = [cx.link("instance"), cx.link("network_interface")];
        users(cx, &used_by);
    }
}

/// Whether another resource of the plan uses the address.
fn is_referred(cx: &Converter<'_>) -> bool {
    // Arguments, and whether they are blocks, which can be dynamic ones.
    let arguments = |name: &str| -> &'static [(&'static str, bool)] {
        match name {
            "aws_nat_gateway" => &[
                ("allocation_id", false),
                ("secondary_allocation_ids", false),
                ("availability_zone_address", true),
            ],
            "aws_eip_association" | "aws_nat_gateway_eip_association" => {
                &[("allocation_id", false)]
            }
            "aws_alb" | "aws_lb" => &[("subnet_mapping", true)],
            "aws_redshift_cluster" => &[("elastic_ip", false)],
            "aws_transfer_server" => &[("endpoint_details", true)],
            _ => &[],
        }
    };
    let plan = cx.plan();
    plan.resources.iter().any(|one| {
        arguments(&one.type_name).iter().any(|(argument, is_block)| {
            // The id of a new address is not known.
            let is_open = one.after().get(argument).has_unknown();
            let is_left_out = plan.argument(one, argument).is_none();
            if !is_open || is_left_out && (!is_block || plan.argument(one, "subnets").is_some()) {
                return false;
            }
            let referred = plan.referred(one, argument);
            referred.is_uncertain
                || referred.resources.iter().any(|(address, _)| *address == cx.resource.address)
        })
    })
}

fn association(cx: &mut Converter<'_>) {
    if !cx.resource.is_changed() {
        return;
    }
    let names: &'static [&'static str] = &[
        "association_id",
        "instance_id",
        "network_interface_id",
        "network_interface_owner_id",
        "private_ip_address",
        "subnet_id",
    ];
    if cx.when == When::After || !cx.resource.exists_after() {
        let unknown = names.iter().map(|name| ((*name).to_owned(), Tree::Unknown(Why::Apply)));
        let tree = Tree::Object(unknown.collect());
        cx.set(&KIND, cx.target("allocation_id", &["id", "allocation_id"]), names, tree);
    }
    let used_by = [cx.link("instance_id"), cx.link("network_interface_id")];
    users(cx, &used_by);
}

/// An address is also in the facts of the instance and of the interface that use it: either names both.
fn users(cx: &mut Converter<'_>, used_by: &[Tree; 2]) {
    let names: [(&'static Kind, &[&str]); 2] = [
        (&instance::KIND, &["network_interfaces", "public_ip_address"]),
        (&network_interface::KIND, &["association", "private_ip_addresses"]),
    ];
    let ids: Vec<&str> = used_by.iter().filter_map(Tree::as_str).collect();
    for (kind, fields) in names {
        for id in &ids {
            cx.hide_meant(kind, id, fields);
        }
    }
    if ids.is_empty() {
        let anywhere = Tree::Unknown(Why::Apply);
        cx.unknown(&instance::KIND, &anywhere, &["network_interfaces", "public_ip_address"]);
        cx.unknown(&network_interface::KIND, &anywhere, &["association", "private_ip_addresses"]);
    }
}
