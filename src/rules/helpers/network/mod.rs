//! Security groups: which rules open a port to the whole internet. Network ACLs and routes are in
//! submodules.

pub(super) mod acl;
pub(super) mod endpoints;
pub(super) mod exposure;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzz;
mod lists;
mod opened_by;
mod permissions;
#[cfg(test)]
mod properties;
pub(super) mod routes;

use std::cell::RefCell;
use std::rc::Rc;

use rhai::{Array, Dynamic, Engine};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::lists::{PrefixLists, certain};
use self::permissions::{Unread, convert_permissions};
use super::table::{LookUp, ResultShape, topic};
use crate::exposure::{
    Families, Port, Query, Source, all_open, open_among, open_ports, openings, protocol_number,
};
use crate::facts::Shape;
use crate::facts::ec2::security_group::IpPermission;
use crate::model::{did_you_mean, text};
use crate::rules::helpers::arguments::{Scripted, charge, script_value};
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::object::Object;
use crate::rules::values::tracking;

topic! {
    /// These functions evaluate the rules of security groups. `permissions` is
    /// `group.ip_permissions` or `group.ip_permissions_egress`.
    ///
    /// "The internet" means the IPv4 or the IPv6 internet: `0.0.0.0/0`, `::/0`, or ranges that
    /// together contain at least 95 percent of the globally routable addresses, such as `0.0.0.0/1`
    /// and `128.0.0.0/1`, even if the ranges are in different security group rules. Leaving out a
    /// few networks does not make a port private. Private, reserved and multicast addresses are not
    /// globally routable, so `2000::/3` is the entire IPv6 internet. Sources and destinations that
    /// are security groups do not count.
    ///
    /// In a security group rule, protocol `-1` means every protocol on every port. Protocols can be
    /// given by name (`tcp`, `udp`, `icmp`, `icmpv6`) or by number. ICMP has types instead of
    /// ports, so an ICMP rule opens no port. A rule for a protocol without ports, such as protocol
    /// 47 (GRE), opens the whole protocol.
    ///
    /// Pass prefix lists as the last argument: `prefix_lists(permissions)` with
    /// `needs: ["ec2.managed_prefix_list/entries?"]`. A prefix list is unknown if it is not among
    /// the passed lists, for example because the argument is missing or the owner of the prefix list
    /// no longer shares it, or if it or its entries could not be read. If the result depends on an
    /// unknown prefix list, the verdict is `unknown`, unless the rule fails even without that list.
    /// Without the question mark, the verdict is `unknown` for every resource if prefix lists could
    /// not be listed.
    "Network";

    /// Returns the address ranges that security group rules open to the internet, as a list for
    /// evidence. If several ports are given, as a list or a range, it is enough that one of them is
    /// open. If no protocol is given, any traffic counts.
    ///
    /// If any range covers the entire internet by itself, only such ranges are returned; otherwise,
    /// all ranges that together cover the internet are returned, except ranges contained in others.
    /// `from_port` and `to_port` are `()` if the security group rule does not specify ports. For a
    /// list of ports, each range is returned only once. At most 1,000 ranges are returned.
    fn internet_openings
        (permissions: "list of object") -> "list of opening"
        (permissions: "list of object", prefix_lists: "list of object") -> "list of opening"
        (permissions: "list of object", protocol: "string", port: "int") -> "list of opening"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of opening"
        (permissions: "list of object", protocol: "string", ports: "list of int", prefix_lists: "list of object") -> "list of opening"
        (permissions: "list of object", protocol: "string", from: "int", to: "int") -> "list of opening"
        (permissions: "list of object", protocol: "string", from: "int", to: "int", prefix_lists: "list of object") -> "list of opening";
    "internet_openings([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22).map(|range| range.cidr)"
        => "[\"0.0.0.0/0\"]";
    "internet_openings([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, prefix_list_ids: [#{ prefix_list_id: \"pl-1\" }] }], \"tcp\", 22, \
     [#{ prefix_list_id: \"pl-1\", entries: [#{ cidr: \"0.0.0.0/1\" }, #{ cidr: \"128.0.0.0/1\" }] }]).len()"
        => "2";
    "internet_openings([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 80, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", \
     [22, 23, 443], []).len()"
        => "1";
    "internet_openings([#{ ip_protocol: \"icmp\", from_port: -1, to_port: -1, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }])[0].ip_protocol"
        => "\"icmp\"";
    |engine, context| {
        const NAME: &str = "internet_openings";
        const BOTH: Families = Families::BOTH;
        ported(engine, context, NAME, BOTH);
        engine.register_fn(NAME, |permissions: Dynamic| found(NAME, &permissions, &Query::Anything, BOTH, &PrefixLists::none(NAME)));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, lists: Array| {
            found(NAME, &permissions, &Query::Anything, BOTH, &PrefixLists::new(NAME, &cx, lists))
        });
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, ports: Array, lists: Array| {
            let query = Query::Several { protocol: query_protocol(NAME, protocol)?, ports: read_ports(NAME, &ports)? };
            found(NAME, &permissions, &query, BOTH, &PrefixLists::new(NAME, &cx, lists))
        });
        engine.register_fn(NAME, |permissions: Dynamic, protocol: &str, from: i64, to: i64| {
            found(NAME, &permissions, &query(NAME, protocol, from, to)?, BOTH, &PrefixLists::none(NAME))
        });
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, from: i64, to: i64, lists: Array| {
            found(NAME, &permissions, &query(NAME, protocol, from, to)?, BOTH, &PrefixLists::new(NAME, &cx, lists))
        })
    };

    /// Returns which rules are behind openings if they open more than single ports, as the end of a
    /// message that names only some ports: `open to the internet: TCP 22 (by a rule for TCP
    /// 0-65535)`. Otherwise, the string is empty. The openings can be those of `internet_openings`
    /// or `nacl_internet_openings`.
    fn opened_by(openings: "list") -> "string";
    "opened_by([#{ ip_protocol: \"tcp\", from_port: 0, to_port: 65535 }, #{ ip_protocol: \"-1\" }])"
        => "\" (by rules for TCP 0-65535, all traffic)\"";
    "opened_by([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22 }])" => "\"\"";
    "opened_by([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22 }, #{ ip_protocol: \"tcp\", from_port: 3389, to_port: 3390 }])"
        => "\" (including by a rule for TCP 3389-3390)\"";
    |engine, _| engine.register_fn(opened_by::NAME, |openings: Dynamic| opened_by::opened_by(&openings));

    /// Like `internet_openings`, but only for IPv4.
    fn internet_openings_ipv4
        (permissions: "list of object", protocol: "string", port: "int") -> "list of opening"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of opening";
    "internet_openings_ipv4([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22)" => "[]";
    |engine, context| ported(engine, context, "internet_openings_ipv4", Families { v4: true, v6: false });

    /// Like `internet_openings`, but only for IPv6.
    fn internet_openings_ipv6
        (permissions: "list of object", protocol: "string", port: "int") -> "list of opening"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of opening";
    "internet_openings_ipv6([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22).len()" => "1";
    |engine, context| ported(engine, context, "internet_openings_ipv6", Families { v4: false, v6: true });

    /// Returns whether a port is open to the internet.
    fn is_open_to_internet
        (permissions: "list of object", protocol: "string", port: "int") -> "bool"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "bool";
    "is_open_to_internet([#{ ip_protocol: \"tcp\", from_port: 0, to_port: 80, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22)"
        => "true";
    "is_open_to_internet([#{ ip_protocol: \"icmp\", from_port: -1, to_port: -1, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22)"
        => "false";
    |engine, context| {
        const NAME: &str = "is_open_to_internet";
        engine.register_fn(NAME, |permissions: Dynamic, protocol: &str, port: i64| {
            let query = query(NAME, protocol, port, port)?;
            found(NAME, &permissions, &query, Families::BOTH, &PrefixLists::none(NAME)).map(|found| !found.is_empty())
        });
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, port: i64, lists: Array| {
            let query = query(NAME, protocol, port, port)?;
            found(NAME, &permissions, &query, Families::BOTH, &PrefixLists::new(NAME, &cx, lists)).map(|found| !found.is_empty())
        })
    };

    /// Returns those of the given TCP or UDP ports that are open to the internet, in the given
    /// order. An unknown prefix list matters only if a security group rule that uses it applies to
    /// one of these ports.
    fn open_ports(permissions: "list of object", protocol: "string", ports: "list of int", prefix_lists: "list of object") -> "list of int";
    "open_ports([#{ ip_protocol: \"tcp\", from_port: 20, to_port: 80, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", [22, 443], [])"
        => "[22]";
    |engine, context| {
        const NAME: &str = "open_ports";
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, ports: Array, lists: Array| -> Scripted<Array> {
            let protocol = with_ports(NAME, protocol)?;
            let ports = read_ports(NAME, &ports)?;
            let (permissions, unread) = permissions_of(NAME, &permissions)?;
            let lists = PrefixLists::new(NAME, &cx, lists);
            mark_relevant(unread, &Query::Several { protocol, ports: ports.clone() }, Families::BOTH, &lists)?;
            let open = open_among(&permissions, protocol, &ports, &lists)?;
            Ok(certain(open).into_iter().map(|port| Dynamic::from_int(port.into())).collect())
        })
    };

    /// Returns whether every TCP or UDP port of a range is open to the internet. An unknown prefix
    /// list does not matter if at least one port of the range is closed whatever the list contains.
    fn all_ports_open(permissions: "list of object", protocol: "string", from: "int", to: "int", prefix_lists: "list of object") -> "bool";
    "all_ports_open([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 0, 65535, [])" => "true";
    "all_ports_open([#{ ip_protocol: \"tcp\", from_port: 80, to_port: 90, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 80, 91, [])"
        => "false";
    |engine, context| {
        const NAME: &str = "all_ports_open";
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, from: i64, to: i64, lists: Array| -> Scripted<bool> {
            let protocol = with_ports(NAME, protocol)?;
            let Query::Ports { from, to, .. } = query(NAME, "tcp", from, to)? else { return Ok(false) };
            Ok(certain(all_open(&read_permissions(NAME, &permissions)?, protocol, (from, to), &PrefixLists::new(NAME, &cx, lists))?))
        })
    };

    /// Returns the prefix lists that `permissions` refers to, without duplicates and in the form
    /// that `related("ec2.managed_prefix_list")` returns. Pass them to the other functions as the
    /// last argument. The rule must declare `needs: ["ec2.managed_prefix_list/entries?"]`. If a
    /// prefix list or its entries could not be read, the other functions treat the list as unknown,
    /// and a rule that reads its `entries` gets the verdict `unknown`.
    fn prefix_lists(permissions: "list of object") -> "list of object";
    "prefix_lists([#{ prefix_list_ids: [#{ prefix_list_id: \"pl-1\" }] }]).map(|list| list.entries.len())" => "[2]";
    "prefix_lists([#{ ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }])" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(PREFIX_LISTS.helper, move |permissions: Dynamic| -> Scripted<Array> {
            let (permissions, unread) = permissions_of(PREFIX_LISTS.helper, &permissions)?;
            unread.into_iter().filter(|one| one.can_be_list).for_each(|one| mark_uncertain(one.cause));
            let ids = permissions.iter().flat_map(|permission| &permission.prefix_list_ids);
            lists::with_ids(&cx, ids.filter_map(|list| list.prefix_list_id.as_deref()))
        })
    };

    /// Returns the ports that are open to the internet, as sorted ranges `#{ from, to }`; adjacent
    /// ranges are merged. Only `tcp` and `udp` are supported.
    fn world_ports
        (permissions: "list of object", protocol: "string") -> "list of port_range"
        (permissions: "list of object", protocol: "string", prefix_lists: "list of object") -> "list of port_range";
    "world_ports([#{ ip_protocol: \"tcp\", from_port: 80, to_port: 81, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }, \
     #{ ip_protocol: \"tcp\", from_port: 82, to_port: 90, ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\")"
        => "[#{ from: 80, to: 90 }]";
    "world_ports([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"udp\")" => "[#{ from: 0, to: 65535 }]";
    |engine, context| {
        const NAME: &str = "world_ports";
        engine.register_fn(NAME, |permissions: Dynamic, protocol: &str| ports(NAME, &permissions, protocol, &PrefixLists::none(NAME)));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, lists: Array| {
            ports(NAME, &permissions, protocol, &PrefixLists::new(NAME, &cx, lists))
        })
    };
}

/// A range that a security group rule opens to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Opening {
    /// The protocol of the rule: `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a number.
    ip_protocol: String,
    /// The first port, or the ICMP type.
    from_port: Option<i64>,
    /// The last port, or the ICMP code.
    to_port: Option<i64>,
    /// The range in CIDR notation.
    cidr: String,
    /// The description of the range.
    description: Option<String>,
    /// The prefix list that contains the range.
    prefix_list_id: Option<String>,
}

impl From<&Source<'_>> for Opening {
    fn from(source: &Source<'_>) -> Self {
        Self {
            ip_protocol: source.permission.ip_protocol.clone().unwrap_or_default(),
            from_port: source.permission.from_port,
            to_port: source.permission.to_port,
            cidr: source.cidr.clone(),
            description: source.description.map(str::to_owned),
            prefix_list_id: source.prefix_list_id.map(str::to_owned),
        }
    }
}

/// Ports that are open to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
struct PortRange {
    /// The first port.
    from: i64,
    /// The last port.
    to: i64,
}

/// What the variants of `internet_openings` return.
pub(crate) static OPENING: ResultShape =
    ResultShape { name: "opening", shape: Shape::of::<Opening>() };

/// What `world_ports` returns.
pub(crate) static PORT_RANGE: ResultShape =
    ResultShape { name: "port_range", shape: Shape::of::<PortRange>() };

pub(crate) const PREFIX_LISTS: LookUp =
    LookUp { helper: "prefix_lists", kinds: &[lists::PREFIX_LIST], returns_resources: true };

pub(crate) const ROUTE_PREFIX_LISTS: LookUp =
    LookUp { helper: "route_prefix_lists", kinds: &[lists::PREFIX_LIST], returns_resources: true };

/// Registers the two signatures that every variant of `internet_openings` has: one port, without
/// and with prefix lists.
fn ported(engine: &mut Engine, context: &Rc<EvalContext>, name: &'static str, families: Families) {
    engine.register_fn(name, move |permissions: Dynamic, protocol: &str, port: i64| {
        found(
            name,
            &permissions,
            &query(name, protocol, port, port)?,
            families,
            &PrefixLists::none(name),
        )
    });
    let cx = Rc::clone(context);
    engine.register_fn(
        name,
        move |permissions: Dynamic, protocol: &str, port: i64, lists: Array| {
            found(
                name,
                &permissions,
                &query(name, protocol, port, port)?,
                families,
                &PrefixLists::new(name, &cx, lists),
            )
        },
    );
}

fn found(
    helper: &str,
    permissions: &Dynamic,
    query: &Query,
    families: Families,
    lists: &PrefixLists<'_>,
) -> Scripted<Array> {
    let (permissions, unread) = permissions_of(helper, permissions)?;
    mark_relevant(unread, query, families, lists)?;
    Ok(certain(openings(&permissions, query, families, lists)?)
        .iter()
        .map(|source| script_value(&Opening::from(source)))
        .collect())
}

/// Marks what could not be read if it can open what the query is about.
fn mark_relevant(
    unread: Vec<Unread>,
    query: &Query,
    families: Families,
    lists: &PrefixLists<'_>,
) -> Scripted<()> {
    for Unread { cause, at_most, .. } in unread {
        let matters = match at_most {
            Some(one) => !openings(&[one], query, families, lists)?.known.is_empty(),
            None => true,
        };
        if matters {
            mark_uncertain(cause);
        }
    }
    Ok(())
}

fn ports(
    helper: &str,
    permissions: &Dynamic,
    protocol: &str,
    lists: &PrefixLists<'_>,
) -> Scripted<Array> {
    let number = with_ports(helper, protocol)?;
    let open = certain(open_ports(&read_permissions(helper, permissions)?, number, lists)?);
    Ok(open.iter().map(|&(from, to)| script_value(&PortRange { from, to })).collect())
}

/// A protocol that has ports.
fn with_ports(helper: &str, protocol: &str) -> Scripted<i64> {
    let number = query_protocol(helper, protocol)?;
    if matches!(number, 6 | 17) {
        return Ok(number);
    }
    Interrupt::Broken(format!(
        "`{helper}` supports only `tcp` and `udp`, got `{}`",
        text::one_line(protocol, 30)
    ))
    .raise()
}

fn read_ports(helper: &str, ports: &Array) -> Scripted<Vec<Port>> {
    let port = |port: &Dynamic| port.as_int().ok().and_then(|port| Port::try_from(port).ok());
    ports.iter().map(port).collect::<Option<Vec<Port>>>().map_or_else(
        || Interrupt::Broken(format!("`{helper}` expects ports from 0 to 65535")).raise(),
        Ok,
    )
}

/// Permissions of a security group as the script has them, and converted, with what could not be read
/// of them.
type Converted = (Array, Rc<Vec<IpPermission>>, Vec<Unread>);

thread_local! {
    /// What was converted last. A rule passes the permissions of a group to several helpers, and so do
    /// the variants of a script, which are evaluated one after the other.
    static LAST: RefCell<Option<Converted>> = const { RefCell::new(None) };
}

fn read_permissions(helper: &str, permissions: &Dynamic) -> Scripted<Rc<Vec<IpPermission>>> {
    let (permissions, unread) = permissions_of(helper, permissions)?;
    unread.into_iter().for_each(|unread| mark_uncertain(unread.cause));
    Ok(permissions)
}

/// The permissions, and what could not be read of them, which may not matter.
fn permissions_of(
    helper: &str,
    permissions: &Dynamic,
) -> Scripted<(Rc<Vec<IpPermission>>, Vec<Unread>)> {
    let known = LAST.with_borrow(|last| {
        let (list, converted, unread) = last.as_ref()?;
        is_same_list(list, permissions).then(|| (converted.clone(), unread.clone()))
    });
    // The conversion marks what it reads.
    if let Some(known) = known.filter(|_| !tracking::is_active()) {
        // The work of a rule must not depend on what ran before.
        charge(permissions)?;
        return Ok(known);
    }
    let (converted, unread) = convert_permissions(helper, permissions)?;
    let converted = Rc::new(converted);
    if let Ok(list) = permissions.as_array_ref() {
        LAST.set(Some((list.clone(), converted.clone(), unread.clone())));
    }
    Ok((converted, unread))
}

/// Whether two lists have the same objects of facts, which never change. The first list keeps its
/// objects, so that no other one can have their address.
fn is_same_list(list: &Array, other: &Dynamic) -> bool {
    let address = |item: &Dynamic| item.read_lock::<Object>().map(|object| object.address());
    other.as_array_ref().is_ok_and(|other| {
        list.len() == other.len()
            && list.iter().zip(other.iter()).all(|(one, other)| {
                let one = address(one);
                one.is_some() && one == address(other)
            })
    })
}

/// What a script asks about. An invalid port or an unknown protocol is an error, because it would
/// silently match nothing.
fn query(helper: &str, protocol: &str, from: i64, to: i64) -> Scripted<Query> {
    let protocol = query_protocol(helper, protocol)?;
    match (Port::try_from(from), Port::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to => Ok(Query::Ports { protocol, from, to }),
        _ => {
            let got = if from == to { from.to_string() } else { format!("{from} to {to}") };
            Interrupt::Broken(format!("`{helper}` expects ports from 0 to 65535, got {got}"))
                .raise()
        }
    }
}

fn query_protocol(helper: &str, protocol: &str) -> Scripted<i64> {
    if let Some(number) = protocol_number(protocol).filter(|number| (-1..=255).contains(number)) {
        return Ok(number);
    }
    let meant = did_you_mean(protocol, ["tcp", "udp", "icmp", "icmpv6"]);
    let hint = meant
        .map_or("use `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number".to_owned(), |meant| {
            format!("did you mean `{meant}`?")
        });
    Interrupt::Broken(format!(
        "`{helper}` got an unknown protocol `{}`: {hint}",
        text::one_line(protocol, 30)
    ))
    .raise()
}
