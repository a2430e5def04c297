//! The network of an account's region, indexed, so that each network interface takes few look-ups.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::exposure::{Family, Interface, Known, PrefixLists, Surroundings, family_named};
use crate::facts;
use crate::facts::ec2::instance::Instance;
use crate::facts::ec2::internet_gateway::InternetGateway;
use crate::facts::ec2::managed_prefix_list::PrefixListEntry;
use crate::facts::ec2::network_acl::NetworkAcl;
use crate::facts::ec2::network_interface::NetworkInterface;
use crate::facts::ec2::route_table::RouteTable;
use crate::facts::ec2::security_group::SecurityGroup;
use crate::facts::ec2::settings::{VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions};
use crate::facts::ec2::subnet::Subnet;
use crate::model::text::one_line;
use crate::model::{AccountId, Cause, Region, Resource, unreadable};
use crate::snapshot::ListGaps;

pub(super) const INSTANCES: &str = "ec2.instance";
pub(super) const INTERFACES: &str = "ec2.network_interface";
const SUBNETS: &str = "ec2.subnet";
const ROUTE_TABLES: &str = "ec2.route_table";
const GATEWAYS: &str = "ec2.internet_gateway";
const ACLS: &str = "ec2.network_acl";
const GROUPS: &str = "ec2.security_group";
const LISTS: &str = "ec2.managed_prefix_list";
const SETTINGS: &str = "ec2.settings";

/// The kinds that are read, each with the fields without which a resource is not known.
const KINDS: [(&str, &[&str]); 9] = [
    (INSTANCES, &["network_interfaces"]),
    (INTERFACES, &["private_ip_addresses", "ipv6_addresses", "groups"]),
    (SUBNETS, &["owner_id"]),
    (ROUTE_TABLES, &["vpc_id", "associations", "routes"]),
    (GATEWAYS, &["attachments"]),
    (ACLS, &["associations", "entries"]),
    (GROUPS, &["ip_permissions"]),
    (LISTS, &[]),
    (SETTINGS, &[]),
];

/// Whether resources of this kind are read.
pub(super) fn is_read(kind: &str) -> bool {
    KINDS.iter().any(|(name, _)| *name == kind)
}

/// A resource with its name.
#[derive(Debug)]
pub(super) struct Named<T> {
    pub(super) name: Option<String>,
    pub(super) facts: T,
}

/// The network of a region.
#[derive(Debug, Default)]
pub(super) struct RegionFacts {
    pub(super) instances: BTreeMap<String, Named<Instance>>,
    pub(super) interfaces: BTreeMap<String, Named<NetworkInterface>>,
    subnets: HashMap<String, Subnet>,
    /// Route tables, and which of them are associated with a subnet or a gateway, or the main one of
    /// a VPC.
    tables: Vec<RouteTable>,
    tables_of: HashMap<String, Vec<usize>>,
    gateways: HashMap<String, InternetGateway>,
    /// The ids of the gateways that are attached to a VPC.
    gateways_of: HashMap<String, Vec<String>>,
    acls: HashMap<String, NetworkAcl>,
    groups: HashMap<String, SecurityGroup>,
    lists: HashMap<String, (Option<Family>, Known<Vec<String>>)>,
    options: Option<Known<VpcBlockPublicAccessOptions>>,
    exclusions: Option<Known<Vec<VpcBlockPublicAccessExclusion>>>,
    /// Why a kind is not known, or not completely.
    gaps: BTreeMap<&'static str, Cause>,
}

fn parse<T: DeserializeOwned>(resource: &Resource) -> Known<T> {
    serde_json::from_value(Value::Object(resource.facts.clone())).map_err(|_| {
        let call =
            facts::kind(&resource.kind).map_or(resource.kind.as_str(), |kind| kind.list_call());
        let message = format!("{} is not valid", one_line(&resource.id, 60));
        Cause::new(call, Cause::INVALID_RESPONSE, &message)
    })
}

/// A fact of a resource that is never absent.
fn fact<T: DeserializeOwned>(resource: &Resource, name: &str) -> Known<T> {
    let not_collected = || {
        let spec = facts::kind(&resource.kind).and_then(|kind| kind.fact(name));
        Cause::not_collected(spec.map_or(name, |fact| fact.call.name))
    };
    facts::read_fact(resource, name)?.ok_or_else(not_collected)
}

impl RegionFacts {
    /// Records which lists of the region are not known.
    pub(super) fn mark_gaps(&mut self, lists: &ListGaps, region: &Region) {
        for (kind, _) in KINDS {
            if let Some(cause) = lists.get(kind, region) {
                self.gaps.insert(kind, cause);
            }
        }
    }

    /// Why the instances of the region are not all known.
    pub(super) fn instance_gap(&self) -> Option<&Cause> {
        self.gaps.get(INSTANCES)
    }

    /// Why the network interfaces of the region are not all known.
    pub(super) fn interface_gap(&self) -> Option<&Cause> {
        self.gaps.get(INTERFACES)
    }

    pub(super) fn add(&mut self, resource: &Resource) {
        let Some((kind, needed)) = KINDS.iter().find(|(name, _)| *name == resource.kind) else {
            return;
        };
        let lost = needed.iter().find_map(|field| unreadable::of(&resource.unreadable, field));
        let added = match lost {
            // Which others it belongs to is not known, either.
            Some(cause) => Err(cause.clone()),
            None => self.insert(kind, resource),
        };
        if let Err(cause) = added {
            self.gaps.entry(kind).or_insert(cause);
        }
    }

    fn insert(&mut self, kind: &str, resource: &Resource) -> Known<()> {
        let name = resource.name.clone();
        match kind {
            INSTANCES => {
                let facts = parse(resource)?;
                self.instances.insert(resource.id.clone(), Named { name, facts });
            }
            INTERFACES => {
                let facts = parse(resource)?;
                self.interfaces.insert(resource.id.clone(), Named { name, facts });
            }
            SUBNETS => drop(self.subnets.insert(resource.id.clone(), parse(resource)?)),
            ROUTE_TABLES => self.insert_table(parse(resource)?),
            GATEWAYS => {
                let gateway: InternetGateway = parse(resource)?;
                for vpc in gateway.attachments.iter().filter_map(|one| one.vpc_id.clone()) {
                    self.gateways_of.entry(vpc).or_default().push(resource.id.clone());
                }
                self.gateways.insert(resource.id.clone(), gateway);
            }
            ACLS => {
                let acl: NetworkAcl = parse(resource)?;
                for subnet in acl.associations.iter().filter_map(|one| one.subnet_id.clone()) {
                    self.acls.insert(subnet, acl.clone());
                }
            }
            GROUPS => drop(self.groups.insert(resource.id.clone(), parse(resource)?)),
            LISTS => {
                let entries: Known<Vec<PrefixListEntry>> = fact(resource, "entries");
                let cidrs =
                    entries.map(|entries| entries.into_iter().filter_map(|one| one.cidr).collect());
                let family = resource.facts.get("address_family").and_then(Value::as_str);
                let family = family.and_then(family_named);
                self.lists.insert(resource.id.clone(), (family, cidrs));
            }
            SETTINGS => {
                self.options = Some(fact(resource, "vpc_block_public_access_options"));
                self.exclusions = Some(fact(resource, "vpc_block_public_access_exclusions"));
            }
            _ => {}
        }
        Ok(())
    }

    fn insert_table(&mut self, table: RouteTable) {
        let at = self.tables.len();
        for association in &table.associations {
            let vpc = table.vpc_id.clone().filter(|_| association.main == Some(true));
            let of = [association.subnet_id.clone(), association.gateway_id.clone(), vpc];
            for id in of.into_iter().flatten() {
                let tables = self.tables_of.entry(id).or_default();
                if tables.last() != Some(&at) {
                    tables.push(at);
                }
            }
        }
        self.tables.push(table);
    }

    /// A list, unless it is not known.
    fn known<T>(&self, kind: &str, value: T) -> Known<T> {
        match self.gaps.get(kind) {
            Some(cause) => Err(cause.clone()),
            None => Ok(value),
        }
    }

    /// What surrounds an interface.
    pub(super) fn surroundings(&self, account: &AccountId, interface: &Interface) -> Surroundings {
        let subnet = interface.subnet_id.as_deref().unwrap_or_default();
        let vpc = interface.vpc_id.as_deref().unwrap_or_default();
        let of = |id: &str| self.tables_of.get(id).into_iter().flatten().copied();
        let mut tables: BTreeSet<usize> = of(subnet).chain(of(vpc)).collect();
        let at = |place: &usize| self.tables.get(*place);
        // Without the list of gateways, at least those in routes are known.
        let routes = tables.iter().filter_map(at).flat_map(|table| &table.routes);
        let targets = routes.filter_map(|route| route.gateway_id.as_deref());
        let attached = self.gateways_of.get(vpc).into_iter().flatten().map(String::as_str);
        let ids: BTreeSet<&str> = attached.chain(targets).collect();
        let edge: Vec<usize> = ids.iter().copied().flat_map(of).collect();
        // Those of routes can be detached.
        let gateways = ids.iter().filter_map(|id| self.gateways.get(*id)).cloned().collect();
        tables.extend(edge);
        let tables = tables.iter().filter_map(at).cloned().collect();
        let groups =
            interface.groups.iter().filter_map(|id| self.groups.get(id)).cloned().collect();
        let acls = self.acls.get(subnet).cloned().into_iter().collect();
        let subnets = self.subnets.get(subnet).cloned().into_iter().collect();
        let unread = |name: &str| {
            Cause::not_collected(match name {
                "options" => "ec2:DescribeVpcBlockPublicAccessOptions",
                _ => "ec2:DescribeVpcBlockPublicAccessExclusions",
            })
        };
        Surroundings {
            account: account.to_string(),
            subnets: self.known(SUBNETS, subnets),
            route_tables: self.known(ROUTE_TABLES, tables),
            internet_gateways: self.known(GATEWAYS, gateways),
            network_acls: self.known(ACLS, acls),
            security_groups: self.known(GROUPS, groups),
            block_public_access: self.options.clone().unwrap_or_else(|| Err(unread("options"))),
            exclusions: self.exclusions.clone().unwrap_or_else(|| Err(unread("exclusions"))),
        }
    }
}

impl PrefixLists for RegionFacts {
    type Error = Infallible;

    fn ranges(&self, id: &str) -> Result<Known<Vec<String>>, Infallible> {
        Ok(match self.lists.get(id) {
            Some((_, list)) => list.clone(),
            None => Err(self.gaps.get(LISTS).cloned().unwrap_or_else(|| {
                let id = one_line(id, 60);
                let message =
                    format!("prefix list {id} is not among the prefix lists of the account");
                Cause::new("ec2:GetManagedPrefixListEntries", Cause::NOT_COLLECTED, &message)
            })),
        })
    }

    fn family(&self, id: &str) -> Result<Option<Family>, Infallible> {
        Ok(self.lists.get(id).and_then(|(family, _)| *family))
    }
}
