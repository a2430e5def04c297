//! Paths from the internet to instances.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Array, Dynamic, EvalAltResult};
use serde::de::DeserializeOwned;

use super::lists::{PREFIX_LIST, PrefixLists};
use super::routes::TABLE_FIELDS;
use super::{query_protocol, read_ports};
use crate::exposure::{
    self, Exposure, Family, Interface, Known, Path, Surroundings, Traffic, analyze,
    instance_profile_name,
};
use crate::facts::Shape;
use crate::facts::ec2::instance::InstanceNetworkInterface;
use crate::facts::ec2::internet_gateway::InternetGateway;
use crate::facts::ec2::route_table::RouteTable;
use crate::facts::ec2::security_group::SecurityGroup;
use crate::facts::ec2::settings::{VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions};
use crate::model::Cause;
use crate::rules::helpers::arguments::{
    Scripted, field, read, read_known, script_value, shown_field, try_fields,
};
use crate::rules::helpers::table::{LookUp, ResultShape, topic};
use crate::rules::language::meta::Needs;
use crate::rules::values::budget;
use crate::rules::values::context::EvalContext;
use crate::rules::values::evidence::EvidenceValue;
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::json::type_name;
use crate::rules::values::object::Object;

topic! {
    /// These functions find the paths from the internet to an instance. A path exists if each of these
    /// components lets the traffic through:
    ///
    /// - The network interface has a public IPv4 address, also one of a secondary private address, or
    ///   a globally routable IPv6 address.
    /// - VPC Block Public Access does not block traffic from internet gateways, or the VPC or the
    ///   subnet is excluded from it in both directions.
    /// - The route table of the subnet, which is the main route table of the VPC if the subnet has no
    ///   association, sends internet traffic to an internet gateway. The most specific route applies.
    ///   NAT gateways, egress-only internet gateways, virtual private gateways, transit gateways and
    ///   carrier gateways admit no connections from the internet.
    /// - The network ACL allows the traffic, and the responses to at least one of the TCP or UDP ports
    ///   1024-65535, from which clients connect.
    /// - The security groups of the network interface allow the traffic.
    ///
    /// "The internet" means at least 95 percent of the globally routable addresses of IPv4 or IPv6 (see
    /// Network); each component is evaluated separately. A network ACL blocks the traffic only if it
    /// denies it from as much of the internet (see Network ACLs).
    ///
    /// If the route table of the internet gateway sends the traffic to an appliance, such as a firewall
    /// endpoint, the path has an `appliance_id`. rolecall does not read which traffic the appliance
    /// admits. The route table of the subnet must send responses through the same appliance. Paths through load balancers, VPNs, peering connections, transit gateways and AWS
    /// Global Accelerator are not found. An instance does not say whether its network interfaces refuse all
    /// traffic from internet gateways (`deny_all_igw_traffic`), so that does not count here; `rolecall
    /// paths` reads it from the network interfaces.
    "Internet exposure";

    /// Returns the paths from the internet to an instance, as a list for evidence: one for each
    /// address family and range of ports that are reachable through the same rules. With a protocol
    /// and ports, returns only the paths to these ports. At most 200 paths are returned for each
    /// network interface.
    ///
    /// If something that could be part of another path was not read, the verdict is `unknown`, unless
    /// the rule fails because of the paths that are known. It does not matter what was not read if
    /// another component blocks the traffic.
    ///
    /// The rule must declare `needs: ["ec2.subnet?", "ec2.route_table?", "ec2.internet_gateway?",
    /// "ec2.network_acl?", "ec2.security_group?", "ec2.managed_prefix_list/entries?",
    /// "ec2.settings/vpc_block_public_access_options?",
    /// "ec2.settings/vpc_block_public_access_exclusions?"]`.
    fn internet_exposure
        (instance: "object") -> "list of internet_path"
        (instance: "object", protocol: "string", ports: "list of int") -> "list of internet_path";
    "internet_exposure(#{ instance_id: \"i-1\", network_interfaces: [#{ network_interface_id: \"eni-1\", subnet_id: \"subnet-9\", \
     vpc_id: \"vpc-9\", association: #{ public_ip: \"198.51.100.7\" }, groups: [#{ group_id: \"sg-9\" }] }] }, \"tcp\", \
     [22, 443]).map(|path| path.traffic)"
        => "[\"tcp/22\"]";
    "internet_exposure(#{ instance_id: \"i-1\", network_interfaces: [#{ network_interface_id: \"eni-1\", subnet_id: \"subnet-9\", \
     vpc_id: \"vpc-9\", groups: [#{ group_id: \"sg-9\" }] }] })"
        => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(EXPOSURE.helper, move |instance: Dynamic| paths(&cx, &instance, &Traffic::Any));
        let cx = Rc::clone(context);
        engine.register_fn(EXPOSURE.helper, move |instance: Dynamic, protocol: &str, ports: Array| {
            let protocol = query_protocol(EXPOSURE.helper, protocol)?;
            let ports = read_ports(EXPOSURE.helper, &ports)?;
            if ports.is_empty() {
                return Ok(Array::new());
            }
            paths(&cx, &instance, &Traffic::ports(protocol, &ports))
        })
    };
}

const SUBNETS: &str = "ec2.subnet";
const ROUTE_TABLES: &str = "ec2.route_table";
const GATEWAYS: &str = "ec2.internet_gateway";
const ACLS: &str = "ec2.network_acl";
const GROUPS: &str = "ec2.security_group";
const SETTINGS: &str = "ec2.settings";

/// The fields that can affect a path.
const SUBNET_FIELDS: &[&str] = &[
    "subnet_id",
    "vpc_id",
    "owner_id",
    "cidr_block",
    "ipv6_cidr_block_association_set",
    "block_public_access_states",
];
const GATEWAY_FIELDS: &[&str] = &["internet_gateway_id", "attachments"];
const ACL_FIELDS: &[&str] = &["network_acl_id", "associations", "entries"];
const GROUP_FIELDS: &[&str] = &["group_id", "ip_permissions"];

pub(crate) const EXPOSURE: LookUp = LookUp {
    helper: "internet_exposure",
    kinds: &[SUBNETS, ROUTE_TABLES, GATEWAYS, ACLS, GROUPS, PREFIX_LIST, SETTINGS],
    returns_resources: false,
};

/// What `internet_exposure` returns.
pub(crate) static INTERNET_PATH: ResultShape =
    ResultShape { name: "internet_path", shape: Shape::of::<Path>() };

/// The paths to an instance.
fn paths(cx: &EvalContext, instance: &Dynamic, traffic: &Traffic) -> Scripted<Array> {
    let mut found = Exposure::default();
    for (interface, around) in public_interfaces(cx, instance)?.iter() {
        let mut more = analyze(interface, around, traffic, &Lists(cx))?;
        found.paths.append(&mut more.paths);
        found.unknown.append(&mut more.unknown);
    }
    found.unknown.into_iter().for_each(mark_uncertain);
    if found.paths.is_empty() {
        return Ok(Array::new());
    }
    let id = field(cx, instance, "instance_id")?.into_string().ok();
    let profile = profile_of(cx, instance)?;
    let shown = |path: Path| {
        let mut path = script_value(&Path { instance_id: id.clone(), ..path });
        if let Ok(mut path) = path.as_map_mut() {
            path.insert("instance_profile".into(), profile.clone());
        }
        path
    };
    Ok(found.paths.into_iter().map(shown).collect())
}

/// The name of the profile of an instance, which is not a part of a path.
fn profile_of(cx: &EvalContext, instance: &Dynamic) -> Scripted<Dynamic> {
    let profile = shown_field(cx, instance, "iam_instance_profile")?;
    if profile.read_lock::<EvidenceValue>().is_some() {
        return Ok(profile);
    }
    let arn = shown_field(cx, &profile, "arn")?;
    let name = arn.as_immutable_string_ref().ok().map(|arn| instance_profile_name(&arn).to_owned());
    Ok(name.map_or(arn, Dynamic::from))
}

/// The interfaces of an instance that have a public address, with what surrounds them.
type PublicInterfaces = Rc<Vec<(Interface, Surroundings)>>;

/// What was read for an instance, by a rule with these needs, and how many operations it took.
struct Last {
    instance: Dynamic,
    needs: Rc<Needs>,
    interfaces: PublicInterfaces,
    operations: u64,
}

thread_local! {
    /// What was read last. The variants of a script ask about the same instance one after the other.
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

fn public_interfaces(cx: &EvalContext, instance: &Dynamic) -> Scripted<PublicInterfaces> {
    let needs = cx.current()?.needs;
    let address = |of: &Dynamic| of.read_lock::<Object>().map(|object| object.address());
    let known = LAST.with_borrow(|last| {
        let last = last.as_ref().filter(|last| last.needs == needs)?;
        // The last instance is kept, so no other object can have its address.
        let is_same = address(instance).is_some() && address(instance) == address(&last.instance);
        is_same.then(|| (last.interfaces.clone(), last.operations))
    });
    if let Some((interfaces, operations)) = known.filter(|_| !cx.is_recording()) {
        // The work of a rule must not depend on what ran before.
        budget::charge(operations)?;
        return Ok(interfaces);
    }
    let before = budget::used();
    let interfaces = field(cx, instance, "network_interfaces")?;
    let Ok(all) = interfaces.as_array_ref().map(|all| all.to_vec()) else {
        let got = type_name(&interfaces);
        let helper = EXPOSURE.helper;
        return Interrupt::Broken(format!("`{helper}` expects an instance, got {got}")).raise();
    };
    let mut public = Vec::new();
    let id = shown_field(cx, instance, "instance_id")?.into_string().ok();
    for interface in &all {
        let mut interface = interface_of(interface)?;
        interface.instance_id.clone_from(&id);
        // Without a public address, nothing else matters.
        if interface.may_have_public_address() {
            let around = surroundings(cx, &mut interface)?;
            public.push((interface, around));
        }
    }
    let interfaces = Rc::new(public);
    if !cx.is_recording() {
        let (instance, operations) = (instance.clone(), budget::used() - before);
        LAST.set(Some(Last { instance, needs, interfaces: interfaces.clone(), operations }));
    }
    Ok(interfaces)
}

/// An interface of an instance, which may not be known completely if the instance does not exist yet.
fn interface_of(interface: &Dynamic) -> Scripted<Interface> {
    let (known, lost): (InstanceNetworkInterface, _) =
        read_known(EXPOSURE.helper, "an instance", interface)?;
    let mut interface = Interface::from(&known);
    for (path, cause) in lost {
        let Interface { gaps, .. } = &mut interface;
        match path.as_str() {
            "subnet_id" | "vpc_id" => gaps.place = Some(cause),
            "groups" | "groups.group_id" => gaps.groups.push(cause),
            "ipv6_addresses" | "ipv6_addresses.ipv6_address" => gaps.ipv6.push(cause),
            "ipv6_prefixes" | "ipv6_prefixes.ipv6_prefix" => gaps.ipv6.push(cause),
            "association" | "association.public_ip" => gaps.ipv4.push(cause),
            "private_ip_addresses"
            | "private_ip_addresses.association"
            | "private_ip_addresses.association.public_ip" => gaps.ipv4.push(cause),
            // Not a part of a path.
            _ => {}
        }
    }
    Ok(interface)
}

/// Prefix lists of the account, looked up when they are needed.
struct Lists<'a>(&'a EvalContext);

impl<'a> Lists<'a> {
    fn with(&self, id: &str) -> Scripted<PrefixLists<'a>> {
        let key: Dynamic = id.into();
        let lists = self.0.related_in_part(PREFIX_LIST, Some(("prefix_list_id", &key)))?;
        Ok(PrefixLists::new(EXPOSURE.helper, self.0, lists))
    }
}

impl exposure::PrefixLists for Lists<'_> {
    type Error = Box<EvalAltResult>;

    fn ranges(&self, id: &str) -> Scripted<Known<Vec<String>>> {
        exposure::PrefixLists::ranges(&self.with(id)?, id)
    }

    fn family(&self, id: &str) -> Scripted<Option<Family>> {
        exposure::PrefixLists::family(&self.with(id)?, id)
    }
}

/// What surrounds an interface.
fn surroundings(cx: &EvalContext, interface: &mut Interface) -> Scripted<Surroundings> {
    let account = cx.view()?.facts.account.as_str().to_owned();
    cx.record(|recorder| recorder.seen.account = true);
    let subnet = Dynamic::from(interface.subnet_id.clone().unwrap_or_default());
    let vpc = Dynamic::from(interface.vpc_id.clone().unwrap_or_default());
    let security_groups = Ok(readable_groups(cx, interface)?);
    let (block_public_access, exclusions) = settings(cx)?;
    if let Some(cause) = &interface.gaps.place {
        return Ok(Surroundings {
            account,
            subnets: Err(cause.clone()),
            route_tables: Err(cause.clone()),
            internet_gateways: Err(cause.clone()),
            network_acls: Err(cause.clone()),
            security_groups,
            block_public_access,
            exclusions: Err(cause.clone()),
        });
    }
    let gateways: Known<Vec<InternetGateway>> =
        look_up(cx, GATEWAYS, ("attachments.vpc_id", &vpc), GATEWAY_FIELDS)?;
    let subnets = look_up(cx, SUBNETS, ("subnet_id", &subnet), SUBNET_FIELDS)?;
    let route_tables = route_tables(cx, interface, (&subnet, &vpc), &gateways)?;
    let internet_gateways = with_targets(cx, gateways, &route_tables)?;
    Ok(Surroundings {
        account,
        subnets,
        route_tables,
        internet_gateways,
        network_acls: look_up(cx, ACLS, ("associations.subnet_id", &subnet), ACL_FIELDS)?,
        security_groups,
        block_public_access,
        exclusions,
    })
}

/// The groups of an interface that could be read. The others can only allow more traffic.
fn readable_groups(cx: &EvalContext, interface: &mut Interface) -> Scripted<Vec<SecurityGroup>> {
    let mut readable = Vec::new();
    for id in std::mem::take(&mut interface.groups) {
        match look_up(cx, GROUPS, ("group_id", &id.as_str().into()), GROUP_FIELDS)? {
            Ok(found) => {
                readable.extend(found);
                interface.groups.push(id);
            }
            Err(cause) => interface.gaps.groups.push(cause),
        }
    }
    Ok(readable)
}

/// The route table that is associated with the subnet, or else the main one of the VPC, and those of
/// the internet gateways.
fn route_tables(
    cx: &EvalContext,
    interface: &Interface,
    (subnet, vpc): (&Dynamic, &Dynamic),
    gateways: &Known<Vec<InternetGateway>>,
) -> Scripted<Known<Vec<RouteTable>>> {
    let mut tables: Known<Vec<RouteTable>> =
        look_up(cx, ROUTE_TABLES, ("associations.subnet_id", subnet), TABLE_FIELDS)?;
    if tables
        .as_ref()
        .is_ok_and(|tables| !tables.iter().any(|table| interface.is_associated(table)))
    {
        tables = join(tables, look_up(cx, ROUTE_TABLES, ("vpc_id", vpc), TABLE_FIELDS)?);
    }
    // Without the list, at least the gateways in routes are known.
    let mut ids = targets(&tables);
    ids.extend(gateways.iter().flatten().map(|gateway| gateway.internet_gateway_id.clone()));
    for id in ids {
        let id = id.into();
        let of_gateway = look_up(cx, ROUTE_TABLES, ("associations.gateway_id", &id), TABLE_FIELDS)?;
        tables = join(tables, of_gateway);
    }
    Ok(tables)
}

/// The internet gateways to which routes lead.
fn targets(tables: &Known<Vec<RouteTable>>) -> BTreeSet<String> {
    let routes = tables.iter().flatten().flat_map(|table| &table.routes);
    let targets = routes.filter_map(|route| route.gateway_id.clone());
    targets.filter(|id| id.starts_with("igw-")).collect()
}

/// Adds the gateways to which routes lead, which can be detached. One that is not known is taken for
/// attached.
fn with_targets(
    cx: &EvalContext,
    gateways: Known<Vec<InternetGateway>>,
    tables: &Known<Vec<RouteTable>>,
) -> Scripted<Known<Vec<InternetGateway>>> {
    let Ok(mut all) = gateways else { return Ok(gateways) };
    for id in targets(tables) {
        if all.iter().all(|gateway| gateway.internet_gateway_id != id) {
            let key = ("internet_gateway_id", &id.into());
            let found: Known<Vec<_>> = look_up(cx, GATEWAYS, key, GATEWAY_FIELDS)?;
            all.extend(found.unwrap_or_default());
        }
    }
    Ok(Ok(all))
}

fn join<T>(first: Known<Vec<T>>, second: Known<Vec<T>>) -> Known<Vec<T>> {
    let mut all = first?;
    all.extend(second?);
    Ok(all)
}

/// These fields of the resources with a field of that value, or why they are not known.
fn look_up<T: DeserializeOwned>(
    cx: &EvalContext,
    kind: &str,
    key: (&str, &Dynamic),
    fields: &[&str],
) -> Scripted<Known<Vec<T>>> {
    let resources = match listed(cx, kind, Some(key))? {
        Ok(resources) => resources,
        Err(cause) => return Ok(Err(cause)),
    };
    let mut found = Vec::new();
    for resource in resources {
        match try_fields(EXPOSURE.helper, "an instance", &resource, fields)? {
            Ok(known) => found.push(known),
            Err(cause) => return Ok(Err(cause)),
        }
    }
    Ok(Ok(found))
}

fn listed(cx: &EvalContext, kind: &str, key: Option<(&str, &Dynamic)>) -> Scripted<Known<Array>> {
    let resources = cx.related_in_part(kind, key)?;
    Ok(match cx.list_gap(kind)? {
        Some(cause) => Err(cause),
        None => Ok(resources),
    })
}

/// VPC Block Public Access of the region, and the exclusions from it.
fn settings(
    cx: &EvalContext,
) -> Scripted<(Known<VpcBlockPublicAccessOptions>, Known<Vec<VpcBlockPublicAccessExclusion>>)> {
    let settings = match listed(cx, SETTINGS, None)? {
        Ok(settings) => settings,
        Err(cause) => return Ok((Err(cause.clone()), Err(cause))),
    };
    let missing = || Cause::not_collected("ec2:DescribeVpcBlockPublicAccessOptions");
    let Some(settings) = settings.first() else { return Ok((Err(missing()), Err(missing()))) };
    let options = fact(cx, settings, "vpc_block_public_access_options")?;
    // Exclusions matter only if something is blocked.
    let is_off = |options: &VpcBlockPublicAccessOptions| {
        options.internet_gateway_block_mode.as_deref().is_none_or(|mode| mode == "off")
    };
    let exclusions = match &options {
        Ok(options) if is_off(options) => Ok(Vec::new()),
        _ => fact(cx, settings, "vpc_block_public_access_exclusions")?,
    };
    Ok((options, exclusions))
}

/// A fact of the settings, or why it is not known.
fn fact<T: DeserializeOwned>(
    cx: &EvalContext,
    settings: &Dynamic,
    name: &str,
) -> Scripted<Known<T>> {
    let unreadable = settings.read_lock::<Object>().and_then(|object| object.unreadable(name));
    match unreadable {
        Some(cause) => Ok(Err(cause)),
        None => Ok(Ok(read(EXPOSURE.helper, "an instance", &field(cx, settings, name)?)?)),
    }
}
