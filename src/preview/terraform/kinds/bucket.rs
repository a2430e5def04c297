//! `s3.bucket`: `aws_s3_bucket`, and the types that configure one aspect of a bucket each.

use serde_json::json;

use super::bucket_rules::{lifecycle_rules, replication};
use super::common::flags;
use super::policy::{partial, policy_of};
use super::spec::Spec;
use crate::facts::s3::bucket::KIND;
use crate::facts::s3::directory_bucket;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_s3_bucket", bucket).known_by("bucket"),
    Spec::new("aws_s3_bucket_accelerate_configuration", |cx| not_converted(cx, &["accelerate"])),
    Spec::new("aws_s3_bucket_acl", acl),
    Spec::new("aws_s3_bucket_analytics_configuration", |_| {}),
    Spec::new("aws_s3_bucket_cors_configuration", |cx| not_converted(cx, &["cors"])),
    Spec::new("aws_s3_bucket_intelligent_tiering_configuration", |cx| {
        not_converted(cx, &["intelligent_tiering"]);
    }),
    Spec::new("aws_s3_bucket_inventory", |cx| not_converted(cx, &["inventory"])),
    Spec::new("aws_s3_bucket_lifecycle_configuration", lifecycle_of),
    Spec::new("aws_s3_bucket_logging", logging),
    Spec::new("aws_s3_bucket_metric", |cx| not_converted(cx, &["metrics"])),
    Spec::new("aws_s3_bucket_notification", notification),
    Spec::new("aws_s3_bucket_object_lock_configuration", object_lock),
    Spec::new("aws_s3_bucket_ownership_controls", ownership_controls),
    Spec::new("aws_s3_bucket_policy", policy),
    Spec::new("aws_s3_bucket_public_access_block", public_access_block),
    Spec::new("aws_s3_bucket_replication_configuration", replication_of),
    Spec::new("aws_s3_bucket_request_payment_configuration", |cx| {
        not_converted(cx, &["request_payment"]);
    }),
    Spec::new("aws_s3_bucket_server_side_encryption_configuration", encryption),
    Spec::new("aws_s3_bucket_versioning", versioning),
    Spec::new("aws_s3_bucket_website_configuration", website),
];

/// The attributes of a bucket that satellites refer to it by.
const ID: &[&str] = &["id", "bucket"];

fn bucket(cx: &mut Converter<'_>) {
    let (id, has_stand_in) = cx.own_id("bucket");
    let mut facts = fields([
        ("name", cx.get("bucket").text().into()),
        ("bucket_region", cx.location.region.as_str().into()),
        ("tags", tags(cx)),
    ]);
    if has_stand_in {
        // The name decides what policies and other buckets refer to.
        facts.add(fields([("name", Tree::Unknown(Why::Apply))]));
        let prefix = cx.get("bucket_prefix").text();
        match prefix {
            Ok(Some(prefix)) => cx.generated(&KIND, &id, prefix),
            // A name that is not configured at all begins like this.
            Ok(None) | Err(Why::Apply) if !cx.has_argument("bucket") => {
                let is_configured = cx.has_argument("bucket_prefix");
                let is_known = cx.plan().configured(cx.resource).is_some();
                if is_known && !is_configured {
                    cx.generated(&KIND, &id, "terraform-");
                }
            }
            _ => {}
        }
    }
    inline(cx, &mut facts);
    cx.declare(&KIND, (id, has_stand_in), facts);
}

/// The blocks of provider version 3.
fn inline(cx: &Converter<'_>, facts: &mut Tree) {
    if let Some(rules) = cx.described("server_side_encryption_configuration") {
        facts.add(fields([(
            "encryption",
            rules.block_tree(|block| encryption_of(block.get("rule"))),
        )]));
    }
    if let Some(versioning) = cx.described("versioning") {
        let of = |block: Attribute<'_>| {
            let enabled = block.get("enabled").flag();
            let status = enabled.map(|on| if on == Some(true) { Some("Enabled") } else { None });
            let mfa = block.get("mfa_delete").flag();
            let mfa = mfa.map(|on| if on == Some(true) { Some("Enabled") } else { None });
            fields([("status", status.into()), ("mfa_delete", mfa.into())])
        };
        facts.add(fields([("versioning", versioning.block_tree(of))]));
    }
    if let Some(logging) = cx.described("logging") {
        facts.add(fields([("logging", logging.block_tree(|block| logging_of(cx, block)))]));
    }
    if let Some(rules) = cx.described("lifecycle_rule") {
        let _ = rules;
        facts.add(fields([("lifecycle", Tree::Unknown(Why::NotConverted))]));
    }
    for (argument, fact) in [
        ("website", "website"),
        ("cors_rule", "cors"),
        ("replication_configuration", "replication"),
        ("acceleration_status", "accelerate"),
        ("request_payer", "request_payment"),
        ("grant", "acl"),
    ] {
        if cx.described(argument).is_some() {
            facts.add(fields([(fact, Tree::Unknown(Why::NotConverted))]));
        }
    }
    if let Some(policy) = cx.described("policy") {
        facts.add(policy_of(cx, "policy", policy));
    }
    // With grants, version 3 of the provider has the default ACL here, but does not apply it.
    let has_grants = !cx.get("grant").is_empty();
    if let Some(acl) = cx.described("acl").filter(|acl| !acl.is_empty() && !has_grants) {
        facts.add(fields([("acl", canned(acl))]));
    }
    let lock = cx.get("object_lock_enabled");
    if cx.described("object_lock_enabled").is_some() && lock.flag() == Ok(Some(true)) {
        let enabled = fields([("object_lock_enabled", "Enabled".into()), ("rule", ABSENT)]);
        facts.add(fields([("object_lock", enabled)]));
        if cx.is_created() {
            // S3 turns on versioning as well.
            facts.add(fields([("versioning", fields([("status", "Enabled".into())]))]));
        }
    } else if lock.is_unknown() && cx.has_argument("object_lock_enabled") {
        facts.add(fields([("object_lock", Tree::Unknown(Why::Apply))]));
    }
}

/// Tags with the default ones of the provider; absent if there are none.
pub(super) fn tags(cx: &Converter<'_>) -> Tree {
    let tags = cx.all_tags();
    if tags.is_empty() { ABSENT } else { tags.tags() }
}

fn not_converted(cx: &mut Converter<'_>, names: &'static [&'static str]) {
    // What does not change stays as it is.
    if !cx.resource.is_changed() {
        return;
    }
    let unknown = names.iter().map(|name| ((*name).to_owned(), Tree::Unknown(Why::NotConverted)));
    let facts = Tree::Object(unknown.collect());
    set(cx, names, facts);
}

fn acl(cx: &mut Converter<'_>) {
    let acl = cx.get("acl");
    let granted = cx.get("access_control_policy");
    let tree = if acl.is_set() || acl.is_unknown() && cx.has_argument("acl") {
        canned(acl)
    } else {
        granted.block_tree(|policy| {
            let owner = policy.get("owner").block_tree(|owner| owner.get("id").text().into());
            let grants = policy.get("grant").list_tree(|grant| {
                let grantee = grant.get("grantee").block_tree(|grantee| {
                    fields([
                        ("type", grantee.get("type").text().into()),
                        ("id", grantee.get("id").text().into()),
                        ("uri", grantee.get("uri").text().into()),
                        ("email_address", grantee.get("email_address").text().into()),
                    ])
                });
                fields([
                    ("grantee", grantee),
                    ("permission", grant.get("permission").text().into()),
                ])
            });
            fields([("owner_id", owner), ("grants", grants)])
        })
    };
    set(cx, &["acl"], fields([("acl", tree)]));
}

/// In place of the canonical user id of the bucket's owner, which a plan does not have.
const OWNER: &str = "(the bucket owner)";

/// The grants of a canned ACL.
fn canned(acl: Attribute<'_>) -> Tree {
    const GROUPS: &str = "http://acs.amazonaws.com/groups/";
    let name = match acl.text() {
        Ok(Some(name)) => name,
        Ok(None) => return ABSENT,
        Err(why) => return Tree::Unknown(why),
    };
    let group = |group: &str, permission: &str| {
        json!({
            "grantee": { "type": "Group", "id": null, "uri": format!("{GROUPS}{group}"), "email_address": null },
            "permission": permission,
        })
    };
    let owner = json!({
        "grantee": { "type": "CanonicalUser", "id": OWNER, "uri": null, "email_address": null },
        "permission": "FULL_CONTROL",
    });
    let others = match name {
        "private" => vec![],
        "public-read" => vec![group("global/AllUsers", "READ")],
        "public-read-write" => {
            vec![group("global/AllUsers", "READ"), group("global/AllUsers", "WRITE")]
        }
        "authenticated-read" => vec![group("global/AuthenticatedUsers", "READ")],
        "log-delivery-write" => {
            vec![group("s3/LogDelivery", "WRITE"), group("s3/LogDelivery", "READ_ACP")]
        }
        _ => return Tree::Unknown(Why::Apply),
    };
    let grants: Vec<_> = std::iter::once(owner).chain(others).collect();
    json!({ "owner_id": OWNER, "grants": grants }).into()
}

fn logging(cx: &mut Converter<'_>) {
    let logging = logging_of(cx, cx.attributes());
    set(cx, &["logging"], fields([("logging", logging)]));
}

fn logging_of(cx: &Converter<'_>, block: Attribute<'_>) -> Tree {
    fields([
        ("target_bucket", cx.link_at("target_bucket", block.get("target_bucket"), ID)),
        ("target_prefix", block.get("target_prefix").text().into()),
    ])
}

fn notification(cx: &mut Converter<'_>) {
    let filter = |block: Attribute<'_>| {
        let rule =
            |name: &str, value: &str| fields([("name", name.into()), ("value", value.into())]);
        let mut rules = Vec::new();
        for (argument, name) in [("filter_prefix", "Prefix"), ("filter_suffix", "Suffix")] {
            match block.get(argument).text() {
                Ok(Some(value)) => rules.push(rule(name, value)),
                Ok(None) => {}
                Err(why) => return Tree::Unknown(why),
            }
        }
        if rules.is_empty() {
            return ABSENT;
        }
        fields([("key", fields([("filter_rules", Tree::List(rules))]))])
    };
    let target_of = |block: Attribute<'_>, attribute: &str, name: &'static str| {
        Tree::Object(
            [
                ("id".to_owned(), block.get("id").text().into()),
                (name.to_owned(), block.get(attribute).text().into()),
                ("events".to_owned(), block.get("events").texts()),
                ("filter".to_owned(), filter(block)),
            ]
            .into(),
        )
    };
    let list = |argument: &str, attribute: &'static str, name: &'static str| {
        cx.get(argument).list_tree(|block| target_of(block, attribute, name))
    };
    let tree = fields([
        ("topic_configurations", list("topic", "topic_arn", "topic_arn")),
        ("queue_configurations", list("queue", "queue_arn", "queue_arn")),
        (
            "lambda_function_configurations",
            list("lambda_function", "lambda_function_arn", "lambda_function_arn"),
        ),
        ("event_bridge", cx.get("eventbridge").flag().map(|on| on.unwrap_or(false)).into()),
    ]);
    set(cx, &["notification"], fields([("notification", tree)]));
}

fn object_lock(cx: &mut Converter<'_>) {
    let retention = |block: Attribute<'_>| {
        let retention = |block: Attribute<'_>| {
            fields([
                ("mode", block.get("mode").text().into()),
                ("days", block.get("days").positive().into()),
                ("years", block.get("years").positive().into()),
            ])
        };
        fields([("default_retention", block.get("default_retention").block_tree(retention))])
    };
    let enabled = match cx.get("object_lock_enabled").text() {
        Ok(None) => Tree::from("Enabled"),
        other => other.into(),
    };
    let tree =
        fields([("object_lock_enabled", enabled), ("rule", cx.get("rule").block_tree(retention))]);
    set(cx, &["object_lock"], fields([("object_lock", tree)]));
}

fn ownership_controls(cx: &mut Converter<'_>) {
    let tree = cx.get("rule").block_tree(|rule| {
        fields([("object_ownership", rule.get("object_ownership").text().into())])
    });
    set(cx, &["ownership_controls"], fields([("ownership_controls", tree)]));
}

fn policy(cx: &mut Converter<'_>) {
    let tree = policy_of(cx, "policy", cx.get("policy"));
    if let (Some(document), Target::Id(id)) =
        (partial(cx, "policy", cx.get("policy")), cx.target("bucket", ID))
    {
        cx.partial(&KIND, &id, "policy", document);
    }
    set(cx, &["policy", "policy_status"], tree);
}

fn public_access_block(cx: &mut Converter<'_>) {
    let tree = fields([("public_access_block", flags(cx.attributes()))]);
    set(cx, &["public_access_block"], tree);
}

fn encryption(cx: &mut Converter<'_>) {
    let tree = fields([("encryption", encryption_of(cx.get("rule")))]);
    set(cx, &["encryption"], tree);
}

pub(super) fn encryption_of(rules: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let default = rule.get("apply_server_side_encryption_by_default");
        let of_default =
            |name: &'static str| default.block_tree(|default| default.get(name).text().into());
        let blocked = rule.get("blocked_encryption_types");
        let blocked = match blocked.is_set() {
            true => blocked.texts(),
            // S3 sets it for new buckets.
            false => Tree::Unknown(Why::Default),
        };
        fields([
            ("sse_algorithm", of_default("sse_algorithm")),
            ("kms_master_key_id", of_default("kms_master_key_id")),
            (
                "bucket_key_enabled",
                rule.get("bucket_key_enabled").flag().map(|on| on.unwrap_or(false)).into(),
            ),
            ("blocked_encryption_types", blocked),
        ])
    };
    fields([("rules", rules.list_tree(rule))])
}

fn versioning(cx: &mut Converter<'_>) {
    let configured = |block: Attribute<'_>| {
        // `Disabled` is versioning that was never enabled.
        let status = block.get("status").text().map(|status| status.filter(|s| *s != "Disabled"));
        let mfa = block.get("mfa_delete");
        let mut tree = fields([("status", status.into())]);
        if mfa.is_set() {
            tree.add(fields([("mfa_delete", mfa.text().into())]));
        }
        tree
    };
    let tree = cx.get("versioning_configuration").block_tree(configured);
    set(cx, &["versioning"], fields([("versioning", tree)]));
}

fn website(cx: &mut Converter<'_>) {
    let redirect = cx.get("redirect_all_requests_to").block_tree(|block| {
        fields([
            ("host_name", block.get("host_name").text().into()),
            ("protocol", block.get("protocol").text().into()),
        ])
    });
    let index = cx.get("index_document");
    let error = cx.get("error_document");
    let routing = match cx.get("routing_rule").is_empty() && cx.get("routing_rules").is_empty() {
        true => Tree::List(Vec::new()),
        false => Tree::Unknown(Why::NotConverted),
    };
    let tree = fields([
        ("redirect_all_requests_to", redirect),
        (
            "index_document",
            index.block_tree(|block| fields([("suffix", block.get("suffix").text().into())])),
        ),
        (
            "error_document",
            error.block_tree(|block| fields([("key", block.get("key").text().into())])),
        ),
        ("routing_rules", routing),
    ]);
    set(cx, &["website"], fields([("website", tree)]));
}

/// Sets facts of the bucket that a satellite belongs to. Some satellites are also those of directory
/// buckets.
pub(super) fn set(cx: &mut Converter<'_>, names: &'static [&'static str], tree: Tree) {
    let target = cx.target("bucket", ID);
    let is_directory = match &target {
        Target::Id(id) => {
            let bucket = cx.plan().at(id).map(|bucket| bucket.type_name.as_str());
            id.ends_with("--x-s3") || bucket == Some("aws_s3_directory_bucket")
        }
        Target::Unresolved { .. } => false,
    };
    if !is_directory {
        return cx.set(&KIND, target, names, tree);
    }
    let Tree::Object(mut facts) = tree else { return };
    facts.retain(|name, _| directory_bucket::KIND.fact(name).is_some());
    cx.set(&directory_bucket::KIND, target, names, Tree::Object(facts));
}

fn replication_of(cx: &mut Converter<'_>) {
    let tree = replication(cx);
    set(cx, &["replication"], fields([("replication", tree)]));
}

fn lifecycle_of(cx: &mut Converter<'_>) {
    let size = cx.get("transition_default_minimum_object_size");
    let size = match size.is_set() {
        true => size.text().into(),
        false => Tree::Unknown(Why::Default),
    };
    let tree = fields([
        ("rules", lifecycle_rules(cx.get("rule"))),
        ("transition_default_minimum_object_size", size),
    ]);
    set(cx, &["lifecycle"], fields([("lifecycle", tree)]));
}
