//! Which kinds have tags, and from which other resources the tags of a resource can be copied.

use super::kind::Kind;
use super::kinds::kind;
use super::references::Reference;

/// The fact or field with the tags of a resource.
pub const TAGS: &str = "tags";

/// From which resources tags can be copied: those to which a resource belongs. `path` contains their
/// ids. Pairs of kinds are unique.
static TAG_SOURCES: &[Reference] = &[
    copy("ec2.address", "instance_id", "ec2.instance"),
    copy("ec2.address", "network_interface_id", "ec2.network_interface"),
    copy("ec2.image", "block_device_mappings[].ebs.snapshot_id", "ec2.snapshot"),
    copy("ec2.instance", "subnet_id", "ec2.subnet"),
    copy("ec2.instance", "vpc_id", "ec2.vpc"),
    copy("ec2.internet_gateway", "attachments[].vpc_id", "ec2.vpc"),
    copy("ec2.nat_gateway", "subnet_id", "ec2.subnet"),
    copy("ec2.nat_gateway", "vpc_id", "ec2.vpc"),
    copy("ec2.network_acl", "vpc_id", "ec2.vpc"),
    copy("ec2.network_interface", "attachment.instance_id", "ec2.instance"),
    copy("ec2.network_interface", "subnet_id", "ec2.subnet"),
    copy("ec2.network_interface", "vpc_id", "ec2.vpc"),
    copy("ec2.route_table", "vpc_id", "ec2.vpc"),
    copy("ec2.security_group", "vpc_id", "ec2.vpc"),
    copy("ec2.snapshot", "volume_id", "ec2.volume"),
    copy("ec2.subnet", "vpc_id", "ec2.vpc"),
    copy("ec2.volume", "attachments[].instance_id", "ec2.instance"),
    copy("ec2.volume", "snapshot_id", "ec2.snapshot"),
    copy("ec2.vpc_endpoint", "vpc_id", "ec2.vpc"),
];

const fn copy(from: &'static str, path: &'static str, to: &'static str) -> Reference {
    Reference { from, path, to }
}

/// The kinds with tags, sorted. Finding them in the schemas would take too long at each start.
static TAGGED_KINDS: &[&str] = &[
    "ec2.address",
    "ec2.capacity_reservation",
    "ec2.carrier_gateway",
    "ec2.client_vpn_endpoint",
    "ec2.customer_gateway",
    "ec2.dhcp_options",
    "ec2.egress_only_internet_gateway",
    "ec2.fleet",
    "ec2.flow_log",
    "ec2.image",
    "ec2.instance",
    "ec2.internet_gateway",
    "ec2.ipam_scope",
    "ec2.key_pair",
    "ec2.launch_template",
    "ec2.managed_prefix_list",
    "ec2.nat_gateway",
    "ec2.network_acl",
    "ec2.network_insights_access_scope",
    "ec2.network_insights_access_scope_analysis",
    "ec2.network_insights_analysis",
    "ec2.network_insights_path",
    "ec2.network_interface",
    "ec2.reserved_instances",
    "ec2.route_table",
    "ec2.security_group",
    "ec2.snapshot",
    "ec2.spot_fleet_request",
    "ec2.subnet",
    "ec2.traffic_mirror_filter",
    "ec2.traffic_mirror_session",
    "ec2.traffic_mirror_target",
    "ec2.transit_gateway",
    "ec2.transit_gateway_attachment",
    "ec2.transit_gateway_multicast_domain",
    "ec2.transit_gateway_route_table",
    "ec2.verified_access_instance",
    "ec2.volume",
    "ec2.vpc",
    "ec2.vpc_encryption_control",
    "ec2.vpc_endpoint",
    "ec2.vpc_endpoint_service",
    "ec2.vpc_peering_connection",
    "ec2.vpn_connection",
    "ec2.vpn_gateway",
    "s3.bucket",
];

impl Kind {
    /// Whether its resources have tags that can be set.
    pub fn has_tags(&self) -> bool {
        TAGGED_KINDS.contains(&self.name)
    }

    /// The name without the service: `instance`.
    pub fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, short)| short)
    }
}

/// The kinds with tags, sorted by name.
pub fn tagged_kinds() -> impl Iterator<Item = &'static Kind> {
    TAGGED_KINDS.iter().filter_map(|name| kind(name))
}

/// From which resources a resource of this kind can copy its tags.
pub fn tag_sources(of: &str) -> impl Iterator<Item = &'static Reference> {
    TAG_SOURCES.iter().filter(move |source| source.from == of)
}

/// The source with that short name: for `ec2.volume` and `instance`, its instances.
pub fn tag_source(of: &str, short: &str) -> Option<&'static Reference> {
    tag_sources(of).find(|source| kind(source.to).is_some_and(|to| to.short_name() == short))
}

/// The short names of all kinds from which tags can be copied, sorted.
pub fn tag_source_names() -> Vec<&'static str> {
    let kinds = TAG_SOURCES.iter().filter_map(|source| kind(source.to));
    let mut names: Vec<&'static str> = kinds.map(Kind::short_name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts::form::FieldType;
    use crate::facts::kinds::KINDS;

    #[test]
    fn tags_are_copied_along_fields_that_exist() {
        let mut pairs = BTreeSet::new();
        for source in TAG_SOURCES {
            let from = kind(source.from).unwrap();
            let to = kind(source.to).unwrap();
            assert!(from.has_tags() && to.has_tags(), "{source:?}");
            assert_eq!(from.scope, to.scope, "{source:?}");
            // Tags of sources are in their list, so that no further call is needed.
            assert!(to.fact(TAGS).is_none(), "{source:?}");
            let path = source.path.replace("[]", "");
            let root = FieldType::of(&from.shape);
            let mut form = Some(&root);
            for step in path.split('.') {
                form = form.and_then(|form| match form {
                    FieldType::List(item) => item.field(step),
                    other => other.field(step),
                });
            }
            assert_eq!(form, Some(&FieldType::String), "{source:?}");
            assert!(pairs.insert((source.from, source.to)), "{source:?}");
        }
    }

    #[test]
    fn kinds_with_tags_are_listed() {
        let has_tags = |kind: &&&'static Kind| {
            kind.fact(TAGS).is_some() || FieldType::of(&kind.shape).at(TAGS).is_some()
        };
        let names: Vec<&str> = KINDS.iter().filter(has_tags).map(|kind| kind.name).collect();
        assert_eq!(names, TAGGED_KINDS);
    }

    #[test]
    fn kinds_with_tags_are_found() {
        let names: Vec<&str> = tagged_kinds().map(|kind| kind.name).collect();
        for known in ["s3.bucket", "ec2.instance", "ec2.network_interface", "ec2.vpc"] {
            assert!(names.contains(&known), "{known}");
        }
        for other in ["ec2.settings", "s3.account", "account"] {
            assert!(!names.contains(&other), "{other}");
        }
        assert_eq!(tag_source("ec2.volume", "instance").unwrap().to, "ec2.instance");
        assert!(tag_source("ec2.volume", "vpc").is_none());
        assert!(tag_source_names().contains(&"volume"));
    }
}
