//! What a session in a target account is scoped down to. The role's own policies still apply: a
//! session can do what both allow.

use serde_json::{Value, json};

use crate::facts::kinds::calls;
use crate::model::Demand;

/// STS's limit for an inline session policy, in characters.
pub const MAX_SESSION_POLICY: usize = 2_048;

/// The actions of the table that AWS's managed policy `SecurityAudit` does not hold.
const NOT_IN_SECURITY_AUDIT: [&str; 2] =
    ["s3:GetIntelligentTieringConfiguration", "s3express:GetLifecycleConfiguration"];

/// What a session is scoped down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionPolicy {
    /// A policy of our own: exactly the actions of the demand, and of listing regions.
    Inline(String),
    /// AWS's managed policy `SecurityAudit`, read-only configuration, where our own would be too
    /// long for STS.
    SecurityAudit,
}

impl SessionPolicy {
    /// The policy for a demand.
    pub fn of_demand(demand: &Demand) -> Self {
        let mut actions: Vec<&str> = calls(demand).iter().map(|call| call.action).collect();
        // Named here whether or not regions must be listed: it reveals nothing, and a policy of no
        // action at all is not valid.
        actions.push("ec2:DescribeRegions");
        actions.sort_unstable();
        actions.dedup();
        let policy = session_policy(&json!(actions), &json!("*"));
        if fits_session(&policy) { Self::Inline(policy) } else { Self::SecurityAudit }
    }
}

/// A policy of one statement that allows `actions` on `resources`.
pub fn session_policy(actions: &Value, resources: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resources }] }).to_string()
}

/// Whether STS takes a policy as an inline session policy, as far as its length goes. Its second
/// limit, on a packed form that only STS knows, shows at the call.
pub fn fits_session(policy: &str) -> bool {
    policy.chars().count() <= MAX_SESSION_POLICY
}

/// The actions of a demand that a session scoped by `SecurityAudit` may not use, sorted.
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
    fn a_session_may_do_what_the_demand_asks_and_no_more() {
        let mut demand = Demand::default();
        demand.add_fact("s3.bucket", "encryption");
        let SessionPolicy::Inline(policy) = SessionPolicy::of_demand(&demand) else {
            panic!("a small demand fits")
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
    fn what_is_too_long_for_sts_is_scoped_by_security_audit() {
        let mut demand = Demand::default();
        for kind in KINDS {
            demand.add_kind(kind.name);
            kind.facts.iter().for_each(|fact| demand.add_fact(kind.name, fact.name));
        }
        assert_eq!(SessionPolicy::of_demand(&demand), SessionPolicy::SecurityAudit);
        assert_eq!(not_in_security_audit(&demand), NOT_IN_SECURITY_AUDIT);
    }
}
