//! Which rules of a security group open what to the internet.

use std::collections::BTreeSet;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lists::{PrefixLists, Unavailable};
use super::protocols::protocol_number;
use crate::facts::ec2::security_group::IpPermission;
use crate::rules::helpers::address_set::{AddressSet, Family};
use crate::rules::helpers::addresses;
use crate::rules::helpers::arguments::Scripted;

/// A range that a security group rule opens to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Opening {
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

/// Ports that are open to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct PortRange {
    /// The first port.
    pub(super) from: i64,
    /// The last port.
    pub(super) to: i64,
}

/// A port.
pub(super) type Port = u16;

/// Beyond the last port: out-of-range numbers are capped here, so that arithmetic on them is safe.
const PORT_LIMIT: i64 = 65_536;

/// How many openings are returned. Several prefix lists have thousands of entries, and a script can
/// hold only so many maps; reports show 100.
const MAX_OPENINGS: usize = 1_000;

/// What a script asks about.
pub(super) enum Query {
    /// Anything at all.
    Anything,
    /// At least one port of a range. Protocol -1: a rule on every protocol.
    Ports { protocol: i64, from: Port, to: Port },
    /// At least one of these ports.
    Several { protocol: i64, ports: Vec<Port> },
}

/// Which address families count.
#[derive(Clone, Copy)]
pub(super) struct Families {
    pub(super) v4: bool,
    pub(super) v6: bool,
}

impl Families {
    pub(super) const BOTH: Self = Self { v4: true, v6: true };

    fn has(self, family: Family) -> bool {
        if family == Family::V4 { self.v4 } else { self.v6 }
    }
}

/// A range that a rule allows, with the rule.
#[derive(Clone)]
pub(super) struct Source<'a> {
    net: IpNet,
    pub(super) cidr: String,
    description: Option<&'a str>,
    prefix_list_id: Option<&'a str>,
    permission: &'a IpPermission,
    /// Its position among all sources, for sorting and comparison.
    place: usize,
}

impl Source<'_> {
    pub(super) fn shown(&self) -> Opening {
        Opening {
            ip_protocol: self.permission.ip_protocol.clone().unwrap_or_default(),
            from_port: self.permission.from_port,
            to_port: self.permission.to_port,
            cidr: self.cidr.clone(),
            description: self.description.map(str::to_owned),
            prefix_list_id: self.prefix_list_id.map(str::to_owned),
        }
    }
}

/// What a rule allows: protocol -1 is every protocol. The span is one of ports, or of ICMP types,
/// or everything for protocols that have neither.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    protocol: i64,
    from: i64,
    to: i64,
}

impl Span {
    fn of(permission: &IpPermission) -> Option<Self> {
        let protocol = permission.ip_protocol.as_deref().and_then(protocol_number)?;
        // Missing, or -1, means all.
        let bound = |port: Option<i64>, otherwise| {
            port.filter(|port| *port >= 0).unwrap_or(otherwise).min(PORT_LIMIT)
        };
        let (from, to) = match protocol {
            6 | 17 => (bound(permission.from_port, 0), bound(permission.to_port, 65_535)),
            // Types and codes do not form ranges: a rule allows one type, or all.
            1 | 58 => permission
                .from_port
                .filter(|kind| *kind >= 0)
                .map_or((0, 65_535), |kind| (kind.min(PORT_LIMIT), kind.min(PORT_LIMIT))),
            _ => (0, 65_535),
        };
        Some(Self { protocol, from, to })
    }

    /// Whether it allows port `at` of a protocol. ICMP has types instead of ports: if `types` is
    /// set, `at` is a type.
    fn admits(&self, protocol: i64, at: i64, types: bool) -> bool {
        self.protocol == -1
            || (self.protocol == protocol
                && (types || !matches!(protocol, 1 | 58))
                && (self.from..=self.to).contains(&at))
    }
}

/// The sources that open what the script asks about to the internet. If nothing is found but an
/// unavailable prefix list might open it, [`Unavailable::mark_uncertain`] prevents the result from
/// counting as closed.
pub(super) fn openings<'a>(
    permissions: &'a [IpPermission],
    query: &Query,
    families: Families,
    lists: &PrefixLists<'_>,
) -> Scripted<Vec<Source<'a>>> {
    let spans: Vec<(Span, &IpPermission)> = permissions
        .iter()
        .filter_map(|permission| Some((Span::of(permission)?, permission)))
        .collect();
    // The allowed sources change only where a rule begins or ends, so one port of each stretch
    // between represents all of it.
    let (places, types): (Vec<(i64, i64)>, bool) = match query {
        Query::Anything => {
            let protocols = spans.iter().map(|(span, _)| span.protocol);
            let mut places: Vec<(i64, i64)> = protocols
                .flat_map(|protocol| {
                    starts(&spans, protocol, 0, 65_535).map(move |at| (protocol, at))
                })
                .collect();
            places.sort_unstable();
            places.dedup();
            (places, true)
        }
        &Query::Ports { protocol, from, to } => (
            starts(&spans, protocol, from.into(), to.into()).map(|at| (protocol, at)).collect(),
            false,
        ),
        Query::Several { protocol, ports } => {
            let edges: BTreeSet<i64> = starts(&spans, *protocol, 0, 65_535).collect();
            let start = |port: &Port| edges.range(..=i64::from(*port)).next_back().copied();
            let starts: BTreeSet<i64> = ports.iter().filter_map(start).collect();
            (starts.into_iter().map(|at| (*protocol, at)).collect(), false)
        }
    };
    let admits =
        |span: &Span| places.iter().any(|(protocol, at)| span.admits(*protocol, *at, types));
    let admitted = Admitted::by(spans.iter().filter(|(span, _)| admits(span)), families, lists)?;
    let mut chosen: Vec<Source<'a>> = Vec::new();
    for (protocol, at) in places {
        let here = |span: &Span| span.admits(protocol, at, types);
        let open = admitted.world(here);
        if open.is_empty() {
            admitted.unavailable(here).for_each(Unavailable::mark_uncertain);
        }
        chosen.extend(open);
    }
    chosen.sort_by_key(|source| source.place);
    chosen.dedup_by_key(|source| source.place);
    chosen.truncate(MAX_OPENINGS);
    Ok(chosen)
}

/// The ranges of TCP or UDP ports that are open to the internet, sorted and merged. For prefix
/// lists, see [`openings`].
pub(super) fn open_ports(
    permissions: &[IpPermission],
    protocol: i64,
    lists: &PrefixLists<'_>,
) -> Scripted<Vec<(i64, i64)>> {
    let mut open: Vec<(i64, i64)> = Vec::new();
    for stretch in stretches(permissions, protocol, 0, 65_535, lists)? {
        if !stretch.is_open {
            stretch.unavailable.iter().for_each(Unavailable::mark_uncertain);
            continue;
        }
        match open.last_mut() {
            Some(last) if last.1 + 1 == stretch.from => last.1 = stretch.to,
            _ => open.push((stretch.from, stretch.to)),
        }
    }
    Ok(open)
}

/// Which of some ports are open to the internet. A prefix list whose entries are unknown matters
/// only if it applies to one of them that is not open anyway.
pub(super) fn open_among(
    permissions: &[IpPermission],
    protocol: i64,
    ports: &[Port],
    lists: &PrefixLists<'_>,
) -> Scripted<Vec<Port>> {
    let stretches = stretches(permissions, protocol, 0, 65_535, lists)?;
    let mut open = Vec::new();
    for &port in ports {
        let at = stretches.partition_point(|stretch| stretch.to < port.into());
        let Some(stretch) = stretches.get(at) else { continue };
        if stretch.is_open {
            open.push(port);
        } else {
            stretch.unavailable.iter().for_each(Unavailable::mark_uncertain);
        }
    }
    Ok(open)
}

/// Whether every port of a range is open to the internet. If one is closed whatever the unknown
/// prefix lists contain, they do not matter.
pub(super) fn all_open(
    permissions: &[IpPermission],
    protocol: i64,
    (from, to): (Port, Port),
    lists: &PrefixLists<'_>,
) -> Scripted<bool> {
    let stretches = stretches(permissions, protocol, from.into(), to.into(), lists)?;
    let closed: Vec<&Stretch> = stretches.iter().filter(|stretch| !stretch.is_open).collect();
    if closed.iter().all(|stretch| !stretch.unavailable.is_empty()) {
        let unavailable = closed.iter().flat_map(|stretch| &stretch.unavailable);
        unavailable.for_each(Unavailable::mark_uncertain);
    }
    Ok(closed.is_empty())
}

/// Ports to which the same rules apply.
struct Stretch {
    from: i64,
    to: i64,
    is_open: bool,
    /// If it is not open: the prefix lists that might open it.
    unavailable: Vec<Unavailable>,
}

/// A range of TCP or UDP ports, divided where rules begin and end.
fn stretches(
    permissions: &[IpPermission],
    protocol: i64,
    from: i64,
    to: i64,
    lists: &PrefixLists<'_>,
) -> Scripted<Vec<Stretch>> {
    let spans: Vec<(Span, &IpPermission)> = permissions
        .iter()
        .filter_map(|permission| Some((Span::of(permission)?, permission)))
        .collect();
    let relevant =
        spans.iter().filter(|(span, _)| span.protocol == -1 || span.protocol == protocol);
    let admitted = Admitted::by(relevant, Families::BOTH, lists)?;
    let mut starts: Vec<i64> = starts(&spans, protocol, from, to).collect();
    starts.sort_unstable();
    starts.dedup();
    let stretch = |(index, &at): (usize, &i64)| {
        let here = |span: &Span| span.admits(protocol, at, false);
        let is_open = !admitted.world(here).is_empty();
        let unavailable =
            if is_open { Vec::new() } else { admitted.unavailable(here).cloned().collect() };
        Stretch {
            from: at,
            to: starts.get(index + 1).map_or(to, |next| next - 1),
            is_open,
            unavailable,
        }
    };
    Ok(starts.iter().enumerate().map(stretch).collect())
}

/// Where stretches of ports begin within a range: at its start, where a rule begins, and after the
/// end of a rule.
fn starts(
    spans: &[(Span, &IpPermission)],
    protocol: i64,
    from: i64,
    to: i64,
) -> impl Iterator<Item = i64> {
    let edges = spans
        .iter()
        .filter(move |(span, _)| span.protocol == protocol)
        .flat_map(|(span, _)| [span.from, span.to + 1]);
    let mut edges: Vec<i64> = edges.filter(|edge| (from..=to).contains(edge)).collect();
    edges.push(from);
    edges.into_iter()
}

/// What rules allow.
struct Admitted<'a> {
    /// Ranges.
    sources: Vec<(Span, Source<'a>)>,
    /// Prefix lists whose entries are unknown, and ranges that are malformed.
    unavailable: Vec<(Span, Unavailable)>,
}

impl<'a> Admitted<'a> {
    fn by<'s>(
        spans: impl Iterator<Item = &'s (Span, &'a IpPermission)>,
        families: Families,
        lists: &PrefixLists<'_>,
    ) -> Scripted<Self>
    where
        'a: 's,
    {
        let (mut sources, mut unavailable, mut malformed) = (Vec::new(), Vec::new(), Vec::new());
        for (span, permission) in spans {
            // Prefix lists have one family each, which their entries show.
            let mut add = |cidr: &str,
                           family: Option<Family>,
                           description: Option<&'a str>,
                           prefix_list_id: Option<&'a str>| {
                let is_of = |net: &IpNet| family.is_none_or(|family| Family::of(net) == family);
                let Some(net) = addresses::range(cidr).filter(is_of) else {
                    let call = match prefix_list_id {
                        Some(_) => "ec2:GetManagedPrefixListEntries",
                        None => "ec2:DescribeSecurityGroups",
                    };
                    // It may be meant as one of either family.
                    malformed.push((*span, Unavailable::malformed(call, cidr)));
                    return;
                };
                if families.has(Family::of(&net)) {
                    let place = sources.len();
                    sources.push((
                        *span,
                        Source {
                            net,
                            cidr: cidr.to_owned(),
                            description,
                            prefix_list_id,
                            permission,
                            place,
                        },
                    ));
                }
            };
            for range in &permission.ip_ranges {
                let Some(cidr) = range.cidr_ip.as_deref() else { continue };
                add(cidr, Some(Family::V4), range.description.as_deref(), None);
            }
            for range in &permission.ipv6_ranges {
                let Some(cidr) = range.cidr_ipv6.as_deref() else { continue };
                add(cidr, Some(Family::V6), range.description.as_deref(), None);
            }
            for list in &permission.prefix_list_ids {
                let Some(id) = list.prefix_list_id.as_deref() else { continue };
                match lists.ranges(id)? {
                    Ok(cidrs) => cidrs
                        .iter()
                        .for_each(|cidr| add(cidr, None, list.description.as_deref(), Some(id))),
                    Err(list) => unavailable.push((*span, list)),
                }
            }
        }
        unavailable.extend(malformed);
        Ok(Self { sources, unavailable })
    }

    /// The sources that open something to everyone: those that do so alone, otherwise all of a
    /// family that add up to the internet, without those contained in others.
    fn world(&self, here: impl Fn(&Span) -> bool) -> Vec<Source<'a>> {
        let mut chosen: Vec<Source<'a>> = Vec::new();
        for family in Family::ALL {
            let sources = || {
                let here = self.sources.iter().filter(|(span, _)| here(span));
                here.map(|(_, source)| source)
                    .filter(move |source| Family::of(&source.net) == family)
            };
            let before = chosen.len();
            chosen.extend(sources().filter(|source| addresses::is_world(&source.net)).cloned());
            if chosen.len() > before
                || !AddressSet::union(sources().map(|source| &source.net)).is_internet(family)
            {
                continue;
            }
            let mut all: Vec<&Source<'a>> = sources().collect();
            all.sort_by_key(|source| (source.net.network(), source.net.prefix_len()));
            // Ranges are disjoint, or one contains the other and comes first.
            let mut widest: Option<IpNet> = None;
            chosen.extend(all.into_iter().filter_map(|source| {
                let within = widest.is_some_and(|wider| wider.contains(&source.net));
                let same = widest == Some(source.net);
                if !within {
                    widest = Some(source.net);
                }
                (!within || same).then(|| source.clone())
            }));
        }
        chosen
    }

    /// The prefix lists that might open something, because their entries are unknown.
    fn unavailable(&self, here: impl Fn(&Span) -> bool) -> impl Iterator<Item = &Unavailable> {
        self.unavailable.iter().filter(move |(span, _)| here(span)).map(|(_, list)| list)
    }
}
