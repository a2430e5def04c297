//! Transit gateways with their attachments, route tables, routes and multicast domains.

use serde_json::{Value, json};

use super::{CREATED, Place, STRANGER, network, tags};

/// How many attachments a transit gateway has at most: its own VPC, a VPN connection, and the VPC of
/// another account.
pub(super) const ATTACHMENTS: u64 = 3;
/// How many routes a route table has at most.
pub(super) const ROUTES: u64 = 3;

fn has_default_table(place: &Place<'_>, index: u64) -> bool {
    place.draw("default table", index).pick(&[true, false])
}

fn has_multicast(place: &Place<'_>, index: u64) -> bool {
    place.draw("multicast", index).pick(&[true, false])
}

fn switch(on: bool) -> &'static str {
    if on { "enable" } else { "disable" }
}

pub(super) fn gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("transit gateway", index);
    let id = place.id("tgw", index);
    let default = has_default_table(place, index);
    let table = default.then(|| place.id("tgw-rtb", index));
    json!({
        "transitGatewayArn": place.arn(&format!("transit-gateway/{id}")), "transitGatewayId": id,
        "state": "available", "ownerId": place.owner, "creationTime": CREATED, "options": {
            "amazonSideAsn": 64512, "defaultRouteTableAssociation": switch(default),
            "associationDefaultRouteTableId": table,
            "autoAcceptSharedAttachments": draw.pick(&["disable", "enable"]),
            "defaultRouteTablePropagation": switch(default), "propagationDefaultRouteTableId": table,
            "vpnEcmpSupport": "enable", "dnsSupport": "enable",
            "multicastSupport": switch(has_multicast(place, index)),
        },
        "tagSet": tags(&mut draw),
    })
}

/// The resource of an attachment: type, id and owner.
fn attached(place: &Place<'_>, index: u64) -> Option<(&'static str, String, String)> {
    let (gateway, owner) = (index / ATTACHMENTS, place.owner.to_owned());
    match index % ATTACHMENTS {
        0 => (place.estate.others.vpcs > 0).then(|| ("vpc", place.vpc_of(gateway), owner)),
        // Every second VPN connection ends at a transit gateway.
        1 => super::vpn::ends_at_transit_gateway(place, gateway)
            .then(|| ("vpn", place.id("vpn", gateway), owner)),
        _ => place
            .draw("shared attachment", gateway)
            .pick(&[true, false])
            .then(|| ("vpc", format!("vpc-0f{gateway:015x}"), STRANGER.to_owned())),
    }
}

pub(super) fn attachment(place: &Place<'_>, index: u64) -> Value {
    let Some((kind, resource, owner)) = attached(place, index) else { return Value::Null };
    let mut draw = place.draw("attachment", index);
    let shared = owner != place.owner;
    let state = if shared { draw.pick(&["pendingAcceptance", "available"]) } else { "available" };
    let association = (state == "available").then(|| {
        let table = place.id("tgw-rtb", index / ATTACHMENTS);
        json!({ "transitGatewayRouteTableId": table, "state": "associated" })
    });
    json!({
        "transitGatewayAttachmentId": place.id("tgw-attach", index),
        "transitGatewayId": place.id("tgw", index / ATTACHMENTS),
        "transitGatewayOwnerId": place.owner, "resourceOwnerId": owner, "resourceType": kind,
        "resourceId": resource, "state": state, "association": association,
        "creationTime": CREATED, "tagSet": tags(&mut draw),
    })
}

pub(super) fn route_table(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("transit table", index);
    let default = has_default_table(place, index);
    json!({
        "transitGatewayRouteTableId": place.id("tgw-rtb", index),
        "transitGatewayId": place.id("tgw", index), "state": "available",
        "defaultAssociationRouteTable": default, "defaultPropagationRouteTable": default,
        "creationTime": CREATED, "tagSet": tags(&mut draw),
    })
}

/// The routes of a table: one for each attachment of its transit gateway; that to another account is
/// static, and leads nowhere while the attachment is not accepted.
pub(super) fn route(place: &Place<'_>, table: u64, index: u64) -> Value {
    let number = ATTACHMENTS * table + index;
    let Some((kind, resource, owner)) = attached(place, number) else { return Value::Null };
    let shared = owner != place.owner;
    let accepted = attachment(place, number)["state"] == "available";
    let cidr = match (kind, shared) {
        ("vpc", false) => format!("{}.0.0/16", network::network(table % place.estate.others.vpcs)),
        ("vpn", _) => "192.168.0.0/16".to_owned(),
        _ => "172.31.0.0/16".to_owned(),
    };
    let attachments: Vec<Value> = accepted
        .then(|| {
            json!({
                "transitGatewayAttachmentId": place.id("tgw-attach", number), "resourceId": resource,
                "resourceType": kind,
            })
        })
        .into_iter()
        .collect();
    json!({
        "destinationCidrBlock": cidr, "transitGatewayAttachments": attachments,
        "type": if shared { "static" } else { "propagated" },
        "state": if accepted { "active" } else { "blackhole" },
    })
}

pub(super) fn multicast_domain(place: &Place<'_>, index: u64) -> Value {
    if !has_multicast(place, index) {
        return Value::Null;
    }
    let mut draw = place.draw("multicast domain", index);
    let id = place.id("tgw-mcast-domain", index);
    json!({
        "transitGatewayMulticastDomainId": id, "transitGatewayId": place.id("tgw", index),
        "transitGatewayMulticastDomainArn": place.arn(&format!("transit-gateway-multicast-domain/{id}")),
        "ownerId": place.owner, "options": {
            "igmpv2Support": draw.pick(&["enable", "disable"]), "staticSourcesSupport": "disable",
            "autoAcceptSharedAssociations": draw.pick(&["disable", "enable"]),
        },
        "state": "available", "creationTime": CREATED, "tagSet": tags(&mut draw),
    })
}
