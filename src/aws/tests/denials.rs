//! Denies every call of every kind: what is unknown because of it is recorded once, with the call
//! that must be allowed. A new kind is covered without an entry here, unless it has facts beyond its
//! list; then its list needs a response.

use super::fake::*;
use crate::facts::{self, ApiCall, KINDS, Kind};
use crate::model::Extent;

const ACCOUNT: &str = "111111111111";

/// The responses to the calls that list one resource of a kind, in the order of the calls. `R` stands
/// for the root element of EC2's response.
pub(super) const LISTS: &[(&str, &[&str])] = &[
    (
        "ec2.address",
        &[
            "<R><addressesSet><item><allocationId>id-1</allocationId><domain>vpc</domain></item></addressesSet></R>",
        ],
    ),
    (
        "ec2.client_vpn_endpoint",
        &[
            "<R><clientVpnEndpoint><item><clientVpnEndpointId>id-1</clientVpnEndpointId><authenticationOptions/></item></clientVpnEndpoint></R>",
        ],
    ),
    (
        "ec2.image",
        &[
            "<R><imagesSet><item><imageId>id-1</imageId><imageOwnerId>111111111111</imageOwnerId><isPublic>false</isPublic><blockDeviceMapping/></item></imagesSet></R>",
        ],
    ),
    (
        "ec2.instance",
        &[
            "<R><reservationSet><item><instancesSet><item><instanceId>id-1</instanceId><instanceState><name>running</name></instanceState>\
             <virtualizationType>hvm</virtualizationType><groupSet/><blockDeviceMapping/><networkInterfaceSet/></item></instancesSet></item></reservationSet></R>",
        ],
    ),
    (
        "ec2.launch_template",
        &[
            "<R><launchTemplates><item><launchTemplateId>id-1</launchTemplateId><defaultVersionNumber>1</defaultVersionNumber>\
             <latestVersionNumber>1</latestVersionNumber></item></launchTemplates></R>",
        ],
    ),
    (
        "ec2.managed_prefix_list",
        &[
            "<R><prefixListSet><item><prefixListId>id-1</prefixListId><prefixListArn>arn:1</prefixListArn><ownerId>111111111111</ownerId></item></prefixListSet></R>",
        ],
    ),
    (
        "ec2.snapshot",
        &[
            "<R><snapshotSet><item><snapshotId>id-1</snapshotId><ownerId>111111111111</ownerId><encrypted>true</encrypted></item></snapshotSet></R>",
        ],
    ),
    (
        "ec2.transit_gateway_route_table",
        &[
            "<R><transitGatewayRouteTables><item><transitGatewayRouteTableId>id-1</transitGatewayRouteTableId></item>\
           </transitGatewayRouteTables></R>",
        ],
    ),
    (
        "ec2.verified_access_instance",
        &[
            "<R><verifiedAccessInstanceSet><item><verifiedAccessInstanceId>id-1</verifiedAccessInstanceId></item>\
           </verifiedAccessInstanceSet></R>",
        ],
    ),
    (
        "ec2.vpc",
        &["<R><vpcSet><item><vpcId>id-1</vpcId><cidrBlockAssociationSet/></item></vpcSet></R>"],
    ),
    (
        "ec2.vpc_endpoint_service",
        &[
            "<R><serviceConfigurationSet><item><serviceId>id-1</serviceId></item></serviceConfigurationSet></R>",
        ],
    ),
    (
        "s3.access_grants_instance",
        &["<ListAccessGrantsInstancesResult><AccessGrantsInstancesList><AccessGrantsInstance>\
           <AccessGrantsInstanceId>id-1</AccessGrantsInstanceId></AccessGrantsInstance></AccessGrantsInstancesList>\
           </ListAccessGrantsInstancesResult>"],
    ),
    (
        "s3.access_point",
        &[
            "<ListAccessPointsResult><AccessPointList><AccessPoint><Name>id-1</Name></AccessPoint></AccessPointList>\
           </ListAccessPointsResult>",
        ],
    ),
    (
        "s3.bucket",
        &[
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>id-1</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>\
           </ListAllMyBucketsResult>",
        ],
    ),
    (
        "s3.directory_bucket",
        &[
            "<ListAllMyDirectoryBucketsResult><Buckets><Bucket><Name>id-1--euw1-az1--x-s3</Name></Bucket></Buckets>\
           </ListAllMyDirectoryBucketsResult>",
        ],
    ),
    (
        "s3.multi_region_access_point",
        &[
            "<ListMultiRegionAccessPointsResult><AccessPoints><AccessPoint><Name>id-1</Name></AccessPoint></AccessPoints>\
           </ListMultiRegionAccessPointsResult>",
        ],
    ),
    (
        "s3.object_lambda_access_point",
        &[
            "<ListAccessPointsForObjectLambdaResult><ObjectLambdaAccessPointList><ObjectLambdaAccessPoint><Name>id-1</Name>\
           </ObjectLambdaAccessPoint></ObjectLambdaAccessPointList></ListAccessPointsForObjectLambdaResult>",
        ],
    ),
    (
        "s3.storage_lens_configuration",
        &[
            "<ListStorageLensConfigurationResult><StorageLensConfiguration><Id>id-1</Id></StorageLensConfiguration>\
           </ListStorageLensConfigurationResult>",
        ],
    ),
];

/// The response to the first call of a list that needs two calls.
const BEFORE_THE_SECOND: &[(&str, &str)] = &[
    (
        "ec2.instance_type",
        "<R><reservationSet><item><instancesSet><item><instanceType>t3.micro</instanceType></item></instancesSet></item>\
         </reservationSet></R>",
    ),
    (
        "s3.bucket",
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>id-1</Name></Bucket></Buckets></ListAllMyBucketsResult>",
    ),
];

/// A denial in the form of the service of the call, and its code.
fn denial(call: &ApiCall) -> (&'static str, Option<(u16, String)>) {
    match call.name.split_once(':').map(|(service, _)| service) {
        Some("ec2") => ("UnauthorizedOperation", ec2_error("UnauthorizedOperation", "no")),
        Some("organizations") => {
            ("AccessDeniedException", json_error("AccessDeniedException", "no"))
        }
        Some("s3control") => ("AccessDenied", s3control_error("AccessDenied", "no")),
        _ => ("AccessDenied", s3_error("AccessDenied", "no")),
    }
}

/// Responds to the first requests, and denies all others.
fn denying(responses: Vec<String>, call: &ApiCall) -> Fake {
    responding(responses, denial(call).1)
}

/// Responds to the first requests with `responses`, and to all others with `then`; `None` is a denial of
/// EC2.
pub(super) fn responding(responses: Vec<String>, then: Option<(u16, String)>) -> Fake {
    let (left, denied) = (
        std::sync::Mutex::new(responses.into_iter()),
        then.or_else(|| ec2_error("UnauthorizedOperation", "no")),
    );
    Fake::new(move |request| match request {
        request if request.has("Action=AssumeRole") || request.has("Action=GetCallerIdentity") => {
            None
        }
        _ => match left.lock().unwrap().next() {
            Some(response) => {
                let root = format!("{}Response>", request.parameter("Action").unwrap_or_default());
                ok(&response
                    .replace("<R>", &format!("<{root}"))
                    .replace("</R>", &format!("</{root}")))
            }
            None => denied.clone(),
        },
    })
}

/// The requests that do not belong to the session.
fn requests(fake: &Fake) -> Vec<FakeRequest> {
    let session = |request: &FakeRequest| {
        request.has("Action=AssumeRole") || request.has("Action=GetCallerIdentity")
    };
    fake.requests("").into_iter().filter(|request| !session(request)).collect()
}

/// The only gap of a collection: it has the right call and code, and the action that a report names.
async fn only_gap(kind: &Kind, facts: &[&str], fake: &Fake, call: &ApiCall) -> Extent {
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind.name, facts)])).await;
    let [gap] = accounts[0].gaps.as_slice() else {
        panic!("{} {facts:?}: {:?}", kind.name, accounts[0].gaps)
    };
    assert_eq!(
        (gap.cause.call.as_str(), gap.cause.code.as_str()),
        (call.name, denial(call).0),
        "{} {facts:?}",
        kind.name
    );
    assert!(gap.cause.is_denial());
    assert_eq!(facts::action(&gap.cause.call), Some(call.action), "{}", call.name);
    // The gap names the denied call, as far as the protocol contains its name.
    if let (Some(last), Some(operation)) = (requests(fake).last(), call.name.strip_prefix("ec2:")) {
        assert_eq!(last.parameter("Action").as_deref(), Some(operation), "{}", kind.name);
    }
    gap.extent.clone()
}

#[tokio::test]
async fn a_denied_list_is_one_gap() {
    for kind in KINDS.iter().filter(|kind| !kind.list.is_empty()) {
        let second = BEFORE_THE_SECOND
            .iter()
            .find(|(name, _)| *name == kind.name)
            .map(|(_, response)| (*response).to_owned());
        assert_eq!(
            second.is_some(),
            kind.list.len() > 1,
            "{} needs a response to its first call",
            kind.name
        );
        for call in kind.list {
            // For some kinds, the first call is not the one that returns the resources.
            let first = match kind.name {
                "ec2.instance_type" => call.name == "ec2:DescribeInstances",
                _ => call == &kind.list[0],
            };
            let fake = denying(second.iter().filter(|_| !first).cloned().collect(), call);
            let extent = only_gap(kind, &[], &fake, call).await;
            let expected = match call.name {
                // A bucket whose region is unknown is still listed.
                "s3:GetBucketLocation" => Extent::Facts {
                    kind: kind.name.to_owned(),
                    fact: "bucket_region".to_owned(),
                    resources: ["id-1".to_owned()].into(),
                },
                _ => Extent::List { kind: kind.name.to_owned() },
            };
            assert_eq!(extent, expected, "{}", kind.name);
        }
    }
}

#[tokio::test]
async fn a_denied_fact_is_one_gap_of_the_resource() {
    for kind in KINDS {
        for fact in kind.facts {
            let responses = match LISTS.iter().find(|(name, _)| *name == kind.name) {
                Some((_, responses)) => responses.iter().map(|text| (*text).to_owned()).collect(),
                None => {
                    assert!(
                        kind.list.is_empty(),
                        "{} has facts: add a response of its list to LISTS",
                        kind.name
                    );
                    Vec::new()
                }
            };
            let listing = responses.len();
            let first = fact.calls().next().unwrap();
            let fake = denying(responses, first);
            let extent = only_gap(kind, &[fact.name], &fake, first).await;
            let Extent::Facts { kind: of, fact: name, resources } = extent else {
                panic!("{}/{}", kind.name, fact.name)
            };
            assert_eq!((of.as_str(), name.as_str(), resources.len()), (kind.name, fact.name, 1));
            assert_eq!(
                requests(&fake).len(),
                listing + 1,
                "{}/{}: denied once and not retried",
                kind.name,
                fact.name
            );
        }
    }
}

#[test]
fn every_row_names_a_kind() {
    let names =
        LISTS.iter().map(|(name, _)| *name).chain(BEFORE_THE_SECOND.iter().map(|(name, _)| *name));
    for name in names {
        assert!(facts::kind(name).is_some(), "{name}");
    }
}
