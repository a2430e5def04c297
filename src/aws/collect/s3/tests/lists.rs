//! Lists: fields, pages, denials.

use serde_json::json;

use super::ACCOUNT;
use crate::aws::tests::fake::*;
use crate::facts;
use crate::model::{Extent, Region};

/// A list: the end of its URI before the parameters, the page size parameter, the root element, the
/// element around the items (if any), an item with `NAME`, and the element and the parameter of the
/// token.
struct List {
    uri: &'static str,
    size: &'static str,
    root: &'static str,
    items: &'static str,
    item: &'static str,
    token: (&'static str, &'static str),
}

const NEXT: (&str, &str) = ("NextToken", "nextToken");

const LISTS: [List; 6] = [
    List {
        uri: "/accessgrantsinstances",
        size: "maxResults=1000",
        root: "ListAccessGrantsInstancesResult",
        items: "AccessGrantsInstancesList",
        item: "<AccessGrantsInstance><AccessGrantsInstanceId>NAME</AccessGrantsInstanceId><CreatedAt>2026-01-02T03:04:05Z</CreatedAt>\
               <IdentityCenterInstanceArn>arn:sso</IdentityCenterInstanceArn></AccessGrantsInstance>",
        token: NEXT,
    },
    List {
        uri: "s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint",
        size: "maxResults=1000",
        root: "ListAccessPointsResult",
        items: "AccessPointList",
        item: "<AccessPoint><Name>NAME</Name><NetworkOrigin>VPC</NetworkOrigin><VpcConfiguration><VpcId>vpc-1</VpcId></VpcConfiguration>\
               <Bucket>data</Bucket><BucketAccountId>222222222222</BucketAccountId></AccessPoint>",
        token: NEXT,
    },
    List {
        uri: "https://s3express-control.eu-west-1.amazonaws.com/",
        size: "max-directory-buckets=1000",
        root: "ListAllMyDirectoryBucketsResult",
        items: "Buckets",
        item: "<Bucket><Name>NAME--euw1-az1--x-s3</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>",
        token: ("ContinuationToken", "continuation-token"),
    },
    List {
        uri: "s3-control.us-west-2.amazonaws.com/v20180820/mrap/instances",
        size: "maxResults=100",
        root: "ListMultiRegionAccessPointsResult",
        items: "AccessPoints",
        item: "<AccessPoint><Name>NAME</Name><Alias>NAME.mrap</Alias><PublicAccessBlock><IgnorePublicAcls>true</IgnorePublicAcls>\
               </PublicAccessBlock><Status>READY</Status><Regions><Region><Bucket>data</Bucket><Region>us-east-1</Region></Region></Regions>\
               </AccessPoint>",
        token: NEXT,
    },
    List {
        uri: "/accesspointforobjectlambda",
        size: "maxResults=1000",
        root: "ListAccessPointsForObjectLambdaResult",
        items: "ObjectLambdaAccessPointList",
        item: "<ObjectLambdaAccessPoint><Name>NAME</Name><Alias><Value>NAME-ol</Value><Status>READY</Status></Alias></ObjectLambdaAccessPoint>",
        token: NEXT,
    },
    List {
        uri: "eu-west-1.amazonaws.com/v20180820/storagelens",
        size: "",
        root: "ListStorageLensConfigurationResult",
        items: "",
        item: "<StorageLensConfiguration><Id>NAME</Id><StorageLensArn>arn</StorageLensArn><HomeRegion>eu-west-1</HomeRegion>\
               <IsEnabled>true</IsEnabled></StorageLensConfiguration><StorageLensConfiguration><Id>elsewhere</Id><StorageLensArn>arn\
               </StorageLensArn><HomeRegion>us-east-1</HomeRegion><IsEnabled>true</IsEnabled></StorageLensConfiguration>",
        token: NEXT,
    },
];

/// The list that a request is for.
fn list_of(request: &FakeRequest) -> Option<&'static List> {
    let (path, query) = request.uri.split_once('?').unwrap_or((&request.uri, ""));
    LISTS.iter().find(|list| path.ends_with(list.uri) && query.contains(list.size))
}

/// The first page of a list contains `first`, the second one `second`.
pub(in crate::aws) fn list(request: &FakeRequest) -> Option<(u16, String)> {
    let list = list_of(request)?;
    let (element, parameter) = list.token;
    let (name, token) = if request.uri.contains(&format!("{parameter}=more")) {
        ("second", String::new())
    } else {
        ("first", format!("<{element}>more</{element}>"))
    };
    let items = list.item.replace("NAME", name);
    let items =
        if list.items.is_empty() { items } else { format!("<{0}>{items}</{0}>", list.items) };
    ok(&format!("<{0}>{items}{token}</{0}>", list.root))
}

#[tokio::test]
async fn lists_have_all_their_pages_or_are_gaps() {
    // (kind, ARN of the first, some fields of the first)
    let table = [
        (
            "s3.access_grants_instance",
            "arn:aws:s3:eu-west-1:111111111111:access-grants/first",
            json!({ "created_at": "2026-01-02T03:04:05Z", "identity_center_instance_arn": "arn:sso" }),
        ),
        (
            "s3.access_point",
            "arn:aws:s3:eu-west-1:111111111111:accesspoint/first",
            json!({ "network_origin": "VPC", "vpc_configuration": { "vpc_id": "vpc-1" }, "bucket_account_id": "222222222222" }),
        ),
        (
            "s3.directory_bucket",
            "arn:aws:s3express:eu-west-1:111111111111:bucket/first--euw1-az1--x-s3",
            json!({ "bucket_region": "eu-west-1", "creation_date": null }),
        ),
        (
            "s3.multi_region_access_point",
            "arn:aws:s3::111111111111:accesspoint/first.mrap",
            json!({
                "public_access_block": {
                    "block_public_acls": false, "ignore_public_acls": true, "block_public_policy": false, "restrict_public_buckets": false
                },
                "regions": [{ "bucket": "data", "region": "us-east-1", "bucket_account_id": null }],
                "status": "READY",
            }),
        ),
        (
            "s3.object_lambda_access_point",
            "arn:aws:s3-object-lambda:eu-west-1:111111111111:accesspoint/first",
            json!({ "alias": { "value": "first-ol", "status": "READY" } }),
        ),
        (
            "s3.storage_lens_configuration",
            "arn:aws:s3:eu-west-1:111111111111:storage-lens/first",
            json!({ "is_enabled": true, "home_region": "eu-west-1" }),
        ),
    ];
    let whole = Fake::new(list);
    let denied = Fake::new(|request| {
        let second = list_of(request)
            .is_some_and(|list| request.uri.contains(&format!("{}=more", list.token.1)));
        match request {
            _ if !second => list(request),
            request if request.uri.contains("/v20180820/") => s3control_error("AccessDenied", "no"),
            _ => s3_error("AccessDenied", "no"),
        }
    });
    for (kind, arn, fields) in table {
        let wanted = demand(&[(kind, &[])]);
        let (_, accounts) = whole.collect(vec![target(ACCOUNT)], &wanted).await;
        let [first, second] = accounts[0].resources.as_slice() else {
            panic!("{kind}: {:?}", accounts[0])
        };
        assert!(first.id.starts_with("first") && second.id.starts_with("second"), "{kind}");
        assert_eq!(first.arn.as_deref(), Some(arn));
        for (field, value) in fields.as_object().unwrap() {
            assert_eq!(&first.facts[field], value, "{kind}: {field}");
        }
        let (_, accounts) = denied.collect(vec![target(ACCOUNT)], &wanted).await;
        let [gap] = accounts[0].gaps.as_slice() else { panic!("{kind}: {:?}", accounts[0]) };
        assert_eq!(
            (gap.cause.call.as_str(), gap.cause.code.as_str()),
            (facts::kind(kind).unwrap().list_call(), "AccessDenied")
        );
        assert_eq!(gap.extent, Extent::List { kind: kind.to_owned() });
        assert!(accounts[0].resources.is_empty());
    }
    assert!(
        whole.requests("s3express").iter().all(|request| request.expected_owner.is_none()),
        "S3 refuses it there"
    );

    let china: Region = "cn-north-1".parse().unwrap();
    let target = crate::model::Target {
        partition: crate::model::Partition::of_region(&china),
        regions: vec![china],
        ..target(ACCOUNT)
    };
    let (_, accounts) =
        whole.collect(vec![target], &demand(&[("s3.multi_region_access_point", &[])])).await;
    assert!(
        accounts[0].gaps.is_empty()
            && accounts[0].resources.is_empty()
            && accounts[0].lists.len() == 1
    );
}
