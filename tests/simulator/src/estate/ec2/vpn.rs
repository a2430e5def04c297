//! Connections to other networks: peering, transit gateways and VPN.

use serde_json::{Value, json};

use super::{CREATED, Place, tags};

/// The addresses of the other side of a peering connection, of which its route covers all or a part.
const PEER: &str = "172.16.0.0/16";

/// Where the route to a peer leads.
pub(super) fn peer_cidr(place: &Place<'_>, index: u64) -> &'static str {
    place.draw("peer route", index).pick(&["172.16.1.0/24", PEER])
}

pub(super) fn peering(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("peering", index);
    let (code, message) =
        draw.pick(&[("active", "Active"), ("active", "Active"), ("expired", "Expired")]);
    json!({
        "vpcPeeringConnectionId": place.id("pcx", index),
        "status": { "code": code, "message": message },
        "requesterVpcInfo": {
            "vpcId": place.vpc_of(index), "ownerId": place.owner, "region": place.region,
            "cidrBlock": format!("10.{}.0.0/16", index % 250),
        },
        "accepterVpcInfo": {
            "vpcId": "vpc-0123456789abcdef0", "ownerId": "999988887777", "region": place.region,
            "cidrBlock": PEER, "cidrBlockSet": [{ "cidrBlock": PEER }],
        },
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn transit_gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("transit gateway", index);
    let id = place.id("tgw", index);
    json!({
        "transitGatewayArn": place.arn(&format!("transit-gateway/{id}")), "transitGatewayId": id,
        "state": "available", "ownerId": place.owner, "creationTime": CREATED, "options": {
            "amazonSideAsn": 64512, "defaultRouteTableAssociation": "enable",
            "autoAcceptSharedAttachments": draw.pick(&["disable", "enable"]),
            "defaultRouteTablePropagation": "enable", "vpnEcmpSupport": "enable",
            "dnsSupport": "enable", "multicastSupport": "disable",
        },
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn connection(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("vpn", index);
    let versions: &[&str] = draw.pick(&[&["ikev2"], &["ikev1", "ikev2"], &[]]);
    let versions: Vec<Value> = versions.iter().map(|version| json!({ "value": version })).collect();
    let logged = draw.pick(&[true, false]);
    let status = [draw.pick(&["UP", "UP", "DOWN"]), draw.pick(&["UP", "DOWN"])];
    let outside = |tunnel: u64| format!("203.0.113.{}", tunnel + 1);
    let tunnels: Vec<Value> = (0..2)
        .map(|tunnel| {
            json!({
                "outsideIpAddress": outside(tunnel), "tunnelInsideCidr": format!("169.254.{tunnel}.0/30"),
                "preSharedKey": "donotkeep", "ikeVersionSet": versions,
                "logOptions": { "cloudWatchLogOptions": { "logEnabled": logged } },
            })
        })
        .collect();
    let telemetry: Vec<Value> = (0..2)
        .zip(status)
        .map(|(tunnel, status)| {
            json!({
                "outsideIpAddress": outside(tunnel), "status": status, "lastStatusChange": CREATED,
                "acceptedRouteCount": 0, "statusMessage": "",
            })
        })
        .collect();
    json!({
        "vpnConnectionId": place.id("vpn", index), "state": "available", "type": "ipsec.1",
        "category": "VPN", "customerGatewayId": place.id("cgw", index),
        "vpnGatewayId": place.id("vgw", index),
        "options": { "staticRoutesOnly": true, "tunnelOptionSet": tunnels }, "routes": [],
        "vgwTelemetry": telemetry, "tagSet": tags(&mut draw),
    })
}

pub(super) fn client_endpoint(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("client vpn", index);
    json!({
        "clientVpnEndpointId": place.id("cvpn-endpoint", index), "description": "",
        "status": { "code": "available" }, "creationTime": "2024-01-01T00:00:00",
        "dnsName": "*.cvpn.example.com", "clientCidrBlock": "10.200.0.0/16", "dnsServer": [],
        "splitTunnel": true, "vpnProtocol": "openvpn", "transportProtocol": "udp", "vpnPort": 443,
        "authenticationOptions": [{ "type": "certificate-authentication", "mutualAuthentication": {
            "clientRootCertificateChain": "arn:aws:acm:::certificate/fake",
        } }],
        "connectionLogOptions": { "Enabled": draw.pick(&[true, false]) },
        "securityGroupIdSet": [place.id("sg", 0)], "vpcId": place.vpc_of(index), "tagSet": tags(&mut draw),
    })
}

pub(super) fn authorization_rules(place: &Place<'_>, index: u64) -> Value {
    json!({ "authorizationRule": [{
        "clientVpnEndpointId": place.id("cvpn-endpoint", index), "groupId": "", "accessAll": true,
        "destinationCidr": "10.0.0.0/16", "status": { "code": "active" },
    }] })
}
