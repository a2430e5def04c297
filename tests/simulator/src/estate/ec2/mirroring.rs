//! Traffic mirroring: filters, targets, and sessions between network interfaces and them.

use serde_json::{Value, json};

use super::{Place, tags};

fn description(place: &Place<'_>, what: &str, index: u64) -> Option<&'static str> {
    place.draw(what, index).pick(&[Some("for the security team"), None])
}

/// The interface of an instance, by the number of a session or target.
fn interface(place: &Place<'_>, index: u64) -> String {
    place.id("eni", 2 * (index % place.estate.others.instances.max(1)))
}

pub(super) fn filter(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("mirror filter", index);
    let id = place.id("tmf", index);
    let rule = |number: u64, direction: &str, ports: Option<(u64, u64)>| {
        json!({
            "trafficMirrorFilterRuleId": place.id("tmfr", 2 * index + number - 1),
            "trafficMirrorFilterId": id, "trafficDirection": direction, "ruleNumber": 100 * number,
            "ruleAction": "accept", "protocol": ports.map(|_| 6),
            "destinationPortRange": ports.map(|(from, to)| json!({ "fromPort": from, "toPort": to })),
            "destinationCidrBlock": "0.0.0.0/0", "sourceCidrBlock": "10.0.0.0/8",
        })
    };
    let ports = draw.pick(&[Some((443, 443)), None]);
    json!({
        "trafficMirrorFilterId": id, "ingressFilterRuleSet": [rule(1, "ingress", ports)],
        "egressFilterRuleSet": [rule(2, "egress", None)],
        "networkServiceSet": draw.pick(&[Some("amazon-dns"), None]).map(|service| vec![service]),
        "description": description(place, "filter description", index), "tagSet": tags(&mut draw),
    })
}

/// A network interface of an instance that analyzes traffic, or a Network Load Balancer.
pub(super) fn target(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("mirror target", index);
    let balancer = draw.pick(&[false, true]).then(|| place.balancer_arn("net", index));
    json!({
        "trafficMirrorTargetId": place.id("tmt", index),
        "type": if balancer.is_some() { "network-load-balancer" } else { "network-interface" },
        "networkInterfaceId": balancer.is_none().then(|| interface(place, index + 1)),
        "networkLoadBalancerArn": balancer, "ownerId": place.owner,
        "description": description(place, "target description", index), "tagSet": tags(&mut draw),
    })
}

pub(super) fn session(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("mirror session", index);
    json!({
        "trafficMirrorSessionId": place.id("tms", index), "trafficMirrorTargetId": place.id("tmt", index),
        "trafficMirrorFilterId": place.id("tmf", index), "networkInterfaceId": interface(place, index),
        "ownerId": place.owner, "packetLength": draw.pick(&[None, Some(128)]), "sessionNumber": 1,
        "virtualNetworkId": 100_000 + index,
        "description": description(place, "session description", index), "tagSet": tags(&mut draw),
    })
}
