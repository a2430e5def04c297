//! The network of `ec2.instance`: its subnet, its security groups, and the interface that EC2 creates.

use super::common;
use crate::facts::ec2::network_interface;
use crate::preview::change_set::converter::{Change, Converter, flag, text};
use crate::preview::item::{LaunchNetwork, PublicAddress};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

const INTERFACES: &str = "NetworkInterfaces";
const GROUPS: &str = "SecurityGroupIds";

/// Adds what an instance says of its network.
pub(super) fn network(cx: &mut Converter<'_>, tree: &mut Tree) {
    if cx.is_created() {
        let primary = primary(cx);
        tree.add(Tree::object([
            ("subnet_id", subnet(cx, primary)),
            ("security_groups", groups(cx, primary)),
            ("source_dest_check", source_dest_check(cx, primary)),
        ]));
    } else {
        let check = |value: Attribute<'_>| flag(value).into();
        cx.put(tree, ("SourceDestCheck", "source_dest_check"), true.into(), check);
        let changes_check = !matches!(cx.change("SourceDestCheck"), Change::None);
        changed_groups(cx, tree);
        if changes_check {
            hide_interfaces(cx, &["source_dest_check"], tree);
        }
    }
    if cx.is_created() || cx.is_deleted() {
        let property = "NetworkInterfaces.NetworkInterfaceId";
        cx.hide_named(&network_interface::KIND, property, &["attachment", "status"]);
    }
}

/// The first interface, if the instance describes its interfaces: `Err` if it is not known which one that
/// is.
fn primary<'c>(cx: &Converter<'c>) -> Result<Option<Attribute<'c>>, Why> {
    let interfaces = cx.get(INTERFACES).items()?;
    if interfaces.is_empty() {
        return Ok(None);
    }
    let is_first = |one: &&Attribute<'_>| one.get("DeviceIndex").number() == Ok(Some(0));
    interfaces.iter().find(is_first).copied().map(Some).ok_or(Why::Apply)
}

/// Whether an interface is one that exists, or that is described elsewhere.
fn is_other(interface: Attribute<'_>) -> bool {
    !interface.get("NetworkInterfaceId").is_empty()
}

type Primary<'c> = Result<Option<Attribute<'c>>, Why>;

fn subnet(cx: &Converter<'_>, primary: Primary<'_>) -> Tree {
    let own = cx.get("SubnetId");
    let set = |subnet: Attribute<'_>| {
        // A launch template, or the default VPC.
        if subnet.is_empty() { Tree::Unknown(Why::Default) } else { text(subnet) }
    };
    match primary {
        Err(why) => Tree::Unknown(why),
        Ok(Some(interface)) if is_other(interface) => Tree::Unknown(Why::Apply),
        Ok(Some(interface)) if own.is_empty() => set(interface.get("SubnetId")),
        Ok(_) => set(own),
    }
}

fn groups(cx: &Converter<'_>, primary: Primary<'_>) -> Tree {
    let own = cx.get(GROUPS);
    let named = !cx.get("SecurityGroups").is_empty();
    match primary {
        Err(why) => Tree::Unknown(why),
        Ok(Some(interface)) if is_other(interface) => Tree::Unknown(Why::Apply),
        // Names can be those of groups in the default VPC only.
        Ok(_) if named => Tree::Unknown(Why::Apply),
        Ok(Some(interface)) if own.is_empty() => common::groups(interface.get("GroupSet")),
        Ok(_) => common::groups(own),
    }
}

/// An interface that is described elsewhere has a setting of its own.
fn source_dest_check(cx: &Converter<'_>, primary: Primary<'_>) -> Tree {
    let own = cx.get("SourceDestCheck");
    match (own.is_empty(), primary) {
        (false, _) => flag(own).into(),
        (true, Ok(interface)) if !interface.is_some_and(is_other) => true.into(),
        _ => Tree::Unknown(Why::Apply),
    }
}

/// The groups of the only interface of an instance that exists.
fn changed_groups(cx: &mut Converter<'_>, tree: &mut Tree) {
    let (own, other) = (cx.get(GROUPS), cx.contexts.1.properties().get(GROUPS));
    let is_same = own.is_known() && other.is_known() && own.raw() == other.raw();
    if is_same || own.is_empty() && other.is_empty() {
        return;
    }
    if cx.is_after || cx.is_before_update() {
        let known = |list: Attribute<'_>| list.is_known() && !list.is_empty();
        let groups = match known(own) && known(other) {
            true => common::groups(own),
            false => Tree::Unknown(Why::Apply),
        };
        tree.add(Tree::object([("security_groups", groups)]));
    }
    hide_interfaces(cx, &["groups"], tree);
}

/// What changes of the interfaces of an instance that exists is not known, as their ids are not.
fn hide_interfaces(cx: &mut Converter<'_>, fields: &[&str], tree: &mut Tree) {
    if !cx.is_after {
        return;
    }
    tree.add(Tree::object([("network_interfaces", Tree::Unknown(Why::NotConverted))]));
    if let Some(id) = cx.resource.physical_id.clone() {
        cx.hide(&network_interface::KIND, Some(&id), fields);
    }
}

/// What a new instance says of the interface that EC2 creates.
pub(super) fn launch_network(cx: &Converter<'_>) -> LaunchNetwork {
    let interfaces = cx.get(INTERFACES).items();
    let inline = match interfaces.as_deref() {
        Ok([]) => None,
        // How it is combined with those of a launch template is not documented.
        Ok([one]) if !is_other(*one) && !common::has_template(cx) => Some(*one),
        _ => return elsewhere(),
    };
    let is_first = |one: Attribute<'_>| one.get("DeviceIndex").number() == Ok(Some(0));
    let has_carrier = |one: Attribute<'_>| !one.get("AssociateCarrierIpAddress").is_empty();
    if inline.is_some_and(|one| !is_first(one) || has_carrier(one)) {
        return elsewhere();
    }
    let sets = |names: &[&str]| {
        let is_set = |of: Attribute<'_>, name: &str| !of.get(name).is_empty();
        names.iter().any(|name| {
            is_set(cx.properties(), name) || inline.is_some_and(|one| is_set(one, name))
        })
    };
    let public = inline.map(|one| flag(one.get("AssociatePublicIpAddress")));
    LaunchNetwork {
        is_attached: false,
        interfaces: Some(0),
        sets_subnet: sets(&["SubnetId"]),
        sets_groups: sets(&[GROUPS, "SecurityGroups", "GroupSet"]),
        sets_addresses: sets(&[
            "Ipv6AddressCount",
            "Ipv6Addresses",
            "PrivateIpAddress",
            "PrivateIpAddresses",
            "SecondaryPrivateIpAddressCount",
        ]),
        public_address: match public {
            None | Some(Ok(None)) => PublicAddress::NotSet,
            Some(Ok(Some(public))) => PublicAddress::Set(public),
            Some(Err(_)) => PublicAddress::Unknown,
        },
    }
}

/// The interfaces are not what EC2 creates by itself.
fn elsewhere() -> LaunchNetwork {
    LaunchNetwork {
        is_attached: true,
        interfaces: None,
        sets_subnet: false,
        sets_groups: false,
        sets_addresses: false,
        public_address: PublicAddress::Unknown,
    }
}
