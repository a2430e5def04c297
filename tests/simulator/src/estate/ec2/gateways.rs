//! Addresses, DHCP option sets, and the gateways of VPCs to the internet and to carriers.

use serde_json::{Value, json};

use super::super::Estate;
use super::{CREATED, Place, STRANGER, tags};

fn public_ip(index: u64) -> String {
    format!("198.51.100.{}", index % 254 + 1)
}

/// Whether the NAT gateway of a VPC is public, with the address of the same number.
pub(super) fn nat_is_public(place: &Place<'_>, vpc: u64) -> bool {
    vpc < place.estate.others.addresses && place.draw("nat address", vpc).pick(&[true, false])
}

/// The network interface of a NAT gateway: they are listed behind those of instances.
pub(super) fn nat_interface(place: &Place<'_>, vpc: u64) -> u64 {
    2 * place.estate.others.instances + vpc
}

/// What the interface of a NAT gateway has of its address.
pub(super) fn nat_association(place: &Place<'_>, vpc: u64) -> Option<Value> {
    nat_is_public(place, vpc).then(|| {
        json!({
            "publicIp": public_ip(vpc), "publicDnsName": "", "ipOwnerId": place.owner,
            "allocationId": place.id("eipalloc", vpc), "associationId": place.id("eipassoc", vpc),
        })
    })
}

pub(super) fn address(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("address", index);
    let used = index < place.estate.others.vpcs && nat_is_public(place, index);
    let of_use = |value: String| used.then_some(value);
    json!({
        "publicIp": public_ip(index), "domain": "vpc",
        "allocationId": place.id("eipalloc", index), "networkBorderGroup": place.region,
        "publicIpv4Pool": "amazon", "tagSet": tags(&mut draw),
        "associationId": of_use(place.id("eipassoc", index)),
        "networkInterfaceId": of_use(place.id("eni", nat_interface(place, index))),
        "networkInterfaceOwnerId": of_use(place.owner.to_owned()),
        "privateIpAddress": of_use(super::compute::private_ip(nat_interface(place, index))),
    })
}

pub(super) fn address_transfer(place: &Place<'_>, index: u64) -> Value {
    let used = index < place.estate.others.vpcs && nat_is_public(place, index);
    if used || !place.draw("address transfer", index).pick(&[true, false, false]) {
        return Value::Null;
    }
    json!({
        "publicIp": public_ip(index), "allocationId": place.id("eipalloc", index),
        "transferAccountId": STRANGER, "transferOfferExpirationTimestamp": "2024-01-08T00:00:00.000Z",
        "addressTransferStatus": "pending",
    })
}

/// The set that AWS creates in each region with VPCs, and one of the account.
pub(super) fn dhcp_options_count(estate: &Estate) -> u64 {
    estate.others.vpcs.min(2)
}

pub(super) fn dhcp_options(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("dhcp options", index);
    let servers: &[&str] = match index {
        0 => &["AmazonProvidedDNS"],
        _ => draw.pick(&[&["10.0.0.2"], &["10.0.0.2", "192.0.2.53"]]),
    };
    let domain = match place.region {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let option = |key: &str, values: &[&str]| {
        let values: Vec<Value> = values.iter().map(|value| json!({ "value": value })).collect();
        json!({ "key": key, "valueSet": values })
    };
    json!({
        "dhcpOptionsId": place.id("dopt", index), "ownerId": place.owner, "dhcpConfigurationSet": [
            option("domain-name", &[domain.as_str()]), option("domain-name-servers", servers),
        ],
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn internet_gateway(place: &Place<'_>, index: u64) -> Value {
    json!({
        "internetGatewayId": place.id("igw", index), "ownerId": place.owner,
        "attachmentSet": [{ "vpcId": place.id("vpc", index), "state": "available" }], "tagSet": [],
    })
}

pub(super) fn egress_only_gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("egress-only gateway", index);
    if draw.one_in(2) {
        return Value::Null;
    }
    json!({
        "egressOnlyInternetGatewayId": place.id("eigw", index),
        "attachmentSet": [{ "vpcId": place.id("vpc", index), "state": "attached" }],
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn carrier_gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("carrier gateway", index);
    if draw.one_in(2) {
        return Value::Null;
    }
    json!({
        "carrierGatewayId": place.id("cagw", index), "vpcId": place.id("vpc", index),
        "ownerId": place.owner, "state": "available", "tagSet": tags(&mut draw),
    })
}

/// One for each VPC, in its public subnet if it has an address, else in the private one.
pub(super) fn nat_gateway(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("nat gateway", index);
    let public = nat_is_public(place, index);
    let of_address = |value: String| public.then_some(value);
    let interface = nat_interface(place, index);
    json!({
        "natGatewayId": place.id("nat", index), "vpcId": place.id("vpc", index),
        "subnetId": place.id("subnet", 2 * index + u64::from(public)), "state": "available",
        "connectivityType": if public { "public" } else { "private" }, "availabilityMode": "zonal",
        "createTime": CREATED, "natGatewayAddressSet": [{
            "networkInterfaceId": place.id("eni", interface),
            "privateIp": super::compute::private_ip(interface), "publicIp": of_address(public_ip(index)),
            "allocationId": of_address(place.id("eipalloc", index)),
            "associationId": of_address(place.id("eipassoc", index)), "isPrimary": true,
            "status": "succeeded",
        }],
        "tagSet": tags(&mut draw),
    })
}
