//! Lifecycle and replication rules of buckets.

use serde_json::Value;

use crate::model::Partition;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

/// The rules of a lifecycle configuration.
pub(super) fn lifecycle_rules(rules: Attribute<'_>) -> Tree {
    rules.list_tree(|rule| {
        fields([
            ("id", rule.get("id").text().into()),
            ("status", rule.get("status").text().into()),
            ("prefix", rule.get("prefix").text().into()),
            ("filter", rule.get("filter").block_tree(filter)),
            ("expiration", rule.get("expiration").block_tree(expiration)),
            ("transitions", rule.get("transition").list_tree(transition)),
            (
                "noncurrent_version_expiration",
                rule.get("noncurrent_version_expiration").block_tree(|block| {
                    fields([
                        ("noncurrent_days", block.get("noncurrent_days").positive().into()),
                        (
                            "newer_noncurrent_versions",
                            block.get("newer_noncurrent_versions").positive().into(),
                        ),
                    ])
                }),
            ),
            (
                "noncurrent_version_transitions",
                rule.get("noncurrent_version_transition").list_tree(|block| {
                    fields([
                        ("noncurrent_days", block.get("noncurrent_days").number().into()),
                        (
                            "newer_noncurrent_versions",
                            block.get("newer_noncurrent_versions").positive().into(),
                        ),
                        ("storage_class", block.get("storage_class").text().into()),
                    ])
                }),
            ),
            (
                "abort_incomplete_multipart_upload",
                rule.get("abort_incomplete_multipart_upload").block_tree(|block| {
                    fields([(
                        "days_after_initiation",
                        block.get("days_after_initiation").positive().into(),
                    )])
                }),
            ),
        ])
    })
}

fn tag(block: Attribute<'_>) -> Tree {
    fields([("key", block.get("key").text().into()), ("value", block.get("value").text().into())])
}

/// The rules of a CORS configuration; absent without any.
pub(super) fn cors_rules(rules: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let list = |name: &str| match rule.get(name).is_empty() {
            true => Tree::List(Vec::new()),
            false => rule.get(name).texts(),
        };
        fields([
            ("id", rule.get("id").text().into()),
            ("allowed_origins", list("allowed_origins")),
            ("allowed_methods", list("allowed_methods")),
            ("allowed_headers", list("allowed_headers")),
            ("expose_headers", list("expose_headers")),
            ("max_age_seconds", rule.get("max_age_seconds").number().into()),
        ])
    };
    match rules.items() {
        Ok(items) if items.is_empty() => ABSENT,
        Ok(_) => fields([("cors_rules", rules.list_tree(rule))]),
        Err(why) => Tree::Unknown(why),
    }
}

/// The filter of a rule of `aws_s3_bucket`, which has a prefix and tags.
pub(super) fn filter_of(prefix: Attribute<'_>, tags: Attribute<'_>) -> Tree {
    let prefix = || Tree::from(prefix.text());
    if let Some(why) = tags.why() {
        return Tree::Unknown(why);
    }
    match tags.is_empty() {
        true => fields([("prefix", prefix()), ("tag", ABSENT), ("and", ABSENT)]),
        false => {
            let and = fields([("prefix", prefix()), ("tags", tags.tags())]);
            fields([("prefix", ABSENT), ("tag", ABSENT), ("and", and)])
        }
    }
}

fn tags(block: Attribute<'_>) -> Tree {
    let tags = block.get("tags");
    if tags.is_empty() { Tree::Object(Default::default()) } else { tags.tags() }
}

fn filter(block: Attribute<'_>) -> Tree {
    fields([
        ("prefix", block.get("prefix").text().into()),
        ("tag", block.get("tag").block_tree(tag)),
        ("object_size_greater_than", block.get("object_size_greater_than").positive().into()),
        ("object_size_less_than", block.get("object_size_less_than").positive().into()),
        (
            "and",
            block.get("and").block_tree(|and| {
                fields([
                    ("prefix", and.get("prefix").text().into()),
                    ("tags", tags(and)),
                    (
                        "object_size_greater_than",
                        and.get("object_size_greater_than").positive().into(),
                    ),
                    ("object_size_less_than", and.get("object_size_less_than").positive().into()),
                ])
            }),
        ),
    ])
}

fn expiration(block: Attribute<'_>) -> Tree {
    let marker = block.get("expired_object_delete_marker").flag();
    fields([
        ("date", block.get("date").text().into()),
        ("days", block.get("days").positive().into()),
        ("expired_object_delete_marker", marker.map(|on| on.filter(|on| *on)).into()),
    ])
}

fn transition(block: Attribute<'_>) -> Tree {
    let date = block.get("date");
    let days = if date.is_set() { Ok(None) } else { block.get("days").number() };
    fields([
        ("date", date.text().into()),
        ("days", days.into()),
        ("storage_class", block.get("storage_class").text().into()),
    ])
}

/// The ARN of the bucket that the rule at a position replicates to. That of a bucket of the plan is
/// known from its name.
fn destination_bucket(
    cx: &Converter<'_>,
    value: Attribute<'_>,
    (position, blocks): (usize, usize),
) -> Tree {
    let configured = cx.plan().argument(cx.resource, "rule").and_then(Value::as_array);
    // Dynamic blocks are not in the configuration.
    let is_there = configured.is_some_and(|all| all.len() == blocks);
    let argument = format!("rule.{position}.destination.0.bucket");
    match value.text() {
        Err(Why::Apply) if is_there => {
            let bucket = cx.referred(&argument, &["arn"]);
            let bucket = bucket.filter(|bucket| bucket.type_name == "aws_s3_bucket");
            match bucket.map(|bucket| bucket.after().get("bucket").text()) {
                Some(Ok(Some(name))) => {
                    let partition = Partition::of_region(&cx.location.region);
                    format!("arn:{}:s3:::{name}", partition.as_str()).as_str().into()
                }
                _ => Tree::Unknown(Why::Apply),
            }
        }
        text => text.into(),
    }
}

/// A replication configuration.
pub(super) fn replication(cx: &Converter<'_>) -> Tree {
    let status = |block: Attribute<'_>, name: &'static str| {
        block.get(name).block_tree(|block| fields([("status", block.get("status").text().into())]))
    };
    let minutes = |block: Attribute<'_>, name: &'static str| {
        block
            .get(name)
            .block_tree(|time| fields([("minutes", time.get("minutes").number().into())]))
    };
    let blocks = cx.get("rule").items().map_or(0, |blocks| blocks.len());
    let destination = |block: Attribute<'_>, position: usize| {
        fields([
            ("bucket", destination_bucket(cx, block.get("bucket"), (position, blocks))),
            ("account", block.get("account").text().into()),
            ("storage_class", block.get("storage_class").text().into()),
            (
                "access_control_translation",
                block
                    .get("access_control_translation")
                    .block_tree(|block| fields([("owner", block.get("owner").text().into())])),
            ),
            (
                "encryption_configuration",
                block.get("encryption_configuration").block_tree(|block| {
                    fields([("replica_kms_key_id", block.get("replica_kms_key_id").text().into())])
                }),
            ),
            (
                "replication_time",
                block.get("replication_time").block_tree(|block| {
                    fields([
                        ("status", block.get("status").text().into()),
                        ("time", minutes(block, "time")),
                    ])
                }),
            ),
            (
                "metrics",
                block.get("metrics").block_tree(|block| {
                    fields([
                        ("status", block.get("status").text().into()),
                        ("event_threshold", minutes(block, "event_threshold")),
                    ])
                }),
            ),
        ])
    };
    let filter = |block: Attribute<'_>| {
        fields([
            ("prefix", block.get("prefix").text().into()),
            ("tag", block.get("tag").block_tree(tag)),
            (
                "and",
                block.get("and").block_tree(|and| {
                    fields([("prefix", and.get("prefix").text().into()), ("tags", tags(and))])
                }),
            ),
        ])
    };
    let criteria = |block: Attribute<'_>| {
        fields([
            ("sse_kms_encrypted_objects", status(block, "sse_kms_encrypted_objects")),
            ("replica_modifications", status(block, "replica_modifications")),
        ])
    };
    let mut positions = 0..;
    let rule = |rule: Attribute<'_>| {
        let position = positions.next().unwrap_or_default();
        let marker = rule.get("delete_marker_replication");
        fields([
            ("id", rule.get("id").text().into()),
            ("status", rule.get("status").text().into()),
            ("priority", rule.get("priority").number().into()),
            ("prefix", rule.get("prefix").text().into()),
            ("filter", rule.get("filter").block_tree(filter)),
            (
                "destination",
                rule.get("destination").block_tree(|block| destination(block, position)),
            ),
            (
                "delete_marker_replication",
                if marker.is_empty() { ABSENT } else { status(rule, "delete_marker_replication") },
            ),
            ("existing_object_replication", status(rule, "existing_object_replication")),
            (
                "source_selection_criteria",
                rule.get("source_selection_criteria").block_tree(criteria),
            ),
        ])
    };
    fields([("role", cx.get("role").text().into()), ("rules", cx.get("rule").list_tree(rule))])
}
