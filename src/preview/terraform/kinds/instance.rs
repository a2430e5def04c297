//! `ec2.instance`: `aws_instance`, with the volumes that it brings along. Much of an instance is known
//! only after the change. Its network is in `instance_network`.

use serde_json::json;

use super::common::tags_of;
use super::instance_network::{
    GROUPS, attach_interfaces, changed, changes_network, changes_primary_only, named_interfaces,
    network, primary_interface, security_groups,
};
use super::spec::Spec;
use super::user_data::inspected;
use super::volume::encryption;
use crate::facts::ec2::{instance::KIND, network_interface, volume};
use crate::preview::common::user_data::{none, unknown};
use crate::preview::item::{Launch, LaunchNetwork, PublicAddress, TemplateVersion};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, When, fields, present};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("aws_ec2_instance_metadata_options", |_| {}), Spec::new("aws_instance", instance)];

fn instance(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let address = id.0.clone();
    let is_templated = cx.is_created() && has_template(cx);
    let open = |name: &str, tree: Tree| match tree {
        Tree::Unknown(Why::Apply) if is_templated && !cx.has_argument(name) => {
            Tree::Unknown(Why::Default)
        }
        tree => tree,
    };
    let mut tree = present([
        ("instance_id", Some(id.0.as_str().into())),
        ("instance_type", Some(open("instance_type", cx.get("instance_type").text().into()))),
        ("image_id", Some(open("ami", image(cx)))),
        ("key_name", Some(key(cx))),
        ("subnet_id", Some(open("subnet_id", cx.link("subnet_id")))),
        ("iam_instance_profile", Some(open("iam_instance_profile", profile(cx)))),
        ("source_dest_check", source_dest_check(cx)),
        ("ebs_optimized", known(cx, "ebs_optimized")),
        ("monitoring", monitoring(cx)),
        ("metadata_options", metadata_options(cx)),
        ("enclave_options", enclave_options(cx)),
        ("disable_api_termination", known(cx, "disable_api_termination")),
        ("disable_api_stop", known(cx, "disable_api_stop")),
        ("user_data", user_data(cx)),
        ("tags", Some(tags_of(cx))),
    ]);
    if cx.is_created() {
        tree.add(fields([
            ("state", json!({ "name": "running" }).into()),
            ("security_groups", security_groups(cx)),
            (
                "placement",
                fields([
                    ("availability_zone", cx.get("availability_zone").text().into()),
                    ("tenancy", default_to(cx, "tenancy")),
                ]),
            ),
        ]));
        if has_only_own(cx) {
            let operator = json!({ "managed": false, "principal": null });
            tree.add(fields([
                ("instance_lifecycle", lifecycle(cx)),
                ("operator", operator.into()),
            ]));
        }
    } else {
        network(cx, &mut tree);
    }
    let is_primary = changes_primary_only(cx);
    if is_primary && changed(cx, GROUPS) {
        tree.add(fields([("security_groups", security_groups(cx))]));
    }
    cx.declare(&KIND, id, tree);
    if is_protected(cx) {
        cx.protected(&KIND, &address);
        if cx.resource.action == Action::Delete {
            return;
        }
    }
    let changes_network = changes_network(cx) && !is_primary;
    if is_primary {
        primary_interface(cx, &address);
    } else if cx.resource.action == Action::Update && changes_network {
        let interface = Tree::from(cx.get("primary_network_interface_id").text());
        let names = &["association", "groups", "private_ip_addresses", "source_dest_check"];
        cx.unknown(&network_interface::KIND, &interface, names);
    }
    volumes(cx, &address);
    let terminates = |of: Attribute<'_>| {
        let blocks = ["root_block_device", "ebs_block_device"].map(|name| of.get(name).items());
        let blocks: Vec<Attribute<'_>> = blocks.into_iter().flatten().flatten().collect();
        blocks.iter().map(|block| block.get("delete_on_termination").raw().clone()).collect()
    };
    let (before, after): (Vec<_>, Vec<_>) =
        (terminates(cx.resource.before()), terminates(cx.resource.after()));
    if cx.resource.action == Action::Update && before != after {
        let id = Tree::from(address.as_str());
        cx.unknown(&KIND, &id, &["block_device_mappings"]);
    }
    if cx.is_created() {
        attach_interfaces(cx, &address);
        let launch = launch(cx);
        cx.launched(&KIND, &address, launch);
    }
    if cx.resource.action != Action::Update || changes_network {
        cx.brings("ec2.network_interface", Why::NotConverted);
    }
    if cx.resource.action != Action::Update && !has_all_volumes(cx) {
        cx.brings("ec2.volume", Why::NotConverted);
    }
}

/// Whether it is deleted, but has termination protection, which the provider only turns off if the state
/// has `force_destroy`. Before version 6, which has the argument, it always turns it off.
fn is_protected(cx: &Converter<'_>) -> bool {
    const FORCE: &str = "force_destroy";
    cx.when == When::Before
        && matches!(cx.resource.action, Action::Delete | Action::Replace)
        && cx.attributes().names().contains(FORCE)
        && cx.get(FORCE).flag().is_ok_and(|on| on != Some(true))
        && cx.get("disable_api_termination").flag() == Ok(Some(true))
}

/// Whether a launch template can set what the instance does not.
fn has_template(cx: &Converter<'_>) -> bool {
    !cx.get("launch_template").is_empty()
}

/// Whether a new instance has nothing that it does not set itself.
fn has_only_own(cx: &Converter<'_>) -> bool {
    cx.is_created() && !has_template(cx)
}

/// What a new instance without a launch template is bought as: On-Demand, unless it has market options.
fn lifecycle(cx: &Converter<'_>) -> Tree {
    const OPTIONS: &str = "instance_market_options";
    let options = cx.get(OPTIONS);
    let is_left_out = options.is_unknown() && !cx.has_argument(OPTIONS) && cx.has_configuration();
    match options.is_empty() || is_left_out {
        true => ABSENT,
        false => options.block_tree(|block| block.get("market_type").text().into()),
    }
}

/// The version of the launch template that the instance, or a group of instances, uses.
pub(super) fn template(cx: &Converter<'_>) -> TemplateVersion {
    let block = cx.get("launch_template").block().ok().flatten();
    let block = block.unwrap_or_else(Attribute::none);
    let link = |name: &str| {
        let argument = format!("launch_template.0.{name}");
        let link = cx.link_at(&argument, block.get(name), &[name]);
        link.as_str().map(str::to_owned)
    };
    let version = match block.get("version").text() {
        Ok(version) => Some(version.unwrap_or("$Default").to_owned()),
        // Every change of a template makes a version.
        Err(_) => match cx.referred_attribute("launch_template.0.version").as_deref() {
            Some("latest_version") => Some("$Latest".to_owned()),
            Some("default_version") => Some("$Default".to_owned()),
            _ => None,
        },
    };
    TemplateVersion { template: link("id").or_else(|| link("name")), version }
}

/// The image, unless a parameter names it.
fn image(cx: &Converter<'_>) -> Tree {
    match cx.link("ami") {
        image if image.as_str().is_some_and(|id| id.starts_with("resolve:")) => {
            Tree::Unknown(Why::Apply)
        }
        image => image,
    }
}

/// What the plan says of the launch of a new instance besides its settings.
fn launch(cx: &Converter<'_>) -> Launch {
    const BLOCKS: [&str; 3] = ["root_block_device", "ebs_block_device", "ephemeral_block_device"];
    // Blocks that are not configured are computed from what AWS returns.
    let is_configured = |name: &str| cx.get(name).is_set() || cx.has_argument(name);
    let is_open = |name: &&str| cx.get(name).is_unknown() && cx.has_argument(name);
    let has_own_devices = match BLOCKS.iter().any(is_open) {
        true => None,
        false => Some(BLOCKS.iter().any(|name| is_configured(name))),
    };
    let ephemeral = cx.get("ephemeral_block_device").items().unwrap_or_default();
    let device =
        |block: &Attribute<'_>| block.get("device_name").text().ok().flatten().map(str::to_owned);
    let public_address = match cx.get("associate_public_ip_address").flag() {
        Ok(Some(public)) => PublicAddress::Set(public),
        Ok(None) => PublicAddress::NotSet,
        Err(_) if cx.has_argument("associate_public_ip_address") => PublicAddress::Unknown,
        Err(_) => PublicAddress::NotSet,
    };
    let any = |names: &[&str]| names.iter().any(|name| is_configured(name));
    Launch {
        template: has_template(cx).then(|| template(cx)),
        has_own_devices,
        without_volume: ephemeral.iter().filter_map(device).collect(),
        network: LaunchNetwork {
            is_attached: any(&[
                "network_interface",
                "primary_network_interface",
                "secondary_network_interface",
            ]),
            interfaces: named_interfaces(cx),
            sets_subnet: is_configured("subnet_id"),
            sets_groups: any(&[GROUPS, "security_groups"]),
            sets_addresses: any(&[
                "private_ip",
                "secondary_private_ips",
                "ipv6_addresses",
                "ipv6_address_count",
                "enable_primary_ipv6",
            ]),
            public_address,
        },
    }
}

/// A setting that is not known if it is computed and not set.
fn default_to(cx: &Converter<'_>, name: &str) -> Tree {
    match cx.get(name).text() {
        Ok(None) | Err(Why::Apply) if !cx.has_argument(name) => Tree::Unknown(Why::Default),
        other => other.into(),
    }
}

/// A flag; one that is not set is off, or has AWS's default, which depends on the instance type.
fn known(cx: &Converter<'_>, name: &str) -> Option<Tree> {
    let value = cx.get(name);
    match value.flag() {
        Ok(Some(value)) => Some(value.into()),
        _ if !cx.has_argument(name) && !cx.is_created() => None,
        Ok(None) | Err(Why::Apply)
            if !cx.has_argument(name) && name != "ebs_optimized" && has_only_own(cx) =>
        {
            Some(false.into())
        }
        _ if !cx.has_argument(name) => Some(Tree::Default(false.into())),
        other => Some(other.into()),
    }
}

fn key(cx: &Converter<'_>) -> Tree {
    let value = cx.get("key_name");
    match value.is_unknown() && !cx.has_argument("key_name") {
        true if has_only_own(cx) => ABSENT,
        true => Tree::Unknown(Why::Default),
        false => value.text().into(),
    }
}

fn profile(cx: &Converter<'_>) -> Tree {
    let profile = cx.get("iam_instance_profile");
    let some = || fields([("arn", Tree::Unknown(Why::Apply)), ("id", Tree::Unknown(Why::Apply))]);
    match profile.text() {
        Ok(Some(_)) => some(),
        Ok(None) => ABSENT,
        Err(Why::Apply) if !cx.has_argument("iam_instance_profile") && has_only_own(cx) => ABSENT,
        // A launch template or somebody else can set one.
        Err(_) if !cx.has_argument("iam_instance_profile") => Tree::Unknown(Why::Apply),
        // The name of a profile that the plan creates.
        Err(why) => match cx.referred("iam_instance_profile", &["id", "name"]) {
            Some(_) => some(),
            None => Tree::Unknown(why),
        },
    }
}

fn source_dest_check(cx: &Converter<'_>) -> Option<Tree> {
    let value = cx.get("source_dest_check").flag();
    match value {
        Ok(None) if !cx.is_created() => None,
        other => Some(other.map(|on| on.unwrap_or(true)).into()),
    }
}

fn monitoring(cx: &Converter<'_>) -> Option<Tree> {
    let state = known(cx, "monitoring")?;
    let state = match state {
        Tree::Known(value) => Tree::from(if value == json!(true) { "enabled" } else { "disabled" }),
        Tree::Default(_) => Tree::Default("disabled".into()),
        other => other,
    };
    Some(fields([("state", state)]))
}

fn metadata_options(cx: &Converter<'_>) -> Option<Tree> {
    let block = cx.get("metadata_options");
    // The options of the launch template apply, then the region's and the image's defaults.
    let left_open = Why::Default;
    let is_left_open = |block: Attribute<'_>, name: &str| {
        let option = block.get(name);
        option.is_unknown() && cx.is_left_out(&format!("metadata_options.0.{name}"))
            || option.why().is_none() && option.is_empty()
    };
    let text = |block: Attribute<'_>, name: &str| match is_left_open(block, name) {
        true => Tree::Unknown(left_open),
        false => block.get(name).text().into(),
    };
    let number = |block: Attribute<'_>, name: &str| match is_left_open(block, name) {
        true => Tree::Unknown(left_open),
        false => block.get(name).number().into(),
    };
    let of = |own: Attribute<'_>| {
        // The provider sends the other options only together with an endpoint that is enabled.
        let before = cx.resource.before().get("metadata_options").block().ok().flatten();
        let is_off = own.get("http_endpoint").text() == Ok(Some("disabled"));
        let is_kept = is_off && cx.resource.action == Action::Update;
        let block = before.filter(|_| is_kept).unwrap_or(own);
        let mut tree = fields([
            ("http_tokens", text(block, "http_tokens")),
            ("http_endpoint", text(own, "http_endpoint")),
            ("http_put_response_hop_limit", number(block, "http_put_response_hop_limit")),
            ("http_protocol_ipv6", text(block, "http_protocol_ipv6")),
            ("instance_metadata_tags", text(block, "instance_metadata_tags")),
        ]);
        if cx.resource.is_changed() && cx.when == When::After {
            tree.add(fields([("state", "applied".into())]));
        }
        tree
    };
    if block.is_set() {
        return Some(block.block_tree(of));
    }
    (cx.is_created() || block.is_unknown()).then(|| Tree::Unknown(left_open))
}

fn enclave_options(cx: &Converter<'_>) -> Option<Tree> {
    let block = cx.get("enclave_options");
    if block.is_set() {
        let enabled = |block: Attribute<'_>| {
            fields([("enabled", block.get("enabled").flag().map(|on| on.unwrap_or(false)).into())])
        };
        return Some(block.block_tree(enabled));
    }
    cx.is_created().then(|| fields([("enabled", Tree::Default(false.into()))]))
}

/// What is known of the user data, which is in one of two attributes.
fn user_data(cx: &Converter<'_>) -> Option<Tree> {
    const NAMES: [&str; 2] = ["user_data", "user_data_base64"];
    // An attribute that is not configured is computed.
    let is_open = |name: &&&str| match cx.get(name).why() {
        Some(Why::Apply) => cx.has_argument(name),
        why => why.is_some(),
    };
    let set = NAMES.iter().find(|name| cx.get(name).is_set());
    let name = set.or_else(|| NAMES.iter().find(is_open));
    match (cx.is_created(), name) {
        (true, Some(name)) => Some(inspected(cx, name)),
        (true, None) if has_template(cx) => Some(Tree::Unknown(Why::Default)),
        (true, None) => Some(none()),
        (false, name) if cx.when == When::After && NAMES.iter().any(|name| changed(cx, name)) => {
            match name {
                Some(name) => changed(cx, name).then(|| inspected(cx, name)),
                // Whether the provider removes it depends on its version.
                None => Some(unknown(Why::NotConverted)),
            }
        }
        _ => None,
    }
}

/// Volumes in blocks of the instance, and the root volume, which has none if its settings are those of
/// the image.
fn volumes(cx: &mut Converter<'_>, instance: &str) {
    for name in ["root_block_device", "ebs_block_device"] {
        let blocks = match cx.get(name).items() {
            Ok(blocks) if !blocks.is_empty() => blocks,
            Ok(_) | Err(Why::Apply) if name == "root_block_device" && cx.is_created() => {
                vec![Attribute::none()]
            }
            _ => continue,
        };
        for (index, block) in blocks.into_iter().enumerate() {
            volume_of(cx, instance, (name, index), block);
        }
    }
}

fn volume_of(
    cx: &mut Converter<'_>,
    instance: &str,
    (name, index): (&str, usize),
    block: Attribute<'_>,
) {
    let mut tree = Tree::Object(Default::default());
    for (argument, field) in
        [("volume_size", "size"), ("iops", "iops"), ("throughput", "throughput")]
    {
        // What is not set has the default of the image or of the type.
        tree.add(match block.get(argument).positive() {
            Ok(None) if cx.is_created() => one(field, Tree::Unknown(Why::Default)),
            other => one(field, other.into()),
        });
    }
    tree.add(match block.get("volume_type").text() {
        Ok(None) if cx.is_created() => one("volume_type", Tree::Unknown(Why::Default)),
        other => one("volume_type", other.into()),
    });
    if let Some(tags) = volume_tags(cx, block) {
        tree.add(one("tags", tags));
    }
    if let Ok(Some(id)) = block.get("volume_id").text() {
        let id = id.to_owned();
        // What a deleted instance leaves of its volumes follows from the snapshot.
        if matches!(cx.resource.action, Action::Delete | Action::Replace) {
            return cx.set(&volume::KIND, Target::Id(id), &[], fields([]));
        }
        let on_termination = block.get("delete_on_termination").flag();
        let attachment = fields([
            ("instance_id", instance.into()),
            ("delete_on_termination", on_termination.map(|on| on.unwrap_or(true)).into()),
        ]);
        tree.add(one("attachments", Tree::List(vec![attachment])));
        return cx.set(&volume::KIND, Target::Id(id), &[], tree);
    }
    if !cx.is_created() {
        return;
    }
    // Without a block, it is what the image says; in one, the provider's default is `true`.
    let on_termination = match block.get("delete_on_termination").flag() {
        _ if block.is_empty() => Tree::Unknown(Why::Default),
        other => other.map(|on| on.unwrap_or(true)).into(),
    };
    let attachment = fields([
        ("instance_id", instance.into()),
        ("device", block.get("device_name").text().into()),
        ("state", "attached".into()),
        ("delete_on_termination", on_termination),
    ]);
    tree.add(encryption(cx, block));
    // Without one of its own, a device has the snapshot that the image has for it.
    if !block.get("snapshot_id").is_set() {
        tree.add(fields([("snapshot_id", Tree::Unknown(Why::Apply))]));
    }
    let id = format!("{}.{name}[{index}]", cx.resource.address);
    tree.add(fields([
        ("volume_id", id.as_str().into()),
        ("state", "in-use".into()),
        ("attachments", Tree::List(vec![attachment])),
        ("multi_attach_enabled", false.into()),
    ]));
    cx.declare(&volume::KIND, (id, true), tree);
}

/// The tags of a volume: those for all volumes of the instance, or those of its block.
fn volume_tags(cx: &Converter<'_>, block: Attribute<'_>) -> Option<Tree> {
    let for_all = cx.get("volume_tags");
    if for_all.is_set() || for_all.why().is_some() && cx.has_argument("volume_tags") {
        return Some(for_all.tags());
    }
    let (all, own) = (block.get("tags_all"), block.get("tags"));
    let tags = match (all.is_set(), own.is_empty()) {
        (true, _) => all.tags(),
        (false, false) if !cx.has_default_tags() => own.tags(),
        (false, true) if !cx.has_default_tags() => Tree::Object(Default::default()),
        // Whether the default ones are added depends on the version of the provider.
        _ if cx.is_created() => return None,
        _ if all.is_unknown() => Tree::Unknown(Why::Apply),
        _ => own.tags(),
    };
    // A launch template can have tags for volumes.
    (!cx.is_created() || !has_template(cx)).then_some(tags)
}

fn one(name: &str, tree: Tree) -> Tree {
    Tree::Object([(name.to_owned(), tree)].into())
}

/// Whether the plan has all volumes of an instance that it creates or deletes.
fn has_all_volumes(cx: &Converter<'_>) -> bool {
    // If the configuration has no further devices, the image can have some.
    let (root, others) = (cx.get("root_block_device"), cx.get("ebs_block_device"));
    cx.when == When::Before || root.is_set() && !others.is_unknown()
}
