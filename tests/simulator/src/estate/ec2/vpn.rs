//! Connections to other networks: peering and VPN.

use serde_json::{Value, json};

use super::{CREATED, Place, STRANGER, tags};

/// The addresses of the other side of a peering connection, of which its route covers all or a part.
const PEER: &str = "172.16.0.0/16";

/// The VPC of the other side.
pub(super) const PEER_VPC: &str = "vpc-0123456789abcdef0";

/// Where the route to a peer leads.
pub(super) fn peer_cidr(place: &Place<'_>, index: u64) -> &'static str {
    place.draw("peer route", index).pick(&["172.16.1.0/24", PEER])
}

pub(super) fn peering(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("peering", index);
    let (code, message) =
        draw.pick(&[("active", "Active"), ("active", "Active"), ("expired", "Expired")]);
    // AWS returns the options of active connections only.
    let resolves = place.draw("peering options", index).pick(&[true, false]);
    let options = (code == "active").then(|| {
        json!({
            "allowDnsResolutionFromRemoteVpc": resolves,
            "allowEgressFromLocalClassicLinkToRemoteVpc": false,
            "allowEgressFromLocalVpcToRemoteClassicLink": false,
        })
    });
    json!({
        "vpcPeeringConnectionId": place.id("pcx", index),
        "status": { "code": code, "message": message },
        "requesterVpcInfo": {
            "vpcId": place.vpc_of(index), "ownerId": place.owner, "region": place.region,
            "cidrBlock": format!("10.{}.0.0/16", index % 250), "peeringOptions": options,
        },
        "accepterVpcInfo": {
            "vpcId": PEER_VPC, "ownerId": STRANGER, "region": place.region,
            "cidrBlock": PEER, "peeringOptions": options, "cidrBlockSet": [{ "cidrBlock": PEER }],
        },
        "tagSet": tags(&mut draw),
    })
}

/// Whether a VPN connection ends at a transit gateway instead of a virtual private gateway.
pub(super) fn ends_at_transit_gateway(place: &Place<'_>, index: u64) -> bool {
    let others = &place.estate.others;
    let known = index < others.transit_gateways && index < others.vpn_connections;
    known && place.draw("end of vpn", index).one_in(2)
}

pub(super) fn customer_gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("customer gateway", index);
    json!({
        "customerGatewayId": place.id("cgw", index), "state": "available", "type": "ipsec.1",
        "ipAddress": format!("192.0.2.{}", index % 254 + 1), "bgpAsn": "65000",
        "deviceName": draw.pick(&[None, Some("router")]), "tagSet": tags(&mut draw),
    })
}

pub(super) fn gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("vpn gateway", index);
    json!({
        "vpnGatewayId": place.id("vgw", index), "state": "available", "type": "ipsec.1",
        "amazonSideAsn": 64512, "attachments": [{ "vpcId": place.vpc_of(index), "state": "attached" }],
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn connection(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("vpn", index);
    let versions: &[&str] = draw.pick(&[&["ikev2"], &["ikev1", "ikev2"], &[]]);
    let versions: Vec<Value> = versions.iter().map(|version| json!({ "value": version })).collect();
    let transit = ends_at_transit_gateway(place, index);
    // Without a choice, AWS accepts everything that it supports.
    let strong = place.draw("algorithms", index).pick(&[false, true]);
    let accepted = |names: &[&str]| -> Vec<Value> {
        let names = names.iter().filter(|_| strong);
        names.map(|name| json!({ "value": name })).collect()
    };
    let groups: Vec<Value> = strong.then(|| json!({ "value": 20 })).into_iter().collect();
    let logged = draw.pick(&[true, false]);
    let status = [draw.pick(&["UP", "UP", "DOWN"]), draw.pick(&["UP", "DOWN"])];
    let outside = |tunnel: u64| format!("203.0.113.{}", tunnel + 1);
    let tunnels: Vec<Value> = (0..2)
        .map(|tunnel| {
            json!({
                "outsideIpAddress": outside(tunnel), "tunnelInsideCidr": format!("169.254.{tunnel}.0/30"),
                "preSharedKey": "donotkeep", "ikeVersionSet": versions,
                "phase1EncryptionAlgorithmSet": accepted(&["AES256-GCM-16"]),
                "phase2EncryptionAlgorithmSet": accepted(&["AES256-GCM-16"]),
                "phase1IntegrityAlgorithmSet": accepted(&["SHA2-512"]),
                "phase2IntegrityAlgorithmSet": accepted(&["SHA2-512"]),
                "phase1DHGroupNumberSet": groups, "phase2DHGroupNumberSet": groups,
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
        "vpnGatewayId": (!transit).then(|| place.id("vgw", index)),
        "transitGatewayId": transit.then(|| place.id("tgw", index)),
        "options": { "staticRoutesOnly": true, "tunnelOptionSet": tunnels }, "routes": [],
        "vgwTelemetry": telemetry, "tagSet": tags(&mut draw),
    })
}

pub(super) fn client_endpoint(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("client vpn", index);
    let authentication = if place.draw("client authentication", index).one_in(2) {
        json!({ "type": "directory-service-authentication", "activeDirectory": { "directoryId": "d-0000000001" } })
    } else {
        json!({ "type": "certificate-authentication", "mutualAuthentication": {
            "clientRootCertificateChain": "arn:aws:acm:::certificate/fake",
        } })
    };
    json!({
        "clientVpnEndpointId": place.id("cvpn-endpoint", index), "description": "",
        "status": { "code": "available" }, "creationTime": "2024-01-01T00:00:00",
        "dnsName": "*.cvpn.example.com", "clientCidrBlock": "10.200.0.0/16", "dnsServer": [],
        "splitTunnel": true, "vpnProtocol": "openvpn", "transportProtocol": "udp", "vpnPort": 443,
        "authenticationOptions": [authentication],
        "connectionLogOptions": { "Enabled": draw.pick(&[true, false]) },
        "securityGroupIdSet": [place.id("sg", 0)], "vpcId": place.vpc_of(index), "tagSet": tags(&mut draw),
    })
}

/// How many authorization rules a Client VPN endpoint has at most.
pub(super) const AUTHORIZATION_RULES: u64 = 2;

pub(super) fn authorization_rule(place: &Place<'_>, endpoint: u64, index: u64) -> Value {
    // The second one is for all clients.
    let all = index == 1;
    if all && place.draw("authorization", endpoint).one_in(2) {
        return Value::Null;
    }
    json!({
        "clientVpnEndpointId": place.id("cvpn-endpoint", endpoint), "description": "",
        "groupId": if all { "" } else { "S-1-5-21-1004336348-1177238915-682003330-512" },
        "accessAll": all, "destinationCidr": if all { "10.0.0.0/16" } else { "10.1.0.0/16" },
        "status": { "code": "active" },
    })
}
