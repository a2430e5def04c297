//! `s3.bucket`: `aws_s3_bucket`, and the types that configure one aspect of a bucket each.

use super::bucket_acl::{access_control_policy, account_owner, canned};
use super::bucket_facts::{ID, encryption_of, logging_of, object_lock_of, retention};
use super::bucket_inline::inline;
use super::bucket_rules::{cors_rules, lifecycle_rules, replication};
use super::common::flags;
use super::policy::{policy_of, record_partial};
use super::spec::Spec;
use crate::facts::s3::bucket::KIND;
use crate::facts::s3::directory_bucket;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_s3_bucket", bucket).known_by("bucket"),
    // Attribute-based access control changes how buckets are tagged, not their tags.
    Spec::new("aws_s3_bucket_abac", |_| {}),
    Spec::new("aws_s3_bucket_accelerate_configuration", accelerate),
    Spec::new("aws_s3_bucket_acl", acl),
    Spec::new("aws_s3_bucket_analytics_configuration", |_| {}),
    Spec::new("aws_s3_bucket_cors_configuration", cors),
    Spec::new("aws_s3_bucket_intelligent_tiering_configuration", |cx| {
        not_converted(cx, &["intelligent_tiering"]);
    }),
    Spec::new("aws_s3_bucket_inventory", |cx| not_converted(cx, &["inventory"])),
    Spec::new("aws_s3_bucket_lifecycle_configuration", lifecycle_of),
    Spec::new("aws_s3_bucket_logging", logging),
    Spec::new("aws_s3_bucket_metadata_configuration", |_| {}),
    Spec::new("aws_s3_bucket_metadata_table_configuration", |_| {}),
    Spec::new("aws_s3_bucket_metric", |cx| not_converted(cx, &["metrics"])),
    Spec::new("aws_s3_bucket_notification", notification),
    Spec::new("aws_s3_bucket_object", object),
    Spec::new("aws_s3_bucket_object_lock_configuration", object_lock),
    Spec::new("aws_s3_bucket_ownership_controls", ownership_controls),
    Spec::new("aws_s3_bucket_policy", policy),
    Spec::new("aws_s3_bucket_public_access_block", public_access_block),
    Spec::new("aws_s3_bucket_replication_configuration", replication_of),
    Spec::new("aws_s3_bucket_request_payment_configuration", request_payment),
    Spec::new("aws_s3_bucket_server_side_encryption_configuration", encryption),
    Spec::new("aws_s3_bucket_versioning", versioning),
    Spec::new("aws_s3_bucket_website_configuration", website),
    Spec::new("aws_s3_object", object),
    Spec::new("aws_s3_object_copy", object),
];

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
    if let Some(owner) = account_owner(cx).filter(|_| cx.is_created()) {
        facts.add(fields([("owner_canonical_user_id", owner.as_str().into())]));
    }
    inline(cx, &mut facts);
    cx.declare(&KIND, (id, has_stand_in), facts);
}

/// Tags with the default ones of the provider; absent if there are none.
pub(super) fn tags(cx: &Converter<'_>) -> Tree {
    let tags = cx.all_tags();
    if tags.is_empty() { ABSENT } else { tags.tags() }
}

/// Facts that a type changes in a way that is not converted.
fn not_converted(cx: &mut Converter<'_>, names: &'static [&'static str]) {
    // What does not change stays as it is.
    if !cx.resource.is_changed() {
        return;
    }
    let tree = match cx.when {
        When::Before => Tree::Known(cx.attributes().raw().clone()),
        When::After => Tree::Unknown(Why::NotConverted),
    };
    let facts = names.iter().map(|name| ((*name).to_owned(), tree.clone()));
    set(cx, names, Tree::Object(facts.collect()));
}

/// An object is in the sample of those whose ACLs are read, or is not.
fn object(cx: &mut Converter<'_>) {
    let is_private = |object: Attribute<'_>| {
        object.get("acl").text().is_ok_and(|acl| acl.is_none_or(|acl| acl == "private"))
            && object.get("grant").is_empty()
    };
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let is_unknown = after.get("acl").is_unknown() && !cx.has_argument("acl");
    if is_private(before) && (is_unknown || is_private(after)) {
        return;
    }
    not_converted(cx, &["object_acls"]);
}

fn accelerate(cx: &mut Converter<'_>) {
    let tree = fields([("status", cx.get("status").text().into())]);
    set(cx, &["accelerate"], fields([("accelerate", tree)]));
}

fn request_payment(cx: &mut Converter<'_>) {
    let tree = fields([("payer", cx.get("payer").text().into())]);
    set(cx, &["request_payment"], fields([("request_payment", tree)]));
}

fn cors(cx: &mut Converter<'_>) {
    let tree = fields([("cors", cors_rules(cx.get("cors_rule")))]);
    set(cx, &["cors"], tree);
}

fn acl(cx: &mut Converter<'_>) {
    let acl = cx.get("acl");
    let tree = if acl.is_set() || acl.is_unknown() && cx.has_argument("acl") {
        canned(acl)
    } else {
        cx.get("access_control_policy").block_tree(access_control_policy)
    };
    set(cx, &["acl"], fields([("acl", tree)]));
}

fn logging(cx: &mut Converter<'_>) {
    let logging = logging_of(cx, cx.attributes(), "target_bucket");
    set(cx, &["logging"], fields([("logging", logging)]));
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
    let is_empty = ["topic", "queue", "lambda_function"].iter().all(|name| cx.get(name).is_empty());
    let bridge = cx.get("eventbridge").flag().map(|on| on.unwrap_or(false));
    if is_empty && bridge == Ok(false) {
        return set(cx, &["notification"], fields([("notification", ABSENT)]));
    }
    let tree = fields([
        ("topic_configurations", list("topic", "topic_arn", "topic_arn")),
        ("queue_configurations", list("queue", "queue_arn", "queue_arn")),
        (
            "lambda_function_configurations",
            list("lambda_function", "lambda_function_arn", "lambda_function_arn"),
        ),
        ("event_bridge", bridge.into()),
    ]);
    set(cx, &["notification"], fields([("notification", tree)]));
}

fn object_lock(cx: &mut Converter<'_>) {
    let mut tree = object_lock_of(cx.get("object_lock_enabled").text());
    tree.add(fields([("rule", cx.get("rule").block_tree(retention))]));
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
    if let Target::Id(id) = cx.target("bucket", ID) {
        record_partial(cx, (&KIND, &id), "policy", cx.get("policy"));
    }
    set(cx, &["policy", "policy_status"], tree);
}

fn public_access_block(cx: &mut Converter<'_>) {
    let tree = fields([("public_access_block", flags(cx.attributes()))]);
    set(cx, &["public_access_block"], tree);
}

fn encryption(cx: &mut Converter<'_>) {
    let is_left_out = |path: &str| cx.is_left_out(&format!("rule.{path}"));
    let key_of = |path: &str, value: Attribute<'_>| cx.key_link(&format!("rule.{path}"), value);
    let rules = encryption_of(cx.get("rule"), &is_left_out, &key_of);
    set(cx, &["encryption"], fields([("encryption", rules)]));
}

fn versioning(cx: &mut Converter<'_>) {
    let configured = |block: Attribute<'_>| {
        let mut tree = match block.get("status").text() {
            // It says that versioning was never enabled; the provider then sends nothing.
            Ok(Some("Disabled")) => return fields([]),
            status => fields([("status", status.into())]),
        };
        let mfa = block.get("mfa_delete");
        let is_left_out = || cx.is_left_out("versioning_configuration.0.mfa_delete");
        if mfa.is_set() || mfa.why().is_some() && !is_left_out() {
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
        // What changes of it is not known.
        false if cx.when == When::Before && cx.resource.is_changed() => {
            Tree::Known(cx.attributes().raw().clone())
        }
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
        _ => false,
    };
    if cx.when == When::After && is_gone(cx, &target, names) {
        return;
    }
    if !is_directory {
        return cx.set(&KIND, target, names, tree);
    }
    let Tree::Object(mut facts) = tree else { return };
    facts.retain(|name, _| directory_bucket::KIND.fact(name).is_some());
    cx.set(&directory_bucket::KIND, target, names, Tree::Object(facts));
}

/// Whether what a satellite sets is gone after the change although the plan has it.
fn is_gone(cx: &Converter<'_>, target: &Target, names: &[&str]) -> bool {
    let Target::Id(id) = target else { return false };
    let named = |of: Attribute<'_>| of.get("bucket").text() == Ok(Some(id));
    match cx.resource.action {
        // The bucket is replaced by one of the same name, which does not get it.
        Action::NoOp => cx.plan().resources.iter().any(|one| {
            one.action == Action::Replace
                && one.type_name == "aws_s3_bucket"
                && named(one.before())
                && named(one.after())
        }),
        // The old one is deleted last, and that deletes what the new one has set.
        Action::Replace => {
            cx.resource.creates_first && names != ["acl"] && named(cx.resource.before())
        }
        _ => false,
    }
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
