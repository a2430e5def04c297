//! VPCs and what is in them, security groups, prefix lists and addresses.

use serde_json::{Value, json};

use super::{CREATED, Place, compute, tags};

/// How many endpoints a VPC has at most.
pub(super) const ENDPOINTS: u64 = 8;
/// Their services, the first two of which are gateways.
const SERVICES: [&str; ENDPOINTS as usize] =
    ["s3", "dynamodb", "ec2", "ecr.api", "ecr.dkr", "ssm", "ssm-contacts", "ssm-incidents"];

pub(super) fn group_name(index: u64) -> String {
    if index == 0 { "default".to_owned() } else { format!("group-{index}") }
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
    let mut egress: &[Value] = match place.estate.seed {
        Some(_) => &[permission("-1", None, &["0.0.0.0/0"], &[])],
        None => &[],
    };
    // Every VPC has a default group, before all others.
    let vpcs = place.estate.others.vpcs.max(1);
    let default = index < vpcs;
    let name = if default { group_name(0) } else { group_name(index) };
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
fn network(index: u64) -> String {
    format!("10.{}", index % 250)
}

pub(super) fn vpc(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("vpc", index);
    let cidr = format!("{}.0.0/16", network(index));
    json!({
        "vpcId": place.id("vpc", index), "ownerId": place.owner, "state": "available",
        "cidrBlock": cidr, "dhcpOptionsId": "default", "instanceTenancy": "default",
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
        "cidrBlock": format!("{}.{}.0/24", network(index / 2), index % 2), "availabilityZone": place.zone(),
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

pub(super) fn internet_gateway(place: &Place<'_>, index: u64) -> Value {
    json!({
        "internetGatewayId": place.id("igw", index), "ownerId": place.owner,
        "attachmentSet": [{ "vpcId": place.id("vpc", index), "state": "available" }], "tagSet": [],
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
    let subnets: Vec<String> = if gateway { vec![] } else { vec![place.id("subnet", 2 * vpc)] };
    let groups = if gateway { json!([]) } else { compute::groups(place, 0) };
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

/// Two for each instance: the first one, and one that it may have.
pub(super) fn interface(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("interface", index);
    let (instance, first) = (index / 2, index.is_multiple_of(2));
    if !first && !compute::has_second_interface(place, instance) {
        return Value::Null;
    }
    let association = compute::association(place, instance).filter(|_| first);
    let address = compute::private_ip(index);
    json!({
        "networkInterfaceId": place.id("eni", index), "interfaceType": "interface", "status": "in-use",
        "subnetId": place.id("subnet", 2 * (instance % place.estate.others.vpcs.max(1))),
        "vpcId": place.vpc_of(instance), "availabilityZone": place.zone(), "description": "",
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

pub(super) fn address(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("address", index);
    json!({
        "publicIp": format!("198.51.100.{}", index % 254 + 1), "domain": "vpc",
        "allocationId": place.id("eipalloc", index), "networkBorderGroup": place.region,
        "publicIpv4Pool": "amazon", "tagSet": tags(&mut draw),
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

pub(super) fn prefix_list_entries(place: &Place<'_>, index: u64) -> Value {
    let cidr = place.draw("entries", index).pick(&["10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24"]);
    json!({ "entrySet": [{ "cidr": cidr, "description": "the only one" }] })
}
