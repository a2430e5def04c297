//! Policies of which only resources, principals or values of conditions are not known. They are
//! evaluated with the extremes of what these can be: a verdict that is the same for all of them does not
//! depend on what is not known. A condition always holds, or never. Names that are generated are treated
//! in the same way: they are like no name that is known.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::item::{
    ANY_PRINCIPAL, ANY_RESOURCE, ANY_VALUE, ItemKey, OWN_BUCKET, OWN_PRINCIPAL, PartialPolicy,
};
use super::policy_status;
use crate::facts;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Resource};
use crate::policy::actions::{Target, target_of};
use crate::snapshot::AccountSnapshot;

/// What stand-ins are replaced by.
#[derive(Debug, Clone, Copy)]
struct Extreme {
    /// What statements that allow something cover.
    allowed: Allowed,
    /// Whether statements that deny something cover the resource, and their conditions hold.
    deny_covers: bool,
    /// Whose principals are meant.
    principal: Who,
}

/// What statements that allow something cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// The whole resource, and their conditions hold.
    All,
    /// As little as possible, and their conditions never hold. If a statement for a bucket has to cover
    /// something, it is the bucket itself, or one of its objects.
    Bucket,
    Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Everyone,
    Owner,
    Another,
}

/// An account that nobody trusts by accident.
const ANOTHER: &str = "999999999999";

/// The ends of generated names: as Terraform generates them, and another one of the same length.
const ENDS: [&str; 2] = ["20260102030405060700000001", "98989898989898989898989898"];

impl AccountSnapshot {
    /// The snapshots with some of the names that can be generated, one after the other; none if no names are.
    pub fn with_names<'n>(
        &self,
        names: impl Iterator<Item = (&'n ItemKey, &'n String)> + Clone,
    ) -> impl Iterator<Item = Self> {
        let ends = ENDS.iter().filter({
            let has_names = names.clone().next().is_some();
            move |_| has_names
        });
        ends.map(move |end| {
            let mut snapshot = self.clone();
            for (number, (key, start)) in names.clone().enumerate() {
                let is_it = |one: &&mut Resource| one.kind == key.kind && one.id == key.id;
                let field = match key.kind {
                    // Its id is another one than its name.
                    "ec2.security_group" => "group_name",
                    _ => key.kind().map_or("name", |kind| kind.id),
                };
                if let Some(resource) = snapshot.resources.iter_mut().find(is_it) {
                    // Two names of one prefix are not the same.
                    let name = format!("{start}{number}{}", end.get(..24).unwrap_or(end));
                    resource.facts.insert(field.to_owned(), name.into());
                    resource.unreadable.remove(field);
                }
            }
            snapshot
        })
    }

    /// The snapshots with the extremes of what policies can be, one after the other; none if all policies are
    /// known, or nothing of them is.
    pub fn extremes<'p>(
        &self,
        policies: impl Iterator<Item = (&'p ItemKey, &'p PartialPolicy)> + Clone,
    ) -> impl Iterator<Item = Self> {
        const COVERS: [(Allowed, bool); 6] = [
            (Allowed::All, true),
            (Allowed::All, false),
            (Allowed::Bucket, true),
            (Allowed::Bucket, false),
            (Allowed::Object, true),
            (Allowed::Object, false),
        ];
        let has_principals =
            policies.clone().any(|(_, policy)| policy.document.to_string().contains(ANY_PRINCIPAL));
        let principals: &[Who] = match has_principals {
            _ if policies.clone().next().is_none() => &[],
            true => &[Who::Everyone, Who::Owner, Who::Another],
            false => &[Who::Owner],
        };
        let extremes = principals.iter().flat_map(|principal| {
            COVERS.map(|(allowed, deny_covers)| Extreme {
                allowed,
                deny_covers,
                principal: *principal,
            })
        });
        extremes.map(move |extreme| {
            let mut snapshot = self.clone();
            for (key, policy) in policies.clone() {
                let is_it = |one: &&mut Resource| one.kind == key.kind && one.id == key.id;
                if let Some(resource) = snapshot.resources.iter_mut().find(is_it) {
                    let document = extreme.applied(&policy.document, resource, &key.account);
                    let value = json!({ "document": document });
                    resource.unreadable.retain(|path, _| outermost(path) != policy.field);
                    resource.facts.insert(policy.field.to_owned(), value);
                    policy_status::decide(resource);
                }
            }
            snapshot
        })
    }
}

impl Extreme {
    /// Whether a statement covers the resource, and its conditions hold, as far as that is not known.
    fn covers(self, statement: &Value) -> bool {
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Deny") => self.deny_covers,
            _ => self.allowed == Allowed::All,
        }
    }

    fn applied(self, document: &Value, resource: &Resource, account: &AccountId) -> Value {
        let mut document = document.clone();
        let Some(Value::Array(statements)) = document.get_mut("Statement") else { return document };
        // One whose condition never holds says nothing.
        statements.retain_mut(|statement| {
            let covers = self.covers(statement);
            let fields = statement.as_object_mut();
            covers || !fields.is_some_and(drop_unknown_conditions)
        });
        for statement in statements {
            let covers = self.covers(statement);
            if let Some(fields) = statement.as_object_mut() {
                drop_unknown_conditions(fields);
                fields.values_mut().for_each(|value| own(value, resource));
                if fields.get("Resource").and_then(Value::as_str) == Some(ANY_RESOURCE) {
                    let all = match covers {
                        true => all_resources(resource),
                        false => fewest_resources(resource, fields, self.allowed),
                    };
                    fields.insert("Resource".to_owned(), all);
                }
            }
            let principals = statement.get_mut("Principal").and_then(|all| all.get_mut("AWS"));
            if let Some(Value::Array(names)) = principals {
                for name in names.iter_mut() {
                    let own = name.as_str().and_then(|name| name.strip_prefix(OWN_PRINCIPAL));
                    if let Some(own) = own {
                        *name = format!("arn:aws:iam::{account}:{own}").into();
                    }
                }
                for name in names.iter_mut().filter(|name| name.as_str() == Some(ANY_PRINCIPAL)) {
                    *name = match self.principal {
                        Who::Everyone => "*".into(),
                        Who::Owner => format!("arn:aws:iam::{account}:root").into(),
                        Who::Another => format!("arn:aws:iam::{ANOTHER}:root").into(),
                    };
                }
            }
        }
        document
    }
}

/// Removes the conditions of a statement whose values are not known; returns whether there are any.
fn drop_unknown_conditions(statement: &mut Map<String, Value>) -> bool {
    let is_unknown = |values: &Value| {
        values.as_array().into_iter().flatten().any(|value| value.as_str() == Some(ANY_VALUE))
    };
    let Some(Value::Object(conditions)) = statement.get_mut("Condition") else { return false };
    let mut dropped = false;
    for keys in conditions.values_mut().filter_map(Value::as_object_mut) {
        let before = keys.len();
        keys.retain(|_, values| !is_unknown(values));
        dropped |= keys.len() < before;
    }
    conditions.retain(|_, keys| keys.as_object().is_none_or(|keys| !keys.is_empty()));
    if conditions.is_empty() {
        statement.remove("Condition");
    }
    dropped
}

/// Resources that cover the whole resource.
fn all_resources(resource: &Resource) -> Value {
    if !is_bucket(resource) {
        return json!(["*"]);
    }
    json!([arn_of(resource), format!("{}/*", arn_of(resource))])
}

/// The fewest resources that a statement can have: nothing of the resource. But S3 rejects the policy of a
/// bucket if a resource is not the bucket or in it ("Policy has invalid resource"), or if a statement has
/// nothing that one of its actions applies to ("Action does not apply to any resource(s) in statement").
fn fewest_resources(
    resource: &Resource,
    statement: &Map<String, Value>,
    preferred: Allowed,
) -> Value {
    if !is_bucket(resource) || statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return json!(["arn:aws:s3:::rolecall-another-bucket/*"]);
    }
    let actions = match statement.get("Action") {
        Some(Value::Array(actions)) => actions.iter().collect(),
        action => action.into_iter().collect::<Vec<_>>(),
    };
    let mut targets: BTreeSet<Target> = actions
        .into_iter()
        .filter_map(|action| target_of(&action.as_str()?.to_lowercase()))
        .filter(|target| *target != Target::Either)
        .collect();
    if targets.is_empty() {
        targets.insert(match preferred {
            Allowed::Object => Target::Objects,
            _ => Target::Bucket,
        });
    }
    let bucket = arn_of(resource);
    let covered = targets.into_iter().map(|target| match target {
        Target::Objects => format!("{bucket}/rolecall-object"),
        _ => bucket.clone(),
    });
    covered.collect()
}

fn is_bucket(resource: &Resource) -> bool {
    facts::kind(&resource.kind).is_some_and(|kind| kind.name == "s3.bucket")
}

/// Replaces [`OWN_BUCKET`] by the ARN of a bucket, wherever a policy has it.
fn own(value: &mut Value, bucket: &Resource) {
    match value {
        Value::String(text) if text.contains(OWN_BUCKET) => {
            *text = text.replace(OWN_BUCKET, &arn_of(bucket));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| own(item, bucket)),
        Value::Object(fields) => fields.values_mut().for_each(|field| own(field, bucket)),
        _ => {}
    }
}

fn arn_of(bucket: &Resource) -> String {
    let name = bucket.facts.get("name").and_then(Value::as_str);
    // The id of a bucket without a name is an address, in which `/` would begin the key of an object.
    let name = name.map_or_else(|| bucket.id.replace(['/', '*', '?'], "-"), str::to_owned);
    format!("arn:aws:s3:::{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_of_a_policy_has_its_own_arn_everywhere() {
        let bucket: Resource = serde_json::from_value(json!({
            "kind": "s3.bucket", "id": "a", "region": "eu-west-1", "facts": { "name": "a" },
        }))
        .unwrap();
        let all = |of: &str| {
            json!({
                "Resource": [of, format!("{of}/*")], "NotResource": format!("{of}/*"),
                "Condition": { "ArnLike": { "aws:SourceArn": [of] } },
            })
        };
        let mut statement = all(OWN_BUCKET);
        own(&mut statement, &bucket);
        assert_eq!(statement, all("arn:aws:s3:::a"));
    }

    #[test]
    fn a_condition_whose_values_are_not_known_holds_always_or_never() {
        let document = json!({ "Statement": [
            {
                "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*",
                "Condition": { "StringEquals": { "aws:SourceArn": [ANY_VALUE], "aws:SourceAccount": ["111122223333"] } },
            },
            { "Effect": "Deny", "NotResource": "b", "Condition": { "ArnLike": { "aws:PrincipalArn": ["x", ANY_VALUE] } } },
            { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a" },
        ] });
        let resource: Resource = serde_json::from_value(json!({
            "kind": "s3.bucket", "id": "a", "region": "eu-west-1", "facts": { "name": "a" },
        }))
        .unwrap();
        let account: AccountId = "111122223333".parse().unwrap();
        let applied = |allowed, deny_covers| {
            let extreme = Extreme { allowed, deny_covers, principal: Who::Owner };
            extreme.applied(&document, &resource, &account)["Statement"].clone()
        };
        let account = json!({ "StringEquals": { "aws:SourceAccount": ["111122223333"] } });
        let wide = applied(Allowed::All, true);
        assert_eq!(wide[0]["Condition"], account);
        assert_eq!(wide[0]["Resource"], "arn:aws:s3:::a/*");
        assert_eq!(wide[1], json!({ "Effect": "Deny", "NotResource": "b" }));
        assert_eq!(wide[2], document["Statement"][2]);
        assert_eq!(applied(Allowed::All, false), json!([wide[0], wide[2]]));
        assert_eq!(applied(Allowed::Bucket, false), json!([wide[2]]));
        assert_eq!(applied(Allowed::Object, false), json!([wide[2]]));
    }

    #[test]
    fn a_statement_covers_what_its_actions_apply_to() {
        const BUCKET: &str = "arn:aws:s3:::aws_s3_bucket.a[\"b--\"]";
        let bucket: Resource = serde_json::from_value(json!({
            "kind": "s3.bucket", "id": "aws_s3_bucket.a[\"b/*\"]", "region": "eu-west-1", "facts": {},
        }))
        .unwrap();
        let object = format!("{BUCKET}/rolecall-object");
        let (both, bucket_only, object_only) =
            (json!([BUCKET, object]), json!([BUCKET]), json!([object]));
        let nothing = json!(["arn:aws:s3:::rolecall-another-bucket/*"]);
        for (statement, on_bucket, on_object) in [
            (json!({ "Action": "s3:GetObject" }), &object_only, &object_only),
            (json!({ "Action": ["S3:getobject", "s3:*"] }), &object_only, &object_only),
            (json!({ "Action": ["s3:ListBucket*", "s3:List*"] }), &bucket_only, &bucket_only),
            (json!({ "Action": ["s3:ListBucket", "s3:GetObject"] }), &both, &both),
            (json!({ "Action": "s3:*" }), &bucket_only, &object_only),
            (json!({ "Action": "s3:SomethingNew" }), &bucket_only, &object_only),
            (json!({ "NotAction": "s3:GetObject" }), &bucket_only, &object_only),
            (json!({ "Action": "s3:GetObject", "Effect": "Deny" }), &nothing, &nothing),
        ] {
            let mut statement = statement.as_object().unwrap().clone();
            statement.entry("Effect").or_insert_with(|| "Allow".into());
            for (preferred, expected) in
                [(Allowed::Bucket, on_bucket), (Allowed::Object, on_object)]
            {
                assert_eq!(fewest_resources(&bucket, &statement, preferred), *expected);
            }
        }
        let other: Resource = serde_json::from_value(json!({
            "kind": "ec2.vpc_endpoint", "id": "vpce-1", "region": "eu-west-1", "facts": {},
        }))
        .unwrap();
        let allow = json!({ "Effect": "Allow", "Action": "s3:GetObject" });
        let found = fewest_resources(&other, allow.as_object().unwrap(), Allowed::Bucket);
        assert_eq!(found, nothing);
    }
}
