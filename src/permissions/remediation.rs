//! Policies of the write role: what the fixes of rules can need, or exactly what one plan needs. They
//! allow no reads.

use serde_json::{Value, json};

use super::scanning::{fits, policy, trust_policy};
use crate::fixes::{Permission, policy_of};

/// The policies of the write role that allow these permissions and nothing else, in as few parts as
/// the size of a managed policy permits. Without permissions, there is no policy.
pub fn write_policies(permissions: &[Permission]) -> Vec<Value> {
    let mut sorted: Vec<&Permission> = permissions.iter().collect();
    sorted.sort_by_cached_key(|one| {
        (one.action, json!(one.conditions).to_string(), one.resource.clone())
    });
    sorted.dedup();
    let (mut policies, mut part, mut fitting) = (Vec::new(), Vec::new(), None);
    for permission in sorted {
        part.push(permission);
        let larger = with_sids(&policy_of(&part));
        if fits(&larger) {
            fitting = Some(larger);
            continue;
        }
        policies.extend(fitting.take());
        part = vec![permission];
        fitting = Some(with_sids(&policy_of(&part)));
    }
    policies.extend(fitting);
    policies
}

fn with_sids(unnamed: &Value) -> Value {
    let statements = unnamed.get("Statement").and_then(Value::as_array).into_iter().flatten();
    let named = statements.enumerate().map(|(index, statement)| {
        let mut named = json!({ "Sid": format!("RolecallWrite{}", index + 1) });
        if let (Some(named), Some(statement)) = (named.as_object_mut(), statement.as_object()) {
            named.extend(statement.clone());
        }
        named
    });
    policy(&named.collect::<Vec<_>>())
}

/// Who can assume the write role.
#[derive(Debug, Clone, Default)]
pub struct WriteTrust {
    /// Roles, users or accounts; the role that applies plans, if empty.
    pub principals: Vec<String>,
    /// The ARN of the role that applies plans: nothing else of the principals can assume the role.
    pub apply_role: Option<String>,
    /// Whether sessions can have a source identity.
    pub source_identity: bool,
}

impl WriteTrust {
    /// The trust policy of the write role. `external_id` is printed instead of it; `None` if the role
    /// does not require one.
    pub fn policy(&self, external_id: Option<&str>) -> Value {
        let principals = match (&self.apply_role, self.principals.is_empty()) {
            (Some(role), true) => vec![role.clone()],
            _ => self.principals.clone(),
        };
        let mut trust = trust_policy(&principals, external_id);
        let statements = trust.get_mut("Statement").and_then(Value::as_array_mut);
        for statement in statements.into_iter().flatten().filter_map(Value::as_object_mut) {
            if self.source_identity {
                let actions = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
                statement.insert("Action".to_owned(), actions);
            }
            let Some(role) = &self.apply_role else { continue };
            let condition = statement.entry("Condition").or_insert_with(|| json!({}));
            if let Some(condition) = condition.as_object_mut() {
                condition.insert("ArnEquals".to_owned(), json!({ "aws:PrincipalArn": role }));
            }
        }
        trust
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::EXTERNAL_ID_PLACEHOLDER;

    #[test]
    fn policies_are_split_under_the_limit_and_allow_all_of_it() {
        let arn =
            |n: usize| format!("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-{n:017}");
        let actions = ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"];
        let all: Vec<Permission> =
            (0..200).flat_map(|n| actions.map(|action| Permission::new(action, arn(n)))).collect();
        let policies = write_policies(&[all.clone(), all.clone()].concat());
        assert!(policies.len() > 2 && policies.iter().all(fits), "{}", policies.len());
        let mut found = Vec::new();
        for statement in policies.iter().flat_map(|one| one["Statement"].as_array().unwrap()) {
            for action in statement["Action"].as_array().unwrap() {
                for resource in statement["Resource"].as_array().unwrap() {
                    found.push((action.as_str().unwrap(), resource.as_str().unwrap()));
                }
            }
        }
        let mut wanted: Vec<(&str, &str)> =
            all.iter().map(|one| (one.action, one.resource.as_str())).collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        assert_eq!(write_policies(&all[..2]).len(), 1);
        assert!(write_policies(&[]).is_empty());
    }

    #[test]
    fn only_the_apply_role_can_assume_the_write_role() {
        let role = "arn:aws:iam::111122223333:role/rolecall-apply".to_owned();
        let by_role = WriteTrust { apply_role: Some(role.clone()), ..WriteTrust::default() };
        let conditions = json!({
            "StringEquals": { "sts:ExternalId": "<external id>" },
            "ArnEquals": { "aws:PrincipalArn": role },
        });
        let statement = json!({
            "Sid": "RolecallAssume",
            "Effect": "Allow",
            "Principal": { "AWS": role },
            "Action": "sts:AssumeRole",
            "Condition": conditions,
        });
        let policy = by_role.policy(Some(EXTERNAL_ID_PLACEHOLDER));
        assert_eq!(policy["Statement"], json!([statement]));
        let account = "arn:aws:iam::111122223333:root".to_owned();
        let by_account = WriteTrust { principals: vec![account], source_identity: true, ..by_role };
        let policy = by_account.policy(None);
        assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::111122223333:root");
        let actions = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
        assert_eq!(policy["Statement"][0]["Action"], actions);
        assert_eq!(
            policy["Statement"][0]["Condition"],
            json!({ "ArnEquals": { "aws:PrincipalArn": role } })
        );
    }
}
