//! Types that this version does not convert, and that change what AWS lists: the lists are then not
//! known until the change is applied.

use crate::facts::{self, Scope};
use crate::model::Region;
use crate::preview::error::PreviewError;
use crate::preview::item::{Described, Hidden, ListGap, Location};
use crate::preview::terraform::convert::When;
use crate::preview::terraform::plan::{Action, PlannedResource};
use crate::preview::terraform::scope::Scopes;
use crate::preview::tree::Why;

const INSTANCES: &[&str] =
    &["ec2.address", "ec2.instance", "ec2.instance_type", "ec2.network_interface", "ec2.volume"];
const INTERFACES: &[&str] = &["ec2.network_interface"];

/// Types that launch instances of their own, so that a new one leaves those that there are as they are.
/// Others of these types, such as scaling policies, act on instances of something else.
const LAUNCHING: [&str; 5] = [
    "aws_batch_compute_environment",
    "aws_ec2_fleet",
    "aws_eks_node_group",
    "aws_elastic_beanstalk_environment",
    "aws_spot_instance_request",
];

/// What changes when an instance is started or stopped.
const WITH_STATE: [&str; 4] =
    ["launch_time", "public_ip_address", "state", "state_transition_reason"];

/// Types, with the kinds whose lists they change. A type matches by its name, or by its beginning if
/// the name ends with `*`.
static TYPES: &[(&str, &[&str])] = &[
    ("aws_ami_from_instance", &["ec2.image", "ec2.snapshot"]),
    ("aws_autoscaling_*", INSTANCES),
    ("aws_batch_compute_environment", INSTANCES),
    ("aws_cloudformation_*", &["*"]),
    ("aws_customer_gateway", &["ec2.customer_gateway"]),
    ("aws_dlm_lifecycle_policy", &["ec2.image", "ec2.snapshot"]),
    ("aws_ec2_capacity_reservation", &["ec2.capacity_reservation"]),
    ("aws_ec2_carrier_gateway", &["ec2.carrier_gateway"]),
    (
        "aws_ec2_fleet",
        &["ec2.fleet", "ec2.address", "ec2.instance", "ec2.network_interface", "ec2.volume"],
    ),
    ("aws_ec2_instance_state", &[]),
    ("aws_ec2_network_insights_analysis", &["ec2.network_insights_analysis"]),
    ("aws_ec2_network_insights_path", &["ec2.network_insights_path"]),
    ("aws_ec2_tag", &[]),
    ("aws_ec2_traffic_mirror_filter*", &["ec2.traffic_mirror_filter"]),
    ("aws_ec2_traffic_mirror_session", &["ec2.traffic_mirror_session"]),
    ("aws_ec2_traffic_mirror_target", &["ec2.traffic_mirror_target"]),
    ("aws_ec2_transit_gateway_multicast_*", &["ec2.transit_gateway_multicast_domain"]),
    ("aws_ec2_transit_gateway_route*", &["ec2.transit_gateway_route_table"]),
    (
        "aws_ec2_transit_gateway_*",
        &[
            "ec2.transit_gateway_attachment",
            "ec2.transit_gateway_route_table",
            "ec2.network_interface",
        ],
    ),
    ("aws_egress_only_internet_gateway", &["ec2.egress_only_internet_gateway"]),
    ("aws_eks_node_group", INSTANCES),
    ("aws_elastic_beanstalk_environment", INSTANCES),
    ("aws_emr_*", INSTANCES),
    ("aws_imagebuilder_image*", &["ec2.image", "ec2.snapshot"]),
    ("aws_key_pair", &["ec2.key_pair"]),
    ("aws_nat_gateway_*", &["ec2.nat_gateway", "ec2.network_interface", "ec2.address"]),
    ("aws_s3_access_grants_*", &["s3.access_grants_instance"]),
    ("aws_s3control_access_grants_*", &["s3.access_grants_instance"]),
    // Buckets on Outposts are not listed.
    ("aws_s3control_bucket*", &[]),
    ("aws_s3control_directory_bucket_access_point_scope", &[]),
    ("aws_s3control_object_lambda_access_point*", &["s3.object_lambda_access_point"]),
    ("aws_s3control_storage_lens_configuration", &["s3.storage_lens_configuration"]),
    ("aws_spot_instance_request", INSTANCES),
    ("aws_verifiedaccess_*", &["ec2.verified_access_instance"]),
    ("aws_vpc_dhcp_options", &["ec2.dhcp_options"]),
    ("aws_default_vpc_dhcp_options", &["ec2.dhcp_options"]),
    ("aws_vpc_endpoint_service*", &["ec2.vpc_endpoint_service"]),
    ("aws_vpc_ipam*", &["ec2.ipam_scope"]),
    ("aws_vpc_network_performance_*", &[]),
    ("aws_vpn_gateway*", &["ec2.vpn_gateway"]),
    ("aws_vpn_connection_route", &["ec2.vpn_connection"]),
];

/// Beginnings of types that change resources of the kinds, so that one that is not known has to be
/// reported.
const CONCERNED: [&str; 13] = [
    "aws_cloudformation_",
    "awscc_ec2_",
    "awscc_s3_",
    "aws_s3_",
    "aws_s3control_",
    "aws_ec2_",
    "aws_vpc_",
    "aws_ebs_",
    "aws_ami_",
    "aws_network_",
    "aws_route_",
    "aws_default_",
    "aws_security_group",
];

/// Attributes of types whose resources have network interfaces.
const IN_VPC: [&str; 10] = [
    "network_configuration",
    "security_group_ids",
    "security_groups",
    "subnet_id",
    "subnet_ids",
    "subnets",
    "vpc_config",
    "vpc_configuration",
    "vpc_options",
    "vpc_security_group_ids",
];

/// Records what a change of a resource of such a type makes unknown.
pub fn other(
    resource: &PlannedResource,
    scopes: &Scopes<'_>,
    described: &mut Described,
) -> Result<(), PreviewError> {
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => resource.type_name.starts_with(start),
        None => resource.type_name == pattern,
    };
    let known = TYPES.iter().find(|(pattern, _)| matches(pattern));
    // `awscc_s3_bucket_policy` is about `s3.bucket`.
    let of_cloud_control = cloud_control_kind(&resource.type_name);
    let kinds: Vec<&'static str> = match known {
        None if of_cloud_control.is_some() => of_cloud_control.into_iter().collect(),
        Some((_, kinds)) if *kinds == ["*"] => facts::KINDS.iter().map(|kind| kind.name).collect(),
        Some((_, kinds)) => kinds.to_vec(),
        None if has_interfaces(resource) => INTERFACES.to_vec(),
        None => Vec::new(),
    };
    // What has network interfaces in a VPC has its own.
    let has_own = LAUNCHING.contains(&resource.type_name.as_str())
        || known.is_none() && of_cloud_control.is_none() && !is_concerned(resource);
    let only_adds = has_own && resource.action == Action::Create;
    let runs_others = resource.type_name.starts_with("aws_cloudformation_");
    if (known.is_none() || runs_others) && is_concerned(resource) {
        let first = described.unknown_types.entry(resource.type_name.clone());
        first.or_insert_with(|| resource.address.clone());
    }
    let changes_fields = ["aws_ec2_instance_state", "aws_ec2_tag"];
    if kinds.is_empty() && !changes_fields.contains(&resource.type_name.as_str()) {
        return Ok(());
    }
    for when in [When::Before, When::After] {
        let (exists, side) = match when {
            When::Before => (resource.exists_before(), resource.before()),
            When::After => (resource.exists_after(), resource.after()),
        };
        if !exists {
            continue;
        }
        let location = scopes.of(resource, side)?;
        described.accounts.insert(location.account.clone());
        let regions = described.regions.entry(location.account.clone()).or_default();
        regions.insert(location.region.clone());
        if let [kind] = kinds.as_slice()
            && (known.is_some() || of_cloud_control.is_some())
            && facts::kind(kind).is_some()
        {
            // A type of its own names the resource; others belong to one that is not known.
            let id = side.get("id").text().ok().flatten().map(str::to_owned);
            let is_own = known.is_some_and(|(pattern, _)| *pattern == resource.type_name);
            if id.is_some() || !is_own {
                let (address, location) = (resource.address.clone(), location.clone());
                let hidden = Hidden { address, kind, location, id, is_anywhere: true, field: None };
                described.hidden.push(hidden);
            }
        }
        if resource.type_name == "aws_ec2_instance_state" {
            let id = side.get("instance_id").text().ok().flatten().map(str::to_owned);
            described.hidden.extend(WITH_STATE.map(|field| Hidden {
                address: resource.address.clone(),
                kind: "ec2.instance",
                location: location.clone(),
                id: id.clone(),
                is_anywhere: true,
                field: Some(field.to_owned()),
            }));
            continue;
        }
        if resource.type_name == "aws_ec2_tag" {
            let id = side.get("resource_id").text().ok().flatten().map(str::to_owned);
            for kind in facts::KINDS.iter().filter(|kind| kind.service() == "ec2") {
                let (location, id) = (location.clone(), id.clone());
                let prefix =
                    id.as_deref().and_then(|id| id.rsplit_once('-')).map(|(prefix, _)| prefix);
                // Ids begin with the type of the resource.
                if prefix.is_none_or(|prefix| id_prefix(kind.name) == prefix) {
                    let (kind, field) = (kind.name, Some("tags".to_owned()));
                    let address = resource.address.clone();
                    described.hidden.push(Hidden {
                        address,
                        kind,
                        location,
                        id,
                        is_anywhere: true,
                        field,
                    });
                }
            }
            continue;
        }
        for &name in &kinds {
            let Some(kind) = facts::kind(name) else { continue };
            let region = match kind.scope {
                Scope::Regional => location.region.clone(),
                Scope::Global => Region::global(),
                Scope::Account => continue,
            };
            if kind.list.is_empty() {
                continue;
            }
            described.gaps.insert(ListGap {
                kind: kind.name,
                location: Location { region, ..location.clone() },
                address: resource.address.clone(),
                why: Why::NotConverted,
                only_adds,
            });
        }
    }
    Ok(())
}

fn is_concerned(resource: &PlannedResource) -> bool {
    CONCERNED.iter().any(|start| resource.type_name.starts_with(start))
}

/// The kind that a type of the Cloud Control provider is about.
fn cloud_control_kind(type_name: &str) -> Option<&'static str> {
    let (service, rest) = type_name.strip_prefix("awscc_")?.split_once('_')?;
    let mut name = rest;
    loop {
        if let Some(kind) = facts::kind(&format!("{service}.{name}")) {
            return Some(kind.name);
        }
        name = name.rsplit_once('_')?.0;
    }
}

/// What the ids of a kind begin with.
fn id_prefix(kind: &str) -> &str {
    match kind {
        "ec2.address" => "eipalloc",
        "ec2.image" => "ami",
        "ec2.instance" => "i",
        "ec2.internet_gateway" => "igw",
        "ec2.launch_template" => "lt",
        "ec2.network_acl" => "acl",
        "ec2.network_interface" => "eni",
        "ec2.route_table" => "rtb",
        "ec2.security_group" => "sg",
        "ec2.snapshot" => "snap",
        "ec2.subnet" => "subnet",
        "ec2.transit_gateway" => "tgw",
        "ec2.transit_gateway_attachment" => "tgw-attach",
        "ec2.volume" => "vol",
        "ec2.vpc" => "vpc",
        "ec2.vpc_endpoint" => "vpce",
        "ec2.vpc_peering_connection" => "pcx",
        "ec2.vpn_connection" => "vpn",
        "ec2.managed_prefix_list" => "pl",
        "ec2.nat_gateway" => "nat",
        _ => "",
    }
}

fn has_interfaces(resource: &PlannedResource) -> bool {
    let sides = [resource.before(), resource.after()];
    let is_used = |name: &&str| {
        sides.iter().any(|side| {
            let value = side.get(name);
            value.is_set() || value.is_unknown()
        })
    };
    IN_VPC.iter().any(is_used)
}
