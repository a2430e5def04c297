//! The session policy in a target account. The role's own policies still apply: a session can do only
//! what both allow.

use serde_json::{Value, json};

use crate::facts::kinds::calls;
use crate::model::Demand;

/// The STS limit for an inline session policy, in characters.
pub const MAX_SESSION_POLICY: usize = 2_048;

/// The actions of the table that the AWS managed policy `SecurityAudit` does not allow.
const NOT_IN_SECURITY_AUDIT: [&str; 3] = [
    "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucket",
    "s3express:GetLifecycleConfiguration",
];

/// The session policy that a session is scoped down by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionPolicy {
    /// An inline policy: exactly the actions of the demand, and that for listing regions.
    Inline(String),
    /// The AWS managed policy `SecurityAudit`, which allows reading configuration, if the inline
    /// policy would be too long for STS.
    SecurityAudit,
}

impl SessionPolicy {
    /// The policy for a demand.
    pub fn of_demand(demand: &Demand) -> Self {
        let mut actions: Vec<&str> = calls(demand).iter().map(|call| call.action).collect();
        // Always included, whether or not regions must be listed: it reveals nothing, and a policy
        // without actions is not valid.
        actions.push("ec2:DescribeRegions");
        actions.sort_unstable();
        actions.dedup();
        let policy = session_policy(&json!(actions), &json!("*"));
        if fits_session(&policy) { Self::Inline(policy) } else { Self::SecurityAudit }
    }
}

/// A policy with one statement that allows `actions` on `resources`.
pub fn session_policy(actions: &Value, resources: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resources }] }).to_string()
}

/// Whether a policy is short enough for an inline session policy. The second limit, on the packed
/// size, is known only to STS and shows up when the role is assumed.
pub fn fits_session(policy: &str) -> bool {
    policy.chars().count() <= MAX_SESSION_POLICY
}

/// The actions of a demand that a session scoped down by `SecurityAudit` cannot use, sorted.
pub fn not_in_security_audit(demand: &Demand) -> Vec<&'static str> {
    let calls = calls(demand);
    NOT_IN_SECURITY_AUDIT
        .into_iter()
        .filter(|action| calls.iter().any(|call| call.action == *action))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::KINDS;

    #[test]
    fn a_session_policy_allows_exactly_the_demand() {
        let mut demand = Demand::default();
        demand.add_fact("s3.bucket", "encryption");
        let SessionPolicy::Inline(policy) = SessionPolicy::of_demand(&demand) else {
            panic!("a small demand must fit")
        };
        let policy: Value = serde_json::from_str(&policy).unwrap();
        let allowed = json!([
            "ec2:DescribeRegions",
            "s3:GetBucketLocation",
            "s3:GetEncryptionConfiguration",
            "s3:ListAllMyBuckets"
        ]);
        assert_eq!(
            policy["Statement"],
            json!([{ "Effect": "Allow", "Action": allowed, "Resource": "*" }])
        );
        assert!(not_in_security_audit(&demand).is_empty());
    }

    #[test]
    fn demands_too_large_for_sts_are_scoped_by_security_audit() {
        let mut demand = Demand::default();
        for kind in KINDS {
            demand.add_kind(kind.name);
            kind.facts.iter().for_each(|fact| demand.add_fact(kind.name, fact.name));
        }
        assert_eq!(SessionPolicy::of_demand(&demand), SessionPolicy::SecurityAudit);
        assert_eq!(not_in_security_audit(&demand), NOT_IN_SECURITY_AUDIT);
    }
}
