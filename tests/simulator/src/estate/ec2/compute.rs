//! Instances, volumes, snapshots, images, key pairs and launch templates.

use serde_json::{Value, json};

use super::{CREATED, Place, tags};

pub(super) fn volume(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("volume", index);
    // One volume in three is not encrypted, also in an estate without a seed.
    let encrypted = match place.estate.seed {
        Some(_) => !draw.one_in(3),
        None => !index.is_multiple_of(3),
    };
    let key = encrypted.then(|| place.key_arn(draw.below(2)));
    let instance = (index < place.estate.others.instances).then(|| place.id("i", index));
    let attachments: Vec<Value> = instance
        .iter()
        .map(|instance| {
            json!({
                "volumeId": place.id("vol", index), "instanceId": instance, "device": "/dev/xvda",
                "status": "attached", "attachTime": CREATED, "deleteOnTermination": true,
            })
        })
        .collect();
    json!({
        "volumeId": place.id("vol", index), "size": 8, "snapshotId": "",
        "availabilityZone": place.zone(), "status": if attachments.is_empty() { "available" } else { "in-use" },
        "createTime": CREATED, "attachmentSet": attachments, "volumeType": "gp3", "iops": 3000,
        "encrypted": encrypted, "kmsKeyId": key, "multiAttachEnabled": false, "throughput": 125,
        "tagSet": tags(&mut draw),
    })
}

/// The public address of an instance's interface, if it has one.
fn public_ip(place: &Place<'_>, index: u64) -> Option<String> {
    place.draw("public address", index).one_in(4).then(|| format!("203.0.113.{}", index % 254 + 1))
}

pub(super) fn private_ip(index: u64) -> String {
    format!("10.0.{}.{}", index / 250 % 250, index % 250 + 4)
}

/// The association of an interface with a public address.
pub(super) fn association(place: &Place<'_>, index: u64) -> Option<Value> {
    let address = public_ip(place, index)?;
    Some(json!({
        "publicIp": address, "ipOwnerId": "amazon",
        "publicDnsName": format!("ec2-{}.compute.amazonaws.com", address.replace('.', "-")),
    }))
}

pub(super) fn has_second_interface(place: &Place<'_>, instance: u64) -> bool {
    place.draw("second interface", instance).one_in(4)
}

/// The security group of an instance's interface.
pub(super) fn groups(place: &Place<'_>, index: u64) -> Value {
    let vpcs = place.estate.others.vpcs.max(1);
    // Groups are distributed over the VPCs as instances are.
    let of_vpc = super::network::group_count(place.estate)
        .saturating_sub(index % vpcs)
        .div_ceil(vpcs)
        .max(1);
    let group = index % vpcs + vpcs * (index / vpcs % of_vpc);
    json!([{ "groupId": place.id("sg", group), "groupName": super::network::group_name(place, group) }])
}

pub(super) fn reservation(place: &Place<'_>, index: u64) -> Value {
    json!({
        "reservationId": place.id("r", index), "ownerId": place.owner, "groupSet": [],
        "instancesSet": [instance(place, index)],
    })
}

fn instance_type(place: &Place<'_>, index: u64) -> &'static str {
    super::capacity::TYPES[place.draw("instance type", index).pick(&[0, 1, 2, 3])].0
}

/// The subnet of an instance: the public one of its VPC for most of those with a public address.
pub(super) fn subnet(place: &Place<'_>, index: u64) -> u64 {
    let public =
        public_ip(place, index).is_some() && !place.draw("private subnet", index).one_in(4);
    2 * (index % place.estate.others.vpcs.max(1)) + u64::from(public)
}

fn state(place: &Place<'_>, index: u64) -> (u64, &'static str) {
    place.draw("state", index).pick(&[(16, "running"), (16, "running"), (80, "stopped")])
}

fn instance(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("instance", index);
    let (code, state) = state(place, index);
    let association = association(place, index);
    let public_ip = association.as_ref().map(|association| association["publicIp"].clone());
    let number = subnet(place, index);
    let (subnet, zone) = (place.id("subnet", number), place.zone_of_subnet(number));
    let keys = place.estate.others.key_pairs;
    let key = (keys > 0 && place.draw("key", index).one_in(2)).then(|| key_name(index % keys));
    // The draw of the type is followed by others.
    draw.pick(&[0; 3]);
    let groups = groups(place, index);
    let profile = draw.pick(&[Some("app"), Some("app"), None]).map(|name| {
        json!({
            "arn": format!("arn:{}:iam::{}:instance-profile/{name}", place.partition, place.owner),
            "id": "AIPAFAKE",
        })
    });
    let reason = if state == "stopped" { "User initiated (2024-01-01 00:00:00 GMT)" } else { "" };
    let volumes: Vec<Value> = (index < place.estate.volumes)
        .then(|| {
            json!({ "deviceName": "/dev/xvda", "ebs": {
                "volumeId": place.id("vol", index), "status": "attached", "attachTime": CREATED,
                "deleteOnTermination": true,
            } })
        })
        .into_iter()
        .collect();
    let interface = |number: u64| {
        let (id, address) = (place.id("eni", number), private_ip(number));
        let association = association.clone().filter(|_| number.is_multiple_of(2));
        json!({
            "networkInterfaceId": id, "subnetId": subnet, "vpcId": place.vpc_of(index),
            "description": "", "ownerId": place.owner, "status": "in-use",
            "macAddress": "02:00:00:00:00:01", "privateIpAddress": address, "sourceDestCheck": true,
            "groupSet": groups, "association": association, "privateIpAddressesSet": [{
                "privateIpAddress": address, "primary": true, "association": association,
            }],
            "ipv6AddressesSet": [], "interfaceType": "interface",
        })
    };
    let count = 1 + u64::from(has_second_interface(place, index));
    let interfaces: Vec<Value> = (2 * index..2 * index + count).map(interface).collect();
    json!({
        "instanceId": place.id("i", index), "imageId": place.id("ami", index % place.estate.others.images.max(1)),
        "instanceState": { "code": code, "name": state }, "privateDnsName": "", "dnsName": "",
        "reason": reason, "amiLaunchIndex": 0, "productCodes": [],
        "instanceType": instance_type(place, index), "launchTime": CREATED,
        "keyName": key, "placement": { "availabilityZone": zone, "groupName": "", "tenancy": "default" },
        "monitoring": { "state": draw.pick(&["disabled", "enabled"]) }, "subnetId": subnet,
        "vpcId": place.vpc_of(index), "privateIpAddress": private_ip(2 * index), "ipAddress": public_ip,
        "sourceDestCheck": true, "groupSet": groups, "architecture": "x86_64",
        "rootDeviceType": "ebs", "rootDeviceName": "/dev/xvda", "blockDeviceMapping": volumes,
        "virtualizationType": draw.pick(&["hvm", "hvm", "hvm", "paravirtual"]), "tagSet": tags(&mut draw),
        "hypervisor": "xen", "networkInterfaceSet": interfaces,
        "iamInstanceProfile": profile, "ebsOptimized": place.draw("EBS", index).one_in(2), "enaSupport": true,
        "metadataOptions": {
            "state": "applied", "httpTokens": draw.pick(&["required", "required", "optional"]),
            "httpPutResponseHopLimit": place.draw("hops", index).pick(&[2, 1]), "httpEndpoint": "enabled", "httpProtocolIpv6": "disabled",
            "instanceMetadataTags": "disabled",
        },
        "enclaveOptions": { "enabled": place.draw("enclave", index).one_in(3) }, "platformDetails": "Linux/UNIX",
    })
}

pub(super) fn status(place: &Place<'_>, index: u64) -> Value {
    let (code, state) = state(place, index);
    let summary = json!({ "status": if state == "running" { "ok" } else { "not-applicable" } });
    json!({
        "instanceId": place.id("i", index),
        "availabilityZone": place.zone_of_subnet(subnet(place, index)),
        "instanceState": { "code": code, "name": state }, "instanceStatus": summary,
        "systemStatus": summary,
    })
}

/// What `DescribeInstanceAttribute` returns.
pub(super) fn attribute(place: &Place<'_>, index: u64, name: &str) -> Value {
    let value = match name {
        // `#!/bin/sh`
        "userData" => json!({ "value": "ZWNobyBoaQ==" }),
        _ => json!({ "value": place.draw(name, index).one_in(2) }),
    };
    json!({ "instanceId": place.id("i", index), name: value })
}

pub(super) fn snapshot(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("snapshot", index);
    let encrypted = !is_public(place, index) && !draw.one_in(3);
    json!({
        "snapshotId": place.id("snap", index), "volumeId": place.id("vol", index),
        "status": "completed", "startTime": CREATED, "completionTime": CREATED,
        "progress": "100%", "ownerId": place.owner, "volumeSize": 8, "description": "",
        "encrypted": encrypted, "kmsKeyId": encrypted.then(|| place.key_arn(index)),
        "storageTier": "standard", "tagSet": tags(&mut draw),
    })
}

pub(super) fn is_public(place: &Place<'_>, index: u64) -> bool {
    place.draw("public snapshot", index).one_in(4)
}

pub(super) fn snapshot_permission(place: &Place<'_>, index: u64) -> Value {
    let all: &[Value] = &[json!({ "group": "all" })];
    let permission = if is_public(place, index) { all } else { &[] };
    json!({ "snapshotId": place.id("snap", index), "createVolumePermission": permission })
}

fn image_is_public(place: &Place<'_>, index: u64) -> bool {
    place.draw("public image", index).one_in(4)
}

pub(super) fn image(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("image", index);
    json!({
        "imageId": place.id("ami", index), "imageLocation": format!("{}/image-{index}", place.owner),
        "imageState": "available", "imageOwnerId": place.owner, "creationDate": CREATED,
        "isPublic": image_is_public(place, index), "architecture": "x86_64",
        "imageType": "machine", "name": format!("image-{index}"), "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/xvda", "virtualizationType": "hvm", "hypervisor": "xen",
        "imdsSupport": draw.pick(&[Some("v2.0"), None]), "enaSupport": true,
        "platformDetails": "Linux/UNIX", "blockDeviceMapping": [{ "deviceName": "/dev/xvda", "ebs": {
            "snapshotId": place.id("snap", index), "volumeSize": 8, "volumeType": "gp3",
            "deleteOnTermination": true, "encrypted": draw.one_in(2),
        } }],
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn launch_permission(place: &Place<'_>, index: u64) -> Value {
    let all: &[Value] = &[json!({ "group": "all" })];
    let permission = if image_is_public(place, index) { all } else { &[] };
    json!({ "imageId": place.id("ami", index), "launchPermission": permission })
}

pub(super) fn launch_template(place: &Place<'_>, index: u64) -> Value {
    json!({
        "launchTemplateId": place.id("lt", index), "launchTemplateName": format!("template-{index}"),
        "createTime": CREATED, "createdBy": format!("arn:{}:iam::{}:root", place.partition, place.owner),
        "defaultVersionNumber": 1, "latestVersionNumber": 1,
    })
}

/// Each template has one version.
pub(super) fn template_version(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("template", index);
    let encrypted = draw.pick(&[Some(true), Some(false), None]);
    json!({
        "launchTemplateId": place.id("lt", index), "launchTemplateName": format!("template-{index}"),
        "versionNumber": 1, "createTime": CREATED, "defaultVersion": true,
        "createdBy": format!("arn:{}:iam::{}:root", place.partition, place.owner),
        "launchTemplateData": {
            "imageId": place.id("ami", index % place.estate.others.images.max(1)), "instanceType": "t3.micro",
            "metadataOptions": {
                "httpTokens": draw.pick(&["required", "optional"]), "httpEndpoint": "enabled",
                "httpPutResponseHopLimit": 1,
            },
            "networkInterfaceSet": [{
                "deviceIndex": 0, "groupSet": [place.id("sg", 0)],
                "associatePublicIpAddress": draw.pick(&[Some(false), Some(true), None]),
            }],
            "blockDeviceMappingSet": [{ "deviceName": "/dev/xvda", "ebs": {
                "encrypted": encrypted, "volumeSize": 8, "volumeType": "gp3",
            } }],
        },
    })
}

pub(super) fn image_metadata(place: &Place<'_>, index: u64) -> Value {
    let image = index % place.estate.others.images.max(1);
    let (code, state) = state(place, index);
    let deprecation = place.draw("deprecation", image).pick(&[None, Some(CREATED)]);
    json!({
        "instanceId": place.id("i", index), "instanceType": instance_type(place, index),
        "launchTime": CREATED, "availabilityZone": place.zone_of_subnet(subnet(place, index)),
        "instanceState": { "code": code, "name": state }, "instanceOwnerId": place.owner,
        "imageMetadata": {
            "imageId": place.id("ami", image), "name": format!("image-{image}"),
            "imageOwnerId": place.owner, "imageState": "available", "creationDate": CREATED,
            "deprecationTime": deprecation, "imageAllowed": true,
            "isPublic": image_is_public(place, image),
        },
        "tagSet": [],
    })
}

/// Only some snapshots are locked.
pub(super) fn snapshot_lock(place: &Place<'_>, index: u64) -> Value {
    if !place.draw("snapshot lock", index).pick(&[true, false]) {
        return Value::Null;
    }
    json!({
        "ownerId": place.owner, "snapshotId": place.id("snap", index), "lockState": "governance",
        "lockDuration": 30, "lockCreatedOn": CREATED, "lockDurationStartTime": CREATED,
        "lockExpiresOn": "2024-01-31T00:00:00.000Z",
    })
}

fn key_name(index: u64) -> String {
    format!("key-{index}")
}

pub(super) fn key_pair(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("key pair", index);
    json!({
        "keyPairId": place.id("key", index), "keyType": draw.pick(&["ed25519", "rsa"]),
        "keyName": key_name(index), "keyFingerprint": format!("{index:043}="),
        "createTime": CREATED, "tagSet": tags(&mut draw),
    })
}
