//! Which of several blocks a finding is about: evidence such as `{cidr, from_port, to_port}` is compared
//! with the rules of a security group, the routes of a table, the permissions of an image.
//!
//! Only what is known is compared, so a block whose values are expressions contradicts nothing. Nothing
//! is selected unless exactly one block fits.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use serde_json::Value;

use crate::model::Evidence;

/// The known values of a block, by attribute. An attribute whose value is an expression has `None`.
pub type Content<'a> = BTreeMap<&'a str, Option<Vec<&'a str>>>;

/// Names under which evidence and attributes say the same.
struct Facet {
    /// Fields of evidence; the first one that is set counts.
    evidence: &'static [&'static str],
    /// Attributes of Terraform.
    attributes: &'static [&'static str],
    /// Whether it can select a block by itself.
    selects: bool,
}

const PROTOCOL: Facet = Facet {
    evidence: &["ip_protocol", "protocol"],
    attributes: &["ip_protocol", "protocol"],
    selects: false,
};

/// Where traffic comes from or goes to.
const SOURCE: Facet = Facet {
    evidence: &[
        "prefix_list_id",
        "group_id",
        "cidr",
        "cidr_ip",
        "cidr_ipv6",
        "cidr_block",
        "source",
    ],
    attributes: &[
        "cidr",
        "cidr_block",
        "cidr_blocks",
        "cidr_ipv4",
        "cidr_ipv6",
        "ipv6_cidr_block",
        "ipv6_cidr_blocks",
        "prefix_list_id",
        "prefix_list_ids",
        "referenced_security_group_id",
        "security_groups",
        "source_security_group_id",
        "target_network_cidr",
    ],
    selects: true,
};

const FACETS: &[Facet] = &[
    SOURCE,
    Facet {
        evidence: &[
            "destination",
            "destination_prefix_list_id",
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
        ],
        attributes: &[
            "cidr_block",
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
            "ipv6_cidr_block",
        ],
        selects: true,
    },
    Facet { evidence: &["rule_number"], attributes: &["rule_number", "rule_no"], selects: true },
    Facet {
        evidence: &["account_id", "account", "user_id", "principal", "group", "organization_arn"],
        attributes: &[
            "account_id",
            "group",
            "organization_arn",
            "organizational_unit_arn",
            "principal_arn",
        ],
        selects: true,
    },
    Facet { evidence: &["service_name"], attributes: &["service_name"], selects: true },
    Facet { evidence: &["device_name", "device"], attributes: &["device_name"], selects: true },
    PROTOCOL,
];

/// Attributes that allow the members of security groups.
const GROUPS: &[&str] =
    &["referenced_security_group_id", "security_groups", "self", "source_security_group_id"];

/// How many ids of one piece of evidence are looked up.
const MAX_IDS: usize = 64;

/// The number of "all protocols".
const ALL_PROTOCOLS: &str = "-1";

/// Traffic in one direction, if the rule is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Inbound.
    Ingress,
    /// Outbound.
    Egress,
}

impl Direction {
    /// The direction that the entries of a rule's `terraform` list name.
    pub fn of(entries: &[String]) -> Option<Self> {
        let names = |word: &str| entries.iter().any(|entry| entry.contains(word));
        match (names("ingress"), names("egress")) {
            (true, false) => Some(Self::Ingress),
            (false, true) => Some(Self::Egress),
            _ => None,
        }
    }

    /// Whether a block is about the other direction.
    fn contradicts(self, content: &Content<'_>) -> bool {
        let is = |name: &str, value: &str| {
            content.get(name).and_then(Option::as_ref).is_some_and(|values| values.contains(&value))
        };
        match self {
            Self::Ingress => is("type", "egress") || is("egress", "true"),
            Self::Egress => is("type", "ingress") || is("egress", "false"),
        }
    }
}

/// Of several blocks, the position of the one that a finding is about. A single block that evidence does
/// not contradict is taken if `takes_single`.
pub fn select(
    evidence: &[Evidence],
    direction: Option<Direction>,
    contents: &[Content<'_>],
    takes_single: bool,
) -> Option<usize> {
    let possible: Vec<usize> = contents
        .iter()
        .enumerate()
        .filter(|(_, content)| direction.is_none_or(|direction| !direction.contradicts(content)))
        .map(|(position, _)| position)
        .collect();
    let fits = |item: &Evidence| {
        let compared =
            |position: &usize| Some((compare(item, contents.get(*position)?)?, *position));
        let mut fits: Vec<(Score, usize)> = possible.iter().filter_map(compared).collect();
        fits.sort_by_key(|(score, _)| Reverse(*score));
        fits
    };
    for item in evidence {
        match fits(item).as_slice() {
            [(score, position)] if score.selects || (takes_single && possible.len() > 1) => {
                return Some(*position);
            }
            [(score, position), (second, _), ..] if score.selects && score > second => {
                return Some(*position);
            }
            _ => {}
        }
    }
    match possible.as_slice() {
        [only] if takes_single => {
            let says_nothing = !evidence.iter().any(is_comparable);
            (says_nothing || evidence.iter().any(|item| !fits(item).is_empty())).then_some(*only)
        }
        _ => None,
    }
}

/// Whether evidence is about other rules than these, which are all that there are.
pub fn is_about_others(evidence: &[Evidence], contents: &[Content<'_>]) -> bool {
    let mut comparable = evidence.iter().filter(|item| is_comparable(item)).peekable();
    comparable.peek().is_some()
        && comparable.all(|item| contents.iter().all(|content| compare(item, content).is_none()))
}

/// Whether a value that evidence is compared with is an expression.
pub fn is_open(content: &Content<'_>) -> bool {
    let names = FACETS.iter().flat_map(|facet| facet.attributes);
    names.chain(&["from_port", "to_port"]).any(|name| content.get(name) == Some(&None))
}

/// How well a block fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Whether something that can select a block fits.
    selects: bool,
    /// How many facets fit.
    fitting: usize,
}

/// Compares one piece of evidence with a block; `None` if they contradict each other.
fn compare(evidence: &Evidence, content: &Content<'_>) -> Option<Score> {
    if contradicts_sources(evidence, content) {
        return None;
    }
    let mut score = Score::default();
    for facet in FACETS {
        match facet.compare(evidence, content) {
            Some(true) => {
                score.selects |= facet.selects;
                score.fitting += 1;
            }
            Some(false) => return None,
            None => {}
        }
    }
    let known = PROTOCOL.known(content);
    let protocols = [PROTOCOL.wanted(evidence), known.first().map(|protocol| normal(protocol))];
    if !protocols.iter().flatten().any(|protocol| protocol == ALL_PROTOCOLS)
        && let (Some(wanted), Some(known)) = (wanted_ports(evidence), known_ports(content))
    {
        // What is reachable can be a part of what a rule allows.
        if wanted.start() < known.start() || wanted.end() > known.end() {
            return None;
        }
        score.selects = true;
        score.fitting += if wanted == known { 2 } else { 1 };
    }
    Some(score)
}

/// Whether evidence is about a range of addresses and the block about security groups only, or the other
/// way around, whatever the values of its expressions are.
fn contradicts_sources(evidence: &Evidence, content: &Content<'_>) -> bool {
    let Some(wanted) = SOURCE.wanted(evidence) else { return false };
    let is_set = |name: &str| {
        content.get(name).is_some_and(|values| {
            values.as_ref().is_none_or(|values| values.iter().any(|value| *value != "false"))
        })
    };
    let of_groups = GROUPS.iter().any(|name| is_set(name));
    let of_ranges = SOURCE.attributes.iter().any(|name| !GROUPS.contains(name) && is_set(name));
    match wanted.starts_with("sg-") {
        true => of_ranges && !of_groups,
        false => of_groups && !of_ranges,
    }
}

fn wanted_ports(evidence: &Evidence) -> Option<RangeInclusive<i64>> {
    let port = |name: &str| evidence.get(name).and_then(Value::as_i64);
    match (port("from_port"), port("to_port")) {
        (Some(from), Some(to)) => Some(from..=to),
        _ => port("port").map(|port| port..=port),
    }
}

fn known_ports(content: &Content<'_>) -> Option<RangeInclusive<i64>> {
    let port = |name: &str| content.get(name)?.as_ref()?.first()?.parse::<i64>().ok();
    Some(port("from_port")?..=port("to_port")?)
}

/// Whether evidence has anything that blocks are compared by.
fn is_comparable(evidence: &Evidence) -> bool {
    FACETS.iter().any(|facet| facet.selects && facet.wanted(evidence).is_some())
}

impl Facet {
    /// What the evidence says.
    fn wanted(&self, evidence: &Evidence) -> Option<String> {
        self.evidence
            .iter()
            .find_map(|field| evidence.get(field).and_then(text))
            .map(|text| normal(&text))
    }

    /// What the block says.
    fn known<'a>(&self, content: &Content<'a>) -> Vec<&'a str> {
        let known = self.attributes.iter().filter_map(|name| content.get(name)?.as_ref());
        known.flatten().copied().collect()
    }

    /// Whether they agree; `None` if one of them says nothing.
    fn compare(&self, evidence: &Evidence, content: &Content<'_>) -> Option<bool> {
        let wanted = self.wanted(evidence)?;
        let known = self.known(content);
        // A rule on all protocols allows each of them.
        if self.evidence == PROTOCOL.evidence
            && wanted != ALL_PROTOCOLS
            && known.iter().any(|value| normal(value) == ALL_PROTOCOLS)
        {
            return None;
        }
        if known.iter().any(|value| normal(value) == wanted) {
            return Some(true);
        }
        let is_open = self.attributes.iter().any(|name| content.get(name) == Some(&None));
        (!known.is_empty() && !is_open).then_some(false)
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A value in the form in which it is compared: protocols by their numbers, ranges without bits beyond
/// the prefix.
fn normal(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "tcp" => "6".to_owned(),
        "udp" => "17".to_owned(),
        "icmp" => "1".to_owned(),
        "icmpv6" => "58".to_owned(),
        _ => match text.parse::<IpNet>() {
            Ok(range) => range.trunc().to_string(),
            // The state has a group of another account after that.
            Err(_) => match text.split_once("/sg-") {
                Some((_, id)) => format!("sg-{id}"),
                None => text.to_owned(),
            },
        },
    }
}

/// The texts of one piece of evidence that can be ids.
pub fn ids(evidence: &Evidence) -> Vec<&str> {
    fn add<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) if text.contains('-') && text.len() <= 256 => found.push(text),
            Value::Array(items) if depth > 0 => {
                items.iter().take(MAX_IDS).for_each(|item| add(item, depth - 1, found));
            }
            Value::Object(fields) if depth > 0 => {
                fields.values().take(MAX_IDS).for_each(|field| add(field, depth - 1, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    add(evidence, 3, &mut found);
    found.truncate(MAX_IDS);
    found
}

/// Whether evidence names one of these ids.
pub fn names(evidence: &[Evidence], ids: &[&str]) -> bool {
    fn contains(value: &Value, ids: &[&str], depth: usize) -> bool {
        match value {
            Value::String(text) => ids.contains(&text.as_str()),
            Value::Array(items) => {
                depth > 0 && items.iter().any(|item| contains(item, ids, depth - 1))
            }
            Value::Object(fields) => {
                depth > 0 && fields.values().any(|field| contains(field, ids, depth - 1))
            }
            _ => false,
        }
    }
    evidence.iter().any(|item| contains(item, ids, 4))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A name, the evidence, the blocks, whether a single one is taken, and which is selected.
    type Case = (&'static str, Vec<Value>, Vec<Content<'static>>, bool, Option<usize>);

    /// The known values of a rule; `*` is an expression.
    fn rule<'a>(values: &[(&'a str, &'a str)]) -> Content<'a> {
        let known = |text: &'a str| (text != "*").then(|| text.split(',').collect());
        values.iter().map(|(name, text)| (*name, known(text))).collect()
    }

    #[test]
    fn evidence_selects_the_one_rule_that_it_is_about() {
        let tcp = |port: &'static str, cidr: &'static str| {
            rule(&[
                ("protocol", "tcp"),
                ("from_port", port),
                ("to_port", port),
                ("cidr_blocks", cidr),
            ])
        };
        let ssh =
            json!({ "ip_protocol": "6", "from_port": 22, "to_port": 22, "cidr": "0.0.0.0/0" });
        let all =
            json!({ "ip_protocol": "-1", "from_port": null, "to_port": null, "cidr": "0.0.0.0/0" });
        let list = json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "0.0.0.0/0", "prefix_list_id": "pl-1" });
        let open = |values: &[(&'static str, &'static str)]| rule(values);
        let cases: Vec<Case> = vec![
            (
                "port and source",
                vec![ssh.clone()],
                vec![tcp("443", "0.0.0.0/0"), tcp("22", "10.0.0.0/8"), tcp("22", "0.0.0.0/0")],
                false,
                Some(2),
            ),
            (
                "one of several sources",
                vec![ssh.clone()],
                vec![tcp("22", "10.0.0.0/8"), tcp("22", "192.0.2.0/24,0.0.0.0/0")],
                false,
                Some(1),
            ),
            (
                "all protocols",
                vec![all.clone()],
                vec![
                    tcp("0", "0.0.0.0/0"),
                    rule(&[
                        ("protocol", "all"),
                        ("from_port", "0"),
                        ("to_port", "0"),
                        ("cidr_blocks", "0.0.0.0/0"),
                    ]),
                ],
                false,
                Some(1),
            ),
            (
                "a prefix list, not its range",
                vec![list.clone()],
                vec![
                    tcp("22", "0.0.0.0/0"),
                    rule(&[
                        ("ip_protocol", "tcp"),
                        ("from_port", "22"),
                        ("to_port", "22"),
                        ("prefix_list_id", "pl-1"),
                    ]),
                ],
                false,
                Some(1),
            ),
            (
                "two that are the same",
                vec![ssh.clone()],
                vec![tcp("22", "0.0.0.0/0"), tcp("22", "0.0.0.0/0")],
                false,
                None,
            ),
            (
                "the second piece of evidence",
                vec![json!({ "cidr": "198.51.100.0/24" }), ssh.clone()],
                vec![tcp("22", "0.0.0.0/0"), tcp("80", "0.0.0.0/0")],
                false,
                Some(0),
            ),
            (
                "a range with bits beyond the prefix",
                vec![json!({ "cidr": "10.0.0.0/8" })],
                vec![rule(&[("cidr_ipv4", "10.1.2.3/8")]), rule(&[("cidr_ipv4", "10.0.0.0/9")])],
                false,
                Some(0),
            ),
            (
                "expressions contradict nothing",
                vec![ssh.clone()],
                vec![
                    tcp("443", "0.0.0.0/0"),
                    open(&[("from_port", "*"), ("to_port", "*"), ("cidr_blocks", "*")]),
                ],
                true,
                Some(1),
            ),
            (
                "two of expressions",
                vec![ssh.clone()],
                vec![open(&[("cidr_blocks", "*")]), open(&[("cidr_blocks", "*")])],
                true,
                None,
            ),
            (
                "the only one fits",
                vec![ssh.clone()],
                vec![open(&[("cidr_blocks", "*")])],
                true,
                Some(0),
            ),
            (
                "the only one does not fit",
                vec![ssh.clone()],
                vec![tcp("443", "0.0.0.0/0")],
                true,
                None,
            ),
            (
                "the only one of a state has to be proven",
                vec![ssh.clone()],
                vec![open(&[("protocol", "tcp")])],
                false,
                None,
            ),
            ("no evidence", vec![], vec![tcp("22", "0.0.0.0/0")], false, None),
            ("no evidence, and no choice", vec![], vec![tcp("22", "0.0.0.0/0")], true, Some(0)),
            (
                "a range, not a group",
                vec![ssh.clone()],
                vec![
                    tcp("8080", "10.0.0.0/8"),
                    open(&[
                        ("protocol", "tcp"),
                        ("from_port", "22"),
                        ("to_port", "22"),
                        ("security_groups", "*"),
                    ]),
                ],
                true,
                None,
            ),
            (
                "a range, not the group itself",
                vec![ssh.clone()],
                vec![open(&[("protocol", "-1"), ("self", "true")])],
                true,
                None,
            ),
            (
                "a range beside the group itself",
                vec![ssh.clone()],
                vec![
                    tcp("443", "0.0.0.0/0"),
                    open(&[
                        ("from_port", "22"),
                        ("to_port", "22"),
                        ("self", "true"),
                        ("cidr_blocks", "*"),
                    ]),
                ],
                true,
                Some(1),
            ),
            (
                "not the group itself",
                vec![ssh.clone()],
                vec![open(&[("from_port", "22"), ("to_port", "22"), ("self", "false")])],
                true,
                Some(0),
            ),
            (
                "a group, not a range",
                vec![json!({ "from_port": 22, "to_port": 22, "group_id": "sg-1" })],
                vec![
                    open(&[("from_port", "22"), ("to_port", "22"), ("cidr_blocks", "*")]),
                    open(&[("from_port", "22"), ("to_port", "22"), ("security_groups", "*")]),
                ],
                false,
                Some(1),
            ),
            (
                "shared with an account",
                vec![json!({ "user_id": "999988887777" })],
                vec![
                    rule(&[("account_id", "111122223333")]),
                    rule(&[("account_id", "999988887777")]),
                ],
                false,
                Some(1),
            ),
            (
                "shared with everybody",
                vec![json!({ "group": "all" })],
                vec![rule(&[("account_id", "111122223333")]), rule(&[("group", "all")])],
                false,
                Some(1),
            ),
            (
                "the number of an entry",
                vec![json!({ "rule_number": 110, "cidr": "0.0.0.0/0" })],
                vec![
                    rule(&[("rule_no", "100"), ("cidr_block", "0.0.0.0/0")]),
                    rule(&[("rule_no", "110"), ("cidr_block", "0.0.0.0/0")]),
                ],
                true,
                Some(1),
            ),
        ];
        for (name, evidence, contents, takes_single, wanted) in cases {
            assert_eq!(select(&evidence, None, &contents, takes_single), wanted, "{name}");
        }
    }

    #[test]
    fn rules_of_the_other_direction_are_left_out() {
        let evidence = [json!({ "ip_protocol": "-1", "cidr": "0.0.0.0/0" })];
        let of = |kind: &'static str| {
            rule(&[("type", kind), ("protocol", "-1"), ("cidr_blocks", "0.0.0.0/0")])
        };
        let contents = [of("egress"), of("ingress")];
        for (entries, wanted) in [
            (vec!["aws_security_group.ingress"], Some(1)),
            (vec!["aws_vpc_security_group_egress_rule"], Some(0)),
            (vec!["aws_security_group_rule"], None),
            (vec!["aws_security_group.ingress", "aws_security_group.egress"], None),
        ] {
            let entries: Vec<String> = entries.into_iter().map(str::to_owned).collect();
            assert_eq!(
                select(&evidence, Direction::of(&entries), &contents, false),
                wanted,
                "{entries:?}"
            );
        }
    }
}
