//! What must hold for any plan: it is converted and laid over an account with few resources, or is an
//! error.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::accounts::{AccountOption, Accounts};
use super::overlay::Overlay;
use super::terraform::{self, Known};
use super::tree::Finishing;
use super::unread::without_snapshot;
use crate::facts;
use crate::model::{AccountId, Partition, Region, Resource};
use crate::snapshot::{AccountHeader, AccountSnapshot};

/// Converts a plan. An error of the plan is fine; an invalid resource is not.
pub fn plan(text: &str) -> Result<(), String> {
    let Ok(json) = serde_json::from_str(text) else { return Ok(()) };
    convert(json)
}

pub(super) fn convert(json: Value) -> Result<(), String> {
    let account: AccountId = "111122223333".parse().map_err(|_| "account".to_owned())?;
    let options = [AccountOption { alias: None, value: account.clone() }];
    let known = Known { accounts: Accounts::new(&options)?, ..Known::default() };
    let Ok(mut described) = terraform::describe(Path::new("plan.json"), json, &known) else {
        return Ok(());
    };
    let existing = existing()?;
    for account in described.accounts.clone() {
        described.adopt(&account, &existing);
        described.launch(&account, Some(&existing));
        described.settle_lists(|_, _| None);
    }
    for account in &described.accounts {
        for assume_defaults in [false, true] {
            let finishing = Finishing { source: terraform::SOURCE, assume_defaults };
            let missing = without_snapshot(terraform::SOURCE);
            let overlay = Overlay { described: &described, finishing, missing: Some(&missing) };
            let regions = described.regions.get(account).cloned().unwrap_or_default();
            let header = AccountHeader {
                account: account.clone(),
                partition: Partition::default(),
                collected_at: "2026-01-01T00:00:00Z".to_owned(),
                entered: true,
                regions,
                region_filter: Vec::new(),
                demand: Default::default(),
                calls: BTreeMap::new(),
                run: None,
            };
            let snapshot = AccountSnapshot {
                header,
                lists: BTreeMap::new(),
                resources: existing.clone(),
                gaps: Vec::new(),
            };
            for resource in overlay.account(snapshot).after.resources {
                let about = format!("{} {}", resource.kind, resource.id);
                match facts::normalize(resource.clone()) {
                    Ok(Some(normal)) if normal == resource => {}
                    Ok(_) => return Err(format!("{about} is not in its normal form")),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(())
}

/// What plans can take over, and an image.
fn existing() -> Result<Vec<Resource>, String> {
    let region: Region = "eu-west-1".parse().map_err(|_| "region".to_owned())?;
    let rule = json!([{ "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }]);
    let resources = [
        ("ec2.vpc", "vpc-1", json!({ "is_default": true })),
        (
            "ec2.subnet",
            "subnet-1",
            json!({ "vpc_id": "vpc-1", "default_for_az": true, "availability_zone": "eu-west-1a" }),
        ),
        (
            "ec2.security_group",
            "sg-1",
            json!({ "vpc_id": "vpc-1", "group_name": "default", "ip_permissions": rule }),
        ),
        ("ec2.network_acl", "acl-1", json!({ "vpc_id": "vpc-1", "is_default": true })),
        (
            "ec2.route_table",
            "rtb-1",
            json!({ "vpc_id": "vpc-1", "associations": [{ "main": true }] }),
        ),
        (
            "ec2.image",
            "ami-1",
            json!({ "root_device_name": "/dev/xvda", "block_device_mappings": [{ "device_name": "/dev/sdf", "ebs": {} }] }),
        ),
    ];
    let mut found = Vec::new();
    for (kind, id, facts) in resources {
        let Value::Object(mut facts) = facts else { continue };
        let field = facts::kind(kind).map_or("id", |kind| kind.id);
        facts.insert(field.to_owned(), id.into());
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            region: region.clone(),
            arn: None,
            name: None,
            facts,
            unreadable: BTreeMap::new(),
        };
        found.extend(facts::normalize(resource)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls `each` with a copy of `value` in which one value is another one.
    fn altered(value: &Value, each: &mut dyn FnMut(Value)) {
        for other in
            [json!(null), json!(true), json!(-1), json!("x"), json!([[]]), json!({ "a": {} })]
        {
            each(other);
        }
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    altered(inner, &mut |changed| {
                        let mut copy = fields.clone();
                        copy.insert(name.clone(), changed);
                        each(Value::Object(copy));
                    });
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    altered(inner, &mut |changed| {
                        let mut copy = items.clone();
                        if let Some(place) = copy.get_mut(index) {
                            *place = changed;
                        }
                        each(Value::Array(copy));
                    });
                }
            }
            _ => {}
        }
    }

    #[test]
    fn any_plan_is_converted_or_an_error() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/preview");
        let mut converted = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let case: Value = serde_json::from_str(&text).unwrap();
            if case.get("plan").is_none() {
                continue;
            }
            convert(case["plan"].clone()).unwrap();
            // Each resource by itself, with everything in it replaced by something else.
            for change in case["plan"]["resource_changes"].as_array().unwrap() {
                let mut plan = case["plan"].clone();
                let mut number = 0;
                altered(change, &mut |changed| {
                    number += 1;
                    if number % 7 == 0 {
                        plan["resource_changes"] = json!([changed]);
                        convert(plan.clone()).unwrap();
                        converted += 1;
                    }
                });
            }
        }
        assert!(converted > 500, "{converted}");
        let deep = format!("{{\"resource_changes\":{}1{}}}", "[".repeat(1_000), "]".repeat(1_000));
        plan(&deep).unwrap();
    }
}
