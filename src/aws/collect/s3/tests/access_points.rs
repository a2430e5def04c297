//! Facts of access points and the other kinds of S3 Control.

use serde_json::{Value, json};

use super::ACCOUNT;
use super::lists::list;
use crate::aws::tests::fake::*;

const POLICY: &str = "{&quot;Version&quot;:&quot;2012-10-17&quot;,&quot;Statement&quot;:[]}";

/// The response to a request, by the end of its URI.
fn response(request: &FakeRequest, bodies: &[(&str, &str)]) -> Option<(u16, String)> {
    let path = request.uri.split('?').next().unwrap_or_default();
    let (_, body) = bodies.iter().find(|(end, _)| {
        path.ends_with(end) || (end.starts_with('?') && request.uri.ends_with(end))
    })?;
    ok(&body.replace("POLICY", POLICY))
}

#[tokio::test]
async fn facts_of_s3_control_kinds_are_read() {
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
            None => {
                response(request, &bodies).or_else(|| list(request)).or_else(|| match request {
                    request if request.has("/second/policy") => {
                        s3control_error("NoSuchAccessPointPolicy", "none")
                    }
                    request if request.has("/v20180820/") => s3control_error("AccessDenied", "no"),
                    _ => None,
                })
            }
        }
    });
    let policy = json!({ "document": { "Version": "2012-10-17", "Statement": [] } });
    let flags = |policy: bool| json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": policy, "restrict_public_buckets": false });
    // (kind, fact, value of the first, value of the second; `None`: unreadable)
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
    // Without a policy the status is not requested; if the policy is unreadable, it is.
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
