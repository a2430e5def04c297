//! `s3.bucket.add_statement`: adds one statement that denies requests to the bucket policy. The call
//! sends the whole policy: the recorded document with the statement at the end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fixes::edit::{becomes, known};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};
use crate::model::unreadable;

/// The fact that it changes.
pub(super) const FACT: &str = "policy";

/// Block Public Access, of a bucket and of an account.
const BLOCK: &str = "public_access_block";

/// The maximum size of a bucket policy in bytes.
const MAX_POLICY: usize = 20_480;

/// The statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddStatement {
    /// The statement, with AWS's key names. It must deny, and must have a `Sid`. By default, it is the
    /// statement that denies requests without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<Map<String, Value>>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<AddStatement>();

impl AddStatement {
    fn statement(&self, bucket: &str) -> Value {
        match &self.statement {
            Some(statement) => Value::Object(statement.clone()),
            None => json!({
                "Sid": "DenyInsecureTransport",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, format!("{bucket}/*")],
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            }),
        }
    }

    /// The policy with the statement; `None` if it has it already.
    fn added(&self, document: &Value, bucket: &str) -> Result<Option<Value>, Refusal> {
        let new = self.statement(bucket);
        let mut policy = match document {
            Value::Null => Map::from_iter([("Version".to_owned(), "2012-10-17".into())]),
            Value::Object(policy) => policy.clone(),
            _ => return Err(Refusal::new("the bucket policy is not a JSON object")),
        };
        let mut statements = match policy.remove("Statement") {
            None if document.is_null() => Vec::new(),
            Some(Value::Array(statements)) => statements,
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err(Refusal::new("the bucket policy has no statements")),
        };
        if statements.contains(&new) {
            return Ok(None);
        }
        let sid = new.get("Sid");
        if statements.iter().any(|statement| statement.get("Sid") == sid) {
            let sid = sid.and_then(Value::as_str).unwrap_or_default();
            return Err(Refusal::new(format!("another statement has the Sid `{sid}`")));
        }
        statements.push(new);
        policy.insert("Statement".to_owned(), Value::Array(statements));
        let policy = Value::Object(policy);
        if policy.to_string().len() > MAX_POLICY {
            return Err(Refusal::new("the bucket policy would exceed 20 KB"));
        }
        Ok(Some(policy))
    }
}

/// The document in a value of the fact, `null` if there is no policy.
pub(super) fn document(policy: &Value) -> &Value {
    policy.get("document").unwrap_or(&Value::Null)
}

/// What must be known to tell whether S3 accepts a policy.
pub(super) const ACCEPTED_BY: &[&str] =
    &["policy_status", "public_access_block", "s3.account/public_access_block"];

/// Refuses to send a policy that S3 considers public while Block Public Access of the bucket or of
/// the account rejects it.
pub(super) fn accepted(scene: &Scene<'_>) -> Result<(), Refusal> {
    let on = |value: &Value, field: &str| value.get(field).and_then(Value::as_bool) == Some(true);
    let is_public = on(known(scene, "policy_status")?, "is_public");
    let mut is_blocked = on(known(scene, BLOCK)?, "block_public_policy");
    for account in (scene.related)("s3.account") {
        let block = account
            .facts
            .get(BLOCK)
            .filter(|_| unreadable::of(&account.unreadable, BLOCK).is_none());
        let Some(block) = block else {
            return Err(Refusal::new("`public_access_block` of the account was not read"));
        };
        is_blocked |= on(block, "block_public_policy");
    }
    if is_public && is_blocked {
        return Err(Refusal::new(
            "the policy is public, and S3 rejects it because of `block_public_policy`",
        ));
    }
    Ok(())
}

impl Fix for AddStatement {
    const NAME: &'static str = "s3.bucket.add_statement";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Adds a statement that denies requests to the bucket policy: by default, requests without TLS.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = ACCEPTED_BY;
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_policy"];

    fn checked(self) -> Result<Self, String> {
        let Some(statement) = &self.statement else { return Ok(self) };
        if statement.get("Effect").and_then(Value::as_str) != Some("Deny") {
            return Err("`statement` must have the effect `Deny`".to_owned());
        }
        let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
        if sid.is_empty() || !sid.chars().all(|char| char.is_ascii_alphanumeric()) {
            return Err("`statement` must have a `Sid` of letters and digits".to_owned());
        }
        let has = |names: [&str; 2]| names.iter().any(|name| statement.contains_key(*name));
        let parts =
            [["Principal", "NotPrincipal"], ["Action", "NotAction"], ["Resource", "NotResource"]];
        match parts.into_iter().find(|names| !has(*names)) {
            Some([name, _]) => Err(format!("`statement` lacks `{name}`")),
            None => Ok(self),
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let now = document(known(scene, FACT)?);
        let bucket = format!("arn:{}:s3:::{}", scene.partition, scene.resource.id);
        match self.added(now, &bucket)? {
            Some(document) => {
                accepted(scene)?;
                becomes(scene, FACT, json!({ "document": document }))
            }
            None => Ok(Effect::default()),
        }
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let document = document(before.get(FACT).unwrap_or(&Value::Null));
        let added = json!(self.statement.as_ref().and_then(|statement| statement.get("Sid")));
        let sid = added.as_str().unwrap_or("DenyInsecureTransport");
        let parameters = json!({ "document": document, "added": sid });
        Inverse::Action(Call::named("s3.bucket.restore_policy", parameters))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutBucketPolicy", target)];
        vec![Write { call: "s3:PutBucketPolicy", permissions }]
    }
}
