//! Facts of network kinds beyond their lists.

use serde_json::{Value, json};

use super::{ACCOUNT, contains};
use crate::aws::tests::fake::*;

/// A prefix list of the account, one of AWS, a VPC and an endpoint service, with their facts.
fn response(request: &FakeRequest) -> Option<(u16, String)> {
    let operation = request.parameter("Action")?;
    let more = request.parameter("NextToken").is_some();
    let paged = |first: &str, second: &str| match more {
        false => ec2(&operation, first, Some("more")),
        true => ec2(&operation, second, None),
    };
    match operation.as_str() {
        "DescribeManagedPrefixLists" => ec2(
            &operation,
            "<prefixListSet><item><prefixListId>pl-aws</prefixListId><prefixListArn>arn:a</prefixListArn><ownerId>AWS</ownerId></item>\
             <item><prefixListId>pl-own</prefixListId><prefixListArn>arn:o</prefixListArn><ownerId>111111111111</ownerId></item></prefixListSet>",
            None,
        ),
        "GetManagedPrefixListEntries" => paged(
            "<entrySet><item><cidr>10.0.0.0/8</cidr><description>office</description></item></entrySet>",
            "<entrySet><item><cidr>0.0.0.0/0</cidr></item></entrySet>",
        ),
        "DescribeStaleSecurityGroups" => paged(
            "<staleSecurityGroupSet><item><groupId>sg-1</groupId><staleIpPermissions><item><fromPort>22</fromPort>\
             <groups><item><groupId>sg-2</groupId><peeringStatus>deleted</peeringStatus></item></groups></item></staleIpPermissions>\
             </item></staleSecurityGroupSet>",
            "<staleSecurityGroupSet><item><groupId>sg-3</groupId></item></staleSecurityGroupSet>",
        ),
        "DescribeVpcAttribute" => match request.parameter("Attribute")?.as_str() {
            "enableDnsSupport" => {
                ec2(&operation, "<enableDnsSupport><value>true</value></enableDnsSupport>", None)
            }
            "enableDnsHostnames" => ec2(
                &operation,
                "<enableDnsHostnames><value>false</value></enableDnsHostnames>",
                None,
            ),
            _ => None,
        },
        "DescribeVpcEndpointServicePermissions" => paged(
            "<allowedPrincipals><item><principal>*</principal><principalType>All</principalType></item></allowedPrincipals>",
            "<allowedPrincipals><item><principal>arn:aws:iam::222222222222:root</principal></item></allowedPrincipals>",
        ),
        _ => one_listed(request),
    }
}

#[tokio::test]
async fn facts_beyond_the_lists_are_read_per_resource() {
    let fake = Fake::new(response);
    let (_, accounts) = fake
        .collect(
            vec![target(ACCOUNT)],
            &demand(&[
                ("ec2.managed_prefix_list", &["entries"]),
                ("ec2.vpc", &["attributes", "stale_security_groups"]),
                ("ec2.vpc_endpoint_service", &["permissions"]),
            ]),
        )
        .await;
    assert!(accounts[0].gaps.is_empty(), "{:?}", accounts[0].gaps);
    let expected = [
        (
            "pl-aws",
            json!({ "entries": [{ "cidr": "10.0.0.0/8", "description": "office" }, { "cidr": "0.0.0.0/0" }] }),
        ),
        (
            "pl-own",
            json!({ "entries": [{ "cidr": "10.0.0.0/8", "description": "office" }, { "cidr": "0.0.0.0/0" }] }),
        ),
        (
            "vpc-1",
            json!({
                "attributes": { "enable_dns_support": true, "enable_dns_hostnames": false },
                "stale_security_groups": [
                    {
                        "group_id": "sg-1",
                        "stale_ip_permissions": [
                            { "from_port": 22, "user_id_group_pairs": [{ "group_id": "sg-2", "peering_status": "deleted" }] },
                        ],
                    },
                    { "group_id": "sg-3" },
                ],
            }),
        ),
        (
            "vpce-svc-1",
            json!({
                "permissions": [
                    { "principal": "*", "principal_type": "All" },
                    { "principal": "arn:aws:iam::222222222222:root", "principal_type": null },
                ],
            }),
        ),
    ];
    for (resource, (id, facts)) in accounts[0].resources.iter().zip(&expected) {
        let actual = Value::Object(resource.facts.clone());
        assert_eq!(&resource.id, id);
        assert!(contains(&actual, facts), "{id}\nis       {actual}\nexpected {facts}");
    }
    assert_eq!(accounts[0].resources.len(), expected.len());
    assert_eq!(
        fake.requests("Action=GetManagedPrefixListEntries").len(),
        4,
        "AWS-managed lists are requested like the account's own"
    );
}

#[tokio::test]
async fn a_fact_with_a_failed_call_is_unreadable() {
    let fake = Fake::new(|request| match request {
        request if request.has("Attribute=enableDnsHostnames") => {
            ec2_error("UnauthorizedOperation", "no")
        }
        request if request.has("NextToken") => ec2_error("UnauthorizedOperation", "no"),
        request => response(request),
    });
    let facts = ["attributes", "stale_security_groups"];
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[("ec2.vpc", &facts)])).await;
    let vpc = &accounts[0].resources[0];
    assert_eq!(vpc.unreadable.keys().collect::<Vec<_>>(), facts);
    assert!(facts.iter().all(|fact| !vpc.facts.contains_key(*fact)));
}

#[tokio::test]
async fn an_invalid_endpoint_policy_is_unreadable_and_the_others_are_read() {
    let policy = |id: &str, policy: &str| {
        format!(
            "<item><vpcEndpointId>{id}</vpcEndpointId><policyDocument>{policy}</policyDocument></item>"
        )
    };
    let items = [
        policy("vpce-1", "{"),
        policy("vpce-2", "[]"),
        policy("vpce-3", "{}"),
        policy("vpce-4", ""),
    ]
    .concat();
    let fake = Fake::new(move |request| {
        let operation =
            request.parameter("Action").filter(|action| action == "DescribeVpcEndpoints")?;
        ec2(&operation, &format!("<vpcEndpointSet>{items}</vpcEndpointSet>"), None)
    });
    let (_, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("ec2.vpc_endpoint", &[])])).await;
    let found: Vec<_> = accounts[0]
        .resources
        .iter()
        .map(|endpoint| {
            (
                endpoint.facts["policy_document"].clone(),
                endpoint.unreadable.contains_key("policy_document"),
            )
        })
        .collect();
    let document = json!({ "document": {} });
    assert_eq!(
        found,
        [(Value::Null, true), (Value::Null, true), (document, false), (Value::Null, false)]
    );
    let [gap] = accounts[0].gaps.as_slice() else { panic!("{:?}", accounts[0].gaps) };
    assert_eq!(
        (gap.cause.call.as_str(), gap.cause.code.as_str()),
        ("ec2:DescribeVpcEndpoints", "InvalidResponse")
    );
}

#[tokio::test]
async fn batch_facts_are_assigned_to_their_resources() {
    let fake = Fake::new(|request| {
        let operation = request.parameter("Action")?;
        let list = |set: &str, items: &[&str], token: Option<&str>| {
            let items: String = items.iter().map(|item| format!("<item>{item}</item>")).collect();
            ec2(&operation, &format!("<{set}>{items}</{set}>"), token)
        };
        let second = request.parameter("NextToken").is_some();
        match operation.as_str() {
            "DescribeAddresses" => list(
                "addressesSet",
                &[
                    "<allocationId>eip-1</allocationId><domain>vpc</domain>",
                    "<allocationId>eip-2</allocationId><domain>vpc</domain>",
                ],
                None,
            ),
            // The other address is on a page of its own, and a third one no longer belongs to the
            // account.
            "DescribeAddressTransfers" if !second => {
                let other = "<allocationId>eip-9</allocationId><addressTransferStatus>accepted</addressTransferStatus>";
                list("addressTransferSet", &[other], Some("more"))
            }
            "DescribeAddressTransfers" => {
                let transfer = "<allocationId>eip-2</allocationId><transferAccountId>222222222222</transferAccountId>\
                     <addressTransferStatus>pending</addressTransferStatus>\
                     <transferOfferExpirationTimestamp>2026-01-02T03:04:05.000Z</transferOfferExpirationTimestamp>";
                list("addressTransferSet", &[transfer], None)
            }
            "DescribeInstances" => {
                let instance = |id: &str, name: &str| {
                    format!(
                        "<item><instanceId>{id}</instanceId><instanceType>{name}</instanceType></item>"
                    )
                };
                let instances = [
                    instance("i-1", "t3.micro"),
                    instance("i-2", "t3.micro"),
                    instance("i-3", "m1.small"),
                ]
                .concat();
                list(
                    "reservationSet",
                    &[&format!("<instancesSet>{instances}</instancesSet>")],
                    None,
                )
            }
            "DescribeInstanceImageMetadata" => {
                let image = "<instanceId>i-1</instanceId><imageMetadata><imageId>ami-1</imageId><imageOwnerId>222222222222</imageOwnerId>\
                     <imageAllowed>false</imageAllowed></imageMetadata>";
                let gone = "<instanceId>i-2</instanceId><imageMetadata><imageId>ami-2</imageId></imageMetadata>";
                list("instanceImageMetadataSet", &[image, gone], None)
            }
            "DescribeInstanceTypes" => {
                let kind = "<instanceType>t3.micro</instanceType><currentGeneration>true</currentGeneration>\
                     <ebsInfo><ebsOptimizedSupport>default</ebsOptimizedSupport></ebsInfo>";
                list("instanceTypeSet", &[kind], None)
            }
            _ => None,
        }
    });
    let wanted = [
        ("ec2.address", &["transfer"][..]),
        ("ec2.instance", &["image_metadata"]),
        ("ec2.instance_type", &[]),
    ];
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&wanted)).await;
    let fact = |id: &str, name: &str| {
        let found = accounts[0].resources.iter().find(|found| found.id == id).unwrap();
        found.facts.get(name).cloned().ok_or_else(|| found.unreadable[name].code.clone())
    };
    assert_eq!(fact("eip-1", "transfer"), Ok(Value::Null));
    let transfer = json!({
        "transfer_account_id": "222222222222", "address_transfer_status": "pending",
        "transfer_offer_expiration_timestamp": "2026-01-02T03:04:05Z",
    });
    assert!(contains(&fact("eip-2", "transfer").unwrap(), &transfer));
    let image = json!({ "image_id": "ami-1", "image_allowed": false });
    assert!(contains(&fact("i-1", "image_metadata").unwrap(), &image));
    assert!(contains(
        &fact("i-2", "image_metadata").unwrap(),
        &json!({ "image_id": "ami-2", "name": null })
    ));
    // It should have been in the response, so nothing is known about its image.
    assert_eq!(fact("i-3", "image_metadata"), Err("InvalidResponse".to_owned()));
    // Each type in use is requested once; one that the region no longer knows is not listed.
    let types: Vec<&str> = accounts[0]
        .resources
        .iter()
        .filter(|found| found.kind == "ec2.instance_type")
        .map(|found| found.id.as_str())
        .collect();
    assert_eq!(types, ["t3.micro"]);
    let request = &fake.requests("Action=DescribeInstanceTypes")[0];
    let names = ["Filter.1.Value.1", "Filter.1.Value.2", "Filter.1.Value.3"]
        .map(|name| request.parameter(name));
    assert_eq!(names, [Some("m1.small".to_owned()), Some("t3.micro".to_owned()), None]);
    assert!(contains(
        &fact("t3.micro", "ebs_info").unwrap(),
        &json!({ "ebs_optimized_support": "default" })
    ));
}

#[tokio::test]
async fn without_instances_no_types_are_requested() {
    let fake = Fake::new(|request| {
        let operation =
            request.parameter("Action").filter(|action| action == "DescribeInstances")?;
        ec2(&operation, "<reservationSet/>", None)
    });
    let (_, accounts) =
        fake.collect(vec![target(ACCOUNT)], &demand(&[("ec2.instance_type", &[])])).await;
    assert!(
        accounts[0].resources.is_empty() && accounts[0].gaps.is_empty(),
        "{:?}",
        accounts[0].gaps
    );
    assert_eq!(fake.requests("Action=DescribeInstanceTypes").len(), 0);
}
