//! The table of kinds.

use super::kind::{ApiCall, FactSpec, Kind, Scope};
use super::{account, ec2, organizations, s3};
use crate::model::{Demand, did_you_mean};

/// Every kind, sorted by name.
pub static KINDS: &[&Kind] = &[
    &account::KIND,
    &ec2::address::KIND,
    &ec2::capacity_reservation::KIND,
    &ec2::carrier_gateway::KIND,
    &ec2::client_vpn_endpoint::KIND,
    &ec2::customer_gateway::KIND,
    &ec2::dhcp_options::KIND,
    &ec2::egress_only_internet_gateway::KIND,
    &ec2::fleet::KIND,
    &ec2::flow_log::KIND,
    &ec2::image::KIND,
    &ec2::instance::KIND,
    &ec2::instance_type::KIND,
    &ec2::internet_gateway::KIND,
    &ec2::ipam_scope::KIND,
    &ec2::key_pair::KIND,
    &ec2::launch_template::KIND,
    &ec2::managed_prefix_list::KIND,
    &ec2::nat_gateway::KIND,
    &ec2::network_acl::KIND,
    &ec2::network_insights_access_scope::KIND,
    &ec2::network_insights_access_scope_analysis::KIND,
    &ec2::network_insights_analysis::KIND,
    &ec2::network_insights_path::KIND,
    &ec2::network_interface::KIND,
    &ec2::reserved_instances::KIND,
    &ec2::route_table::KIND,
    &ec2::security_group::KIND,
    &ec2::settings::KIND,
    &ec2::snapshot::KIND,
    &ec2::spot_fleet_request::KIND,
    &ec2::subnet::KIND,
    &ec2::traffic_mirror_filter::KIND,
    &ec2::traffic_mirror_session::KIND,
    &ec2::traffic_mirror_target::KIND,
    &ec2::transit_gateway::KIND,
    &ec2::transit_gateway_attachment::KIND,
    &ec2::transit_gateway_multicast_domain::KIND,
    &ec2::transit_gateway_route_table::KIND,
    &ec2::verified_access_instance::KIND,
    &ec2::volume::KIND,
    &ec2::vpc::KIND,
    &ec2::vpc_encryption_control::KIND,
    &ec2::vpc_endpoint::KIND,
    &ec2::vpc_endpoint_service::KIND,
    &ec2::vpc_peering_connection::KIND,
    &ec2::vpn_connection::KIND,
    &ec2::vpn_gateway::KIND,
    &organizations::account::KIND,
    &s3::access_grants_instance::KIND,
    &s3::access_point::KIND,
    &s3::account::KIND,
    &s3::bucket::KIND,
    &s3::directory_bucket::KIND,
    &s3::multi_region_access_point::KIND,
    &s3::object_lambda_access_point::KIND,
    &s3::region::KIND,
    &s3::storage_lens_configuration::KIND,
];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    let position = KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok()?;
    KINDS.get(position).copied()
}

/// The kind of that name, if its resources are collected.
pub fn collected_kind(name: &str) -> Option<&'static Kind> {
    kind(name).filter(|kind| kind.scope != Scope::Account)
}

/// Why the account itself cannot be looked up.
pub fn not_looked_up(kind: &Kind) -> String {
    format!(
        "`{}` cannot be looked up: use `account_id()`, `account_name()` and `account_label(key)`",
        kind.name
    )
}

/// Common names of kinds that are not similar to the names of the API: without the service.
const COMMON_NAMES: &[(&str, &str)] = &[
    ("acl", "ec2.network_acl"),
    ("ami", "ec2.image"),
    ("bucket", "s3.bucket"),
    ("dhcp", "ec2.dhcp_options"),
    ("ebs", "ec2.volume"),
    ("eip", "ec2.address"),
    ("elastic_ip", "ec2.address"),
    ("endpoint", "ec2.vpc_endpoint"),
    ("eni", "ec2.network_interface"),
    ("igw", "ec2.internet_gateway"),
    ("mrap", "s3.multi_region_access_point"),
    ("nacl", "ec2.network_acl"),
    ("nat", "ec2.nat_gateway"),
    ("peering", "ec2.vpc_peering_connection"),
    ("prefix_list", "ec2.managed_prefix_list"),
    ("route", "ec2.route_table"),
    ("rtb", "ec2.route_table"),
    ("sg", "ec2.security_group"),
    ("tgw", "ec2.transit_gateway"),
    ("vgw", "ec2.vpn_gateway"),
    ("vpce", "ec2.vpc_endpoint"),
    ("vpn", "ec2.vpn_connection"),
];

/// The kind that is meant by a common name, or the most similar kind name, for a typo.
pub fn suggest_kind(wrong: &str) -> Option<&'static str> {
    let bare = wrong.rsplit('.').next().unwrap_or(wrong).to_lowercase().replace('-', "_");
    let singular = bare.strip_suffix('s').unwrap_or(&bare);
    let common = COMMON_NAMES.iter().find(|(name, _)| *name == bare || *name == singular);
    // `volume`, and `ebs.volume` or `vpc.subnet`, of which the service is the mistake.
    let of_service = || {
        let last = |kind: &&&Kind| kind.name.rsplit('.').next() == Some(singular);
        let mut same = KINDS.iter().filter(last);
        same.next().filter(|_| same.next().is_none()).map(|kind| kind.name)
    };
    let similar = || did_you_mean(wrong, KINDS.iter().map(|kind| kind.name));
    common.map(|(_, kind)| *kind).or_else(of_service).or_else(similar)
}

/// The calls of a demand, without duplicates: per kind, the list, then the facts.
pub fn calls(demand: &Demand) -> Vec<&'static ApiCall> {
    let mut calls: Vec<&'static ApiCall> = Vec::new();
    for kind in KINDS.iter().filter(|kind| demand.wants_kind(kind.name)) {
        let facts = kind.facts.iter().filter(|fact| demand.wants(kind.name, fact.name));
        let facts = facts.flat_map(FactSpec::calls);
        for call in kind.list.iter().chain(facts) {
            if !calls.iter().any(|known| known.name == call.name) {
                calls.push(call);
            }
        }
    }
    calls
}

/// The IAM action that allows a call; `None` for a call that this version does not make.
pub fn action(call: &str) -> Option<&'static str> {
    // Calls that belong to no kind.
    const OTHERS: [&str; 2] = ["ec2:DescribeRegions", "sts:AssumeRole"];
    let of_kinds = KINDS.iter().flat_map(|kind| kind.calls());
    let known = of_kinds.filter(|known| known.name == call).map(|known| known.action).next();
    known.or_else(|| OTHERS.into_iter().find(|other| *other == call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_and_typos_suggest_the_kind() {
        for (_, meant) in COMMON_NAMES {
            assert!(kind(meant).is_some(), "{meant}");
        }
        for (wrong, meant) in [
            ("ec2.sg", Some("ec2.security_group")),
            ("ec2.elastic_ip", Some("ec2.address")),
            ("ec2.ebs", Some("ec2.volume")),
            ("ec2.elastic-ips", Some("ec2.address")),
            ("NACL", Some("ec2.network_acl")),
            ("vpc.subnets", Some("ec2.subnet")),
            ("ec2.instence", Some("ec2.instance")),
            ("s3.buckets", Some("s3.bucket")),
            ("zzz", None),
        ] {
            assert_eq!(suggest_kind(wrong), meant, "{wrong}");
        }
    }
}
