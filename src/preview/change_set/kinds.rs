//! Which CloudFormation types describe which kinds.

use super::context::Context;
use super::converter::Converter;
use super::resource::{Action, Resource};
use super::{bucket, network};
use crate::facts::{self, Scope};
use crate::model::Region;
use crate::preview::item::{Described, Hidden, ListGap, Location};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::Why;

impl Resource {
    /// Adds what the change says of resources.
    pub fn convert(
        &self,
        (before, after): (Option<&Context>, Option<&Context>),
        location: &Location,
        described: &mut Described,
    ) {
        let Some(spec) = TYPES.iter().find(|spec| spec.name == self.type_name) else {
            return self.other(location, described);
        };
        // Without property values, nothing is known of the change.
        let lacks = match self.action {
            Action::Add => after.is_none(),
            Action::Modify | Action::Import => before.is_none() || after.is_none(),
            Action::Remove | Action::Dynamic => false,
        };
        if lacks || self.may_be_replaced || self.action == Action::Dynamic {
            return self.gaps(&[spec.kind], location, described);
        }
        for (is_after, context) in [(false, before), (true, after)] {
            let exists = match (self.action, is_after) {
                (Action::Add, false) | (Action::Remove, true) | (Action::Import, _) => false,
                // What is removed or replaced, but retained, stays as it is.
                (action, false) => {
                    !(self.is_retained && (action == Action::Remove || self.is_replaced))
                }
                _ => true,
            };
            if !exists {
                continue;
            }
            let properties = context.map_or(Attribute::none(), Context::properties);
            let mut converter =
                Converter { resource: self, is_after, location, properties, described };
            (spec.convert)(&mut converter);
        }
    }

    /// What a type that is not converted changes.
    fn other(&self, location: &Location, described: &mut Described) {
        let kinds: Vec<&'static str> = match OTHERS.iter().find(|(name, _)| {
            name.strip_suffix('*')
                .map_or(*name == self.type_name, |start| self.type_name.starts_with(start))
        }) {
            Some((_, kinds)) if *kinds == ["*"] => {
                facts::KINDS.iter().map(|kind| kind.name).collect()
            }
            Some((_, kinds)) => kinds.to_vec(),
            None => Vec::new(),
        };
        let is_concerned =
            self.type_name.starts_with("AWS::S3") || self.type_name.starts_with("AWS::EC2::");
        if kinds.is_empty() && is_concerned {
            let first = described.unknown_types.entry(self.type_name.clone());
            first.or_insert_with(|| self.address.clone());
        }
        self.gaps(&kinds, location, described);
    }

    fn gaps(&self, kinds: &[&'static str], location: &Location, described: &mut Described) {
        for kind in kinds.iter().filter_map(|name| facts::kind(name)) {
            let region = match kind.scope {
                Scope::Regional => location.region.clone(),
                Scope::Global => Region::global(),
                Scope::Account => continue,
            };
            let location = Location { region, ..location.clone() };
            // A resource of its own has its id; what is added to another one does not name it.
            if self.action != Action::Add || self.type_name.ends_with("Attachment") {
                let (location, id) = (location.clone(), self.physical_id.clone());
                let is_anywhere = kinds.len() == 1;
                let kind = kind.name;
                let address = self.address.clone();
                described.hidden.push(Hidden {
                    address,
                    kind,
                    location,
                    id,
                    is_anywhere,
                    field: None,
                });
            }
            described.gaps.insert(ListGap {
                kind: kind.name,
                location,
                address: self.address.clone(),
                why: Why::NotConverted,
            });
        }
    }
}

/// A type that is converted.
pub struct Spec {
    name: &'static str,
    /// The kind that it describes.
    kind: &'static str,
    convert: fn(&mut Converter<'_>),
}

static TYPES: &[Spec] = &[
    Spec { name: "AWS::S3::Bucket", kind: "s3.bucket", convert: bucket::bucket },
    Spec { name: "AWS::S3::BucketPolicy", kind: "s3.bucket", convert: bucket::policy },
    Spec { name: "AWS::EC2::SecurityGroup", kind: "ec2.security_group", convert: network::group },
    Spec {
        name: "AWS::EC2::SecurityGroupEgress",
        kind: "ec2.security_group",
        convert: network::egress,
    },
    Spec {
        name: "AWS::EC2::SecurityGroupIngress",
        kind: "ec2.security_group",
        convert: network::ingress,
    },
    Spec { name: "AWS::EC2::Subnet", kind: "ec2.subnet", convert: network::subnet },
    Spec { name: "AWS::EC2::Volume", kind: "ec2.volume", convert: network::volume },
    Spec {
        name: "AWS::EC2::TransitGateway",
        kind: "ec2.transit_gateway",
        convert: network::transit_gateway,
    },
];

const INSTANCES: &[&str] = &["ec2.address", "ec2.instance", "ec2.network_interface", "ec2.volume"];

/// Other types, with the kinds whose lists they change.
static OTHERS: &[(&str, &[&str])] = &[
    ("AWS::CloudFormation::*", &["*"]),
    ("AWS::AutoScaling::*", INSTANCES),
    ("AWS::EC2::ClientVpn*", &["ec2.client_vpn_endpoint", "ec2.network_interface"]),
    ("AWS::EC2::CustomerGateway", &["ec2.customer_gateway"]),
    ("AWS::EC2::DHCPOptions", &["ec2.dhcp_options"]),
    ("AWS::EC2::EC2Fleet", &["ec2.fleet", "ec2.instance", "ec2.network_interface", "ec2.volume"]),
    ("AWS::EC2::EIP*", &["ec2.address", "ec2.network_interface"]),
    ("AWS::EC2::EgressOnlyInternetGateway", &["ec2.egress_only_internet_gateway"]),
    ("AWS::EC2::FlowLog", &["ec2.flow_log"]),
    ("AWS::EC2::Instance", INSTANCES),
    ("AWS::EC2::InternetGateway", &["ec2.internet_gateway"]),
    ("AWS::EC2::KeyPair", &["ec2.key_pair"]),
    ("AWS::EC2::LaunchTemplate", &["ec2.launch_template"]),
    ("AWS::EC2::NatGateway", &["ec2.nat_gateway", "ec2.network_interface", "ec2.address"]),
    ("AWS::EC2::NetworkAcl*", &["ec2.network_acl"]),
    ("AWS::EC2::NetworkInterface*", &["ec2.network_interface", "ec2.instance"]),
    ("AWS::EC2::PrefixList", &["ec2.managed_prefix_list"]),
    ("AWS::EC2::Route", &["ec2.route_table"]),
    ("AWS::EC2::RouteTable", &["ec2.route_table"]),
    ("AWS::EC2::SnapshotBlockPublicAccess", &["ec2.settings"]),
    (
        "AWS::EC2::SpotFleet",
        &["ec2.spot_fleet_request", "ec2.instance", "ec2.network_interface", "ec2.volume"],
    ),
    ("AWS::EC2::SubnetNetworkAclAssociation", &["ec2.network_acl"]),
    ("AWS::EC2::SubnetRouteTableAssociation", &["ec2.route_table"]),
    ("AWS::EC2::TrafficMirrorFilter*", &["ec2.traffic_mirror_filter"]),
    ("AWS::EC2::TrafficMirrorSession", &["ec2.traffic_mirror_session"]),
    ("AWS::EC2::TrafficMirrorTarget", &["ec2.traffic_mirror_target"]),
    (
        "AWS::EC2::TransitGateway*",
        &[
            "ec2.transit_gateway_attachment",
            "ec2.transit_gateway_route_table",
            "ec2.network_interface",
        ],
    ),
    ("AWS::EC2::VPC", &["ec2.vpc", "ec2.security_group", "ec2.network_acl", "ec2.route_table"]),
    ("AWS::EC2::VPCCidrBlock", &["ec2.vpc"]),
    ("AWS::EC2::VPCEndpoint", &["ec2.vpc_endpoint", "ec2.network_interface"]),
    ("AWS::EC2::VPCEndpointService*", &["ec2.vpc_endpoint_service"]),
    ("AWS::EC2::VPCGatewayAttachment", &["ec2.internet_gateway", "ec2.vpn_gateway"]),
    ("AWS::EC2::VPCPeeringConnection", &["ec2.vpc_peering_connection"]),
    ("AWS::EC2::VPNConnection*", &["ec2.vpn_connection"]),
    ("AWS::EC2::VPNGateway*", &["ec2.vpn_gateway", "ec2.route_table"]),
    ("AWS::EC2::VerifiedAccess*", &["ec2.verified_access_instance"]),
    ("AWS::EC2::VolumeAttachment", &["ec2.volume", "ec2.instance"]),
    ("AWS::ECS::Service", &["ec2.network_interface"]),
    ("AWS::ElasticLoadBalancing*", &["ec2.network_interface"]),
    ("AWS::Lambda::Function", &["ec2.network_interface"]),
    ("AWS::RDS::*", &["ec2.network_interface"]),
    ("AWS::S3::AccessGrant*", &["s3.access_grants_instance"]),
    ("AWS::S3::AccessPoint", &["s3.access_point"]),
    ("AWS::S3::MultiRegionAccessPoint*", &["s3.multi_region_access_point"]),
    ("AWS::S3::StorageLens*", &["s3.storage_lens_configuration"]),
    ("AWS::S3Express::*", &["s3.directory_bucket"]),
    ("AWS::S3ObjectLambda::*", &["s3.object_lambda_access_point"]),
];
