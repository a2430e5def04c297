//! Single openings of security group rules. AWS returns the rules that have the same protocol and
//! ports as one permission with several sources; an opening is one source of one permission.

use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::ec2::security_group::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair,
};
use crate::fixes::edit::{all_become, json, known, owned};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{Facts, Refusal};

/// One protocol and port range from or to one source or destination. Exactly one of `cidr_ipv4`,
/// `cidr_ipv6`, `prefix_list_id` and `referenced_group` is set.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all protocols.
    #[serde(alias = "ip_protocol")]
    protocol: String,
    /// The first port, or the ICMP type; absent or -1 means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_port: Option<i64>,
    /// The last port, or the ICMP code; absent or -1 means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_port: Option<i64>,
    /// The IPv4 range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cidr_ipv4: Option<String>,
    /// The IPv6 range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cidr_ipv6: Option<String>,
    /// The prefix list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix_list_id: Option<String>,
    /// The referenced security group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    referenced_group: Option<ReferencedGroup>,
    /// The description of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// A reference to a security group.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferencedGroup {
    /// The group's id.
    group_id: String,
    /// The account that owns the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// The group's VPC, for a group in a peered VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vpc_id: Option<String>,
    /// The VPC peering connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vpc_peering_connection_id: Option<String>,
    /// The status of the peering connection, which is not sent to AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peering_status: Option<String>,
}

impl Opening {
    /// Checks the values.
    pub(super) fn check(&self) -> Result<(), String> {
        let protocol = self.protocol.as_str();
        let number = protocol.parse::<u8>().is_ok_and(|number| number.to_string() == protocol);
        if !number && !["tcp", "udp", "icmp", "icmpv6", "-1"].contains(&protocol) {
            return Err(format!("`{}` is not a valid protocol", shown(protocol)));
        }
        let ports = [self.from_port, self.to_port].into_iter().flatten();
        if let Some(port) = ports.into_iter().find(|port| !(-1..=65_535).contains(port)) {
            return Err(format!("`{port}` is not a valid port"));
        }
        let sources = [
            self.cidr_ipv4.is_some(),
            self.cidr_ipv6.is_some(),
            self.prefix_list_id.is_some(),
            self.referenced_group.is_some(),
        ];
        if sources.iter().filter(|set| **set).count() != 1 {
            return Err(
                "a rule has exactly one of `cidr_ipv4`, `cidr_ipv6`, `prefix_list_id` and `referenced_group`"
                    .to_owned(),
            );
        }
        let invalid = |what: &str, text: &str| Err(format!("`{}` is not {what}", shown(text)));
        if let Some(cidr) = &self.cidr_ipv4
            && cidr.parse::<Ipv4Net>().is_err()
        {
            return invalid("a valid IPv4 range", cidr);
        }
        if let Some(cidr) = &self.cidr_ipv6
            && cidr.parse::<Ipv6Net>().is_err()
        {
            return invalid("a valid IPv6 range", cidr);
        }
        if let Some(id) = self.prefix_list_id.as_deref().filter(|id| !has_id(id, "pl-")) {
            return invalid("a valid prefix list id", id);
        }
        let Some(group) = &self.referenced_group else { return Ok(()) };
        if !has_id(&group.group_id, "sg-") {
            return invalid("a valid security group id", &group.group_id);
        }
        match group.user_id.as_deref().filter(|id| !is_account(id)) {
            Some(id) => invalid("a valid account id", id),
            None => Ok(()),
        }
    }

    /// The openings of a list of permissions that equal one of `wanted` but for the description.
    pub(super) fn find(permissions: &[IpPermission], wanted: &[Self]) -> Vec<Self> {
        let all = permissions.iter().flat_map(Self::of_permission);
        let mut found: Vec<Self> =
            all.filter(|opening| wanted.iter().any(|wanted| wanted.is_same(opening))).collect();
        found.sort();
        found
    }

    /// Whether AWS treats them as one rule: the description does not count.
    fn is_same(&self, other: &Self) -> bool {
        let any = |port: Option<i64>| port.filter(|port| *port != -1);
        let group = |opening: &Self| {
            let group = opening.referenced_group.as_ref()?;
            Some((group.group_id.clone(), group.user_id.clone()))
        };
        self.protocol == other.protocol
            && any(self.from_port) == any(other.from_port)
            && any(self.to_port) == any(other.to_port)
            && (same_range(self.cidr_ipv4.as_deref(), other.cidr_ipv4.as_deref())
                || same_range(self.cidr_ipv6.as_deref(), other.cidr_ipv6.as_deref())
                || (self.prefix_list_id.is_some() && self.prefix_list_id == other.prefix_list_id)
                || (group(self).is_some() && group(self) == group(other)))
    }

    fn of_permission(permission: &IpPermission) -> Vec<Self> {
        let base = Self {
            protocol: permission.ip_protocol.clone().unwrap_or_default(),
            from_port: permission.from_port,
            to_port: permission.to_port,
            ..Self::default()
        };
        let v4 = permission.ip_ranges.iter().map(|range| Self {
            cidr_ipv4: range.cidr_ip.clone(),
            description: range.description.clone(),
            ..base.clone()
        });
        let v6 = permission.ipv6_ranges.iter().map(|range| Self {
            cidr_ipv6: range.cidr_ipv6.clone(),
            description: range.description.clone(),
            ..base.clone()
        });
        let lists = permission.prefix_list_ids.iter().map(|list| Self {
            prefix_list_id: list.prefix_list_id.clone(),
            description: list.description.clone(),
            ..base.clone()
        });
        let groups = permission.user_id_group_pairs.iter().map(|pair| Self {
            referenced_group: Some(ReferencedGroup {
                group_id: pair.group_id.clone().unwrap_or_default(),
                user_id: pair.user_id.clone(),
                vpc_id: pair.vpc_id.clone(),
                vpc_peering_connection_id: pair.vpc_peering_connection_id.clone(),
                peering_status: pair.peering_status.clone(),
            }),
            description: pair.description.clone(),
            ..base.clone()
        });
        v4.chain(v6).chain(lists).chain(groups).collect()
    }

    /// Removes it from a list of permissions, and a permission that gets empty. `false` if it is not
    /// there; an error if its description is another one.
    pub(super) fn remove_from(&self, permissions: &mut Vec<IpPermission>) -> Result<bool, String> {
        let Some(found) =
            permissions.iter().flat_map(Self::of_permission).find(|found| self.is_same(found))
        else {
            return Ok(false);
        };
        if found.description != self.description {
            let now = found.description.as_deref().unwrap_or_default();
            return Err(format!("the description of a rule is now `{}`", shown(now)));
        }
        for permission in permissions.iter_mut() {
            if !self.is_of(permission) {
                continue;
            }
            let v4 = self.cidr_ipv4.as_deref();
            permission.ip_ranges.retain(|range| !same_range(v4, range.cidr_ip.as_deref()));
            let v6 = self.cidr_ipv6.as_deref();
            permission.ipv6_ranges.retain(|range| !same_range(v6, range.cidr_ipv6.as_deref()));
            let list = self.prefix_list_id.as_deref();
            permission
                .prefix_list_ids
                .retain(|one| list.is_none() || one.prefix_list_id.as_deref() != list);
            let group = self.referenced_group.as_ref();
            permission.user_id_group_pairs.retain(|pair| {
                group.is_none_or(|group| {
                    pair.group_id.as_deref() != Some(group.group_id.as_str())
                        || pair.user_id != group.user_id
                })
            });
        }
        permissions.retain(|permission| !Self::of_permission(permission).is_empty());
        Ok(true)
    }

    /// Whether a permission has its protocol and ports.
    fn is_of(&self, permission: &IpPermission) -> bool {
        let any = |port: Option<i64>| port.filter(|port| *port != -1);
        permission.ip_protocol.as_deref() == Some(self.protocol.as_str())
            && any(permission.from_port) == any(self.from_port)
            && any(permission.to_port) == any(self.to_port)
    }

    /// Adds it to a list of permissions. `false` if it is there; an error if its description is
    /// another one.
    pub(super) fn add_to(&self, permissions: &mut Vec<IpPermission>) -> Result<bool, String> {
        let known =
            permissions.iter().flat_map(Self::of_permission).find(|found| self.is_same(found));
        if let Some(known) = known {
            if known.description == self.description {
                return Ok(false);
            }
            let now = known.description.as_deref().unwrap_or_default();
            return Err(format!("the rule is there with the description `{}`", shown(now)));
        }
        let position = permissions.iter().position(|permission| self.is_of(permission));
        let mut permission = match position {
            Some(position) => permissions.remove(position),
            None => IpPermission {
                ip_protocol: Some(self.protocol.clone()),
                from_port: self.from_port,
                to_port: self.to_port,
                ip_ranges: Vec::new(),
                ipv6_ranges: Vec::new(),
                prefix_list_ids: Vec::new(),
                user_id_group_pairs: Vec::new(),
            },
        };
        let description = self.description.clone();
        if let Some(cidr) = &self.cidr_ipv4 {
            permission.ip_ranges.push(IpRange { cidr_ip: Some(cidr.clone()), description });
        } else if let Some(cidr) = &self.cidr_ipv6 {
            permission.ipv6_ranges.push(Ipv6Range { cidr_ipv6: Some(cidr.clone()), description });
        } else if let Some(list) = &self.prefix_list_id {
            let prefix_list_id = Some(list.clone());
            permission.prefix_list_ids.push(PrefixListId { prefix_list_id, description });
        } else if let Some(group) = &self.referenced_group {
            permission.user_id_group_pairs.push(UserIdGroupPair {
                group_id: Some(group.group_id.clone()),
                user_id: group.user_id.clone(),
                vpc_id: group.vpc_id.clone(),
                vpc_peering_connection_id: group.vpc_peering_connection_id.clone(),
                peering_status: group.peering_status.clone(),
                description,
            });
        }
        permissions.insert(position.unwrap_or(permissions.len()), permission);
        Ok(true)
    }
}

/// Rules of a security group: the parameters of both actions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// The inbound rules.
    #[serde(default)]
    ingress: Vec<Opening>,
    /// The outbound rules.
    #[serde(default)]
    egress: Vec<Opening>,
}

/// The direction as it is in parameters, and the field of the group.
const DIRECTIONS: [(&str, &str); 2] =
    [("ingress", "ip_permissions"), ("egress", "ip_permissions_egress")];

impl Rules {
    /// The rules of a direction.
    pub(super) fn of(&self, direction: &str) -> &[Opening] {
        if direction == "ingress" { &self.ingress } else { &self.egress }
    }

    /// Of a value for each direction, those of directions that have rules.
    pub(super) fn in_directions<T>(&self, [ingress, egress]: [T; 2]) -> Vec<T> {
        let all = [("ingress", ingress), ("egress", egress)].into_iter();
        all.filter(|(direction, _)| !self.of(direction).is_empty()).map(|(_, one)| one).collect()
    }

    fn is_empty(&self) -> bool {
        self.ingress.is_empty() && self.egress.is_empty()
    }

    /// Checks, sorts and deduplicates them.
    pub(super) fn checked(self) -> Result<Self, String> {
        let normal = |mut openings: Vec<Opening>| {
            openings.iter().try_for_each(Opening::check)?;
            openings.sort();
            openings.dedup();
            Ok::<_, String>(openings)
        };
        if self.is_empty() {
            return Err("name at least one rule in `ingress` or `egress`".to_owned());
        }
        Ok(Self { ingress: normal(self.ingress)?, egress: normal(self.egress)? })
    }

    /// Those that are in a state; `None` if there are none.
    pub(super) fn present(state: &Facts) -> Option<Self> {
        let of = |direction: &str| {
            let list = state.get(direction).cloned().unwrap_or_default();
            serde_json::from_value(list).unwrap_or_default()
        };
        Some(Self { ingress: of("ingress"), egress: of("egress") })
            .filter(|rules| !rules.is_empty())
    }

    /// Those that are not in a state; `None` if all are.
    pub(super) fn absent(&self, state: &Facts) -> Option<Self> {
        let present = Self::present(state);
        let of = |direction: &str| {
            let there = present.as_ref().map_or(&[][..], |present| present.of(direction));
            let absent = self.of(direction).iter();
            absent.filter(|one| !there.iter().any(|other| one.is_same(other))).cloned().collect()
        };
        Some(Self { ingress: of("ingress"), egress: of("egress") })
            .filter(|rules| !rules.is_empty())
    }

    /// The named rules that the group has, with their present descriptions.
    pub(super) fn state(&self, scene: &Scene<'_>) -> Facts {
        let named = DIRECTIONS.iter().filter(|(direction, _)| !self.of(direction).is_empty());
        let found = named.map(|(direction, field)| {
            let wanted = self.of(direction);
            let found = permissions(scene, field).map(|all| json(&Opening::find(&all, wanted)));
            ((*direction).to_owned(), found.unwrap_or_default())
        });
        found.collect()
    }

    /// What becomes of the group if `edit` changes the permissions for each rule.
    pub(super) fn edit(
        &self,
        scene: &Scene<'_>,
        edit: fn(&Opening, &mut Vec<IpPermission>) -> Result<bool, String>,
    ) -> Result<Effect, Refusal> {
        owned(scene)?;
        let mut changed = Vec::new();
        for (direction, field) in DIRECTIONS {
            let mut list = permissions(scene, field)?;
            let mut is_changed = false;
            for opening in self.of(direction) {
                is_changed |= edit(opening, &mut list).map_err(Refusal)?;
            }
            if is_changed {
                changed.push((field, json(&list)));
            }
        }
        all_become(scene, changed)
    }
}

fn permissions(scene: &Scene<'_>, field: &str) -> Result<Vec<IpPermission>, Refusal> {
    serde_json::from_value(known(scene, field)?.clone())
        .map_err(|_| Refusal::new(format!("`{field}` is invalid")))
}

/// Ranges are equal as networks: AWS shortens IPv6 addresses.
fn same_range(a: Option<&str>, b: Option<&str>) -> bool {
    let network = |text: &str| {
        let (address, length) = text.split_once('/')?;
        Some((address.parse::<IpAddr>().ok()?, length.parse::<u8>().ok()?))
    };
    match (a, b) {
        (Some(a), Some(b)) => a == b || network(a).is_some_and(|of_a| Some(of_a) == network(b)),
        _ => false,
    }
}

fn has_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    !rest.is_empty() && rest.len() <= 64 && rest.chars().all(|char| char.is_ascii_alphanumeric())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|char| char.is_ascii_digit())
}

/// Untrusted text, shortened.
fn shown(text: &str) -> String {
    crate::model::text::one_line(text, 60)
}
