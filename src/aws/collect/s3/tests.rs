//! What the S3 collectors make of S3's answers: fields, pages, denials.

use serde_json::{Value, json};

use crate::aws::testing::*;
use crate::facts;
use crate::model::{Extent, Region};

const ACCOUNT: &str = "111111111111";

/// A list: how its requests' URI ends before the parameters, the parameter with the size of a page,
/// the element around the answer and that around the items (if any), an item with `NAME`, the
/// element of the next token, and the parameter that it comes back in.
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

/// The first page of a list holds `first`, the second one `second`.
pub(crate) fn list(request: &FakeRequest) -> Option<(u16, String)> {
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

const POLICY: &str = "{&quot;Version&quot;:&quot;2012-10-17&quot;,&quot;Statement&quot;:[]}";

/// The answer to the request whose URI ends so.
fn answer(request: &FakeRequest, bodies: &[(&str, &str)]) -> Option<(u16, String)> {
    let path = request.uri.split('?').next().unwrap_or_default();
    let (_, body) = bodies.iter().find(|(end, _)| {
        path.ends_with(end) || (end.starts_with('?') && request.uri.ends_with(end))
    })?;
    ok(&body.replace("POLICY", POLICY))
}

#[tokio::test]
async fn facts_of_access_points_and_their_like() {
    let bodies = [
        (
            "/accesspoint/first",
            "<GetAccessPointResult><Name>first</Name><PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy>\
             </PublicAccessBlockConfiguration><CreationDate>2026-01-02T03:04:05Z</CreationDate></GetAccessPointResult>",
        ),
        (
            "/accesspoint/first/policy",
            "<GetAccessPointPolicyResult><Policy>POLICY</Policy></GetAccessPointPolicyResult>",
        ),
        (
            "/accesspoint/first/policyStatus",
            "<GetAccessPointPolicyStatusResult><PolicyStatus><IsPublic>true</IsPublic></PolicyStatus></GetAccessPointPolicyStatusResult>",
        ),
        (
            "/instances/first/policy",
            "<GetMultiRegionAccessPointPolicyResult><Policy><Established><Policy>POLICY</Policy></Established></Policy>\
             </GetMultiRegionAccessPointPolicyResult>",
        ),
        (
            "/instances/first/policystatus",
            "<GetMultiRegionAccessPointPolicyStatusResult><Established><IsPublic>false</IsPublic></Established>\
             </GetMultiRegionAccessPointPolicyStatusResult>",
        ),
        ("/instances/second/policy", "<GetMultiRegionAccessPointPolicyResult/>"),
        (
            "/accesspointforobjectlambda/first/configuration",
            "<GetAccessPointConfigurationForObjectLambdaResult><Configuration><SupportingAccessPoint>arn:ap</SupportingAccessPoint>\
             <TransformationConfigurations><TransformationConfiguration><Actions><Action>GetObject</Action></Actions><ContentTransformation>\
             <AwsLambda><FunctionArn>arn:fn</FunctionArn><FunctionPayload>hunter2</FunctionPayload></AwsLambda></ContentTransformation>\
             </TransformationConfiguration></TransformationConfigurations></Configuration></GetAccessPointConfigurationForObjectLambdaResult>",
        ),
        (
            "/accesspointforobjectlambda/first",
            "<GetAccessPointForObjectLambdaResult><Name>first</Name></GetAccessPointForObjectLambdaResult>",
        ),
        (
            "/accessgrantsinstance/resourcepolicy",
            "<GetAccessGrantsInstanceResourcePolicyResult><Policy>POLICY</Policy><Organization>o-1</Organization>\
             </GetAccessGrantsInstanceResourcePolicyResult>",
        ),
        (
            "/storagelens/first",
            "<StorageLensConfiguration><Id>first</Id><AccountLevel><ActivityMetrics><IsEnabled>true</IsEnabled></ActivityMetrics>\
             <BucketLevel/></AccountLevel><DataExport><S3BucketDestination><Format>CSV</Format><OutputSchemaVersion>V_1\
             </OutputSchemaVersion><AccountId>222222222222</AccountId><Arn>arn:b</Arn><Encryption><SSE-S3/></Encryption>\
             </S3BucketDestination></DataExport><IsEnabled>true</IsEnabled></StorageLensConfiguration>",
        ),
        (
            "/first--euw1-az1--x-s3?lifecycle",
            "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>",
        ),
    ];
    let fake = Fake::new(move |request| {
        let bucket = request
            .uri
            .split_once("--x-s3")
            .map(|(before, query)| (before.ends_with("first--euw1-az1"), query));
        match bucket {
            Some((true, query)) if query.contains("lifecycle") => ok(bodies[10].1),
            Some((true, query)) if query.contains("encryption") => ok(
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
                 </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
            ),
            Some((true, _)) => Some((200, POLICY.replace("&quot;", "\""))),
            Some((false, query)) if query.contains("policy") => {
                s3_error("NoSuchBucketPolicy", "none")
            }
            Some((false, query)) if query.contains("lifecycle") => {
                s3_error("NoSuchLifecycleConfiguration", "none")
            }
            Some(_) => s3_error("NotImplemented", "not here"),
            None => answer(request, &bodies).or_else(|| list(request)).or_else(|| match request {
                request if request.has("/second/policy") => {
                    s3control_error("NoSuchAccessPointPolicy", "none")
                }
                request if request.has("/v20180820/") => s3control_error("AccessDenied", "no"),
                _ => None,
            }),
        }
    });
    let policy = json!({ "document": { "Version": "2012-10-17", "Statement": [] } });
    let flags = |policy: bool| json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": policy, "restrict_public_buckets": false });
    // (kind, fact, of the first; `None`: unreadable, of the second)
    let null = Some(Value::Null);
    type Row<'a> = (&'a str, &'a str, Option<Value>, Option<Value>);
    let table: [Row<'_>; 14] = [
        (
            "s3.access_point",
            "details",
            Some(
                json!({ "public_access_block_configuration": flags(true), "creation_date": "2026-01-02T03:04:05Z" }),
            ),
            None,
        ),
        ("s3.access_point", "policy", Some(policy.clone()), null.clone()),
        ("s3.access_point", "policy_status", Some(json!({ "is_public": true })), null.clone()),
        (
            "s3.multi_region_access_point",
            "policy",
            Some(json!({ "established": policy, "proposed": null })),
            null.clone(),
        ),
        (
            "s3.multi_region_access_point",
            "policy_status",
            Some(json!({ "is_public": false })),
            null.clone(),
        ),
        (
            "s3.object_lambda_access_point",
            "configuration",
            Some(json!({
                "supporting_access_point": "arn:ap",
                "cloud_watch_metrics_enabled": false,
                "allowed_features": [],
                "transformation_configurations": [{
                    "actions": ["GetObject"],
                    "content_transformation": { "aws_lambda": { "function_arn": "arn:fn", "has_function_payload": true } },
                }],
            })),
            None,
        ),
        (
            "s3.object_lambda_access_point",
            "details",
            Some(json!({ "public_access_block_configuration": null, "creation_date": null })),
            None,
        ),
        ("s3.object_lambda_access_point", "policy", None, null.clone()),
        ("s3.object_lambda_access_point", "policy_status", None, null.clone()),
        (
            "s3.access_grants_instance",
            "resource_policy",
            Some(
                json!({ "document": policy["document"], "organization": "o-1", "created_at": null }),
            ),
            Some(
                json!({ "document": policy["document"], "organization": "o-1", "created_at": null }),
            ),
        ),
        (
            "s3.storage_lens_configuration",
            "configuration",
            Some(json!({
                "is_enabled": true,
                "aws_org": null, "include": null, "exclude": null, "prefix_delimiter": null,
                "account_level": {
                    "activity_metrics": { "is_enabled": true },
                    "advanced_cost_optimization_metrics": null, "advanced_data_protection_metrics": null,
                    "detailed_status_codes_metrics": null, "advanced_performance_metrics": null,
                    "bucket_level": {
                        "activity_metrics": null,
                        "advanced_cost_optimization_metrics": null, "advanced_data_protection_metrics": null,
                        "detailed_status_codes_metrics": null, "advanced_performance_metrics": null,
                    },
                },
                "data_export": {
                    "s3_bucket_destination": {
                        "arn": "arn:b", "account_id": "222222222222", "prefix": null, "format": "CSV",
                        "encryption": { "sses3": true, "ssekms": null },
                    },
                    "cloud_watch_metrics": null,
                    "storage_lens_table_destination": null,
                },
            })),
            None,
        ),
        (
            "s3.directory_bucket",
            "encryption",
            Some(json!({ "rules": [{
                "sse_algorithm": "aws:kms", "kms_master_key_id": null, "bucket_key_enabled": null, "blocked_encryption_types": []
            }] })),
            None,
        ),
        (
            "s3.directory_bucket",
            "lifecycle",
            Some(json!({
                "rules": [{
                    "id": "r", "status": "Enabled", "prefix": null, "filter": null, "expiration": null, "transitions": [],
                    "noncurrent_version_expiration": null, "noncurrent_version_transitions": [],
                    "abort_incomplete_multipart_upload": null,
                }],
                "transition_default_minimum_object_size": null,
            })),
            null.clone(),
        ),
        ("s3.directory_bucket", "policy", Some(policy.clone()), null.clone()),
    ];
    let mut wanted = crate::model::Demand::default();
    for (kind, fact, ..) in &table {
        wanted.add_kind(kind);
        wanted.add_fact(kind, fact);
    }
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &wanted).await;
    for (kind, fact, first, second) in table {
        for (name, expected) in [("first", first), ("second", second)] {
            let found = accounts[0]
                .resources
                .iter()
                .find(|found| found.kind == kind && found.id.starts_with(name))
                .unwrap();
            assert_eq!(
                found.facts.get(fact),
                expected.as_ref(),
                "{kind}/{fact} of {name}: {:?}",
                found.unreadable.get(fact)
            );
            assert_eq!(found.unreadable.contains_key(fact), expected.is_none());
        }
    }
    // No policy, no status; where the policy cannot be read, the status still can be asked for.
    assert_eq!(
        fake.requests("/second/policyStatus").len() + fake.requests("/second/policystatus").len(),
        0
    );
    assert_eq!(fake.requests("/accesspointforobjectlambda/first/policyStatus").len(), 1);
    assert!(
        !format!("{accounts:?}").contains("hunter2"),
        "what functions are called with stays outside"
    );
}

#[tokio::test]
async fn facts_of_buckets() {
    let table: [(&str, &str, &str, Value); 11] = [
        (
            "accelerate",
            "accelerate",
            "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>",
            json!({ "status": "Suspended" }),
        ),
        (
            "cors",
            "cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin><MaxAgeSeconds>60\
             </MaxAgeSeconds></CORSRule></CORSConfiguration>",
            json!({ "cors_rules": [{ "id": null, "allowed_origins": ["*"], "allowed_methods": ["PUT"], "allowed_headers": [],
                "expose_headers": [], "max_age_seconds": 60 }] }),
        ),
        (
            "intelligent_tiering",
            "intelligent-tiering",
            "<ListBucketIntelligentTieringConfigurationsOutput><IntelligentTieringConfiguration><Id>a</Id><Status>Enabled</Status><Tiering>\
             <Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>\
             </ListBucketIntelligentTieringConfigurationsOutput>",
            json!({ "intelligent_tiering_configuration_list": [{ "id": "a", "status": "Enabled", "filter": null,
                "tierings": [{ "days": 90, "access_tier": "ARCHIVE_ACCESS" }] }] }),
        ),
        (
            "inventory",
            "inventory",
            "<ListInventoryConfigurationsResult><InventoryConfiguration><Id>a</Id><IsEnabled>true</IsEnabled><Destination>\
             <S3BucketDestination><Bucket>arn:b</Bucket><Format>CSV</Format><Encryption><SSE-KMS><KeyId>k</KeyId></SSE-KMS></Encryption>\
             </S3BucketDestination></Destination><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field>\
             </OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration></ListInventoryConfigurationsResult>",
            json!({ "inventory_configuration_list": [{ "id": "a", "is_enabled": true, "filter": null, "included_object_versions": "All",
                "destination": { "s3_bucket_destination": { "bucket": "arn:b", "account_id": null, "prefix": null, "format": "CSV",
                    "encryption": { "sses3": false, "ssekms": { "key_id": "k" } } } },
                "optional_fields": ["Size"], "schedule": { "frequency": "Daily" } }] }),
        ),
        (
            "lifecycle",
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value>\
             </Tag></And></Filter><Expiration><Days>30</Days></Expiration><Transition><Date>2026-01-02T00:00:00Z</Date><StorageClass>GLACIER\
             </StorageClass></Transition><NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays></NoncurrentVersionExpiration>\
             <AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>\
             </LifecycleConfiguration>",
            json!({ "rules": [{ "id": "r", "status": "Enabled", "prefix": null,
                "filter": { "prefix": null, "tag": null, "object_size_greater_than": null, "object_size_less_than": null,
                    "and": { "prefix": "p/", "tags": { "k": "v" }, "object_size_greater_than": null, "object_size_less_than": null } },
                "expiration": { "date": null, "days": 30, "expired_object_delete_marker": null },
                "transitions": [{ "date": "2026-01-02T00:00:00Z", "days": null, "storage_class": "GLACIER" }],
                "noncurrent_version_expiration": { "noncurrent_days": 7, "newer_noncurrent_versions": null },
                "noncurrent_version_transitions": [], "abort_incomplete_multipart_upload": { "days_after_initiation": 3 } }],
                "transition_default_minimum_object_size": null }),
        ),
        (
            "metrics",
            "metrics",
            "<ListMetricsConfigurationsResult><MetricsConfiguration><Id>a</Id></MetricsConfiguration><MetricsConfiguration><Id>b</Id><Filter>\
             <Tag><Key>k</Key><Value>v</Value></Tag></Filter></MetricsConfiguration></ListMetricsConfigurationsResult>",
            json!({ "metrics_configuration_list": [{ "id": "a", "filter": null }, { "id": "b",
                "filter": { "prefix": null, "tag": { "key": "k", "value": "v" }, "access_point_arn": null, "and": null } }] }),
        ),
        (
            "notification",
            "notification",
            "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>arn:fn</CloudFunction><Event>s3:ObjectCreated:*</Event>\
             <Filter><S3Key><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>\
             <EventBridgeConfiguration/></NotificationConfiguration>",
            json!({ "topic_configurations": [], "queue_configurations": [], "event_bridge": true,
                "lambda_function_configurations": [{ "id": null, "lambda_function_arn": "arn:fn", "events": ["s3:ObjectCreated:*"],
                    "filter": { "key": { "filter_rules": [{ "name": "suffix", "value": ".jpg" }] } } }] }),
        ),
        (
            "object_lock",
            "object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode>\
             <Years>1</Years></DefaultRetention></Rule></ObjectLockConfiguration>",
            json!({ "object_lock_enabled": "Enabled", "rule": { "default_retention": { "mode": "COMPLIANCE", "days": null, "years": 1 } } }),
        ),
        (
            "replication",
            "replication",
            "<ReplicationConfiguration><Role>arn:r</Role><Rule><ID>r</ID><Priority>1</Priority><Status>Enabled</Status><Filter><Prefix/>\
             </Filter><Destination><Bucket>arn:b</Bucket><Account>222222222222</Account><AccessControlTranslation><Owner>Destination</Owner>\
             </AccessControlTranslation></Destination></Rule></ReplicationConfiguration>",
            json!({ "role": "arn:r", "rules": [{ "id": "r", "status": "Enabled", "priority": 1, "prefix": null,
                "filter": { "prefix": null, "tag": null, "and": null },
                "destination": { "bucket": "arn:b", "account": "222222222222", "storage_class": null,
                    "access_control_translation": { "owner": "Destination" }, "encryption_configuration": null,
                    "replication_time": null, "metrics": null },
                "delete_marker_replication": null, "existing_object_replication": null, "source_selection_criteria": null }] }),
        ),
        (
            "request_payment",
            "requestPayment",
            "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
            json!({ "payer": "Requester" }),
        ),
        (
            "website",
            "website",
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect><HostName>h\
             </HostName></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>",
            json!({ "redirect_all_requests_to": null, "index_document": { "suffix": "index.html" }, "error_document": null,
                "routing_rules": [{ "condition": null, "redirect": { "host_name": "h", "http_redirect_code": null, "protocol": null,
                    "replace_key_prefix_with": null, "replace_key_with": null } }] }),
        ),
    ];
    let bodies = table.clone();
    let fake = Fake::new(move |request| {
        if request.uri.contains("max-buckets") {
            return buckets(&[("data", Some("eu-west-1"))]);
        }
        let (_, query) = request.uri.split_once('?')?;
        let name = query.split(['&', '=']).next().unwrap_or_default();
        bodies
            .iter()
            .find(|(_, parameter, ..)| *parameter == name)
            .and_then(|(_, _, body, _)| ok(body))
    });
    let all = table.clone().map(|(fact, ..)| fact);
    let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &all)])).await;
    assert!(accounts[0].gaps.is_empty(), "{:?}", accounts[0].gaps);
    for (fact, _, _, expected) in table {
        assert_eq!(accounts[0].resources[0].facts[fact], expected, "{fact}");
    }
}

#[tokio::test]
async fn configurations_of_a_bucket_come_in_pages() {
    let page = |id: &str, rest: &str| {
        ok(&format!(
            "<ListMetricsConfigurationsResult><MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>{rest}\
             </ListMetricsConfigurationsResult>"
        ))
    };
    const MORE: &str = "<IsTruncated>true</IsTruncated>";
    const TOKEN: &str = "<NextContinuationToken>more</NextContinuationToken>";
    // (rest of the second page, ids, code)
    let table = [
        ("<IsTruncated>false</IsTruncated>", Some(json!(["a", "b"])), None),
        (MORE, None, Some("InvalidResponse")),
        (TOKEN, None, Some("InvalidResponse")),
    ];
    for (second, ids, code) in table {
        let fake = Fake::new(move |request| match request {
            request if request.uri.contains("max-buckets") => {
                buckets(&[("data", Some("eu-west-1"))])
            }
            request if request.uri.contains("continuation-token=more") => page("b", second),
            request if request.uri.contains("metrics") => page("a", &format!("{MORE}{TOKEN}")),
            _ => None,
        });
        let (_, accounts) =
            fake.collect(vec![target(ACCOUNT)], &demand(&[("s3.bucket", &["metrics"])])).await;
        let bucket = &accounts[0].resources[0];
        let found = bucket.facts.get("metrics").map(|metrics| {
            let list = metrics["metrics_configuration_list"].as_array().unwrap();
            list.iter().map(|metric| metric["id"].clone()).collect::<Value>()
        });
        assert_eq!(
            (found, bucket.unreadable.get("metrics").map(|cause| cause.code.as_str())),
            (ids, code)
        );
    }
}
