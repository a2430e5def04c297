//! What uses a security group.

use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arguments::{Scripted, field, read, read_fields, read_known, script_value, text_field};
use super::table::{LookUp, topic};
use crate::model::{Cause, counted};
use crate::rules::values::context::EvalContext;
use crate::rules::values::index::ValueIndex;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::object::Object;

topic! {
    /// These functions show whether a change of a security group can affect anything.
    "Security groups";

    /// Returns what uses a security group, in words: network interfaces, rules of other security
    /// groups, and launch templates whose default or latest version names the group. A launch
    /// template without security groups falls back on the default group of a VPC, so it uses every
    /// group that is named `default`. A group in a VPC of another account counts as used, because
    /// not everything in that VPC is visible. If something could not be read, returns what certainly
    /// uses the group; if that is nothing, the verdict is `unknown`.
    ///
    /// The rule must declare `needs: ["ec2.network_interface", "ec2.security_group", "ec2.vpc",
    /// "ec2.launch_template/default_version", "ec2.launch_template/latest_version"]`.
    fn security_group_users(group: "object") -> "list of string";
    "security_group_users(#{ group_id: \"sg-0\", group_name: \"web\" })" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(USERS.helper, move |group: Dynamic| users(&cx, &group));
    };

    /// Returns openings that `internet_openings` found, as the action `ec2.security_group.revoke`
    /// takes them in `ingress` and `egress`.
    fn openings_to_revoke(openings: "list of opening") -> "list of map";
    "openings_to_revoke(internet_openings([#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \
     \"tcp\", 22))"
        => "[#{ protocol: \"tcp\", from_port: 22, to_port: 22, cidr_ipv6: \"::/0\" }]";
    |engine, _| engine.register_fn("openings_to_revoke", |openings: Dynamic| to_revoke(&openings));
}

const INTERFACES: &str = "ec2.network_interface";
const GROUPS: &str = "ec2.security_group";
const TEMPLATES: &str = "ec2.launch_template";
/// Facts of launch templates.
const VERSIONS: [&str; 2] = ["default_version", "latest_version"];
const VPCS: &str = "ec2.vpc";

pub(crate) const USERS: LookUp = LookUp {
    helper: "security_group_users",
    kinds: &[INTERFACES, GROUPS, TEMPLATES, VPCS],
    returns_resources: false,
};

const GROUP_FIELDS: &[&str] = &["group_id", "group_name", "vpc_id"];

/// A security group as far as it matters.
#[derive(Deserialize)]
struct Group {
    group_id: String,
    #[serde(default)]
    group_name: Option<String>,
    #[serde(default)]
    vpc_id: Option<String>,
}

/// An opening, as `internet_openings` returns it.
#[derive(Deserialize)]
struct Found {
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr: Option<String>,
    prefix_list_id: Option<String>,
    description: Option<String>,
}

/// The same opening, as the action takes it.
#[derive(Serialize)]
struct Revoked {
    protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_port: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_port: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cidr_ipv4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cidr_ipv6: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_list_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl From<Found> for Revoked {
    fn from(found: Found) -> Self {
        // A prefix list opens its ranges: the rule has the prefix list as its source.
        let cidr = if found.prefix_list_id.is_some() { None } else { found.cidr };
        let (cidr_ipv6, cidr_ipv4) = match cidr {
            Some(cidr) if cidr.contains(':') => (Some(cidr), None),
            cidr => (None, cidr),
        };
        Revoked {
            protocol: found.ip_protocol.unwrap_or_else(|| "-1".to_owned()),
            from_port: found.from_port,
            to_port: found.to_port,
            cidr_ipv4,
            cidr_ipv6,
            prefix_list_id: found.prefix_list_id,
            description: found.description,
        }
    }
}

fn to_revoke(openings: &Dynamic) -> Scripted<Array> {
    let openings: Vec<Found> = read("openings_to_revoke", "a list of openings", openings)?;
    Ok(openings.into_iter().map(|found| script_value(&Revoked::from(found))).collect())
}

fn users(cx: &EvalContext, group: &Dynamic) -> Scripted<Array> {
    let group: Group = read_fields(USERS.helper, "a security group", group, GROUP_FIELDS)?;
    // If something uses it, it does not matter what else could not be read.
    let mut look_ups = LookUps { cx, is_complete: false };
    let mut users = look_ups.users(&group)?;
    if users.is_empty() {
        look_ups.is_complete = true;
        users = look_ups.users(&group)?;
    }
    users.extend(look_ups.owner(&group)?);
    Ok(users.into_iter().map(|user| ImmutableString::from(user).into()).collect())
}

/// Looks up what uses a group.
struct LookUps<'a> {
    cx: &'a EvalContext,
    /// Whether everything must be known. Otherwise, only what is certain is found.
    is_complete: bool,
}

impl LookUps<'_> {
    fn users(&self, group: &Group) -> Scripted<Vec<String>> {
        let cx = self.cx;
        let mut users: Vec<String> = Vec::new();
        let id: Dynamic = group.group_id.as_str().into();
        let interfaces = self.related(INTERFACES, "groups.group_id", &id)?.len();
        if interfaces > 0 {
            users.push(counted(interfaces, "network interface"));
        }
        for path in ["ip_permissions", "ip_permissions_egress"] {
            let path = format!("{path}.user_id_group_pairs.group_id");
            for other in self.related(GROUPS, &path, &id)? {
                let other = text_field(cx, &other, "group_id")?.unwrap_or_default();
                let user = format!("security group {other}");
                if other != group.group_id && !users.contains(&user) {
                    users.push(user);
                }
            }
        }
        let templates = match self.is_complete {
            true => cx.related_by(TEMPLATES, &TEMPLATE_GROUPS, &group.keys())?,
            false => cx.known_related_by(TEMPLATES, &TEMPLATE_GROUPS, &group.keys())?,
        };
        for template in templates {
            let mut is_user = false;
            for version in VERSIONS {
                is_user |= self.uses(&field(cx, &template, version)?, group)?;
            }
            if is_user {
                let id = text_field(cx, &template, "launch_template_id")?.unwrap_or_default();
                users.push(format!("launch template {id}"));
            }
        }
        Ok(users)
    }

    /// The account that shares the VPC of a group.
    fn owner(&self, group: &Group) -> Scripted<Option<String>> {
        let Some(vpc) = &group.vpc_id else { return Ok(None) };
        let vpcs = self.related(VPCS, "vpc_id", &vpc.as_str().into())?;
        let is_readable = |vpc: &&Dynamic| {
            let vpc = vpc.read_lock::<Object>();
            self.is_complete || vpc.is_some_and(|vpc| vpc.unreadable("owner_id").is_none())
        };
        let Some(vpc) = vpcs.first().filter(is_readable) else { return Ok(None) };
        let owner = text_field(self.cx, vpc, "owner_id")?.unwrap_or_default();
        self.cx.record(|recorder| recorder.seen.account = true);
        let account = &self.cx.view()?.facts.account;
        let is_other = !owner.is_empty() && owner.as_str() != account.as_str();
        Ok(is_other.then(|| format!("account {owner}, which shares the VPC")))
    }

    fn related(&self, kind: &str, field: &str, value: &Dynamic) -> Scripted<Array> {
        match self.is_complete {
            true => self.cx.related(kind, Some((field, value))),
            false => self.cx.known_related(kind, Some((field, value))),
        }
    }

    /// Whether instances of a version of a launch template have the group.
    fn uses(&self, version: &Dynamic, group: &Group) -> Scripted<bool> {
        let (version, lost): (Value, _) = read_known(USERS.helper, "a version", version)?;
        let lost = lost.into_iter().filter(|(path, _)| may_have_groups(path));
        let lost: Vec<Cause> = lost.map(|(_, cause)| cause).collect();
        match (lost.is_empty(), self.is_complete) {
            (true, _) => Ok(group.is_used_by(&version)),
            (false, true) => Interrupt::Unreadable(lost).raise(),
            (false, false) => Ok(false),
        }
    }
}

/// Launch templates by the groups of their versions: `id:…`, `name:…`, or `none`.
static TEMPLATE_GROUPS: ValueIndex = ValueIndex {
    name: "groups of the default and the latest version",
    facts: &VERSIONS,
    reads: &[
        "default_version.launch_template_data.network_interfaces.groups",
        "default_version.launch_template_data.security_group_ids",
        "default_version.launch_template_data.security_groups",
        "latest_version.launch_template_data.network_interfaces.groups",
        "latest_version.launch_template_data.security_group_ids",
        "latest_version.launch_template_data.security_groups",
    ],
    values: |template| {
        let versions = VERSIONS.iter().filter_map(|fact| template.facts.get(fact));
        let versions = versions.map(|version| LaunchData::of(&version.to_json()));
        versions.flatten().flat_map(|data| data.keys()).collect()
    },
};

/// Whether a part of a version has security groups, or something that is in such a part.
fn may_have_groups(path: &str) -> bool {
    const PARTS: [&str; 3] = ["network_interfaces.groups", "security_group_ids", "security_groups"];
    let Some(path) = path.strip_prefix("launch_template_data") else { return path.is_empty() };
    let path = path.trim_start_matches('.');
    PARTS.iter().any(|part| part.starts_with(path) || path.starts_with(part))
}

/// The security groups of a version of a launch template.
struct LaunchData {
    ids: Vec<String>,
    names: Vec<String>,
}

impl LaunchData {
    /// `None` if the version does not exist.
    fn of(version: &Value) -> Option<Self> {
        let data = version.get("launch_template_data").filter(|data| data.is_object())?;
        let list = |value: &Value, name: &str| -> Vec<String> {
            let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let interfaces = data.get("network_interfaces").and_then(Value::as_array);
        let of_interfaces = interfaces.into_iter().flatten().flat_map(|one| list(one, "groups"));
        let ids = list(data, "security_group_ids").into_iter().chain(of_interfaces).collect();
        Some(Self { ids, names: list(data, "security_groups") })
    }

    fn keys(&self) -> Vec<String> {
        if self.ids.is_empty() && self.names.is_empty() {
            return vec![FALLS_BACK.to_owned()];
        }
        let ids = self.ids.iter().map(|id| format!("id:{id}"));
        ids.chain(self.names.iter().map(|name| format!("name:{name}"))).collect()
    }
}

/// The key of a version without groups: instances get the default group of the VPC.
const FALLS_BACK: &str = "none";

impl Group {
    /// The keys of launch templates that use the group.
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![format!("id:{}", self.group_id)];
        if let Some(name) = &self.group_name {
            keys.push(format!("name:{name}"));
            if name == "default" {
                keys.push(FALLS_BACK.to_owned());
            }
        }
        keys
    }

    /// Whether instances of this version of a launch template have the group.
    fn is_used_by(&self, version: &Value) -> bool {
        let keys = self.keys();
        LaunchData::of(version).is_some_and(|data| data.keys().iter().any(|key| keys.contains(key)))
    }
}
