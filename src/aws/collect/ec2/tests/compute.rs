//! Lists of the compute kinds.

use serde_json::{Value, json};

use super::{ACCOUNT, action, check, list};
use crate::aws::tests::fake::*;
use crate::facts;
use crate::model::Extent;

struct Listed {
    kind: &'static str,
    action: &'static str,
    set: &'static str,
    /// The first resource; the second one only has its id.
    item: &'static str,
    second: &'static str,
    arn: &'static str,
    /// Parameters that the request must have.
    parameters: &'static [(&'static str, &'static str)],
    expected: Vec<(&'static str, Value)>,
}

fn listed() -> Vec<Listed> {
    vec![
        Listed {
            kind: "ec2.capacity_reservation",
            action: "DescribeCapacityReservations",
            set: "capacityReservationSet",
            item: "<capacityReservationId>cr-1</capacityReservationId><ownerId>222222222222</ownerId><state>active</state>\
                   <totalInstanceCount>4</totalInstanceCount><availableInstanceCount>3</availableInstanceCount>\
                   <endDate>2026-05-01T00:00:00.000Z</endDate>",
            second: "<capacityReservationId>cr-2</capacityReservationId>",
            arn: "arn:aws:ec2:eu-west-1:222222222222:capacity-reservation/cr-1",
            parameters: &[("MaxResults", "1000")],
            expected: vec![
                ("/state", json!("active")),
                ("/available_instance_count", json!(3)),
                ("/end_date", json!("2026-05-01T00:00:00Z")),
                ("/outpost_arn", Value::Null),
            ],
        },
        Listed {
            kind: "ec2.fleet",
            action: "DescribeFleets",
            set: "fleetSet",
            item: "<fleetId>fleet-1</fleetId><fleetState>active</fleetState><type>maintain</type><fulfilledCapacity>2.5</fulfilledCapacity>\
                   <targetCapacitySpecification><totalTargetCapacity>3</totalTargetCapacity></targetCapacitySpecification>\
                   <launchTemplateConfigs><item><launchTemplateSpecification><launchTemplateId>lt-1</launchTemplateId>\
                   <version>$Latest</version></launchTemplateSpecification><overrides><item><instanceType>m5.large</instanceType></item>\
                   </overrides></item></launchTemplateConfigs>",
            second: "<fleetId>fleet-2</fleetId>",
            arn: "arn:aws:ec2:eu-west-1:111111111111:fleet/fleet-1",
            parameters: &[("MaxResults", "1000")],
            expected: vec![
                ("/type", json!("maintain")),
                ("/fulfilled_capacity", json!(2.5)),
                ("/target_capacity_specification/total_target_capacity", json!(3)),
                (
                    "/launch_template_configs/0/launch_template_specification/version",
                    json!("$Latest"),
                ),
                ("/launch_template_configs/0/overrides/0/instance_type", json!("m5.large")),
            ],
        },
        Listed {
            kind: "ec2.image",
            action: "DescribeImages",
            set: "imagesSet",
            item: "<imageId>ami-1</imageId><imageState>available</imageState><imageOwnerId>111111111111</imageOwnerId>\
                   <isPublic>true</isPublic><name>base</name><creationDate>2026-01-02T03:04:05.000Z</creationDate>\
                   <deprecationTime>soon</deprecationTime><imdsSupport>v2.0</imdsSupport><blockDeviceMapping><item>\
                   <deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId><encrypted>false</encrypted></ebs></item>\
                   </blockDeviceMapping><tagSet><item><key>Owner</key><value>core</value></item></tagSet>",
            second: "<imageId>ami-2</imageId><imageOwnerId>111111111111</imageOwnerId><isPublic>false</isPublic>",
            arn: "arn:aws:ec2:eu-west-1::image/ami-1",
            parameters: &[("Owner.1", "self"), ("IncludeDisabled", "true"), ("MaxResults", "1000")],
            expected: vec![
                ("/public", json!(true)),
                ("/state", json!("available")),
                ("/creation_date", json!("2026-01-02T03:04:05Z")),
                ("/deprecation_time", json!("soon")),
                ("/last_launched_time", Value::Null),
                ("/block_device_mappings/0/ebs/encrypted", json!(false)),
                ("/tags", json!({ "Owner": "core" })),
            ],
        },
        Listed {
            kind: "ec2.key_pair",
            action: "DescribeKeyPairs",
            set: "keySet",
            item: "<keyPairId>key-1</keyPairId><keyName>ops</keyName><keyType>ed25519</keyType>\
                   <createTime>2026-01-02T03:04:05.000Z</createTime>",
            second: "<keyPairId>key-2</keyPairId>",
            arn: "arn:aws:ec2:eu-west-1:111111111111:key-pair/key-1",
            parameters: &[],
            expected: vec![
                ("/key_type", json!("ed25519")),
                ("/create_time", json!("2026-01-02T03:04:05Z")),
            ],
        },
        Listed {
            kind: "ec2.launch_template",
            action: "DescribeLaunchTemplates",
            set: "launchTemplates",
            item: "<launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName>\
                   <defaultVersionNumber>1</defaultVersionNumber><latestVersionNumber>7</latestVersionNumber>",
            second: "<launchTemplateId>lt-2</launchTemplateId><defaultVersionNumber>1</defaultVersionNumber>\
                     <latestVersionNumber>1</latestVersionNumber>",
            arn: "arn:aws:ec2:eu-west-1:111111111111:launch-template/lt-1",
            parameters: &[("MaxResults", "200")],
            expected: vec![
                ("/launch_template_name", json!("web")),
                ("/latest_version_number", json!(7)),
            ],
        },
        Listed {
            kind: "ec2.reserved_instances",
            action: "DescribeReservedInstances",
            set: "reservedInstancesSet",
            item: "<reservedInstancesId>ri-1</reservedInstancesId><state>active</state><instanceCount>2</instanceCount>\
                   <end>2026-05-01T00:00:00.000Z</end><recurringCharges><item><amount>0.25</amount><frequency>Hourly</frequency></item>\
                   </recurringCharges>",
            second: "<reservedInstancesId>ri-2</reservedInstancesId>",
            arn: "arn:aws:ec2:eu-west-1:111111111111:reserved-instances/ri-1",
            parameters: &[],
            expected: vec![
                ("/instance_count", json!(2)),
                ("/end", json!("2026-05-01T00:00:00Z")),
                ("/recurring_charges/0", json!({ "amount": 0.25, "frequency": "Hourly" })),
            ],
        },
        Listed {
            kind: "ec2.snapshot",
            action: "DescribeSnapshots",
            set: "snapshotSet",
            item: "<snapshotId>snap-1</snapshotId><status>completed</status><ownerId>111111111111</ownerId><encrypted>true</encrypted>\
                   <volumeSize>8</volumeSize><startTime>2026-01-02T03:04:05.678Z</startTime><storageTier>standard</storageTier>",
            second: "<snapshotId>snap-2</snapshotId><ownerId>111111111111</ownerId><encrypted>true</encrypted>",
            arn: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
            parameters: &[("Owner.1", "self"), ("MaxResults", "1000")],
            expected: vec![
                ("/state", json!("completed")),
                ("/encrypted", json!(true)),
                ("/volume_size", json!(8)),
                ("/start_time", json!("2026-01-02T03:04:05Z")),
            ],
        },
        Listed {
            kind: "ec2.spot_fleet_request",
            action: "DescribeSpotFleetRequests",
            set: "spotFleetRequestConfigSet",
            item: "<spotFleetRequestId>sfr-1</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState>\
                   <spotFleetRequestConfig><iamFleetRole>arn:aws:iam::111111111111:role/fleet</iamFleetRole><type>request</type>\
                   <launchSpecifications><item><imageId>ami-1</imageId><groupSet><item><groupId>sg-1</groupId></item></groupSet>\
                   <networkInterfaceSet><item><associatePublicIpAddress>true</associatePublicIpAddress></item></networkInterfaceSet>\
                   </item></launchSpecifications></spotFleetRequestConfig>",
            second: "<spotFleetRequestId>sfr-2</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState>\
                     <spotFleetRequestConfig><launchSpecifications/></spotFleetRequestConfig>",
            arn: "arn:aws:ec2:eu-west-1:111111111111:spot-fleet-request/sfr-1",
            parameters: &[("MaxResults", "1000")],
            expected: vec![
                ("/spot_fleet_request_config/type", json!("request")),
                (
                    "/spot_fleet_request_config/launch_specifications/0/security_groups/0/group_id",
                    json!("sg-1"),
                ),
                (
                    "/spot_fleet_request_config/launch_specifications/0/network_interfaces/0/associate_public_ip_address",
                    json!(true),
                ),
                (
                    "/spot_fleet_request_config/launch_specifications/0/user_data/present",
                    json!(false),
                ),
            ],
        },
    ]
}

#[tokio::test]
async fn lists_have_all_their_pages_or_are_gaps() {
    for case in listed() {
        let paged = !case.parameters.is_empty();
        let Listed { kind, action: operation, set, item, second, arn, parameters, expected } = case;
        let fake = Fake::new(move |request| match request {
            request if action(request) != operation => None,
            _ if !paged => list(operation, set, &[item, second], None),
            request if request.parameter("NextToken").is_none() => {
                list(operation, set, &[item], Some("more"))
            }
            _ => list(operation, set, &[second], None),
        });
        let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, &[])])).await;
        assert!(accounts[0].gaps.is_empty(), "{kind}: {:?}", accounts[0].gaps);
        let [first, _] = accounts[0].resources.as_slice() else {
            panic!("{kind}: {:?}", accounts[0].resources)
        };
        assert_eq!(first.arn.as_deref(), Some(arn));
        check(first, &expected);
        let requests = fake.requests(&format!("Action={operation}&"));
        assert_eq!(requests.len(), if paged { 2 } else { 1 }, "{kind}");
        for (name, value) in parameters {
            assert!(
                requests.iter().all(|request| request.parameter(name).as_deref() == Some(*value)),
                "{kind}: {name} in {requests:?}"
            );
        }

        // If the last page is denied, nothing in the list is known.
        let fake = Fake::new(move |request| match request {
            request if action(request) != operation => None,
            request if paged && request.parameter("NextToken").is_none() => {
                list(operation, set, &[item], Some("more"))
            }
            _ => ec2_error("UnauthorizedOperation", "no"),
        });
        let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, &[])])).await;
        let [gap] = accounts[0].gaps.as_slice() else { panic!("{kind}: {:?}", accounts[0].gaps) };
        assert_eq!(
            (gap.cause.call.as_str(), &gap.extent),
            (facts::kind(kind).unwrap().list_call(), &Extent::List { kind: kind.into() })
        );
        assert!(accounts[0].resources.is_empty() && accounts[0].lists.is_empty());
    }
}
