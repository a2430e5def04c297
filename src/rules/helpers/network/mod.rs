//! Security groups: by which rules the whole internet reaches a port. Network ACLs and routes are
//! beside it.

pub(super) mod acl;
pub(super) mod endpoints;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzz;
mod lists;
mod openings;
#[cfg(test)]
mod properties;
mod protocols;
pub(super) mod routes;

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Array, Dynamic, Engine};

use self::lists::PrefixLists;
use self::openings::{Asked, Families, Port, open_ports, openings};
use self::protocols::protocol_number;
use super::table::{LookUp, topic};
use crate::facts::ec2::security_group::IpPermission;
use crate::model::{did_you_mean, text};
use crate::rules::helpers::arguments::{Scripted, read, script_map};
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;

topic! {
    /// Who can reach what, by the rules of security groups. `permissions` are
    /// `group.ip_permissions`, or `…_egress`.
    ///
    /// The world is the whole internet of IPv4 or of IPv6: `0.0.0.0/0`, `::/0`, or ranges that add
    /// up to it, such as `0.0.0.0/1` and `128.0.0.0/1`, also in different rules. Addresses that are
    /// nobody's on the internet (private, reserved, multicast, …) may be missing: `2000::/3` is all
    /// of IPv6. References to security groups are not the world.
    ///
    /// Protocol `-1` in a rule is every protocol on every port. A protocol may be named (`tcp`,
    /// `udp`, `icmp`, `icmpv6`) or numbered. ICMP has types and no ports: a rule on it opens no
    /// port. A rule on a protocol without ports, such as 47, opens it as a whole.
    ///
    /// Prefix lists count only where they are given as the last argument,
    /// `prefix_lists(permissions)` with `needs: ["ec2.managed_prefix_list/entries"]`. A list that
    /// is not among them (its owner no longer shares it) may let in anybody: where a rule admits
    /// the port by one, the verdict is `unknown`, unless the rule fails by what is known.
    "Network";

    /// The ranges by which the world reaches a port, or a port of a range, or anything at all, as a
    /// list for evidence: `ip_protocol`, `from_port`, `to_port`, `cidr`, `description`, and
    /// `prefix_list_id` for a range of a prefix list.
    ///
    /// A range that is the world by itself stands alone; else all that add up to it are there, but
    /// for those within others. Ports are `()` where a rule names none.
    fn internet_openings
        (permissions: "list of object") -> "list of map"
        (permissions: "list of object", prefix_lists: "list of object") -> "list of map"
        (permissions: "list of object", protocol: "string", port: "int") -> "list of map"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of map"
        (permissions: "list of object", protocol: "string", from: "int", to: "int") -> "list of map"
        (permissions: "list of object", protocol: "string", from: "int", to: "int", prefix_lists: "list of object") -> "list of map";
    "internet_openings([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22).map(|range| range.cidr)"
        => "[\"0.0.0.0/0\"]";
    "internet_openings([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, prefix_list_ids: [#{ prefix_list_id: \"pl-1\" }] }], \"tcp\", 22, \
     [#{ prefix_list_id: \"pl-1\", entries: [#{ cidr: \"0.0.0.0/1\" }, #{ cidr: \"128.0.0.0/1\" }] }]).len()"
        => "2";
    "internet_openings([#{ ip_protocol: \"icmp\", from_port: -1, to_port: -1, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }])[0].ip_protocol"
        => "\"icmp\"";
    |engine, context| {
        const NAME: &str = "internet_openings";
        const BOTH: Families = Families::BOTH;
        ported(engine, context, NAME, BOTH);
        engine.register_fn(NAME, |permissions: Dynamic| found(NAME, &permissions, &Asked::Anything, BOTH, &PrefixLists::none()));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, lists: Array| {
            found(NAME, &permissions, &Asked::Anything, BOTH, &PrefixLists::new(NAME, &cx, lists))
        });
        engine.register_fn(NAME, |permissions: Dynamic, protocol: &str, from: i64, to: i64| {
            found(NAME, &permissions, &asked(NAME, protocol, from, to)?, BOTH, &PrefixLists::none())
        });
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, from: i64, to: i64, lists: Array| {
            found(NAME, &permissions, &asked(NAME, protocol, from, to)?, BOTH, &PrefixLists::new(NAME, &cx, lists))
        })
    };

    /// As `internet_openings`, for IPv4 alone.
    fn internet_openings_ipv4
        (permissions: "list of object", protocol: "string", port: "int") -> "list of map"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of map";
    "internet_openings_ipv4([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22)" => "[]";
    |engine, context| ported(engine, context, "internet_openings_ipv4", Families { v4: true, v6: false });

    /// As `internet_openings`, for IPv6 alone.
    fn internet_openings_ipv6
        (permissions: "list of object", protocol: "string", port: "int") -> "list of map"
        (permissions: "list of object", protocol: "string", port: "int", prefix_lists: "list of object") -> "list of map";
    "internet_openings_ipv6([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22).len()" => "1";
    |engine, context| ported(engine, context, "internet_openings_ipv6", Families { v4: false, v6: true });

    /// Whether the world reaches a port.
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
            let asked = asked(NAME, protocol, port, port)?;
            found(NAME, &permissions, &asked, Families::BOTH, &PrefixLists::none()).map(|found| !found.is_empty())
        });
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, port: i64, lists: Array| {
            let asked = asked(NAME, protocol, port, port)?;
            found(NAME, &permissions, &asked, Families::BOTH, &PrefixLists::new(NAME, &cx, lists)).map(|found| !found.is_empty())
        })
    };

    /// The prefix lists that permissions refer to, as `related("ec2.managed_prefix_list")` has
    /// them, each once: for the last argument of the others. The rule declares `needs:
    /// ["ec2.managed_prefix_list/entries"]`; where the entries of one cannot be read, the verdict
    /// is `unknown`.
    fn prefix_lists(permissions: "list of object") -> "list of object";
    "prefix_lists([#{ prefix_list_ids: [#{ prefix_list_id: \"pl-1\" }] }]).map(|list| list.entries.len())" => "[2]";
    "prefix_lists([#{ ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }])" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(PREFIX_LISTS.helper, move |permissions: Dynamic| -> Scripted<Array> {
            let permissions = read_permissions(PREFIX_LISTS.helper, &permissions)?;
            let ids = permissions.into_iter().flat_map(|permission| permission.prefix_list_ids);
            let ids: BTreeSet<String> = ids.filter_map(|list| list.prefix_list_id).collect();
            let mut found = Array::new();
            for id in ids {
                for kind in PREFIX_LISTS.kinds {
                    found.extend(cx.related(kind, Some(("prefix_list_id", &id.as_str().into())))?);
                }
            }
            Ok(found)
        })
    };

    /// The ports that the world reaches, as ranges `#{ from, to }` in order; ranges that touch are
    /// one. `tcp` and `udp` only.
    fn world_ports
        (permissions: "list of object", protocol: "string") -> "list of map"
        (permissions: "list of object", protocol: "string", prefix_lists: "list of object") -> "list of map";
    "world_ports([#{ ip_protocol: \"tcp\", from_port: 80, to_port: 81, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }, \
     #{ ip_protocol: \"tcp\", from_port: 82, to_port: 90, ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\")"
        => "[#{ from: 80, to: 90 }]";
    "world_ports([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"udp\")" => "[#{ from: 0, to: 65535 }]";
    |engine, context| {
        const NAME: &str = "world_ports";
        engine.register_fn(NAME, |permissions: Dynamic, protocol: &str| ports(NAME, &permissions, protocol, &PrefixLists::none()));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |permissions: Dynamic, protocol: &str, lists: Array| {
            ports(NAME, &permissions, protocol, &PrefixLists::new(NAME, &cx, lists))
        })
    };
}

pub(crate) const PREFIX_LISTS: LookUp =
    LookUp { helper: "prefix_lists", kinds: &["ec2.managed_prefix_list"], returns_resources: true };

/// Registers the two forms that every variant of `internet_openings` has: one port, without and with
/// prefix lists.
fn ported(engine: &mut Engine, context: &Rc<EvalContext>, name: &'static str, families: Families) {
    engine.register_fn(name, move |permissions: Dynamic, protocol: &str, port: i64| {
        found(
            name,
            &permissions,
            &asked(name, protocol, port, port)?,
            families,
            &PrefixLists::none(),
        )
    });
    let cx = Rc::clone(context);
    engine.register_fn(
        name,
        move |permissions: Dynamic, protocol: &str, port: i64, lists: Array| {
            found(
                name,
                &permissions,
                &asked(name, protocol, port, port)?,
                families,
                &PrefixLists::new(name, &cx, lists),
            )
        },
    );
}

fn found(
    helper: &str,
    permissions: &Dynamic,
    asked: &Asked,
    families: Families,
    lists: &PrefixLists<'_>,
) -> Scripted<Array> {
    let permissions = read_permissions(helper, permissions)?;
    Ok(openings(&permissions, asked, families, lists)?
        .iter()
        .map(|source| script_map(source.to_json()))
        .collect())
}

fn ports(
    helper: &str,
    permissions: &Dynamic,
    protocol: &str,
    lists: &PrefixLists<'_>,
) -> Scripted<Array> {
    let number = protocol_asked(helper, protocol)?;
    if !matches!(number, 6 | 17) {
        return Interrupt::Broken(format!(
            "`{helper}` knows the ports of tcp and udp, got `{}`",
            text::one_line(protocol, 30)
        ))
        .raise();
    }
    let open = open_ports(&read_permissions(helper, permissions)?, number, lists)?;
    Ok(open
        .iter()
        .map(|(from, to)| script_map(serde_json::json!({ "from": from, "to": to })))
        .collect())
}

fn read_permissions(helper: &str, permissions: &Dynamic) -> Scripted<Vec<IpPermission>> {
    read(helper, "a list of permissions such as `group.ip_permissions`", permissions)
}

/// What a script asks for. A port that does not exist and a protocol that nobody knows are slips
/// that would match nothing, silently.
fn asked(helper: &str, protocol: &str, from: i64, to: i64) -> Scripted<Asked> {
    let protocol = protocol_asked(helper, protocol)?;
    match (Port::try_from(from), Port::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to => Ok(Asked::Ports { protocol, from, to }),
        _ => {
            let got = if from == to { from.to_string() } else { format!("{from} to {to}") };
            Interrupt::Broken(format!("`{helper}` wants ports from 0 to 65535, got {got}")).raise()
        }
    }
}

fn protocol_asked(helper: &str, protocol: &str) -> Scripted<i64> {
    if let Some(number) = protocol_number(protocol).filter(|number| (-1..=255).contains(number)) {
        return Ok(number);
    }
    let meant = did_you_mean(protocol, ["tcp", "udp", "icmp", "icmpv6"]);
    let hint = meant.map_or("name tcp, udp, icmp or icmpv6, or the number".to_owned(), |meant| {
        format!("did you mean `{meant}`?")
    });
    Interrupt::Broken(format!(
        "`{helper}` does not know the protocol `{}`; {hint}",
        text::one_line(protocol, 30)
    ))
    .raise()
}
