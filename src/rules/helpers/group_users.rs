//! What uses a security group.

use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};
use serde::Deserialize;
use serde_json::Value;

use super::arguments::{Scripted, read};
use super::table::{LookUp, topic};
use crate::model::counted;
use crate::rules::values::context::EvalContext;
use crate::rules::values::object::Object;

topic! {
    /// These functions show whether a change of a security group can affect anything.
    "Security groups";

    /// Returns what uses a security group, in words: network interfaces, rules of other security
    /// groups, and launch templates whose default or latest version names the group. A launch
    /// template without security groups falls back on the default group of a VPC, so it uses every
    /// group that is named `default`. A group in a VPC of another account counts as used, because
    /// not everything in that VPC is visible.
    ///
    /// The rule must declare `needs: ["ec2.network_interface", "ec2.security_group", "ec2.vpc",
    /// "ec2.launch_template/default_version", "ec2.launch_template/latest_version"]`.
    fn security_group_users(group: "object") -> "list of string";
    "security_group_users(#{ group_id: \"sg-0\", group_name: \"web\" })" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(USERS.helper, move |group: Dynamic| users(&cx, &group));
    };
}

const INTERFACES: &str = "ec2.network_interface";
const GROUPS: &str = "ec2.security_group";
const TEMPLATES: &str = "ec2.launch_template";
const VPCS: &str = "ec2.vpc";

pub(crate) const USERS: LookUp = LookUp {
    helper: "security_group_users",
    kinds: &[INTERFACES, GROUPS, TEMPLATES, VPCS],
    returns_resources: false,
};

/// A security group as far as it matters.
#[derive(Deserialize)]
struct Group {
    group_id: String,
    #[serde(default)]
    group_name: Option<String>,
    #[serde(default)]
    vpc_id: Option<String>,
}

fn users(cx: &EvalContext, group: &Dynamic) -> Scripted<Array> {
    let group: Group = read(USERS.helper, "a security group", group)?;
    let id: Dynamic = group.group_id.as_str().into();
    let mut users: Vec<String> = Vec::new();
    let interfaces = cx.related(INTERFACES, Some(("groups.group_id", &id)))?.len();
    if interfaces > 0 {
        users.push(counted(interfaces, "network interface"));
    }
    for path in ["ip_permissions", "ip_permissions_egress"] {
        let path = format!("{path}.user_id_group_pairs.group_id");
        for other in cx.related(GROUPS, Some((path.as_str(), &id)))? {
            let user = format!("security group {}", text(cx, &other, "group_id")?);
            if text(cx, &other, "group_id")? != group.group_id && !users.contains(&user) {
                users.push(user);
            }
        }
    }
    for template in cx.related(TEMPLATES, None)? {
        let mut is_user = false;
        for version in ["default_version", "latest_version"] {
            let version: Value = read(USERS.helper, "a version", &field(cx, &template, version)?)?;
            is_user |= group.is_used_by(&version);
        }
        if is_user {
            users.push(format!("launch template {}", text(cx, &template, "launch_template_id")?));
        }
    }
    if let Some(vpc) = &group.vpc_id {
        for vpc in cx.related(VPCS, Some(("vpc_id", &vpc.as_str().into())))? {
            let owner = text(cx, &vpc, "owner_id")?;
            cx.record(|recorder| recorder.seen.account = true);
            if !owner.is_empty() && owner.as_str() != cx.view()?.facts.account.as_str() {
                users.push(format!("account {owner}, which shares the VPC"));
            }
        }
    }
    Ok(users.into_iter().map(|user| ImmutableString::from(user).into()).collect())
}

impl Group {
    /// Whether instances of this version of a launch template have the group.
    fn is_used_by(&self, version: &Value) -> bool {
        let Some(data) = version.get("launch_template_data").filter(|data| data.is_object()) else {
            return false;
        };
        let list = |value: &Value, name: &str| -> Vec<String> {
            let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let interfaces = data.get("network_interfaces").and_then(Value::as_array);
        let of_interfaces = interfaces.into_iter().flatten().flat_map(|one| list(one, "groups"));
        let ids: Vec<String> =
            list(data, "security_group_ids").into_iter().chain(of_interfaces).collect();
        let names = list(data, "security_groups");
        let name = self.group_name.as_deref().unwrap_or_default();
        let falls_back = ids.is_empty() && names.is_empty() && name == "default";
        falls_back || ids.contains(&self.group_id) || names.iter().any(|one| one == name)
    }
}

/// A field of a resource, read as a script does.
fn field(cx: &EvalContext, resource: &Dynamic, name: &str) -> Scripted<Dynamic> {
    match resource.read_lock::<Object>() {
        Some(object) => cx.read(&object, name),
        None => Ok(Dynamic::UNIT),
    }
}

fn text(cx: &EvalContext, resource: &Dynamic, name: &str) -> Scripted<ImmutableString> {
    let value = field(cx, resource, name)?;
    Ok(value.into_immutable_string().unwrap_or_default())
}
