//! Facts of buckets.

use serde_json::{Value, json};

use super::ACCOUNT;
use crate::aws::tests::fake::*;

#[tokio::test]
async fn facts_of_buckets_are_read() {
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
async fn all_pages_of_configurations_are_read() {
    let page = |id: &str, rest: &str| {
        ok(&format!(
            "<ListMetricsConfigurationsResult><MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>{rest}\
             </ListMetricsConfigurationsResult>"
        ))
    };
    const MORE: &str = "<IsTruncated>true</IsTruncated>";
    const TOKEN: &str = "<NextContinuationToken>more</NextContinuationToken>";
    // (the rest of the second page, ids, code of the gap)
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
