//! `s3.bucket.suspend_versioning`: suspends versioning.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fixes::edit::{becomes, known_object, text};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "versioning";

/// It has no parameters.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspendVersioning {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SuspendVersioning>();

impl Fix for SuspendVersioning {
    const NAME: &'static str = "s3.bucket.suspend_versioning";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Suspends versioning of the bucket.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 900;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.set_versioning"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut versioning = known_object(scene, FACT)?;
        if text(&versioning, "mfa_delete") == Some("Enabled") {
            return Err(Refusal::new("MFA delete is enabled, so only the root user can change it"));
        }
        versioning.insert("status".to_owned(), "Suspended".into());
        becomes(scene, FACT, Value::Object(versioning))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match before.get(FACT).and_then(|now| now.get("status")).and_then(Value::as_str) {
            Some(_) => Inverse::Action(Call::named(
                "s3.bucket.set_versioning",
                json!({ "status": "Enabled" }),
            )),
            None => Inverse::Never("S3 cannot unset versioning"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutBucketVersioning", target)];
        vec![Write { call: "s3:PutBucketVersioning", permissions }]
    }
}
