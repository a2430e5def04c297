//! Which rules of a security group open what to the internet.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::address_set::{AddressSet, Family};
use super::lists::{PrefixLists, WithUnknown, malformed};
use super::protocols::protocol_number;
use super::ranges::{is_world, range};
use crate::facts::ec2::security_group::IpPermission;
use crate::model::Cause;

/// A port.
pub type Port = u16;

/// Beyond the last port: out-of-range numbers are capped here, so that arithmetic on them is safe.
const PORT_LIMIT: i64 = 65_536;

/// How many openings are returned. Several prefix lists have thousands of entries, and a script can
/// hold only so many maps; reports show 100.
const MAX_OPENINGS: usize = 1_000;

/// What a script asks about.
pub enum Query {
    /// Anything at all.
    Anything,
    /// At least one port of a range. Protocol -1: a rule on every protocol.
    Ports {
        /// The protocol.
        protocol: i64,
        /// The first port.
        from: Port,
        /// The last port.
        to: Port,
    },
    /// At least one of these ports.
    Several {
        /// The protocol.
        protocol: i64,
        /// The ports.
        ports: Vec<Port>,
    },
}

/// Which address families count.
#[derive(Clone, Copy)]
pub struct Families {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

impl Families {
    /// Both families.
    pub const BOTH: Self = Self { v4: true, v6: true };

    /// Only one family.
    pub fn only(family: Family) -> Self {
        Self { v4: family == Family::V4, v6: family == Family::V6 }
    }

    fn has(self, family: Family) -> bool {
        if family == Family::V4 { self.v4 } else { self.v6 }
    }
}

/// A range that a rule allows, with the rule.
#[derive(Clone)]
pub struct Source<'a> {
    net: IpNet,
    /// The range in CIDR notation, as written.
    pub cidr: String,
    /// The description of the range or of the prefix list.
    pub description: Option<&'a str>,
    /// The prefix list that contains the range.
    pub prefix_list_id: Option<&'a str>,
    /// The rules that allow it.
    pub permission: &'a IpPermission,
    /// The position of these among the given ones.
    pub position: usize,
    /// Its position among all sources, for sorting and comparison.
    place: usize,
}

impl Source<'_> {
    /// Whether it is the internet without others.
    pub fn is_internet(&self) -> bool {
        is_world(&self.net)
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

/// Whether a rule allows a port of a protocol, or an ICMP type, from somewhere.
pub fn admits(permission: &IpPermission, protocol: i64, at: i64) -> bool {
    let span = Span::of(permission);
    span.is_some_and(|span| span.admits(protocol, at, matches!(protocol, 1 | 58)))
}

/// The rules of one protocol and port range, with what they apply to.
#[derive(Clone, Copy)]
struct Rule<'a> {
    span: Span,
    permission: &'a IpPermission,
    position: usize,
}

impl<'a> Rule<'a> {
    fn all(permissions: &'a [IpPermission]) -> Vec<Self> {
        let rules = permissions.iter().enumerate();
        let rule = |(position, permission)| {
            Some(Self { span: Span::of(permission)?, permission, position })
        };
        rules.filter_map(rule).collect()
    }
}

/// The sources that open what is asked about to the internet. If nothing is found but an unavailable
/// prefix list might open it, the result is uncertain.
pub fn openings<'a, L: PrefixLists>(
    permissions: &'a [IpPermission],
    query: &Query,
    families: Families,
    lists: &L,
) -> Result<WithUnknown<Vec<Source<'a>>>, L::Error> {
    let spans = Rule::all(permissions);
    // The allowed sources change only where a rule begins or ends, so one port of each stretch
    // between represents all of it.
    let (places, types): (Vec<(i64, i64)>, bool) = match query {
        Query::Anything => {
            let protocols = spans.iter().map(|rule| rule.span.protocol);
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
    let rules = spans.iter().filter(|rule| admits(&rule.span));
    let admitted = Admitted::by(rules, families, lists)?;
    let mut chosen: Vec<Source<'a>> = Vec::new();
    let mut unknown = Vec::new();
    for (protocol, at) in places {
        let here = |span: &Span| span.admits(protocol, at, types);
        let open = admitted.world(here);
        if open.is_empty() {
            unknown.extend(admitted.unavailable(here).cloned());
        }
        chosen.extend(open);
    }
    chosen.sort_by_key(|source| source.place);
    chosen.dedup_by_key(|source| source.place);
    chosen.truncate(MAX_OPENINGS);
    Ok(WithUnknown { known: chosen, unknown })
}

/// The ranges of TCP or UDP ports that are open to the internet, sorted and merged. For prefix
/// lists, see [`openings`].
pub fn open_ports<L: PrefixLists>(
    permissions: &[IpPermission],
    protocol: i64,
    lists: &L,
) -> Result<WithUnknown<Vec<(i64, i64)>>, L::Error> {
    let mut open: Vec<(i64, i64)> = Vec::new();
    let mut unknown = Vec::new();
    for stretch in stretches(permissions, protocol, (0, 65_535), Families::BOTH, lists)? {
        if !stretch.is_open() {
            unknown.extend(stretch.unavailable);
            continue;
        }
        match open.last_mut() {
            Some(last) if last.1 + 1 == stretch.from => last.1 = stretch.to,
            _ => open.push((stretch.from, stretch.to)),
        }
    }
    Ok(WithUnknown { known: open, unknown })
}

/// Which of some ports are open to the internet. A prefix list whose entries are unknown matters
/// only if it applies to one of them that is not open anyway.
pub fn open_among<L: PrefixLists>(
    permissions: &[IpPermission],
    protocol: i64,
    ports: &[Port],
    lists: &L,
) -> Result<WithUnknown<Vec<Port>>, L::Error> {
    let stretches = stretches(permissions, protocol, (0, 65_535), Families::BOTH, lists)?;
    let (mut open, mut unknown) = (Vec::new(), Vec::new());
    for &port in ports {
        let at = stretches.partition_point(|stretch| stretch.to < port.into());
        let Some(stretch) = stretches.get(at) else { continue };
        if stretch.is_open() {
            open.push(port);
        } else {
            unknown.extend(stretch.unavailable.iter().cloned());
        }
    }
    Ok(WithUnknown { known: open, unknown })
}

/// Whether every port of a range is open to the internet. If one is closed whatever the unknown
/// prefix lists contain, they do not matter.
pub fn all_open<L: PrefixLists>(
    permissions: &[IpPermission],
    protocol: i64,
    (from, to): (Port, Port),
    lists: &L,
) -> Result<WithUnknown<bool>, L::Error> {
    let range = (from.into(), to.into());
    let stretches = stretches(permissions, protocol, range, Families::BOTH, lists)?;
    let closed: Vec<&Stretch<'_>> = stretches.iter().filter(|stretch| !stretch.is_open()).collect();
    let mut unknown = Vec::new();
    if closed.iter().all(|stretch| !stretch.unavailable.is_empty()) {
        unknown.extend(closed.iter().flat_map(|stretch| stretch.unavailable.iter().cloned()));
    }
    Ok(WithUnknown { known: closed.is_empty(), unknown })
}

/// Ports to which the same rules apply.
pub struct Stretch<'a> {
    /// The first port.
    pub from: i64,
    /// The last port.
    pub to: i64,
    /// What opens them to the internet.
    pub sources: Vec<Source<'a>>,
    /// If nothing does: why it is unknown whether some prefix list does.
    pub unavailable: Vec<Cause>,
}

impl Stretch<'_> {
    /// Whether the ports are open to the internet.
    pub fn is_open(&self) -> bool {
        !self.sources.is_empty()
    }
}

/// A range of ports, or of ICMP types, divided where rules begin and end.
pub fn stretches<'a, L: PrefixLists>(
    permissions: &'a [IpPermission],
    protocol: i64,
    (from, to): (i64, i64),
    families: Families,
    lists: &L,
) -> Result<Vec<Stretch<'a>>, L::Error> {
    let spans = Rule::all(permissions);
    let relevant =
        spans.iter().filter(|rule| rule.span.protocol == -1 || rule.span.protocol == protocol);
    let admitted = Admitted::by(relevant, families, lists)?;
    let mut starts: Vec<i64> = starts(&spans, protocol, from, to).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut active = Active::of(&admitted.sources);
    let stretch = |(index, &at): (usize, &i64)| {
        let sources = admitted.everyone(active.at(at));
        let is_open = !sources.is_empty();
        let here = |span: &Span| span.admits(protocol, at, matches!(protocol, 1 | 58));
        Stretch {
            from: at,
            to: starts.get(index + 1).map_or(to, |next| next - 1),
            sources,
            unavailable: match is_open {
                true => Vec::new(),
                false => admitted.unavailable(here).cloned().collect(),
            },
        }
    };
    Ok(starts.iter().enumerate().map(stretch).collect())
}

/// The sources of one protocol that apply to a port, found port by port in ascending order. Security
/// groups have hundreds of rules for different ports.
struct Active {
    /// The first port of each source, and its position, in descending order.
    begins: Vec<(i64, usize)>,
    /// The last port.
    ends: Vec<(i64, usize)>,
    now: BTreeSet<usize>,
}

impl Active {
    fn of(sources: &[(Span, Source<'_>)]) -> Self {
        let places = || {
            let spans = sources.iter().map(|(span, _)| span).enumerate();
            spans.map(|(place, span)| match span.protocol {
                -1 => (place, i64::MIN, i64::MAX),
                _ => (place, span.from, span.to),
            })
        };
        let ordered = || places().filter(|(_, from, to)| from <= to);
        let mut begins: Vec<(i64, usize)> =
            ordered().map(|(place, from, _)| (from, place)).collect();
        let mut ends: Vec<(i64, usize)> = ordered().map(|(place, _, to)| (to, place)).collect();
        begins.sort_unstable_by(|one, other| other.cmp(one));
        ends.sort_unstable_by(|one, other| other.cmp(one));
        Self { begins, ends, now: BTreeSet::new() }
    }

    /// Those that apply to a port, which is not before the last one.
    fn at(&mut self, port: i64) -> &BTreeSet<usize> {
        while let Some((_, place)) = self.begins.pop_if(|(from, _)| *from <= port) {
            self.now.insert(place);
        }
        while let Some((_, place)) = self.ends.pop_if(|(to, _)| *to < port) {
            self.now.remove(&place);
        }
        &self.now
    }
}

/// Where stretches of ports begin within a range: at its start, where a rule begins, and after the
/// end of a rule.
fn starts(rules: &[Rule<'_>], protocol: i64, from: i64, to: i64) -> impl Iterator<Item = i64> {
    let edges = rules
        .iter()
        .filter(move |rule| rule.span.protocol == protocol)
        .flat_map(|rule| [rule.span.from, rule.span.to + 1]);
    let mut edges: Vec<i64> = edges.filter(|edge| (from..=to).contains(edge)).collect();
    edges.push(from);
    edges.into_iter()
}

/// What rules allow.
struct Admitted<'a> {
    /// Ranges.
    sources: Vec<(Span, Source<'a>)>,
    /// Prefix lists whose entries are unknown, and ranges that are malformed.
    unavailable: Vec<(Span, Cause)>,
}

impl<'a> Admitted<'a> {
    fn by<'s, L: PrefixLists>(
        rules: impl Iterator<Item = &'s Rule<'a>>,
        families: Families,
        lists: &L,
    ) -> Result<Self, L::Error>
    where
        'a: 's,
    {
        let (mut sources, mut unavailable, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
        for &Rule { span, permission, position } in rules {
            // Prefix lists have one family each, which their entries show.
            let mut add = |cidr: &str,
                           family: Option<Family>,
                           description: Option<&'a str>,
                           prefix_list_id: Option<&'a str>| {
                let is_of = |net: &IpNet| family.is_none_or(|family| Family::of(net) == family);
                let Some(net) = range(cidr).filter(is_of) else {
                    let call = match prefix_list_id {
                        Some(_) => "ec2:GetManagedPrefixListEntries",
                        None => "ec2:DescribeSecurityGroups",
                    };
                    // It may be meant as one of either family.
                    invalid.push((span, malformed(call, cidr)));
                    return;
                };
                if families.has(Family::of(&net)) {
                    let place = sources.len();
                    sources.push((
                        span,
                        Source {
                            net,
                            cidr: cidr.to_owned(),
                            description,
                            prefix_list_id,
                            permission,
                            position,
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
                    Err(cause) => {
                        if lists.family(id)?.is_none_or(|family| families.has(family)) {
                            unavailable.push((span, cause));
                        }
                    }
                }
            }
        }
        unavailable.extend(invalid);
        Ok(Self { sources, unavailable })
    }

    /// The sources that open something to everyone: those that do so alone, otherwise all of a
    /// family that add up to the internet, without those contained in others.
    fn world(&self, here: impl Fn(&Span) -> bool) -> Vec<Source<'a>> {
        let sources = self.sources.iter().enumerate();
        let places = sources.filter(|(_, (span, _))| here(span)).map(|(place, _)| place);
        self.everyone(&places.collect())
    }

    /// The same, given the positions of the sources that apply.
    fn everyone(&self, places: &BTreeSet<usize>) -> Vec<Source<'a>> {
        let mut chosen: Vec<Source<'a>> = Vec::new();
        for family in Family::ALL {
            let sources = || {
                let here = places.iter().filter_map(|place| self.sources.get(*place));
                here.map(|(_, source)| source)
                    .filter(move |source| Family::of(&source.net) == family)
            };
            let before = chosen.len();
            chosen.extend(sources().filter(|source| is_world(&source.net)).cloned());
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
    fn unavailable(&self, here: impl Fn(&Span) -> bool) -> impl Iterator<Item = &Cause> {
        self.unavailable.iter().filter(move |(span, _)| here(span)).map(|(_, cause)| cause)
    }
}
