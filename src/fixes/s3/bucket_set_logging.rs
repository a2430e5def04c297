//! `s3.bucket.set_logging`: enables server access logging. The facts lack the grants and the key format
//! of an existing configuration, so the call replaces them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fixes::edit::{becomes, json};
use crate::fixes::names::is_bucket_name;
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "logging";

/// Where the logs go.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetLogging {
    /// The bucket where the logs are stored: another one in the same account and region.
    target_bucket: String,
    /// The prefix of the log objects.
    #[serde(default)]
    target_prefix: String,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetLogging>();

impl Fix for SetLogging {
    const NAME: &'static str = "s3.bucket.set_logging";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Sends the server access logs of the bucket to another bucket.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_logging"];

    fn checked(self) -> Result<Self, String> {
        if !is_bucket_name(&self.target_bucket) {
            return Err("`target_bucket` is not a valid bucket name".to_owned());
        }
        if self.target_prefix.len() > 512 || self.target_prefix.chars().any(char::is_control) {
            return Err("`target_prefix` is not a valid prefix".to_owned());
        }
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        if self.target_bucket == scene.resource.id {
            return Err(Refusal::new("a bucket that logs to itself logs its own logs"));
        }
        becomes(scene, FACT, json(self))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let logging = before.get(FACT).unwrap_or(&Value::Null);
        let undo = Call::named("s3.bucket.restore_logging", json!({ "logging": logging }));
        if logging.is_null() {
            Inverse::Action(undo)
        } else {
            Inverse::Nearly(undo, "the grants and the key format of the logs are not restored")
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutBucketLogging", target)];
        vec![Write { call: "s3:PutBucketLogging", permissions }]
    }
}
