//! `s3.bucket.restore_policy`: sets the bucket policy to the recorded document, as long as it is the
//! recorded one with the added statement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bucket_add_statement::{ACCEPTED_BY, FACT, accepted, document};
use crate::fixes::edit::{becomes, known};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The recorded policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestorePolicy {
    /// The policy; absent if there was none.
    document: Option<Value>,
    /// The `Sid` of the statement that was added.
    added: String,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestorePolicy>();

/// The calls that set and remove the policy.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
        .map(|call| Write { call, permissions: vec![on_bucket(call, target)] })
}

/// The statements of a policy as a list.
fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

impl Fix for RestorePolicy {
    const NAME: &'static str = "s3.bucket.restore_policy";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str =
        "Sets the bucket policy to the recorded one, unless somebody changed it meanwhile.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = ACCEPTED_BY;
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &[];

    fn checked(self) -> Result<Self, String> {
        match &self.document {
            None | Some(Value::Object(_)) => Ok(self),
            Some(_) => Err("`document` must be a map".to_owned()),
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let now = document(known(scene, FACT)?);
        let recorded = self.document.as_ref().unwrap_or(&Value::Null);
        if now == recorded {
            return Ok(Effect::default());
        }
        let mut rest = statements(now);
        rest.retain(|one| one.get("Sid").and_then(Value::as_str) != Some(self.added.as_str()));
        let is_ours = rest.len() < statements(now).len()
            && rest == statements(recorded)
            && (recorded.is_null() || now.get("Id") == recorded.get("Id"));
        if !is_ours {
            return Err(Refusal::new("somebody changed the bucket policy meanwhile"));
        }
        if recorded.is_null() {
            return becomes(scene, FACT, Value::Null);
        }
        accepted(scene)?;
        becomes(scene, FACT, json!({ "document": recorded }))
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Never("the statement is added again by the fix of the rule")
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        let [put, delete] = calls(target);
        vec![if self.document.is_some() { put } else { delete }]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }
}
