//! Security groups that a change deletes: EC2 refuses to delete one that a network interface uses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Item, ItemKey};
use super::overlay::Overlay;
use super::resources::{Live, hide, known};
use crate::model::{AccountId, Resource};

const GROUP: &str = "ec2.security_group";
const INSTANCE: &str = "ec2.instance";

impl Overlay<'_> {
    /// Deletes the groups that the change deletes, except those that an instance still uses, and says
    /// why EC2 refuses that. CloudFormation tries it after everything else, and does not fail then.
    pub(super) fn delete_groups(
        &self,
        account: &AccountId,
        live: &mut Live,
    ) -> BTreeMap<ItemKey, Vec<String>> {
        let is_declared = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        let (before, after) = (&self.described.before.items, &self.described.after.items);
        let deleted = before.iter().filter(|(key, item)| {
            key.kind == GROUP
                && key.account == *account
                && is_declared(Some(item))
                && !is_declared(after.get(key))
        });
        let mut refused = BTreeMap::new();
        for (key, item) in deleted {
            // What is not converted can delete instances.
            let has_instances = !self.described.gaps.iter().any(|gap| {
                gap.kind == INSTANCE
                    && gap.location.account == *account
                    && gap.location.region == key.region
            });
            let user = live.iter().find(|(other, one)| {
                other.kind == INSTANCE && other.region == key.region && uses(one, &key.id)
            });
            let addresses = || item.addresses.iter().map(String::as_str);
            match user.map(|(instance, _)| instance.id.clone()).filter(|_| has_instances) {
                Some(instance) => {
                    if self.described.stack.is_null() {
                        let message = format!(
                            "EC2 will refuse to delete the security group (DependencyViolation): {instance} uses it"
                        );
                        refused.insert(key.clone(), vec![message]);
                    }
                    // Its rules are deleted before.
                    if let Some(group) = live.get_mut(key).filter(|_| item.addresses.len() > 1) {
                        for field in ["ip_permissions", "ip_permissions_egress"] {
                            hide(group, field, self.because(None, addresses()));
                        }
                    }
                }
                None => {
                    live.remove(key);
                    for (_, one) in live.iter_mut().filter(|(other, _)| other.region == key.region)
                    {
                        let fields: &[&str] = match one.kind.as_str() {
                            INSTANCE => &["network_interfaces", "security_groups"],
                            "ec2.network_interface" => &["groups"],
                            _ => continue,
                        };
                        if uses(one, &key.id) {
                            for field in fields {
                                hide(one, field, self.because(None, addresses()));
                            }
                        }
                    }
                }
            }
        }
        refused
    }
}

/// Whether an instance or a network interface is known to use a group.
fn uses(resource: &Resource, group: &str) -> bool {
    let is_it = |one: &Value| one.get("group_id").and_then(Value::as_str) == Some(group);
    let list = |name: &str| known(resource, name).and_then(Value::as_array).into_iter().flatten();
    let mut interfaces = list("network_interfaces")
        .filter_map(|interface| interface.get("groups").and_then(Value::as_array));
    list("groups").chain(list("security_groups")).any(is_it)
        || interfaces.any(|groups| groups.iter().any(is_it))
}
