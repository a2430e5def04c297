//! What must hold for any plan: it is converted and laid over an empty account, or is an error.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::accounts::{AccountOption, Accounts};
use super::overlay::Overlay;
use super::terraform::{self, Known};
use super::tree::Finishing;
use crate::facts;
use crate::model::{AccountId, Partition};
use crate::snapshot::{AccountHeader, AccountSnapshot};

/// Converts a plan. An error of the plan is fine; an invalid resource is not.
pub fn plan(text: &str) -> Result<(), String> {
    let Ok(json) = serde_json::from_str(text) else { return Ok(()) };
    convert(json)
}

pub(super) fn convert(json: Value) -> Result<(), String> {
    let account: AccountId = "111122223333".parse().map_err(|_| "account".to_owned())?;
    let options = [AccountOption { alias: None, account: account.clone() }];
    let known = Known { accounts: Accounts::new(&options)?, snapshot: BTreeMap::new() };
    let Ok(described) = terraform::describe(Path::new("plan.json"), json, &known) else {
        return Ok(());
    };
    for account in &described.accounts {
        for assume_defaults in [false, true] {
            let finishing = Finishing { source: terraform::SOURCE, assume_defaults };
            let overlay = Overlay { described: &described, finishing, has_snapshot: false };
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
                resources: Vec::new(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
