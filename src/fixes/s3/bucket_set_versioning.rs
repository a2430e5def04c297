//! `s3.bucket.set_versioning`: enables versioning. It can be suspended afterward, but never unset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fixes::edit::{becomes, known_object, text};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "versioning";

/// The setting.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetVersioning {
    /// The status.
    status: Status,
}

/// The only status that can be set.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
enum Status {
    /// Versions are kept.
    Enabled,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetVersioning>();

impl Fix for SetVersioning {
    const NAME: &'static str = "s3.bucket.set_versioning";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Enables versioning of the bucket.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 900;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.suspend_versioning"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut versioning = known_object(scene, FACT)?;
        if text(&versioning, "mfa_delete") == Some("Enabled") {
            return Err(Refusal::new("MFA delete is enabled, so only the root user can change it"));
        }
        versioning.insert("status".to_owned(), "Enabled".into());
        becomes(scene, FACT, Value::Object(versioning))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let undo = Call::named("s3.bucket.suspend_versioning", json!({}));
        match before.get(FACT).and_then(|now| now.get("status")).and_then(Value::as_str) {
            Some(_) => Inverse::Action(undo),
            None => Inverse::Nearly(undo, "versioning stays suspended: S3 cannot unset it"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutBucketVersioning", target)];
        vec![Write { call: "s3:PutBucketVersioning", permissions }]
    }
}
