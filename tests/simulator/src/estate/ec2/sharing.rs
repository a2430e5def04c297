//! What is provided to others: endpoint services and Verified Access; and settings of VPCs: encryption
//! controls, exclusions from Block Public Access, and IPAM.

use serde_json::{Value, json};

use super::{CREATED, Place, STRANGER, tags};

/// How many permissions an endpoint service has at most.
pub(super) const PERMISSIONS: u64 = 2;

pub(super) fn endpoint_service(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("endpoint service", index);
    let id = place.id("vpce-svc", index);
    json!({
        "serviceType": [{ "serviceType": "Interface" }], "serviceId": id,
        "serviceName": format!("com.amazonaws.vpce.{}.{id}", place.region), "serviceState": "Available",
        "availabilityZoneSet": [place.zone()], "acceptanceRequired": draw.pick(&[true, false]),
        "managesVpcEndpoints": false, "networkLoadBalancerArnSet": [place.balancer_arn("net", index)],
        "supportedIpAddressTypeSet": ["ipv4"],
        "baseEndpointDnsNameSet": [format!("{id}.{}.vpce.amazonaws.com", place.region)],
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn permission(place: &Place<'_>, service: u64, index: u64) -> Value {
    let mut draw = place.draw("service permission", PERMISSIONS * service + index);
    let account = |id: &str| format!("arn:{}:iam::{id}:root", place.partition);
    let (kind, principal) = match (index, draw.pick(&[0, 1, 2])) {
        (0, _) => ("Account", account(place.owner)),
        (_, 0) => ("Account", account(STRANGER)),
        (_, 1) => ("All", "*".to_owned()),
        _ => return Value::Null,
    };
    json!({
        "principalType": kind, "principal": principal, "serviceId": place.id("vpce-svc", service),
        "servicePermissionId": place.id("vpce-svc-perm", PERMISSIONS * service + index), "tagSet": [],
    })
}

pub(super) fn verified_access(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("verified access", index);
    json!({
        "verifiedAccessInstanceId": place.id("vai", index), "description": "",
        "verifiedAccessTrustProviderSet": [{
            "verifiedAccessTrustProviderId": place.id("vatp", index), "trustProviderType": "user",
            "userTrustProviderType": draw.pick(&["iam-identity-center", "oidc"]),
        }],
        "creationTime": "2024-01-01T00:00:00", "lastUpdatedTime": "2024-01-01T00:00:00",
        "fipsEnabled": false, "tagSet": tags(&mut draw),
    })
}

pub(super) fn verified_access_logging(place: &Place<'_>, index: u64) -> Value {
    let on = place.draw("verified access logs", index).pick(&[true, false]);
    let delivery = on.then(|| json!({ "code": "success" }));
    json!({
        "verifiedAccessInstanceId": place.id("vai", index), "accessLogs": {
            "s3": { "enabled": false }, "cloudWatchLogs": {
                "enabled": on, "deliveryStatus": delivery, "logGroup": on.then_some("verified-access"),
            },
            "kinesisDataFirehose": { "enabled": false }, "logVersion": "ocsf-1.0.0-rc.2",
            "includeTrustContext": false,
        },
    })
}

pub(super) fn encryption_control(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("encryption control", index);
    if draw.one_in(3) {
        return Value::Null;
    }
    let excluded = |on: bool| json!({ "state": if on { "enabled" } else { "disabled" } });
    json!({
        "vpcId": place.id("vpc", index), "vpcEncryptionControlId": place.id("vpcec", index),
        "mode": draw.pick(&["monitor", "enforce"]), "state": "available", "resourceExclusions": {
            "internetGateway": excluded(true), "egressOnlyInternetGateway": excluded(true),
            "natGateway": excluded(true), "virtualPrivateGateway": excluded(draw.one_in(2)),
            "vpcPeering": excluded(draw.one_in(2)), "lambda": excluded(false),
            "vpcLattice": excluded(false), "elasticFileSystem": excluded(false),
        },
        "tagSet": tags(&mut draw),
    })
}

/// An exclusion of a VPC from Block Public Access.
pub(super) fn exclusion(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("exclusion", index);
    if draw.one_in(2) {
        return Value::Null;
    }
    json!({
        "exclusionId": place.id("vpcbpa-exclude", index),
        "internetGatewayExclusionMode": draw.pick(&["allow-egress", "allow-bidirectional"]),
        "resourceArn": place.arn(&format!("vpc/{}", place.id("vpc", index))),
        "state": draw.pick(&["create-complete", "create-complete", "delete-complete"]),
        "creationTimestamp": CREATED, "lastUpdateTimestamp": CREATED, "tagSet": tags(&mut draw),
    })
}

/// Two for each IPAM: the public and the private default scope.
pub(super) fn ipam_scope(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("ipam scope", index);
    let (id, ipam) = (place.id("ipam-scope", index), place.id("ipam", index / 2));
    // IPAM is not regional, so its ARNs have no region.
    let arn = |resource: String| format!("arn:{}:ec2::{}:{resource}", place.partition, place.owner);
    json!({
        "ownerId": place.owner, "ipamScopeId": id, "ipamScopeArn": arn(format!("ipam-scope/{id}")),
        "ipamArn": arn(format!("ipam/{ipam}")), "ipamRegion": place.region,
        "ipamScopeType": if index.is_multiple_of(2) { "public" } else { "private" }, "isDefault": true,
        "poolCount": draw.below(3), "state": "create-complete", "tagSet": tags(&mut draw),
    })
}
