//! VPCs and what is in them, security groups and prefix lists.

use serde_json::{Value, json};

use super::super::Estate;
use super::{CREATED, Place, STRANGER, compute, gateways, tags};

/// How many endpoints a VPC has at most.
pub(super) const ENDPOINTS: u64 = 8;
/// Their services, the first two of which are gateways.
const SERVICES: [&str; ENDPOINTS as usize] =
    ["s3", "dynamodb", "ec2", "ecr.api", "ecr.dkr", "ssm", "ssm-contacts", "ssm-incidents"];

/// How many security groups there are: at least the default ones.
pub(super) fn group_count(estate: &Estate) -> u64 {
    estate.security_groups.max(estate.others.vpcs)
}

/// Every VPC has a default group, before all others.
pub(super) fn group_name(place: &Place<'_>, index: u64) -> String {
    let default = index < place.estate.others.vpcs.max(1);
    if default { "default".to_owned() } else { format!("group-{index}") }
}

fn permission(protocol: &str, ports: Option<(u64, u64)>, v4: &[&str], v6: &[&str]) -> Value {
    let v4: Vec<Value> = v4.iter().map(|cidr| json!({ "cidrIp": cidr })).collect();
    let v6: Vec<Value> = v6.iter().map(|cidr| json!({ "cidrIpv6": cidr })).collect();
    json!({
        "ipProtocol": protocol, "fromPort": ports.map(|ports| ports.0),
        "toPort": ports.map(|ports| ports.1), "groups": [], "ipRanges": v4, "ipv6Ranges": v6,
        "prefixListIds": [],
    })
}

pub(super) fn security_group(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("group", index);
    let (port, cidr) = draw.pick(&[
        (443, "10.0.0.0/8"),
        (443, "0.0.0.0/0"),
        (22, "0.0.0.0/0"),
        (3389, "192.0.2.0/24"),
        (445, "0.0.0.0/0"),
        (8080, "0.0.0.0/1"),
    ]);
    let mut ingress = vec![permission("tcp", Some((port, port)), &[cidr], &[])];
    if draw.one_in(4) {
        ingress.push(permission("tcp", Some((20, 30)), &[], &["::/0"]));
    }
    if draw.one_in(8) {
        ingress.push(permission("-1", None, &["0.0.0.0/0"], &[]));
    }
    if place.estate.others.prefix_lists > 0 && draw.one_in(3) {
        let mut listed = permission("tcp", Some((443, 443)), &[], &[]);
        let list = draw.below(place.estate.others.prefix_lists);
        listed["prefixListIds"] = json!([{ "prefixListId": place.id("pl", list) }]);
        ingress.push(listed);
    }
    if let Some(group) = foreign_group(place, index) {
        let mut peer = permission("tcp", Some((443, 443)), &[], &[]);
        peer["groups"] = json!([group]);
        ingress.push(peer);
    }
    let mut egress: &[Value] = match place.estate.seed {
        Some(_) => &[permission("-1", None, &["0.0.0.0/0"], &[])],
        None => &[],
    };
    let name = group_name(place, index);
    let default = index < place.estate.others.vpcs.max(1);
    let description = if default { "default VPC security group" } else { &name };
    if default && draw.one_in(2) {
        ingress.clear();
        egress = &[];
    }
    json!({
        "ownerId": place.owner, "groupId": place.id("sg", index), "groupName": name,
        "groupDescription": description, "vpcId": place.vpc_of(index), "ipPermissions": ingress,
        "ipPermissionsEgress": egress, "tagSet": tags(&mut draw),
    })
}

/// The first two numbers of a VPC's addresses.
pub(super) fn network(index: u64) -> String {
    format!("10.{}", index % 250)
}

pub(super) fn vpc(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("vpc", index);
    let cidr = format!("{}.0.0/16", network(index));
    json!({
        "vpcId": place.id("vpc", index), "ownerId": place.owner, "state": "available",
        "cidrBlock": cidr, "dhcpOptionsId": place.id("dopt", index % 2), "instanceTenancy": "default",
        "isDefault": false, "cidrBlockAssociationSet": [{
            "associationId": place.id("vpc-cidr-assoc", index), "cidrBlock": cidr,
            "cidrBlockState": { "state": "associated" },
        }],
        "blockPublicAccessStates": { "internetGatewayBlockMode": "off" }, "tagSet": tags(&mut draw),
    })
}

/// What `DescribeVpcAttribute` returns.
pub(super) fn vpc_attribute(place: &Place<'_>, index: u64, name: &str) -> Value {
    let value = place.draw(name, index).pick(&[true, false]);
    json!({ "vpcId": place.id("vpc", index), name: { "value": value } })
}

pub(super) fn subnet(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("subnet", index);
    json!({
        "subnetId": place.id("subnet", index), "state": "available", "ownerId": place.owner,
        "vpcId": place.id("vpc", index / 2),
        "cidrBlock": format!("{}.{}.0/24", network(index / 2), index % 2), "availabilityZone": place.zone_of_subnet(index),
        "ipv6CidrBlockAssociationSet": [], "availableIpAddressCount": 251, "defaultForAz": false,
        "mapPublicIpOnLaunch": draw.pick(&[false, false, true]),
        "assignIpv6AddressOnCreation": false, "ipv6Native": false, "enableDns64": false,
        "privateDnsNameOptionsOnLaunch": {
            "hostnameType": "ip-name", "enableResourceNameDnsARecord": false,
            "enableResourceNameDnsAAAARecord": false,
        },
        "tagSet": tags(&mut draw),
    })
}

/// Two for each VPC: the main one, and that of the second subnet, with a route to the internet.
pub(super) fn route_table(place: &Place<'_>, index: u64) -> Value {
    let (vpc, main) = (index / 2, index.is_multiple_of(2));
    let local = json!({
        "destinationCidrBlock": format!("{}.0.0/16", network(vpc)), "gatewayId": "local",
        "state": "active", "origin": "CreateRouteTable",
    });
    let mut routes = vec![local];
    if !main {
        routes.push(json!({
            "destinationCidrBlock": "0.0.0.0/0", "gatewayId": place.id("igw", vpc),
            "state": "active", "origin": "CreateRoute",
        }));
    }
    if main && vpc < place.estate.others.peerings {
        routes.push(json!({
            "destinationCidrBlock": super::vpn::peer_cidr(place, vpc),
            "vpcPeeringConnectionId": place.id("pcx", vpc), "state": "active", "origin": "CreateRoute",
        }));
    }
    let association = json!({
        "routeTableAssociationId": place.id("rtbassoc", index), "main": main,
        "routeTableId": place.id("rtb", index), "associationState": { "state": "associated" },
        "subnetId": (!main).then(|| place.id("subnet", index)),
    });
    json!({
        "routeTableId": place.id("rtb", index), "vpcId": place.id("vpc", vpc), "ownerId": place.owner,
        "routeSet": routes, "associationSet": [association], "propagatingVgwSet": [], "tagSet": [],
    })
}

/// Two for each VPC: the default one with both subnets, and one that may be unused.
pub(super) fn network_acl(place: &Place<'_>, index: u64) -> Value {
    let (vpc, default) = (index / 2, index.is_multiple_of(2));
    let mut draw = place.draw("acl", index);
    let used = place.draw("acl of subnet", vpc).one_in(2);
    let entry = |number: u64, egress: bool, action: &str, protocol: &str| {
        json!({
            "ruleNumber": number, "protocol": protocol, "ruleAction": action, "egress": egress,
            "cidrBlock": "0.0.0.0/0",
        })
    };
    let mut entries = vec![entry(100, true, "allow", "-1"), entry(32767, true, "deny", "-1")];
    if default || draw.one_in(2) {
        entries.push(entry(100, false, "allow", "-1"));
    } else {
        let mut web = entry(100, false, "allow", "6");
        let (from, to) = draw.pick(&[(443, 443), (20, 30), (3389, 3389)]);
        web["portRange"] = json!({ "from": from, "to": to });
        entries.push(web);
    }
    entries.push(entry(32767, false, "deny", "-1"));
    let association = |subnet: u64| {
        json!({
            "networkAclAssociationId": place.id("aclassoc", subnet),
            "networkAclId": place.id("acl", index), "subnetId": place.id("subnet", subnet),
        })
    };
    // The second subnet has the second ACL, or none has it.
    let associations: Vec<Value> = match (default, used) {
        (true, true) => vec![association(index)],
        (true, false) => vec![association(index), association(index + 1)],
        (false, true) => vec![association(index)],
        (false, false) => vec![],
    };
    json!({
        "networkAclId": place.id("acl", index), "vpcId": place.id("vpc", vpc), "default": default,
        "ownerId": place.owner, "entrySet": entries, "associationSet": associations, "tagSet": [],
    })
}

pub(super) fn flow_log(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("flow log", index);
    if draw.one_in(3) {
        return Value::Null;
    }
    json!({
        "flowLogId": place.id("fl", index), "creationTime": CREATED,
        "resourceId": place.id("vpc", index), "flowLogStatus": "ACTIVE",
        "trafficType": draw.pick(&["ALL", "REJECT", "ACCEPT"]), "logDestinationType": "s3",
        "logDestination": format!("arn:{}:s3:::flow-logs", place.partition),
        "deliverLogsStatus": draw.pick(&["SUCCESS", "SUCCESS", "FAILED"]),
        "logFormat": "${version} ${account-id}", "maxAggregationInterval": 600, "tagSet": [],
    })
}

pub(super) fn endpoint(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("endpoint", index);
    if draw.one_in(3) {
        return Value::Null;
    }
    let (vpc, service) = (index / ENDPOINTS, index % ENDPOINTS);
    let gateway = service < 2;
    let name = SERVICES[usize::try_from(service).unwrap()];
    let tables: Vec<String> = if gateway { vec![place.id("rtb", 2 * vpc)] } else { vec![] };
    let both = place.draw("endpoint zones", index).pick(&[1, 2]);
    let subnets = 2 * vpc..2 * vpc + if gateway { 0 } else { both };
    let subnets: Vec<String> = subnets.map(|subnet| place.id("subnet", subnet)).collect();
    let groups = if gateway { json!([]) } else { compute::groups(place, vpc) };
    json!({
        "vpcEndpointId": place.id("vpce", index), "vpcId": place.id("vpc", vpc),
        "vpcEndpointType": if gateway { "Gateway" } else { "Interface" },
        "serviceName": format!("com.amazonaws.{}.{name}", place.region),
        "state": draw.pick(&["available", "available", "pending"]), "ownerId": place.owner,
        "policyDocument": "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "routeTableIdSet": tables, "subnetIdSet": subnets, "groupSet": groups,
        "privateDnsEnabled": !gateway && draw.pick(&[true, false]), "requesterManaged": false,
        "networkInterfaceIdSet": [], "dnsEntrySet": [], "creationTimestamp": CREATED, "tagSet": [],
    })
}

/// Two for each instance, and two for each VPC: that of its NAT gateway, and one that may be unused.
pub(super) fn interface_count(estate: &Estate) -> u64 {
    2 * (estate.others.instances + estate.others.vpcs)
}

pub(super) fn interface(place: &Place<'_>, index: u64) -> Value {
    let (vpcs, instances) = (place.estate.others.vpcs, place.estate.others.instances);
    match index.checked_sub(2 * instances) {
        None => instance_interface(place, index),
        Some(vpc) if vpc < vpcs => nat_interface(place, index, vpc),
        Some(_) if place.draw("unused interface", index).one_in(2) => Value::Null,
        Some(number) => idle_interface(place, index, number - vpcs),
    }
}

fn nat_interface(place: &Place<'_>, index: u64, vpc: u64) -> Value {
    let association = gateways::nat_association(place, vpc);
    let subnet = 2 * vpc + u64::from(association.is_some());
    let address = compute::private_ip(index);
    json!({
        "networkInterfaceId": place.id("eni", index), "interfaceType": "nat_gateway", "status": "in-use",
        "subnetId": place.id("subnet", subnet), "vpcId": place.id("vpc", vpc),
        "availabilityZone": place.zone_of_subnet(subnet), "ownerId": place.owner,
        "description": format!("Interface for NAT Gateway {}", place.id("nat", vpc)),
        "requesterManaged": true, "macAddress": "02:00:00:00:00:01", "privateIpAddress": address,
        "sourceDestCheck": false, "groupSet": [], "attachment": {
            "attachmentId": place.id("eni-attach", index), "instanceOwnerId": "amazon-aws",
            "deviceIndex": 1, "status": "attached", "deleteOnTermination": false,
        },
        "association": association, "privateIpAddressesSet": [{
            "privateIpAddress": address, "primary": true, "association": association,
        }],
        "ipv6AddressesSet": [], "tagSet": [],
    })
}

fn idle_interface(place: &Place<'_>, index: u64, vpc: u64) -> Value {
    let address = compute::private_ip(index);
    json!({
        "networkInterfaceId": place.id("eni", index), "interfaceType": "interface",
        "status": "available", "subnetId": place.id("subnet", 2 * vpc), "vpcId": place.id("vpc", vpc),
        "availabilityZone": place.zone_of_subnet(2 * vpc), "description": "", "ownerId": place.owner,
        "requesterManaged": false, "macAddress": "02:00:00:00:00:01", "privateIpAddress": address,
        "sourceDestCheck": true, "groupSet": compute::groups(place, vpc),
        "privateIpAddressesSet": [{ "privateIpAddress": address, "primary": true }],
        "ipv6AddressesSet": [], "tagSet": [],
    })
}

fn instance_interface(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("interface", index);
    let (instance, first) = (index / 2, index.is_multiple_of(2));
    if !first && !compute::has_second_interface(place, instance) {
        return Value::Null;
    }
    let association = compute::association(place, instance).filter(|_| first);
    let subnet = compute::subnet(place, instance);
    let address = compute::private_ip(index);
    json!({
        "networkInterfaceId": place.id("eni", index), "interfaceType": "interface", "status": "in-use",
        "subnetId": place.id("subnet", subnet), "vpcId": place.vpc_of(instance),
        "availabilityZone": place.zone_of_subnet(subnet), "description": "",
        "ownerId": place.owner, "requesterManaged": false, "macAddress": "02:00:00:00:00:01",
        "privateIpAddress": address, "sourceDestCheck": draw.pick(&[true, true, false]),
        "groupSet": compute::groups(place, instance), "attachment": {
            "attachmentId": place.id("eni-attach", index), "instanceId": place.id("i", instance),
            "instanceOwnerId": place.owner, "deviceIndex": index % 2, "status": "attached",
            "attachTime": CREATED, "deleteOnTermination": true,
        },
        "association": association, "privateIpAddressesSet": [{
            "privateIpAddress": address, "primary": true, "association": association,
        }],
        "ipv6AddressesSet": [], "tagSet": tags(&mut draw),
    })
}

pub(super) fn prefix_list(place: &Place<'_>, index: u64) -> Value {
    let id = place.id("pl", index);
    json!({
        "prefixListArn": place.arn(&format!("prefix-list/{id}")), "prefixListId": id,
        "prefixListName": format!("list-{index}"), "addressFamily": "IPv4",
        "state": "create-complete", "maxEntries": 10, "version": 1, "ownerId": place.owner,
        "tagSet": [],
    })
}

pub(super) fn entry_count(place: &Place<'_>, index: u64) -> u64 {
    place.draw("entry count", index).pick(&[1, 2])
}

pub(super) fn prefix_list_entry(place: &Place<'_>, list: u64, index: u64) -> Value {
    let cidr = match index {
        0 => place.draw("entries", list).pick(&["10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24"]),
        _ => "198.51.100.0/24",
    };
    json!({ "cidr": cidr, "description": format!("entry {index}") })
}

/// A security group of a VPC with a rule for a group of a peer that is gone.
pub(super) fn stale_group(place: &Place<'_>, vpc: u64, index: u64) -> Value {
    let foreign = foreign_group(place, index).filter(|group| group["peeringStatus"] == "deleted");
    let (true, Some(foreign)) = (index % place.estate.others.vpcs == vpc, foreign) else {
        return Value::Null;
    };
    json!({
        "groupId": place.id("sg", index), "groupName": group_name(place, index), "description": "",
        "vpcId": place.id("vpc", vpc), "staleIpPermissions": [{
            "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "groups": [foreign], "ipRanges": [],
            "prefixListIds": [],
        }],
        "staleIpPermissionsEgress": [],
    })
}

/// A group in a peer VPC of another account, to which a rule of a security group refers.
fn foreign_group(place: &Place<'_>, index: u64) -> Option<Value> {
    let others = &place.estate.others;
    let mut draw = place.draw("foreign group", index);
    let vpc = index % others.vpcs.max(1);
    let known = vpc < others.peerings && vpc < others.vpcs;
    (known && draw.one_in(4)).then(|| {
        json!({
            "userId": STRANGER, "groupId": "sg-0123456789abcdef0", "vpcId": super::vpn::PEER_VPC,
            "vpcPeeringConnectionId": place.id("pcx", vpc),
            "peeringStatus": draw.pick(&["active", "deleted"]),
        })
    })
}
