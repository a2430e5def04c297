//! The permissions of actions on any resource of an account, for the policy of the write role, which
//! does not depend on findings.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde_json::{Map, Value};

use super::actions::action;
use super::policy::{Permission, WriteTarget};
use super::spec::{ActionSpec, InvalidAction, Write};
use crate::model::{AccountId, InvalidId, Partition, Region};

/// The account of the session, in conditions. In ARNs, the account cannot be a variable.
const OWN_ACCOUNT: &str = "${aws:PrincipalAccount}";

/// A target whose account, region and id are different from everything else in a permission.
const ACCOUNT: &str = "000000000000";
const REGION: &str = "no-such-region-0";
const ID: &str = "no-such-id";

/// The actions of these names, and those that can undo them, by name.
pub fn with_undo<'a>(
    names: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<&'static str, &'static ActionSpec> {
    let mut found = BTreeMap::new();
    let mut open: Vec<&str> = names.into_iter().collect();
    while let Some(name) = open.pop() {
        let Some(spec) = action(name) else { continue };
        if found.insert(spec.name, spec).is_none() {
            open.extend(spec.undone_by);
        }
    }
    found
}

impl ActionSpec {
    /// Everything that the action can write in any account where the session has its role: resources
    /// have patterns, and only conditions that always hold remain.
    pub fn writes_anywhere(&self, partition: &Partition) -> Result<Vec<Write>, InvalidAction> {
        let account: AccountId = parsed(ACCOUNT)?;
        let region: Region = parsed(REGION)?;
        let mut found: Vec<Write> = Vec::new();
        for kind in self.kinds.all() {
            let target = WriteTarget {
                account: &account,
                partition,
                region: &region,
                kind: kind.name,
                id: ID,
                arn: None,
            };
            for write in (self.possible_writes)(&target) {
                let permissions = write.permissions.iter().map(anywhere);
                match found.iter_mut().find(|known| known.call == write.call) {
                    Some(known) => known.permissions.extend(permissions),
                    None => {
                        found.push(Write { call: write.call, permissions: permissions.collect() });
                    }
                }
            }
        }
        Ok(found)
    }
}

/// The permissions of the actions and of those that can undo them, without duplicates.
pub fn permissions_anywhere(
    names: &BTreeSet<&'static str>,
    partition: &Partition,
) -> Result<Vec<Permission>, InvalidAction> {
    let mut found: Vec<Permission> = Vec::new();
    for spec in with_undo(names.iter().copied()).values() {
        for permission in
            spec.writes_anywhere(partition)?.into_iter().flat_map(|one| one.permissions)
        {
            if !found.contains(&permission) {
                found.push(permission);
            }
        }
    }
    Ok(found)
}

fn parsed<T: FromStr<Err = InvalidId>>(text: &str) -> Result<T, InvalidAction> {
    text.parse().map_err(|error: InvalidId| InvalidAction(error.to_string()))
}

fn anywhere(permission: &Permission) -> Permission {
    let pattern = |text: &str| {
        [ACCOUNT, REGION, ID].iter().fold(text.to_owned(), |text, part| text.replace(part, "*"))
    };
    let mut conditions = Map::new();
    for (operator, keys) in &permission.conditions {
        let mut kept = Map::new();
        for (key, value) in keys.as_object().into_iter().flatten() {
            let values: Vec<&Value> = match value {
                Value::Array(values) => values.iter().collect(),
                value => vec![value],
            };
            let of_target = |part: &str| {
                values.iter().filter_map(|value| value.as_str()).any(|text| text.contains(part))
            };
            if value == ACCOUNT {
                kept.insert(key.clone(), OWN_ACCOUNT.into());
            } else if ![ACCOUNT, REGION, ID].iter().any(|part| of_target(part)) {
                kept.insert(key.clone(), value.clone());
            }
        }
        if !kept.is_empty() {
            conditions.insert(operator.clone(), Value::Object(kept));
        }
    }
    Permission { action: permission.action, resource: pattern(&permission.resource), conditions }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_target_becomes_a_pattern_and_other_conditions_stay() {
        let resource = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:snapshot/{ID}");
        let permission = Permission::new("ec2:ModifySnapshotAttribute", resource)
            .when("ec2:Remove/group", "all")
            .when("aws:RequestedRegion", REGION)
            .when("aws:ResourceAccount", ACCOUNT)
            .when_op("ArnEquals", "ec2:ParentVolume", json!([format!("arn:aws:ec2:::{ID}")]));
        let found = anywhere(&permission);
        assert_eq!(found.resource, "arn:aws:ec2:*:*:snapshot/*");
        assert_eq!(
            Value::Object(found.conditions),
            json!({"StringEquals": {"ec2:Remove/group": "all", "aws:ResourceAccount": OWN_ACCOUNT}})
        );
    }

    #[test]
    fn what_undoes_an_action_is_allowed_with_it() {
        let names = ["s3.bucket.block_public_access"];
        let all = with_undo(names);
        assert_eq!(
            all.keys().copied().collect::<Vec<_>>(),
            ["s3.bucket.block_public_access", "s3.bucket.set_public_access_block"]
        );
        let permissions =
            permissions_anywhere(&BTreeSet::from(names), &Partition::default()).unwrap();
        assert_eq!(
            json!(permissions),
            json!([{
                "action": "s3:PutBucketPublicAccessBlock",
                "resource": "arn:aws:s3:::*",
                "conditions": {"StringEquals": {"s3:ResourceAccount": OWN_ACCOUNT}},
            }])
        );
    }
}
