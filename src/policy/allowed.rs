//! What statements allow: actions, and the bucket or objects that these apply to.

use super::actions::{Target, matching, target_of};
use super::denial::{denied_to_everyone, is_every_action};
use super::document::Statement;
use super::wildcard::{any_variables, covers, overlaps};

impl Statement {
    /// Whether it allows an action, or one that a pattern matches, for any resource.
    pub fn allows(&self, action: &str) -> bool {
        let action = action.to_lowercase();
        let includes =
            |named: &String| is_every_action(named) || covers(&named.to_lowercase(), &action);
        let not_named = || !self.not_actions.iter().any(includes);
        self.effect == "Allow"
            && (self.actions.iter().any(|named| overlaps(&named.to_lowercase(), &action))
                || (!self.not_actions.is_empty() && not_named()))
    }

    /// Whether it allows an action, or one that a pattern matches, for what the action applies to: the
    /// bucket with this ARN, or objects in it. An action or a pattern that matches no action of the
    /// table can apply to both.
    pub fn allows_for(&self, action: &str, bucket: &str) -> bool {
        if !self.allows(action) {
            return false;
        }
        let has_bucket = self.applies_to(bucket);
        let has_objects = self.applies_to(&objects_of(bucket));
        let applies = |target: Target| match target {
            Target::Bucket => has_bucket,
            Target::Objects => has_objects,
            Target::Either => has_bucket || has_objects,
        };
        let action = action.to_lowercase();
        let allowed = matching(&self.actions, &self.not_actions);
        let mut asked = allowed.iter().filter(|one| overlaps(&one.name.to_lowercase(), &action));
        asked.any(|one| applies(one.target))
            || target_of(&action).is_none() && applies(Target::Either)
    }

    /// Whether it applies to a resource or, for a pattern, to some of the resources.
    fn applies_to(&self, resource: &str) -> bool {
        if self.resources.is_empty() {
            return !self.not_resources.iter().any(|one| covers(one, resource));
        }
        self.resources.iter().any(|one| overlaps(&any_variables(one), resource))
    }

    /// The parts of a resource, or of a pattern of resources, that it applies to.
    fn parts(&self, resource: &str) -> Vec<String> {
        if !self.applies_to(resource) {
            return Vec::new();
        }
        if self.resources.is_empty() || self.resources.iter().any(|one| covers(one, resource)) {
            return vec![resource.to_owned()];
        }
        let is_part = |one: &&String| overlaps(&any_variables(one), resource);
        self.resources.iter().filter(is_part).cloned().collect()
    }
}

/// Whether a policy lets a service perform an action on the bucket with this ARN, or objects in it. A
/// Deny statement counts if it has no conditions.
pub fn allows_service(statements: &[Statement], service: &str, action: &str, bucket: &str) -> bool {
    let service = format!("Service:{service}");
    let is_meant = |list: &[String]| list.iter().any(|one| one == "*" || *one == service);
    let denies_service = |one: &&Statement| {
        let excludes = |list: &[String]| !list.is_empty() && !is_meant(list);
        one.effect == "Deny"
            && one.conditions.is_empty()
            && (is_meant(&one.principals) || excludes(&one.not_principals))
    };
    let everyone = |one: &Statement| Statement {
        principals: vec!["*".to_owned()],
        not_principals: Vec::new(),
        ..one.clone()
    };
    let denies: Vec<Statement> = statements.iter().filter(denies_service).map(everyone).collect();
    let targets = match target_of(&action.to_lowercase()) {
        Some(Target::Bucket) => vec![bucket.to_owned()],
        Some(Target::Objects) => vec![objects_of(bucket)],
        _ => vec![bucket.to_owned(), objects_of(bucket)],
    };
    let is_left = |one: &Statement| {
        let parts = targets.iter().flat_map(|target| one.parts(target));
        parts.into_iter().any(|part| !denied_to_everyone(&denies, action, &part))
    };
    let mut allowed = statements.iter().filter(|one| one.principals.contains(&service));
    allowed.any(|one| one.allows(action) && is_left(one))
}

/// The pattern for the objects in a bucket. Keys have at least one character.
fn objects_of(bucket: &str) -> String {
    format!("{bucket}/?*")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::statements;

    #[test]
    fn an_action_needs_what_it_applies_to() {
        const BUCKET: &str = "arn:aws:s3:::b";
        for (action, what, expected) in [
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b/*" }), true),
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b/a" }), true),
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::*" }), true),
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b" }), false),
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b/" }), false),
            ("s3:GetObject", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::a/*" }), false),
            ("s3:GetObject", json!({ "Action": "s3:*", "NotResource": "arn:aws:s3:::b" }), true),
            ("s3:GetObject", json!({ "Action": "s3:*", "NotResource": "arn:aws:s3:::b/a" }), true),
            ("s3:GetObject", json!({ "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*" }), false),
            (
                "s3:GetObject",
                json!({ "Action": "s3:*", "NotResource": "arn:aws:s3:::b/?*" }),
                false,
            ),
            ("S3:listbucket", json!({ "Action": "s3:List*", "Resource": "*" }), true),
            ("s3:ListBucket", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b*" }), true),
            ("s3:ListBucket", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::${x}" }), true),
            ("s3:ListBucket", json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::b/*" }), false),
            ("s3:ListBucket", json!({ "Action": "s3:GetObject", "Resource": "*" }), false),
            // Each pattern alone matches something that the other does not.
            ("s3:List*", json!({ "Action": "s3:List*", "Resource": "arn:aws:s3:::b/*" }), true),
            (
                "s3:ListBucket*",
                json!({ "Action": "s3:List*", "Resource": "arn:aws:s3:::b/*" }),
                false,
            ),
            (
                "s3:*Uploads",
                json!({ "Action": "s3:ListBucket*", "Resource": "arn:aws:s3:::b" }),
                true,
            ),
            // Without Action.
            (
                "s3:Get*",
                json!({ "NotAction": "s3:GetObject*", "Resource": "arn:aws:s3:::b/*" }),
                false,
            ),
            (
                "s3:Get*",
                json!({ "NotAction": "s3:GetObject*", "Resource": "arn:aws:s3:::b" }),
                true,
            ),
            // What is not in the table can apply to both.
            ("s3:GetNew", json!({ "Action": "s3:Get*", "Resource": "arn:aws:s3:::b" }), true),
            ("s3:GetNew", json!({ "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*" }), true),
            ("s3:GetNew", json!({ "NotAction": "s3:Put*", "Resource": "arn:aws:s3:::b/*" }), true),
            ("s3:GetNew", json!({ "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*" }), false),
            ("s3:Get*", json!({ "Action": "s3:GetNew", "Resource": "arn:aws:s3:::b/*" }), true),
            ("s3:Get*", json!({ "Action": "s3:GetNew", "Resource": "arn:aws:s3:::b" }), true),
            ("kms:Decrypt", json!({ "Action": "*", "Resource": "arn:aws:s3:::b" }), true),
        ] {
            let mut policy = what.clone();
            policy["Effect"] = "Allow".into();
            policy["Principal"] = "*".into();
            let allow = statements(&json!({ "Statement": policy })).unwrap().remove(0);
            assert_eq!(allow.allows_for(action, BUCKET), expected, "{action}: {what}");
            let deny = Statement { effect: "Deny".to_owned(), ..allow };
            assert!(!deny.allows_for(action, BUCKET), "{action}: {what}");
        }
        // The objects of an access point are below it as well.
        let policy = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/*" });
        let allow = statements(&json!({ "Statement": policy })).unwrap().remove(0);
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/a";
        assert!(allow.allows_for("s3:GetObject", point));
        assert!(!allow.allows_for("s3:ListBucket", point));
    }

    #[test]
    fn a_service_is_allowed_what_no_statement_denies() {
        let allow = json!({ "Effect": "Allow", "Principal": { "Service": "a.amazonaws.com" }, "Action": "s3:Put*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/a/*", "arn:aws:s3:::b/b/*"] });
        let deny = |more: Value| {
            let mut deny = json!({ "Effect": "Deny", "Action": "s3:PutObject" });
            deny.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            deny
        };
        for (denies, expected) in [
            (vec![], true),
            (vec![json!({ "Principal": "*", "Resource": "*" })], false),
            (vec![json!({ "Principal": { "AWS": "111122223333" }, "Resource": "*" })], true),
            (
                vec![json!({ "Principal": { "Service": "a.amazonaws.com" }, "Resource": "*" })],
                false,
            ),
            // Together, they deny all.
            (vec![json!({ "Principal": "*", "Resource": "arn:aws:s3:::b/a/*" })], true),
            (
                vec![
                    json!({ "Principal": "*", "Resource": "arn:aws:s3:::b/a/*" }),
                    json!({ "Principal": "*", "NotResource": "arn:aws:s3:::b/a/*" }),
                ],
                false,
            ),
            (
                vec![
                    json!({ "Principal": "*", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
                ],
                true,
            ),
        ] {
            let mut policy = vec![allow.clone()];
            policy.extend(denies.iter().cloned().map(deny));
            let policy = statements(&json!({ "Statement": policy })).unwrap();
            let allowed = |service: &str, action: &str, bucket: &str| {
                allows_service(&policy, service, action, bucket)
            };
            assert_eq!(
                allowed("a.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b"),
                expected,
                "{denies:?}"
            );
            assert!(allowed("a.amazonaws.com", "s3:PutBucketTagging", "arn:aws:s3:::b"));
            assert!(!allowed("b.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b"));
            assert!(!allowed("a.amazonaws.com", "s3:GetObject", "arn:aws:s3:::b"));
            assert!(!allowed("a.amazonaws.com", "s3:PutObject", "arn:aws:s3:::c"));
        }
    }
}
