//! Facts of the compute kinds: settings of a region, facts of all resources of a list, user data.

use serde_json::{Value, json};

use super::{ACCOUNT, action, check, list, response};
use crate::aws::tests::fake::*;
use crate::facts;
use crate::model::Extent;

#[tokio::test]
async fn every_setting_of_a_region_is_read_and_none_has_a_default() {
    // (operation, its response, fact, value); in a second run the responses are empty
    let table: [(&str, &str, &str, Value); 10] = [
        (
            "DescribeAccountAttributes",
            "<accountAttributeSet><item><attributeName>default-vpc</attributeName><attributeValueSet><item>\
             <attributeValue>none</attributeValue></item></attributeValueSet></item></accountAttributeSet>",
            "account_attributes",
            json!([{ "attribute_name": "default-vpc", "attribute_values": [{ "attribute_value": "none" }] }]),
        ),
        (
            "GetAllowedImagesSettings",
            "<state>audit-mode</state><managedBy>declarative-policy</managedBy><imageCriterionSet><item><imageProviderSet>\
             <item>amazon</item></imageProviderSet><creationDateCondition><maximumDaysSinceCreated>90</maximumDaysSinceCreated>\
             </creationDateCondition></item></imageCriterionSet>",
            "allowed_images_settings",
            json!({ "state": "audit-mode", "managed_by": "declarative-policy", "image_criteria": [{
                "image_providers": ["amazon"], "marketplace_product_codes": [], "image_names": [],
                "deprecation_time_condition": null, "creation_date_condition": { "maximum_days_since_created": 90 },
            }] }),
        ),
        (
            "GetEbsDefaultKmsKeyId",
            "<kmsKeyId>alias/aws/ebs</kmsKeyId>",
            "ebs_default_kms_key_id",
            json!({ "kms_key_id": "alias/aws/ebs" }),
        ),
        (
            "GetEbsEncryptionByDefault",
            "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>",
            "ebs_encryption_by_default",
            json!({ "ebs_encryption_by_default": true }),
        ),
        (
            "GetImageBlockPublicAccessState",
            "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState><managedBy>account</managedBy>",
            "image_block_public_access",
            json!({ "image_block_public_access_state": "unblocked", "managed_by": "account" }),
        ),
        (
            "GetInstanceMetadataDefaults",
            "<accountLevel><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit></accountLevel>",
            "instance_metadata_defaults",
            json!({ "http_tokens": "required", "http_put_response_hop_limit": 2, "http_endpoint": null,
                    "instance_metadata_tags": null, "http_tokens_enforced": null, "managed_by": null }),
        ),
        (
            "GetSerialConsoleAccessStatus",
            "<serialConsoleAccessEnabled>false</serialConsoleAccessEnabled>",
            "serial_console_access",
            json!({ "serial_console_access_enabled": false, "managed_by": null }),
        ),
        (
            "GetSnapshotBlockPublicAccessState",
            "<state>block-all-sharing</state>",
            "snapshot_block_public_access",
            json!({ "state": "block-all-sharing", "managed_by": null }),
        ),
        (
            "DescribeVpcBlockPublicAccessExclusions",
            "<vpcBlockPublicAccessExclusionSet><item><exclusionId>vpcbpa-exclude-1</exclusionId><state>create-complete</state>\
             <creationTimestamp>2026-01-02T03:04:05.000Z</creationTimestamp></item></vpcBlockPublicAccessExclusionSet>",
            "vpc_block_public_access_exclusions",
            json!([{ "exclusion_id": "vpcbpa-exclude-1", "resource_arn": null, "internet_gateway_exclusion_mode": null,
                     "state": "create-complete", "reason": null, "creation_timestamp": "2026-01-02T03:04:05Z",
                     "last_update_timestamp": null, "deletion_timestamp": null, "tags": {} }]),
        ),
        (
            "DescribeVpcBlockPublicAccessOptions",
            "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>block-ingress</internetGatewayBlockMode>\
             <exclusionsAllowed>allowed</exclusionsAllowed></vpcBlockPublicAccessOptions>",
            "vpc_block_public_access_options",
            json!({ "internet_gateway_block_mode": "block-ingress", "state": null, "exclusions_allowed": "allowed",
                    "managed_by": null, "reason": null, "last_update_timestamp": null }),
        ),
    ];
    let kind = facts::kind("ec2.settings").unwrap();
    let all: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
    assert_eq!(all, table.clone().map(|(_, _, fact, _)| fact));
    let bodies = table.clone().map(|(operation, body, ..)| (operation, body));
    let fake = Fake::new(move |request| {
        let (operation, body) =
            bodies.iter().find(|(operation, _)| *operation == action(request))?;
        response(operation, body)
    });
    let (_, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("ec2.settings", &all)])).await;
    assert!(accounts[0].gaps.is_empty(), "{:?}", accounts[0].gaps);
    for (_, _, fact, expected) in &table {
        assert_eq!(&accounts[0].resources[0].facts[*fact], expected, "{fact}");
    }

    let fake = Fake::new(|request| match action(request) {
        operation if operation == "AssumeRole" => None,
        operation => response(&operation, ""),
    });
    let (_, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("ec2.settings", &all)])).await;
    let settings = &accounts[0].resources[0];
    // Lists may be empty, and defaults may be unset; every other setting has a state.
    let may_be_empty =
        ["account_attributes", "instance_metadata_defaults", "vpc_block_public_access_exclusions"];
    for fact in all {
        assert_eq!(!settings.unreadable.contains_key(fact), may_be_empty.contains(&fact), "{fact}");
    }
}

/// One call for three resources, none for an empty list, and a failure of the call only affects this
/// fact.
#[tokio::test]
async fn a_batch_fact_takes_one_call_for_all_resources() {
    fn snapshots(ids: &[&str], token: Option<&str>) -> Option<(u16, String)> {
        let items: Vec<String> =
            ids.iter().map(|id| format!("<snapshotId>{id}</snapshotId><ownerId>111111111111</ownerId><encrypted>true</encrypted>")).collect();
        list(
            "DescribeSnapshots",
            "snapshotSet",
            &items.iter().map(String::as_str).collect::<Vec<_>>(),
            token,
        )
    }
    fn handler(request: &FakeRequest, denied: bool) -> Option<(u16, String)> {
        let public = request.parameter("RestorableBy.1");
        match action(request).as_str() {
            "DescribeSnapshots" if public.as_deref() == Some("all") => {
                match request.parameter("NextToken") {
                    None => snapshots(&["snap-1"], Some("more")),
                    Some(_) if denied => ec2_error("UnauthorizedOperation", "no"),
                    Some(_) => snapshots(&["snap-3", "snap-elsewhere"], None),
                }
            }
            "DescribeSnapshots" => snapshots(&["snap-1", "snap-2", "snap-3"], None),
            "DescribeLockedSnapshots" => list(
                "DescribeLockedSnapshots",
                "snapshotSet",
                &[
                    "<snapshotId>snap-2</snapshotId><lockState>governance</lockState><lockDuration>30</lockDuration>",
                ],
                None,
            ),
            "DescribeSnapshotAttribute" => response(
                "DescribeSnapshotAttribute",
                "<createVolumePermission><item><userId>222222222222</userId></item></createVolumePermission>",
            ),
            _ => None,
        }
    }
    let wanted = demand(&[("ec2.snapshot", &["create_volume_permission", "locked", "public"])]);
    let fake = Fake::new(|request| handler(request, false));
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    assert!(accounts[0].gaps.is_empty(), "{:?}", accounts[0].gaps);
    let public: Vec<_> = accounts[0]
        .resources
        .iter()
        .map(|found| (found.id.as_str(), found.facts["public"].clone()))
        .collect();
    assert_eq!(
        public,
        [("snap-1", json!(true)), ("snap-2", json!(false)), ("snap-3", json!(true))]
    );
    let [first, second, _] = accounts[0].resources.as_slice() else {
        panic!("{:?}", accounts[0].resources)
    };
    check(
        first,
        &[("/locked", Value::Null), ("/create_volume_permission/0/user_id", json!("222222222222"))],
    );
    check(
        second,
        &[("/locked/lock_state", json!("governance")), ("/locked/lock_duration", json!(30))],
    );
    let calls =
        ["RestorableBy.1", "Action=DescribeLockedSnapshots", "Action=DescribeSnapshotAttribute"]
            .map(|text| fake.requests(text).len());
    assert_eq!(calls, [2, 1, 3]);
    assert!(
        fake.requests("RestorableBy.1")
            .iter()
            .all(|request| request.parameter("Owner.1").as_deref() == Some("self"))
    );

    let fake = Fake::new(|request| handler(request, true));
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    let [gap] = accounts[0].gaps.as_slice() else { panic!("{:?}", accounts[0].gaps) };
    let resources = ["snap-1", "snap-2", "snap-3"].map(str::to_owned).into();
    assert_eq!(
        gap.extent,
        Extent::Facts { kind: "ec2.snapshot".into(), fact: "public".into(), resources }
    );
    assert_eq!(
        (gap.cause.call.as_str(), gap.cause.code.as_str()),
        ("ec2:DescribeSnapshots", "UnauthorizedOperation")
    );
    for found in &accounts[0].resources {
        assert_eq!(found.unreadable.keys().collect::<Vec<_>>(), ["public"]);
        assert!(!found.facts.contains_key("public") && found.facts.contains_key("locked"));
    }

    let fake = Fake::new(|request| {
        request.has("Action=DescribeSnapshots").then(|| snapshots(&[], None)).flatten()
    });
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    assert!(
        accounts[0].gaps.is_empty()
            && fake.requests("RestorableBy").is_empty()
            && accounts[0].lists.len() == 1
    );
}

const PLANTED: &str = "export DB_PASSWORD=planted-hunter2";

#[tokio::test]
async fn user_data_is_reduced_and_its_secrets_are_not_stored() {
    let encoded = aws_smithy_types::base64::encode(PLANTED);
    let data = format!("<userData>{encoded}</userData>");
    let fake = Fake::new(move |request| {
        let operation = action(request);
        let version = request.parameter("LaunchTemplateVersion.1").unwrap_or_default();
        match operation.as_str() {
            "DescribeInstances" => {
                let instance = |id: &str| {
                    format!(
                        "<item><instanceId>{id}</instanceId><instanceState><name>running</name></instanceState>\
                         <virtualizationType>hvm</virtualizationType><networkInterfaceSet/></item>"
                    )
                };
                let instances = [instance("i-1"), instance("i-2")].concat();
                list(
                    &operation,
                    "reservationSet",
                    &[&format!("<instancesSet>{instances}</instancesSet>")],
                    None,
                )
            }
            "DescribeInstanceAttribute" => {
                match (
                    request.parameter("Attribute")?.as_str(),
                    request.parameter("InstanceId")?.as_str(),
                ) {
                    ("userData", "i-1") => response(
                        &operation,
                        &format!("<userData><value>{encoded}</value></userData>"),
                    ),
                    ("userData", _) => response(&operation, "<userData/>"),
                    ("disableApiStop", _) => response(
                        &operation,
                        "<disableApiStop><value>false</value></disableApiStop>",
                    ),
                    (_, "i-1") => response(
                        &operation,
                        "<disableApiTermination><value>true</value></disableApiTermination>",
                    ),
                    _ => ec2_error("UnauthorizedOperation", "no"),
                }
            }
            "DescribeInstanceStatus" => {
                let status = "<instanceId>i-1</instanceId><systemStatus><status>impaired</status></systemStatus>\
                              <eventsSet><item><code>instance-retirement</code></item></eventsSet>";
                list(&operation, "instanceStatusSet", &[status], None)
            }
            "DescribeLaunchTemplates" => {
                let template = |id: &str| {
                    format!(
                        "<launchTemplateId>{id}</launchTemplateId><defaultVersionNumber>1</defaultVersionNumber>\
                         <latestVersionNumber>7</latestVersionNumber>"
                    )
                };
                list(&operation, "launchTemplates", &[&template("lt-1"), &template("lt-2")], None)
            }
            "DescribeLaunchTemplateVersions" if version == "$Default" => {
                let of = |id: &str, more: &str| {
                    format!(
                        "<launchTemplateId>{id}</launchTemplateId><versionNumber>1</versionNumber><launchTemplateData>{more}\
                         <metadataOptions><httpTokens>optional</httpTokens></metadataOptions></launchTemplateData>"
                    )
                };
                list(
                    &operation,
                    "launchTemplateVersionSet",
                    &[&of("lt-1", &data), &of("lt-2", "")],
                    None,
                )
            }
            "DescribeLaunchTemplateVersions" if version == "$Latest" => {
                let one = "<launchTemplateId>lt-1</launchTemplateId><versionNumber>7</versionNumber><launchTemplateData/>";
                list(&operation, "launchTemplateVersionSet", &[one], None)
            }
            "DescribeSpotFleetRequests" => {
                let fleet = format!(
                    "<spotFleetRequestId>sfr-1</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState>\
                     <spotFleetRequestConfig><launchSpecifications><item>{data}</item>\
                     </launchSpecifications></spotFleetRequestConfig>"
                );
                list(&operation, "spotFleetRequestConfigSet", &[&fleet], None)
            }
            _ => None,
        }
    });
    let wanted = demand(&[
        ("ec2.instance", &["disable_api_stop", "disable_api_termination", "status", "user_data"]),
        ("ec2.launch_template", &["default_version", "latest_version"]),
        ("ec2.spot_fleet_request", &[]),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let request = fake.request(vec![target(ACCOUNT)], &wanted).await;
    collect_into(dir.path(), request, std::sync::Arc::new(crate::aws::NoopObserver)).await;

    let secret = json!({ "present": true, "looks_like_secret": true, "detector": "password" });
    let nothing = json!({ "present": false, "looks_like_secret": false, "detector": null });
    let account = &read(dir.path())[0];
    let of = |id: &str| account.resources.iter().find(|found| found.id == id).unwrap();
    check(
        of("i-1"),
        &[
            ("/user_data", secret.clone()),
            ("/disable_api_termination", json!(true)),
            ("/disable_api_stop", json!(false)),
        ],
    );
    check(
        of("i-1"),
        &[
            ("/status/system_status/status", json!("impaired")),
            ("/status/events/0/code", json!("instance-retirement")),
        ],
    );
    check(of("i-2"), &[("/user_data", nothing.clone()), ("/status", Value::Null)]);
    assert_eq!(
        of("i-2").unreadable["disable_api_termination"].call,
        "ec2:DescribeInstanceAttribute"
    );
    let data = "/default_version/launch_template_data";
    check(
        of("lt-1"),
        &[
            (&format!("{data}/user_data"), secret.clone()),
            (&format!("{data}/metadata_options/http_tokens"), json!("optional")),
        ],
    );
    check(of("lt-1"), &[("/latest_version/version_number", json!(7))]);
    check(of("lt-2"), &[(&format!("{data}/user_data"), nothing)]);
    assert_eq!(
        of("lt-2").unreadable["latest_version"].code,
        "InvalidResponse",
        "every template has a latest version"
    );
    check(of("sfr-1"), &[("/spot_fleet_request_config/launch_specifications/0/user_data", secret)]);
    assert_eq!(fake.requests("Action=DescribeLaunchTemplateVersions").len(), 2);
    assert!(fake.requests("Action=DescribeInstanceStatus")[0].has("IncludeAllInstances=true"));

    let mut files = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for secret in [
            "planted-hunter2",
            "planted",
            "DB_PASSWORD",
            &aws_smithy_types::base64::encode(PLANTED)[..12],
        ] {
            assert!(!text.contains(secret), "{secret} is in the snapshot");
        }
        files += 1;
    }
    assert_eq!(files, 2);
}
