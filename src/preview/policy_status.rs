//! Whether S3 will call a policy public. S3 says so only after the change, but it has defined what is
//! not public in any case.

use serde_json::{Value, json};

use super::resources::hide;
use crate::facts;
use crate::model::{Resource, unreadable};
use crate::policy::{reason, statements};

const POLICY: &str = "policy";
const STATUS: &str = "policy_status";
/// The kinds whose policies S3's definition is about.
const KINDS: [&str; 2] = [ACCESS_POINT, "s3.bucket"];
const ACCESS_POINT: &str = "s3.access_point";

/// Sets the status of a policy that the change leaves open, if no statement is public. Of statements
/// that are limited by wildcards, only S3 knows whether it calls them public. If the policy is not known
/// after the change, the status is that of the one before.
pub(super) fn decide(resource: &mut Resource) {
    let policy = unreadable::of(&resource.unreadable, POLICY);
    if let Some(cause) = policy.filter(|cause| cause.is_of_plan()).cloned()
        && facts::kind(&resource.kind).is_some_and(|kind| kind.fact(STATUS).is_some())
        && unreadable::of(&resource.unreadable, STATUS).is_none()
    {
        hide(resource, STATUS, cause);
        return;
    }
    let is_left_open = |resource: &Resource| {
        let cause = resource.unreadable.get(STATUS);
        cause.is_some_and(|cause| cause.is_of_plan())
            && unreadable::of(&resource.unreadable, POLICY).is_none()
    };
    if !KINDS.contains(&resource.kind.as_str()) || !is_left_open(resource) {
        return;
    }
    let document = resource.facts.get(POLICY).and_then(|policy| policy.get("document"));
    let of_access_point = resource.kind == ACCESS_POINT;
    if document.is_some_and(|document| is_private(document, of_access_point)) {
        resource.unreadable.remove(STATUS);
        resource.facts.insert(STATUS.to_owned(), json!({ "is_public": false }));
    }
}

/// Whether no statement is public, as S3 defines it. Conditions on the access point of a request do
/// not make the policy of an access point less public.
fn is_private(document: &Value, of_access_point: bool) -> bool {
    let Ok(mut all) = statements(document) else { return false };
    if of_access_point {
        for statement in &mut all {
            statement.conditions.retain(|one| !one.key.starts_with("s3:dataaccesspoint"));
        }
    }
    all.iter().all(|statement| reason(statement).is_none())
}

#[cfg(test)]
mod tests {
    use crate::model::{Cause, Region};

    use super::*;

    #[test]
    fn only_what_is_not_public_in_any_case_is_decided() {
        let allow = |principal: Value, condition: Value| {
            json!({ "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::data/*", "Condition": condition }] })
        };
        let none = || json!({});
        let arn = "arn:aws:cloudfront::111122223333:distribution/E1ABCDEF234567";
        let through_own_access_points = allow(
            json!("*"),
            json!({ "StringEquals": { "s3:DataAccessPointAccount": "111122223333" } }),
        );
        let not_known = Cause::new("terraform:plan", Cause::NOT_KNOWN_UNTIL_APPLY, "");
        let denied = Cause::new("s3:GetBucketPolicyStatus", "AccessDenied", "");
        let in_policy = [("policy.document".to_owned(), not_known.clone())];
        for (policy, kind, cause, is_decided) in [
            (allow(json!({ "AWS": "111122223333" }), none()), "s3.bucket", &not_known, true),
            (allow(json!({ "AWS": "111122223333" }), none()), "s3.access_point", &not_known, true),
            (
                allow(
                    json!({ "Service": "cloudfront.amazonaws.com" }),
                    json!({ "StringEquals": { "aws:SourceArn": arn } }),
                ),
                "s3.bucket",
                &not_known,
                true,
            ),
            (allow(json!("*"), none()), "s3.bucket", &not_known, false),
            (
                allow(
                    json!("*"),
                    json!({ "StringLike": { "aws:PrincipalArn": "arn:aws:iam::1*" } }),
                ),
                "s3.bucket",
                &not_known,
                false,
            ),
            (through_own_access_points.clone(), "s3.bucket", &not_known, true),
            (through_own_access_points, "s3.access_point", &not_known, false),
            // What S3 did not say of what exists stays open, and so do policies of others.
            (allow(json!({ "AWS": "111122223333" }), none()), "s3.bucket", &denied, false),
            (
                allow(json!({ "AWS": "111122223333" }), none()),
                "ec2.vpc_endpoint",
                &not_known,
                false,
            ),
            (json!({ "Statement": "?" }), "s3.bucket", &not_known, false),
        ] {
            let facts = json!({ "policy": { "document": policy } });
            let mut resource = Resource {
                kind: kind.to_owned(),
                id: "data".to_owned(),
                region: Region::global(),
                arn: None,
                name: None,
                facts: facts.as_object().unwrap().clone(),
                unreadable: [("policy_status".to_owned(), cause.clone())].into(),
            };
            let mut partial = resource.clone();
            partial.unreadable.extend(in_policy.clone());
            decide(&mut resource);
            let status = resource.facts.get("policy_status");
            assert_eq!(
                status,
                is_decided.then(|| json!({ "is_public": false })).as_ref(),
                "{policy}"
            );
            assert_eq!(resource.unreadable.is_empty(), is_decided, "{policy}");
            decide(&mut partial);
            assert!(partial.unreadable.contains_key("policy_status"), "{policy}");
        }
    }
}
