//! Which CloudFormation types describe which kinds.

use serde_json::Value;

use super::context::Context;
use super::{bucket, network};
use crate::facts::{self, Kind, Scope};
use crate::model::Region;
use crate::model::text::one_line;
use crate::preview::item::{Described, Hidden, Item, ItemKey, ListGap, Location, Unresolved};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

/// What a change set does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It creates it.
    Add,
    /// It changes it, possibly by another one.
    Modify,
    /// It deletes it.
    Remove,
    /// The stack takes over a resource that exists.
    Import,
    /// A nested stack, whose changes are in a change set of its own.
    Dynamic,
}

/// A changed resource.
#[derive(Debug)]
pub struct Resource {
    /// `STACK/LOGICAL-ID`.
    pub address: String,
    /// Its id, if it exists.
    pub physical_id: Option<String>,
    /// Its type, such as `AWS::S3::Bucket`.
    pub type_name: String,
    /// What the change set does.
    pub action: Action,
    /// Whether another resource replaces it: `Conditional` counts, because it may.
    pub is_replaced: bool,
    /// Whether it is not known whether another resource replaces it.
    pub may_be_replaced: bool,
    /// Whether it stays although the stack does not have it any more.
    pub is_retained: bool,
}

impl Resource {
    /// Reads a change.
    pub fn new(change: &Value, stack: &str) -> Result<Self, String> {
        let text = |name: &str| change.get(name).and_then(Value::as_str);
        let required = |name: &str| text(name).ok_or_else(|| format!("has no `{name}`"));
        let action = match required("Action")? {
            "Add" => Action::Add,
            "Modify" => Action::Modify,
            "Remove" => Action::Remove,
            "Import" => Action::Import,
            "Dynamic" => Action::Dynamic,
            other => {
                let other = one_line(other, 40);
                return Err(format!(
                    "has the unknown action `{other}`; use a version of rolecall that knows it"
                ));
            }
        };
        let id = required("LogicalResourceId")?;
        Ok(Self {
            address: if stack.is_empty() { id.to_owned() } else { format!("{stack}/{id}") },
            physical_id: text("PhysicalResourceId").filter(|id| !id.is_empty()).map(str::to_owned),
            type_name: required("ResourceType")?.to_owned(),
            action,
            is_replaced: text("Replacement") == Some("True"),
            may_be_replaced: text("Replacement") == Some("Conditional"),
            is_retained: matches!(text("PolicyAction"), Some("Retain" | "ReplaceAndRetain")),
        })
    }

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
                (Action::Add, false) | (Action::Remove, true) => self.is_retained && !is_after,
                (Action::Import, _) => false,
                _ => true,
            };
            if !exists || (self.action == Action::Remove && self.is_retained) {
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
                described.hidden.push(Hidden { kind, location, id, is_anywhere, field: None });
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

/// A resource that is converted, before or after the change.
pub struct Converter<'c> {
    /// The resource.
    pub resource: &'c Resource,
    /// Whether it is after the change.
    pub is_after: bool,
    /// Where it is.
    pub location: &'c Location,
    /// Its properties.
    pub properties: Attribute<'c>,
    described: &'c mut Described,
}

impl Converter<'_> {
    /// A property.
    pub fn get(&self, name: &str) -> Attribute<'_> {
        self.properties.get(name)
    }

    /// Whether the change creates it, possibly in place of another one.
    pub fn is_created(&self) -> bool {
        self.is_after && (self.resource.action == Action::Add || self.resource.is_replaced)
    }

    /// Its id: that of the resource that exists, a name that is set, or its address.
    pub fn own_id(&self, name: Option<&str>) -> (String, bool) {
        if !self.is_created()
            && let Some(id) = &self.resource.physical_id
        {
            return (id.clone(), false);
        }
        let named = name.and_then(|name| self.properties.get(name).text().ok().flatten());
        match named {
            Some(name) => (name.to_owned(), false),
            None => (self.resource.address.clone(), true),
        }
    }

    /// Tags in a list.
    pub fn tags(&self, name: &str) -> Tree {
        let Ok(items) = self.get(name).items() else { return Tree::Unknown(Why::Apply) };
        let mut tags = std::collections::BTreeMap::new();
        for tag in items {
            let (Ok(Some(key)), value) = (tag.get("Key").text(), tag.get("Value").text()) else {
                return Tree::Unknown(Why::Apply);
            };
            tags.insert(key.to_owned(), value.map(|value| Some(value.unwrap_or(""))).into());
        }
        Tree::Object(tags)
    }

    /// Declares the resource.
    pub fn declare(&mut self, kind: &'static Kind, (id, has_stand_in): (String, bool), tree: Tree) {
        let is_created = self.is_created();
        let address = self.resource.address.clone();
        let item = self.item(kind, &id);
        item.declared = Some(address);
        item.is_created |= is_created;
        item.has_stand_in |= has_stand_in;
        item.tree.add(tree);
    }

    /// Sets facts of another resource; if it is not known which one, they are unknown for all that the
    /// change set has.
    pub fn set(
        &mut self,
        kind: &'static Kind,
        id: Attribute<'_>,
        names: &'static [&'static str],
        tree: Tree,
    ) {
        match id.text() {
            Ok(Some(id)) => {
                let id = id.to_owned();
                self.item(kind, &id).tree.add(tree);
            }
            _ => {
                let unresolved = Unresolved {
                    address: self.resource.address.clone(),
                    kind: kind.name,
                    location: self.location.clone(),
                    fields: names,
                    is_anywhere: false,
                };
                self.side().unresolved.push(unresolved);
            }
        }
    }

    fn item(&mut self, kind: &'static Kind, id: &str) -> &mut Item {
        let key = ItemKey::new(kind, self.location, id);
        let address = self.resource.address.clone();
        let known = self.described.changed.entry(key.clone()).or_default();
        known.insert(address.clone());
        let location = self.location.clone();
        let item = self.side().items.entry(key).or_insert_with(|| Item::new(&location));
        item.addresses.insert(address);
        item
    }

    fn side(&mut self) -> &mut crate::preview::item::Side {
        if self.is_after { &mut self.described.after } else { &mut self.described.before }
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
