//! Which policies S3 considers public, and which settings of Block Public Access are on.

use super::conditions::ACCESS_POINT_KEYS;
use super::facts::AccessPointFacts;
use crate::exposure::Known;
use crate::facts::s3::account::PublicAccessBlock;
use crate::policy::{Statement, reason};

/// Whether S3 considers a policy public: what it reports or, if that was not read, what the statements
/// say.
pub(super) fn is_public(
    status: &Known<Option<bool>>,
    policy: &Known<Vec<Statement>>,
) -> Known<bool> {
    match (status, policy) {
        (Ok(status), Err(_)) => Ok(status.unwrap_or(false)),
        (Ok(Some(true)), _) => Ok(true),
        // S3 does not count every wildcard after a fixed id.
        (Ok(Some(false)), _) => Ok(false),
        (_, Ok(statements)) => Ok(statements.iter().any(|one| reason(one).is_some())),
        (Err(cause), Err(_)) => Err(cause.clone()),
    }
}

/// Whether S3 considers the policy of an access point public. With a VPC as network origin, it never
/// does. Conditions that every request through the access point meets do not count.
pub(super) fn is_point_public(
    point: &AccessPointFacts,
    policy: &Known<Vec<Statement>>,
) -> Known<bool> {
    if point.vpc.is_some() {
        return Ok(false);
    }
    let mut policy = policy.clone();
    for statement in policy.iter_mut().flatten() {
        statement.conditions.retain(|one| !ACCESS_POINT_KEYS.contains(&one.key.as_str()));
    }
    is_public(&point.policy_status, &policy)
}

/// Whether a setting of Block Public Access is on, and where.
pub(super) fn setting(
    blocks: &[(&Known<PublicAccessBlock>, &str)],
    is_on: fn(&PublicAccessBlock) -> bool,
) -> Known<Option<String>> {
    let mut unknown = None;
    for (block, owner) in blocks {
        match block {
            Ok(block) if is_on(block) => return Ok(Some((*owner).to_owned())),
            Ok(_) => {}
            Err(cause) => unknown = unknown.or(Some(cause.clone())),
        }
    }
    unknown.map_or(Ok(None), Err)
}
