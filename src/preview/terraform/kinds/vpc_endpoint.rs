//! `ec2.vpc_endpoint`: `aws_vpc_endpoint`, its associations and its policy.

use super::common::{owner, tags_of};
use super::policy::document_of;
use super::spec::Spec;
use crate::facts::ec2::vpc_endpoint::KIND;
use crate::preview::table::full_access;
use crate::preview::terraform::convert::{Converter, When, fields, present};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_vpc_endpoint", endpoint),
    Spec::new("aws_vpc_endpoint_policy", policy),
    Spec::new("aws_vpc_endpoint_route_table_association", |cx| part(cx, "route_table_ids")),
    Spec::new("aws_vpc_endpoint_security_group_association", |cx| part(cx, "groups")),
    Spec::new("aws_vpc_endpoint_subnet_association", |cx| part(cx, "subnet_ids")),
];

/// What decides on the network interfaces of an endpoint.
const OF_INTERFACES: [&str; 7] = [
    "ip_address_type",
    "security_group_ids",
    "service_name",
    "subnet_configuration",
    "subnet_ids",
    "vpc_endpoint_type",
    "vpc_id",
];

fn endpoint(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let kind = match cx.get("vpc_endpoint_type").text() {
        Ok(None) => Tree::from("Gateway"),
        other => other.into(),
    };
    let is_gateway = kind.as_str() == Some("Gateway");
    let list = |argument: &str| {
        let value = cx.get(argument);
        if value.is_unknown() && !cx.has_argument(argument) {
            return cx.is_created().then(|| {
                // Gateways have none; for others, AWS chooses.
                if is_gateway { Tree::List(Vec::new()) } else { Tree::Unknown(Why::Default) }
            });
        }
        (cx.is_created() || cx.described(argument).is_some()).then(|| cx.links(argument, value))
    };
    let groups = list("security_group_ids").map(|groups| match groups {
        Tree::List(ids) => {
            Tree::List(ids.into_iter().map(|id| fields([("group_id", id)])).collect())
        }
        other => other,
    });
    let document = cx.get("policy");
    let document = match document.is_unknown() && !cx.has_argument("policy") {
        true => Tree::Default(full_access()),
        false => document_of(cx, "policy", document),
    };
    let document = match document {
        Tree::Default(value) => Tree::Default(serde_json::json!({ "document": value })),
        Tree::Unknown(why) => Tree::Unknown(why),
        document if document.is_absent() => ABSENT,
        document => fields([("document", document)]),
    };
    let is_described = cx.is_created() || cx.described("policy").is_some();
    let tree = present([
        ("vpc_endpoint_id", Some(id.0.as_str().into())),
        ("vpc_endpoint_type", Some(kind)),
        ("service_name", Some(cx.get("service_name").text().into())),
        ("vpc_id", Some(cx.link("vpc_id"))),
        ("owner_id", Some(owner(cx))),
        ("state", cx.is_created().then(|| "available".into())),
        ("private_dns_enabled", Some(private_dns(cx, is_gateway))),
        ("route_table_ids", list("route_table_ids")),
        ("subnet_ids", list("subnet_ids")),
        ("groups", groups),
        ("policy_document", is_described.then_some(document)),
        ("requester_managed", cx.is_created().then(|| false.into())),
        ("tags", Some(tags_of(cx))),
    ]);
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let changes = |name: &&str| {
        after.get(name).has_unknown() || before.get(name).raw() != after.get(name).raw()
    };
    // Tags, policies and private DNS names are not those of its interfaces.
    let changes_interfaces = !is_gateway
        && cx.resource.is_changed()
        && (cx.resource.action != Action::Update || OF_INTERFACES.iter().any(changes));
    cx.declare(&KIND, id, tree);
    if changes_interfaces {
        cx.brings("ec2.network_interface", Why::NotConverted);
    }
}

fn private_dns(cx: &Converter<'_>, is_gateway: bool) -> Tree {
    let value = cx.get("private_dns_enabled");
    // The provider always sends it: `false` if it is not set.
    let is_off = is_gateway || cx.is_created();
    match value.flag() {
        Err(Why::Apply) if !cx.has_argument("private_dns_enabled") && is_off => false.into(),
        Err(Why::Apply) if !cx.has_argument("private_dns_enabled") => Tree::Unknown(Why::Default),
        other => other.into(),
    }
}

fn policy(cx: &mut Converter<'_>) {
    let document = match document_of(cx, "policy", cx.get("policy")) {
        Tree::Unknown(why) => Tree::Unknown(why),
        // The provider resets it.
        document if document.is_absent() => fields([("document", full_access().into())]),
        document => fields([("document", document)]),
    };
    let target = cx.target("vpc_endpoint_id", &["id"]);
    cx.set(&KIND, target, &["policy_document"], fields([("policy_document", document)]));
}

/// An association changes a list of the endpoint.
fn part(cx: &mut Converter<'_>, field: &'static str) {
    if !cx.resource.is_changed() {
        return;
    }
    if cx.when == When::After || !cx.resource.exists_after() {
        let unknown = Tree::Object([(field.to_owned(), Tree::Unknown(Why::NotConverted))].into());
        let target = cx.target("vpc_endpoint_id", &["id"]);
        cx.set(&KIND, target, &["groups", "route_table_ids", "subnet_ids"], unknown);
    }
    if field != "route_table_ids" {
        cx.gap("ec2.network_interface", Why::NotConverted);
    }
}
