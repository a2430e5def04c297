//! Instance types, and how capacity is bought and kept: fleets, reservations and Reserved Instances.

use serde_json::{Value, json};

use super::{CREATED, Place, tags};

/// The instance types that exist, and the architecture of each.
pub(super) const TYPES: [(&str, &str); 4] = [
    ("t3.micro", "x86_64"),
    ("m7i.large", "x86_64"),
    ("c7g.xlarge", "arm64"),
    ("m1.large", "x86_64"),
];

pub(super) fn instance_type(_: &Place<'_>, index: u64) -> Value {
    let (name, architecture) = TYPES[usize::try_from(index).unwrap()];
    // A type of the first generation: on Xen, and EBS optimization is an option.
    let old = name == "m1.large";
    let supported = |is: bool| if is { "supported" } else { "unsupported" };
    json!({
        "instanceType": name, "currentGeneration": !old, "freeTierEligible": name == "t3.micro",
        "supportedUsageClasses": ["on-demand", "spot"], "supportedRootDeviceTypes": ["ebs"],
        "supportedVirtualizationTypes": ["hvm"], "bareMetal": false,
        "hypervisor": if old { "xen" } else { "nitro" },
        "processorInfo": { "supportedArchitectures": [architecture], "sustainedClockSpeedInGhz": 2.5 },
        "vCpuInfo": { "defaultVCpus": 2, "defaultCores": 1, "defaultThreadsPerCore": 2 },
        "memoryInfo": { "sizeInMiB": 8192 }, "instanceStorageSupported": false, "ebsInfo": {
            "ebsOptimizedSupport": if old { "supported" } else { "default" },
            "encryptionSupport": "supported", "nvmeSupport": if old { "unsupported" } else { "required" },
        },
        "networkInfo": {
            "networkPerformance": "Up to 5 Gigabit", "maximumNetworkInterfaces": 3, "ipv6Supported": true,
            "enaSupport": if old { "unsupported" } else { "required" },
            "encryptionInTransitSupported": !old && name != "t3.micro",
        },
        "placementGroupInfo": { "supportedStrategies": ["partition", "spread"] },
        "hibernationSupported": false, "burstablePerformanceSupported": name == "t3.micro",
        "dedicatedHostsSupported": !old, "autoRecoverySupported": true,
        "supportedBootModes": if old { json!(["legacy-bios"]) } else { json!(["legacy-bios", "uefi"]) },
        "nitroEnclavesSupport": supported(!old && name != "t3.micro"), "nitroTpmSupport": supported(!old),
    })
}

pub(super) fn spot_fleet(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("fleet", index);
    let state = draw.pick(&["active", "active", "cancelled"]);
    json!({
        "spotFleetRequestId": place.id("sfr", index), "spotFleetRequestState": state,
        "activityStatus": "fulfilled", "createTime": CREATED, "spotFleetRequestConfig": {
            "allocationStrategy": "priceCapacityOptimized", "targetCapacity": 1, "type": "maintain",
            "iamFleetRole": format!("arn:{}:iam::{}:role/fleet", place.partition, place.owner),
            "launchSpecifications": [{
                "imageId": place.id("ami", index % place.estate.others.images.max(1)), "instanceType": "m7i.large",
                "blockDeviceMapping": [{ "deviceName": "/dev/sdb", "ebs": {
                    "volumeSize": 8, "volumeType": "gp3", "encrypted": draw.pick(&[true, false]),
                } }],
            }],
            "launchTemplateConfigs": [],
        },
    })
}

pub(super) fn fleet(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("ec2 fleet", index);
    let template = index % place.estate.others.launch_templates.max(1);
    let subnet = 2 * (index % place.estate.others.vpcs.max(1));
    json!({
        "fleetId": place.id("fleet", index), "fleetState": "active", "activityStatus": "fulfilled",
        "createTime": CREATED, "type": draw.pick(&["maintain", "request"]),
        "excessCapacityTerminationPolicy": "termination", "fulfilledCapacity": 2.0,
        "fulfilledOnDemandCapacity": 1.0, "launchTemplateConfigs": [{
            "launchTemplateSpecification": {
                "launchTemplateId": place.id("lt", template), "version": "$Default",
            },
            "overrides": [{
                "instanceType": "m7i.large", "subnetId": place.id("subnet", subnet),
                "availabilityZone": place.zone_of_subnet(subnet),
            }],
        }],
        "targetCapacitySpecification": {
            "totalTargetCapacity": 2, "onDemandTargetCapacity": 1, "spotTargetCapacity": 1,
            "defaultTargetCapacityType": "spot",
        },
        "terminateInstancesWithExpiration": draw.pick(&[true, false]),
        "replaceUnhealthyInstances": draw.pick(&[true, false]), "tagSet": tags(&mut draw),
    })
}

pub(super) fn reservation(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("capacity reservation", index);
    let id = place.id("cr", index);
    let (state, end) = draw.pick(&[
        ("active", None),
        ("active", Some("2099-01-01T00:00:00.000Z")),
        ("expired", Some(CREATED)),
    ]);
    json!({
        "capacityReservationId": id, "ownerId": place.owner,
        "capacityReservationArn": place.arn(&format!("capacity-reservation/{id}")),
        "instanceType": "m7i.large", "instancePlatform": "Linux/UNIX",
        "availabilityZone": place.zone(), "tenancy": "default", "totalInstanceCount": 4,
        "availableInstanceCount": draw.below(5), "ebsOptimized": true, "ephemeralStorage": false,
        "state": state, "startDate": CREATED, "endDate": end,
        "endDateType": if end.is_some() { "limited" } else { "unlimited" },
        "instanceMatchCriteria": draw.pick(&["open", "targeted"]), "createDate": CREATED,
        "reservationType": "default", "tagSet": tags(&mut draw),
    })
}

pub(super) fn reserved_instances(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("reserved instances", index);
    let (state, start, end) = draw.pick(&[
        ("active", "2099-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"),
        ("retired", "2022-01-01T00:00:00.000Z", "2023-01-01T00:00:00.000Z"),
    ]);
    let number = (place.account << 8) + place.number;
    json!({
        "reservedInstancesId": format!("{number:08x}-0000-4000-8000-{index:012x}"),
        "instanceType": "m7i.large", "start": start, "end": end, "duration": 31_536_000,
        "usagePrice": 0.0, "fixedPrice": 0.0, "instanceCount": 1 + draw.below(3),
        "productDescription": "Linux/UNIX", "state": state, "instanceTenancy": "default",
        "currencyCode": "USD", "offeringClass": draw.pick(&["standard", "convertible"]),
        "offeringType": "No Upfront", "recurringCharges": [{ "frequency": "Hourly", "amount": 0.06 }],
        "scope": "Region", "tagSet": tags(&mut draw),
    })
}
