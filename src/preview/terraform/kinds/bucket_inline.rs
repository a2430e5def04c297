//! The blocks and arguments of `aws_s3_bucket` that have types of their own since version 4 of the
//! provider.

use super::bucket_acl::{canned, grants};
use super::bucket_facts::{encryption_of, logging_of, object_lock_of, retention};
use super::bucket_rules::{cors_rules, filter_of};
use super::policy::policy_of;
use crate::preview::table::encryption_after_reset;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

/// The arguments that version 3 of the provider computes if they are left out.
const COMPUTED: [&str; 3] = ["acceleration_status", "request_payer", "versioning"];

/// What the arguments and blocks set.
pub(super) fn inline(cx: &Converter<'_>, facts: &mut Tree) {
    const ENCRYPTION: &str = "server_side_encryption_configuration";
    let encryption = argument(cx, ENCRYPTION);
    if let Some(rules) = encryption.filter(|rules| !cx.is_created() || !rules.is_empty()) {
        let key_of = |path: &str, value: Attribute<'_>| {
            cx.key_link(&format!("{ENCRYPTION}.0.rule.{path}"), value)
        };
        let of = |block: Attribute<'_>| encryption_of(block.get("rule"), &|_| false, &key_of);
        let tree = match rules.is_empty() && cx.when == When::After {
            true => encryption_after_reset(),
            false => rules.block_tree(of),
        };
        facts.add(fields([("encryption", tree)]));
    }
    if let Some(versioning) = argument(cx, "versioning").filter(|block| !block.is_empty()) {
        facts
            .add(fields([("versioning", versioning.block_tree(|block| versioning_of(cx, block)))]));
    }
    for (name, fact, of) in [
        ("logging", "logging", logging as fn(&Converter<'_>, Attribute<'_>) -> Tree),
        ("lifecycle_rule", "lifecycle", |_, rules| lifecycle(rules)),
        ("website", "website", |_, blocks| blocks.block_tree(website)),
        ("cors_rule", "cors", |_, rules| cors_rules(rules)),
        ("replication_configuration", "replication", |_, blocks| blocks.block_tree(replication)),
    ] {
        if let Some(block) = argument(cx, name) {
            facts.add(fields([(fact, of(cx, block))]));
        }
    }
    for (name, fact, field) in [
        ("acceleration_status", "accelerate", "status"),
        ("request_payer", "request_payment", "payer"),
    ] {
        if let Some(value) = argument(cx, name).filter(|value| !value.is_empty()) {
            facts.add(fields([(fact, fields([(field, value.text().into())]))]));
        }
    }
    if let Some(policy) = argument(cx, "policy") {
        facts.add(policy_of(cx, "policy", policy));
    }
    if let Some(acl) = acl(cx) {
        facts.add(fields([("acl", acl)]));
    }
    if let Some(lock) = object_lock(cx) {
        let is_on = lock.get("object_lock_enabled").is_some_and(|on| on.as_str().is_some());
        facts.add(fields([("object_lock", lock)]));
        if cx.is_created() && is_on {
            // S3 turns on versioning as well.
            facts.add(fields([("versioning", fields([("status", "Enabled".into())]))]));
        }
    }
}

/// An argument, if the plan sets or changes it. The provider reads the arguments that are left out, so
/// a value by itself does not say that it is set here.
fn argument<'p>(cx: &Converter<'p>, name: &str) -> Option<Attribute<'p>> {
    let (before, after) = (cx.resource.before().get(name), cx.resource.after().get(name));
    let is_changed = match cx.resource.action {
        // Version 3 computes only few arguments; later ones compute what is not set.
        Action::Create | Action::Replace if after.is_unknown() => {
            is_version_3(cx) && !COMPUTED.contains(&name)
        }
        Action::Create | Action::Replace => !is_nothing(after),
        // What is left out keeps its value.
        Action::Update => after.is_unknown() || before.raw() != after.raw(),
        _ => false,
    };
    (is_changed || cx.has_argument(name)).then(|| cx.get(name))
}

/// Whether a value is not set, even if it is sensitive.
fn is_nothing(value: Attribute<'_>) -> bool {
    Attribute::of(value.raw()).is_empty()
}

/// Whether the plan is of version 3 of the provider, which has fewer arguments.
fn is_version_3(cx: &Converter<'_>) -> bool {
    !cx.resource.after().names().contains("object_lock_enabled")
}

/// Versioning that is off was never on in a new bucket, and is suspended in one that exists.
fn versioning_of(cx: &Converter<'_>, block: Attribute<'_>) -> Tree {
    let of = |resource: Attribute<'_>| resource.get("versioning").raw().clone();
    let is_put = !cx.is_created()
        && cx.when == When::After
        && of(cx.resource.before()) != of(cx.resource.after());
    let state = |name: &str, off: &'static str| {
        let off = is_put.then_some(off);
        Tree::from(block.get(name).flag().map(|on| match on {
            Some(true) => Some("Enabled"),
            _ => off,
        }))
    };
    fields([
        ("status", state("enabled", "Suspended")),
        ("mfa_delete", state("mfa_delete", "Disabled")),
    ])
}

fn logging(cx: &Converter<'_>, blocks: Attribute<'_>) -> Tree {
    blocks.block_tree(|block| logging_of(cx, block, "logging.0.target_bucket"))
}

/// The ACL: grants take precedence, and without any, the canned one applies.
fn acl(cx: &Converter<'_>) -> Option<Tree> {
    let (acl, granted) = (cx.get("acl"), cx.get("grant"));
    let own = || match granted.is_empty() {
        true if acl.is_empty() => canned(Attribute::of(&serde_json::Value::from("private"))),
        true => canned(acl),
        false => grants(cx, granted),
    };
    let (is_granted, is_canned) = (argument(cx, "grant").is_some(), argument(cx, "acl").is_some());
    match cx.resource.action {
        Action::Create | Action::Replace if is_granted && !granted.is_empty() => {
            Some(grants(cx, granted))
        }
        // Without both, a new bucket is private.
        Action::Create | Action::Replace => (is_canned && !acl.is_empty()).then(|| canned(acl)),
        _ if is_granted => Some(own()),
        _ => (is_canned && !acl.is_empty() || is_changed(cx, "acl")).then(|| canned(acl)),
    }
}

fn is_changed(cx: &Converter<'_>, name: &str) -> bool {
    cx.resource.action == Action::Update
        && cx.resource.before().get(name).raw() != cx.resource.after().get(name).raw()
}

/// Object Lock. What is not set of it can be set by `aws_s3_bucket_object_lock_configuration`.
fn object_lock(cx: &Converter<'_>) -> Option<Tree> {
    let none = || if cx.is_created() { fields([("rule", ABSENT)]) } else { fields([]) };
    if let Some(block) = argument(cx, "object_lock_configuration").filter(|one| !one.is_empty()) {
        let mut tree = none();
        tree.add(block.block_tree(|block| {
            let mut lock = object_lock_of(block.get("object_lock_enabled").text());
            lock.add(fields([("rule", block.get("rule").block_tree(retention))]));
            lock
        }));
        return Some(tree);
    }
    if is_changed(cx, "object_lock_configuration") {
        // S3 cannot turn it off again.
        return (cx.when == When::After).then(|| Tree::Unknown(Why::Apply));
    }
    let lock = cx.get("object_lock_enabled");
    argument(cx, "object_lock_enabled")?;
    match lock.flag() {
        Ok(Some(true)) => {
            let mut tree = none();
            tree.add(object_lock_of(Ok(None)));
            Some(tree)
        }
        Ok(_) => None,
        Err(why) => Some(Tree::Unknown(why)),
    }
}

/// Lifecycle rules, as the provider sends them.
fn lifecycle(rules: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let status = |on: bool| if on { "Enabled" } else { "Disabled" };
        let enabled = rule.get("enabled").flag().map(|on| status(on.unwrap_or(false)));
        let days = |block: Attribute<'_>| block.get("days").positive().into();
        let at = |block: Attribute<'_>| -> Tree {
            let date = block.get("date").text();
            match date.map(|date| date.map(|date| format!("{date}T00:00:00Z"))) {
                Ok(date) => date.as_deref().into(),
                Err(why) => Tree::Unknown(why),
            }
        };
        // A date takes precedence over days, and both over the marker.
        let expiration = |block: Attribute<'_>| {
            let (date, days) = (block.get("date"), block.get("days"));
            let has_days = !date.is_set() && days.positive() != Ok(None);
            let marker = block.get("expired_object_delete_marker").flag();
            let marker = match date.is_set() || has_days {
                true => ABSENT,
                false => marker.map(|on| on.filter(|on| *on)).into(),
            };
            let days = if has_days { days.positive().into() } else { ABSENT };
            fields([("date", at(block)), ("days", days), ("expired_object_delete_marker", marker)])
        };
        let transition = |block: Attribute<'_>| {
            let date = block.get("date");
            let days = if date.is_set() { Ok(None) } else { block.get("days").number() };
            fields([
                ("date", at(block)),
                ("days", days.into()),
                ("storage_class", block.get("storage_class").text().into()),
            ])
        };
        let noncurrent = rule.get("noncurrent_version_expiration").block_tree(|block| {
            fields([("noncurrent_days", days(block)), ("newer_noncurrent_versions", ABSENT)])
        });
        let noncurrent_transition = |block: Attribute<'_>| {
            fields([
                ("noncurrent_days", block.get("days").number().into()),
                ("newer_noncurrent_versions", ABSENT),
                ("storage_class", block.get("storage_class").text().into()),
            ])
        };
        let abort = match rule.get("abort_incomplete_multipart_upload_days").positive() {
            Ok(None) => ABSENT,
            days => fields([("days_after_initiation", days.into())]),
        };
        let filter = filter_of(rule.get("prefix"), rule.get("tags"));
        let mut tree = fields([
            ("id", rule.get("id").text().into()),
            ("status", enabled.into()),
            ("prefix", ABSENT),
            ("expiration", rule.get("expiration").block_tree(expiration)),
            ("transitions", rule.get("transition").list_tree(transition)),
            ("noncurrent_version_expiration", noncurrent),
            (
                "noncurrent_version_transitions",
                rule.get("noncurrent_version_transition").list_tree(noncurrent_transition),
            ),
            ("abort_incomplete_multipart_upload", abort),
        ]);
        let size = [("object_size_greater_than", ABSENT), ("object_size_less_than", ABSENT)];
        let filter = match filter {
            Tree::Object(mut filter) => {
                if let Some(and) = filter.get_mut("and").filter(|and| !and.is_absent()) {
                    and.add(fields(size.clone()));
                }
                let mut filter = Tree::Object(filter);
                filter.add(fields(size));
                filter
            }
            other => other,
        };
        tree.add(fields([("filter", filter)]));
        tree
    };
    match rules.items() {
        Ok(items) if items.is_empty() => ABSENT,
        Ok(_) => fields([
            ("rules", rules.list_tree(rule)),
            ("transition_default_minimum_object_size", Tree::Unknown(Why::Default)),
        ]),
        Err(why) => Tree::Unknown(why),
    }
}

fn website(block: Attribute<'_>) -> Tree {
    let within = |name: &str, field: &'static str| -> Tree {
        match block.get(name).text() {
            Ok(None) => ABSENT,
            text => fields([(field, text.into())]),
        }
    };
    let redirect = match block.get("redirect_all_requests_to").text() {
        Ok(None) => ABSENT,
        Ok(Some(url)) => {
            let (protocol, host) =
                url.split_once("://").map_or((None, url), |(scheme, host)| (Some(scheme), host));
            fields([("host_name", host.into()), ("protocol", protocol.into())])
        }
        Err(why) => Tree::Unknown(why),
    };
    let routing = match block.get("routing_rules").is_empty() {
        true => Tree::List(Vec::new()),
        false => Tree::Unknown(Why::NotConverted),
    };
    fields([
        ("redirect_all_requests_to", redirect),
        ("index_document", within("index_document", "suffix")),
        ("error_document", within("error_document", "key")),
        ("routing_rules", routing),
    ])
}

/// A replication configuration, as the provider sends it.
fn replication(block: Attribute<'_>) -> Tree {
    let destination = |block: Attribute<'_>| {
        let encryption = match block.get("replica_kms_key_id").text() {
            Ok(None) => ABSENT,
            key => fields([("replica_kms_key_id", key.into())]),
        };
        let timed = |name: &str, field: &'static str| {
            block.get(name).block_tree(|time| {
                let minutes = fields([("minutes", time.get("minutes").number().into())]);
                fields([("status", time.get("status").text().into()), (field, minutes)])
            })
        };
        let owner = block.get("access_control_translation");
        fields([
            ("bucket", block.get("bucket").text().into()),
            ("account", block.get("account_id").text().into()),
            ("storage_class", block.get("storage_class").text().into()),
            (
                "access_control_translation",
                owner.block_tree(|block| fields([("owner", block.get("owner").text().into())])),
            ),
            ("encryption_configuration", encryption),
            ("replication_time", timed("replication_time", "time")),
            ("metrics", timed("metrics", "event_threshold")),
        ])
    };
    let status = |on: Result<Option<bool>, Why>| {
        let on = on.map(|on| if on == Some(true) { "Enabled" } else { "Disabled" });
        fields([("status", on.into())])
    };
    let criteria = |block: Attribute<'_>| {
        let encrypted = block.get("sse_kms_encrypted_objects");
        fields([
            (
                "sse_kms_encrypted_objects",
                encrypted.block_tree(|block| status(block.get("enabled").flag())),
            ),
            ("replica_modifications", ABSENT),
        ])
    };
    let rule = |rule: Attribute<'_>| {
        // Without a filter, it is a rule of the first version.
        let has_filter = !rule.get("filter").is_empty();
        let of_filter = |tree: Tree| if has_filter { tree } else { ABSENT };
        let markers = match rule.get("delete_marker_replication_status").text() {
            Ok(status) => fields([("status", status.unwrap_or("Disabled").into())]),
            Err(why) => Tree::Unknown(why),
        };
        let prefix = rule.get("prefix").text().into();
        fields([
            ("id", rule.get("id").text().into()),
            ("status", rule.get("status").text().into()),
            ("priority", of_filter(rule.get("priority").number().into())),
            ("prefix", if has_filter { ABSENT } else { prefix }),
            (
                "filter",
                rule.get("filter")
                    .block_tree(|block| filter_of(block.get("prefix"), block.get("tags"))),
            ),
            ("destination", rule.get("destination").block_tree(destination)),
            ("delete_marker_replication", of_filter(markers)),
            ("existing_object_replication", ABSENT),
            (
                "source_selection_criteria",
                rule.get("source_selection_criteria").block_tree(criteria),
            ),
        ])
    };
    fields([
        ("role", block.get("role").text().into()),
        ("rules", block.get("rules").list_tree(rule)),
    ])
}
