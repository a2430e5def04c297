//! `s3.bucket.restore_logging`: sets server access logging to recorded values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::facts::s3::bucket::Logging;
use crate::fixes::edit::{becomes, json};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The recorded value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreLogging {
    /// The logging configuration; absent if logging was disabled.
    logging: Option<Logging>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestoreLogging>();

impl Fix for RestoreLogging {
    const NAME: &'static str = "s3.bucket.restore_logging";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Sets server access logging of the bucket, or disables it.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &["logging"];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_logging"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        becomes(scene, "logging", json(&self.logging))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let parameters = json!({ "logging": before.get("logging") });
        Inverse::Action(Call::named(Self::NAME, parameters))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![Write {
            call: "s3:PutBucketLogging",
            permissions: vec![on_bucket("s3:PutBucketLogging", target)],
        }]
    }
}
