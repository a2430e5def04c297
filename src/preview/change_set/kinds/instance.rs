//! `ec2.instance`. Its interfaces and its volumes are in `instance_network` and `instance_volumes`.

use serde_json::json;

use super::common::has_template;
use super::instance_network::{launch_network, network};
use super::instance_volumes::{has_own_devices, volumes, without_volume};
use super::spec::Spec;
use crate::facts::ec2::instance::KIND;
use crate::preview::change_set::converter::{Change, Converter, converted, flag, number, text};
use crate::preview::common::user_data;
use crate::preview::item::{Launch, TemplateVersion};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::Instance", "ec2.instance", instance).with(&[
    "AdditionalInfo",
    "Affinity",
    "AvailabilityZone",
    "BlockDeviceMappings",
    "CpuOptions",
    "CreditSpecification",
    "DisableApiTermination",
    "EbsOptimized",
    "ElasticGpuSpecifications",
    "ElasticInferenceAccelerators",
    "EnclaveOptions",
    "HibernationOptions",
    "HostId",
    "HostResourceGroupArn",
    "IamInstanceProfile",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceType",
    "Ipv6AddressCount",
    "Ipv6Addresses",
    "KernelId",
    "KeyName",
    "LaunchTemplate",
    "LicenseSpecifications",
    "MetadataOptions",
    "Monitoring",
    "NetworkInterfaces",
    "PlacementGroupName",
    "PrivateDnsNameOptions",
    "PrivateIpAddress",
    "PropagateTagsToVolumeOnCreation",
    "RamdiskId",
    "SecurityGroupIds",
    "SecurityGroups",
    "SourceDestCheck",
    "SsmAssociations",
    "SubnetId",
    "Tags",
    "Tenancy",
    "UserData",
    "Volumes",
])];

fn instance(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let address = id.0.clone();
    let mut tree = Tree::object([]);
    settings(cx, &mut tree);
    placement(cx, &mut tree);
    metadata_options(cx, &mut tree);
    network(cx, &mut tree);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("instance_id", id.0.as_str().into()),
            ("state", json!({ "name": "running" }).into()),
            // No property sets it.
            ("disable_api_stop", unless_template(cx, false)),
        ]));
    }
    cx.declare(&KIND, id, tree);
    volumes(cx, &address);
    if cx.is_created() {
        let launch = Launch {
            template: has_template(cx).then(|| template(cx)),
            has_own_devices: has_own_devices(cx),
            without_volume: without_volume(cx),
            network: launch_network(cx),
        };
        cx.launched(&KIND, &address, launch);
        cx.brings("ec2.instance_type");
    }
    if cx.is_created() || cx.is_deleted() {
        cx.brings("ec2.network_interface");
    }
}

/// The version of the launch template that the instance uses.
fn template(cx: &Converter<'_>) -> TemplateVersion {
    let block = cx.get("LaunchTemplate");
    let text = |name: &str| block.get(name).text().ok().flatten().map(str::to_owned);
    TemplateVersion {
        template: text("LaunchTemplateId").or_else(|| text("LaunchTemplateName")),
        version: text("Version"),
    }
}

/// A documented default, unless a launch template can set something else.
fn unless_template(cx: &Converter<'_>, value: impl Into<serde_json::Value>) -> Tree {
    let value = value.into();
    if has_template(cx) { Tree::Default(value) } else { Tree::Known(value) }
}

fn settings(cx: &Converter<'_>, tree: &mut Tree) {
    // What neither the instance nor a launch template sets is not there.
    let nothing = || if has_template(cx) { Tree::Unknown(Why::Default) } else { ABSENT };
    let by_default = || Tree::Unknown(Why::Default);
    cx.put(tree, ("InstanceType", "instance_type"), by_default(), text);
    cx.put(tree, ("ImageId", "image_id"), by_default(), image);
    cx.put(tree, ("KeyName", "key_name"), nothing(), text);
    cx.put(tree, ("IamInstanceProfile", "iam_instance_profile"), nothing(), |_| {
        Tree::object([("arn", Tree::Unknown(Why::Apply)), ("id", Tree::Unknown(Why::Apply))])
    });
    let of = |value: Attribute<'_>| Tree::from(flag(value));
    let protected = unless_template(cx, false);
    cx.put(tree, ("DisableApiTermination", "disable_api_termination"), protected, of);
    // The default depends on the instance type.
    cx.put(tree, ("EbsOptimized", "ebs_optimized"), Tree::Default(false.into()), of);
    let basic = Tree::object([("state", unless_template(cx, "disabled"))]);
    cx.put(tree, ("Monitoring", "monitoring"), basic, |value| {
        let state = flag(value).map(|on| if on == Some(true) { "enabled" } else { "disabled" });
        Tree::object([("state", state.into())])
    });
    let disabled = Tree::object([("enabled", unless_template(cx, false))]);
    cx.put(tree, ("EnclaveOptions", "enclave_options"), disabled, |block| {
        Tree::object([("enabled", flag(block.get("Enabled")).map(|on| on.unwrap_or(false)).into())])
    });
    let no_data = match has_template(cx) {
        true => by_default(),
        false => user_data::none(),
    };
    cx.put(tree, ("UserData", "user_data"), no_data, |_| {
        user_data::not_inspected(Why::NotConverted)
    });
}

/// The image, unless a parameter names it.
pub(super) fn image(image: Attribute<'_>) -> Tree {
    match text(image) {
        image if image.as_str().is_some_and(|id| id.starts_with("resolve:")) => {
            Tree::Unknown(Why::Apply)
        }
        image => image,
    }
}

fn placement(cx: &Converter<'_>, tree: &mut Tree) {
    let mut placement = Tree::object([]);
    for (property, field) in [("AvailabilityZone", "availability_zone"), ("Tenancy", "tenancy")] {
        cx.put(&mut placement, (property, field), Tree::Unknown(Why::Default), text);
    }
    // A host, or a group of hosts, implies a tenancy.
    if cx.get("Tenancy").is_empty()
        && ["Affinity", "HostId", "HostResourceGroupArn"]
            .iter()
            .any(|name| !cx.get(name).is_empty())
        && cx.is_created()
    {
        placement.add(Tree::object([("tenancy", Tree::Unknown(Why::Apply))]));
    }
    if placement != Tree::object([]) {
        tree.add(Tree::object([("placement", placement)]));
    }
}

/// The options of the metadata service, which are changed separately.
const OPTIONS: [(&str, &str); 5] = [
    ("HttpTokens", "http_tokens"),
    ("HttpEndpoint", "http_endpoint"),
    ("HttpPutResponseHopLimit", "http_put_response_hop_limit"),
    ("HttpProtocolIpv6", "http_protocol_ipv6"),
    ("InstanceMetadataTags", "instance_metadata_tags"),
];

fn metadata_options(cx: &Converter<'_>, tree: &mut Tree) {
    const PROPERTY: &str = "MetadataOptions";
    let options = match cx.change(PROPERTY) {
        Change::None => return,
        // The launch template, the region or the image decides.
        Change::NotSet => Tree::Unknown(Why::Default),
        Change::Removed => Tree::Unknown(Why::Apply),
        Change::Set(block) => converted(block, |block| {
            let before = cx.contexts.1.properties().get(PROPERTY);
            options_of(block, (!cx.is_created()).then_some(before))
        }),
    };
    tree.add(Tree::object([("metadata_options", options)]));
}

/// The options in a block; `before` is the block that it changes.
fn options_of(block: Attribute<'_>, before: Option<Attribute<'_>>) -> Tree {
    let mut options = Tree::object([("state", "applied".into())]);
    for (property, field) in OPTIONS {
        let value = block.get(property);
        let old = before.map(|before| before.get(property));
        let is_same =
            |old: Attribute<'_>| old.is_known() && value.is_known() && old.raw() == value.raw();
        let option = match old {
            Some(old) if is_same(old) || old.is_empty() && value.is_empty() => continue,
            // What an option is after it is removed is not documented.
            Some(_) if value.is_empty() => Tree::Unknown(Why::Apply),
            None if value.is_empty() => Tree::Unknown(Why::Default),
            _ if property == "HttpPutResponseHopLimit" => number(value),
            _ => text(value),
        };
        options.add(Tree::Object([(field.to_owned(), option)].into()));
    }
    options
}
