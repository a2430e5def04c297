//! Change sets of CloudFormation, as `aws cloudformation describe-change-set
//! --include-property-values` prints them. They have the properties of each changed resource before and
//! after the change; what is not listed does not change.

mod context;
mod convert;
mod converter;
mod hiding;
mod kinds;
mod resource;
mod stack;
mod values;

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::accounts::Accounts;
use super::error::PreviewError;
use super::file::json;
use super::item::{Described, Item, Location};
use crate::model::text::one_line;
use context::Context;
use resource::{Action, Resource};
use stack::Stack;

/// What unknown values of a change set are from, in causes.
pub const SOURCE: &str = "cloudformation:change-set";

/// The reasons why a change set without changes could not be created.
const UNCHANGED: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];

/// Reads a change set; `-` is stdin. `accounts` are those of the command line.
pub fn read(
    path: &Path,
    accounts: &Accounts,
    stdin: &mut dyn Read,
) -> Result<Described, PreviewError> {
    let how = "aws cloudformation describe-change-set --include-property-values --output json";
    describe(path, &json(path, stdin, how)?, accounts)
}

/// The same for the JSON of a change set.
pub fn describe(path: &Path, json: &Value, accounts: &Accounts) -> Result<Described, PreviewError> {
    let other = |reason: String| PreviewError::other(path, reason);
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    let Some(changes) = json.get("Changes").and_then(Value::as_array) else {
        return Err(other(not_a_change_set(json).to_owned()));
    };
    if text("NextToken").is_some() {
        return Err(other(
            "the change set is incomplete (`NextToken`): run the command without --no-paginate and --max-items".to_owned(),
        ));
    }
    // That is how CloudFormation says that the template is what is deployed.
    let is_empty = text("Status") == Some("FAILED")
        && changes.is_empty()
        && text("StatusReason")
            .is_some_and(|reason| UNCHANGED.iter().any(|unchanged| reason.contains(unchanged)));
    let status = text("Status").filter(|status| *status != "CREATE_COMPLETE" && !is_empty);
    if let Some(status) = status {
        let is_unfinished = matches!(status, "CREATE_PENDING" | "CREATE_IN_PROGRESS");
        let reason = text("StatusReason").unwrap_or(match is_unfinished {
            true => "wait until it is created, and save it again",
            false => "no reason given",
        });
        return Err(other(format!(
            "the status of the change set is {}, not CREATE_COMPLETE: {}",
            one_line(status, 40),
            one_line(reason, 300)
        )));
    }
    if let Some(status) = text("ExecutionStatus").and_then(not_executable) {
        return Err(other(status.to_owned()));
    }
    let location = location(path, json, accounts)?;
    let mut described = Described { changes: changes.len(), ..Described::default() };
    described.accounts.insert(location.account.clone());
    described.regions.entry(location.account.clone()).or_default().insert(location.region.clone());
    described.timestamp = text("CreationTime").and_then(|time| {
        let time: jiff::Timestamp = time.parse().ok()?;
        Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    });
    let name = text("StackName").unwrap_or_default();
    described.stack_name = Some(name.to_owned()).filter(|name| !name.is_empty());
    let mut resources = Vec::new();
    for (position, change) in changes.iter().enumerate() {
        let Some(change) = change.get("ResourceChange") else { continue };
        let in_change =
            |reason: String| other(format!("`Changes[{position}].ResourceChange` {reason}"));
        let before = Context::new(change.get("BeforeContext")).map_err(in_change)?;
        let after = Context::new(change.get("AfterContext")).map_err(in_change)?;
        let resource = Resource::new(change, name, before.as_ref()).map_err(in_change)?;
        let planned = values::change(change, &resource);
        described.planned.extend(planned.map(|planned| (planned.address.clone(), planned)));
        resources.push((resource, before, after));
    }
    let stack =
        Stack::new(json, resources.iter().map(|(one, ..)| (one, kinds::listed(&one.type_name))));
    for (resource, before, after) in &resources {
        let contexts = (before.as_ref(), after.as_ref());
        resource.convert(contexts, &stack, &location, &mut described);
    }
    for (resource, _, after) in &resources {
        hiding::hide_defaults((resource, after.as_ref()), &location, &mut described);
    }
    described.attach_volume();
    described.settle_conflicts(|_, _| true);
    let resources: Vec<Resource> = resources.into_iter().map(|(resource, ..)| resource).collect();
    let stack_id = text("StackId").unwrap_or_default();
    described.stack = stack_resources((stack_id, name), &resources, &described);
    Ok(described)
}

/// Why a change set with an execution status cannot be executed (any more). Nested ones that the one of
/// their root executes are `UNAVAILABLE`.
fn not_executable(status: &str) -> Option<&'static str> {
    Some(match status {
        "EXECUTE_IN_PROGRESS" => {
            "the change set is being executed (ExecutionStatus: EXECUTE_IN_PROGRESS): a preview is for one that is not"
        }
        "EXECUTE_COMPLETE" => {
            "the change set was executed (ExecutionStatus: EXECUTE_COMPLETE): create a new one to preview further changes"
        }
        "EXECUTE_FAILED" => {
            "the execution of the change set failed (ExecutionStatus: EXECUTE_FAILED): create a new one"
        }
        "OBSOLETE" => {
            "the stack was updated after the change set was created (ExecutionStatus: OBSOLETE): create a new one"
        }
        _ => return None,
    })
}

/// What a file is that is not a change set, and what to do.
fn not_a_change_set(json: &Value) -> &'static str {
    let has = |name: &str| json.get(name).is_some();
    if has("resource_changes") || has("planned_values") {
        "this is a Terraform plan, not a change set: use --plan"
    } else if has("Resources") {
        "this is a template, not a change set: create a change set, and use `aws cloudformation describe-change-set --include-property-values --output json`"
    } else {
        "not a change set in JSON: use `aws cloudformation describe-change-set --include-property-values --output json`"
    }
}

/// The resources that the change adds to the stack, and those that it removes. The id of what does not
/// exist yet is the one in findings. Other resources are known by their tags.
fn stack_resources(
    (stack_id, stack): (&str, &str),
    resources: &[Resource],
    described: &Described,
) -> Value {
    let entry = |resource: &Resource, id: Option<&str>, status: &str| {
        json!({
            "StackId": stack_id,
            "StackName": stack,
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": id,
            "ResourceType": resource.type_name,
            "ResourceStatus": status,
        })
    };
    let mut listed = Vec::new();
    for resource in resources {
        let is_new =
            |item: &Item| item.is_created && item.declared.as_ref() == Some(&resource.address);
        let new = described.after.items.iter().filter(|(_, item)| is_new(item));
        listed.extend(new.map(|(key, _)| entry(resource, Some(&key.id), "CREATE_COMPLETE")));
        if resource.action == Action::Remove && !resource.is_retained {
            listed.push(entry(resource, None, "DELETE_COMPLETE"));
        }
    }
    json!({ "StackResources": listed })
}

/// The account and region of the stack, which its ARN has.
fn location(path: &Path, json: &Value, accounts: &Accounts) -> Result<Location, PreviewError> {
    let arn = ["StackId", "ChangeSetId"].into_iter().find_map(|name| json.get(name)?.as_str());
    let parts: Vec<&str> = arn.unwrap_or_default().splitn(6, ':').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let region = part(3).parse().ok();
    let account = accounts.other().cloned().or_else(|| part(4).parse().ok());
    match (account, region) {
        (Some(account), Some(region)) => Ok(Location { account, region }),
        _ => Err(PreviewError::other(
            path,
            "the change set has no `StackId` with an account and a region",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_that_are_not_change_sets_are_named() {
        let status = |status: &str| json!({ "Changes": [], "Status": status });
        let executed = |execution: &str| json!({ "Changes": [], "Status": "CREATE_COMPLETE", "ExecutionStatus": execution });
        for (json, expected) in [
            (
                json!({ "resource_changes": [] }),
                "this is a Terraform plan, not a change set: use --plan",
            ),
            (json!({ "Resources": {} }), "this is a template, not a change set"),
            (json!({}), "not a change set in JSON"),
            (status("CREATE_IN_PROGRESS"), "not CREATE_COMPLETE: wait until it is created"),
            (status("FAILED"), "not CREATE_COMPLETE: no reason given"),
            (
                json!({ "Changes": [], "Status": "FAILED", "StatusReason": "The submitted information didn't contain changes." }),
                "no `StackId`",
            ),
            (
                json!({ "Changes": [], "Status": "FAILED", "StatusReason": "Template error" }),
                "not CREATE_COMPLETE: Template error",
            ),
            (executed("EXECUTE_IN_PROGRESS"), "is being executed"),
            (executed("EXECUTE_COMPLETE"), "was executed"),
            (executed("EXECUTE_FAILED"), "the execution of the change set failed"),
            (executed("OBSOLETE"), "the stack was updated after the change set was created"),
            (executed("AVAILABLE"), "no `StackId`"),
            (executed("UNAVAILABLE"), "no `StackId`"),
        ] {
            let error = describe(Path::new("-"), &json, &Accounts::default()).unwrap_err();
            assert!(error.to_string().contains(expected), "{expected}: {error}");
        }
    }
}
