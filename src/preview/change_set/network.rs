//! Types of EC2.

use serde_json::json;

use super::converter::Converter;
use crate::facts::ec2::{
    security_group, subnet as subnet_kind, transit_gateway as gateway, volume as volume_kind,
};
use crate::preview::permissions::{Single, Source, single};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

const INGRESS: &str = "ip_permissions";
const EGRESS: &str = "ip_permissions_egress";

/// A security group with its rules.
pub fn group(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([
        ("group_id", id.0.as_str().into()),
        ("description", cx.get("GroupDescription").text().into()),
        ("owner_id", cx.location.account.as_str().into()),
        ("tags", cx.tags("Tags")),
    ]);
    for (property, field) in [("SecurityGroupIngress", INGRESS), ("SecurityGroupEgress", EGRESS)] {
        let rules = cx.get(property);
        let is_default = property == "SecurityGroupEgress" && rules.is_empty();
        if is_default && cx.is_created() {
            // Without rules, AWS allows all outbound traffic.
            let rule = Single {
                protocol: "-1".into(),
                from: Tree::Known(json!(null)),
                to: Tree::Known(json!(null)),
                source: Source::Ipv4("0.0.0.0/0".into()),
                description: Tree::Known(json!(null)),
            };
            tree.add(Tree::object([(EGRESS, Tree::List(vec![single(&rule)]))]));
        } else if !is_default {
            let account = cx.location.account.as_str();
            let list = rules.list_tree(|rule| single(&rule_of(rule, account)));
            tree.add(Tree::Object([(field.to_owned(), list)].into()));
        }
    }
    let vpc = cx.get("VpcId");
    let vpc = if vpc.is_empty() { Tree::Unknown(Why::Default) } else { vpc.text().into() };
    tree.add(Tree::object([("vpc_id", vpc)]));
    let name = cx.get("GroupName");
    // A name that is not set is generated.
    let name = if name.is_empty() { Tree::Unknown(Why::Apply) } else { name.text().into() };
    if cx.is_created() || name.is_known() {
        tree.add(Tree::object([("group_name", name)]));
    }
    cx.declare(&security_group::KIND, id, tree);
}

fn rule_of(rule: Attribute<'_>, account: &str) -> Single {
    let uses = |name: &str| !rule.get(name).is_empty();
    let text = |name: &str| Tree::from(rule.get(name).text());
    let group = |id: &str, user: &str| {
        let owner = rule.get(user);
        let user = if owner.is_empty() { account.into() } else { owner.text().into() };
        Source::Group { id: text(id), user }
    };
    let source = if uses("CidrIp") {
        Source::Ipv4(text("CidrIp"))
    } else if uses("CidrIpv6") {
        Source::Ipv6(text("CidrIpv6"))
    } else if uses("SourcePrefixListId") {
        Source::PrefixList(text("SourcePrefixListId"))
    } else if uses("DestinationPrefixListId") {
        Source::PrefixList(text("DestinationPrefixListId"))
    } else if uses("SourceSecurityGroupId") {
        group("SourceSecurityGroupId", "SourceSecurityGroupOwnerId")
    } else if uses("DestinationSecurityGroupId") {
        group("DestinationSecurityGroupId", "-")
    } else {
        Source::Ipv4(Tree::Unknown(Why::NotConverted))
    };
    Single {
        protocol: text("IpProtocol"),
        from: rule.get("FromPort").number().into(),
        to: rule.get("ToPort").number().into(),
        source,
        description: text("Description"),
    }
}

/// An inbound rule as a resource.
pub fn ingress(cx: &mut Converter<'_>) {
    one_rule(cx, INGRESS);
}

/// An outbound rule as a resource.
pub fn egress(cx: &mut Converter<'_>) {
    one_rule(cx, EGRESS);
}

fn one_rule(cx: &mut Converter<'_>, field: &'static str) {
    let rule = single(&rule_of(cx.properties, cx.location.account.as_str()));
    let tree = Tree::Object([(field.to_owned(), Tree::List(vec![rule]))].into());
    let properties = cx.properties;
    cx.set(&security_group::KIND, properties.get("GroupId"), &[INGRESS, EGRESS], tree);
}

/// A subnet.
pub fn subnet(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let flag = |name: &str| Tree::from(cx.get(name).flag().map(|on| on.unwrap_or(false)));
    let mut tree = Tree::object([
        ("subnet_id", id.0.as_str().into()),
        ("vpc_id", cx.get("VpcId").text().into()),
        ("owner_id", cx.location.account.as_str().into()),
        ("cidr_block", cx.get("CidrBlock").text().into()),
        ("map_public_ip_on_launch", flag("MapPublicIpOnLaunch")),
        ("assign_ipv6_address_on_creation", flag("AssignIpv6AddressOnCreation")),
        ("ipv6_native", flag("Ipv6Native")),
        ("enable_dns64", flag("EnableDns64")),
        ("tags", cx.tags("Tags")),
    ]);
    if cx.is_created() {
        let ipv6 = cx.get("Ipv6CidrBlock");
        let ranges =
            if ipv6.is_empty() { Tree::List(Vec::new()) } else { Tree::Unknown(Why::NotConverted) };
        tree.add(Tree::object([
            ("state", "available".into()),
            ("default_for_az", false.into()),
            ("ipv6_cidr_block_association_set", ranges),
            (
                "availability_zone",
                match cx.get("AvailabilityZone").text() {
                    Ok(None) => Tree::Unknown(Why::Default),
                    other => other.into(),
                },
            ),
        ]));
    }
    cx.declare(&subnet_kind::KIND, id, tree);
}

/// A volume.
pub fn volume(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let encrypted = match cx.get("Encrypted").flag() {
        Ok(Some(true)) => true.into(),
        // Encryption by default applies to new volumes.
        Ok(_) if cx.is_created() => Tree::Unknown(Why::Default),
        other => other.map(|on| on.unwrap_or(false)).into(),
    };
    let mut tree = Tree::object([
        ("volume_id", id.0.as_str().into()),
        ("encrypted", encrypted),
        ("availability_zone", cx.get("AvailabilityZone").text().into()),
        ("tags", cx.tags("Tags")),
    ]);
    for (property, field) in [("Size", "size"), ("Iops", "iops"), ("Throughput", "throughput")] {
        if let Ok(Some(number)) = cx.get(property).positive() {
            tree.add(Tree::Object([(field.to_owned(), Tree::Known(number.into()))].into()));
        }
    }
    if let Ok(Some(name)) = cx.get("VolumeType").text() {
        tree.add(Tree::object([("volume_type", name.into())]));
    }
    if cx.is_created() {
        let snapshot = cx.get("SnapshotId").text();
        tree.add(Tree::object([
            ("attachments", Tree::List(Vec::new())),
            ("state", "available".into()),
            ("snapshot_id", snapshot.into()),
        ]));
    }
    cx.declare(&volume_kind::KIND, id, tree);
}

/// A transit gateway.
pub fn transit_gateway(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let option = |name: &str, default: &str| match cx.get(name).text() {
        Ok(None) => Tree::from(default),
        other => other.into(),
    };
    let options = Tree::object([
        ("auto_accept_shared_attachments", option("AutoAcceptSharedAttachments", "disable")),
        ("default_route_table_association", option("DefaultRouteTableAssociation", "enable")),
        ("default_route_table_propagation", option("DefaultRouteTablePropagation", "enable")),
        ("dns_support", option("DnsSupport", "enable")),
        ("vpn_ecmp_support", option("VpnEcmpSupport", "enable")),
        ("multicast_support", option("MulticastSupport", "disable")),
    ]);
    let mut tree = Tree::object([
        ("transit_gateway_id", id.0.as_str().into()),
        ("owner_id", cx.location.account.as_str().into()),
        ("description", cx.get("Description").text().into()),
        ("options", options),
        ("tags", cx.tags("Tags")),
    ]);
    if cx.is_created() {
        tree.add(Tree::object([("state", "available".into())]));
    }
    cx.declare(&gateway::KIND, id, tree);
}
