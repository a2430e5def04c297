//! Cases of actions on instances and on the settings of a region.

use serde_json::{Value, json};

use super::scenery::{Case, case};

fn instance(state: &str, options: Value) -> Value {
    json!({
        "instance_id": "i-0a1", "state": { "name": state }, "virtualization_type": "hvm",
        "metadata_options": options,
    })
}

fn options(tokens: &str, state: &str) -> Value {
    json!({
        "state": state, "http_tokens": tokens, "http_endpoint": "enabled",
        "http_put_response_hop_limit": 1,
    })
}

fn instances() -> Vec<Case> {
    let require =
        |title, facts| case(title, "ec2.instance.require_tokens", json!({}), "ec2.instance", facts);
    vec![
        require(
            "nothing but the tokens changes",
            instance("running", options("optional", "applied")),
        ),
        require("required already", instance("running", options("required", "applied"))),
        require("a change is pending", instance("running", options("optional", "pending"))),
        require("stopped", instance("stopped", options("optional", "applied"))),
        require(
            "stopped, and a change is applied when it starts",
            instance("stopped", options("optional", "pending")),
        ),
        require("terminated", instance("terminated", options("optional", "applied"))),
        require("no value", instance("running", json!({ "state": "applied" }))),
        case(
            "recorded value",
            "ec2.instance.make_tokens_optional",
            json!({}),
            "ec2.instance",
            instance("stopped", options("required", "applied")),
        ),
    ]
}

fn settings(name: &str, value: Value) -> Value {
    json!({ "region_name": "eu-west-1", name: value, "ebs_default_kms_key_id": { "kms_key_id": "alias/aws/ebs" } })
}

fn region(title: &'static str, action: &'static str, parameters: Value, facts: Value) -> Case {
    case(title, action, parameters, "ec2.settings", facts)
}

fn sharing() -> Vec<Case> {
    let images = |state: &str, by: &str| {
        let block = json!({ "image_block_public_access_state": state, "managed_by": by });
        settings("image_block_public_access", block)
    };
    let snapshots = |state: &str, by: &str| {
        settings("snapshot_block_public_access", json!({ "state": state, "managed_by": by }))
    };
    let block_images =
        |title, facts| region(title, "ec2.settings.block_image_sharing", json!({}), facts);
    let block_snapshots =
        |title, facts| region(title, "ec2.settings.block_snapshot_sharing", json!({}), facts);
    vec![
        block_images("unblocked", images("unblocked", "account")),
        block_images("blocked already", images("block-new-sharing", "account")),
        block_images("declarative policy", images("unblocked", "declarative-policy")),
        block_images("unknown state", images("sometimes", "account")),
        region(
            "recorded state",
            "ec2.settings.unblock_image_sharing",
            json!({}),
            images("block-new-sharing", "account"),
        ),
        block_snapshots("unblocked", snapshots("unblocked", "account")),
        block_snapshots("only new sharing is blocked", snapshots("block-new-sharing", "account")),
        block_snapshots("blocked already", snapshots("block-all-sharing", "account")),
        block_snapshots("declarative policy", snapshots("unblocked", "declarative-policy")),
        region(
            "recorded state without a block",
            "ec2.settings.set_snapshot_sharing",
            json!({ "state": "unblocked" }),
            snapshots("block-all-sharing", "account"),
        ),
        region(
            "recorded state with a block",
            "ec2.settings.set_snapshot_sharing",
            json!({ "state": "block-new-sharing" }),
            snapshots("block-all-sharing", "account"),
        ),
    ]
}

fn defaults() -> Vec<Case> {
    let encryption = |on: bool| {
        settings("ebs_encryption_by_default", json!({ "ebs_encryption_by_default": on }))
    };
    let metadata = |defaults| settings("instance_metadata_defaults", defaults);
    let require = |title, facts| region(title, "ec2.settings.require_tokens", json!({}), facts);
    vec![
        region("off", "ec2.settings.encrypt_by_default", json!({}), encryption(false)),
        region("on already", "ec2.settings.encrypt_by_default", json!({}), encryption(true)),
        region(
            "recorded value",
            "ec2.settings.stop_encrypting_by_default",
            json!({}),
            encryption(true),
        ),
        require("no default", metadata(json!({ "managed_by": "account" }))),
        require(
            "optional, and other defaults stay",
            metadata(json!({ "http_tokens": "optional", "http_put_response_hop_limit": 2 })),
        ),
        require("required already", metadata(json!({ "http_tokens": "required" }))),
        require("declarative policy", metadata(json!({ "managed_by": "declarative-policy" }))),
        require("unknown value", metadata(json!({ "http_tokens": "maybe" }))),
        region(
            "recorded: no default",
            "ec2.settings.set_tokens",
            json!({ "http_tokens": "no-preference" }),
            metadata(json!({ "http_tokens": "required", "managed_by": "account" })),
        ),
        region(
            "recorded: optional",
            "ec2.settings.set_tokens",
            json!({ "http_tokens": "optional" }),
            metadata(json!({ "http_tokens": "required", "managed_by": "account" })),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [instances(), sharing(), defaults()].concat()
}
