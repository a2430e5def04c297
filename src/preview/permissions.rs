//! Rules of security groups, one for each source: AWS combines those with the same protocol and ports.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::tree::{ABSENT, Tree, Why};
use crate::model::{Cause, Resource};

/// A rule with one source.
#[derive(Debug, Clone)]
pub struct Single {
    /// The protocol.
    pub protocol: Tree,
    /// The first port.
    pub from: Tree,
    /// The last port.
    pub to: Tree,
    /// The source or destination.
    pub source: Source,
    /// Its description.
    pub description: Tree,
}

/// The source or destination of a rule.
#[derive(Debug, Clone)]
pub enum Source {
    /// An IPv4 range.
    Ipv4(Tree),
    /// An IPv6 range.
    Ipv6(Tree),
    /// A prefix list.
    PrefixList(Tree),
    /// Another group, or the same.
    Group {
        /// Its id.
        id: Tree,
        /// Its account.
        user: Tree,
    },
}

/// The lists of sources of a permission.
const LISTS: [&str; 4] = ["ip_ranges", "ipv6_ranges", "prefix_list_ids", "user_id_group_pairs"];
/// What a permission has besides.
const HEAD: [&str; 3] = ["ip_protocol", "from_port", "to_port"];

/// A rule as a permission with one source.
pub fn single(rule: &Single) -> Tree {
    let description = rule.description.clone();
    let (list, source) = match rule.source.clone() {
        Source::Ipv4(cidr) => {
            ("ip_ranges", Tree::object([("cidr_ip", cidr), ("description", description)]))
        }
        Source::Ipv6(cidr) => {
            ("ipv6_ranges", Tree::object([("cidr_ipv6", cidr), ("description", description)]))
        }
        Source::PrefixList(id) => (
            "prefix_list_ids",
            Tree::object([("prefix_list_id", id), ("description", description)]),
        ),
        Source::Group { id, user } => (
            "user_id_group_pairs",
            Tree::object([
                ("group_id", id),
                ("user_id", user),
                ("vpc_id", ABSENT),
                ("vpc_peering_connection_id", ABSENT),
                ("peering_status", ABSENT),
                ("description", description),
            ]),
        ),
    };
    let protocol = match rule.protocol.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("all" | "-1") => "-1".into(),
        Some("6") => "tcp".into(),
        Some("17") => "udp".into(),
        Some("1") => "icmp".into(),
        Some("58") => "icmpv6".into(),
        Some(other) => other.into(),
        None => rule.protocol.clone(),
    };
    let is_all = protocol.as_str() == Some("-1");
    let port = |port: &Tree| if is_all { ABSENT } else { port.clone() };
    let mut fields: BTreeMap<String, Tree> =
        LISTS.iter().map(|list| ((*list).to_owned(), Tree::List(Vec::new()))).collect();
    fields.insert("ip_protocol".to_owned(), protocol);
    fields.insert("from_port".to_owned(), port(&rule.from));
    fields.insert("to_port".to_owned(), port(&rule.to));
    fields.insert(list.to_owned(), Tree::List(vec![source]));
    Tree::Object(fields)
}

/// The permissions that a group has besides those that are described, of which nothing is known.
pub fn others(why: Why) -> Tree {
    let names = HEAD.into_iter().chain(LISTS);
    Tree::Object(names.map(|name| (name.to_owned(), Tree::Unknown(why))).collect())
}

/// Adds a permission to those of a group, of which nothing is known, and returns whether that is possible: a
/// list that is empty, and can stay so, is not known as a whole.
pub fn add_unknown(group: &mut Resource, field: &str, cause: &Cause) -> bool {
    let is_known = !group.unreadable.contains_key(field);
    let known = group.facts.get_mut(field).and_then(Value::as_array_mut);
    let Some(known) = known.filter(|known| is_known && !known.is_empty()) else { return false };
    let path = format!("{field}[{}]", known.len());
    let empty = |list: &str| (list.to_owned(), Value::Array(Vec::new()));
    known.push(Value::Object(LISTS.into_iter().map(empty).collect::<Map<_, _>>()));
    for name in HEAD.into_iter().chain(LISTS) {
        group.unreadable.insert(format!("{path}.{name}"), cause.clone());
    }
    true
}

/// What identifies a rule in a list: everything but descriptions, and what only AWS knows.
fn identity(rule: &Tree) -> Tree {
    let mut fields = BTreeMap::new();
    for name in HEAD {
        fields.insert(name.to_owned(), rule.get(name).unwrap_or(ABSENT));
    }
    for (list, id) in LISTS.iter().zip(["cidr_ip", "cidr_ipv6", "prefix_list_id", "group_id"]) {
        let items = rule.get(list).and_then(|list| list.items()).unwrap_or_default();
        let ids = items.into_iter().map(|item| item.get(id).unwrap_or(ABSENT)).collect();
        fields.insert((*list).to_owned(), Tree::List(ids));
    }
    Tree::Object(fields).normal()
}

/// The rules of permissions, one for each source; `None` if the list is not known.
pub fn singles(permissions: &Tree) -> Option<Vec<Tree>> {
    let mut rules = Vec::new();
    for permission in permissions.items()? {
        let head = |list: &str, source: Tree| {
            let mut fields: BTreeMap<String, Tree> =
                LISTS.iter().map(|list| ((*list).to_owned(), Tree::List(Vec::new()))).collect();
            for name in HEAD {
                fields.insert(name.to_owned(), permission.get(name).unwrap_or(ABSENT));
            }
            fields.insert(list.to_owned(), Tree::List(vec![source]));
            Tree::Object(fields)
        };
        for list in LISTS {
            let sources = match permission.get(list) {
                Some(sources) => sources.items()?,
                None => Vec::new(),
            };
            rules.extend(sources.into_iter().map(|source| head(list, source)));
        }
    }
    Some(rules)
}

/// The permissions after a change: those that exist, without what is only before, and with what is
/// only after.
pub fn change(live: &Tree, before: &Tree, after: &Tree) -> Option<Tree> {
    let (live, before, after) = (singles(live)?, singles(before)?, singles(after)?);
    let ids = |rules: &[Tree]| rules.iter().map(identity).collect::<Vec<_>>();
    let (before_ids, after_ids) = (ids(&before), ids(&after));
    // A rule that is not known could be any of those that exist.
    if !before_ids.iter().all(Tree::is_known) {
        return None;
    }
    let mut rules: Vec<Tree> = live
        .into_iter()
        .filter(|rule| {
            let id = identity(rule);
            !before_ids.contains(&id) || after_ids.contains(&id)
        })
        .collect();
    let known = ids(&rules);
    for (rule, id) in after.into_iter().zip(after_ids) {
        // An unknown one could be any, so it is not one that exists.
        let is_new = !id.is_known() || !known.contains(&id);
        let is_unchanged = id.is_known() && before_ids.contains(&id) && !known.contains(&id);
        if is_new && !is_unchanged {
            rules.push(rule);
        }
    }
    Some(combined(rules))
}

/// Rules as AWS returns them: one permission for each protocol and ports.
pub fn combined(rules: Vec<Tree>) -> Tree {
    let mut permissions: Vec<Tree> = Vec::new();
    for rule in rules {
        let head = |rule: &Tree| HEAD.map(|name| rule.get(name));
        let is_known = head(&rule).iter().flatten().all(Tree::is_known);
        let same = permissions.iter_mut().find(|one| is_known && head(one) == head(&rule));
        match (same, rule) {
            (Some(Tree::Object(known)), Tree::Object(fields)) => {
                for (name, list) in
                    fields.into_iter().filter(|(name, _)| LISTS.contains(&name.as_str()))
                {
                    if let Some(known) = known.get_mut(&name) {
                        known.add(list);
                    }
                }
            }
            (_, rule) => permissions.push(rule),
        }
    }
    Tree::List(permissions)
}
