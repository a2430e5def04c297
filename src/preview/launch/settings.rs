//! Settings of a new instance that are those of its launch template.

use serde_json::{Value, json};

use super::common::set_if_open;
use super::template::Template;
use crate::preview::tree::{ABSENT, Tree, Why};

const OPTIONS: [&str; 5] = [
    "http_tokens",
    "http_endpoint",
    "http_put_response_hop_limit",
    "http_protocol_ipv6",
    "instance_metadata_tags",
];

/// Sets what the instance leaves to its launch template.
pub(super) fn fill(instance: &mut Tree, template: &Template) {
    if matches!(template, Template::None) {
        return;
    }
    for name in ["instance_type", "key_name", "image_id"] {
        let setting = template.get(name).map(|tree| match tree.as_str() {
            // The parameter says which image it is.
            Some(text) if text.starts_with("resolve:") => Tree::Unknown(Why::Apply),
            _ => tree,
        });
        if let Some(tree) = setting {
            set_if_open(instance, name, tree);
        } else if name == "key_name" {
            set_if_open(instance, name, ABSENT);
        }
    }
    if let Some(profile) = template.get("iam_instance_profile") {
        let known = |profile: &Tree| {
            let arn = profile.get("arn").filter(|arn| !arn.is_absent());
            Tree::object([
                ("arn", arn.unwrap_or(Tree::Unknown(Why::Apply))),
                ("id", Tree::Unknown(Why::Apply)),
            ])
        };
        let tree = if matches!(profile, Tree::Unknown(_)) { profile } else { known(&profile) };
        set_if_open(instance, "iam_instance_profile", tree);
    } else {
        set_if_open(instance, "iam_instance_profile", ABSENT);
    }
    if let Some(placement) = template.get("placement") {
        let tenancy = placement.get("tenancy").unwrap_or(placement);
        if !tenancy.is_absent()
            && let Tree::Object(fields) = instance
            && let Some(own) = fields.get_mut("placement")
        {
            set_if_open(own, "tenancy", tenancy);
        }
    }
    let data = template.get("user_data").unwrap_or_else(|| {
        json!({ "present": false, "looks_like_secret": false, "detector": null }).into()
    });
    set_if_open(instance, "user_data", data);
    flags(instance, template);
    metadata_options(instance, template);
    tags(instance, template);
}

/// Flags. If the instance does not set one of them, versions of the provider differ in whether they send
/// `false`, which overrides the template. So what the template turns on is not known.
fn flags(instance: &mut Tree, template: &Template) {
    for name in ["ebs_optimized", "disable_api_termination", "disable_api_stop"] {
        if let Some(flag) = template.get(name).and_then(turned_on) {
            set_if_open(instance, name, flag);
        }
    }
    let enabled = |name: &str| {
        let block = template.get(name)?;
        Some(block.get("enabled").unwrap_or(block)).filter(|enabled| !enabled.is_absent())
    };
    let Tree::Object(fields) = instance else { return };
    if let Some(monitoring) = fields.get_mut("monitoring")
        && let Some(state) = enabled("monitoring").and_then(turned_on)
    {
        set_if_open(monitoring, "state", state);
    }
    if let Some(enclave) = fields.get_mut("enclave_options")
        && let Some(enabled) = enabled("enclave_options")
    {
        set_if_open(enclave, "enabled", enabled);
    }
}

/// A flag that the template turns on, or may turn on.
fn turned_on(flag: Tree) -> Option<Tree> {
    match flag {
        Tree::Known(Value::Bool(true)) => Some(Tree::Unknown(Why::Apply)),
        unknown @ Tree::Unknown(_) => Some(unknown),
        _ => None,
    }
}

/// What the template says of the options; the rest is left to the defaults of the region and the image.
fn metadata_options(instance: &mut Tree, template: &Template) {
    const NAME: &str = "metadata_options";
    let Some(options) = template.get(NAME) else { return };
    let Tree::Object(fields) = instance else { return };
    let own = fields.entry(NAME.to_owned()).or_insert(Tree::Unknown(Why::Default));
    if own.is_left_open() {
        let open = OPTIONS.map(|name| (name, Tree::Unknown(Why::Default)));
        *own = Tree::object(open);
        own.add(Tree::object([("state", "applied".into())]));
    }
    for name in OPTIONS {
        let option = match &options {
            Tree::Unknown(why) => Tree::Unknown(*why),
            known => match known.get(name) {
                None => continue,
                Some(option) if option.is_absent() => continue,
                Some(Tree::Unknown(_)) => Tree::Unknown(Why::Template),
                Some(option) => option,
            },
        };
        set_if_open(own, name, option);
    }
}

/// Whether tags of the template are added to those of the instance, or replaced by them, is not
/// documented.
fn tags(instance: &mut Tree, template: &Template) {
    let Some(specifications) = template.items("tag_specifications") else { return };
    let is_of_instance =
        |one: &Tree| one.get("resource_type").as_ref().and_then(Tree::as_str) == Some("instance");
    let Some(tags) = specifications.iter().find(|one| is_of_instance(one)) else { return };
    let Some(tags @ Tree::Object(_)) = tags.get("tags").map(Tree::normal) else { return };
    let Tree::Object(fields) = instance else { return };
    let own = fields.get("tags").cloned().map(Tree::normal);
    let (Some(Tree::Object(own)), Tree::Object(more)) = (own, &tags) else { return };
    if own.is_empty() {
        fields.insert("tags".to_owned(), tags);
    } else if more.keys().any(|key| !own.contains_key(key)) {
        fields.insert("tags".to_owned(), Tree::Unknown(Why::Template));
    }
}
