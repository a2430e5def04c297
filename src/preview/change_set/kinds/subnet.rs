//! `ec2.subnet`.

use super::spec::Spec;
use crate::facts::ec2::subnet::KIND;
use crate::preview::change_set::converter::{Converter, flag, text};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::Subnet", "ec2.subnet", subnet)];

fn subnet(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let by_default = || Tree::Unknown(Why::Default);
    for (property, field) in [
        ("VpcId", "vpc_id"),
        // From a pool, or by the id of the zone.
        ("CidrBlock", "cidr_block"),
        ("AvailabilityZone", "availability_zone"),
    ] {
        cx.put(&mut tree, (property, field), by_default(), text);
    }
    for (property, field) in [
        ("MapPublicIpOnLaunch", "map_public_ip_on_launch"),
        ("AssignIpv6AddressOnCreation", "assign_ipv6_address_on_creation"),
        ("Ipv6Native", "ipv6_native"),
        ("EnableDns64", "enable_dns64"),
    ] {
        cx.put(&mut tree, (property, field), false.into(), |value| flag(value).into());
    }
    let ranges = "ipv6_cidr_block_association_set";
    let is_set = |name: &str| !cx.get(name).is_empty();
    for property in ["Ipv6CidrBlock", "Ipv6IpamPoolId"] {
        let has_any = is_set("Ipv6CidrBlock") || is_set("Ipv6IpamPoolId");
        let unknown = || Tree::Unknown(Why::NotConverted);
        let default = if has_any { unknown() } else { Tree::List(Vec::new()) };
        cx.put(&mut tree, (property, ranges), default, |_| unknown());
    }
    cx.put(
        &mut tree,
        ("PrivateDnsNameOptionsOnLaunch", "private_dns_name_options_on_launch"),
        Tree::Unknown(Why::Apply),
        |_| Tree::Unknown(Why::NotConverted),
    );
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("subnet_id", id.0.as_str().into()),
            ("owner_id", cx.location.account.as_str().into()),
            ("state", "available".into()),
            ("default_for_az", false.into()),
        ]));
    }
    cx.declare(&KIND, id, tree);
}
